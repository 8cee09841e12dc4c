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
	run -2 pq --max-c 9 true
	assert_output --partial "unknown option '--max-c'"
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
