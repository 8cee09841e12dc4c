# Command lines at random, with --next in any place: whatever they ask for, pq ends, and with
# a status that the manual knows. What fails is told with its seed; SEED=N in the environment
# asks for those lines again.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	RANDOM=${SEED:=$((16#$(od -An -N2 -tx1 /dev/urandom | tr -d ' ')))}
}

# What a section may have, one thing a line; what only the first may have, or no line; what is
# run.
sections="-j1
-j2
--match [13]\$
--match ^x
--match (
--retries 2
--retries 2 --backoff 1ms
--ack-on 1
--reject-on 3
--timeout 5
--rate 1000/s
--overflow drop-new
--overflow drop-old
--overflow reject
--dead-letter dead
--dead-letter other
--tag
--name a
--name b
--weight 2"
lines="-k
-Q 1
-Q 3
--deliver first
--journal journal
--joblog log
-o out
--json
--results results
--summary
-n2
-X
--shuf
--unique
--key {}
--priority {#}
--topic-key {}
--halt soon,fail=1
--halt now,fail=1
--pipe
--resume"
commands='echo {}
exit 3; : {}
echo {} {group} {#} {%}
false
:
-e s/1/x/
kill -9 $$; : {}
no-such-program {}
cat
'

# one LIST: one of its lines, in ${words[@]}, split at blanks but for commands.
one() {
	mapfile -t words <<<"$1"
	words=("${words[RANDOM % ${#words[@]}]}")
	[ "$1" = "$commands" ] && [[ ${words[0]} != -* ]] || read -ra words <<<"${words[0]}"
}

# section: one more of them, in ${line[@]}.
section() {
	local options=$((RANDOM % 3))
	for ((; options > 0; options--)); do
		one "$sections"
		line+=("${words[@]}")
	done
	one "$commands"
	line+=("${words[@]}")
}

# line: a whole one, that mostly makes sense.
line() {
	local more=$((RANDOM % 4))
	line=()
	if ((RANDOM % 3)); then
		one "$lines"
		line=("${words[@]}")
	fi
	section
	for ((; more > 0; more--)); do
		line+=(--next)
		section
	done
	((RANDOM % 8)) || line=("${line[@]:0:RANDOM % (${#line[@]} + 1)}" --next "${line[@]:1}")
	((RANDOM % 3)) || line+=(::: a --next '{}')
}

# is_documented STATUS: 1 to 3 are what jobs of these lines end with, which --halt hands on.
is_documented() {
	case $1 in 0 | 1 | 2 | 3 | 123 | 126 | 127 | 137) return 0 ;; *) return 1 ;; esac
}

@test "sections at random: pq ends, and by a status of the manual's" {
	local lines_left=150
	[ -z "$SANITIZER" ] || lines_left=40
	for ((; lines_left > 0; lines_left--)); do
		line
		mkdir -p try
		status=0
		(cd try && printf '%s\n' 1 2 3 4 'x y' x | timeout 300 "$PQ" "${line[@]}") \
			>out 2>err || status=$?
		is_documented "$status" && ! grep -qE 'Assertion|Sanitizer|runtime error' err ||
			fail "SEED=$SEED: status $status: pq $(printf '%q ' "${line[@]}")
$(<err)"
		rm -rf try
	done
}
