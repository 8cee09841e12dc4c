# -o FILE: the file that jobs' output goes to.

load helper
load faults/faults

setup() {
	cd "$BATS_TEST_TMPDIR"
}

@test "-o takes the output, and stdout stays empty" {
	echo old old old >out
	run --separate-stderr pq -k -o out echo ::: a b
	assert_success
	assert_equal "$output$stderr" ''
	assert_equal "$(cat out)" $'a\nb'
	run --separate-stderr pq -o out -e upper ::: a
	assert_equal "$output$(cat out)" A
}

@test "-o cannot be the input, which stays as it is" {
	seq 3 >in
	run -2 --separate-stderr pq -o in echo <in
	only_message 'standard input is both the input and the output: write to another file'
	run -2 --separate-stderr pq -o in echo :::: in
	only_message 'in is both the input and the output: write to another file'
	seq 3 | cmp - in
}

@test "-o that cannot be opened: 74, and nothing is started" {
	run -74 --separate-stderr pq -o none/out touch ::: started
	only_message 'cannot open none/out (-o): No such file or directory; nothing was started'
	assert_not_exists started
}

@test "-o that cannot be written: 74 and a message" {
	run -74 --separate-stderr pq -o /dev/full echo ::: a
	only_message 'cannot write to /dev/full: No space left on device; stopping'
}

@test "-o is synced at the end, and an fsync that fails is fatal" {
	unsanitized 'strace and it are slow together'
	strace -f -e trace=none true 2>/dev/null || skip 'strace is missing, or not permitted'
	run -74 --separate-stderr strace -o trace -f -e inject=fdatasync:error=EIO \
		"$PQ" -o out echo ::: a
	only_message 'cannot write to out: Input/output error'
	assert_equal "$(cat out)" a
}

@test "-o with -u or --in-place is refused" {
	run -2 pq -u -o out echo ::: a
	assert_output "pq: -o with -u: what jobs write themselves does not pass through pq; \
leave out -u"
	run -2 pq -o out --in-place -e upper ::: a
	assert_output 'pq: --in-place with -o: nothing is printed; leave one out'
}
