# A line of words and redirections is executed without a shell, and does what a shell
# would: the same files, the same bytes, the same statuses.
# Not with the thread sanitizer: it is what a job is born with.

load helper
load faults/faults

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# Where jobs are started with posix_spawn a shell does all of it.
directly() {
	built_with CLONE_PIDFD || skip 'redirections are left to a shell here'
}

# A shell that pq knows, and that says in ./shells that it was started.
counted_shell() {
	directly
	mkdir bin
	printf '%s\n' "#!$BASH" "echo >>'$PWD/shells'" "exec $BASH \"\$@\"" >bin/bash
	chmod +x bin/bash
	PATH=$PWD/bin:$PATH
	export PQ_SHELL=bash
}

shells() {
	if [ -e shells ]; then
		wc -l <shells
	else
		echo 0
	fi
}

@test "a line of words and redirections starts no shell" {
	counted_shell
	echo in >in
	run pq -k -j1 'cat {} - <in >{}.out 2>&1' ::: in none
	assert_output 'pq: 1 of 2 failed: 2 '\''none'\'' exit 1'
	assert_equal "$(cat in.out)" $'in\nin'
	assert_file_contains none.out '^in$'
	run pq -j1 ::: 'printf a >b' '>>b printf c' 'printf d 9>>b 1>&9 2>|e' 'cat 0<>b'
	assert_output acd
	assert_file_empty e
	run -0 pq 'echo {} >a b c' ::: d
	assert_equal "$(cat a)" 'd b c'
	assert_equal "$(shells)" 0
	run pq 'echo {} >f; :' ::: a
	assert_equal "$(shells)" 1
}

@test "what is opened has the flags that a shell gives it" {
	local line
	directly
	touch f
	for line in '0<f' '9>f' '9>>f' '9<>f' '9>|f' '9>/dev/null' '9<f'; do
		run pq "grep flags /proc/self/fdinfo/${line%%[<>]*} {} $line" ::: -h
		assert_success
		assert_output "$(sh -c "exec grep flags /proc/self/fdinfo/${line%%[<>]*} -h $line")"
	done
}

@test "what opening could wait for, or is about the process that asks, is left to a shell" {
	counted_shell
	mkfifo fifo
	ln -s in link
	run -0 pq -j2 ::: 'echo through >fifo' 'cat <fifo'
	assert_output through
	assert_equal "$(shells)" 2
	run -0 pq 'echo {} >/dev/stdout' ::: out
	assert_output out
	assert_equal "$(shells)" 3
	run -0 pq 'echo {} 3>&1 >/dev/fd/3' ::: three
	assert_output three
	run -0 pq 'echo {} 1>/proc/self/fd/2' ::: proc
	assert_output proc
	run -0 pq 'echo {} >link' ::: linked
	assert_equal "$(cat in)" linked
	assert_equal "$(shells)" 6
	run -0 pq 'echo {} >/dev/null' ::: a
	refute_output
	assert_equal "$(shells)" 6
}

@test "a FIFO that nobody opens at its other end keeps nothing else from going on" {
	mkfifo fifo
	run --separate-stderr pq -j2 --timeout 0.5 --joblog log 'cat {} <fifo' ::: a b
	assert_failure 123
	assert_equal "$(tail -n +2 log | cut -f 7)" $'-1\n-1'
	env --default-signal=INT true 2>/dev/null || skip 'env of coreutils 8.31 is needed'
	background env --default-signal=INT pq 'cat {} - <fifo' ::: /dev/null
	wait_until waits_at_the_fifo
	kill -INT $!
	wait_until gone $!
	refute waits_at_the_fifo
}

@test "what has become a FIFO since it was looked at is not waited for" {
	unsanitized 'nothing can be preloaded into it'
	directly
	build_fault became_fifo
	mkfifo fifo
	local line what
	for line in 'cat {} <fifo' 'cat {} >fifo' 'cat {} <>fifo'; do
		run --separate-stderr env LD_PRELOAD="$fault" pq "$line" ::: /dev/null
		assert_failure 123
		case $line in
		*'<>'*) what='reading and writing' ;;
		*'<'*) what=reading ;;
		*) what=writing ;;
		esac
		only_message "item 1 '/dev/null': cannot open 'fifo' for $what: No such device or address; \
not run"
	done
}

# A shell does, in the place of the command.
waits_at_the_fifo() {
	[ -n "$(survivors '_pq1}" - <fifo')" ]
}

@test "what cannot be opened is told, its command not run, and the status is 2" {
	directly
	mkdir dir
	: >file
	run --separate-stderr pq -k -j1 --joblog log 'touch {/}.ran <{}' ::: file none file/x ''
	assert_failure 123
	assert_equal "$(told)" "pq: item 2 'none': cannot open 'none' for reading: No such file or \
directory; not run
pq: item 3 'file/x': cannot open 'file/x' for reading: Not a directory; not run
pq: item 4 '': cannot open '' for reading: No such file or directory; not run"
	assert_equal "$(tail -n +2 log | cut -f 7)" $'0\n2\n2\n2'
	assert_exist file.ran
	assert_not_exist none.ran
	run --separate-stderr pq ::: 'echo a >>dir'
	only_message "item 1 'echo a >>dir': cannot open 'dir' for writing: Is a directory; not run"
	run --separate-stderr pq ::: 'echo a 5<>no/file'
	only_message "item 1 'echo a 5<>no/file': cannot open 'no/file' for reading and writing: No \
such file or directory; not run"
	run --separate-stderr pq --joblog log ::: 'touch ran >made 2>&7'
	only_message "item 1 'touch ran >made 2>&7': cannot make 2 a copy of 7: Bad file descriptor; \
not run"
	assert_exist made
	assert_not_exist ran
	pq -j1 --retries 20 --backoff 0.1 ::: 'echo a >not/yet' 'mkdir not'
	assert_equal "$(cat not/yet)" a
}

@test "redirections know the descriptors that pq's caller handed down, and none of pq's own" {
	local fd
	directly
	for fd in 3 4 5 6 7 8 9; do
		run --separate-stderr pq "echo {} >&$fd" ::: a 3>&- 4>&-
		assert_failure 123
		only_message "item 1 'a': cannot make 1 a copy of $fd: Bad file descriptor; not run"
	done
	pq -j4 'echo {} >&9' ::: 1 2 3 4 9>nine
	assert_equal "$(sort nine)" $'1\n2\n3\n4'
	pq 'cat {} <&8 2>&-' ::: - 8<nine >out
	cmp nine out
	run pq 'ls {} /proc/self/fd 7<&9 9>&-' ::: -1 8<nine 9<nine
	assert_output "$(sh -c 'exec ls -1 /proc/self/fd 7<&9 9>&-' 8<nine 9<nine)"
}

@test "what a redirection opens is one word, whatever the item, and none of it is code" {
	mkdir sub
	local item items=('a b' '*' '$(touch PWNED)' '-n' 'sub/`id`' '~' $'new\nline' "'" '"' '&1' '>x'
		$'\xff')
	pq -k 'printf %s {} >{}.f' ::: "${items[@]}"
	for item in "${items[@]}"; do
		assert_equal "$(cat -- "$item.f")" "$item"
	done
	assert_equal "$(find . -mindepth 1 -maxdepth 1 -printf .)" ............
	pq -n2 'printf %s, {} >{}' ::: a b
	assert_equal "$(cat 'a b')" a,b,
}

@test "a command with redirections is shown as it was written, and --dry-run opens nothing" {
	run --separate-stderr pq --dry-run 'cat {} 2>&1 >{}.out' ::: 'a b'
	assert_output "cat 'a b' 2>&1 >'a b'.out"
	run --separate-stderr pq --dry-run ::: 'echo a  >b' $'echo \x01 >b'
	assert_line 'echo a  >b'
	assert_line "/bin/sh -c \$'echo \\001 >b'"
	assert_not_exist b
	run --separate-stderr pq -t 'cat /dev/null {} >{}.out' ::: /dev/null
	# shellcheck disable=SC2154
	assert_equal "$stderr" 'cat /dev/null /dev/null >/dev/null.out'
}

@test "a script without a #! line and redirections is a shell's, and no program is known early" {
	echo 'echo "script $1"' >script
	chmod +x script
	run -0 pq './script {} >out' ::: a
	assert_equal "$(cat out)" 'script a'
	run -0 pq ::: './script b >out'
	assert_equal "$(cat out)" 'script b'
	run -127 pq 'no-such-program {} >made' ::: a
	assert_output "pq: 'no-such-program': command not found"
	assert_not_exist made
	run pq --joblog log ::: 'no-such-program >made'
	assert_equal "$(tail -n +2 log | cut -f 7)" 127
	assert_exist made
}

@test "redirections need no descriptor that is not there" {
	run bash -c 'ulimit -n 32; seq 200 | pq -j64 "echo {} >>out 2>&1 3>three 4<&0 9>&3"'
	assert_success
	assert_equal "$(sort -n out)" "$(seq 200)"
}

# --- beside a shell --------------------------------------------------------

# What it is given and what it has open, on all of them.
make_probe() {
	cat >probe <<-'E'
		#!/usr/bin/env perl
		use strict;
		my $said = join(",", map { "<$_>" } @ARGV);
		for my $fd (0 .. 9) {
			open(my $h, "+<&=", $fd) or open($h, "<&=", $fd) or open($h, ">&=", $fd) or next;
			$said .= "[$fd]";
			if ($fd == 0) { sysread($h, my $in, 20); $in //= "-"; $said .= "{$in}" }
			syswrite($h, "$fd:$said;\n");
		}
		exit(@ARGV % 3);
	E
	chmod +x probe
}

# generated N: so many lines of words and redirections; {} stands in some.
generated() {
	perl -e '
		srand $ARGV[1];
		sub one { $_[int rand @_] }
		# A shell says into what 2 is by then that it cannot do what comes next. So where 2
		# is redirected nothing can fail.
		my $safe;
		sub target { $safe ? one(qw(f g h i.j dir/f ./f a=b))
			: one(qw(f g h i.j in dir/f dir none/f in/f ./f a=b {} {}.x dir/{}), "f") }
		sub redirection {
			my $blank = one("", "", " ", "\t");
			my $copy = one(0 .. ($safe ? 2 : 5));
			my $fd = one("", "", "", 0, 1, $safe ? 2 : 3, 3 .. 9);
			my $sign = one(qw(> > >> <> >|), $safe ? () : "<");
			return $fd . one("<", ">") . "&" . $blank . "-" if !$safe && !int rand 8;
			if (int rand 4 == 0) {
				my $way = one("<", ">");
				my $own = $fd ne "" ? $fd : $way eq ">" ? 1 : 0;
				return "$fd$way&$blank" . ($own == $copy ? ($own + 1) % 3 : $copy);
			}
			return $fd . $sign . $blank . target();
		}
		sub word { one(qw(a b=c 12 x{} {} --), "a2", "-") }
		for (1 .. $ARGV[0]) {
			$safe = !int rand 3;
			my @line = map { redirection() } 1 .. int rand 3;
			push @line, "../probe";
			push @line, rand() < .5 ? word() : redirection() for 1 .. int rand 7;
			my $line = shift @line;
			# only behind a word that is no number may a redirection follow at once
			$line .= ($line =~ /[a-z}]$/ && /^[<>]/ && rand() < .5 ? "" : one(" ", "  ", "\t")) . $_
				for @line;
			print "$line\n";
		}' "$1" "${SEED:-1}"
}

# Twin directories, with what there is to read in them.
make_twins() {
	local twin
	for twin in shell pq; do
		mkdir -p "$twin/dir"
		seq 30 >"$twin/in"
	done
}

# The same files, modes and bytes in both?
assert_twins() {
	local twin
	for twin in shell pq; do
		(cd "$twin" && find . -printf '%p %m %y\n' | sort) >"$twin.files"
	done
	diff shell.files pq.files
	diff -r shell pq
}

# What is said of a redirection that cannot be done is each one's own.
unsaid() {
	grep -av -e '^pq: ' -e '^/bin/sh: ' -e '^sh: ' "$1" || :
}

# A job has no descriptors but those of this test: none beyond 2.
bare() {
	"$@" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
}

@test "three hundred lines do what /bin/sh does with them" {
	local line status
	command -v perl >/dev/null || skip 'no perl'
	make_probe
	make_twins
	generated 300 | sed 's/{}/item/g' >lines
	cd shell
	while IFS= read -r line; do
		status=0
		bare /bin/sh -c "$line" </dev/null >>../shell.out 2>>../shell.err || status=$?
		echo "$status $line" >>../shell.status
	done <../lines
	cd ../pq
	bare pq -j1 -k --quiet --joblog ../log <../lines >../pq.out 2>../pq.err || [ $? = 123 ]
	cd ..
	tail -n +2 log | cut -f 7,9- | tr '\t' ' ' >pq.status.all
	paste -d ' ' <(cut -d ' ' -f 1 pq.status.all) lines >pq.status
	assert_twins
	cmp shell.out pq.out
	cmp <(unsaid shell.err) <(unsaid pq.err)
	run /bin/sh -c 'cat >none/f'
	[ "$status" -eq 2 ] || return 0 # it has another status for what cannot be opened
	diff shell.status pq.status
	[ "$(grep -c '^2' pq.status)" -gt 50 ]
}

@test "a hundred lines with items in them do what /bin/sh does with the item as \"\$1\"" {
	local line item k=0
	local items=('a b' '*' 'dir/x' '-' '$x' "'" 'none/y' 2)
	command -v perl >/dev/null || skip 'no perl'
	make_probe
	make_twins
	SEED=2 generated 100 | grep '{}' >lines
	while IFS= read -r line; do
		item=${items[k++ % ${#items[@]}]}
		(cd shell && bare /bin/sh -c "${line//'{}'/'"$1"'}" sh "$item") </dev/null \
			>>shell.out 2>>shell.err || :
		(cd pq && bare pq --quiet "$line" ::: "$item") >>pq.out 2>>pq.err || [ $? = 123 ]
	done <lines
	[ "$k" -gt 40 ]
	assert_twins
	cmp shell.out pq.out
	cmp <(unsaid shell.err) <(unsaid pq.err)
}
