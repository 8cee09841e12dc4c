# Queues of every engine, through pq: the same tests for SQLite, Redis and PostgreSQL.

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
	engines=("sqlite:$PWD/jobs.db" "$SERVERS_REDIS" "$SERVERS_POSTGRESQL")
	name=q$BATS_TEST_NUMBER
}

# stat ADDRESS MEMBER: a number of --stats --json.
stat() {
	pq --stats "$1" --json | grep -o "\"$2\":[0-9]*" | head -n 1 | cut -d: -f2
}

has_stat() {
	[ "$(stat "$1" "$2")" = "$3" ]
}

# on_each FUNCTION: with a queue of each engine. Behind || or && nothing in it could fail.
on_each() {
	local engine
	for engine in "${engines[@]}"; do
		echo "# $engine"
		rm -rf work
		mkdir work
		(cd work; "$1" "$engine#$name")
	done
}

moves() {
	seq 5000 | pq --to "$1"
	pq -k -j1 --from "$1" -e '' >out
	cmp out <(seq 5000)
	[ "$(stat "$1" ready)" = 0 ]
}

@test "lines become items, and come out in their order" {
	on_each moves
}

bytes() {
	printf 'a\nb\0\xff\xfe\0\0c\n\0' | pq -0 --to "$1"
	pq -k -j1 --from "$1" --to "$1-moved"
	pq -k -j1 --from "$1-moved" "printf '<%s>' {}" >out
	cmp out <(printf '<a\nb><\xff\xfe><><c\n>')
}

@test "any byte but NUL goes through, and so does an empty item" {
	on_each bytes
}

tries() {
	printf 'a\nb\nc\n' | pq --to "$1"
	status=0
	pq --retries 3 --from "$1" 'echo {} $PQ_ATTEMPT >>log; [ {} = b ] && exit 4
		[ {} = a ] || [ $PQ_ATTEMPT = 2 ]' || status=$?
	[ "$status" -eq 123 ]
	[ "$(sort log | xargs)" = 'a 1 b 1 b 2 b 3 c 1 c 2' ]
	[ "$(stat "$1" dead)" = 1 ]
	pq --admin "$1" peek 1 >peek
	grep -qF 'exit 4' peek
	pq --admin "$1" requeue-dead
	[ "$(pq --from "$1" echo)" = b ]
}

@test "retries are counted by the queue; what has failed for good is dead, and can be had again" {
	on_each tries
}

delays() {
	echo a | pq --to "$1"
	pq --retries 2 --backoff 0.3 --from "$1" 'echo $PQ_ATTEMPT {} >>log; [ $PQ_ATTEMPT = 2 ]'
	[ "$(xargs <log)" = '1 a 2 a' ]
}

@test "--backoff: the queue holds it until its time has come" {
	on_each delays
}

gives_back() {
	seq 20 | pq --to "$1"
	mkfifo door
	exec 8<>door
	pq -j2 --drain 600 --from "$1" 'echo {} >>begun; read x <door' 2>err 8>&- 3>&- &
	wait_until has_lines begun 2
	kill -TERM $!
	wait_until grep -q SIGTERM err
	printf '\n\n' >&8
	wait $! || :
	exec 8>&-
	[ "$(stat "$1" ready)" = 18 ]
	[ "$(stat "$1" leased)" = 0 ]
	[ "$(stat "$1" lost)" = 0 ]
	pq --from "$1" 'echo {} >>rest'
	[ "$(sort -n begun rest | cksum)" = "$(seq 20 | cksum)" ]
}

@test "SIGTERM: what runs is done and settled, the rest is given back" {
	on_each gives_back
}

shares() {
	seq 3000 | pq --to "$1"
	for i in 1 2 3 4; do
		pq -j2 --from "$1" -e 's/$//' >part$i 3>&- &
	done
	wait
	cat part? | sort -n | cmp - <(seq 3000)
}

@test "competing consumers: each item is done once" {
	on_each shares
}

groups() {
	pq --admin "$1" bind 'order.#' audit
	pq --admin "$1" bind '*.paid' mail
	printf 'order.new 1\norder.paid 2\nbill.paid 3\nno 4\n' >list
	status=0
	pq -C ' ' --topic-key '{1}' --to "$1" <list 2>err || status=$?
	[ "$status" -eq 123 ]
	grep -q "'no 4': no group of it wants such a topic; it is left out" err
	[ "$(pq -k -j1 --from "$1:audit" -C ' ' 'echo {2}' | xargs)" = '1 2' ]
	[ "$(pq -k -j1 --from "$1:mail" -C ' ' 'echo {2}' | xargs)" = '2 3' ]
}

@test "consumer groups: each gets a copy of what its patterns fit" {
	on_each groups
}

follows() {
	pq --follow --from "$1" 'echo {} >>done' 3>&- &
	pid=$!
	pq --to "$1" ::: a
	wait_until has_lines done 1
	pq --to "$1" ::: b
	wait_until has_lines done 2
	kill -TERM $pid
	wait $pid || :
	[ "$(xargs <done)" = 'a b' ]
}

@test "--follow: an idle consumer is woken by what comes" {
	on_each follows
}

keys() {
	printf '1\n2\n1\n' | pq --unique --to "$1"
	printf '2\n3\n' | pq --unique --to "$1"
	[ "$(pq -k -j1 --from "$1" echo | xargs)" = '1 2 3' ]
	pq --unique --to "$1" ::: 1
	[ "$(pq --from "$1" echo)" = '' ]
}

@test "--unique: a key is put once, whenever that was" {
	on_each keys
}

bounds() {
	pq --admin "$1" cap 2
	status=0
	pq --overflow reject --to "$1" ::: 1 2 3 2>err || status=$?
	[ "$status" -eq 123 ]
	grep -q "'3': the queue is full; it is left out" err
	pq --to "$1" ::: 4 5 6 3>&- &
	pid=$!
	pq --follow --halt soon,done=5 --from "$1" 'echo {} >>got' 3>&- || status=$?
	[ "$status" -eq 124 ]
	wait $pid
	[ "$(sort got | xargs)" = '1 2 4 5 6' ]
}

@test "a bound: who puts waits for room, or is told" {
	on_each bounds
}

dead() {
	pq --to "$1" ::: a b
	status=0
	pq --from "$1" --dead-letter "$1-bad" 'echo {}; [ {} = a ]' >out 2>/dev/null || status=$?
	[ "$status" -eq 123 ]
	[ "$(stat "$1" dead)" = 0 ]
	[ "$(pq --from "$1-bad" echo)" = b ]
}

@test "--dead-letter: a rejected item moves there" {
	on_each dead
}

keeps() {
	pq --to "$1" ::: a b c
	pq -j1 --keep 2 --from "$1" true
	[ "$(stat "$1" kept)" = 2 ]
}

@test "--keep: of what is done the last ones stay" {
	on_each keeps
}
