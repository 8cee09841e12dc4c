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

# with_bin_sh SHELL COMMAND...: run it where /bin/sh is that shell, for this command alone.
with_bin_sh() {
	local shell
	shell=$(command -v "$1") || skip "no $1"
	shift
	[ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null ||
		skip "only root can put $shell in the place of /bin/sh"
	run --separate-stderr unshare -m bash -c 'mount --bind "$(readlink -f "$1")" \
		"$(readlink -f /bin/sh)" && shift && exec "$@"' bash "$shell" "$@"
}

# memory FIELD PID: a line of /proc/PID/status, such as VmHWM, in KiB.
memory() {
	awk -v field="$1:" '$1 == field { print $2 }' "/proc/$2/status"
}

# steady PID: what it and its jobs could do without us they have done. At one moment each
# of their threads sleeps, and so it is at two looks in a row; what is only kept waiting
# for a processor or a disk does not sleep. Who wakes up now and then just to look around,
# as a sanitizer does, is steady all the same. For wait_until.
steady_before=
steady() {
	gone "$1" && return
	# Bats looks at each command that is not in such a subshell, and takes its time.
	if ! (trap - DEBUG; now_steady "$1"); then
		steady_before=
	elif [ "$steady_before" = "$1" ]; then
		steady_before=
		return 0
	else
		steady_before=$1
	fi
	return 1
}

now_steady() {
	local threads before
	threads_below "$1"
	before=${threads[*]}
	asleep "${threads[@]}" 2>/dev/null && threads_below "$1" && [ "$before" = "${threads[*]}" ]
}

# threads_below PID: in $threads, where the threads of it, its children and theirs tell how
# they are. It starts no process: on a busy machine each would have to wait its turn.
threads_below() {
	local pid task children left=("$1")
	threads=()
	while ((${#left[@]})); do
		pid=${left[0]} left=("${left[@]:1}")
		for task in "/proc/$pid/task"/*; do
			threads+=("$task/status")
			children=()
			read -ra children 2>/dev/null <"$task/children" || : # there is no newline
			left+=("${children[@]}")
		done
	done
}

# asleep FILE...: each thread is, and has not woken between two looks at all of them.
asleep() {
	awk '
		/^State:/ && $2 !~ /^[SZTtX]$/ { exit 1 }
		/^voluntary_ctxt_switches:/ {
			if (FILENAME in slept && slept[FILENAME] != $2)
				exit 1
			slept[FILENAME] = $2
		}' "$@" "$@"
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
