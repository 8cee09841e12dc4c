# Several groups on one command line: what is shown of them, and what they leave behind.

load helper
load faults/faults

setup() {
	cd "$BATS_TEST_TMPDIR"
}

@test "what failed is named with its section, by item and then by section" {
	run -123 --separate-stderr pq -j1 'exit {}' --next -j1 --name audit 'exit {}' ::: 0 3 0 4
	assert_equal "$stderr" "pq: 4 of 8 failed: 2 '3' (section 1) exit 3, 2 '3' (audit) exit 3, \
4 '4' (section 1) exit 4, 4 '4' (audit) exit 4"
}

@test "a single section is not named, whatever it is called" {
	run -123 --separate-stderr pq --name audit -j1 'exit 3' ::: a
	assert_equal "$stderr" "pq: 1 of 1 failed: 1 'a' exit 3"
}

@test "what is told at once says which section it was" {
	mkfifo never
	run -123 --separate-stderr pq -k --name one 'kill -SEGV $$; : {}' \
		--next --timeout 0.1 'read x <never; : {}' --next ./{} ::: nowhere
	assert_equal "$(sed 's/after [0-9.]*/after T/' <<<"$stderr" | sort)" \
		"pq: item 1 'nowhere' (one): killed by SIGSEGV
pq: item 1 'nowhere' (section 2): ended after T s (--timeout)
pq: item 1 'nowhere' (section 3): './nowhere': no such file"
}

@test "a record that cannot be transformed is told with its section" {
	run -123 --separate-stderr pq -k 'true {}' --next --name hex -e unbase64 ::: '*'
	assert_equal "${stderr%%:*}" pq
	assert_regex "$stderr" "^pq: item 1 '\*' \(hex\): "
}

@test "what no group wants is no section's" {
	run -123 --separate-stderr pq -k --match a 'echo {}' --next --match b 'echo {}' ::: c
	assert_equal "$stderr" "pq: item 1 'c': no group wants it"
	run -123 --separate-stderr pq -k --match a 'exit 1; echo {}' --next --match b 'echo {}' ::: c a
	assert_equal "$stderr" "pq: item 1 'c': no group wants it
pq: 2 of 2 failed: 1 'c' refused, 2 'a' (section 1) exit 1"
}

@test "--halt says in which section the run was ended" {
	run -7 --separate-stderr pq -j1 --halt now,fail=1 --name one true --next 'exit 7' ::: a
	assert_regex "$stderr" "^pq: ended by --halt after item 1 'a' \(section 2\) exit 7; "
}

@test "--breaker opens in one section, and that is said" {
	run -123 --separate-stderr pq -j1 true --next --name down -j1 \
		--breaker 50%/2,0.05s 'exit 1; : {}' ::: a b
	assert_equal "$(head -n 1 <<<"$stderr")" 'pq: too many attempts fail (down): nothing is '\
'started for 0.05 s, then one trial (--breaker)'
}

@test "--overflow: how many each section dropped, and for what there was no room" {
	gate slow
	background pq -Q 2 --name fast --overflow drop-new 'read x <slow; : {}' \
		--next -j1 --overflow drop-old 'read x <slow; : {}' ::: {1..9} 2>err
	wait_until steady $!
	open_gate slow 18
	wait $!
	assert_equal "$(cat err)" 'pq: 7 items dropped (fast): the queue was full (--overflow '\
'drop-new)
pq: 7 items dropped (section 2): the queue was full (--overflow drop-old)'
	gate door
	background pq -Q 2 'true {}' --next -j1 --overflow fail 'read x <door; : {}' ::: {1..9} 2>err
	wait_until grep -q full err
	open_gate door 2
	wait $! || status=$?
	assert_equal "$status" 125
	assert_equal "$(head -n 1 err)" "pq: the queue is full, there is no room for item 3 '3' \
(section 2): no new jobs (--overflow fail); -Q makes it larger"
}

@test "--high-water says whose queue it is" {
	gate slow
	background pq -Q 9 --high-water 3 --match x 'true {}' \
		--next --name slow -j1 'read x <slow; : {}' ::: {1..6} 2>err
	wait_until grep -q wait err
	open_gate slow 6
	wait $!
	assert_regex "$(cat err)" \
		'^pq: [4-6] items wait in the queue \(slow\), more than 3 \(--high-water\)$'
	background pq -Q 9 -j1 --high-water 3 --weight 2 'read x <slow; : {}' \
		--next --name slow 'read x <slow; : {}' ::: {1..6} 2>err
	wait_until grep -q wait err
	open_gate slow 12
	wait $!
	assert_regex "$(cat err)" \
		'^pq: [0-9]* items wait in the queue, more than 3 \(--high-water\)$'
}

# ran LOG: item, section and outcome of each row of a job log, by item.
ran() {
	tail -n +2 "$1" | cut -f 1,2,7 | sed 's/;[^\t]*//' | tr '\t' ' ' | sort
}

@test "the job log has in its column Host the section of each job" {
	run -123 pq --joblog log -k --match '[ab]' 'test {} != b' --next --name audit 'true {}' \
		::: a b
	assert_equal "$(ran log)" '1 :1 0
1 :audit 0
2 :1 1
2 :audit 0'
	run -123 pq --joblog log -k --match a true --next --match b true ::: c
	assert_equal "$(ran log)" '1 : 126'
	run -0 pq --name audit --joblog log true ::: a
	assert_equal "$(ran log)" '1 : 0'
}

@test "tables and objects of results have it, too" {
	pq --results out.csv -k 'true {}' --next --name audit : ::: a
	assert_equal "$(cut -d, -f 1,2 out.csv | sort)" $'1,:1\n1,:audit\nSeq,Host'
	pq --results out.tsv -k 'true {}' --next --name audit : ::: a
	assert_equal "$(cut -f 1,2 out.tsv | sort)" $'1\t:1\n1\t:audit\nSeq\tHost'
	pq --results out.json -k 'true {}' --next --name audit : ::: a
	assert_equal "$(jq -r .Host out.json | sort)" $':1\n:audit'
}

@test "the object of a job names its section, and null where no group wants the item" {
	run -123 --separate-stderr pq --json -k --match '[ab]' : --next --name b --match b : ::: a b c
	assert_equal "$(jq -c '[.seq,.group]' <<<"$output")" $'[1,1]\n[2,1]\n[2,"b"]\n[3,null]'
}

@test "--resume runs in each section what it has not done" {
	local command=(pq -k --joblog log --resume 'echo 1{}' --next --name audit 'echo 2{}')
	run -0 "${command[@]}" ::: a b
	assert_output $'1a\n2a\n1b\n2b'
	grep -v $'^2\t:1;' log >less
	mv less log
	run -0 "${command[@]}" ::: a b c
	assert_output $'1b\n1c\n2c'
	run -0 --separate-stderr "${command[@]}" ::: a b c
	assert_equal "$stderr" 'pq: nothing was run: all 6 are done (--joblog log)'
}

@test "--resume goes on with a run that was killed, and no section repeats anything" {
	local command=(pq -j1 --joblog log --resume 'echo {} >>one'
		--next -j1 'echo {} >>two; [ {} != d ] || [ -e again ] || kill $PPID' ::: {a..h})
	run -143 --separate-stderr "${command[@]}"
	assert_regex "$stderr" 'the same command line runs what is left \(--joblog log\)'
	touch again
	run -0 "${command[@]}"
	assert_equal "$(sort one | xargs)" 'a b c d e f g h'
	assert_equal "$(sort two | xargs)" 'a b c d e f g h'
}

@test "--resume-failed: what failed is run again where it failed, by that section's rules" {
	local command=(pq -k --joblog log --resume-failed 'echo 1{}; test {} != b || test -e ok'
		--next --ack-on 0,4 'echo 2{}; exit 4' --next --reject-on 0 'echo 3{}' ::: a b)
	run -123 "${command[@]}"
	touch ok
	run -123 "${command[@]}"
	assert_equal "$(grep -v ^pq <<<"$output")" $'3a\n1b\n3b'
	run -0 --separate-stderr pq -k --joblog log --resume 'echo 1{}; test {} != b || test -e ok' \
		--next --ack-on 0,4 'echo 2{}; exit 4' --next --reject-on 0 'echo 3{}' ::: a b
	refute_output
	assert_equal "$stderr" 'pq: 2 items failed by the job log, and are not run again (--joblog '\
'log); --resume-failed does that'
}

@test "a job log that does not fit these sections is refused" {
	pq -k --joblog log --name one 'true {}' --next --match '[bc]' 'true {}' ::: a b c
	refuses "line 2 of log is of the section 'one', and this command line has none that is \
called so: --resume and --resume-failed go on with the one that wrote it" \
		--resume --joblog log 'true {}' ::: a b c
	refuses "line 2 of log is of the section 'one', and this command line has none that is \
called so: --resume and --resume-failed go on with the one that wrote it" \
		--retry-failed --joblog log
	refuses "item 2 went to section 2 by the job log log, and does not now: the list or who \
gets what has changed; put it back, or use another job log" \
		--resume --joblog log --name one 'true {}' --next --match c 'true {}' ::: a b c
	refuses "item 3 went to section 2 by the job log log, and does not now: the list or who \
gets what has changed; put it back, or use another job log" \
		--resume --joblog log --name one 'true {}' --next --match b 'true {}' ::: a b c
	refuses "item 1 'a' (one) is not what the job log log knows: the list or the command \
has changed; put it back, or use another job log; next time --dead-letter FILE keeps what fails, \
for any command, by --from FILE" \
		--resume --joblog log --name one 'false {}' --next --match '[bc]' 'true {}' ::: a b c
	pq --joblog log 'true {}' ::: a
	refuses 'the job log log is of a command line with one section; use another job log' \
		--resume --joblog log 'true {}' --next 'true {}' ::: a
}

@test "--resume-failed: what no group wanted may be wanted now" {
	run -123 pq -k --joblog log --match a 'echo 1{}' --next --match b 'echo 2{}' ::: a b c
	refuses "no group wanted item 3 by the job log log, and one does now: --resume-failed runs \
it; or use another job log" \
		--resume --joblog log --match a 'echo 1{}' --next --match '[bc]' 'echo 2{}' ::: a b c
	run -0 pq -k --resume-failed --joblog log --match a 'echo 1{}' \
		--next --match '[bc]' 'echo 2{}' ::: a b c
	assert_output 2c
	for again in --resume --resume-failed; do
		run -0 --separate-stderr pq -k $again --joblog log --match a 'echo 1{}' \
			--next --match '[bc]' 'echo 2{}' ::: a b c
		assert_equal "$stderr" 'pq: nothing was run: all 3 are done (--joblog log)'
	done
}

@test "what failed in a section goes back to that alone, by its name or its number" {
	run -123 pq --dead-letter dead 'test {} != a' --next --name audit --dead-letter dead false \
		--next true ::: a b
	assert_equal "$(jq -c '[.item,.group]' dead | sort)" $'["a","audit"]\n["a",1]\n["b","audit"]'
	run -0 pq -k --from dead:dead 'echo 1{}' --next --name audit 'echo 2{}' --next 'echo 3{}'
	assert_equal "$(sort <<<"$output")" $'1a\n2a\n2b'
	# Whatever it asks for by now, and wherever it stands.
	run -0 pq -k --from dead:dead 'echo 1{}' --next 'echo 2{}' \
		--next --name audit --match nothing 'echo 3{}'
	assert_equal "$(sort <<<"$output")" $'1a\n3a\n3b'
	# A single section gets them all.
	run -0 pq --from dead:dead echo
	assert_equal "$(sort <<<"$output")" $'a\na\nb'
}

@test "what failed in a section that there is no more is told, and kept as it was" {
	printf '%s\n' '{"item":"a","group":"audit"}' '{"item":"b","group":3}' '{"item":"c"}' \
		'{"item":"d","group":null}' >dead
	run -123 --separate-stderr pq -k --from dead:dead 'echo 1{}' \
		--next --dead-letter still 'echo 2{}'
	assert_output $'1c\n2c\n1d\n2d'
	assert_equal "$stderr" "pq: item 1 'a': no section is called 'audit', in which it failed
pq: item 2 'b': no section is called '3', in which it failed"
	assert_equal "$(jq -c '[.item,.group]' still)" $'["a","audit"]\n["b","3"]'
	run -0 pq -k --from dead:still 'echo 1{}' --next --name audit 'echo 2{}' --next 'echo 3{}'
	assert_output $'2a\n3b'
}

@test "what no group wanted is routed when it comes again" {
	run -123 pq --match a --dead-letter dead 'true {}' --next --match b 'true {}' ::: c
	assert_equal "$(jq -c .group dead)" null
	run -0 pq -k --from dead:dead --match a 'echo 1{}' --next 'echo 2{}' --next 'echo 3{}'
	assert_output $'2c\n3c'
}

@test "-n: what failed in different sections is no job together" {
	printf '%s\n' '{"item":"a","group":1}' '{"item":"b","group":1}' '{"item":"c","group":1}' \
		'{"item":"d","group":2}' '{"item":"e"}' '{"item":"f"}' >dead
	run -0 pq -k -n 2 --from dead:dead 'echo 1' --next 'echo 2'
	assert_output $'1 a b\n1 c\n2 d\n1 e f\n2 e f'
	run -0 pq --from dead:dead -e 's/^/1/' --next -e 's/^/2/'
	assert_equal "$(sort <<<"$output" | xargs)" '1a 1b 1c 1e 1f 2d 2e 2f'
}

@test "a line whose group is no section is refused" {
	printf '%s\n' '{"item":"a","group":"a\u0000"}' '{"item":"b","group":{}}' >dead
	run -123 --separate-stderr pq -k --from dead:dead 'echo 1{}' --next 'echo 2{}'
	assert_regex "$stderr" 'item 1 .*: is no line of a dead letter: its "group" is no section'
	assert_regex "$stderr" "item 2 'b': no section is called '\{\}', in which it failed"
}

@test "--shuf: what failed in a section finds back to it in any order" {
	for i in {1..20}; do
		printf '{"item":"%s","group":%d}\n' $i $((i % 2 + 1))
	done >dead
	run -0 pq --shuf --from dead:dead 'echo 1 {}' --next 'echo 2 {}'
	assert_equal "$(sort -k2n <<<"$output")" "$(for i in {1..20}; do echo $((i % 2 + 1)) $i; done)"
}

@test "the dead letter of a transform names a record by its own id, or by none" {
	printf '%s\n' '{"item":"a","id":"x-1"}' '{"item":"*","id":"x-2"}' '{"item":"b","id":"x-3"}' \
		>dead
	run -123 pq --from dead:dead --dead-letter still -e unbase64
	assert_equal "$(jq -r 'select(.item == "*").id' still | grep -c '^x-[13]')" 0
}

# member NAME [FILTER]: of the last object of --progress=json.
member() {
	grep '^{' err | tail -n 1 | jq -c "${2-.} | .$1"
}

# member_is NAME VALUE [FILTER]
member_is() {
	[ -s err ] && [ "$(member "$1" "${3-.}")" = "$2" ]
}

@test "--progress=json has the numbers of each section, which add up to all" {
	run -123 --separate-stderr pq -j1 --progress=json 'test {} != 2' \
		--next --name some --match '[12]' 'exit {}' ::: 1 2 3
	echo "$stderr" >err
	assert_equal "$(member done)" 2
	assert_equal "$(member failed)" 3
	assert_equal "$(member total)" 5
	assert_equal "$(member groups)" '[{"group":1,"done":2,"failed":1,"dropped":0,"retrying":0,'\
'"running":0,"queued":0,"born":3},{"group":"some","done":0,"failed":2,"dropped":0,"retrying":0,'\
'"running":0,"queued":0,"born":2}]'
	run -0 --separate-stderr pq --progress=json --name some true ::: 1
	[[ $stderr != *groups* ]]
}

@test "--progress=json: what waits for a slow section is told with it" {
	gate door
	background pq -Q 5 --progress=json 'true {}' --next -j1 'read x <door; : {}' ::: {1..9} 2>err
	wait_until member_is queued 4 '.groups[1]'
	wait_until member_is done 5 '.groups[0]'
	assert_equal "$(member running '.groups[1]')" 1
	assert_equal "$(member total)" 18
	open_gate door 9
	wait "$!"
	assert_equal "$(member done)" 18
}

@test "--progress: with filters the total is reckoned from what has been read" {
	gate door
	seq 10 >list
	background pq -Q 5 -j1 --match '[1-5]$' --progress=json 'read x <door; : {}' \
		--next 'true {}' <list 2>err
	wait_until member_is done 5 '.groups[1]'
	assert_equal "$(member estimated)" true
	assert_equal "$(member total)" 20
	open_gate door 10
	wait "$!"
	assert_equal "$(member total)" 15
	assert_equal "$(member estimated)" null
	# When all has been read that is the number for --halt, too.
	gate next
	background pq -j1 --halt soon,done=50% --match '[12]$' 'read x <next; : {}' \
		--next --match 3 'true {}' ::: {1..4} 2>err
	wait_until steady "$!"
	open_gate next
	wait "$!" || status=$?
	assert_equal "$status" 124
	grep -q 'ended by --halt after item' err
}

@test "--progress: what a section drops and what is dropped for all add up to the total" {
	gate door
	background pq -Q 2 --unique --progress=json 'true {}' \
		--next -j1 --overflow drop-new 'read x <door; : {}' ::: a a b c b d e f 2>err
	wait_until member_is done 6 '.groups[0]'
	open_gate door 6
	wait "$!"
	assert_equal "$(member dropped)" 6
	assert_equal "$(member dropped '.groups[1]')" 4
	assert_equal "$(member total)" 14
	assert_equal "$(member done)" 8
}

@test "--progress: a record that is dropped is one, however many sections there are" {
	gate door
	background pq -Q 2 --unique --progress=json 'true {}' --next -j1 'read x <door; : {}' \
		::: a a b c d e 2>err
	wait_until member_is dropped 1
	assert_equal "$(member total)" 11
	open_gate door 5
	wait "$!"
	assert_equal "$(member total)" 11
	assert_equal "$(member done)" 10
}

@test "what no group wants is in no section's count" {
	run -123 --separate-stderr pq --progress=json --match a true --next --match b true ::: c
	echo "$stderr" >err
	assert_equal "$(member failed)" 1
	assert_equal "$(member failed '.groups[0]')" 0
	assert_equal "$(member born '.groups[0]')" 0
}

@test "--summary: each section has its own lines, and then all of them together" {
	run -123 --separate-stderr pq --summary -j2 'test {} != a' --next --name audit -j1 'true {}' \
		::: a b
	assert_equal "$(sed -n -e 's/p50 .*/p50/' -e '/jobs\|runtime\|waiting\|workers\|queue/p' \
		<<<"$stderr" | sed -e 's/[0-9]*% //' -e 's/[0-9] of 64/N of 64/')" \
		'pq: section 1: jobs     1 done, 1 failed
pq: section 1: runtime  p50
pq: section 1: waiting  p50
pq: section 1: queue    N of 64 at most
pq: section 1: workers  busy of 2
pq: audit: jobs     2 done, 0 failed
pq: audit: runtime  p50
pq: audit: waiting  p50
pq: audit: queue    N of 64 at most
pq: audit: workers  busy of 1
pq: jobs     3 done, 1 failed
pq: runtime  p50
pq: waiting  p50
pq: workers  busy of 3'
	run -0 --separate-stderr pq --summary -j1 --weight 2 'true {}' --next 'true {}' ::: a
	assert_equal "$(sed -n -e 's/[0-9]* of 128/N of 128/' -e 's/[0-9]*% //' \
		-e '/jobs\|queue\|workers/p' <<<"$stderr")" \
		'pq: section 1: jobs     1 done, 0 failed
pq: section 2: jobs     1 done, 0 failed
pq: jobs     2 done, 0 failed
pq: queue    N of 128 at most
pq: workers  busy of 1'
}

@test "a worker that stays up is told with its section, for each has a first one" {
	run -123 --separate-stderr pq -j1 --poison 1 --persistent 'read l; exit 4' \
		--next --name score -j1 --persistent 'cat; exit 5' ::: a
	assert_equal "$(grep -v failed: <<<"$stderr" | sort)" \
		"pq: item 1 'a' (section 1): lost with its worker 1 time (--poison)
pq: worker 1 (score) ended with status 5; it owed no answer
pq: worker 1 (section 1) ended with status 4; item 1 'a' was lost with it (1 of 1)"
}

@test "a journal has what no group wanted, whichever section keeps a dead letter of it" {
	run -123 pq --journal j --match a true --next --match b --dead-letter dead true ::: a b c
	run -123 --separate-stderr pq --journal j --match a --dead-letter dead true \
		--next --match b true ::: a b c
	assert_regex "$stderr" '^pq: 1 item failed for good in an earlier run'
	assert_equal "$(jq -c '[.item,.group]' dead)" '["c",null]'
}
