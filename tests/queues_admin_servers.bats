# Looking at queues of servers, and after them: as queues_admin.bats has it for SQLite.

load helper
load servers

setup_file() {
	servers_redis
	servers_postgresql
}

teardown_file() {
	servers_stop
}

setup() {
	cd "$BATS_TEST_TMPDIR"
	name=queue$BATS_TEST_NUMBER
}

# push BODY: as any program may.
push() {
	case $address in
	redis*) servers_redis_cli RPUSH "pq:{$name}:in" "$1" >/dev/null ;;
	*) psql -qXtA "$SERVERS_POSTGRESQL" -c "SELECT pq.push('$name','$1')" >/dev/null ;;
	esac
}

# count NAME: that figure of the one line of JSON in $output.
count() {
	sed -n 's/.*"'"$1"'":\([0-9]*\).*/\1/p' <<<"$output"
}

@test "a queue that is not there is told, in one line, and not made" {
	local address verb
	for address in "$SERVERS_REDIS" "$SERVERS_POSTGRESQL"; do
		run -74 pq --stats "$address#$name"
		assert_output --regexp "^pq: .*#$name: .+$"
		[ "${#lines[@]}" -eq 1 ]
		run -74 pq --admin "$address#$name" requeue-dead
		assert_output --regexp "^pq: .*#$name: .+$"
		[ "${#lines[@]}" -eq 1 ]
	done
}

@test "--stats counts, and --admin sets up, shows and drops, on every server" {
	local address
	for address in "$SERVERS_REDIS" "$SERVERS_POSTGRESQL"; do
		run -0 --separate-stderr pq --admin "$address#$name" cap 10
		assert_output 'at most 10 items'
		push a
		push b
		run -0 --separate-stderr pq --json --stats "$address#$name"
		assert_equal "$(count ready) $(count cap) $(count dead) $(count leased)" '2 10 0 0'
		run -0 --separate-stderr pq --admin "$address#$name" peek 1
		assert_output --regexp '^\{"id":[0-9]+,"state":"ready",.*"body":"a"\}$'
		run -0 --separate-stderr pq --admin "$address#$name" requeue-dead
		assert_output '0 items requeued'
		run -0 --separate-stderr pq --admin "$address#$name" drop
		assert_output --regexp '^[0-9] items dropped, and all that was known of the queue$'
	done
}

@test "groups are bound and shown on every server" {
	local address
	for address in "$SERVERS_REDIS" "$SERVERS_POSTGRESQL"; do
		run -0 --separate-stderr pq --admin "$address#$name" bind 'orders.#' billing
		assert_output 'billing gets orders.#'
		run -0 --separate-stderr pq --stats "$address#$name"
		assert_line --index 1 --regexp "^$name +0 "
		assert_line --index 2 --regexp "^$name:billing +0 "
		run -0 --separate-stderr pq --admin "$address#$name" unbind 'orders.#' billing
		assert_output 'billing does not get orders.# any more'
	done
}

# written TEXT: is it in `out` or `err`? For wait_until.
written() {
	grep -qF -- "$1" out err
}

@test "a server that goes away while it is watched is waited for" {
	local address=$SERVERS_REDIS
	pq --admin "$address#$name" cap 5
	background pq --stats "$address#$name" --watch --json >out 2>err
	wait_until written '"cap":5'
	servers_end redis
	wait_until written '; waiting for it'
	servers_redis
	wait_until written 'is back'
	pq --admin "$address#$name" cap 6
	wait_until written '"cap":6'
	assert_equal "$(wc -l <err)" 2
}

@test "who gives up does so in time, with one line" {
	run -74 --separate-stderr pq --stats 'redis+unix:///no/such/socket#q' --watch
	assert_equal "$(wc -l <<<"$stderr")" 1
	run -74 --separate-stderr pq --stats 'redis+unix:///no/such/socket#q' --give-up 1ms
	assert_equal "$(grep -c 'waiting for it' <<<"$stderr")" 1
	assert_equal "$(wc -l <<<"$stderr")" 2
}

@test "a password on the command line is seen neither by others nor in what is said" {
	background pq --stats 'redis+unix://:hidden@/no/such/socket#q' --give-up 100 >out 2>err
	wait_until written 'waiting for it'
	run -0 tr '\0' ' ' <"/proc/$!/cmdline"
	assert_output --partial 'redis+unix://:******@/no/such/socket#q'
	run -0 cat err
	assert_output --partial 'pq: redis+unix://:***@/no/such/socket#q: '
	refute_output --partial hidden
}

@test "as the first process of a container pq hides the password of both its processes" {
	unshare -pf --mount-proc true 2>/dev/null || skip 'unshare is missing, or not permitted'
	background unshare -pf --mount-proc pq --stats 'redis+unix://:hidden@/no/such/socket#q' \
		--give-up 100 >out 2>err
	wait_until written 'waiting for it'
	local first second
	first=$(ps -o pid= --ppid "$!" | tr -d ' ')
	second=$(ps -o pid= --ppid "$first" | tr -d ' ')
	run -0 tr '\0' ' ' <"/proc/$first/cmdline"
	assert_output --partial 'redis+unix://:******@/no/such/socket#q'
	run -0 tr '\0' ' ' <"/proc/$second/cmdline"
	assert_output --partial 'redis+unix://:******@/no/such/socket#q'
	kill -KILL "$first"
}
