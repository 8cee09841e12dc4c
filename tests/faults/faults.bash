# tests/faults/faults.bash: what the tests of faults share (`load faults/faults`).

# build_fault NAME: compile faults/NAME.c, a program or a shim to preload; $fault
# is where it is.
build_fault() {
	local source=$TOP/tests/faults/$1.c kind=()
	fault=$BATS_FILE_TMPDIR/$1
	grep -q '^int main' "$source" || kind=(-shared -fPIC)
	[ -e "$fault" ] || "${CC:-cc}" -std=c11 -D_GNU_SOURCE -O1 -Wall -Wextra \
		"${kind[@]}" -o "$fault" "$source"
}

# only_message TEXT: this is all there is on stderr (of run --separate-stderr).
only_message() {
	[ "$stderr" = "pq: $1" ] || fail "expected: pq: $1
     got: $stderr"
}

# memory FIELD PID: a line of /proc/PID/status, such as VmHWM, in KiB.
memory() {
	awk -v field="$1:" '$1 == field { print $2 }' "/proc/$2/status"
}

# steady PID: no thread of it has run since the last look. What it could do
# without us it has done. For wait_until.
steady_before=
steady() {
	local now
	now=$(cat "/proc/$1/task"/*/schedstat)
	[ "$now" != "$steady_before" ] || return 0
	steady_before=$now
	return 1
}

# unchanged COMMAND...: has it said the same the last five times? For wait_until,
# where what is watched looks around by itself and is never steady.
unchanged_before=
unchanged_times=0
unchanged() {
	local now
	now=$("$@")
	[ "$now" = "$unchanged_before" ] || unchanged_times=0
	unchanged_before=$now
	[ $((++unchanged_times)) -ge 5 ]
}

# descriptors_at_most N COMMAND...: run it with that many at most, and none to begin
# with but 0, 1 and 2.
descriptors_at_most() {
	local fd
	for fd in /proc/self/fd/*; do
		fd=${fd##*/}
		((fd <= 2)) || eval "exec $fd>&-"
	done
	ulimit -n "$1"
	shift
	exec "$@"
}
