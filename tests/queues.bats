# Queues that outlive a run: what is put there, what comes out of them, and what is settled.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	queue=sqlite:jobs.db
}

# sql STATEMENT: what another program sees of the queue.
sql() {
	sqlite3 -cmd '.timeout 20000' jobs.db "$1"
}

# state NAME: how many items of the queue are in it: 0 ready, 1 delayed, 2 leased, 3 dead, 4
# done.
state() {
	sql "SELECT count(*) FROM item WHERE state = $1"
}

has_state() {
	[ "$(state "$1")" -eq "$2" ]
}

@test "--to without a command: lines become items, as they are" {
	printf 'a\n\n b c \n' | pq --to $queue
	run -0 pq -k -j1 --from $queue "printf '<%s>' {}"
	assert_output '<a><>< b c >'
}

@test "--to: 100,000 lines, each once, in their order" {
	local count=100000
	[ -z "$SANITIZER" ] || count=10000
	seq $count | pq --to $queue
	run -0 --separate-stderr sh -c "pq -k --from $queue -e '' | cksum"
	assert_output "$(seq $count | cksum)"
}

@test "--to: with many workers, too, it goes in the order of the input" {
	seq 300 | pq -j16 -Q 1000 --unique --to $queue
	run -0 sql 'SELECT body FROM item ORDER BY id'
	assert_equal "$output" "$(seq 300)"
}

@test "--to with -0: records that end with NUL, newlines and all" {
	printf 'a\nb\0c\0' | pq -0 --to $queue
	assert_equal "$(state 0)" 2
	run -0 pq -k --from $queue "printf '<%s>' {}"
	assert_output $'<a\nb><c>'
}

@test "--to with a command: each line that a job prints is an item" {
	run -0 pq --to $queue 'echo {}1; echo {}2; echo told >&2' ::: a
	assert_output told
	run -0 pq -k --from $queue echo
	assert_output $'a1\na2'
}

@test "--to with -e: what is left of the records" {
	seq 20 | pq --to $queue -e '/5/; s/^/x/'
	run -0 pq -k --from $queue echo
	assert_output $'x5\nx15'
}

@test "--to: what a failed job has printed goes nowhere" {
	run -123 --separate-stderr pq --to $queue 'echo {}; test {} != b' ::: a b c
	assert_output ''
	assert_equal "$stderr" "pq: 1 of 3 failed: 2 'b' exit 1"
	run -0 pq --from $queue echo
	assert_equal "$(sort <<<"$output" | xargs)" 'a c'
}

@test "--to: a job may print more than fits into memory at once, and lines longer than a part" {
	head -c 6000000 /dev/zero | tr '\0' x | fold -w 400000 >lines
	run -0 pq --queue-bytes 1M --to $queue 'cat {}; echo; echo {}' ::: lines
	run -0 sh -c "pq -k -j1 --from $queue -e '' | cksum"
	assert_output "$(sh -c 'cat lines; echo; echo lines' | cksum)"
}

@test "a stage: results of one queue become items of another, bytes and all" {
	printf 'a\nb\0c\n\0' | pq -0 --to $queue#in
	pq --from $queue#in --to $queue#out
	run -0 pq -k --from $queue#out "printf '<%s>' {}"
	assert_output $'<a\nb><c\n>'
	assert_equal "$(state 0)" 0
}

@test "a failed item is tried again by whoever comes, with its attempts counted" {
	echo a | pq --to $queue
	run -0 pq --retries 3 --from $queue \
		'echo $PQ_ATTEMPT $PQ_ID; test {} = a && exit $((3 - PQ_ATTEMPT))'
	assert_line --index 0 --regexp '^3 [0-9a-f]{16}-1$'
	assert_equal "${#lines[@]}" 1
}

@test "PQ_ID is the same for every attempt, in whatever run" {
	echo a | pq --to $queue
	pq --retries 2 --from $queue 'echo $PQ_ID >>ids; : {}; exit $((2 - PQ_ATTEMPT))'
	assert_equal "$(sort -u ids | wc -l)" 1
	assert_equal "$(wc -l <ids)" 2
}

@test "what has failed for good is dead, with the reason, and can be had again" {
	printf 'a\nb\n' | pq --to $queue
	run -123 pq --from $queue 'test {} = a || exit 3'
	assert_equal "$(state 3)" 1
	run -0 sql 'SELECT body, attempts, outcome FROM item'
	assert_output 'b|1|exit 3'
	run -0 pq --from $queue echo
	assert_output ''
	sql 'UPDATE item SET state = 0, attempts = 0'
	run -0 pq --from $queue echo
	assert_output b
}

@test "--dead-letter in a queue: the item moves there, with what became of it" {
	printf 'a\nb\n' | pq --to $queue#in
	run -123 pq --from $queue#in --dead-letter $queue#bad 'test {} = a || exit 3'
	run -0 sql 'SELECT queue, state, body, outcome FROM item'
	assert_output 'bad|0|b|exit 3'
	run -123 pq --dead-letter $queue#bad 'exit 4' ::: c
	run -0 pq -k --from $queue#bad echo
	assert_output $'b\nc'
}

@test "Ctrl-C gives back what was not done, and counts no attempt" {
	seq 20 | pq --to $queue
	gate door
	background env --default-signal=INT pq -j2 --from $queue 'echo {} >>begun; read x <door'
	wait_until has_lines begun 2
	kill -INT $!
	wait $! || true
	assert_equal "$(state 0)" 20
	run -0 sql 'SELECT max(attempts), max(lost), count(*) FROM item'
	assert_output '0|0|20'
}

@test "SIGTERM: what runs is done and settled, the rest is given back" {
	seq 20 | pq --to $queue
	gate door
	background pq -j2 --drain 600 --from $queue 'echo {} >>begun; read x <door' 2>err
	wait_until has_lines begun 2
	kill -TERM $!
	wait_until grep -q SIGTERM err
	open_gate door 2
	wait $! || true
	assert_equal "$(state 0)" 18
	assert_equal "$(sql 'SELECT count(*) FROM item')" 18
}

@test "it is claimed no more than a little ahead: another consumer gets its share" {
	seq 40 | pq --to $queue
	gate door
	background pq -j2 --from $queue 'echo {} >>first; read x <door'
	wait_until has_lines first 2
	run -0 sql 'SELECT count(*) FROM item WHERE state = 2'
	assert_output 4
	background pq -j1 --prefetch 7 --from $queue 'echo {} >>second; read x <door'
	wait_until has_lines second 1
	wait_until has_state 2 12
	open_gate door
	wait "${backgrounded[@]}"
	assert_equal "$(sort -n first second | cksum)" "$(seq 40 | cksum)"
}

@test "a killed consumer: what it had comes back to the other one, and counts as lost" {
	seq 6 | pq --to $queue
	gate door
	background pq -j2 --from $queue 'echo {} >>begun; read x <door'
	wait_until has_lines begun 2
	kill -KILL $!
	run -0 pq --from $queue 'echo {}'
	assert_equal "$(sort <<<"$output" | xargs)" '1 2 3 4 5 6'
	assert_equal "$(sql 'SELECT count(*) FROM item')" 0
}

@test "a consumer ends when nothing is ready, delayed or leased, by whomever" {
	echo a | pq --to $queue
	gate door
	background pq --from $queue 'echo {} >>begun; read x <door; false'
	wait_until has_lines begun 1
	background pq --from $queue 'echo {} >>second'
	second=$!
	open_gate door 1
	wait $second
	assert_equal "$(state 3)" 1
	[ ! -e second ]
}

@test "--follow stays, and takes what comes" {
	gate door
	pq --to $queue ::: a
	background pq --follow --from $queue 'echo {} >>done'
	wait_until has_lines done 1
	pq --to $queue ::: b
	wait_until has_lines done 2
	kill -TERM $!
	wait $! || true
	assert_equal "$(xargs <done)" 'a b'
}

@test "several queues and a file are one source: each item knows where it is from" {
	pq --to $queue#one ::: a
	pq --to sqlite:other.db ::: b
	echo c >file
	run -0 pq -k --from $queue#one --from sqlite:other.db --from file 'echo {} {source}'
	assert_equal "$(sort <<<"$output")" "a $queue#one
b sqlite:other.db#default
c file"
}

@test "--priority and --unique of what is moved are those of the queue" {
	printf '3 c\n1 a\n2 b\n1 a\n' | pq -C ' ' --priority '{1}' --unique='{2}' --to $queue
	run -0 pq -j1 --from $queue echo
	assert_output $'1 a\n2 b\n3 c'
	printf '5 a\n5 d\n' | pq -C ' ' --unique='{2}' --to $queue
	run -0 pq -j1 --from $queue echo
	assert_output '5 d'
}

@test "-n: several items are one job, and are settled together" {
	seq 5 | pq --to $queue
	run -123 pq -k -n 2 --from $queue 'echo {}; test {1} != 3'
	assert_output --partial $'1 2\n3 4\n5'
	run -0 sql 'SELECT body FROM item WHERE state = 3 ORDER BY id'
	assert_output $'3\n4'
}

@test "-n: a job has as many items as it says, as long as so many are there" {
	seq 400 | pq --to $queue
	run -0 pq -j3 -n 10 --from $queue 'echo {} | wc -w'
	assert_equal "$(sort -u <<<"$output" | xargs)" 10
	assert_equal "${#lines[@]}" 40
}

@test "-n: an item that was tried as often as may be takes no other with it" {
	printf 'a\nb\n' | pq --to $queue
	sql "UPDATE item SET attempts = 3 WHERE id = 1"
	run -123 --separate-stderr pq -j1 -n 2 --retries 3 --from $queue 'echo got {}'
	assert_output 'got b'
}

@test "several sections: an item is done when all of them have done it" {
	seq 3 | pq --to $queue
	run -123 pq --from $queue 'echo {} >>one' --next 'echo {} >>two; test {} != 2'
	assert_equal "$(sort one two | xargs)" '1 1 2 2 3 3'
	run -0 sql 'SELECT body FROM item WHERE state = 3'
	assert_output 2
}

@test "columns, JSON and rejects are those of any source" {
	printf '{"n":1}\nno\n' | pq --to $queue
	run -123 --separate-stderr pq --jsonl --from $queue 'echo {n}'
	assert_output 1
	assert_equal "$(sql "SELECT body FROM item WHERE state = 3")" no
}

@test "an item that is longer than --max-item is refused, and dead" {
	pq --to $queue ::: abcdef ab
	run -123 --separate-stderr pq --max-item 3 --from $queue echo
	assert_output ab
	assert_equal "$(sql 'SELECT body, state FROM item')" 'abcdef|3'
}

@test "the bound of a queue: who puts waits for room, or is told" {
	pq --to $queue ::: 1
	sql "INSERT OR REPLACE INTO settings(queue, cap) VALUES('default', 3)"
	run -123 --separate-stderr pq --to $queue --overflow reject ::: 2 3 4
	assert_equal "$stderr" "pq: $queue#default: '4': the queue is full; it is left out"
	seq 5 8 >more
	background pq --to $queue -a more
	run -124 pq -j1 --follow --halt soon,done=7 --from $queue 'echo {} >>got'
	wait "${backgrounded[@]}"
	assert_equal "$(sort got | xargs)" '1 2 3 5 6 7 8'
}

@test "a queue that is lost in the middle: what was not put there goes back" {
	seq 200 | pq --to $queue
	run -74 --separate-stderr pq -j2 --from $queue --to sqlite:out.db \
		'echo {}; [ {} -ne 50 ] || { ln out.db kept.db; ln out.db-wal kept.db-wal; rm out.db; }'
	assert_output ''
	assert_regex "$stderr" 'sqlite:out.db#default: the file was removed or replaced'
	assert_equal "$(state 2)" 0
	[ $(($(state 0) + $(sqlite3 kept.db 'SELECT count(*) FROM item'))) -ge 200 ]
}

@test "what the next queue refuses is dead in the one before, and why" {
	pq --to $queue#in ::: a x
	pq --admin $queue#out bind x others
	run -123 --separate-stderr pq -j1 --from $queue#in --topic-key {} --to $queue#out
	run -0 sql "SELECT body, state, outcome FROM item WHERE queue = 'in'"
	assert_output "a|3|refused: no group of $queue#out wants its topic"
}

@test "started nothing: a file that is no queue, a directory that is not there" {
	echo text >text
	run -74 --separate-stderr pq --from sqlite:text echo
	assert_output ''
	run -74 --separate-stderr pq --from sqlite:none/jobs.db echo
	assert_output ''
	run -74 --separate-stderr pq --to sqlite:none/jobs.db ::: a
	assert_output ''
}

@test "items have topics, and groups get those that they are bound to" {
	pq --admin $queue bind 'img.#' resize
	pq --admin $queue bind '*.png' count
	run -123 pq --to $queue --topic-key '{1}' -C ' ' ::: 'img.png a' 'img.gif b' 'txt c'
	assert_output "pq: $queue#default: 'txt c': no group of it wants such a topic; it is left out"
	run -0 pq -k --from $queue#default:resize echo
	assert_output $'img.png a\nimg.gif b'
	run -0 pq -k --from $queue#default:count echo
	assert_output 'img.png a'
}

@test "what a job prints has the topic of its item" {
	pq --admin $queue bind '*.png' count
	pq --admin $queue bind '#' all
	run -123 pq --to $queue --topic-key '{}' 'echo {}1; echo {}2; test {} != b.png' ::: a.png b.png
	printf 'c.png\n' | pq --to $queue --topic-key '{}' --persistent sed 's/$/3/'
	run -0 pq -k --from $queue#default:count echo
	assert_output $'a.png1\na.png2\nc.png3'
	refuses "--topic-key with --to and -e: what -e has made has no topic of its own; let a second \
pq give it: pq -e ... | pq --to ADDRESS --topic-key T" --to $queue --topic-key '{}' -e /x/
}

@test "a file that is taken away while it is in use ends the run, with one line" {
	seq 3 | pq --to $queue
	gate door
	background pq -j1 --prefetch 1 --from $queue 'echo {} >>begun; read x <door' 2>told
	wait_until has_lines begun 1
	mv jobs.db elsewhere.db
	open_gate door
	local status=0
	wait $! || status=$?
	assert_equal $status 74
	assert_equal "$(head -1 told)" \
		"pq: $queue#default: the file was removed or replaced while it was in use"
}
