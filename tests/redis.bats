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
