# Waiting for jobs and ending them: time-outs, retries, --halt, and what is left
# running afterwards: nothing.

load helper
load faults/faults

# $forever is a command that does not end by itself before the test does, and its path
# is what `survivors` finds it by. It holds its standard output open, and what else it was handed,
# the gate itself among it: so it waits for a byte, not for an end.
setup() {
	cd "$BATS_TEST_TMPDIR"
	forever=$BATS_TEST_TMPDIR/forever
	gate forever.gate
	job forever "exec dd bs=1 count=1 if='$forever.gate' status=none"
	export forever
}

# job NAME LINE...: a shell script to be run by name.
job() {
	printf '%s\n' '#!/bin/sh' "${@:2}" >"$1"
	chmod +x "$1"
}

# ends STATUS: what was put into the background last does, with this status.
ends() {
	local status=0
	wait "${backgrounded[-1]}" || status=$?
	assert_equal "$status" "$1"
}

# runtimes LOG: how long each job ran, in milliseconds.
runtimes() {
	awk -F'\t' 'NR > 1 { printf "%d\n", $4 * 1000 }' "$1"
}

# column N LOG: that column of a job log, in the order of the input.
column() {
	tail -n +2 "$2" | sort -n | cut -f"$1" | paste -sd' '
}

median() {
	sort -n <<<"$1" | awk '{ n[NR] = $1 } END { print n[int((NR + 1) / 2)] }'
}

# ended LOW HIGH COMMAND...: it runs pq with the job log `log`, and all its jobs are ended:
# none before LOW ms, and all by HIGH ms. A busy machine can be late, though not ten times.
ended() {
	: >early
	once_in 10 ended_by "$@"
	[ ! -s early ] || fail "$(cat early)"
}

ended_by() {
	local ms late=0
	run "${@:3}"
	[ "$status" -eq 123 ] || echo "status $status" >>early
	for ms in $(runtimes log); do
		[ "$ms" -ge "$1" ] || echo "$ms ms instead of $1" >>early
		[ "$ms" -le "$2" ] || late=1
	done
	return $late
}

# deaf COMMAND...: its jobs ignore most signals from their first moment on: what ignores
# them by a trap of its own may be told to end before it has come to that.
deaf() {
	(trap '' TERM INT HUP; exec "$@")
}

# --- process groups -------------------------------------------------------

@test "every job has a process group of its own" {
	local group leader parents
	run pq -j4 sh -c 'echo $(ps -o pgid= -p $$) $$ $(ps -o pgid= -p $PPID)' ::: 1 2 3 4 5 6 7 8
	assert_success
	while read -r group leader parents; do
		assert_equal "$group" "$leader"
		assert [ "$group" != "$parents" ]
	done <<<"$output"
	assert_equal "$(cut -d' ' -f1 <<<"$output" | sort -u | wc -l)" 8
}

@test "a job log tells how each job ended: by an exit status or by a signal" {
	run pq --joblog log 'exit {}' ::: 0 1 77 255
	assert_failure 123
	assert_equal "$(column 7 log)" '0 1 77 255'
	assert_equal "$(column 8 log)" '0 0 0 0'
	run pq --joblog log sh -c 'kill -$1 $$' sh ::: KILL TERM INT PIPE USR1
	assert_failure 123
	assert_equal "$(column 7 log)" '0 0 0 0 0'
	assert_equal "$(column 8 log)" '9 15 2 13 10'
}

# --- time-outs ------------------------------------------------------------

@test "--timeout 0.3 ends a job after 0.3 s" {
	ended 300 800 pq --timeout 0.3 --joblog log "$forever" ::: a b
	assert_line --regexp "^pq: item 1 'a': ended after [0-9.]+ s \(--timeout\)$"
	assert_line --regexp "^pq: item 2 'b': ended after [0-9.]+ s \(--timeout\)$"
	assert_equal "$(column 7 log)" '-1 -1'
	wait_until no_survivors "$forever"
}

@test "--timeout leaves jobs alone that are done in time" {
	run --separate-stderr pq --timeout 300 -k 'echo {}; exit {}' ::: 0 3
	assert_failure 123
	assert_output $'0\n3'
	only_message "1 of 2 failed: 2 '3' exit 3"
}

@test "what a job printed before its time was up is shown" {
	local limit
	for limit in 0.3 3 30; do # a shell may be slow to begin
		run --separate-stderr pq --timeout $limit 'echo begun; exec {}' ::: "$forever"
		assert_failure 123
		[ -z "$output" ] || break
	done
	assert_output begun
}

@test "--timeout 300% is three times the median, from the third finished job on" {
	once_in 10 three_times_the_median
	[ ! -e wrong ] || fail "$(cat wrong)"
	wait_until no_survivors "$forever"
}

# Each nap may take longer than it should; what is `wrong` is so whatever they take.
three_times_the_median() {
	local nap='sleep 0.1' took typical # a job
	run pq -j1 --timeout 300% --joblog log ::: "$nap" "$nap" "$nap" "$forever" "$nap"
	mapfile -t took < <(runtimes log)
	typical=$(median "$(printf '%s\n' "${took[@]:0:3}")")
	[[ $status -eq 123 && $(column 7 log) == '0 0 0 -1 '* ]] || cat log >>wrong
	[ "${took[3]}" -ge $((typical * 29 / 10)) ] || cat log >>wrong
	[ "${took[3]}" -le $((typical * 31 / 10 + 500)) ] && [ "$(column 7 log)" = '0 0 0 -1 0' ]
}

@test "of --timeout '0.3 100000%' the shorter holds" {
	once_in 10 the_shorter_holds
	[ ! -e wrong ] || fail "$(cat wrong)"
}

the_shorter_holds() {
	local nap='sleep 0.1' took # a job
	run pq -j1 --timeout '0.3 100000%' --joblog log ::: "$nap" "$nap" "$nap" "$forever"
	took=$(runtimes log | sed -n 4p)
	[[ $status -eq 123 && $(column 7 log) == *' -1' && $took -ge 300 ]] || cat log >>wrong
	[ "$took" -le 1000 ] && [ "$(column 7 log)" = '0 0 0 -1' ]
}

@test "a job that ignores TERM is killed after the grace of a second" {
	job tree '"$forever"' ':'
	ended 1200 2500 deaf pq --timeout 0.2 --joblog log ./tree ::: a b
	wait_until no_survivors "$forever"
}

@test "a stopped job is let go on, so that it can end" {
	job stopped 'kill -STOP $$' '"$forever"' ':'
	ended 200 900 pq --timeout 0.2 --joblog log ./stopped ::: a
	wait_until no_survivors "$forever"
}

@test "the children of a shell are ended with it: sh -c 'command; :'" {
	run pq --timeout 0.2 '{}; :' ::: "$forever" "$forever"
	assert_failure 123
	wait_until no_survivors "$forever"
}

@test "a child that its leader leaves behind when told to end is killed" {
	job heir "trap 'exit 0' TERM" "(trap '' TERM; exec \"\$forever\") &" 'wait'
	run pq --timeout 0.2 ./heir ::: a b c
	assert_failure 123
	wait_until no_survivors "$forever"
}

@test "a job that ends in good order when told so has failed all the same" {
	job polite "trap 'echo bye; exit 0' TERM" '"$forever" &' 'wait'
	local limit
	for limit in 0.2 2 20; do # it may be slow to come to its trap
		run --separate-stderr pq --timeout $limit --term-seq TERM,30000,KILL --joblog log \
			./polite ::: a
		assert_failure 123
		[ -z "$output" ] || break
	done
	assert_output bye
	assert_equal "$(column 7 log)" -1
}

@test "--term-seq sends its signals in order, and the last one is KILL" {
	job listener 'for s in HUP INT USR1 USR2 TERM; do trap "echo $s >>heard" $s; done' \
		'while :; do read x <'"'$BATS_TEST_TMPDIR/go'"'; done'
	gate go
	local step
	for step in 200 200 200 1000 5000; do # for the job to come to its traps
		! heard_in_steps_of $step || break
	done
	[ ! -s early ] || fail "$(cat early)"
	assert_equal "$(cat heard)" $'HUP\nUSR1\nTERM'
	wait_until no_survivors "$BATS_TEST_TMPDIR/listener"
}

# Ended too early is also whoever had not come to its traps: that is heard.
heard_in_steps_of() {
	: >heard
	: >early
	ended_by $((4 * $1)) $((5 * $1 + 1000)) pq --timeout "${1}ms" \
		--term-seq "HUP,$1,USR1,$1,TERM,$1,KILL" --joblog log ./listener ::: a &&
		[ "$(cat heard)" = $'HUP\nUSR1\nTERM' ]
}

@test "--term-seq KILL ends a job at once" {
	job tree '"$forever"' ':'
	ended 200 900 deaf pq --timeout 0.2 --term-seq KILL --joblog log ./tree ::: a
	wait_until no_survivors "$forever"
}

@test "the time of a job begins when it does, not while it waits for its birth" {
	unsanitized 'nothing can be preloaded into it'
	build_fault births
	once_in 5 born_late
}

# Eleven refusals take a second and a quarter at least.
born_late() {
	local begun took log
	begun=$(date +%s)
	REFUSE=12 LD_PRELOAD=$fault pq -j1 --timeout 1 --joblog log 'echo done; : {}' ::: 1 >out &&
		[ "$(cat out)" = done ] && read -r _ _ log took _ < <(tail -n 1 log) &&
		awk -v begun="$begun" -v started="$log" -v took="$took" \
			'BEGIN { exit !(started >= begun + 1 && took < 1) }'
}

@test "an attempt that never began has no time, whatever the one before took" {
	job once 'rm "$0"' 'exit 1'
	run -123 pq --retries 2 --joblog log ./once ::: 1
	assert_equal "$(column 7 log)" 127
	assert_equal "$(tail -n 1 log | cut -f 4 | tr -d ' ')" 0.000
}

@test "a job that may not be ended is said to be so: Operation not permitted" {
	[ "$(id -u)" = 0 ] || skip 'only root can make such a job'
	unsanitized 'its binary is not where another user may read it'
	local open
	build_fault unkillable
	open=$(mktemp -d)
	chmod 755 "$open"
	cp "$PQ" "$open/pq"
	install -m 4755 "$fault" "$open/unkillable"
	run setpriv --reuid=12345 --regid=12345 --clear-groups "$open/pq" --timeout 1 \
		--term-seq TERM,100,KILL "$open/unkillable" ::: 1
	rm -r "$open"
	assert_failure 123
	assert_output --regexp "^pq: item 1 '1': may not be ended after [.0-9]+ s \(--timeout\): \
Operation not permitted$"
}

@test "a job that ends just when its time is up has one verdict, not two" {
	local failed timed_out
	# shellcheck disable=SC2046
	run pq -j8 --timeout 0.02 --joblog log sleep ::: $(yes 0.0195 | head -200)
	timed_out=$(awk -F'\t' 'NR > 1 && $7 == -1' log | wc -l)
	failed=$(awk -F'\t' 'NR > 1 && ($7 != 0 || $8 != 0)' log | wc -l)
	assert_equal "$(tail -n +2 log | wc -l)" 200
	assert_equal "$failed" "$timed_out"
	assert_equal "$status" "$((timed_out > 0 ? 123 : 0))"
}

# --- what jobs leave behind -----------------------------------------------

@test "a background child that holds the pipe holds up nothing: 100 jobs, all bytes" {
	job leaves '"$forever" &' 'printf "%20000s\n" "$1"' 'exit 3'
	run --separate-stderr bash -c 'seq 100 | pq -j8 --joblog log ./leaves >out'
	assert_failure 123
	[ "$(runtimes log | sort -n | head -n 1)" -lt 500 ]
	assert_equal "$(tail -n +2 log | cut -f6,7 | sort -u)" $'20001\t3'
	assert_equal "$(tr -d ' ' <out | sort -n)" "$(seq 100)"
	# The children are left alone, until the test ends; the last may still be in their birth.
	wait_until survivors_are 100 "$forever"
}

# survivors_are N TEXT: so many there are. For wait_until.
survivors_are() {
	[ "$(survivors "$2" | wc -l)" -eq "$1" ]
}

@test "what a background child prints before its leader's end is not lost" {
	job heir 'mkfifo "ready$1"' '(echo late; echo >"ready$1"; exec "$forever") &' \
		'read x <"ready$1"; echo early; exit 0'
	run bash -c 'seq 50 | pq -j4 ./heir | sort | uniq -c | tr -s " "'
	assert_output $' 50 early\n 50 late'
}

@test "those that have ended are no zombies while another job runs" {
	gate go
	# shellcheck disable=SC2046
	background pq -j4 --joblog log 'case {} in 1) read x <go ;; esac' ::: $(seq 40)
	wait_until has_lines log 40 # with the heading
	run ps -o stat=,comm= --ppid "${backgrounded[0]}"
	refute_output --partial Z
	open_gate go
	ends 0
}

# guardian_of PID: the pid of its guardian.
guardian_of() {
	ps -o pid=,comm= --ppid "$1" | awk '$2 == "guardian" { print $1 }'
}

# For wait_until; $guardian is its pid then.
holds_its_lifeline() {
	guardian=$(guardian_of "${backgrounded[0]}") && [ "$(ls "/proc/$guardian/fd")" = 0 ]
}

@test "the guardian holds nothing but its lifeline, and has gone when pq has" {
	local guardian
	gate go
	background pq 'echo {} >began; read x <go' ::: 1
	wait_until test -e began
	wait_until holds_its_lifeline # it may still be letting go of others
	open_gate go
	ends 0
	run kill -0 "$guardian"
	assert_failure
}

# --- kill -9 --------------------------------------------------------------

# kill_at N OPTION... COMMAND: start jobs that never end, 16 at a time; kill pq when
# N of them have begun, while others are being born; and write down how many ms later
# nobody held `alive` open any more. Each job opens it and writes a line.
kill_at() {
	local alive begun killed
	background pq -j16 -a items "${@:2}"
	exec {alive}<alive
	for ((begun = 0; begun < $1; begun++)); do
		read -r -u "$alive"
	done
	killed=${EPOCHREALTIME/[.,]/}
	kill -KILL "${backgrounded[-1]}"
	timeout 300 cat <&"$alive" >/dev/null || echo "held after $begun had begun" >>left
	echo $(((${EPOCHREALTIME/[.,]/} - killed) / 1000)) >>times
	wait "${backgrounded[-1]}" || true
	exec {alive}<&-
	wait_until no_survivors "$forever" || survivors "$forever" >>left
}

# kill_often TIMES OPTION... COMMAND: at another moment each time. Nothing may be left, and
# in one of three rounds half of them must have been over after 0.2 s.
kill_often() {
	seq 200 >items
	mkfifo alive
	: >left
	once_in 3 kill_round "$@"
	[ ! -s left ] || fail "$(cat left)"
}

kill_round() {
	local kills
	: >times
	for ((kills = 0; kills < $1; kills++)); do
		kill_at $((RANDOM % 16 + 1)) "${@:2}" 2>/dev/null
		[ ! -s left ] || return 0
	done
	[ "$(median "$(cat times)")" -le $((200 + ${SANITIZER:+200} + 0)) ]
}

@test "the guardian has no name that a pkill of pq would find, with -f or without" {
	local guardian
	background pq "$forever" ::: 1
	wait_until holds_its_lifeline
	assert_equal "$(cat "/proc/$guardian/comm")" guardian
	assert_equal "$(tr '\0' ' ' <"/proc/$guardian/cmdline" | tr -d ' ')" guardian
}

@test "kill -9 of pq leaves no job behind, whenever it comes" {
	job endless 'exec 9>alive; echo >&9' 'exec cat "$forever.gate"'
	kill_often 15 ./endless
}

@test "kill -9 of pq leaves no job behind with -u" {
	job endless 'exec 9>alive; echo >&9' 'exec cat "$forever.gate"'
	kill_often 15 -u ./endless
}

@test "kill -9 of pq leaves nothing behind that its jobs have put into the background" {
	job endless 'exec 9>alive; "$forever" &' '"$forever" &' 'echo >&9' 'wait'
	kill_often 8 ./endless
}

@test "kill -9 of pq leaves no job behind that ignores every other signal" {
	job endless 'exec 9>alive' 'trap "" TERM HUP INT QUIT; echo >&9' \
		'exec cat "$forever.gate"'
	kill_often 4 ./endless
}

# --- retries --------------------------------------------------------------

@test "--retries N tries an item N times in all, then it has failed" {
	run pq -j1 --retries 3 'echo {} $PQ_ATTEMPT >>tried; exit {}' ::: 0 7
	assert_failure 123
	assert_equal "$(sort tried)" $'0 1\n7 1\n7 2\n7 3'
}

@test "an item that succeeds at last has not failed" {
	run pq --retries 5 'echo {} $PQ_ATTEMPT; [ $PQ_ATTEMPT = 4 ]' ::: a
	assert_success
	assert_output 'a 4'
}

@test "only the output of the last attempt is shown" {
	run pq -k -j4 --retries 3 'echo {} $PQ_ATTEMPT; echo e $PQ_ATTEMPT >&2; exit 1' ::: a b
	assert_failure 123
	assert_equal "$(grep -v '^pq: ' <<<"$output" | sort)" $'a 3\nb 3\ne 3\ne 3'
}

@test "PQ_ID is the same for all attempts on an item, and no other item's" {
	run pq -j4 --retries 4 'echo $PQ_ID >>ids; exit 1 {}' ::: a b c d e
	assert_failure 123
	assert_equal "$(sort ids | uniq -c | awk '{ print $1 }' | paste -sd' ')" '4 4 4 4 4'
	run pq -j4 'echo $PQ_ID >>other; : {}' ::: a b c d e
	assert_success
	assert_equal "$(cat ids other | sort -u | wc -l)" 10
}

@test "a job that is killed, or runs out of time, is tried again, too" {
	job killed 'echo >>killed.tried' 'kill -KILL $$'
	job late 'echo >>late.tried' 'exec "$forever"'
	local limit
	for limit in 0.2 2 20; do # they may be slow to come to their first word
		: >killed.tried
		: >late.tried
		run pq --retries 2 --timeout $limit --joblog log {} a ::: ./killed ./late
		assert_failure 123
		[[ $(cat killed.tried late.tried | wc -l) -lt 4 || $(column 8 log) != 9* ]] || break
	done
	assert_equal "$(wc -l <killed.tried) $(wc -l <late.tried)" '2 2'
	assert_equal "$(column 7 log)" '0 -1'
	assert_equal "$(column 8 log)" '9 15'
}

@test "a worker does something else while an item waits for another attempt" {
	# The one worker there is: were it bound to item 1, nobody would run item 2.
	run pq -j1 --retries 1000 --backoff 0.001 \
		'case {} in 1) echo >>tried; test -e done ;; 2) touch done ;; esac' ::: 1 2
	assert_success
	assert [ "$(wc -l <tried)" -lt 1000 ]
}

@test "a job log has one line for an item, and that is about its last attempt" {
	run pq -j1 --retries 3 --joblog log 'exit $((10 + PQ_ATTEMPT)) {}' ::: a
	assert_failure 123
	assert_equal "$(column 7 log)" 13
}

# --- --halt ---------------------------------------------------------------

# halted STATUS OUTPUT RULE ITEM...: jobs one after another that print their item and
# exit with it.
halted() {
	run --separate-stderr pq -j1 --halt "$3" 'echo {}; exit {}' ::: "${@:4}"
	assert_equal "$status" "$1"
	assert_output "${2// /$'\n'}"
}

@test "--halt never, the default, runs everything: status 123" {
	halted 123 '0 3 0 4' never 0 3 0 4
	halted 123 '0 3 0 4' 0 0 3 0 4
}

@test "--halt soon,fail=1 starts nothing after the first failure, whose status is pq's" {
	halted 3 '0 3' soon,fail=1 0 3 0 4
	halted 3 '0 3' now,fail=1 0 3 0 4
	halted 3 '0 3' 1 0 3 0 4
	halted 3 '0 3' 2 0 3 0 4
}

@test "--halt soon,fail=2 starts nothing after the second failure: status 124" {
	halted 124 '3 0 4' soon,fail=2 3 0 4 0 5
	halted 124 '3 0 4' now,fail=2 3 0 4 0 5
}

@test "--halt soon,fail=N is not reached by fewer failures: status 123" {
	halted 123 '3 0 4' soon,fail=3 3 0 4
}

@test "--halt soon,success=N starts nothing after N successes: found, and status 0" {
	halted 0 '3 0 0' soon,success=2 3 0 0 0
	halted 0 '3 0 0' now,success=2 3 0 0 0
	halted 123 '3 0 0' soon,success=3 3 0 0
}

@test "--halt soon,done=N starts nothing after N jobs: status 124" {
	halted 124 '3 0 0' soon,done=3 3 0 0 0 0
	halted 124 '3 0 0' now,done=3 3 0 0 0 0
}

@test "--halt soon,fail=N% is of all items where their number is known" {
	halted 124 '3 0 3' soon,fail=50% 3 0 3 0
	halted 124 '3 0 3' 50% 3 0 3 0
	halted 123 '3 0 3 0' soon,fail=51% 3 0 3 0
}

@test "--halt soon,success=N% and done=N% are of all items, too" {
	halted 0 '3 0 0' soon,success=50% 3 0 0 0
	halted 124 '3 0' soon,done=50% 3 0 0 0
}

@test "--halt soon,fail=N% is of the jobs done, from the tenth on, where it is not known" {
	run bash -c 'yes 1 | pq -j1 --joblog log --halt soon,fail=20% "exit {}"'
	assert_failure 124
	assert_equal "$(tail -n +2 log | wc -l)" 10
}

@test "--halt does not read all of the input: this one has no end" {
	run -124 --separate-stderr bash -c 'yes 0 | pq -j2 --halt soon,done=30 "exit {}"'
	assert_regex "$stderr" "^pq: ended by --halt after item [0-9]+ '0' exit 0; [0-9]+ stopped or \
not run, beside what was not read$"
}

@test "with fail=1 the status is 128 + n when the job died of signal n" {
	run -137 --separate-stderr pq --halt now,fail=1 sh -c 'kill -KILL $$' ::: 1
	only_message "item 1 '1': killed by SIGKILL" \
		"ended by --halt after item 1 '1' killed by SIGKILL; all that was read had been run"
}

@test "with fail=1 the status is not 0 when the job ran out of time" {
	run -143 --separate-stderr pq --halt now,fail=1 --timeout 0.2 "$forever" ::: 1
	assert_regex "$stderr" "^pq: item 1 '1': ended after [0-9.]+ s \(--timeout\)
pq: ended by --halt after item 1 '1' timeout; all that was read had been run$"
}

@test "--halt soon lets running jobs finish, and shows what they print" {
	gate go
	background pq -j2 --joblog log --halt soon,fail=1 \
		'case {} in 1) echo >began; read x <go; echo first ;;
		2) until [ -e began ]; do :; done; exit 9 ;; *) echo more ;; esac' ::: 1 2 3 4 >out
	wait_until has_lines log 2
	open_gate go
	ends 9
	assert_equal "$(cat out)" first
	assert_equal "$(column 7 log)" '0 9'
}

@test "--halt now ends running jobs, says so, and shows what they had printed" {
	run --separate-stderr pq -j2 --halt now,fail=1 \
		'case {} in 1) echo first; echo >began; "$forever" ;;
		2) until [ -e began ]; do :; done; echo second; exit 9 ;; *) echo more ;; esac' \
		::: 1 2 3 4
	assert_failure 9
	assert_equal "$(sort <<<"$output")" $'first\nsecond' # which of them first is open
	# shellcheck disable=SC2154 # run sets it
	only_message "item 1 '1': was ended: pq is stopping" \
		"ended by --halt after item 2 '2' exit 9; 3 stopped or not run"
	wait_until no_survivors "$forever"
}

@test "--halt now kills what ignores TERM" {
	job deaf "trap '' TERM" 'echo >began' '"$forever"' ':'
	run pq -j2 --term-seq TERM,200,KILL --halt now,success=1 \
		'case {} in 1) ./deaf ;; 2) until [ -e began ]; do :; done ;; esac' ::: 1 2
	assert_success
	wait_until no_survivors "$forever"
}

@test "--halt counts an item when its last attempt has failed" {
	run pq -k -j1 --retries 3 --halt now,fail=1 'echo {} $PQ_ATTEMPT; [ $PQ_ATTEMPT = 3 ]' ::: a b
	assert_success
	assert_output $'a 3\nb 3'
}

@test "an attempt that was never started took no time, whatever the one before took" {
	printf '#!/bin/sh\nsleep 0.1\nrm "$0"\nexit 1\n' >job # a job
	chmod +x job
	run pq --retries 2 --joblog log ./job ::: a
	assert_failure 123
	assert_equal "$(sed -n 2p log | cut -f 7)" 127
	assert_equal "$(sed -n 2p log | cut -f 4 | tr -d ' ')" 0.000
}
