# Looking at queues that others share, and after them: --stats, --watch, --admin.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	command -v sqlite3 >/dev/null || skip 'sqlite3 is not installed'
	queue=sqlite:jobs.db#thumbs
}

# store: jobs.db is there, with nothing in it.
store() {
	run -0 pq --admin "$queue" cap 0
	assert_output 'any number of items'
}

sql() {
	sqlite3 jobs.db "$@"
}

# put BODY...: as any program may.
put() {
	local body
	for body; do
		sql "INSERT INTO push(queue,body) VALUES('thumbs','$body')"
	done
}

# put_at_once BODY...: by one statement; who looks meanwhile sees all of them, or none.
put_at_once() {
	sql "INSERT INTO push(queue,body) VALUES $(printf ",('thumbs','%s')" "$@" | cut -c 2-)"
}

# table: what --stats says, columns parted by one blank, without the ages.
table() {
	tr -s ' ' <<<"$output" | awk '{ $3 = "-"; print }'
}

@test "--stats counts items by their state, in a table or as JSON" {
	store
	put a b c d e f
	sql "UPDATE item SET state = 1, due = 9e15, lost = 2 WHERE id = 2;
		UPDATE item SET state = 3 WHERE id IN (3, 4); UPDATE item SET state = 4 WHERE id = 5"
	run -0 pq --admin "$queue" cap 1000
	assert_output 'at most 1000 items'
	run -0 pq --stats "$queue"
	assert_equal "$(table)" \
'queue ready - delayed leased holders lost dead kept cap put finished
thumbs 2 - 1 0 0 1 2 1 1000 6 0'
	# Figures stand below the ends of their names.
	[ "$(awk '{ print length }' <<<"$output" | uniq | wc -l)" -eq 1 ]
	run -0 pq --json --stats "$queue"
	assert_output --regexp '^\{"queue":"thumbs","address":"sqlite:jobs\.db#thumbs","ready":2,'\
'"delayed":1,"leased":0,"dead":2,"kept":1,"lost":1,"holders":0,"put":6,"finished":0,'\
'"oldest":[0-9.]+,"cap":1000\}$'
}

@test "--stats shows each group of a queue, or the one that is named" {
	store
	run -0 pq --admin "$queue" bind 'orders.#' billing
	assert_output 'billing gets orders.#'
	run -0 pq --admin "$queue" bind '#' audit
	sql "INSERT INTO push(queue,body,topic) VALUES('thumbs','x','orders.eu'),('thumbs','y','z')"
	run -0 pq --stats "$queue"
	assert_equal "$(table | cut -d ' ' -f 1,2 | sort)" \
'queue ready
thumbs 0
thumbs:audit 2
thumbs:billing 1'
	run -0 pq --stats "$queue:audit" --json
	assert_output --partial '{"queue":"thumbs","group":"audit",'\
'"address":"sqlite:jobs.db#thumbs:audit","ready":2,'
	assert_equal "${#lines[@]}" 1
	run -0 pq --admin "$queue" bind '#' audit
	assert_output 'audit gets #, as before'
	run -0 pq --admin "$queue" unbind '#' audit
	assert_output 'audit does not get # any more'
	run -0 pq --admin "$queue" unbind '#' audit
	assert_output 'audit did not get #'
}

@test "a variable may say where queues are" {
	store
	put a
	export PQ_QUEUE=sqlite:jobs.db
	run -0 pq --json --stats '#thumbs'
	assert_output --partial '"address":"sqlite:jobs.db#thumbs","ready":1,'
	PQ_QUEUE=$queue
	run -0 pq --json --stats '#'
	assert_output --partial '"address":"sqlite:jobs.db#thumbs","ready":1,'
	run -0 pq --admin '#other' cap 0
	unset PQ_QUEUE
	refuses "--stats: '#thumbs' is a queue where \$PQ_QUEUE says, and that is not set; try \
PQ_QUEUE=sqlite:jobs.db, or put ./ before the name of a file" --stats '#thumbs'
}

@test "a queue may have many groups" {
	store
	local i
	sql "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 39)
		INSERT INTO binding SELECT 'thumbs', 'g' || i, '#' FROM n;
		INSERT INTO push(queue,body,topic) VALUES('thumbs','x','t')"
	run -0 pq --stats "$queue"
	assert_equal "$(awk '{ print $1, $2 }' <<<"$output")" "$(echo queue ready; echo thumbs 0
		for i in {10..39}; do echo "thumbs:g$i 1"; done)"
}

@test "a queue or a file that is not there is told, and not made" {
	run -74 pq --stats "$queue"
	assert_output 'pq: sqlite:jobs.db#thumbs: there is no queue: No such file or directory'
	local verb
	for verb in requeue-dead purge-dead drop vacuum 'unbind # g' 'peek 1'; do
		run -74 pq --admin "$queue" $verb
		assert_output 'pq: sqlite:jobs.db#thumbs: there is no queue: No such file or directory'
	done
	assert_file_not_exist jobs.db
	store
	run -74 pq --stats sqlite:jobs.db#thumps
	assert_output 'pq: sqlite:jobs.db#thumps: nothing was ever put there'
	echo text >text
	run -74 pq --stats sqlite:text
	assert_output --partial 'pq: sqlite:text#default: '
	[ "${#lines[@]}" -eq 1 ]
}

@test "dead items are made ready again, or purged" {
	store
	put a b c
	sql "UPDATE item SET state = 3, attempts = 4, lost = 1"
	run -0 pq --admin "$queue" requeue-dead
	assert_output '3 items requeued'
	assert_equal "$(sql 'SELECT DISTINCT state, attempts, lost FROM item')" '0|0|0'
	sql "UPDATE item SET state = 3 WHERE id = 1"
	run -0 pq --admin "$queue" purge-dead
	assert_output '1 item purged'
	assert_equal "$(sql 'SELECT id FROM item')" $'2\n3'
	run -0 pq --admin "$queue" requeue-dead
	assert_output '0 items requeued'
}

@test "a queue is dropped with all that is in it, and no other" {
	store
	put a b
	sql "INSERT INTO push(queue,body) VALUES('other','kept')"
	run -0 pq --admin "$queue" drop
	assert_output '2 items dropped, and all that was known of the queue'
	assert_equal "$(sql 'SELECT queue, body FROM item')" 'other|kept'
	run -0 pq --admin "$queue" vacuum
	assert_output vacuumed
}

@test "a cap is what a queue may hold, and 0 takes it away" {
	store
	run -0 pq --admin "$queue" cap 2
	put a b
	run put c
	assert_failure
	run -0 pq --admin "$queue" cap 0
	put c
	assert_equal "$(sql 'SELECT count(*) FROM item')" 3
}

@test "peek shows items as they would be taken, each as an object of JSON" {
	store
	put plain
	sql "INSERT INTO push(queue,body,priority,topic)
			VALUES('thumbs',CAST(x'22ff' AS BLOB),-5,'a.b');
		INSERT INTO push(queue,body) VALUES('thumbs',char(10) || '\"tag\"');
		UPDATE item SET state = 3, attempts = 2, outcome = 'exit 7' WHERE id = 1"
	run -0 pq --admin "$queue" peek 10
	assert_equal "$(sed 's/"age":[0-9.]*,//' <<<"$output")" \
'{"id":2,"state":"ready","priority":-5,"claims":0,"attempts":0,"lost":0,"topic":"a.b",'\
'"body_base64":"Iv8="}
{"id":3,"state":"ready","priority":0,"claims":0,"attempts":0,"lost":0,"body":"\n\"tag\""}
{"id":1,"state":"dead","priority":0,"claims":0,"attempts":2,"lost":0,"outcome":"exit 7",'\
'"body":"plain"}'
	run -0 pq --admin "$queue" peek 1
	assert_equal "${#lines[@]}" 1
}

@test "what peek shows may be much, or not be read to its end" {
	store
	sql "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
		INSERT INTO push(queue,body) SELECT 'thumbs', i FROM n"
	pq --admin "$queue" peek 5000 >out
	assert_equal "$(wc -l <out) $(tail -n 1 out | grep -o '"body":.*')" '3000 "body":"3000"}'
	run -0 bash -c 'pq --admin "$1" peek 5000 | head -n 1' _ "$queue"
	assert_output --partial '"body":"1"}'
	assert_equal "${#lines[@]}" 1
	run -74 bash -c 'pq --admin "$1" peek 5 >/dev/full' _ "$queue"
	assert_output 'pq: stdout: No space left on device'
}

@test "what cannot be done is answered with what can" {
	local verbs='requeue-dead, purge-dead, drop, vacuum, bind PATTERN GROUP, unbind PATTERN '\
'GROUP, cap N, peek N'
	refuses "--admin needs a verb behind the address: $verbs" --admin "$queue"
	refuses "--admin: 'purge' is nothing that can be done; there are $verbs" --admin "$queue" purge
	refuses '--admin: cap needs N behind it' --admin "$queue" cap
	refuses '--admin: drop needs nothing behind it' --admin "$queue" drop now
	refuses "--admin: '-1' is no number of items; try 10" --admin "$queue" peek -1
	refuses '--admin: bind needs PATTERN GROUP behind it' --admin "$queue" bind a
	refuses "--admin: 'a b' is no name of a group: letters, digits, . _ and -, at most 100" \
		--admin "$queue" bind '#' 'a b'
	refuses '--admin: sqlite:jobs.db#thumbs:g is the address of a group; groups are bound to a '\
'queue, leave out :g' --admin "$queue:g" bind '#' h
	assert_file_not_exist jobs.db
}

# says TEXT: has it been written? For wait_until.
says() {
	grep -qF -- "$1" out
}

@test "--watch prints a line for each change, with rates, until it is interrupted" {
	store
	put a
	background env --default-signal pq --stats "$queue" --watch >out 2>err
	local pid=$! status=0
	wait_until says 'thumbs: 1 ready (oldest '
	assert_equal "$(wc -l <out)" 1
	put_at_once b c
	wait_until says '3 ready'
	run cat out
	assert_line --index 1 --regexp \
'^thumbs: 3 ready \(oldest [0-9ms]+\), 0 delayed, 0 leased, 0 dead, 3 put, 0 finished; '\
'[0-9.]+/s put, 0\.0/s finished$'
	kill -INT "$pid"
	wait "$pid" || status=$?
	assert_equal "$status" 130
	assert_equal "$(cat err)" ''
}

@test "--watch sees a group that comes and one that goes" {
	store
	background pq --stats "$queue" --watch --json >out 2>err
	wait_until says '"queue":"thumbs"'
	run -0 pq --admin "$queue" bind '#' late
	wait_until says '"group":"late"'
	assert_equal "$(grep -c '"group"' out)" 1
	run -0 pq --admin "$queue:late" drop
	run -0 pq --admin "$queue" bind a other
	wait_until says '"group":"other"'
	assert_equal "$(cat err)" ''
}

@test "who does not read on ends --watch in silence" {
	store
	put a
	mkfifo pipe
	exec {reader}<>pipe
	background pq --stats "$queue" --watch >pipe 2>err {reader}>&-
	local pid=$! status=0
	read -r line <&"$reader"
	exec {reader}>&-
	put b
	wait "$pid" || status=$?
	assert_equal "$status" 141
	assert_equal "$(cat err)" ''
}

@test "on a terminal --watch draws the table over the one before" {
	command -v tmux >/dev/null || skip 'tmux is not installed'
	store
	put a
	tmux -S tmux -f /dev/null new-session -d -x 100 -y 12 \
		"env PATH='$PATH' LC_ALL=C.UTF-8 pq --stats $queue --watch" 3>&-
	shown() {
		tmux -S tmux capture-pane -p | tr -s ' ' | grep -q "$1"
	}
	wait_until shown '^thumbs 1 '
	put b c
	wait_until shown '^thumbs 3 '
	assert_equal "$(tmux -S tmux capture-pane -p | grep -c '^thumbs')" 1
	assert_equal "$(tmux -S tmux capture-pane -p | grep -c '^queue')" 1
	tmux -S tmux kill-server
}
