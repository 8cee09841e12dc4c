# Input: what an item is, where items come from, and what cannot be read.

load helper
load gnu
load faults/faults

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# items_are ITEM...: the jobs of `pq OPTION...` (in $options) on this input had
# these items, one each, byte for byte.
options=()
items_are() {
	pq -k "${options[@]}" printf '%s\0' >got
	[ $# -eq 0 ] || printf '%s\0' "$@" >expected
	[ $# -gt 0 ] || : >expected
	cmp got expected
}

# prints TEXT ARGUMENT...: pq -k with these prints this.
prints() {
	local text=$1
	shift
	run pq -k "$@"
	assert_success
	assert_output "$text"
}

# --- lines -----------------------------------------------------------------------

@test "a line is an item" {
	printf 'a\nb\nc\n' | items_are a b c
}

@test "the last line needs no newline" {
	printf 'a\nb' | items_are a b
}

@test "no input, no job" {
	items_are </dev/null
}

@test "empty lines are empty items" {
	printf '\n' | items_are ''
	printf '\n\n\n' | items_are '' '' ''
	printf 'a\n\nb\n' | items_are a '' b
}

@test "blanks, quotes, backslashes and a carriage return belong to the item" {
	items=(' a  b ' "\"a\" 'b'" 'a\nb\' $'c\r' $'\t' '$HOME' '`x`' '*' '#')
	printf '%s\n' "${items[@]}" | items_are "${items[@]}"
}

@test "what looks like an option or a replacement string is just an item" {
	items=(-n --help -- {} '{.}{#}' {1} :::)
	printf '%s\n' "${items[@]}" | items_are "${items[@]}"
	prints '-{}.{#} -{}' printf '%s %s\n' {} {.} < <(echo '-{}.{#}')
	prints $'{}\t{}' --tag echo {} ::: {}
}

@test "bytes that are no UTF-8 pass as they are" {
	printf '\377\376\n\303\n\300\200\n\355\240\200\n' |
		items_are $'\377\376' $'\303' $'\300\200' $'\355\240\200'
}

@test "every byte but NUL, each as an item and all in one" {
	awk 'BEGIN { for (i = 1; i < 256; i++) printf "\\%03o", i }' >bytes
	all=$(printf "$(cat bytes)_")
	all=${all%_}
	options=(-0)
	printf '%s\0' "$all" | items_are "$all"
	each=()
	for i in {1..255}; do
		each+=("$(printf "\\$(printf %03o "$i")_")")
	done
	printf '%s\0' "${each[@]%_}" | items_are "${each[@]%_}"
}

@test "UTF-16 is told once, with the way" {
	local code
	for code in UTF-16LE UTF-16BE; do
		{ [ $code = UTF-16LE ] && printf '\xff\xfe' || printf '\xfe\xff'; printf 'a,1\nb,2\n' |
			iconv -t $code; } >input
		run -123 --separate-stderr pq -k --csv echo <input
		assert_equal "${stderr_lines[0]}" "pq: standard input is UTF-16; iconv -f UTF-16 -t UTF-8 \
makes text of it that pq can cut into items"
		assert_equal "$(grep -c UTF-16 <<<"$stderr")" 1
		assert_equal "$(tail -n +2 <<<"$stderr" | grep -cvE "^pq: item [0-9] .*: holds a NUL byte, \
which no argument can; -0 is for items that end with one$")" 0
		run -0 --separate-stderr pq -k echo < <(iconv -f UTF-16 -t UTF-8 input)
		assert_output $'a,1\nb,2'
		[ -z "$stderr" ]
	done
}

@test "an item with a NUL byte fails alone: no argument can hold one" {
	printf 'a\nb\0c\nd\n' >items
	run --separate-stderr -123 pq -k echo <items
	assert_output $'a\nd'
	only_message "item 2 'b\\x00c': holds a NUL byte, which no argument can; -0 is for items that \
end with one"
}

@test "lines of every length around what is read at a time" {
	for n in {65530..65545} {131060..131071} {1..400}; do
		printf '%0*d\n' "$n" 0
	done >items
	pq -k -n 5 printf '%s\n' <items >got
	cmp got items
}

# --- separators ------------------------------------------------------------------

@test "-0: items end with NUL, and newlines belong to them" {
	options=(-0)
	printf 'a\nb\0c\0' | items_are $'a\nb' c
	printf 'a\0b' | items_are a b
	printf '\0\0' | items_are '' ''
}

@test "-d: one byte, or a C escape" {
	options=(-d ,)
	printf 'a,b\n,,c' | items_are a $'b\n' '' c
	for name in : '\072' '\x3a' '\x3A'; do
		options=(-d "$name")
		printf 'a:b' | items_are a b
	done
	while read -r name octal; do
		options=(-d "$name")
		printf "a\\${octal}b" | items_are a b
	done <<-'END'
		\a 007
		\b 010
		\t 011
		\n 012
		\v 013
		\f 014
		\r 015
		\0 000
		\x1f 037
		\\ 134
	END
}

@test "of -0 and -d the last one holds" {
	options=(-0 -d ,)
	printf 'a,b' | items_are a b
	options=(-d , -0)
	printf 'a,b\0c' | items_are a,b c
}

# --- records that are too long ---------------------------------------------------

@test "--max-item: a longer record is refused and counts as failed, the rest goes on" {
	printf '%s\n' 12345678 123456789 ok >items
	run --separate-stderr -123 pq -k --max-item 8 echo <items
	assert_output $'12345678\nok'
	only_message "item 2 '123456789': is longer than --max-item allows"
}

@test "--max-item: at the beginning, at the end, one after the other, of any length" {
	local long
	long=$(head -c 300000 /dev/zero | tr '\0' x)
	printf '%s\n' "$long" "$long" a "$long" b '' "$long" >items
	run --separate-stderr -123 pq -k --max-item 10 echo <items
	assert_output $'a\nb'
	local refused="'${long:0:40}...': is longer than --max-item allows"
	only_message "item 1 $refused" "item 2 $refused" "item 4 $refused" "item 7 $refused"
	printf %s "$long" >items
	run -123 pq --max-item 10 echo <items
	assert_output "pq: item 1 $refused"
}

@test "--max-item: among several records of a job the refused one goes alone" {
	printf '%s\n' 1 2 too-long 3 4 5 >items
	run --separate-stderr -123 pq -k -n 3 --max-item 5 echo <items
	assert_output $'1 2\n3 4 5'
}

@test "the same trouble is told ten times, and then counted" {
	seq 1000 1099 >items
	run --separate-stderr -123 pq --max-item 3 echo <items
	assert_equal "${#stderr_lines[@]}" 11
	assert_equal "${stderr_lines[10]}" 'pq: items that were refused: 90 more like the ten above'
}

# --- as it comes -----------------------------------------------------------------

@test "an item starts before the next one has come" {
	gate more
	background pq echo < <(echo a; read -r _ <more; echo b) >out
	wait_until has_lines out 1
	assert_equal "$(cat out)" a
	open_gate more 1
	wait $!
	assert_equal "$(cat out)" $'a\nb'
}

@test "half a line is no item yet" {
	gate more
	background pq echo < <(printf 'a\nb'; read -r _ <more; echo c) >out
	wait_until has_lines out 1
	wait_until steady $!
	assert_equal "$(cat out)" a
	open_gate more 1
	wait $!
	assert_equal "$(cat out)" $'a\nbc'
}

@test "-n: a job starts when it has its records" {
	gate more
	background pq -n 2 echo < <(printf '1\n2\n3\n'; read -r _ <more) >out
	wait_until has_lines out 1
	assert_equal "$(cat out)" '1 2'
	open_gate more 1
	wait $!
	assert_equal "$(cat out)" $'1 2\n3'
}

@test "combinations start with what the first source has, the others being complete" {
	gate more
	background pq -k echo {1}{2} :::: - ::: x y < <(echo a; read -r _ <more; echo b) >out
	wait_until has_lines out 2
	open_gate more 1
	wait $!
	assert_equal "$(cat out)" $'ax\nay\nbx\nby'
}

# --- what cannot be read ---------------------------------------------------------

@test "an input that is not there: 1, and nothing is started" {
	local input
	for input in '-a missing' '--from missing' '-a /dev/null -a missing' \
		'--from . --from missing'; do
		run --separate-stderr -1 pq $input touch started
		only_message 'cannot read missing: No such file or directory'
	done
	run --separate-stderr -1 pq touch :::: missing
	only_message 'cannot read missing: No such file or directory'
	assert_file_not_exists started
}

@test "a directory where a file should be: 1" {
	run --separate-stderr -1 pq echo <.
	refute_output
	only_message 'cannot read standard input to its end: Is a directory'
	run --separate-stderr -1 pq -a . echo
	refute_output
	only_message 'cannot read . to its end: Is a directory'
}

@test "a closed standard input: 1" {
	run --separate-stderr -1 sh -c 'pq echo <&-'
	refute_output
	only_message 'cannot read standard input to its end: Bad file descriptor'
}

@test "a read error: what was whole is done, half a line is not, and the status is 1" {
	unsanitized 'it is traced'
	strace -o /dev/null true 2>/dev/null || skip 'strace may not trace'
	local n
	seq 100001 140000 >items
	for n in 1 2 3 4; do
		run --separate-stderr -1 strace -f -qq -o trace -e trace=read -P "$PWD/items" \
			-e inject=read:error=EIO:when=$n "$PQ" -k -a items -X printf '%s\n'
		only_message 'cannot read items to its end: Input/output error'
		# Whole lines of what had been read by then, 64 KiB at a time.
		cmp <(printf %s "${output:+$output$'\n'}") \
			<(head -c $(((n - 1) * 65536)) items | sed -n '$!p')
	done
}

@test "a read that is interrupted or would block is tried again" {
	unsanitized 'it is traced'
	strace -o /dev/null true 2>/dev/null || skip 'strace may not trace'
	local error
	seq 40000 >items
	for error in EINTR EAGAIN; do
		strace -f -qq -o trace -e trace=read -P "$PWD/items" \
			-e inject=read:error=$error:when=1+2 "$PQ" -k -a items -X printf '%s\n' >out
		cmp out items
		grep -q "$error.*INJECTED" trace
	done
}

@test "failed input ranks before failed jobs in the exit status" {
	unsanitized 'it is traced'
	strace -o /dev/null true 2>/dev/null || skip 'strace may not trace'
	seq 100001 140000 >items
	run --separate-stderr -1 strace -f -qq -o trace -e trace=read -P "$PWD/items" \
		-e inject=read:error=EIO:when=2 "$PQ" -j1 -a items -n 9000 false
	only_message 'cannot read items to its end: Input/output error' "2 of 2 failed: 1 '100001' \
'100002' '100003' and 8997 more exit 1, 2 '109001' '109002' '109003' and 359 more exit 1"
}

# --- several inputs --------------------------------------------------------------

@test "-a, :::: and ::: name inputs; - is standard input" {
	seq 3 >three
	printf 'x\ny' >two
	prints $'1\n2\n3' -a three echo
	prints $'1\n2\n3' echo :::: three
	prints $'1\n2\n3' echo ::: 1 2 3
	prints $'1\n2\n3' -a - echo <three
	prints $'1\n2\n3' echo :::: - <three
	prints $'a b\n\nc' echo ::: 'a b' '' c
	prints '' echo :::
	prints '' echo ::::  /dev/null
}

@test "several inputs: all combinations, the last turns fastest" {
	seq 3 >three
	printf 'x\ny' >two
	prints $'1 x\n1 y\n2 x\n2 y\n3 x\n3 y' -a three -a two echo
	prints $'1 x\n1 y\n2 x\n2 y\n3 x\n3 y' echo :::: three two
	prints $'1 x\n1 y\n2 x\n2 y\n3 x\n3 y' echo :::: three :::: two
	prints $'a x\na y\nb x\nb y' echo ::: a b :::: two
	prints $'x 1\nx 2\nx 3\ny 1\ny 2\ny 3' echo :::: two - <three
	prints $'ace\nacf\nade\nadf\nbce\nbcf\nbde\nbdf' echo {1}{2}{3} ::: a b ::: c d ::: e f
	prints $'eca\nfca\neda\nfda\necb\nfcb\nedb\nfdb' echo {-1}{-2}{-3} ::: a b ::: c d ::: e f
}

@test ":::+ and ::::+ pair up with the input before, to the end of the shorter" {
	seq 3 >three
	printf 'x\ny' >two
	prints $'a 1\nb 2' echo ::: a b :::+ 1 2
	prints $'a 1\nb 2' echo ::: a b c :::+ 1 2
	prints $'a 1\nb 2' echo ::: a b ::::+ three
	prints $'1 x\n2 y' echo :::: three ::::+ two
	prints $'a c e\na c f\nb d e\nb d f' echo ::: a b :::+ c d ::: e f
	prints $'e a c\ne b d\nf a c\nf b d' echo ::: e f ::: a b :::+ c d
	prints $'a c e g\na c f h\nb d e g\nb d f h' echo ::: a b :::+ c d ::: e f :::+ g h
	prints $'a 1 x\nb 2 y' echo ::: a b :::+ 1 2 ::::+ two
}

@test "--link pairs all inputs up, shorter ones start again" {
	seq 3 >three
	printf 'x\ny' >two
	prints $'a c f\nb d f\na e f' --link echo ::: a b ::: c d e ::: f
	prints $'1 x\n2 y\n3 x' --link -a three -a two echo
	prints $'1 x\n2 y\n3 x' --link echo :::: three two
}

@test "an input of several that is empty counts as one empty value" {
	alike $'a-\nb-' -k echo {1}-{2} ::: a b :::: /dev/null
	alike $'-a\n-b' -k echo {1}-{2} :::: /dev/null ::: a b
	alike $'a-\nb-' -k echo {1}-{2} ::: a b :::
	alike 'a--c' echo {1}-{2}-{3} ::: a ::: ::: c
	alike 'a-' echo {1}-{2} ::: a b ::::+ /dev/null
	alike 'a-' echo {1}-{2} ::: a b :::+
	alike $'a-\nb-' -k -E END echo {1}-{2} ::: a b ::: END c
	# GNU parallel cannot do this one.
	prints $'a-\nb-' -k --link echo {1}-{2} ::: a b :::
}

@test "inputs that are all empty: no job" {
	alike '' echo :::
	alike '' echo ::: :::
	alike '' echo ::: :::: /dev/null
	alike '' -a /dev/null -a /dev/null echo
	prints '' --link -a /dev/null -a /dev/null echo
}

@test "an input that cannot be read does not count as empty" {
	mkdir dir
	run -1 --separate-stderr pq echo {1}-{2} ::: a b :::: dir
	assert_output ''
	run -1 --separate-stderr pq echo {1}-{2} :::: dir ::: a b
	assert_output ''
}

@test ":::: without a file is refused: what should have named them was empty" {
	local none=()
	run -2 pq echo :::: "${none[@]}"
	assert_output 'pq: :::: names no file'
	run -2 pq echo ::: a ::::+ "${none[@]}"
	assert_output 'pq: ::::+ names no file'
}

# --- what is left out, and where an input ends ---------------------------------------

@test "-E: the input ends where a record is this string" {
	printf '%s\n' a b END c END >input
	alike $'a\nb' -E END echo
	alike $'a\nb' -E END echo :::: input
	alike $'a\nb\nEND\nc\nEND' -E EN echo
	alike $'a\nb\nEND\nc\nEND' -E END: echo
	alike a -E b echo ::: a b c
	alike $'a\nb' -E '' echo ::: a b
	printf 'a\nEND' >input
	alike a -E END echo
	printf 'END\nb\n' >input
	alike '' -E END echo
	prints a -0 -E $'b\nc' echo < <(printf 'a\0b\nc\0d\0')
}

@test "-E: of several inputs each ends by itself" {
	printf '%s\n' a b END c >input
	alike $'a x\na y\nb x\nb y' -E END echo :::: - ::: x y END z
	alike $'a x\nb y' -E END echo :::: - :::+ x y END z
	alike $'a x\na y' -E b echo ::: a b c ::: x y
	printf '%s\n' 1 END 2 >more
	prints $'1\na\nb' -E END --from more --from input echo
}

@test "-E: what comes after it is not waited for" {
	gate more
	background pq -E END echo < <(exec 3>&-; printf 'a\nEND\n'; read -r _ <more) >out
	wait $!
	assert_equal "$(cat out)" a
	open_gate more
}

@test "--skip-first-line: the first record of each file is left out" {
	printf '%s\n' title a b >input
	printf '%s\n' other c >more
	alike $'a\nb' --skip-first-line echo
	alike $'a\nb' --skip-first-line echo :::: input
	alike $'a x\na y\nb x\nb y' --skip-first-line echo :::: input ::: x y
	prints $'a c\nb c' --skip-first-line echo :::: input more
	prints $'a c' --skip-first-line echo :::: input ::::+ more
	run pq --skip-first-line --from input --from more echo
	assert_equal "$(sort <<<"$output")" $'a\nb\nc'
	: >input
	alike '' --skip-first-line echo
	printf title >input
	alike '' --skip-first-line echo
	printf 'END\na\nEND\n' >input
	prints a --skip-first-line -E END echo <input
}

@test "--skip-first-line: even one that is too long" {
	printf 'a long title\na\n' >input
	prints a --skip-first-line --max-item 4 echo <input
}

@test "--skip-first-line with arguments alone is refused" {
	run --separate-stderr -2 pq --skip-first-line echo ::: a b
	only_message '--skip-first-line with ::: alone: arguments have no first line; leave out the'\
' first one'
}

@test "-r: blank records are left out, as the last word on empty input" {
	printf '\n \na\n\t \n b \n\v\f\r\n\n' >input
	alike $'xa\nx b ' -r echo x{}
	alike $'xa  b ' -r -n 2 echo x{}
	alike $'xa\nx b ' -r echo x{} :::: input
	alike $'ax\nbx' -r echo {1}{2} ::: a '' b ' ' ::: '' x
	printf '\n\n' >input
	alike '' -r echo x
	: >input
	alike '' -r echo x
	alike '' echo x
	prints $'a\n\001' -r echo < <(printf 'a\n\001\n')
}

# ends_when_told: the pq in the background, whose input has no end, ends by SIGTERM.
ends_when_told() {
	wait_until has_worked $!
	kill -TERM $!
	wait_until gone $!
}

# It has been running for some time. For wait_until.
has_worked() {
	[ "$(awk '{ print $14 + $15 }' "/proc/$1/stat")" -ge 5 ]
}

@test "-r: blank lines without an end do not keep pq from hearing a signal" {
	background pq -r true < <(yes '')
	ends_when_told
}

@test "--shuf: every item once, and not in the same order each time" {
	seq 1000 >input
	pq --shuf -k echo <input >one
	pq --shuf -k echo <input >two
	cmp <(sort -n one) input
	cmp <(sort -n two) input
	run -1 cmp -s one input
	run -1 cmp -s one two
	pq --shuf -k -n 7 echo <input | tr ' ' '\n' | sort -n | cmp - input
	pq --shuf -k echo {#} <input | cmp - input
}

@test "--shuf: combinations, merged sources, blank and empty input" {
	pq --shuf echo {1}{2} ::: {a..z} ::: {1..9} | sort | cmp - <(printf '%s\n' {a..z}{1..9})
	seq 100 >one
	seq 101 200 >two
	pq --shuf -k --from one --from two echo {} {source} >out
	cmp <(sort -n out) <(sed 's/$/ one/' one; sed 's/$/ two/' two)
	sed 's/.* //' out >sources
	run -1 cmp -s sources <(sort sources)
	prints '' --shuf echo < <(:)
	pq --shuf -r -E END --skip-first-line -k echo < <(printf '%s\n' t a '' b END c) | sort >out
	assert_equal "$(cat out)" $'a\nb'
}

@test "--shuf: nothing is run before all is read, whatever source it is in" {
	mkfifo slow
	gate more
	seq 3 >now
	background sh -c 'exec >slow; echo 4; read x <more; echo 5'
	background pq --shuf --from slow --from now 'touch started; echo {}' >out
	wait_until steady $!
	assert_file_not_exists started
	open_gate more 1
	wait $!
	assert_equal "$(sort out)" "$(seq 5)"
}

@test "--shuf: the number of items is known, so --halt takes its percentage of all" {
	seq 400 >items
	run -124 --separate-stderr pq --shuf -j1 --halt soon,done=5% echo <items
	[ "${#lines[@]}" -eq 20 ]
}

@test "--shuf: reading all of an infinite input can be stopped" {
	background pq --shuf true < <(yes)
	ends_when_told
}

@test "--shuf: a source that cannot be read to its end" {
	seq 3 >items
	run --separate-stderr -1 pq --shuf -a items -a . echo
	refute_output
	only_message 'cannot read . to its end: Is a directory'
	run --separate-stderr -1 pq --shuf --from items --from missing echo
	refute_output
}

@test "what is left out is so before -e, too" {
	printf '%s\n' title b '' a END c >input
	run pq -k --skip-first-line -e upper <input
	assert_output $'B\n\nA\nEND\nC'
	run pq -k --skip-first-line -r -E END -e upper <input
	assert_output $'B\nA'
	run pq -k --shuf -E END -r -e upper <input
	assert_equal "$(sort <<<"$output")" $'A\nB\nTITLE'
	printf 'a long title\nb\n' >input
	run pq --skip-first-line --max-item 300000 -e upper <input
	assert_output B
	{ printf '%0400000d\n' 0; seq 100000; } >input
	pq -k --skip-first-line --max-item 300000 -e upper <input | cmp - <(seq 100000)
	printf 'title' >input
	run pq --skip-first-line -e upper <input
	assert_success
	refute_output
}

# --- several records in a job ----------------------------------------------------

@test "-n: so many records in a job, fewer in the last" {
	prints $'1 2\n3 4\n5' -n 2 echo ::: 1 2 3 4 5
	prints $'1 2 3' -n 5 echo ::: 1 2 3
	prints $'2 1\n4 3\n 5' -n 2 echo {2} {1} ::: 1 2 3 4 5
	prints $'1/2 1 2\n3/ 3' -n 2 echo {1}/{2} {} ::: 1 2 3
	prints $'2\n3' -n 2 echo {-1} ::: 1 2 3
	prints $'1 2\n3' -N 2 echo < <(seq 3)
	prints $'pict1 2.jpg\npict3.jpg' -n2 echo pict{}.jpg < <(seq 3)
	prints $'pict1.jpg pict2.jpg\npict3.jpg' -N2 echo pict{}.jpg < <(seq 3)
	prints $'a1 a2 2-1\na3 -3' -N2 'echo a{} {2}-{1}' < <(seq 3)
}

@test "-n and -X: of several inputs each combination is a record" {
	printf 'p\nq\n' >two
	alike $'a 1 a 2\nb 1 b 2\nc 1 c 2' -n2 echo ::: a b c ::: 1 2
	alike $'a 1 a 2 b 1\nb 2 c 1 c 2' -n3 echo ::: a b c ::: 1 2
	alike $'a-1-a-2\nb-1-b-2' -N2 echo {1}-{2}-{3}-{4} ::: a b ::: 1 2
	alike $'2-a\n-b' -N3 echo {4}-{1} ::: a b ::: 1 2
	alike $'a 1 b 2\nc 3' -n2 echo ::: a b c :::+ 1 2 3
	alike $'a-1-b-2\nc-3--' -N2 --link echo {1}-{2}-{3}-{4} ::: a b c ::: 1 2 3
	alike $'p p p q\nq p q q' -n2 -a two -a two echo
	alike 'a-b-1-2-a-b' -N2 -C , echo {1}-{2}-{3}-{4}-{5}-{6} ::: a,b ::: 1,2 3,4
	alike $'a-1-a-2\nb-1-b-2' --header : -N2 echo {1}-{2}-{3}-{4} ::: x a b ::: y 1 2
	prints 'a 1 a 2 b 1 b 2' -j1 -X echo ::: a b ::: 1 2
	prints 'xay x1y xay x2y' -j1 -X echo x{}y ::: a ::: 1 2
}

@test "-X: as many as fit, spread over the workers at the end" {
	prints '1 2 3' -X -j1 echo ::: 1 2 3
	prints $'1 2 3\n4 5 6\n7' -X -j3 echo ::: {1..7}
	prints $'1 2\n3 4\n5 6\n7' -X -j3 -n 2 echo ::: {1..7}
	prints 'a1b a2b a3b' -X -j1 echo a{}b ::: 1 2 3
	prints '1 2 3 1 2 3' -X -j1 echo {} {} ::: 1 2 3
	prints 'p1m1q p2m2q' -X -j1 echo p{}m{}q ::: 1 2
	prints '1:1 1:2 1:3' -X -j1 echo {#}:{} ::: 1 2 3
	prints 'a b c' -X -j1 echo {.} ::: a.x b.y c
	prints '1 2' -X -j1 echo {1} {2} ::: 1 2 3
}

@test "-X: what the system takes is used, and no more" {
	seq -f '%030.0f' 200000 >items
	pq -k -j4 -X --joblog log printf '%s\n' <items >out
	cmp out items
	[ "$(wc -l <log)" -lt 20 ]
	pq -k -X 'printf "%s\n" {}' <items >out
	cmp out items
}

# --- merged sources --------------------------------------------------------------

@test "--from: files are merged, and each item knows its source" {
	seq 3 >one
	printf 'x\ny' >two
	run pq --from one --from two --from - 'echo {} {source} "$PQ_SOURCE"' < <(echo in)
	assert_success
	assert_equal "$(sort <<<"$output")" "1 one one
2 one one
3 one one
in - -
x two two
y two two"
}

@test "--from: each source keeps its own order" {
	seq 1 2 99 >odd
	seq 2 2 100 >even
	pq -k --from odd --from even echo >out
	cmp <(awk '$1 % 2' out) odd
	cmp <(awk '$1 % 2 == 0' out) even
}

@test "--from: FIFOs are read at the same time: one that waits does not hold up the others" {
	mkfifo slow fast
	gate more
	background sh -c 'exec >slow; echo slow 1; read x <more; echo slow 2'
	background sh -c 'for i in 1 2 3; do echo fast $i; done >fast'
	background pq --from slow --from fast echo >out
	wait_until has_lines out 4
	assert_equal "$(sort out)" $'fast 1\nfast 2\nfast 3\nslow 1'
	open_gate more 1
	wait $!
	assert_equal "$(tail -n 1 out)" 'slow 2'
}

@test "--from: a FIFO may have its writer later" {
	mkfifo late
	seq 3 >now
	background pq --from late --from now echo >out
	wait_until has_lines out 3
	echo 4 >late
	wait $!
	assert_equal "$(sort out)" "$(seq 4)"
}

@test "--from: a last line without newline does not run into the next source" {
	printf a >one
	printf b >two
	run pq -k --from one --from two echo
	assert_output $'a\nb'
}

@test "a directory: every regular file below, sorted by name, links not followed" {
	mkdir -p in/b/deep in/empty elsewhere
	touch in/a in/b/2 in/b/10 in/b/deep/x in/c in/.hidden elsewhere/not 'in/z z' $'in/new\nline'
	ln -s ../elsewhere in/link
	ln -s a in/link-to-file
	mkfifo in/fifo
	options=(--from in)
	items_are in/.hidden in/a in/b/10 in/b/2 in/b/deep/x in/c $'in/new\nline' 'in/z z'
	options=(--from in/)
	items_are in/.hidden in/a in/b/10 in/b/2 in/b/deep/x in/c $'in/new\nline' 'in/z z'
	options=(--from in/empty)
	items_are
	prints $'in/b\nin/b\nin/b' --from in/b echo {source}
	ln -s in way
	options=(--from way)
	items_are way/.hidden way/a way/b/10 way/b/2 way/b/deep/x way/c $'way/new\nline' 'way/z z'
}

# Root reads everything; without this capability it does not.
as_mortal() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --bounding-set=-dac_override,-dac_read_search "$@"
	else
		"$@"
	fi
}

@test "a directory below that cannot be read: told, the others are done, 1" {
	as_mortal true 2>/dev/null || skip 'root without setpriv'
	mkdir -p in/a in/closed in/z
	touch in/a/1 in/closed/2 in/z/3
	chmod 0 in/closed
	run --separate-stderr -1 as_mortal "$PQ" -k --from in echo
	chmod 700 in/closed
	assert_output $'in/a/1\nin/z/3'
	only_message "cannot read 'in/closed': Permission denied; its files are left out"
}

@test "a file that cannot be read: 1, and nothing is started" {
	as_mortal true 2>/dev/null || skip 'root without setpriv'
	seq 3 >closed
	chmod 0 closed
	run --separate-stderr -1 as_mortal "$PQ" -a closed echo
	refute_output
	only_message 'cannot read closed: Permission denied'
}

@test "--max-item: an argument that is longer is refused, too, alone or in a combination" {
	run -123 --separate-stderr pq -k --max-item 2 echo ::: a bcd ef
	assert_output $'a\nef'
	assert_equal "$stderr" "pq: item 2 'bcd': is longer than --max-item allows"
	run -123 --separate-stderr pq -k --max-item 2 echo ::: a ::: bcd ef
	assert_output 'a ef'
	assert_equal "$stderr" "pq: item 1 'a' 'bcd': is longer than --max-item allows"
}

# --- standard input is shared ------------------------------------------------------

# rest_is TEXT ARGUMENT...: after pq with these has read `list`, what comes next on the same
# standard input is this.
rest_is() {
	local text=$1 rest
	shift
	rest=$({ pq "$@" >out 2>err || :; cat; } <list)
	[ "$rest" = "$text" ] || fail "pq $*: left '$rest'; $(cat err)"
}

@test "an early end leaves the rest of a file on standard input to who reads on" {
	seq 5 >list
	rest_is $'3\n4\n5' -E 2 echo
	rest_is $'3\n4\n5' -E 2 -n4 echo
	rest_is $'3\n4\n5' -E 2 -e s/1/x/
	rest_is $'3\n4\n5' -E 2 echo :::: - ::: a b
	rest_is $'3\n4\n5' -E 2 echo ::: a b :::: -
	rest_is '' echo
	rest_is '' -E 5 --shuf echo
}

@test "what was read and not run when --halt ends the run is there for who reads on" {
	seq 5 >list
	rest_is $'2\n3\n4\n5' -j1 --halt now,fail=1 false
	rest_is $'2\n3\n4\n5' -j1 --halt soon,success=1 --pipe -n1 cat
	rest_is $'3\n4\n5' -j1 --halt soon,done=1 -X -n2 true
	rest_is $'3\n4\n5' -j1 --halt now,fail=1 --journal j 'test {} = 1'
}

@test "what a signal kept from being done is there for who reads on" {
	local input
	seq 5 >list
	exec {input}<list
	gate door
	background pq -j1 --drain 0.1 'echo {} >>begun; test {} = 1 || read x <door' <&"$input"
	wait_until has_lines begun 2
	kill -TERM "$!"
	wait_until gone "$!"
	assert_equal "$(cat <&"$input")" $'2\n3\n4\n5'
}

@test "what pq begins to read in the middle of a file it leaves there, too" {
	seq 5 >list
	run sh -c 'read x; pq -E 3 echo; cat' <list
	assert_output $'2\n4\n5'
}

@test "when nothing was started, standard input is as it was" {
	printf 'a,b\n1,2\n' >list
	rest_is $'a,b\n1,2' --csv --header : echo {c}
	seq 3 >list
	seq 9 | pq -k --journal j true
	rest_is $'1\n2\n3' -k --journal j true # which is another list
}

@test "what a dead letter on standard input has left is there for who reads on" {
	seq 3 | pq -k --dead-letter list false || :
	run --separate-stderr sh -c 'pq --from dead:- --halt now,fail=1 -j1 false; wc -l' <list
	assert_output 2
	only_message "ended by --halt after item 1 '1' exit 1; 2 stopped or not run"
}

@test "where items would come from is told once, if nobody may have meant it" {
	run --separate-stderr -0 pq gzip a.log b.log </dev/null
	assert_output ''
	assert_equal "$stderr" \
		'pq: there are no items, standard input is /dev/null; ::: gives them as arguments'
	for words in '-r echo' '--pipe cat' 'echo ::: a' '-a /dev/null echo' 'echo :::: -'; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr -0 pq $words </dev/null
		assert_equal "$stderr" ''
	done
	run --separate-stderr -0 pq echo < <(:)
	assert_equal "$stderr" ''
}

@test "--skip-lines: the first lines of each file are left out, whatever they hold" {
	printf '%s\n' 'a "b' 'c,"d' x y >input
	prints $'x\ny' --skip-lines 2 echo <input
	prints '' --skip-lines 9 echo <input
	run pq -k --skip-lines 2 -e upper <input
	assert_output $'X\nY'
	run pq -k --csv --skip-lines 2 --header : echo '{x}' <input # lines, in quotes or not
	assert_output y
	run pq -k --skip-lines 3 echo :::: input input
	assert_output 'y y'
}

@test "--comment: records that begin so are left out, before the header too, and counted" {
	printf '%s\n' '# it'\''s, "a' 'n' '#' 1 ' #2' '#3' >input
	run --separate-stderr pq -k --csv --comment '#' --header : --summary echo '{n}' <input
	assert_success
	assert_output $'1\n #2'
	assert_regex "$stderr" 'jobs     2 done, 0 failed, 3 left out \(--comment\)'
	run pq -k --comment '#' -e upper <input
	assert_output $'N\n1\n #2'
	run pq -k --comment // echo < <(printf '//a\n/b\n//\nc')
	assert_output $'/b\nc'
	printf '#%s\n' "$(head -c 300 /dev/zero | tr '\0' x)" >>input # one that is too long, too
	run pq -k --comment '#' --max-item 20 echo <input
	assert_success
	assert_output $'n\n1\n #2'
}
