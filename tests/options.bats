# The command line: what is accepted, what is refused, and with which words.
# Not with the thread sanitizer: what is refused is so before there are threads.

load helper
load faults/faults

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# takes ARGUMENT...: these options are accepted; nothing is run.
takes() {
	run -0 pq "$@" --version
	assert_line --index 0 --regexp '^pq [0-9]+\.[0-9]+\.[0-9]+$'
}

# All names of options: as --help has them, and as the manual has them.
in_help() {
	help_names | sort
}

in_manual() {
	sed -n '/^\.Sh OPTIONS/,/^\.Sh INPUT/p' "$TOP/man/pq.1" | grep '^\.It Fl' |
		grep -oE 'Fl -?[a-zA-Z0-9][a-z-]*' | sed 's/Fl /-/' | sort
}

@test "a file in the command's place is answered with where files stand" {
	echo a >log
	run -127 pq -e s/a/b/ log
	assert_output "pq: 'log': command not found; as a file it is read with <FILE or :::: FILE, \
and rewritten with --in-place ::: FILE"
	run -127 pq log
	assert_output "pq: 'log': command not found; as a file it is read with <FILE or :::: FILE, \
and ::: FILE makes its name an item"
	run -127 pq no-such-command-here
	assert_output "pq: 'no-such-command-here': command not found"
	refuses "--in-place with a file in the command's place: files are items; put ::: before \
their names" --in-place -e s/a/b/ log
	assert_equal "$(cat log)" a
}

@test "--dry-run shows a command that is not there, too" {
	run -0 --separate-stderr pq --dry-run no-such-command-here {} ::: a
	assert_output 'no-such-command-here a'
	assert_equal "$stderr" "pq: 'no-such-command-here': command not found"
	run -0 --separate-stderr pq --dry-run --header : no-such-command-here {x} ::: x a
	assert_output 'no-such-command-here a'
	assert_equal "$stderr" "pq: 'no-such-command-here': command not found"
}

@test "--help fits on two screens and goes to stdout" {
	run --separate-stderr pq --help
	assert_success
	[ -z "$stderr" ]
	[ "${#lines[@]}" -le 48 ]
	[ "$(awk 'length > 80' <<<"$output")" = '' ]
	assert_line --index 0 'usage: pq [options] [command [argument ...]] [--next ...] '\
'[::: argument ...]'
	local help=$output
	run -0 pq -h
	assert_output "$help"
}

@test "--help OPTION tells of one: its names, values, and what it cannot go with" {
	run -0 pq --help --max-procs
	assert_output '  -j -P --jobs --max-procs N  N, +N, -N, N% of CPUs, 0: most, MIN..MAX, FILE
      also --maxprocs
      also --job
      of one section, and may be another behind --next
man pq has more.'
	for option in in-place --in-place; do
		run -0 pq --help "$option"
		assert_line '      not without -e or -f: there is nothing to do to the files'
		assert_line '      not with a command: only -e rewrites files'
	done
	run -0 pq --help u
	assert_line '      not with -k: what jobs write themselves cannot be put in order'
	run -0 pq --help=overflow
	assert_line '      one of: block drop-new drop-old reject fail'
	assert_line '      of one section, and may be another behind --next'
	run -0 pq --help k
	refute_line --partial 'of one section'
	refuses 'no option --filter: not in this version; try grep before pq' --help filter
	refuses "unknown option '--jbos'; did you mean --jobs?" --help jbos
}

@test "--help finds each option by every name, with dashes and without" {
	local word name
	unsanitized 'the same, some hundreds of times'
	for name in $(in_help); do
		run -0 pq --help "$name"
		assert_line --index 0 --regexp "^ .* ?$name( |\[|\$)"
		word=$output
		run -0 pq "--help=$name"
		assert_output "$word"
		name=${name#-}
		run -0 pq --help "${name#-}"
		assert_output "$word"
	done
	for name in keep-order KEEP_ORDER 'keep order' keeporder keep-o --keep_order --keep-order=1 \
		-keep-order -k k; do
		run -0 pq --help "$name"
		assert_line --index 0 '  -k --keep-order             output in the order of the input'
	done
	for name in -j8 -jobs --jobs=8 maxprocs --job; do
		run -0 pq --help "$name"
		assert_line --index 0 --partial '  -j -P --jobs --max-procs N '
	done
	run -0 pq --help keep # a whole name is no beginning
	assert_line --index 0 --partial '     --keep N|T '
}

@test "--help WORD lists what begins with it or tells of it, where it is no option" {
	run -0 pq --help retr
	assert_output "No option is called 'retr'; these are like it, or tell of it:
     --retries N              try an item up to N times in all
     --retry-on LIST          only these outcomes are tried again
     --retry-failed           run what failed by --joblog, from the log alone"
	run -0 pq --help random
	assert_line --index 1 --partial '     --shuf '
	run -0 pq --help --columns
	assert_line --partial '     --header : '
	assert_line --partial '     --csv '
}

@test "--help WORD knows what people call things elsewhere" {
	local word
	run -0 pq --help duplicates
	assert_line --index 1 --partial '     --unique'
	run -0 pq --help throttle
	assert_line --index 1 --partial '     --rate '
	run -0 pq --help Threads
	assert_line --index 1 --partial '  -j -P --jobs '
	run -0 pq --help print0
	assert_line --index 1 --partial '  -0 --null '
	run -0 pq --help retry
	assert_line --index 1 --partial '     --retries '
	run -0 pq --help ci # short, but a word
	assert_line --partial '     --junit '
	assert_line --partial '     --shard '
	refuses "unknown option '--threads'; pq --help threads lists what is like it" --threads 4
	refuses "unknown option '--threads\\x1b'; pq --help lists what there is" $'--threads\e' 4
	[ -z "$SANITIZER" ] || return 0 # the same, some hundreds of times
	# Each option that its words lead to is one, and each word leads to it.
	awk -F '"' '/^\t\{ "/ { words = $2 } /^\t.*" \},$/ { print words "\t" $(NF - 1) }' \
		"$TOP/src/options/subjects.c" >leads
	[ "$(wc -l <leads)" -ge 20 ]
	while IFS=$'\t' read -r words options; do
		for word in $options; do
			run -0 pq --help "$word"
			refute_output --partial 'No option is called'
		done
		for word in $words; do
			run pq --help "${word}xx"
			assert_line --partial "${options%% *}"
		done
	done <leads
}

@test "--help of what pq does not have says what there is instead" {
	for word in sshlogin --sshlogin=host S -S; do
		run -2 pq --help "$word"
		assert_output --regexp '^pq: no option --?S?(sshlogin)?: jobs run on this machine only; try'
	done
	for word in --sshlogn sshlogn; do
		refuses "unknown option '--sshlogn', and no --sshlogin: jobs run on this machine only; \
try ssh HOST in the command" --help "$word"
	done
	refuses "unknown option '--sshlogn', and no --sshlogin: jobs run on this machine only; \
try ssh HOST in the command" --sshlogn host
	run -0 pq --help quote
	assert_output '--quote: asks for what pq does anyway, and is passed over'
	for word in z -z -zz; do
		refuses "unknown option '${word/#z/-z}'; pq --help lists what there is" --help "$word"
	done
	refuses "unknown option '--frobnicate'; pq --help lists what there is" --help frobnicate
	refuses "unknown option '--ssh\\x1b[logi', and no --sshlogin: jobs run on this machine only; \
try ssh HOST in the command" --help $'ssh\e[logi'
	for word in - --- --= -=; do
		refuses "unknown option '${word%=}'; pq --help lists what there is" --help "$word"
	done
}

@test "--help tells of the signs of a command line that are no options" {
	run -0 pq --help :::
	assert_line --index 0 --partial '::: ARGUMENT ... '
	run -0 pq --help ::::+
	assert_line --index 0 --partial '::::+ FILE ... '
	run -0 pq --help --
	assert_line --index 0 --partial '-- COMMAND '
	run -0 pq --help '{/.}'
	assert_line --index 0 --partial '{} item '
	refute_line --partial 'usage:'
}

@test "--help all has a line for each option, as wide as a terminal" {
	run -0 pq --help all
	[ "$(grep -cE '^ +-' <<<"$output")" -gt 80 ]
	[ "$(awk 'length > 90' <<<"$output")" = '' ]
	local name
	for name in $(in_help); do
		grep -qE -- "^ .* ?$name( |\[|$)" <<<"$output" || fail "$name"
	done
}

@test "--version is a number, and what is built in; -V the same" {
	run pq --version
	assert_success
	assert_line --index 0 --regexp '^pq [0-9]+\.[0-9]+\.[0-9]+$'
	assert_line --index 1 --regexp \
		'^with PCRE2 [0-9.]+ with(out)? JIT(, [a-zA-Z]+ \([a-z:/-]+\))*$'
	version=$output
	run pq -V
	assert_output "$version"
}

@test "help that cannot be written is no success" {
	for option in --help --version '--completion bash'; do
		run -74 sh -c "pq $option >/dev/full"
		assert_output 'pq: cannot write to standard output: No space left on device'
	done
}

@test "every option has a line of --help and an entry in the manual, and none has more" {
	run diff <(in_help) <(in_manual)
	assert_success
	[ "$(in_help | wc -l)" -gt 40 ]
	[ "$(in_help | uniq -d)" = '' ]
}

@test "the README names no option that there is not" {
	local option
	# What stands behind pq: find and configure have options of their own.
	sed -n 's/.*[^a-z]pq //p' "$TOP/README.md" | sed 's/[|#].*//' |
		grep -oE -- '(^| )--[a-z][a-z-]*' | tr -d ' ' >named
	[ "$(wc -l <named)" -ge 4 ]
	in_help >there
	while read -r option; do
		grep -qx -- "$option" there || fail "$option"
	done <named
}

@test "the README leads through the source: all rooms, and none that there is not" {
	local name
	sed -n '/^## Reading/,/^## Lic/p' "$TOP/README.md" >reading
	grep -oE 'src/[a-z_/.]+' reading | sort -u >named
	while read -r name; do
		[ -e "$TOP/$name" ] || fail "$name"
	done <named
	for name in "$TOP"/src/*; do
		name=${name##*/}
		[[ $name == *.h ]] || grep -qw "$name" reading || fail "$name"
	done
	grep -oE '\b(broker|desk|sink|tests)/[a-z_/]+\.[a-z]+' reading | sort -u >paths
	while read -r name; do
		[ -e "$TOP/$name" ] || [ -e "$TOP/src/$name" ] || fail "$name"
	done <paths
}

@test "long options may be abbreviated" {
	takes --keep-o
	takes --retri 3 --queue-s 4 --dry
	takes --halt-on 1
	takes --job 4
	refuses '--jo could be --jobs or --jobserver or --journal or --joblog' --jo 4
	refuses '--queue could be --queue-size or --queue-bytes' --queue 4
}

@test "a value may be the rest of the word, behind = or the next word" {
	takes -j4
	takes -j 4
	takes --jobs=4
	takes --jobs 4
	takes -kj4
	takes -ktj 4
	takes -j-1
	takes -j +2
}

@test "GNU parallel's and xargs' spellings are taken" {
	takes --keeporder --group --dryrun --dr --lb
	takes --linebuffer
	takes --line-buffered
	takes --max-procs 2 --maxprocs 2 -P 2
	takes --max-args 2
	takes --maxargs 2 -N 2
	takes --arg-file /dev/null --argfile /dev/null
	takes --delimiter , --null
	takes --jl /dev/null --joblog /dev/null
	takes --tag --tagstring x --tag-string x
	takes --termseq TERM,200,TERM,100,TERM,50,KILL,25
	takes --halt-on-error now,fail=1 --haltonerror 2
	takes --xapply --link
	takes --progress --bar --eta --verbose --quiet
	takes -r --no-run-if-empty --norunifempty --shuf -E x -Ex
	takes --skip-first-line --skipfirstline
	takes --header :
	takes -C , --colsep ';' --col-sep '\t' --csv
	takes --trim n --trim l --trim r --trim lr --trim rl
}

@test "a missing value is named" {
	refuses '--jobs needs a value: --jobs N' --jobs
	refuses '-j needs a value: -j N' -kj
	refuses '--tagstring needs a value: --tagstring T' --tags
}

@test "a value for an option that takes none is refused" {
	refuses '--tag takes no value' --tag=x
	refuses '--keep-order takes no value' --keep-o=yes
	refuses '--dry-run takes no value' --dry-run=json
}

@test "-j: a number, more or fewer than the processors, a percentage, 0, a file" {
	local value
	for value in 8 +2 -1 50% 12.5% 0 workers ./8x dir/1..2; do
		takes -j "$value"
	done
	for value in '' 8x 1.5 + - -x 100%% %; do
		refuses "-j: '$value' is no number of jobs; try 8, +2, -1, 50% or 0 \
(and ./NAME for a file)" -j "$value"
	done
	refuses "-j: '1..x' is no range of jobs; try 1..8 or 2..200%" -j 1..x
	refuses "-j: '0..4' is no range of jobs; try 1..8 or 2..200%" -j 0..4
	refuses "-j MIN..MAX: at least 8 and at most 2 jobs cannot be; exchange them" -j 8..2
	takes -j 1..4
	takes -j 1..0
	takes -j 50%..+4
}

# jobs_at_once WANTED OPTION...: no fewer than that run at once, and no more. Each job waits
# at a gate that opens when so many have started; what they then say of their slots, of
# which the lowest is always taken, tells the most there ever were.
jobs_at_once() {
	local wanted=$1
	shift
	rm -f slots
	background pq "$@" "echo {%} >>slots; read x <'$BATS_TEST_TMPDIR/hold'; : {}" \
		::: $(seq $((wanted + 5)))
	wait_until has_lines slots "$wanted"
	open_gate hold $((wanted + 5))
	wait $!
	assert_equal "$(sort -n slots | tail -1) of -j $*" "$wanted of -j $*"
}

@test "-j: each of its forms lets so many jobs run at once" {
	gate hold
	local cpus most=$(($(nproc) + 5))
	background pq "echo >>slots; read x <'$BATS_TEST_TMPDIR/hold'; : {}" ::: $(seq "$most")
	wait_until steady $!
	cpus=$(wc -l <slots)
	open_gate hold "$most"
	wait $!
	# Fewer where a control group has a quota.
	[ "$cpus" -eq "$(nproc)" ] || find /sys/fs/cgroup -name cpu.max -o -name cpu.cfs_quota_us |
		xargs grep -q '^[1-9]'
	jobs_at_once 3 -j3
	jobs_at_once 3 -P 3
	jobs_at_once $((cpus + 2)) -j +2
	jobs_at_once $((cpus > 1 ? cpus - 1 : 1)) -j -1
	jobs_at_once 1 -j -1000
	jobs_at_once $((cpus * 2)) -j 200%
	jobs_at_once 1 -j 1%
	echo 3 >number
	jobs_at_once 3 -j number
	echo +1 >number
	jobs_at_once $((cpus + 1)) -j ./number
	jobs_at_once 4 -j 1..4
	jobs_at_once $((cpus + 1)) -j 1..+1
}

@test "-j 0 lets as many run as there are, at any limit of descriptors" {
	gate hold
	local limit
	for limit in "$(ulimit -n)" 1024 256; do
		(
			ulimit -Sn "$limit"
			rm -f started
			background pq -j0 "echo {} >>started; read x <'$BATS_TEST_TMPDIR/hold'" \
				::: $(seq 25)
			wait_until has_lines started 25
			open_gate hold 25
			wait $!
		)
	done
	# Where descriptors for two jobs are left, two run.
	run -0 bash -c 'ulimit -n 40; pq -j0 echo ::: a b c | wc -l'
	assert_output 3
}

@test "-d: one byte or a C escape" {
	local value
	for value in , '\t' '\n' '\0' '\x1f' '\037' '\\' ' '; do
		takes -d "$value"
	done
	refuses "-d: '' is no single byte; try , or '\\t' (and -0 for a NUL byte)" -d ''
	refuses "-d: 'ab' is no single byte; try , or '\\t' (and -0 for a NUL byte)" -d ab
	refuses "--delimiter: '\\\\q' is no single byte; try , or '\\t' (and -0 for a NUL byte)" \
		--delimiter '\q'
}

@test "numbers are at least 1" {
	local option value
	for option in -n -N --max-args -Q --queue-size; do
		takes "$option" 1
		[[ $option != -Q && $option != --queue-size ]] ||
			refuses "$option: '0' is no number of at least 1; try 4" "$option" 0
		for value in '' -1 1.5 x 1k 99999999999999999999; do
			refuses "$option: '$value' is no number of at least 1; try 4" "$option" "$value"
		done
	done
}

@test "-n 0: a job that does not want its item says so itself" {
	local option
	for option in -n -N --max-args; do
		refuses "$option: '0' is no number of records; for a job that does not want its item \
write 'cmd; : {}'" "$option" 0 echo
	done
}

@test "sizes have units" {
	local option value
	for option in --queue-bytes --max-item; do
		for value in 1 17B 100k 64M 16MiB 1.5G 2t 1kb 1mb 1Mib; do
			takes "$option" "$value"
		done
		for value in 0 '' 12x -1 1.5 64MM M 16384P; do
			refuses "$option: '$value' is no size; try 64M" "$option" "$value"
		done
	done
}

# all_at_once OPTION...: four jobs run at the same time with these options.
all_at_once() {
	rm -f ran.*
	background pq -j4 "$@" "touch ran.{}; read x <'$BATS_TEST_TMPDIR/hold'" ::: 1 2 3 4
	wait_until ls ran.1 ran.2 ran.3 ran.4
	open_gate hold 4
	wait $!
}

@test "the largest values mean what they say: nothing is added up past them" {
	gate hold
	all_at_once -Q 18446744073709551615
	all_at_once --queue-bytes 1024P
	all_at_once --queue-bytes 16383P --queue-size 9223372036854775807
	for time in 9223372036 106751d23h47m; do
		run pq --timeout "$time" 'sleep .05; echo {}' ::: done
		assert_success
		assert_output done
	done
	run pq --rate 100000000000000/106751d --backoff 9223372036 --retries 2 echo ::: a
	assert_output a
}

@test "each form of --timeout ends a job" {
	gate hold
	local time
	for time in .1 0.1s 100ms 100000us '.1 100000%' '100000%,.1'; do
		run -123 pq --timeout "$time" "read x <'$BATS_TEST_TMPDIR/hold'; : {}" ::: a
		assert_output --regexp "^pq: item 1 'a': ended after [0-9.]+ m?s \(--timeout\)$"
	done
	run -0 pq --timeout 0 echo ::: a
	assert_output a
}

@test "each form of --rate lets the first start, and the second wait" {
	local rate
	for rate in 1/d 1/h 1/hour 60/60h 1/90min 1/3600s; do
		background pq -j2 --lb --drain 0 --rate "$rate" echo ::: 1 2 >out
		wait_until has_lines out 1
		kill -TERM $!
		wait $! || assert_equal "$?" 143
		assert_equal "$rate $(cat out)" "$rate 1"
	done
	run -0 pq -k --rate 1/h,burst=3 echo ::: 1 2 3
	assert_output $'1\n2\n3'
}

@test "--delay may be longer than anybody lives" {
	background pq -j2 --delay 9223372036 echo ::: 1 2 >out
	wait_until has_lines out 1
	kill -TERM $!
	wait $! || assert_equal "$?" 143
	assert_equal "$(cat out)" 1
}

@test "times, percentages, and both for --timeout" {
	local value
	for value in 0.3 250ms 1m30s 2h 5min 1hour30minutes 5us 200% '5 200%' 200%,5 0; do
		takes --timeout "$value"
	done
	for value in '' x 5x -1 '5 6' '5% 6%' %; do
		refuses "--timeout: '$value' is no time; try 30, 1m30s, 200% or '30 200%'" \
			--timeout "$value"
	done
	takes --drain 0
	takes --drain 1m
	takes --rate 100/min --delay 5us --aging 2days --backoff 1sec..5minutes --retries 2
	refuses "--drain: '200%' is no time; try 10 or 1m" --drain 200%
}

@test "--term-seq: signals and milliseconds, and KILL in the end" {
	local value
	for value in KILL TERM,2000,KILL SIGINT,10,term,20,kill TERM,CONT,1000,KILL; do
		takes --term-seq "$value"
	done
	for value in '' TERM TERM,200 200,KILL TERM,1,2,KILL FOO,KILL TERM,,KILL 9 \
		"$(printf 'TERM,%.0s' {1..15})KILL"; do
		run -2 pq --term-seq "$value"
		shown=$value
		[ ${#value} -le 60 ] || shown=${value:0:60}...
		assert_output "pq: --term-seq: '$shown' is no sequence of signals and milliseconds that \
ends with KILL; try TERM,2000,KILL"
	done
}

@test "--trim has sides, and -C separates something" {
	local value
	for value in '' x lrl both; do
		refuses "--trim: '$value' is none of n, l, r, lr, rl: nothing, left, right, both" \
			--trim "$value"
	done
	for value in '' 0; do
		refuses "--header: '$value' is no header; --header : takes the first record" \
			--header "$value"
	done
	for value in '.*\n' 2; do
		refuses "--header: '${value//\\/\\\\}' is no header that pq knows; --header : takes the \
first record, N and expressions are for --pipe" --header "$value" echo {a}
	done
	refuses "-C: '' separates nothing; try , or '\\t' or a regular expression" -C ''
}

@test "outcomes are exit statuses, ranges of them, signals and timeout" {
	takes --retries 2 --ack-on 0,1,3-5 --retry-on 75,SIGTERM,kill,timeout --reject-on 126-127
	for value in '' , 1, 256 5-3 1-256 x -1 1-2-3; do
		refuses "--ack-on: '$value' is no list of outcomes; try 1,3-5,KILL,timeout" \
			--ack-on "$value"
	done
	refuses '--retry-on without --retries: nothing would be tried again; add --retries 3' \
		--retry-on 75
	refuses '--reject-on without --retries: nothing is tried again; leave it out' --reject-on 75
	# A script may have the number in a variable; and 0 is not left out.
	takes --retries 1 --retry-on 75 --reject-on 3 --backoff 1..30
	takes --reject-on 0
	run -123 pq --reject-on 0 true ::: a
}

@test "--retries counts attempts, from 1 on" {
	takes --retries 1
	for value in 0 '' -1 x 4294967296; do
		refuses "--retries: '$value' is no number of attempts; 3 means that two may fail" \
			--retries "$value"
	done
}

@test "--halt has the grammar of GNU parallel" {
	local value
	for value in never 0 1 2 -1 -2 20% now,fail=1 soon,success=3 now,done=50%; do
		takes --halt "$value"
	done
	for value in '' now now,fail now,fail=0 later,fail=1 3 101%; do
		refuses "--halt: '$value' is no rule; try now,fail=1 or soon,fail=10%" --halt "$value"
	done
}

@test "names must not be empty" {
	refuses "-a: '' is no file name" -a ''
	refuses "--from: '' is no file name" --from ''
	refuses "--joblog: '' is no file name" --joblog ''
	refuses "--joblog: '+' is no file name" --joblog +
	refuses "-I: '' is nothing that could be found in a command; try -I %" -I ''
}

@test "what is written to a file takes no - for standard output" {
	local option
	for option in -o --joblog --dead-letter --results --journal --report; do
		refuses "$option: '-' is no file to write; try ./- or /dev/stderr" "$option" - true
	done
	takes --results ./- --joblog +./-
}

@test "what is written to a file takes no option and no separator for its name" {
	local option
	echo kept >./-k
	for option in -o --output --joblog --dead-letter --results --journal --report; do
		refuses "$option: '-k' looks like an option, not like a file to write; put ./ before its \
name" "$option" -k echo ::: a
		refuses "$option: ':::' stands before arguments, and is no file to write; put ./ before \
its name" "$option" ::: echo a
	done
	assert_equal "$(cat ./-k)" kept
	takes -o ./-k
	takes --results -.json
}

@test "-o without a command is xargs' and parallel's, which opens the terminal" {
	printf 'echo kept\n' >vim
	chmod +x vim
	refuses "-o without a command or -e: in xargs and parallel -o opens the terminal; \
--output FILE is meant, or --tty" -o vim
	assert_equal "$(cat vim)" 'echo kept'
	run -0 pq --output out ::: 'echo a'
	assert_equal "$(cat out)" a
	run -0 pq -o out -e upper ::: a
	assert_equal "$(cat out)" A
}

@test "-d and -0 beside arguments alone would do nothing" {
	local option
	for option in '-d ,' '--delimiter ,' -0 --null; do
		refuses "${option%% *} with ::: alone: each argument is an item as it is; leave it out, \
or cut a list: printf a,b | pq -d , ..." $option echo ::: a,b
	done
	printf 'b,c' >list
	run -0 pq -k -d , echo :::: list ::: a
	assert_output $'b a\nc a'
	# They end what a transform prints.
	run -0 pq -d , -e upper ::: a b
	assert_output A,B,
}

@test "--completion knows three shells" {
	refuses "--completion: 'tcsh' is no shell that pq knows; try bash, zsh or fish" \
		--completion tcsh
}

@test "what is shown of a value is printable and short" {
	refuses "-n: '\\x1b[31m\\n' is no number of at least 1; try 4" -n $'\e[31m\n'
	run -2 pq -n "$(printf '%0500d' 0)x"
	assert_output "pq: -n: '$(printf '%060d' 0)...' is no number of at least 1; try 4"
	run -2 pq $'--\e[31m'
	assert_output "pq: unknown option '--\\x1b[31m'; pq --help lists what there is"
}

@test "what cannot work together is refused with the reason" {
	refuses '-u with -k: what jobs write themselves cannot be put in order; leave one out' \
		-u -k true
	refuses "-u with --tag: what jobs write themselves cannot be marked; \
use --line-buffer instead of -u" --tag -u true
	refuses '-u with --line-buffer: each is a way to show output; choose one' -u --line-buffer
	refuses '-u with --lb: each is a way to show output; choose one' --lb -u
	refuses '--ungroup with --group: each is a way to show output; choose one' --ungroup --group
	refuses '--lb with --group: each is a way to show output; choose one' --lb --group
	refuses '-c with --no-shell: the command is either a shell line or not; leave one out' \
		--no-shell -c
	refuses '--from with input (:::, ::::, -a): it merges its sources, and the others are '\
'combined; use one kind' --from x echo ::: a
	refuses '--from with --link: merged sources are not paired up; use -a or ::::' \
		--from x --link echo
	refuses "--regex with -C: columns are its groups or what is between separators; \
leave one out" --regex x -C ,
	refuses "--regex with --csv: columns are its groups or what is between separators; \
leave one out" --csv --regex x
	refuses '--regex with --header: name its groups, (?<name> ), and leave out the header with '\
'--skip-first-line' --regex x --header :
	refuses '--header with -e and no command: there is no {name} to be filled in; '\
'--skip-first-line leaves the header out; leave it out' --header : -e upper
	refuses '--content with --header: a column names no file; cut the name out before' \
		--content --header : cat
	refuses "--csv with --colsep: fields end with one byte, not with an expression; \
try -C ';'" --csv -C ', *'
	refuses "--csv with --colsep: a quote is a quote; try -C ';'" --csv -C '"'
	refuses "--csv with --colsep: it ends records, and cannot end fields, too; try -C ';'" \
		--csv -d '\t' -C '\t'
	refuses "--colsep with -e and no command: there is no {1} to be filled in; the step cut \
picks columns; leave it out" --colsep , -e upper
	refuses "--regex with -e and no command: there is no {1} to be filled in; the step m/// \
does this; leave it out" --regex x -e upper
	refuses '--trim with -e and no command: the step trim does this; leave it out' \
		--trim lr -e upper
	refuses '--content with --csv: a column names no file; cut the name out before' \
		--content --csv cat
	refuses 'stdin (-) can be read only once' -a - echo :::: -
	refuses 'stdin (-) can be read only once' --from - --from - echo
}

@test "--content: one file for one job" {
	refuses "--content without a command or -e: there is nothing to read the files; \
try --content 'wc -l'" --content
	refuses "--content with -e and a command: -e would change the file's name; \
let the command read what another pq --content -e prints" --content -e upper cat
	refuses '--content with -n: a job has one stdin, so it reads one file; leave one out' \
		--content -n2 cat
	refuses '--content with -X: a job has one stdin, so it reads one file; leave one out' \
		--content -X cat
	refuses "--content with several sources: a combination names no file; use one source, \
or merge them with --from" --content cat ::: a ::: b
}

@test "--pipe: blocks of files, for a command" {
	refuses "--pipe without a command: there is nothing to read the records; \
try --pipe 'wc -l'" --pipe
	refuses '--pipe with -e: blocks are not transformed; try pq -e ... | pq --pipe' \
		--pipe -e s/a/b/ cat
	refuses '--pipe with --content: a job has one stdin; try one of them alone' \
		--pipe --content cat
	refuses '--pipe with -X: records are not arguments; try --block SIZE' --pipe -X cat
	local name instead
	while IFS=: read -r name instead; do
		refuses "--pipe with ${name%% *}: records are not looked at one by one; \
try $instead before pq" --pipe $name cat
	done <<-'END'
		-E x:sed
		--shuf:shuf
		--skip-first-line:tail -n +2
		--skip-lines 3:tail -n +N
		--comment x:grep -v
		--trim lr:sed
	END
	for name in '--colsep ,' '-C ,' '--regex a' '--jsonl'; do
		refuses "--pipe with $(sed 's/ .*//; s/^-C/--colsep/' <<<"$name"): blocks are not taken \
apart; try to take them apart in the command" --pipe $name cat
	done
	takes --pipe --csv -C ';'
	for name in recstart recend; do
		refuses "--pipe --csv with --$name: CSV says itself where a record ends; leave one out" \
			--pipe --csv --$name x cat
	done
	refuses '--csv-lax without --csv: it is about the quotes of CSV files; add --csv' --csv-lax cat
	refuses '--csv-strict without --csv: it is about the fields of CSV files; add --csv' \
		--csv-strict cat
	refuses '--skip-first-line with --skip-lines: that is --skip-lines 1; leave one out' \
		--skip-first-line --skip-lines 2 cat
	refuses '--comment with ::: alone: arguments are no comments; leave it out' \
		--comment x cat ::: a
	refuses "--comment: '' begins every line; try '#'" --comment '' cat
	refuses "--skip-lines: '0' is no number of at least 1; try 4" --skip-lines 0 cat
	refuses '--pipe with several sources: blocks of them cannot be combined; '\
'try --from, which merges them' --pipe cat :::: a b
	refuses '--pipe with arguments (:::): it cuts what is in files; try :::: FILE' \
		--pipe cat ::: a
	refuses "--tag with --pipe: a block of records is no tag; try --tagstring '{#}'" \
		--pipe --tag cat
	refuses "$BATS_TEST_TMPDIR is a directory: --pipe cuts what is in a file; with --content \
each file below it is the stdin of a job" --pipe --from "$BATS_TEST_TMPDIR" cat
}

@test "--regexp: both are expressions, and each matches something" {
	local value
	refuses '--recend without --pipe: only the blocks of --pipe have it; add --pipe' \
		--regexp --recend x cat
	refuses '--regexp without --recstart: there is no expression; add --recstart RE' \
		--pipe --regexp cat
	refuses '--csv with --regexp: CSV says itself where a record ends; leave one out' \
		--pipe --csv --regexp --recend x cat
	for value in '\n*' '' '(?=x)' '^' '$'; do
		refuses '--regexp: what ends a record, or begins one, must match something, or every '\
'byte would be a record; try \n+ instead of \n*' --pipe --regexp --recend "$value" cat
	done
	takes --pipe --regexp --recend '\n*' --recstart x
	takes --pipe --regexp --recstart '^\d'
	refuses "--recstart, column 2: unmatched closing parenthesis in 'a)(b'" \
		--pipe --regexp --recstart 'a)(b' cat
	refuses "--header, column 3: missing closing parenthesis in '(a'" --pipe --header '(a' cat
	refuses "-L: 'x' is no number of at least 1; try 4" --pipe -Lx cat
}

@test "--block, --recstart and --recend are for --pipe" {
	local option value
	for option in --block --recstart --recend; do
		takes --pipe "$option" 1
		refuses "$option without --pipe: only the blocks of --pipe have it; add --pipe" \
			"$option" 1 cat
	done
	for option in --recstart --recend; do
		for value in '' '\n' a '--\n' '\0' '\x0a\\' '\'; do
			takes --pipe "$option" "$value"
		done
		refuses "$option: '\\\\q' has an escape that is none; a backslash is written \\\\" \
			--pipe "$option" '\q' cat
	done
	for value in 0 '' -1 x; do
		refuses "--block: '$value' is no size; try 64M" --block "$value"
	done
}

@test "-e without a command: what is about jobs is refused" {
	local option
	while read -r option reason; do
		refuses "${option%%_*} with -e and no command: $reason; leave it out" ${option//_/ } \
			-e upper
	done <<-'END'
		-u no job is run that could write by itself
		-I_x there is no command
		-c there is no command
		--no-shell there is no command
		-t no command is run that could be shown
		--term-seq_KILL no job is run that could be ended
		--timeout_1 no job is run; a record that takes too long fails by itself
		--load_1 no job is started that could wait
		--nice_1 no job is run; nice before pq does this
		-N_2 each record is transformed by itself
	END
	run -0 pq -I % --tagstring '<%>' -e upper ::: a # it has a place there
	assert_output $'<a>\tA'
}

@test "what would do nothing, or cannot be done together, is told with what can" {
	local arguments why
	while IFS= read -r arguments && IFS= read -r why; do
		refuses "$why" $arguments
	done <<-'END'
		--ack-on 1 -e upper
			--ack-on with -e and no command: no job is run that could have an outcome; leave it out
		--affinity echo
			--affinity without --key: it is keys that prefer a worker; add --key T
		--key-jobs 2 echo
			--key-jobs without --key: without keys -j is the limit; add --key T
		--aging 1 --key {} echo
			--aging without --priority: there is nothing that it could lift; add --priority T
		--rate-key {} echo
			--rate-key without --rate: there is no rate that it could be for; add --rate 10/s
		--until x cat
			--until without --persistent: only a worker that stays up has it; add --persistent
		--persistent --pipe cat
			--persistent with --pipe: a worker that stays up gets items, no blocks; leave one out
		--persistent -n 2 cat
			--persistent with -n: a worker is written one record at a time; leave one out
		--persistent -u cat
			--persistent with -u: pq has to read the answers; leave out -u
		--pipe --priority {} cat
			--pipe with --priority: records are not looked at one by one; try sort before pq
		--pipe --key {} cat
			--pipe with --key: records are not looked at one by one; try -j1
		--pipe --rate 1/s --rate-key {} cat
			--pipe with --rate-key: records are not looked at one by one; try --rate alone
		-X echo --next echo
			--next with -X: as many as fit is another number for each command; use -n
		-o out -u echo
			-o with -u: what jobs write themselves does not pass through pq; leave out -u
	END
	refuses "--until with --persistent=frames or json: an answer there says itself where it \
ends; leave out --until" --persistent=json --until x cat
	refuses "section 1: --persistent with --weight: its workers are started for it alone; give \
each section its -j" --persistent --weight 2 cat --next cat
	refuses "--persistent with --content: a worker has one stdin, and gets items there; let it \
open the file that the item names" --persistent --content cat
	refuses "--high-water with -e and no command: records travel in runs, and are not counted \
as they wait; leave it out" --high-water 3 -e upper
	refuses "--poison without --persistent: only a worker that stays up and a queue in --from \
have it; add --persistent" --poison 2 cat
	refuses "--prefetch without --persistent: only a worker that stays up and a queue in \
--from have it; add --persistent" --prefetch 2 cat
	refuses "--persistent without a command: there is nothing that could stay up; try \
--persistent ./worker" --persistent
	refuses "--journal with --overflow: what is dropped would be neither done nor left; leave \
it out, a list waits" --journal j --overflow drop-new echo
	assert_file_not_exists out
	assert_file_not_exists j
}

@test "sources that cannot be are refused" {
	refuses ':::: names no file' echo ::::
	refuses ':::+ has no source before it to be paired with' echo :::+ a
	refuses '::::+ has no source before it to be paired with' echo ::::+ a
}

@test "of opposites for the same thing the last one holds" {
	takes -d , -0
	takes -j 2 -j 50%
}

@test "an unknown option is answered with the nearest one" {
	refuses "unknown option '--jbos'; did you mean --jobs?" --jbos 4
	refuses "unknown option '--kep-order'; did you mean --keep-order?" --kep-order
	refuses "unknown option '--retires'; did you mean --retries?" --retires=3
	refuses "unknown option '--quue-size'; did you mean --queue-size?" --quue-size 3
	refuses "unknown option '--frobnicate'; pq --help lists what there is" --frobnicate
	refuses "unknown option '-z'; pq --help lists what there is" -z
	refuses "unknown option '-z'; pq --help lists what there is" -kz
	refuses "unknown option '--'; pq --help lists what there is" --=x
}

@test "options of GNU parallel and xargs that are missing are answered with what is nearest" {
	refuses 'no option -S: jobs run on this machine only; try ssh HOST in the command' -S host
	refuses 'no option --sshlogin: jobs run on this machine only; try ssh HOST in the command' \
		--sshlogin=host true
	refuses "no option --wd: a job runs where pq does; try 'cd DIR && ...' in a shell line, or \
env -C DIR before the command" --wd /
	refuses 'no option --limit: --load and --memfree hold jobs back while the machine is busy' \
		--limit x
	refuses 'no option --no-keep-order: so it is without -k; leave both out' -k --no-keep-order
	refuses 'no option --rpl: parts of an item are the groups of --regex RE, {1} {2}, and what '\
'steps make of it, as in {= s/\.gz$// =}' --rpl x
	refuses 'no option --total: pq counts what it reads; of a pipe it knows the total when that '\
'has ended' --total 3
}

@test "no option of GNU parallel's manual or of xargs is merely unknown" {
	local option instead options
	while IFS= read -r instead && read -ra options; do
		for option in "${options[@]}"; do
			refuses "no option $option: $instead" "$option"
		done
	done <<-'END'
		it is ::: and :::: always
			--arg-file-sep --arg-sep
		jobs run on this machine only; try ssh HOST in the command
			--basefile --cleanup --filter-hosts --hostgroups --nonall --onall --return
		jobs run on this machine only; try ssh HOST in the command
			--rsync-opts --ssh --ssh-delay --sshlogin --sshloginfile --transfer
		jobs run on this machine only; try ssh HOST in the command
			--transferfile --trc -M -S
		there are {.} {/} {//} {/.}; for more {= STEPS =}, as in {= s/\.gz$// =}
			--basenamereplace --dirnamereplace --extensionreplace --parens --plus
		not in this version: --group-by COL keeps lines that are alike in one block
			--bin
		not in this version: a block goes out when it is full, or has -n N records
			--block-timeout
		--color shows in red what is said of failures
			--color-failed
		--color --tag has tags in colours
			--ctag
		output waits in memory, and in one file without a name only beyond --queue-bytes
			--compress --compress-program
		pq is no interpreter; call it in a script
			--embed --shebang --shebang-wrap
		the end-of-file string is -E STR
			--eof
		pq --gnu --semaphore 'COMMAND' does that, or a link called sem; see pq-parallel(7)
			--fg --bg --semaphore --semaphore-name --semaphore-timeout --wait
		not in this version; try grep before pq
			--filter
		not in this version; --line-buffer --tag shows lines as they come, and --progress what runs
			--latest-line
		--load and --memfree hold jobs back while the machine is busy
			--limit
		not needed: -X knows the system's limit, and an item that is too long fails alone
			--max-line-length-allowed
		not in this version; try --memfree
			--memsuspend --noswap
		compare what --version prints
			--minversion
		so it is without -k; leave both out
			--no-keep-order
		use nproc
			--number-of-cores --number-of-cpus
		-j N says how many jobs run; nproc and lscpu tell what there is
			--use-cores-instead-of-threads
		--pipe reads files, too: pq --pipe -a FILE
			--pipe-part
		pq reads no file of settings; a shell alias does as well
			--plain --profile -J
		the slot is {%} in the command and PQ_SLOT in its environment
			--slotreplace
		the number of the item is {#}
			--seqreplace
		use --completion
			--shell-completion
		not needed: several words are run as they stand, and data never becomes program text
			--shell-quote
		not in this version; the command may write a file
			--template
		set TMPDIR in the environment
			--tmpdir
		try --line-buffer --tag; with --tty one job at a time has the terminal
			--tmux --tmuxpane
		pq counts what it reads; of a pipe it knows the total when that has ended
			--total-jobs
		pq asks for no citation; leave it out
			--citation
		use -t
			-v
	END
	instead="jobs get the whole environment of pq; exported shell functions need pq bash -c 'NAME \
\"\$1\"' _ {}"
	for option in --env --record-env --session; do
		refuses "no option $option: $instead" "$option"
	done
	instead='pq --to ADDRESS fills a queue and pq --from ADDRESS works on it; sqlite:jobs.db and '\
'postgresql://HOST/DB are addresses'
	for option in --sql-master --sql-worker; do
		refuses "no option $option: $instead" "$option"
	done
	refuses "no option --workdir: a job runs where pq does; try 'cd DIR && ...' in a shell line, \
or env -C DIR before the command" --workdir /
}

@test "options that ask for what pq does anyway are passed over" {
	local option
	for option in --will-cite --no-notice --nn -m --xargs -q --quote --silent -kq -mk; do
		run -0 --separate-stderr pq $option echo ::: 'a  b'
		assert_output 'a  b'
		assert_equal "$stderr" ''
	done
}

@test "where a file is wanted an address of a queue is none" {
	local option address
	for option in -a -o --joblog --journal --report; do
		for address in sqlite:q.db#jobs redis://host#jobs postgresql://host/db#jobs; do
			refuses "$option $address is a queue, and a file is wanted; --from, --to and \
--dead-letter take queues, and ./ goes before the name of a file" "$option" "$address" echo ::: a
		done
	done
	refuses ":::: sqlite:q.db#default is a queue, and a file is wanted; --from, --to and \
--dead-letter take queues, and ./ goes before the name of a file" echo :::: sqlite:q.db
	assert_file_not_exist sqlite:q.db#jobs
	echo kept >./sqlite:q
	run -0 pq --from ./sqlite:q echo
	assert_output kept
}

@test "an address with a typo is no file: what is meant is told, and no password" {
	local option
	for option in --from --to --dead-letter --stats --admin; do
		refuses "$option: 'sqllite:q.db' is no address of a queue; sqlite:FILE[#QUEUE] is meant, \
or ./ before the name of a file" "$option" sqllite:q.db echo ::: a
		refuses "$option: 'redis://me:***@host' has an @ too many: in a user's name and a password \
@ is written %40, / %2F, # %23 and : %3A" "$option" redis://me:p@ss@host
		refuses "$option: 'sqlite:q.db#a b' has no name of a queue behind its #: letters, digits, \
. _ and -, at most 100; NAME:GROUP for a group of consumers" "$option" 'sqlite:q.db#a b'
		refuses "$option: 'amqp://host' is in a later version: amqp queues will come through a \
helper program; there are sqlite:, redis:// and postgresql://" "$option" amqp://host
	done
	refuses "--to: 'list' is no address of a queue; try sqlite:jobs.db#NAME" --to list
	refuses "--from: '#jobs' is a queue where \$PQ_QUEUE says, and that is not set; try \
PQ_QUEUE=sqlite:jobs.db, or put ./ before the name of a file" --from '#jobs' echo
}

@test "what makes no sense with a queue is refused, with the reason" {
	local option queue=sqlite:q.db
	for option in '--journal f' '--resume --joblog f' '--resume-failed --joblog f'; do
		refuses "${option%% *} with a queue in --from: a queue knows itself what is done; leave it \
out" $option --from "$queue" echo
	done
	refuses '--shuf with a queue in --from: a queue has no end before it is drained; leave it out' \
		--shuf --from "$queue" echo
	refuses '--pipe with a queue in --from: its items are settled one by one, and blocks are not '\
'taken apart; give the item to the command, {}, or use --persistent' --pipe --from "$queue" cat
	for option in '--header :' --skip-first-line; do
		refuses "${option%% *} with a queue in --from: others take from it, too, so it has no \
first item; try --jsonl, or --regex '(?<name>...)'" $option --from "$queue" echo
	done
	refuses '-E with a queue in --from: others take from it, too, and it ends when it is drained; '\
'leave it out' -E end --from "$queue" echo
	refuses '--overflow with a queue in --from: what is dropped would be lost to a queue that can '\
'wait; leave it out' --overflow drop-old --from "$queue" echo
	refuses '--dry-run with a queue in --from: items would be taken and not done; pq --admin '\
'ADDRESS peek 10 shows some' --dry-run --from "$queue" echo
	refuses '--retry-failed with --from: the commands are in the job log, and no input is read; '\
'leave it out, or use --resume-failed' --retry-failed --joblog f --from "$queue"
	assert_file_not_exist f
	assert_file_not_exist q.db
}

@test "options of queues are refused where there is none" {
	local option
	for option in '--lease 5' '--keep 10'; do
		refuses "${option%% *} without a queue in --from: it is about items that are taken from a \
queue; add --from sqlite:FILE#NAME" $option echo ::: a
	done
	for option in '--give-up 5' --durable; do
		refuses "${option%% *} without a queue: it is about queues that others share; add --from \
or --to sqlite:FILE#NAME" $option echo ::: a
	done
	refuses '--unique-for without --to: keys are remembered by the queue that items go to; add '\
'--to sqlite:FILE#NAME' --unique --unique-for 5 echo ::: a
	refuses '--unique-for without --unique: there is no key that could count; add --unique' \
		--unique-for 5 --to sqlite:q.db echo ::: a
	for option in '--prefetch 5' '--poison 5'; do
		refuses "${option%% *} without --persistent: only a worker that stays up and a queue in \
--from have it; add --persistent" $option echo ::: a
	done
	refuses '--watch without --stats: there is nothing to look at; try --stats ADDRESS --watch' \
		--watch echo ::: a
}

@test "results go to one place" {
	local option
	refuses '--to with -o: results go to one place; leave one out' --to sqlite:q -o f echo ::: a
	refuses '--to with -u: what jobs write themselves does not pass through pq; leave out -u' \
		--to sqlite:q -u echo ::: a
	refuses '--to with --line-buffer: what a job prints is put there when it has ended; leave one '\
'out' --to sqlite:q --line-buffer echo ::: a
	for option in --json=attempts '--results -.csv' '--results out'; do
		refuses "--to with ${option%%[ =]*}: what a job prints goes to the queue, as it is; leave \
one out" --to sqlite:q $option echo ::: a
	done
	refuses '--to with --in-place: nothing is printed; leave one out' \
		--to sqlite:q --in-place -e s/a/b/ ::: a
	for option in '-n 2' -X --tag; do
		refuses "${option%% *} with --to and no command: items are moved as they are; leave it \
out" $option --to sqlite:q
	done
	for option in '--retries 3' '--key {}' '--timeout 5' --json '--joblog f' -t '-I X'; do
		refuses "${option%% *} with --to and no command: no job is run, items are moved as they \
are; leave it out" $option --to sqlite:q
	done
}

@test "a queue does not feed itself for ever" {
	refuses '--to sqlite:q.db#default: it is read in the same run, and would never be drained; '\
'add a command, or use another queue' --from sqlite:./q.db --to sqlite:q.db
	refuses '--dead-letter redis://h#a: it is read in the same run, and what fails would come '\
'back for ever; use another queue' --from redis://h#a:g --dead-letter redis://h#a echo
	refuses '--joblog q.db: it is the file of --to, too; write to another file' \
		--joblog q.db --to sqlite:q.db echo ::: a
}

@test "what has no end is not waited for" {
	refuses '--follow with ::: alone: arguments have an end; leave it out' --follow echo ::: a
	refuses '--follow with several sources: combinations are made of what is there; merge the '\
'sources with --from' --follow echo ::: a :::: -
	refuses '--follow with --shuf: all input is read first, and it would have no end; leave one '\
'out' --follow --shuf echo
	refuses '--follow with -X: a job would wait until its command line is full; use -n' \
		--follow -X echo
	refuses '--follow with --retry-failed: no input is read; leave it out' \
		--follow --retry-failed --joblog f
}

@test "who looks at a queue, or after it, runs nothing" {
	local option
	for option in -k '-j 4' '--from f'; do
		refuses "${option%% *} with --stats: nothing is run; leave it out" $option --stats sqlite:q
		refuses "${option%% *} with --admin: nothing is run; leave it out" $option --admin sqlite:q
	done
	refuses '--stats with a command: nothing is run; leave it out' --stats sqlite:q echo
	refuses '--stats with input (:::, ::::, -a): nothing is run; leave it out' \
		--stats sqlite:q ::: a
	refuses '--json with --admin: nothing is run; leave it out' --json --admin sqlite:q drop
}

@test "--lease, --keep and --give-up say what their values are" {
	local value
	for value in 0 0.5 999ms x -1 ''; do
		refuses "--lease: '$value' is no time of at least a second; try 60 or 5m" \
			--lease "$value" --from sqlite:q echo
	done
	for value in 0 1.5 x '' 7w 0s -1; do
		refuses "--keep: '$value' is no number of items and no time; try 1000 or 7d" \
			--keep "$value" --from sqlite:q echo
	done
	refuses "--give-up: 'x' is no time; try 10, 0.5 or 1m" --give-up x --to sqlite:q echo
	takes --lease 1 --lease 5m --keep 1000 --keep 7d --give-up 0 --durable --from sqlite:q
	takes --to sqlite:q --unique --unique-for 1d
	takes --prefetch 5 --poison 9 --from sqlite:q
}

@test "the full name of another tool's option is no abbreviation of ours" {
	refuses 'no option --memsuspend: not in this version; try --memfree' --memsuspend 1G
	refuses "unknown option '--memsuspen', and no --memsuspend: not in this version; \
try --memfree" --memsuspen
	refuses 'no option --transfer: jobs run on this machine only; try ssh HOST in the command' \
		--transfer
	refuses 'no option --filter: not in this version; try grep before pq' --filter x
}

@test "options end at the first word that is none, and at --" {
	run pq -k echo -n ::: a
	assert_success
	assert_output a
	run pq -k -- echo -k ::: a
	assert_success
	assert_output -- '-k a'
	run pq -k echo a -j ::: b
	assert_output 'a -j b'
}

@test "--tag stands for the item, whatever -I calls it; a tab follows" {
	run pq --tag -I % echo x ::: a
	assert_output $'a\tx a'
	run pq -I % --tag echo x ::: a
	assert_output $'a\tx a'
	run pq --tagstring '{#} {/}' echo ::: b/c
	assert_output $'1 c\tb/c'
}

@test "a lone - is a word" {
	run -127 pq - a ::: b
	assert_output "pq: '-': command not found"
}

@test "an escape is the same byte to every option and step that takes some" {
	local escape
	for escape in '\e' '\033' '\x1b' '\x{1b}'; do
		assert_equal "$(printf 'a\033b' | pq -k -d "$escape" echo | tr '\n' ' ')" 'a b '
		assert_equal "$(printf 'a\033b\n' | pq -C "$escape" echo {1} {2})" 'a b'
		assert_equal "$(printf 'a\033b\033' | pq -k --pipe -n 1 --recend "$escape" 'cat; echo' |
			tr '\033' '|')" $'a|\nb|'
		assert_equal "$(echo a | pq -e "s/a/$escape/")" $'\033'
		assert_equal "$(echo a | pq -e "y/a/$escape/")" $'\033'
		assert_equal "$(printf 'a\033b\n' | pq -e "cut -d $escape 2")" b
	done
}
