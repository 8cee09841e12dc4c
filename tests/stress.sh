#!/bin/sh
# tests/stress.sh: every schedule of a small pipeline that options can ask for.
#
# Not with the address sanitizer: it is the order of threads that is tested.
#
# 1 to 8 workers, at most 1 to 8 items alive, in order or not, jobs that succeed
# or a third of which fail, or are scheduled and tried again: each run must print
# every item once, in order where that was asked for, and end with the right
# status: where a wake-up was lost, it would not end. Meant for the thread sanitizer; TAP,
# one line for each number of workers, order and kind of job.
#
# PQ     the binary [build/pq]
# COUNT  items in each run [40, and 150 under the thread sanitizer]

set -u
cd "$(dirname "$0")/.." || exit 1
: "${PQ:=build/pq}" "${SANITIZER:=}"
: "${COUNT:=$([ "$SANITIZER" = thread ] && echo 150 || echo 40)}"

work=$(mktemp -d "${TMPDIR:-/tmp}/pq-stress.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

seq "$COUNT" >"$work/items"
sort "$work/items" >"$work/sorted"
tests=0 failed=0

# run STATUS ORDER BOUND COMMAND...: is this the one right ending?
run() {
	wanted=$1 order=$2 bound=$3
	shift 3
	# shellcheck disable=SC2086
	timeout -k 5 300 "$PQ" -j"$workers" -Q"$bound" $order "$@" \
		<"$work/items" >"$work/out" 2>"$work/err"
	status=$?
	expected=$work/items
	if [ -z "$order" ]; then
		sort -o "$work/out" "$work/out"
		expected=$work/sorted
	fi
	[ "$status" -eq "$wanted" ] && cmp -s "$work/out" "$expected" && return
	{
		echo "# -j$workers -Q$bound $order $*: status $status instead of $wanted," \
			"$(wc -l <"$work/out") lines of $COUNT"
		diff "$expected" "$work/out" | head -5 | sed 's/^/#   /'
		head -5 "$work/err" | sed 's/^/#   /'
	} >>"$work/why"
	return 1
}

# matrix TEXT STATUS ORDER COMMAND...: all bounds, for this number of workers.
matrix() {
	text=$1 wanted_status=$2 in_order=$3
	shift 3
	verdict=ok
	: >"$work/why"
	for bound in 1 2 3 4 5 6 7 8; do
		run "$wanted_status" "$in_order" "$bound" "$@" || verdict='not ok'
	done
	tests=$((tests + 1))
	[ "$verdict" = ok ] || failed=1
	echo "$verdict $tests - $workers workers, $text, with 1 to 8 items alive"
	cat "$work/why"
}

# shellcheck disable=SC2016 # that is for the shell of the job
fails='echo "$1"; test $(($1 % 3)) -ne 0'
fails_once='test $(($1 % 3)) -ne 0 || test "$PQ_ATTEMPT" = 2 && echo "$1"'
scheduled='--priority -{} --key {source} --key-jobs 3 --rate 9999/s,burst=3'
scheduled="$scheduled --retries 2 --backoff 1ms"
echo 1..40
for workers in 1 2 3 4 5 6 7 8; do
	matrix 'in order' 0 -k echo
	matrix 'as they come' 0 '' echo
	matrix 'in order, a third failing' 123 -k sh -c "$fails" sh
	matrix 'as they come, a third failing' 123 '' sh -c "$fails" sh
	matrix 'in order, scheduled, a third tried again' 0 "-k $scheduled" \
		sh -c "$fails_once" sh
done

exit "$failed"
