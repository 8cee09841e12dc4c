# What a kernel, a library or a shell may lack, and what pq does without it.

load helper
load faults/faults

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# without WHAT COMMAND...: run it on a system that lacks that (faults/oldkernel.c). That pq
# came upon the lack is asserted, or the test would show nothing.
without() {
	local what=$1
	shift
	unsanitized 'it cannot be preloaded into'
	[ "$(uname)" = Linux ] || skip "the shim is for Linux"
	build_fault oldkernel
	run --separate-stderr timeout 300 env LD_PRELOAD="$fault" LACKS="$what" \
		LACKED="$PWD/lacked" "$@"
	wait_until grep -qsx "$what" lacked # the guardian may come to it last
}

@test "without descriptors for processes every job is run and waited for" {
	built_with CLONE_PIDFD || skip 'built without it'
	seq 200 >items
	without pidfd pq -j2 -k echo <items
	assert_success
	assert_equal "$stderr" ''
	run diff items <(printf '%s\n' "${lines[@]}")
	assert_success
}

@test "without descriptors for processes a job's status, signal and time limit are seen" {
	built_with CLONE_PIDFD || skip 'built without it'
	mkfifo never
	without pidfd pq -j2 --timeout 3 --joblog log 'case {} in
		exit) exit 3 ;; kill) kill -KILL $$ ;; hang) read x <never ;; esac' ::: exit kill hang
	assert_failure 123
	assert_equal "$(sort -n log | cut -f 7,8 | tail -n 3)" "3	0
0	9
-1	15"
}

# Waits until pq's other child, which ends the jobs of a killed pq, holds nothing open but the
# pipe that tells it; descriptor 9 is handed to pq.
guardian='for child in $(cat /proc/$PPID/task/*/children); do
	[ $child = $$ ] || until [ "$(ls /proc/$child/fd)" = 0 ]; do :; done; done; echo {}'

@test "without close_range() the guardian holds on to nothing that pq was handed" {
	built_with CLOSE_RANGE || skip 'built without it'
	exec 9</dev/null
	run -0 pq -j1 "$guardian" ::: only
	assert_output only
	without close_range pq -j1 "$guardian" ::: only
	exec 9<&-
	assert_success
	assert_output only
}

@test "without memory that has a descriptor a job's input is a file" {
	built_with MEMFD || skip 'built without it'
	seq 100000 >items
	without memfd pq -k --pipe --block 100k cat <items
	assert_success
	run cmp items <(printf '%s\n' "${lines[@]}")
	assert_success
}

@test "without files that have no name --in-place replaces a file all the same" {
	built_with O_TMPFILE || skip 'built without it'
	echo abc >file
	without tmpfile pq --in-place -e s/b/x/ ::: file
	assert_success
	assert_equal "$(cat file)" axc
	assert_equal "$(find . -name '*file*')" ./file
}

@test "without files that have no name what is spooled is whole" {
	built_with O_TMPFILE || skip 'built without it'
	mkfifo go
	without tmpfile pq -k -j2 --queue-bytes 1M 'case {} in
		1) read x <go ;; 2) seq 500000; echo >go ;; esac' ::: 1 2
	assert_success
	run cmp <(seq 500000) <(printf '%s\n' "${lines[@]}")
	assert_success
}

@test "without /proc --in-place replaces a file all the same" {
	built_with O_TMPFILE || skip 'built without it'
	echo abc >file
	without proc pq --in-place -e s/b/x/ ::: file
	assert_success
	assert_equal "$stderr" ''
	assert_equal "$(cat file)" axc
	assert_equal "$(find . -name '*file*')" ./file
}

@test "without random bytes from the kernel --shuf still mixes" {
	built_with GETRANDOM || skip 'built without it'
	seq 100 >items
	without random pq --shuf echo <items
	assert_success
	run diff <(sort items) <(printf '%s\n' "${lines[@]}" | sort)
	assert_success
}

@test "a PCRE2 without JIT does all that one with JIT does" {
	unsanitized 'it cannot be preloaded into'
	build_fault without_jit
	export LD_PRELOAD=$fault
	run --separate-stderr pq -e 's/b(.)/$1x/' ::: abc
	assert_success
	assert_output acx
	assert_equal "$stderr" ''
	run --separate-stderr pq -C ' +' echo '{2}' ::: 'a  b'
	assert_success
	assert_output b
	run --separate-stderr pq -e '/^(a+)+$/' <<<"$(printf 'a%.0s' {1..40})b"
	assert_failure 123
	only_message "item 1 '$(printf 'a%.0s' {1..40})...': matching it takes too long; it is left out"
}

@test "where /bin/sh is bash a shell line is what it is elsewhere" {
	with_bin_sh bash pq -k 'set -- "${BASH_VERSION:+bash}"; echo "$1" {}' ::: 'a  b' '$x' "it's"
	assert_success
	assert_output "bash a  b
bash \$x
bash it's"
}

@test "where nobody tells that a file has grown, or was replaced, it is looked at now and then" {
	echo a >list
	without inotify pq --follow -k -E end 'case {} in
		a) echo b >>list ;; b) mv list old; echo c >list ;; c) echo end >>list ;; esac; echo {}' \
		:::: list
	assert_success
	assert_equal "$stderr" ''
	assert_output $'a\nb\nc'
}

@test "without a descriptor for signals pq stops with its jobs, and goes on" {
	built_with SIGNALFD || skip 'built without it'
	cat >stop <<-'EOF'
		#!/bin/sh
		# It has pq ($1) stop, waits until it has, and lets it go on.
		kill -TSTP "$1"
		until grep -q '^State:.*stopped' "/proc/$1/status"; do sleep 0.02; done # a job
		kill -CONT "$1"
		echo "$2"
	EOF
	chmod +x stop
	without signalfd pq -j1 'setsid -w ./stop "$PPID" {}' ::: a b # not stopped with the jobs
	assert_success
	assert_output $'a\nb'
}
