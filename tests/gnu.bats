# Under the name parallel, or behind --gnu: the command line as GNU parallel reads it.
# Not with the thread sanitizer: the command line has been read before there are threads.

load helper
load gnu

# The link, and no other parallel.
parallel() {
	bin/parallel "$@"
}

# prints TEXT ARGUMENT...: `parallel -k` with these, and GNU parallel, where it is installed.
prints() {
	local text=$1
	shift
	run -0 parallel -k "$@" </dev/null
	assert_output "$text"
	like_gnu -k "$@"
}

# like_gnu ARGUMENT...: the same output and status as GNU parallel's. /dev/null is its input.
like_gnu() {
	local ours
	unset -f parallel
	if gnu_parallel; then
		mkdir -p home && touch home/will-cite
		run --separate-stderr bin/parallel "$@" </dev/null
		ours="$status $output"
		PARALLEL_HOME=$PWD/home run --separate-stderr parallel "$@" </dev/null
		assert_equal "$ours" "$status $output"
	fi
	parallel() { bin/parallel "$@"; }
}

# --- the mode ---------------------------------------------------------------

@test "under the name parallel words are joined, and given to the shell" {
	prints 'a b c' echo 'a  b' ::: c
	prints '2 x' echo '$((1 + 1))' ::: x
	prints $'x\nlast' echo {} ';' echo last ::: x
}

@test "--gnu as the first word does the same" {
	run -0 pq --gnu echo 'a  b' ::: c
	assert_output 'a b c'
	run -0 parallel --gnu echo 'a  b' ::: c
	assert_output 'a b c'
}

@test "--gnu behind another word is refused" {
	refuses 'no option --gnu: only as the first word, pq --gnu ...; see pq-parallel(7)' \
		-k --gnu echo ::: a
}

@test "under its own name, and under other ones, pq takes words as they stand" {
	run -0 pq echo 'a  b' ::: c
	assert_output 'a  b c'
	ln -s "$PQ" bin/parallel2
	run -0 bin/parallel2 echo 'a  b' ::: c
	assert_output 'a  b c'
}

@test "a value is one word for the shell, whatever is in it" {
	prints "<it's; echo no \$HOME>" printf "'<%s>\\n'" ::: "it's; echo no \$HOME"
}

@test "without a command each item is a shell line" {
	printf '%s\n' 'echo a  b' 'echo c; echo d' >lines
	run -0 parallel -k <lines
	assert_output $'a b\nc\nd'
}

@test "the status is how many jobs have failed, and nothing is said of it" {
	run --separate-stderr -0 parallel exit ::: 0 0
	run --separate-stderr -2 parallel exit ::: 1 0 7
	assert_equal "$stderr" ''
	seq 101 >list
	run --separate-stderr -101 parallel 'false {}' :::: list
	seq 100 >list
	run --separate-stderr -100 parallel 'false {}' :::: list
	run --separate-stderr -3 parallel --halt now,fail=1 exit ::: 3
}

@test "a command line that cannot be ends with 255" {
	run --separate-stderr -255 parallel --nonesuch echo ::: a
	assert_equal "$stderr" "pq: unknown option '--nonesuch'; pq --help lists what there is"
	run --separate-stderr -255 parallel echo :::: missing
	refute_output
}

@test "a command that is not found fails job by job" {
	run --separate-stderr -2 parallel ./nonesuch ::: a b
}

@test "exported functions are known, as the shell is the one that has called" {
	greet() { echo "hello $1"; }
	export -f greet
	run -0 bash -c 'bin/parallel -k greet ::: ann bob; true'
	assert_output $'hello ann\nhello bob'
}

@test "PARALLEL_SHELL is the shell" {
	printf '%s\n' '#!/bin/sh' 'echo "mine: $2"' >mine
	chmod +x mine
	PARALLEL_SHELL=$PWD/mine run -0 parallel 'echo {};' ::: a
	assert_output --regexp '^mine: .*echo '
}

@test "echo is that of dash where dash is the shell" {
	command -v dash >/dev/null || skip 'dash is not installed'
	export PARALLEL_SHELL=$(command -v dash)
	prints $'x\ty' echo ::: 'x\ty'
	prints '-e x' ::: 'echo -e x'
	like_gnu -k echo {1}-{2} ::: '' a ::: e n
	export PARALLEL_SHELL=$BASH
	prints 'x\ty' echo ::: 'x\ty'
}

@test "the shell is one for all sections" {
	run -0 bash -c 'one() { echo "1 $1"; }; two() { echo "2 $1"; }; export -f one two
		bin/parallel one --next two ::: a | sort; true'
	assert_output $'1 a\n2 a'
}

@test "options in PARALLEL are refused, as they would be lost" {
	PARALLEL=-j2 run --separate-stderr -255 parallel echo ::: a
	refute_output
	assert_equal "$stderr" "pq: PARALLEL is set in the environment, and no options are read there:\
 give them on the command line, and unset PARALLEL"
	PARALLEL= run -0 parallel echo ::: a
	PARALLEL=-j2 run -0 pq echo ::: a
}

# --- options ----------------------------------------------------------------

@test "--version names what pq stands in for, with its number" {
	run -0 parallel --version
	assert_output --regexp '^pq [0-9.]+.*, in place of GNU parallel [0-9]{8}$'
	run -0 parallel --minversion 20150122
	assert_output --regexp '^[0-9]{8}$'
	run -255 parallel --minversion 21000101
}

@test "--citation does not run what answers it" {
	run -0 parallel --citation <<<'touch ran'
	assert_not_exists ran
}

@test "options that pq has no need of are taken" {
	prints a --will-cite --no-notice --plain --silent --compress --env PATH --tmpdir /tmp -x \
		echo ::: a
}

@test "-v prints each command in front of what its job prints" {
	prints $'echo a\na\necho b\nb' -v echo ::: a b
}

@test "-q runs words as they stand" {
	prints 'a  $b c' -q echo 'a  $b' ::: c
}

@test "-n 0 runs the command once for each item, without it" {
	prints $'x\nx\nx' -n0 echo x ::: a b c
	prints $'x\nx' -N0 echo x ::: a b
}

@test "-N takes so many values, and {1} {2} are each of them" {
	prints $'b a\nd c' -N2 echo {2} {1} ::: a b c d
}

@test "-m puts all values where {} is, -X repeats its word" {
	prints 'pre1 2 3post' -j1 -m echo 'pre{}post' ::: 1 2 3
	prints 'pre1post pre2post pre3post' -j1 -X echo 'pre{}post' ::: 1 2 3
}

@test "-L and -l take so many lines, and with --pipe they are a record" {
	printf '%s\n' 'a b' c d >list
	prints $'a b c\nd' -L2 echo :::: list
	prints $'<a b>\n<c>\n<d>' -l "printf '<%s>\\n'" :::: list
	run -0 parallel -k --pipe -L2 -n1 'cat; echo .' <list
	assert_output $'a b\nc\n.\nd\n.'
}

@test "--pipe-part cuts a file at the first record behind each block" {
	printf '%s\n' a b c >list
	run -0 parallel -k --pipe-part --block 2 -a list 'cat; echo .'
	assert_output $'a\nb\n.\nc\n.'
}

@test "--xargs fills one job" {
	seq 100 >list
	run -0 parallel -j4 --xargs 'echo {} | wc -w' :::: list
	assert_output --regexp '^ *100$'
}

@test "--arg-sep and --arg-file-sep are what ::: and :::: are called" {
	printf '%s\n' x y >list
	prints $'::: a\n::: b' --arg-sep ,, echo ::: ,, a b
	prints $'a x\na y' --arg-file-sep // echo ::: a // list
}

@test "-I, -i and the other names change what a replacement string is called" {
	prints 'a.b {}' -I ,, echo ,, {} ::: a.b
	prints 'a' --er ,, echo ,, ::: a.b
	prints 'c.d' --bnr ,, echo ,, ::: a/c.d
	prints 'a' --dnr ,, echo ,, ::: a/c.d
	prints 'c' --bner ,, echo ,, ::: a/c.d
	prints '1 a' --seqreplace ,, echo ,, {} ::: a
	prints '1 a' -j1 --slotreplace ,, echo ,, {} ::: a
}

@test "-e and -E end the input" {
	prints 'a' -E stop echo ::: a stop b
	prints 'a' -estop echo ::: a stop b
}

# --- replacement strings ----------------------------------------------------

@test "{= =} takes formulas, and --parens names it" {
	prints a.txt echo '{= s/\.gz$// =}' ::: a.txt.gz
	prints a.txt --parens ,,,, echo ',, s/\.gz$// ,,' ::: a.txt.gz
	prints 'A b' echo '{=1 $_=uc($_) =}' {2} ::: a ::: b
}

@test "--rpl makes a replacement string" {
	prints 'gz a.gz' --rpl '{ext} s/.*\.//' echo {ext} {} ::: a.gz
	prints 'b a' --rpl '{ext} s/.*\.//' echo {2ext} {1ext} ::: x.a ::: y.b
	prints 'a.txt' --rpl '{less(.+?)} s/$$1$//;' echo '{less.gz}' ::: a.txt.gz
	run --separate-stderr -255 parallel --rpl '{ext}' echo ::: a
	assert_equal "$stderr" "pq: --rpl: '{ext}' is no name and steps; try '{ext} s/.*\\.//'"
}

@test "--plus has the strings for parts of names" {
	local rows string text
	rows=(
		'{..} d/a' '{...} d/a.tar.gz' '{+/} d' '{+.} gz' '{+..} tar.gz' '{/..} a'
		'{%.gz} d/a.tar' '{%%.gz} d/a.tar' '{#d/} a.tar.gz' '{/a/x} d/x.txr.gz'
		'{:2} a.tar.gz' '{:2:5} a.tar' '{^d} D/a.tar.gz' '{^^a} d/A.tAr.gz'
	)
	for text in "${rows[@]}"; do
		string=${text% *}
		[ "$string" != '{/a/x}' ] || text='{/a/x} d/x.tar.gz'
		prints "${text#* }" --plus echo "$string" ::: d/a.tar.gz
	done
	prints none --plus echo '{:-none}' ::: ''
	like_gnu -k --plus echo '{..}' '{...}' '{/..}' '{/...}' '{+/}' '{+.}' '{+..}' '{+...}' \
		::: a a.gz d/a.tar.gz d.x/a a.b.c.d /a
}

@test "a tag may have any of the replacement strings" {
	prints $'a\ta.b' --er ,, --tagstring ,, echo ::: a.b
	prints $'d/a\td/a.b.c' --plus --tagstring '{..}' echo ::: d/a.b.c
}

# --- as GNU parallel spells it ----------------------------------------------

@test "--dry-run shows commands as GNU parallel does" {
	prints $'echo \'a b\'' --dry-run echo ::: 'a b'
	prints $'echo \'it\'"\'"\'s\'' --dry-run echo ::: "it's"
	prints $'echo \'a\' | wc -c a.b-c_d/e+f' --dry-run echo "'a'" '|' wc -c ::: a.b-c_d/e+f
}

@test "output and status are those of GNU parallel, which runs beside" {
	unset -f parallel
	gnu_parallel || skip 'GNU parallel is not installed'
	like_gnu -k echo ::: a b ::: 1 2
	like_gnu -k echo ::: a b :::+ 1 2
	like_gnu -k --link echo ::: a b ::: 1 2
	like_gnu -k --tag echo ::: a b
	like_gnu -k --tagstring 'x{}' echo ::: a b
	like_gnu -k --colsep , echo {2} {1} ::: a,b
	like_gnu -k --header : echo {x} {y} ::: x 1 2 ::: y 3
	like_gnu -k --trim lr echo '"{}"' ::: ' a '
	like_gnu -k echo {#} {.} {/} {//} {/.} ::: d/a.b
	like_gnu -k --retries 2 exit ::: 0 4
	like_gnu -j1 --halt soon,fail=1 exit ::: 0 4 5
	like_gnu -j1 --halt now,success=1 exit ::: 3 0 5
	like_gnu --dry-run -k 'cd {} && wc "$HOME"' ::: 'a*b' '~' ''
	like_gnu -r echo
}

@test "braces that say nothing are text, and a value that is not there is empty" {
	prints '{..} {+/} a.b.c' echo '{..} {+/}' ::: a.b.c
	prints '{##} a' echo '{##}' ::: a
	prints '{name} 1' --header : echo '{name} {x}' ::: x 1
	prints '1 b=' echo '{0#}' 'b={3}' ::: a
	prints $'x-a-b-\nx-c--' -N2 echo 'x-{1}-{2}-{3}' ::: a b c
}
