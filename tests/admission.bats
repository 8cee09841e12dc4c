# Admission: what comes into the queue, what is dropped, and how that is told.

load helper
load faults/faults

setup() {
	cd "$BATS_TEST_TMPDIR"
	gate door
}

# refuses MESSAGE ARGUMENT...: nothing but this line on stderr, status 2.
refuses() {
	local message=$1
	shift
	run --separate-stderr -2 pq "$@" </dev/null
	refute_output
	[ "$stderr" = "pq: $message" ] || fail "pq $*: $stderr"
}

# --- --unique -----------------------------------------------------------

@test "--unique: an item that was seen before is dropped, counted and told, and the status is 0" {
	run --separate-stderr pq -k --unique 'echo {#} {}' < <(printf '%s\n' a b a '' c b '' a)
	assert_success
	assert_output $'1 a\n2 b\n3 \n4 c'
	assert_equal "$stderr" 'pq: 4 items dropped: seen before (--unique)'
}

@test "--unique: when nothing was dropped nothing is told" {
	run pq -k --unique echo ::: a b
	assert_output $'a\nb'
}

@test "--unique=T: items are the same when the template is" {
	run --separate-stderr pq -k --unique={/} echo ::: a/x b/x a/y b/y
	assert_output $'a/x\na/y'
	run --separate-stderr pq -k -C, --unique={2} echo ::: a,1 b,2 c,1
	assert_output $'a 1\nb 2'
	run --separate-stderr pq -k --regex '(?<k>.)(.)' --unique={k} echo {2} ::: a1 b2 a3
	assert_output $'1\n2'
	printf "n\tv\n1\t2\n1\t3\n2\t3\n" >in
	run --separate-stderr pq -k --header : --unique={n} echo {v} <in
	assert_output $'2\n3'
	run --separate-stderr pq -k --unique={1} echo ::: a b ::: 1 2
	assert_output $'a 1\nb 1'
}

@test "--unique: items are the same only when all their values are" {
	run --separate-stderr pq -k --unique echo ::: 'a b' a a ::: c 'b c'
	assert_output $'a b c\na b b c\na c\na b c'
	printf 'a\0b,a\0b\0,a,a\0b' >in
	run --separate-stderr pq -k -d, --unique --content cat <in
	assert_equal "$(grep -c . <<<"$stderr")" 4 # three that cannot be files, one that was dropped
	assert_equal "$(tail -1 <<<"$stderr")" 'pq: 1 item dropped: seen before (--unique)'
}

@test "--unique: it sees what -e has made of the item" {
	run --separate-stderr pq -k -e lower --unique echo ::: a A b
	assert_output $'a\nb'
	assert_equal "$stderr" 'pq: 1 item dropped: seen before (--unique)'
}

@test "--unique: with -n and -X records are compared, not jobs" {
	run --separate-stderr pq -k -n2 --unique echo ::: a b a c b d
	assert_output $'a b\nc d'
	run --separate-stderr pq -j1 -X --unique echo ::: a b a c b d
	assert_output 'a b c d'
}

@test "--unique: what is refused is neither compared nor dropped" {
	run --separate-stderr pq -k --max-item 2 --unique echo < <(printf '%s\n' abc abc ab ab)
	assert_failure 123
	assert_output ab
	assert_equal "$(grep -c 'longer' <<<"$stderr")" 2
}

@test "--unique: a hundred thousand items, each three times, in any order" {
	seq 100000 >in
	cat in in in | shuf | pq -X --unique printf '%s\n' >out 2>told
	sort -n out | cmp - in
	assert_equal "$(cat told)" 'pq: 200000 items dropped: seen before (--unique)'
}

@test "--unique: what cannot be is refused" {
	refuses "--unique=x: nothing of the item is in this key, so all items would have the same; \
try --unique, or --unique={1}" --unique=x echo
	refuses "--unique: '' is no key; try --unique, or --unique={1}" --unique= echo
	refuses "--unique with -e and no command: nobody compares the records of a transform; \
awk '!seen[\$0]++' before pq does; leave it out" --unique -e s/a/b/
	refuses "--pipe with --unique: records are not looked at one by one; \
try awk '!seen[\$0]++' before pq" --unique --pipe cat
}
