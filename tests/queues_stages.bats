# Queues between stages, and what else is asked of an item that comes from one and goes to
# another: retries, dead letters, workers that stay up.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	queue=sqlite:jobs.db
}

# states NAME: how many of a queue are ready, leased, dead and finished.
states() {
	pq --stats "$queue#$1" --json >stats
	for word in ready leased dead finished; do
		sed -E "s/.*\"$word\":([0-9]+).*/\1/" stats
	done | paste -sd ' '
}

@test "a stage with --retries: what the attempt printed that succeeded goes on, once" {
	printf 'a\nb\n' | pq --to $queue#in
	run -0 pq --from $queue#in --to $queue#out --retries 2 \
		'echo {} $PQ_ATTEMPT; test $PQ_ATTEMPT = 2'
	assert_output ''
	assert_equal "$(states in)" '0 0 0 2'
	run -0 sh -c "pq --from $queue#out echo | sort"
	assert_output $'a 2\nb 2'
}

@test "a dead letter in a queue with --retries: it moves when the last attempt has failed" {
	printf 'a\nb\n' | pq --to $queue#in
	run -123 pq --from $queue#in --dead-letter $queue#odd --retries 2 \
		'echo {} >>tried; test {} = a'
	run -0 sort tried
	assert_output $'a\nb\nb'
	assert_equal "$(states in)" '0 0 0 2'
	assert_equal "$(states odd)" '1 0 0 0'
	run -0 pq --from $queue#odd --retries 2 'echo {} $PQ_ATTEMPT'
	assert_output 'b 1'
}

@test "a worker that keeps its answers back is given its end when no more of a queue can be had" {
	printf '%s\n' 1 2 3 4 5 6 7 | pq --to $queue#in
	run -0 --separate-stderr timeout 300 "$PQ" -j2 --from $queue#in --to $queue#out \
		--persistent 'cat >kept.$PQ_SLOT; cat kept.$PQ_SLOT'
	assert_equal "$stderr" ''
	assert_equal "$(states in)" '0 0 0 7'
	run -0 sh -c "timeout 300 $PQ --from $queue#out echo | sort"
	assert_output "$(seq 7)"
}

@test "a dead letter in a queue never holds the beginning of an item in place of it" {
	printf '123456\nb\n' | pq --to $queue#in
	run -123 pq --max-item 5 --from $queue#in --dead-letter $queue#odd echo
	assert_line "pq: $queue#odd: item 1: only its beginning was read;\
 it is dead in the queue that it is from"
	assert_equal "$(states in)" '0 0 1 1'
	pq --admin $queue#in requeue-dead
	run -0 pq --from $queue#in --dead-letter $queue#odd echo
	assert_output 123456
	run -123 sh -c "printf '123456\n' | $PQ --max-item 5 --dead-letter $queue#odd echo"
	assert_line "pq: $queue#odd: item 1: only its beginning was read; it is left out"
	run -74 pq --stats $queue#odd
}

@test "--unique of what is taken: another attempt is not taken for a duplicate" {
	printf 'a\na\nb\n' | pq --to $queue#in
	run -0 --separate-stderr pq -k -j1 --from $queue#in --unique --retries 2 \
		'echo {} $PQ_ATTEMPT; test $PQ_ATTEMPT = 2'
	assert_equal "$(sort <<<"$output")" $'a 2\nb 2'
	assert_equal "$stderr" 'pq: 1 item dropped: seen before (--unique)'
	assert_equal "$(states in)" '0 0 0 3'
}

@test "a worker that keeps its answers back gets more of a queue at a time than others" {
	seq 400 | pq --to $queue#in
	run -0 --separate-stderr timeout 300 "$PQ" -j2 --from $queue#in --persistent \
		'echo >>begun; exec sed s/^/x/'
	assert_equal "${#lines[@]}" 400
	[ "$(wc -l <begun)" -lt 60 ] || fail "$(wc -l <begun) workers for 400 items"
}

@test "--priority of what is put: a number that a queue cannot keep is refused, not rounded" {
	run -123 pq -C ' ' --priority {1} --to $queue ::: '1.9 a' '-2.0 b' '1e30 c' '3 d'
	assert_output "pq: item 1 '1.9' 'a': its --priority is no whole number of 64 bits,\
 as a queue keeps it
pq: item 3 '1e30' 'c': its --priority is no whole number of 64 bits, as a queue keeps it"
	run -0 pq -j1 -k --from $queue echo
	assert_output $'-2.0 b\n3 d'
}
