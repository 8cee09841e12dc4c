# Bats has its --jobs from whatever is called parallel: here it is pq.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	command -v flock >/dev/null || skip 'bats --jobs needs flock'
	mkdir bin suite
	ln -s "$PQ" bin/parallel
}

# suite_file NAME (TEST BODY)...: a file of the suite, with these tests.
suite_file() {
	local file=suite/$1.bats
	shift
	while (($#)); do
		printf '@test "%s" {\n%s\n}\n' "$1" "$2" >>"$file"
		shift 2
	done
}

# The bats that runs this test is to leave no trace in the one that it starts.
bats_jobs() {
	unset "${!BATS_@}"
	PATH=$PWD/bin:$PATH exec bats --tap --jobs 4 "$@" suite
}

# tap STATUS TEXT ARGUMENT...: `bats --jobs 4` with these ends so, and prints that.
tap() {
	local status=$1 text=$2
	shift 2
	run "-$status" bats_jobs "$@"
	assert_equal "$(grep -v '^#' <<<"$output")" "$text"
}

@test "a suite comes out in order, though its files run side by side" {
	gate gate
	suite_file one 'waits for the last' "read -r x <$PWD/gate" second true
	suite_file two third true 'the last' "echo >$PWD/gate"
	tap 0 $'1..4\nok 1 waits for the last\nok 2 second\nok 3 third\nok 4 the last'
}

@test "the tests of a file run side by side, and come out in order" {
	gate gate
	suite_file one first "read -r x <$PWD/gate" second "echo >$PWD/gate"
	tap 0 $'1..2\nok 1 first\nok 2 second'
}

@test "what fails anywhere is status 1, and all else is run" {
	suite_file one first false second true
	suite_file three fifth true sixth 'skip x'
	suite_file two third 'echo why; return 3' fourth true
	tap 1 $'1..6\nnot ok 1 first\nok 2 second\nok 3 fifth\nok 4 sixth # skip x
not ok 5 third\nok 6 fourth'
	assert_line '# why'
}

@test "a file that cannot be set up is status 1" {
	suite_file one first true second true
	echo 'setup_file() { false; }' >>suite/one.bats
	suite_file two third true
	run -1 bats_jobs
	assert_line '1..3'
	assert_line 'not ok 1 setup_file failed'
	assert_line 'ok 3 third'
}

@test "with either kind of --no-parallelize it is the same" {
	suite_file one first true second false
	suite_file two third true fourth true
	local text=$'1..4\nok 1 first\nnot ok 2 second\nok 3 third\nok 4 fourth'
	tap 1 "$text" --no-parallelize-within-files
	tap 1 "$text" --no-parallelize-across-files
}

@test "names of files and directories may have blanks and quotes" {
	mkdir "it's a"
	mv suite "it's a/"
	mkdir suite
	suite_file "one's \$x" first true
	suite_file 'two {}' second true
	mv suite/* "it's a/suite"
	run -0 env -C "it's a" bash -c "unset \${!BATS_@}
		PATH='$PWD/bin':\$PATH exec bats --tap --jobs 2 suite"
	assert_output $'1..2\nok 1 first\nok 2 second'
}

@test "a filter, a formatter and the time of each test are passed on" {
	suite_file one first true second true
	suite_file two third true
	run -0 bats_jobs --filter 'first|third' --timing
	assert_output --regexp '^1\.\.2
ok 1 first in [0-9]+ms
ok 2 third in [0-9]+ms$'
}

@test "Ctrl-C ends all of it, as without --jobs" {
	local name
	gate gate
	for name in one two; do
		suite_file "$name" "$name a" true "$name b" "echo >>$PWD/began; read -r x <$PWD/gate"
	done
	background env --default-signal setsid bash -c "unset \${!BATS_@}
		PATH='$PWD/bin':\$PATH exec bats --tap --jobs 4 '$PWD/suite'" >out 2>err
	wait_until has_lines began 2
	kill -INT -- "-$!" # what a terminal sends to all that it sees
	status=0
	wait "$!" || status=$?
	assert_equal "$status" 1
	wait_until no_survivors "$PWD/suite"
	run cat out
	assert_line --partial 'SIGINT'
	refute_line --regexp '^ok . (one|two) b'
}
