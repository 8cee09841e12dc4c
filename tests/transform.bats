# Built-in transforms: -e, -f, on streams, on files, in place.

load helper
load faults/faults

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# of EXPRESSION...: what the steps make of stdin, in order.
of() {
	local options=() step
	for step in "$@"; do
		options+=(-e "$step")
	done
	pq -k "${options[@]}"
}

@test "-e s///: the first match of each line, or with g all of them" {
	printf '%s\n' 'user12 user3' none user7 >in
	run of 's/user(\d+)/u$1/' <in
	assert_success
	assert_output $'u12 user3\nnone\nu7'
	run of 's/user(\d+)/u$1/g' <in
	assert_output $'u12 u3\nnone\nu7'
}

@test "-e /RE/ keeps lines, !/RE/ drops them, m/RE/TEXT/ makes something of a match" {
	printf '%s\n' 'a=1' b 'c=3' >in
	run of '/=/' <in
	assert_output $'a=1\nc=3'
	run of '!/=/' <in
	assert_output b
	run of 'm/(\w)=(\d)/$2$1/' <in
	assert_output $'1a\n3c'
}

@test "-e m/RE/TEXT/g makes a line of every match" {
	run of 'm/(\w)=(\d)/$2$1/g' <<<$'a=1 b=2\nnone\nc=3'
	assert_output $'1a\n2b\n3c'
	run pq -k --tag -e 'm/\w/$&/g' ::: ab c
	assert_output $'ab\ta\nb\nc\tc'
}

@test "-e /RE/ STEP does it to the lines that match, !/RE/ STEP to the others" {
	printf '%s\n' 'a=1' b 'c=3' >in
	run of '/=/ upper' <in
	assert_output $'A=1\nb\nC=3'
	run of '!/=/ s/$/=0/; /^a/i y/a=/A/d' <in
	assert_output $'A1\nb=0\nc=3'
	run of '/[ac]/ !/c/' <in
	assert_output $'a=1\nb'
	run of '/=/ # all that have a value' 'upper' <in
	assert_output $'A=1\nC=3'
	run pq -k echo '{= /=/ s/=/ is /; !/ / upper =}' ::: a=1 b
	assert_output $'a is 1\nB'
}

@test "a record that a guarded step cannot do fails alone" {
	run --separate-stderr pq -k -e '/^b:/ unbase64' <<<$'a\nb:x\nc'
	assert_failure 123
	assert_output $'a\nc'
	assert_equal "$stderr" "pq: item 2 'b:x': is not base64; it is left out"
}

@test "-e y/abc//d deletes characters, never the end of a record" {
	run of 'y/a-c\n//d' <<<$'abcd\nabc\ne'
	assert_output $'d\n\ne'
	run pq -k echo '<{= y/a\n//d =}>' ::: $'ba\nna'
	assert_output '<bn>'
	printf 'a\nb\n' >file
	run pq --whole-file --content -e 'y/\n//d' ::: file
	assert_output ab
}

@test "steps follow each other, in one -e or several, or from a file" {
	printf ' b \na\n' >in
	run of 'trim; upper' 's/$/!/' <in
	assert_output $'B!\nA!'
	printf '%s\n' '# what is to be done' 'trim; upper' '' 's/$/!/ # done' >steps
	run pq -k -f steps <in
	assert_output $'B!\nA!'
	run pq -k -f steps -e 'y/!/?/' <in
	assert_output $'B?\nA?'
}

@test "steps and items cannot both come from standard input" {
	run -2 pq -f - <<<upper
	assert_output 'pq: -f - with items from stdin: it can be read only once; name a file'
	run -2 pq -f - --from - <<<upper
	assert_output 'pq: -f - with items from stdin: it can be read only once; name a file'
	run -2 pq -f - -f - ::: a <<<upper
	assert_output 'pq: stdin (-) can be read only once'
	run pq -f - ::: a <<<upper
	assert_success
	assert_output A
}

@test "an expression that cannot be is told with its column, and nothing is read" {
	run -2 --separate-stderr pq -e 's/(/x/' <<<a
	assert_equal "$stderr" "pq: -e, column 4: missing closing parenthesis in 's/(/x/'"
	run -2 --separate-stderr pq -e 'upper; bogus' <<<a
	only_message "-e, column 8: unknown step in 'bogus'; steps are s/// /RE/ !/RE/ m/// y/// upper \
lower trim cut length urlencode urldecode base64 unbase64 json"
	run -2 --separate-stderr pq -e 's/a/$2/' <<<a
	only_message "-e, column 5: the template names group 2, the expression has none in \
's/a/\$2/'; groups are made with ( )"
	printf 'upper\ns/a/\n' >steps
	run -2 --separate-stderr pq -f steps <<<a
	only_message "steps: line 2, column 5: the closing / is missing in 's/a/'; expected \
s/RE/TEXT/FLAGS"
	run -2 pq -f none <<<a
	assert_output 'pq: -f: cannot read none: No such file or directory'
}

@test "-k: the output is in the order of the input, whatever the number of workers" {
	seq 200000 >in
	for jobs in 1 2 3 8; do
		pq -j$jobs -k -e 's/0$/ten/; !/5$/' <in >out
		cmp out <(sed 's/0$/ten/; /5$/d' in)
	done
}

@test "without -k nothing is lost or mixed either" {
	seq 200000 >in
	pq -j8 -e 's/^/x/' <in | sort >out
	cmp out <(sed 's/^/x/' in | sort)
}

@test "a last line without a newline stays so with -k, and is ended without it" {
	printf 'a\nb' >in
	assert_equal "$(of upper <in | od -An -c | tr -d ' ')" 'A\nB'
	assert_equal "$(pq -e upper <in | sort | od -An -c | tr -d ' ')" 'A\nB\n'
	assert_equal "$(of '!/b/' <in | od -An -c | tr -d ' ')" 'a\n'
}

# pipes_after LINES: how much the pipes that are the input and the output of pq hold once so
# many lines have gone through.
pipes_after() {
	local in out writer reader
	mkfifo "in$1" "out$1"
	exec {in}<>"in$1" {out}<>"out$1"
	background eval "lines_of $1 >in$1"
	writer=$!
	wait_until steady "$writer" # the pipe is full now
	background eval "exec pq -k -e 's/$/ and more/' <in$1 >out$1 {in}>&- {out}>&-"
	background head -n "$1" <"out$1" >/dev/null
	reader=$!
	wait "$reader"
	"$fault" <&"$in"
	"$fault" <&"$out"
	exec {in}>&- {out}>&-
}

@test "where much goes through, the pipes of pq are made to hold more; else they stay" {
	build_fault pipe_size
	run pipes_after 200000
	assert_output $'1048576\n1048576'
	run pipes_after 2
	assert_output $'65536\n65536'
}

@test "empty input, empty lines, NUL bytes and bytes that are no UTF-8" {
	run --separate-stderr of upper </dev/null
	assert_success
	refute_output
	assert_equal "$(printf '\n\n' | of 's/^$/x/' | od -An -c | tr -d ' ')" 'x\nx\n'
	printf 'a\0b\xff\xc3\n' >in
	cmp <(of 's/b/c/' <in) <(printf 'a\0c\xff\xc3\n')
}

@test "-0 and -d: records end with another byte, and may hold newlines" {
	printf 'a\nb\0c\0' | pq -0 -k -e 's/\n/+/; upper' >out
	cmp out <(printf 'A+B\0C\0')
	printf 'a,b' | pq -d, -k -e upper >out
	cmp out <(printf 'A,B')
}

@test "each line is there at once when the input trickles" {
	mkfifo in
	background pq -e 's/^/-/' -a in >out
	exec {writer}>in
	echo a >&"$writer"
	wait_until has_lines out 1
	echo b >&"$writer"
	wait_until has_lines out 2
	exec {writer}>&-
	wait "$!"
	assert_equal "$(cat out)" $'-a\n-b'
}

@test "what is read comes from arguments, files and several sources, too" {
	run pq -k -e upper ::: a b
	assert_output $'A\nB'
	run pq -k -e upper ::: a b ::: 1 2
	assert_output $'A 1\nA 2\nB 1\nB 2'
	echo x >one
	echo y >two
	run pq -e upper --from one --from two
	assert_line X
	assert_line Y
	run pq -e upper -a one
	assert_output X
}

@test "an expression that needs a newline is told to never match a line, once" {
	run --separate-stderr -0 of 's/\n/ /g; upper' <<<$'a\nb'
	assert_output $'A\nB'
	only_message "-e, column 3: no line holds a newline, so this never matches in \
's/\\\\n/ /g'; -0 or -d cuts the input elsewhere, --whole-file takes a file as it is"
	printf '# one\n  /a\\nb/\n' >script
	run --separate-stderr -0 pq -f script ::: a
	only_message "script: line 2, column 4: no line holds a newline, so this never matches in \
'/a\\\\nb/'; -0 or -d cuts the input elsewhere, --whole-file takes a file as it is"
	run --separate-stderr -0 pq -0 -e 's/\n/ /' < <(printf 'a\nb\0')
	assert_equal "$output$stderr" 'a b'
}

@test "case and characters are perl's with -CSD" {
	command -v perl >/dev/null || skip 'perl is not installed'
	printf '%s\n' 'naïve école' 'ÀÉÎÕÜ àéîõü ÿŸ' 'Ωμέγα ΚΌΣΜΟΣ' >in
	printf '%s\n' 'Жук жАР' 'ab é́' >>in
	for step in 's/(\w)(\w*)/\u$1\L$2/g' 's/(\w+)/\U$1/g' 's/(\w+)/\l$1/' \
			's/[éÉΩ]/<\U$&>/g' 's/\x{e9}/\x{ea}/g'; do
		perl -CSD -Mutf8 -pe "$step" in >expected
		pq -k -e "${step}u" <in | diff expected - || fail "$step"
	done
	pq -e 's/[éÉ]/e/g' <in | diff <(sed 's/é/e/g; s/É/e/g' in) -
}

@test "an item that cannot be done fails alone, and is named" {
	printf '%s\n' aGVsbG8= '!!!' d29ybGQ= >in
	run --separate-stderr -123 of unbase64 <in
	assert_output $'hello\nworld'
	assert_equal "$stderr" "pq: item 2 '!!!': is not base64; it is left out"
}

@test "where records become much longer each is known by its number all the same" {
	local long
	long=$(printf '%0.300d' 0)
	awk 'BEGIN { for (i = 1; i <= 50000; i++)
		print i == 777 || i == 20000 || i == 49999 ? "!" i : "aGVsbG8=" }' >in
	run --separate-stderr -123 pq -k -j3 -e "unbase64; s/\$/$long/" <in
	for n in 777 20000 49999; do
		echo "pq: item $n '!$n': is not base64; it is left out"
	done | diff - <(printf '%s\n' "${stderr_lines[@]}" | sort -k3n)
	yes "hello$long" | head -n 49997 | diff -q - <(printf '%s\n' "$output")
	run --separate-stderr -0 bash -c "pq -j3 --tag -e 'unbase64; s/\$/$long/' <in | cksum"
	assert_equal "$output" "$(yes "aGVsbG8=	hello$long" | head -n 49997 | cksum)"
}

@test "an expression that takes for ever is given up for that item alone" {
	{ seq 5000; printf 'a%.0s' {1..5000}; echo '!'; seq 5000; } >in
	run --separate-stderr -123 of 's/(a+)+$/x/' <in
	assert_equal "${#lines[@]}" 10000
	only_message "item 5001 '$(printf 'a%.0s' {1..40})...': matching it takes too long; it is \
left out"
}

@test "whether an expression is given up is the same each time, with any neighbours" {
	printf 'a%.0s' {1..32} >hard
	echo '! by' >>hard
	for i in 1 2 3 4 5; do
		run --separate-stderr -123 of '/(a|aa)+$/' <hard
		assert_output ''
	done
	# A thousand of them take no time from each other, nor from one that is less hard.
	for i in {1..100}; do
		cat hard
		printf 'a%.0s' {1..14}
		echo '! by'
	done >in
	run --separate-stderr -123 pq -k -j2 -e '!/(a|aa)+$/' <in
	assert_equal "${#lines[@]}" 100
}

@test "an item has one budget for all matches of s///g" {
	printf 'x%.0s' {1..200000} >in
	run --separate-stderr -123 of 's/x(?!.*y)/z/g' <in
	assert_output ''
	only_message "item 1 '$(printf 'x%.0s' {1..40})...': matching it takes too long; it is left out"
	run -0 of 's/x/z/g; length' <in
	assert_output 200000
}

@test "no match asks for the time" {
	unsanitized 'strace and it are slow together'
	strace -o /dev/null true 2>/dev/null || skip 'strace may not trace'
	head -c 300000 /dev/zero | tr '\0' a >in
	strace -f -o trace -e trace=clock_gettime "$PQ" -k -e 's/a/bb/g' <in | wc -c >count
	assert_equal "$(<count)" 600000
	[ "$(wc -l <trace)" -lt 1000 ] || fail "$(wc -l <trace) calls"
}

@test "lines of any length come out alike, alone and among others" {
	awk 'BEGIN { for (i = 0; i < 60; i++) { s = ""; n = i % 7 ? i : 16380 + i % 9
		for (k = 0; k < n; k++) s = s (k % 50 ? "a" : "b ")
		print s; print "b" i } }' >in
	for step in 's/b/<&>/' 's/\ba+/x/g' '/ab/d' 's/a$/!/'; do
		[[ $step == */d ]] && ours='!/ab/' || ours=${step//&/\$0}
		run -0 --separate-stderr pq -k -e "$ours" <in
		sed -E "$step" in | diff - <(printf '%s\n' "$output") || fail "$step"
	done
}

# interpreted [NAME=VALUE]: the same output, also of what is given up.
interpreted() {
	unsanitized 'it is preloaded'
	build_fault nojit
	{ seq 20000; printf 'a%.0s' {1..60}; echo '!'; } >in
	run --separate-stderr -123 env LD_PRELOAD="$fault" "$@" "$PQ" -k \
		-e 's/(\d)\1/<$1>/g; /[^3]$/; s/(a|aa)+$/x/' <in
	only_message "item 20001 '$(printf 'a%.0s' {1..40})...': matching it takes too long; it is \
left out"
	head -n 20000 in | sed -E 's/([0-9])\1/<\1>/g; /3$/d' | diff - <(printf '%s\n' "$output")
	run -0 env LD_PRELOAD="$fault" "$@" "$PQ" -C ' +' echo {2} <<<'a  b'
	assert_output b
}

@test "where the kernel forbids compiled expressions they are interpreted: the same output" {
	interpreted
}

@test "a PCRE2 that was built without JIT does it, too" {
	interpreted NOJIT_BUILT=1
}

@test "an expression may say (*NO_JIT): the same output" {
	run pq -k -e '/(*NO_JIT)b/; s/(*NO_JIT)b/[$0]/g' ::: abc xyz bb
	assert_success
	assert_output $'a[b]c\n[b][b]'
}

@test "a line that is longer than --max-item is refused, the rest goes on" {
	{ echo a; head -c 3000000 /dev/zero | tr '\0' x; echo; echo b; } >in
	run --separate-stderr -123 pq -k --max-item 1M -e upper <in
	assert_output $'A\nB'
	[[ $stderr == "pq: item 2 'xxx"*'is longer than --max-item allows' ]] || fail "$stderr"
	run --separate-stderr -123 pq -k --max-item 1M -e upper < <(cat in)
	assert_output $'A\nB'
	run --separate-stderr -123 pq -k --max-item 5 -e upper <<<$'123456\n12345'
	assert_output 12345
}

@test "a line of several MiB is a line like any other" {
	head -c 5000000 /dev/zero | tr '\0' x >in
	{ cat in; echo; echo y; cat in; } | of 's/x/-/' >out
	{ echo -n -; tail -c +2 in; echo; echo y; echo -n -; tail -c +2 in; } | cmp - out
}

@test "--tag names the item before what became of it" {
	run pq -k --tag -e upper ::: a b
	assert_output $'a\tA\nb\tB'
	run pq -k --tagstring '{#}:{/}' -e '/c/' ::: x/ab y/cd
	assert_output $'2:cd\ty/cd'
}

@test "output that cannot be written ends with 74" {
	run -74 eval 'of upper </etc/passwd >/dev/full'
	assert_output 'pq: cannot write to standard output: No space left on device; stopping'
}

@test "whoever reads the output may go" {
	yes abc | pq -e upper | head -n 1 >out
	assert_equal "$(cat out)" ABC
}

@test "before a command: it gets what is made of the item, and never sees what is dropped" {
	run pq -k -e '/b/; upper' echo got {} ::: ab c bd
	assert_output $'got AB\ngot BD'
	printf '%s\n' a.c b.h c.c >in
	run pq -k -n2 -e '/c$/; s/c$/o/' echo <in
	assert_output 'a.o c.o'
	run pq -k -e upper echo {1}-{2} ::: a b ::: x y
	assert_output $'A-X\nA-Y\nB-X\nB-Y'
}

@test "before a command: an item that cannot be done is refused, the rest is run" {
	run --separate-stderr -123 pq -k -e unbase64 echo got ::: aGk= '!!' eW8=
	assert_output $'got hi\ngot yo'
	assert_equal "$stderr" "pq: item 2 '!!': is not base64"
}

@test "options that are about jobs are refused" {
	local option why
	while IFS='|' read -r option why; do
		refuses "${option%%[2=]*} with -e and no command: $why; leave it out" $option -e upper
	done <<-'END'
		-n2|each record is transformed by itself
		-X|each record is transformed by itself
		--retries=2|a transform fails again the same way
		--joblog=log|no job is run that could be logged
		--timeout=1|no job is run; a record that takes too long fails by itself
		-t|no command is run that could be shown
		-c|there is no command
		--no-shell|there is no command
	END
	refute [ -e log ]
	refuses '--dry-run with -e and no command: no command would be run; --content and --in-place '\
'show what would change' --dry-run -e upper
}

# --- files -----------------------------------------------------------------------

some_files() {
	mkdir -p src/deep
	printf 'one\ntwo TODO\n' >src/a
	printf 'TODO three\nfour' >src/deep/b
	printf 'five\n' >src/c
}

@test "--content: the content of files, each by itself, in order or marked" {
	some_files
	run pq -k --from src --content --tag -e '/TODO/'
	assert_success
	assert_output $'src/a\ttwo TODO\nsrc/deep/b\tTODO three'
	run pq -k --from src --content -e upper
	assert_output $'ONE\nTWO TODO\nFIVE\nTODO THREE\nFOUR'
	run pq --content -e upper ::: src/c
	assert_output FIVE
}

@test "--content: what cannot be read fails alone" {
	some_files
	mkfifo fifo
	run --separate-stderr -123 pq -k -j1 --content -e upper ::: none src src/c fifo
	assert_output FIVE
	assert_equal "${stderr_lines[0]}" \
		"pq: item 1 'none': cannot be read: No such file or directory"
	assert_equal "${stderr_lines[1]}" \
		"pq: item 2 'src': is a directory: give it with --from"
	assert_equal "${stderr_lines[2]}" "pq: item 4 'fifo': is no regular file"
}

@test "--content: a large file is never whole in memory" {
	unsanitized 'it has memory of its own'
	yes 'some text in a line' | head -c 100000000 >large
	(ulimit -v 400000; pq -j2 --content -e 's/text/words/' ::: large | cksum) >out
	assert_equal "$(cat out)" "$(sed 's/text/words/' large | cksum)"
}

# user_ms COMMAND...: milliseconds of processor time that it takes for itself.
user_ms() {
	local TIMEFORMAT=%3U
	{ time "$@" >/dev/null 2>&1; } 2>&1 | tr -d .
}

# Time is the process' own, and the measure is its own work on as many bytes.
@test "--content: a long line is searched once, however many pieces it is read in" {
	local long short
	head -c 100000000 /dev/zero | tr '\0' x >long
	fold -w 65535 long >short
	short=$(user_ms pq -j1 --max-item 1G --content -e 's/y/z/' ::: short)
	long=$(user_ms pq -j1 --max-item 1G --content -e 's/y/z/' ::: long)
	((10#$long <= 10 * 10#$short + 100)) || fail "$long ms, in lines $short ms"
}

# halted WHEN: item 2 fails while item 1, in the midst of a large file, waits for somebody
# to read its output; then that is read. How many lines come?
halted() {
	local status=0 reader
	rm -f out
	mkfifo out
	exec {reader}<>out
	background pq -k -j2 --queue-bytes 1M --halt "$1,fail=1" --content -e 's/$/./' ::: \
		large none >out 2>err
	wait_until grep -q "'none'" err
	wait_until unchanged cat "/proc/$!/io" # what --halt does is done
	wc -l <out >lines {reader}<&- 3>&- &
	exec {reader}<&-
	wait "${backgrounded[-1]}" || status=$?
	wait $!
	assert_equal "$status" 1
}

@test "--halt soon lets a transform come to its end, --halt now does not" {
	[ -r /proc/self/io ] || skip 'there is no /proc/self/io'
	seq 1000000 >large
	halted soon
	assert_equal "$(<lines)" 1000000
	halted now
	[ "$(<lines)" -lt 1000000 ]
}

@test "--in-place: files are rewritten, those that stay the same are not touched" {
	some_files
	chmod 640 src/a
	ln -s a src/link
	touch -d '2001-01-01' src/c
	run pq --in-place -e 's/TODO/DONE/' ::: src/link src/deep/b src/c
	assert_success
	refute_output
	assert_equal "$(cat src/a)" $'one\ntwo DONE'
	assert_equal "$(stat -c %a src/a)" 640
	[ -L src/link ]
	cmp src/deep/b <(printf 'DONE three\nfour')
	assert_equal "$(stat -c %Y src/c)" "$(date -d '2001-01-01' +%s)"
	assert_equal "$(find src -type f | wc -l)" 3
}

@test "--in-place=SUFFIX: the old content is kept beside the new" {
	some_files
	run pq --in-place=.old --from src -e '!/TODO/'
	assert_success
	assert_equal "$(cat src/a)" one
	assert_equal "$(cat src/a.old)" $'one\ntwo TODO'
	refute [ -e src/c.old ]
	run -2 pq --in-place=x/y -e upper ::: src/a
	assert_output "pq: --in-place: 'x/y' is no suffix; try .bak"
}

@test "--in-place: a file of which one record fails stays as it is" {
	printf 'aGk=\n!!\n' >a
	printf 'aGk=\n' >b
	run --separate-stderr -123 pq -k --in-place -e unbase64 ::: a b
	assert_equal "$(cat a)" $'aGk=\n!!'
	assert_equal "$(cat b)" hi
	assert_equal "$stderr" "pq: item 1 'a': record 2 '!!': is not base64; the file stays as it is"
}

@test "--in-place needs -e, and no command" {
	refuses "--in-place without -e: there is nothing to do to the files; try --in-place -e \
's/old/new/'" --in-place ::: a
	refuses '--in-place with a command: only -e rewrites files; let the command write them itself' \
		--in-place -e upper cat ::: a
	refuses '--in-place with --tag: nothing is printed; leave one out' \
		--in-place --tag -e upper ::: a
}
