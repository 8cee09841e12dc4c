# Under the name parallel: what belongs to the shell that calls it, and to the log of its jobs.

load helper
load gnu

setup() {
	cd "$BATS_TEST_TMPDIR"
	mkdir bin
	ln -s "$PQ" bin/parallel
	PATH=$PWD/bin:$PATH
}

# --- the log ----------------------------------------------------------------

# rows: of the log on standard input, all but the times.
rows() {
	awk -F '\t' -v OFS='\t' 'NF == 9 { $3 = $4 = "" } { print }'
}

@test "--joblog - writes the log to standard output, each row behind what its job has printed" {
	local header=$'Seq\tHost\t\t\tSend\tReceive\tExitval\tSignal\tCommand'
	parallel -k --joblog - 'echo {}; exit {}' ::: 0 3 >out || status=$?
	assert_equal "$status" 1
	assert_equal "$(rows <out)" "$header
0
1	:			0	2	0	0	echo 0; exit 0
3
2	:			0	2	3	0	echo 3; exit 3"
	gate first # the others wait for their turn, and then are written at once
	background parallel -k -j3 --joblog - \
		'echo {}; [ {} = 1 ] && read -r x <first || echo >>ended' ::: 1 2 3 4 5 6 >out
	wait_until has_lines ended 5
	open_gate first
	wait "$!"
	assert_equal "$(cut -f 1 out | tr '\n' ' ')" 'Seq 1 1 2 2 3 3 4 4 5 5 6 6 '
	run -0 parallel --jl - true ::: a
	assert_line --regexp $'^1\t:\t[0-9]+\\.[0-9]{3}\t +[0-9]+\\.[0-9]{3}\t0\t0\t0\t0\ttrue a$'
	if PATH=${PATH#*:} gnu_parallel; then
		mkdir home && touch home/will-cite
		parallel -j1 --joblog - true ::: b "c'd" >ours
		PATH=${PATH#*:} PARALLEL_HOME=$PWD/home \
			parallel -j1 --joblog - true ::: b "c'd" >theirs
		assert_equal "$(rows <ours)" "$(rows <theirs)"
	fi
}

@test "--joblog - is no record to go on with, and ends without a word where nobody reads" {
	local option
	for option in --resume --resume-failed --retry-failed; do
		run --separate-stderr -255 parallel --joblog - $option echo ::: a
		only_message '--joblog -: what went to standard output cannot be read again; give '\
'--resume and its like a file'
	done
	run -0 --separate-stderr env --default-signal bash -c \
		'seq 3000 | parallel --joblog - true | head -n 1 | cut -c 1-3; echo "${PIPESTATUS[1]}"'
	assert_output $'Seq\n141'
	assert_equal "$stderr" ''
	refuses "--joblog: '-' is no file to write; try ./- or /dev/stderr" --joblog - echo ::: a
}

@test "--joblog FILE begins anew, --joblog +FILE goes on, and --resume runs what is left" {
	run -0 parallel --joblog log echo ::: a
	run -0 parallel -j1 --joblog log exit ::: 0 0
	run -0 parallel --joblog +log echo ::: c
	assert_equal "$(rows <log | cut -f 1,2,9 | tail -n +2)" \
		$'1\t:\texit 0\n2\t:\texit 0\n1\t:\techo c'
	rm log
	local line='echo {}; test -e mended || test {} != b'
	run -1 parallel -j1 --joblog log --halt now,fail=1 "$line" ::: a b c
	run -0 --separate-stderr parallel -j1 --joblog log --resume "$line" ::: a b c
	assert_output c
	touch mended
	run -0 --separate-stderr parallel -j1 --joblog log --resume-failed "$line" \
		::: a b c
	assert_output b
}

# --- commands that are not there --------------------------------------------

@test "--dry-run shows a command that is not installed, under both names" {
	local command
	run -0 --separate-stderr parallel -k --dry-run nonesuch -x {} ::: 'a b' c
	assert_output $'nonesuch -x \'a b\'\nnonesuch -x c'
	assert_equal "$stderr" ''
	run -0 --separate-stderr pq -k --dry-run nonesuch -x {} ::: 'a b' c
	assert_output $'nonesuch -x \'a b\'\nnonesuch -x c'
	only_message "'nonesuch': command not found"
	for command in ./nonesuch /etc/passwd / nonesuch/x; do
		run -0 --separate-stderr parallel --dry-run "$command" ::: a
		assert_output "$command a"
		run -0 --separate-stderr pq --dry-run "$command" ::: a
		assert_output "$command a"
		run -0 --separate-stderr parallel --dry-run -q "$command" ::: a
		assert_output "$command a"
	done
	run -0 parallel -k --dry-run 'nonesuch {} | wc; nonesuch' ::: a
	assert_output 'nonesuch a | wc; nonesuch'
}

# --- functions ---------------------------------------------------------------

@test "an exported function is a command, in any line, with its variables" {
	run -0 bash -c 'say() { echo "$word $1"; }; export -f say; export word=hello
		parallel -k say ::: ann "bob b"
		parallel -k "say {}; say {.} | tr a-z A-Z" ::: c.d
		parallel --env say --env word say ::: e
		seq 2 | parallel -k --pipe -N1 "say \$(cat)"
		echo "say f" | parallel'
	assert_output $'hello ann\nhello bob b\nhello c.d\nHELLO C\nhello e\nhello 1\nhello 2\nhello f'
}

@test "functions of a file are known after set -a, or where the line reads it" {
	echo 'twice() { echo "$1$1"; }' >functions
	run -0 bash -c 'set -a; . ./functions; set +a; parallel -k twice ::: a b; :'
	assert_output $'aa\nbb'
	run -0 env SHELL=/bin/sh sh -c "parallel -k '. ./functions; twice {}' ::: a b; :"
	assert_output $'aa\nbb'
}

# in_env TEXT ARGUMENT...: `parallel -k` with these, as the function env_parallel calls it.
in_env() {
	local text=$1
	shift
	PARALLEL_ENV=$text run --separate-stderr parallel -k "$@"
}

@test "what env_parallel passes on is known in each job, and not shown" {
	local text=$'two() { echo "$1 {} {#} $v";\1echo 2; }\1v=" x'"'"'y"'
	in_env "$text" two ::: a 'b c'
	assert_output $'a {} {#}  x\'y\n2\nb c {} {#}  x\'y\n2'
	in_env "$text" -v two ::: a
	assert_output $'two a\na {} {#}  x\'y\n2'
	in_env "$text" --dry-run two '{};' ::: a 'b c'
	assert_output $'two a;\ntwo \'b c\';'
	in_env "$text" --joblog - two ::: a
	assert_line --regexp $'\ttwo a$'
	in_env "$text" ::: 'two x'
	assert_output $'x {} {#}  x\'y\n2'
	in_env 'v=1' 'echo $v ${PARALLEL_ENV-none}' ::: a
	assert_output '1 none a'
	in_env 'v=1' -q echo ::: a
	only_message '-q with env_parallel: words that are run as they stand know no functions; '\
'leave -q out'
}

@test "env_parallel itself, where GNU parallel is installed" {
	local file
	file=$(PATH=${PATH#*:} command -v env_parallel.bash) || skip 'there is no env_parallel.bash'
	run -0 bash -c '. "$1"; alias loud="echo LOUD"; list=(a "b  c"); declare -A map=([k]=v)
		show() { echo "$1 ${list[1]} ${map[k]}"; }
		env_parallel -k "show {}; loud {}" ::: 1 2; env_parallel false ::: 1 2 3 || echo $?' \
		bash "$file"
	assert_output $'1 b  c v\nLOUD 1\n2 b  c v\nLOUD 2\n3'
}

@test "in place of parset: an array by mapfile, or some variables by read" {
	run -0 bash -c 'mapfile -t sums < <(parallel -k "echo \$(({} * {}))" ::: 1 2 3)
		wait $! && echo "${#sums[@]}: ${sums[*]}"
		mapfile -t -d "" texts < <(parallel -k "seq {}; printf \\\\0" ::: 1 2)
		printf "<%s>" "${texts[@]}"; echo
		{ read -r a; read -r b; } < <(parallel -k echo ::: x y); echo "$b $a"
		mapfile -t none < <(parallel false ::: 1 2); wait $! || echo "$?"'
	assert_output $'3: 1 4 9\n<1\n><1\n2\n>\ny x\n2'
	run --separate-stderr -255 parallel --_parset var,x echo ::: a
	tells parset mapfile
}
