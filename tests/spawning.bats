# Starting jobs: what they get from pq, and what happens when the system, or the
# command, does not allow it.

load helper
load faults/faults

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# script FILE LINE...: a file that can be executed.
script() {
	printf '%s\n' "${@:2}" >"$1"
	chmod +x "$1"
}

# strace_or_skip: where no process may be traced, faults cannot be injected.
strace_or_skip() {
	unsanitized 'strace and sanitizers do not get along'
	strace -f -e trace=none true 2>/dev/null || skip 'strace is missing, or not permitted'
}

# --- closed descriptors ---------------------------------------------------

@test "with standard input closed there are no items to read: status 1" {
	run bash -c 'pq echo <&-'
	assert_failure 1
	assert_output 'pq: cannot read standard input to its end: Bad file descriptor'
}

@test "with standard input closed arguments are items all the same" {
	run bash -c 'pq -k echo ::: a b <&-'
	assert_success
	assert_output $'a\nb'
}

@test "with standard output closed nothing is lost in silence: status 74" {
	run bash -c 'pq echo ::: a b >&-'
	assert_failure 74
	assert_output 'pq: cannot write to standard output: Bad file descriptor; stopping'
}

@test "with standard output closed jobs that print nothing succeed" {
	run bash -c 'pq true ::: a b >&-'
	assert_success
	assert_output ''
}

@test "with standard output closed a job of -u cannot write to it either" {
	run bash -c "pq -u sh -c 'echo lost 2>/dev/null' ::: a >&-"
	assert_failure 123
}

@test "with standard error closed what a job writes to it is lost: status 74" {
	run bash -c "pq -k 'echo {}; echo lost >&2' ::: a 2>&-"
	assert_failure 74
	assert_output a
}

@test "with standard error closed and nothing to say there all is well" {
	run bash -c 'pq -k echo ::: a b 2>&-'
	assert_success
	assert_output $'a\nb'
}

@test "no file that pq opens takes the place of a closed descriptor, in any of 7 ways" {
	local close
	for close in '<&-' '>&-' '2>&-' '<&- >&-' '<&- 2>&-' '>&- 2>&-' '<&- >&- 2>&-'; do
		seq 100 >items
		run bash -c "pq -j4 --joblog log -a items 'echo {}; echo error >&2' $close"
		seq 100 | cmp - items
		run awk -F'\t' 'NF != 9 || (NR > 1 && $9 !~ /^sh -c|^\/bin\/sh|echo/)' log
		assert_output ''
	done
}

@test "no job gets what stands in the place of a closed descriptor" {
	run bash -c "pq sh -c 'readlink /proc/self/fd/0' ::: a <&-"
	assert_success
	assert_output /dev/null
}

# --- what a job gets ------------------------------------------------------

# What a job of its own sees of its descriptors, with the one it reads the list from; and
# what it would see if pq were not between.
SEEN='echo $(ls /proc/self/fd)'

@test "a job's descriptors are those that pq was started with, at -j1" {
	assert_equal "$(pq -j1 sh -c "$SEEN" ::: 1)" "$(sh -c "$SEEN")"
}

@test "a job's descriptors are those that pq was started with, at -j8 with 400 births" {
	seq 400 | pq -j8 sh -c "$SEEN" >out
	assert_equal "$(sort -u out)" "$(sh -c "$SEEN")"
	assert_equal "$(wc -l <out)" 400
}

@test "a job's descriptors are those that pq was started with, at -j64 with 640 births" {
	seq 640 | pq -j64 sh -c "$SEEN" >out
	assert_equal "$(sort -u out)" "$(sh -c "$SEEN")"
	assert_equal "$(wc -l <out)" 640
}

@test "descriptors that pq was handed reach its jobs under their numbers, with -u, too" {
	seq 40 >items
	echo nine >ninth
	run descriptors_at_most 64 bash -c "pq -j8 sh -c '$SEEN' <items 9<ninth | sort -u"
	assert_output '0 1 2 3 9'
	run descriptors_at_most 64 bash -c "pq -u -j8 sh -c '$SEEN' <items 9<ninth | sort -u"
	assert_output '0 1 2 3 9'
	run pq 'cat <&9; : {}' ::: 1 9<ninth
	assert_output nine
}

@test "the files that a shell makes of <( ) can be read by jobs" {
	run pq -k cat {} ::: <(echo one) <(echo two)
	assert_success
	assert_output $'one\ntwo'
}

@test "make's job server is there for a make in a job" {
	command -v make >/dev/null || skip 'there is no make'
	printf 'all: x y\nx: ; @echo >x.here; until [ -e y.here ]; do :; done\n'\
'y: ; @echo >y.here; until [ -e x.here ]; do :; done\n' >inner
	printf 'all:\n\t+pq $(MAKE) -f {} ::: inner\n' >Makefile
	run timeout 300 make -j3
	assert_success
	refute_output --partial 'jobserver unavailable'
}

@test "a job reads /dev/null, and pq's input is left for pq" {
	run bash -c 'seq 3 | pq -k -j1 sh -c "cat; echo \$1" sh'
	assert_success
	assert_output $'1\n2\n3'
}

@test "a job has the limit of descriptors that pq was started with" {
	run bash -c 'ulimit -Sn 64; pq -j64 -k sh -c "ulimit -Sn" ::: 1 2'
	assert_success
	assert_output $'64\n64'
}

@test "signals that are ignored or blocked when pq starts are so in its jobs" {
	env --ignore-signal=USR1 true 2>/dev/null || skip 'env of coreutils 8.31 is needed'
	local ours
	for ours in --default-signal --ignore-signal=USR1 --block-signal=USR2 \
		--ignore-signal=INT,TERM,HUP,PIPE --ignore-signal=CHLD --block-signal=CHLD \
		'--ignore-signal=TSTP,TTIN,TTOU --block-signal=ALRM,CONT'; do
		# shellcheck disable=SC2086 # several options
		env $ours grep -E '^Sig(Blk|Ign)' /proc/self/status >expected
		# shellcheck disable=SC2086
		run env $ours pq grep -E '^Sig(Blk|Ign)' ::: /proc/self/status
		assert_success
		assert_output "$(cat expected)"
	done
}

@test "a caller that ignores SIGCHLD loses no status of a job" {
	env --ignore-signal=CHLD true 2>/dev/null || skip 'env of coreutils 8.31 is needed'
	run env --ignore-signal=CHLD pq -j4 --joblog log 'exit {}' ::: 0 1 2 3
	assert_failure 123
	run bash -c 'tail -n +2 log | cut -f7 | sort'
	assert_output $'0\n1\n2\n3'
}

# --- what the system refuses ---------------------------------------------

@test "EAGAIN and ENOMEM when a process is born are waited out: every item is run" {
	strace_or_skip
	local error
	for error in EAGAIN ENOMEM; do
		seq 200 >items
		strace -f -o trace -e trace=clone,clone3,vfork,fork \
			-e "inject=clone3,clone:error=$error:when=3+7" \
			"$PQ" -k -j4 echo <items >out
		assert_file_contains trace "= -1 $error .*INJECTED"
		cmp items out
	done
}

@test "when no process can be born at all pq gives up with status 125" {
	strace_or_skip
	run strace -f -o trace -e trace=clone -e inject=clone:error=EAGAIN "$PQ" -j2 true ::: 1 2 3
	assert_failure 125
	assert_line 'pq: cannot start the guardian: Resource temporarily unavailable; if pq is killed '\
'its jobs go on'
	# Who gives up first ends the births of others.
	assert_line --regexp "^pq: item ([12]) '\\1': cannot start a job: Resource temporarily \
unavailable; nothing else is running that could end and make room$"
}

@test "when a job cannot be born, those that are done are written and on record" {
	unsanitized 'nothing can be preloaded into it'
	build_fault births
	seq 20 >items
	run --separate-stderr env REFUSE=all LD_PRELOAD="$fault" pq -j2 -k --joblog log echo <items
	assert_failure 125
	# Of the two that come first either may be the first to try.
	[[ $stderr =~ ^'pq: item '([12])' ' ]]
	only_message "item ${BASH_REMATCH[1]} '${BASH_REMATCH[1]}': cannot start a job: Resource \
temporarily unavailable; nothing else is running that could end and make room"
	assert_output "$(seq 20 | grep -vx "${BASH_REMATCH[1]}")"
	assert_equal "$(tail -n +2 log | cut -f 7 | sort | uniq -c | tr -s ' ')" $' 19 0\n 1 126'
}

@test "a kernel that has no pidfd to give, and says nothing of it, costs no item" {
	unsanitized 'nothing can be preloaded into it'
	seq 40 >items
	build_fault births
	OLD=1 LD_PRELOAD=$fault run --separate-stderr pq -j2 -k echo <items
	assert_success
	assert_output "$(cat items)"
	assert_equal "$stderr" ''
}

@test "a job whose output could not be read has failed, and why is said" {
	strace_or_skip
	seq 20 >items
	run -123 strace -f -qq -b execve -o trace -e trace=read -e inject=read:error=EIO:when=4+3 \
		"$PQ" -k -j3 echo <items
	assert_line --regexp "^pq: item ([0-9]+) '\\1': its output could not be read to its end: \
Input/output error$"
	refute_line --regexp "^pq: item .*[^r]$"
}

# The arguments of `ulimit` for a soft limit that may, or may not, be raised.
@test "with few descriptors fewer jobs run at once, with one warning: ulimit -n 16, 32, 64" {
	unsanitized 'it has descriptors of its own'
	local limit
	seq 200 >items
	for limit in 16 32 64; do
		run --separate-stderr bash -c "ulimit -n $limit; pq -k -j64 echo <items"
		assert_success
		assert_output "$(cat items)"
		# shellcheck disable=SC2154 # run sets it
		assert_regex "$stderr" "^pq: -j 64 needs 208 descriptors and the limit \(ulimit -n\) is \
lower: going on with -j [0-9]+$"
	done
}

@test "a soft limit on descriptors is no limit where pq may raise it" {
	seq 200 >items
	run --separate-stderr bash -c 'ulimit -Sn 32; pq -k -j64 echo <items'
	assert_success
	assert_output "$(cat items)"
	# shellcheck disable=SC2154
	assert_equal "$stderr" ''
}

# as_many_births N COMMAND...: nothing is started before N births are under way at once.
as_many_births() {
	build_fault births
	BIRTHS=$1 LD_PRELOAD=$fault "${@:2}"
}

@test "all jobs are born at once where the limit on descriptors allows it" {
	unsanitized 'nothing can be preloaded into it'
	seq 16 >items
	run --separate-stderr as_many_births 8 pq -k -j8 echo <items
	assert_success
	assert_output "$(cat items)"
	assert_equal "$stderr" ''
}

@test "with few descriptors some jobs are born at once, and all of them run at once" {
	unsanitized 'nothing can be preloaded into it'
	gate together
	seq 8 >items
	build_fault births
	BIRTHS=3 LD_PRELOAD=$fault background bash -c 'ulimit -n 45
		pq -k -j8 "echo >>begun; read x <together; echo {}" <items >out'
	wait_until has_lines begun 8
	open_gate together
	wait "$!"
	assert_equal "$(cat out)" "$(cat items)"
}

# The collector and the desk are threads, too.
@test "where the system has two threads for workers, two work, and that is said once" {
	unsanitized 'nothing can be preloaded into it'
	local jobs
	seq 60 >items
	echo 8 >jobs
	build_fault threads
	for jobs in 8 ./jobs; do
		run --separate-stderr env THREADS=4 LD_PRELOAD="$fault" pq -k -j "$jobs" echo <items
		assert_success
		assert_output "$(cat items)"
		assert_equal "$stderr" 'pq: cannot start more than 2 workers: '\
'Resource temporarily unavailable; going on with them'
	done
}

@test "where the system has no thread for a worker, nothing is run, and the views are whole" {
	unsanitized 'nothing can be preloaded into it'
	build_fault threads
	run --separate-stderr env THREADS=2 LD_PRELOAD="$fault" pq --joblog log echo ::: 1 2 3
	assert_failure 125
	refute_output
	assert_equal "${stderr%%$'\n'*}" \
		'pq: cannot start a worker: Resource temporarily unavailable'
	assert_equal "$(wc -l <log)" 1
}

# "${as_user[@]}" COMMAND...: as a user whom nobody else is, with pq in ./copy.
another_user_or_skip() {
	local user=$((100000 + BASHPID % 900000))
	unsanitized 'its binary is not where another user may read it'
	as_user=(setpriv --reuid="$user" --regid="$user" --clear-groups)
	chmod o+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR"
	cp "$PQ" copy
	chmod 755 copy
	"${as_user[@]}" env "$PWD/copy" --version >/dev/null 2>&1 ||
		skip 'setpriv as root is needed, and a place where another user can run pq'
}

# RLIMIT_NPROC does not bind root.
@test "with few threads fewer jobs run at once, with a warning: ulimit -u" {
	local i as_user
	another_user_or_skip
	gate go
	chmod 666 go
	mkfifo feed
	exec 8<>feed
	touch began
	chmod 666 began
	background "${as_user[@]}" prlimit --nproc=12 "$PWD/copy" -j16 \
		sh -c "echo >>'$PWD/began'; read x <'$PWD/go'; echo \$1" sh <feed >out 2>err 8>&-
	# One after another, so that each has its process before the next thread is
	# asked for; and there is one job to wait for when that is refused.
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
		echo "$i" >&8
		wait_until begun_or_warned "$i"
	done
	exec 8>&-
	assert_file_contains err 'cannot start more than [0-9]* workers: .*; going on with them'
	open_gate go
	wait "${backgrounded[0]}"
	assert_equal "$(sort -n out)" "$(seq 16)"
}

begun_or_warned() {
	has_lines began "$1" || grep -q 'cannot start more' err
}

# --- what the command is --------------------------------------------------

# refused STATUS REASON COMMAND...: pq ends so, and has read nothing: all three
# lines are left in the file that is its input.
refused() {
	printf '%s\n' one two three >items
	run bash -c '"${@:2}"; echo "status $?"; cat' bash "$1" pq "${@:3}" <items
	assert_line --index 0 "pq: $2"
	assert_line --index 1 "status $1"
	assert_line --index 2 one
	assert_line --index 3 two
	assert_line --index 4 three
	assert_equal "${#lines[@]}" 5
}

@test "a command that is not found: 127, before any input is read" {
	refused 127 "'no-such-command': command not found" no-such-command
}

@test "a command line in one word with words behind it: what makes a shell line is said" {
	refused 127 "'gzip -9': command not found; a shell line is one word alone, or -c" 'gzip -9' {}
	run -123 pq {} --version ::: 'gzip -9'
	assert_output "pq: item 1 'gzip -9': 'gzip -9': command not found"
}

@test "a file that is not there: 127, before any input is read" {
	refused 127 "'./no-such-file': no such file" ./no-such-file
}

@test "an empty name is no command: 127, before any input is read" {
	refused 127 "'': command not found" '' x
}

@test "a file that is not executable: 126, before any input is read" {
	echo '#!/bin/sh' >plain
	refused 126 "'./plain': permission denied: not executable" ./plain
}

@test "a directory: 126, before any input is read" {
	mkdir directory
	refused 126 "'./directory': is a directory" ./directory
}

@test "an empty file: 126, before any input is read" {
	: >empty
	chmod +x empty
	refused 126 "'./empty': cannot be run: the file is empty" ./empty
}

@test "a text file without a #! line: 126, before any input is read" {
	script text 'echo hello'
	refused 126 "'./text': cannot be run: a text file without a #! line; add one, or run it as an \
argument of its interpreter" ./text
}

@test "a #! line whose interpreter is missing: 126, before any input is read" {
	script lost '#!/no/such/interpreter -x'
	refused 126 "'./lost': cannot be run: the interpreter in its #! line is missing" ./lost
}

@test "a file in a directory that may not be searched: 126, before any input is read" {
	local as_user
	another_user_or_skip
	mkdir -m 700 closed
	script closed/job '#!/bin/sh'
	echo one >items
	status=0
	{ "${as_user[@]}" ./copy closed/job 2>err || status=$?; cat >left; } <items
	assert_equal "$status" 126
	assert_equal "$(cat err)" "pq: 'closed/job': permission denied"
	assert_equal "$(cat left)" one
}

@test "nothing is read from a pipe either when the command is not found" {
	gate input
	open_gate input 3
	run bash -c 'pq no-such-command; echo "status $?"; read x && echo "line left"' \
		<"$BATS_TEST_TMPDIR/input"
	assert_line 'status 127'
	assert_line 'line left'
}

@test "a directory in PATH is looked into only where the command can be run" {
	mkdir first second
	echo '#!/bin/sh' >first/job
	script second/job '#!/bin/sh' 'echo second $1'
	PATH=$PWD/first:$PWD/second:$PATH run pq job ::: x
	assert_success
	assert_output 'second x'
	rm second/job
	PATH=$PWD/first:$PWD/second:$PATH run pq job ::: x
	assert_failure 126
	assert_output "pq: 'job': permission denied: not executable"
}

@test "a command that is an item is looked for when its turn comes: it fails alone" {
	run --separate-stderr pq -k -j1 --joblog log {} a ::: echo no-such-command ./no-such-file echo
	assert_failure 123
	assert_output $'a\na'
	# shellcheck disable=SC2154
	assert_equal "${stderr_lines[0]}" \
		"pq: item 2 'no-such-command': 'no-such-command': command not found"
	assert_equal "${stderr_lines[1]}" \
		"pq: item 3 './no-such-file': './no-such-file': no such file"
	assert_equal "$(cut -f7 log | tail -n +2 | paste -sd' ')" '0 127 127 0'
}

@test "a binary that the system cannot execute fails for each item, with the reason" {
	printf '\177ELF\0\0\0\0' >garbage
	chmod +x garbage
	run pq -k ./garbage ::: a
	assert_failure 123
	assert_output "pq: item 1 'a': cannot run ./garbage: Exec format error"
}

@test "a command that is still being written to is tried again" {
	strace_or_skip
	once_in 5 busy_is_waited_for
}

# It is so for a second; before that the test has to close the file.
busy_is_waited_for() {
	rm -f busy trace
	cp "$(type -P true)" busy
	exec 8>>busy
	background strace -f -o trace -e trace=execve "$PQ" -j2 "$PWD/busy" ::: 1 2 8>&-
	wait_until grep -qs ETXTBSY trace
	exec 8>&-
	wait "$!"
}

@test "a command that is written to for longer than a second fails" {
	cp "$(type -P true)" busy
	exec 8>>busy
	run pq --joblog log ./busy ::: 1
	exec 8>&-
	assert_failure 123
	assert_output "pq: item 1 '1': cannot run ./busy: Text file busy"
	assert_equal "$(awk 'NR == 2 { print $7 }' log)" 126
}

# --- what an argument can hold -------------------------------------------

# long N: N bytes and a newline.
long() {
	head -c "$1" /dev/zero | tr '\0' x
	echo
}

# What Linux takes in one argument.
longest() {
	echo $((32 * $(getconf PAGESIZE) - 1))
}

@test "an item of 32 pages less a byte is run, one of a byte more fails alone" {
	local most
	most=$(longest)
	{ echo first; long "$most"; long $((most + 1)); echo last; } >items
	run --separate-stderr bash -c "pq -k -j2 sh -c 'echo \${#1}' sh <items"
	assert_failure 123
	assert_output "5
$most
4"
	# shellcheck disable=SC2154
	only_message "item 3 '$(printf 'x%.0s' {1..40})...': an argument of $((most + 1)) bytes; the \
system takes at most $most in one; give it on stdin with --pipe"
}

@test "in a shell line an item of 32 pages less a byte is run, one of a byte more fails alone" {
	local most
	most=$(longest)
	{ echo first; long "$most"; long $((most + 1)); echo last; } >items
	run --separate-stderr bash -c "pq -k -j2 'printf %s {} | wc -c' <items"
	assert_failure 123
	assert_output "5
$most
4"
}

@test "where pages have 64 KiB an argument may have 2 MiB" {
	unsanitized 'it is preloaded'
	build_fault pagesize
	long 2097152 >item
	run env LD_PRELOAD="$fault" "$PQ" true <item
	assert_failure 123
	assert_output "pq: item 1 '$(printf 'x%.0s' {1..40})...': an argument of 2097152 bytes; the \
system takes at most 2097151 in one; give it on stdin with --pipe"
}

@test "an item with a NUL byte fails alone" {
	run --separate-stderr bash -c "printf 'a\nb\0c\nd\n' | pq -k echo"
	assert_failure 123
	assert_output $'a\nd'
	# shellcheck disable=SC2154
	assert_equal "$stderr" "pq: item 2 'b\\x00c': holds a NUL byte, which no argument can; \
-0 is for items that end with one"
}

@test "arguments that are too much together fail alone, with the reason" {
	{ for i in $(seq 40); do long 120000; done; seq 40; } >items
	run --separate-stderr bash -c "ulimit -Ss 8192; pq -k -n40 sh -c 'echo \$#' sh <items"
	assert_failure 123
	assert_output 40
	# shellcheck disable=SC2154
	local item="'$(printf 'x%.0s' {1..40})...'"
	only_message "item 1 $item $item $item and 37 more: cannot run $(command -v sh): Argument list \
too long; a smaller -n or environment makes room"
}

@test "what can never be started is not tried again" {
	run bash -c "printf 'b\0c\n' | pq --retries 5 echo"
	assert_failure 123
	assert_equal "${#lines[@]}" 1
}

@test "whose terminal it is is not asked of an input that is none" {
	strace_or_skip
	gate more
	background strace -f -o trace -e trace=ioctl "$PQ" -j1 'echo {} >>seen' < <(
		echo a
		read -r _ <more
		echo b
	)
	wait_until has_lines seen 1
	open_gate more 1
	wait $!
	assert_equal "$(cat seen)" $'a\nb'
	run ! grep TIOCGPGRP trace
}

@test "--header: the command is looked for once, and again only if it is another one then" {
	strace_or_skip
	mkdir found
	script found/prog '#!/bin/sh' 'echo "$1"'
	PATH=$PWD/found:$PATH run strace -f -o trace -e trace=openat,execve "$PQ" \
		--header : prog {a} ::: a 1
	assert_output 1
	assert_equal "$(sed '/execve.*found\/prog/,$d' trace | grep -c 'openat.*found/prog"')" 1
	run --separate-stderr -0 pq --header : '{a}' ok ::: a echo
	assert_output ok
}
