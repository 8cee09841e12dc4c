# Signals without a terminal: what each of them does to pq and to its jobs, and how
# pq ends. With one: terminal.bats.

load helper
load faults/faults

setup() {
	cd "$BATS_TEST_TMPDIR"
	env --default-signal=INT true 2>/dev/null || skip 'env of coreutils 8.31 is needed'
	gate go
}

# job NAME LINE...: a shell script to be run by name.
job() {
	printf '%s\n' '#!/bin/sh' "${@:2}" >"$1"
	chmod +x "$1"
}

# start OPTION... COMMAND: pq beside the test, with the dispositions of an interactive
# shell (a script's background commands ignore SIGINT); $pq is its pid.
start() {
	background env --default-signal pq "$@" >out 2>err
	pq=$!
}

# ends STATUS: pq does, with this status.
ends() {
	local status=0
	wait "$pq" || status=$?
	assert_equal "$status" "$1"
}

# have_begun N: so many jobs have, and read by now: a shell that is sent a signal just before
# that comes to its trap only when it has read. For wait_until.
have_begun() {
	has_lines began "$1" && steady "$pq"
}

# says TEXT: is that in what pq has said? For wait_until.
says() {
	grep -qF -- "$1" err
}

# state PID: what `ps` calls it, a letter.
state() {
	ps -o stat= -p "$1" | cut -c1
}

is_stopped() {
	[ "$(state "$1")" = T ]
}

goes_on() {
	[ -n "$(state "$1")" ] && ! is_stopped "$1"
}

# milliseconds of a clock that is never set.
now() {
	awk '{ printf "%d\n", $1 * 1000 }' /proc/uptime
}

# within MS COMMAND...: it takes no longer, in one of five rounds: a busy machine may be
# slow. Whatever it asserts has to hold in each.
within() {
	local most=$(($1 * (${SANITIZER:+3} + 2))) round begun took
	shift
	for round in 1 2 3 4 5; do
		begun=$(now)
		"$@"
		took=$(($(now) - begun))
		((took >= most)) || return 0
	done
	fail "never within $most ms, the last time $took: $*"
}

# --- where something has to be waited for ----------------------------------

@test "a signal ends pq while it opens a FIFO, whichever option it is given to" {
	local options
	mkfifo fifo
	for options in '-o fifo echo' '--joblog fifo echo' '-f fifo' '--retry-failed --joblog fifo'; do
		# shellcheck disable=SC2086 # they are words
		start $options
		wait_until steady "$pq"
		kill -INT "$pq"
		ends 130
	done
}

# nobody_reads REDIRECTIONS OPTION... COMMAND: pq with its outputs so at a pipe, `stands`, that
# is full and stays so, a job that has met it, and more to come.
nobody_reads() {
	local hold
	mkfifo stands
	exec {hold}<>stands
	background env --default-signal bash -c "exec pq \"\$@\" $1" bash "${@:2}"
	pq=$!
	wait_until steady "$pq"
}

@test "where nobody reads stderr a first signal ends the jobs and pq, however it stands" {
	nobody_reads '2>stands' -j2 --drain 0 --term-seq TERM,100,KILL 'seq 100000 >&2; : {}' ::: 1 2 3
	kill -TERM "$pq"
	ends 143
}

@test "where nobody reads either output a second signal ends pq at once" {
	nobody_reads '>stands 2>&1' -j2 --term-seq TERM,600000,KILL \
		'trap "" INT; seq 100000; seq 100000 >&2; : {}' ::: 1 2 3
	kill -INT "$pq"
	wait_until heard "$pq" # it is about to say so, and cannot
	kill -INT "$pq"
	ends 130
}

@test "where nobody reads the last words of pq, a signal ends it all the same" {
	nobody_reads '2>stands' --halt soon,done=1 --summary 'seq 100000 >&2; : {}' ::: 1 2 2>&1
	kill -INT "$pq"
	ends 130
}

# --- SIGINT ---------------------------------------------------------------

@test "SIGINT: jobs get it, no new ones are started, and pq dies of it" {
	job listener 'trap "echo INT >>heard; exit" INT' 'echo $1 >>began' \
		'while :; do read x <go; done'
	start -j2 --term-seq TERM,60000,KILL ./listener ::: 1 2 3 4
	wait_until have_begun 2
	kill -INT "$pq"
	ends 130
	assert_equal "$(cat heard)" $'INT\nINT'
	assert_equal "$(sort began)" $'1\n2'
	assert_equal "$(cat err)" 'pq: SIGINT: no new jobs; passed on to 2 running, which end '\
'or are killed (once more: killed now)'
}

@test "SIGINT and SIGTERM while nothing runs: no word of jobs that end" {
	local name
	for name in INT TERM; do
		gate "input$name"
		rm -f out
		start 'echo {}' <"$BATS_TEST_TMPDIR/input$name"
		open_gate "input$name" 1
		wait_until has_lines out 1
		kill -"$name" "$pq"
		ends $((128 + $(kill -l "$name")))
		assert_equal "$(cat err)" "pq: SIG$name: no new jobs, and none is running"
	done
}

@test "SIGINT: a job that ignores it is killed after the waits of --term-seq" {
	job deaf 'trap "" INT TERM' 'echo >>began' 'while :; do read x <go; done'
	start -j2 --term-seq TERM,300,KILL ./deaf ::: 1 2
	wait_until has_lines began 2
	kill -INT "$pq"
	ends 130
	wait_until no_survivors "$BATS_TEST_TMPDIR/deaf"
}

@test "a second SIGINT kills what the first did not end" {
	job deaf 'trap "echo >>heard" INT' 'echo >>began' 'while :; do read x <go; done'
	start -j2 --term-seq TERM,600000,KILL ./deaf ::: 1 2
	wait_until have_begun 2
	kill -INT "$pq"
	wait_until has_lines heard 2
	kill -INT "$pq"
	ends 130
	wait_until no_survivors "$BATS_TEST_TMPDIR/deaf"
}

@test "SIGINT: what the ended jobs had printed is shown, and they are named" {
	start -j1 'echo {}; if [ {} = 2 ]; then echo two >&2; echo >began; read x <go; fi' ::: 1 2 3
	wait_until test -e began
	kill -INT "$pq"
	ends 130
	assert_equal "$(cat out)" $'1\n2'
	assert_equal "$(tail -n +2 err)" $'pq: item 2 \'2\': was ended: pq is stopping\ntwo'
}

@test "what jobs had printed that are ended is in the objects and the results, too" {
	start -j1 --json 'echo {}; echo >>began; read x <go' ::: 1 2
	wait_until test -e began
	kill -INT "$pq"
	ends 130
	assert_equal "$(wc -l <out)" 1
	assert_equal "$(grep -o '"signal".*' out | sed 's/"start.*"stdout/"stdout/')" \
		'"signal":2,"ended":true,"stdout":"1\n","stderr":""}'
	rm began
	start -j1 --results r/ 'echo {}; echo >>began; read x <go' ::: 1 2
	wait_until test -e began
	kill -TERM "$pq"
	wait_until heard "$pq"
	kill -TERM "$pq"
	ends 143
	assert_equal "$(cat r/1/1/stdout)" 1
	assert_not_exist r/1/2
}

@test "a job that was told to end is not done, even if it then ends with 0" {
	job trap_it 'trap "exit 0" TERM' 'echo >>began' 'while :; do read x <go; done'
	start -j2 --drain 0 --joblog log ./trap_it ::: 1 2
	wait_until has_lines began 2
	kill -TERM "$pq"
	ends 143
	assert_equal "$(wc -l <log)" 1
}

@test "SIGINT is answered within 0.1 s, five times in the middle of ten" {
	unsanitized 'it takes its time'
	once_within '100 100 300 900' five_of_ten_are_in_time || fail "$(paste times plain)"
}

# five_of_ten_are_in_time MS: a tenth of a second is for a machine with nothing else to do, and
# a busy one is given more. What a shell needs to end four such jobs at the same time comes on
# top, three times.
five_of_ten_are_in_time() {
	local round sent
	rm -f times plain
	for round in $(seq 10); do
		rm -f began
		start -j4 "echo >>began; read x <go; : {}" ::: 1 2 3 4
		wait_until has_lines began 4 || return
		sent=$(now)
		kill -INT "$pq"
		ends 130 || return
		echo $(($(now) - sent)) >>times
		time_of_plain_ending >>plain || return
	done
	[ "$(middle times)" -le $(($1 + 3 * $(middle plain))) ]
}

middle() {
	sort -n "$1" | sed -n 5p
}

time_of_plain_ending() {
	local sent job jobs=()
	rm -f began
	for job in 1 2 3 4; do
		sh -c 'echo >>began; read x <go' 3>&- &
		jobs+=($!)
	done
	wait_until has_lines began 4 || return
	sent=$(now)
	kill "${jobs[@]}"
	wait "${jobs[@]}" || :
	echo $(($(now) - sent))
}

@test "SIGINT while pq waits for input ends it at once" {
	start cat <go
	wait_until caught "$pq"
	kill -INT "$pq"
	ends 130
}

# caught PID: is it pq, and has it come so far as to wait for signals? For wait_until.
caught() {
	[ "$(grep -cE '^(Name:.pq$|SigBlk:.*[1-9a-f])' "/proc/$1/status")" -eq 2 ]
}

@test "a signal that was ignored when pq was started is no concern of it" {
	local sig
	for sig in INT HUP TERM QUIT; do
		rm -f began
		background env --ignore-signal="$sig" pq -j1 \
			'echo >>began; [ {} != 1 ] || read x <go' ::: $(seq 100) >out 2>err
		pq=$!
		wait_until test -e began
		kill "-$sig" "$pq"
		kill "-$sig" "$pq"
		open_gate go 1
		ends 0
		assert_equal "$(wc -l <began)" 100
		assert_equal "$(cat err)" ''
	done
}

@test "nohup pq does not hear SIGHUP" {
	background nohup pq -j1 'echo >>began; [ {} != 1 ] || read x <go' ::: $(seq 100) >out 2>err
	pq=$!
	wait_until test -e began
	kill -HUP "$pq"
	open_gate go 1
	ends 0
	assert_equal "$(wc -l <began)" 100
}

# --- SIGTERM, SIGHUP, SIGQUIT ---------------------------------------------

@test "SIGTERM: running jobs may finish, no new ones are started, and pq dies of it" {
	start -j2 'echo {} >>began; read x <go; echo {}' ::: 1 2 3 4
	wait_until has_lines began 2
	kill -TERM "$pq"
	wait_until says 'SIGTERM'
	open_gate go
	ends 143
	assert_equal "$(sort out)" $'1\n2'
	assert_equal "$(sort began)" $'1\n2'
	assert_equal "$(cat err)" 'pq: SIGTERM: no new jobs; 2 running may finish within 8 s'
}

# waits_to_be_born OPTION...: the first job reads from go, and the second one has been taken by
# its worker, but finds no process as long as there is a file `full`.
waits_to_be_born() {
	unsanitized 'nothing can be preloaded into it'
	build_fault births
	mkfifo items
	exec {gate}<>items
	REFUSE_WHILE=full LD_PRELOAD=$fault start -t -j2 "$@" \
		'if [ {} = 1 ]; then : >full; read x <go; exit $x; fi; echo {} >began' <items
	echo 1 >&"$gate"
	wait_until test -e full
	echo 2 >&"$gate"
	wait_until grep -q ' 2 = 1 ' err
}

@test "SIGTERM: no job is started that was waiting for a process" {
	waits_to_be_born
	kill -TERM "$pq"
	wait_until says 'SIGTERM: no new jobs; 1 running may finish within 8 s'
	rm full
	echo 0 >go
	ends 143
	refute [ -e began ]
}

@test "--halt soon: no job is started that was waiting for a process" {
	waits_to_be_born --halt soon,fail=1
	echo 7 >go
	ends 7
	refute [ -e began ]
	assert_regex "$(cat err)" "ended by --halt after item 1 '1' exit 7; 1 stopped or not run"
}

@test "SIGHUP does as SIGTERM" {
	start -j2 'echo {} >>began; read x <go; echo {}' ::: 1 2 3 4
	wait_until has_lines began 2
	kill -HUP "$pq"
	wait_until says 'SIGHUP: no new jobs; 2 running may finish within 8 s'
	open_gate go
	ends 129
	assert_equal "$(sort out)" $'1\n2'
}

@test "SIGTERM: what is still running after --drain is ended" {
	job listener 'trap "echo TERM >>heard; exit" TERM' 'echo >>began' \
		'while :; do read x <go; done'
	start -j2 --drain 0.3 --term-seq TERM,60000,KILL ./listener ::: 1 2 3
	wait_until have_begun 2
	kill -TERM "$pq"
	ends 143
	assert_equal "$(cat heard)" $'TERM\nTERM'
	assert_equal "$(cat err)" 'pq: SIGTERM: no new jobs; 2 running may finish within 0.3 s
pq: the jobs still running are ended (--drain)'
}

# has_total N: has the progress come to know it? For wait_until.
has_total() {
	grep -q "\"total\":$1[,}]" err
}

@test "SIGTERM: what is never run is no reason for --halt" {
	job listener 'echo >>began; [ $1 != a ] || exit 1; read x <go; echo "$1" >>ended'
	mkfifo items
	exec {items}<>items
	start -j1 --drain 600 --halt now,fail=30% --progress=json ./listener \
		<items {items}>&-
	printf '%s\n' a b c >&"$items"
	wait_until has_lines began 2
	exec {items}>&-
	wait_until has_total 3
	kill -TERM "$pq"
	wait_until says 'may finish within 600 s'
	open_gate go 1
	ends 143
	assert_equal "$(cat ended)" b
}

@test "--drain 0 ends running jobs at once" {
	job listener 'trap "echo TERM >>heard; exit" TERM' 'echo >>began' \
		'while :; do read x <go; done'
	start --drain 0 --term-seq TERM,60000,KILL ./listener ::: 1
	wait_until have_begun 1
	kill -TERM "$pq"
	ends 143
	assert_equal "$(cat heard)" TERM
}

@test "a second SIGTERM ends running jobs at once" {
	job listener 'trap "echo TERM >>heard; exit" TERM' 'echo >>began' \
		'while :; do read x <go; done'
	start --drain 600 --term-seq TERM,60000,KILL ./listener ::: 1
	wait_until have_begun 1
	kill -TERM "$pq"
	wait_until says 'may finish within 600 s'
	kill -TERM "$pq"
	ends 143
	assert_equal "$(cat heard)" TERM
}

@test "SIGINT during the drain kills running jobs" {
	job deaf 'trap "" INT TERM' 'echo >>began' 'while :; do read x <go; done'
	start --drain 600 --term-seq TERM,600000,KILL ./deaf ::: 1
	wait_until has_lines began 1
	kill -TERM "$pq"
	wait_until says 'may finish within 600 s'
	kill -INT "$pq"
	ends 143
	wait_until no_survivors "$BATS_TEST_TMPDIR/deaf"
}

@test "SIGQUIT kills running jobs at once, and pq dies of it without a core file" {
	job deaf 'trap "" INT TERM QUIT' 'echo >>began' 'while :; do read x <go; done'
	ulimit -c unlimited 2>/dev/null || true
	start -j2 --term-seq TERM,600000,KILL ./deaf ::: 1 2 3
	wait_until has_lines began 2
	kill -QUIT "$pq"
	ends 131
	wait_until no_survivors "$BATS_TEST_TMPDIR/deaf"
	run ls
	refute_output --partial core
}

@test "pq dies of the signal itself: its parent sees no exit status" {
	job commits_suicide 'exec pq --drain 0 sh -c "kill -$1 \$PPID; read x <go" sh ::: 1'
	run pq -j1 --joblog log env --default-signal ./commits_suicide ::: INT TERM HUP QUIT
	assert_failure 123
	assert_equal "$(tail -n +2 log | sort -n | cut -f7,8 | paste -sd,)" $'0\t2,0\t15,0\t1,0\t3'
}

# --- SIGPIPE --------------------------------------------------------------

# head_1 OPTION...: an endless run whose output nobody reads after the first line.
head_1() {
	yes | { status=0; pq -j4 "$@" 2>err || status=$?; echo "$status" >status; } | head -1 >out
	assert_equal "$(cat status)" 141
	assert_equal "$(cat out)" y
	assert_equal "$(cat err)" ''
}

@test "yes | pq echo | head -1 ends within a second, silent" {
	within 1000 head_1 echo
}

@test "yes | pq ... | head -1 ends within a second with -k, -u and --line-buffer, too" {
	within 1000 head_1 -k echo
	within 1000 head_1 -u echo
	within 1000 head_1 --line-buffer echo
}

@test "| head -1 ends a job that prints for ever, within a second" {
	within 1000 head_1_of_yes -k
	within 1000 head_1_of_yes --line-buffer
}

head_1_of_yes() {
	pq "$1" yes ::: y y 2>err | head -1 >out
	assert_equal "$(cat out) $(cat err)" 'y '
}

@test "with -u a job that prints nothing more ends, too, when nobody reads its output" {
	within 2000 head_1_of_silence
	wait_until no_survivors "cat $PWD/go"
}

head_1_of_silence() {
	pq -u sh -c 'echo $1; exec cat "$0"' "$PWD/go" ::: y 2>err | head -1 >out
	assert_equal "$(cat out) $(cat err)" 'y '
}

# --- how many at once -----------------------------------------------------

# Jobs that write b when they begin and e when they end, and wait at the gate.
counting='echo b >>count; read x <go; echo e >>count; : {}'

running_is() {
	[ "$(awk '/b/ { n++ } /e/ { n-- } END { print n + 0 }' count 2>/dev/null)" = "$1" ]
}

# heard PID: has it taken all signals that were sent? Two of a kind are one until then. That a
# child has ended it need not take.
heard() {
	local pending
	pending=$(awk '$1 == "ShdPnd:" { print $2 }' "/proc/$1/status")
	((!(0x${pending:-0} & ~(1 << ($(kill -l CHLD) - 1)))))
}

# most_after LINES: how many ran at once, at most, after so many lines of `count`.
most_after() {
	awk -v from="$1" '/b/ { n++ } /e/ { n-- } NR > from && n > most { most = n }
		END { print most }' count
}

@test "SIGUSR1: one job more at a time" {
	start -j1 "$counting" ::: $(seq 20)
	wait_until running_is 1
	kill -USR1 "$pq"
	wait_until running_is 2
	kill -USR1 "$pq"
	wait_until running_is 3
	open_gate go
	ends 0
	assert [ "$(most_after 0)" -eq 3 ]
	assert_equal "$(grep -c b count)" 20
}

@test "SIGUSR2: one job fewer at a time" {
	start -j4 -Q8 "$counting" ::: $(seq 100)
	wait_until running_is 4
	kill -USR2 "$pq"
	wait_until heard "$pq"
	kill -USR2 "$pq"
	wait_until heard "$pq"
	wait_until steady "$pq"
	open_gate go 10
	wait_until running_is 2
	open_gate go
	ends 0
	assert [ "$(most_after 0)" -eq 4 ]
	assert [ "$(most_after 100)" -le 2 ]
	assert_equal "$(grep -c b count)" 100
}

@test "SIGUSR2 leaves one job running" {
	start -j1 "$counting" ::: $(seq 5)
	wait_until running_is 1
	kill -USR2 "$pq"
	open_gate go
	ends 0
	assert_equal "$(grep -c b count)" 5
}

@test "-j FILE is read again when a job ends" {
	echo 1 >workers
	start -j workers -Q8 "$counting" ::: $(seq 100)
	wait_until running_is 1
	echo 3 >workers
	open_gate go 1
	wait_until running_is 3
	echo 1 >workers
	open_gate go
	ends 0
	assert [ "$(most_after 0)" -eq 3 ]
	# By then it has been read: with -Q8 no more than 8 items are under way.
	assert [ "$(most_after 100)" -eq 1 ]
	assert_equal "$(grep -c b count)" 100
}

@test "-j FILE: without a number, or without a file, nothing is started" {
	echo many >workers
	run -2 pq -j workers echo ::: a
	assert_output "pq: -j workers: this file has no number of jobs in its first line; try -j 8, or \
a file that has a number"
	run -2 pq -j all echo ::: a
	assert_output "pq: -j all: no number of jobs, and no file: No such file or directory; \
try 8, +2, -1, 50% or 0"
}

@test "-j FILE: what is no number leaves things as they are" {
	echo 2 >workers
	start -j ./workers "$counting" ::: $(seq 8)
	wait_until running_is 2
	echo many >workers
	open_gate go
	ends 0
	assert [ "$(most_after 0)" -eq 2 ]
	assert_equal "$(grep -c b count)" 8
	# It is told once, not after each job.
	assert_equal "$(cat err)" "pq: -j ./workers: this file has no number of jobs in its first \
line; the number of jobs stays as it is"
}

@test "-j FILE: what is no regular file is not opened, and nobody waits for it" {
	local file
	mkfifo fifo
	: >empty
	for file in ./fifo ./. /dev/null; do
		run -2 timeout 300 pq -j "$file" echo ::: 1
		assert_output "pq: -j $file: this file is no regular file; try -j 8, or a file that \
has a number"
	done
	run -2 pq -j ./empty echo ::: 1
	assert_output 'pq: -j ./empty: this file is empty; try -j 8, or a file that has a number'
}

@test "-j FILE that becomes a FIFO: the run goes on with the number it had" {
	echo 2 >workers
	start -j ./workers "$counting" ::: $(seq 8)
	wait_until running_is 2
	rm workers
	mkfifo workers
	open_gate go
	ends 0
	assert [ "$(most_after 0)" -eq 2 ]
	assert_equal "$(cat err)" "pq: -j ./workers: this file is no regular file; the number of jobs \
stays as it is"
}

@test "-j FILE: nothing is said of an empty one, which somebody is about to write" {
	echo 2 >workers
	start -j ./workers "$counting" ::: $(seq 8)
	wait_until running_is 2
	: >workers
	open_gate go
	ends 0
	assert_equal "$(grep -c b count)" 8
	assert_equal "$(cat err)" ''
}

@test "-j FILE with pause in it: what runs is finished, and nothing is started until it says so" {
	echo 2 >workers
	start -j ./workers "$counting" ::: $(seq 8)
	wait_until running_is 2
	echo pause >workers
	open_gate go 2
	wait_until says 'nothing is started while ./workers says pause (-j); waiting'
	assert_equal "$(cat count)" $'b\nb\ne\ne'
	echo 3 >workers
	wait_until running_is 3
	open_gate go
	ends 0
	assert_equal "$(grep -c b count)" 8
	assert_equal "$(wc -l <err)" 1
}

@test "-j FILE: a run may begin with a pause, also called 0, and is ended in it by Ctrl-C" {
	local word
	for word in pause 0; do
		echo "$word" >workers
		start -j ./workers --joblog log touch ::: begun
		wait_until says 'nothing is started while'
		kill -INT "$pq"
		ends 130
		assert [ ! -e begun ]
	done
}

@test "-j FILE: a pause does not hold up --dry-run, which starts nothing" {
	echo pause >workers
	run -0 --separate-stderr pq -k --dry-run -j ./workers true ::: 1 2
	assert_output $'true 1\ntrue 2'
	assert_equal "$stderr" ''
}

@test "-j FILE: who reads the progress sees the pause" {
	echo pause >workers
	start -j ./workers --progress=json sh -c 'echo {}' ::: 1 2 3
	wait_until says '"held":"pause"'
	echo 1 >workers
	ends 0
	assert_equal "$(cat out)" $'1\n2\n3'
}

@test "-j FILE: SIGUSR1 in a pause changes the number, and not the pause" {
	echo pause >workers
	start -j ./workers "$counting" ::: $(seq 4)
	wait_until says 'nothing is started while'
	kill -USR1 "$pq"
	wait_until heard "$pq"
	assert [ ! -e count ]
	echo 4 >workers
	wait_until running_is 4
	open_gate go
	ends 0
}

@test "-j FILE: in a pause a file that is gone, or no number, leaves it at that" {
	echo pause >workers
	start -j ./workers "$counting" ::: $(seq 2)
	wait_until says 'nothing is started while'
	rm workers
	wait_until says 'the number of jobs stays as it is'
	assert [ ! -e count ]
	echo 2 >workers
	wait_until running_is 2
	open_gate go
	ends 0
}

# --- SIGTSTP and SIGCONT --------------------------------------------------

# start_job OPTION... COMMAND: as start, in a process group of its own ($group) that can
# be stopped: timeout makes it, and waits for pq whether it is stopped or not.
start_job() {
	background env --default-signal timeout 300 pq "$@" >out 2>err
	group=$!
	wait_until has_child "$group"
	pq=$(ps -o pid= --ppid "$group" | tr -d ' ')
}

has_child() {
	[ -n "$(ps -o pid= --ppid "$1")" ]
}

job_ends() {
	local status=0
	wait "$group" || status=$?
	assert_equal "$status" "$1"
}

@test "SIGTSTP stops the jobs with pq, and SIGCONT lets all go on" {
	start_job -j2 'echo $$ >>began; read x <go; : {}' ::: 1 2
	wait_until has_lines began 2
	kill -TSTP "$pq"
	wait_until is_stopped "$pq"
	wait_until is_stopped "$(sed -n 1p began)"
	wait_until is_stopped "$(sed -n 2p began)"
	kill -CONT "$pq"
	wait_until goes_on "$pq"
	wait_until goes_on "$(sed -n 1p began)"
	wait_until goes_on "$(sed -n 2p began)"
	open_gate go
	job_ends 0
}

@test "while pq is stopped the clocks of --timeout stand still" {
	once_within '600 600 2000 6000' clock_stands_still || fail "$(cat log)"
}

# clock_stands_still MS: it has to be stopped before the time is up, and its job to end before
# the rest of it is.
clock_stands_still() {
	local resume_at
	rm -f go began
	gate go
	start_job --timeout "$1ms" --joblog log 'echo $$ >>began; read x <go; : {}' ::: 1
	wait_until has_lines began 1 || return
	kill -TSTP "$pq"
	wait_until stopped_or_gone "$pq" || return
	resume_at=$(($(now) + $1 + 400))
	wait_until passed "$resume_at" || return
	kill -CONT "$pq"
	open_gate go
	job_ends 0 && [ "$(awk -F'\t' 'NR > 1 { printf "%d", $4 * 1000 }' log)" -lt "$1" ]
}

stopped_or_gone() {
	is_stopped "$1" || gone "$1"
}

passed() {
	[ "$(now)" -ge "$1" ]
}

@test "Ctrl-Z in a hurry: 400 stops and as many starts, and every item is done" {
	seq 4000 >items
	start_job -j4 -a items true
	hammer 400
	job_ends 0
	assert_equal "$(cat err)" ''
}

# hammer N: stop pq's group and let it go on, at once and N times over.
hammer() {
	local i
	for ((i = 0; i < $1; i++)); do
		kill -TSTP "-$group" 2>/dev/null || return 0
		kill -CONT "-$group" 2>/dev/null || return 0
	done
}

@test "Ctrl-Z that the shell waits for: 40 times, and every item is done" {
	local i
	seq 100000 >items
	start_job -j4 --joblog log -a items true
	for i in $(seq 40); do
		kill -TSTP "-$group"
		wait_until is_stopped "$pq"
		kill -CONT "-$group"
	done
	kill -INT "$pq"
	job_ends 130
	assert_equal "$(tail -n +2 log | awk '$7 || $8' | wc -l)" 0
}

@test "a SIGCONT that comes while pq is about to stop is not lost" {
	unsanitized 'strace and sanitizers do not get along'
	strace -f -e trace=none true 2>/dev/null || skip 'strace is missing, or not permitted'
	# pq is late after each look for signals, so the next one comes in between.
	background timeout 300 strace -f -o trace -e trace=rt_sigtimedwait,rt_sigpending \
		-e inject=rt_sigtimedwait,rt_sigpending:delay_exit=200000 \
		"$PQ" 'echo "$PPID" >pid; mv pid began; read x <go; : {}' ::: 1
	wait_until test -e began
	pq=$(cat began)
	kill -TSTP "$pq"
	wait_until grep -q "^$pq .*rt_sigpending" trace
	kill -CONT "$pq"
	open_gate go
	wait "${backgrounded[-1]}"
}

@test "Ctrl-Z just as a job is born: it is stopped with the others" {
	unsanitized 'strace and sanitizers do not get along'
	strace -f -b execve -e trace=none true 2>/dev/null || skip 'no strace, or not permitted'
	# The job runs, and pq has not heard of it yet.
	background timeout 300 strace -f -b execve -o trace -e trace=clone \
		-e inject=clone:delay_exit=150000 \
		"$PQ" 'echo $$ $PPID >born; mv born began; read x <go; : {}' ::: 1
	wait_until test -e began
	read -r job pq <began
	kill -TSTP "$pq"
	wait_until is_stopped "$job"
	kill -CONT "$pq"
	open_gate go
	wait "${backgrounded[-1]}"
}

@test "SIGTERM just as a job is born: it is one of those that run" {
	unsanitized 'strace and sanitizers do not get along'
	strace -f -b execve -e trace=none true 2>/dev/null || skip 'no strace, or not permitted'
	background timeout 300 strace -f -b execve -o trace -e trace=clone \
		-e inject=clone:delay_exit=300000 \
		"$PQ" 'echo $PPID >born; mv born began; read x <go; : {}' ::: 1 2>err
	wait_until test -e began
	pq=$(cat began)
	kill -TERM "$pq"
	wait_until says SIGTERM
	assert_equal "$(cat err)" 'pq: SIGTERM: no new jobs; 1 running may finish within 8 s'
	open_gate go
	wait "${backgrounded[-1]}" || :
}

# --- the first process of a container -------------------------------------

containers_or_skip() {
	unshare -pf --mount-proc true 2>/dev/null || skip 'unshare is missing, or not permitted'
}

@test "as the first process of a container pq passes its status on" {
	containers_or_skip
	run --separate-stderr unshare -pf --mount-proc pq -k 'echo {}; exit {}' ::: 0 3 0
	assert_failure 123
	assert_output $'0\n3\n0'
	run unshare -pf --mount-proc pq -k echo ::: a b
	assert_success
	assert_output $'a\nb'
	run -127 unshare -pf --mount-proc pq no-such-command ::: a
	assert_output "pq: 'no-such-command': command not found"
}

@test "as the first process of a container pq ends on SIGTERM: status 143" {
	containers_or_skip
	background unshare -pf --mount-proc pq 'echo >>began; read x <go; echo {}' ::: 1 2 >out 2>err
	pq=$!
	wait_until test -e began
	kill -TERM "$(ps -o pid= --ppid "$pq" | tr -d ' ')"
	wait_until says SIGTERM
	open_gate go
	ends 143
}

@test "as the first process of a container pq leaves no zombies of its jobs' children" {
	containers_or_skip
	job orphans '(sh -c "exit 0" &)' '(sh -c "exit 3" &)'
	# The last job looks until there is none, and would never end.
	job look 'until ps -eo stat=,comm= >all; ! grep -q ^Z all; do :; done; cat all'
	run unshare -pf --mount-proc pq -j1 {} ::: ./orphans ./orphans ./orphans ./look
	assert_success
	assert_line --regexp ' pq$'
	refute_output --partial defunct
}
