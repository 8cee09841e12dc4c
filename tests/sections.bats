# Sections of the command line: where one ends, and what may stand in which.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# takes_sections ARGUMENT...: nothing is wrong with this command line.
takes_sections() {
	pq "$@" </dev/null
}

@test "every section has a command" {
	refuses 'section 1 has no command; {} runs each item, and : discards it' --next echo
	refuses 'section 2 has no command; {} runs each item, and : discards it' -j2 echo --next
	refuses 'section 2 has no command; {} runs each item, and : discards it' \
		-e s/a/b/ --next --next echo
	refuses 'section 1 has no command; {} runs each item, and : discards it' -- --next echo
}

@test "what is about all sections is said before the first --next, and why" {
	local pair
	while read -r option value reason; do
		# shellcheck disable=SC2086
		refuses "${option/=*/} in section 2: $reason; give it before the first --next" \
			echo --next $option ${value#-} echo
	done <<-'END'
		--from x what is read, and its queues, are the same for all sections
		-0 - what is read is the same for all sections
		--csv - what is read is the same for all sections
		-Q 4 the queue and the machine are the same for all sections
		--key {1} the queue and the machine are the same for all sections
		--load 3 the queue and the machine are the same for all sections
		-I % it holds for all sections
		--nice 3 it holds for all sections
		--deliver first it holds for all sections
		--topic-key {} it holds for all sections
		--halt now,fail=1 it ends the whole run
		-k - output is written in one way for all sections
		--json - output is written in one way for all sections
		--joblog x it is about the whole run
		--progress - it is about the whole run
		--progress=json - it is about the whole run
	END
	run -0 pq echo --next --version
	run -0 pq echo --next --help next
}

@test "arguments stand behind the last section" {
	refuses '::: before --next: what is read is the same for all sections, and stands behind '\
'the last one' echo ::: a --next echo
	refuses ':::: before --next: what is read is the same for all sections, and stands behind '\
'the last one' echo :::: list --next echo
}

@test "the manual says which options are about one section" {
	local name names
	pq --completion bash | sed -n "s/.*--next \]\] && names='\(.*\)' && break/\1/p" | tr ' ' '\n' |
		grep -vxE -e '-h|--help|-V|--version|--completion|--next' >own
	sed -n '/^\.It Fl -next/,/^are about the section/p' "$TOP/man/pq.1" |
		grep -oE 'Fl -?[a-zA-Z0-9][a-z-]*' | sed 's/Fl /-/' | grep -vx -e --next >told
	[ "$(wc -l <told)" -gt 20 ]
	grep -vxFf own told && fail 'it is about all sections'
	pq --help all | grep -E '^ +-' | grep -oE '^( +-[a-zA-Z0-9-]+)+' >rows
	while read -r names; do
		for name in $names; do
			grep -qx -e "$name" own || continue 2
		done
		grep -qxF -e "$(tr ' ' '\n' <<<"$names")" told || fail "$names"
	done <rows
}

@test "what cannot work together is looked for in each section, and told with its number" {
	refuses 'section 2: --retry-on without --retries: nothing would be tried again; '\
'add --retries 3' --retries 3 --retry-on 1 echo --next --retry-on 1 echo
	refuses 'section 2: -u with -k: what jobs write themselves cannot be put in order; '\
'leave one out' -k echo --next -u echo
	refuses 'section 1: --joblog with -e and no command: no job is run that could be logged; '\
'leave it out' --joblog log -e s/a/b/ --next echo
}

@test "what one section says is no reason against another" {
	refuses 'section 2: -c with --no-shell: the command is either a shell line or not; '\
'leave one out' -c echo --next -c --no-shell echo
	takes_sections -c echo --next --no-shell echo
	takes_sections --rate 1/s --rate-key {} echo --next echo
	takes_sections -I % echo % --next -e s/a/b/
}

@test "a section that is one of several does not change the items for the others" {
	refuses 'section 2: --next with -e and a command: all sections get the same items, and '\
'-e would change them; transform in the command, {= s/old/new/ =}, or in a pq before this one' \
		echo --next -e s/a/b/ echo
	refuses '--next with --in-place: several would rewrite the same file; do it in one section' \
		--in-place -e s/a/b/ --next -e s/c/d/
}

@test "--name: two sections are not called the same, and a name is one" {
	refuses '--name x: section 1 has this name, too; sections are told apart by it' \
		--name x echo --next --name x echo
	for name in 'a b' 1 '' ä -a a=b $'a\nb'; do
		refuses "--name: '${name/$'\n'/\\n}' is no name: letters and digits, _ . and -, a \
letter first" \
			--name "$name" echo
	done
}

@test "--weight is a number, and then sections share the workers of the first" {
	refuses "--weight: '0' is no weight of 1 to 1000000; 6 gets twice what 3 gets" \
		--weight 0 echo --next echo
	refuses "--weight: '1000001' is no weight of 1 to 1000000; 6 gets twice what 3 gets" \
		--weight 1000001 echo --next echo
	refuses 'section 2: --weight with a -j of its own: sections with weights share the workers '\
'of the first; give -j before the first --next' echo --next --weight 2 -j3 echo
	takes_sections -j3 echo --next --weight 2 echo
}

@test "sections share a dead letter by its name" {
	takes_sections --dead-letter dead echo --next --dead-letter dead echo
	refuses '--dead-letter ./dead: another section calls this file dead; sections share one '\
'by the same name' --dead-letter dead echo --next --dead-letter ./dead echo
	refuses '--joblog log: it is the file of --dead-letter, too; write to another file' \
		--joblog log echo --next --dead-letter log echo
}

@test "descriptors are for the workers of all sections" {
	run bash -c 'ulimit -n 64; pq -j8 echo --next -j8 echo --next -j4 echo ::: a'
	assert_line --regexp '^pq: -j 4 needs [0-9]+ descriptors and the limit \(ulimit -n\) is '\
'lower: going on with -j 1$'
	run bash -c 'ulimit -n 64; pq -j8 echo --next --weight 2 echo --next echo ::: a'
	refute_line --partial ulimit
}

@test "--deliver says to whom, and needs somebody else" {
	refuses "--deliver: 'one' is none of all, first: every section that fits, or the first one" \
		--deliver one echo --next echo
	refuses '--deliver without --next: there is one section, which has everything; '\
'add --next and another command' --deliver first echo
	refuses '--weight without --next: there is one section, which has everything; '\
'add --next and another command' --weight 2 echo
}

@test "{group} is the name of the section, or its number, as PQ_GROUP is" {
	run -0 pq --name log 'echo {group} {group}s "$PQ_GROUP" ${group}. {} {\group}' ::: a
	assert_output 'log logs log . a {group}'
	run -0 pq --tagstring '{group}:' 'echo {group} "$PQ_GROUP"' ::: a
	assert_output $'1:\t1 1'
	run -0 pq --name a-1.b bash -c 'echo {group} "$1"' _ {group} ::: a
	assert_output 'a-1.b a-1.b'
	run -0 pq -n 3 --name g echo {group} ::: a b c
	assert_output g
	run -0 pq --name g --dry-run echo {group} {} ::: a
	assert_output 'echo g a'
	run -0 pq --name g --results 'out/{group}/{}' echo ::: a
	assert_equal "$(cat out/g/a)" a
	run -0 pq --header : -C , echo {group} ::: group,b x,y
	assert_output x
	run -0 pq --regex '(?<group>.)' echo {group} ::: z
	assert_output z
}

@test "what is asked before an item has a group cannot have {group}" {
	refuses '{group} in --unique: this is asked before the item has one' \
		'--unique={group}{}' echo
	refuses '{group} in --topic-key: this is asked before the item has one' \
		--topic a --topic-key '{group}{}' echo
}

@test "several sections do not write their results to the same files" {
	refuses "--results out with --next: all sections would write to the same files; try \
--results 'DIR/{group}/{}'" --results out echo --next echo
	takes_sections --results 'out/{group}/{}' echo --next echo
	takes_sections --results out.csv echo --next echo
}

@test "a section whose command is : discards what it gets, and starts nothing" {
	printf '#!/bin/sh\necho started >>%s/started\n' "$PWD" >shell
	chmod +x shell
	run -0 --separate-stderr pq -k -j1 -t --shell-path ./shell --joblog log : ::: a b
	refute_output
	assert_equal "$stderr" $': a\n: b'
	[ ! -e started ]
	assert_equal "$(cut -f 7-9 log)" $'Exitval\tSignal\tCommand\n0\t0\t: a\n0\t0\t: b'
	run -0 pq --shell-path ./shell ': {};' ::: a
	[ -e started ]
}

@test "an item that no section wants has failed, and is told" {
	run --separate-stderr -123 pq -k --match '^crit' --dead-letter dead echo got \
		::: crit-1 info-2 crit-3
	assert_output $'got crit-1\ngot crit-3'
	assert_equal "$stderr" "pq: item 2 'info-2': no group wants it"
	run -0 jq -r '.item + " " + .reason' dead
	assert_output 'info-2 no group wants it'
	run --separate-stderr -123 pq -k --topic 'billing.#' --topic-key {1} -C ' ' echo {2} \
		::: 'billing a' 'billing.eu b' 'mail c'
	assert_output $'a\nb'
}

@test "a transform gets only the records that match, each by itself" {
	run --separate-stderr -123 pq -k --match '^a' -e 's/b/x/' <<<$'ab\nb\nabb'
	assert_output $'ax\naxb'
	assert_equal "$stderr" "pq: item 2 'b': no group wants it"
	run --separate-stderr -123 pq -k --tag --match . -e 'unbase64' <<<$'YQ==\n='
	assert_output $'YQ==\ta'
	assert_equal "$stderr" "pq: item 2 '=': is not base64; it is left out"
	run -0 pq --match . -e '/a/' -e 's/$/!/' <<<$'a\nb'
	assert_output 'a!'
	run -0 pq -k --match . -e 's/a/x/' ::: a b ::: c d
	assert_output $'x c\nx d\nb c\nb d'
	printf 'a\0b\0' | pq -0 -k --match . -e 's/a/x/' >out
	cmp out <(printf 'x\0b\0')
}

@test "--match is a regular expression" {
	refuses "--match, column 3: missing closing parenthesis in 'a('" --match 'a(' echo
	refuses "--match, column 2: missing terminating ] for character class in '['" \
		echo --next --match '[' echo
	refuses "--match: '' is empty" --match '' echo
}

@test "--topic-key is a template in which something of the item stands" {
	refuses "--topic-key: 'x' is the same for every item; try {1}" \
		--topic-key x --topic a echo --next echo
	refuses "--topic-key: '{2}': a job has one value here; the text itself is {\\2}" \
		--topic-key {2} --topic a echo --next echo
}

@test "--deliver first: no section stands behind one that gets whatever comes" {
	refuses '--deliver first: section 2 gets whatever comes, and those behind it nothing; put '\
'it last, or give it --match or --topic' \
		--deliver first --match a echo --next echo --next --match b echo
	takes_sections --deliver first --match a echo --next --topic b echo --next echo
}

@test "--topic is a pattern" {
	for pattern in 'a*' '*a.b' a.##; do
		refuses "--topic: '$pattern' has a * or # beside other letters: each stands for whole \
words, as in 'orders.*.paid' and 'orders.#'; --match takes expressions" \
			--topic "$pattern" echo --next echo
	done
	refuses "--topic: '' is empty; # fits every topic" --topic '' echo --next echo
	refuses "--topic-key without --topic: no section asks for a topic, and no queue gets one; add \
--topic 'orders.#'" \
		--topic-key {1} echo --next echo
	refuses 'section 1: --pipe with --topic: records are not looked at one by one; try grep '\
'before pq' \
		--pipe --topic a cat --next cat
}

# The commands in the manual's section on groups, one to a line.
examples() {
	sed -n '/^\.Sh SEVERAL GROUPS/,/^\.Sh [^S]/p' "$TOP/man/pq.1" |
		awk '/^(\.Dl )?pq / { on = 1 } on { print } !/\\e$/ { on = 0 }' |
		sed 's/^\.Dl //; s/\\-/-/g; s/\\(aq/'\''/g; s/\\&//g; s/\\e$/\\/' |
		sed ':a; /\\$/{N; s/\\\n//; ba}'
}

# stub NAME...: commands that note what they are given, a file for each.
stub() {
	local name
	mkdir -p bin
	for name; do
		printf '#!/bin/sh\necho "$1" >>"%s/%s.got"\n' "$PWD" "$name" >"bin/$name"
		chmod +x "bin/$name"
	done
	PATH=$PWD/bin:$PATH
}

# got NAME ITEM...: this is what the command was given, in any order.
got() {
	assert_equal "$(sort "$1.got")" "$(printf '%s\n' "${@:2}" | sort)"
}

@test "the manual's examples of several groups do what it says" {
	stub reserve audit store draw page note bill alert run
	seq 5 | tee orders samples >/dev/null
	printf '%s\n' 'ERROR a' 'WARN b' c >log
	printf '{"kind":"%s"}\n' billing billing.invoice.paid job.failed a.b.failed >events
	printf '%s\n' crit-1 other-2 >jobs
	examples >list
	assert_equal "$(wc -l <list)" 5
	run -0 bash -c "$(sed -n 1p list)"
	got reserve {1..5}
	got audit {1..5}
	run -0 bash -c "$(sed -n 2p list)"
	got store {1..5}
	got draw {1..5}
	run -0 bash -c "$(sed -n 3p list)"
	got page 'ERROR a'
	got note 'WARN b'
	run -123 bash -c "$(sed -n 4p list)"
	assert_output "pq: item 4 '{\"kind\":\"a.b.failed\"}': no group wants it"
	got bill '{"kind":"billing"}' '{"kind":"billing.invoice.paid"}'
	got alert '{"kind":"job.failed"}'
	run -0 bash -c "$(sed -n 5p list)"
	got run crit-1 other-2
}
