# --dead-letter: what was rejected, with the reason; and --from, by which it is run again.

load helper
load faults/faults

setup() {
	cd "$BATS_TEST_TMPDIR"
}

needs_jansson() {
	built_with JANSSON || skip 'built without jansson'
}

# member NAME: what the lines of dead.jsonl have for it, as JSON, in their order.
member() {
	sed -n 's/^.*[{,]"'"$1"'":\("\([^"\\]\|\\.\)*"\|[0-9]*\|\[[^]]*\]\)[,}].*$/\1/p' dead.jsonl
}

# dead PQ-ARGUMENT...: all fail, one after the other.
dead() {
	rm -f dead.jsonl
	run -123 --separate-stderr pq -j1 --dead-letter dead.jsonl "$@"
}

@test "a line for each item that failed: what it was, how it ended, and when" {
	local before after
	before=$(date -u +%Y-%m-%dT%H:%M:%S)
	dead 'case {} in fail) echo no luck >&2; exit 7 ;; kill) kill -KILL $$ ;; esac' \
		::: fine fail kill
	after=$(date -u +%Y-%m-%dT%H:%M:%S)
	assert_equal "$(wc -l <dead.jsonl)" 2
	assert_equal "$(member item)" $'"fail"\n"kill"'
	assert_equal "$(member seq)" $'2\n3'
	assert_equal "$(member source)" $'":::"\n":::"'
	assert_equal "$(member group)" $'1\n1'
	assert_equal "$(member attempts)" $'1\n1'
	assert_equal "$(member outcome)" $'"exit"\n"signal"'
	assert_equal "$(member code)" $'7\n9'
	assert_equal "$(member stderr)" '"no luck\n"'
	local when
	for when in $(member first) $(member last); do
		assert_regex "$when" '^"[0-9-]{10}T[0-9:]{8}\.[0-9]{3}Z"$'
		[[ ! ${when:1:19} < $before && ! ${when:1:19} > $after ]]
	done
}

@test "a timeout, what could not be started, what was refused: each by its name" {
	printf '%s\n' hang tiny >items
	printf 'nul\0\n' >>items
	echo 'much too long' >>items
	local job=': {}; exec sleep 60' # a job
	dead --max-item 12 --timeout 0.2 "$job" <items
	# What is refused does not wait for its turn.
	sort -t : -k 2 -n <(sed 's/^.*"seq":\([0-9]*\).*$/:\1:&/' dead.jsonl) |
		cut -d : -f 3- >in_order && mv in_order dead.jsonl
	assert_equal "$(member seq)" $'1\n2\n3\n4'
	assert_equal "$(member outcome)" \
		$'"timeout"\n"timeout"\n"not started"\n"refused"'
	assert_equal "$(member reason)" \
		'"holds a NUL byte, which no argument can; -0 is for items that end with one"'$'\n'\
'"is longer than --max-item allows"'
	assert_equal "$(member item)" $'"hang"\n"tiny"\n"nul\\u0000"'
	assert_equal "$(member item_start)" '"much too long"'
	assert_equal "$(member code)" 126
	assert_equal "$(member attempts)" $'1\n1\n1\n0'
}

@test "nothing failed: the file is there, and empty" {
	pq --dead-letter dead.jsonl true ::: 1 2 3
	assert_file_exists dead.jsonl
	assert_equal "$(wc -c <dead.jsonl)" 0
}

@test "a file that is no dead letter is left alone" {
	printf 'some\nnotes' >notes
	cp notes before
	run -2 pq --dead-letter notes true ::: a
	assert_output 'pq: notes is no dead letter: it begins like something else; use another file'
	cmp notes before
	printf '{' >torn
	run -123 pq --dead-letter torn false ::: a
	assert_equal "$(wc -l <torn)" 1
}

@test "only the last attempt counts, and how many there were; the first time is the first's" {
	dead --retries 3 --backoff 20ms,jitter=none \
		'echo $PQ_ATTEMPT >&2; exit $((PQ_ATTEMPT + {}))' ::: 10
	assert_equal "$(member attempts) $(member code) $(member stderr)" '3 13 "3\n"'
	# The last one ended when two waits, of 20 and of 40 ms, were over.
	[[ $(member first) < $(member last) ]]
	[[ $(member first) != *1970-* ]]
	dead --retries 3 --reject-on 4 ': {}; exit 4' ::: a
	assert_equal "$(member attempts)" 1
	dead --retries 3 --ack-on 4 'exit {}' ::: 4 5
	assert_equal "$(member item)" '"5"'
}

@test "what is not done because pq stops is no dead letter" {
	gate door
	background pq -j2 --dead-letter dead.jsonl --halt now,fail=1 \
		'test {} != 2 || exit 3; read x <door' ::: 1 2 3 4 5
	wait "$!" || :
	assert_equal "$(member item)" '"2"'
}

@test "the end of stderr: 4 KiB, in every way of output but -u" {
	local mode
	for mode in '' -k --lb '-k --tag' '--lb --tag' '--retries 2'; do
		dead $mode ': {}; seq -f "%7g" 20000 >&2; exit 1' ::: a
		assert_equal "$(member stderr)" "\"$(seq -f '%7g' 20000 | tail -c 4096 |
			sed -z 's/\n/\\n/g')\""
	done
	dead -u ': {}; echo gone >&2; exit 1' ::: a
	assert_equal "$(member stderr)" ''
	dead ': {}; exit 1' ::: a
	assert_equal "$(member stderr)" ''
}

@test "the end of stderr does not begin within a character; what is no UTF-8 is base64" {
	local text
	text=$(printf 'ä%.0s' {1..3000})
	dead ': {}; printf "x%s" "$(printf "ä%.0s" $(seq 3000))" >&2; exit 1' ::: a
	assert_equal "$(member stderr)" "\"${text:0:2048}\""
	dead ': {}; printf "%s" "$(printf "ä%.0s" $(seq 3000))x" >&2; exit 1' ::: a
	assert_equal "$(member stderr)" "\"${text:0:2047}x\""
	dead ': {}; printf "a\377b" >&2; exit 1' ::: a
	assert_equal "$(member stderr)$(member stderr_base64)" '"Yf9i"'
}

@test "the item is the record as it was read, whatever -e and columns made of it" {
	printf '%s\n' ' a,"b"  ' >items
	dead -e 's/a/z/' -C , 'echo {2} >&2; exit 1' <items
	assert_equal "$(member item)$(member stderr)" '" a,\"b\"  ""\"b\"\n"'
	dead --csv 'false {2}' <items
	assert_equal "$(member item)" '" a,\"b\"  "'
	dead --regex '"(.)"' 'false {1}' <items
	assert_equal "$(member item)" '" a,\"b\"  "'
	dead --trim lr 'false {}' <items
	assert_equal "$(member item)" '" a,\"b\"  "'
}

@test "a combination is an array; of many records in a job each has a line" {
	dead 'false {}' ::: a b ::: c
	assert_equal "$(member item)" $'["a","c"]\n["b","c"]'
	dead -n2 -e 's/$/!/' 'echo {} >&2; false' ::: a b c
	assert_equal "$(member item)" $'"a"\n"b"\n"c"'
	assert_equal "$(member stderr)" $'"a! b!\\n"\n"a! b!\\n"\n"c!\\n"'
	dead -X false ::: a b c
	# What -e drops leaves no trace between them.
	dead -n2 -e '!/drop/' false ::: a drop b drop c
	assert_equal "$(member item)" $'"a"\n"b"\n"c"'
	assert_equal "$(member item)" $'"a"\n"b"\n"c"'
	dead false ::: a ::: $'\377'
	assert_equal "$(member item_base64)" '["YQ==","/w=="]'
}

@test "-e alone: each record that could not be done, and why" {
	local order
	for order in '' -k --tag; do
		printf '%s\n' YQ== '!!' Yg== $'\377' >items
		dead $order -e unbase64 <items
		assert_equal "${#lines[@]}" 2
		assert_equal "$(member item) $(member item_base64)" '"!!" "/w=="'
		assert_equal "$(member seq)" $'2\n4'
		assert_equal "$(member outcome)" $'"refused"\n"refused"'
		assert_equal "$(member reason)" $'"is not base64"\n"is not base64"'
	done
	printf '%s\n' YQ== '1234567890' >items
	dead --max-item 5 -e unbase64 <items
	assert_equal "$(member item_start)" '"1234567890"'
}

# --- again -----------------------------------------------------------------

@test "--from the dead letter runs the same records again" {
	needs_jansson
	seq 9 >items
	dead 'test {} -gt 3' <items
	run pq -k --from dead.jsonl echo
	assert_success
	assert_output $'1\n2\n3'
}

@test "replayed with the same command line: -e, -C, --csv, --regex, -n, several sources" {
	needs_jansson
	printf '%s\n' 'a,"b,c"' 'd,e' >items
	replays -C , sh -c 'echo "$1|$2"; exit 1' sh {1} {2}
	replays --csv sh -c 'echo "$1|$2"; exit 1' sh {1} {2}
	replays --regex '^(?<x>.),' sh -c 'echo "$1"; exit 1' sh {x}
	replays -e 's/^/x/' sh -c 'echo "$1"; exit 1' sh {}
	replays -n2 sh -c 'echo "$@"; exit 1' sh {}
	replays -e 's/^/x/' -C , --trim lr sh -c 'echo "$@"; exit 1' sh {2}
	dead sh -c 'echo "$1-$2-$3"; exit 1' sh {2} {1} {} ::: a b ::: c d
	cp dead.jsonl again.jsonl
	printf '%s\n' "$output" >first
	dead --from again.jsonl sh -c 'echo "$1-$2-$3"; exit 1' sh {2} {1} {}
	assert_equal "$output" "$(cat first)"
	dead -n3 sh -c 'echo "$@"; exit 1' sh {} ::: a b ::: c d
	assert_equal "$(member item)" $'["a","c"]\n["a","d"]\n["b","c"]\n["b","d"]'
	cp dead.jsonl again.jsonl
	printf '%s\n' "$output" >first
	dead -n3 --from again.jsonl sh -c 'echo "$@"; exit 1' sh {}
	assert_equal "$output" "$(cat first)"
	assert_equal "$(member item)" $'["a","c"]\n["a","d"]\n["b","c"]\n["b","d"]'
	dead --regex '(.)' sh -c 'echo "$1-$2"; exit 1' sh {2} {1} ::: a b ::: c
	cp dead.jsonl again.jsonl
	run -123 --separate-stderr pq -k --from again.jsonl --regex '(.)' \
		sh -c 'echo "$1-$2"; exit 1' sh {2} {1}
	assert_output $'c-a\nc-b'
}

# replays PQ-ARGUMENT...: every item fails; run again it says the same, and its dead
# letter has the same items.
replays() {
	dead "$@" <items
	printf '%s\n' "$output" >first
	member item >members
	cp dead.jsonl again.jsonl
	dead --from again.jsonl "$@"
	assert_equal "$output" "$(cat first)"
	assert_equal "$(member item)" "$(cat members)"
}

@test "--header: the dead letter has the header, and can be run again by itself" {
	needs_jansson
	printf '%s\n' 'name;size' 'a;1' 'b;2' >items
	replays -C ';' --header : sh -c 'echo "$1 is $2"; exit 1' sh {name} {size}
	assert_equal "$(member header)" $'"name;size"\n"name;size"'
	# Another header does not belong to it.
	printf '%s\n' 'size;name' '3;c' >other
	run -123 pq --dead-letter dead.jsonl -C ';' --header : false <other
	run -123 --separate-stderr pq -k --from dead.jsonl -C ';' --header : echo {name}
	assert_output $'a\nb'
	assert_regex "$stderr" "^pq: item 3 '\{\"item\":\"3;c\",\"seq\":1,\"id\":\"[0-9a-f]{12}\
\.\.\.': has not the header of the first line: run it by itself$"
	# Nor can it be made up.
	sed 's/,"header":[^}]*//' dead.jsonl >bare.jsonl
	run -2 pq --from bare.jsonl -C ';' --header : echo {name}
	assert_output "pq: the header of bare.jsonl is missing: the first line has no member \"header\""
}

@test "what is said about files - --skip-first-line, -r, -E - is not done to a dead letter again" {
	needs_jansson
	printf '%s\n' title a b end c >items
	dead --skip-first-line -r -E end false <items
	assert_equal "$(member item)" $'"a"\n"b"'
	run pq -k --from dead.jsonl --skip-first-line -r -E end echo
	assert_output $'a\nb'
}

@test "--pipe: a block that failed is an item, and run again as the same block" {
	needs_jansson
	head -c 30000 /dev/urandom >items
	dead --pipe --block 1k false <items
	[ "$(wc -l <dead.jsonl)" -gt 20 ]
	pq -k --pipe --block 1k --from dead.jsonl cat >out
	cmp items out
	dead --pipe -n3 'cat >&2; false' < <(seq 10)
	assert_equal "$(pq -k --from dead.jsonl --pipe -n3 'wc -l')" $'3\n3\n3\n1'
	dead false ::: a ::: b
	run -123 pq --from dead.jsonl --pipe cat
	assert_output "pq: item 1 'a' 'b': has several values, and is no block of --pipe"
}

@test "any bytes come back as they were, from records and from arguments" {
	needs_jansson
	local separator
	for separator in -0 '-d\n' '-da'; do
		head -c 300000 /dev/urandom >items
		dead "$separator" --retry-on 99 --retries 2 false {} <items
		pq "$separator" -k --from dead.jsonl -e 's/^/x/' >out
		pq "$separator" -k -e 's/^/x/' <items >expected
		# They failed in any order of starting, but -j1 has only one.
		cmp <(head -c "$(wc -c <expected)" out) expected
	done
}

@test "an item that is run again has the source and the id it had, and a number of its own" {
	needs_jansson
	printf '%s\n' a b >list
	dead 'echo "$PQ_ID {source} $PQ_SOURCE {}" >>ids; false' :::: list
	assert_equal "$(member id)" "$(sed 's/\([^ ]*\).*/"\1"/' ids)"
	cp dead.jsonl again.jsonl
	run -0 pq -c -k --from again.jsonl 'echo "$PQ_ID {source} $PQ_SOURCE {}"'
	assert_output "$(cat ids)"
	assert_line --index 0 --regexp '^[0-9a-f]{16}-1 list list a$'
	assert_line --index 1 --regexp '^[0-9a-f]{16}-2 list list b$'
	run -0 pq -k --from again.jsonl echo {#}
	assert_output $'1\n2'
	# However often it fails, with --shuf, and as a block.
	mv dead.jsonl first.jsonl
	dead --from first.jsonl --shuf false
	mv dead.jsonl second.jsonl
	run -0 pq -c --from second.jsonl 'echo "$PQ_ID {source} $PQ_SOURCE {}"'
	assert_equal "$(sort <<<"$output")" "$(sort ids)"
	dead --pipe -a list 'echo "$PQ_ID $PQ_SOURCE" >block; false'
	run -0 pq -c --from dead.jsonl --pipe 'echo "$PQ_ID $PQ_SOURCE"'
	assert_output "$(cat block)"
}

@test "records that a job had together have no id, and a job of several a new one" {
	needs_jansson
	dead -n2 false ::: a b c
	assert_equal "$(member id | wc -l)" 1
	dead -n1 false ::: a b c
	run -0 pq -k -n3 --from dead.jsonl sh -c 'echo $PQ_ID $PQ_SOURCE' sh
	refute_output --partial "$(member id | head -n 1 | tr -d '"')"
	assert_output --regexp '^[0-9a-f]{16}-1 dead\.jsonl$'
}

@test "a dead letter without id and source, or with such as no job could have" {
	needs_jansson
	printf '%s\n' '{"item":"a"}' '{"item":"b","id":7,"source":[]}' \
		'{"item":"c","id":"x\u0000y","source":""}' >dead.jsonl
	run -0 pq -k --from dead:dead.jsonl echo {source} {}
	assert_output $'dead.jsonl a\ndead.jsonl b\ndead.jsonl c'
	printf '{"item":"d","source":"\\u00e9 x","id":"mine"}\n' >dead.jsonl
	run -0 pq -k --from dead:dead.jsonl sh -c 'echo "$PQ_ID $PQ_SOURCE"' sh
	assert_output 'mine é x'
}

@test "a dead letter merges with other sources, waits in a FIFO, is shuffled" {
	needs_jansson
	dead false ::: a b
	mkfifo late.jsonl
	cat dead.jsonl >late.jsonl 3>&- &
	run pq --from dead:late.jsonl --from <(seq 2) echo
	assert_success
	assert_equal "$(printf '%s\n' "${lines[@]}" | sort | tr '\n' ' ')" '1 2 a b '
	assert_equal "$(pq --shuf --from dead.jsonl echo | sort | tr '\n' ' ')" 'a b '
	assert_equal "$(pq -k --content --from dead.jsonl cat 2>/dev/null)" ''
	echo yes >a
	assert_equal "$(pq -k --content --from dead.jsonl cat 2>/dev/null)" yes
}

@test "a line that is none is refused with the reason, the rest goes on" {
	needs_jansson
	cat >broken.jsonl <<-'END'
	{"item":"good"}
	{"item":
	"text"
	[]
	{"item":7}
	{"item":[]}
	{"item":["a",7]}
	{"item_base64":"*"}
	{"item":"a","item_base64":"YQ=="}
	{"item_start":"aaaa"}

	{"item":["a","b"],"more":{"x":[1,2,null]}}
	{"item_base64":["YQ==","_w"]}
	END
	run -123 --separate-stderr pq -k --from dead:broken.jsonl --dead-letter dead.jsonl echo
	assert_equal "$output" "$(printf 'good\na b\na \377')"
	local other="is no line of a dead letter: it is no JSON object; -a reads a file's lines"
	local none='is no line of a dead letter: it has no "item" that can be read; -a reads a '\
"file's lines"
	only_message "item 2 '{\"item\":': $other" "item 3 '\"text\"': $other" "item 4 '[]': $other" \
		"item 5 '{\"item\":7}': $none" "item 6 '{\"item\":[]}': $none" \
		"item 7 '{\"item\":[\"a\",7]}': $none" "item 8 '{\"item_base64\":\"*\"}': $none" \
		"item 9 '{\"item\":\"a\",\"item_base64\":\"YQ==\"}': $none" \
		"item 10 '{\"item_start\":\"aaaa\"}': was refused as it was read: only its beginning was \
kept, and it cannot be run again"
	# They are dead letters again, but none that could be run.
	assert_equal "$(wc -l <dead.jsonl)" 9
	assert_equal "$(grep -c '"item_start":' dead.jsonl)" 9
}

@test "a .jsonl under --from is a dead letter when its first record has seq, item and outcome" {
	needs_jansson
	printf '%s\n' '{"id":1,"item":"a"}' '{"id":2,"item":"b"}' >events.jsonl
	run -0 pq -k --from events.jsonl echo
	assert_output "$(cat events.jsonl)"
	run -0 pq -k --jsonl --from events.jsonl echo {id}
	assert_output $'1\n2'
	dead false ::: a
	run -0 pq --from dead.jsonl echo
	assert_output a
	printf '%s\n' '{"in":{"seq":1,"item":"a","outcome":"exit"}}' >nested.jsonl
	run -0 pq --from nested.jsonl echo
	assert_output "$(cat nested.jsonl)"
	printf '%s\n' '{"outcome" : "exit", "item_base64":"_w==","seq":1}' >other.jsonl
	run -0 pq --from other.jsonl echo
	assert_output "$(printf '\377')"
}

@test "dead:FILE is a dead letter, whatever its name and its first record" {
	needs_jansson
	dead false ::: a
	cp dead.jsonl letters
	run -0 pq --from dead:letters echo
	assert_output a
	run -0 pq --from dead:- echo <letters
	assert_output a
	printf '%s\n' '{"item":"b"}' >edited.jsonl
	run -0 pq --from dead:edited.jsonl echo
	assert_output b
	run -2 --separate-stderr pq --from dead:letters --dead-letter letters echo
	only_message '--dead-letter letters: it is read in the same run (letters); write to another '\
'file, and move it there when the run has ended'
	run -2 --separate-stderr pq --from dead:- -f - <letters
	only_message '-f - with items from stdin: it can be read only once; name a file'
}

@test "--max-item holds for a dead letter, too" {
	needs_jansson
	printf '%s\n' 12345 123456 >items
	dead false <items
	run -123 --separate-stderr pq --from dead.jsonl --max-item 5 echo
	assert_output 12345
	assert_regex "$stderr" "^pq: item 2 '\{\"item\":\"123456\",\"seq\":2,\"id\":\"[0-9a-f]{9}\
\.\.\.': is longer than --max-item allows$"
	{ cat dead.jsonl; printf '{"item":"%0400000d"}\n' 0; cat dead.jsonl; } >long.jsonl
	run -123 --separate-stderr pq -k --from long.jsonl --max-item 6 echo
	assert_output $'12345\n123456\n12345\n123456'
	only_message "item 3 '{\"item\":\"$(printf '%031d' 0)...': is longer than a line of a dead \
letter can be with this --max-item"
}

# --- refused, and faults ---------------------------------------------------

@test "the dead letter cannot be what is read, by whatever name, nor another output" {
	needs_jansson
	dead false ::: a
	cp dead.jsonl before
	ln -s dead.jsonl link.jsonl
	ln dead.jsonl hard.jsonl
	local name elsewhere='write to another file, and move it there when the run has ended'
	for name in dead.jsonl link.jsonl hard.jsonl ./dead.jsonl; do
		refuses '--from with input (:::, ::::, -a): it merges its sources, and the others are '\
'combined; use one kind' --dead-letter dead.jsonl --from "$name" touch ::: started
		refuses "--dead-letter dead.jsonl: it is read in the same run ($name); $elsewhere" \
			--dead-letter dead.jsonl --from "$name" touch started
		refuses "--dead-letter dead.jsonl: it is read in the same run ($name); $elsewhere" \
			--dead-letter dead.jsonl -a "$name" touch started
	done
	run -2 pq --dead-letter dead.jsonl cat <dead.jsonl
	assert_output "pq: --dead-letter dead.jsonl: it is read in the same run (standard input); \
$elsewhere"
	run -2 sh -c 'pq --dead-letter dead.jsonl true ::: a >>dead.jsonl'
	assert_output 'pq: --dead-letter dead.jsonl: it is the standard output of the run, too; '\
'write to another file'
	refuses '--joblog dead.jsonl: it is the file of --dead-letter, too; write to another file' \
		--dead-letter dead.jsonl --joblog dead.jsonl true ::: a
	refuses '-o dead.jsonl: it is the file of --dead-letter, too; write to another file' \
		--dead-letter ./dead.jsonl -o dead.jsonl true ::: a
	refuses '-o new.jsonl: it is the file of --dead-letter, too; write to another file' \
		--dead-letter new.jsonl -o new.jsonl true ::: a
	assert_file_not_exists new.jsonl
	cmp dead.jsonl before
	assert_file_not_exists started
}

@test "a dead letter that cannot be opened: 74, and nothing is started" {
	local name
	for name in . missing/dead.jsonl; do
		run --separate-stderr -74 pq --dead-letter "$name" touch ::: started
		[ "$name" = . ] && why='Is a directory' || why='No such file or directory'
		only_message "cannot open the dead letter $name: $why; nothing was started"
		assert_file_not_exists started
	done
	refuses "--dead-letter: '' is no file name" --dead-letter '' true ::: a
}

@test "a full dead letter: one message, 74, whatever else there is to say" {
	run --separate-stderr -74 pq -j3 --dead-letter /dev/full false ::: {1..100}
	assert_equal "$(told)" 'pq: cannot write to /dev/full: No space left on device; stopping'
	run --separate-stderr -74 bash -c 'ulimit -f 1; pq -j3 --dead-letter dead.jsonl false \
		::: {1..100}'
	assert_equal "$(told)" 'pq: cannot write to dead.jsonl: File too large; stopping'
	run pq --dead-letter /dev/full true ::: 1 2 3
	assert_success
}

@test "an I/O error at any write, to output or dead letter, is told, with 74" {
	unsanitized 'it is preloaded'
	local n=0 status
	build_fault write
	until ((n > 0)) && [ ! -e told ]; do
		rm -f told dead.jsonl
		n=$((n + 1))
		status=0
		timeout 300 env WRITE_FAIL=$n WRITE_TOLD=told LD_PRELOAD="$fault" \
			pq -k -j2 -Q2 --quiet --dead-letter dead.jsonl 'echo {}; echo {} >&2; exit {}' \
			::: 0 1 2 3 0 5 >out 2>err || status=$?
		[ ! -e told ] || [ "$status" -eq 74 ] || fail "write $n: status $status"
		[ ! -e told ] || grep -q 'Input/output error; stopping' err || fail "$(cat err)"
	done
	assert_equal "$status" 123
	[ "$n" -gt 12 ]
	assert_equal "$(wc -l <dead.jsonl)" 4
}

@test "a torn last line is cut off before more are added" {
	needs_jansson
	dead false ::: a b
	printf '{"item":"torn' >>dead.jsonl
	run -123 pq --dead-letter dead.jsonl false ::: c
	assert_equal "$(member item)" $'"a"\n"b"\n"c"'
}

@test "a last line that lacks only its newline is kept" {
	needs_jansson
	local first
	for first in '{"item":"mended"}' '{"item":"mended","note":{"by":"{\"me"}}'; do
		printf '%s' "$first" >dead.jsonl
		run -123 pq --dead-letter dead.jsonl false ::: c
		assert_equal "$(member item)" $'"mended"\n"c"'
	done
	printf '{"item":"}"' >dead.jsonl
	run -123 pq --dead-letter dead.jsonl false ::: c
	assert_equal "$(member item)" '"c"'
}

@test "without jansson a dead letter cannot be read, and says so" {
	! built_with JANSSON || skip 'built with jansson'
	dead false ::: a
	refuses '--from dead.jsonl: built without jansson; install it and run ./configure again' \
		--from dead.jsonl echo
}
