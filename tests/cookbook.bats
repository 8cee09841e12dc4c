# Each recipe of the cookbook, run as it stands in the page, over names and lines that are odd.
# Not with a sanitizer: it is the page that is tested.

load helper
load servers

teardown_file() {
	servers_stop
}

setup() {
	cd "$BATS_TEST_TMPDIR"
	mkdir bin
	PATH=$PWD/bin:$PATH
	export HOME=$PWD
}

page=$BATS_TEST_DIRNAME/../man/pq-cookbook.7

# What would be a command, an option or several words, if it were not for somebody's care.
odd=('a b' "it's \"q\"" '$(touch pwned)' '`touch pwned`' '-rf' '*' '%d[0]' 'ü;touch pwned;')

# extract TITLE: to .recipe what stands below this title, as a reader sees it.
extract() {
	awk -v title=".Ss $1" '$0 == title { on = 1 } on && /^\.Ed/ { exit } shown { print }
		on && /^\.Bd/ { shown = 1 }' "$page" |
		sed -e 's/\\(aq/'\''/g; s/\\(ha/^/g; s/\\(ti/~/g; s/\\(ga/`/g' \
			-e 's/\\&//g; s/\\-/-/g; s/\\e/\\/g' >.recipe
	[ -s .recipe ] || fail "no recipe is called: $1"
}

# recipe TITLE [SHELL]: run it, as a shell that is given it does. What an item had done if it
# were code has not been done.
recipe() {
	extract "$1"
	run --separate-stderr timeout 300 "${2-sh}" .recipe
	assert_not_exist pwned
}

# odd_files DIR EXT: with such names, and one with a newline; in each its name.
odd_files() {
	local name
	mkdir -p "$1"
	for name in "${odd[@]}" $'new\nline'; do
		printf '%s\n' "$name" >"$1/$name.$2"
	done
}

# begin TITLE: the same beside the test, where it is pq alone.
begin() {
	extract "$1"
	sed -i '1s/^/exec /' .recipe
	background env --default-signal sh .recipe
}

# stub NAME [LINE]: a program that adds its arguments, as a shell has them, to NAME.got, and then
# does as the line in bash says, in which `await COMMAND` waits until that succeeds.
stub() {
	cat >"$1" <<-END
		#!/bin/bash
		printf -v got '%q ' "\$@"
		echo "\${got% }" >>$(printf %q "$PWD/${1##*/}.got")
		await() { until "\$@"; do sleep 0.02; done; } # a job
		${2-}
	END
	chmod +x "$1"
}

# got NAME: what the stub was given, sorted. same NAME ARGUMENT...: it was called with each of
# these alone, in any order.
got() {
	sort "$1.got"
}
same() {
	local name=$1
	shift
	run diff <(printf '%q\n' "$@" | sort) <(got "$name")
	assert_success
}

# two_at_once: as where there are two processors, if there are no more; a -j of the recipe counts.
two_at_once() {
	printf '#!/bin/sh\nexec %s -j2 "$@"\n' "$PQ" >bin/pq
	chmod +x bin/pq
}

# late NAME: a program before the one of that name in which the first job ends last.
late() {
	local real
	two_at_once
	real=$(command -v "$1")
	printf '#!/bin/sh\n[ "$PQ_SEQ" = 1 ] || exec %s.sh "$@"\n%s\nexec %s "$@"\n' "$PWD/bin/$1" \
		'until [ -e second ]; do sleep 0.02; done # a job' "$real" >"bin/$1"
	printf '#!/bin/sh\n%s "$@"\nstatus=$?\ntouch second\nexit $status\n' "$real" >"bin/$1.sh"
	chmod +x "bin/$1" "bin/$1.sh"
}

# names DIR EXT: to `named`, those that odd_files makes.
names() {
	local name
	named=()
	for name in "${odd[@]}" $'new\nline'; do
		named+=("$1/$name.$2")
	done
}

needs() {
	local tool
	for tool; do
		command -v "$tool" >/dev/null || skip "$tool is not installed"
	done
}

@test "Run a command on each file that find finds" {
	needs gzip
	odd_files logs log
	recipe 'Run a command on each file that find finds'
	assert_success
	assert_equal "$(find logs -name '*.log' | wc -l)" 0
	local name
	for name in "${odd[@]}" $'new\nline'; do
		assert_equal "$(gzip -dc <"logs/$name.log.gz")" "$name"
	done
}

@test "A pipeline or a redirection for each file" {
	odd_files tables csv
	recipe 'A pipeline or a redirection for each file'
	assert_success
	local name
	for name in "${odd[@]}"; do
		assert_equal "$(cat "tables/$name.csv.counts")" "      1 $name"
	done
	assert_equal "$(wc -l <$'tables/new\nline.csv.counts')" 2
}

@test "Never leave a half-written file behind" {
	needs gzip
	odd_files in tar
	printf '#!/bin/sh\ncase $2 in *q*) echo half; exit 1;; esac\nexec %s "$@"\n' \
		"$(command -v gzip)" >bin/gzip
	chmod +x bin/gzip
	recipe 'Never leave a half-written file behind'
	assert_failure 123
	assert_not_exist "in/it's \"q\".tar.gz"
	assert_exist "in/it's \"q\".tar.gz.part"
	assert_equal "$(find in -name '*.gz' -print0 | tr -cd '\0' | wc -c)" 8
	assert_equal "$(gzip -dc <$'in/new\nline.tar.gz')" $'new\nline'
}

@test "Thumbnails of all pictures in a tree" {
	odd_files photos jpg
	odd_files 'photos/my trip' jpg
	stub bin/convert cat # ImageMagick is large
	recipe 'Thumbnails of all pictures in a tree'
	assert_success
	assert_equal "$(sort -u convert.got)" '- -resize 200 png:-'
	local name
	for name in "${odd[@]}" $'new\nline'; do
		assert_equal "$(cat "thumbs/photos/$name.png")" "$name"
		assert_equal "$(cat "thumbs/photos/my trip/$name.png")" "$name"
	done
}

@test "Rename many files by a pattern" {
	odd_files photos JPEG
	recipe 'Rename many files by a pattern'
	assert_success
	assert_line "mv -n './photos/a b.JPEG' './photos/a b.jpg'"
	assert_exist 'photos/a b.JPEG'
	sed -i 's/ --dry-run//' .recipe
	sh .recipe
	local name
	for name in "${odd[@]}" $'new\nline'; do
		assert_equal "$(cat "photos/$name.jpg")" "$name"
		assert_not_exist "photos/$name.JPEG"
	done
}

@test "Replace a word in many files" {
	grep -Z x <<<x >/dev/null || skip 'this grep has no -Z'
	odd_files src c
	local name
	for name in "${odd[@]}" $'new\nline'; do
		echo 'a colour, two colours' >"src/$name.h"
	done
	extract 'Replace a word in many files'
	sed -i 's/--in-place/--dry-run &/' .recipe
	run -0 sh .recipe
	assert_equal "$(grep -c '^+a color, two colours' <<<"$output")" 9
	assert_equal "$(cat src/*.h | sort -u)" 'a colour, two colours'
	recipe 'Replace a word in many files'
	assert_success
	for name in "${odd[@]}" $'new\nline'; do
		assert_equal "$(cat "src/$name.h")" 'a color, two colours'
		assert_equal "$(cat "src/$name.h.orig")" 'a colour, two colours'
		assert_not_exist "src/$name.c.orig"
	done
}

@test "Delete a million files" {
	odd_files cache tmp
	mkdir cache/kept
	recipe 'Delete a million files'
	assert_success
	assert_equal "$(find cache | sort | xargs)" 'cache cache/kept'
}

@test "Checksums of a whole tree, and whether they are still right" {
	needs sha256sum
	sort -z </dev/null || skip 'this sort has no -z'
	odd_files data bin
	touch data/{1..200}
	late sha256sum
	recipe 'Checksums of a whole tree, and whether they are still right'
	assert_success
	assert_equal "$(wc -l <sums)" 209
	run -0 diff sums <(find data -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum)
	echo other >'data/a b.bin'
	tail -n 1 .recipe >verify
	run --separate-stderr -123 sh verify
	assert_output 'data/a b.bin: FAILED'
}

@test "Search all files, and say which one each line is from" {
	odd_files src c
	local name
	for name in "${odd[@]}"; do
		echo "x FIXME $name" >>"src/$name.c"
	done
	recipe 'Search all files, and say which one each line is from'
	assert_success
	assert_equal "$(sort <<<"$output")" "$(for name in "${odd[@]}"; do
		printf 'src/%s.c\tx FIXME %s\n' "$name" "$name"
	done | sort)"
}

@test "Two things to do with each file" {
	odd_files inbox txt
	stub scan
	stub index
	recipe 'Two things to do with each file'
	assert_success
	names inbox txt
	same scan "${named[@]}"
	run diff <(got scan) <(got index)
	assert_success
}

@test "A loop with & that starts all at once" {
	local name
	for name in "${odd[@]}"; do
		touch "./$name.wav"
	done
	stub encode '! [[ $1 == *q* ]]'
	recipe 'A loop with & that starts all at once'
	assert_failure 123
	assert_equal "$(got encode)" "$(for name in "${odd[@]}"; do
		printf '%q %q\n' "./$name.wav" "./$name.mp3"
	done | sort)"
}

@test "Every combination of two lists" {
	stub bench 'echo ran'
	recipe 'Every combination of two lists'
	assert_success
	assert_equal "${#lines[@]}" 12
	assert_line --index 1 $'1k 2\tran'
	assert_line --index 11 $'1G 8\tran'
	assert_equal "$(got bench | head -n 1)" '--size 1G --threads 1'
}

@test "Two lists side by side" {
	printf '%s\n' "${odd[@]}" >before
	seq 20 >after
	stub compare
	recipe 'Two lists side by side'
	assert_success
	local i=0 name
	assert_equal "$(got compare)" "$(for name in "${odd[@]}"; do
		printf '%q %d\n' "$name" $((i += 1))
	done | sort)"
}

@test "The rows of a CSV file as arguments" {
	printf '%s\n' name,email,amount '"O'\''Hara, ""Jo""",jo@example.org,3' \
		'"two' 'lines",$(touch pwned),-4' >people.csv
	stub mail
	recipe 'The rows of a CSV file as arguments'
	assert_success
	assert_equal "$(got mail)" "$(printf '%q %q\n' jo@example.org \
		"Dear O'Hara, \"Jo\", you owe 3" '$(touch pwned)' $'Dear two\nlines, you owe -4' | sort)"
}

@test "A field of each line of JSON as an argument" {
	built_with JANSSON || skip 'built without jansson'
	printf '%s\n' '{"user":{"name":"$(touch pwned)"},"lang":"de"}' none \
		'{"user":{"name":"a \"b\"\nc"},"lang":"fr"}' >events.jsonl
	stub greet
	recipe 'A field of each line of JSON as an argument'
	assert_failure 123
	assert_equal "$(got greet)" "$(printf '%q %q\n' '$(touch pwned)' de $'a "b"\nc' fr | sort)"
	[[ $stderr == *none* ]]
}

@test "A file of commands" {
	printf '%s\n' 'until [ -e ended ]; do :; done; echo one' 'false' \
		'echo two | tr a-z A-Z; touch ended' >commands
	recipe 'A file of commands'
	assert_failure 123
	assert_output $'one\nTWO'
	assert_equal "$(tail -n +2 run.log | sort -n | cut -f7 | xargs)" '0 1 0'
}

@test "A function of my shell for each item" {
	printf '%s\n' "${odd[@]}" >items
	recipe 'A function of my shell for each item' bash
	assert_success
	assert_equal "$(sort <<<"$output")" "$(printf 'working on %s\n' "${odd[@]}" | sort)"
}

@test "Several items in one command" {
	seq 120 >ids
	stub insert
	recipe 'Several items in one command'
	assert_success
	assert_equal "$(wc -l <insert.got)" 3
	assert_equal "$(xargs -n1 <insert.got | sort -n | xargs)" "$(seq 120 | xargs)"
	assert_equal "$(awk '{ print NF }' insert.got | sort -n | xargs)" '20 50 50'
}

@test "Leave out comments and blank lines" {
	printf '%s\n' '# all' '' '  web 1  ' '   ' '  # no' '$(touch pwned) # yes' >hosts
	stub deploy
	recipe 'Leave out comments and blank lines'
	assert_success
	same deploy 'web 1' '$(touch pwned) # yes'
}

@test "Fetch a list of URLs, the pages in order" {
	needs curl
	seq 5 >one
	seq 20000 >'two $(touch pwned).html'
	printf 'file://%s/%s\n' "$PWD" one "$PWD" 'two%20$(touch%20pwned).html' "$PWD" none >urls
	echo --version >>urls
	late curl
	recipe 'Fetch a list of URLs, the pages in order'
	assert_failure 123
	run -0 cmp pages <(seq 5; seq 20000)
	[[ $stderr == *'2 of 4 failed'* ]]
}

@test "Call an API not too fast, and again when it fails" {
	stub bin/curl 'url=${@: -1} file=$3
		[[ $url != *bad* ]] || ! mkdir once 2>/dev/null || exit 22
		echo "$url" >"$file"'
	printf '%s\n' "${odd[@]}" bad >urls
	recipe 'Call an API not too fast, and again when it fails'
	assert_success
	assert_equal "$(cat page{1..9}.html)" "$(cat urls)"
	assert_equal "$(grep -c . curl.got)" 10
	assert_equal "$(got curl | head -n 1)" "$(printf -- '-fsS -o page1.html --url %q' 'a b')"
}

@test "Keep what failed, and try it again tomorrow" {
	built_with JANSSON || skip 'built without jansson'
	printf '%s\n' "${odd[@]}" >files
	stub upload '[[ $1 != *q* && $1 != *touch* ]] || [ "$(wc -l <upload.got)" -gt 16 ]'
	recipe 'Keep what failed, and try it again tomorrow'
	assert_success
	assert_equal "$(wc -l <failed.jsonl)" 4
	assert_equal "$(wc -l <still.jsonl)" 0
	assert_equal "$(sort -u upload.got)" "$(printf '%q\n' "${odd[@]}" | sort)"
}

@test "Stop asking while the service is down" {
	seq 30 >ids
	stub ask '[ "$(wc -l <ask.got)" -gt 10 ]'
	recipe 'Stop asking while the service is down'
	assert_success
	[[ $stderr == *'nothing is started for 2 s'*'going on (--breaker)'* ]]
	assert_equal "$(sort -un ask.got)" "$(cat ids)"
}

@test "The same command on many hosts" {
	printf '%s\n' web1 -oProxyCommand=pwned >hosts
	stub bin/ssh 'echo up'
	recipe 'The same command on many hosts'
	assert_success
	assert_equal "$(sort <<<"$output")" $'-oProxyCommand=pwned\tup\nweb1\tup'
	assert_equal "$(got ssh)" $'-n -o BatchMode=yes -- -oProxyCommand=pwned uptime
-n -o BatchMode=yes -- web1 uptime'
}

@test "Whether any of these hosts is up" {
	printf '%s\n' web1 -f web2 >hosts
	stub bin/ping '[ "$4" = web2 ] && echo answer'
	recipe 'Whether any of these hosts is up'
	assert_success
	assert_output 'one is up'
	assert_equal "$stderr" ''
	assert_equal "$(cat answer)" answer
	stub bin/ping false
	recipe 'Whether any of these hosts is up'
	assert_output 'none is up'
}

@test "Filter and rewrite a log on all cores" {
	printf '%s\n' '- [x] "GET /a b HTTP/1" 500 1' '- [x] "GET /healthz HTTP/1" 500 1' \
		'- [x] "POST /$(touch) HTTP/1" 503 1' '- [x] "GET /a HTTP/1" 200 1' >access.log
	recipe 'Filter and rewrite a log on all cores'
	assert_success
	assert_output $'GET /a\nPOST /$(touch)'
}

@test "Count the lines that match, in a file of many gigabytes" {
	seq -f 'ERROR %.0f' 30 >big.log
	seq 4000000 >>big.log
	seq -f 'ERROR %.0f' 12 >>big.log
	recipe 'Count the lines that match, in a file of many gigabytes'
	assert_success
	assert_output 42
	assert_equal "$stderr" ''
	: >big.log
	recipe 'Count the lines that match, in a file of many gigabytes'
	assert_output 0
}

@test "Sort a file on all cores" {
	seq 5000 | sort -R >big
	printf '%s\n' "${odd[@]}" >>big
	sort big >right
	recipe 'Sort a file on all cores'
	assert_success
	run -0 cmp sorted right
	assert_not_exist runs
	# in more than one piece, too
	sed -i 's/100M/1K/' .recipe
	sh .recipe
	run -0 cmp sorted right
}

@test "Compress a stream on all cores" {
	needs gzip
	seq 3000000 >access.log
	late gzip
	recipe 'Compress a stream on all cores'
	assert_success
	[ "$(head -c 2 access.log.gz | od -An -tx1)" = ' 1f 8b' ]
	gzip -dc access.log.gz | cmp - access.log
}

@test "Load a big file into a database by pieces" {
	needs psql
	servers_postgresql
	export PGHOST=$SERVERS_DIR PGUSER=pq PGDATABASE=postgres
	psql -q -c 'CREATE TABLE readings (n integer, name text)'
	seq -f $'%.0f\t$(touch pwned) '\'' "' 1000 >readings.tsv
	recipe 'Load a big file into a database by pieces'
	assert_success
	run -0 psql -qAt -c 'SELECT count(*), sum(n), max(name) FROM readings'
	assert_output '1000|500500|$(touch pwned) '\'' "'
	echo 'none' >readings.tsv
	recipe 'Load a big file into a database by pieces'
	assert_failure 123
	assert_equal "$(wc -l <refused.jsonl)" 1
	grep -q 'invalid input syntax' refused.jsonl
}

@test "A big CSV file by pieces, each with the header" {
	{ echo n,text; seq -f $'%.0f,"$(touch pwned)\nx, y"' 1000; } >table.csv
	stub load 'cat >piece.$PQ_SEQ'
	recipe 'A big CSV file by pieces, each with the header'
	assert_success
	run -0 cmp piece.1 table.csv
	sed -i 's/10M/2k/' .recipe
	sh .recipe
	[ "$(ls piece.* | wc -l)" -gt 5 ]
	assert_equal "$(for i in $(ls piece.* | sort -t. -k2n); do
		[ "$(head -n 1 $i)" = n,text ] && sed 1d $i
	done)" "$(sed 1d table.csv)"
}

@test "Act on each new line of a log" {
	printf 'ERROR 1\nfine\n' >app.log
	stub alert
	begin 'Act on each new line of a log'
	wait_until has_lines alert.got 1
	echo 'ERROR $(touch pwned)' >>app.log
	wait_until has_lines alert.got 2
	mv app.log app.log.1
	printf 'fine\nERROR 3\n' >app.log
	wait_until has_lines alert.got 3
	kill -TERM $!
	wait $! || assert_equal $? 143
	same alert 'ERROR 1' 'ERROR $(touch pwned)' 'ERROR 3'
	assert_not_exist pwned
}

@test "Starting the program takes longer than the work" {
	needs jq
	seq -f '{"id": %.0f, "price": 2, "count": 3}' 100 >orders.jsonl
	recipe 'Starting the program takes longer than the work'
	assert_success
	assert_equal "$output" "$(seq -f '{"id":%.0f,"total":6}' 100)"
}

@test "Keep a Python program with a big model running" {
	needs python3
	printf '%s\n' "${odd[@]}" die >texts
	# The one of the manual, and it dies once.
	sed -n '/^#!\/usr\/bin\/env python3/,/^\.Ed/p' "$TOP/man/pq.1" | sed '/^\.Ed/d' >model.py
	sed -i 's/^import json/import os, json/
		s/^    answer/    if job["item"] == "die" and not os.path.exists("dead"):\
        os._exit(not open("dead", "w"))\
&/' model.py
	chmod +x model.py
	recipe 'Keep a Python program with a big model running'
	assert_success
	assert_exist dead
	assert_equal "$(sort <<<"$output")" "$({ printf '%s\n' "${odd[@]}"; echo die; } |
		python3 -c 'import sys; print(sys.stdin.read().upper(), end="")' | sort)"
}

@test "How far it is, and when it will end" {
	printf '%s\n' "${odd[@]}" >cases
	stub simulate
	recipe 'How far it is, and when it will end'
	assert_success
	same simulate "${odd[@]}"
	[ "$(grep -c '8 done' <<<"$stderr")" -ge 2 ] # the progress at its end, and the summary
	[[ $stderr == *'pq: workers '* ]]
}

@test "Go on after Ctrl-C, a crash or a power cut" {
	built_with SQLITE || skip 'built without SQLite'
	{ seq 20; printf '%s\n' "${odd[@]}"; } >cases
	stub simulate 'printf "%s\n" "$1"
		[ "$1" != 7 ] || ! mkdir once 2>/dev/null || kill -9 $(cat pid)'
	mkfifo pid
	begin 'Go on after Ctrl-C, a crash or a power cut'
	echo $! >pid
	wait $! || assert_equal $? 137
	recipe 'Go on after Ctrl-C, a crash or a power cut'
	assert_success
	run -0 cmp results cases
	recipe 'Go on after Ctrl-C, a crash or a power cut'
	assert_success
	assert_equal "$(sort -u simulate.got | wc -l)" 28
}

@test "Run again only what failed" {
	printf '%s\n' "${odd[@]}" >cases
	stub simulate '[[ $1 != *q* ]] || ! mkdir once 2>/dev/null'
	recipe 'Run again only what failed'
	assert_success
	assert_equal "$(wc -l <simulate.got)" 9
	same simulate "${odd[@]}" "it's \"q\""
}

@test "Some jobs hang" {
	printf '%s\n' 1 2 3 hangs >cases
	stub simulate '[ $1 != hangs ] || await false'
	recipe 'Some jobs hang'
	assert_failure 123
	# Five times next to nothing may be over before the second one has begun.
	assert_equal "$(got simulate | grep -v hangs | xargs)" '1 2 3'
	[[ $stderr == *"'hangs': ended after"*'attempt 2 of 2'* ]]
}

@test "More or fewer jobs at once, while it runs" {
	seq 6 >films
	mkdir begun
	# The first two end when the number is another one, the others when four are at work.
	stub encode 'await eval "[ \$(cat workers) = 4 ]"
		! mkdir first 2>/dev/null && ! mkdir second 2>/dev/null || exit 0
		touch begun/$1; await eval "[ \$(ls begun | wc -l) = 4 ]"'
	recipe 'More or fewer jobs at once, while it runs'
	assert_success
	assert_equal "$(got encode | xargs)" '1 2 3 4 5 6'
}

@test "Leave the machine usable" {
	printf '%s\n' "${odd[@]}" >targets
	stub link 'nice >>niceness'
	recipe 'Leave the machine usable'
	assert_success
	same link "${odd[@]}"
	[ "$(nice)" -gt 10 ] || assert_equal "$(sort -u niceness)" 10
}

@test "A file of output for each job" {
	local name
	for name in "${odd[@]}"; do
		touch "./$name.tiff"
	done
	stub convert 'echo "$1"; echo bad >&2'
	recipe 'A file of output for each job'
	assert_success
	assert_output ''
	for name in "${odd[@]}"; do
		assert_equal "$(cat "logs/$name/stdout")" "./$name.tiff"
		assert_equal "$(cat "logs/$name/stderr")" bad
	done
}

@test "Which jobs took longest" {
	printf '%s\n' "${odd[@]}" >cases
	stub simulate
	recipe 'Which jobs took longest'
	assert_success
	assert_equal "${#lines[@]}" 5
	assert_equal "$(awk '{ print $1 }' <<<"$output")" \
		"$(awk 'NR > 1 { print $4 }' run.log | sort -rn | head -n 5)"
	assert_equal "$(grep -cE $'^ *[0-9.]+\t\\./simulate ' <<<"$output")" 5
}

@test "Where the time went" {
	needs python3
	printf '%s\n' "${odd[@]}" >cases
	stub simulate
	recipe 'Where the time went'
	assert_success
	run -0 python3 -c 'import json
text = open("trace.json").read().rstrip().rstrip(",")
events = json.loads(text if text.endswith("]") else text + "]")
print(*sorted(e["name"] for e in events if e["ph"] == "X"), sep="\n")'
	assert_output "$(printf '%s\n' "${odd[@]}" | python3 -c 'import sys
print(*sorted(sys.stdin.read().splitlines()), sep="\n")')"
	grep -q '<svg' run.html
	grep -qF '`touch pwned`' run.html
}

@test "What the exit status says" {
	printf '%s\n' "${odd[@]}" >items
	stub check
	recipe 'What the exit status says'
	assert_output 'all are well'
	same check "${odd[@]}"
	stub check '[[ $1 != *q* ]]'
	recipe 'What the exit status says'
	assert_output 'some failed: see run.log'
	assert_exist run.log
	rm items
	recipe 'What the exit status says'
	assert_output 'it was ended early: 2'
}

@test "Stop at the first failure, with its status" {
	mkdir lib cli web
	two_at_once
	stub bin/make 'case $2 in cli) exit 7;; *) await false;; esac'
	recipe 'Stop at the first failure, with its status'
	assert_failure 7
	no_survivors "$PWD"
}

@test "A suite of tests, some of them flaky, on several machines" {
	printf '%s\n' "${odd[@]}" flaky bad >tests
	stub run-test '[[ $1 != flaky || $PQ_ATTEMPT = 2 ]] && [[ $1 != bad ]]'
	local NODE failed=0
	export NODE
	for NODE in 1 2 3 4; do
		recipe 'A suite of tests, some of them flaky, on several machines'
		[ "$status" -eq 0 ] || failed=$((failed + status))
		! command -v xmllint >/dev/null || xmllint --noout "node-$NODE.xml"
	done
	assert_equal "$failed" 123
	same run-test "${odd[@]}" flaky flaky bad bad
	assert_equal "$(cat node-*.xml | grep -c '<testcase ')" 10
	assert_equal "$(cat node-*.xml | grep -c '<failure ')" 1
	assert_equal "$(cat node-*.xml | grep -c '<flakyFailure ')" 1
}

@test "The longest tests first" {
	printf '%s\n' "${odd[@]}" >tests
	stub run-test
	recipe 'The longest tests first'
	assert_success
	same run-test "${odd[@]}"
	# The one with the quotes took longest then.
	awk -F '\t' -v OFS='\t' '/it.*q/ { $4 = 1000 } { print }' last.log >log
	mv log last.log
	: >run-test.got
	sed -i 's/--tag/-j1/' .recipe
	sh .recipe
	assert_equal "$(head -n 1 run-test.got)" "$(printf %q "it's \"q\"")"
}

@test "Several makes side by side, and eight jobs in all" {
	needs make
	mkdir lib app doc
	printf 'all: a b c\na b c:\n\t@echo "$(MAKEFLAGS)" >$@; echo $@\n' |
		tee lib/Makefile app/Makefile >doc/Makefile
	recipe 'Several makes side by side, and eight jobs in all'
	assert_success
	assert_equal "$(sort <<<"$output" | grep -c '^[abc]$')" 9
	assert_equal "$stderr" ''
	assert_equal "$(cat */[abc] | grep -c -- '-j8 .*--jobserver')" 9
}

@test "Never twice at once, from cron or by hand" {
	export PARALLEL_HOME=$PWD
	stub backup 'await [ -e go ]'
	begin 'Never twice at once, from cron or by hand'
	wait_until has_lines backup.got 1
	recipe 'Never twice at once, from cron or by hand'
	assert_failure 1
	touch go
	wait $!
	recipe 'Never twice at once, from cron or by hand'
	assert_success
	assert_equal "$(wc -l <backup.got)" 2
}

@test "A queue that programs share, and that survives a reboot" {
	built_with SQLITE || skip 'built without SQLite'
	odd_files photos jpg
	stub thumb '[[ $1 != *q* ]] || ! mkdir once 2>/dev/null'
	recipe 'A queue that programs share, and that survives a reboot'
	assert_success
	names photos jpg
	same thumb "${named[@]}" 'photos/it'\''s "q".jpg'
}

@test "What is in the queue, and what failed in it once more" {
	built_with SQLITE || skip 'built without SQLite'
	pq --to sqlite:jobs.db#thumbs ::: "${odd[@]}"
	run -123 pq --from sqlite:jobs.db#thumbs sh -c 'case {} in *q*) exit 1; esac'
	recipe 'What is in the queue, and what failed in it once more'
	assert_success
	assert_line --index 0 --partial dead
	assert_output --partial '1 item requeued'
	run -0 pq --from sqlite:jobs.db#thumbs echo
	assert_output "it's \"q\""
}

@test "Each account in order, but accounts side by side" {
	local n account
	for n in {1..9}; do
		for account in a 'b c' '$(touch pwned)'; do
			echo "$account,$n"
		done
	done >changes.csv
	stub book
	recipe 'Each account in order, but accounts side by side'
	assert_success
	for account in a 'b c' '$(touch pwned)'; do
		assert_equal "$(grep -F "$(printf %q "$account") " book.got | grep -o '.$' | xargs)" \
			'1 2 3 4 5 6 7 8 9'
	done
}

@test "One customer must not take all workers" {
	{ seq -f 'big %.0f' 20; echo 'small 21'; } >requests
	mkdir at
	# Those of the big one end when the small one, which comes last, has been served.
	stub build '[ $1 != 21 ] || exec touch served; mkdir at/$1
		ls at | wc -l >>most
		await [ -e served ]; rmdir at/$1'
	recipe 'One customer must not take all workers'
	assert_success
	assert_equal "$(wc -l <build.got)" 21
	assert_equal "$(sort -rn most | head -n 1)" 2
}

@test "Urgent ones first" {
	printf '9 %s\n' late{1..20} >urls
	printf '1 urgent$(touch pwned)\n' >>urls
	stub crawl 'await [ -e go ]'
	begin 'Urgent ones first'
	wait_until has_lines crawl.got 4
	wait_until at_rest $! # all are read
	touch go
	wait $!
	assert_equal "$(wc -l <crawl.got)" 21
	head -n 8 crawl.got | grep -q urgent # the fifth to start; those beside it may be faster
	assert_not_exist pwned
}

@test "Another command for each kind of line" {
	printf '%s\n' 'ERROR $(touch pwned)' 'WARN "x' INFO 'WARN ERROR' >app.log
	stub page
	stub note
	recipe 'Another command for each kind of line'
	assert_success
	same page 'ERROR $(touch pwned)' 'WARN ERROR'
	same note 'WARN "x'
}

@test "every recipe of the cookbook is run, forty of them and more" {
	run diff <(sed -n 's/^\.Ss //p' "$page") <(sed -n "s/^@test \"\(.*\)\" {/\1/p" \
		"$BATS_TEST_FILENAME" | grep -v 'of the cookbook')
	assert_success
	[ "$(grep -c '^\.Ss ' "$page")" -ge 40 ]
	assert_equal "$(grep -c '^\.Ss ' "$page")" "$(grep -c '^\.Bd -literal' "$page")"
}

@test "a reader of the cookbook sees what was run, no wider than a terminal" {
	needs mandoc col
	local title
	mandoc -T ascii "$page" | col -bx >shown
	assert_equal "$(awk 'length > 80' shown)" ''
	run -0 diff <(sed -n 's/^   \([^ ]\)/\1/p' shown) <(sed -n 's/^\.Ss //p' "$page")
	sed -n 's/^\.Ss //p' "$page" >titles
	while read -r title; do
		extract "$title"
		sed 's/^/           /' .recipe
	done <titles >run
	run -0 diff <(grep '^           ' shown) run
}
