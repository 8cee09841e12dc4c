# Durable queues in Redis: the contract of all engines, and what is Redis' own.

load helper
load servers

setup_file() {
	servers_redis
}

teardown_file() {
	servers_stop
}

@test "a queue in Redis keeps what the contract of queues promises" {
	PQ_TEST_BROKER=$SERVERS_REDIS run -0 "${PQ%/*}/unit/test_broker"
}

@test "the password of an address is in no message" {
	for address in "redis+unix://me:s3cret@$SERVERS_DIR/redis.sock#q" \
		"redis+unix://:s3cret@$SERVERS_DIR/redis.sock#q" \
		"redis://me:s3cret@127.0.0.1:1#q" "rediss://me:s3cret@127.0.0.1:1/0#q" \
		"redis://me:s3cret@no.such.host.invalid#q"; do
		run --separate-stderr -74 pq --stats "$address"
		refute_output
		tells '***'
		[[ $stderr != *s3cret* ]]
	done
}

@test "a server that is not there is told with its name" {
	run --separate-stderr -74 pq --stats redis://127.0.0.1:1#thumbs
	tells 'redis://127.0.0.1:1#thumbs' 'Connection refused'
	run --separate-stderr -74 pq --stats "redis+unix://$BATS_TEST_TMPDIR/none#thumbs"
	tells "$BATS_TEST_TMPDIR/none#thumbs" 'No such file or directory'
	run --separate-stderr -74 pq --stats "$SERVERS_REDIS#none"
	tells "$SERVERS_REDIS#none" 'there is no such queue'
}

@test "what redis-cli pushes into the inbox is counted as ready" {
	servers_redis_cli RPUSH 'pq:{thumbs}:in' a.png b.png
	run -0 pq --stats "$SERVERS_REDIS#thumbs" --json
	assert_output --regexp '"ready": ?2'
}
