# What is said of jobs that did not end well: at once what is rare, at the end the rest.

load helper
load faults/faults

setup() {
	cd "$BATS_TEST_TMPDIR"
}

@test "a death by a signal is told when it happens, with its name" {
	gate door
	background pq -j1 'test {} = a && kill -SEGV $$; read x <door' ::: a b 2>err
	wait_until grep -qxF "pq: item 1 'a': killed by SIGSEGV" err
	open_gate door
	wait "$!" || status=$?
	assert_equal "$status" 123
}

@test "plain statuses are told together at the end, and signals with them" {
	run -123 --separate-stderr pq -j1 'test {} != c || kill -HUP $$; exit {#}' ::: a b c
	assert_equal "$stderr" "pq: item 3 'c': killed by SIGHUP
pq: 3 of 3 failed: 1 'a' exit 1, 2 'b' exit 2, 3 'c' killed by SIGHUP"
}

@test "what was told when it happened, all of it, is not told again at the end" {
	run -123 --separate-stderr pq -j1 'kill -KILL $$; : {}' ::: a b
	assert_equal "$stderr" "pq: item 1 'a': killed by SIGKILL
pq: item 2 'b': killed by SIGKILL"
}

@test "ten that failed are named, then how many more, and what lists all" {
	run -123 --separate-stderr pq -j1 'exit {}' ::: $(seq 12) 0
	assert_equal "$stderr" "pq: 12 of 13 failed: 1 '1' exit 1, 2 '2' exit 2, 3 '3' exit 3, \
4 '4' exit 4, 5 '5' exit 5, 6 '6' exit 6, 7 '7' exit 7, 8 '8' exit 8, 9 '9' exit 9, \
10 '10' exit 10, and 2 more (--joblog FILE lists all)"
	local told=$stderr
	run -123 --separate-stderr pq -j1 --joblog log 'exit {}' ::: $(seq 12) 0
	assert_equal "$stderr" "$(sed 's/(--joblog .*/(log has all)/' <<<"$told")"
}

@test "those with the lowest numbers are named, whichever ended first" {
	mkfifo first
	run -123 --separate-stderr pq -j2 'case {} in 1) read x <first ;; 12) echo >first ;; esac
		exit 1' ::: $(seq 12)
	assert_equal "$(closing)" "pq: 12 of 12 failed: 1 '1' exit 1, 2 '2' exit 1, 3 '3' exit 1, \
4 '4' exit 1, 5 '5' exit 1, 6 '6' exit 1, 7 '7' exit 1, 8 '8' exit 1, 9 '9' exit 1, \
10 '10' exit 1, and 2 more (--joblog FILE lists all)"
}

@test "a job whose attempts failed and then one that did not has not failed" {
	run -0 --separate-stderr pq --retries 2 'exit $((PQ_ATTEMPT == 1)); : {}' ::: a
	assert_equal "$stderr" ''
}

@test "each attempt that is told says which it was" {
	run -123 --separate-stderr pq --retries 2 'kill -INT $$; : {}' ::: a
	assert_equal "$stderr" "pq: item 1 'a': killed by SIGINT, attempt 1 of 2
pq: item 1 'a': killed by SIGINT, attempt 2 of 2"
	run -123 --separate-stderr pq --retries 2 --timeout 0.1 sleep ::: 60 # a job
	assert_equal "$(sed 's/after [0-9.]*/after T/' <<<"$stderr")" \
		"pq: item 1 '60': ended after T s (--timeout), attempt 1 of 2
pq: item 1 '60': ended after T s (--timeout), attempt 2 of 2"
}

@test "a signal that --ack-on accepts is no news" {
	run -0 --separate-stderr pq --ack-on KILL 'kill -KILL $$; : {}' ::: a
	assert_equal "$stderr" ''
}

@test "--halt: which item ended the run is said, and how many were not run" {
	run -7 --separate-stderr pq -j1 --halt now,fail=1 'exit {}' ::: 0 7 0 0
	assert_equal "$stderr" "pq: ended by --halt after item 2 '7' exit 7; 2 stopped or not run"
	run -124 --separate-stderr pq -j1 --halt soon,fail=2 'exit {}' ::: 5 0 7 0
	assert_equal "$stderr" "pq: ended by --halt after item 3 '7' exit 7; 1 stopped or not run
pq: 2 of 3 failed: 1 '5' exit 5, 3 '7' exit 7"
	# Of input that has no end nobody knows how much is left.
	gate door
	background bash -c 'yes | pq -j1 -Q3 --halt soon,done=2 "read x <door; : {}"' 2>err
	wait_until steady $!
	open_gate door
	wait $! || :
	assert_regex "$(cat err)" "^pq: ended by --halt after item 2 'y' exit 0; [12] stopped or not \
run, beside what was not read$"
	run -124 --separate-stderr pq -j1 --halt soon,done=2 true ::: a b
	assert_equal "$stderr" \
		"pq: ended by --halt after item 2 'b' exit 0; all that was read had been run"
}

@test "--quiet: neither is said at the end; what cannot wait is said all the same" {
	run -123 --separate-stderr pq --quiet -j1 'exit {}' ::: 0 7
	assert_equal "$stderr" ''
	run -7 --separate-stderr pq --quiet -j1 --halt now,fail=1 'exit {}' ::: 0 7 0
	assert_equal "$stderr" ''
	run -123 --separate-stderr pq --quiet 'kill -KILL $$; : {}' ::: a
	assert_equal "$stderr" "pq: item 1 'a': killed by SIGKILL"
}

@test "what could not be run to its end has the reason in the dead letter, too" {
	run -123 --separate-stderr pq --dead-letter dead.jsonl ./{} ::: nowhere
	assert_equal "$stderr" "pq: item 1 'nowhere': './nowhere': no such file"
	grep -qF "\"outcome\":\"not started\",\"code\":127,\"reason\":\"'./nowhere': no such file\"" \
		dead.jsonl
}

@test "nobody is told of failures who has stopped reading the output" {
	run --separate-stderr bash -c 'pq -j1 "echo {}; exit 1" ::: $(seq 200) | head -1'
	assert_output 1
	assert_equal "$stderr" ''
}

@test "blocks are named by what they begin with" {
	run -123 --separate-stderr pq --pipe -n2 -j1 'cat; exit 3' < <(seq 3)
	assert_equal "$stderr" "pq: 2 of 2 failed: 1 '1\\n2\\n' exit 3, 2 '3\\n' exit 3"
}
