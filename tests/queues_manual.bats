# What the manual of queues says, done as it stands there.

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
	# The clients find their server by themselves, as those of anybody do.
	export PGHOST=$SERVERS_DIR PGUSER=pq PGDATABASE=postgres
	mkdir bin
	printf '#!/bin/sh\nexec %s -s %s "$@"\n' "$(command -v redis-cli || command -v valkey-cli)" \
		"$SERVERS_DIR/redis.sock" >bin/redis-cli
	chmod +x bin/redis-cli
	PATH=$PWD/bin:$PATH
}

# manual HEADING: the literal lines below it, as a reader sees them.
manual() {
	sed -n "/^\.S[hs] $1\$/,/^\.S[hs] /p" "$TOP/man/pq-queues.7" |
		sed -n '/^\.Bd -literal/,/^\.Ed/{/^\.[BE]d/!p;}' |
		sed 's/\\-/-/g; s/\\(aq/'\''/g; s/\\&//g'
}

@test "the manual of queues is well-formed" {
	command -v mandoc >/dev/null || skip 'mandoc is not installed'
	run --separate-stderr mandoc -T lint -W style "$TOP/man/pq-queues.7"
	assert_equal "$(grep -v 'referenced manual not found' <<<"$output")" ''
}

@test "another program puts items into SQLite" {
	command -v sqlite3 >/dev/null || skip 'sqlite3 is not installed'
	pq --admin sqlite:jobs.db#thumbs cap 0
	manual SQLite >script
	assert_equal "$(grep -c INSERT script)" 2
	run -0 sh -e script
	run -0 sh -e script # the one with a key is there
	run -0 pq --json --stats sqlite:jobs.db#thumbs
	assert_output --partial '"ready":2,"delayed":1,'
}

@test "another program puts items into PostgreSQL, takes and settles them" {
	local address=postgresql://#thumbs
	pq --admin "$address" cap 0
	manual PostgreSQL >all
	grep '^psql' all >script
	assert_equal "$(wc -l <script)" 2
	run -0 sh -e script
	run -0 sh -e script
	run -0 pq --json --stats "$address"
	assert_output --partial '"ready":2,"delayed":1,'
	grep '^SELECT' all >statements
	assert_equal "$(wc -l <statements)" 6
	run -0 psql -XqAt -v ON_ERROR_STOP=1 -f statements
	run -0 pq --json --stats "$address"
	assert_output --partial '"finished":1,'
}

@test "another program puts items into Redis, by the inbox of a queue or group, or a script" {
	pq --admin "$SERVERS_REDIS#thumbs" cap 0
	manual Redis >script
	assert_equal "$(grep -c RPUSH script) $(grep -c EVALSHA script)" '2 1'
	run -0 sh -e script
	assert_line --index 2 queued
	run -0 sh -e script
	assert_line --index 2 duplicate
	run -0 pq --admin "$SERVERS_REDIS#thumbs" peek 5
	assert_output --partial '"body":"b.png"'
	assert_output --partial '"body":"c.png"'
}

@test "a producer and a consumer need no more rights than the manual has" {
	pq --admin postgresql://#thumbs cap 0
	psql -XqAt -c 'CREATE ROLE worker LOGIN'
	sed -n '/^\.Sh RIGHTS/,/^\.Sh GROUPS/p' "$TOP/man/pq-queues.7" |
		sed -n '/^GRANT/,/;$/p' >grants
	assert_equal "$(grep -c GRANT grants)" 3
	run -0 psql -XqAt -v ON_ERROR_STOP=1 -f grants
	assert_equal "$(psql -XqAt -U worker -c "SELECT count(*) FROM pq.item" 2>&1 |
		grep -c 'permission denied')" 1
	psql -XqAt -c 'DROP OWNED BY worker; DROP ROLE worker'
}

# stub NAME: a command that notes what it is given.
stub() {
	printf '#!/bin/sh\necho "$1" >>%s.got\n' "$1" >"$1"
	chmod +x "$1"
}

@test "groups are bound, filled by topic and consumed as the manual has it" {
	stub bill
	printf 'orders.eu,1\nusers.new,2\n' >orders
	manual GROUPS >script
	assert_equal "$(grep -c '^pq' script)" 4
	run -0 sh -e script
	assert_equal "$(cat bill.got)" orders.eu,1
	run -0 pq -k --from sqlite:jobs.db#orders:audit echo
	assert_output $'orders.eu,1\nusers.new,2'
}

# all_got COUNT: has the stub been given so many? For wait_until.
all_got() {
	[ "$(sort -u thumb.got | wc -l)" -eq "$1" ]
}

@test "the manual's fleet works on what comes, one killed or not, and ends by SIGTERM" {
	stub thumb
	export PQ_QUEUE=$SERVERS_REDIS
	manual 'A SMALL FLEET' | sed -n 's/#thumbs/#fleet/; s/^ExecStart=[^ ]*pq //p' >unit
	assert_equal "$(wc -l <unit)" 1
	local words one status=0
	read -ra words <unit
	background env --default-signal pq "${words[@]}" >out 2>&1
	one=$!
	background env --default-signal pq "${words[@]}" >out2 2>err2
	local other=$!
	mkdir photos
	touch -d '2020-01-01' last
	touch photos/{1..20}
	sed -n 's/^\.Dl \(find .photos.*\)/\1/p' "$TOP/man/pq-queues.7" |
		sed 's/\\-/-/g; s/\\(aq/'"'"'/g; s/\\&//g' |
		sed 's|/photos|photos -type f|; s/#thumbs/#fleet/' >produce
	assert_equal "$(wc -l <produce)" 1
	run -0 sh -e produce
	wait_until all_got 20
	kill -KILL "$one"
	touch photos/{21..40}
	run -0 sh -e produce
	wait_until all_got 40
	kill -TERM "$other"
	wait "$other" || status=$?
	assert_equal "$status" 143
	assert_equal "$(sort thumb.got | uniq -d)" ''
}
