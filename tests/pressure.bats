# What the machine has left: --load and --memfree.

load helper
load faults/faults

setup() {
	cd "$BATS_TEST_TMPDIR"
	gate door
	: >stat >meminfo
	processes 1 0
	available 4000000
}

# processes RUNNING BLOCKED: so many there are, says stat. It is written over at once, and
# at no time empty.
processes() {
	printf 'procs_running %d\nprocs_blocked %d\n' "$@" 1<>stat
}

# available KB: so much memory there is, says meminfo.
available() {
	printf 'MemTotal: 9000000 kB\nMemAvailable: %d kB\n' "$1" 1<>meminfo
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
	once_in 5 load_is_kept
}

# pq looks once a second: the test has to be in time before the next look.
load_is_kept() {
	new_door
	processes 1 0
	told_lies -j8 --load 3 'echo {} >>started; read x <door' ::: $(seq 6) 3>&- &
	backgrounded+=($!)
	wait_until has_lines started 3 || return # none ran; the one that looks does not count
	processes 3 1 # those three
	wait_until steady "$!" && [ "$(wc -l <started)" -eq 3 ] || return
	open_gate door 1
	processes 2 0 # two wait, and do not run
	wait_until has_lines started 5 || return
	open_gate door
	wait "$!" && [ "$(sort started)" = "$(seq 6)" ]
}

# For each round its own, and what is left of the last one is ended.
new_door() {
	teardown
	backgrounded=()
	rm -f door started err log
	gate door
}

@test "--load: a worker that stays up is one job, however many items it has" {
	may_unshare
	once_in 5 load_counts_workers
}

load_counts_workers() {
	new_door
	processes 1 0
	seq 400 >items
	told_lies -j8 --load 3 --prefetch 20 --persistent \
		'echo >>started; read x <door; exec cat' <items >out 3>&- &
	backgrounded+=($!)
	wait_until has_lines started 3 || return
	processes 2 0 # one of the three: there is room for two more
	wait_until has_lines started 5 || return
	processes 4 0
	wait_until steady "$!" && [ "$(wc -l <started)" -eq 5 ] || return
	open_gate door
	processes 1 0
	wait "$!" && [ "$(sort -n out)" = "$(seq 400)" ]
}

@test "--load: nothing is started while others keep the machine busy" {
	may_unshare
	processes 9 0
	told_lies --load 2 'echo {} >>started' ::: a b 2>err 3>&- &
	backgrounded+=($!)
	wait_until has_lines err 1
	assert_equal "$(cat err)" \
		'pq: nothing is started while so many processes run (--load); waiting'
	assert_file_not_exist started
	processes 1 0
	wait "$!"
	assert_equal "$(sort started)" $'a\nb'
}

@test "--memfree: nothing is started while less is free" {
	may_unshare
	told_lies --memfree 4G 'echo {} >>started' ::: a b 2>err 3>&- &
	backgrounded+=($!)
	wait_until has_lines err 1
	assert_equal "$(cat err)" \
		'pq: nothing is started while so little memory is free (--memfree); waiting'
	assert_file_not_exist started
	available 5000000
	wait "$!"
	assert_equal "$(sort started)" $'a\nb'
}

@test "--memfree: below half of it the youngest job is ended, and tried again later" {
	may_unshare
	once_in 5 youngest_is_ended
}

# As above: one look of pq has to find less than half, and no other.
youngest_is_ended() {
	local youngest
	new_door
	available 4000000
	told_lies -j2 --delay 0.5 --memfree 2G --retries 3 --joblog log \
		'echo {}:$PQ_ATTEMPT >>started; read x <door' ::: a b 2>err 3>&- &
	backgrounded+=($!)
	wait_until has_lines started 2 || return
	youngest=$(tail -n 1 started)
	available 1000000
	wait_until grep -qxE "pq: item [12] '[ab]': ended, for less than half of --memfree was free, \
attempt 1 of 3" err || return
	available 3000000
	wait_until has_lines started 3 || return
	open_gate door
	wait "$!" && [ "$(sed -n 3p started)" = "${youngest%:1}:2" ] &&
		[ "$(cut -f 7 log)" = $'Exitval\n0\n0' ]
}

@test "--memfree without --retries ends no job" {
	may_unshare
	told_lies -j2 --memfree 2G 'echo {} >>started; read x <door' ::: a b 3>&- &
	backgrounded+=($!)
	wait_until has_lines started 2
	available 1000000
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
	for value in '' 0 x 1.5 ./file 0% -0 +0 0.0%; do
		run -2 --separate-stderr pq --load "$value" true
		assert_equal "$stderr" "pq: --load: '$value' is no number of processes; try 4, 80% or +1"
	done
	run -2 --separate-stderr pq --memfree 0 true
	assert_equal "$stderr" "pq: --memfree: '0' is no size; try 64M"
	run -2 --separate-stderr pq --load 2 -e upper
	assert_equal "$stderr" 'pq: --load with -e and no command: no job is started that could wait; '\
'leave it out'
}
