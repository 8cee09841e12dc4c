# tests/helper.bash: what every .bats file begins with (`load helper`).
#
# `pq` is the binary under test: $PQ, or build/pq of this checkout. Nothing here
# waits blindly: a test holds a job at a gate, or waits until a condition is true.

bats_require_minimum_version 1.5.0

TOP=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
PQ=${PQ:-$TOP/build/pq}
case $PQ in /*) ;; *) PQ=$PWD/$PQ ;; esac
SANITIZER=${SANITIZER-}
export TOP PQ SANITIZER LC_ALL=C.UTF-8
unset PQ_SEQ PQ_SLOT PQ_ATTEMPT PQ_ID PQ_GROUP PQ_SOURCE PARALLEL PARALLEL_SEQ PARALLEL_JOBSLOT

load_library() {
	local root roots
	IFS=: read -ra roots <<<"${BATS_LIB_PATH:-}"
	roots+=(/usr/lib/bats /usr/lib /usr/share/bats /usr/local/lib /usr/local/lib/bats)
	if command -v brew >/dev/null; then
		roots+=("$(brew --prefix)/lib")
	fi
	for root in "${roots[@]}"; do
		if [ -f "$root/$1/load.bash" ]; then
			load "$root/$1/load.bash"
			return
		fi
	done
	echo "$1 is not installed; ./configure --install-deps=check brings it" >&2
	return 1
}

load_library bats-support
load_library bats-assert
load_library bats-file

# `pq` in PATH is a link, so that it is found whatever the binary is called.
mkdir -p "$BATS_RUN_TMPDIR/bin"
[ -L "$BATS_RUN_TMPDIR/bin/pq" ] || ln -s "$PQ" "$BATS_RUN_TMPDIR/bin/pq" 2>/dev/null || true
PATH=$BATS_RUN_TMPDIR/bin:$PATH

# gate NAME: a FIFO at $BATS_TEST_TMPDIR/NAME. A job waits there with
# `read x <"$BATS_TEST_TMPDIR/NAME"` until the gate is opened. The test keeps it
# open at both ends, so neither side can hang on the other, and all are let go
# when the test ends.
declare -gA gates=() # load is a function: without -g they would be its own
gate() {
	local fd
	mkfifo "$BATS_TEST_TMPDIR/$1"
	exec {fd}<>"$BATS_TEST_TMPDIR/$1"
	gates[$1]=$fd
}

# open_gate NAME [COUNT]: let COUNT jobs through, the next ones if none waits yet;
# without a count as many as will ever come.
open_gate() {
	printf '%*s' "${2:-2000}" '' | tr ' ' '\n' >&"${gates[$1]}"
}

# background COMMAND...: run it beside the test; its pid is in $!. What still runs
# at the end of the test is killed; the guardian of a killed pq ends its jobs.
# Its input is that of the call: without <&0 the shell would make it /dev/null.
backgrounded=()
background() {
	"$@" <&0 3>&- &
	backgrounded+=($!)
}

# Only what is still a child of this test: the number of one that has ended may be
# another process's by now; the tests use up all there are in half a minute.
teardown() {
	local pid gate
	for pid in "${backgrounded[@]}"; do
		if (($(ps -o ppid= -p "$pid") + 0 == BASHPID)); then
			kill -KILL "$pid" 2>/dev/null || : # it may end by itself just now
		fi
	done
	# What the shell has started for a `<( )` holds the gates and the output of bats,
	# which would wait for it.
	for gate in "${!gates[@]}"; do
		open_gate "$gate"
	done
	bats_clock_can_be_stopped
}

# Bats measures the time of a test by a sleep of a shell, and stops it by a signal to that
# shell. In a test that is soon over that may not have come to its trap: it would die, and
# its sleep hold the output of bats for all the time that the test was given.
bats_clock_can_be_stopped() {
	[ -z "${killer_pid-}" ] || wait_until hears_abort "$killer_pid"
}

# It has started its sleep, and has the trap, or has ended. For wait_until.
hears_abort() {
	local children=x caught
	read -r children 2>/dev/null <"/proc/$1/task/$1/children" || :
	caught=$(awk '$1 == "SigCgt:" { print $2 }' "/proc/$1/status" 2>/dev/null) || return 0
	[ -n "$children" ] && ((0x${caught:-0} & 1 << (6 - 1)))
}

# wait_until COMMAND...: poll it until it succeeds; fails after two minutes
# (four under a sanitizer): a busy machine takes its time.
wait_until() {
	local until=$((SECONDS + 120 * ${SANITIZER:+2 *} 1))
	until "$@"; do
		if [ "$SECONDS" -ge "$until" ]; then
			echo "waited too long for: $*" >&2
			return 1
		fi
		sleep 0.02
	done
}

# refuses MESSAGE ARGUMENT...: nothing but this line on stderr, status 2.
refuses() {
	local message=$1
	shift
	run --separate-stderr -2 pq "$@" </dev/null
	refute_output
	[ "$stderr" = "pq: $message" ] || fail "pq $*: $stderr"
}

# only_message TEXT...: this is all there is on stderr (of run --separate-stderr), each TEXT
# a whole line.
only_message() {
	assert_equal "$stderr" "$(printf 'pq: %s\n' "$@")"
}

# closing: of standard error the lines at the end that name what failed and what ended the
# run early; told: all others.
closing_line='^pq: ([0-9]+ of [0-9]+ failed: |ended by --halt )'
closing() {
	grep -E "$closing_line" <<<"$stderr" || :
}
told() {
	grep -vE "$closing_line" <<<"$stderr" || :
}

# tells PART...: what pq said (run --separate-stderr) is one line, but for those at the end,
# and each PART stands in it: what is wrong, with which option or item, what to do. The words
# in between may change, and most tests need not know them.
tells() {
	local line part
	line=$(told)
	[[ $line == pq:\ * && $line != *$'\n'* ]] || fail "not one line of pq's: $stderr"
	for part; do
		[[ $line == *"$part"* ]] || fail "'$part' is not in: $line"
	done
}

# refuses_about PART ARGUMENT...: as refuses, where the line is to hold that much.
refuses_about() {
	local part=$1
	shift
	run --separate-stderr -2 pq "$@" </dev/null
	refute_output
	tells "$part"
}

# once_in N COMMAND...: it succeeds in one of N rounds. For what a busy machine can spoil
# once and again, but never succeeds where pq is at fault. -e is off in it: && instead.
once_in() {
	local rounds=$1 round
	shift
	for ((round = 1; round <= rounds; round++)); do
		if "$@"; then
			return 0
		fi
		echo "round $round: not so: $*" >&2
	done
	return 1
}

# once_within LIMITS COMMAND...: it succeeds in one of as many rounds, each with the next of these
# limits behind its arguments: as once_in, where a busy machine is given more time.
once_within() {
	local limit limits=$1
	shift
	for limit in $limits; do
		if "$@" "$limit"; then
			return 0
		fi
		echo "within $limit: not so: $*" >&2
	done
	return 1
}

# lines_of N: N lines, "line 1" to "line N".
lines_of() {
	seq -f 'line %.0f' "$1"
}

# has_lines FILE N: are there at least N lines in it? For wait_until.
has_lines() {
	[ -e "$1" ] && [ "$(wc -l <"$1")" -ge "$2" ]
}

# at_rest PID: nothing of this process runs or waits for a disk, twice in a row.
at_rest() {
	local before after
	before=$(cat /proc/"$1"/task/*/stat | cut -d' ' -f3,14,15)
	after=$(cat /proc/"$1"/task/*/stat | cut -d' ' -f3,14,15)
	[ "$before" = "$after" ] && [[ $before != *[RD]* ]]
}

# gone PID: has this process ended? It has not while one of its threads (l) is there, and
# may hold a lock on a file. For wait_until.
gone() {
	! kill -0 "$1" 2>/dev/null || [[ $(ps -o stat= -p "$1") == Z*([!l]) ]]
}

# survivors TEXT: the running processes whose command line holds TEXT. Give the
# jobs of a test a TEXT of their own.
survivors() {
	ps -eo pid=,stat=,args= | TEXT=$1 awk '$2 !~ /^Z/ && index($0, ENVIRON["TEXT"])'
}

no_survivors() {
	[ -z "$(survivors "$1")" ]
}

# unsanitized WHY: leave this test out of the sanitizers' builds (they map
# terabytes, count descriptors of their own, and cannot be preloaded into).
unsanitized() {
	[ -z "$SANITIZER" ] || skip "not with the $SANITIZER sanitizer: $1"
}

# built_with NAME: does config.h, where pq was built, say HAVE_NAME?
built_with() {
	local at
	for at in "${PQ%/*}/.." "${PQ%/*}/../.." "$TOP"; do
		[ ! -e "$at/config.h" ] || break
	done
	grep -q "^#define HAVE_$1" "$at/config.h"
}

# help_names: every option that --help has, one to a line: before its help, or in a
# list of rare ones.
help_names() {
	pq --help | sed -n -e '/^  also:/p' -e '/^        -/p' \
		-e '/^  \{1,4\}-/s/^\(.\{30\}\).*/\1/p' |
		grep -oE ' --?[a-zA-Z0-9][a-z-]*' | tr -d ' '
}
