# Under the name parallel, beside GNU parallel, on command lines made by chance: output, status
# and what is left behind are the same, but where pq-parallel(7) says what differs.
# tests/beside_parallel makes the lines; SEED and COUNT are for others, and more.

load helper
load gnu

setup() {
	cd "$BATS_TEST_TMPDIR"
	gnu_parallel || skip 'GNU parallel is not installed'
	[[ $(parallel --version 2>/dev/null) == *' 20221122'* ]] ||
		skip 'this GNU parallel is not that of the manual page, 20221122'
	unsanitized 'some hundred starts of both'
}

# beside PART: these lines are as they should be, and no line is left out.
beside() {
	PART=$1 "$TOP/tests/beside_parallel"
}

@test "what is no parallel is found out" {
	PQ=$(command -v true) COUNT=4 run -1 "$TOP/tests/beside_parallel"
	assert_line --regexp '^[0-3] alike, 0 as the manual says, [1-4] not$'
	assert_line --regexp '^1: .*parallel '
}

@test "lines made by chance do what GNU parallel makes of them, first sixth" {
	beside 1/6
}

@test "lines made by chance do what GNU parallel makes of them, second sixth" {
	beside 2/6
}

@test "lines made by chance do what GNU parallel makes of them, third sixth" {
	beside 3/6
}

@test "lines made by chance do what GNU parallel makes of them, fourth sixth" {
	beside 4/6
}

@test "lines made by chance do what GNU parallel makes of them, fifth sixth" {
	beside 5/6
}

@test "lines made by chance do what GNU parallel makes of them, last sixth" {
	beside 6/6
}
