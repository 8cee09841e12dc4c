# --progress=json: what the progress line says, for programs.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# member NAME [LINE]: of this one of the objects in err, by default the last.
member() {
	grep '^{' err | sed -n "${2:-\$}p" | grep -oE "\"$1\":[^,}]*" | cut -d: -f2
}

@test "--progress=json ends with an object that has all that was counted" {
	run -123 --separate-stderr pq -j2 --progress=json test {} != 2 ::: 1 2 3
	echo "$stderr" >err
	assert_equal "$(member done)" 2
	assert_equal "$(member failed)" 1
	assert_equal "$(member running)" 0
	assert_equal "$(member retrying)" 0
	assert_equal "$(member depth)" 0
	assert_equal "$(member size)" 64
	assert_equal "$(member born)" 3
	assert_equal "$(member total)" 3
	assert_equal "$(member eta)" 0.0
	member elapsed | grep -xE '[0-9]+\.[0-9]{3}'
	member rate | grep -xE '[0-9]+\.[0-9]{3}'
}

@test "--progress=json: after an early end nobody waits to be tried again" {
	# Item a has failed once and waits for its next attempt, which never comes.
	pq -j1 --retries 3 --backoff 60,jitter=none --halt soon,success=1 --progress=json \
		test {} = b ::: a b 2>err
	assert_equal "$(member retrying)" 0
	assert_equal "$(member running)" 0
	assert_equal "$(member done)" 1
}

@test "--progress=json: an item that is tried a third time is one that is tried again" {
	run -123 --separate-stderr pq -j1 --retries 4 --progress=json false ::: a b
	echo "$stderr" >err
	assert_equal "$(member retrying)" 0
	assert_equal "$(member failed)" 2
}

# member_is NAME VALUE: in the last object. For wait_until.
member_is() {
	[ "$(member "$1")" = "$2" ]
}

# adds_up TOTAL OPTION...: at the end all are done, failed or dropped.
adds_up() {
	local total=$1
	shift
	pq --progress=json "$@" 2>err >out || [ $? -eq 123 ]
	assert_equal "$(member total)" "$total"
	assert_equal $(($(member done) + $(member failed) + $(member dropped))) "$total"
	assert_equal "$(member eta)" 0.0
}

@test "--progress: what was dropped or refused is part of the total" {
	adds_up 6 --unique true ::: a b a b a c
	assert_equal "$(member dropped)" 3
	adds_up 4 --validate a true ::: a b a b
	assert_equal "$(member dropped)" 0
	assert_equal "$(member failed)" 2
	adds_up 3 --regex 'a(.)' true {1} ::: ab b ac
	adds_up 4 -e '!/b/' true ::: a b a b
	assert_equal "$(member dropped)" 2
	local policy
	for policy in drop-new drop-old reject; do
		adds_up 500 -Q2 -j1 --overflow "$policy" true ::: $(seq 500)
		assert [ "$(($(member dropped) + $(member failed)))" -gt 0 ]
	done
	seq 500 >list
	adds_up 500 -Q2 -j1 --overflow drop-new true <list
}

@test "--progress: half-way through, too" {
	gate door
	background pq -Q2 -j1 --unique --progress=json 'read x <door; : {}' ::: a a b a c 2>err
	wait_until member_is dropped 1
	assert_equal "$(member total)" 5
	open_gate door
	wait "$!"
	assert_equal "$(member total)" 5
}

@test "--progress: what an earlier run has done is not part of the total" {
	gate door
	open_gate door 2
	pq --journal j 'read x <door; : {}' ::: a b
	background pq -Q1 -j1 --journal j --progress=json 'read x <door; : {}' ::: a b c d e 2>err
	wait_until member_is total 3
	assert_equal "$(member done)" 0
	open_gate door
	wait "$!"
	assert_equal "$(member total)" 3
	assert_equal "$(member done)" 3
}

@test "--progress=json writes an object every second, and what is unknown is null" {
	gate door
	mkfifo in
	background pq -j1 --progress=json 'read x <door; : {}' <>in 2>err
	printf '%s\n' 1 2 3 >in
	wait_until grep -q '"running":1,"depth":2,' err
	assert_equal "$(member total)" null
	assert_equal "$(member eta)" null
	wait_until has_lines err 3
	kill -KILL "$!"
}

@test "every line of --progress=json is JSON, and stdout has the output alone" {
	command -v python3 >/dev/null || skip "no python3 to read it"
	run --separate-stderr pq -k --progress=json echo ::: a b
	echo "$stderr" >err
	assert_output $'a\nb'
	python3 -c 'import json, sys
for line in sys.stdin: json.loads(line)' <err
}

@test "there is no other form of --progress" {
	run -2 pq --progress=xml true ::: 1
	assert_output "pq: --progress: 'xml' is no form of it; try --progress, \
--progress=rows or --progress=json"
}

@test "--progress counts what has ended when it has, not when the desk next looks" {
	gate door
	# Far fewer than half of the queue: nothing wakes the desk for these.
	background pq -j1 --progress=json 'read x <door; exit {}' ::: 0 0 1 0 0 0 0 0 0 0 0 0 0 0 0 0 \
		0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 2>err
	open_gate door 3
	wait_until member_is failed 1 # the third; those before it have ended, too
	assert_equal "$(member done)" 2
	open_gate door
	wait "$!" || :
}

@test "--progress=json: the last rate is that of the run, whatever was left undone" {
	seq 100000 >list
	pq -Q 100000 -j2 --halt soon,done=100 --progress=json true <list 2>err || :
	tail -1 err | grep -q '^{' # whatever else there was to say
	awk -v rate="$(member rate)" -v done="$(member done)" -v elapsed="$(member elapsed)" \
		'BEGIN { exit !(rate <= 1.1 * done / elapsed) }'
}

@test "--progress=json says what holds the work up" {
	gate door
	background pq -j2 --rate 1/1h --progress=json 'read x <door; : {}' ::: a b 2>err
	wait_until grep -q '"held":"rate"' err
	kill -KILL "$!"
	rm err
	background pq -j2 -C , --key {1} --progress=json 'read x <door; : {}' ::: a,1 a,2 2>err
	wait_until grep -q '"held":"key"' err
	kill -KILL "$!"
	rm err
	background pq -j2 --retries 2 --backoff 1h,jitter=none --progress=json false ::: a b 2>err
	wait_until grep -q '"held":"retry"' err
	wait_until member_is retrying 2
	kill -KILL "$!"
	rm err
	background pq -j2 --breaker 50%/1,1h --progress=json false ::: a b c d 2>err
	wait_until grep -q '"held":"breaker"' err
}

@test "--progress=json: while work goes on nothing is held" {
	gate door
	background pq -j1 --progress=json 'read x <door; : {}' ::: a b 2>err
	wait_until has_lines err 2
	assert_equal "$(member held)" ''
	open_gate door
	wait "$!"
}

# counts TOTAL OPTION...: of the file `list`, while most of it has not been read.
counts() {
	local total=$1
	shift
	rm -f err
	background pq -j1 "$@" --progress=json 'read x <door; : {}' <list 2>err
	wait_until member_is total "$total"
	assert_equal "$(member estimated)" ''
	assert [ "$(member born)" -lt 300 ]
	kill -KILL "$!"
	wait_until gone "$!"
}

@test "--progress counts the records of a file on standard input, without reading ahead" {
	gate door
	seq 100000 >list
	counts 100000
	printf 'one more, without its newline' >>list
	counts 100001
	counts 100000 --skip-first-line
	counts 99999 --skip-first-line --header :
	counts 50001 -n2
	counts 100001 -n1
	tr '\n' '\0' <list >nul
	mv nul list
	counts 100001 -0
}

@test "--progress knows how many combinations there will be of a file with others" {
	gate door
	seq 1000 >list
	seq 30 >other
	local total
	for total in '3000 :::: list ::: a b c' '30000 :::: list other' '2000 ::: a b :::: list' \
		'30000 :::: other list' '60 :::: other ::: 1 2 ::: 3'; do
		rm -f err
		# shellcheck disable=SC2086
		background pq -j1 --progress=json 'read x <door; : {}' ${total#* } 2>err
		wait_until member_is total "${total%% *}"
		kill -KILL "$!"
		wait_until gone "$!"
	done
	rm err
	background pq -j1 --link --progress=json 'read x <door; : {}' :::: list other 2>err
	wait_until member_is total 1000
}

@test "--progress: what a count would not be true of is reckoned" {
	gate door
	seq 100000 >list
	for option in '-E none' -r --csv; do
		rm -f err
		background pq -j1 $option --progress=json 'read x <door; : {}' <list 2>err
		wait_until member_is estimated true
		kill -KILL "$!"
	done
}

@test "--progress=rows, --bar and --eta are the progress line where there is no terminal" {
	local option
	for option in --progress=rows --bar --eta; do
		run -0 --separate-stderr pq "$option" true ::: 1 2
		assert_regex "$stderr" '^pq: 2 done, 0 failed in [0-9.]+ s, [0-9.]+/s$'
	done
}

@test "--progress=json says when what is held up goes on" {
	background pq -j2 --retries 2 --backoff 1h,jitter=none --progress=json false ::: a b 2>err
	wait_until grep -q '"held":"retry","next":3[56][0-9][0-9]\.[0-9]' err
}

@test "--progress=json has the bytes that were read, and of a file how many there are" {
	seq 100000 >list
	pq --progress=json --pipe cat <list 2>err >out
	assert_equal "$(member bytes)" "$(wc -c <list)"
	assert_equal "$(member bytes_total)" "$(wc -c <list)"
	member bytes_rate | grep -xE '[0-9]+'
	pq --progress=json -e s/1/2/ -a list 2>err >out
	assert_equal "$(member bytes)" "$(wc -c <list)"
	cat list | pq --progress=json -e s/1/2/ 2>err >out
	assert_equal "$(member bytes)" "$(wc -c <list)"
	assert_equal "$(member bytes_total)" null
	pq --progress=json true ::: 1 2 2>err
	assert_equal "$(member bytes)" ''
}
