# The producer-consumer pattern and its relatives, one test for each by its name.

load helper
load faults/faults

setup() {
	cd "$BATS_TEST_TMPDIR"
	gate door
}

waiting='echo {} >>started; read x <door; echo {}'

@test "producer: it does no work, and does not wait for results until the queue is full" {
	mkfifo in
	pq -Q4 -j1 "$waiting" <in >out 3>&- &
	backgrounded+=($!)
	exec {feed}>in
	echo 1 >&"$feed"
	wait_until has_lines started 1
	# The first job still runs, and the producer can go on.
	printf '%s\n' 2 3 4 >&"$feed"
	exec {feed}>&-
	open_gate door
	wait "$!"
	assert_equal "$(wc -l <out)" 4
}

@test "consumer: a worker takes one item, does it, and comes back for the next" {
	run pq -k -j1 'echo {}:$PQ_SLOT' ::: a b c
	assert_output $'a:1\nb:1\nc:1'
}

@test "queue as buffer: what comes in a burst is kept until a worker is free" {
	seq 50 | pq -Q50 -j1 "$waiting" >out 3>&- &
	backgrounded+=($!)
	wait_until has_lines started 1
	open_gate door
	wait "$!"
	seq 50 | cmp - out
}

@test "bounded queue: -Q items are alive at once, and no more" {
	seq 100 | pq -Q3 -j3 "$waiting" >out 3>&- &
	backgrounded+=($!)
	wait_until has_lines started 3
	open_gate door 1
	# One has died: one more is born.
	wait_until has_lines started 4
	wait_until steady "$!"
	assert_equal "$(wc -l <started)" 4
	open_gate door
	wait "$!"
	assert_equal "$(wc -l <out)" 100
}

@test "back-pressure: at the bound the input is not read, and its writer has to wait" {
	# 64 KiB fit into the pipe and pq reads as much again: ten times that cannot pass.
	yes "$(printf '%99s' '')" | head -20000 | tee >(wc -l >written) | pq -Q2 -j1 \
		"echo started >>started; read x <door; : {}" 3>&- &
	backgrounded+=($!)
	wait_until has_lines started 1
	wait_until steady "$!"
	assert_equal "$(wc -l <started)" 1
	[ ! -s written ]
}

@test "back-pressure: a slow reader of the output slows the jobs, and they the input" {
	mkfifo slow
	exec {reader}<>slow
	seq 100000 | pq -Q8 -j2 'echo {} >>started; yes {} | head -c 10000' >slow 3>&- &
	backgrounded+=($!)
	# The FIFO holds 64 KiB, pq eight items: what is alive, and nothing is dropped.
	wait_until has_lines started 8
	wait_until steady "$!"
	[ "$(wc -l <started)" -lt 32 ]
	head -c 200000 <&"$reader" >/dev/null
	wait_until has_lines started 20
	kill -TERM "$!"
}

@test "competing consumers: each item goes to exactly one worker" {
	seq 500 | pq -j8 echo >out
	sort -n out | cmp - <(seq 500)
}

@test "scaling consumers: workers come and go while the producer goes on" {
	seq 60 | pq -j1 "$waiting" >out 3>&- &
	backgrounded+=($!)
	wait_until has_lines started 1
	kill -USR1 "$!"
	wait_until has_lines started 2
	kill -USR1 "$!"
	wait_until has_lines started 3
	wait_until steady "$!"
	assert_equal "$(wc -l <started)" 3
	kill -USR2 "$!"
	open_gate door
	wait "$!"
	assert_equal "$(wc -l <out)" 60
}

@test "scaling consumers: -j MIN..MAX adds workers while work waits, up to MAX" {
	seq 9 | pq -j1..3 "$waiting" >out 3>&- &
	backgrounded+=($!)
	wait_until has_lines started 3
	wait_until unchanged cat started
	assert_equal "$(wc -l <started)" 3
	open_gate door
	wait "$!"
	assert_equal "$(wc -l <out)" 9
}

@test "backlog alarm: a queue that grows past --high-water is told" {
	background pq -j1 -Q9 --high-water 4 'read x <door; : {}' ::: 1 2 3 4 5 6 2>err
	wait_until has_lines err 1
	open_gate door
	wait "$!"
	assert_equal "$(head -n 1 err)" 'pq: 5 items wait in the queue, more than 4 (--high-water)'
}

@test "bounded admission: at most -j jobs run at once, the next one waits" {
	seq 9 | pq -j4 "$waiting" >out 3>&- &
	backgrounded+=($!)
	wait_until has_lines started 4
	open_gate door 1
	wait_until has_lines started 5
	wait_until steady "$!"
	assert_equal "$(wc -l <started)" 5
	open_gate door
	wait "$!"
}

@test "bounded admission: with --overflow reject the one too many is refused" {
	mkfifo in
	pq -j2 -Q2 --overflow reject "$waiting" <in >out 2>told 3>&- &
	backgrounded+=($!)
	exec {feed}>in
	printf '%s\n' a b c >&"$feed"
	exec {feed}>&-
	wait_until has_lines started 2
	wait_until has_lines told 1
	open_gate door
	status=0
	wait "$!" || status=$?
	assert_equal "$status" 123
	assert_equal "$(sort out)" $'a\nb'
	assert_equal "$(cat told)" "pq: item 3 'c': the queue is full (--overflow reject)"
}

@test "overflow policies: a full queue blocks, drops the new, drops the old, rejects, or fails" {
	local policy expected=('block 1 2 3 4 0' 'drop-new 1 2 0' 'drop-old 1 4 0' 'reject 1 2 123'
		'fail 1 125')
	for policy in "${expected[@]}"; do
		rm -f in started
		mkfifo in
		pq -k -j1 -Q2 --overflow "${policy%% *}" "$waiting" <in >out 2>/dev/null 3>&- &
		backgrounded+=($!)
		exec {feed}>in
		echo 1 >&"$feed"
		wait_until has_lines started 1
		printf '%s\n' 2 3 4 >&"$feed"
		exec {feed}>&-
		wait_until steady "$!"
		open_gate door 4
		status=0
		wait "$!" || status=$?
		assert_equal "${policy%% *} $(xargs <out) $status" "$policy"
		while read -rt 0 <&"${gates[door]}"; do read -r <&"${gates[door]}"; done
	done
}

@test "fan-in: several producers, one queue, and each item knows where it is from" {
	mkfifo one two
	pq -j1 --from one --from two 'echo {source} {}' >out 3>&- &
	backgrounded+=($!)
	exec {one}>one {two}>two
	echo a >&"$two"
	wait_until has_lines out 1
	echo b >&"$one"
	wait_until has_lines out 2
	echo c >&"$two"
	exec {one}>&- {two}>&-
	wait "$!"
	assert_equal "$(cat out)" $'two a\none b\ntwo c'
}

@test "fan-out, publish-subscribe: each subscriber gets its own copy of every item" {
	run -0 pq -k 'echo one {}' --next --name two 'echo {group} {}' --next -e 's/^/three /' ::: 1 2
	assert_output $'one 1\ntwo 1\nthree 1\none 2\ntwo 2\nthree 2'
	# What fails for one is no failure of another.
	run --separate-stderr -123 pq -k 'echo one {}; test {} = 2' --next 'echo two {}' ::: 1 2
	assert_output $'one 1\ntwo 1\none 2\ntwo 2'
	assert_equal "$(closing <<<"$stderr")" "pq: 1 of 4 failed: 1 '1' (section 1) exit 1"
}

@test "fan-out: a slow subscriber backs up alone, until as many items are alive as fit" {
	seq 20 | pq -Q5 -j1 'echo {} >>started; read x <door; echo {} >>slow' \
		--next -j1 'echo {} >>fast' 3>&- &
	backgrounded+=($!)
	wait_until has_lines fast 5
	wait_until has_lines started 1
	wait_until steady "$!"
	assert_equal "$(wc -l <fast) $(wc -l <started)" '5 1'
	open_gate door
	wait "$!"
	seq 20 | cmp - slow
	seq 20 | cmp - fast
}

@test "consumer groups: within a group split, across groups copied" {
	seq 40 | pq -j3 --name store 'echo {} >>"{group}-$PQ_SLOT"' \
		--next -j2 --name audit 'echo {} >>"{group}-$PQ_SLOT"'
	sort -n store-* | cmp - <(seq 40)
	sort -n audit-* | cmp - <(seq 40)
}

@test "routing, direct: an item goes to the first queue whose key it has, and to no other" {
	run -0 pq -k --deliver first --match '^crit' 'echo page {}' --next --match '^(crit|warn)' \
		'echo note {}' --next : ::: crit-1 warn-2 info-3 crit-4
	assert_output $'page crit-1\nnote warn-2\npage crit-4'
}

@test "routing, topic: words between dots, * for one and # for any number" {
	printf '%s\n' billing.eu.paid billing mail.eu.sent a.eu b.us >events
	run --separate-stderr -123 pq -k --topic 'billing.#' 'echo bill {}' \
		--next --topic '*.eu.*' 'echo europe {}' --next --topic '*.eu' 'echo short {}' <events
	assert_output $'bill billing.eu.paid\neurope billing.eu.paid\nbill billing
europe mail.eu.sent\nshort a.eu'
	assert_equal "$stderr" "pq: item 5 'b.us': no group wants it"
	run -0 pq -k --jsonl --topic-key {kind} --topic billing echo {"n"} --next --topic '#' : \
		<<<'{"kind":"billing","n":1}'$'\n''{"kind":"mail","n":2}'
	assert_output 1
}

@test "weighted queues: shares of one pool, and nobody starves" {
	seq 45 | pq -j1 --weight 6 'echo a >>order; [ {} != 1 ] || read x <door' \
		--next --weight 3 'echo b >>order; : {}' 3>&- &
	backgrounded+=($!)
	wait_until has_lines order 1
	wait_until steady "$!" # all the others are in the queue
	open_gate door
	wait "$!"
	# Of the first 45 starts six in nine, never more than three of one kind in a row.
	assert_equal "$(head -n 45 order | sort | uniq -c | xargs)" '30 a 15 b'
	assert_equal "$(head -n 45 order | tr -d '\n' | grep -oE 'aaaa|bb')" ''
	assert_equal "$(sort order | uniq -c | xargs)" '45 a 45 b'
}

@test "ack after success: an item is logged as done after its output was written" {
	mkfifo slow
	pq --joblog log 'head -c 3000000 /dev/zero; : {}' ::: 1 >slow 3>&- &
	backgrounded+=($!)
	exec {reader}<slow
	head -c 1000 <&"$reader" >/dev/null
	assert_equal "$(grep -c '^1' log)" 0
	cat <&"$reader" >/dev/null
	wait "$!"
	assert_equal "$(grep -c '^1' log)" 1
}

@test "retries: an item that fails is tried again, up to --retries times in all" {
	run pq --retries 3 'echo x >>tries; test $(wc -l <tries) -eq 3 && echo {}' ::: a
	assert_success
	assert_output a
	assert_equal "$(wc -l <tries)" 3
	run pq --retries 3 'echo y >>more; false {}' ::: a
	assert_failure 123
	assert_equal "$(wc -l <more)" 3
}

@test "retries, backoff with jitter: what waits for another attempt holds no worker up" {
	background pq -j1 --retries 2 --backoff 1h,jitter=none \
		'echo {}:$PQ_ATTEMPT >>tried; test {} != a' ::: a b c
	wait_until has_lines tried 3
	assert_equal "$(<tried)" $'a:1\nb:1\nc:1'
	kill -TERM "$!"
	run pq --retries 9 --backoff 1ms..20ms,x2,jitter=full ': {}; test $PQ_ATTEMPT = 9' ::: a b c
	assert_success
}

@test "circuit breaker: what is down is not hammered, but tried once after a pause" {
	run --separate-stderr pq -j1 --breaker 100%/3,50ms 'echo {} >>tried; test {} -gt 3' \
		::: $(seq 6)
	assert_failure 123
	assert_equal "$(<tried)" "$(seq 6)"
	assert_equal "$(told | grep -c .)" 2
}

@test "priority queue: the lower number goes first, and low ones do not starve with --aging" {
	printf '%s\n' 0:first 5:b 1:a 9:c >items
	pq -j1 -C : --priority {1} --aging 1h 'echo {2} >>done; test {2} != first || read x <door' \
		<items 3>&- &
	backgrounded+=($!)
	wait_until has_lines done 1
	wait_until steady "$!"
	open_gate door
	wait "$!"
	assert_equal "$(<done)" $'first\na\nb\nc'
}

@test "partition key, per-key order: equal keys in order, different ones at the same time" {
	pq -j4 -C : --key {1} 'echo {} >>"log-{1}"; test {2} != 1 || read x <door' \
		::: a:1 b:1 a:2 b:2 a:3 3>&- &
	backgrounded+=($!)
	wait_until has_lines log-a 1
	wait_until has_lines log-b 1 # beside the first of a, which still runs
	wait_until steady "$!"
	assert_equal "$(cat log-a log-b | wc -l)" 2
	open_gate door
	wait "$!"
	assert_equal "$(cut -d' ' -f2 log-a)" $'1\n2\n3'
}

@test "per-tenant fairness: one tenant with many items leaves room for the others" {
	{ for i in $(seq 20); do echo "big:$i"; done; echo small:1; } >items
	pq -j4 -C : --key {1} --key-jobs 3 'echo {1} >>started; read x <door' <items 3>&- &
	backgrounded+=($!)
	wait_until has_lines started 4
	assert_equal "$(sort started | uniq -c | xargs)" '3 big 1 small'
	open_gate door
	wait "$!"
	assert_equal "$(wc -l <started)" 21
}

@test "work stealing: what is not written to a busy worker is done by an idle one" {
	seq 20 | pq -j2 --persistent \
		'while read -r x; do [ "$x" != 1 ] || read y <door; echo "$x"; done' >out 3>&- &
	backgrounded+=($!)
	wait_until has_lines out 19
	open_gate door
	wait "$!"
	sort -n out | cmp - <(seq 20)
}

@test "prefetch: a worker has so many items before it has answered the first" {
	seq 20 | pq -j1 --prefetch 3 --persistent 'read -r x; : >got; read y <door
		dd bs=64k count=1 2>/dev/null >ahead; echo "$x"; cat ahead -' >out 3>&- &
	backgrounded+=($!)
	wait_until test -e got
	wait_until steady "$!"
	open_gate door
	wait "$!"
	assert_equal "$(cat ahead)" $'2\n3'
	cmp out <(seq 20)
}

@test "affinity and work stealing: a key goes to its worker, or to one that is idle" {
	local job list mine=a other=b
	for job in a1 b1 c1 d1; do
		gate done-$job
	done
	mkfifo in
	background pq -a in -j2 -C : --key {1} --affinity \
		'echo {1} $PQ_SLOT >>{1}{2}; [ ! -p done-{1}{2} ] || read x <done-{1}{2}'
	exec {list}>in
	echo $'a:1\nb:1\nc:1\nd:1' >&"$list"
	wait_until test -s a1
	wait_until test -s b1
	open_gate done-a1 1
	open_gate done-b1 1
	wait_until test -s c1
	wait_until test -s d1
	# c's worker has one of both keys for its own; the other one waits before that.
	[ "$(cut -d' ' -f2 a1)" = "$(cut -d' ' -f2 c1)" ] || mine=b other=a
	echo $other:2 >&"$list"
	echo $mine:2 >&"$list"
	gate done-${mine}2
	wait_until steady $!
	open_gate done-c1 1
	wait_until test -s ${mine}2
	[ ! -e ${other}2 ]
	open_gate done-${mine}2 1
	wait_until test -s ${other}2 # though its own is there, at work
	assert_equal "$(cut -d' ' -f2 ${mine}2 ${other}2 | uniq)" "$(cut -d' ' -f2 c1)"
	open_gate done-d1 1
	exec {list}>&-
	wait $!
}

@test "rate limiting: at most so many starts in a time, for each key if asked" {
	local begun
	begun=$(date +%s%3N)
	pq -j8 --rate 20/s true ::: $(seq 5)
	[ $(($(date +%s%3N) - begun)) -ge $((4 * 50)) ]
	pq -j8 -C : --rate 1/h --rate-key {1} 'echo {}' ::: a:1 b:1 a:2 >out 3>&- &
	backgrounded+=($!)
	wait_until has_lines out 2
	wait_until steady "$!"
	assert_equal "$(sort out)" $'a 1\nb 1'
}

@test "verdicts: --ack-on says which outcomes are done, --reject-on which are never tried again" {
	run pq --ack-on 1,3-5,USR1 'case {} in s) kill -USR1 $$ ;; *) exit {} ;; esac' ::: 1 3 4 5 s
	assert_success
	run pq --ack-on timeout --timeout 0.1 'sleep 60; : {}' ::: a
	assert_success
	run pq --retries 3 --reject-on 2 'echo {} >>rejected; exit {}' ::: 1 2
	assert_failure 123
	assert_equal "$(sort rejected | uniq -c | xargs)" '3 1 1 2'
}

@test "verdicts: with --retry-on only these outcomes are tried again" {
	run pq --retries 3 --retry-on 75,KILL \
		'echo {} >>tries; case {} in k) kill -KILL $$ ;; *) exit {} ;; esac' ::: 75 1 k 0
	assert_failure 123
	assert_equal "$(sort tries | uniq -c | xargs)" '1 0 1 1 3 75 3 k'
}

@test "verdicts: what --ack-on accepts counts as a success for --halt, and not as a failure" {
	run --separate-stderr pq -j1 --ack-on 1 --halt now,fail=1 'echo {}; exit {}' ::: 1 1 2 3
	assert_failure 2
	assert_output $'1\n1\n2'
}

@test "retries: while an item waits to be tried again its worker does something else" {
	run pq -j1 --retries 2 'echo {}:$PQ_ATTEMPT; test {} = b' ::: a b
	assert_failure 123
	assert_line b:1
	assert_line a:2
}

@test "idempotency: PQ_ID is the same for every attempt on an item, and no other's" {
	pq -j1 --retries 2 'echo $PQ_ID {} >>ids; false' ::: a b || true
	assert_equal "$(sort -u ids | wc -l)" 2
	assert_equal "$(wc -l <ids)" 4
	pq 'echo $PQ_ID {} >>ids' ::: a b
	assert_equal "$(sort -u ids | wc -l)" 4
}

@test "at-least-once, idempotency: what comes twice is recognised by its key and done once" {
	run --separate-stderr pq -k -C, --unique={1} 'echo {1} {2}' ::: 7,pay 8,pay 7,pay-again
	assert_success
	assert_output $'7 pay\n8 pay'
	assert_equal "$stderr" 'pq: 1 item dropped: seen before (--unique)'
}

@test "end of work: the queue closes when the input has ended and all is done; no item is magic" {
	run pq -k echo ::: '' EOF quit '\0' STOP
	assert_success
	assert_output $'\nEOF\nquit\n\\0\nSTOP'
	run pq echo < <(:)
	assert_success
	assert_output ''
}

@test "graceful shutdown: nothing new is taken in, what runs is finished and its output written" {
	mkfifo in
	pq -j2 -Q4 "$waiting" <in >out 3>&- &
	backgrounded+=($!)
	exec {feed}>in
	seq 10 >&"$feed"
	wait_until has_lines started 2
	kill -TERM "$!"
	wait_until steady "$!"
	open_gate door
	status=0
	wait "$!" || status=$?
	assert_equal "$status" 143
	assert_equal "$(wc -l <started)" 2
	assert_equal "$(sort out)" "$(sort started)"
}

@test "crash of a worker: its item has failed or is tried again, the others go on" {
	run --separate-stderr pq -k -j2 --retries 2 'test {} != 2 || kill -KILL $$; echo {}' ::: 1 2 3 4
	assert_failure 123
	assert_output $'1\n3\n4'
}

@test "one failure does not stop the rest" {
	run --separate-stderr pq -k 'echo {}; exit {}' ::: 1 0 2
	assert_failure 123
	assert_output $'1\n0\n2'
}

@test "the simpler way: the same output as a loop and as xargs" {
	for n in $(seq 30); do echo "item $n"; done >loop
	seq 30 | xargs -n1 echo item >xargs
	seq 30 | pq -k echo item >pq
	cmp loop pq
	cmp xargs pq
}

@test "nack: what failed for good is on record with its status, and told by the exit status" {
	run pq -j1 --joblog log sh -c 'exit $1' sh ::: 0 7 0
	assert_failure 123
	assert_equal "$(awk -F '\t' '$7 == 7 { print $1 }' log)" 2
}

@test "edge cases: no items, one, as many as the queue holds, one more; with more workers too" {
	local count order
	for count in 0 1 7 8 9; do
		for order in '-j1 -k' '-j8 -k' '-j20 -k'; do
			seq "$count" | pq $order -Q8 echo >out
			seq "$count" | cmp - out
		done
	done
}

@test "monitoring: depth, running, rate and backlog, for people and for programs" {
	seq 30 >list
	pq -j2 -Q10 --progress=json "$waiting" <list >out 2>err 3>&- &
	backgrounded+=($!)
	wait_until grep -E \
		'^{"elapsed":[0-9.]+,"done":0,.*"running":2,"depth":8,"size":10,"born":10,' err
	open_gate door
	wait "$!"
	tail -n 1 err | grep -E '"done":30,.*"depth":0,.*"total":30,'
	pq --progress true ::: 1 2 3 2>err
	grep -E '^pq: 3 done, 0 failed in [0-9.]+ s, [0-9.]+/s$' err
}

@test "scaling advice: what arrives one by one needs fewer workers than there are" {
	mkfifo in
	pq -j8 --summary --joblog log 'true {}' <in 2>err 3>&- &
	backgrounded+=($!)
	exec {feed}>in
	for i in $(seq 10); do
		echo "$i" >&"$feed"
		wait_until has_lines log $((i + 1)) # it has ended
	done
	exec {feed}>&-
	wait "$!"
	grep -E 'needed   [0-6]\.[0-9]+ for [0-9.]+ a second of [0-9.]+ [mu]?s: fewer would do' err
}

@test "scaling advice: at the bound the summary says that more would have been busy" {
	once_in 3 more_workers_are_asked_for
}

# Each round with longer jobs: what a busy machine takes between them is the less of it.
more_workers_are_asked_for() {
	seq 8 | pq -j2 -Q2 --summary "sleep $((4 ** (round - 1)))e-1; : {}" 2>err
	grep -E 'needed   at least [12]\.[0-9]+ for at least .* back: more workers' err
}

@test "scaling advice: input that is there at once has no rate" {
	local begun
	begun=$(date +%s%3N)
	background pq -j4 --summary 'read x <door; : {}' ::: 1 2 3 4 2>err
	wait_until steady "$!"
	# Each job takes longer than it took to come to know of all of them.
	wait_until passed $((2 * $(date +%s%3N) - begun + 100))
	open_gate door
	wait "$!"
	grep 'needed   unknown' err
}

# passed TIME: is it that late, in ms? For wait_until.
passed() {
	[ "$(date +%s%3N)" -ge "$1" ]
}

@test "dead letter queue: poison items are set aside with the reason, and can be replayed" {
	built_with JANSSON || skip 'built without jansson'
	run -123 --separate-stderr pq -k --retries 2 --dead-letter dead.jsonl \
		'test {} != poison || { echo spoilt >&2; exit 9; }; echo {}' ::: a poison b
	assert_output $'a\nb'
	assert_equal "$(wc -l <dead.jsonl)" 1
	assert_regex "$(cat dead.jsonl)" \
		'"item":"poison",.*"attempts":2,"outcome":"exit","code":9,.*"stderr":"spoilt.n"'
	run pq --from dead.jsonl 'echo cured {}'
	assert_success
	assert_output 'cured poison'
}

@test "validation at enqueue: malformed items never reach a worker" {
	printf '%s\n' 'id=1' 'id=x' '' 'id=22' >items
	run -123 --separate-stderr pq -k -j1 --validate '^id=[0-9]+$' --dead-letter dead.jsonl \
		'echo {} >>started; echo done {}' <items
	assert_output $'done id=1\ndone id=22'
	assert_equal "$(cat started)" $'id=1\nid=22'
	assert_equal "$(grep -c '"attempts":0,"outcome":"refused"' dead.jsonl)" 2
	# Likewise, where it must be read to be run.
	run -123 pq -k --regex '^id=(\d+)$' echo {1} <items
	assert_line 22
	refute_line x
}

@test "crash of everything: the queue is on disk, and the same command does what is left" {
	local job='echo {} >>started; [ {} -le 3 ] || read x <door; echo {}'
	seq 6 | pq --journal j -o out -j2 "$job" 3>&- &
	backgrounded+=($!)
	wait_until has_lines started 5
	wait_until steady "$!"
	kill -KILL "$!"
	wait_until gone "$!"
	open_gate door
	seq 6 | pq --journal j -o out -j2 "$job"
	seq 6 | cmp - out
}
