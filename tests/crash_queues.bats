# Those who use durable queues are killed, and servers: tests/crash_queues in short.
# `make crash` kills more often.

load helper

killed_on() {
	KILLS=5 SERVER_KILLS=1 ITEMS=300 MORE_KILLS=3 run "$TOP/tests/crash_queues" "$1"
	assert_success
	refute_line --regexp '^not ok'
	[[ $output != *'# skip'* ]] || skip "$1 is not installed"
	assert_line --regexp '^1\.\.[34]$'
}

@test "killed at any moment, nothing is lost, and what was in flight is done again (sqlite)" {
	killed_on sqlite
}

@test "killed at any moment, nothing is lost, and what was in flight is done again (redis)" {
	killed_on redis
}

@test "killed at any moment, nothing is lost, and what was in flight is done again (postgresql)" {
	killed_on postgresql
}
