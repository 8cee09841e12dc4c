# --summary: what is said at the end about times, waiting and workers.

load helper
load faults/faults

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# line NAME: the line of the summary in err that begins so, without its beginning.
line() {
	sed -n "s/^pq: $1  *//p" err
}

@test "--summary counts what was done, failed, tried again, and how long it took" {
	run -123 --separate-stderr pq -k --retries 2 --summary \
		'echo {}; [ {} != bad ]' ::: a bad c
	assert_output $'a\nbad\nc'
	echo "$stderr" >err
	assert_equal "$(line jobs)" '2 done, 1 failed, 1 tried again'
	time='[0-9.]+ [mun]?s'
	line time | grep -xE "$time, [0-9.]+ a second"
	line runtime | grep -xE "p50 $time, p90 $time, p99 $time, max $time"
	line waiting | grep -xE "p50 $time, p90 $time, p99 $time, max $time"
	line workers | grep -xE '[0-9]+% busy of [0-9]+'
}

@test "the runtime is that of the jobs: the longest is the maximum" {
	pq -j2 --summary sleep ::: 0 0 0 0.3 2>err # a job
	line runtime | grep -E 'p50 [0-9.]+ [mun]?s, .*max ([3-9][0-9]+ ms|[1-9][0-9.]+ s)'
}

@test "waiting ends when the attempt begins, not with the job" {
	once_in 5 first_waits_for_nothing
}

# The second waits for the first; the first, which the median tells of, does not.
first_waits_for_nothing() {
	pq -j1 --summary sleep ::: 1.2 0 2>err # a job
	line waiting | grep -E 'p50 [0-9.]+ [mun]s, .*max ([89][0-9]+ ms|[1-9][0-9.]+ s)'
}

@test "the most that waited in the queue is told beside what it can hold" {
	gate door
	seq 9 >list
	background pq -j1 -Q6 --summary 'echo {} >>started; read x <door; : {}' <list 2>err
	wait_until has_lines started 1
	wait_until steady "$!"
	open_gate door
	wait "$!"
	line queue | grep -xE '[56] of 6 at most'
}

@test "--summary tells what was dropped, and by what" {
	seq 500 | pq -j1 -Q1 --overflow drop-new --summary true 2>err
	line jobs | grep -xE '[0-9]+ done, 0 failed, [0-9]+ dropped \(--overflow\)'
	assert_equal "$(line jobs | awk '{ print $1 + $5 }')" 500
	pq --unique --summary true ::: a b a 2>err
	assert_equal "$(line jobs)" '2 done, 0 failed, 1 dropped (--unique)'
	pq -e '!/b/' --summary true ::: a b a 2>err
	assert_equal "$(line jobs)" '2 done, 0 failed, 1 dropped (-e)'
}

@test "--summary: a job that --timeout ended has no runtime of its own" {
	run -123 --separate-stderr pq -j1 --timeout 0.1 --summary sleep ::: 50 # a job
	assert_equal "$(grep -c 'runtime' <<<"$stderr")" 0
	echo "$stderr" >err
	assert_equal "$(line jobs)" '0 done, 1 failed'
}

@test "without --summary nothing is said" {
	run --separate-stderr pq -k echo ::: a b
	assert_output $'a\nb'
	assert_equal "$stderr" ''
}

@test "what was stopped is in the summary, too" {
	gate door
	background pq -j1 --drain 0.1 --summary 'echo {} >>started; read x <door; : {}' \
		::: 1 2 3 2>err
	wait_until has_lines started 1
	wait_until steady "$!"
	kill -TERM "$!"
	wait "$!" || status=$?
	assert_equal "$status" 143
	assert_equal "$(line jobs)" '0 done, 0 failed, 3 stopped or not run'
}

@test "with -e alone the summary counts records, and times runs of them" {
	seq 1000 | pq --summary -e s/1/2/ 2>err >out
	assert_equal "$(line jobs)" '1000 done, 0 failed'
	line runtime | grep -E '^p50 '
}

@test "workers that were idle are not called busy" {
	pq -j4 --summary sleep ::: 0.3 2>err # a job
	line workers | grep -xE '(1?[0-9]|2[0-5])% busy of 4'
}

@test "workers wanted later count from then on" {
	once_in 5 three_come_later
}

# Each number is wanted for a while; should one of them last too long, all is as if it had
# been the only one.
three_come_later() {
	local n
	rm -f door started
	gate door
	background pq -j1 --summary 'echo {} >>started; read x <door; : {}' ::: 1 2 3 4 2>err
	wait_until has_lines started 1 || return
	for n in 2 3 4; do
		kill -USR1 "$!"
		wait_until has_lines started $n || return
	done
	open_gate door
	wait "$!"
	# Fewer than all the time, more than at first.
	line workers | grep -E 'busy of ([1-3]\.[0-9]|[23])$'
}

@test "--summary names the slowest, and what was done only after several attempts" {
	pq -j4 --retries 2 --summary 'sleep {}; test {} != 1 || test $PQ_ATTEMPT = 2' \
		::: 0 0 0 0 0 0 1 2 2>err # a job
	line slowest | grep -E "^8 '2' 2[0-9.]+ s, 7 '1' [0-9.]+ s(, [1-6] '0' [0-9.]+ m?s){3}$"
	assert_equal "$(line flaky)" "1 done after more than one attempt: 7 '1' (2)"
}

@test "--summary: a worker that stays up is no busier than all the time" {
	seq 20000 >list
	pq -j2 --summary --persistent cat <list >out 2>err
	line workers | grep -E '^([0-9]{1,2}|100)% busy of 2$'
	line slowest | grep -E "^[0-9]+ '[0-9]+' [0-9.]+ [mun]?s,"
}

@test "what was not run when a run ends early is the same number wherever it is told" {
	run -7 --separate-stderr pq -j1 --halt now,fail=1 --summary --progress=json \
		--report r.html 'exit 7; : {}' ::: {1..1000}
	echo "$stderr" >err
	assert_equal "$(line jobs)" '0 done, 1 failed, 999 stopped or not run'
	grep -x "pq: ended by --halt after item 1 '1' exit 7; 999 stopped or not run" err
	grep -F '"total":1000,' err | tail -n1 | grep '"eta":0\.0}'
	grep -F '; 999 were not run to their end' r.html
}

@test "--summary names nobody where an attempt is at a run of items" {
	echo 1 | pq --summary -e 's/1/2/' >out 2>err # a run of one, by chance
	line jobs | grep -x '1 done, 0 failed'
	[ "$(grep -c slowest err)" = 0 ]
}

@test "--summary: each section has its own slowest and its own flaky ones" {
	pq --summary --name a 'true {}' --next --retries 2 '[ $PQ_ATTEMPT = 2 ] && : {}' ::: x 2>err
	grep -xE "pq: a: slowest  1 'x' [0-9.]+ [mu]?s" err
	grep -xE "pq: section 2: flaky    1 done after more than one attempt: 1 'x' \(2\)" err
	grep -xE "pq: flaky    1 done after more than one attempt: 1 'x' \(section 2\) \(2\)" err
	[ "$(grep -c 'a: flaky' err)" = 0 ]
}

@test "--summary tells why items were refused" {
	run -123 --separate-stderr pq --validate '[0-9]' --summary true ::: 1 a b
	echo "$stderr" >err
	assert_equal "$(line refused)" 'does not match --validate (2)'
}
