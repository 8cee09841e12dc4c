# --color: tags in their colours, failures in red, and where there are none.
# Not with the thread sanitizer: it is the text that is tested.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	export TERM=xterm
	unset NO_COLOR CLICOLOR_FORCE
}

# What pq writes to a terminal, with its escapes shown, and its end of lines.
on_terminal() {
	command -v script >/dev/null || skip 'script is not installed'
	local words
	printf -v words '%q ' "$@"
	script -qec "$words" /dev/null </dev/null | cat -v
}

red='^[[31m'
none='^[[0m'
# The colours of the tags 1 and 2.
one='^[[38;5;129m1^[[0m'
two='^[[38;5;130m2^[[0m'

@test "--color: each line has its tag coloured, and nothing but the tag" {
	run --separate-stderr pq -k --color --tag 'printf "a\n\033[1mb\n"; echo c >&2; : {}' ::: 1 2
	assert_equal "$(cat -v <<<"$output")" "$one	a
$one	^[[1mb
$two	a
$two	^[[1mb"
	assert_equal "$(cat -v <<<"$stderr")" "$one	c
$two	c"
}

@test "--color: a tag has the same colour in every run, job and section" {
	run pq -k --color --tagstring '{= s/.*/1/ =}' echo --next --tag echo ::: 2 1
	assert_equal "$(cat -v <<<"$output")" "$one	2
$two	2
$one	1
$one	1"
}

@test "--color: with a transform, a file, a worker that stays up, line by line" {
	run pq -k --color --tag -e 's/^/x/' <<<$'1\n2'
	assert_equal "$(cat -v <<<"$output")" "$one	x1
$two	x2"
	run pq -k --color --tag -e 's/^/x/' ::: 1 2
	assert_equal "$(cat -v <<<"$output")" "$one	x1
$two	x2"
	echo text >1
	run pq -k --color --tag --content -e 's/^/x/' ::: 1
	assert_equal "$(cat -v <<<"$output")" "$one	xtext"
	run pq -k --color --tag --persistent cat ::: 1 2
	assert_equal "$(cat -v <<<"$output")" "$one	1
$two	2"
	run pq -j1 --lb --color --tag 'echo a; echo b; : {}' ::: 1
	assert_equal "$(cat -v <<<"$output")" "$one	a
$one	b"
}

@test "--color: an empty tag and no tag at all have no colour" {
	run pq --color --tag 'echo a; : {}' ::: ''
	assert_output $'\ta'
	run pq --color echo ::: a
	assert_output a
}

@test "--color: what is said of failures is red, and other lines are not" {
	run -123 --separate-stderr pq -k --color --max-item 3 \
		'case {} in k) kill -9 $$;; esac; exit 7' ::: a long k
	run cat -v <<<"$stderr"
	assert_line "${red}pq: item 2 'long': is longer than --max-item allows${none}"
	assert_line "${red}pq: item 3 'k': killed by SIGKILL${none}"
	assert_line --partial "${red}pq: 3 of 3 failed: 1 'a' exit 7"
	assert_equal "$(grep -c 31m <<<"$output")" 3
	run --separate-stderr pq --color --unique echo ::: a a
	assert_equal "$stderr" 'pq: 1 item dropped: seen before (--unique)'
}

@test "--color: --halt's line is red, and the job log and results have no escape" {
	run -1 --separate-stderr pq -j1 --color --tag --joblog log --halt now,fail=1 false ::: 1 2
	assert_regex "$(cat -v <<<"$stderr")" 'pq: ended by --halt after item 1'
	assert_equal "$(cat -v <<<"$stderr" | grep -c 31m)" 1
	refute grep -q $'\033' log
	pq --color --results dir echo ::: 1
	refute grep -rq $'\033' dir
	pq --color --dead-letter dead.jsonl --tag 'echo x >&2; false' ::: 1 2>err || true
	refute grep -qF '\u001b' dead.jsonl
	refute grep -q $'\033' dead.jsonl
}

@test "--color=never, and no --color: none, on a terminal neither" {
	run on_terminal pq --color=never --tag 'echo a; false' ::: 1
	assert_output "1	a^M
pq: 1 of 1 failed: 1 '1' exit 1^M"
	run on_terminal pq --tag 'echo a; false' ::: 1
	assert_output "1	a^M
pq: 1 of 1 failed: 1 '1' exit 1^M"
}

@test "--color=auto: on a terminal alone" {
	run on_terminal pq --color=auto --tag 'echo a; false' ::: 1
	assert_output "$one	a^M
${red}pq: 1 of 1 failed: 1 '1' exit 1${none}^M"
	run pq --color=auto --tag 'echo a; echo b >&2; false' ::: 1
	assert_equal "$(cat -v <<<"$output")" "1	a
1	b
pq: 1 of 1 failed: 1 '1' exit 1"
}

@test "--color=auto: each of stdout and stderr by itself, and a file has none" {
	run on_terminal bash -c 'pq --color=auto --tag "echo a; echo b >&2; : {}" ::: 1 >out'
	assert_output "$one	b^M"
	assert_equal "$(cat out)" '1	a'
	run on_terminal pq --color=auto --tag -o file 'echo a; echo b >&2; : {}' ::: 1
	assert_output "$one	b^M"
	assert_equal "$(cat file)" '1	a'
}

@test "--color=auto: not with NO_COLOR, nor on a dumb terminal; --color is stronger" {
	NO_COLOR=1 run on_terminal pq --color=auto --tag 'echo a; false' ::: 1
	refute_output --partial '^[['
	TERM=dumb run on_terminal pq --color=auto --tag 'echo a; false' ::: 1
	refute_output --partial '^[['
	NO_COLOR= run on_terminal pq --color=auto --tag 'echo a; : {}' ::: 1
	assert_output "$one	a^M"
	CLICOLOR_FORCE=1 run pq --color=auto --tag 'echo a; : {}' ::: 1
	assert_output '1	a'
	NO_COLOR=1 TERM=dumb run pq --color=always --tag 'echo a; : {}' ::: 1
	assert_equal "$(cat -v <<<"$output")" "$one	a"
}

@test "--color: what goes into a queue has none" {
	pq --version | grep -q SQLite || skip 'built without sqlite'
	pq --color --tag --to sqlite:q.db#a echo ::: 1
	run pq --from sqlite:q.db#a echo
	assert_output '1	1'
}

@test "--color: another word is refused" {
	run -2 pq --color=red echo
	assert_output "pq: --color: 'red' is none of auto, always, never"
}
