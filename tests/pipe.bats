# What jobs read: --content gives each the file its item names, --pipe a run of
# records.

load helper
load faults/faults

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# --- --content -------------------------------------------------------------------

@test "--content: a job reads the file that its item names" {
	mkdir -p d/sub
	printf 'b\na\n' >d/one
	printf 'z\ny\nx\n' >d/sub/two
	run pq -k --from d --content 'wc -l'
	assert_success
	assert_output $'2\n3'
	run pq -k --content --tag 'sort | head -1' < <(printf '%s\n' d/one d/sub/two)
	assert_output $'d/one\ta\nd/sub/two\tx'
	run pq -k --content sort -r ::: d/one d/sub/two
	assert_output $'b\na\nz\ny\nx'
}

@test "--content: nothing is added to the command, {} and its kin are the file's name" {
	printf 'text\n' >'a b.txt'
	run pq --content sh -c 'echo $# "$@"; cat' sh ::: 'a b.txt'
	assert_output $'0\ntext'
	run pq --content 'echo {} {.} {#} {source}; cat >{.}.copy' ::: 'a b.txt'
	assert_output 'a b.txt a b 1 :::'
	cmp 'a b.txt' 'a b.copy'
}

@test "--content: any bytes in the name and in the file, an empty file, a large one" {
	local name=$'-a\nb\'"\\ \377'
	head -c 3000000 /dev/urandom >"$name"
	: >empty
	run pq -0 -k --content 'cat >copy{#}' < <(printf '%s\0' "./$name" empty)
	assert_success
	cmp -- "./$name" copy1
	cmp empty copy2
}

@test "--content: a file that is gone or cannot be read fails alone, with a line" {
	echo text >file
	printf '%s\n' gone file '' . file/x >list
	run --separate-stderr -123 pq -k -j1 --content --joblog log cat <list
	assert_output text
	assert_equal "$stderr" "pq: item 1 'gone': cannot be read: No such file or directory
pq: item 3 '': cannot be read: No such file or directory
pq: item 4 '.': cannot be read: Is a directory
pq: item 5 'file/x': cannot be read: Not a directory"
	assert_equal "$(awk 'NR > 1 { print $1, $7 }' log)" $'1 126\n2 0\n3 126\n4 126\n5 126'
}

@test "--content: a name with a NUL byte names no file" {
	run --separate-stderr -123 pq --content cat < <(printf 'a\0b\n')
	only_message "item 1 'a\\x00b': holds a NUL byte, which no file name can"
	run --separate-stderr -123 pq --content -e upper < <(printf 'a\0b\n')
	only_message "item 1 'a\\x00b': holds a NUL byte and names no file"
	run --separate-stderr -123 pq --in-place -e upper < <(printf 'a\0b\n')
	only_message "item 1 'a\\x00b': holds a NUL byte and names no file; it stays as it is"
}

@test "--content: the file that pq writes its output to is not read" {
	echo text >file
	pq -k --content cat ::: file out file >out 2>err || assert_equal $? 123
	assert_equal "$(cat out)" $'text\ntext'
	assert_equal "$(cat err)" \
		"pq: item 2 'out': cannot be read: it is the output of pq itself; write to another file"
}

@test "--content: a FIFO without a writer is empty, one with a writer is read to its end" {
	mkfifo fifo
	pq --content 'wc -c' ::: fifo >out
	assert_equal "$(tr -d ' ' <out)" 0
	exec {both}<>fifo
	# The job waits for its input as for that of any FIFO: nothing is non-blocking.
	background pq --content 'echo >started; head -c 6' ::: fifo >out
	wait_until test -e started
	echo hello >&"$both"
	wait $!
	assert_equal "$(cat out)" hello
}

@test "--content: every attempt reads the file from its beginning" {
	echo text >file
	run pq --content --retries 3 'cat >>log; exit $((2 - PQ_ATTEMPT))' ::: file
	assert_success
	assert_equal "$(cat log)" $'text\ntext'
}

@test "--content: what is shown can be pasted" {
	printf '3\n1\n2\n' >'a b'
	local command
	for command in 'sort -n' 'sort -n | head -1' '(cat; echo 4) | sort' 'sort -n # so'; do
		run pq --dry-run --content "$command" ::: 'a b'
		assert_equal "$(sh -c "$output")" "$(sh -c "$command" <'a b')"
	done
	run pq --dry-run --content sort ::: 'a b'
	assert_output "sort <'a b'"
	run pq --dry-run --content 'sort | head -1' ::: 'a b'
	assert_output "(sort | head -1) <'a b'"
}

# with_only_3 COMMAND...: run it with the descriptors 0, 1 and 2 alone.
with_only_3() {
	bash -c 'source "$TOP/tests/faults/faults.bash"
		descriptors_at_most 64 "$@"' bash "$@"
}

@test "--content: a job still has no more descriptors than 0, 1 and 2" {
	seq 3 >file
	run with_only_3 pq -j4 --content 'cat >/dev/null; ls /proc/self/fd | wc -l' \
		::: file file file file
	assert_output $'4\n4\n4\n4' # ls has the directory open, too
}

# with_few_descriptors JOBS PER-JOB ARGUMENT...: pq with no more than it says it needs
# is never refused one.
with_few_descriptors() {
	strace -f -o trace bash -c 'source "$TOP/tests/faults/faults.bash"
		descriptors_at_most "$@"' bash $(($1 * $2 + 16)) pq -j"$1" "${@:3}"
	run ! grep EMFILE trace
}

@test "--content: at most three descriptors for each job and 16, one with -u" {
	unsanitized 'they have descriptors of their own'
	strace -f -e trace=none true 2>/dev/null || skip 'strace is missing, or not permitted'
	seq 3 >file
	yes file | head -n 200 >list
	with_few_descriptors 8 3 --content 'wc -l' <list >out
	with_few_descriptors 8 1 -u --content 'wc -l' <list >>out
	assert_equal "$(sort out | uniq -c | tr -s ' ')" ' 400 3'
}

# --- --pipe ----------------------------------------------------------------------

# blocks ARGUMENT...: what pq makes of its input, a | behind each block.
blocks() {
	run pq -k --pipe "$@" 'cat; echo "|"'
	assert_success
}

@test "--pipe: as many whole records as fit go to a job's stdin" {
	blocks --block 11 < <(seq 14)
	assert_output $'1\n2\n3\n4\n5\n|\n6\n7\n8\n9\n10\n|\n11\n12\n13\n|\n14\n|'
	run pq -k --pipe --block 10k wc -l < <(seq 100000)
	assert_equal "$(awk '{ n += $1 } END { print n }' <<<"$output")" 100000
	assert_equal "${#lines[@]}" 59
}

@test "--pipe: without --block a block has a MiB" {
	run pq -k --pipe wc -c < <(yes 12345678901234567 | head -c 3000000)
	assert_output $'1048572\n1048572\n902856'
}

@test "--pipe: a record that is longer than a block is a block" {
	blocks --block 4 < <(printf 'a\nlong line\nb\nc\nd')
	assert_output $'a\n|\nlong line\n|\nb\nc\n|\nd|'
}

@test "--pipe -n: so many records for each job, and each as soon as they are there" {
	blocks -n 3 < <(seq 7)
	assert_output $'1\n2\n3\n|\n4\n5\n6\n|\n7\n|'
	blocks -N 3 --block 2 < <(seq 7)
	assert_output $'1\n2\n3\n|\n4\n5\n6\n|\n7\n|'
	mkfifo in
	background pq --pipe -n 1 -a in 'cat >>out'
	exec {writer}>in
	echo first >&"$writer"
	wait_until has_lines out 1
	echo second >&"$writer"
	wait_until has_lines out 2
	exec {writer}>&-
	wait $!
}

@test "--pipe: what trickles in is gathered until a block is full, or the input ends" {
	mkfifo in
	background pq -k --pipe --block 20 -a in 'cat >>out; echo "|" >>out'
	exec {writer}>in
	printf '123456789\n123456789' >&"$writer"
	wait_until steady $!
	assert_file_not_exists out
	printf '\n1\n' >&"$writer"
	wait_until has_lines out 3
	assert_equal "$(cat out)" $'123456789\n123456789\n|'
	exec {writer}>&-
	wait $!
	assert_equal "$(cat out)" $'123456789\n123456789\n|\n1\n|'
}

@test "--recend, --recstart: strings, with escapes, alone and together" {
	blocks -n 1 --recend '>' < <(printf '>>a>b>>')
	assert_output $'>|\n>|\na>|\nb>|\n>|'
	blocks -n 1 --recstart '>' < <(printf 'x>>a>b>>')
	assert_output $'x|\n>|\n>a|\n>b|\n>|\n>|'
	blocks -n 1 --recstart '>' --recend '\n' < <(printf '>a\n>b>\nx\n>cc>d')
	assert_output $'>a\n|\n>b>\nx\n|\n>cc>d|'
	blocks -n 1 --recend '\n\x0a' < <(printf 'a\nb\n\n\nc\n\nd\n')
	assert_output $'a\nb\n\n|\n\nc\n\n|\nd\n|'
	run bash -c "printf 'a\0b\0c\0' | pq -k --pipe -n 2 --recend '\\0' 'tr \"\\0\" _; echo'"
	assert_output $'a_b_\nc_'
}

@test "--recend '': any byte may be the last of a block" {
	blocks --block 3 --recend '' < <(printf 'ab\ndefgh')
	assert_output $'ab\n|\ndef|\ngh|'
	blocks -n 5 --recend '' < <(printf 'abcdefgh')
	assert_output $'abcde|\nfgh|'
}

@test "--pipe with -0 and -d: records end so" {
	run bash -c "printf 'a\nb\0c\0d' | pq -k --pipe -0 -n 1 'tr \"\\0\" _; echo'"
	assert_output $'a\nb_\nc_\nd'
	blocks -d , -n 2 < <(printf 'a,b,c,,')
	assert_output $'a,b,|\nc,,|'
	blocks -d , --recend ';' -n 1 < <(printf 'a,b;c')
	assert_output $'a,b;|\nc|'
}

@test "--pipe -k: joined, the blocks are the input, byte for byte" {
	local size end
	{ head -c 60000 /dev/urandom; lines_of 3000; printf 'no newline'; } >in
	for size in 1k 4093 65536 70000 100k 1M; do
		for end in '\n' 'e' 'ne ' '\0' '\0\0' ''; do
			pq -k --pipe --block "$size" --recend "$end" cat <in >out
			cmp in out
			cat in | pq -k -j3 --pipe --block "$size" --recend "$end" cat >out
			cmp in out
		done
	done
	head -c 300 in >few
	pq -k --pipe --block 1 cat <few | cmp few
	pq -k --pipe --block 1 --recend '' cat <few | cmp few
	pq -k --pipe -n 1 --recend ' ' -a in cat | cmp in
}

@test "--pipe: 64 MiB in large blocks, more than may be alive at once" {
	head -c 64M /dev/urandom >in
	pq -k -j2 --pipe --block 10M cat <in | cmp in
	pq -k -j2 --pipe --block 300k --queue-bytes 1M cat <in | cmp in
	pq -k -j2 --pipe --block 1G cat <in | cmp in
}

@test "--pipe: no input, no job" {
	: >none
	run pq --pipe 'echo never; cat' <none
	assert_success
	assert_output ''
}

@test "--pipe: a job that reads nothing, or not all, is no error" {
	lines_of 300000 >in
	run pq --pipe true <in
	assert_success
	run pq -k --pipe --block 1M head -n 1 <in
	assert_success
	assert_line --index 0 'line 1'
	assert_equal "${#lines[@]}" 4
	run pq --pipe 'exec <&-; echo closed' <in
	assert_success
	run pq -j1 --pipe --block 10M 'read x; read y; head -n 1; wc -l' <in
	assert_output $'line 3\n299997'
}

@test "--pipe: each attempt gets the whole block; the job log and {#} know it" {
	run pq -k --pipe -n 2 --retries 3 --joblog log --tagstring 'block {#}:' \
		'cat; exit $((2 - PQ_ATTEMPT))' < <(seq 3)
	assert_success
	assert_output $'block 1:\t1\nblock 1:\t2\nblock 2:\t3'
	assert_equal "$(cut -f 1,5-9 log)" "Seq	Send	Receive	Exitval	Signal	Command
1	4	4	0	0	cat; exit \$((2 - PQ_ATTEMPT))
2	2	2	0	0	cat; exit \$((2 - PQ_ATTEMPT))"
}

@test "--pipe: a block that fails is named by how it begins" {
	run --separate-stderr -123 pq --pipe -n 2 --timeout 0.2 'sleep 60' < <(printf '3\n%099d\n' 4)
	assert_regex "$stderr" "^pq: item 1 '3\\\\n0{37}\.\.\.': ended after [0-9.]+ s \(--timeout\)$"
}

@test "--pipe: several sources by --from, one by -a; each cut by itself" {
	printf 'a\nb' >1
	printf 'c\nd\n' >2
	run pq --pipe --from 1 --from 2 'echo $(cat) {source}'
	assert_equal "$(sort <<<"$output")" $'a b 1\nc d 2'
	run pq --pipe -a 2 cat
	assert_output $'c\nd'
	run pq --pipe cat :::: 2
	assert_output $'c\nd'
	run -1 pq --pipe -a missing cat
	assert_output 'pq: cannot read missing: No such file or directory'
}

@test "--pipe --max-item: a longer record is refused, the rest goes on" {
	local long
	long=$(head -c 300000 /dev/zero | tr '\0' x)
	printf '%s\n' a b "$long" c d "$long" "$long" e >in
	run --separate-stderr -123 pq -k --pipe -n 2 --max-item 100 'cat; echo "|"' <in
	assert_output $'a\nb\n|\nc\nd\n|\ne\n|'
	local refused="'${long:0:40}...': is longer than --max-item allows"
	only_message "item 2 $refused" "item 4 $refused" "item 5 $refused"
	run --separate-stderr -123 pq -k --pipe --block 4 --max-item 100 'cat; echo "|"' <in
	assert_output $'a\nb\n|\nc\nd\n|\ne\n|'
	only_message "item 2 $refused" "item 4 $refused" "item 5 $refused"
	# What fits into a block is not too long for it.
	run pq --pipe --max-item 100 wc -c <in
	assert_success
	assert_output "$(wc -c <in)"
}

@test "--pipe: what a read error cuts off is dropped, what was whole is not" {
	command -v strace >/dev/null || skip 'no strace'
	unsanitized 'strace and sanitizers do not get along'
	strace -o /dev/null true 2>/dev/null || skip 'strace may not trace'
	lines_of 100000 >in
	run --separate-stderr -1 strace -f -qq -o trace -e trace=read -P "$PWD/in" \
		-e inject=read:error=EIO:when=2 pq -k --pipe --block 400k -a in cat
	only_message 'cannot read in to its end: Input/output error'
	assert_equal "$output" "$(lines_of "$(grep -c '^line' <<<"$output")")"
	assert_equal "$(wc -l <<<"$output")" $(($(head -c 400001 in | wc -l)))
}

@test "--pipe: {} is refused, {#} and {%} are not" {
	local word
	for word in {} {.} {/} {1} {-1}; do
		refuses '{} in the command with --pipe: a job gets its records on stdin; {#} is its '\
'number, and -I STR leaves {} alone' --pipe wc -l "$word"
	done
	run pq -k --pipe -n 1 -I @ 'xargs -I{} echo {#} {}' < <(seq 2)
	assert_output $'1 1\n2 2'
}

@test "--pipe: stdin is a file, by name, too" {
	run pq --pipe 'wc -l /dev/stdin; cat' < <(seq 3)
	assert_output $'3 /dev/stdin\n1\n2\n3'
}

@test "--pipe: a job has no descriptors but 0, 1 and 2" {
	run with_only_3 pq --pipe -n 1 'ls /proc/self/fd | wc -l' < <(seq 4)
	assert_output $'4\n4\n4\n4'
}

@test "--pipe: at most three descriptors for each job and 16, one with -u" {
	unsanitized 'they have descriptors of their own'
	strace -f -e trace=none true 2>/dev/null || skip 'strace is missing, or not permitted'
	seq 300 >in
	with_few_descriptors 8 3 --pipe -n 1 cat <in | sort -n | cmp - in
	with_few_descriptors 8 1 --pipe -n 1 -u cat <in | sort -n | cmp - in
}

@test "--pipe: memory is bounded by the blocks, on an input without end" {
	unsanitized 'it measures memory'
	local jobs=2 most peak
	background pq -j$jobs --pipe --block 1M 'cat >/dev/null; echo' < <(exec yes) >out
	wait_until has_lines out 200
	peak=$(memory VmHWM $!)
	[ "$peak" -le $(((16 + jobs + 64) * 1024)) ] || fail "$peak KiB"
	kill -TERM $!
	wait $! || :
}

@test "--pipe: blocks larger than the queue's bytes go one at a time, with a bound" {
	unsanitized 'it measures memory'
	gate all
	head -c 40M /dev/zero | tr '\0' '\n' >in
	background pq -j4 --pipe --block 4M --queue-bytes 5M \
		'echo >>started; cat >/dev/null; read x <"$BATS_TEST_TMPDIR/all"' <in
	wait_until has_lines started 1
	wait_until steady $!
	assert_equal "$(wc -l <started)" 1
	[ "$(memory VmHWM $!)" -le $(((16 + 4 + 2 * 8) * 1024)) ]
	open_gate all
	wait $!
}

@test "--pipe: by default every job can have a block" {
	unsanitized 'it measures memory'
	gate all
	head -c 80M /dev/zero | tr '\0' '\n' >in
	background pq -j4 --pipe --block 20M \
		'echo >>started; cat >/dev/null; read x <"$BATS_TEST_TMPDIR/all"' <in
	wait_until has_lines started 4
	open_gate all
	wait $!
}

@test "--pipe: a block that cannot be put on a job's stdin fails alone" {
	run --separate-stderr -123 bash -c 'ulimit -f 1; pq -k --pipe -n 1 cat' \
		< <(printf 'a\n%02000d\nb\n' 0)
	assert_output $'a\nb'
	only_message "item 2 '$(printf '%040d' 0)...': cannot be put on the stdin of its job: \
File too large"
}

@test "--pipe --header: the first record of each source stands before each of its blocks" {
	blocks --header : -n 2 < <(printf 'name,n\n'; seq 5)
	assert_output $'name,n\n1\n2\n|\nname,n\n3\n4\n|\nname,n\n5\n|'
	blocks --header : --block 4 < <(printf 'a long header\n'; seq 4) # which does not count
	assert_output $'a long header\n1\n2\n|\na long header\n3\n4\n|'
	blocks --header 2 -n 3 < <(printf 'one\ntwo\n'; seq 4)
	assert_output $'one\ntwo\n1\n2\n3\n|\none\ntwo\n4\n|'
	blocks --header : --recend ';' -n 1 < <(printf 'h;a;b')
	assert_output $'h;a;|\nh;b|'
	printf 'h1\na\n' >one
	printf 'h2\nb\nc\n' >two
	run pq --pipe -n 1 --header : --from one --from two 'tr "\n" " "; echo'
	assert_equal "$(sort <<<"$output")" $'h1 a \nh2 b \nh2 c '
}

@test "--pipe --header RE: what it matches at the beginning is the header, which may be nothing" {
	printf '%s\n' '##fileformat=VCFv4.2' '#CHROM' 1 '#2' 3 >in
	blocks --header '(#.*\n)*' -n 2 <in
	assert_output $'##fileformat=VCFv4.2\n#CHROM\n1\n#2\n|\n##fileformat=VCFv4.2\n#CHROM\n3\n|'
	blocks --header '(#.*\n)*' -n 3 < <(seq 3)
	assert_output $'1\n2\n3\n|'
	blocks --header '@.*\n' -n 3 < <(seq 3)
	assert_output $'1\n2\n3\n|'
}

@test "--pipe --header: a header alone makes no job, and one without an end is told" {
	run pq --pipe --header : cat <<<header
	assert_success
	assert_output ''
	run -1 pq --pipe --header : --max-item 5 cat < <(printf 'header\n1\n')
	assert_output 'pq: cannot find the header of standard input: it is longer than --max-item; '\
'the rest of it is left out'
}

@test "--pipe --header: a block that fails is named by its own beginning" {
	run -123 pq -k --pipe --header : -n 1 'tail -n 1; exit 3' < <(printf 'header\none\n')
	assert_line --partial "1 'one\\n' exit 3"
}

@test "--pipe --regexp: records end and begin where expressions match" {
	printf '%s\n' 2024-01-02 at one 2024-01-03 two '' '' three >in
	blocks --regexp --recstart '^\d{4}-' -n 1 <in
	assert_output $'2024-01-02\nat\none\n|\n2024-01-03\ntwo\n\n\nthree\n|'
	blocks --regexp --recend '\n{2,}' -n 1 <in
	assert_output $'2024-01-02\nat\none\n2024-01-03\ntwo\n\n\n|\nthree\n|'
	blocks --regexp --recend '\n' --recstart '2|t' -n 1 <in
	assert_output $'2024-01-02\nat\none\n|\n2024-01-03\n|\ntwo\n\n\n|\nthree\n|'
	blocks --regexp --recend '(?i)END\b\s*' --block 9 < <(printf 'a end b END  c ended')
	assert_output $'a end |\nb END  |\nc ended|'
	blocks --regexp -d ';' --recstart '[bd]' -n 1 < <(printf 'a;b;c;d')
	assert_output $'a;|\nb;c;|\nd|'
}

@test "--pipe --regexp: blocks are the same however the input comes in" {
	perl -e 'srand 1; print join "", map { "x" x rand 9, "\n" x (1 + rand 3) } 1..3000' >in
	for block in 1 100 5k; do
		pq -k --pipe --regexp --recend '\n+(?!x{3})' --block $block 'cat; echo "|"' <in >expected
		perl -e '$| = 1; open F, "in"; while (sysread F, $_, 1 + rand 99) { syswrite STDOUT, $_ }' |
			pq -k --pipe --regexp --recend '\n+(?!x{3})' --block $block 'cat; echo "|"' >got
		cmp got expected
	done
	[ "$(tr -d '|' <got | wc -l)" -gt 3000 ]
}

@test "--pipe --regexp: what is too hard to match ends the input, and is told" {
	run -1 --separate-stderr pq -k --pipe --regexp --recend '(x+x+)+[yz]' -n 1 --max-item 2M cat \
		< <(printf 'axxy'; head -c 300000 /dev/zero | tr '\0' x)
	assert_output axxy
	assert_equal "$stderr" 'pq: cannot cut records out of standard input: matching it takes too '\
'long; the rest of it is left out'
}

@test "--pipe --csv: no field in quotes is cut" {
	printf 'id,text\n1,"a\nb"\n2,"c ""d""\n\n,"\n3,e"f\n' >in.csv
	blocks --csv --header : -n 1 <in.csv
	assert_output $'id,text\n1,"a\nb"\n|\nid,text\n2,"c ""d""\n\n,"\n|\nid,text\n3,e"f\n|'
	blocks --csv --block 15 <in.csv
	assert_output $'id,text\n|\n1,"a\nb"\n|\n2,"c ""d""\n\n,"\n|\n3,e"f\n|'
	blocks --csv -C ';' -n 1 < <(printf '1;"a\nb"\n2,"c\nd\n')
	assert_output $'1;"a\nb"\n|\n2,"c\n|\nd\n|'
	blocks --csv -L 2 -n 1 < <(printf '"1\n"\n2\n"3\n"\n')
	assert_output $'"1\n"\n2\n|\n"3\n"\n|'
}

@test "--pipe --csv: a quote that does not end takes no more with it than --max-item" {
	run -123 --separate-stderr pq -k --pipe --csv -n 1 --max-item 10 'cat; echo "|"' \
		< <(printf '1,"a\nb\nc\nd\nefgh\n2,x\n')
	assert_output $'efgh\n|\n2,x\n|'
	only_message 'item 1 '\''1,"a\nb\nc\nd\nefgh\n2,x\n'\'': is longer than --max-item allows'
}

@test "--pipe -L: so many lines are a record, and a block has as many as fit" {
	printf '@%d\nACGT\n+\n!!!!\n' 1 2 3 4 5 >reads.fastq
	blocks -L 4 --block 35 <reads.fastq
	assert_output "$(for i in 1 3 5; do
		for k in $i $((i + 1)); do
			[ $k -gt 5 ] || printf '@%d\nACGT\n+\n!!!!\n' $k
		done
		echo '|'
	done)"
	blocks -L 4 -n 2 --header 1 < <(printf 'head\n'; cat reads.fastq)
	assert_line --index 0 head
	assert_equal "$(grep -c head <<<"$output")" 3
	run pq --pipe -L 4 -n 1 'wc -l' <reads.fastq
	assert_output $'4\n4\n4\n4\n4'
	blocks -L 2 -0 -n 1 < <(printf 'a\0b\0c\0')
	assert_equal "$(tr -d '\0' <<<"$output")" $'ab|\nc|'
}

@test "--pipe as GNU parallel does it" {
	parallel --version 2>/dev/null | grep -q '^GNU' || skip 'no GNU parallel'
	export HOME=$BATS_TEST_TMPDIR PARALLEL_HOME=$BATS_TEST_TMPDIR
	: >will-cite
	lines_of 1000 >in
	local options
	while read -r options; do
		# Not its warnings about records that are longer than a block.
		eval "parallel -k --pipe $options 'cat; echo \"|\"' <in >expected 2>/dev/null"
		eval "pq -k --pipe $options 'cat; echo \"|\"' <in >got"
		cmp got expected || fail "$options"
	done <<'END'
--block 1k
--block 7k
--block 300
--block 1M
-N 100
-N 999
--block 1k --recend e
--block 1k --recend 'ne '
-N 100 --recstart li
-N 100 --recstart li --recend '\n'
-N 10 --recstart 'line 4' --recend '9\n'
-N 30 --recend 1
-L 4 -N 10
-L 30 -N 1
--block 1k --header :
--header 2 -N 300
--header '(line .\n)*' -N 300
--regexp --recend '0\n' -N 7
END
}

@test "a sign within a line begins no record where the end of a line must stand before it" {
	run pq -k --pipe --recend '\n' --recstart '>' -n 1 'cat; echo --' \
		< <(printf ">s1 5'->3' x\nAC\n>s2\nGG\n")
	assert_output $'>s1 5\'->3\' x\nAC\n--\n>s2\nGG\n--'
}
