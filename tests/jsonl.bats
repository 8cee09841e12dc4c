# --jsonl: items are JSON objects, and {name} is a member. --validate: what an item must be.
# Not with the thread sanitizer: the thread that reads is the only one.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
}

needs_jansson() {
	built_with JANSSON || skip 'built without jansson'
}

@test "{name} is a member, {a.b} a nested one, {} the whole record as it was" {
	needs_jansson
	printf '%s\n' '{ "name": "x y",  "size":3, "at": {"host":"h","port":{"n":80}}}' |
		pq --jsonl printf '%s|' {name} {size} {at.host} {at.port.n} {} >out
	assert_equal "$(cat out)" \
		'x y|3|h|80|{ "name": "x y",  "size":3, "at": {"host":"h","port":{"n":80}}}|'
}

@test "without a replacement string the record is the last argument" {
	needs_jansson
	run pq --jsonl echo got ::: '{"a": 1}'
	assert_output 'got {"a": 1}'
}

@test "strings as they are, numbers and truth as the record spells them, null and missing empty" {
	needs_jansson
	local rows=('"a\"\\b\u00e9\ud83d\ude00\/"' 0 -17 9223372036854775807 1.10 0.1 1e2
		18446744073709551616 -0 3.14159265358979323846 1e400 100000000000000000000.5
		true false null '[]' '[1, 2.50,0.1, "x\n", null]' '{"b": {"c":1.1},  "a":"é"}')
	local texts=('a"\bé😀/' 0 -17 9223372036854775807 1.10 0.1 1e2
		18446744073709551616 -0 3.14159265358979323846 1e400 100000000000000000000.5 true false ''
		'[]' '[1,2.50,0.1,"x\n",null]' '{"b":{"c":1.1},"a":"é"}')
	printf '{"v":%s}\n' "${rows[@]}" | pq -k --jsonl echo '[{v}]' >out
	printf '[%s]\n' "${texts[@]}" | diff - out
	assert_equal "$(pq --jsonl echo '[{v}]' ::: '{"w":1}')" '[]'
	assert_equal "$(pq --jsonl echo '[{v.w.x}]' ::: '{"v":"w"}')" '[]'
}

@test "a member with a dot in its name comes before a nested one; of two the last counts" {
	needs_jansson
	run pq -k --jsonl echo {a.b} ::: '{"a.b":1,"a":{"b":2}}' '{"a":{"b":2}}' '{"a":{"b.c":3}}' \
		'{"a":{"b":4},"a":{"b":5}}'
	assert_output $'1\n2\n\n5'
	run pq -k --jsonl echo {a.b.c} ::: '{"a":{"b.c":3}}' '{"a.b":{"c":4}}'
	assert_output $'3\n4'
}

@test "the forms of a name: {file.} {file/} {file//} {file/.}; and shell lines with names" {
	needs_jansson
	run pq --jsonl 'echo {f.p.} {f.p/} {f.p//} {f.p/.} "$(echo "{f.p}")"' \
		::: '{"f":{"p":"d/x y.z"}}'
	assert_output 'd/x y x y.z d x y d/x y.z'
}

@test "a name may have a _ anywhere: {user_id} {_id} {at.last_seen} {__typename}" {
	needs_jansson
	run --separate-stderr pq --jsonl echo {user_id} {_id} {at.last_seen} {__typename} {no_such} \
		end ::: '{"user_id":1,"_id":"x","at":{"last_seen":"y"},"__typename":"T"}'
	assert_output '1 x y T  end'
}

@test "data is never program text: members with quotes, commands, newlines" {
	needs_jansson
	run pq --jsonl 'echo {a}; echo "{b}"' ::: '{"a":"$(touch bad); `touch bad`","b":"'"'"'\n\"x"}'
	assert_output $'$(touch bad); `touch bad`\n\'\n"x'
	assert_file_not_exists bad
}

@test "--results takes members, too, when the command has none of them" {
	needs_jansson
	run -0 pq --jsonl --results 'out/{at.id}/' echo {v} ::: '{"at":{"id":"a"},"v":1}'
	assert_equal "$(cat out/a/stdout)" 1
}

@test "--tag, --unique and --key take members, too; awk keeps its braces" {
	needs_jansson
	printf '%s\n' '{"k":"a","v":1}' '{"k":"b","v":2}' '{"k":"a","v":3}' >items
	run pq -k --jsonl --tagstring {k} echo {v} <items
	assert_output $'a\t1\nb\t2\na\t3'
	run pq -k --jsonl --unique={k} echo {v} <items
	assert_line 1
	assert_line 2
	refute_line 3
	run pq -k --jsonl --key {k} echo {v} <items
	assert_output $'1\n2\n3'
	echo 'l i n e' >file
	local command
	for command in "awk '{print}' {name}" "LC_ALL=C awk -F: '{print}' \"{name}\"" 'cat {name}'; do
		run pq --jsonl "$command" ::: '{"name":"file"}'
		assert_output 'l i n e'
	done
	run pq --jsonl awk '{print}' {name} ::: '{"name":"file"}'
	assert_output 'l i n e'
	run pq --jsonl env -i awk -- '{print}' {name} ::: '{"name":"file"}'
	assert_output 'l i n e'
	run pq --jsonl echo awk {name} ::: '{"name":"file"}'
	assert_output 'awk file'
}

@test "a record that is no JSON object is refused with the reason, the rest goes on" {
	needs_jansson
	printf '%s\n' '{"a":1}' '{"a":' '' ' ' 7 '[1]' '{"a":1}{}' "{'a':1}" >items
	printf '{"a":"\377"}\n{"a":01}\n{"a":2}' >>items
	run -123 --separate-stderr pq -k --jsonl --dead-letter dead.jsonl echo {a} <items
	assert_output $'1\n2'
	# What is wrong says the library, in words of its own.
	assert_equal "$(sed 's/is no JSON: .*/is no JSON/' <<<"$stderr")" \
		"pq: item 2 '{\"a\":': is no JSON
pq: item 3 '7': is JSON, but no object
pq: item 4 '[1]': is JSON, but no object
pq: item 5 '{\"a\":1}{}': is no JSON
pq: item 6 '{\\'a\\':1}': is no JSON
pq: item 7 '{\"a\":\"\\xff\"}': is no JSON
pq: item 8 '{\"a\":01}': is no JSON"
	assert_equal "$(grep -c 'is no JSON: .' <<<"$stderr")" 5
	assert_equal "$(wc -l <dead.jsonl)" 7
	assert_regex "$(head -1 dead.jsonl)" \
		'^\{"item":"\{\\"a\\":".*"outcome":"refused","reason":"is no JSON: '
	# Mended, they are run again.
	sed -i 's/^{"item":"\[1\]"/{"item":"{\\"a\\":3}"/' dead.jsonl
	run -123 --separate-stderr pq -k --jsonl --from dead.jsonl echo {a}
	assert_output 3
}

@test "what is wrong in a record is told, whatever numbers stand before it" {
	needs_jansson
	run -123 --separate-stderr pq --jsonl echo ::: '{"n":18446744073709551616,"m":1.,"x":1}'
	only_message "item 1 '{\"n\":18446744073709551616,\"m\":1.,\"x\":1}': is no JSON: invalid \
token near '1.'"
	run -123 --separate-stderr pq --jsonl echo ::: '{"n":18446744073709551616,}'
	only_message "item 1 '{\"n\":18446744073709551616,}': is no JSON: string or '}' expected \
near '}'"
	run -123 --separate-stderr pq --jsonl echo ::: '{"s":"\ud800"}'
	# Where it is the library says, in words of its own.
	assert_regex "$stderr" "^pq: item 1 '\{\"s\":\"\\\\\\\\ud800\"\}': has an escape that is half \
of a character: .+$"
}

@test "the reason holds nothing of the record that a terminal would obey" {
	needs_jansson
	printf '%s\n' $'{"a":\e[31m' $'\e]0;x\a' $'{"a":1}\e[2J' $'{\x9b31m' $'["\e' >items
	run -123 --separate-stderr pq -k --jsonl echo {a} <items
	assert_equal "${#stderr_lines[@]}" 5
	assert_equal "${stderr_lines[0]}" \
		"pq: item 1 '{\"a\":\\x1b[31m': is no JSON: invalid token near '?'"
	! LC_ALL=C grep -q '[^ -~]' <<<"$stderr" || fail "$stderr"
}

@test "what is nested deeper than 100 levels is refused, however deep" {
	needs_jansson
	local depth
	for depth in 99 100 2000 200000; do
		printf '{"v":%s%s}\n' "$(printf '%*s' "$depth" '' | tr ' ' '[')" \
			"$(printf '%*s' "$depth" '' | tr ' ' ']')"
	done >items
	printf '{"v":"%s\\"[{"}\n' "$(printf '%*s' 300 '' | tr ' ' '[')" >>items
	run -123 --separate-stderr pq -k --jsonl 'printf %s {v} | wc -c' <items
	assert_output $'198\n303'
	local shown
	shown="{\"v\":$(printf '%35s' '' | tr ' ' '[')..."
	only_message "item 2 '$shown': is JSON of more than 100 levels" \
		"item 3 '$shown': is JSON of more than 100 levels" \
		"item 4 '$shown': is JSON of more than 100 levels"
	run -123 --separate-stderr pq -k --from <(cat items) --jsonl true
	cp items items.jsonl
	run -123 --separate-stderr pq --from dead:items.jsonl true
	assert_equal "${#stderr_lines[@]}" 5
}

@test "-e comes first: it makes the record that is read as JSON" {
	needs_jansson
	run pq -k -e 's/^[^{]*//' --jsonl echo {a} ::: 'log: {"a":1}' '{"a":2}'
	assert_output $'1\n2'
}

@test "-n and -X take whole records; names are for one record to a job" {
	needs_jansson
	run pq -k --jsonl -n2 echo ::: '{"a":1}' '{"a":2}' '{"a":3}'
	assert_output $'{"a":1} {"a":2}\n{"a":3}'
	run pq -j1 --jsonl -X echo ::: '{"a":1}' '{"a":2}'
	assert_output '{"a":1} {"a":2}'
	refuses "'{a}' with -n: each record of a job has such a member; give each a job of its own" \
		--jsonl -n2 echo {a} ::: '{"a":1}'
	refuses "'{a}' with several sources: each record of a job has such a member; give each a job \
of its own" --jsonl echo {a} ::: '{"a":1}' ::: '{"a":1}'
	run pq --jsonl echo ::: '{"a":1}' ::: '{"b":1}'
	assert_output '{"a":1} {"b":1}'
}

@test "what cannot go with --jsonl is refused, with the reason" {
	needs_jansson
	local way
	for way in '-C ,' --csv '--header :' '--regex x' '--trim l'; do
		refuses "--jsonl with ${way%% *}: what has names are the members of the object; leave one \
out" --jsonl $way echo {a} ::: '{}'
	done
	refuses '--jsonl with -e and no command: there is no {name} to be filled in; jq before pq '\
'does this; leave it out' --jsonl -e s/a/b/ ::: a
	refuses '--pipe with --jsonl: blocks are not taken apart; try to take them apart in the '\
'command' --jsonl --pipe cat
	refuses '--content with --jsonl: a member names no file; take the name out before: jq -r '\
'.name' \
		--jsonl --content cat ::: a
	refuses '--jsonl without a command or -e: a JSON object is no shell line; try --jsonl echo '\
'{name}' --jsonl ::: '{}'
	refuses "'{1}' with --jsonl: members of an object have names, and no numbers; the text itself \
is {\1}" --jsonl echo {1} ::: '{}'
}

@test "without jansson --jsonl says so" {
	! built_with JANSSON || skip 'built with jansson'
	refuses '--jsonl: built without jansson; install it and run ./configure again' \
		--jsonl echo ::: '{}'
}

# --- --validate ------------------------------------------------------------

@test "--validate: what does not match has failed, and no job sees it" {
	run -123 --separate-stderr pq -k --dead-letter dead.jsonl --validate '^[0-9]+$' \
		'echo {} >>started; echo {}' ::: 1 two 3 '4 '
	assert_output $'1\n3'
	assert_equal "$(sort started)" $'1\n3'
	assert_equal "$stderr" "pq: item 2 'two': does not match --validate
pq: item 4 '4 ': does not match --validate"
	local reason='"attempts":0,"outcome":"refused","reason":"does not match --validate"'
	assert_equal "$(grep -c "$reason" dead.jsonl)" 2
}

@test "--validate sees the record after -e and before columns; of a combination each value" {
	run -123 --separate-stderr pq -k -e 's/^ +//' --validate '^\w,\w$' -C , echo {2} {1} \
		::: ' a,b' 'a,bb'
	assert_output 'b a'
	only_message "item 2 'a,bb': does not match --validate"
	run -123 --separate-stderr pq -k --validate '^[ab1]' echo ::: a c ::: 1 2
	assert_output 'a 1'
	run -123 --separate-stderr pq -k --validate 'é$' echo ::: é e
	assert_output é
	run -123 --separate-stderr pq -k -n2 --validate . echo ::: a '' b c
	assert_output $'a\nb c'
}

@test "--validate that cannot be, or cannot be done" {
	refuses "--validate, column 2: missing closing parenthesis in '('" --validate '(' echo ::: a
	refuses '--validate with -e and no command: records are not looked at one by one; the step '\
'/RE/ keeps those that match; leave it out' --validate a -e s/a/b/ ::: a
	refuses '--pipe with --validate: records are not looked at one by one; try grep before pq' \
		--validate a --pipe cat
	# A record that is too hard has failed, and says so.
	run -123 --separate-stderr pq -k --validate '^(a+)+$' echo ::: \
		aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab aa
	assert_output aa
	only_message "item 1 '$(printf 'a%.0s' {1..40})...': matching it takes too long"
}

@test "a name is a member whatever stands around its braces; {{name}} is another language" {
	needs_jansson
	run pq --jsonl echo '{"a":{id}}' '{"b":{b},"a":{id}}' '{{id}} {{id}' ::: '{"id":7,"b":1}'
	assert_output '{"a":7} {"b":1,"a":7} {{id}} {7'
	run pq --jsonl echo '%{http_code} #{x} ${y} \{z}' {url} ::: '{"url":"u"}'
	assert_output '%{http_code} #{x} ${y} \{z} u'
}

@test "every member can be named: {@timestamp}, {\"any name\"}, {a[0]}, and paths of them" {
	needs_jansson
	local item='{"@timestamp":"t","a b":{"c":[1,{"d":2}]},"l":["x","y"],"$ref":"r","a.b":3}'
	run pq --jsonl echo '{@timestamp} {"a b".c[1].d} {l[1]} {l[0]} {"$ref"} {"a.b"}' ::: "$item"
	assert_output 't 2 y x r 3'
	run pq --jsonl 'echo {@timestamp} {"a b".c[0]} "{"$ref"}" '\''{l[1]}'\''; :' ::: "$item"
	assert_output 't 1 r y'
}

@test "a name that was in none of the objects is told at the end" {
	needs_jansson
	run --separate-stderr pq -k --jsonl echo '{print}' {f} {g.h} ::: '{"f":"x"}' '{"g":{"h":null}}'
	assert_success
	assert_output $' x \n  '
	# shellcheck disable=SC2154
	assert_equal "$stderr" "pq: '{print}' was in none of the objects; the text itself is {\\print}"
}
