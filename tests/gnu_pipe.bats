# Pipes and files as GNU parallel has them: the options that say where a job's input comes from
# and where its output goes.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	mkdir bin
	ln -s "$PQ" bin/parallel
	export TMPDIR=$PWD
}

# The link, and no other parallel.
parallel() {
	bin/parallel "$@"
}

# --- names of files in place of the output ----------------------------------

@test "--files prints the name of a file with the output of each job, and stderr as it is" {
	run --separate-stderr parallel -k --files 'echo {}; echo no >&2; exit 3' ::: a b
	assert_equal "$status" 2
	assert_equal "$stderr" $'no\nno'
	assert_equal "${#lines[@]}" 2
	assert_equal "$(cat "${lines[0]}")" a
	assert_equal "$(cat "${lines[1]}")" b
	[[ ${lines[0]} == "$PWD"/* ]]
}

@test "--files has a file for a job that prints nothing, and one for each block" {
	run -0 parallel --files true ::: a
	assert_equal "$(stat -c '%a %s' "$output")" '600 0'
	seq 5 | parallel --pipe -k -N2 --files cat >names
	# shellcheck disable=SC2046
	run -0 cat $(cat names)
	assert_output $'1\n2\n3\n4\n5'
	assert_equal "$(wc -l <names)" 3
}

@test "--files merges with sort -m" {
	printf '%s\n' 3 1 >x
	printf '%s\n' 4 2 >y
	# shellcheck disable=SC2046
	run -0 sort -m $(pq --files sort ::: x y)
	assert_output $'1\n2\n3\n4'
}

@test "--files of the last attempt alone" {
	run -0 pq -k --retries 2 --files 'echo $PQ_ATTEMPT; exit $((2 - PQ_ATTEMPT))' ::: a b
	assert_equal "$(cat "${lines[@]}")" $'2\n2'
	assert_equal "$(find . -name 'pq??????' | wc -l)" 2
}

@test "--files with --results prints the names there, and with --tag the tag before it" {
	run -0 parallel -k --results out --files echo ::: a b
	assert_output $'out/1/a/stdout\nout/1/b/stdout'
	assert_equal "$(cat out/1/b/stdout)" b
	run -0 pq -k --results 'to/{}.txt' --files echo ::: a b
	assert_output $'to/a.txt\nto/b.txt'
	run -0 parallel -k --tag --files echo ::: a
	[[ $output == $'a\t'"$PWD"/* ]]
	assert_equal "$(cat "${output#*$'\t'}")" a
}

@test "--tmpdir is where files of --files are, and TMPDIR of the jobs" {
	mkdir tmp
	run -0 parallel --tmpdir "$PWD/tmp" --files 'echo $TMPDIR' ::: a
	[[ $output == "$PWD"/tmp/* ]]
	assert_equal "$(cat "$output")" "$PWD/tmp a"
}

@test "--files is refused where there is no job, or another thing is printed" {
	run -2 pq --files -e 's/a/b/' </dev/null
	assert_output --partial 'no job is run that could print anything; leave it out'
	run -2 pq --files --json echo ::: a
	assert_output --partial 'each says what is printed in place of the output'
}
