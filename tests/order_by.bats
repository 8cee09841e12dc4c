# --order-by JOBLOG: the longest of the last run first.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	seq 5 >list
	ran 1=0.5 2=3 3=1.25 4=2 >log
}

header=$'Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand'

# ran ITEM=SECONDS...: the job log of `echo ITEM` for each.
ran() {
	local one n=0
	echo "$header"
	for one; do
		printf '%d\t:\t1795838814.682\t%10s\t0\t2\t0\t0\techo %s\n' $((++n)) "${one#*=}" \
			"${one%=*}"
	done
}

@test "--order-by: what took longest is started first, and what is not known before it" {
	run pq -j1 --order-by log echo <list
	assert_output $'5\n2\n4\n3\n1'
}

@test "--order-by: equal ones, and those that are not known, stay as they are in the list" {
	ran 9=1 8=2 7=2 6=1 >log
	run pq -j1 --order-by log echo ::: 3 9 2 8 1 7 6
	assert_output $'3\n2\n1\n8\n7\n9\n6'
}

@test "--order-by: items keep their numbers, and -k its order" {
	run pq -k --order-by log echo <list
	assert_output $'1\n2\n3\n4\n5'
	pq -j1 --order-by log --joblog now echo <list
	assert_equal "$(cut -f1 now | tr '\n' ' ')" 'Seq 5 2 4 3 1 '
}

@test "--order-by: the order holds also where jobs wait in a schedule" {
	local options
	for options in '--retries 2' '--delay 0' '--key {}' '--rate 1000/s' '--priority 1{=length=}' \
		'-Q 1'; do
		# shellcheck disable=SC2086 # they are words
		run pq -j1 $options --order-by log echo <list
		assert_output $'5\n2\n4\n3\n1'
	done
}

@test "--order-by: the log of this run may be that of the last one" {
	ran 1=9 2=8 3=7 4=6 5=5 >log
	run pq -j1 --order-by log --joblog log echo ::: 5 1 2
	assert_output $'1\n2\n5'
	assert_equal "$(cut -f1,9 log)" $'Seq\tCommand\n2\techo 1\n3\techo 2\n1\techo 5'
}

@test "--order-by: GNU parallel's log, several put together, and of a job the last run" {
	{
		echo "$header"
		printf '1\tlocalhost\t1.5\t     4.000\t0\t2\t0\t0\techo a\\ b\n'
		ran 1=1 2=2
		ran 1=3 2=2.5 3=9
	} >log
	run pq -j1 --order-by log echo ::: 2 1 'a b' 3
	assert_output $'3\na b\n1\n2'
}

@test "--order-by: what is torn off at the end of the log is none of it" {
	ran 1=1 2=2 3=3 | head -c -3 >log
	run pq -j1 --order-by log echo ::: 1 2 3
	assert_output $'3\n2\n1'
}

@test "--order-by: a log of another list or command is told, an empty one is none" {
	run --separate-stderr pq -j1 --order-by log echo x <list
	assert_output $'x 1\nx 2\nx 3\nx 4\nx 5'
	assert_equal "$stderr" "pq: --order-by log: this job log has no job of this list and command; \
all are started as they come"
	: >log
	run --separate-stderr pq -j1 --order-by log echo ::: 2 1
	assert_output $'2\n1'
	assert_equal "$stderr" ''
	run --separate-stderr pq -j1 --order-by log echo < <(:)
	assert_success
	assert_equal "$stderr" ''
}

@test "--order-by: what is no job log, or not there, and nothing is started" {
	run -2 pq --order-by none touch ::: started
	assert_output 'pq: --order-by: cannot read the job log none: No such file or directory; an '\
'empty one will do the first time'
	run -2 pq --order-by list touch ::: started
	assert_output 'pq: list is no job log: line 1 has no number and command; use another file'
	assert [ ! -e started ]
}

@test "--order-by with -n: a job is known with all its records" {
	ran '1 2=1' '3 4=5' 5=3 >log
	run pq -j1 -n2 --order-by log echo <list
	assert_output $'3 4\n5\n1 2'
}

@test "--order-by with --next: an item is as long as its longest job" {
	{
		ran 1=1 2=2 3=5
		printf '1\t:b\t1\t9\t0\t0\t0\t0\techo b 1\n'
	} >log
	run pq -j1 --order-by log --deliver all echo --next --name b echo b ::: 1 2 3
	assert_equal "$(grep -v b <<<"$output" | tr '\n' ' ')" '1 3 2 '
}

@test "--order-by with --resume and --journal: what is left comes in the order" {
	run -1 pq -j1 --order-by log --joblog now --halt soon,fail=1 \
		'echo {}; [ {} != 2 ]' <list # nothing is known of this command
	assert_line 2
	refute_line 3
	ran 1=0.5 2=3 3=1.25 4=2 | sed 's/echo \(.*\)/echo \1; [ \1 != 9 ]/' >log
	rm now
	pq -j1 --joblog now 'echo {}; [ {} != 9 ]' ::: 1 2
	run pq -j1 --order-by log --joblog now --resume 'echo {}; [ {} != 9 ]' <list
	assert_output $'5\n4\n3'
	ran 1=0.5 2=3 3=1.25 4=2 >log
	pq --journal j -j1 --halt soon,done=2 echo <list || true
	run --separate-stderr pq -j1 --journal j --order-by log echo <list
	assert_output $'5\n4\n3'
}

@test "--order-by with --shard: the nodes get about the same, and together all" {
	local i
	seq 12 >list
	ran 1=1 2=1 3=1 4=1 5=10 6=1 7=1 8=1 9=1 10=1 11=1 12=1 >log
	for i in 1 2; do
		pq -j1 --shard "$i/2" --order-by log echo <list >"$i"
	done
	# One has the long one, and the other nearly all the rest.
	assert_equal "$(head -1 1)" 5
	assert_equal "$(wc -l <1) $(wc -l <2)" '2 10'
	assert_equal "$(sort -n 1 2)" "$(cat list)"
	# With nothing known each has as many.
	: >log
	for i in 1 2 3; do
		pq -j1 --shard "$i/3" --order-by log echo <list >"$i"
		assert_equal "$(wc -l <"$i")" 4
	done
	assert_equal "$(sort -n 1 2 3)" "$(cat list)"
	ran 1=0 2=0 3=0 4=0 >log
	assert_equal "$(pq --shard 2/2 --order-by log echo ::: 1 2 3 4 | sort)" $'2\n4'
}

@test "--order-by with --shard: a share that is resumed is the same share" {
	local i
	seq 9 >list
	ran 9=9 8=8 7=7 6=6 5=5 4=4 3=3 2=2 1=1 >log
	for i in 1 2 3; do
		pq -j1 --shard "$i/3" --order-by log --joblog "$i.log" --halt soon,done=1 echo <list \
			2>err || true
		pq -j1 --shard "$i/3" --order-by log --joblog "$i.log" --resume echo <list
	done >out
	assert_equal "$(cat [123].log | cut -f9 | grep echo | sort)" "$(sed 's/^/echo /' list)"
}

@test "--order-by with --shard I/N,hash: the shares stay what they are" {
	run pq -j1 --shard 2/3,hash --order-by log echo <list
	assert_output $'2\n4'
}

@test "--order-by with -k: what waits for its turn holds nobody up, however much it is" {
	seq 300 >list
	for i in {300..1}; do printf '%d\t:\t1\t%d\t0\t2\t0\t0\t%s\n' "$i" "$i" \
		"printf %09000d $i"; done >log
	while read -r i; do printf %09000d "$i"; done <list >wanted
	pq -k -j2 -Q 4 --queue-bytes 50K --order-by log printf %09000d <list >out
	cmp out wanted
}

@test "--order-by: what cannot be in such an order is refused" {
	run -2 pq --order-by log -e s/a/b/ <list
	assert_output --partial 'no job is run that could have taken a time'
	run -2 pq --order-by log --pipe cat <list
	assert_output --partial 'no command in a job log says which block it had'
	run -2 pq --order-by log --shuf echo <list
	assert_output --partial 'each is an order; leave one out'
	run -2 pq --order-by log --follow --from list echo
	assert_output --partial 'it would have no end'
	run -2 pq --order-by log -Q2 --overflow drop-new echo <list
	assert_output --partial 'would fill the queue'
	run -2 pq --order-by - echo <list
	assert_output 'pq: stdin (-) can be read only once'
	run -2 pq --order-by log --joblog log --shard 1/2 echo <list
	assert_output 'pq: --order-by log with --shard: it is the job log of this node, too, and the '\
'nodes deal items out by the same one; write to another file'
}

@test "--order-by: what is refused is told in the order of the list, and on its node alone" {
	printf 'a\n%050d\nc\n' 1 >list
	run -123 pq -j1 --max-item 20 --order-by log echo <list
	assert_output --partial 'item 2'
	assert_line a
	assert_line c
}

@test "--order-by: Ctrl-C while the list is read leaves nothing behind" {
	mkfifo fifo
	exec 4<>fifo
	background env --default-signal pq --order-by log --joblog now touch started <fifo 2>err
	pq=$!
	echo a >&4
	wait_until test -e now
	kill -INT "$pq"
	status=0
	wait "$pq" || status=$?
	assert_equal "$status" 130
	exec 4>&-
	assert [ ! -e started ]
}
