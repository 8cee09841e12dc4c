# Admission: what comes into the queue, what is dropped, and how that is told.

load helper
load faults/faults

setup() {
	cd "$BATS_TEST_TMPDIR"
	gate door
}

# --- --unique -----------------------------------------------------------

@test "--unique: an item that was seen before is dropped, counted and told, and the status is 0" {
	run --separate-stderr pq -k --unique 'echo {#} {}' < <(printf '%s\n' a b a '' c b '' a)
	assert_success
	assert_output $'1 a\n2 b\n3 \n4 c'
	assert_equal "$stderr" 'pq: 4 items dropped: seen before (--unique)'
}

@test "--unique: when nothing was dropped nothing is told" {
	run pq -k --unique echo ::: a b
	assert_output $'a\nb'
}

@test "--unique=T: items are the same when the template is" {
	run --separate-stderr pq -k --unique={/} echo ::: a/x b/x a/y b/y
	assert_output $'a/x\na/y'
	run --separate-stderr pq -k -C, --unique={2} echo ::: a,1 b,2 c,1
	assert_output $'a 1\nb 2'
	run --separate-stderr pq -k --regex '(?<k>.)(.)' --unique={k} echo {2} ::: a1 b2 a3
	assert_output $'1\n2'
	printf "n\tv\n1\t2\n1\t3\n2\t3\n" >in
	run --separate-stderr pq -k --header : --unique={n} echo {v} <in
	assert_output $'2\n3'
	run --separate-stderr pq -k --unique={1} echo ::: a b ::: 1 2
	assert_output $'a 1\nb 1'
}

@test "--unique: items are the same only when all their values are" {
	run --separate-stderr pq -k --unique echo ::: 'a b' a a ::: c 'b c'
	assert_output $'a b c\na b b c\na c\na b c'
	printf 'a\0b,a\0b\0,a,a\0b' >in
	run --separate-stderr pq -k -d, --unique --content cat <in
	local nul='holds a NUL byte, which no file name can'
	assert_equal "$(sort <<<"$stderr")" "pq: 1 item dropped: seen before (--unique)
pq: item 1 'a\\x00b': $nul
pq: item 2 'a\\x00b\\x00': $nul
pq: item 3 'a': cannot be read: No such file or directory"
}

@test "--unique: it sees what -e has made of the item" {
	run --separate-stderr pq -k -e lower --unique echo ::: a A b
	assert_output $'a\nb'
	assert_equal "$stderr" 'pq: 1 item dropped: seen before (--unique)'
}

@test "--unique: with -n and -X records are compared, not jobs" {
	run --separate-stderr pq -k -n2 --unique echo ::: a b a c b d
	assert_output $'a b\nc d'
	run --separate-stderr pq -j1 -X --unique echo ::: a b a c b d
	assert_output 'a b c d'
}

@test "--unique: what is refused is neither compared nor dropped" {
	run --separate-stderr pq -k --max-item 2 --unique echo < <(printf '%s\n' abc abc ab ab)
	assert_failure 123
	assert_output ab
	only_message "item 1 'abc': is longer than --max-item allows" \
		"item 2 'abc': is longer than --max-item allows" \
		'1 item dropped: seen before (--unique)'
}

@test "--unique: a hundred thousand items, each three times, in any order" {
	seq 100000 >in
	cat in in in | shuf | pq -X --unique printf '%s\n' >out 2>told
	sort -n out | cmp - in
	assert_equal "$(cat told)" 'pq: 200000 items dropped: seen before (--unique)'
}

@test "--unique: what cannot be is refused" {
	refuses "--unique=x: nothing of the item is in this key, so all items would have the same; \
try --unique, or --unique={1}" --unique=x echo
	refuses "--unique: '' is no key; try --unique, or --unique={1}" --unique= echo
	refuses "--unique with -e and no command: nobody compares the records of a transform; \
awk '!seen[\$0]++' before pq does; leave it out" --unique -e s/a/b/
	refuses "--pipe with --unique: records are not looked at one by one; \
try awk '!seen[\$0]++' before pq" --unique --pipe cat
}

# --- --overflow ---------------------------------------------------------

# overflowing OPTION...: pq beside the test, reading what is written to $feed. Each job
# says so in `started` and waits at the door; what they print goes to `out`.
overflowing() {
	mkfifo in
	pq "$@" 'echo {} >>started; read x <door; echo {#} {}' <in >out 2>told 3>&- &
	backgrounded=($!)
	exec {feed}>in
}

# fed N...: what went before has been done about, these lines were read, and pq has done
# about them what it could.
fed() {
	wait_until steady "${backgrounded[0]}"
	printf '%s\n' "$@" >&"$feed"
	wait_until steady "${backgrounded[0]}"
}

# ended STATUS: no more input, all jobs are let go; this is its exit status.
ended() {
	local status=0
	exec {feed}>&-
	open_gate door
	wait "${backgrounded[0]}" || status=$?
	assert_equal "$status" "$1"
}

@test "--overflow drop-new: what comes while the queue is full is dropped, and told at the end" {
	overflowing -k -j1 -Q3 --overflow drop-new
	fed 1
	wait_until has_lines started 1
	fed 2 3 4 5
	open_gate door 1
	wait_until has_lines started 2
	fed 6 7
	ended 0
	assert_equal "$(cat out)" $'1 1\n2 2\n3 3\n4 6'
	assert_equal "$(cat told)" 'pq: 3 items dropped: the queue was full (--overflow drop-new)'
}

@test "--overflow drop-old: the oldest that waits makes room for the new one, and -k has no hole" {
	overflowing -k -j1 -Q3 --overflow drop-old
	fed 1
	wait_until has_lines started 1
	fed 2 3 4 5
	open_gate door 1
	wait_until has_lines started 2
	fed 6 7
	ended 0
	assert_equal "$(cat out)" $'1 1\n4 4\n6 6\n7 7'
	assert_equal "$(cat told)" 'pq: 3 items dropped: the queue was full (--overflow drop-old)'
}

@test "--overflow drop-old: when none waits the new one is dropped" {
	overflowing -k -j2 -Q2 --overflow drop-old
	fed 1 2
	wait_until has_lines started 2
	fed 3
	ended 0
	assert_equal "$(cat out)" $'1 1\n2 2'
	assert_equal "$(cat told)" 'pq: 1 item dropped: the queue was full (--overflow drop-old)'
}

@test "--overflow: what --validate refuses has failed, and is not dropped" {
	local how
	for how in drop-new drop-old fail; do
		rm -f in started log dead door
		gate door
		overflowing -k -j1 -Q1 --validate '[0-9]' --joblog log --dead-letter dead --overflow "$how"
		fed 1
		wait_until has_lines started 1
		fed x
		wait_until has_lines dead 1
		ended 123
		assert_equal "$(cat out)" '1 1'
		assert_equal "$(cat told)" "pq: item 2 'x': does not match --validate"
		assert_equal "$(cut -f 1 log | xargs)" 'Seq 2 1'
	done
}

@test "--overflow reject: what has no room has failed, is told and logged at once" {
	overflowing -k -j1 -Q2 --joblog log --overflow reject
	fed 1
	wait_until has_lines started 1
	fed 2 3 4
	# The first one still runs, and is the first in the order.
	wait_until has_lines log 3
	open_gate door 1
	wait_until has_lines started 2
	fed 5
	ended 123
	assert_equal "$(cat out)" $'1 1\n2 2\n5 5'
	assert_equal "$(cut -f 1 log | xargs)" 'Seq 3 4 1 2 5'
	assert_equal "$(cat told)" "pq: item 3 '3': the queue is full (--overflow reject)
pq: item 4 '4': the queue is full (--overflow reject)"
}

@test "--overflow fail: the run ends with 125, and what runs may finish" {
	overflowing -k -j1 -Q2 --overflow fail
	fed 1 2
	wait_until has_lines started 1
	fed 3 4
	ended 125
	assert_equal "$(cat out)" '1 1'
	assert_equal "$(cat told)" "pq: the queue is full, there is no room for item 3 '3': \
no new jobs (--overflow fail); -Q makes it larger"
}

@test "--overflow block: nothing is dropped, that is what happens without it" {
	seq 300 | pq -k -j2 -Q2 --overflow block echo >out
	seq 300 | cmp - out
}

@test "--overflow: while the queue is full the input is read on, however much it is" {
	local how
	for how in drop-new drop-old reject; do
		rm -f in started
		overflowing -j2 -Q5 --overflow "$how"
		fed 1 2
		wait_until has_lines started 2
		timeout 300 seq 3 50000 >&"$feed" || fail "$how: the writer had to wait"
		kill -KILL "${backgrounded[0]}"
		backgrounded=()
		exec {feed}>&-
	done
}

@test "--overflow: bytes that are too many count, too" {
	overflowing -k -j1 --queue-bytes 4000 --overflow drop-new
	fed 1
	wait_until has_lines started 1
	fed "$(printf '%3900s' x)" 2
	ended 0
	assert_equal "$(cat out)" $'1 1\n2 2'
	assert_equal "$(cat told)" 'pq: 1 item dropped: the queue was full (--overflow drop-new)'
}

@test "--overflow: every item is done, dropped or rejected, whatever comes and goes" {
	local how many
	for how in drop-new drop-old reject; do
		for many in '-j1 -Q1' '-j4 -Q4 -k' '-j4 -k' '-j8 -Q20 -k --retries 2'; do
			seq 3000 | pq $many --joblog log --overflow "$how" 'echo {}' >out 2>told || true
			dropped=$(sed -n 's/^pq: \([0-9]*\) items* dropped.*/\1/p' told)
			rejected=$(awk '$7 == 126' log | wc -l)
			assert_equal $(($(wc -l <out) + ${dropped:-0} + rejected)) 3000
			[[ $many != *-k* ]] || sort -n out | cmp - out
		done
	done
}

@test "--overflow: what cannot be is refused" {
	refuses "--overflow: 'wait' is nothing that a full queue can do; it can block, drop-new, \
drop-old, reject or fail" --overflow wait true
	refuses "--overflow with -e and no command: what is left would be no transform of the \
input; -e waits for its output to be read; leave it out" --overflow drop-old -e s/a/b/
}

# --- --high-water -------------------------------------------------------

@test "--high-water: told once when more wait, and again after it has fallen" {
	overflowing -k -j1 -Q9 --high-water 2
	fed 1
	wait_until has_lines started 1
	fed 2 3
	assert_equal "$(cat told)" ''
	fed 4 5
	assert_equal "$(cat told)" 'pq: 3 items wait in the queue, more than 2 (--high-water)'
	open_gate door 2
	wait_until has_lines started 3
	fed 6
	wait_until has_lines told 2
	ended 0
	assert_equal "$(sort -u told)" 'pq: 3 items wait in the queue, more than 2 (--high-water)'
	assert_equal "$(wc -l <out)" 6
}

@test "--high-water: a share is one of what -Q lets in; what can never be is refused" {
	overflowing -j1 -Q20 --high-water 50%
	fed 1
	wait_until has_lines started 1
	fed {2..11}
	assert_equal "$(cat told)" ''
	fed {12..20}
	assert_equal "$(cat told)" 'pq: 11 items wait in the queue, more than 10 (--high-water)'
	ended 0
	refuses "--high-water 20: the queue holds 20, so no more than that can wait; \
try 80%, or a larger -Q" -Q20 --high-water 20 true
	refuses "--high-water: '100%' is no number of items, and no share of them below 100%; \
try 50 or 80%" --high-water 100% true
	refuses "--high-water with -e and no command: records travel in runs, and are not counted \
as they wait; leave it out" --high-water 5 -e s/a/b/
}

# --- -j MIN..MAX --------------------------------------------------------

# workers_are N: so many worker threads has pq now. For wait_until.
workers_are() {
	[ "$(cat "/proc/${backgrounded[0]}/task"/*/comm 2>/dev/null | grep -c pq-worker)" -eq "$1" ]
}

@test "-j MIN..MAX: it grows to MAX while work waits, and shrinks to MIN when there is none" {
	overflowing -j1..3
	fed_without_waiting() { printf '%s\n' "$@" >&"$feed"; }
	fed_without_waiting 1 2 3 4 5 6
	wait_until has_lines started 3
	wait_until unchanged cat started
	assert_equal "$(wc -l <started)" 3
	open_gate door 6
	wait_until has_lines out 6
	wait_until workers_are 1
	# And it still takes what comes, and grows again.
	fed_without_waiting 7 8 9
	wait_until has_lines started 9
	ended 0
	assert_equal "$(sort -n out | cut -d' ' -f2 | xargs)" '1 2 3 4 5 6 7 8 9'
}

@test "-j MIN..MAX: SIGUSR1 and SIGUSR2 shift both ends" {
	overflowing -j1..2
	printf '%s\n' 1 2 3 4 5 >&"$feed"
	wait_until has_lines started 2
	kill -USR1 "${backgrounded[0]}"
	wait_until has_lines started 3
	kill -USR2 "${backgrounded[0]}"
	open_gate door 5
	wait_until has_lines out 5
	wait_until workers_are 1 # it would be two
	ended 0
}

# --- --nice -------------------------------------------------------------

@test "--nice: jobs run at that niceness, pq at its own" {
	# Who is nicer than that already cannot take it back, unless it is root.
	[ "$(nice)" -le 7 ] || [ "$(id -u)" -eq 0 ] || skip 'it is too nice already'
	run pq --nice 7 'nice; ps -o ni= -p $PPID; : {}' ::: a
	assert_success
	assert_equal "$(xargs <<<"$output")" "7 $(nice)"
	run nice -n 3 pq --nice 12 'nice; : {}' ::: a
	assert_output 12
}

@test "--nice: what cannot be is refused" {
	refuses "--nice: '20' is no niceness; try 10 (-20 is the least nice, 19 the most)" \
		--nice 20 true
	refuses '--nice with -e and no command: no job is run; nice before pq does this; '\
'leave it out' --nice 5 -e s/a/b/
}
