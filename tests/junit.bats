# --junit FILE: a run as CI reads it, in JUnit's XML.
# Not with the thread sanitizer: it is the file that is tested.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	command -v xmllint >/dev/null || skip 'no xmllint to read it'
}

# cases [FILE]: of each case its name, and its elements with their types and messages; each
# name once in a class, and the counts of every suite those of its cases.
cases() {
	xmllint --noout "${1-r.xml}" || return
	command -v python3 >/dev/null || skip 'no python3 to read it'
	python3 - "${1-r.xml}" <<-'END'
		import sys, xml.etree.ElementTree as tree
		root = tree.parse(sys.argv[1]).getroot()
		assert root.tag == "testsuites", root.tag
		of = {"tests": "testcase", "failures": "testcase/failure", "errors": "testcase/error",
		    "skipped": "testcase/skipped"}
		for name, path in of.items():
		    for suite in root:
		        assert int(suite.get(name)) == len(suite.findall(path)), name
		    assert int(root.get(name)) == sum(int(s.get(name)) for s in root), name
		seen = set()
		for case in root.iter("testcase"):
		    key = case.get("classname"), case.get("name")
		    assert key not in seen, key
		    seen.add(key)
		    assert float(case.get("time")) >= 0
		    said = [case.get("name")]
		    for e in case:
		        what = " ".join(filter(None, (e.get("type"), e.get("message"))))
		        said.append(e.tag + (f"({what})" if what else ""))
		    print(*said)
	END
}

# value XPATH: of the report.
value() {
	xmllint --xpath "string($1)" r.xml
}

@test "--junit: a case for each job, done or failed, with what it printed" {
	run -123 --separate-stderr pq -j1 --name unit --junit r.xml \
		'echo out {}; echo err {} >&2; case {} in b) exit 3 ;; c) kill -9 $$ ;; esac' ::: a b c
	run cases
	assert_output 'a
b failure(exit exit 3) system-out system-err
c error(signal killed by SIGKILL) system-out system-err'
	assert_equal "$(value '//testcase[2]/failure')" 'err b'
	assert_equal "$(value '//testcase[2]/system-out')" 'out b'
	assert_equal "$(value '//testcase[3]/system-err')" 'err c'
	assert_equal "$(value '/testsuites/@name') $(value '//testsuite/@name')" 'pq unit'
	assert_equal "$(value 'count(//testcase[@classname="unit"])')" 3
	assert_regex "$(value '//testsuite/@timestamp')" '^20[0-9-]{8}T[0-9:]{8}$'
}

@test "--junit: junitparser reads it" {
	local python
	for python in python3 /usr/bin/python3; do
		"$python" -c 'import junitparser' 2>/dev/null && break
	done || skip 'no junitparser to read it'
	run -123 --separate-stderr pq -j1 --junit r.xml --retries 2 --max-item 4 \
		'[ {}$PQ_ATTEMPT != a1 ] && [ {} != b ] || exit 3' ::: a b c toolong
	run "$python" - <<-'END'
		import junitparser
		xml = junitparser.JUnitXml.fromfile("r.xml")
		print(xml.tests, xml.failures, xml.errors, xml.skipped)
		for suite in xml:
		    for case in suite:
		        result = case.result if isinstance(case.result, list) else [case.result]
		        print(case.name, *(type(r).__name__ + " " + r.message for r in result if r))
	END
	assert_line --index 0 '4 1 0 1'
	assert_line 'a'
	assert_line 'b Failure exit 3'
	assert_line 'c'
	assert_line 'toolong Skipped refused: is longer than --max-item allows'
}

@test "--junit: failed and then done is flaky, failed again is a rerun" {
	run -123 --separate-stderr pq -j1 --junit r.xml --retries 3 --timeout 9 \
		'echo out $PQ_ATTEMPT; case {}$PQ_ATTEMPT in a1|c*) exit 3 ;; a2) kill -9 $$ ;; esac' \
		::: a b c
	run cases
	assert_output 'a flakyFailure(exit attempt 1: exit 3) flakyError(signal attempt 2: killed by '\
'SIGKILL)
b
c failure(exit exit 3) system-out rerunFailure(exit attempt 1: exit 3) '\
'rerunFailure(exit attempt 2: exit 3)'
	assert_equal "$(value '//testcase[1]/flakyError/system-out')" 'out 2'
	assert_equal "$(value '//testcase[3]/rerunFailure[1]/stackTrace')" 'out 1'
	assert_equal "$(value '//testcase[3]/system-out')" 'out 3'
}

@test "--junit: of many attempts the last ten are told" {
	run -123 --separate-stderr pq --junit r.xml --retries 13 'exit $PQ_ATTEMPT' ::: a
	run cases
	assert_equal "$(grep -o 'rerunFailure' <<<"$output" | wc -l)" 10
	assert_output --partial 'failure(exit exit 13) rerunFailure(exit attempt 3: exit 3)'
	assert_output --partial 'attempt 12: exit 12'
}

@test "--junit: a timeout and what cannot be started are errors" {
	gate hold
	run -123 --separate-stderr pq -j1 -k --junit r.xml --timeout 2 '{}' \
		::: 'read x <hold' 'exit 1'
	run cases
	assert_output 'read x <hold error(timeout timeout)
exit 1 failure(exit exit 1)'
	printf '%0140000d\n' 0 >list
	run -123 --separate-stderr pq --junit r.xml true <list
	run cases
	assert_output --partial '... error(not started not started'
}

@test "--junit: what was refused or not run is skipped, and why" {
	run --separate-stderr pq -j1 --halt now,fail=2 --junit r.xml --validate '^[a-z0-9]*$' \
		'[ {} != b ]' ::: a '!' b c d
	run cases
	assert_line 'a'
	assert_line '! skipped(refused: does not match --validate)'
	assert_line 'b failure(exit exit 1)'
	assert_line "c skipped(not run: --halt ended the run by item 3 'b')"
	assert_line "d skipped(not run: --halt ended the run by item 3 'b')"
}

@test "--junit: SIGTERM: what ran ends, and what did not is skipped" {
	gate hold
	background pq -j1 --junit r.xml 'echo >began; read x <hold; : {}' ::: a b c 2>err
	wait_until test -e began
	kill -TERM $!
	wait_until grep -q SIGTERM err
	open_gate hold
	wait $! || :
	run cases
	assert_equal "$(sort <<<"$output")" 'a
b skipped(not run: pq was stopping)
c skipped(not run: pq was stopping)'
	rm began
	background pq -j1 --junit r.xml 'echo >began; sleep 60; : {}' ::: a b 2>err # a job
	wait_until test -e began
	kill -TERM $!
	wait_until grep -q SIGTERM err
	kill -TERM $!
	wait $! || :
	run cases
	assert_equal "$(sort <<<"$output")" 'a skipped(ended while it ran: pq was stopping)
b skipped(not run: pq was stopping)'
}

@test "--junit: killed, it leaves what is done, whole" {
	gate hold
	background pq -j2 --junit r.xml 'case {} in held) read x <hold ;; b) exit 1 ;; esac' \
		::: held a b c
	local pid=$!
	wait_until grep -q 'name="c"' r.xml
	kill -KILL $pid
	wait $pid || :
	xmllint --noout r.xml
	assert_equal "$(value 'count(//testcase)')" 3
	assert_equal "$(value '//testcase[2]/@name')" b
	assert_equal "$(value '//testcase[2]/failure/@message')" 'exit 1'
}

# is_past SECOND: for wait_until.
is_past() {
	((SECONDS >= $1))
}

@test "--junit: its counts follow while it runs" {
	gate hold
	gate more
	background pq -j1 --junit r.xml 'case {} in b) read x <hold ;; c) read x <more ;; esac' \
		::: a b c d
	# They are written when a job ends a second after the last time, at the earliest.
	wait_until grep -q 'name="a"' r.xml
	wait_until is_past $((SECONDS + 2))
	open_gate hold
	wait_until grep -q '<testsuites .* tests="2"' r.xml
	open_gate more
	wait $!
	run cases
	assert_output $'a\nb\nc\nd'
}

@test "--junit: items that repeat have their number, whichever ends first" {
	gate hold
	background pq -j2 --junit r.xml 'case $PQ_SEQ in 1) read x <hold ;; esac; : {}' \
		::: a a b a 'a (item 2)' ''
	wait_until grep -q 'name="item 6"' r.xml
	open_gate hold
	wait $!
	run cases
	assert_equal "${#lines[@]}" 6 # and no two alike
	for name in a 'a (item 2)' 'a (item 4)' b 'item 6'; do
		assert_line "$name"
	done
}

@test "--junit: names are bounded, and what was cut alike is told apart" {
	local long
	long=$(printf '%0300d' 0)
	pq -k -j1 --junit r.xml true ::: "${long}a" "${long}b" "$(printf '%0254d' 0)é€"
	run cases
	assert_output "${long:0:256}...
${long:0:256}... (item 2)
${long:0:254}é..."
}

@test "--junit: many names, and each once" {
	seq 20000 | sed 's/^.*7$/seven/' | pq --junit r.xml --name n true
	assert_equal "$(value 'count(//testcase)')" 20000
	assert_equal "$(grep -o ' name="[^"]*" time=' r.xml | sort -u | wc -l)" 20000
	assert_equal "$(value 'count(//testcase[@name="seven"])')" 1
}

@test "--junit: a suite for each section, by its name or its command" {
	run -123 --separate-stderr pq --junit r.xml 'test {} != b' --next --name audit 'exit 2; {}' \
		--next 'test {} != b' ::: a b
	cases >/dev/null
	run xmllint --xpath '//testsuite/@name' r.xml
	assert_output ' name="test {} != b (section 1)"
 name="audit"
 name="test {} != b (section 3)"'
	assert_equal "$(value 'count(//testsuite[2]/testcase/failure)')" 2
	assert_equal "$(value '//testsuite[3]/testcase[failure]/@name')" b
	assert_equal "$(value 'count(//testsuite[1]/testcase)')" 2
	assert_equal "$(value '//testsuite[2]/testcase/@classname')" audit
}

@test "--junit: blocks of --pipe go by their number" {
	seq 4 | pq -k -j1 --pipe -n2 --junit r.xml cat >out
	run cases
	assert_output $'block 1\nblock 2'
}

@test "--junit: whatever bytes there are, it is XML, and none is lost" {
	command -v python3 >/dev/null || skip 'no python3 to read it'
	python3 - >list <<-'END'
		import sys
		for b in range(1, 256): sys.stdout.buffer.write(b"x" + bytes([b]) + b"y\0")
		for text in "\ufffe", "\uffff", "\ud7ff", "\U0001f600", "\u0085", "]]>", "&amp;", "<!--":
		    sys.stdout.buffer.write(text.encode() + b"\0")
		sys.stdout.buffer.write(b"\xed\xa0\x80\0\xf4\x90\x80\x80\0\xe2\x82\0")
	END
	pq -0 -k -j1 --junit r.xml 'printf %s {} >&2; exit 1' <list 2>/dev/null && fail
	xmllint --noout r.xml
	python3 - <<-'END'
		import xml.etree.ElementTree as tree
		def shown(item):
		    out, i = "", 0
		    text = item.decode("utf-8", "surrogateescape")
		    for c in text:
		        n = ord(c)
		        if 0xdc80 <= n <= 0xdcff:
		            out += "\\x%02x" % (n - 0xdc00)
		        elif n in (9, 10, 13) or (n >= 0x20 and not 0x7f <= n < 0xa0
		              and n not in (0xfffe, 0xffff)):
		            out += c
		        else:
		            out += "".join("\\x%02x" % b for b in c.encode())
		    return out
		items = open("list", "rb").read().split(b"\0")[:-1]
		cases = list(tree.parse("r.xml").getroot().iter("testcase"))
		assert len(items) == len(cases)
		for item, case in zip(items, cases):
		    assert case.get("name") == shown(item), (item, case.get("name"))
		    assert case.find("system-err").text == shown(item), item
		    assert case.find("failure").text == shown(item)
	END
}

@test "--junit: of much output the end is there, and how much is not" {
	run -123 --separate-stderr pq --junit r.xml 'seq 100000; seq 100000 >&2; exit 1' ::: a
	run cases
	assert_output 'a failure(exit exit 1) system-out system-err'
	# 588895 bytes, of which 16384 are left.
	assert_equal "$(value '//system-out' | head -n 1)" '[572511 bytes before this are left out]'
	assert_equal "$(value '//system-out' | tail -n 2)" 100000
	assert_equal "$(value '//system-err' | head -n 1)" '[what came before this is left out]'
	assert_equal "$(value '//system-err' | tail -n 2)" 100000
	assert_equal "$(value '//failure' | wc -c)" 2048 # whole lines, and a newline
}

@test "--junit: much that was printed by many attempts goes through the spool" {
	run -123 --separate-stderr pq -j4 --queue-bytes 100k --junit r.xml --retries 3 \
		'seq 20000; exit 1' ::: {1..30}
	cases >said
	assert_equal "$(grep -c 'failure.*rerunFailure.*rerunFailure' said)" 30
	assert_equal "$(value 'count(//rerunFailure[contains(system-out, "20000")])')" 60
}

@test "--junit: an attempt that was lost with its worker is an error of it" {
	run -0 --separate-stderr pq -j1 --junit r.xml --persistent \
		sh -c 'while read x; do [ -e again ] || { : >again; kill -9 $$; }; echo "$x"; done' ::: a
	run cases
	assert_output --regexp '^a flakyError\(signal attempt 1: lost with its worker: killed by'
}

@test "--junit: what is no regular file gets it at the end" {
	mkfifo pipe
	background cat pipe >r.xml
	run -123 --separate-stderr pq --junit pipe -j1 'test {} != b' --next -j1 true ::: a b
	wait $!
	run cases
	assert_output $'a\nb failure(exit exit 1)\na\nb'
	run -74 --separate-stderr pq --junit /dev/full true ::: a
	only_message 'cannot write to /dev/full: No space left on device; no job is stopped for that'
}

@test "--junit: it is written anew, and an empty run has an empty suite" {
	pq --junit r.xml true ::: {1..100}
	pq --junit r.xml true </dev/null
	run cases
	refute_output
	assert_equal "$(value '/testsuites/@tests') $(value 'count(//testsuite)')" '0 1'
}

@test "--junit: a file that cannot be made: 74, and nothing is started" {
	local name
	for name in . missing/r.xml; do
		run --separate-stderr -74 pq --junit "$name" touch ::: started
		[ "$name" = . ] && why='Is a directory' || why='No such file or directory'
		only_message "cannot open the JUnit report $name: $why; nothing was started"
		assert_file_not_exists started
	done
	mkfifo lonely
	run --separate-stderr -74 pq --junit lonely touch ::: started
	only_message \
		'cannot open the JUnit report lonely: nobody reads this FIFO yet; nothing was started'
}

@test "--junit: a disk that is full is told once, and the jobs are done" {
	command -v prlimit >/dev/null || skip 'no prlimit to fill it'
	run -74 --separate-stderr bash -c "set -o pipefail; trap '' XFSZ
		prlimit --fsize=4096 pq --junit r.xml 'echo {} | cat' ::: {1..100} | sort -n"
	only_message 'cannot write to r.xml: File too large; no job is stopped for that'
	assert_output "$(seq 100)"
}

@test "--junit: what cannot be" {
	echo a >in
	refuses '--junit in: it is the input, too, and would be overwritten; write to another file' \
		--junit in -a in echo
	refuses '--joblog r.xml: it is the file of --junit, too; write to another file' \
		--junit r.xml --joblog r.xml echo
	refuses '--junit with -e and no command: no job is run that could be a test case; leave it '\
'out' \
		--junit r.xml -e s/a/b/
	refuses '--junit with --to and no command: no job is run, items are moved as they are; leave '\
'it out' --junit r.xml --to sqlite:q#x
	run pq --dry-run --junit r.xml echo ::: a
	assert_output 'echo a'
	assert_file_not_exists r.xml
}
