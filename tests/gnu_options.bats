# Under the name parallel: GNU parallel's options one by one, as they are spelled there.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	mkdir bin
	ln -s "$PQ" bin/parallel
}

parallel() {
	bin/parallel "$@"
}

# prints TEXT ARGUMENT...: what `parallel -k` prints with these.
prints() {
	local text=$1
	shift
	run --separate-stderr -0 parallel -k "$@" </dev/null
	assert_output "$text"
}

# denies TEXT ARGUMENT...: the command line is refused with this line, and nothing is started.
denies() {
	local text=$1
	shift
	run --separate-stderr -255 parallel "$@" </dev/null
	refute_output
	assert_equal "$stderr" "pq: $text"
}

# --- names ------------------------------------------------------------------

@test "a name may be abbreviated as in GNU parallel, whatever pq has beside it" {
	prints $'a b\nc' --max-a 2 echo ::: a b c
	prints a --keep echo ::: a
	prints a --willc --use-comp gzip --usedecompress zcat echo ::: a
	denies 'no option --basefile: jobs run on this machine only; try ssh HOST in the command' \
		--basefi echo ::: a
	denies '--ret could be --retries or --retry-failed or --return' --ret 2 echo ::: a
	run -2 pq --keep echo ::: a
	assert_output --partial '--keep: '
}

@test "upper case does not matter in long names" {
	prints $'a\ta' --Keep-Order --TAG echo ::: a
	run -2 pq --TAG echo ::: a
}

@test "a value that need not follow is the next word where it looks like one" {
	prints a --eof b echo ::: a b c
	prints a -i ,, echo ,, ::: a
	prints $'a b\nc' -l 2 echo ::: a b c
	prints $'a\nb' --max-lines echo ::: a b
}

@test "-U is --er, as it once was" {
	prints 'a a.b' -U ,, echo ,, {} ::: a.b
}

# --- numbers ----------------------------------------------------------------

@test "numbers may have units and fractions" {
	seq 2100 >list
	run -0 parallel -n 1k 'echo {} | wc -w' :::: list
	assert_equal "$(sort -n <<<"$output" | tr -d ' ')" $'100\n1000\n1000'
	run -0 parallel -n 2Ki 'echo {} | wc -w' :::: list
	assert_equal "$(sort -n <<<"$output" | tr -d ' ')" $'52\n2048'
	printf '%s\n' a b c >list
	run -0 parallel -k --pipe --block 2.9 'cat; echo .' <list
	assert_output $'a\n.\nb\n.\nc\n.'
	prints a --retries 1k --memfree 1Ki echo ::: a
	run -2 pq -n 1k echo ::: a
}

@test "--retries 0 tries until it succeeds" {
	run --separate-stderr -0 parallel --retries 0 'echo {} >>tried; [ $(wc -l <tried) = 4 ]' ::: a
	run -2 pq --retries 0 true ::: a
}

@test "--minversion 0 prints the version" {
	prints 20221122 --minversion 0
}

# --- the machine ------------------------------------------------------------

@test "--number-of-threads and its like print a number" {
	local option
	for option in cpus cores sockets threads; do
		run --separate-stderr -0 parallel --number-of-$option <<<'touch ran'
		assert_output --regexp '^[1-9][0-9]*$'
	done
	run --separate-stderr -0 parallel --max-line-length-allowed <<<'touch ran'
	assert [ "$output" -ge 4095 ]
	run --separate-stderr -0 parallel --record-env <<<'touch ran'
	refute_output
	assert_not_exists ran
}

# --- how jobs run -----------------------------------------------------------

@test "--wd is where jobs run, and is made" {
	prints "$PWD/new" --wd new pwd ::: a
	prints "$PWD/a b"$'\n'"$PWD/it's" --workdir "$PWD/{}" pwd ::: 'a b' "it's"
	prints "$PWD/new" --wd new ::: pwd
	prints "$PWD/bin" --wd . "cd bin; pwd" ::: a
	run --separate-stderr -1 parallel --wd bin/parallel/x echo ::: a
	refute_output
	denies '--wd ...: pq makes no directories that it would have to remove; try --wd DIR/{#}' \
		--wd ... echo ::: a
	denies '-q with --wd: the shell line that goes there would read the words again; leave -q'"\
 out, or use env -C DIR before the command" -q --wd /tmp echo ::: a
}

@test "the colon is this machine, and other ones are refused" {
	prints a -S : echo ::: a
	prints a --sshlogin : echo ::: a
	denies 'no option -S: jobs run on this machine only; try ssh HOST in the command' \
		-S server echo ::: a
}

@test "--tmpdir is TMPDIR, of jobs too" {
	prints "$PWD/new a" --tmpdir "$PWD/new" 'echo $TMPDIR' ::: a
}

@test "jobs know who has started them" {
	run -0 bash -c 'bin/parallel -n0 "echo \$PARALLEL_PID" ::: a & echo $! >pid; wait $!'
	assert_output "$(cat pid)"
}

@test "--delay with auto follows how jobs end" {
	prints $'a\nb\nc' --delay 0.001auto echo ::: a b c
	denies "--delay: 'auto' is no time; try 2, 0.5, 100ms or 1auto" --delay auto echo ::: a
}

# --- how they are shown -----------------------------------------------------

@test "--shellquote prints what would be run, quoted once more for each" {
	prints "'a b'"$'\n'\''it'"'\"'\"'s'" --shellquote ::: 'a b' "it's"
	prints "'echo '\"'\"'a b'\"'\"" --shellquote echo ::: 'a b'
	prints $'\'\x01\'' --shellquote ::: $'\x01'
	prints "\"'\"'a b'\"'\"" --shell-quote --shell_quote ::: 'a b'
}

@test "--no-keep-order and --silent override, wherever they stand" {
	gate late
	run -0 bash -c 'bin/parallel --nok -k -j2 "[ {} = b ] || read x <late; echo {}" ::: a b |
		{ read -r first; echo "$first"; echo >late; cat; }'
	assert_output $'b\na'
	prints a --silent -v echo ::: a
}

@test "--tagstring knows \\t, \\n, \\r and octal numbers" {
	prints $'x\ty\101\ta' --tagstring 'x\ty\101' echo ::: a
	prints $'<\\x\\\\a>\ta' --tagstring '<\x\\{}>' echo ::: a
	denies "--tagstring: '\\\\0' has a NUL byte, which a tag cannot" --tagstring '\0' echo ::: a
}

@test "--ctag and --ctagstring have colours" {
	run -0 parallel --ctag echo ::: a
	assert_output --regexp $'^\e\\[[0-9;]*ma\e\\[0m\ta$'
	run -0 parallel --ctagstring '<{}>' echo ::: a
	assert_output --regexp $'^\e\\[[0-9;]*m<a>\e\\[0m\ta$'
}

@test "--regex takes no value, as there" {
	printf 'a1b22c' >input
	run -0 parallel -k --pipe --block 1 --regex --recend '[0-9]+' 'cat; echo .' <input
	assert_output $'a1.\nb22.\nc.'
}

@test "--journal goes on with the same command alone, and these options are part of it" {
	run -0 parallel --journal j -N 2 echo ::: a b
	run --separate-stderr -255 parallel --journal j -N 1 echo ::: a b
	refute_output
	assert_regex "$stderr" '-N'
}

# --- what has no say --------------------------------------------------------

@test "options that have no say where they stand are passed over" {
	prints a --block 1k --recstart x --recend y --regexp echo ::: a
	prints $'\ta' --tag --pipe cat ::::  <(echo a)
	run -0 parallel --tag --tagstring no -k -u echo ::: a
	assert_output a
	run -0 parallel --results dir --tag --lb echo ::: a
	refute_output
	assert_equal "$(cat dir/1/a/stdout)" a
	seq 2 >list
	run -0 parallel -k --pipe --regexp cat <list
	assert_output $'1\n2'
	run -2 pq -k -u echo ::: a
	run -2 pq --results dir --tag echo ::: a
}

@test "--retry-failed takes its commands from the log, whatever stands beside it" {
	run -1 parallel -j1 --joblog log '[ -e {} ]' ::: bin new
	run -1 parallel --joblog log --retry-failed -N2 echo ::: x
	refute_output
	touch new
	run -0 parallel --joblog log --retry-failed --pipe cat
	assert_equal "$(cut -f7 log)" $'Exitval\n0\n1\n1\n0'
}

@test "--help is that of pq, and says whose command lines are read" {
	run -0 parallel --help echo
	assert_equal "${lines[0]}" \
		'pq in place of GNU parallel: its command lines are read as there, pq-parallel(7).'
	assert_equal "${lines[1]}" "$(pq --help | head -1)"
	run -0 parallel --help=jobs
	assert_equal "${lines[0]}" "$(pq --help jobs | head -1)"
}

# --- shell lines ------------------------------------------------------------

@test "data may stand in [[ ]] of bash, where that does not evaluate it" {
	export PARALLEL_SHELL=bash
	prints $'ab\n-eq' '[[ {} == ab* || -e {} || {} =~ ^-e ]] && printf "%s\\n" {} || :' \
		::: ab 'a[$(touch x)]' -eq
	run --separate-stderr parallel '[[ {1} {2} 1 ]] && echo yes' ::: 'a[$(touch x)]' ::: -eq
	refute_output
	run --separate-stderr -0 parallel --dry-run '[[ {} == b ]]' ::: -v
	assert_output "[[ '-v' == b ]]"
	denies 'column 4: {} cannot stand in [[ ]], which can execute it; use [ ]' \
		'[[ {} -eq 1 ]]' ::: a
	denies 'column 7: {} cannot stand in [[ ]], which can execute it; use [ ]' '[[ -v {} ]]' ::: a
	run -255 parallel "bash -c '[[ {} == 1 ]]'" ::: a
	run -2 pq '[[ {} == 1 ]]' ::: a
	run -0 pq --shell-path bash '[[ {} == a ]]' ::: a
	assert_not_exists x
}

@test "{1} alone makes each of these values a shell line, as {} does with items" {
	prints $'a b\na b\nc\nc' {1} ::: 'echo a  b' 'echo c; :' ::: 1 2
	prints $'1\n2' {-1} ::: a ::: 'echo 1' 'echo 2'
}

@test "::: with nothing behind it is an empty list, whatever stands on stdin" {
	run -0 parallel echo ::: <<<a
	refute_output
}

@test "an argument with a newline is one item, and -d cuts it" {
	prints $'<a\nb>\n<c>' 'printf "<%s>\\n"' ::: $'a\nb' c
	prints $'a\nb\nc' -d '\n' echo ::: $'a\nb' c
}

@test "a line that begins with {} alone runs the item as a shell line, and what is behind it" {
	prints $'3\nb  c' '{} | tail -n 1' ::: 'seq 3' 'echo "b  c"'
	prints $'4\nb' '{} | tail -n 1' ::: 'seq 4; :' 'echo a; echo b' # all it prints, not there
	prints $'seq 2 >1\necho "a;  b" >2' --dry-run '{} >{#}' ::: 'seq 2' 'echo "a;  b"'
	# what is shown does the same: it is no part of another command
	prints $'eval \'echo a; echo b\' | wc -l\neval \'echo "\' | wc -l\neval \'a\\\' | wc -l' \
		--dry-run '{} | wc -l' ::: 'echo a; echo b' 'echo "' 'a\'
	prints "eval 'echo; a' | wc -l" --dry-run -n2 '{} | wc -l' ::: 'echo;' a
	prints '' '{} >{#}' ::: 'seq 2' 'echo x; :'
	assert_equal "$(cat 1 2)" $'1\n2\nx'
	prints $'2\na  b' --header : '{c} | wc -l; echo {d}' ::: c 'seq 2' ::: d 'a  b'
	prints $'2\na  b;:' '{2}|wc -l;echo {1}' ::: 'a  b;:' ::: 'seq 2'
	prints $'2\nb' '{1} | {2}; {3}' ::: 'seq 2' ::: 'sort -r | head -n 1' ::: 'echo b' # others, too
	mkdir -p dir
	prints dir --wd dir '{} | cat' ::: 'basename "$PWD"'
	# elsewhere, and with words behind it, it is a value as any other
	run -1 bin/parallel '{} x' ::: 'echo a'
	assert_output --partial 'not found'
	run -1 bin/parallel ': ; {}' ::: 'echo a'
	assert_output --partial 'not found'
	run -1 bin/parallel 'if {}; then echo b; fi; false' ::: 'echo a'
	assert_output --partial 'not found'
}

@test "no shell that reads another language than sh is chosen" {
	printf '#!/bin/sh\necho never\n' | tee fish >tcsh
	chmod +x fish tcsh
	unset PARALLEL_SHELL
	# xargs is no shell: the user's own counts
	SHELL=$PWD/fish run -0 xargs bin/parallel 'echo {} | tr a-z A-Z' ::: <<<ab
	assert_output AB
	PARALLEL_SHELL=$PWD/tcsh denies \
		'PARALLEL_SHELL is tcsh, which reads another language than sh does; try bash' echo ::: a
	run -2 pq --shell-path ./fish 'echo {} | cat' ::: a
	assert_output "pq: --shell-path ./fish: that reads another language than sh does; try bash, or\
 ./fish -c '...' {} for the command"
}
