# Killed at random moments and at system calls, and run again: tests/crash in short.
# `make crash` kills 300 times, and at every system call.

load helper

setup_file() {
	cd "$BATS_FILE_TMPDIR"
	command -v sqlite3 >/dev/null || return 0
	local step=60
	[ -z "$SANITIZER" ] || step=0
	"$TOP/tests/crash" 15 "$step" >crash.tap 2>&1 3>&- || :
}

# told TEXT: what the harness says of it.
told() {
	command -v sqlite3 >/dev/null || skip 'there is no sqlite3'
	grep -q "^ok .*$1" "$BATS_FILE_TMPDIR/crash.tap" || fail "$(cat "$BATS_FILE_TMPDIR/crash.tap")"
}

@test "killed at random moments: nothing is lost, and -o is byte-identical" {
	told 'at random moments, one section'
}

@test "killed at random moments, no section loses anything, or does what is not its own" {
	told 'at random moments, three sections'
}

@test "killed at system calls: nothing is lost, and -o is byte-identical" {
	unsanitized 'strace and it are slow together'
	strace -o /dev/null true 2>/dev/null || skip 'strace may not trace'
	told 'at system calls'
}
