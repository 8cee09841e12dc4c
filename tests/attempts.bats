# --json=attempts: an object for each attempt, with what it printed.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	command -v jq >/dev/null || skip 'no jq to read it'
}

@test "--json=attempts: an object has the members that the manual shows" {
	run bash -c "pq --json=attempts --retries 2 --backoff 0.01 'echo ...; : {}; exit 3' ::: a \
		2>/dev/null | head -n 1 | sed -E 's/[0-9]+\.[0-9]+/T/g'"
	assert_output "$(sed -n '/^{"seq":7,/,/}$/p' "$TOP/man/pq.1" | tr -d '\n' |
		sed -E 's/, "/,"/g; s/[0-9]+\.[0-9]+/T/g; s/"\.\.\."/"...\\n"/; s/"seq":7/"seq":1/')"
}

@test "--json=attempts: what each attempt printed, how it ended and what followed" {
	run -123 --separate-stderr pq -j1 --json=attempts --retries 3 --timeout 9 \
		'echo $PQ_ATTEMPT {}; echo e >&2; case {}$PQ_ATTEMPT in
		a1|c*) exit 7 ;; b1) kill -9 $$ ;; b2) exec /nowhere ;; esac' ::: a b c
	run jq -cs 'sort_by(.seq, .attempt)[] | # as they come the last of an item may be overtaken
		[.seq,.item,.attempt,.outcome,.exit,.signal,.verdict,.stdout]' <<<"$output"
	assert_output '[1,"a",1,"exit",7,0,"retry","1 a\n"]
[1,"a",2,"exit",0,0,"ack","2 a\n"]
[2,"b",1,"signal",0,9,"retry","1 b\n"]
[2,"b",2,"exit",127,0,"retry","2 b\n"]
[2,"b",3,"exit",0,0,"ack","3 b\n"]
[3,"c",1,"exit",7,0,"retry","1 c\n"]
[3,"c",2,"exit",7,0,"retry","2 c\n"]
[3,"c",3,"exit",7,0,"reject","3 c\n"]'
}

@test "--json=attempts: due says when the next one may begin, null: at once" {
	run -123 --separate-stderr pq --json=attempts --retries 2 false ::: a
	assert_equal "$(jq -c '[.verdict,.due]' <<<"$output")" $'["retry",null]\n["reject",null]'
	run -123 --separate-stderr pq --json=attempts --retries 2 --backoff 0.2 false ::: a
	# The second begins when it is due, which is later than the end of the first.
	run jq -s '.[0].due > .[0].start + .[0].seconds and .[1].start >= .[0].due - 0.001
		and (.[1] | has("due") | not)' <<<"$output"
	assert_output true
}

@test "--json=attempts: an attempt is written when it ends" {
	gate hold
	background pq -j1 --json=attempts --retries 2 '[ $PQ_ATTEMPT = 1 ] || read x <hold; false' \
		::: a >out
	wait_until has_lines out 1
	assert_equal "$(jq -c '[.attempt,.verdict]' out)" '[1,"retry"]'
	open_gate hold
	wait $! || :
	assert_equal "$(jq -c '[.attempt,.verdict]' out)" $'[1,"retry"]\n[2,"reject"]'
}

@test "--json=attempts -k: those of a job are together, in its turn" {
	gate hold
	background pq -k -j4 --json=attempts --retries 3 'case {} in 1) read x <hold ;; esac
		[ $PQ_ATTEMPT = 3 ] || exit 1; : >ended.{}' ::: 1 2 3 4 >out
	wait_until test -e ended.2 -a -e ended.3 -a -e ended.4
	refute [ -s out ]
	open_gate hold 3
	wait $!
	assert_equal "$(jq -c '[.seq,.attempt]' out | tr -d '\n')" \
'[1,1][1,2][1,3][2,1][2,2][2,3][3,1][3,2][3,3][4,1][4,2][4,3]'
}

@test "--json=attempts: none is lost, and those of a job are in order" {
	local k
	for k in '' -k; do
		run -123 --separate-stderr pq $k -j8 --json=attempts --retries 4 \
			'exit $(({} % 5 >= PQ_ATTEMPT))' ::: {1..300}
		run jq -s -c '(length), (group_by(.seq) | map(map([.attempt,.verdict])) | unique)' \
			<<<"$output"
		# Of items 0 to 3 (of 5) each needs one more, and 4 fails.
		assert_output '840
[[[1,"ack"]],[[1,"retry"],[2,"ack"]],[[1,"retry"],[2,"retry"],[3,"ack"]],'\
'[[1,"retry"],[2,"retry"],[3,"retry"],[4,"ack"]],'\
'[[1,"retry"],[2,"retry"],[3,"retry"],[4,"reject"]]]'
	done
}

@test "--json=attempts: what is larger than memory may be goes through the spool, whole" {
	local k
	for k in '' -k; do
		pq $k -j2 --queue-bytes 100k --json=attempts --retries 3 \
			'seq {}00000; [ $PQ_ATTEMPT = 3 ]' ::: 1 2 >out
		run jq -r '"\(.seq) \(.attempt) \(.stdout | length) \(.stdout[-7:-1])"' out
		assert_equal "$(sort <<<"$output")" '1 1 588895 100000
1 2 588895 100000
1 3 588895 100000
2 1 1288895 200000
2 2 1288895 200000
2 3 1288895 200000'
	done
}

# is_past SECOND: for wait_until.
is_past() {
	((SECONDS >= $1))
}

@test "--json=attempts: while nobody reads them, no more attempts are made" {
	mkfifo out
	exec {reader}<>out # takes what a pipe holds, and no more
	background pq -j1 --json=attempts --retries 9999 \
		'echo >>begun; seq 20000; false' ::: a >out
	local pid=$!
	# A hundred kilobytes each: some are in the pipe, on their way and in waiting.
	wait_until has_lines begun 3
	wait_until at_rest $pid
	wait_until is_past $((SECONDS + 2)) # a hundred more could be made
	run wc -l <begun
	((output < 20))
	kill -TERM $pid
	background cat <&"$reader" >/dev/null
	wait_until gone $pid
}

@test "--json=attempts: an attempt that was lost with its worker is told, and is tried again" {
	run -0 --separate-stderr pq -j1 --json=attempts --persistent \
		sh -c 'while read x; do [ -e again ] || { : >again; kill -9 $$; }; echo "$x"; done' ::: a
	run jq -c '[.attempt,.outcome,.verdict,.lost,.due,.stdout]' <<<"$output"
	assert_output '[1,"signal","retry",true,null,""]
[1,"exit","ack",null,null,"a\n"]'
}

@test "--json=attempts: who was not run has an object as with --json" {
	run -123 --separate-stderr pq --json=attempts --max-item 3 echo ::: long
	run jq -c '[.attempt,.slot,.outcome,.verdict]' <<<"$output"
	assert_output '[0,null,"refused","reject"]'
}

@test "--json=attempts: what was dropped after it had been tried is told, with -k, too" {
	local k
	for k in '' -k; do
		rm -f tried
		mkfifo in
		exec {in}<>in
		background pq $k -j1 -Q2 --overflow drop-old --json=attempts --retries 2 --backoff 60 \
			'echo {} >>tried; [ {} != a ]' <in >out
		echo a >&"$in"
		wait_until has_lines tried 1
		printf 'b\nc\nd\ne\n' >&"$in"
		exec {in}>&-
		kill -0 $!
		rm in
		wait_until dropped_one
		kill -TERM $!
		wait $! || :
		run jq -c 'select(.item == "a") | [.attempt,.verdict]' out
		assert_output '[1,"retry"]'
	done
}

# The item that waits for its next attempt is no more among those that do.
dropped_one() {
	has_lines tried 2
}

@test "--json=attempts: what cannot be" {
	refuses "--json: 'maybe' is no form of it; try --json or --json=attempts" --json=maybe echo
	refuses '--stats with --json=attempts: nothing is run; try --json' --json=attempts \
		--stats sqlite:q#x
	run -74 bash -c 'pq --json=attempts --retries 2 false ::: a b >/dev/full'
}
