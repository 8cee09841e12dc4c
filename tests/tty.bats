# --tty: one job at a time has the terminal, as from a shell.

load helper
load terminal

# answer TEXT: once a job asks.
answer() {
	wait_until shows "$1?"
	type_line "$2"
}

@test "jobs have the terminal one after the other, and are in its foreground" {
	terminal 80
	type_line 'clear; seq 2 | pq --tty "echo {}\?; read x; echo {} got \$x >>got;' \
		'ps -o pgid=,tpgid= -p \$\$ >>groups"; echo "st $?"'
	answer 1 one
	answer 2 two
	wait_until shows 'st 0'
	assert_equal "$(cat got)" $'1 got one\n2 got two'
	assert_equal "$(awk '$1 == $2' groups | wc -l)" 2
}

@test "what jobs write goes to the terminal itself" {
	terminal 80
	type_line 'pq --tty "test -t 0 && test -t 1 && test -t 2 && echo all of {}" ::: them'
	wait_until shows 'all of them'
}

@test "Ctrl-C is for the job; where that dies of it pq does, too, and starts no other" {
	terminal 80
	type_line 'clear; for i in 1 2; do seq 3 | pq --tty "echo {} >>began; read x <door"; done'
	wait_until has_lines began 1
	key C-c
	wait_until shows 'SIGINT: no new jobs'
	wait_until is_asked
	type_line 'echo "st $?"'
	wait_until shows 'st 130'
	assert_equal "$(cat began)" 1
}

@test "a job that knows what to do with Ctrl-C does so, and the next one follows" {
	terminal 80
	type_line 'clear; seq 2 | pq --tty "trap \"echo caught {} >>got\" INT; echo >>began;' \
		'read x <door; :"; echo "st $?"'
	wait_until has_lines began 1
	key C-c
	wait_until has_lines got 1
	open_gate door 1
	wait_until has_lines began 2
	open_gate door 1
	wait_until shows 'st 0'
	assert_equal "$(cat got)" 'caught 1'
}

@test "Ctrl-Z stops the job and pq, and fg lets both go on, with the settings of each" {
	terminal 80
	type_line 'clear; pq --tty "stty -echo; echo \$\$ >pid; echo first\?; read x;' \
		'echo 1 \$x >>got; echo second\?; read x; echo 2 \$x >>got" ::: 1'
	answer first a
	wait_until shows 'second?'
	key C-z
	wait_until shows Stopped
	is_stopped "$(cat pid)"
	mode_is echo
	type_line 'clear; echo "this is the $0ell"'
	wait_until shows 'this is the shell'
	type_line fg
	wait_until mode_is '-echo'
	type_line b
	wait_until has_lines got 2
	assert_equal "$(cat got)" $'1 a\n2 b 1'
}

@test "in the background a job stops when it reads, and pq with it, until fg" {
	terminal 80
	type_line 'clear; tail -f /dev/null | pq --tty "echo \$\$ >pid; read x; echo got \$x >got;' \
		'read x <door; : {}" ::: 1 &'
	wait_until test -s pid
	wait_until is_stopped "$(cat pid)"
	type_line 'clear; echo "this is the $0ell"'
	wait_until shows 'this is the shell'
	type_line fg
	wait_until goes_on "$(cat pid)"
	type_line 'an answer'
	wait_until test -s got
	key C-z
	wait_until shows Stopped
	type_line 'bg; clear'
	wait_until goes_on "$(cat pid)"
	type_line 'echo "the $0ell again"'
	wait_until shows 'the shell again'
	type_line fg
	wait_until shows 'tail -f'
	open_gate door
	wait_until gone "$(cat pid)"
	key C-c
	assert_equal "$(cat got)" 'got an answer'
}

goes_on() {
	! is_stopped "$1"
}

@test "after a job that was killed the terminal is as it was" {
	terminal 80
	type_line 'clear; seq 2 | pq --tty "echo {}\?; stty -echo; read x; kill -9 \$\$"; echo "st $?"'
	answer 1 a
	answer 2 b
	wait_until shows 'st 123'
	mode_is echo
	mode_is icanon
}

@test "--timeout ends a job that has the terminal, and the next one follows" {
	terminal 80
	type_line 'clear; pq --tty --joblog log --timeout 0.1 --term-seq INT,1000,KILL' \
		'"read x; : {}" ::: 1 2; echo "st $?"'
	wait_until shows 'st 123'
	assert_equal "$(tail -n +2 log | cut -f 7)" $'-1\n-1'
	type_line 'echo "this is the $0ell"'
	wait_until shows 'this is the shell'
}

@test "items that would be typed are refused, as the terminal is the jobs'" {
	terminal 100
	type_line 'clear; pq --tty echo; echo "st $?"'
	wait_until shows 'pq: --tty: items would be read from the terminal, which is for the jobs;'
	wait_until shows 'st 2'
}

@test "in the mode -o, --open-tty and --tty do the same" {
	local option
	mkdir bin
	ln -s "$PQ" bin/parallel
	terminal 80
	for option in -o --open-tty --tty; do
		type_line "clear; seq 2 | bin/parallel $option 'echo {}\\?; read x; echo {} \$x >>got #'"
		answer 1 a
		answer 2 b
		wait_until has_lines got 2
		assert_equal "$(cat got)" $'1 a\n2 b'
		rm got
	done
}

@test "without a terminal --tty is refused; in the mode jobs do without" {
	run --separate-stderr -2 setsid -w pq --tty echo ::: a
	tells '--tty: there is no terminal' 'jobs have /dev/null as their input'
	mkdir bin
	ln -s "$PQ" bin/parallel
	run -0 setsid -w bin/parallel --tty 'cat; echo' ::: a b
	assert_output $'a\nb'
}

@test "--tty goes with nothing that reads the jobs' output, and with one job at a time" {
	refuses '--tty with -j of more than 1: one job at a time has the terminal; leave out -j' \
		--tty -j2 vi ::: a
	refuses '--tty with --json: what jobs write themselves does not pass through pq; leave one '\
'out' --tty --json vi ::: a
	refuses '--tty with --pipe: a job has one stdin, and the terminal is it; leave one out' \
		--tty --pipe vi
	refuses '--tty with --progress: it would be drawn over what the job shows; leave one out' \
		--tty --progress vi ::: a
	refuses '--tty with --next: each section would have a job at it; leave out --next' \
		--tty vi --next vi ::: a
}

# --- questions ---------------------------------------------------------------

# replies TEXT ANSWER: to the question about a command.
replies() {
	wait_until shows "$1 ?..."
	type_line "$2"
}

@test "-p asks before each command, and y runs it, whatever the input and the output are" {
	local option
	terminal 80
	for option in -p --interactive; do
		type_line "clear; seq 4 | pq -j1 $option echo of >got 2>err; echo \"st \$?\""
		replies 'echo of 1' y
		replies 'echo of 2' n
		replies 'echo of 3' '  Yes'
		replies 'echo of 4' ''
		wait_until shows 'st 0'
		assert_equal "$(cat got err)" $'of 1\nof 3'
	done
	xargs --version 2>/dev/null | grep -q GNU || return 0
	type_line 'clear; seq 3 | xargs -n1 -p echo of >got; echo "st $?"'
	wait_until shows '1?...'
	type_line y
	wait_until shows '2?...'
	type_line n
	wait_until shows '3?...'
	type_line Yes
	wait_until shows 'st 0'
	assert_equal "$(cat got)" $'of 1\nof 3'
}

@test "what was answered with no is done, by the job log, too" {
	terminal 80
	type_line 'clear; pq -p -j1 -t --joblog log -u "echo >>ran; false" ::: a b; echo "st $?"'
	replies "false a" n
	replies "false b" y
	wait_until shows 'st 123'
	assert_equal "$(awk 'NR > 1 { print $1, $7 }' log)" $'1 0\n2 1'
	assert_equal "$(wc -l <ran)" 1
	assert_equal "$(screen | grep -c 'false a')" 1
}

@test "one question is asked after the other, while jobs run" {
	terminal 80
	type_line 'clear; pq -p -j3 "echo >>ran; read x <door; : {}" ::: a b c; echo "st $?"'
	for n in 1 2 3; do
		wait_until line_count_is '?...' "$n"
		type_line y
		wait_until has_lines ran "$n"
	done
	open_gate door
	wait_until shows 'st 0'
}

@test "Ctrl-C at a question ends the run, and fg after Ctrl-Z lets it wait for the answer" {
	terminal 80
	type_line 'clear; pq -p -j1 "echo {} >>ran; :" ::: a b c'
	replies 'a >>ran; :' y
	wait_until shows 'b >>ran; : ?...'
	key C-z
	wait_until shows Stopped
	type_line 'clear; fg'
	wait_until shows 'pq -p'
	type_line y
	replies 'c >>ran; :' ''
	type_line 'echo "st $?"'
	wait_until shows 'st 0'
	assert_equal "$(cat ran)" $'a\nb'
	type_line 'clear; pq -p echo ::: a b'
	wait_until shows 'echo a ?...'
	key C-c
	wait_until shows 'SIGINT: no new jobs'
	wait_until is_asked
	type_line 'echo "st $?"'
	wait_until shows 'st 130'
}

@test "--tty and -p: the question first, then the job has the terminal" {
	terminal 80
	type_line 'clear; pq -p --tty "read x; echo {} \$x >>got" ::: a b; echo "st $?"'
	replies 'echo a $x >>got' y
	type_line data
	replies 'echo b $x >>got' n
	wait_until shows 'st 0'
	assert_equal "$(cat got)" 'a data'
}

@test "-p is refused where nobody could answer, and where a no would lose something" {
	run --separate-stderr -2 setsid -w pq -p echo ::: a
	tells '-p: there is no terminal to ask on' '--dry-run shows the commands'
	refuses '-p with --dry-run: no command is run that could be asked about; leave one out' \
		-p --dry-run echo ::: a
	refuses '-p with --progress: it would be drawn over the question; leave one out' \
		-p --progress echo ::: a
	refuses_about 'what is not wanted would be gone from its queue' -p --from sqlite:q.db#a echo
	refuses '-p with --journal: what is not wanted would be on record as done; leave one out' \
		-p --journal j echo ::: a
}

@test "under GNU's name what would hold the output of a job at the terminal has no say" {
	ln -s "$PQ" parallel
	run -0 --separate-stderr ./parallel -k --open-tty --line-buffer --dry-run echo ::: a b
	assert_output $'echo a\necho b'
}
