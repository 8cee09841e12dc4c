# Memory: bounded, whatever the input, the jobs and the reader of the output do;
# and what happens when there is none.

load helper
load faults/faults

setup() {
	cd "$BATS_TEST_TMPDIR"
	[ -r /proc/self/status ] || skip 'no /proc'
}

# within_bound PID JOBS MIB: has pq kept what the manual promises for so many jobs
# and so many MiB in the queue? A sanitizer keeps a lot more.
within_bound() {
	[ -z "$SANITIZER" ] || return 0
	local most=$(((16 + $2 + $3) * 1024)) peak
	peak=$(memory VmHWM "$1")
	[ "$peak" -le "$most" ] || fail "$peak KiB instead of $most"
}

# spools_at_least MIB PID: for wait_until.
spools_at_least() {
	[ "$(spooled "$2")" -ge "$1" ]
}

# spooled PID: MiB that its spool file takes.
spooled() {
	local fd dir
	dir=$(realpath "${TMPDIR:-/tmp}")
	for fd in "/proc/$1/fd"/*; do
		case $(readlink "$fd") in
		"$dir"/*deleted*) echo $(($(stat -Lc '%b * %B / 1048576' "$fd"))) ;;
		esac
	done
}

@test "jobs that print for ever: memory and spool are bounded, and head ends them" {
	mkfifo out
	gate leave
	background sh -c 'exec <out; head -c 150000000 >/dev/null; touch seen; read x <leave'
	background pq -k -j4 --queue-bytes 4M 'yes {}' ::: a b c d >out
	# However much the first one prints, the others wait with what they have.
	wait_until test -e seen
	within_bound $! 4 4
	[ "$(spooled $!)" -le $((16 * 4 + 4)) ]
	open_gate leave 1
	status=0
	wait $! || status=$?
	assert_equal "$status" 141
}

@test "a job that prints a great deal goes through the spool, not through memory" {
	mkfifo out
	exec {reader}<>out
	background pq --queue-bytes 8M 'yes {} | head -c 100000000' ::: a >out
	head -c 1 <&"$reader" >/dev/null # it has ended
	within_bound $! 1 8
	head -c 99999999 <&"$reader" >/dev/null
	wait $!
}

@test "what transforms make of little is bounded, too, and comes whole" {
	# So much is left at the end that no pipe holds it, and pq is still there.
	local step size=$((1000000 * 201)) rest=$((4 << 20))
	step="s/y/$(printf '%0.200d' 0)/"
	yes | head -n 1000000 >in
	mkfifo out
	exec {reader}<>out
	background pq -k -j4 --queue-bytes 16M -e "$step" <in >out
	wait_until unchanged spooled $!
	within_bound $! 4 16
	head -c $((size - rest)) <&"$reader" | cksum >sum
	within_bound $! 4 16
	head -c $((rest - 1)) <&"$reader" | cksum >>sum
	head -c 1 <&"$reader" >/dev/null
	wait $!
	assert_equal "$(<sum)" "$(sed "$step" in | {
		head -c $((size - rest)) | cksum
		head -c $((rest - 1)) | cksum
	})"
}

@test "-k: a slow first job and 10,000 fast ones: few descriptors, bounded memory, exact order" {
	local count=10000 jobs=8 mark descriptors=$((3 * 8 + 16))
	[ -z "$SANITIZER" ] || count=1000 descriptors=1000
	gate first
	# Every item is its own command; one in a thousand leaves a mark.
	seq "$count" | awk '
		$0 == 1 { print "read x <$BATS_TEST_TMPDIR/first; echo 1"; next }
		$0 % 1000 == 0 { print "touch $BATS_TEST_TMPDIR/at" $0 "; echo " $0; next }
		{ print "echo", $0 }' >items
	background descriptors_at_most $descriptors pq -k -j$jobs --queue-bytes 4M \
		<items >out 2>err
	for ((mark = 1000; mark <= count; mark += 1000)); do
		wait_until test -e "at$mark"
	done
	wait_until steady $!
	assert_equal "$(wc -c <out)" 0
	within_bound $! $jobs 4
	open_gate first 1
	wait $!
	cmp out <(seq "$count")
	assert_equal "$(cat err)" ''
}

# births_stop OPTION...: behind a slow first job, when the spool is full of what others
# have printed.
births_stop() {
	gate 1
	background pq -k -j8 --queue-bytes 1M "$@" \
		'[ {} = 1 ] && read x <"$BATS_TEST_TMPDIR/1"; echo >>born; yes {} | head -n 50000' \
		::: {1..250} >out
	wait_until has_lines born 60
	wait_until spools_at_least 15 $!
	wait_until steady $!
	[ "$(wc -l <born)" -lt 225 ]
	[ "$(spooled $!)" -le $((16 + 14)) ] # 64 had been born by then, of 200 kB each
	within_bound $! 8 1
	open_gate 1 1
	wait $!
	cmp out <(for i in {1..250}; do yes "$i" | head -n 50000; done)
}

@test "-k: a slow first job and large output: births stop when the spool is full" {
	births_stop
}

@test "-k --retries: the same, though only the last attempt of the first job may stream" {
	births_stop --retries 2
}

@test "--queue-bytes: no more items are read than have room, whatever -Q says" {
	gate all
	# Each is 20 kB; the bound leaves room for nine.
	for i in {1..40}; do printf '%019999d\n' "$i"; done >items
	background pq -j20 -Q 1000 --queue-bytes 200000 \
		'echo >>started; read x <"$BATS_TEST_TMPDIR/all"; echo >>ended; : {}' <items
	wait_until has_lines started 9
	wait_until steady $!
	assert_equal "$(wc -l <started)" 9
	open_gate all
	wait $!
	assert_equal "$(wc -l <ended)" 40
}

@test "--queue-bytes: an item that is larger than the bound travels alone" {
	printf '%0100000d\n' 1 2 3 >items
	run pq -k -j3 --queue-bytes 10k 'n={}; echo ${#n}; echo >>running
		[ $(wc -l <running) -eq 1 ]; rm running' <items
	assert_success
	assert_output $'100000\n100000\n100000'
}

@test "-Q: exactly so many items are alive, in order or not" {
	local order n
	for order in '' -k; do
		rm -f log
		pq $order -j8 -Q3 'echo start {} >>log; [ $(({} % 3)) = 1 ] && seq 20000 >/dev/null
			echo end {} >>log; echo {}' ::: {1..100} >out
		# With -k a result that waits for its turn is alive, too.
		run awk -v ordered="$order" '
			$1 == "start" && ++alive > 3 { print "too many:", $0 }
			$1 == "start" && ordered && $2 > 3 && !ended[$2 - 3] { print "too early:", $0 }
			$1 == "end" { alive--; ended[$2] = 1 }' log
		refute_output
		assert_equal "$(wc -l <out)" 100
	done
}

@test "-Q: a worker may be free and an item at hand: at the bound nothing starts" {
	gate 1
	background pq -k -j4 -Q4 '[ {} = 1 ] && read x <"$BATS_TEST_TMPDIR/1"
		echo {} >>ended' ::: {1..50}
	wait_until has_lines ended 3
	kill -USR1 $! # so that pq looks around
	wait_until steady $!
	assert_equal "$(wc -l <ended)" 3
	open_gate 1 1
	wait $!
	assert_equal "$(wc -l <ended)" 50
}

@test "an input without end: memory does not grow" {
	unsanitized 'it measures memory'
	local how seen
	for how in '' -k; do
		rm -f out
		background pq $how -j2 echo {#} < <(exec yes) >out
		seen=200
		wait_until has_lines out $seen
		once_in 4 a_while_without_growth $!
		kill -TERM $!
		wait $! || :
	done
}

# It may still find out how much it needs; what grows with the items grows each time.
a_while_without_growth() {
	local early
	early=$(anonymous "$1")
	wait_until has_lines out $((seen += 1300)) && [ "$(anonymous "$1")" -le $((early + 128)) ]
}

# anonymous PID: KiB of memory, exactly: what status tells lags behind by some pages for
# each processor there is.
anonymous() {
	awk '$1 == "Anonymous:" { print $2 }' "/proc/$1/smaps_rollup"
}

@test "two million items of one byte: memory does not grow" {
	local count=2000000
	[ -z "$SANITIZER" ] || count=100000
	gate end
	background pq -j2 -n 2000 true < <(yes x | head -n $count; touch read; read -r _ <end)
	wait_until test -e read
	wait_until steady $!
	within_bound $! 2 0
	open_gate end 1
	wait $!
}

@test "-X: ten million items of one byte in a few jobs" {
	local count=10000000
	[ -z "$SANITIZER" ] || count=100000
	run pq -X sh -c 'echo $#' sh < <(yes x | head -n $count)
	assert_success
	assert_equal "$(awk '{ n += $1 } END { print n }' <<<"$output")" $count
	[ "${#lines[@]}" -lt 400 ]
}

@test "a line of a GiB where there is no memory for it: refused, and the rest goes on" {
	unsanitized 'it limits memory'
	run -123 --separate-stderr bash -c 'ulimit -v 150000
		{ echo before; head -c 1073741824 /dev/zero | tr "\0" x; echo; echo after; } |
			pq -k -j2 echo'
	assert_output $'before\nafter'
	only_message "item 2 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...': is longer than --max-item \
allows"
}

# beyond_memory SIZE ARGUMENT...: what pq makes of a line of so many bytes between two short
# ones, long lines shortened, where there is no memory for it.
beyond_memory() {
	run --separate-stderr -123 bash -c 'ulimit -v 100000
		{ echo before; head -c "$1" /dev/zero | tr "\0" x; echo; echo after; } |
			pq -k -j2 --max-item 1G "${@:2}"' bash "$@"
	[ "$(told)" = "pq: item 2 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...': is longer than \
there is memory for (ulimit -v)" ] || fail "$*: $stderr"
}

@test "an item that memory does not suffice for fails alone" {
	unsanitized 'it limits memory'
	local size
	for size in 20000000 70000000 200000000; do
		beyond_memory $size echo
		assert_output $'before\nafter'
		beyond_memory $size --csv echo {1}
		assert_output $'before\nafter'
	done
	for size in 70000000 200000000; do
		beyond_memory $size -e 's/^/-/'
		assert_output $'-before\n-after'
	done
	beyond_memory 200000000 --pipe -N1 cat
	assert_output $'before\nafter'
	beyond_memory 200000000 --pipe cat
	assert_output $'before\nafter'
}

@test "a tag before every line of what is printed at once takes no memory for all of them" {
	unsanitized 'it limits memory'
	printf '%020000d\nb\n' 0 >items
	run --separate-stderr -0 bash -c 'ulimit -v 150000
		pq -k --tag "yes \"\" | head -c 20000; : {}" <items | wc -c'
	assert_output $((20000 * (20000 + 2) + 20000 * (1 + 2)))
	assert_equal "$stderr" ''
}

@test "content that memory does not suffice for fails alone" {
	unsanitized 'it limits memory'
	head -c 200000000 /dev/zero | tr '\0' x >large
	echo text >small
	run --separate-stderr -123 bash -c 'ulimit -v 100000
		pq -k -j2 --max-item 1G --content -e "s/text/words/" ::: large small'
	assert_output words
	local record="record 1 '$(printf '%40s' '' | tr ' ' x)...': is longer than there is memory for \
(ulimit -v)"
	assert_equal "$(told)" "pq: item 1 'large': $record; it is left out"
	run --separate-stderr -123 bash -c 'ulimit -v 100000
		pq -j2 --max-item 1G --in-place --whole-file -e "s/text/words/" ::: large small'
	assert_equal "$(told)" "pq: item 1 'large': $record; the file stays as it is"
	assert_equal "$(cat small) $(wc -c <large)" 'words 200000000'
}

# each_allocation_fails COMMAND...: in a short run, one allocation after the other.
# Either all is well all the same, or there is a message and a status that says
# so; never a signal.
each_allocation_fails() {
	local n=0 status wanted=0
	build_fault alloc
	"$@" <items >out 2>&1 || wanted=$?
	sort out >expected
	until ((n > 0)) && [ ! -e told ]; do
		n=$((n + 1)) status=0
		rm -f told
		timeout -s KILL 300 env FAIL_ALLOC=$n FAIL_TOLD=told LD_PRELOAD="$fault" "$@" \
			<items >out 2>err || status=$?
		[ "$status" -le 125 ] || fail "allocation $n: status $status, $(cat err)"
		if [ "$status" -eq "$wanted" ]; then
			grep -v '^pq: cannot start more than' err | sort - out | cmp - expected
		else
			[ -s err ] || fail "allocation $n: status $status without a message"
		fi
	done
	[ "$n" -gt 40 ] # it was at work
}

@test "where memory fails once while jobs run, what is finished is written and on record" {
	unsanitized 'it is preloaded'
	local n met=0 status
	seq 20 >items
	build_fault alloc
	for ((n = 60; n < 600 && met < 5; n += 7)); do
		status=0
		rm -f log
		env FAIL_ALLOC=$n FAIL_TOLD=told LD_PRELOAD="$fault" pq -j2 -k --joblog log echo \
			<items >out 2>err || status=$?
		grep -q 'more bytes were refused, and nothing new was started then' err || continue
		met=$((met + 1))
		assert_equal "$status" 125
		assert_equal "$(cat out)" "$(head -n "$(tail -n +2 log | wc -l)" items)"
	done
	[ "$met" -gt 0 ]
}

@test "an allocation fails: words, in order" {
	unsanitized 'it is preloaded'
	seq 5 >items
	each_allocation_fails pq -k -j3 echo
}

@test "an allocation fails: shell lines, tags and a job log" {
	unsanitized 'it is preloaded'
	seq 5 >items
	each_allocation_fails pq -j2 --tag --joblog log 'echo {} {#} >&2; printf "%s\n" {.}'
}

@test "an allocation fails: transforms" {
	unsanitized 'it is preloaded'
	seq 5 >items
	each_allocation_fails pq -k -j3 -e 's/(\d)/<$1>/; upper; !/4/'
}

@test "an allocation fails: items that are shell lines" {
	unsanitized 'it is preloaded'
	printf '%s\n' 'echo a | cat' 'echo b; echo c' 'true' >items
	each_allocation_fails pq -j2
}

@test "an allocation fails: as many as fit" {
	unsanitized 'it is preloaded'
	seq 3000 >items
	each_allocation_fails pq -j2 -X echo a{}b
}

@test "an allocation fails: several at a time, line by line" {
	unsanitized 'it is preloaded'
	seq 20 >items
	each_allocation_fails pq -n 3 --line-buffer --tagstring '{1}:' printf '%s\n'
}

@test "an allocation fails: combinations" {
	unsanitized 'it is preloaded'
	seq 3 >items
	each_allocation_fails pq --dry-run -a - echo ::: a b :::+ c d
}

@test "an allocation fails: a directory" {
	unsanitized 'it is preloaded'
	mkdir -p tree/sub
	touch tree/{a,b,sub/c} items
	each_allocation_fails pq --from tree --from items -t echo {source}
}

@test "an allocation fails: jobs that fail and are tried again" {
	unsanitized 'it is preloaded'
	seq 4 >items
	each_allocation_fails pq --retries 2 --timeout 300 \
		'[ $PQ_ATTEMPT = 2 ] && echo {} && exit $(({} / 4))'
}

@test "an allocation fails: output that goes through the spool" {
	unsanitized 'it is preloaded'
	seq 2 >items
	each_allocation_fails pq -k -j2 --queue-bytes 64K seq 30000
}

@test "an allocation fails: items that are refused, and an early end" {
	unsanitized 'it is preloaded'
	printf '%s\n' long-long-long a b >items
	each_allocation_fails pq -u -Q1 --max-item 8 --halt soon,success=1 echo
}

@test "an allocation fails: columns with a header" {
	unsanitized 'it is preloaded'
	printf '%s\n' name,size 'a,1' '"b ""c""",2' >items
	each_allocation_fails pq -k --csv --header : -j2 echo '{name}={2}'
}

@test "an allocation fails: blocks on standard input" {
	unsanitized 'it is preloaded'
	seq 40 >items
	each_allocation_fails pq -k --pipe -n 10 -j2 wc -l
}

@test "an allocation fails: items that are changed before their job" {
	unsanitized 'it is preloaded'
	seq 5 >items
	each_allocation_fails pq -k -j2 -e 's/(\d)/<$1>/; !/4/' echo
}

@test "an allocation fails: what failed for good is kept" {
	unsanitized 'it is preloaded'
	seq 3 >items
	each_allocation_fails pq -k -j2 --dead-letter dead 'echo {} >&2; exit $(({} % 2))'
}

@test "an allocation fails: one of each" {
	unsanitized 'it is preloaded'
	printf '%s\n' a b a c b >items
	each_allocation_fails pq -k -j2 --unique echo
}

@test "an allocation fails: results in files, and a file for the output" {
	unsanitized 'it is preloaded'
	seq 3 >items
	each_allocation_fails pq -k -j2 --results tree --joblog log echo
	each_allocation_fails pq -k -j2 -o file echo
}

@test "-Q beyond what fits into the memory: it is told once which bound holds" {
	head -c 1000000 /dev/zero | tr '\0' x >item
	echo >>item
	for i in $(seq 80); do cat item; done >list
	gate door
	background pq --max-item 2M -Q 1000 -j1 'read x <door; : {#}' <list 2>err
	wait_until has_lines err 1
	grep -E '^pq: the queue is full with [0-9]+ items, not -Q 1000: .*--queue-bytes 64M$' err
	open_gate door
	wait "$!"
	assert_equal "$(wc -l <err)" 1
}

# had_all SECTION STEP COUNT: has it printed each STEPth item of so many, once?
had_all() {
	assert_equal "$(sed -n "s/$1 //p" out | sort -n | cksum)" "$(seq "$2" "$2" "$3" | cksum)"
}

@test "sections of different speeds: each has exactly its items, and a slow one slows nobody" {
	local count=100000 slow
	[ -z "$SANITIZER" ] || count=10000
	slow=$((count / 100))
	gate slow
	seq "$count" >in
	# Whoever is slow has one item less than the bound allows.
	background pq -Q $((slow + 1)) --queue-bytes 16M -j2 -e 's/^/all /' \
		--next --match '[02468]$' -j2 -e 's/^/even /' \
		--next --match '00$' -j4 --retries 2 --rate 2000/s \
		'read x <slow; echo hundred {}; [ $PQ_ATTEMPT = 2 ]' \
		--next --match '000$' -j1 --retries 3 --rate 500/s,burst=5 \
		'echo thousand {}; [ $PQ_ATTEMPT = 3 ]' <in >out
	wait_until has_lines out $((count + count / 2 + count / 1000))
	assert_equal "$(grep -c hundred out)" 0
	within_bound $! 9 16
	open_gate slow $((slow * 2))
	wait $!
	had_all all 1 "$count"
	had_all even 2 "$count"
	had_all hundred 100 "$count"
	had_all thousand 1000 "$count"
	assert_equal "$(wc -l <out)" $((count + count / 2 + slow + count / 1000))
}

@test "a section that is stuck: memory is bounded by --queue-bytes, however many it may have" {
	gate slow
	yes "$(printf '%0.1000d' 0)" | head -n 40000 >in
	background pq -Q 100000 --queue-bytes 8M -e 's/^/t/' --next -j1 'read x <slow; : {#}' <in >out
	wait_until has_lines out 3000
	wait_until unchanged written out
	[ "$(wc -l <out)" -lt 10000 ]
	within_bound $! 2 8
	open_gate slow 1
	kill -TERM $!
	wait $! || :
}

# written FILE: how big it is.
written() {
	stat -c %s "$1"
}
