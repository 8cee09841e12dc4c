# -k: ordered equals sequential, whatever the schedule.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# A job that prints between 0 and 200,000 bytes, now and then in two pieces, after
# work of random length, and fails now and then; all of it follows from the item.
cat_job() {
	cat >job <<-'END'
		#!/bin/sh
		n=$(( ($1 * 7919 + $2 * 104729) % 1009 ))
		i=0
		while [ $i -lt $((n % 7 * 40)) ]; do i=$((i + 1)); done
		echo "begin $1"
		case $((n % 5)) in
		0) yes "line of $1" | head -c $((n * 198)) ;;
		1) echo "of $1 to standard error" >&2 ;;
		2) printf 'no newline at the end of %s' "$1" ;;
		3) exit 3 ;;
		esac
	END
	chmod +x job
}

# schedules FROM TO [OPTION]: each seed gives the number of jobs, the bounds and
# retries.
schedules() {
	local seed jobs options
	cat_job
	for seed in $(seq "$1" "$2"); do
		RANDOM=$seed
		jobs=$((RANDOM % 8 + 1))
		options=(-j "$jobs" ${3:---retries $((RANDOM % 2 + 1))})
		[ $((RANDOM % 3)) -eq 0 ] || options+=(-Q $((RANDOM % 20 + 1)))
		[ $((RANDOM % 3)) -eq 0 ] || options+=(--queue-bytes $((RANDOM % 300000 + 1000)))
		seq 60 | pq -j1 -k ./job {} "$seed" >expected 2>expected.err || true
		seq 60 | pq -k "${options[@]}" ./job {} "$seed" >out 2>err || true
		cmp out expected || fail "seed $seed, ${options[*]}: another output than -j1"
		cmp err expected.err || fail "seed $seed, ${options[*]}: other errors than -j1"
	done
}

# Ten at a time: what starts six hundred jobs twice takes a slow machine its time.
@test "ten random schedules give the output of -j1, byte for byte" {
	schedules 1 10
}

@test "and ten more" {
	schedules 11 20
}

@test "and another ten" {
	schedules 21 30
}

@test "forty in all" {
	schedules 31 40
}

@test "ten more, line by line" {
	schedules 41 50 --line-buffer
}

@test "and ten more of these" {
	schedules 51 60 --line-buffer
}
