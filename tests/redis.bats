# Durable queues in Redis: the contract of all engines, and what is Redis' own.

load helper
load servers

setup() {
	cd "$BATS_TEST_TMPDIR"
}

setup_file() {
	servers_redis
}

teardown_file() {
	servers_stop
}

@test "a queue in Redis keeps what the contract of queues promises" {
	PQ_TEST_BROKER=$SERVERS_REDIS run -0 "${PQ%/*}/unit/test_broker"
}

@test "consumers of a queue in Redis may be killed at any moment" {
	PQ_TEST_BROKER=$SERVERS_REDIS run -0 "${PQ%/*}/unit/test_broker_crash"
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

@test "what a server does not promise is told, in a line for each" {
	servers_redis_cli CONFIG SET maxmemory-policy allkeys-lru
	run --separate-stderr -0 pq --to "$SERVERS_REDIS#notes" ::: a
	servers_redis_cli CONFIG SET maxmemory-policy noeviction
	assert_equal "$stderr" "pq: $SERVERS_REDIS#notes: a power cut may take what was queued in the \
last second: appendfsync is everysec
pq: $SERVERS_REDIS#notes: this Redis drops items when its memory is full: maxmemory-policy is \
allkeys-lru; noeviction keeps them"
}

@test "what redis-cli pushes into the inbox is counted as ready" {
	servers_redis_cli RPUSH 'pq:{thumbs}:in' a.png b.png
	run -0 pq --stats "$SERVERS_REDIS#thumbs" --json
	assert_output --regexp '"ready": ?2'
}

# tls_redis NAMES: a server with TLS on a port of this machine, in $port, whose certificate is
# for these.
tls_redis() {
	unset SERVERS_DIR
	servers_dir
	command -v openssl >/dev/null || skip 'there is no openssl'
	built_with OPENSSL || skip 'built without TLS'
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
		-addext "subjectAltName=$1" \
		-keyout "$SERVERS_DIR/key" -out "$SERVERS_DIR/certificate" 2>/dev/null
	chmod 644 "$SERVERS_DIR/key"
	for _ in 1 2 3 4 5; do # somebody may have that port
		port=$((20000 + RANDOM % 20000))
		if servers_redis --bind 127.0.0.1 --tls-port "$port" --tls-auth-clients no \
			--tls-cert-file "$SERVERS_DIR/certificate" --tls-key-file "$SERVERS_DIR/key" \
			--tls-ca-cert-file "$SERVERS_DIR/certificate"; then
			return
		fi
		servers_end redis
	done
	grep -q 'Bad directive' "$SERVERS_DIR/redis.log" && skip 'this Redis is built without TLS'
	fail 'no server with TLS has started'
}

@test "rediss:// speaks TLS with the host that was asked for, and with no other" {
	tls_redis DNS:localhost,IP:127.0.0.1
	servers_redis_cli RPUSH 'pq:{thumbs}:in' a.png
	export SSL_CERT_FILE=$SERVERS_DIR/certificate
	run -0 pq --stats "rediss://localhost:$port#thumbs" --json
	assert_output --partial '"ready":1'
	run -0 pq --stats "rediss://127.0.0.1:$port#thumbs" --json
	assert_output --partial '"ready":1'
	run --separate-stderr -74 env -u SSL_CERT_FILE "$PQ" --stats "rediss://localhost:$port#thumbs"
	tells "rediss://localhost:$port#thumbs" 'its certificate is not trusted' self-signed \
		'$SSL_CERT_FILE'
	run --separate-stderr -74 pq --stats "redis://127.0.0.1:$port#thumbs"
	tells "redis://127.0.0.1:$port#thumbs"
	servers_stop
	tls_redis DNS:other.invalid
	export SSL_CERT_FILE=$SERVERS_DIR/certificate
	run --separate-stderr -74 pq --stats "rediss://localhost:$port#thumbs"
	tells 'its certificate is not trusted' 'ostname mismatch'
	run --separate-stderr -74 pq --stats "rediss://127.0.0.1:$port#thumbs"
	tells 'its certificate is not trusted' 'IP address mismatch'
	servers_stop
}

@test "rediss:// keeps what the contract of queues promises" {
	tls_redis DNS:localhost
	SSL_CERT_FILE=$SERVERS_DIR/certificate PQ_TEST_BROKER=rediss://localhost:$port \
		run -0 "${PQ%/*}/unit/test_broker"
	servers_stop
}

@test "a server that does not speak TLS is told" {
	local port
	unset SERVERS_DIR
	for _ in 1 2 3 4 5; do
		port=$((20000 + RANDOM % 20000))
		! servers_redis --bind 127.0.0.1 --port "$port" || break
	done
	built_with OPENSSL || skip 'built without TLS'
	run --separate-stderr -74 pq --stats "rediss://127.0.0.1:$port#thumbs"
	tells "rediss://127.0.0.1:$port#thumbs" TLS
	run --separate-stderr -74 pq --stats "redis://127.0.0.1:$port#thumbs"
	tells "redis://127.0.0.1:$port#thumbs" 'there is no such queue'
	servers_stop
}

# ready QUEUE: how many items of it are.
ready() {
	pq --stats "$SERVERS_REDIS#$1" --json | grep -oE '"ready":[0-9]+' | cut -d: -f2
}

@test "a list goes into a queue in Redis, and comes out of it once" {
	seq 10000 | pq --to "$SERVERS_REDIS#list" 2>told
	assert_equal "$(cat told)" "pq: $SERVERS_REDIS#list: a power cut may take what was queued in \
the last second: appendfsync is everysec"
	assert_equal "$(ready list)" 10000
	pq -k --from "$SERVERS_REDIS#list" -e '' 2>/dev/null | cksum >came
	assert_equal "$(cat came)" "$(seq 10000 | cksum)"
	assert_equal "$(ready list)" 0
}

@test "several pq share a queue in Redis: each item is done once" {
	seq 2000 | pq --to "$SERVERS_REDIS#share" 2>/dev/null
	for i in 1 2 3 4; do
		background pq --from "$SERVERS_REDIS#share" -j2 -e '' >"out.$i" 2>/dev/null
	done
	wait "${backgrounded[@]}"
	cat out.* | sort -n >all
	diff all <(seq 2000)
}

@test "what other programs push is consumed, by the commands of the manual" {
	servers_redis_cli RPUSH 'pq:{pushed}:in' a.png 'b  c'
	run -0 --separate-stderr pq -k -j1 --from "$SERVERS_REDIS#pushed" "printf '<%s>' {}"
	assert_output '<a.png><b  c>'
	printf '5 d\n' | pq -C ' ' --priority '{1}' --to "$SERVERS_REDIS#pushed" 2>/dev/null
	sha=$(servers_redis_cli HGET 'pq:{pushed}:meta' push)
	push() {
		servers_redis_cli EVALSHA "$sha" 1 'pq:{pushed}:in' "$@"
	}
	assert_equal "$(push e key 0)" queued
	assert_equal "$(push f key 0)" duplicate
	assert_equal "$(push g '' '' '' -1)" queued
	servers_redis_cli SCRIPT FLUSH
	assert_regex "$(push h 2>&1 || :)" '^NOSCRIPT'
	servers_redis_cli SCRIPT LOAD "$(servers_redis_cli GET 'pq:{pushed}:push')"
	assert_equal "$(push h)" queued
	run -0 --separate-stderr pq -k -j1 --from "$SERVERS_REDIS#pushed" 'printf {}'
	assert_output 'geh5 d'
}

@test "--follow on a queue in Redis hears what redis-cli pushes" {
	background pq --follow --from "$SERVERS_REDIS#follow" 'echo {}' >heard 2>/dev/null
	follower=$!
	servers_redis_cli RPUSH 'pq:{follow}:in' one
	wait_until has_lines heard 1
	printf 'two\n' | pq --to "$SERVERS_REDIS#follow" 2>/dev/null
	wait_until has_lines heard 2
	kill -TERM "$follower"
	wait "$follower" || :
	assert_equal "$(cat heard)" $'one\ntwo'
}

@test "--durable refuses a Redis that may forget, and takes one that does not" {
	run --separate-stderr -74 pq --to "$SERVERS_REDIS#durable" --durable <<<a
	tells 'not durable: appendfsync is everysec; set it to always' 'nothing was started'
	servers_redis_cli CONFIG SET appendfsync always
	run --separate-stderr -0 pq --to "$SERVERS_REDIS#durable" --durable <<<a
	[ -z "$stderr" ]
	servers_redis_cli CONFIG SET appendfsync everysec
	assert_equal "$(ready durable)" 1
}

@test "a Redis that is killed is waited for: jobs go on, nothing is lost" {
	unset SERVERS_DIR
	servers_redis --appendfsync always
	seq 50 | pq --to "$SERVERS_REDIS#away" 2>/dev/null
	gate job
	background pq --from "$SERVERS_REDIS#away" -j2 \
		"echo {} >>'$BATS_TEST_TMPDIR/started'; read x <'$BATS_TEST_TMPDIR/job'; echo {}" \
		>out 2>told
	consumer=$!
	wait_until has_lines "$BATS_TEST_TMPDIR/started" 2
	servers_end redis KILL
	open_gate job
	wait_until grep -q 'waiting for it' told
	servers_redis --appendfsync always
	wait "$consumer"
	diff <(sort -n out) <(seq 50)
	assert_equal "$(grep -c 'waiting for it' told)" 1
	assert_equal "$(grep -c "$SERVERS_REDIS#away is back after" told)" 1
	servers_stop
}

@test "--give-up: a Redis that does not come back ends the run" {
	unset SERVERS_DIR
	servers_redis
	seq 5 | pq --to "$SERVERS_REDIS#gone" 2>/dev/null
	gate job
	background pq --from "$SERVERS_REDIS#gone" -j1 --give-up 0.1 \
		"echo {} >>'$BATS_TEST_TMPDIR/started'; read x <'$BATS_TEST_TMPDIR/job'" 2>told
	consumer=$!
	wait_until has_lines "$BATS_TEST_TMPDIR/started" 1
	servers_end redis KILL
	open_gate job
	status=0
	wait "$consumer" || status=$?
	assert_equal "$status" 74
	grep -q 'given up' told
	grep -q '#gone: the server has ended the connection; waiting for it' told
	servers_stop
}

@test "a stopped consumer loses its lease: what it does too late is told, and changes nothing" {
	printf 'a\n' | pq --to "$SERVERS_REDIS#late" 2>/dev/null
	gate job
	background pq --from "$SERVERS_REDIS#late" -j1 --lease 1 \
		"echo {} >>'$BATS_TEST_TMPDIR/started'; read x <'$BATS_TEST_TMPDIR/job'" 2>told
	consumer=$!
	wait_until has_lines started 1
	kill -STOP "$consumer"
	run -0 --separate-stderr pq --from "$SERVERS_REDIS#late" 'echo other {}'
	assert_output 'other a'
	open_gate job
	kill -CONT "$consumer"
	status=0
	wait "$consumer" || status=$?
	assert_equal "$status" 123
	grep -q "$SERVERS_REDIS#late: item 1 was done too late" told
	run -0 pq --stats "$SERVERS_REDIS#late" --json
	assert_output --partial '"finished":1'
}

@test "one item that kills its consumer is dead, and takes no other along" {
	{ seq 30; echo poison; seq 31 200; } | pq --to "$SERVERS_REDIS#poison" 2>/dev/null
	gate never
	for round in 1 2 3; do
		run -137 "$PQ" --from "$SERVERS_REDIS#poison" -j8 --poison 3 \
			"if [ {} = poison ]; then kill -9 \$PPID; read x <'$BATS_TEST_TMPDIR/never'; fi
			echo {} >>done"
		# Its leases end now: shorter ones could end while it is only slow.
		servers_redis_cli EVAL "for _, m in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
			redis.call('ZADD', KEYS[1], 0, m) end" 1 'pq:{poison}:leased'
	done
	run -123 --separate-stderr pq --from "$SERVERS_REDIS#poison" -j8 --poison 3 \
		'echo {} >>done'
	[[ $stderr == *"item 31 lost with "*" 3 times; it is dead"* ]]
	diff <(sort -nu done) <(seq 200)
	run -0 pq --stats "$SERVERS_REDIS#poison" --json
	assert_output --partial '"dead":1'
	assert_output --partial '"finished":200'
}
