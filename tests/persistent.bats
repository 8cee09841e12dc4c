# Workers that stay up: a command is started once for each, and fed.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	worker=$TOP/tests/worker
}

# in_manual N: the Nth literal text of the section about them.
in_manual() {
	sed -n '/^\.Sh WORKERS THAT STAY UP/,/^\.Sh DEAD/p' "$TOP/man/pq.1" |
		awk -v n="$1" '/^\.Bd/ { i++; next } /^\.Ed/ { if (i == n) exit } i == n' |
		sed "s/\\\\(aq/'/g; s/\\\\-/-/g"
}

# --- how it is meant ---------------------------------------------------------

@test "the command is started once for each worker, and answers in lines" {
	run -0 --separate-stderr pq -j1 --persistent 'echo "$$" >>pids; exec cat' ::: a b c
	assert_output $'a\nb\nc'
	assert_equal "$stderr" ''
	assert_equal "$(wc -l <pids)" 1
}

@test "with -k answers come in the order of the input, whoever gave them" {
	seq 20000 >in
	pq -j4 -k --persistent "$worker" well <in >out
	cmp in out
}

@test "each item is answered once, without -k too" {
	seq 20000 >in
	pq -j4 --persistent cat <in >out
	sort -n out | cmp in -
}

@test "a worker knows its number and its group, and nothing of an item" {
	run -0 pq -j1 --persistent 'read x; echo "$PQ_SLOT $PQ_GROUP ${PQ_SEQ-none} {%}"' ::: a
	assert_output '1 1 none 1'
}

@test "--until: an answer is all lines to one that begins so, with a status behind it" {
	run -123 --separate-stderr pq -k -j1 --persistent --until = \
		'while read -r x; do echo "a $x"; echo "b $x"; echo "= $((x / 2))"; done' ::: 0 1 2
	assert_output $'a 0\nb 0\na 1\nb 1\na 2\nb 2'
	assert_equal "$stderr" "pq: 1 of 3 failed: 3 '2' exit 1"
}

@test "frames hold any bytes, and may come in any order" {
	cat >swap.awk <<-'EOF'
		# It answers every second item before the first.
		{ head = $0; getline text; split(head, h, " ")
		  answer = "0 " length(text) " " h[2] "\n" text "\n"
		  if (NR % 4 == 2) { kept = answer; next }
		  printf "%s%s", answer, kept; fflush() }
	EOF
	seq 10 19 >in
	pq -k -j1 --prefetch 2 --persistent=frames awk -f swap.awk <in >out
	assert_equal "$(cat out)" "$(tr -d '\n' <in)"
	printf 'a\nb\0\377\0' >in0
	pq -0 -k -j1 --persistent=frames 'read n id a; echo "0 $n $id"; head -c "$((n + 1))"
		read n id a; echo "0 $n $id"; head -c "$((n + 1))"' <in0 >out
	printf 'a\nb\377' | cmp - out
}

@test "json: an item is an object on a line, and so is its answer" {
	built_with JANSSON || skip 'built without jansson'
	cat >answer.sh <<-'EOF'
		while IFS= read -r line; do
			echo "$line" >>asked
			id=${line#*'"id":"'}
			printf '{"id":"%s","status":3,"out":"a\\nb"}\n' "${id%%'"'*}"
		done
	EOF
	run -0 pq -j1 --ack-on 3 --key '{}' --persistent=json sh answer.sh ::: 'x"y'
	assert_output $'a\nb'
	run -0 cat asked
	assert_output --regexp \
		'^\{"id":"[0-9a-f]{16}-1","attempt":1,"seq":1,"key":"x\\"y","item":"x\\"y"\}$'
	printf '\377\n' | pq -j1 --persistent=json sh answer.sh || :
	assert_equal "$(sed -n '2s/.*,"item64/"item64/p' asked)" '"item64":"/w=="}'
}

@test "a status is read like that of a job: --retries, --ack-on, --reject-on" {
	local work='while read -r x; do echo "$x" >>tried; echo "= $x"; done'
	run -123 pq -j1 --retries 3 --ack-on 4 --reject-on 5 --persistent --until = "$work" ::: 0 1 4 5
	assert_equal "$(sort tried | uniq -c | awk '{ print $1 "x" $2 }' | xargs)" '1x0 3x1 1x4 1x5'
}

@test "--ready: nothing is written before its line, and what comes before is left out" {
	run -0 pq -j1 --ready GO --persistent 'echo hello; echo no GO; echo GO on; exec cat' ::: a b
	assert_output $'a\nb'
}

@test "--recycle N: a worker gets so many items and its end, then there is a new one" {
	seq 6 | pq -j1 --recycle 2 --persistent 'echo x >>starts; exec cat' >out
	seq 6 | cmp - out
	assert_equal "$(wc -l <starts)" 3
}

@test "--recycle SIZE: one that has more memory than that is not fed any more" {
	[ -r /proc/self/status ] || skip 'nobody tells how much memory a process has'
	seq 3 | pq -j1 --recycle 1k --prefetch 1 --persistent 'echo x >>starts; exec cat' >out
	seq 3 | cmp - out
	# It is looked at now and then only, but never before the first item.
	[ "$(wc -l <starts)" -ge 1 ]
}

@test "stderr passes through in whole lines, with --tag behind the worker's number" {
	run -0 --separate-stderr pq -j1 --tag --persistent \
		'while read -r x; do printf "about $x" >&2; echo >&2; echo "$x"; done' ::: a b
	assert_output $'a\ta\nb\tb'
	assert_equal "$stderr" $'1\tabout a\n1\tabout b'
}

@test "-e edits what a worker is given" {
	run -0 pq -j1 -k -e 's/a/x/' --persistent cat ::: abc bca
	assert_output $'xbc\nbcx'
}

@test "--key: items of a key are answered one after the other, in order" {
	seq 500 | pq -j4 --key '{= s/.*(.)$/$1/ =}' --persistent \
		'while read -r x; do echo "$x" >>done; echo "$x"; done' >out
	for digit in 0 1 2 3 4 5 6 7 8 9; do
		grep "$digit\$" done | sort -c -n
	done
	assert_equal "$(wc -l <out)" 500
}

@test "the job log, --json and --dead-letter have each item" {
	run -123 pq -j1 --joblog log --dead-letter dead --persistent --until = \
		'while read -r x; do echo "$x"; echo "= $x"; done' ::: 0 7
	assert_equal "$(cut -f7 log | xargs)" 'Exitval 0 7'
	grep -q '"item":"7"' dead
	run -0 pq -j1 --json --persistent cat ::: a
	assert_output --partial '"item":"a"'
	assert_output --partial '"stdout":"a\n"'
}

@test "--dry-run prints what would do the same for each item by itself" {
	run -0 pq -k --dry-run --persistent sed -u 's/a/b/' ::: a "it's"
	assert_line --index 0 "printf '%s\\n' a | sed -u s/a/b/"
	run -0 sh -c "$output"
	assert_output $'b\nit\'s'
}

@test "--dry-run of frames and json prints what a worker of that form understands" {
	run -0 pq -k --dry-run --persistent=frames cat ::: $'a\nb  c' '' "it's"
	assert_equal "${#lines[@]}" 3
	run -0 sh -c "$output"
	assert_output $'6 1 1\na\nb  c\n0 2 1\n\n4 3 1\nit\'s'
	run -0 sh -c "$(pq -k --dry-run --persistent=json cat ::: $'a\nb  c' "it's")"
	assert_line --index 0 --regexp '^\{"id":"[0-9a-f]{16}-1","attempt":1,"seq":1,'
	assert_line --index 0 --partial '"item":"a\nb  c"}'
	assert_line --index 1 --regexp '"seq":2,"item":"it.s"\}$'
	run -123 pq -k --dry-run --persistent sed s/a/b/ ::: $'a\nb'
	assert_output --partial 'holds a newline'
}

@test "the workers in the manual run as printed" {
	in_manual 1 >line
	run -0 pq -k -j1 --persistent "$(cat line)" ::: abc d
	assert_output $'3 abc\n1 d'
	in_manual 2 >worker.sh
	chmod +x worker.sh
	printf 1234 >four
	run -123 --separate-stderr pq -k -j1 --persistent --until = ./worker.sh ::: four none
	assert_output --regexp '^ *4$'
	assert_regex "$stderr" "1 of 2 failed: 2 'none' exit"
	in_manual 3 >worker.py
	chmod +x worker.py
	if command -v python3 >/dev/null && built_with JANSSON; then
		run -0 pq -k -j1 --persistent=json ./worker.py ::: a 'b c'
		assert_output $'A\nB C'
	fi
}

# --- filters that keep back what they print ----------------------------------

@test "filters that do not flush work all the same" {
	local filter
	seq 5000 >in
	for filter in 'sed s/1/x/' 'tr 1 x' "awk '{ print }'"; do
		pq -j2 -k --persistent "$filter" <in >out
		sh -c "$filter" <in | cmp - out
	done
}

@test "one that keeps all back to its end is given its end when no more can be read" {
	seq 300 >in
	pq -Q20 -j2 -k --persistent 'cat >kept.$PQ_SLOT; cat kept.$PQ_SLOT' <in >out
	cmp in out
}

@test "one that has answered nothing for a while, with its input open, is told of once" {
	mkfifo in
	pq -j1 --persistent 'sed s/a/b/' <in >out 2>told 3>&- &
	backgrounded+=($!)
	exec {feed}>in
	printf '%s\n' a a a >&"$feed"
	wait_until grep -q . told
	exec {feed}>&-
	wait "$!"
	assert_equal "$(cat told)" "pq: worker 1 has read 3 items and answered none: does it flush?\
 (stdbuf -oL, sed -u, jq --unbuffered)"
	assert_equal "$(cat out)" $'b\nb\nb'
}

# --- who does not do well ------------------------------------------------------

# survives STATUS OUTPUT HOW [ARGUMENT...]: 9 items, of which 5 is the bad one; what is
# written is sorted.
survives() {
	local status=$1 output=$2 how=$3 rc=0
	shift 3
	seq 9 | pq -j2 "$@" --persistent "$worker" "$how" 5 >out 2>told 3>&- || rc=$?
	[[ $rc == $status ]] || fail "$how: status $rc"
	assert_equal "$how: $(sort -n out | xargs)" "$how: $output"
}

says() {
	grep -qF -- "$1" told || fail "'$1' is not in: $(cat told)"
}

others='1 2 3 4 6 7 8 9' all='1 2 3 4 5 6 7 8 9'

@test "a worker that dies with an item is started again, and the item is lost" {
	survives 123 "$others" dies
	says "was killed by SIGKILL; item 5 '5' was lost with it (1 of 3)"
	says "(3 of 3)"
	says "pq: item 5 '5': lost with its worker 3 times (--poison)"
	assert_equal "$(grep -c 'was lost with it' told)" 3
}

@test "--poison N: so many losses reject an item" {
	survives 123 "$others" dies --poison 1
	assert_equal "$(grep -c 'was lost with it (1 of 1)' told)" 1
}

@test "an item that was lost once and is done then is done" {
	survives 0 "$all" dies-once
}

@test "--reject-on 76: what was lost with a worker that ended well is not run again" {
	run -123 pq -j1 --persistent --poison 9 --reject-on 76 --joblog log \
		'echo >>begun; read -r x' ::: a
	assert_line "pq: item 1 'a': lost with its worker 1 time"
	assert_output --partial "1 'a' exit 76"
	assert_equal "$(wc -l <begun)" 1
}

@test "losses are no attempts: --retries does not count them, but the lists name them" {
	survives 123 "$others" dies --retries 9 --poison 2
	assert_equal "$(grep -c 'was lost with it' told)" 2
	survives 123 "$others" dies --reject-on KILL
	assert_equal "$(grep -c 'was lost with it' told)" 1
	survives 0 "$others" dies --ack-on KILL
}

@test "one that ends with status 0 and owes an answer has lost it" {
	survives 123 "$others" ends
	says "ended with status 0; item 5 '5' was lost with it"
}

@test "one that dies before it reads anything loses its items" {
	run -123 --separate-stderr pq -j1 --persistent "$worker" dies-at-start ::: a b
	refute_output
	assert_equal "$(grep -c "ended with status 3; item 1 'a' was lost with it" <<<"$stderr")" 3
}

@test "half an answer is none" {
	survives 123 "$others" mid-answer
}

@test "of several items, none of them answered, the guilty one is found" {
	seq 8 | pq -j1 --prefetch 4 --persistent "$worker" in-fours 3 >out 2>told || rc=$?
	assert_equal "${rc-0}: $(sort -n out | xargs)" '123: 1 2 4 5 6 7 8'
	says 'it has answered none of 4 items: half as many are run at a time'
	says "pq: item 3 '3': lost with its worker 3 times (--poison)"
}

@test "among thousands that a filter keeps back the one that kills it is found" {
	local mode
	seq 5000 >in
	for mode in --poison=3 --retries=2; do # runs of lines, and single items
		rc=0
		pq -j2 -k "$mode" --persistent awk '$1 == 777 { system("kill -9 $PPID") } { print }' \
			<in >out 2>told 3>&- || rc=$?
		assert_equal "$mode: $rc" "$mode: 123"
		grep -vx 777 in | cmp - out
		says "pq: item 777 '777': lost with its worker 3 times (--poison)"
		assert_equal "$(grep -c ': lost with its worker' told)" 1
	done
}

@test "what is no answer ends the worker, and its first bytes are told" {
	seq 3 | pq -j1 --persistent=frames "$worker" garbage '1 1 1' >out 2>told && fail
	says 'a frame begins with its status, a number from 0 to 255: '
	says 'stdout of a worker carries answers; print on stderr'
	seq 3 | pq -j1 --persistent=frames 'while read -r x; do read -r x; printf "0 1 99\nx\n"; done' \
		>out 2>told && fail
	says "an answer nobody asked for: '0 1 99\\nx'"
	built_with JANSSON || return 0
	seq 3 | pq -j1 --persistent=json 'while read -r x; do echo ready; done' >out 2>told && fail
	says "a line is no JSON object: 'ready'"
}

@test "more answers than items are told, and the status is 123" {
	seq 5 | pq -j1 --persistent "$worker" twice 5 >out 2>told || rc=$?
	assert_equal "${rc-0}: $(xargs <out)" '123: 1 2 3 4 5'
	says "an answer nobody asked for: '5'; stdout of a worker carries answers; print on stderr; \
a filter that drops lines wants --pipe"
}

@test "fewer answers than items are told when the input has ended" {
	seq 20 | pq -j1 --poison 1 --persistent grep -v 7 >out 2>told && fail
	says 'a filter that drops lines wants --pipe'
	says 'ended with status 0; it has answered '
}

@test "a banner is one answer too many" {
	seq 3 | pq -j1 --persistent "$worker" banner >out 2>told && fail
	says 'an answer nobody asked for: '
	run -0 pq -j1 --ready Welcome --persistent "$worker" banner ::: a b
	assert_output $'a\nb'
}

@test "one that floods is ended" {
	survives 123 "$all" floods --poison 1 --prefetch 1
	says "an answer nobody asked for: '5"
}

@test "one that prints much on stderr is heard, and no more of it is kept than is written" {
	survives 0 "$all" floods-stderr
	assert_equal "$(grep -c '^noise$' told)" 200000
}

@test "one that closes its stdout is ended" {
	survives 123 "$others" closes-stdout --poison 1
	says "was ended: it has closed its stdout; item 5 '5' was lost with it (1 of 1)"
}

@test "one that closes its stdin is not waited for, once its time is over" {
	# Whether the last one is owed nothing by then, and just does not end, is chance.
	survives '[01]*' "$all" closes-stdin --timeout 2
}

@test "--timeout ends one that does not answer, and the item is lost" {
	survives 123 "$others" hangs --timeout 2 --poison 1
	says "was ended after 2 s without an answer (--timeout); item 5 '5' was lost with it (1 of 1)"
	survives 123 "$others" stops-reading --timeout 2 --poison 1
	survives 123 "$others" ignores-term --timeout 2 --poison 1 --term-seq TERM,100,KILL
	survives 0 "$others" hangs --timeout 2 --ack-on timeout
}

@test "one that closes its stdin before it has read its item is ended" {
	local how
	{ echo 5 && head -c 300000 /dev/zero | tr '\0' x && echo; } >in
	for how in --poison=1 --prefetch=2; do
		pq -j1 -k "$how" --persistent "$worker" closes-stdin 5 <in >out 2>told 3>&- || :
		says 'was ended: it has closed its stdin'
		cmp in out
	done
}

@test "one that ends as soon as it has answered enough is started again" {
	survives 0 "$all" ends-early
}

@test "what it leaves running in the background is not waited for" {
	survives 0 "$all" lives-on
}

@test "a status other than 0 at the end is told, and pq's is 123" {
	run -123 --separate-stderr pq -j1 --persistent "$worker" fails 4 ::: a b
	assert_output $'a\nb'
	assert_equal "$stderr" 'pq: worker 1 ended with status 4; it owed no answer'
}

@test "who has answered what it was given alone may take its time to end" {
	cat >keeps <<-'EOF'
		all=
		while read -r x; do
			[ "$x" != 7 ] || [ -e died ] || { : >died; kill -9 $$; }
			all="$all$x
		"
		done
		printf %s "$all"; exec >&-; sleep 0.3 # a job
	EOF
	seq 20 >in
	pq -j1 -k --persistent sh keeps <in >out 2>told
	cmp in out
	assert_equal "$(grep -c 'closed its stdout' told)" 0
}

@test "workers that die by chance lose nothing, and mix nothing up" {
	seq 20000 >in
	cat >die.awk <<-'EOF'
		BEGIN { srand(ENVIRON["PQ_SLOT"] + systime_or_zero()) }
		function systime_or_zero() { "echo $$" | getline pid; return pid }
		rand() < 1 / 1000 { system("kill -9 " pid_of()) }
		function pid_of(  p) { "echo $PPID" | getline p; return p }
		{ print; fflush() }
	EOF
	pq -j3 -k --persistent awk -f die.awk <in >out 2>told
	cmp in out
	says 'was lost with it (1 of 3)'
}

@test "--backoff: one that has died is started again after a while" {
	local first second
	run -123 pq -j1 --poison 2 --backoff 0.3,jitter=none --persistent \
		'date +%s%N >>starts; read -r x; exit 1' ::: a
	{ read -r first && read -r second; } <starts
	((second - first >= 300000000)) || fail "$((second - first)) ns between starts"
}

@test "sections have workers that stay up, and others, beside each other" {
	run -0 pq -k --name up --persistent 'sed "s/^/$PQ_GROUP /"' --next 'echo job {}' ::: a b
	assert_output $'up a\njob a\nup b\njob b'
	run -0 pq -k --deliver first --match '[12]' --persistent 'sed -u s/^/A/' --next \
		--persistent 'sed s/^/B/' ::: 1 2 3
	assert_output $'A1\nA2\nB3'
	run -0 pq --persistent : ::: a b
	refute_output
}

@test "--journal: what was answered is done" {
	seq 20 >in
	pq -k --journal done.db -o out --persistent cat <in
	run -0 --separate-stderr pq -k --journal done.db -o out --persistent cat <in
	assert_equal "$stderr" 'pq: nothing was run: all 20 are done (--journal done.db)'
	cmp in out
}

# --- what it must not be --------------------------------------------------------

@test "what cannot work is refused with its reason" {
	refuses_about '{} or the like in the command with --persistent' --persistent cat {}
	refuses_about 'it is started once' --persistent 'echo {#}'
	refuses '--persistent without a command: there is nothing that could stay up; '\
'try --persistent ./worker' --persistent
	refuses_about '--until without --persistent' --until x cat
	refuses_about '--until with --persistent=frames or json' --persistent=frames --until x cat
	refuses_about '--persistent with --pipe' --persistent --pipe cat
	refuses_about '--persistent with --content' --persistent --content cat
	refuses_about '--persistent with --weight' --weight 2 --persistent cat --next --weight 1 cat
	refuses_about '--persistent with --weight' --weight 2 cat --next --weight 1 --persistent cat
	refuses_about '--persistent with -n' --persistent -n2 cat
	refuses_about '--persistent with -X' --persistent -X cat
	refuses_about '--persistent with -u' --persistent -u cat
	refuses_about 'is no form of answers; try lines, frames or json' --persistent=xml cat
	refuses_about 'is neither a number of items nor a size' --recycle x --persistent cat
	refuses_about 'is no number of losses' --poison 0 --persistent cat
}

@test "an item with a newline is no line" {
	run -123 --separate-stderr pq -0 -j1 --persistent cat < <(printf 'a\nb\0c\0')
	assert_output c
	tells "item 1 'a\\nb'" 'use --persistent=frames'
}

# --- ends -----------------------------------------------------------------------

@test "--halt stops the feeding" {
	yes | pq -j2 --halt now,fail=1 --persistent --until = \
		'while read -r x; do echo "= 1"; done' >out 2>told || rc=$?
	assert_equal "${rc-0}" 1
}

@test "SIGTERM: what a worker owes is awaited, and nothing more is written" {
	gate door
	yes | pq -j1 --persistent 'while read -r x; do echo >>got; read y <door; echo "$x"; done' \
		>out 2>told 3>&- &
	backgrounded+=($!)
	wait_until has_lines got 1
	kill -TERM "$!"
	wait_until grep -q SIGTERM told
	open_gate door
	wait "$!" && fail
	assert_equal "$(wc -l <out)" "$(wc -l <got)"
}

@test "no worker is left when pq was killed" {
	yes | pq -j2 --persistent 'while read -r x; do echo >>got; echo "$x"; : left_running; done' \
		>/dev/null 3>&- &
	backgrounded+=($!)
	wait_until has_lines got 1
	kill -KILL "$!"
	wait_until no_survivors left_running
}
