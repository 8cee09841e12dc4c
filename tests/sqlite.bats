# Durable queues in SQLite, as the manual has them: several processes of one machine, and
# programs that are not pq, by SQLite's own shell. What all engines promise is in
# unit/test_broker.c, what a file must be in unit/test_sqlite.c.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	command -v sqlite3 >/dev/null || skip 'sqlite3 is not installed'
}

# sql STATEMENT: by SQLite's shell.
sql() {
	sqlite3 -cmd '.timeout 10000' jobs.db "$1"
}

# push VALUES: a row of them; as another program does it.
push() {
	sql "INSERT INTO push $1"
}

# filled LINE...: a queue that pq has made, with these items.
filled() {
	printf '%s\n' "$@" | pq --to sqlite:jobs.db#thumbs
}

# stop PID: this consumer, and not while it writes: it would keep all others from that.
stop() {
	until kill -STOP "$1" && sqlite3 jobs.db 'BEGIN IMMEDIATE' 2>/dev/null; do
		kill -CONT "$1"
	done
}

# leased N: are so many items? For wait_until.
leased() {
	[ "$(sql 'SELECT count(*) FROM item WHERE state = 2')" -eq "$1" ]
}

now='CAST((julianday('\''now'\'') - 2440587.5) * 86400000 AS INTEGER)'

@test "another program pushes with one statement" {
	filled a
	push "(queue, body) VALUES ('thumbs', 'b.png')"
	push "(queue, body, priority) VALUES ('thumbs', 'first', -1), ('thumbs', 'last', 1)"
	run -0 pq --from sqlite:jobs.db#thumbs -k -j1 echo
	assert_output "$(printf '%s\n' first a b.png last)"
}

@test "what another program pushes is data, whatever it holds" {
	filled a
	push "(queue, body) VALUES ('thumbs', '\$(touch made); ''x'' \"y\"')"
	run -0 pq --from sqlite:jobs.db#thumbs -k -j1 'echo {}'
	assert_output "$(printf '%s\n' a "\$(touch made); 'x' \"y\"")"
	assert [ ! -e made ]
}

@test "a key that was pushed before changes nothing, by whomever" {
	printf 'k\tpq\n' | pq -C '\t' --unique={1} --to sqlite:jobs.db#thumbs
	run -0 sql "INSERT INTO push (queue, body, key) VALUES ('thumbs', 'late', 'k');
		SELECT total_changes()"
	assert_output 0
	run -0 sql "INSERT INTO push (queue, body, key) VALUES ('thumbs', 'new', 'l');
		SELECT total_changes() > 0"
	assert_output 1
	printf 'l\tpq\n' | pq -C '\t' --unique={1} --to sqlite:jobs.db#thumbs
	assert_equal "$(sql "SELECT count(*) FROM item")" 2
}

@test "a full queue refuses another program, and says so" {
	filled a b
	pq --admin sqlite:jobs.db#thumbs cap 2
	run push "(queue, body) VALUES ('thumbs', 'c')"
	assert_failure
	assert_output --partial 'the queue is full'
	pq --from sqlite:jobs.db#thumbs -j1 true
	push "(queue, body) VALUES ('thumbs', 'c')"
}

@test "what another program pushes for a topic goes to the groups that want it" {
	filled a
	pq --admin sqlite:jobs.db#bills bind 'order.*.paid' mail
	pq --admin sqlite:jobs.db#bills bind 'order.#' archive
	push "(queue, body, topic) VALUES ('bills', '1', 'order.eu.paid'), ('bills', '2', 'order'),
		('bills', '3', 'other')"
	run -0 pq --from sqlite:jobs.db#bills:mail -k -j1 echo
	assert_output 1
	run -0 pq --from sqlite:jobs.db#bills:archive -k -j1 echo
	assert_output "$(printf '%s\n' 1 2)"
}

@test "another program consumes with two statements" {
	filled a b
	claimed=$(sql "UPDATE item SET state = 2, claims = claims + 1, holder = NULL,
		due = $now + 60000
		WHERE id IN (SELECT id FROM item WHERE queue = 'thumbs' AND state = 0
			ORDER BY priority, id LIMIT 1) RETURNING id, claims, body")
	assert_equal "$claimed" '1|1|a'
	run -0 sql 'DELETE FROM item WHERE id = 1 AND claims = 1 AND state = 2; SELECT changes()'
	assert_output 1
	run -0 pq --from sqlite:jobs.db#thumbs echo
	assert_output b
}

@test "an item whose consumer has no lock comes back when its lease is over" {
	filled a
	sql "UPDATE item SET state = 2, claims = claims + 1, holder = NULL, due = $now - 1"
	run -0 pq --from sqlite:jobs.db#thumbs echo
	assert_output a
	assert_equal "$(sql 'SELECT count(*) FROM item')" 0
}

@test "what is delayed is pushed now and runs later" {
	filled a
	push "(queue, body, delay) VALUES ('thumbs', 'late', 100)"
	run -0 pq --from sqlite:jobs.db#thumbs -k -j1 echo
	assert_output "$(printf '%s\n' a late)"
}

@test "a consumer that was killed leaves its items to another, a stopped one does not" {
	gate held
	filled a b c d e
	background pq --from sqlite:jobs.db#thumbs -j1 --prefetch 1 'echo {} >>began; read x <held'
	first=$!
	wait_until has_lines began 1
	stop "$first"
	background pq --from sqlite:jobs.db#thumbs -j1 'echo {} >>others'
	second=$!
	wait_until has_lines others 3
	wait_until leased 2 # what another was done with last is settled a little later
	kill -KILL "$first"
	wait "$second"
	assert_equal "$(sort others)" "$(printf '%s\n' a b c d e)"
	assert_equal "$(sql 'SELECT count(*) FROM item')" 0
}

@test "a file that is no queue is refused, and left alone" {
	sqlite3 jobs.db 'CREATE TABLE theirs (x)'
	run -74 pq --from sqlite:jobs.db#thumbs echo
	assert_output --partial 'sqlite:jobs.db#thumbs: it is the database of another program; '\
'use another file'
	echo text >notes
	run -74 bash -c 'echo a | pq --to sqlite:notes#thumbs'
	assert_output --partial 'it is no SQLite database, or is damaged; use another file'
	assert_equal "$(cat notes)" text
}
