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

@test "--files --dry-run: the files have the commands, and what is piped on has names as ever" {
	parallel --dry-run -k --files --tag sort ::: 'a b' c >names
	assert_equal "$(cut -f 1 names)" $'a b\nc'
	# shellcheck disable=SC2046
	run -0 cat $(cut -f 2 names)
	assert_output $'sort \'a b\'\nsort c'
	run -0 parallel --dry-run -k --files --results out sort ::: c # which have names of their own
	assert_output 'sort c'
	assert_not_exists out
	run -0 pq --dry-run -k --files sort ::: c
	assert_output 'sort c'
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

# --- one stream for jobs that run side by side --------------------------------

@test "--tee gives all of the input to a job for each argument" {
	run -0 parallel --pipe --tee -k 'echo {}; {} -n {#}' ::: head tail < <(seq 4)
	assert_output $'head\n1\ntail\n3\n4'
	seq 1000 >file
	run -0 parallel --pipe-part -a file --tee -k --tag 'wc -l' ::: x :::: <(printf '%s\n' 1 2)
	assert_output $'x 1\t1000\nx 2\t1000'
}

@test "--tee: a job that stops reading does not end the others, and all of them end pq" {
	run -0 pq --pipe --tee -k 'sh -c {}' ::: 'head -n 1' true 'wc -l' < <(seq 300000)
	assert_output $'1\n300000'
	run -0 pq --pipe --tee -k 'head -n {}' ::: 1 2 < <(yes)
	assert_output $'y\ny\ny'
}

@test "--tee: a job that is slow to read holds up the others, and gets all" {
	gate slow
	yes | head -c 3000000 >file
	background sh -c "pq --pipe --tee 'if [ {} = 1 ]; then read x <slow; fi
		wc -c' ::: 1 2 <file >out"
	open_gate slow
	wait "$!"
	assert_equal "$(cat out)" $'3000000\n3000000'
}

@test "--tee needs a worker for each job, and arguments" {
	run -255 parallel --pipe --tee -j2 cat ::: a b c </dev/null
	assert_output 'pq: --tee with -j 2: all 3 jobs read at the same time; try -j0'
	run -2 pq --pipe --tee cat </dev/null
	assert_output --partial '--tee without arguments (:::, ::::)'
	run -2 pq --tee cat ::: a </dev/null
	assert_output --partial '--tee without --pipe'
}

@test "--round-robin has -j jobs, each of which reads many blocks" {
	run -0 parallel --pipe --round-robin -k -j3 -N2 --tagstring '{#}' cat < <(seq 10)
	assert_output $'1\t1\n1\t2\n1\t7\n1\t8\n2\t3\n2\t4\n2\t9\n2\t10\n3\t5\n3\t6'
	seq 100000 >file
	run -0 bash -c 'pq --pipe --round -j4 --block 10k cat <file | sort -n | cmp - file'
}

@test "--round-robin starts no more jobs than there are blocks, and none without input" {
	run -0 parallel --pipe --round-robin -j8 'echo job; cat' < <(seq 3)
	assert_output $'job\n1\n2\n3'
	run -0 parallel --pipe --round-robin 'echo job; cat' </dev/null
	assert_output ''
}

@test "--round-robin: the header stands once before what each job reads" {
	run -0 parallel --pipe --roundrobin -k -j2 -N1 --header : 'cat; echo' \
		< <(printf '%s\n' h a b c d)
	assert_output $'h\na\nc\n\nh\nb\nd'
}

@test "--round-robin: who does not read is given nothing more" {
	gate busy
	seq 60000 >file # a block of what a pipe holds for it, and the others for the other one
	run -0 bash -c 'pq --pipe --round-robin -j2 --block 30k "if [ {#} = 1 ]; then read x <busy; fi
		cat >got{#}; echo {#}; [ {#} = 1 ] || echo >&9" <file 9<>busy'
	cat got1 got2 | sort -n | cmp - file
}

@test "--round-robin tells when all jobs have ended before their input" {
	run --separate-stderr pq --pipe --round-robin -j2 -k 'head -n 1 >/dev/null' < <(yes)
	assert_equal "$status" 1
	assert_equal "$stderr" 'pq: all jobs have ended before their input: the rest of it is left out'
}

@test "jobs that read a stream together are refused what would have to read it again" {
	run -2 pq --pipe --round-robin --retries 2 cat </dev/null
	assert_output --partial 'what a job has read cannot be read again'
	run -2 pq --pipe --tee -Q 9 cat ::: a </dev/null
	assert_output --partial 'all of its jobs run at the same time'
}

# --- lines by their keys ------------------------------------------------------

@test "--group-by: lines in a row that are alike in a column are one record" {
	printf '%s\t%s\n' a 1 a 2 b 3 b 4 a 5 >file
	run -0 parallel --pipe --group-by 1 -N1 -k 'echo job; cat' <file
	assert_output $'job\na\t1\na\t2\njob\nb\t3\nb\t4\njob\na\t5'
	run -0 parallel --pipe --group-by 1 -k --block 9 'echo job; cat' <file
	assert_output $'job\na\t1\na\t2\njob\nb\t3\nb\t4\njob\na\t5'
	run -0 pq --pipe --group-by 2 -C : -n1 -k 'wc -l' < <(printf '%s\n' x:1:a y:1:b z:2)
	assert_output $'2\n1'
}

@test "--group-by: a column has the name that the header gives it, which comes again" {
	printf '%s\n' id,name 1,b 2,b 3,c >file
	run -0 parallel --pipe --group-by name --header : -C , -N1 -k 'echo job; cat' <file
	assert_output $'job\nid,name\n1,b\n2,b\njob\nid,name\n3,c'
	run -1 pq --pipe --group-by nobody --header : -C , cat <file
	assert_output --partial 'its header does not name it'
	run -2 pq --pipe --group-by name cat <file
	assert_output --partial 'there is no header that could name it'
}

@test "--group-by is the same however the bytes come" {
	seq 1 40 | sed 's/./& &/' >file
	run -0 bash -c 'while IFS= read -r line; do printf "%s\n" "${line:0:2}"; done <file >/dev/null
		(dd bs=1 status=none <file) | pq --pipe --group-by 1 -C " " -n1 -k "echo; cat"'
	one=$output
	run -0 pq --pipe --group-by 1 -C ' ' -n1 -k 'echo; cat' <file
	assert_equal "$output" "$one"
}

@test "--shard: lines that are alike in a column are all with one job" {
	printf '%s\t%s\n' x 1 y 2 x 3 z 4 y 5 x 6 >file
	run -0 parallel --pipe --shard 1 -j3 'cat >part{#}' <file
	assert_equal "$(cat part* | sort)" "$(sort file)"
	for key in x y z; do
		assert_equal "$(grep -l "^$key" part* | wc -l)" 1
	done
}

@test "--bin: a line goes to the job of its number" {
	run -0 parallel --pipe --bin 1 -j3 -k 'echo job; cat' < <(seq 7)
	assert_output $'job\n1\n4\n7\njob\n2\n5\njob\n3\n6'
	run -0 parallel --pipe --bin n --header : -j2 -k cat < <(printf '%s\n' $'x\tn' $'a\t1' $'b\t2')
	assert_output $'x\tn\na\t1\nx\tn\nb\t2'
	run -255 parallel --pipe --bin 'x $_%=2' cat </dev/null
	assert_output --partial 'is no number of a column, and no name of one'
}

@test "--rrs leaves out what records end and begin with" {
	run -0 parallel --pipe -k --recend ';' --rrs -N2 'cat; echo' < <(printf 'a;b;c;d;')
	assert_output $'ab\ncd'
	run -0 parallel --pipe -k --recend ';' --recstart '>' --rrs -N2 'cat; echo' \
		< <(printf '>a;>b;>c;')
	assert_output $'ab\nc'
	run -0 parallel --pipe -k --recstart '>' --rrs -N2 'cat; echo' < <(printf '>a;>b;>c')
	assert_output $'a;b;\nc'
	run -0 parallel --pipe -k --regexp --recend '[0-9]+' --rrs 'cat; echo' < <(printf 'a12b3c')
	assert_output abc
	run -0 pq --pipe -k --rrs -n1 'cat; echo' < <(printf 'a\n\nb\n')
	assert_output $'a\nb'
}

# --- a block in a file ---------------------------------------------------------

@test "--cat puts each block into a file, which is {} and gone when its job has ended" {
	run -0 parallel --pipe --cat -N2 -k 'wc -l <{}; tail -n 1 {}; basename {} | wc -l' \
		< <(seq 3)
	assert_output $'2\n2\n1\n1\n3\n1'
	run -0 pq --pipe --fifo -n2 -k sort -r < <(seq 4)
	assert_output $'2\n1\n4\n3'
	run parallel --pipe --cat 'cat {}; exit 7' < <(seq 3)
	assert_equal "$output" $'1\n2\n3'
	run bash -c 'shopt -s nullglob; echo pq??????'
	assert_output ''
}

@test "--cat: the job reads nothing on stdin, and {#} is its number" {
	run -0 pq --pipe --cat -n1 -k 'cat; echo {#}:$(cat {})' < <(printf 'a\nb\n')
	assert_output $'1:a\n2:b'
	run -2 pq --pipe --tee --cat cat ::: a </dev/null
	assert_output --partial 'what jobs read together is a stream'
}

# --- parts of files -------------------------------------------------------------

@test "--pipe-part: each job reads a part of a file, which ends with a whole record" {
	seq 10 >file
	run -0 parallel --pipe-part -a file --block 5 -k 'echo part; cat'
	assert_output $'part\n1\n2\n3\npart\n4\n5\n6\npart\n7\n8\n9\npart\n10'
	printf 'a\nb' >other
	run -0 parallel --pipe-part -a file -a other --block 12 -k 'echo {#}; cat'
	assert_output $'1\n1\n2\n3\n4\n5\n6\n7\n2\n8\n9\n10\n3\na\nb'
	run -0 parallel --pipe-part -a file --block 8 --recend $'\n' --recstart 4 -k 'echo part; cat'
	assert_output "$(printf 'part\n'; seq 10)"
}

@test "--pipe-part --block -N has about N parts for each job, ten where nothing is said" {
	seq 1000 >file
	run -0 parallel --pipe-part -a file --block -1 -j4 -k wc -l
	assert_output $'271\n244\n244\n241'
	run -0 parallel --pipe-part -a file -j2 -k wc -l
	assert_equal "${#lines[@]}" 20
	seq 1001 2000 >other
	run -0 parallel --pipe-part -a file -a other --block -1 -j2 -k head -n 1 # of all of them
	assert_output $'1\n1001\n1891'
}

@test "--block -N: where blocks go by what is in records they are as large, of a file" {
	seq 1000 >file
	run -0 parallel --pipe-part -a file --block -1 -j4 --regexp --recend '\n' -k wc -l
	assert_output $'271\n244\n244\n241' # as where nothing looks at them
	run -0 parallel --pipe-part -a file --block -2 -j2 --group-by 1 -k wc -l
	assert_output $'271\n244\n244\n241'
	run -0 parallel --pipe-part -a file --block -1 -j2 --regexp --recend '0\n' -k wc -l
	assert_output $'520\n480'
	run -0 parallel --pipe --block -1 -j1 wc -l <file
	assert_output 1000
	run -255 parallel --pipe --block -1 cat < <(seq 3)
	assert_output --partial 'can be told of files, and standard input is none; try --block 10M'
	mkfifo pipe
	run -255 parallel --pipe-part -a pipe --block -1 --regexp --recend '0\n' cat
	assert_output --partial 'can be told of files, and pipe is none; try --block 10M'
}

@test "--pipe-part: the header of each file stands before each part of it" {
	printf 'h\n1\n2\n3\n' >a
	printf 'H\n4\n' >b
	run -0 parallel --pipe-part -a a -a b --header : --block 4 -k 'echo; cat'
	assert_output $'\nh\n1\n2\n3\n\nH\n4'
}

@test "--pipe-part: what fails is tried again from the beginning of its part" {
	seq 4 >file
	run -0 parallel --pipe-part -a file --block 3 --retries 2 -k \
		'head -n 1; [ $PQ_ATTEMPT = 2 ]'
	assert_output $'1\n3'
}

@test "--pipe-part: parts are all of the file, and who reads only the beginning is no trouble" {
	seq 200000 >file
	run -0 bash -c 'parallel() { bin/parallel "$@"; }
		parallel --pipe-part -a file --block 100k -j4 -k cat | cmp - file'
	run -0 parallel --pipe-part -a file --block 500k -j2 -k head -n 1
	assert_equal "${lines[0]}" 1
	assert_equal "${#lines[@]}" 3
}

@test "--pipe-part needs files that can be read from their middle on, or reads them through" {
	run -255 parallel --pipe-part -a /dev/null cat
	assert_output --partial '/dev/null is no regular file'
	seq 4 >file
	run -0 parallel --pipe-part -a file -N2 -k 'cat; echo' # records are counted
	assert_output $'1\n2\n\n3\n4'
	run -0 parallel --pipe-part -a file --round-robin -j1 cat
	assert_output $'1\n2\n3\n4'
}
