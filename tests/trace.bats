# --trace FILE: who ran when, in the Trace Event Format.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	command -v python3 >/dev/null || skip "no python3 to read it"
	cat >look.py <<-'END'
	import collections, json, sys
	text = open(sys.argv[1], encoding='utf-8').read()
	killed = not text.endswith('\n]\n')
	if killed: # its last event may be torn
	    text = text[:text.rindex('\n{')].rstrip(',') + ']' if text[-1] != '}' else text + ']'
	events = json.loads(text)
	assert isinstance(events, list)
	assert len({e['pid'] for e in events}) == 1
	slices = [e for e in events if e['ph'] == 'X']
	marks = [e for e in events if e['ph'] == 'i']
	counters = [e for e in events if e['ph'] == 'C']
	meta = [e for e in events if e['ph'] == 'M']
	assert len(slices) + len(marks) + len(counters) + len(meta) == len(events)
	threads = {e['tid']: e['args']['name'] for e in meta if e['name'] == 'thread_name'}
	order = {e['tid']: e['args']['sort_index'] for e in meta if e['name'] == 'thread_sort_index'}
	assert len(set(order.values())) == len(threads) == len(set(threads.values()))
	last = collections.defaultdict(int)
	for e in slices:
	    assert type(e['ts']) is int and type(e['dur']) is int and e['dur'] >= 0, e
	    assert e['ts'] >= last[e['tid']], e
	    last[e['tid']] = e['ts'] + e['dur']
	    assert e['tid'] in threads and e['tid'] in order, e
	    assert 0 < len(e['name']) <= 61 and len(json.dumps(e['args'])) < 300, e
	for e in counters:
	    assert e['args'][e['name']] >= 0, e
	for name in 'alive', 'waiting', 'running':
	    values = [e for e in counters if e['name'] == name]
	    assert values[0]['ts'] == 0 and values[0]['args'] == {name: 0}
	    assert killed or (len(values) > 1 and values[-1]['args'] == {name: 0})
	def named(name): return [e for e in marks if e['name'] == name]
	exec(sys.stdin.read())
	END
}

# look [FILE]: what the trace holds is as every trace's, and as the python on stdin says.
look() {
	python3 look.py "${1:-t.json}"
}

@test "--trace has a slice for each attempt, and of the last one what the job log has" {
	run -123 --separate-stderr pq -j3 --trace t.json --joblog log --retries 2 \
		'echo {}; test {} != 4 || exit 3; test {} != 5 || kill -TERM $$' ::: {1..9}
	look <<-'END'
	assert len(slices) == 11
	assert {e['tid'] for e in slices} <= {1, 2, 3} and threads[1] == 'slot 1'
	rows = [row.split('\t') for row in open('log').read().splitlines()[1:]]
	assert len(rows) == 9
	for seq, _, _, took, _, received, code, signal, *_ in rows:
	    own = [e for e in slices if e['args']['seq'] == int(seq)]
	    assert [e['args']['attempt'] for e in own] == list(range(1, len(own) + 1))
	    end = own[-1]
	    assert end['name'] == seq
	    assert end['args'].get('exit', 0) == int(code)
	    assert end['args'].get('signal', 0) == int(signal)
	    assert end['args']['bytes'] == int(received)
	    assert end['dur'] / 1e6 >= float(took) - 0.0011
	    bad = code != '0' or signal != '0'
	    assert [e['cat'] for e in own] == (['retried', 'failed'] if bad else ['done'])
	    assert all(e['args']['waited'] >= 0 for e in own)
	END
}

@test "--trace marks a back-off: which attempt comes, and in how long" {
	run -123 --separate-stderr pq --trace t.json --retries 3 --backoff 0.01,jitter=none \
		'exit 1; : {}' ::: a
	look <<-'END'
	assert [e['args']['attempt'] for e in slices] == [1, 2, 3]
	back = named('back-off')
	assert [(e['args']['seq'], e['args']['attempt']) for e in back] == [(1, 2), (1, 3)]
	assert all(0 <= e['args']['in'] <= 0.02 for e in back)
	assert back[0]['ts'] >= slices[0]['ts'] + slices[0]['dur'] and back[0]['tid'] == 1
	assert slices[1]['ts'] >= slices[0]['ts'] + slices[0]['dur'] + 9000
	END
}

@test "--trace: sections with workers of their own have their slots apart" {
	pq -j2 --trace t.json --name resize 'true {}' --next -j2 --name audit 'true {}' \
		--next -j1 'true {}' ::: {1..8}
	look <<-'END'
	assert len(slices) == 24
	for e in slices:
	    group = e['args']['group']
	    slot = threads[e['tid']].split(' slot ')
	    assert slot[0] == ('section 3' if group == 3 else group) and int(slot[1]) in (1, 2)
	assert sorted(order, key=order.get) == sorted(order)
	END
	pq -j2 --trace t.json --weight 2 'true {}' --next --weight 1 'true {}' ::: {1..8}
	look <<-'END'
	assert len(slices) == 16 and set(threads.values()) <= {'slot 1', 'slot 2'}
	assert {e['args']['group'] for e in slices} == {1, 2}
	END
}

@test "--trace: attempts that a worker which stays up has at once do not overlap" {
	seq 200 | pq -j2 --trace t.json --persistent --prefetch 20 cat >out
	look <<-'END'
	assert len(slices) == 200 and {e['args']['seq'] for e in slices} == set(range(1, 201))
	assert all(e['args']['bytes'] == len(e['name']) + 1 for e in slices)
	END
}

@test "--trace, --metrics and --junit see each line that a worker which stays up is fed" {
	seq 3000 | pq -j2 --trace t.json --persistent cat >out
	look <<<"assert sorted(int(e['name']) for e in slices) == list(range(1, 3001))"
	seq 3000 | pq -j2 --junit j.xml --persistent cat >out
	assert_equal "$(grep -o '<testcase.* name="[0-9]*"' j.xml | grep -o '[0-9]*' | sort -n)" \
		"$(seq 3000)"
	seq 3000 | pq -j2 --metrics m.prom --persistent cat >out
	run grep -c '^pq_attempts_total 3000$' m.prom
	assert_output 1
}

@test "--trace: an attempt whose worker died with it is a slice, and marked" {
	cat >worker <<-'END'
	#!/bin/sh
	while read -r x; do
		if [ ! -e died ]; then : >died; kill -9 $$; fi
		echo "$x"
	done
	END
	chmod +x worker
	run --separate-stderr pq -j1 --prefetch 1 --trace t.json --persistent ./worker ::: a b
	assert_success
	look <<-'END'
	lost = [e for e in slices if e['cat'] == 'lost']
	assert [(e['name'], e['args']['attempt']) for e in lost] == [('a', 1)]
	assert 'exit' not in lost[0]['args'] and 'signal' not in lost[0]['args']
	assert [e['args']['seq'] for e in named('worker lost')] == [1]
	assert sorted(e['name'] for e in slices if e['cat'] == 'done') == ['a', 'b']
	END
}

@test "--trace: runs of records are called by their number, blocks by their bytes" {
	seq 1000 | pq -j2 --trace t.json -e upper >out
	look <<-'END'
	assert sum(int(e['name'].split()[0]) for e in slices) == 1000
	assert sum(e['args']['bytes'] for e in slices) == len(open('out').read())
	END
	seq 100 | pq -j2 --trace t.json --pipe -n 30 'wc -l' >out
	look <<-'END'
	names = sorted(e['name'] for e in slices)
	assert names == ['31 bytes', '81 bytes', '90 bytes', '90 bytes'], names
	END
	printf '%s\n' a '*' b | run -123 --separate-stderr pq --trace t.json -e unbase64
	look <<-'END'
	assert sum(e['args'].get('failed', 0) for e in slices) >= 1
	END
}

@test "--trace: an item is a name whatever it holds, and cut" {
	pq -j1 -0 --trace t.json 'true {}' < <(printf '%s\0' $'q"\\\x01\n\t' $'bad \xff\xfe.' '' \
		'<b>&amp;' "x$(printf 'é%.0s' {1..100})")
	pq -j1 --trace two.json true ::: a ::: b
	look <<-'END'
	names = [e['name'] for e in slices]
	assert names[0] == 'q"\\\x01\n\t', names
	assert names[1] == 'bad \ufffd\ufffd.'
	assert names[2] == 'item 3'
	assert names[3] == '<b>&amp;'
	assert names[4] == 'x' + 'é' * 29 + '…' # of 60 bytes the last one is half a character
	END
	look two.json <<<"assert [e['name'] for e in slices] == ['a b']"
}

@test "--trace of a run that was killed can be read, and has what had ended" {
	gate door
	background pq -j1 --trace t.json 'test {} -lt 4 || read x <door' ::: {1..9}
	wait_until eval '[ "$(grep -c "\"ph\":\"X\"" t.json)" = 3 ]'
	kill -KILL $!
	wait $! || :
	look <<-'END'
	assert killed and [e['name'] for e in slices] == ['1', '2', '3']
	assert any(e['args'].get('running') == 1 for e in counters)
	END
}

@test "what waits for another at a worker that stays up does not run" {
	gate door
	seq 4 >list
	background pq -j1 --persistent --prefetch 3 --retries 2 --trace t.json \
		'read -r x; read -r y <door; echo "$x"; exec cat' <list >out
	wait_until grep -q '"waiting":3' t.json
	open_gate door
	wait $!
	look <<<"assert max(e['args'].get('running', 0) for e in counters) == 1"
}

@test "--trace marks --halt and the stop" {
	run -3 --separate-stderr pq -j1 --trace t.json --halt now,fail=1 \
		'test {} != 2 || exit 3' ::: {1..9}
	look <<-'END'
	assert [e['args'] for e in named('halt')] == [{'seq': 2}]
	assert len(named('stop')) == 1 and len(slices) == 2
	END
	gate door
	background pq -j1 --drain 0 --trace t.json 'read x <door; : {}' ::: a b 2>err
	wait_until grep -q '"running":1' t.json
	kill -TERM $!
	wait $! || :
	look <<-'END'
	assert len(named('stop')) == 1 and not named('halt')
	assert [(e['name'], e['cat']) for e in slices] == [('a', 'released')]
	assert slices[0]['args']['ended']
	END
}

@test "--trace marks what holds the run back, and another number of workers" {
	background pq -j1 --trace t.json --breaker 50%/2,1000s 'exit 1; : {}' ::: {1..9} 2>err
	wait_until grep -q '"held: breaker open"' t.json
	kill -USR1 $!
	wait_until grep -q '"name":"workers","args":{"from":1,"to":2}' t.json
	kill -TERM $!
	wait $! || :
	look <<-'END'
	assert len(slices) == 2 and len(named('held: breaker open')) == 1
	END
}

@test "--trace marks a pause, and what make's jobserver holds back" {
	echo pause >workers
	background pq -j ./workers --trace t.json true ::: 1 2 3
	wait_until grep -q '"held: paused"' t.json
	echo 2 >workers
	wait $!
	mkfifo pool
	exec {pool}<>pool # without a token in it
	gate door
	MAKEFLAGS=" --jobserver-auth=fifo:$PWD/pool" \
		background pq --trace t.json 'read x <door; : {}' ::: 1 2 3
	wait_until grep -q '"held: jobserver"' t.json
	open_gate door
	wait $!
}

@test "--trace counts what a full queue dropped" {
	gate slow
	background pq -j1 -Q 2 --trace t.json --overflow drop-new 'read x <slow; : {}' ::: {1..9} 2>err
	wait_until grep -q '"name":"dropped"' t.json
	open_gate slow
	wait $!
	look <<<"assert sum(e['args']['count'] for e in named('dropped')) == 9 - len(slices) > 0"
}

@test "--trace: while pq is stopped its clock stands still" {
	local from stopped until total
	gate door
	from=${EPOCHREALTIME/./}
	background pq -j1 --trace t.json 'read x <door; : {}' ::: a
	local pid=$!
	wait_until grep -q '"running":1' t.json
	kill -TSTP $pid
	wait_until eval '[[ $(ps -o stat= -p '$pid') == T* ]]'
	stopped=${EPOCHREALTIME/./}
	wait_until eval '((${EPOCHREALTIME/./} - '"$stopped"' > 1500000))'
	until=${EPOCHREALTIME/./}
	kill -CONT $pid
	open_gate door
	wait $pid
	total=$((${EPOCHREALTIME/./} - from))
	look <<<"assert slices[0]['ts'] + slices[0]['dur'] <= $total - ($until - $stopped)"
}

@test "--trace takes less than 200 bytes for a job" {
	seq 10000 | pq -j2 --trace t.json :
	[ "$(wc -c <t.json)" -lt 2000000 ]
	look <<<"assert len(slices) == 10000"
}

@test "--trace that cannot be written: 74, and nothing is started" {
	run -74 --separate-stderr pq --trace none/t.json touch ::: started
	only_message 'cannot open the trace none/t.json: No such file or directory; nothing was started'
	mkdir dir
	run -74 --separate-stderr pq --trace dir touch ::: started
	only_message 'cannot open the trace dir: Is a directory; nothing was started'
	mkfifo fifo
	run -74 --separate-stderr pq --trace fifo touch ::: started
	only_message 'cannot open the trace fifo: nobody reads this FIFO yet; nothing was started'
	run -74 --separate-stderr pq --trace /dev/full touch ::: started
	only_message 'cannot open the trace /dev/full: No space left on device; nothing was started'
	assert_not_exists started
}

@test "--trace into a pipe" {
	pq --trace >(cat >copy) true ::: {1..9}
	wait_until eval '[ "$(tail -n 1 copy)" = "]" ]'
	look copy <<<"assert len(slices) == 9"
}

@test "--trace: when the reader of the pipe goes, that is told, and every job is done" {
	local pipe status=0
	mkfifo pipe
	exec {pipe}<>pipe
	gate door
	background bash -c "exec $pipe>&-; exec pq -k -j1 --trace pipe ': >started; read x <door; \
		echo {}' ::: a b c >out 2>err"
	wait_until [ -e started ]
	exec {pipe}>&-
	open_gate door
	wait $! || status=$?
	assert_equal "$status $(cat out err)" $'74 a\nb\nc
pq: cannot write to pipe: Broken pipe; no job is stopped for that'
}

@test "--trace goes with no file of another option, nor with --dry-run" {
	refuses '--trace t.json: it is the file of -o, too; write to another file' \
		--trace t.json -o t.json echo
	refuses '--joblog t.json: it is the file of --trace, too; write to another file' \
		--trace t.json --joblog t.json echo
	refuses '--trace with --dry-run: nothing is run that could be seen; leave it out' \
		--trace t.json --dry-run echo
	echo a >in
	refuses '--trace in: it is the input, too, and would be overwritten; write to another file' \
		--trace in -a in echo
	assert_equal "$(cat in)" a
}
