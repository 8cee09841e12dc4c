# The model of the desk, the queue, the workers and the collector (spin/pipeline.pml):
# what it says of pq holds in every order in which the threads can run, and it notices
# when the design is broken.
# Not with a sanitizer: it is about the model, not about the program.

load helper

setup_file() {
	local first
	command -v spin >/dev/null || return 0
	cd "$BATS_FILE_TMPDIR"
	spin -a "$BATS_TEST_DIRNAME/spin/pipeline.pml"
	"${CC:-cc}" -O2 -w -DSAFETY -DMEMLIM=2000 -o holds pan.c &
	first=$!
	"${CC:-cc}" -O2 -w -DNP -DMEMLIM=2000 -o ends pan.c
	wait "$first"
}

setup() {
	command -v spin >/dev/null || skip 'spin is not installed'
	cd "$BATS_FILE_TMPDIR"
}

# A configuration: what is set in the model, the rest is as its head has it.
look_at() {
	run env $1 "./$2" -m100000 -n ${3-}
}

holds() {
	local configuration
	for configuration; do
		look_at "$configuration" holds
		assert_line --partial 'errors: 0'
		refute_output --partial 'max search depth too small'
		refute_output --partial 'MEMLIM'
	done
}

@test "as they come: nothing is lost, settled twice, or too many; nobody waits for ever" {
	holds items=3 'bound=1 items=4' 'short_runs=1 items=3' 'slow=1 items=2' 'heavy=2 items=3' \
		'refused=4'
}

@test "in order: the same, and the order holds" {
	holds 'ordered=1 items=3' 'ordered=1 strict=1' 'ordered=1 short_runs=1' \
		'ordered=1 heavy=2' 'ordered=1 refused=2'
}

@test "attempts that fail and come again" {
	holds 'fails=2 attempts=3 items=2' 'items=2 fails=2 attempts=2 ordered=1' \
		'fails=6 attempts=2 items=2 ordered=1 short_runs=1'
}

@test "lines of attempts that fail: the collector lets go of what is tried again" {
	holds 'items=2 fails=2 attempts=2 lines=1' \
		'items=2 fails=6 attempts=2 lines=1 jobs=1 ordered=1' \
		'items=2 fails=2 attempts=2 lines=1 jobs=1 ordered=1 may_stop=1'
}

@test "more than there is room for: the oldest is dropped, or the new one refused" {
	holds 'items=3 bound=1 overflow=1 ordered=1 short_runs=1' 'items=3 bound=2 jobs=1 overflow=1' \
		'items=3 bound=1 overflow=1 lines=1 fails=2 attempts=2 jobs=1' \
		'items=3 bound=1 overflow=2 ordered=1 short_runs=1' \
		'items=3 bound=1 overflow=2 may_stop=1 jobs=1'
}

@test "shares by weight: whoever starts next, the order holds, and nobody waits for ever" {
	holds 'shares=1 items=3' 'shares=1 items=3 ordered=1 bound=3' \
		'shares=1 items=3 ordered=1 short_runs=1 jobs=1' \
		'shares=1 items=2 fails=2 attempts=2 lines=1 ordered=1' \
		'shares=1 items=3 ordered=1 jobs=1 may_stop=1'
}

@test "Ctrl-Z: no job runs while pq is stopped, and none stands when it goes on" {
	holds 'items=2 pauses=1' 'items=2 pauses=2 jobs=1' 'items=2 pauses=1 may_stop=1 bound=1 jobs=1'
}

@test "two jobs that wait for each other both run, whatever the number of workers was" {
	holds 'meet=1 items=4' 'meet=1 items=2 jobs=1 changes=1' 'items=2 bound=1 changes=1' \
		'items=2 bound=1 file=1 changes=1'
}

@test "an early end, whoever asks for it" {
	holds 'may_stop=1 items=2 bound=1' 'may_stop=1 items=3 jobs=1 ordered=1' \
		'may_stop=1 items=2 jobs=1 fails=6 attempts=2 ordered=1' \
		'may_stop=1 items=2 bound=1 jobs=1 file=1' 'halts=1 fails=2 items=2'
}

@test "output that cannot be written: what was is told, what was not is told, too" {
	holds 'sink=1 items=2 bound=1' 'sink=1 items=2 jobs=1 ordered=1 short_runs=1' \
		'sink=1 items=2 bound=1 ordered=1 short_runs=1'
}

@test "it always ends: there is no way round in circles" {
	local configuration
	for configuration in 'items=2 fails=2 attempts=2' 'items=2 ordered=1 short_runs=1' \
		'items=2 jobs=1 bound=1 may_stop=1' 'items=2 jobs=1 meet=1 changes=1' \
		'items=2 fails=2 attempts=2 lines=1 jobs=1' 'items=3 bound=1 overflow=1 jobs=1' \
		'items=2 jobs=1 pauses=1 bound=1'; do
		look_at "$configuration" ends -l
		assert_line --partial 'errors: 0'
	done
}

# number: what is set: what is wrong.
bugs='1: meet=1 items=4 bound=4: push wakes a worker only when the queue was empty
2: items=3: push wakes a worker only when none waits
3: meet=1: a worker that runs something counts as free
4: may_stop=1 items=2 fails=6 attempts=2: what cannot be queued again, for pq stops, is forgotten
5: may_stop=1 items=2 fails=6 attempts=2: after a stop it is queued all the same
6: items=3: it is over when the queue is empty
7: items=3 bound=1 overflow=2 ordered=1: what was refused for want of room is waited for
8: items=2 fails=2: who fails is settled at once, and once more when written
9: items=3: the desk looks for news, and closes its eyes a moment later
10: may_stop=1 items=2 bound=1: it does not look for a stop
11: meet=1 items=2 jobs=1 changes=1: it does not hear a call while it is at work
12: changes=1 items=2: one that goes home keeps the call that was for another
13: may_stop=1 file=1 items=2 jobs=1 bound=1: more workers are wanted after a stop
14: heavy=2: the heavy one has no room even alone
15: ordered=1: what is parked counts twice
16: ordered=1: nobody says that it is parked no more
17: ordered=1 may_stop=1 items=2: what never ran has no turn
18: ordered=1 refused=2: what was refused has no turn
19: ordered=1 short_runs=1: a worker writes while the collector has bytes on their way
20: ordered=1 short_runs=1: the collector is not told whose turn it is now
21: short_runs=1: others may write before what was written is told
22: items=3: settled first, written later
23: items=2 fails=2 attempts=2 lines=1: what is tried again is still listed to be written
24: items=3 bound=1 overflow=1 ordered=1: what was dropped is waited for
25: items=2 fails=2 attempts=2 lines=1: the collector touches what others have by now
26: items=3 bound=1 overflow=2: what was refused for want of room takes it for ever
27: items=2 pauses=1: a job is born while pq is stopped
28: items=2 pauses=1: who was born meanwhile is not stopped with the others
29: items=2 pauses=1: pq stops half-way through a birth'

@test "the model finds every mistake that is listed" {
	local number settings what last
	while IFS=: read -r number settings what; do
		look_at "bug=$number $settings" holds
		[[ $output == *'errors: 1'* ]] || fail "not found:$what
$output"
		last=$number
	done <<<"$bugs"
	# The list is whole.
	assert_equal "$(grep -oE 'bug [!=]= [0-9]+' "$BATS_TEST_DIRNAME/spin/pipeline.pml" |
		grep -oE '[0-9]+' | sort -nu | tail -n 1)" "$last"
}
