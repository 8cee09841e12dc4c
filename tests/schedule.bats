# Which item starts next, and when it may.

load helper
load faults/faults

setup() {
	cd "$BATS_TEST_TMPDIR"
	gate door
}

# queued LINES OPTION...: one job at a time, of a line "-9 first" and these. The first waits
# at the door until all the others are in the queue; in what order they start then is in
# $output.
queued() {
	printf '%s\n' '-9 first' "$1" >items
	shift
	pq -C ' ' -Q100 -j1 "$@" 'echo {2} >>started; test {2} != first || read x <door' \
		<items 3>&- &
	backgrounded+=($!)
	wait_until has_lines started 1
	wait_until steady "$!"
	open_gate door
	wait "$!"
	run tail -n +2 started
}

# takes MS COMMAND...: it does, at least. On a busy machine it takes longer, but what is let
# go too early is never late enough in the end.
takes() {
	local least=$1 begun
	shift
	begun=$(date +%s%3N)
	"$@"
	[ $(($(date +%s%3N) - begun)) -ge "$least" ]
}

@test "lower priorities go first, equal ones in input order" {
	queued $'5 b\n1 a\n1 c\n-2 d\n5 e\n1.5 f' --priority '{1}'
	assert_output $'d\na\nc\nf\nb\ne'
}

@test "a priority that is no number: the item is refused, and the others are done" {
	run --separate-stderr pq -k --priority {} echo ::: 2 x 1 '' 1e999
	assert_failure 123
	assert_output $'2\n1'
	assert_equal "$stderr" "pq: item 2 'x': its --priority is no number
pq: item 4 '': its --priority is no number
pq: item 5 '1e999': its --priority is no number"
	pq --priority {} --dead-letter dead.jsonl true ::: x || :
	grep -qF '"outcome":"refused","reason":"its --priority is no number"' dead.jsonl
}

@test "--aging lifts what waits: with a short time the input order wins" {
	queued $'9 a\n5 b\n1 c' --priority '{1}' --aging 1h
	assert_output $'c\nb\na'
	rm started
	# Between the two lines some milliseconds pass: worth more than the priority.
	mkfifo in
	pq -C ' ' -Q100 -j1 --priority '{1}' --aging 1ms \
		'echo {2} >>started; test {2} != first || read x <door' <in 3>&- &
	backgrounded+=($!)
	exec {feed}>in
	echo '-9 first' >&"$feed"
	wait_until has_lines started 1
	echo '9 a' >&"$feed"
	wait_until steady "$!"
	echo '1 b' >&"$feed"
	exec {feed}>&-
	wait_until steady "$!"
	open_gate door
	wait "$!"
	assert_equal "$(tail -n +2 started)" $'a\nb'
}

@test "with -k the output is in input order, whatever the priorities" {
	run pq -k -j2 --priority '-{}' echo ::: 1 2 3 4 5 6 7 8
	assert_success
	assert_output "$(seq 8)"
}

@test "equal keys run one at a time and in input order, others beside them" {
	cat >job <<-'END'
		mkdir "running-$1" || { echo "two of $1" >>wrong; exit 1; }
		echo "$1 $2" >>started
		rmdir "running-$1"
	END
	for i in $(seq 30); do printf '%s\n' "a $i" "b $i" "c $i"; done |
		pq -j8 -C ' ' --key '{1}' sh job '{1}' '{2}'
	assert_file_not_exist wrong
	for key in a b c; do
		assert_equal "$(sed -n "s/^$key //p" started)" "$(seq 30)"
	done
}

@test "--key-jobs lets so many of a key run at a time, and never more" {
	pq -j8 --key {source} --key-jobs 3 'echo {} >>started; read x <door' ::: $(seq 9) 3>&- &
	backgrounded+=($!)
	wait_until has_lines started 3
	wait_until steady "$!"
	assert_equal "$(wc -l <started)" 3
	open_gate door 1
	wait_until has_lines started 4
	wait_until steady "$!"
	assert_equal "$(wc -l <started)" 4
	open_gate door
	wait "$!"
	assert_equal "$(sort started)" "$(seq 9)"
}

@test "an item that waits to be tried again holds up the rest of its key, not the others" {
	run pq -j4 -C ' ' --key '{1}' --retries 3 \
		'echo {2} >>"started-{1}"; test "$PQ_ATTEMPT" = 3 || test {2} != 1' \
		::: 'a 1' 'a 2' 'b 1' 'a 3' 'b 2'
	assert_success
	assert_equal "$(cat started-a)" $'1\n1\n1\n2\n3'
	assert_equal "$(cat started-b)" $'1\n1\n1\n2'
}

# Far more of one kind than the queue has places, all held up by the first of them; then b.
many_a_then_b() {
	for i in $(seq 300); do echo "a $i"; done
	echo 'b 1'
}

@test "what only waits for its key, its time or its rate takes no place of what can go first" {
	many_a_then_b >list
	local how
	for how in '--key {1}' '--rate 1/h --rate-key {1}' '--backoff 1h,jitter=none --retries 2'; do
		rm -f started
		pq -C ' ' -j2 $how 'echo {1} >>started; test {1} = b && read x <door; false' <list 3>&- &
		backgrounded+=($!)
		wait_until grep -q b started
		kill -KILL $!
	done
}

@test "-Q counts what waits, too, and says so once when workers are idle for it" {
	many_a_then_b >list
	pq -C ' ' -Q 20 -j2 --key {1} 'echo {1} >>started; read x <door; : {}' <list 2>err 3>&- &
	backgrounded+=($!)
	wait_until has_lines err 1
	wait_until has_lines started 1
	assert_equal "$(cat err)" "pq: all places of the queue are taken by items that wait for their \
time or their key, and workers are idle; a larger -Q than 20, or none, lets others go first"
	assert_equal "$(cat started)" a
	open_gate door
	wait "$!"
	assert_equal "$(wc -l <err)" 1
	assert_equal "$(grep -c b started)" 1
}

@test "--rate: between two starts there is the time it says, but for a burst" {
	takes $((7 * 50)) pq --rate 20/s -j4 true ::: $(seq 8)
	takes $((5 * 50)) pq --rate 20/s,burst=3 -j8 true ::: $(seq 8)
	# The burst alone waits for nothing: an hour would be too long for this test.
	run pq --rate 1/h,burst=3 echo ::: a b c
	assert_success
}

@test "--rate-key: each key has the rate for itself" {
	pq --rate 1/h --rate-key '{}' --joblog log echo ::: a b c d
	assert_equal "$(wc -l <log)" 5
}

@test "--delay: so much time between two starts, at least" {
	takes $((4 * 50)) pq --delay 0.05 -j4 true ::: 1 2 3 4 5
}

@test "what is tried again at once keeps its turn" {
	# Each priority, and none: the next item would be there to be taken.
	local how
	for how in '' '--priority {}' '--key {}' '--rate 1000/s'; do
		rm -f failed
		run pq --line-buffer -j1 --retries 3 $how \
			'echo {}; test {} != 1 || { echo >>failed; test $(wc -l <failed) = 3; }' ::: 1 2 3
		assert_success
		assert_output $'1\n1\n1\n2\n3'
	done
}

@test "--delay: a start that is due does not wait for a job that runs" {
	mkfifo one two
	run timeout 300 pq -j3 --delay 10ms 'case {} in
		1) read x <one ;; 2) read x <two ;; 3) echo >one; echo >two ;; esac' ::: 1 2 3
	assert_success
}

@test "--backoff: an item waits longer after each attempt, and its worker is free" {
	pq --retries 4 --backoff 20ms,x2,jitter=none -j1 --joblog log \
		'date +%s%3N >>times; false' ::: a || true
	run awk 'NR > 1 && $1 - last < 20 * 2 ^ (NR - 2) { print } { last = $1 }' times
	refute_output
	assert_equal "$(wc -l <times)" 4
	# An hour would be too long for this test: the others are done all the same, and
	# SIGTERM ends what waits.
	pq --retries 2 --backoff 1h,jitter=none -j1 'echo {} >>done; test {} != 1' ::: 1 2 3 3>&- &
	backgrounded+=($!)
	wait_until has_lines done 3
	kill -TERM "$!"
	status=0
	wait "$!" || status=$?
	assert_equal "$status" 143
}

@test "--breaker: a long pause is told in plain digits" {
	run -3 --separate-stderr pq -j1 --breaker 50%/1,1h --halt soon,fail=1 'exit 3' ::: 1 2
	only_message 'too many attempts fail: nothing is started for 3600 s, then one trial '\
'(--breaker)' \
		"ended by --halt after item 1 '1' exit 3; 1 stopped or not run"
}

@test "--breaker: when too many fail nothing is started, then one trial" {
	takes $((2 * 100)) run -123 --separate-stderr pq -j1 --breaker 50%/4,100ms \
		'echo {}; test {} -gt 5' ::: 1 2 3 4 5 6 7 8
	assert_output "$(seq 8)"
	assert_equal "$(told)" "pq: too many attempts fail: nothing is started for 0.1 s, \
then one trial (--breaker)
pq: too many attempts fail: nothing is started for 0.1 s, then one trial (--breaker)
pq: the trial succeeded: going on (--breaker)"
}

@test "an item that --overflow drops gives its key's place to the next" {
	# a fails and waits for another attempt, and nobody else does: it is the oldest.
	mkfifo in
	pq -j1 -Q1 --key {source} --retries 2 --backoff 1h,jitter=none --overflow drop-old \
		'echo {} >>started; test {} != a' <in >out 2>err 3>&- &
	backgrounded+=($!)
	exec {feed}>in
	echo a >&"$feed"
	wait_until has_lines started 1
	wait_until steady "$!"
	echo b >&"$feed"
	wait_until has_lines started 2
	exec {feed}>&-
	wait "$!"
	assert_equal "$(<started)" $'a\nb'
	assert_equal "$(<err)" 'pq: 1 item dropped: the queue was full (--overflow drop-old)'
}

@test "priorities, keys, rates, retries and -k together" {
	for i in $(seq 60); do echo "$((i % 7)) $((i % 5)) $i"; done >items
	run --separate-stderr pq -k -j6 -C ' ' --priority '{1}' --aging 1s --key '{2}' \
		--rate 2000/s,burst=4 --retries 2 --backoff 1ms \
		'test $(({3} % 6)) -ne 0 || test "$PQ_ATTEMPT" = 2 && echo {3}' <items
	assert_success
	assert_output "$(seq 60)"
}

@test "what cannot be scheduled so is refused" {
	refused() {
		local message=$1
		shift
		run -2 --separate-stderr pq "$@" </dev/null
		assert_equal "$stderr" "pq: $message"
	}
	refused '--aging without --priority: there is nothing that it could lift; '\
'add --priority T' --aging 1 true
	refused '--key-jobs without --key: without keys -j is the limit; add --key T' --key-jobs 2 true
	refused '--rate-key without --rate: there is no rate that it could be for; add --rate 10/s' \
		 --rate-key {} true
	refused '--backoff without --retries: nothing would be tried again; add --retries 3' \
		--backoff 1 true
	refused "{%} in --key: an item gets its slot only when it starts" --key '{%}' true
	refused "--key: 'account' is the same for every item; try {1}" --key account true
	refused "--key: '{account}' is the same for every item; try {1}" --key {account} true
	refused "--rate-key: 'x' is the same for every item; try {1}" --rate 1/s --rate-key x true
	refused "--priority: '1' is the same for every item; try {1}" --priority 1 true
	refused "--priority with -e and no command: no job is started that could wait; leave it out" \
		--priority {} -e upper
	refused "--pipe with --key: records are not looked at one by one; try -j1" \
		--pipe --key {} cat
	for value in '' 10 /s 10/ 0/s 10/x 1.5/s 10/s, 10/s,burst=0 10/s,burst; do
		refused "--rate: '$value' is no rate; try 10/s, 100/m or 5/10s,burst=5" \
			--rate "$value" true
	done
	for value in '' 0 1.. ..1 2..1 1,x 1,x0 1,jitter 1,jitter=half x2; do
		refused "--backoff: '$value' is no back-off; try 1, 0.5..30, 1..1m,x3 or 1,jitter=none" \
			--retries 2 --backoff "$value" true
	done
	for value in '' 50% 50/20,1 0%/1,1 101%/1,1 50%/0,1 50%/20 50%/20,0; do
		refused "--breaker: '$value' is no rule; try 50%/20,30s: of the last 20 half have \
failed, wait 30 s" --breaker "$value" true
	done
}

@test "what waits for its time has a worker of its own when that has come" {
	# b comes when a waits for its back-off, and ends when a has begun again.
	gate go
	mkfifo again
	background timeout 300 pq -j2 --retries 2 --backoff 1 'case {}$PQ_ATTEMPT in
		a1) >failed; exit 1 ;; a2) echo >again ;; b1) read x <again ;; esac' \
		< <(echo a; read -r _ <go; echo b)
	wait_until test -e failed
	wait_until steady "$(pgrep -P $! -x pq)"
	open_gate go 1
	wait $!
}

@test "--key-jobs: as many of a key at once as it says" {
	mkfifo first second
	run timeout 300 pq -j2 --key {source} --key-jobs 2 'case {} in
		a) echo >first; read x <second ;; b) read x <first; echo >second ;; esac' ::: a b
	assert_success
}

# finds_every_mistake N: in this fourth of the list. All of it takes a slow machine too long
# for one test.
finds_every_mistake() {
	unsanitized 'it compiles by itself'
	WORK=$BATS_FILE_TMPDIR run "$TOP/tests/mutate" "$1" 4
	assert_success
	assert_line '0 missed'
	[ "${#lines[@]}" -gt 3 ]
}

@test "the test of the schedule finds every mistake that is listed" {
	finds_every_mistake 1
}

@test "the test of the schedule finds every mistake: the second fourth" {
	finds_every_mistake 2
}

@test "the test of the schedule finds every mistake: the third fourth" {
	finds_every_mistake 3
}

@test "the test of the schedule finds every mistake: the last fourth" {
	finds_every_mistake 4
}
