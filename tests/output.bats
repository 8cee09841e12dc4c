# Output: never mixed, never lost, and what pq says when it cannot be written.

load helper
load faults/faults

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# Two hundred jobs that print 20 KB to 1 MB, all lines of a job alike. The short
# and the long ones come in turns.
job='yes "job {} of two hundred, one line of forty-eight" |
	head -n $((400 + {} * {} * {} / 400))'

jobs_in_turns() {
	awk 'BEGIN { for (i = 0; i < 200; i++) print i * 77 % 200 + 1 }'
}

# What uniq -c makes of the blocks, sorted.
expected_blocks() {
	awk 'BEGIN {
		for (i = 1; i <= 200; i++)
			printf "%d job %d of two hundred, one line of forty-eight\n", \
				400 + int(i * i * i / 400), i
	}' | sort
}

blocks() {
	tr -d '\r' | uniq -c | sed 's/^ *//' | sort
}

@test "eight workers write to a pipe: two hundred blocks, each in one piece" {
	jobs_in_turns | pq -j8 "$job" | blocks >got
	run diff got <(expected_blocks)
	assert_success
}

@test "eight workers write to a file: two hundred blocks, each in one piece" {
	jobs_in_turns | pq -j8 "$job" >out
	run diff <(blocks <out) <(expected_blocks)
	assert_success
}

@test "eight workers write to a terminal: two hundred blocks, each in one piece" {
	jobs_in_turns >items
	# The terminal is not closed before all has come out of it.
	gate out
	background script -qec "pq -j8 '$job' <items; echo the end; read x <out" /dev/null \
		</dev/null >raw
	wait_until eval 'tail -n 1 raw | grep -q "the end"'
	open_gate out 1
	wait $!
	head -n -1 raw | blocks >got
	run diff got <(expected_blocks)
	assert_success
}

@test "--line-buffer: eight workers write at the same time, and no line is torn" {
	jobs_in_turns | pq -j8 --line-buffer "$job" |
		awk '{ count[$0]++ } END { for (line in count) print count[line], line }' | sort >got
	run diff got <(expected_blocks)
	assert_success
}

@test "standard error is kept in blocks, too" {
	jobs_in_turns | pq -j8 "($job) >&2" 2>&1 >/dev/null | blocks >got
	run diff got <(expected_blocks)
	assert_success
}

@test "a write that takes only a few bytes at a time loses none" {
	unsanitized 'it is preloaded'
	build_fault write
	seq 200 >items
	WRITE_MOST=7 LD_PRELOAD=$fault pq -k --joblog log 'echo out {}; echo err {} >&2' \
		<items >out 2>err
	run diff out <(seq -f 'out %.0f' 200)
	assert_success
	run diff err <(seq -f 'err %.0f' 200)
	assert_success
	assert_equal "$(wc -l <log)" 201
}

@test "a standard output that is busy every third time loses no byte" {
	unsanitized 'it is preloaded'
	build_fault write
	WRITE_AGAIN=3 WRITE_MOST=1000 LD_PRELOAD=$fault pq -k seq 1 {}000 ::: {1..50} >out
	for i in {1..50}; do seq "${i}000"; done >expected
	cmp out expected
}

@test "a non-blocking standard output with a slow reader loses no byte" {
	build_fault nonblock
	seq 100 | "$fault" pq -k -j4 'seq {}000' | dd bs=500 status=none >out
	for i in {1..100}; do seq "${i}000"; done >expected
	cmp out expected
}

# --- what cannot be written ------------------------------------------------------

# loses STREAM WHY ARGUMENT...: pq ends with 74 and says it, once.
loses() {
	local what=$1 why=$2
	shift 2
	run --separate-stderr -74 "$@"
	only_message "cannot write to $what: $why; stopping"
}

@test "a full standard output: one message, 74" {
	local how
	for how in '' -k --line-buffer --dry-run --tag; do
		loses 'standard output' 'No space left on device' \
			sh -c "seq 100 | pq -j3 $how echo >/dev/full"
	done
}

@test "with -u it is the job that cannot write, and fails" {
	run -123 sh -c 'pq -u echo ::: a >/dev/full'
}

@test "a closed standard output: one message, 74; but only when it is needed" {
	loses 'standard output' 'Bad file descriptor' sh -c 'seq 100 | pq -j3 echo >&-'
	run sh -c 'seq 100 | pq -j3 true >&-'
	assert_success
	refute_output
}

@test "a full or closed standard error: 74, though nobody can be told" {
	local lost
	for lost in '>/dev/full' '>&-'; do
		run -74 sh -c "seq 100 | pq -j3 'echo >&2' 2$lost"
		refute_output
		run -74 sh -c "seq 100 | pq -j3 -t true 2$lost"
		refute_output
		run sh -c "seq 100 | pq -k -j3 echo 2$lost"
		assert_success
		assert_equal "${#lines[@]}" 100
	done
}

@test "a message that nobody hears is no success either" {
	printf 'a\0b\n' >items
	run -74 sh -c 'pq echo <items 2>/dev/full'
	refute_output
	run -123 sh -c 'pq echo <items'
	assert_output "pq: item 1 'a\\x00b': holds a NUL byte, which no argument can; -0 is \
for items that end with one"
}

@test "a file that may not grow: one message, 74" {
	loses 'standard output' 'File too large' \
		bash -c 'ulimit -f 8; pq -j3 seq {}00000 ::: 1 2 3 >out'
	assert_equal "$(wc -c <out)" 8192
}

@test "a full job log: one message, 74" {
	loses /dev/full 'No space left on device' \
		sh -c 'seq 100 | pq -j3 --joblog /dev/full true'
	loses log 'File too large' bash -c 'ulimit -f 1; pq -j3 --joblog log true ::: {1..100}'
}

@test "a job log that cannot be opened: 74, and nothing is started" {
	local name
	for name in . missing/log; do
		run --separate-stderr -74 pq --joblog "$name" touch ::: started
		[ "$name" = . ] && why='Is a directory' || why='No such file or directory'
		only_message "cannot open the job log $name: $why; nothing was started"
		assert_file_not_exists started
	done
}

@test "a spool file that cannot be: one message, 74" {
	mkdir empty
	TMPDIR=$PWD/missing loses 'the spool file in TMPDIR' 'No such file or directory' \
		pq --queue-bytes 64K seq ::: 100000
	TMPDIR=$PWD/missing run pq seq ::: 100000
	assert_success # it was not needed
	assert_equal "${#lines[@]}" 100000
}

@test "a full file system below TMPDIR: one message, 74" {
	local namespace='unshare -rm'
	$namespace true 2>/dev/null || skip 'no namespaces'
	mkdir small
	loses 'the spool file in TMPDIR' 'No space left on device' \
		$namespace sh -c 'mount -t tmpfs -o size=64k none small &&
			TMPDIR=small pq --queue-bytes 64K seq ::: 100000'
}

# Every write there is in a short run fails in its turn, all others succeed.
each_write_fails() {
	local n=0 status
	build_fault write
	until ((n > 0)) && [ ! -e told ]; do
		rm -f told
		n=$((n + 1))
		status=0
		timeout 300 env WRITE_FAIL=$n WRITE_TOLD=told LD_PRELOAD="$fault" "$@" \
			>out 2>err || status=$?
		[ ! -e told ] || [ "$status" -eq 74 ] || fail "write $n: status $status"
		# Once more when it was the message itself that was lost.
		[ ! -e told ] || grep -q 'Input/output error; stopping' err || fail "write $n: $(cat err)"
	done
	[ "$status" -eq 0 ] || fail "without a fault: status $status"
	writes=$((n - 1))
}

@test "an I/O error at any write of a run to output, error output or log is told, with 74" {
	unsanitized 'it is preloaded'
	each_write_fails pq -k -j3 -Q3 --joblog log 'echo {}; echo {} >&2' ::: {1..8}
	[ "$writes" -ge 24 ]
}

@test "an I/O error at any write to the spool is told, with 74" {
	unsanitized 'it is preloaded'
	each_write_fails pq -j2 --queue-bytes 64K 'seq 30000; : {}' ::: a b c
	[ "$writes" -ge 10 ]
}

@test "an I/O error at the nth line is told, with 74, and only what was written is logged" {
	command -v strace >/dev/null || skip 'no strace'
	strace -o /dev/null true 2>/dev/null || skip 'strace may not trace'
	unsanitized 'it traces itself'
	local n
	for n in {1..5}; do
		run --separate-stderr -74 sh -c "strace -f -qq -o trace -e trace=write \
			-P '$PWD/out' -e inject=write:error=EIO:when=$n \
			pq -k -Q1 --joblog log echo ::: 1 2 3 4 5 >out"
		only_message 'cannot write to standard output: Input/output error; stopping'
		run cat out
		assert_output "$(seq $((n - 1)))"
		run sh -c 'sed 1d log | cut -f 1'
		assert_output "$(seq $((n - 1)))"
	done
}

@test "with SIGPIPE ignored, a reader that goes away is an error like any other" {
	mkfifo out
	(trap '' PIPE; exec pq -k -j2 echo \
		< <(seq 100000) >out 2>err) 3>&- &
	head -n 10 <out >/dev/null
	status=0
	wait $! || status=$?
	assert_equal "$status" 74
	assert_equal "$(cat err)" 'pq: cannot write to standard output: Broken pipe; stopping'
}

@test "standard output that is the input: refused with 2, and the file is unharmed" {
	local sink input
	seq 3 >list
	cp list copy
	for sink in '>>list' '1<>list'; do
		run --separate-stderr -2 sh -c "pq echo <list $sink"
		only_message 'standard input is both the input and the output: write to another file'
		for input in '-a list echo' 'echo :::: list' '--from list echo' \
			'echo ::: a :::: list' 'echo ::: a ::::+ list'; do
			run --separate-stderr -2 sh -c "pq $input $sink"
			only_message 'list is both the input and the output: write to another file'
		done
		cmp list copy
	done
}

# --- how it is shown -------------------------------------------------------------

# A job that prints a line before and a line after it waited at the gate named
# by its item.
gated='echo {} first; read x <"$BATS_TEST_TMPDIR/{}"; echo {} last'

@test "by default a block comes when its job has ended, whole" {
	gate a
	gate b
	background pq -j2 "$gated" ::: a b >out
	open_gate b 1
	wait_until has_lines out 2
	assert_equal "$(cat out)" $'b first\nb last'
	open_gate a 1
	wait $!
	assert_equal "$(cat out)" $'b first\nb last\na first\na last'
}

@test "-k: blocks come in the order of the input, and that of the first job as it comes" {
	gate a
	gate b
	background pq -k -j2 "$gated" ::: a b >out
	wait_until has_lines out 1
	open_gate b 1
	wait_until steady $!
	assert_equal "$(cat out)" 'a first'
	open_gate a 1
	wait $!
	assert_equal "$(cat out)" $'a first\na last\nb first\nb last'
}

@test "-k: so does the standard error of the first job" {
	gate a
	gate b
	background pq -k -j2 "($gated) >&2" ::: a b 2>err
	wait_until has_lines err 1
	open_gate b 1
	wait_until steady $!
	assert_equal "$(cat err)" 'a first'
	open_gate a 1
	wait $!
	assert_equal "$(cat err)" $'a first\na last\nb first\nb last'
}

@test "-k: when the first job has ended, the next one streams" {
	gate a
	gate b
	background pq -k -j2 "$gated" ::: a b >out
	open_gate a 1
	wait_until has_lines out 3
	assert_equal "$(cat out)" $'a first\na last\nb first'
	open_gate b 1
	wait $!
	assert_equal "$(tail -n 1 out)" 'b last'
}

@test "-k with --retries: a failed attempt is not shown, so only the last one streams" {
	run pq -k -j2 --retries 3 'echo {} $PQ_ATTEMPT; test $PQ_ATTEMPT = 3' ::: a b
	assert_success
	assert_output $'a 3\nb 3'
}

@test "--line-buffer: lines come as they are finished, never half of one" {
	gate a
	gate b
	background pq -j2 --line-buffer \
		'printf "{} begins"; read x <"$BATS_TEST_TMPDIR/{}"; echo " and ends"' ::: a b >out
	open_gate b 1
	wait_until has_lines out 1
	assert_equal "$(cat out)" 'b begins and ends'
	open_gate a 1
	wait $!
	assert_equal "$(cat out)" $'b begins and ends\na begins and ends'
}

@test "--line-buffer: a line too long for any buffer is still in one piece" {
	pq -j4 --line-buffer 'head -c 300000 /dev/zero | tr "\0" {}; echo' ::: a b c d >out
	assert_equal "$(awk '{ print length($0), length($0) == gsub(substr($0, 1, 1), "") }' out |
		sort -u)" '300000 1'
	assert_equal "$(wc -l <out)" 4
}

@test "--line-buffer -k: as they come from the first job, in order all the same" {
	gate a
	gate b
	background pq -k -j2 --line-buffer "$gated" ::: a b >out
	wait_until has_lines out 1
	open_gate b 1
	wait_until steady $!
	assert_equal "$(cat out)" 'a first'
	open_gate a 1
	wait $!
	assert_equal "$(cat out)" $'a first\na last\nb first\nb last'
}

@test "-u: jobs hold the descriptors of pq themselves" {
	pq -u '(readlink /proc/$$/fd/1 /proc/$$/fd/2) >{}' ::: seen >out 2>err
	assert_equal "$(cat seen)" "$PWD/out
$PWD/err"
	pq --joblog log -u echo ::: a >out
	assert_equal "$(sed 1d log | cut -f 6)" 0
}

@test "-u: output comes at once" {
	gate a
	background pq -u "$gated" ::: a >out
	wait_until has_lines out 1
	open_gate a 1
	wait $!
	assert_equal "$(cat out)" $'a first\na last'
}

@test "--tag: each line begins with the item and a tab" {
	run pq -k --tag seq ::: 1 2
	assert_output $'1\t1\n2\t1\n2\t2'
	run pq -k --tag echo {2} ::: a b ::: c
	assert_output $'a c\tc\nb c\tc'
	run --separate-stderr pq -k --tag 'echo {} >&2' ::: a b
	assert_equal "$stderr" $'a\ta\nb\tb'
}

@test "--tag: what ends without a newline does so with it, too" {
	pq -k --tag printf ::: a 'b\nc' 'd\n\n' '' >out
	printf 'a\tab\\nc\tb\nb\\nc\tcd\\n\\n\td\nd\\n\\n\t\n' >expected
	cmp out expected
}

@test "--tagstring: replacement strings in it are filled in" {
	run pq -k --tagstring '{#} {/.} of {//}' echo ::: dir/a.c dir/b.c
	assert_output $'1 a of dir\tdir/a.c\n2 b of dir\tdir/b.c'
}

@test "tags hold in all ways of showing output, with lines of any length" {
	local how long
	long=$(head -c 200000 /dev/zero | tr '\0' x)
	for how in '' -k --line-buffer '--line-buffer -k'; do
		pq $how -j4 --tagstring 'job {}' 'head -c 200000 /dev/zero | tr "\0" x; seq 3; : {}' \
			::: 1 2 3 4 | sort >out
		for i in 1 2 3 4; do
			printf 'job %s\t%s\n' $i "${long}1" $i 2 $i 3
		done | sort >expected
		cmp out expected
	done
}

@test "-t shows commands on standard error between the blocks, --dry-run on standard output" {
	run --separate-stderr pq -j1 -t -Q1 'echo {}; echo err >&2' ::: a 'b c'
	assert_output $'a\nb c'
	assert_equal "$stderr" "echo a; echo err >&2
err
echo 'b c'; echo err >&2
err"
	run --separate-stderr pq -k --dry-run touch ::: a 'b c'
	assert_success
	assert_output "touch a
touch 'b c'"
	assert_file_not_exists a
}

@test "--dry-run prints at once, whatever slows jobs down" {
	run -0 timeout 300 pq -k --dry-run --delay 1h --rate 1/h --load 1 --memfree 1000G \
		--retries 3 --backoff 1h echo ::: a b c
	assert_output $'echo a\necho b\necho c'
}

@test "--dry-run leaves the files alone that a run would write" {
	local file
	for file in log out dead table.csv; do
		echo old >"$file"
	done
	run -123 --separate-stderr pq -k --dry-run --joblog log -o out --dead-letter dead \
		--results table.csv --validate a echo ::: a b
	assert_output 'echo a'
	for file in log out dead table.csv; do
		assert_equal "$(cat "$file")" old
	done
	run -0 pq --dry-run --joblog new1 --dead-letter new2 --results new3 -o new4 echo ::: a
	assert_output 'echo a'
	run ! compgen -G 'new*'
	refute_output
}

@test "the output of jobs that pq itself ended is shown, and they are named" {
	local how
	gate never
	for how in --group -k --line-buffer; do
		rm -f begun
		run --separate-stderr -1 pq -j2 $how --halt now,fail=1 \
			'echo {}; [ {} = b ] || { echo >begun; read x <"$BATS_TEST_TMPDIR/never"; }
			until [ -e begun ]; do :; done; exit 1' ::: a b
		assert_equal "$(sort <<<"$output")" $'a\nb'
		assert_equal "${stderr%%$'\n'*}" "pq: item 1 'a': was ended: pq is stopping"
	done
}

# --- the job log -----------------------------------------------------------------

@test "--joblog has a line for each job, with the columns of GNU parallel" {
	local job='printf 12345; case $1 in fail) exit 3 ;; kill) kill -9 $$ ;; esac'
	run -123 pq -j1 --joblog log sh -c "$job" sh ::: ok fail kill
	run -123 pq --joblog +log --timeout 0.1 --term-seq TERM,60000,KILL sleep ::: 60 # it is ended
	assert_equal "$(head -n 1 log)" \
		$'Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand'
	run awk -F '\t' 'NR > 1 { print NF, $1, $5, $6, $7, $8 }' log
	assert_output "9 1 0 5 0 0
9 2 0 5 3 0
9 3 0 5 0 9
9 1 0 0 -1 15"
	run awk -F '\t' 'NR > 1 && $2 !~ /^:;slot=1;attempts=1;waited=[0-9]+\.[0-9][0-9][0-9]$/' log
	refute_output
	run awk -F '\t' -v now="$(date +%s)" 'NR > 1 && ($3 !~ /^[0-9]+\.[0-9][0-9][0-9]$/ ||
		$3 < now - 60 || $3 > now + 1 || $4 !~ /^ *[0-9]+\.[0-9][0-9][0-9]$/)' log
	refute_output
	run awk -F '\t' 'NR == 5 && ($4 < 0.1 || $4 > 59)' log
	refute_output
}

@test "--joblog: beside the host stands which worker had the job, and how often" {
	run -123 pq -k -j1 --retries 3 --max-item 3 --joblog log \
		'case $PQ_ATTEMPT{} in 2a) ;; *) exit 1 ;; esac' ::: a b long
	run sed -E '1d; s/^([0-9]+\t[^\t]*)waited=[0-9.]+\t.*/\1/; s/^(3\t[^\t]*)\t.*/\1/' log
	assert_output $'1\t:;slot=1;attempts=2;\n2\t:;slot=1;attempts=3;\n3\t:'
}

@test "--joblog: the command can be pasted, and one line is one job whatever it holds" {
	printf 'a b\0c\nd\0\te\0$(f)\0\033[31m\0\177' >items
	pq -0 -k --joblog log printf '%s|' <items >out
	assert_equal "$(wc -l <log)" 7
	run awk -F '\t' 'NF != 9' log
	refute_output
	run grep -c '[[:cntrl:]]' <(cut -f 9 log)
	assert_output 0
	run cut -f 9 log
	assert_line --index 1 "printf '%s|' 'a b'"
	assert_line --index 4 "printf '%s|' '\$(f)'"
}

@test "--joblog: a line is written when the output of the job has been" {
	mkfifo out
	exec {reader}<>out # takes what a pipe holds, and no more
	background pq -j2 --joblog log 'seq 100000; touch {}' ::: ended >out
	wait_until test -e ended
	wait_until steady $!
	run grep -c ended log
	assert_output 0
	head -n 100000 <&"$reader" >/dev/null
	wait $!
	run grep -c ended log
	assert_output 1
}

@test "--joblog with --pipe: jobs that print nothing have a whole row each" {
	# Several workers end at a time, and none leaves it to the collector.
	seq 3000 | pq --pipe -n 1 -j8 --joblog log true
	run awk -F '\t' 'NF != 9' log
	refute_output
	assert_equal "$(sed 1d log | cut -f 1 | sort -nu | wc -l)" 3000
}

@test "--joblog +FILE appends, and cuts off a line that a crash has torn" {
	pq -j1 --joblog log true ::: a b
	cp log whole
	printf '3\t:\t17' >>log
	pq -j1 --joblog +log true ::: c
	assert_equal "$(wc -l <log)" 4
	cmp <(head -n 3 log) whole
	assert_equal "$(tail -n 1 log | cut -f 9)" 'true c'
	pq --joblog log true ::: d
	assert_equal "$(wc -l <log)" 2
}

@test "--joblog +FILE: a torn header, and a torn line longer than any buffer" {
	printf 'Seq\tHo' >log
	pq --joblog +log true ::: a
	assert_equal "$(head -n 1 log | cut -f 9)" Command
	assert_equal "$(wc -l <log)" 2
	cp log whole
	head -c 100000 /dev/zero | tr '\0' x >>log
	pq --joblog +log true ::: b
	assert_equal "$(wc -l <log)" 3
	cmp <(head -n 2 log) whole
}

@test "--joblog +FILE: a file that is no job log is left alone" {
	printf 'some\nnotes' >notes
	cp notes before
	for option in --joblog=+notes '--resume --joblog=notes'; do
		[ "$option" = --joblog=+notes ] && why='it begins like something else' ||
			why='line 1 has no number and command'
		refuses "notes is no job log: $why; use another file" $option true ::: a
		cmp notes before
	done
	printf 'notes' >notes
	run -2 pq --resume --joblog notes true ::: a
	assert_output 'pq: notes is no job log: it begins like something else; use another file'
	assert_equal "$(cat notes)" notes
	pq -j1 --joblog log true ::: a b
	sed -i 1d log
	pq --joblog +log true ::: c
	assert_equal "$(wc -l <log)" 3
}

# --- at once ---------------------------------------------------------------------

# milliseconds FILE: from the time in nanoseconds in FILE until now.
milliseconds_since() {
	echo $((($(date +%s%N) - $(cat "$1")) / 1000000))
}

@test "-k: the end is noticed at once, after retries and what had to wait for its turn too" {
	unsanitized 'it looks at the clock'
	gate a
	once_in 5 end_is_noticed_at_once
}

end_is_noticed_at_once() {
	background pq -k -j2 --retries 2 '[ {} = b ] && exit
		[ $PQ_ATTEMPT = 1 ] && read x <"$BATS_TEST_TMPDIR/a" && exit 1
		date +%s%N >end' ::: a b
	wait_until steady $! && open_gate a 1 && wait $! && [ "$(milliseconds_since end)" -lt 900 ]
}

@test "-k -Q: what had to wait for its turn makes room at once when it was written" {
	unsanitized 'it looks at the clock'
	gate 1
	once_in 5 room_is_made_at_once
}

room_is_made_at_once() {
	rm -f ended
	background pq -k -j2 -Q8 '
		[ {} = 1 ] && read x <"$BATS_TEST_TMPDIR/1" && date +%s%N >open
		[ {} = 17 ] && date +%s%N >end
		echo {} >>ended' ::: {1..17}
	wait_until has_lines ended 7 && wait_until steady $! && open_gate 1 1 && wait $! &&
		[ "$(($(cat end) - $(cat open)))" -lt 900000000 ]
}
