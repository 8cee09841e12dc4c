# Durable queues in PostgreSQL: the contract of all engines, what is this engine's own, and what
# other programs say to it.

load helper
load servers

setup_file() {
	servers_postgresql
	sql 'CREATE ROLE worker LOGIN'
}

teardown_file() {
	servers_stop
}

setup() {
	cd "$BATS_TEST_TMPDIR"
	sql 'SET client_min_messages = error; DROP SCHEMA IF EXISTS pq CASCADE'
}

# sql [-U USER] STATEMENT: as a program that is not pq; rows are lines, columns parted by |.
sql() {
	psql -XqAt -h "$SERVERS_DIR" -d postgres -U pq -v ON_ERROR_STOP=1 -v VERBOSITY=verbose -c "$@"
}

# a_queue: made as pq makes it, by whoever opens one first.
a_queue() {
	PQ_TEST_BROKER=$SERVERS_POSTGRESQL "${PQ%/*}/unit/test_postgresql" --open
}

@test "a queue in PostgreSQL keeps what the contract of queues promises" {
	PQ_TEST_BROKER=$SERVERS_POSTGRESQL run -0 "${PQ%/*}/unit/test_broker"
}

@test "a queue in PostgreSQL tells what is wrong, and asks for no more rights than it needs" {
	PQ_TEST_BROKER=$SERVERS_POSTGRESQL run -0 "${PQ%/*}/unit/test_postgresql"
}

@test "another program pushes by one statement: an id, nothing for a duplicate" {
	a_queue
	run -0 sql "SELECT pq.push('thumbs', 'a.png')"
	assert_output 1
	run -0 sql "SELECT pq.push('thumbs', 'b.png', key => 'b'),
		pq.push('thumbs', 'b.png', key => 'b')"
	assert_output '2|'
	run -0 sql "SELECT pq.push('thumbs', '\\x00ff'::bytea, priority => -1, delay => 3600000)"
	assert_output 3
	run -0 sql "SELECT id, state, priority, body FROM pq.peek('thumbs')"
	assert_output '1|ready|0|\x612e706e67
2|ready|0|\x622e706e67
3|delayed|-1|\x00ff'
}

@test "a full queue is an error of its own, and a topic that no group wants is 0" {
	a_queue
	sql "SELECT pq.cap('thumbs', 1)"
	sql "SELECT pq.push('thumbs', 'a')"
	run -1 sql "SELECT pq.push('thumbs', 'b')"
	assert_line 'ERROR:  53400: the queue thumbs is full'
	sql "SELECT pq.bind('events', 'order.#', 'bills')"
	run -0 sql "SELECT pq.push('events', 'a', topic => 'user.new')"
	assert_output 0
	run -1 sql "SELECT pq.push('a queue', 'b')"
	assert_line --partial 'the name of a queue is of letters, digits and ._-'
	run -1 sql "SELECT pq.push('thumbs', NULL::text)"
	assert_line --partial 'an item needs a body'
}

@test "another program claims, and is done, tries again, rejects or gives back" {
	a_queue
	sql "SELECT pq.push('thumbs', x::text) FROM generate_series(1, 5) x"
	run -0 sql "SELECT id, claim, attempts, convert_from(body, 'UTF8') FROM pq.claim('thumbs', 4,
		60000, 'me')"
	assert_output '1|1|0|1
2|1|0|2
3|1|0|3
4|1|0|4'
	run -0 sql "SELECT pq.done('{1}', '{1}'), pq.retry('{2}', '{1}', 0, 'exit 1'),
		pq.reject('{3}', '{1}', 'exit 2'), pq.release('{4}', '{1}')"
	assert_output '{1}|{2}|{3}|{4}'
	run -0 sql "SELECT pq.done('{1,2,3,4}', '{1,1,1,1}')"
	assert_output '{}'
	run -0 sql "SELECT ready, dead, finished, leased FROM pq.stats('thumbs')"
	assert_output '3|1|1|0'
	run -0 sql "SELECT id, claim, attempts FROM pq.claim('thumbs', 2)"
	assert_output '2|2|1
4|2|0'
}

@test "what another program has claimed for too long comes back, and is late then" {
	a_queue
	sql "SELECT pq.push('thumbs', 'a')"
	run -0 sql "SELECT id, claim FROM pq.claim('thumbs', 1, 0, 'me')"
	assert_output '1|1'
	run -0 sql "SELECT id, claim, lost FROM pq.claim('thumbs')"
	assert_output '1|2|1'
	run -0 sql "SELECT pq.done('{1}', '{1}'), pq.extend('{1}', '{2}', 0)"
	assert_output '{}|{1}'
	sql "SELECT FROM pq.claim('thumbs', 0, poison => 2)"
	run -0 sql "SELECT state, lost, convert_from(outcome, 'UTF8') FROM pq.peek('thumbs')"
	assert_line --regexp '^dead\|2\|lost with postgresql:[0-9]+ 2 times$'
}

@test "a role needs rights to what it calls, and to no table" {
	a_queue
	as_worker() {
		sql "SET ROLE worker; $1"
	}
	sql "GRANT USAGE ON SCHEMA pq TO worker; GRANT EXECUTE ON FUNCTION pq.claim, pq.done TO worker"
	run -1 as_worker "SELECT pq.push('thumbs', 'a')"
	assert_line --partial 'permission denied for function push'
	sql "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pq TO worker; REVOKE ALL ON FUNCTION
		pq.put FROM worker"
	run -0 as_worker "SELECT pq.push('thumbs', 'a')"
	assert_output 1
	run -1 as_worker "SELECT FROM pq.item"
	assert_line --partial 'permission denied for table item'
	run -1 as_worker "SELECT pq.settle('{1}', '{1}', '{0}', '{0}', '{NULL}', 0, false)"
	assert_line --partial 'permission denied for table item'
	run -0 as_worker "SELECT id FROM pq.claim('thumbs'); SELECT pq.done('{1}', '{1}')"
	assert_output $'1\n{1}'
}

@test "a password is found where libpq finds it, and is not shown" {
	a_queue
	sql "SELECT pq.push('thumbs', 'a.png')"
	sql "CREATE ROLE locked LOGIN PASSWORD 'right';
		GRANT USAGE ON SCHEMA pq TO locked; GRANT EXECUTE ON FUNCTION
		pq.about, pq.stats, pq.bindings TO locked"
	sed -i.old '1i local all locked scram-sha-256' "$SERVERS_DIR/pg/pg_hba.conf"
	sql 'SELECT pg_reload_conf()'
	local at="/postgres?host=$SERVERS_DIR"
	tells() {
		[[ $(pq --stats "$@" 2>&1) == *"$wanted"* ]]
	}
	# The server reads its file when it comes to it.
	wanted='it wants a password' wait_until tells "postgresql://locked@$at#thumbs"
	run -0 pq --stats "postgresql://locked:right@$at#thumbs"
	assert_line --partial thumbs
	PGPASSWORD=right run -0 pq --stats "postgresql://locked@$at#thumbs"
	echo "*:*:*:locked:right" >pass
	chmod 600 pass
	PGPASSFILE=$PWD/pass run -0 pq --stats "postgresql://locked@$at#thumbs"
	run pq --stats "postgresql://locked:wrong@$at#thumbs"
	assert_failure
	assert_output --partial 'the server does not let us in: password authentication failed'
	refute_output --partial wrong
	run pq --stats "postgresql://locked@$at#thumbs"
	assert_failure
	assert_output --partial "it wants a password, and there is none in the address, \$PGPASSWORD \
and .pgpass"
}

@test "what a consumer had that was killed is done by another, and by nobody twice" {
	seq 200 | pq --to "$SERVERS_POSTGRESQL#killed"
	gate door
	background pq --from "$SERVERS_POSTGRESQL#killed" -j2 --lease 1 \
		'echo {} >>begun; read x <door; echo {} >>done'
	wait_until has_lines begun 2
	kill -KILL "$!"
	wait "$!" || true
	run -0 pq --from "$SERVERS_POSTGRESQL#killed" -j4 echo
	assert_equal "$(sort -n <<<"$output")" "$(seq 200)"
	assert_file_not_exists done
}

@test "two consumers share a queue, and a group has all of it for itself" {
	pq --admin "$SERVERS_POSTGRESQL#shared" bind '#' one
	pq --admin "$SERVERS_POSTGRESQL#shared" bind '#' two
	seq 500 | pq --to "$SERVERS_POSTGRESQL#shared"
	background pq --from "$SERVERS_POSTGRESQL#shared:one" -j2 echo >first
	local other=$!
	run -0 pq --from "$SERVERS_POSTGRESQL#shared:one" -j2 echo
	echo "$output" >second
	wait "$other"
	assert_equal "$(grep -h . first second | sort -n)" "$(seq 500)"
	run -0 pq --from "$SERVERS_POSTGRESQL#shared:two" -j2 -k echo
	assert_equal "$(sort -n <<<"$output")" "$(seq 500)"
}

@test "what another program pushes comes to a consumer that waits" {
	a_queue
	background pq --from "$SERVERS_POSTGRESQL#pushed" --follow -j1 'echo {}' >out
	wait_until sql "SELECT 1 / count(*) FROM pq.bell WHERE queue = 'pushed'"
	sql "SELECT pq.push('pushed', 'a.png')"
	wait_until has_lines out 1
	kill -TERM "$!"
	wait "$!" || true
	assert_equal "$(cat out)" a.png
}

# The last one: its server ends with it.
@test "jobs go on while the server is away, and what they did is told it when it is back" {
	seq 3 | pq --to "$SERVERS_POSTGRESQL#away"
	gate door
	background pq --from "$SERVERS_POSTGRESQL#away" -j1 'echo {} >>started; read x <door; echo {}' \
		>out 2>err
	wait_until has_lines started 1
	local pid=$!
	servers_end postgresql QUIT
	open_gate door 1
	wait_until grep -q 'waiting for it' err
	servers_postgresql
	wait_until grep -q 'is back after' err
	open_gate door
	wait "$pid"
	assert_equal "$(sort out)" $'1\n2\n3'
	assert_equal "$(wc -l <err)" 2
	run -0 sql "SELECT ready, leased, finished, lost FROM pq.stats('away')"
	assert_output '0|0|3|0'
}
