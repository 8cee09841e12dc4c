# Under the name sem, or behind --gnu with --semaphore: one command, when it gets a slot.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	mkdir bin
	ln -s "$PQ" bin/sem
	PATH=$PWD/bin:$PATH
	export PARALLEL_HOME=$PWD
	semaphores=$PWD/pq-semaphores
}

# hold NAME ARGUMENT...: a sem that has got its slot, and waits at its gate, NAME; its pid is in
# $!. `echo` it to have it go on: open_gate NAME.
hold() {
	gate "$1"
	background sem --fg "${@:2}" "echo $1 >>log; read -r x <$1"
	wait_until grep -qsx "$1" log
}

# in_line N: so many sems wait for locks of theirs. For wait_until.
in_line() {
	local file
	[ -e /proc/locks ] || skip 'this system does not show locks'
	file=$(stat -c '%i' "$semaphores"/* | paste -sd '|')
	[ "$(grep -cE -- "-> .*:($file) " /proc/locks)" -eq "$1" ]
}

# nothing_left: no semaphore, and none that could have been left. For wait_until.
nothing_left() {
	[ -z "$(ls -A "$semaphores")" ]
}

# full ARGUMENT...: no slot is free for a sem with these.
full() {
	run --separate-stderr -1 sem --st -0.01 --fg "$@" 'echo ran >>log'
	refute_output
	tells 'no slot in 0.01 s; giving up'
}

# --- slots ------------------------------------------------------------------

@test "one command runs at a time, and the next one when it has ended" {
	hold first --id x
	background sem --fg --id x 'echo second >>log'
	wait_until in_line 1
	assert_equal "$(cat log)" first
	open_gate first
	wait $!
	assert_equal "$(cat log)" $'first\nsecond'
	wait_until nothing_left
}

@test "those in line get their slots in the order in which they came" {
	local i
	hold first --id x
	for i in 1 2 3 4 5; do
		background sem --fg --id x "echo $i >>log"
		wait_until in_line "$i"
	done
	open_gate first
	wait "${backgrounded[@]}"
	assert_equal "$(paste -sd ' ' log)" 'first 1 2 3 4 5'
}

@test "sem is gone when its command has a slot, and what that prints comes whole" {
	gate go
	sem --id x 'echo one; echo >printed; read -r x <go; echo two; exit 7' >out 3>&-
	wait_until test -e printed
	assert_equal "$(cat out)" ''
	open_gate go
	run -0 sem --wait --id x
	assert_equal "$(cat out)" $'one\ntwo'
}

@test "with --fg it stays until the command has ended, and has its status" {
	run -0 sem --fg --id x echo done
	assert_output 'done'
	run -7 sem --fg --id x 'echo some; exit 7'
	assert_output some
	run -137 --separate-stderr sem --fg --id x 'kill -KILL $$'
	run -127 --separate-stderr sem --fg --id x ./nonesuch
	wait_until nothing_left
}

@test "-j N lets N commands run, each as many as it says itself" {
	hold one --id x -j2
	hold two --id x -j2
	full --id x -j2
	run -0 sem --fg --id x -j3 echo third
	assert_output third
	full --id x
	open_gate one
	wait "${backgrounded[0]}"
	run -0 sem --fg --id x -j2 echo free
	assert_output free
	full --id x -j 1 # alone
	open_gate two
	wait $!
	run -0 sem --fg --id x echo alone
}

@test "who wants to be alone waits for all, whatever they had said" {
	hold one --id x -j2
	hold two --id x -j2
	background sem --fg --id x 'echo alone >>log'
	wait_until in_line 1
	open_gate two
	wait "${backgrounded[1]}"
	wait_until in_line 1
	open_gate one
	wait $!
	assert_equal "$(paste -sd ' ' log)" 'one two alone'
}

@test "-j FILE is read again by who waits" {
	echo 1 >jobs
	hold one --id x
	background sem --fg -j ./jobs --id x 'echo second >>log'
	wait_until in_line 1
	echo 2 >jobs
	wait $!
	assert_equal "$(cat log)" $'one\nsecond'
}

@test "many that count up one after the other lose none" {
	local i
	printf '%s\n' '#!/bin/sh' 'read -r n <n' 'echo $((n + 1)) >n' >count
	chmod +x count
	echo 0 >n
	for i in {1..40}; do
		background sem --id x ./count
	done
	wait "${backgrounded[@]}"
	run -0 sem --wait --id x
	assert_equal "$(cat n)" 40
	wait_until nothing_left
}

# --- names ------------------------------------------------------------------

@test "semaphores of two names know nothing of each other" {
	hold one --id x
	run -0 sem --fg --id y echo other
	run -0 sem --wait --id y
	full --id x
}

@test "a name may hold anything" {
	local name long
	printf -v long '%0300d' 0
	for name in a/b ../../escaped '' . .. $'new\nline' 'ü *' "${long}1"; do
		hold "gate${#gates[@]}" --id "$name"
		full --id "$name"
	done
	run -0 sem --fg --id "${long}2" echo another
	assert_not_exists ../escaped
	[ "$(find "$semaphores" -mindepth 1 -type f | wc -l)" -eq 8 ]
}

@test "without a name it is that of the terminal, as tty says it" {
	hold one --id 'not a tty'
	full
	run -0 sem --fg --id x echo another
}

@test "at a terminal, which the command does not read, its name is that of the semaphore" {
	command -v script >/dev/null || skip 'script is not installed'
	run -0 script -qec "sem -u --fg 'ls pq-semaphores; cat; tty <&1'" /dev/null
	output=${output//$'\r'}
	assert_output --regexp '^id-%2Fdev%2F'
	assert_equal "${output%%$'\n'*}" "id-$(sed '1d; s|/|%2F|g' <<<"$output")"
	run -0 script -qec "sem --fg --tty -j2 --id x 'test -t 0 && echo read'" /dev/null
	assert_output read$'\r'
}

# --- waiting for all ----------------------------------------------------------

@test "--wait waits for those that run and for those in line" {
	hold one --id x -j2
	hold two --id x -j2
	background sem --fg --id x -j2 'echo three >>log'
	wait_until in_line 1
	background sem --wait --id x
	wait_until in_line 2
	open_gate one
	open_gate two
	wait $!
	assert_equal "$(paste -sd ' ' log)" 'one two three'
	run -0 sem --wait --id x
	run -0 sem --wait --id never
}

@test "--wait does not hold back those that come later" {
	hold one --id x -j2
	background sem --wait --id x
	wait_until in_line 1
	run -0 sem --fg --id x -j2 echo later
	assert_output later
	open_gate one
	wait $!
}

@test "--wait with a time of less than 0 gives up" {
	hold one --id x
	run --separate-stderr -1 sem --wait --id x --st -0.01
	only_message "semaphore 'x': not all have ended in 0.01 s; giving up (--semaphore-timeout)"
}

# --- no slot in time ------------------------------------------------------------

@test "--semaphore-timeout T runs the command without a slot after T" {
	hold one --id x
	run --separate-stderr -7 sem --semaphore-timeout 10ms --fg --id x 'echo ran; exit 7'
	assert_output ran
	only_message "semaphore 'x': no slot in 0.01 s; going on without (--semaphore-timeout)"
	background sem --fg --id x 'echo waits >>log'
	wait_until in_line 1
	run --separate-stderr -0 sem --st 0.01 --fg --id x echo from the line
	assert_output 'from the line'
}

@test "a command that runs without a slot of its own counts all the same" {
	hold one --id x
	hold two --id x --st 0.01
	open_gate one
	wait "${backgrounded[0]}"
	full --id x
	full --id x -j1
	run -0 sem --fg --id x -j2 echo second
}

@test "--semaphore-timeout -T does not run it after T, and ends with 1" {
	hold one --id x
	full --id x
	only_message "semaphore 'x': no slot in 0.01 s; giving up (--semaphore-timeout)"
	run --separate-stderr -1 sem --semaphoretimeout=-10ms --id x 'echo ran >>log'
	assert_equal "$(cat log)" one
}

@test "a slot that is free is had, however short the time" {
	run -0 sem --fg --st -0.000001 --id x echo had
	assert_output had
	run -0 sem --fg --st 0 --id x echo had
	assert_output had
}

# --- ends -----------------------------------------------------------------------

@test "kill -9 of sem ends its command, frees the slot, and leaves nothing behind" {
	hold one --id x
	kill -KILL $!
	run -0 sem --fg --id x echo next
	assert_output next
	wait_until nothing_left
	wait_until no_survivors "echo one >>log" # what was killed
	hold two --id x
	kill -KILL $!
	wait_until nothing_left
}

# guarded PID: in $guardian is that of the sem with this number; it takes its name by itself.
# For wait_until.
guarded() {
	guardian=$(ps -o pid=,args= --ppid "$1" | awk '$2 == "guardian" { print $1 }')
	[ -n "$guardian" ]
}

@test "the slot is the guardian's, too, for a command that has closed its descriptors" {
	local sem guardian
	gate one
	background sem --fg --id x 'for i in 10 11 12 13 14; do eval "exec $i>&-"; done
		echo one >>log; exec 3<one; read -r x <&3'
	sem=$!
	wait_until test -e log
	wait_until guarded "$sem"
	kill -STOP "$guardian"
	kill -KILL "$sem"
	wait_until gone "$sem"
	full --id x
	kill -CONT "$guardian"
	run -0 sem --fg --id x echo next
	wait_until nothing_left
}

@test "if the guardian is killed, too, the slot is taken as long as the command runs" {
	local sem guardian
	hold one --id x
	sem=$!
	wait_until guarded "$sem"
	kill -KILL "$guardian" "$sem"
	wait_until gone "$sem"
	full --id x
	open_gate one
	run -0 sem --fg --id x echo next
	assert_output next
	wait_until nothing_left
}

@test "who waits may be ended, and those behind it get their turn" {
	local waiter status=0
	hold one --id x
	background sem --fg --id x 'echo ended >>log'
	waiter=$!
	wait_until in_line 1
	background sem --fg --id x 'echo behind >>log'
	wait_until in_line 2
	kill -TERM "$waiter"
	wait "$waiter" || status=$?
	assert_equal "$status" 143
	open_gate one
	wait $!
	assert_equal "$(paste -sd ' ' log)" 'one behind'
}

@test "what a command leaves in the background has no slot" {
	gate never
	gate one
	background sem --fg --id x 'read -r x <never >out 2>&1 & echo one >>log; read -r x <one'
	wait_until test -e log
	background sem --fg --id x 'echo next >>log'
	wait_until in_line 1
	open_gate one
	wait $!
	assert_equal "$(cat log)" $'one\nnext'
	wait_until nothing_left
}

# --- the command ----------------------------------------------------------------

@test "the words are joined for the shell, and nothing in them is replaced" {
	run -0 sem --fg --id x echo 'a  b' '$((1 + 1))' '{} {.} {#} {1} {= 1 =}'
	assert_output 'a b 2 {} {.} {#} {1} {= 1 =}'
	run -0 sem --fg --id x find . -name bin -exec echo found {} '\;'
	assert_output 'found ./bin'
	run -0 sem -q --fg --id x printf '%s|' 'a  b' '$((1 + 1))' "it's;"
	assert_output "a  b|\$((1 + 1))|it's;|"
}

@test "the command reads what stands on stdin, in the background, too" {
	run -0 sem --fg --id x cat <<<some
	assert_output some
	run -0 sem --fg --pipe --id x cat <<<some
	assert_output some
	sem --id x 'cat >out' <<<'more of it' 3>&-
	run -0 sem --wait --id x
	assert_equal "$(cat out)" 'more of it'
}

@test "options that are about one command have their meaning" {
	gate gate
	run --separate-stderr -255 sem --fg --id x --timeout 10ms 'read -r x <gate; echo'
	run -0 sem --fg --id x -v echo shown
	assert_output $'echo shown \nshown'
	run -0 sem -u --fg --id x echo as it comes
	assert_output 'as it comes'
}

@test "--dry-run takes no slot" {
	hold one --id x
	run -0 sem --dry-run --fg --id x echo some
	assert_output 'echo some '
	run -0 sem --dry-run --wait --id x
	assert_output 'true '
}

@test "sem is --semaphore of GNU parallel, as each of its options is" {
	ln -s sem bin/parallel
	run -3 pq --gnu --semaphore --fg --id x 'echo a  b; exit 3'
	assert_output 'a b'
	run -3 parallel --fg exit 3
	run -0 parallel --semaphorename x --fg echo a
	assert_output a
	run -0 parallel --wait
	run -0 parallel --st 1 --bg true
}

@test "under its own name pq says how to ask for it" {
	refuses "no option --semaphore: pq --gnu --semaphore 'COMMAND' does that, or a link called \
sem; see pq-parallel(7)" --semaphore --id x echo
	refuses_about 'pq --gnu --semaphore' --id x echo
	refuses_about 'pq --gnu --semaphore' --wait
}

# --- refused --------------------------------------------------------------------

# refused PART ARGUMENT...
refused() {
	run --separate-stderr -255 sem "${@:2}" </dev/null
	refute_output
	tells "$1"
}

@test "what makes no sense for one command is refused" {
	refused 'there is nothing to be run' --id x
	refused '::: with --semaphore: one command is run, and there is no list' echo ::: a b
	refused 'use <FILE' -a file cat
	refused '-n with --semaphore' -n 2 echo
	refused '--resume with --semaphore' --joblog log --resume echo
	refused '--fg with --bg' --fg --bg echo
	refused '--tty without --fg' --tty --id x echo
	refused '--wait with a command' --wait echo
	refused "--st: 'x' is no time" --st x echo
	refused "--st: '--1' is no time" --st --1 echo
	refused '-j missing' -j missing echo
}

@test "a directory that others may use is refused" {
	mkdir -m 755 "$semaphores"
	refused "others may use $semaphores (mode 755); chmod 700" --id x echo
	chmod 1700 "$semaphores"
	run -0 sem --fg --id x echo safe
	rmdir "$semaphores"
	mkdir -m 700 elsewhere
	ln -s "$PWD/elsewhere" "$semaphores"
	refused "$semaphores: is no directory" --id x echo
	rm "$semaphores"
	touch "$semaphores"
	refused "$semaphores: is no directory" --id x echo
	rm "$semaphores"
	PARALLEL_HOME=$PWD/missing refused 'No such file or directory' --id x echo
}

@test "a directory of another user is refused" {
	((EUID == 0)) || skip 'only root can give a directory away'
	mkdir -m 700 "$semaphores"
	chown 12345 "$semaphores"
	refused "$semaphores belongs to another user, 12345" --id x echo
}

# --- where it is used ---------------------------------------------------------------

@test "a terminal and cron know the same semaphores, whatever is in their environment" {
	local name=$BATS_TEST_TMPDIR
	unset PARALLEL_HOME
	export XDG_RUNTIME_DIR=$PWD TMPDIR=$PWD
	hold one --id "$name"
	run --separate-stderr -1 env -i "$PWD/bin/sem" --st -0.01 --id "$name" true
	run -0 stat -c '%a %u' "/tmp/pq-$EUID"
	assert_output "700 $EUID"
	open_gate one
	wait $!
}

@test "recipes of make -j that share a semaphore run one at a time" {
	command -v make >/dev/null || skip 'make is not installed'
	printf '%s\n' '#!/bin/sh' 'mkdir one || exit 9' 'echo "$1" >>log' 'rmdir one' >alone
	chmod +x alone
	printf 'all: a b c d e f\na b c d e f:\n\t@sem --fg --id build ./alone $@\n' >Makefile
	run -0 --separate-stderr make -s -j6
	assert_equal "$stderr" ''
	assert_equal "$(sort log | paste -sd ' ')" 'a b c d e f'
}
