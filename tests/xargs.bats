# The habits of xargs, under pq's own name, beside the xargs that is installed; and what GNU
# parallel has of the same kind, in its mode, beside that.

load helper
load gnu

gnu_xargs() {
	[[ $(xargs --version 2>/dev/null) == 'xargs (GNU findutils)'* ]]
}

# as_xargs TEXT ARGUMENT...: `pq -k` with these prints TEXT from the file `input`, and xargs,
# too.
as_xargs() {
	local text=$1
	shift
	run -0 --separate-stderr pq -k "$@" <input
	assert_output "$text"
	if gnu_xargs; then
		run -0 --separate-stderr xargs "$@" <input
		assert_output "$text"
	fi
}

# --- lines -------------------------------------------------------------------

@test "-L takes so many lines that are not blank, and a blank at the end joins the next one" {
	printf '%s\n' 'a ' b '' c '  ' d $'e ' '' f g >input
	as_xargs $'a b c\nd e f\ng' -L2 echo
	as_xargs $'a b c\nd e f\ng' --max-lines=2 echo
	as_xargs $'a b c\nd e f\ng' -l2 echo
	as_xargs $'a b\nc\nd\ne f\ng' -l echo
	as_xargs $'a b\nc\nd\ne f\ng' --max-lines echo
}

@test "lines that are joined are one item, which has no more bytes than another" {
	printf '%s\n' 'a ' b c >input
	run -0 pq -k -L1 echo '<{}>' <input
	assert_output $'<a b>\n<c>'
	run -0 pq -k -L1 echo '<{}>' ::: 'a ' b c
	assert_output $'<a b>\n<c>'
	printf '%s\n' 'long ' 'word ' then next >input
	run --separate-stderr -123 pq -k -L1 --max-item 8 echo <input
	assert_output next
	tells "item 1 'long '" 'is longer than --max-item'
}

@test "the last line may end with a blank, and stands for itself" {
	printf 'a\nb ' >input
	run -0 pq -k -L1 echo '<{}>' <input
	assert_output $'<a>\n<b >'
}

@test "in the mode -L and -l keep lines without anything, and join by any white space" {
	printf '%s\n' $'a\t' b '' c 'd ' '' e >input
	as_gnu $'echo \'a\tb\'\necho \'\'\necho c\necho \'d e\'' -L1 --dry-run echo
	as_gnu $'<a\tb>\n<>\n<c>\n<d e>' -l -q echo '<{}>'
	printf '%s\n' c '' 'd ' e >input
	as_gnu 'xcy xd ey' -r -L2 -q echo x{}y
	as_gnu 'xc d ey' -r -l2 -q echo x{}y
	as_gnu $'a b\nc' -L1 echo ::: 'a ' b c
	as_gnu $'a b\nc' -L2 -n1 echo ::: 'a ' b c
}

@test "-L goes with nothing that says in another way what a job has" {
	refuses "-L with -n: each says how much a job has; leave one out" -L2 -n1 echo ::: a
	refuses "-L with -N: each says how much a job has; leave one out" \
		--max-lines -N1 echo ::: a
	refuses "-L with a queue in --from: an item of a queue is no line; use -n" \
		-L2 --from sqlite:q.db echo
	refuses "-l with -e and no command: each record is transformed by itself; leave it out" \
		-l2 -e s/a/b/
	refuses "-L: '0' is no number of at least 1; try 4" -L0 echo ::: a
}

# --- delimiters --------------------------------------------------------------

@test "-d with an escape and -0 cut the list, and -a names it" {
	printf 'a b,c' >input
	as_xargs $'a b\nc' -d , -n1 echo
	as_xargs $'a b\nc' -a input -d, -n1 echo
	printf 'a\nb\n' >input
	as_xargs $'a\nb' --delimiter '\n' -n1 echo
	printf 'a b\0c\nd\0' >input
	as_xargs $'a b\nc\nd' -0 -a input -n1 echo
	as_xargs $'a b c\nd' --null --arg-file=input -n2 echo
}

@test "in the mode -d may be several bytes, and cuts arguments, too" {
	as_gnu $'1\n2\n3' -d , echo ::: 1,2 3
	as_gnu $'1 a\n1 b\n2 a\n2 b' --delimiter '\t' echo ::: $'1\t2' ::: $'a\tb'
	as_gnu $'1\n2' -d '\n' echo ::: $'1\n2'
	as_gnu $'1\n2\n\n3' -d ab echo ::: 1ab2ab 3
	as_gnu '1,2' -0 echo ::: 1,2
	printf '1ab2aab3abb4ab' >input
	as_gnu $'1\n2a\n3\nb4' -d ab echo
	printf '1aba2ababab3' >input
	as_gnu $'1\n2\nbab3' -d aba echo
	printf 'b1\r\n2 \r\n3\r\n' >input
	as_gnu $'b1\n2 3' -d '\r\n' -L1 echo
	as_gnu $'b1' -d '\r\n' -E '2 ' echo
	run --separate-stderr -255 bin/parallel -d '' echo ::: a
	assert_equal "$stderr" "pq: -d: '' ends nothing; try , or '\n'"
}

@test "a record in pieces that is too long is refused whole, and the next one is not" {
	printf 'a%099dbab2b3ab' 7 >input
	run --separate-stderr -1 bin/parallel -d ab --max-item 8 echo <input
	assert_output 2b3
	tells 'item 1' 'is longer than --max-item'
}

# --- replacement strings -----------------------------------------------------

@test "-i and --replace name {}, as -I does" {
	printf '%s\n' 'a b' c >input
	as_xargs $'<a b>\n<c>' -i echo '<{}>'
	as_xargs $'<a b>\n<c>' -i% echo '<%>'
	as_xargs $'<a b>\n<c>' --replace=% echo '<%>'
	as_xargs $'<a b>\n<c>' --replace echo '<{}>'
	as_xargs $'<a b>\n<c>' -I% echo '<%>'
	as_gnu $'<a b>\n<c>' -q -i% echo '<%>'
	as_gnu $'<a b>\n<c>' -q --replace=% echo '<%>'
}

# --- the length of a command -------------------------------------------------

@test "-s keeps a command as short as xargs does" {
	local size
	seq 99 >input
	for size in 8 9 10 20 33 100; do
		run -0 --separate-stderr pq -k -X -j1 -s "$size" echo <input
		assert_equal "$(awk -v most="$size" 'length + 6 > most' <<<"$output")" ''
		assert_equal "$(tr ' ' '\n' <<<"$output")" "$(seq 99)"
		if gnu_xargs; then
			assert_equal "$output" "$(xargs -s "$size" echo <input 2>/dev/null)"
		fi
	done
}

@test "with -n no more records than fit are in a job, but at least one" {
	seq 8 >input
	as_xargs $'1 2 3\n4 5 6\n7 8' -n4 -s 11 echo
	as_xargs $'1 2\n3 4\n5 6\n7 8' -n4 -s 10 echo
	as_xargs $'1\n2\n3\n4\n5\n6\n7\n8' --max-args=4 --max-chars=8 echo
	printf '%s\n' 1 22222222 3 >input
	run --separate-stderr -123 pq -k -n2 -s 10 echo <input
	assert_output $'1\n3'
	tells "item 2 '22222222'" 'a command of 14 bytes; -s allows 10'
}

@test "-s goes by what becomes of a value, whatever its own length" {
	run -0 pq -k -X -j1 -s 11 echo '{/}' ::: /a/long/name/1 /another/2 /3 /one/4
	assert_output $'1 2 3\n4'
	run -0 pq -k -X -j1 -s 15 echo '{= s/./$&$&$&/ =}' ::: 1 2 3
	assert_output $'111 222\n333'
}

@test "-x ends the run where a command would be too long, and -L or -n would have fewer records" {
	seq 6 >input
	run --separate-stderr -125 pq -k -j1 -x -n3 -s 10 echo <input
	refute_output
	tells "item 1 '1' '2' '3'" 'a command of 11 bytes; -s allows 10'
	run -0 pq -k -x -n3 -s 11 echo <input
	assert_output $'1 2 3\n4 5 6'
	printf '%s\n' 1 22222222 3 >input
	run --separate-stderr -125 pq -k -j1 --exit -X -s 10 echo <input
	assert_output 1
	if gnu_xargs; then
		run --separate-stderr -1 xargs -n2 -s 10 echo <input
		assert_output 1
	fi
	run --separate-stderr -123 pq -k -L2 -s 10 echo <input
	assert_output 3
}

@test "-x is for what the system does not take, too" {
	head -c 200000 /dev/zero | tr '\0' x >input
	run --separate-stderr -125 pq -x true <input
	tells 'an argument of 200000 bytes'
}

@test "in the mode -s is about the command as it is shown" {
	local size
	seq 20 >input
	for size in 9 10 14 33; do
		if gnu_parallel; then
			as_gnu "$(PARALLEL_HOME=$PWD/home parallel --will-cite -k -j1 -s "$size" -X --dry-run \
				echo 2>&1 <input)" -j1 -s "$size" -X --dry-run echo
		fi
	done
	as_gnu $'echo x1 2y\necho x3 4y' -j1 -s 12 -m --dry-run echo x{}y ::: 1 2 3 4
	as_gnu $'echo \'a b\'\necho c' -j1 -s 12 -X --dry-run echo ::: 'a b' c
	as_gnu $'echo \'a b\' c' -j1 -s 13 -X --dry-run echo ::: 'a b' c
	as_gnu $'echo 1 2\necho 3' -L3 -s 10 --dry-run echo ::: 1 2 3
}

@test "in the mode a value that does not fit ends the run with 255" {
	run --separate-stderr -255 bin/parallel -s 9 echo ::: 12345
	refute_output
	tells "item 1 '12345'" 'a command of 11 bytes; -s allows 9'
	if gnu_parallel; then
		PARALLEL_HOME=$BATS_TEST_TMPDIR run --separate-stderr -255 parallel --will-cite \
			-s 9 echo ::: 12345
	fi
}

@test "-s is refused where no command is made of records" {
	refuses "-s with --pipe: records are not arguments; try --block SIZE" -s 9 --pipe cat
	refuses "--max-chars with --persistent: its items are no arguments; leave it out" \
		--max-chars=9 --persistent cat
	refuses "-x with -e and no command: no command is run that could be too long; leave it out" \
		-x -e s/a/b/
}

# --- the slot ----------------------------------------------------------------

# each_has COMMAND...: four at a time, what three of them have in S while all of them run.
each_has() {
	rm -f begun door
	gate door
	seq 3 >input
	background "$@" sh -c 'echo "$S" >>begun; read x <door' sh <input
	wait_until has_lines begun 3
	open_gate door 3
	wait $!
	sort begun
}

@test "--process-slot-var is a number from 0 that no other running job has" {
	S=outer run -0 each_has pq -j4 -n1 --process-slot-var S
	assert_output $'0\n1\n2'
	if gnu_xargs; then
		S=outer run -0 each_has xargs -P4 -n1 --process-slot-var S
		assert_output $'0\n1\n2'
	fi
	as_gnu $'0 1\n0 1' -j1 --process-slot-var=S 'echo $S $PARALLEL_JOBSLOT; : ' ::: a b
	run -0 pq -j1 --process-slot-var S --persistent \
		sh -c 'while read x; do echo "$x $S"; done' ::: a b
	assert_output $'a 0\nb 0'
}

@test "--process-slot-var wants a name that is free" {
	refuses "--process-slot-var: 'A=B' is no name of a variable; try SLOT" \
		--process-slot-var A=B echo ::: a
	refuses "--process-slot-var: 'PQ_SLOT' may be one that pq has for a job already; try SLOT" \
		--process-slot-var PQ_SLOT echo ::: a
}

# --- what the same letters do ------------------------------------------------

environment_takes() {
	sed -n 's/.*the environment takes \([0-9]*\) (--show-limits)$/\1/p' <<<"$stderr"
}

@test "--show-limits says what the system allows, and goes on" {
	local before
	LONGER=x run --separate-stderr -0 pq --show-limits echo ::: a
	assert_output a
	tells 'a command may have ' "one word $(($(getconf PAGESIZE) * 32 - 1))"
	before=$(environment_takes)
	LONGER=xyz run --separate-stderr -0 pq --show-limits echo ::: a
	assert_equal "$(environment_takes)" $((before + 2))
	run -0 --separate-stderr pq -s 100 --show-limits -X echo ::: a b
	tells '(--show-limits)'
}

@test "-E, -r, -t, -P and -a with their long names are xargs' own" {
	printf '%s\n' a stop b >input
	as_xargs a -E stop -n1 echo
	: >input
	as_xargs '' -r echo x
	as_xargs '' --no-run-if-empty echo x
	printf '%s\n' a b >input
	as_xargs $'a\nb' --arg-file=input --max-args=1 --max-procs=1 echo
	run -0 pq -P0 echo <input
	assert_equal "$(sort <<<"$output")" $'a\nb'
	local option
	for option in -t --verbose; do
		run -0 --separate-stderr pq -j1 "$option" echo <input
		assert_equal "$stderr" $'echo a\necho b'
		if gnu_xargs; then
			run -0 --separate-stderr xargs -n1 "$option" echo <input
			assert_equal "$stderr" $'echo a\necho b'
		fi
	done
}

@test "words in quotes are taken apart by xargs itself, for pq to run" {
	command -v xargs >/dev/null || skip 'xargs is not installed'
	printf '%s\n' '"a b" c\ d' "e 'f  g'" >input
	run -0 sh -c "xargs printf '%s\\0' <input | pq -0 -k echo '<{}>'"
	assert_output $'<a b>\n<c d>\n<e>\n<f  g>'
}
