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
	run --separate-stderr -123 pq -k --content --joblog log cat <list
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
	timeout 10 pq --content 'wc -c' ::: fifo >out
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

@test "--content: a job still has no more descriptors than 0, 1 and 2" {
	seq 3 >file
	run pq -j4 --content 'cat >/dev/null; ls /proc/self/fd | wc -l' ::: file file file file
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
