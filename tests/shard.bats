# --shard I/N: the share of one of several nodes that are given the same list.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	seq 10 >list
}

# shares N OPTION... COMMAND: what each of N nodes prints of the list, a line for each node.
shares() {
	local n=$1 i
	for ((i = 1; i <= n; i++)); do
		echo "$i:" $(pq -k --shard "$i/$n" "${@:2}" <list)
	done
}

@test "--shard I/N runs every N-th item from the I-th on" {
	run shares 3 echo
	assert_output '1: 1 4 7 10
2: 2 5 8
3: 3 6 9'
	run shares 1 echo
	assert_output '1: 1 2 3 4 5 6 7 8 9 10'
}

@test "--shard: of more nodes than items some have nothing to do, and that is no failure" {
	run --separate-stderr pq --shard 11/12 --joblog log echo <list
	assert_success
	assert_output ''
	assert_equal "$stderr" ''
	assert_equal "$(wc -l <log)" 1
}

@test "--shard: what is no share of any number of nodes" {
	local value
	for value in 0/3 4/3 1/0 0/0 1 1/ /3 '' / a/b 1/3x 1/3, 1/3,has 1/3,hash, -1/3 1.5/3 1/3/4 \
		' 1/3' 1/99999999999999999999; do
		run -2 pq --shard "$value" touch ::: "started"
		assert_output "pq: --shard: '$value' is no share; of three nodes they are 1/3, 2/3 and \
3/3, or 1/3,hash ..."
		assert [ ! -e started ]
	done
}

@test "--shard: an item keeps the number that it has in the whole list" {
	run --separate-stderr pq -k --shard 2/3 --joblog log 'echo {#} $PQ_SEQ {}; exit 1' <list
	assert_output $'2 2 2\n5 5 5\n8 8 8'
	assert_regex "$stderr" "2 '2' exit 1, 5 '5' exit 1, 8 '8' exit 1"
	assert_equal "$(cut -f1 log | sort)" $'2\n5\n8\nSeq'
}

@test "--shard I/N,hash: each item has its node, whatever else is in the list" {
	local i
	for i in 1 2 3; do
		pq -k --shard "$i/3,hash" echo "$i" <list
	done | sort -k2n >nodes
	# As everybody can reckon it who has the manual.
	assert_equal "$(cut -d' ' -f1 nodes | tr -d '\n')" 1232122112
	run pq -k --shard 2/3,hash echo ::: 0 10 9 8 7 new 6 5
	assert_output $'0\n10\n7\n6'
}

@test "--shard I/N,hash goes by SipHash-1-3 with a key of zeros" {
	local text
	PYTHONHASHSEED=0 python3 -c 'import sys
sys.exit(sys.hash_info.algorithm != "siphash13")' || skip 'python3 has another hash'
	{
		printf 'a\n'
		printf 'seven-7\neight--8\nnine----9\n'
		printf '\303\244\377 x\n%0200d\n' 1
	} >list
	PYTHONHASHSEED=0 python3 -c 'import sys
for line in open("list", "rb").read().split(b"\n")[:-1]:
    print(hash(line) % 2**64 % 7 + 1)' >wanted
	for i in {1..7}; do
		pq --shard "$i/7,hash" 'echo {#} '"$i" <list
	done | sort -n | cut -d' ' -f2 >got
	run diff wanted got
	assert_success
	assert_equal "$(wc -l <got)" 6
}

@test "--shard I/N,hash: it is the item as it was read that counts, whatever is made of it" {
	local plain
	plain=$(pq -k --shard 1/2,hash echo ::: a,1 b,2 c,3 d,4)
	run pq -k --shard 1/2,hash -C, 'echo {1},{2}' ::: a,1 b,2 c,3 d,4
	assert_output "$plain"
	run pq -k --shard 1/2,hash -e 's/^/<>/' 'echo {}' ::: a,1 b,2 c,3 d,4
	assert_output "$(sed 's/^/<>/' <<<"$plain")"
	run pq -k --shard 1/2,hash -e 's/^/<>/' -n1 'echo {}' ::: a,1 b,2 c,3 d,4
	assert_output "$(sed 's/^/<>/' <<<"$plain")"
}

@test "--shard: all shares of any list together are the list" {
	local n mode i
	seq -f 'item %g of many' 500 >list
	for n in 2 7; do
		for mode in '' ,hash; do
			for ((i = 1; i <= n; i++)); do
				pq --shard "$i/$n$mode" echo <list
			done | sort >together
			run diff together <(sort list)
			assert_success
		done
	done
}

@test "--shard: combinations of several sources are shared out" {
	run pq -k --shard 2/2 echo ::: a b c ::: 1 2 3
	assert_output $'a 2\nb 1\nb 3\nc 2'
	{
		pq -k --shard 1/2,hash echo ::: a b c ::: 1 2 3
		pq -k --shard 2/2,hash echo ::: a b c ::: 1 2 3
	} | sort >together
	run diff together <(pq echo ::: a b c ::: 1 2 3 | sort)
	assert_success
}

@test "--shard with -n, -N and -X: records are shared out, and made into jobs on each node" {
	run shares 3 -n2 'echo {#}:{},'
	assert_output '1: 1:1 4, 2:7 10,
2: 1:2 5, 2:8,
3: 1:3 6, 2:9,'
	run pq --shard 2/3 -N3 echo x{} <list
	assert_output 'x2 x5 x8'
	run pq -j1 --shard 3/4 -X echo <list
	assert_output '3 7'
	run pq -j1 --shard 2/3,hash -X echo <list
	assert_output '2 4 6 7 10'
}

@test "--shard with --pipe: blocks are shared out" {
	run pq -k --shard 2/3 --pipe -N2 cat <list
	assert_output $'3\n4\n9\n10'
}

@test "--shard with -e alone: records are shared out" {
	run pq -k --shard 2/3 -e 's/^/x/' <list
	assert_output $'x2\nx5\nx8'
	run pq -k --shard 1/3,hash -e 's/^/x/' <list
	assert_output $'x1\nx5\nx8\nx9'
}

@test "--shard with --next: a section has what it wants of the share" {
	run pq -k --shard 1/3 --match '[147]' echo a --next echo b <list
	assert_output $'a 1\nb 1\na 4\nb 4\na 7\nb 7\na 10\nb 10'
}

@test "--shard: what -e and --unique drop is nobody's, and no number" {
	run pq -k --shard 2/2 -e '/[1-5]/' 'echo {#} {}' <list
	assert_output $'2 2\n4 4\n6 10'
	run --separate-stderr pq -k --shard 2/2 --unique 'echo {#} {}' ::: a a b b c d
	assert_output $'2 b\n4 d'
	assert_equal "$stderr" 'pq: 2 items dropped: seen before (--unique)'
}

@test "--shard: the header is that of every node" {
	printf '%s\n' name a b c >list
	run pq -k --shard 2/2 --header : echo {name} <list
	assert_output b
}

@test "--shard: --summary and -t say how many items were left to others" {
	run --separate-stderr pq --shard 2/3 --summary true <list
	assert_regex "$stderr" 'jobs     3 done, 0 failed, 7 left to other nodes \(--shard\)'
	run --separate-stderr pq --shard 2/3 -t true <list
	assert_equal "$(tail -1 <<<"$stderr")" 'pq: 7 items left to other nodes (--shard 2/3)'
	run --separate-stderr pq --shard 2/3 -n2 -t true <list
	assert_equal "$(tail -1 <<<"$stderr")" 'pq: 7 records left to other nodes (--shard 2/3)'
	run --separate-stderr pq --shard 2/3 true <list
	assert_equal "$stderr" ''
}

@test "--shard: what is left to others is not in the total" {
	run --separate-stderr pq --shard 2/3 --progress=json true <list
	assert_regex "$(tail -1 <<<"$stderr")" '"total":3[,}]'
	# Half of this share, and a fifth of the list.
	run -124 pq -j1 -k --shard 1/3 --halt soon,fail=50% 'echo {}; false' ::: {1..10}
	assert_equal "${lines[0]} ${lines[1]}" '1 4'
	refute_line 7
}

@test "--shard: what no worker may have is told on its own node alone" {
	printf 'a\n%050d\nc\n' 1 >list
	run -123 pq --shard 2/3 --max-item 20 echo <list
	assert_output --partial 'item 2'
	run -0 --separate-stderr pq --shard 1/3 --max-item 20 echo <list
	assert_equal "$output/$stderr" a/
}

@test "--shard with --resume: the log of this share is gone on with" {
	run -123 pq --shard 1/3 --joblog log 'echo {}; [ {} != 4 ]' <list
	run --separate-stderr pq --shard 1/3 --joblog log --resume-failed 'echo {}; [ {} != 4 ]' <list
	assert_output 4
	seq 16 >list # has grown
	run --separate-stderr pq -k --shard 1/3 --joblog log --resume 'echo {}; [ {} != 4 ]' <list
	assert_output $'13\n16'
}

@test "--shard with --resume: the log of other shares is taken, and leaves this one as it was" {
	pq --shard 1/3 --joblog log echo <list
	run --separate-stderr pq -k --shard 2/3 --joblog log --resume echo <list
	assert_success
	assert_output $'2\n5\n8'
	assert_equal "$stderr" ''
	# And what all nodes have left is done by one.
	run pq -k --joblog log --resume echo <list
	assert_output $'3\n6\n9'
	seq 11 20 >list
	run -2 pq -k --shard 3/3 --joblog log --resume echo <list
	assert_output --partial "item 1 '11' is not what the job log log knows"
}

@test "--shard with --journal: the same share is gone on with, and another one refused" {
	pq --version | grep -q SQLite || skip 'built without sqlite'
	pq -k --shard 1/3 --journal j -o out echo <list
	assert_equal "$(cat out)" $'1\n4\n7\n10'
	seq 16 >list
	pq -k --shard 1/3 --journal j -o out echo <list
	assert_equal "$(cat out)" $'1\n4\n7\n10\n13\n16'
	run -2 pq -k --shard 2/3 --journal j -o out echo <list
	assert_output "pq: the journal j is of another command line: --shard '1/3' then, \
--shard '2/3' now; use another journal"
}

@test "--shard with --follow: of what comes later this node has its share, too" {
	mkfifo fifo
	background pq --shard 2/2 --follow --from fifo 'echo {} >>seen' 3>&-
	pq=$!
	exec 4>fifo
	printf '%s\n' a b c d >&4
	wait_until has_lines seen 2
	printf '%s\n' e f >&4
	wait_until has_lines seen 3
	exec 4>&-
	kill "$pq"
	assert_equal "$(sort seen | tr -d '\n')" bdf
}

@test "--shard: what has not the same order on each node is refused, but by hash" {
	mkdir dir
	touch dir/a dir/b
	run -2 pq --shard 1/2 --shuf echo <list
	assert_output "pq: --shard without ,hash with --shuf: each node would count in another order, \
and some items be nobody's; use --shard I/N,hash"
	run -2 pq --shard 1/2 --from list --from dir echo
	assert_output --partial 'they are merged as they come, in another order on each node'
	run pq --shard 1/3,hash --shuf echo <list
	assert_equal "$(sort <<<"$output" | tr -d '\n')" 1589
	run pq --shard 1/3,hash --from list --from list echo
	assert_equal "$(sort <<<"$output" | tr -d '\n')" 11558899
	run pq -k --shard 2/2 --from dir echo
	assert_output dir/b
}

@test "--shard: what cannot be shared out is refused" {
	run -2 pq --shard 1/2 --from sqlite:q.db#a echo
	assert_output 'pq: --shard with a queue in --from: a queue gives each item to one of those '\
'that take from it; leave it out'
	run -2 pq --shard 1/2,hash --pipe cat <list
	assert_output 'pq: --shard I/N,hash with --pipe: a block is another one whenever something '\
'stands before it; leave out ,hash'
	run -2 pq --shard 1/2 --retry-failed --joblog log
	assert_output --partial 'pq: --retry-failed with --shard: the commands are in the job log'
}

@test "--shard: items of others are passed by in a list of any length" {
	seq 300000 >list
	run pq -k --shard 300000/300000 echo <list
	assert_output 300000
	run pq -k --shard 1/100000 -Q 2 echo <list
	assert_output $'1\n100001\n200001'
}
