# What a queue has to live through: servers that die, hang and come back, consumers that are
# killed or stopped, output that fails, items that kill. On all engines.

load helper
load servers

setup_file() {
	servers_dir
}

teardown_file() {
	servers_stop
}

# A server is the test's own, and lives no longer; its data does.
setup() {
	cd "$BATS_TEST_TMPDIR"
	gate door
	servers_end redis
	servers_end postgresql
}

# broker ENGINE: $queue is in it, and its server runs.
broker() {
	engine=$1
	case $engine in
	sqlite) queue=sqlite:jobs.db#q ;;
	*)
		broker_comes
		queue=SERVERS_${engine^^}
		queue=${!queue}#q$BATS_TEST_NUMBER
		;;
	esac
}

# What is left of a server that was killed may keep the next one from starting.
broker_comes() {
	wait_until broker_starts
}

broker_starts() {
	case $engine in
	redis) servers_redis --appendfsync always ;;
	*) servers_postgresql ;;
	esac 2>/dev/null
}

# broker_tree: all processes of the server.
broker_tree() {
	local pid
	pid=$(cat "$SERVERS_DIR/$engine.pid")
	echo "$pid" $(ps -o pid= --ppid "$pid")
}

broker_dies() {
	local all pid
	all=$(broker_tree)
	servers_end "$engine" KILL
	for pid in $all; do
		wait_until gone "$pid"
	done
}

# put WORD...: they are items.
put() {
	pq --to "$queue" ::: "$@" 2>/dev/null
}

# count STATE: how many items are in it.
count() {
	pq --stats "$queue" --json | sed -n '1s/.*"'"$1"'":\([0-9]*\).*/\1/p'
}

counts() {
	[ "$(count "$1")" = "$2" ]
}

# consume [OPTION...]: in the background, two jobs, each of which waits at the door.
consume() {
	background env --default-signal=INT pq -j2 "$@" --from "$queue" \
		'echo {} >>begun; read x <door; echo {} >>done' 2>err
	consumer=$!
	wait_until has_lines begun 2
	wait_until counts leased 4
}

# ended STATUS: of the consumer.
ended() {
	local status=0
	wait "$consumer" || status=$?
	assert_equal "$status" "$1"
}

# said TEXT: the consumer did. For wait_until.
said() {
	grep -qF -- "$1" err
}

# said_lines PATTERN...: each line that it said fits the next of them, and there are no more.
said_lines() {
	local n=0 line
	while IFS= read -r line; do
		n=$((n + 1))
		[[ -n ${!n-} && $line =~ ^pq:\ ${!n}$ ]] || fail "line $n: $line"
	done <err
	[ "$n" -eq "$#" ] || fail "only $n lines: $(cat err)"
}

# all_done N: each of the items 1 to N, once, and the queue is empty.
all_done() {
	assert_equal "$(sort -n done | xargs)" "$(seq "$1" | xargs)"
	assert_equal "$(count ready) $(count leased) $(count delayed) $(count dead)" '0 0 0 0'
}

waits='.*; waiting for it \(--give-up TIME ends that\)'

# --- servers -------------------------------------------------------------

server_killed() {
	broker "$1"
	put $(seq 12)
	consume
	broker_dies
	open_gate door 2
	wait_until has_lines done 2
	wait_until said 'waiting for it'
	broker_comes
	open_gate door
	ended 0
	said_lines "$waits" '.* is back after [0-9.]+ s'
	all_done 12
}

@test "a server killed and started again: jobs go on, each item is done once (redis)" {
	server_killed redis
}

@test "a server killed and started again: jobs go on, each item is done once (postgresql)" {
	server_killed postgresql
}

@test "servers that hang are waited for, and what was settled meanwhile is settled once" {
	local engines='redis postgresql' engine
	for engine in $engines; do
		mkdir $engine
		(
			cd $engine
			mkfifo door
			exec {gates[door]}<>door
			broker $engine
			put $(seq 4) # all are leased: else a claim nobody heard of holds some
			consume
			all=$(broker_tree)
			kill -STOP $all
			open_gate door 2
			wait_until said 'waiting for it'
			kill -CONT $all
			open_gate door
			ended 0
			said_lines "$waits" '.* is back after [0-9.]+ s'
			all_done 4
		) >$engine.out 2>&1 3>&- &
		eval "$engine=$!"
	done
	for engine in $engines; do
		wait "${!engine}" || fail "$engine: $(cat $engine.out)"
	done
}

server_given_up() {
	broker "$1"
	put $(seq 12)
	consume --lease 1 --give-up 100ms
	broker_dies
	open_gate door 2
	wait_until said 'given up'
	open_gate door
	ended 74
	said_lines '.*; waiting for it, for 0.1 s at most \(--give-up\)' \
		'.*: not back after [0-9.]+ s: given up.*' '.*'
	broker_comes
	run -0 pq --from "$queue" echo
	cat done >all
	printf '%s\n' "${lines[@]}" >>all
	assert_equal "$(sort -nu all | xargs)" "$(seq 12 | xargs)"
}

@test "a server that stays away is given up: 74, and the next has all items (redis)" {
	server_given_up redis
}

@test "a server that stays away is given up: 74, and the next has all items (postgresql)" {
	server_given_up postgresql
}

@test "a server that is away at the start: 74, and nothing is started" {
	local engine
	for engine in redis postgresql; do
		broker $engine
		put 1
		broker_dies
		run -74 --separate-stderr pq --from "$queue" 'touch started'
		tells "$queue" 'nothing was started'
		run -74 --separate-stderr pq --to "$queue" 'touch started; echo' ::: a
		tells "$queue" 'nothing was started'
		run -74 --separate-stderr pq --dead-letter "$queue" 'touch started; echo' ::: a
		tells "$queue" 'nothing was started'
		assert_file_not_exist started
	done
}

produce() {
	{
		seq 10
		read -r x <door
		seq 5 20
		read -r x <door
		seq 15 30
	} | pq --to "$queue" --unique 2>err
}

producer_waits() {
	broker "$1"
	background produce
	consumer=$!
	wait_until counts ready 10
	broker_dies
	open_gate door 1
	wait_until said 'waiting for it'
	broker_comes
	open_gate door 1
	ended 0
	said_lines "$waits" '.* is back after [0-9.]+ s' '[0-9]+ items dropped: seen before .*'
	run -0 pq --from "$queue" echo
	assert_equal "$(sort -n <<<"$output" | xargs)" "$(seq 30 | xargs)"
}

@test "a producer waits for its server, and puts each item once (redis)" {
	producer_waits redis
}

@test "a producer waits for its server, and puts each item once (postgresql)" {
	producer_waits postgresql
}

# --- consumers -----------------------------------------------------------

consumer_stopped() {
	broker "$1"
	put a
	background pq --lease 1 --from "$queue" 'echo {} >>begun; read x <door; echo {} >>done' 2>err
	consumer=$!
	wait_until has_lines begun 1
	kill -STOP $consumer
	run -0 --separate-stderr pq --from "$queue" 'echo {} $PQ_ID'
	assert_output --regexp '^a [0-9a-f]{16}-[0-9]+$'
	kill -CONT $consumer
	open_gate door
	ended 123
	said_lines '.*: item [0-9]+ was done too late: its lease of 1 s was over, .*'
}

@test "stopped for longer than its lease: another takes over, and it is told (redis)" {
	consumer_stopped redis
}

@test "stopped for longer than its lease: another takes over, and it is told (postgresql)" {
	consumer_stopped postgresql
}

@test "a consumer of SQLite that is stopped is not taken for dead" {
	broker sqlite
	put $(seq 4)
	consume --lease 1
	# Not while it writes, which would keep all others from that.
	until kill -STOP $consumer && sqlite3 jobs.db 'BEGIN IMMEDIATE' 2>/dev/null; do
		kill -CONT $consumer
	done
	put 5
	background pq --follow --from "$queue" 'echo {} >>other'
	wait_until has_lines other 1
	assert_equal "$(cat other)" 5
	wait_until counts leased 4 # the other one settles what it has done a little later
	kill -CONT $consumer
	open_gate door
	ended 0
	assert_equal "$(sort done | xargs) $(xargs <other)" '1 2 3 4 5'
}

consumer_killed() {
	broker "$1"
	put $(seq 12)
	consume --lease 1
	kill -KILL $consumer
	run -0 --separate-stderr pq --from "$queue" echo
	assert_equal "$(sort -n <<<"$output" | xargs)" "$(seq 12 | xargs)"
	assert_equal "$stderr" ''
	assert_equal "$(count ready) $(count leased) $(count dead)" '0 0 0'
}

@test "what a killed consumer had is done by the next one (redis)" {
	consumer_killed redis
}

@test "what a killed consumer had is done by the next one (postgresql)" {
	consumer_killed postgresql
}

# --- signals -------------------------------------------------------------

@test "Ctrl-C while the server is away: what it does not know is told" {
	broker redis
	put $(seq 12)
	consume
	broker_dies
	open_gate door 2
	wait_until said 'waiting for it'
	kill -INT $consumer
	ended 130
	said_lines "$waits" 'SIGINT: no new jobs.*' '.*: not back after [0-9.]+ s: given up' \
		'.*: of [0-9] that were done here the queue does not know: they will be done again'
}

@test "SIGTERM while the server is away: jobs are done, and what it does not know is told" {
	broker redis
	put $(seq 12)
	consume --give-up 500ms
	broker_dies
	kill -TERM $consumer
	wait_until said 'SIGTERM: no new jobs'
	open_gate door
	ended 143
	assert_equal "$(wc -l <done)" 2
	run -0 cat err
	assert_line --partial ': given up'
	assert_line --regexp ': of 2 that were done here the queue does not know: '
}

@test "a second Ctrl-C while the server is away ends it at once" {
	broker redis
	put $(seq 12)
	consume
	broker_dies
	open_gate door
	wait_until said 'waiting for it'
	kill -INT $consumer
	wait_until said 'SIGINT: no new jobs'
	kill -INT $consumer
	ended 130
}

# --- output, --halt, --poison --------------------------------------------

@test "items whose output cannot be written are not done" {
	broker sqlite
	put $(seq 5)
	run -74 --separate-stderr bash -c 'pq --from "$1" echo >/dev/full' - "$queue"
	tells 'cannot write to standard output' 'No space left'
	assert_equal "$(count ready) $(count leased) $(count dead)" '5 0 0'
	run -0 pq -k --from "$queue" echo
	assert_output "$(seq 5)"
}

@test "--halt gives the rest back" {
	broker sqlite
	put $(seq 12)
	run -3 --separate-stderr pq -j1 --halt now,fail=1 --from "$queue" 'test {} != 2 || exit 3'
	assert_equal "$(count ready) $(count leased) $(count dead)" '10 0 1'
}

# leases_end: now, of all who are dead; with leases so short one could end under a consumer that
# is only slow.
leases_end() {
	case $engine in
	redis)
		servers_redis_cli EVAL "for _, m in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
			redis.call('ZADD', KEYS[1], 0, m) end" 1 "pq:{q$BATS_TEST_NUMBER}:leased"
		;;
	postgresql)
		psql -Xq -h "$SERVERS_DIR" -d postgres -U pq \
			-c 'UPDATE pq.item SET due = clock_timestamp() WHERE state = 2'
		;;
	esac
}

# Items 3 kills who does it, so often as it is let.
poisoned() {
	broker "$1"
	put $(seq 8)
	local lost=0 status=137
	while [ "$status" -eq 137 ]; do
		status=0
		pq -j1 --poison 2 --from "$queue" \
			'test {} = 3 && kill -KILL $PPID || echo {} >>done' 2>err || status=$?
		leases_end
	done
	assert_equal "$status" 123
	said_lines '.*: item [0-9]+ lost with .*:[0-9]+ 2 times; it is dead'
	assert_equal "$(sort -u done | xargs)" '1 2 4 5 6 7 8'
	assert_equal "$(count ready) $(count leased) $(count delayed) $(count dead)" '0 0 0 1'
	run -0 pq --admin "$queue" peek 10
	assert_output --regexp 'lost with .*:[0-9]+ 2 times'
}

@test "an item that kills its consumer is dead after --poison, and it alone (sqlite)" {
	poisoned sqlite
}

@test "an item that kills its consumer is dead after --poison, and it alone (redis)" {
	poisoned redis
}

@test "an item that kills its consumer is dead after --poison, and it alone (postgresql)" {
	poisoned postgresql
}

# --- what is wrong at the start --------------------------------------------

@test "a wrong password: one line, 74, nothing is started, and it is shown nowhere" {
	local option
	echo a >list
	broker redis
	servers_redis_cli CONFIG SET requirepass right >/dev/null
	local other="redis+unix://:wr0ng@$SERVERS_DIR/redis.sock#q"
	for option in --from --to --dead-letter; do
		run -74 --separate-stderr pq $option "$other" 'touch started; echo' <list
		tells 'redis+unix://:***@' password
		[[ $stderr != *wr0ng* ]]
		run -74 --separate-stderr pq $option "$queue" 'touch started; echo' <list
		tells "$queue" password
	done
	assert_file_not_exist started
	run -0 env REDISCLI_AUTH=right pq --to "$queue" ::: a
}

@test "a right password is not in the report either" {
	broker redis
	servers_redis_cli CONFIG SET requirepass right >/dev/null
	pq --report r.html --to "redis+unix://:right@$SERVERS_DIR/redis.sock#q" echo ::: a
	grep -F "redis+unix://:*****@$SERVERS_DIR/redis.sock#q" r.html
	! grep -F ':right@' r.html || false
}

@test "a database of a newer version: one line, 74, nothing is started, nothing is changed" {
	local option before
	put_sql() {
		sqlite3 jobs.db "$1"
	}
	broker sqlite
	put a
	echo a >list
	put_sql 'PRAGMA user_version = 99'
	before=$(put_sql 'SELECT * FROM item')
	for option in --from --to --dead-letter; do
		run -74 --separate-stderr pq $option "$queue" 'touch started; echo' <list
		tells "$queue" newer 'nothing was started'
	done
	assert_file_not_exist started
	assert_equal "$(put_sql 'SELECT * FROM item')" "$before"
}

@test "odd bytes in the name of a queue: one line, 2, and nothing of them on the terminal" {
	local name
	for name in $'a\eb' 'a b' 'a/b' $'\xff' 'a:b:c' ''; do
		run -2 --separate-stderr pq --from "sqlite:jobs.db#$name" echo
		tells --from
		[[ $stderr != *$'\e'* ]]
	done
	assert_file_not_exist jobs.db
}
