# What the manual of queues says, done as it stands there.
# Not with a sanitizer: it is the page that is tested.

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

# manual HEADING [MARK]: the literal lines below it, as a reader sees them; a line with the mark
# before each text.
manual() {
	sed -n "/^\.S[hs] $1\$/,/^\.S[hs] /p" "$TOP/man/pq-queues.7" |
		sed -n "/^\.Bd -literal/,/^\.Ed/{${2:+s/^\.Bd.*/$2/;}/^\.[BE]d/!p;}" |
		sed 's/\\-/-/g; s/\\(aq/'\''/g; s/\\&//g'
}

# block HEADING N: the Nth of its literal texts.
block() {
	manual "$1" '$' | awk -v n="$2" '/^\$$/ { i++; next } i == n'
}

@test "another program puts items into SQLite" {
	command -v sqlite3 >/dev/null || skip 'sqlite3 is not installed'
	pq --admin sqlite:jobs.db#thumbs cap 0
	block SQLite 1 >script
	assert_equal "$(grep -c INSERT script)" 2
	run -0 sh -e script
	run -0 sh -e script # the one with a key is there
	run -0 pq --json --stats sqlite:jobs.db#thumbs
	assert_output --partial '"ready":2,"delayed":1,'
}

# ask SQL-FILE: its statements, to SQLite.
ask() {
	sqlite3 -cmd '.timeout 20000' jobs.db <"$1"
}

@test "another program takes items from SQLite, and settles them" {
	command -v sqlite3 >/dev/null || skip 'sqlite3 is not installed'
	local id claims body n=0
	pq --to sqlite:jobs.db#thumbs ::: done back dead again late
	block SQLite 2 >take
	block SQLite 3 | tr '\n' ' ' | sed 's/; */;\n/g' >settle
	block SQLite 4 >wake
	assert_equal "$(grep -c . settle)" 4
	while [ $((n += 1)) -le 4 ]; do
		IFS='|' read -r id claims body < <(ask take)
		sed -n "${n}s/?/$id/; ${n}s/?/$claims/p" settle >one
		echo 'SELECT changes();' >>one
		assert_equal "$body $(ask one) $(ask one)" \
			"$(sed -n ${n}p <<<$'done\nback\ndead\nagain') 1 0"
		[ $n -ne 2 ] || sqlite3 jobs.db "DELETE FROM item WHERE CAST(body AS TEXT) = 'back'"
	done
	run -0 pq --admin sqlite:jobs.db#thumbs peek 9
	assert_line --partial '"state":"dead","priority":0,"claims":1,"attempts":1'
	assert_line --partial '"state":"delayed","priority":0,"claims":1,"attempts":1'
	sqlite3 jobs.db 'UPDATE item SET due = 0 WHERE state = 1'
	ask wake
	ask take
	run -0 pq --json --stats sqlite:jobs.db#thumbs
	assert_output --partial '"ready":1,"delayed":0,"leased":1,"dead":1,'
	sqlite3 jobs.db 'UPDATE item SET due = 0 WHERE state = 2'
	run -0 pq -k -j1 --retries 2 --from sqlite:jobs.db#thumbs echo
	assert_equal "$(sort <<<"$output" | xargs)" 'again late'
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

@test "a producer and a consumer in PostgreSQL need no more rights than the manual has" {
	local address='postgresql://worker@/postgres#rights'
	pq --admin postgresql://#rights cap 0
	psql -XqAt -c 'CREATE ROLE worker LOGIN'
	manual RIGHTS | sed -n '/^GRANT/,/;$/p' >grants
	assert_equal "$(grep -c GRANT grants)" 4
	run -0 psql -XqAt -v ON_ERROR_STOP=1 -f grants
	pq --to "$address" ::: a
	run -0 pq --json --stats "$address"
	assert_output --partial '"ready":1,'
	run -0 pq --admin "$address" peek 1
	assert_output --partial '"body":"a"'
	run -0 pq --from "$address" echo
	assert_output a
	run -74 pq --admin "$address" drop
	run psql -XqAt -U worker -c "SELECT count(*) FROM pq.item"
	assert_output --partial 'permission denied'
	psql -XqAt -c 'DROP OWNED BY worker; DROP ROLE worker'
}

@test "a producer and a consumer in Redis need no more rights than the manual has" {
	local queue="/$SERVERS_DIR/redis.sock#thumbs" puts takes
	queue=${queue#/}
	manual RIGHTS | sed -n '/^ACL/,$p' | tr '\n' ' ' | sed 's/ACL SETUSER/\n&/g' |
		sed 's/>PASSWORD/reset &/' >users
	puts=$(sed -n '/ producer /p' users)
	takes=$(sed -n '/ consumer /p' users)
	puts=${puts#* on } takes=${takes/.../"${puts#*\* }"}
	read -ra puts <<<"ACL SETUSER producer reset on ${puts#reset }"
	read -ra takes <<<"${takes/ on reset / reset on }"
	redis-cli "${puts[@]}" | grep -q OK || skip 'this Redis knows no users'
	assert_equal "$(redis-cli "${takes[@]}")" OK
	pq --admin "$SERVERS_REDIS#thumbs" drop || true # other tests have it, too
	pq --to "redis+unix://producer:PASSWORD@$queue" ::: a b
	run pq --from "redis+unix://producer:PASSWORD@$queue" echo
	assert_failure
	run -123 pq -j1 --retries 2 --from "redis+unix://consumer:PASSWORD@$queue" 'test {} = a'
	run -74 pq --stats "redis+unix://consumer:PASSWORD@${queue/thumbs/other}"
	redis-cli ACL DELUSER producer consumer
	run -0 pq --json --stats "$SERVERS_REDIS#thumbs"
	assert_output --partial '"dead":1,'
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

@test "the manual's unit is one of systemd's" {
	command -v systemd-analyze >/dev/null || skip 'there is no systemd'
	manual 'A SMALL FLEET' | sed "/^# /,\$d; s|^ExecStart=[^ ]*|ExecStart=/bin/true|
		s|^WorkingDirectory=.*|WorkingDirectory=/|" >thumbs.service
	assert_equal "$(grep -c '^\[' thumbs.service)" 2
	run --separate-stderr systemd-analyze verify --man=no "$PWD/thumbs.service"
	refute [ -n "$(grep thumbs.service <<<"$stderr")" ]
}

@test "tests are spread over the runners of a CI as the manual has it" {
	export PQ_QUEUE=sqlite:jobs.db CI_PIPELINE_ID=17
	block 'A SMALL FLEET' 2 | grep '^[^#]' >steps
	assert_equal "$(wc -l <steps)" 3
	mkdir tests
	for i in {1..20}; do
		echo "echo $i >>ran" >tests/$i.t
	done
	echo false >tests/21.t
	run -0 sh -ec "$(sed -n 1p steps)"
	local one=0 two=0
	background sh -ec "$(sed -n 2p steps)" >out 2>&1
	sh -ec "$(sed -n 2p steps)" >out2 2>&1 || one=$?
	wait $! || two=$?
	assert_equal "$((one + two))" 123
	assert_equal "$(sort -n ran | xargs)" "$(echo {1..20})"
	run -0 sh -ec "$(sed -n 3p steps)"
	run -74 pq --stats '#ci-17'
}

@test "stages, a bound and dead items: what the manual says is so" {
	stub thumb
	stub upload
	printf '#!/bin/sh\necho "$1"\n' >thumb
	mkdir photos
	touch photos/{a,b,c}
	run -0 sh -ec "$(manual STAGES)"
	assert_equal "$(sort upload.got | xargs)" 'photos/a photos/b photos/c'
	pq --to sqlite:jobs.db#thumbs ::: a b
	run -123 pq --from sqlite:jobs.db#thumbs false
	manual TAKING >script
	assert_equal "$(grep -c '^pq' script)" 3
	run -0 sh -ec "$(cat script)"
	assert_line '2 items requeued'
	assert_line '0 items purged'
	sed -n 's/^\.Dl \(pq .* cap .*\)/\1/p' "$TOP/man/pq-queues.7" | sed 's/\\-/-/g; 1q' >bound
	run -0 sh -e bound
	assert_output 'at most 1000 items'
	pq --admin sqlite:jobs.db#full cap 1
	run -0 pq --to sqlite:jobs.db#full --overflow drop-new ::: a b
	run -123 pq --to sqlite:jobs.db#full --overflow reject ::: c
	run -123 pq --to sqlite:jobs.db#full --overflow drop-old ::: d
	run -74 pq --to sqlite:jobs.db#full --overflow fail ::: e
}

@test "the manual explains each member of the object of --stats" {
	pq --to sqlite:jobs.db#thumbs ::: a
	sed -n '/^\.Sh WHAT TO WATCH/,/^\.Sh EXIT/p' "$TOP/man/pq-queues.7" |
		sed -n 's/^\.\(It \)\{0,1\}Cm //p' | tr -d ',.' | xargs -n1 | sort -u >said
	background env --default-signal pq --stats sqlite:jobs.db#thumbs --json --watch >shown
	wait_until has_lines shown 1
	pq --to sqlite:jobs.db#thumbs ::: b
	wait_until has_lines shown 2
	kill -TERM $!
	wait $! || true
	grep -o '"[a-z_]*":' shown | tr -d '":' | grep -vx 'queue\|address' | sort -u >members
	run diff said members
	assert_success
}
