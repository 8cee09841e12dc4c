# Several groups on one command line: who gets what, and who holds up whom.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# count FILE: how many lines are in it.
count() {
	wc -l <"$1"
}

@test "fan-out: every section gets every item, each once" {
	seq 300 | pq -j3 'echo {} >>one' --next -j2 'echo {} >>two' --next -e 's/^/t/' >three
	assert_equal "$(sort -n one | cksum)" "$(seq 300 | cksum)"
	assert_equal "$(sort -n two | cksum)" "$(seq 300 | cksum)"
	assert_equal "$(sort -tt -k2n three | cksum)" "$(seq 300 | sed 's/^/t/' | cksum)"
}

@test "consumer groups: within a section workers share, across sections each has all" {
	gate door
	background pq -j2 'echo {%} >>one; read x <door' --next -j1 'echo {} >>two' ::: 1 2 3 4
	wait_until has_lines two 4
	wait_until has_lines one 2
	assert_equal "$(sort one | xargs)" '1 2'
	open_gate door 4
	wait $!
	assert_equal "$(count one)" 4
}

@test "-k: output comes by item, then by section" {
	run -0 pq -k -j4 'echo {}a' --next -j4 'echo {}b' --next -e 's/$/c/' ::: 1 2 3
	assert_output $'1a\n1b\n1c\n2a\n2b\n2c\n3a\n3b\n3c'
}

@test "-k: whom an item passes by is waited for by nobody" {
	run -0 pq -k -j4 --match '[13579]$' 'echo odd {}' --next 'echo all {}' \
		--next --match 0 'echo tens {}' ::: {1..10}
	assert_equal "$output" "$(for i in {1..10}; do
		((i % 2)) && echo "odd $i"
		echo "all $i"
		[ "$i" != 10 ] || echo 'tens 10'
	done)"
}

@test "a slow section backs up alone until the bound, and then holds intake" {
	gate slow
	background pq -Q 5 'echo {} >>fast' --next -j1 'read x <slow; echo {} >>slowly' ::: {1..20}
	wait_until has_lines fast 5
	wait_until at_rest $!
	assert_equal "$(count fast)" 5
	open_gate slow 20
	wait $!
	assert_equal "$(sort -n fast | xargs)" "$(echo {1..20})"
	assert_equal "$(sort -n slowly | xargs)" "$(echo {1..20})"
}

@test "a section that drops what is too much for it slows nobody" {
	gate slow
	background pq -Q 5 'echo {} >>fast' --next -j1 --overflow drop-new \
		'read x <slow; echo {} >>slowly' ::: {1..50} 2>err
	wait_until has_lines fast 50
	open_gate slow 50
	wait $!
	assert_equal "$(sort -n fast | xargs)" "$(echo {1..50})"
	assert_equal "$(count slowly)" 5
	assert_equal "$(cat err)" 'pq: 45 items dropped (section 2): the queue was full '\
'(--overflow drop-new)'
}

@test "bytes that a section keeps for itself hold up no other for half a queue" {
	gate slow
	yes "$(printf '%0.100000d' 0)" | head -n 150 >list
	background pq --queue-bytes 8M --overflow drop-new -j1 'read x <slow; : {#}' \
		--next -j1 'echo {#} >>fast' <list 2>err
	wait_until has_lines fast 150
	open_gate slow
	wait $!
}

@test "--line-buffer: a line that waited for another section's block comes when that is out" {
	gate block
	gate line
	gate said
	background pq --queue-bytes 100k -j1 'yes A | head -c 2500000; read x <block; : {}' \
		--next --line-buffer -j1 'read x <line; echo now {}; touch done; read x <said' \
		::: a >out
	wait_until large out 200000
	open_gate line 1
	wait_until test -e done
	open_gate block 1
	wait_until grep -q 'now a' out
	open_gate said 1
	wait $!
}

# large FILE BYTES: is it? For wait_until.
large() {
	[ "$(stat -c %s "$1" 2>/dev/null)" -ge "$2" ]
}

@test "what is dropped for one section has its turn in the others" {
	gate slow
	background pq -k -Q 5 -e 's/^/t/' --next -j1 --overflow drop-new \
		'read x <slow; echo s{}' ::: {1..9} >out 2>err
	open_gate slow 9
	wait $!
	assert_equal "$(grep t out | xargs)" "$(echo t{1..9})"
	assert_equal "$(head -n 2 out | xargs)" 't1 s1'
}

@test "a section can reject what is too much for it, and another one still has it" {
	gate slow
	background pq -Q 3 'echo {} >>fast' --next -j1 --name slow --overflow reject \
		--dead-letter dead 'read x <slow; : {}' ::: {1..6} 2>err
	wait_until has_lines fast 6
	open_gate slow 6
	wait $! || status=$?
	assert_equal "$status" 123
	assert_equal "$(sort -n fast | xargs)" "$(echo {1..6})"
	run -0 jq -r '"\(.group) \(.reason)"' dead
	assert_output $'slow the queue is full (--overflow reject)\n'\
$'slow the queue is full (--overflow reject)\nslow the queue is full (--overflow reject)'
}

@test "routing: the first section that fits gets it, and only that" {
	run -0 pq -k --deliver first --match '^crit' 'echo pager {}' \
		--next --match . 'echo log {}' ::: crit-1 info-1 crit-2
	assert_output $'pager crit-1\nlog info-1\npager crit-2'
}

@test "topic: words between dots, * is one and # any number of them" {
	run -0 pq -k --topic-key {1} -C ' ' --deliver first --topic 'billing.#' 'echo bill {2}' \
		--next --topic '*.eu' 'echo eu {2}' --next 'echo rest {2}' \
		::: 'billing a' 'billing.eu b' 'mail.eu c' 'mail.us.eu d'
	assert_output $'bill a\nbill b\neu c\nrest d'
}

@test "what nobody wants is told, counted, and goes to the first dead letter there is" {
	run -123 --separate-stderr pq -k --match a 'echo 1 {}' \
		--next --match b --dead-letter dead 'echo 2 {}' ::: a b c
	assert_output $'1 a\n2 b'
	assert_equal "$stderr" "pq: item 3 'c': no group wants it"
	run -0 jq -r '"\(.item) \(.reason)"' dead
	assert_output 'c no group wants it'
}

@test "each section tries again by itself, and only what failed there" {
	run -0 pq --retries 3 'echo {} >>one; [ $PQ_ATTEMPT = 3 ]' --next 'echo {} >>two' ::: a b
	assert_equal "$(sort one | uniq -c | xargs)" '3 a 3 b'
	assert_equal "$(sort two | xargs)" 'a b'
	run -123 --separate-stderr pq -k 'false' --next --ack-on 1 false ::: a
	assert_equal "$(closing)" "pq: 1 of 2 failed: 1 'a' (section 1) exit 1"
}

@test "each section has its own dead letter, limit of time, tag and outcome rules" {
	mkfifo never
	run -123 pq -k --name first --dead-letter one --tag 'echo {}; false' \
		--next --dead-letter two --timeout 2 --tagstring 'T ' 'echo {}; read x <never' \
		--next --ack-on 3 'exit 3' ::: a
	assert_line $'a\ta'
	assert_line $'T \ta'
	assert_equal "$(jq -r '"\(.group) \(.outcome)"' one)" 'first exit'
	assert_equal "$(jq -r '"\(.group) \(.outcome)"' two)" '2 timeout'
	run -123 pq --dead-letter both false --next --dead-letter both 'exit 4' ::: a
	assert_equal "$(jq -r '"\(.group) \(.code)"' both | sort)" $'1 1\n2 4'
}

@test "each section has its own rate, and another one does not wait for it" {
	background pq --rate '1/h,burst=2' 'echo {} >>slow' --next 'echo {} >>fast' ::: {1..40}
	wait_until has_lines fast 40
	wait_until has_lines slow 2
	assert_equal "$(count slow)" 2
	kill -TERM $!
	wait $! || status=$?
	assert_equal "$status" 143
}

@test "weighted shares: of the starts each section has its part" {
	gate door
	# All of them wait before the second one starts.
	background pq -Q 1000 -j1 --weight 3 '[ {} != 1 ] || read x <door; echo a >>order' \
		--next --weight 2 'echo b >>order' --next 'echo c >>order' ::: {1..60}
	wait_until at_rest $!
	open_gate door 1
	wait $!
	assert_equal "$(head -n 60 order | cut -c1 | sort | uniq -c | xargs)" '30 a 20 b 10 c'
}

@test "ended by --halt, no section starts anything more" {
	gate never
	touch two
	run -1 pq -j1 --halt now,fail=1 'echo {} >>one; exit 1' \
		--next -j1 'echo {} >>two; read x <never' ::: {1..50}
	assert_equal "$(count one)" 1
	[ "$(count two)" -le 1 ]
}

@test "a journal goes on with what sections have left of an item, and repeats nothing" {
	local command=(pq -j1 --journal j 'echo {} >>one; echo 1{}'
		--next -j1 'echo {} >>two; [ {} != b ] || [ -e again ] || kill $PPID; echo 2{}'
		::: a b c d e f g h)
	run -143 "${command[@]}"
	touch again
	run -0 "${command[@]}"
	assert_equal "$(sort one | xargs)" 'a b c d e f g h'
	assert_equal "$(sort two | xargs)" 'a b c d e f g h'
	run -0 --separate-stderr "${command[@]}"
	assert_equal "$stderr" 'pq: nothing was run: all 16 are done (--journal j)'
}

@test "a journal goes on in order behind an item that its last section did not want" {
	local command=(pq --journal j -o out --deliver first --match '^[ab]' 'echo 1{}' --next
		'echo 2{}')
	printf '%s\n' a b | run -0 "${command[@]}"
	printf '%s\n' a b c d | run -0 timeout 300 "${command[@]}"
	assert_equal "$(<out)" $'1a\n1b\n2c\n2d'
}

@test "weighted shares, -k: one that prints a lot holds no worker that an earlier one needs" {
	run -0 --separate-stderr timeout 300 pq -k -j1 --queue-bytes 64K \
		--weight 100 'yes {} | head -c 3000000' --next --weight 1 'echo B{}' ::: 1 2 3
	assert_equal "$(uniq <<<"$output" | xargs)" '1 B1 2 B2 3 B3'
}
