# Under the name parallel the exit status is one of GNU parallel's: how many jobs have failed,
# what --halt makes of it, or 255.

load helper
load gnu

setup() {
	cd "$BATS_TEST_TMPDIR"
	ln -s "$PQ" parallel
}

# ends STATUS ARGUMENT...: `parallel` with these.
ends() {
	local wanted=$1 status=0
	shift
	env --default-signal=PIPE ./parallel "$@" >out 2>err </dev/null || status=$?
	[ "$status" -eq "$wanted" ] || fail "status $status, not $wanted: $*: $(cat err)"
}

# beside ARGUMENT...: GNU parallel, where it is installed, ends with the same status.
beside() {
	local ours=0 status=0
	gnu_parallel || return 0
	mkdir -p home && touch home/will-cite
	./parallel "$@" >out 2>err </dev/null || ours=$?
	PARALLEL_HOME=$PWD/home parallel "$@" >out 2>err </dev/null || status=$?
	[ "$ours" -eq "$status" ] || fail "status $ours, and GNU parallel's $status: $*"
}

@test "the number of jobs that failed, however they did" {
	ends 0 exit ::: 0 0
	ends 2 exit ::: 101 0 255
	ends 2 'kill -9 $$; :' ::: a b
	gate never
	ends 1 --timeout 0.01 cat ::: never
	ends 1 --retries 3 'exit' ::: 1 0
	ends 2 nonesuch ::: a b
	ends 2 -q ./nonesuch ::: a b
	ends 1 / ::: a
	ends 100 exit ::: $(seq 100)
	ends 101 exit ::: $(seq 101)
}

@test "--halt fail=N: that many; fail=1: the status of the job" {
	ends 4 -j1 --halt now,fail=1 exit ::: 0 4 5
	ends 4 -j1 --halt soon,fail=1 exit ::: 0 4 5
	ends 255 -j1 --halt now,fail=1 exit ::: 0 255
	ends 137 -j1 --halt now,fail=1 'kill -9 $$; :' ::: a
	gate never
	ends 255 -j1 --timeout 0.01 --halt now,fail=1 cat ::: never
	ends 2 -j1 --halt soon,fail=2 exit ::: 0 4 5 6
	ends 1 -j1 --halt soon,fail=2 exit ::: 0 4 0
	ends 101 -j1 --halt soon,fail=102 exit ::: $(seq 105)
	ends 3 -j1 --halt 1 exit ::: 0 3 5
	ends 3 -j1 --halt 2 exit ::: 0 3 5
	ends 2 -j1 --halt 0 exit ::: 0 3 5
	ends 2 -j1 --halt never exit ::: 0 3 5
}

@test "--halt soon: what fails after that is not counted" {
	local item
	for item in a b c; do
		gate "gate-$item"
	done
	background ./parallel -j3 --halt soon,fail=2 --joblog log \
		'echo >>began; read x <gate-{}; exit 1' ::: a b c
	wait_until has_lines began 3
	open_gate gate-a 1
	open_gate gate-b 1
	wait_until has_lines log 3
	open_gate gate-c 1
	wait "$!" || status=$?
	assert_equal "$status" 2
	has_lines log 4
}

@test "--halt success=N: 0 when it is reached" {
	ends 0 -j1 --halt now,success=1 exit ::: 3 0 5
	ends 0 -j1 --halt soon,success=2 exit ::: 3 0 5 0 7
	ends 2 -j1 --halt now,success=2 exit ::: 3 0 5
	ends 0 -j1 --halt -1 exit ::: 3 0 5
	ends 0 -j1 --halt -2 exit ::: 3 0 5
	ends 2 -j1 --halt -1 exit ::: 3 4
	ends 0 -j1 --halt now,success=30% exit ::: 3 0 5 0 0 0
	run -0 ./parallel -j1 --halt -1 'echo {}; exit {}' ::: 3 0 5
	assert_output $'3\n0'
}

@test "--halt done=N: how many of them failed; done=1: the status of the job" {
	ends 3 -j1 --halt now,done=1 exit ::: 3 0 5
	ends 0 -j1 --halt soon,done=1 exit ::: 0 3 5
	ends 1 -j1 --halt now,done=2 exit ::: 3 0 5
	ends 2 -j1 --halt soon,done=2 exit ::: 3 4 5
}

@test "--halt N%: how many percent of all have failed, rounded up" {
	ends 40 -j1 --halt soon,fail=30% exit ::: 0 4 5 6 0
	ends 40 -j1 --halt now,fail=30% exit ::: 0 4 5 6 0
	ends 34 -j1 --halt 10% exit ::: 0 3 5
	ends 67 -j1 --halt 50% exit ::: 0 3 5
	ends 25 -j1 --halt soon,done=50% exit ::: 0 3 5 1
	ends 34 -j1 --halt 90% exit ::: 0 3 0
	ends 0 -j1 --halt now,success=50% exit ::: 0 0 3
	ends 75 -j1 --halt now,success=50% exit ::: 3 4 0 5
	ends 7 -j1 --halt 50% exit ::: 7 0
}

@test "it is GNU parallel's in doubt" {
	beside -j1 --halt soon,fail=30% exit ::: 0 4 5 6 0
	beside -j1 --halt 50% exit ::: 7 0
	beside -j1 --halt now,done=1 exit ::: 3 0
	beside -j1 --halt now,success=50% exit ::: 3 4 0 5
	beside -j1 --halt -2 exit ::: 3 0 5
}

@test "255 where pq could not do what was asked" {
	ends 255 --nonesuch echo ::: a
	ends 255 --halt bogus echo ::: a
	ends 255 -j x echo ::: a
	ends 255 echo :::: missing
	ends 255 -a missing echo
	ends 255 --joblog missing/log echo ::: a
	ends 255 --results /dev/null/x echo ::: a
	echo 'a' >list
	chmod 0 list
	[ -r list ] || ends 255 echo :::: list
}

@test "255 where the output could not be written" {
	[ -c /dev/full ] || skip 'no /dev/full'
	run --separate-stderr -255 sh -c './parallel echo ::: a >/dev/full'
	run --separate-stderr -255 sh -c './parallel --version >/dev/full'
	run --separate-stderr -255 sh -c './parallel --joblog /dev/full echo ::: a'
	run --separate-stderr -255 sh -c './parallel echo ::: a >&-'
}

# told_by SIGNAL...: with jobs that run, it is sent these; its status is left in $status.
told_by() {
	local signal sent=0
	rm -f began
	background env --default-signal ./parallel -j2 --term-seq TERM,60000,KILL \
		'trap "" INT; echo >>began; read x <gate-it; : '"$BATS_TEST_TMPDIR/job" ::: 1 2 3 2>err
	wait_until has_lines began 2
	for signal; do
		kill -"$signal" "$!"
		sent=$((sent + 1))
		[ "$sent" -eq $# ] || wait_until grep -q 'no new jobs' err
	done
	status=0
	wait "$!" || status=$?
	wait_until no_survivors "$BATS_TEST_TMPDIR/job"
}

@test "255 where a signal has ended it, and nothing is left behind" {
	gate gate-it
	told_by INT INT
	assert_equal "$status" 255
	told_by TERM TERM
	assert_equal "$status" 255
	told_by HUP TERM
	assert_equal "$status" 255
	told_by TERM INT
	assert_equal "$status" 255
	assert_equal "$(wc -l <began)" 2
}

@test "where nobody reads on it ends without a word" {
	run -0 --separate-stderr env --default-signal bash -c \
		'seq 3000 | ./parallel -j1 echo | head -n 1; echo "${PIPESTATUS[1]}"'
	assert_output $'1\n141'
	assert_equal "$stderr" ''
}
