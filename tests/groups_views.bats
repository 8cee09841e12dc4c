# Several groups on one command line: what is shown of them, and what they leave behind.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
}

@test "what failed is named with its section, by item and then by section" {
	run -123 --separate-stderr pq -j1 'exit {}' --next -j1 --name audit 'exit {}' ::: 0 3 0 4
	assert_equal "$stderr" "pq: 4 of 8 failed: 2 '3' (section 1) exit 3, 2 '3' (audit) exit 3, \
4 '4' (section 1) exit 4, 4 '4' (audit) exit 4"
}

@test "a single section is not named, whatever it is called" {
	run -123 --separate-stderr pq --name audit -j1 'exit 3' ::: a
	assert_equal "$stderr" "pq: 1 of 1 failed: 1 'a' exit 3"
}

@test "what is told at once says which section it was" {
	mkfifo never
	run -123 --separate-stderr pq -k --name one 'kill -SEGV $$; : {}' \
		--next --timeout 0.1 'read x <never; : {}' --next ./{} ::: nowhere
	assert_equal "$(sed 's/after [0-9.]*/after T/' <<<"$stderr" | sort)" \
		"pq: item 1 'nowhere' (one): killed by SIGSEGV
pq: item 1 'nowhere' (section 2): ended after T s (--timeout)
pq: item 1 'nowhere' (section 3): './nowhere': no such file"
}

@test "a record that cannot be transformed is told with its section" {
	run -123 --separate-stderr pq -k cat --next --name hex -e unbase64 ::: '*'
	assert_equal "${stderr%%:*}" pq
	assert_regex "$stderr" "^pq: item 1 '\*' \(hex\): "
}

@test "what no group wants is no section's" {
	run -123 --separate-stderr pq -k --match a 'echo {}' --next --match b 'echo {}' ::: c
	assert_equal "$stderr" "pq: item 1 'c': no group wants it"
	run -123 --separate-stderr pq -k --match a 'exit 1; echo {}' --next --match b 'echo {}' ::: c a
	assert_equal "$stderr" "pq: item 1 'c': no group wants it
pq: 2 of 2 failed: 1 'c' refused, 2 'a' (section 1) exit 1"
}

@test "--halt says in which section the run was ended" {
	run -7 --separate-stderr pq -j1 --halt now,fail=1 --name one true --next 'exit 7' ::: a
	assert_regex "$stderr" "^pq: ended by --halt after item 1 'a' \(section 2\) exit 7; "
}

@test "--breaker opens in one section, and that is said" {
	run -123 --separate-stderr pq -j1 true --next --name down -j1 \
		--breaker 50%/2,0.05s 'exit 1; : {}' ::: a b
	assert_equal "$(head -n 1 <<<"$stderr")" 'pq: too many attempts fail (down): nothing is '\
'started for 0.05 s, then one trial (--breaker)'
}

@test "--overflow: how many each section dropped, and for what there was no room" {
	gate slow
	background pq -Q 2 --name fast --overflow drop-new 'read x <slow; : {}' \
		--next -j1 --overflow drop-old 'read x <slow; : {}' ::: {1..9} 2>err
	wait_until asleep $!
	open_gate slow 18
	wait $!
	assert_equal "$(cat err)" 'pq: 7 items dropped (fast): the queue was full (--overflow '\
'drop-new)
pq: 7 items dropped (section 2): the queue was full (--overflow drop-old)'
	gate door
	background pq -Q 2 'true {}' --next -j1 --overflow fail 'read x <door; : {}' ::: {1..9} 2>err
	wait_until grep -q full err
	open_gate door 2
	wait $! || status=$?
	assert_equal "$status" 125
	assert_equal "$(head -n 1 err)" "pq: the queue is full, there is no room for item 3 '3' \
(section 2): no new jobs (--overflow fail); -Q makes it larger"
}

@test "--high-water says whose queue it is" {
	gate slow
	background pq -Q 9 --high-water 3 --match x 'true {}' \
		--next --name slow -j1 'read x <slow; : {}' ::: {1..6} 2>err
	wait_until grep -q wait err
	open_gate slow 6
	wait $!
	assert_regex "$(cat err)" \
		'^pq: [4-6] items wait in the queue \(slow\), more than 3 \(--high-water\)$'
	background pq -Q 9 -j1 --high-water 3 --weight 2 'read x <slow; : {}' \
		--next --name slow 'read x <slow; : {}' ::: {1..6} 2>err
	wait_until grep -q wait err
	open_gate slow 12
	wait $!
	assert_regex "$(cat err)" \
		'^pq: [0-9]* items wait in the queue, more than 3 \(--high-water\)$'
}
