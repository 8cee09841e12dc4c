# At a real terminal: the keys that send signals, the progress line, and jobs that want
# the terminal for themselves. tmux says what stands on the screen, expect what was
# written to the terminal, byte for byte.

load helper
load terminal
load faults/faults

# --- what stands on the screen ---------------------------------------------

@test "the progress line shows the depth of the queue as a bar, and goes in the end" {
	terminal 100
	type_line 'seq 40 | pq -j2 -Q10 --progress "read x <door; : {}"'
	wait_until shows '0 done  0 failed  2 running  queue [########..] 8/10'
	open_gate door 20
	wait_until shows '20 done'
	wait_until line_count_is 'queue [' 1
	open_gate door
	wait_until shows 'pq: 40 done, 0 failed in'
	line_count_is 'queue [' 0
}

@test "the progress line knows the total of arguments, and counts what failed" {
	terminal 100
	type_line 'pq -j1 --progress "read x <door; test {} != 2" ::: 1 2 3 4'
	wait_until shows '[..........] 0%  0 of 4 done  0 failed  1 running'
	open_gate door 2
	wait_until shows '[#####.....] 50%  1 of 4 done  1 failed  1 running'
	open_gate door
	wait_until shows 'pq: 3 done, 1 failed in'
}

@test "output goes above the progress line and is never mixed with it" {
	terminal 80
	type_line 'clear; pq -k -j1 --progress "read x <door; echo line {}; echo >>printed" ::: 1 2 3'
	wait_until shows '0 of 3 done'
	open_gate door 2
	wait_until shows '2 of 3 done'
	wait_until shows 'line 2'
	wait_until line_count_is 'of 3 done' 1
	run screen
	assert_line --index 0 'line 1'
	assert_line --index 1 'line 2'
	open_gate door
	wait_until shows 'pq: 3 done'
	line_count_is 'of 3 done' 0
}

@test "the progress line fits into 20 columns, and leaves the least important out" {
	terminal 20
	type_line 'clear; seq 40 | pq -j2 -Q10 --progress "read x <door; : {}"'
	wait_until shows '0 done  0 failed'
	open_gate door
	wait_until shows 'pq: 40 done'
}

@test "items that are read from the terminal are announced, and pq alone says how it is used" {
	terminal 100
	type_line 'clear; pq -k echo got'
	wait_until shows 'pq: reading items from the terminal; Ctrl-D ends; ::: gives them as arguments'
	type_line 'one'
	key C-d
	wait_until shows 'got one'
	# Nothing draws over what is typed.
	type_line 'clear; pq -k --progress echo got'
	wait_until shows 'pq: reading items'
	tmux -S "$socket" send-keys -l 'half a line'
	wait_until shows 'half a line'
	once_in 3 drawn_or_not && fail "$(screen)"
	shows 'half a line'
	key C-c
	wait_until shows 'pq: 0 done'
	type_line 'clear; pq; echo "st $?"'
	wait_until shows 'st 0'
	shows '{source} {group}  --help OPTION, --help all, man pq: more'
}

@test "a terminal of 1 column, and one that tells no size, do no harm" {
	terminal 80
	for size in 1 0 10000; do
		type_line "stty columns $size; seq 100 | pq -j4 --progress true; echo \$? >>st"
	done
	wait_until has_lines st 3
	assert_equal "$(cat st)" $'0\n0\n0'
}

@test "Ctrl-C stops the jobs and the loop around pq" {
	terminal 80
	type_line 'for i in 1 2 3; do pq "echo \$\$ >>started; read x <door; : {}" :::' \
		'1; echo round; done'
	wait_until has_lines started 1
	key C-c
	wait_until shows 'pq: SIGINT: no new jobs'
	wait_until gone "$(cat started)"
	type_line 'echo "after: $?"'
	wait_until shows 'after: 130'
	assert_equal "$(screen | grep -cx round)" 0
	assert_equal "$(wc -l <started)" 1
}

@test "Ctrl-Z stops the jobs with pq, and fg lets all go on" {
	terminal 80
	type_line 'pq -j2 "echo \$\$ >>started; while test ! -e go; do :; done; echo' \
		'ended {}" ::: 1 2'
	wait_until has_lines started 2
	key C-z
	wait_until shows 'Stopped'
	for pid in $(cat started); do
		wait_until is_stopped "$pid"
	done
	type_line 'fg'
	touch go
	wait_until shows 'ended 1'
	wait_until shows 'ended 2'
}

@test "in the background pq stops when it reads the terminal, and fg lets it go on" {
	terminal 80
	type_line 'pq --lb "echo got {}; echo >>got"'
	type_line one
	wait_until has_lines got 1
	key C-z
	wait_until shows Stopped
	type_line 'clear; bg'
	wait_until reads_no_more
	type_line 'clear; fg'
	wait_until shows 'echo got {}'
	type_line two
	wait_until has_lines got 2
	wait_until shows 'got two'
	key C-d
	wait_until shows '$'
}

# Is the one pq of this terminal stopped? For wait_until.
reads_no_more() {
	local tty
	tty=$(tmux -S "$socket" display-message -p '#{pane_tty}')
	ps -t "${tty#/dev/}" -o stat=,args= | grep -q '^T.*pq --lb'
}

@test "Ctrl-Z stops the clock of --timeout" {
	terminal 80
	once_within '1 1 3 9' clock_stands_still || fail "$(screen)"
}

# clock_stands_still LIMIT: it has to be stopped before the time is up, and its job to end before
# the rest of it is.
clock_stands_still() {
	rm -f started go
	type_line "clear; pq --timeout $1"' "echo \$\$ >started; until test -e go; do :; done;' \
		'echo ended {}" ::: 1; echo "st $?"'
	wait_until has_lines started 1 || return
	key C-z
	wait_until shows_any 'Stopped' 'st 123' || return
	# Twice the timeout passes by: a clock that is not pq's counts it.
	timeout $((2 * $1)) tail -f /dev/null
	type_line 'fg'
	wait_until goes_on "$(cat started)"
	timeout 0.3 tail -f /dev/null
	touch go
	wait_until shows_any 'ended 1' 'timeout)' && ! shows 'timeout)'
}

goes_on() {
	! is_stopped "$1"
}

shows_any() {
	shows "$1" || shows "$2"
}

@test "progress in the background of a terminal with tostop does not stop pq" {
	terminal 80
	type_line 'stty tostop'
	type_line 'pq -j1 --progress "read x <door; : {}" ::: 1 2 3 & wait $!; echo st $?'
	open_gate door
	wait_until shows 'st 0'
}

@test "a job that wants the terminal is ended, with a line that says so" {
	terminal 200
	type_line 'pq "read x </dev/tty; echo got {}" ::: 1; echo "st $?"'
	wait_until shows "pq: item 1 '1': was ended: it wanted the terminal; give it its input in a \
file, or run it alone"
	wait_until shows 'st 123'
}

@test "escape sequences in an item never reach the terminal as such" {
	terminal 200
	printf 'a\033]0;title\007\033[31mred\n' >items
	type_line 'pq --max-item 5 echo <items'
	wait_until shows "item 1 'a\x1b]0;title\a\x1b[31mred': is longer"
}

# shown_by COMMAND: all that stands on a screen of 80 by 100 when it has ended.
shown_by() {
	tmux -S "$socket" -f /dev/null new-session -d -x 80 -y 100 \
		"cd '$BATS_TEST_TMPDIR'; $1; echo the end; exec cat" 3>&-
	wait_until shows 'the end'
	screen | sed '/^the end$/,$d'
}

@test "the progress line leaves nothing of itself between the lines of output" {
	run shown_by 'seq 60 | pq -k -j4 --progress sh -c "sleep 0.05; echo line \$1" sh'
	assert_equal "$(head -60 <<<"$output")" "$(lines_of 60)"
	assert_line --index 60 --regexp '^pq: 60 done, 0 failed in [0-9.]+ s, [0-9.]+/s$'
	assert_equal "${#lines[@]}" 61
}

@test "messages and the jobs' standard error keep clear of the progress line" {
	run shown_by 'seq 20 | pq -j1 --progress sh -c "sleep 0.05; echo err \$1 >&2; kill -9 \$\$" sh'
	assert_equal "$(grep '^err' <<<"$output")" "$(seq -f 'err %.0f' 20)"
	assert_equal "$(grep -c "^pq: item [0-9]* '[0-9]*': killed by SIGKILL$" <<<"$output")" 10
	assert_line --index 30 --regexp '^pq: 0 done, 20 failed'
	assert_line --index 31 'pq: items killed by a signal: 10 more like the ten above'
	assert_equal "${#lines[@]}" 32
}

@test "a message waits for a progress line that is slow to be drawn" {
	unsanitized 'nothing can be preloaded into it'
	build_fault write
	run shown_by "seq 5 | WRITE_SLOW=120 LD_PRELOAD=$fault \
		pq -j1 --progress 'sleep 0.1; kill -9 \$\$; :'"
	assert_equal "$(head -n 5 <<<"$output")" "$(for i in {1..5}; do
		echo "pq: item $i '$i': killed by SIGKILL"
	done)"
	assert_equal "${#lines[@]}" 6
}

@test "output that ends without a newline is not wiped away by the progress line" {
	run shown_by 'seq 20 | pq -k -j1 --progress sh -c "sleep 0.06; printf %s, \$1" sh; echo'
	assert_line --index 0 --regexp '^1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,'
}

# --- rows below the progress line ------------------------------------------

@test "--progress=rows has a row for each job, with what it printed last, and takes all away" {
	terminal 80
	type_line 'clear; pq -k -j3 --progress=rows "echo begun {}; echo so far {};' \
		'read x <door; echo {} ended" ::: one two three four'
	wait_until shows '  #1      '
	wait_until shows 'one  so far one'
	wait_until shows 'three  so far three'
	wait_until line_count_is 'so far one' 2
	run screen
	assert_line --index 0 --regexp '^begun one$' # its turn has come: it is shown above
	assert_line --index 2 --regexp '0 of 4 done  0 failed  3 running'
	assert_line --index 3 --regexp '^  #[123] +[0-9]s  (one|two|three)  so far'
	open_gate door
	wait_until shows 'pq: 4 done, 0 failed'
	assert_equal "$(screen | grep -c '^  #')" 0
	assert_equal "$(screen | grep -c 'of 4 done')" 0
	shows 'four ended'
}

@test "--progress=rows shows the oldest jobs, and no more than there is room for" {
	terminal 80
	type_line 'clear; pq -j20 --progress=rows "echo >>began; read x <door; : {}" :::' \
		'$(seq 101 120)'
	wait_until has_lines began 20
	wait_until line_count_is ' #' 8 # or with two digits
	tmux -S "$socket" resize-window -x 80 -y 6
	wait_until line_count_is ' #' 4
	open_gate door
	wait_until shows 'pq: 20 done'
	assert_equal "$(screen | grep -c ' #')" 0
}

@test "rows are cut to the terminal as it is now, and leave nothing when it becomes narrower" {
	terminal 100
	once_in 3 rows_are_cut
}

# A window that changes just while rows are written shows what it likes of them.
rows_are_cut() {
	rm -f began
	tmux -S "$socket" resize-window -x 100 -y 12
	type_line 'clear; seq 20; pq -j2 --progress=rows "printf %0200d 7; echo >>began;' \
		'read x <door; : {}" ::: 1 2 3 >out'
	wait_until has_lines began 2 && wait_until line_count_is '000...' 2 || return
	tmux -S "$socket" resize-window -x 40 -y 12
	wait_until shows_at_left '0%' || return
	local well=0
	stands_below_20 '^0%' && line_count_is '00...' 2 || well=1
	open_gate door 3
	wait_until shows_at_left 'pq: 3 done' || return
	((well == 0)) && stands_below_20 '^pq: 3 done' && ! screen | grep -q '#'
}

shows_at_left() {
	screen | grep -q "^$1"
}

# What stands on the screen just below the line "20".
stands_below_20() {
	screen | grep -x -A1 20 | tail -n 1 | grep -q -- "$1"
}

@test "output that ends without a newline keeps the rows away until its line has ended" {
	terminal 80
	gate next
	type_line 'clear; pq -k -j1 --progress=rows "printf {},; read x <next; echo; read x <door"' \
		'::: one two'
	wait_until shows 'one,'
	once_in 3 drawn_or_not && fail "$(screen)"
	open_gate next 1
	wait_until shows '#1'
	run screen
	assert_line --index 0 'one,'
	open_gate door
	open_gate next
	wait_until shows 'pq: 2 done'
	assert_equal "$(screen | sed -n 2p)" two,
}

@test "Ctrl-Z takes the rows away, and fg brings them back" {
	terminal 80
	type_line 'clear; pq -j2 --progress=rows "echo >>began; until test -e go; do :; done; : {}"' \
		'::: 1 2'
	wait_until has_lines began 2
	wait_until shows '#2'
	key C-z
	wait_until shows 'Stopped'
	assert_equal "$(screen | grep -c '^  #')" 0
	type_line 'fg'
	wait_until shows '#2'
	touch go
	wait_until shows 'pq: 2 done'
}

@test "a message stands above the rows, and after Ctrl-C there is none of them left" {
	terminal 80
	type_line 'clear; pq -j2 --progress=rows "test {} != 1 || kill -9 \$\$; echo >>began;' \
		'read x <door" ::: 1 2 3'
	wait_until has_lines began 2
	wait_until shows "pq: item 1 '1': killed by SIGKILL"
	wait_until shows '  #2'
	run screen
	assert_line --index 0 --partial 'killed by SIGKILL'
	key C-c
	wait_until shows 'pq: 0 done, 1 failed, 2 stopped'
	assert_equal "$(screen | grep -c '^  #')" 0
}

# --- the key that lists what runs ------------------------------------------

@test "under --progress the key t lists what runs, once, and is not echoed" {
	terminal 80
	type_line 'clear; pq -j2 --progress "read x <door; : {}" ::: one two three'
	wait_until shows '2 running'
	wait_until mode_is '-icanon'
	key t
	wait_until line_count_is 'pq:   #' 2
	run screen
	assert_line --regexp '^pq: \[[.]+\] 0%  0 of 3 done  0 failed  2 running'
	assert_line --regexp '^pq:   #[12] +[0-9]+s  one$'
	assert_line --regexp '^pq:   #[12] +[0-9]+s  two$'
	open_gate door
	wait_until shows 'pq: 3 done'
	line_count_is 'pq:   #' 2
	screen | grep -x 't' && fail "$(screen)"
	type_line 'stty -a >mode'
	wait_until test -s mode
	grep -qE '(^| )icanon' mode
	grep -qE '(^| )echo( |$)' mode
}

@test "the terminal is as it was while pq is stopped, after Ctrl-C, and when pq has ended" {
	terminal 80
	type_line 'pq --progress "echo >>began; read x <door; : {}" ::: 1'
	wait_until mode_is '-icanon'
	mode_is '-echo'
	key C-z
	wait_until shows Stopped
	wait_until mode_is icanon
	type_line fg
	wait_until mode_is '-icanon'
	key C-c
	wait_until shows 'pq: 0 done'
	wait_until mode_is icanon
	wait_until mode_is echo
}

@test "who types ahead gets the terminal back: what follows another key than t is the shell's" {
	terminal 80
	type_line 'pq --progress "echo >>began; read x <door; : {}" ::: 1'
	wait_until mode_is '-icanon'
	key x
	wait_until mode_is icanon
	mode_is echo
	type_line 'echo typed ahead >ahead'
	open_gate door
	wait_until test -s ahead
}

@test "keys are left to others: who feeds pq, who reads its output, and jobs of a script" {
	terminal 80
	local command
	printf 'pq --progress "echo >>began; read x <door; : {}" ::: 1 & wait $!\n' >script
	for command in 'cat | pq --progress "echo >>began; read x <door; : {}"' \
		'pq --progress "echo >>began; read x <door; : {}" ::: 1 | cat' 'sh script'; do
		rm -f began
		type_line "clear; $command"
		[[ $command != cat* ]] || type_line 1
		wait_until has_lines began 1
		wait_until shows '1 running'
		once_in 3 mode_is '-icanon' && fail "$command"
		[[ $command != cat* ]] || key C-d
		open_gate door 1
		wait_until shows 'pq: 1 done'
	done
}

# --- keys, and what pq makes of them ---------------------------------------

# pty: an expect script on standard input, run in a terminal of $columns. `run`
# starts a program in it, `see` waits for a text and fails when it does not come,
# `shell` and `file` wait for a condition. All that the terminal got is in `raw`.
pty() {
	cat >prelude <<-'END'
		log_user 0
		set timeout [expr {$env(SANITIZER) eq "" ? 40 : 100}]
		set stty_init "rows 24 cols $env(columns)"
		log_file -noappend raw
		proc run {args} {
			global spawn_id
			spawn -noecho {*}$args
		}
		proc lost {what} {
			puts "there was no '$what' on the terminal"
			exit 1
		}
		proc see {text} {
			expect -ex $text {} timeout { lost $text } eof { lost $text }
		}
		proc until {script} {
			for {set i 0} {[catch {exec sh -c $script} answer]} {incr i} {
				if {$i > 2000} { puts "in vain: $script"; exit 1 }
				after 20
			}
			return $answer
		}
		# Ctrl-Z, once more if it came before the program was in the foreground.
		proc stop {} {
			for {set i 0} {$i < 10} {incr i} {
				send \032
				expect -timeout 1 -ex Stopped { return }
			}
			lost Stopped
		}
		# How the program ended: "exit 3" or "SIGINT".
		proc ended {} {
			expect eof {} timeout { lost "end of file" }
			set how [wait]
			if {[llength $how] > 4} { return [lindex $how 5] }
			return "exit [lindex $how 3]"
		}
		# An interactive shell that says little, ready for a line.
		proc shell {} {
			run env "PS1=$ " TERM=dumb bash --norc --noprofile -i
			see "$ "
		}
	END
	cat >script
	SANITIZER=$SANITIZER columns=${columns:-80} expect -f <(cat prelude script) 3>&-
}

@test "Ctrl-C ends pq, and the loop of the script that runs it" {
	cat >loop <<-'END'
		for i in 1 2 3; do
			echo $i >>rounds
			pq 'echo >began; read x <door; : {}' ::: 1
		done
	END
	run pty <<-'END'
		run bash loop
		until {test -e began}
		send \003
		puts [ended]
	END
	assert_success
	assert_output SIGINT
	assert_equal "$(cat rounds)" 1
}

@test "Ctrl-C once: jobs get SIGINT and may end in good order; twice: they are killed" {
	cat >job <<-'END'
		trap 'echo INT >>heard' INT
		echo $$ >>began
		while :; do read x <door; done
	END
	# A shell that gets a signal just before it reads comes to its trap only when it has read.
	run pty <<-'END'
		run pq -j2 --term-seq TERM,600000,KILL sh $env(BATS_TEST_TMPDIR)/job ::: 1 2 3
		until {test $(wc -l <began) = 2}
		until {for pid in $(cat began); do grep -q ^State:.S /proc/$pid/status || exit 1; done}
		send \003
		see "SIGINT: no new jobs; passed on to 2 running"
		until {test $(wc -l <heard) = 2}
		send \003
		puts [ended]
	END
	assert_success
	assert_output SIGINT
	wait_until no_survivors "$BATS_TEST_TMPDIR/job"
}

@test "Ctrl-\\ kills the jobs, and pq with them" {
	run pty <<-'END'
		run pq sh -c {trap "" INT TERM QUIT; echo >began; while :; do read x <door; done} ::: 1
		until {test -e began}
		send \034
		puts [ended]
	END
	assert_success
	assert_output SIGQUIT
}

@test "Ctrl-Z and fg, twenty times over while jobs are born: pq is never stuck" {
	seq 100000 >items
	run pty <<-'END'
		shell
		send "pq -j4 --joblog log -a items true\r"
		until {test -s log}
		for {set i 0} {$i < 20} {incr i} {
			stop
			see "$ "
			send "fg\r"
			see "true"
		}
		expect {
			-ex "SIGINT" {}
			-timeout 1 timeout { send \003; exp_continue }
		}
		see "$ "
	END
	assert_success
}

@test "when the terminal is closed the jobs are ended, and pq" {
	run pty <<-'END'
		set pid [run pq --drain 0 {echo $PPID >began; read x <door; : {}} ::: 1]
		until {test -s began}
		close
		wait
	END
	assert_success
	wait_until gone "$(cat began)"
}

# --- in the background, and jobs that want the terminal ---------------------

@test "progress and messages in the background do not stop pq under stty tostop" {
	run pty <<-'END'
		shell
		send "stty tostop\r"
		see "$ "
		send "pq --progress -j2 'read x <door; exit {}' ::: 0 1 & wait \$!; echo status \$?\r"
		until {printf '\n\n' >door}
		see "pq: 1 done, 1 failed"
		see "status 123"
	END
	assert_success
}

@test "in the background there is no progress line in the way of what is typed" {
	run pty <<-'END'
		shell
		send "pq --progress -j1 'sleep 0.3; : {}' ::: 1 2 &\r"
		see "pq: 2 done"
	END
	assert_success
	run grep -c 'running' raw
	assert_output 0
}

@test "a job that writes to the terminal under stty tostop is ended, too" {
	run pty <<-'END'
		shell
		send "stty tostop\r"
		see "$ "
		send "pq 'echo {} >/dev/tty' ::: x; echo status \$?\r"
		see "pq: item 1 'x': was ended: it wanted the terminal"
		see "status 123"
	END
	assert_success
}

@test "jobs beside one that wanted the terminal go on" {
	run pty <<-'END'
		run pq -k -j2 {case {} in 2) read x </dev/tty ;; *) echo done {} ;; esac} ::: 1 2 3 4
		expect -re {done 1.*wanted the terminal|wanted the terminal.*done 1} {} \
			timeout { lost "done 1, or the message" }
		see "done 3"
		see "done 4"
		puts [ended]
	END
	assert_success
	assert_output 'exit 123'
}

# --- what is written to the terminal, byte for byte -------------------------

# frames: all that stood on the terminal line at any time, one to a line.
frames() {
	tr '\r' '\n' <raw | sed 's/\x1b\[K//g' | grep -v '^pq: '
}

@test "the progress line fits into terminals of 0 to 10,000 columns" {
	local columns widest
	for columns in 0 1 2 3 5 8 9 20 80 200 10000; do
		rm -f began
		run pty <<-'END'
			run pq --progress -j2 {echo >>began; read x <door; : {}} ::: 1 2 3 4 5
			until {test $(wc -l <began) = 2}
			see "\033\[K"
			until {printf '\n\n\n\n\n' >door}
			see "pq: 5 done, 0 failed"
			puts [ended]
		END
		assert_success
		assert_output 'exit 0'
		# Where the terminal does not say how wide it is, 80 is assumed.
		widest=$(frames | awk '{ if (length > n) n = length } END { print n + 0 }')
		assert [ "$widest" -lt $((columns ? columns : 80)) ]
	done
}

@test "without a terminal there is no progress line, and no escape sequence" {
	run --separate-stderr pq --progress true ::: 1 2
	assert_success
	assert_output ''
	# shellcheck disable=SC2154
	assert_regex "$stderr" '^pq: 2 done, 0 failed in [0-9.]+ s, [0-9.]+/s$'
}

@test "a dumb terminal gets no escape sequence of the progress line" {
	# Two seconds of it: the live line is drawn ten times in each.
	run pty <<-'END'
		run env TERM=dumb pq -j1 --progress sleep ::: 1 1
		see "pq: 2 done, 0 failed"
		puts [ended]
	END
	assert_output 'exit 0'
	run grep -c $'\033' raw
	assert_output 0
}

@test "with -u, whose jobs write as they like, there is no progress line on the terminal" {
	terminal 80
	type_line 'clear; pq -u -j1 --progress "printf no-newline; read x <door; : {}" ::: 1'
	wait_until shows 'no-newline'
	once_in 5 drawn_or_not && fail "$(screen)"
	open_gate door
	wait_until shows 'pq: 1 done, 0 failed'
}

drawn_or_not() {
	timeout 0.2 tail -f /dev/null
	shows 'running'
}

@test "the progress line says why nothing runs, and until when" {
	terminal 100
	type_line 'pq -j2 --retries 2 --backoff 1h,jitter=none --progress false ::: 1 2'
	wait_until shows '2 retrying, next in '
	key C-c
	wait_until shows 'pq: 0 done, 0 failed, 2 stopped or not run'
}

@test "escape bytes of items reach the terminal in no message, no -t line and no progress line" {
	printf 'a\033[31mred\nb\033]0;title\007\nc\302\2331m\n\0nul\033[2J\n' >items
	run pty <<-'END'
		run pq --progress -j1 -t -a items sh -c {exit 1} sh
		see "pq: 0 done, 4 failed"
		puts [ended]
	END
	assert_success
	assert_output 'exit 123'
	# What is left when the progress line's own are taken away.
	run sh -c "sed 's/\x1b\[K//g' raw | tr -d '\r' | LC_ALL=C grep -c '[[:cntrl:]]'"
	assert_output 0
	run sh -c "LC_ALL=C grep -c '$(printf '\302\233')' raw"
	assert_output 0
}

@test "escape bytes in the name of a command reach the terminal in no message" {
	run pty <<-'END'
		run pq "no-\033\[31m-such" x
		see "command not found"
		puts [ended]
	END
	assert_success
	assert_output 'exit 127'
	run sh -c "tr -d '\r' <raw | LC_ALL=C grep -c '[[:cntrl:]]'"
	assert_output 0
}
