# What is seen of a run that takes from a queue that others share.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	queue=sqlite:jobs.db
}

@test "--progress shows what waits here and what waits there" {
	gate door
	seq 5 | pq --to $queue
	sqlite3 jobs.db 'UPDATE item SET state = 1, due = 9e15 WHERE id > 2'
	background pq --follow --from $queue -j2 --progress=json 'read x <door; : {}' 2>err
	wait_until grep -q '"running":2,.*"backlog":3,' err
	open_gate door
	wait_until grep -q '"done":2,' err
	run -0 grep -c '"total":null' err
}

@test "--summary says how many consumers what is put meanwhile would need" {
	gate door
	echo 1 | pq --to $queue
	background pq --from $queue -j1 --summary 'echo began >>began; read x <door; : {}' \
		2>err
	local pq=$!
	wait_until test -e began
	seq 3 | pq --to $queue
	open_gate door
	wait "$pq"
	run -0 grep needed err
	assert_output --regexp '^pq: needed   [0-9.]+ for [0-9.]+ a second that were put into the '\
'queue, of [0-9.a-z ]+: [0-9]+ such consumers?, of 1 workers(, would do)?$'
	run -0 --separate-stderr pq --from $queue --summary echo
	refute grep -q 'put into' <<<"$stderr"
}
