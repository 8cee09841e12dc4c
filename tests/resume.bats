# --resume and --resume-failed: what the job log has is not run again.

load helper
load faults/faults

setup() {
	cd "$BATS_TEST_TMPDIR"
}

@test "--resume runs what the log does not have, and appends to it" {
	pq --joblog log -k echo ::: a b
	run pq --resume --joblog log -k echo ::: a b c d
	assert_success
	assert_output $'c\nd'
	assert_equal "$(cut -f1 log | xargs)" 'Seq 1 2 3 4'
	run pq --resume --joblog log -k echo ::: a b c d
	assert_success
	refute_output
}

@test "without a log --resume runs everything" {
	run pq --resume --joblog log -k echo ::: a b
	assert_output $'a\nb'
}

@test "--resume leaves what failed alone, --resume-failed runs it again" {
	cat >job <<<'echo $1 >>begun; [ $1 != b ] || [ -e fixed ]'
	run -123 pq --joblog log sh job ::: a b c
	: >begun
	run -0 pq --resume --joblog log sh job ::: a b c
	assert_equal "$(cat begun)" ''
	run -123 pq --resume-failed --joblog log sh job ::: a b c
	assert_equal "$(cat begun)" b
	: >fixed
	run -0 pq --resume-failed --joblog log sh job ::: a b c
	: >begun
	# The last row of an item counts.
	run -0 pq --resume-failed --joblog log sh job ::: a b c
	assert_equal "$(cat begun)" ''
}

@test "as GNU parallel does, with gaps and in order" {
	command -v parallel >/dev/null || skip 'there is no GNU parallel'
	printf 'Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n' >log
	printf '%s\t:\t1.0\t0.1\t0\t0\t%s\t0\techo %s\n' 4 0 d 2 1 b >>log
	cp log theirs
	parallel --will-cite -k --resume-failed --joblog theirs echo ::: a b c d e >expected
	run pq -k --resume-failed --joblog log echo ::: a b c d e
	assert_output "$(cat expected)"
	assert_output $'a\nb\nc\ne'
}

@test "a list that has changed is refused before anything is started" {
	pq --joblog log -k echo ::: a b c >/dev/null
	run -2 pq --resume --joblog log echo ::: a x c d
	assert_output "pq: item 2 'x' is not what the job log log knows: the list or the command has \
changed; put it back, or use another job log"
	run -2 pq --resume --joblog log echo other ::: a b c
	assert_output --partial "item 1 'a' is not what the job log log knows"
	run -2 pq --resume --joblog log echo ::: a b
	assert_output 'pq: the list has become shorter: the job log log knows of item 3; put it back, '\
'or use another job log'
	assert_equal "$(wc -l <log)" 4
}

@test "a torn last line is cut off, and its job is run again" {
	pq --joblog log -j1 echo ::: a b >/dev/null
	truncate -s -3 log
	run pq --resume --joblog log echo ::: a b
	assert_output b
	assert_equal "$(cut -f1,9 log | tail -n +2)" $'1\techo a\n2\techo b'
}

@test "a command with the slot in it is not compared" {
	pq --joblog log -j1 echo {%} ::: a b >/dev/null
	run pq --resume --joblog log -j1 echo {%} ::: x y z
	assert_output 1
}

@test "hostile items are compared, too" {
	printf 'a\tb\0c\nd\0$(e)\0' >items
	pq -0 --joblog log -k echo :::: items >/dev/null
	run pq -0 --resume --joblog log echo :::: items
	assert_success
	refute_output
}

@test "what cannot work is refused with the reason" {
	run -2 pq --resume true ::: a
	assert_output 'pq: --resume without --joblog: there is no record of what is done; '\
'add --joblog FILE'
	run -2 pq --resume-failed --joblog log -o out true ::: a
	assert_output 'pq: --resume-failed with -o: it is emptied first; use --journal, which goes on '\
'with it'
	run -2 pq --resume --joblog log --shuf true ::: a
	assert_output --partial 'pq: --resume with --shuf: '
	echo text >log
	run -2 pq --resume --joblog log true ::: a
	assert_output 'pq: log is no job log: line 1 has no number and command; use another file'
	assert_equal "$(cat log)" text
}
