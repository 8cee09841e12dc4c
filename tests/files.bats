# The files that a run writes: no two of them are one, and none is what the run reads.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# refused FILE WHAT OPTION...: with status 2, the file is named, and nothing was run or made.
refused() {
	refuses "$1: it is $2; write to another file" "${@:3}" touch ran
	assert_file_not_exists ran
}
input='the input, too, and would be overwritten'

@test "two options that write to one file are refused, whatever it is called" {
	mkdir d
	refused '--journal f' 'the file of --joblog, too' --journal f --joblog d/../f
	refused '--journal d/f' 'the file of -o, too' --journal d/f -o ./d/f
	refused '--joblog f' 'the file of -o, too' --joblog +f -o f
	refused '--joblog f.csv' 'the file of --results, too' --joblog f.csv --results f.csv
	refused '--results f.tsv' 'the file of -o, too' --results f.tsv -o "$PWD/f.tsv"
	refused '--journal f' 'the file of --dead-letter, too' --dead-letter f --journal f
	assert_dir_exists d
	assert_equal "$(ls -I 'separate-stderr-*')" d # bats keeps those
	echo kept >f
	ln f g
	ln -s f h
	refused '--joblog f' 'the file of -o, too' --joblog f -o g
	refused '--joblog f' 'the file of --dead-letter, too' --dead-letter h --joblog f
	assert_equal "$(cat f)" kept
}

@test "names that are alike in two directories are two files, and a device is for all" {
	mkdir d
	run -0 pq --journal j --joblog f -o d/f echo ::: a
	assert_equal "$(cat d/f)" a
	run -123 pq --joblog /dev/null --dead-letter /dev/null -o /dev/null false ::: a
}

@test "--joblog into the file that is the input is refused, and it stays as it was" {
	seq 3 >list
	refused '--joblog list' "$input" --joblog list -a list
	refused '--joblog list' 'the input, too' --joblog +list --from list
	run -2 pq --joblog ./list touch <list
	assert_output "pq: --joblog ./list: it is $input; write to another file"
	run -2 pq --joblog list echo :::: - ::: x <list
	assert_output "pq: --joblog list: it is $input; write to another file"
	assert_equal "$(cat list)" "$(seq 3)"
	: >empty
	refused '--journal empty' 'the input, too' --journal empty -a empty
	run -0 pq --joblog list echo ::: a <list # it is not read
	run -123 pq --joblog list sh -c 'exit 1' ::: a
	run -123 pq --retry-failed --joblog list <list
	assert_equal "$(wc -l <list)" 3
}

@test "--joblog into the standard output of the run is refused" {
	run -2 --separate-stderr sh -c 'pq --joblog out echo ::: a >out'
	only_message '--joblog out: it is the standard output of the run, too; write to another file'
	assert_equal "$(cat out)" ''
}
