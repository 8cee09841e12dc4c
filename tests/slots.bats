# Slots: {%}, PQ_SLOT and PARALLEL_JOBSLOT are the number of the place where a job runs, by
# which it may choose a GPU, a port or a directory of its own. Whoever begins has the lowest
# that is free.

load helper
load faults/faults

setup() {
	cd "$BATS_TEST_TMPDIR"
	ln -s "$PQ" parallel
	mkfifo in
}

# by NAME ARGUMENT...: pq under this name, with its items from `in`, which stays open.
by() {
	local name=$1
	shift
	case $name in
	pq) name=$PQ ;;
	parallel) name=./parallel ;;
	esac
	rm -f gate-*
	: >slots
	background env --default-signal "$name" -a in "$@" "$telling" >out
	pq=$!
	exec {items}>in
}

# A job tells its slot, three times, waits until its gate opens, and ends as it is told there.
telling='echo {} {%} $PQ_SLOT $PARALLEL_JOBSLOT >>slots; read x <gate-{}; echo {}; exit $x'

# waits ITEM...: each is read, and need not be started.
waits() {
	local item
	for item; do
		[ -p "gate-$item" ] || gate "gate-$item"
		echo "$item" >&"$items"
	done
}

# comes ITEM...: each is started before the next is read.
comes() {
	local item
	for item; do
		waits "$item"
		wait_until grep -q "^$item " slots
	done
}

# finishes ITEM...: each ends, and what pq does then is done before the next does.
finishes() {
	local item
	for item; do
		open_gate "gate-$item" 1
		wait_until grep -q "^$item\$" out
		wait_until steady "$pq"
	done
}

# in_slots TEXT: what they told, in the order in which they began.
in_slots() {
	assert_equal "$(awk '{ printf "%s%s%s", sep, $1, $2; sep = " " }
		$2 != $3 || $3 != $4 { printf "!" }' slots)" "$1"
}

over() {
	exec {items}>&-
	wait "$pq"
}

@test "a job has the lowest free slot, whichever was free first, under both names" {
	local name
	for name in pq parallel; do
		by "$name" -j4
		comes a b c
		in_slots 'a1 b2 c3'
		finishes b a
		comes d e f
		in_slots 'a1 b2 c3 d1 e2 f4'
		finishes f e c
		comes g h i
		in_slots 'a1 b2 c3 d1 e2 f4 g2 h3 i4'
		finishes d g h i
		comes j
		in_slots 'a1 b2 c3 d1 e2 f4 g2 h3 i4 j1'
		finishes j
		over
	done
}

@test "what is tried again, or has waited for its key, has the lowest free slot then" {
	by pq -j3 --key '{= s/:.*// =}' --retries 2 --quiet
	comes a b
	waits a:2 # must wait for the first of its key
	comes c
	in_slots 'a1 b2 c3'
	finishes b
	echo 1 >&"${gates[gate-a]}"
	wait_until has_lines slots 4
	in_slots 'a1 b2 c3 a1'
	comes d
	in_slots 'a1 b2 c3 a1 d2'
	finishes d
	: >out
	finishes a
	wait_until grep -q '^a:2 ' slots
	in_slots 'a1 b2 c3 a1 d2 a:21'
	finishes c a:2
	over
}

@test "with fewer jobs at a time nothing is started before fewer run, and then on low slots" {
	by pq -j3
	comes a b c
	for _ in 1 2; do
		kill -USR2 "$pq"
		wait_until steady "$pq"
	done
	waits d e
	finishes a b
	in_slots 'a1 b2 c3'
	finishes c
	wait_until grep -q '^d ' slots
	in_slots 'a1 b2 c3 d1'
	finishes d
	wait_until grep -q '^e ' slots
	in_slots 'a1 b2 c3 d1 e1'
	kill -USR1 "$pq"
	comes f
	in_slots 'a1 b2 c3 d1 e1 f2'
	finishes e f
	over
}

@test "so it is when -j FILE says fewer" {
	echo 3 >jobs
	by pq -j ./jobs
	comes a b c
	echo 1 >jobs
	waits d
	finishes b c
	in_slots 'a1 b2 c3'
	finishes a
	wait_until grep -q '^d ' slots
	in_slots 'a1 b2 c3 d1'
	echo 2 >jobs
	finishes d
	comes e f
	in_slots 'a1 b2 c3 d1 e1 f2'
	finishes e f
	over
}

@test "no two jobs that run have one slot, whatever starts them when" {
	local taking='mkdir slot-{%} || echo {} found {%} taken >&2; [ {%} -le 4 ] || echo {%} >&2
		: {1}; rmdir slot-{%}; exit $((PQ_ATTEMPT == 1 && {#} % 7 == 0))'
	seq 40 | sed 's/./&:&/' >list
	local options
	for options in '-j4' '-j1..4 --delay 0.0001' '-j4 --key {1} --key-jobs 2' \
		'-j4 --affinity --key {1}'; do
		run -0 --separate-stderr "$PQ" $options -C : --retries 2 --quiet "$taking" <list
		assert_equal "$stderr" ''
	done
	run -0 --separate-stderr ./parallel -j4 --retries 2 'mkdir slot-{%} && rmdir slot-{%}' <list
	assert_equal "$stderr" ''
	run -0 --separate-stderr "$PQ" -j4 -C : --retries 2 --quiet --weight 3 "$taking" \
		--next --weight 1 --retries 2 "$taking" <list
	assert_equal "$stderr" ''
}

@test "with --affinity the slot is that of the worker whose key it is" {
	by pq -j2 --key '{= s/:.*// =}' --affinity
	comes a:1 b:1
	finishes a:1 b:1
	comes b:2 a:2
	in_slots 'a:11 b:12 b:22 a:21'
	finishes b:2 a:2
	over
}
