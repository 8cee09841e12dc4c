# tests/servers.bash: real servers for a .bats file (`load servers`, after helper).
#
#     setup_file() { servers_redis; }        # or servers_postgresql, or both
#     teardown_file() { servers_stop; }
#
# They run without privileges, in a directory of the tests, on sockets there alone, and are
# asked until they answer. Where their package is missing all tests of the file are skipped, but
# not where CI=true: there they fail. A server ends with servers_stop, and where that is never
# called, with the process that has started it (setpriv): so a test may start one of its own.
#
#   SERVERS_REDIS       redis+unix://...   an address, to which #QUEUE is added
#   SERVERS_POSTGRESQL  postgresql://...   likewise
#   SERVERS_DIR         where they live, one below the other: redis.pid, redis.sock, redis.log

# servers_need NAME PROGRAM...: the first of these programs that there is, in $found.
servers_need() {
	local name=$1 program
	shift
	for program; do
		if found=$(command -v "$program"); then
			return
		fi
	done
	[ "${CI-}" != true ] ||
		fail "$name is not installed; ./configure --install-deps=check brings it"
	skip "$name is not installed"
}

# servers_as COMMAND...: in place of this shell. Root is nobody here; others are who they are.
servers_as() {
	local how=()
	! command -v setpriv >/dev/null || how=(setpriv --pdeathsig KILL)
	if [ "$(id -u)" -eq 0 ]; then
		how=(setpriv --reuid=65534 --regid=65534 --clear-groups --pdeathsig KILL)
	fi
	exec "${how[@]}" "$@"
}

servers_dir() {
	[ -z "${SERVERS_DIR-}" ] || return 0
	SERVERS_DIR=$(mktemp -d "$BATS_RUN_TMPDIR/servers.XXXX")
	export SERVERS_DIR
	chmod o+x "$BATS_RUN_TMPDIR"
	[ "$(id -u)" -ne 0 ] || chown 65534:65534 "$SERVERS_DIR"
}

# servers_start NAME COMMAND...: in the background, with its number in NAME.pid.
servers_start() {
	local name=$1
	shift
	servers_as "$@" >>"$SERVERS_DIR/$name.log" 2>&1 3>&- </dev/null &
	echo $! >"$SERVERS_DIR/$name.pid"
}

# servers_await NAME COMMAND...: until it succeeds; not where the server has ended meanwhile.
servers_await() {
	local name=$1
	shift
	wait_until servers_knows "$name" "$@"
	"$@" >/dev/null 2>&1 || servers_failed "$name"
}

servers_knows() {
	local name=$1
	shift
	"$@" >/dev/null 2>&1 || gone "$(cat "$SERVERS_DIR/$name.pid")"
}

# servers_redis [OPTION...]: with these beside what is needed, as --appendfsync always. Again,
# when it was ended: it goes on with the data it had.
servers_redis() {
	local found
	servers_need Redis redis-server valkey-server
	servers_dir
	servers_start redis "$found" --port 0 --unixsocket "$SERVERS_DIR/redis.sock" \
		--dir "$SERVERS_DIR" --save '' --appendonly yes --daemonize no "$@"
	export SERVERS_REDIS=redis+unix://$SERVERS_DIR/redis.sock
	servers_await redis servers_redis_answers
}

# servers_redis_cli WORD...: asks it.
servers_redis_cli() {
	local found
	servers_need Redis redis-cli valkey-cli
	"$found" -s "$SERVERS_DIR/redis.sock" "$@"
}

servers_redis_answers() {
	[ "$(servers_redis_cli ping 2>/dev/null)" = PONG ]
}

# servers_postgresql [OPTION...]: with these beside what is needed, as -c max_connections=10.
servers_postgresql() {
	local found PATH=$PATH bin
	for bin in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin; do
		[ ! -x "$bin/postgres" ] || PATH=$bin:$PATH
	done
	servers_need PostgreSQL postgres
	servers_need PostgreSQL initdb
	servers_dir
	if [ ! -d "$SERVERS_DIR/pg" ]; then
		(cd / && servers_as initdb -D "$SERVERS_DIR/pg" -A trust -U pq --no-sync --no-locale \
			-E UTF8) >"$SERVERS_DIR/initdb.log" 2>&1 </dev/null || servers_failed initdb
	fi
	servers_start postgresql postgres -D "$SERVERS_DIR/pg" -k "$SERVERS_DIR" \
		-c listen_addresses= "$@"
	export SERVERS_POSTGRESQL="postgresql:///postgres?host=$SERVERS_DIR&user=pq"
	servers_await postgresql pg_isready -h "$SERVERS_DIR" -U pq -d postgres
}

servers_failed() {
	cat "$SERVERS_DIR/$1.log" >&2
	return 1
}

# servers_end NAME [SIGNAL]: end one and wait until it is gone.
servers_end() {
	local pid
	[ -s "${SERVERS_DIR-}/$1.pid" ] || return 0
	pid=$(cat "$SERVERS_DIR/$1.pid")
	rm "$SERVERS_DIR/$1.pid"
	kill -"${2:-INT}" "$pid" 2>/dev/null || return 0
	kill -CONT "$pid" 2>/dev/null || :
	wait "$pid" 2>/dev/null || :
	wait_until gone "$pid"
}

servers_stop() {
	servers_end redis
	servers_end postgresql
	[ -z "${SERVERS_DIR-}" ] || rm -rf "$SERVERS_DIR"
}
