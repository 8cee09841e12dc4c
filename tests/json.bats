# --json: an object for each job.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# objects PQ-ARGUMENT...: the objects without their times, and the slots that they happened
# to have.
objects() {
	pq --json "$@" | sed -E 's/"start":[0-9.]+,"seconds":[0-9.]+,//
		s/"slot":[0-9]+,//; s/"waited":[0-9.]+,//'
}

@test "--json writes an object on a line for each job, and its stderr is in it" {
	run --separate-stderr objects -k 'echo out {}; echo err {} >&2; exit 3' ::: a 'say "x"\'
	rest='"group":1,"attempts":1,"exit":3,"signal":0,'
	assert_line -n 0 '{"seq":1,"item":"a",'"$rest"'"stdout":"out a\n","stderr":"err a\n"}'
	assert_line -n 1 '{"seq":2,"item":"say \"x\"\\",'"$rest"'"stdout":"out say \"x\"\\\n",'\
'"stderr":"err say \"x\"\\\n"}'
	assert_equal "${#lines[@]}" 2
}

@test "--json: an object has the members that the manual shows" {
	run bash -c "pq --json 'echo ...; : {}' ::: a | sed -E 's/[0-9]+\.[0-9]+/T/g'"
	assert_output "$(sed -n '/^{"seq":1,"item":"a"/,/}$/p' "$TOP/man/pq.1" | tr -d '\n' |
		sed -E 's/, "/,"/g; s/[0-9]+\.[0-9]+/T/g; s/"\.\.\."/"...\\n"/')"
}

@test "--json: the start is in seconds since 1970, the runtime in seconds" {
	local before after start us
	before=$(date +%s)
	run pq --json sleep ::: 0.2 # a job
	after=$(date +%s)
	[[ $output =~ \"start\":([0-9]+)\.[0-9]{3},\"seconds\":([0-9]+)\.([0-9]{6}), ]]
	start=${BASH_REMATCH[1]} us=$((BASH_REMATCH[2] * 1000000 + 10#${BASH_REMATCH[3]}))
	((before <= start && start <= after))
	((us >= 200000 && us <= (after - before + 1) * 1000000))
}

@test "--json: which worker had it, how often, and how long its last attempt had waited" {
	gate hold
	background pq -j2 --json '{}' ::: 'read x <hold' true true >out
	wait_until has_lines out 2
	open_gate hold
	wait $!
	# One worker is held at the gate, and the other one had both.
	run sed -En 's/.*"item":"(true|read).*"slot":([0-9]),"attempts":([0-9]),.*/\1 \2 \3/p' out
	assert_equal "$(sort -u <<<"$output" | cut -d' ' -f 1,3)" $'read 1\ntrue 1'
	assert_equal "$(sort -u <<<"$output" | cut -d' ' -f 2 | sort)" $'1\n2'

	once_in 5 second_waits_for_first
}

# As long as that takes, if it was read no later.
second_waits_for_first() {
	pq -k -j1 --json sleep ::: 0.3 0 >out # a job
	run sed -En 's/.*"slot":1,"attempts":1,"waited":([0-9]+)\.([0-9]{6}),.*/\1\2/p' out
	((${#lines[@]} == 2 && 10#${lines[1]} >= 300000))
}

@test "--json: what is not UTF-8 is base64, and comes back as it was" {
	run objects cat ::: $'\xff\xfe'
	assert_line --regexp '^\{"seq":1,"item_base64":"//4=","group":1,"attempts":1,"exit":1,'\
'"signal":0,"stdout":"","stderr":"cat: .+\\n"\}$'
	run objects sh -c 'printf "\303\050"; printf "\342\202\254" >&2' ::: x
	assert_output '{"seq":1,"item":"x","group":1,"attempts":1,"exit":0,"signal":0,'\
'"stdout_base64":"wyg=","stderr":"€"}'
}

@test "--json: a character may be cut by the pieces in which output travels" {
	# 65535 bytes and a character of three; and one that never ends.
	run bash -c 'pq --json sh -c "head -c 65535 /dev/zero | tr \"\\0\" x
		printf \"\\342\\202\\254\"" ::: x | grep -c "\"stdout\":\"xxx.*x€\",\"stderr\""'
	assert_output 1
	run bash -c 'pq --json sh -c "head -c 65535 /dev/zero | tr \"\\0\" x
		printf \"\\342\\202\"" ::: x | grep -c "\"stdout_base64\":\"eHh4.*eHh44oI=\""'
	assert_output 1
}

@test "--json: output larger than memory may be goes through the spool, whole" {
	command -v python3 >/dev/null || skip "no python3 to read it"
	pq --queue-bytes 100k --json sh -c 'seq 300000; seq 5 >&2' ::: x >out
	pq --queue-bytes 100k --json sh -c 'seq 30000; printf "\377"' ::: x >raw
	python3 - <<-'END'
		import base64, json
		o = json.load(open("out"))
		assert o["stdout"] == "".join("%d\n" % i for i in range(1, 300001))
		assert o["stderr"] == "1\n2\n3\n4\n5\n"
		o = json.load(open("raw"))
		text = "".join("%d\n" % i for i in range(1, 30001)).encode()
		assert base64.b64decode(o["stdout_base64"]) == text + b"\xff"
	END
}

@test "--json: every byte there is can be in items and output" {
	command -v python3 >/dev/null || skip "no python3 to read it"
	python3 - >list <<-'END'
		import sys
		for b in range(1, 256): sys.stdout.buffer.write(bytes([b, 0]))
	END
	pq -k -0 --json printf %s <list >out
	python3 - <<-'END'
		import base64, json
		for b, line in enumerate(open("out", "rb"), 1):
		    o = json.loads(line)
		    for name in "item", "stdout":
		        text = o.get(name)
		        got = text.encode() if text is not None else base64.b64decode(o[name + "_base64"])
		        assert got == bytes([b]), (b, got)
		assert b == 255
	END
}

@test "--json: several values are an array" {
	run objects -k echo {1}{2} ::: a b ::: c
	local rest='"group":1,"attempts":1,"exit":0,"signal":0'
	assert_output '{"seq":1,"item":["a","c"],'"$rest"',"stdout":"ac\n","stderr":""}
{"seq":2,"item":["b","c"],'"$rest"',"stdout":"bc\n","stderr":""}'
}

@test "--json: signals, timeouts and attempts are told" {
	run --separate-stderr objects sh -c 'kill -9 $$' ::: x
	assert_output '{"seq":1,"item":"x","group":1,"attempts":1,"exit":0,"signal":9,'\
'"stdout":"","stderr":""}'
	run --separate-stderr objects --timeout 0.1 sleep ::: 60 # a job
	assert_output '{"seq":1,"item":"60","group":1,"attempts":1,"exit":-1,"signal":15,'\
'"timeout":true,"stdout":"","stderr":""}'
	run objects --retries 3 'echo $PQ_ATTEMPT {}; [ $PQ_ATTEMPT = 2 ]' ::: x
	assert_output '{"seq":1,"item":"x","group":1,"attempts":2,"exit":0,"signal":0,'\
'"stdout":"2 x\n","stderr":""}'
}

@test "--json: an item that could not be run has its object, too" {
	printf 'a\0b\nok\n%s\n' "$(printf '%50s' '' | tr ' ' x)" >list
	run --separate-stderr objects -k --max-item 20 echo <list
	assert_output '{"seq":1,"item":"a\u0000b","group":1,"attempts":1,"exit":126,"signal":0,'\
'"stdout":"","stderr":""}
{"seq":2,"item":"ok","group":1,"attempts":1,"exit":0,"signal":0,"stdout":"ok\n","stderr":""}
{"seq":3,"item":"'"$(printf '%50s' '' | tr ' ' x)"'","group":1,"slot":null,"attempts":0,'\
'"waited":null,"exit":126,"signal":0,"start":null,"seconds":0.000000,"stdout":"","stderr":""}'
	assert_equal "$(sort <<<"$stderr")" "pq: item 1 'a\\x00b': holds a NUL byte, which no argument \
can; -0 is for items that end with one
pq: item 3 '$(printf '%40s' '' | tr ' ' x)...': is longer than --max-item allows"
}

@test "--json: a block of --pipe is told by its size" {
	run objects -k --pipe -n2 cat < <(seq 4)
	local rest='"group":1,"attempts":1,"exit":0,"signal":0'
	assert_output '{"seq":1,"bytes":4,'"$rest"',"stdout":"1\n2\n","stderr":""}
{"seq":2,"bytes":4,'"$rest"',"stdout":"3\n4\n","stderr":""}'
}

@test "--json: a job that prints nothing has its object, too" {
	run bash -c 'seq 100 | pq --pipe -n1 --json true | grep -c "\"stdout\":\"\",\"stderr\":\"\"}"'
	assert_output 100
	run bash -c 'seq 100 | pq --json true | grep -c "\"stdout\":\"\",\"stderr\":\"\"}"'
	assert_output 100
}

@test "--json is in the order of the input with -k" {
	seq 200 | pq -k -j8 --json 'echo {}' | grep -oE '"seq":[0-9]+' | cut -d: -f2 >out
	seq 200 | cmp - out
}

@test "--json: what could not be written is status 74" {
	run -74 bash -c 'pq --json echo ::: a b >/dev/full'
	assert_output 'pq: cannot write to standard output: No space left on device; stopping'
}

@test "--json: the reader of the objects may go" {
	run -141 bash -c 'set -o pipefail; yes | pq --json echo | head -n 1 >out'
	assert_output ''
}

@test "--json is refused where nothing could be in the object" {
	refused() {
		local line=$1
		shift
		run -2 pq --json "$@" ::: x
		assert_output "pq: $line"
	}
	refused '--json with -u: what jobs write themselves does not pass through pq; leave out -u' \
		-u echo
	refused '--json with --lb: it is written when a job has ended; leave one out' --lb echo
	refused '--json with --tag: the item is beside the output, not in it; leave out --tag' \
		--tag echo
	refused '--json with -e and no command: no job is run that could be an object; leave it '\
'out' -e s/a/b/
}

@test "--dry-run prints the commands, with --json, too" {
	run pq -k --dry-run --json echo ::: a b
	assert_output $'echo a\necho b'
}
