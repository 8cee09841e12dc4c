# tests/gnu.bash: beside GNU parallel (`load gnu`), where that is installed.

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
