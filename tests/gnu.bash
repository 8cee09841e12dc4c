# tests/gnu.bash: beside GNU parallel (`load gnu`), where that is installed.

# The link, and a list that is empty until a test has one.
setup() {
	cd "$BATS_TEST_TMPDIR"
	mkdir bin
	ln -s "$PQ" bin/parallel
	: >input
}

gnu_parallel() {
	[[ $(parallel --version 2>/dev/null) == 'GNU parallel'* ]]
}

# alike TEXT ARGUMENT...: `pq -k` with these prints TEXT, and GNU parallel does, too;
# -q, because it would give the words to a shell. Both read the file `input`.
alike() {
	local text=$1
	shift
	[ -e input ] || : >input
	run pq -k "$@" <input
	assert_success
	assert_output "$text"
	if gnu_parallel; then
		HOME=$BATS_TEST_TMPDIR run parallel --will-cite -q -k "$@" <input
		assert_success
		assert_output "$text"
	fi
}

# as_gnu TEXT ARGUMENT...: `parallel -k` with these prints TEXT from the file `input`, and GNU
# parallel, too.
as_gnu() {
	local text=$1
	shift
	run -0 --separate-stderr bin/parallel -k "$@" <input
	assert_output "$text"
	if gnu_parallel; then
		mkdir -p home && touch home/will-cite
		PARALLEL_HOME=$PWD/home run --separate-stderr parallel -k "$@" <input
		assert_output "$text"
	fi
}
