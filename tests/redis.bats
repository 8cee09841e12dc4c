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
