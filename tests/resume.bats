# --resume and --resume-failed: what the job log has is not run again.

load helper
load faults/faults
load gnu

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# What is said of an item that is another one now.
changed='is not what the job log log knows: the list or the command has changed; put it back, '\
'or use another job log; next time --dead-letter FILE keeps what fails, for any command, by '\
'--from FILE'

@test "--resume runs what the log does not have, and appends to it" {
	pq --joblog log -k echo ::: a b
	run pq --resume --joblog log -k echo ::: a b c d
	assert_success
	assert_output $'c\nd'
	assert_equal "$(cut -f1 log | xargs)" 'Seq 1 2 3 4'
	run --separate-stderr pq --resume --joblog log -k echo ::: a b c d
	assert_success
	refute_output
}

@test "without a log --resume runs everything" {
	run pq --resume --joblog log -k echo ::: a b
	assert_output $'a\nb'
}

@test "--resume leaves what failed alone, --resume-failed runs it again" {
	cat >job <<<'echo $1 >>begun; [ $1 != b ] || [ -e fixed ]'
	run -123 pq --joblog log sh job ::: a b c
	: >begun
	run -0 pq --resume --joblog log sh job ::: a b c
	assert_equal "$(cat begun)" ''
	run -123 pq --resume-failed --joblog log sh job ::: a b c
	assert_equal "$(cat begun)" b
	: >fixed
	run -0 pq --resume-failed --joblog log sh job ::: a b c
	: >begun
	# The last row of an item counts.
	run -0 pq --resume-failed --joblog log sh job ::: a b c
	assert_equal "$(cat begun)" ''
}

@test "what failed is what --ack-on and --reject-on say" {
	cat >job <<-'E'
		echo $1 >>begun
		case $1 in
		k) kill -9 $$ ;;
		t) sleep 60; : ;; # a job
		*) exit $1 ;;
		esac
	E
	local options=(--joblog log --ack-on 1,KILL,timeout --timeout 3 -k -j1)
	run -123 pq "${options[@]}" sh job ::: 0 1 2 k t
	assert_equal "$(xargs <begun)" '0 1 2 k t'
	: >begun
	run -123 pq "${options[@]}" --resume-failed sh job ::: 0 1 2 k t
	assert_equal "$(cat begun)" 2
	: >begun
	run -0 pq --joblog log --ack-on 1,2,KILL,timeout --retry-failed
	assert_equal "$(cat begun)" ''
	run -123 pq --joblog log --reject-on 0 --ack-on 1,2,KILL,timeout --retry-failed
	assert_equal "$(cat begun)" 0
}

@test "as GNU parallel does, with gaps and in order" {
	gnu_parallel || skip 'there is no GNU parallel'
	export HOME=$BATS_TEST_TMPDIR
	printf 'Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n' >log
	printf '%s\t:\t1.0\t0.1\t0\t0\t%s\t0\techo %s\n' 4 0 d 2 1 b >>log
	once_in 5 parallel_resumes $'a\nb\nc\ne' a b c d e
	run pq -k --resume-failed --joblog log echo ::: a b c d e
	assert_output $'a\nb\nc\ne'
}

@test "GNU parallel goes on with a log of pq, whatever stands beside the host" {
	gnu_parallel || skip 'there is no GNU parallel'
	export HOME=$BATS_TEST_TMPDIR
	run -123 pq -j1 --name audit --retries 2 --joblog log 'test {} != b' ::: a b c
	assert_equal "$(cut -f 1,2 log | sed -n '3s/waited=.*//p')" $'2\t:;slot=1;attempts=2;'
	once_in 5 parallel_resumes $'b\nd' a b c d
	run parallel --will-cite --retry-failed --joblog log
	assert_failure
	assert_equal "$(tail -n 1 log | cut -f 1,7)" $'2\t1'
}

# parallel_resumes OUTPUT ITEM...: GNU parallel, with a copy of `log`. Now and then it forgets
# the last one behind one that it leaves out.
parallel_resumes() {
	local output=$1
	shift
	cp log theirs
	[ "$(parallel --will-cite -k --resume-failed --joblog theirs echo ::: "$@")" = "$output" ]
}

@test "a log of GNU parallel is gone on with, however it quotes" {
	gnu_parallel || skip 'there is no GNU parallel'
	export HOME=$BATS_TEST_TMPDIR
	local items=('' 'b c' "d'e" 'f"g' '$x' é '*' -n '~' 'a;b' '#h' {} '\' '!x' '[z]' a=b x,y:z
		'<>' '|' '`' $'new\nline' $'\t' $'\xff')
	parallel --will-cite -0 -k --joblog theirs echo {} x{.} :::: <(printf '%s\0' "${items[@]}") >out
	run pq -0 -k --resume --joblog theirs echo {} x{.} :::: <(printf '%s\0' "${items[@]}" more)
	assert_success
	assert_output 'more xmore'
	# What it says is compared all the same.
	parallel --will-cite --joblog log echo {1} {2} ::: 'a b' ::: c >out
	run -2 pq --resume --joblog log echo {1} {2} ::: a ::: 'b c'
	assert_output "pq: item 1 'a' 'b c' $changed"
	refuses "item 1 'a b' 'c' $changed" --resume --joblog log 'echo "{1}" {2}; date' ::: 'a b' ::: c
	refuses "item 1 'a b' '\\'c\\'' $changed" --resume --joblog log echo {1} {2} ::: "a b" ::: "'c'"
	run -0 --separate-stderr pq --resume --joblog log 'echo "{1}" {2}' ::: 'a b' ::: c
	refute_output
}

@test "an item that was refused is no change of the list" {
	run -123 pq --joblog log -k --validate '^[a-z]$' echo ::: a 1 c
	run -0 --separate-stderr pq --resume --joblog log -k --validate '^[a-z]$' echo ::: a 1 c d
	assert_output d
	run -123 --separate-stderr pq --resume-failed --joblog log --validate '^[a-z]$' \
		echo ::: a 1 c d
	assert_equal "$stderr" "pq: item 2 '1': does not match --validate"
}

@test "a list that has changed is refused before anything is started" {
	pq --joblog log -k echo ::: a b c >/dev/null
	run -2 pq --resume --joblog log echo ::: a x c d
	assert_output "pq: item 2 'x' $changed"
	run -2 pq --resume --joblog log echo other ::: a b c
	assert_output "pq: item 1 'a' $changed"
	run -2 pq --resume --joblog log echo ::: a b
	assert_output 'pq: the list has become shorter: the job log log knows of item 3; put it back, '\
'or use another job log'
	assert_equal "$(wc -l <log)" 4
}

@test "what --resume does not run again is told: what failed by the log, or that all are done" {
	run -123 pq --joblog log -j1 'test {} = a' ::: a b c
	run -0 --separate-stderr pq --joblog log --resume 'test {} = a' ::: a b c
	assert_equal "$stderr" "pq: 2 items failed by the job log, and are not run again \
(--joblog log); --resume-failed or --retry-failed does that"
	pq --joblog other -j1 true ::: a b c
	run -0 --separate-stderr pq --joblog other --resume true ::: a b c
	assert_equal "$stderr" 'pq: nothing was run: all 3 are done (--joblog other)'
	run -0 --separate-stderr pq --joblog other --resume true ::: a b c d
	assert_equal "$stderr" ''
}

@test "what is left after an early end can be run, and it is said how" {
	gate door
	background pq --joblog log -j1 --drain 0 'echo >>started; read x <door; : {}' ::: a b 2>err
	wait_until has_lines started 1
	kill -TERM "$!"
	wait "$!" || :
	grep -qxF 'pq: with --resume the same command line runs what is left (--joblog log)' err
	background pq --resume --joblog log -j1 --drain 0 'echo >>started; read x <door; : {}' \
		::: a b 2>err
	wait_until has_lines started 2
	kill -TERM "$!"
	wait "$!" || :
	grep -qxF 'pq: the same command line runs what is left (--joblog log)' err
	# Not where --resume would be refused.
	background pq --joblog log -o out -j1 --drain 0 'echo >>started; read x <door; : {}' \
		::: a b 2>err
	wait_until has_lines started 3
	kill -TERM "$!"
	wait "$!" || :
	assert_equal "$(cat err)" 'pq: SIGTERM: no new jobs; 1 running may finish within 0 s
pq: the jobs still running are ended (--drain)'
}

@test "a torn last line is cut off, and its job is run again" {
	pq --joblog log -j1 echo ::: a b >/dev/null
	truncate -s -3 log
	run pq --resume --joblog log echo ::: a b
	assert_output b
	assert_equal "$(cut -f1,9 log | tail -n +2)" $'1\techo a\n2\techo b'
}

@test "a command with the slot in it is not compared" {
	pq --joblog log -j1 echo {%} ::: a b >/dev/null
	run pq --resume --joblog log -j1 echo {%} ::: x y z
	assert_output 1
}

@test "hostile items are compared, too" {
	printf 'a\tb\0c\nd\0$(e)\0' >items
	pq -0 --joblog log -k echo :::: items >/dev/null
	run -0 pq -0 --resume --joblog log echo :::: items
	assert_output 'pq: nothing was run: all 3 are done (--joblog log)'
}

@test "a row with a number that no job can have is none" {
	for number in 0 -1 x 99999999999999999999; do
		printf '%s\t:\t1\t0\t0\t0\t0\t0\techo a\n' 1 "$number" >log
		run -2 pq --resume --joblog log echo ::: a b
		assert_output 'pq: log is no job log: line 2 has no number and command; use another file'
	done
}

@test "what cannot work is refused with the reason" {
	run -2 pq --resume true ::: a
	assert_output 'pq: --resume without --joblog: there is no record of what is done; '\
'add --joblog FILE'
	run -2 pq --resume-failed --joblog log -o out true ::: a
	assert_output 'pq: --resume-failed with -o: it is emptied first; use --journal, which goes on '\
'with it'
	run -2 pq --resume --joblog log --shuf true ::: a
	assert_output 'pq: --resume with --shuf: the order would be another one each time; keep what '\
'shuf prints in a file'
	echo text >log
	run -2 pq --resume --joblog log true ::: a
	assert_output 'pq: log is no job log: line 1 has no number and command; use another file'
	assert_equal "$(cat log)" text
}

# flaky: a script that notes its number and arguments, and fails until there is a file `fixed`.
flaky() {
	cat >job <<'END'
printf '%s<' "$PQ_SEQ" "$@" >>begun
[ -e fixed ] || [ "$1" = good ]
END
}

@test "--retry-failed runs from the log alone what has failed, until nothing has" {
	flaky
	run -123 pq -j1 --joblog log sh job ::: good 'b c' good d
	: >begun
	run -123 pq -j1 --retry-failed --joblog log <<<'never read'
	assert_equal "$(cat begun)" '2<b c<4<d<'
	assert_equal "$(tail -n +6 log | cut -f1,7,9)" $'2\t1\tsh job \'b c\'\n4\t1\tsh job d'
	: >fixed
	: >begun
	run -0 pq -j1 --retry-failed --joblog log
	assert_equal "$(cat begun)" '2<b c<4<d<'
	: >begun
	run -0 pq --retry-failed --joblog log
	refute_output
	assert_equal "$(cat begun)" ''
	run -0 pq --resume-failed --joblog log sh job ::: good 'b c' good d
	assert_equal "$(cat begun)" ''
}

@test "--resume-failed goes on from what --retry-failed has left" {
	flaky
	run -123 pq -0 -j1 --joblog log sh job <<<$'a\tb'
	run -123 pq --retry-failed --joblog log
	: >begun
	run -123 pq -0 -j1 --resume-failed --joblog log sh job <<<$'a\tb'
	assert_equal "$(cat begun)" $'1<a\tb\n<'
}

@test "--retry-failed: the number of a job is the one it had, wherever it is told" {
	run -123 pq -k --joblog log 'echo $PQ_SEQ; [ {} != b ] && [ {} != d ]' ::: a b c d
	run -123 --separate-stderr pq -k --retry-failed --joblog log --tagstring '{#}'
	assert_output $'2\t2\n4\t4'
	run -123 --separate-stderr pq -k --retry-failed --joblog log --json
	assert_equal "$(grep -o '"seq":[0-9]*' <<<"$output" | xargs)" 'seq:2 seq:4'
	printf '%s\t:\t1.0\t0.1\t0\t0\t1\t0\t%s\n' 7 'exec /nowhere' >other
	run -123 pq --retry-failed --joblog other
	assert_equal "$(tail -1 other | cut -f1,7,9)" $'7\t127\texec /nowhere'
}

@test "--retry-failed runs hostile items as they were, in any place of the command" {
	flaky
	printf 'a\tb\0c\nd\0$(e)\0it'\''s\n\0\\t!\0\377\0' >items
	for command in 'sh job {}' "sh job '{}' x{}y; [ -e fixed ]" 'sh job "{} $(echo "a b")" # {}' \
		'(sh job "a`echo {}`" {})'; do
		rm -f fixed begun log
		run -123 pq -0 -j1 --joblog log "$command" :::: items
		mv begun first
		cut -f9 log >commands
		run -123 pq -j1 --retry-failed --joblog log
		cmp first begun
		: >fixed
		rm begun
		run -0 pq -j1 --retry-failed --joblog log
		cmp first begun
		# The log has the same commands three times.
		assert_equal "$(tail -n +2 log | cut -f9 | sort | uniq -c | awk '{ print $1 }' | uniq)" 3
	done
}

@test "--retry-failed does what GNU parallel does with its own log" {
	gnu_parallel || skip 'there is no GNU parallel'
	export HOME=$BATS_TEST_TMPDIR
	flaky
	sed -i 's/"$PQ_SEQ"/"$PARALLEL_SEQ"/' job
	printf 'a b\0c\td\0e\nf\0good\0' >items
	parallel --will-cite -0 -j1 --joblog log sh job :::: items || true
	: >begun
	run -123 pq -j1 --retry-failed --joblog log
	assert_equal "$(cat begun)" $'1<a b<2<c\td<3<e\nf<'
	run -123 pq -j1 --retry-failed --joblog log
	: >fixed
	: >begun
	run -0 pq -j1 --retry-failed --joblog log
	assert_equal "$(cat begun)" $'1<a b<2<c\td<3<e\nf<'
	assert_equal "$(parallel --will-cite --retry-failed --joblog log </dev/null)" ''
}

@test "--retry-failed ignores a torn last line, and cuts it" {
	flaky
	run -123 pq -j1 --joblog log sh job ::: a b
	truncate -s -3 log
	: >begun
	run -123 pq --retry-failed --joblog log
	assert_equal "$(cat begun)" '1<a<'
	assert_equal "$(cut -f1,9 log | tail -n +2)" $'1\tsh job a\n1\tsh job a'
}

@test "--retry-failed: a job without a command in the log fails again, and the others run" {
	run -123 pq --max-item 4 -j1 --joblog log false ::: toolong
	run -123 pq --max-item 4 -j1 --joblog log false :::: - <<<$'toolong\na'
	run -123 --separate-stderr pq --retry-failed -j1 --joblog log
	assert_equal "$(told)" "pq: item 1 '': has no command in the job log: it was refused as it was \
read, and only --resume-failed with its list can run it"
	assert_equal "$(cut -f1,7,9 log | tail -n +4)" $'1\t126\t\n2\t1\tfalse a'
}

@test "--retry-failed refuses before anything is started what it cannot do" {
	run -2 pq --retry-failed
	assert_output 'pq: --retry-failed without --joblog: there is no record of what has failed; '\
'add --joblog FILE'
	run -2 pq --retry-failed --joblog log
	assert_output 'pq: cannot read the job log log: No such file or directory; nothing was started'
	assert_file_not_exist log
	echo text >log
	run -2 pq --retry-failed --joblog log
	assert_output 'pq: log is no job log: line 1 has no number and command; use another file'
	assert_equal "$(cat log)" text
	run -123 pq --pipe --joblog blocks 'cat; false' <<<a
	run -2 pq --retry-failed --joblog blocks
	assert_output 'pq: item 1 had input (--pipe), which the job log blocks does not have: '\
'use --resume-failed with the same input and command'
	local why='the commands are in the job log, and no input is read; leave it out, or use '\
'--resume-failed'
	refuses "--retry-failed with a command: $why" --retry-failed --joblog log true
	refuses "--retry-failed with input (:::, ::::, -a): $why" --retry-failed --joblog log ::: a
	for option in -0 '-d ,' -r '--max-item 9' --link '--block 9' '--recend x' \
		'-e s/a/b/' '--from x' --pipe --content '-n 2' -X '-E x' --shuf \
		'--colsep ,' --csv '--header :' '--regex x' --jsonl '--trim n' '--validate x' \
		--unique; do
		refuses "--retry-failed with ${option%% *}: $why" --retry-failed --joblog log $option
	done
	while IFS='|' read -r option why; do
		refuses "--retry-failed with ${option%% *}: $why" --retry-failed --joblog log $option
	done <<-'END'
		-I %|a command of the job log has its item in it; leave it out
		--no-shell|a job log has lines for the shell; leave it out
		--overflow fail|what is dropped would stay failed; leave it out, the job log waits
		--dry-run|nothing would be run, and all be on record as done; leave one out
		--journal j|that goes on by itself; leave one out
		--dead-letter d|what fails again is in the job log; leave it out
		-o out|it is emptied first; use >>FILE
	END
	# In a tag there is something that -I could name.
	printf 'Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n' >log
	printf '7\t:\t1.0\t0.1\t0\t0\t1\t0\techo x\n' >>log
	run -0 pq --retry-failed --joblog log -I % --tagstring '<%>'
	assert_output $'<echo x>\tx'
	refuses '--retry-failed with --resume: they read the list again; leave one out' \
		--retry-failed --resume --joblog log
}

@test "a table of --results goes on with --resume, and begins anew with the first run" {
	echo stale >out.csv
	pq -k --joblog log --resume --results out.csv true ::: a
	pq -k --joblog log --resume --results out.csv true ::: a b
	assert_equal "$(cut -d, -f1,10 out.csv)" $'Seq,V1\n1,a\n2,b'
}
