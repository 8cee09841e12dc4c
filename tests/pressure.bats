# What the machine has left: --load and --memfree.

load helper
load faults/faults

setup() {
	cd "$BATS_TEST_TMPDIR"
	gate door
	printf 'procs_running 1\nprocs_blocked 0\n' >stat
	printf 'MemTotal: 9000000 kB\nMemAvailable: 4000000 kB\n' >meminfo
}

# told_lies PQ-WORD...: pq where /proc/stat and /proc/meminfo are the files here, which
# may be changed meanwhile.
told_lies() {
	exec unshare -rm sh -c '
		mount --bind stat /proc/stat && mount --bind meminfo /proc/meminfo || exit 99
		exec pq "$@"' sh "$@"
}

may_unshare() {
	unshare -rm sh -c 'mount --bind meminfo /proc/meminfo' 2>/dev/null ||
		skip 'no mount namespace of our own to be had'
}

@test "--load: not more jobs than would make so many processes run" {
	may_unshare
	told_lies -j8 --load 3 'echo {} >>started; read x <door' ::: $(seq 6) 3>&- &
	backgrounded+=($!)
	wait_until has_lines started 3 # none ran; the one that looks does not count
	printf 'procs_running 3\nprocs_blocked 1\n' >stat # those three
	assert_equal "$(wc -l <started)" 3
	open_gate door 1
	printf 'procs_running 2\nprocs_blocked 0\n' >stat # two wait, and do not run
	wait_until has_lines started 5
	open_gate door
	wait "$!"
	assert_equal "$(sort started)" "$(seq 6)"
}

@test "--load: nothing is started while others keep the machine busy" {
	may_unshare
	printf 'procs_running 9\nprocs_blocked 0\n' >stat
	told_lies --load 2 'echo {} >>started' ::: a b 3>&- &
	backgrounded+=($!)
	wait_until unchanged ls
	assert_file_not_exist started
	printf 'procs_running 1\nprocs_blocked 0\n' >stat
	wait "$!"
	assert_equal "$(sort started)" $'a\nb'
}

@test "--memfree: nothing is started while less is free" {
	may_unshare
	told_lies --memfree 4G 'echo {} >>started' ::: a b 3>&- &
	backgrounded+=($!)
	wait_until unchanged ls
	assert_file_not_exist started
	echo 'MemAvailable: 5000000 kB' >meminfo
	wait "$!"
	assert_equal "$(sort started)" $'a\nb'
}

@test "--memfree: below half of it the youngest job is ended, and tried again later" {
	may_unshare
	told_lies -j2 --delay 0.5 --memfree 2G --retries 3 --joblog log \
		'echo {}:$PQ_ATTEMPT >>started; read x <door' ::: a b 2>err 3>&- &
	backgrounded+=($!)
	wait_until has_lines started 2
	youngest=$(tail -n 1 started)
	echo 'MemAvailable: 1000000 kB' >meminfo
	wait_until grep -q 'less than half' err
	echo 'MemAvailable: 3000000 kB' >meminfo
	wait_until has_lines started 3
	open_gate door
	wait "$!"
	assert_equal "$(sed -n 3p started)" "${youngest%:1}:2"
	assert_equal "$(cut -f 7 log)" $'Exitval\n0\n0'
}

@test "--memfree without --retries ends no job" {
	may_unshare
	told_lies -j2 --memfree 2G 'echo {} >>started; read x <door' ::: a b 3>&- &
	backgrounded+=($!)
	wait_until has_lines started 2
	echo 'MemAvailable: 1000000 kB' >meminfo
	open_gate door
	wait "$!"
	assert_equal "$(sort started)" $'a\nb'
}

@test "what SIGTERM finds held back ends all the same" {
	background pq --memfree 9999T 'echo {} >>started' ::: a b
	wait_until unchanged ls
	kill -TERM "$!"
	status=0
	wait "$!" || status=$?
	assert_equal "$status" 143
	assert_file_not_exist started
}

@test "--load and --memfree: what is no number is refused" {
	for value in '' x 1.5 ./file; do
		run -2 --separate-stderr pq --load "$value" true
		assert_equal "$stderr" "pq: --load: '$value' is no number of processes; try 4, 80% or +1"
	done
	run -2 --separate-stderr pq --memfree 0 true
	assert_equal "$stderr" "pq: --memfree: '0' is no size; try 64M"
	run -2 --separate-stderr pq --load 2 -e upper
	assert_equal "$stderr" 'pq: --load with -e and no command: no job is started that could wait; '\
'leave it out'
}
