# --journal FILE: the same command line run again does what is left.

load helper
load faults/faults

setup() {
	cd "$BATS_TEST_TMPDIR"
	command -v sqlite3 >/dev/null || skip 'there is no sqlite3'
}

# journal SQL: ask the journal.
journal() {
	sqlite3 j "$1"
}

# killed ITEMS OPTION...: a run whose jobs 1 to 5 are done and on record, and whose others
# wait at the gate; killed.
killed() {
	local items=$1
	shift
	gate door
	seq "$items" | pq --journal j -j2 -Q2 "$@" \
		'echo {} >>begun; [ {} -le 5 ] || read x <door; echo {}' 3>&- &
	backgrounded+=($!)
	wait_until has_lines begun 7
	wait_until steady "$!" # the others have ended, and that is on record
	kill -KILL "$!"
	wait_until gone "$!"
}

@test "when all is done, the same command starts nothing, and exits the same" {
	run pq --journal j -k 'echo {} >>begun; echo {}' ::: a b
	assert_success
	assert_output $'a\nb'
	run pq --journal j -k 'echo {} >>begun; echo {}' ::: a b
	assert_success
	assert_output 'pq: nothing was run: all 2 are done (--journal j)'
	assert_equal "$(wc -l <begun)" 2
}

@test "what failed for good is not run again, and the status is 123 all the same" {
	run -123 pq --journal j 'echo {} >>begun; exit {}' ::: 0 3
	run -123 --separate-stderr pq --journal j 'echo {} >>begun; exit {}' ::: 0 3
	only_message '1 item failed for good in an earlier run, and is not run again (--journal j); '\
'a new journal does that'
	assert_equal "$(wc -l <begun)" 2
	assert_equal "$(journal 'SELECT seq, verdict, attempts, exitval FROM items')" \
		$'1|1|1|0\n2|2|1|3'
}

@test "killed, and run again: what is left is done, and what ran is repeated" {
	killed 10 -k
	open_gate door
	seq 10 | pq --journal j -j2 -Q2 -k 'echo {} >>begun; [ {} -le 5 ] || read x <door; echo {}' >out
	seq 6 10 | cmp - out
	assert_equal "$(sort -n begun | uniq -c | awk '{ print $2 ":" $1 }' | xargs)" \
		'1:1 2:1 3:1 4:1 5:1 6:2 7:2 8:1 9:1 10:1'
}

@test "-o goes on where it stopped: torn output is cut off" {
	killed 10 -o out
	seq 5 | cmp - out
	printf 'torn' >>out
	open_gate door
	seq 10 | pq --journal j -j2 -Q2 -o out 'echo {} >>begun; [ {} -le 5 ] || read x <door; echo {}'
	seq 10 | cmp - out
}

@test "-o that has lost bytes that are on record is refused" {
	pq --journal j -o out echo ::: a b
	: >out
	run -2 pq --journal j -o out echo ::: a b c
	assert_output 'pq: out has 0 bytes, and the journal j knows of 4: it has been changed; '\
'begin anew with another journal'
}

@test "after a power cut -o is believed up to the last sync" {
	pq --journal j -k -o out --retries 2 'echo {}; [ {} != b ] || [ $PQ_ATTEMPT = 2 ]' ::: a b c
	cp out whole
	# Another boot; the mark says that a was synced, and what came later was lost.
	journal "UPDATE meta SET value = 'another' WHERE name = 'boot';
		UPDATE meta SET value = 1 WHERE name = 'mark'"
	printf 'a\n' >out
	pq --journal j -k -o out --retries 2 'echo {}; [ {} != b ] || [ $PQ_ATTEMPT = 2 ]' ::: a b c
	cmp out whole
	assert_equal "$(journal 'SELECT seq, attempts FROM items')" $'1|1\n2|2\n3|1'
}

@test "a job that pq told to end, and that then ends with 0, is run again" {
	local pq
	gate go
	printf '#!/bin/sh\ntrap "exit 0" TERM\necho >>began\nread x <go; echo $1 >>finished\n' >job
	chmod +x job
	background pq -j2 --drain 0 --journal j --dead-letter dead ./job ::: 1 2
	pq=$!
	wait_until has_lines began 2
	kill -TERM "$pq"
	wait "$pq" || assert_equal "$?" 143
	assert_equal "$(cat dead)" ''
	open_gate go
	run pq -j2 --drain 0 --journal j --dead-letter dead ./job ::: 1 2
	assert_success
	assert_equal "$(sort finished)" $'1\n2'
}

@test "a second pq on the journal is refused" {
	gate door
	pq --journal j "echo {} >>begun; read x <door" ::: a 3>&- &
	backgrounded+=($!)
	wait_until has_lines begun 1
	run -2 pq --journal j "echo {} >>begun; read x <door" ::: a
	assert_output 'pq: the journal j is in use by another pq; wait for its end, or use another '\
'journal'
	open_gate door
	wait "$!"
}

# Has this process the journal open, or ended? For wait_until.
has_opened() {
	gone "$1" || ls -l "/proc/$1/fd" 2>/dev/null | grep -q "/$2\$"
}

# A run ends while the next one waits for its journal.
gives_way() {
	local first second
	rm -f j begun
	background pq --journal j "echo {} >>begun; read x <door" ::: a
	first=$!
	wait_until has_lines begun 1
	background pq --journal j "echo {} >>begun; read x <door" ::: a
	second=$!
	wait_until has_opened "$second" j
	open_gate door 1
	wait "$first" && wait "$second"
}

@test "a journal that another pq has is waited for, for a second" {
	[ -d /proc/self/fd ] || skip 'no /proc'
	gate door
	once_in 5 gives_way
}

@test "a journal that cannot grow: why, and 74" {
	run --separate-stderr -74 bash -c 'ulimit -f 20; seq 2000 | pq --journal j true'
	assert_equal "$stderr" 'pq: cannot write to j: File too large; stopping'
	run --separate-stderr -74 bash -c 'ulimit -f 3; seq 2000 | pq --journal k true'
	assert_equal "$stderr" 'pq: cannot write to the journal k: File too large; nothing was started'
}

@test "another command line is refused, and what differs is told" {
	pq --journal j echo ::: a
	run -2 pq --journal j echo x ::: a
	assert_output "pq: the journal j is of another command line: command 'echo' then, command \
'echo' 'x' now; use another journal"
	# another JOURNAL WHAT ARGUMENT...: refused, and this is what differs.
	another() {
		refuses "the journal $1 is of another command line: $2; use another journal" \
			--journal "$1" "${@:3}"
	}
	another j 'no --tag then, --tag now' --tag echo ::: a
	another j "no -o then, -o '$PWD/out' now" -o out echo ::: a
	pq --journal csv --csv --validate x echo ::: x
	another csv '--csv then, no --csv now' --validate x echo ::: x
	another csv "--validate 'x' then, --validate '.' now" --csv --validate . echo ::: x
	pq --journal out.journal -o out echo ::: a
	another out.journal "-o '$PWD/out' then, no -o now" echo ::: a
	# What makes columns is a part of what is done.
	pq --journal regex --regex '(.)' echo {1} ::: ab
	another regex "--regex '(.)' then, --regex '.(.)' now" --regex '.(.)' echo {1} ::: ab
	pq --journal trim --csv echo {1} ::: ' a'
	another trim "no --trim then, --trim 'l' now" --csv --trim l echo {1} ::: ' a'
	# However it is spelled.
	pq --journal same -k -n2 --tag -c echo ::: a
	run -0 pq --journal same --max-args=2 --tag --shell --keep-order echo ::: a
	run pq --journal j -j3 -Q9 --progress --retries 2 echo ::: a
	assert_success
}

@test "a list that was changed is gone on with by item, each as often as it is there" {
	pq --journal j echo ::: a b b c >out
	run pq --journal j echo ::: new b a b b c
	assert_equal "$(sort <<<"$output")" $'b\nnew'
	run pq --journal j echo ::: c b y new
	assert_output y
	run pq --journal j echo ::: b b b a c y new
	assert_output 'pq: nothing was run: all 7 are done (--journal j)'
	run pq --journal j echo ::: b b b b
	assert_output b
}

@test "a list that was changed is compared with what was left, too" {
	gate door
	# The second never ends: on record are the first and the third.
	seq 3 | pq --journal j -j3 -Q3 'echo {} >>begun; [ {} != 2 ] || read x <door' 3>&- &
	backgrounded+=($!)
	wait_until has_lines begun 3
	wait_until steady "$!"
	kill -KILL "$!"
	wait_until gone "$!"
	: >begun
	# Where the second stood is the third now, and none is where that was.
	run -0 pq --journal j -j3 'echo {} >>begun; [ {} != 2 ] || read x <door' ::: 1 3
	assert_output 'pq: nothing was run: all 2 are done (--journal j)'
	run -0 pq --journal j -j3 'echo {} >>begun; [ {} != 2 ] || read x <door' ::: 4 3 1 5
	assert_equal "$(sort begun)" $'4\n5'
}

@test "by item, too, attempts count, and no other item is called as one was before" {
	local job='echo $PQ_ID {#} $PQ_ATTEMPT {} >>begun; [ {} != b ]'
	background pq --journal j --retries 3 --backoff 1h,jitter=none "$job" ::: a b c
	wait_until has_lines begun 3
	wait_until steady "$!"
	kill -TERM "$!"
	wait_until gone "$!"
	journal 'UPDATE items SET due = 0'
	run -123 pq --journal j --retries 3 --backoff 1ms,jitter=none "$job" ::: new c b a
	run cut -d- -f2 begun
	assert_equal "$(grep b <<<"$output" | cut -d' ' -f1,3)" $'2 1\n2 2\n2 3'
	assert_line '4 4 1 new'
	assert_equal "$(journal 'SELECT count(*) FROM items WHERE verdict = 0')" 0
	assert_equal "$(journal 'SELECT count(*) FROM items')" 4
}

@test "by item: sections are asked for by themselves" {
	pq --journal j 'echo 1 {}' --next --match b 'echo 2 {}' ::: a b >out
	run pq --journal j 'echo 1 {}' --next --match b 'echo 2 {}' ::: b2 b a
	assert_equal "$(sort <<<"$output")" $'1 b2\n2 b2'
}

@test "an ordered list that has changed is refused before anything is started" {
	pq -k --journal j 'echo {} >>begun' ::: 1 2 3
	: >begun
	run -2 pq -k --journal j 'echo {} >>begun' ::: 1 2 x 4
	assert_output "pq: item 3 'x' is not what the journal j knows: the list has changed, and its \
order is that of the output (-k, -o); put it back, or use another journal"
	run -2 pq -k --journal j 'echo {} >>begun' ::: 1 2
	assert_output 'pq: the list has become shorter: the journal j knows of item 3, and its order '\
'is that of the output (-k, -o); put it back, or use another journal'
	[ ! -s begun ]
}

@test "a list that has grown at its end is gone on with" {
	pq --journal j echo ::: a b
	run -2 pq --journal j -k echo ::: a b c d
	assert_output 'pq: the journal j is of another command line: no -k then, -k now; use another '\
'journal'
	run pq --journal j echo ::: a b c
	assert_output c
}

@test "attempts count over all runs, and PQ_ID stays" {
	local job='echo $PQ_ATTEMPT $PQ_ID >>begun; [ $PQ_ATTEMPT = 1 ] || read x <door; exit 1'
	gate door
	pq --journal j --retries 3 "$job" ::: a 3>&- &
	backgrounded+=($!)
	wait_until has_lines begun 2
	kill -KILL "$!"
	wait_until gone "$!"
	open_gate door
	run -123 pq --journal j --retries 3 "$job" ::: a
	# The second was cut off, and made again.
	assert_equal "$(cut -d' ' -f1 begun | xargs)" '1 2 2 3'
	assert_equal "$(cut -d' ' -f2 begun | sort -u | wc -l)" 1
	run -123 pq --journal j --retries 2 "$job" ::: a
	assert_equal "$(wc -l <begun)" 4
	# What nobody had told is told, with the reason.
	journal 'UPDATE items SET verdict = 0'
	run -123 pq --journal j --retries 2 --dead-letter dead "$job" ::: a
	assert_output "pq: item 1 'a': no attempts are left, 3 were made (--retries)"
	assert_regex "$(cat dead)" '"reason":"no attempts are left, 3 were made \(--retries\)"'
}

# Is the item of j to be tried again? For wait_until.
backs_off() {
	[ "$(journal 'SELECT due > 0 FROM items WHERE verdict = 0' 2>/dev/null)" = 1 ]
}

@test "the wait of --backoff goes on in the next run" {
	local job=': {}; date +%s%N >>begun; [ $PQ_ATTEMPT = 2 ]' due
	background pq --journal j --retries 2 --backoff 1h,jitter=none "$job" ::: a
	wait_until has_lines begun 1
	wait_until steady "$!"
	kill -TERM "$!"
	wait_until gone "$!"
	# An hour after the attempt, and now sooner.
	due=$(journal 'SELECT due FROM items')
	[ "$due" -ge $(($(cat begun) + 3600 * 1000000000)) ]
	due=$(($(date +%s%N) + 1500000000))
	journal "UPDATE items SET due = $due"
	run -0 pq --journal j --retries 2 --backoff 1h,jitter=none "$job" ::: a
	assert_equal "$(wc -l <begun)" 2
	[ "$(tail -n 1 begun)" -ge "$due" ]
	assert_equal "$(journal 'SELECT due FROM items')" 0
}

@test "without --backoff, or when the clock was set, the next run does not wait for ever" {
	local job=': {}; [ $PQ_ATTEMPT = 2 ]' backoff
	for backoff in '' '--backoff 1ms..1ms'; do
		rm -f j
		background pq --journal j --retries 2 --backoff 1h,jitter=none "$job" ::: a
		wait_until [ -e j-wal ]
		wait_until steady "$!"
		kill -TERM "$!"
		wait_until gone "$!"
		run -0 pq --journal j --retries 2 $backoff "$job" ::: a
	done
}

@test "the dead letter has no line of what is run again, and none twice" {
	local job='echo {} >>begun; exit 1'
	run -123 pq -j1 --journal j --dead-letter dead.jsonl "$job" ::: a b c d
	cp dead.jsonl whole
	# As a crash leaves it: the lines are written, and not all on record.
	journal 'DELETE FROM items WHERE seq > 2'
	run -123 pq -j1 --journal j --dead-letter dead.jsonl "$job" ::: a b c d
	assert_equal "$(cut -d, -f1-6 dead.jsonl)" "$(cut -d, -f1-6 whole)"
	assert_equal "$(wc -l <begun)" 6
	# The lines of others stay, wherever they are.
	journal 'DELETE FROM items WHERE seq = 2 OR seq = 4'
	{ head -n 2 dead.jsonl; sed 's/"run":"/&x/' whole; tail -n 2 dead.jsonl; } >mixed
	mv mixed dead.jsonl
	run -123 pq -j1 --journal j --dead-letter dead.jsonl "$job" ::: a b c d
	assert_equal "$(grep -vc '"run":"x' dead.jsonl)" 4
	assert_equal "$(grep -c '"run":"x' dead.jsonl)" 4
	assert_equal "$(sed '/"run":"x/d; s/^{"item":"\(.\)".*/\1/' dead.jsonl | xargs)" 'a c b d'
}

@test "records that a job had together, and items of a dead letter, are there once, too" {
	run -123 pq -k --journal j -n2 --dead-letter dead.jsonl 'false {}' ::: a b c d
	journal 'DELETE FROM items WHERE seq > 1'
	run -123 pq -k --journal j -n2 --dead-letter dead.jsonl 'false {}' ::: a b c d
	assert_equal "$(wc -l <dead.jsonl)" 4
	rm j
	run -123 pq -k --journal j --from dead:dead.jsonl --dead-letter again.jsonl false
	journal 'DELETE FROM items WHERE seq > 1'
	run -123 pq -k --journal j --from dead:dead.jsonl --dead-letter again.jsonl false
	assert_equal "$(wc -l <again.jsonl)" 4
}

@test "a dead letter of many lines, and long ones, is sifted whole" {
	seq 800 >list
	printf '%0100000d\n' 1 2 3 >>list
	run -123 pq -j1 --journal j --dead-letter dead.jsonl false <list
	sort dead.jsonl >whole
	journal 'DELETE FROM items WHERE seq % 7 = 0'
	run -123 pq -j1 --journal j --dead-letter dead.jsonl false <list
	assert_equal "$(wc -l <dead.jsonl)" 803
	assert_equal "$(cut -d, -f1-4 dead.jsonl | sort | cksum)" \
		"$(cut -d, -f1-4 whole | sort | cksum)"
}

@test "the job log and the table of results go on with the journal, and begin anew without" {
	pq -k --journal j --joblog log --results out.csv true ::: a b || :
	pq -k --journal j --joblog log --results out.csv true ::: a b c || :
	assert_equal "$(cut -f1,9 log)" $'Seq\tCommand\n1\ttrue a\n2\ttrue b\n3\ttrue c'
	assert_equal "$(cut -d, -f1,10 out.csv)" $'Seq,V1\n1,a\n2,b\n3,c'
	pq -k --joblog log --results out.csv true ::: a b
	assert_equal "$(wc -l <log)" 3
	assert_equal "$(wc -l <out.csv)" 3
	rm j
	pq -k --journal j --joblog log --results out.csv true ::: a
	assert_equal "$(wc -l <log)" 2
	assert_equal "$(wc -l <out.csv)" 2
}

@test "a journal of the first version goes on" {
	run -123 pq --journal j --retries 2 'echo {} >>begun; test {} = a' ::: a b
	journal 'CREATE TABLE first (seq INTEGER PRIMARY KEY, digest INTEGER NOT NULL,
			verdict INTEGER NOT NULL, attempts INTEGER NOT NULL, exitval INTEGER NOT NULL,
			signal INTEGER NOT NULL, output INTEGER NOT NULL);
		INSERT INTO first SELECT seq, digest, verdict, attempts, exitval, signal, output
			FROM items WHERE seq = 1;
		DROP TABLE items; ALTER TABLE first RENAME TO items; PRAGMA user_version = 1'
	run -123 pq --journal j --retries 2 'echo {} >>begun; test {} = a' ::: a b
	assert_equal "$(sort begun | xargs)" 'a b b b b'
	journal 'PRAGMA user_version = 4'
	run -2 pq --journal j --retries 2 'echo {} >>begun; test {} = a' ::: a b
	assert_output 'pq: the journal j is of another version of pq; use another file'
}

@test "a job that a signal to pq ended is not done, and -o has nothing after it" {
	gate door
	seq 3 | pq --journal j --drain 0.1 -j3 -o out 'echo part of {}; echo {} >>begun
		[ {} != 2 ] || read x <door' 3>&- &
	backgrounded+=($!)
	wait_until has_lines begun 3
	wait_until steady "$!"
	kill -TERM "$!"
	wait "$!" || :
	open_gate door
	run -0 --separate-stderr pq --journal j --drain 0.1 -j3 -o out 'echo part of {}; echo {} >>begun
		[ {} != 2 ] || read x <door' ::: 1 2 3
	assert_equal "$(cat out)" $'part of 1\npart of 2\npart of 3'
}

@test "after an early end it is said that the same command line runs what is left" {
	gate door
	background pq --journal j -j1 --drain 0 'echo >>started; read x <door; : {}' ::: a b 2>err
	wait_until has_lines started 1
	kill -TERM "$!"
	wait "$!" || :
	assert_equal "$(cat err)" 'pq: SIGTERM: no new jobs; 1 running may finish within 0 s
pq: the jobs still running are ended (--drain)
pq: the same command line runs what is left (--journal j)'
}

@test "columns, -n, --pipe and several sources work" {
	run pq --journal j1 -k -n2 echo ::: a b c
	assert_output $'a b\nc'
	run pq --journal j2 -k echo {2}{1} ::: a b ::: c
	assert_output $'ca\ncb'
	run pq --journal j3 --pipe -n1 -k cat <<<$'a\nb'
	assert_output $'a\nb'
	run --separate-stderr pq --journal j3 --pipe -n1 -k cat <<<$'a\nb'
	refute_output
	run pq --journal j4 --csv -k echo {2} <<<'a,b'
	assert_output b
}

@test "what cannot work is refused with the reason" {
	refused() {
		refuses "--journal with $1" --journal j "${@:2}"
		assert_not_exists j
	}
	refused '-e and no command: no job is run that could be on record; leave it out' \
		-e upper ::: a
	refused '-u: pq does not see when the output of a job is written; use --line-buffer' \
		-u true ::: a
	refused '--shuf: the order would be another one each time; keep what shuf prints in a file' \
		--shuf true ::: a
	refused '-X: how many records fit depends on -j and the environment; use -n' -X true ::: a
	refused '--dry-run: nothing would be run, and all be on record as done; leave one out' \
		--dry-run true ::: a
	refused '-o and --line-buffer: the file is in input order; leave out --line-buffer' \
		--line-buffer -o out true ::: a
	refuses '-o /dev/null with --journal: it is no regular file, so it cannot go on where it '\
'stopped; leave out one of them' --journal other -o /dev/null true ::: a
	refused 'several --from: they are merged as they come, in another order each time; use :::: '\
'or cat' --from a --from b true
}

@test "a file that is no journal is left alone" {
	echo text >j
	run -2 pq --journal j true ::: a
	assert_output 'pq: j is no journal of pq, or is damaged; use another file'
	assert_equal "$(cat j)" text
	rm j
	journal 'CREATE TABLE t (x)'
	run -2 pq --journal j true ::: a
	assert_output 'pq: j is no journal of pq; use another file'
	run -74 pq --journal none/j true ::: a
	assert_output 'pq: cannot open the journal none/j: No such file or directory; '\
'nothing was started'
	# SQLite says of these that there is no such file, or a bad descriptor.
	ln -s loop loop
	run -74 pq --journal loop true ::: a
	assert_output 'pq: cannot open the journal loop: Too many levels of symbolic links; nothing '\
'was started'
	if ((EUID)); then
		mkdir -m 555 closed
		run -74 pq --journal closed/j true ::: a
		assert_output 'pq: cannot open the journal closed/j: Permission denied; nothing was started'
	fi
}

@test "a journal that cannot be written: 74, a message, and nothing is claimed as done" {
	unsanitized 'strace and it are slow together'
	strace -o /dev/null true 2>/dev/null || skip 'strace may not trace'
	local before
	pq --journal j echo ::: 1
	seq 300 >list
	run -74 --separate-stderr strace -o trace -f -e trace=pwrite64 \
		-e inject=pwrite64:error=ENOSPC:when=9+ "$PQ" --journal j -Q4 echo <list
	assert_regex "$stderr" '^pq: cannot write to (j: No space left on device; stopping|'\
'the journal j: No space left on device; nothing was started)$'
	before=$(journal 'SELECT count(*) FROM items')
	[ "$before" -lt 300 ]
	run pq --journal j echo <list
	assert_success
	assert_equal "${#lines[@]}" $((300 - before))
}

@test "progress counts what is left, not what was done before" {
	pq --journal j true ::: a b c
	run --separate-stderr pq --journal j --progress=json true ::: a b c d
	assert_success
	assert_regex "$stderr" '"total":1[,}]'
}

@test "an item without attempts left is refused, with the reason in the dead letter" {
	local job='echo >>begun; [ $PQ_ATTEMPT = 2 ] && read x <door; exit 1'
	gate door
	background pq --journal j --retries 2 "$job" ::: a
	wait_until has_lines begun 2
	kill -KILL "$!"
	wait_until gone "$!"
	open_gate door
	run -123 --separate-stderr pq --journal j --dead-letter dead.jsonl "$job" ::: a
	assert_equal "$stderr" "pq: item 1 'a': no attempts are left, 1 were made (--retries)"
	grep -qF '"outcome":"refused","reason":"no attempts are left, 1 were made (--retries)"' \
		dead.jsonl
}
