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

@test "--timeout ends a job that has the terminal" {
	terminal 80
	type_line 'clear; pq --tty --timeout 0.1 "read x; : {}" ::: 1; echo "st $?"'
	wait_until shows 'st 123'
	type_line 'echo "this is the $0ell"'
	wait_until shows 'this is the shell'
}

@test "items that would be typed are refused, as the terminal is the jobs'" {
	terminal 100
	type_line 'clear; pq --tty echo; echo "st $?"'
	wait_until shows "pq: --tty: items would be read from the terminal, which is the jobs'; ::: \
gives them"
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
