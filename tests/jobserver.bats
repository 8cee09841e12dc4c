# make's jobserver: taking part in one, with every token brought back on every way out.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	unset MAKEFLAGS MFLAGS MAKELEVEL CARGO_MAKEFLAGS
	# Tells that it starts and that it ends; what it waits for in between is the test's.
	job logged 'echo s >>log; "$@"; status=$?; echo e >>log; exit $status'
	job moment 'sleep 0.01' # a job: long enough to overlap with others
	# Wait until they are let go, or killed.
	job waits 'echo s >>log; read -r x <go'
	job sleeper 'echo $PPID >pid.$$; echo s >>log; sleep 60' # a job
}

# job NAME LINE...: a shell script to be run by name.
job() {
	printf '%s\n' '#!/bin/sh' "${@:2}" >"$1"
	chmod +x "$1"
}

needs_make() {
	command -v make >/dev/null || skip 'make is not installed'
}

# most: how many of the logged jobs have run at once, at most.
most() {
	awk '$1 == "s" && ++n > most { most = n } $1 == "e" { n-- } END { print most + 0 }' "$1"
}

# pool [BYTES]: a pool that holds these tokens, behind a FIFO; $pool is its descriptor.
pool() {
	mkfifo pool
	exec {pool}<>pool
	printf %s "${1-}" >&"$pool"
}

# tokens: what is in the pool now, in order; it stays there.
tokens() {
	local all
	all=$(dd if=pool iflag=nonblock bs=4096 count=1 status=none 2>/dev/null || :)
	printf %s "$all" >&"$pool"
	grep -o . <<<"$all" | sort | tr -d '\n'
}

# whole BYTES: all are in the pool again. For wait_until.
whole() {
	[ "$(tokens)" = "$1" ]
}

# of_pool COMMAND...: it is told of the pool as make tells of its FIFO.
of_pool() {
	MAKEFLAGS=" -j9 --jobserver-auth=fifo:$PWD/pool" "$@"
}

@test "two pq under make -j4 and its other jobs are never more than four at once" {
	needs_make
	printf '%s\n' 'all: a b c d' 'a b: ; +@seq 25 | pq ./logged ./moment' \
		'c d: ; @for i in 1 2 3 4 5; do ./logged ./moment; done' >Makefile
	run -0 make -s -j4 all
	refute_output
	assert_equal "$(grep -c s log)" 60
	[ "$(most log)" -le 4 ]
}

@test "pq under make -j4 runs four at once when nobody else does" {
	needs_make
	gate go
	printf '%s\n' 'all: ; +@seq 8 | pq ./logged sh -c "read x <go"' >Makefile
	background make -s -j4 all
	wait_until has_lines log 4
	open_gate go
	wait "${backgrounded[0]}"
	assert_equal "$(most log)" 4
	assert_equal "$(grep -c e log)" 8
}

@test "make -k with jobs that fail gets its tokens back and goes on" {
	needs_make
	printf '%s\n' 'all: a b c' 'a b: ; +@seq 9 | pq ./logged false' \
		'c: a b ; @./logged true' 'd: ; @./logged true' >Makefile
	run -2 make -s -k -j3 all d
	refute_output --partial INTERNAL
	refute_output --partial tokens
	assert_equal "$(grep -c s log)" 19
	[ "$(most log)" -le 3 ]
}

@test "one job runs on what pq was started with, each other one on a token" {
	pool ab
	gate go
	background of_pool pq ./waits ::: 1 2 3 4 5
	wait_until has_lines log 3
	wait_until whole ''
	wait_until at_rest "${backgrounded[0]}"
	assert_equal "$(wc -l <log)" 3
	open_gate go
	wait "${backgrounded[0]}"
	assert_equal "$(wc -l <log)" 5
	assert_equal "$(tokens)" ab
}

@test "tokens are taken through descriptors, too, as make 4.3 hands them down" {
	pool ab
	gate go
	MAKEFLAGS=" -j9 --jobserver-auth=$pool,$pool" \
		background pq ./waits ::: 1 2 3 4 5
	wait_until has_lines log 3
	open_gate go
	wait "${backgrounded[0]}"
	assert_equal "$(tokens)" ab
}

@test "without a token one job after the other runs, and all do" {
	pool
	of_pool pq ./logged ./moment ::: 1 2 3 4 5 6
	assert_equal "$(most log)" 1
	assert_equal "$(grep -c e log)" 6
}

@test "sections share what pq was started with" {
	pool
	of_pool pq ./logged ./moment --next ./logged true --next ./logged true ::: 1 2 3 4 5 6
	assert_equal "$(most log)" 1
	assert_equal "$(grep -c e log)" 18
	assert_equal "$(tokens)" ''
}

@test "what make has no slot for is told by the progress" {
	pool
	gate go
	of_pool background pq --progress=json ./waits ::: 1 2 2>progress
	wait_until grep -q '"held":"jobserver"' progress
	open_gate go
	wait "${backgrounded[0]}"
}

@test "a retry, a failure and a timeout bring their tokens back" {
	pool abc
	run -123 of_pool pq -q --retries 2 ./logged false ::: 1
	assert_equal "$(tokens)" abc
	run -123 of_pool pq -q --retries 2 ./logged false ::: 1 2 3 4 5 6 7 8
	assert_equal "$(tokens)" abc
	run -123 of_pool pq -q --timeout 0.1 sleep 60 ::: 1 2 3 4
	assert_equal "$(tokens)" abc
	run -127 of_pool pq -q --no-shell ./is-not-there ::: 1 2 3 4
	assert_equal "$(tokens)" abc
}

@test "--halt now brings the tokens of what it ends back" {
	pool abc
	job third 'until [ "$(grep -c s log)" = 3 ]; do sleep 0.02; done' # a job
	run -1 of_pool pq -q --halt now,fail=1 \
		'if [ {} = 4 ]; then ./third; echo s >>log; exit 1; else ./sleeper; fi' ::: 1 2 3 4
	assert_equal "$(tokens)" abc
	assert_equal "$(grep -c s log)" 4
}

# ends_by SIGNAL: pq, with all slots taken and more that wait for one, ends by it.
ends_by() {
	local status=0
	rm -f log
	of_pool background env --default-signal=INT,QUIT pq --drain 0 "$PWD/sleeper" ::: {1..9}
	wait_until has_lines log 4
	kill -"$1" "${backgrounded[-1]}"
	wait "${backgrounded[-1]}" || status=$?
	assert_equal "$status" $((128 + $(kill -l "$1")))
	assert_equal "$(wc -l <log)" 4
	wait_until no_survivors "$PWD/sleeper"
}

@test "Ctrl-C and SIGTERM bring the tokens back before pq ends" {
	local signal
	env --default-signal=INT true 2>/dev/null || skip 'env of coreutils 8.31 is needed'
	pool abc
	for signal in INT TERM QUIT HUP; do
		ends_by "$signal"
		assert_equal "$(tokens)" abc
	done 2>errors
}

@test "when pq is killed its guardian brings the tokens back" {
	pool abc
	ends_by KILL
	wait_until whole abc
}

@test "twenty kills at random moments lose no token" {
	local round
	pool abc
	for ((round = 0; round < 20; round++)); do
		rm -f log
		of_pool background pq 'echo s >>log' ::: {1..2000}
		wait_until has_lines log $((RANDOM % 60 + 1))
		kill -KILL "${backgrounded[-1]}"
		wait "${backgrounded[-1]}" || :
		wait_until whole abc
	done 2>errors
}

@test "make ends as ever when a pq of its was killed" {
	needs_make
	printf '%s\n' 'all: a b' 'a: ; +-@pq ./sleeper ::: 1 2 3 4 5 6' \
		'b: ; @./logged true' >Makefile
	background make -s -k -j4 all 2>errors
	wait_until has_lines log 4
	kill -KILL "$(cat pid.* | head -1)" # their parent is pq
	wait "${backgrounded[0]}" # its - lets the recipe fail
	run cat errors
	refute_output --partial INTERNAL
	refute_output --partial tokens
	assert_equal "$(grep -c e log)" 1 # b has run
}

@test "who waits for a token goes home at once when pq stops" {
	local status=0
	pool
	gate go
	of_pool background pq -q ./waits ::: 1 2 3 4 2>errors
	wait_until has_lines log 1
	kill -TERM "${backgrounded[0]}"
	wait_until grep -q 'no new jobs' errors
	open_gate go
	wait "${backgrounded[0]}" || status=$?
	assert_equal "$status" 143
	assert_equal "$(wc -l <log)" 1
}

@test "a worker that stays up has a token only while it owes an answer" {
	pool a
	gate go
	mkfifo in answers
	job slow 'while read -r line; do echo "$line" >>got; read -r x <go; echo "$line"; done'
	exec {answers}<>answers {in}<>in
	of_pool background pq --persistent ./slow <in >answers {in}>&-
	printf '%s\n' 1 2 >&"$in"
	wait_until has_lines got 2
	assert_equal "$(tokens)" ''
	open_gate go 2
	read -r -u "$answers"
	read -r -u "$answers"
	wait_until whole a
	[ "$(survivors ./slow | wc -l)" -ge 2 ] # both are up
	exec {in}>&-
	wait "${backgrounded[0]}"
	assert_equal "$(tokens)" a
}

@test "transforms bring their tokens back, too" {
	pool ab
	run -0 of_pool pq -k -e s/1/x/ < <(seq 200000)
	assert_equal "${#lines[@]}" 200000
	assert_equal "$(tokens)" ab
}

@test "with -j make's slots are left alone, and jobs may use them" {
	local jobserver
	pool
	gate go
	of_pool background pq -j3 ./waits ::: 1 2 3
	wait_until has_lines log 3
	open_gate go
	wait "${backgrounded[0]}"
	jobserver=" -j9 --jobserver-auth=fifo:$PWD/pool"
	MAKEFLAGS=$jobserver run -0 pq -j1 'echo "$MAKEFLAGS"; : {}' ::: 1
	assert_output "$jobserver"
}

# one_at_a_time MAKEFLAGS TEXT: with these pq says that once, and runs one job at a time.
one_at_a_time() {
	rm -f log
	MAKEFLAGS=$1 run -0 --separate-stderr pq ./logged true --next ./logged true ::: 1 2 3
	assert_equal "$stderr" "pq: make's jobserver cannot be used: $2; going on with one job at \
a time (-j N: N)"
	assert_equal "$(most log)" 1
	assert_equal "$(grep -c e log)" 6
	MAKEFLAGS=$1 run -0 --separate-stderr pq -j2 true ::: 1 2 3
	assert_equal "$stderr" ''
	MAKEFLAGS=$1 run -0 --separate-stderr pq --dry-run true ::: 1 2 3
	assert_equal "$stderr" ''
}

@test "a jobserver that cannot be used is told, and one job runs at a time as in make" {
	local other off='it is off for this command (-2,-2); put + before the line of the recipe'
	local closed='was not handed down; put + before the line of the recipe'
	pool ab
	mkfifo other
	exec {other}<>other
	one_at_a_time ' -j4 --jobserver-auth=-2,-2' "$off"
	one_at_a_time ' -j4 --jobserver-auth=198,199' "its pipe (198,199) $closed"
	one_at_a_time " -j4 --jobserver-auth=0,$pool" "its pipe (0,$pool) $closed" </dev/null
	one_at_a_time " -j4 --jobserver-auth=$other,$pool" "its pipe ($other,$pool) $closed"
	one_at_a_time "--jobserver-auth=fifo:$PWD/none" "$PWD/none: No such file or directory"
	one_at_a_time "--jobserver-auth=fifo:$PWD/logged" "$PWD/logged: is no FIFO"
	one_at_a_time '--jobserver-auth=x' \
		'MAKEFLAGS has --jobserver-auth=x, which is neither two descriptors nor a FIFO'
	assert_equal "$(tokens)" ab
}

@test "a recipe without + has no part in the jobserver and is told how to" {
	needs_make
	printf '%s\n' 'all: ; @seq 3 | pq ./logged true' >Makefile
	run -0 make -s -j4 all
	assert_output --partial "make's jobserver cannot be used: "
	assert_output --partial 'put + before the line of the recipe'
	[ "${#lines[@]}" -eq 1 ]
	assert_equal "$(most log)" 1
}

@test "make's pipe does not become non-blocking by pq" {
	pool ab
	MAKEFLAGS="--jobserver-auth=$pool,$pool" pq true ::: 1 2 3 4 5
	[ $((0$(awk '$1 == "flags:" { print $2 }' "/proc/$BASHPID/fdinfo/$pool") & 04000)) -eq 0 ]
}

@test "a make inside a pq inside a make has part in the same jobserver" {
	needs_make
	printf '%s\n' 'all: a b' 'a b: ; +@seq 3 | pq $(MAKE) -s -f inner' >Makefile
	printf '%s\n' '1 2 3: x y z ; @:' 'x y z: ; @./logged ./moment' >inner
	run -0 make -s -j4 all
	refute_output
	assert_equal "$(grep -c s log)" 18
	[ "$(most log)" -le 4 ]
}

@test "when the guardian is killed pq goes on with what it has" {
	pool a
	gate go
	of_pool background pq ./waits ::: 1 2 3 4 5 2>errors
	wait_until has_lines log 2
	kill -KILL "$(ps -o pid=,comm= --ppid "${backgrounded[0]}" | sed -n 's/ guardian$//p')"
	wait_until grep -q jobserver errors
	open_gate go
	wait "${backgrounded[0]}"
	assert_equal "$(wc -l <log)" 5
}

# --- pq's own ---------------------------------------------------------------

@test "four make trees under --jobserver=4 are never more than four at once" {
	needs_make
	printf '%s\n' 'all: 1 2 3 4 5 6' '1 2 3 4 5 6: ; @./logged ./moment' >tree
	run -0 pq --jobserver=4 'make -s -f tree T={}' ::: 1 2 3 4
	refute_output
	assert_equal "$(grep -c s log)" 24
	[ "$(most log)" -le 4 ]
}

@test "one make under --jobserver=4 has all four slots" {
	needs_make
	gate go
	printf '%s\n' 'all: 1 2 3 4 5 6' '1 2 3 4 5 6: ; @./waits; echo e >>ended' >tree
	background pq --jobserver=4 make -s -f ::: tree
	wait_until has_lines log 4
	open_gate go
	wait "${backgrounded[0]}"
	assert_equal "$(wc -l <ended)" 6
}

@test "jobs, and what takes part below them, share the tokens of --jobserver" {
	run -0 pq --jobserver=3 -j2 'pq ./logged ./moment ::: 1 2 3 4 5 6 7 8; : {}' ::: a b c
	refute_output
	assert_equal "$(grep -c s log)" 24
	[ "$(most log)" -le 3 ]
	rm log
	run -0 pq --jobserver=3,fifo -j2 'pq ./logged ./moment ::: 1 2 3 4 5 6 7 8; : {}' ::: a b c
	refute_output
	assert_equal "$(grep -c s log)" 24
	[ "$(most log)" -le 3 ]
}

@test "a pq below --jobserver has the slots that are left" {
	gate go
	background pq --jobserver=4 -j2 'pq ./waits ::: 1 2 3 4 5 6; : {}' ::: a
	wait_until has_lines log 4
	open_gate go
	wait "${backgrounded[0]}"
	assert_equal "$(wc -l <log)" 6
}

@test "with fewer tokens than -j there are no more jobs than tokens" {
	gate go
	background pq --jobserver=2 -j8 ./waits ::: {1..20}
	wait_until has_lines log 2
	wait_until at_rest "${backgrounded[0]}"
	assert_equal "$(wc -l <log)" 2
	open_gate go
	wait "${backgrounded[0]}"
	assert_equal "$(wc -l <log)" 20
}

@test "--jobserver is told to jobs in the place of another one" {
	pool ab
	run -0 of_pool env MFLAGS=-j9 pq -j5 --jobserver 'echo "$MAKEFLAGS|$MFLAGS|{}"' ::: 1
	assert_output --regexp '^ -j5 --jobserver-auth=([0-9]{2,}),([0-9]{2,})\|\|1$'
	run -0 of_pool pq --jobserver=3 'echo "$CARGO_MAKEFLAGS"; : {}' ::: 1
	assert_output --regexp '^-j3 --jobserver-fds=([0-9]+,[0-9]+) --jobserver-auth=([0-9]+,[0-9]+)$'
	TMPDIR=$PWD run -0 of_pool pq --jobserver=fifo -j2 'echo "$MAKEFLAGS"; : {}' ::: 1
	assert_output --regexp "^ -j2 --jobserver-auth=fifo:$PWD/pq-jobserver-[0-9a-f]{16}\$"
	assert_equal "$(tokens)" ab
}

@test "--jobserver leaves the other flags of a make above to those below" {
	needs_make
	printf '%s\n' "above: ; +pq --jobserver=2 '\$(MAKE) -s -f makefile {}' ::: below" \
		'below: ; echo $(WORD) >made' >makefile
	run -0 make -f makefile -n -j3 above WORD=given
	assert_line 'echo given >made'
	assert [ ! -e made ]
	run -0 make -f makefile -j3 above WORD=given
	assert_equal "$(<made)" given
}

@test "the FIFO of --jobserver is removed, even when pq is killed" {
	mkdir tmp
	export TMPDIR=$PWD/tmp
	run -0 pq --jobserver=2,fifo 'ls "$TMPDIR"; : {}' ::: 1
	assert_output --partial pq-jobserver-
	assert_equal "$(ls tmp)" ''
	background pq -j2 --jobserver=2,fifo "$PWD/sleeper" ::: 1 2
	wait_until has_lines log 2
	kill -KILL "${backgrounded[0]}"
	is_empty() { [ -z "$(ls tmp)" ]; }
	wait_until is_empty
}

@test "--jobserver with what is no number of slots is refused" {
	local value
	for value in 0 x -1 3, 3,x fifo,3 65537 99999999999999999999 '' ,fifo; do
		refuses "--jobserver: '$value' is no number of job slots; try 8, or 8,fifo for ninja" \
			"--jobserver=$value" true ::: a
	done
	refuses_about '--jobserver' --jobserver -e s/a/b/
}

@test "--dry-run makes no jobserver" {
	TMPDIR=$PWD/none run -0 pq --jobserver=fifo --dry-run echo ::: 1
	assert_output 'echo 1'
	TMPDIR=$PWD/none run -125 pq --jobserver=fifo echo ::: 1
	assert_output --regexp "^pq: --jobserver: cannot make $PWD/none/pq-jobserver-[0-9a-f]+: \
No such file or directory$"
}

@test "jobs that read one stream together wait for no token" {
	pool
	run -0 --separate-stderr of_pool pq -k --pipe --tee 'sort {}' ::: -n -r <<<$'1\n3\n2'
	assert_output $'1\n2\n3\n3\n2\n1'
}
