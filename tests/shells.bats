# The shell of a shell line: which one it is, and what those that are not dash make of a
# line. That no item becomes code in any of them is in security.bats, too.
# Not with the thread sanitizer: it is the shells that are tested.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# with_sh SHELL COMMAND...: run it where /bin/sh is that shell.
with_sh() {
	local shell
	shell=$(readlink -f "$(command -v "$1")")
	shift
	unshare -rm bash -c '
		mount --bind "$1" "$(readlink -f /bin/sh)" || exit 99
		shift; exec "$@"' bash "$shell" "$@"
}

may_mount() {
	with_sh bash true 2>/dev/null || skip 'no mount namespace of our own to be had'
}

@test "where /bin/sh is bash, arithmetic a level up evaluates no item" {
	local line at why
	may_mount
	for line in ': $(( $(echo {}) ))' ': $(( `echo "{}"` ))' $'cat <<E\n$(( $(echo {}) ))\nE' \
		': $(( ${x:-$(echo {})} )); echo {}'; do
		run with_sh bash pq "$line" ::: 'a[$(touch PWNED)]'
		assert_failure 123
		assert_line --index 0 "pq: item 1 'a[\$(touch PWNED)]': is no plain number, and stands \
inside \$(( )) where the shell would evaluate it"
	done
	run with_sh bash pq 'declare -i x; x={};' ::: 'a[$(touch PWNED)]'
	assert_failure 2
	assert_output 'pq: column 9: a shell that knows variables declared as numbers evaluates what '\
'they are given; leave the -i (or integer) away'
	while IFS='|' read -r line at why; do
		run with_sh bash pq "$line" ::: 'a[$(touch PWNED)]'
		assert_failure 2
		assert_output "pq: column $at: {} cannot stand $why"
	done <<-'END'
		let x={};|7|where a command evaluates its words as arithmetic
		declare -i x={};|14|where a command evaluates its words as arithmetic
		export $(echo {});|15|where a command takes names of variables
		[[ $(echo {}) -eq 1 ]]|11|in [[ ]], which can execute it; use [ ]
		[ -v {} ] && :|6|where a command takes names of variables
		a[$(echo {})]=1|10|in the brackets of an array
	END
	assert_not_exist PWNED
	run with_sh bash pq 'echo $(( $(echo {}) + 1 ))' ::: 41
	assert_output 42
}

@test "where /bin/sh is bash, an item that is all of a '...' in a \${ } matches itself" {
	may_mount
	run with_sh bash pq "case \${u:-'{}'} in {}) echo match;; *) echo none;; esac" ::: ab
	assert_output match
}

@test "--shell-path and \$PQ_SHELL choose the shell of lines and of items that are lines" {
	run pq --shell-path bash 'echo ${BASH_VERSION:+bash} $0; : {}' ::: a
	assert_output 'bash bash'
	run pq --shell-path "$(command -v bash)" ::: 'echo ${BASH_VERSION:+bash}; :'
	assert_output bash
	PQ_SHELL=bash run pq 'echo ${BASH_VERSION:+bash} <<<{}' ::: a
	assert_output bash
	PQ_SHELL=bash run pq --shell-path sh 'echo x${BASH_VERSION:+bash}; : {}' ::: a
	assert_output x
	run pq --shell-path bash \
		'set -o pipefail; a=({} x); cat < <(echo "${a[0]^^}") &>/dev/stdout' ::: a
	assert_output A
	run -127 pq --shell-path no-such-shell 'echo {};' ::: a
	assert_failure 127
	assert_output "pq: 'no-such-shell': command not found"
	run -2 pq --shell-path bash '((1 + {}' ::: 1
	assert_output 'pq: column 1: the shell line has a (( that is never closed'
	run pq --shell-path bash --dry-run 'cat <<<{} |& cat' ::: 'a b'
	assert_output "cat <<<'a b' |& cat"
}

@test "what bash reads otherwise than /bin/sh is refused, with what is the same to both" {
	refuses 'column 9: &> is a redirection to bash, and to other shells an end of the command; '\
'write >FILE 2>&1, or --shell-path bash' 'echo {} &> {}.log' ::: x
	refuses 'column 6: |& is not known to every /bin/sh; write 2>&1 |, or --shell-path bash' \
		'echo |& cat' ::: x
	refuses 'column 5: <( ) and >( ) are not known to every /bin/sh; --shell-path bash chooses '\
'one that knows them' 'cat <(echo {})' ::: x
	refuses 'column 6: for (( is not known to every /bin/sh; use while, or --shell-path bash' \
		'for ((i=0; i<3; i++)); do echo {}; done' ::: x
	refuses 'column 7: <<< is not known to every /bin/sh; use printf ... | or a here-document, or '\
'--shell-path bash' 'cat <<<{}' ::: x
	assert_not_exist x.log
}

@test "a line that no shell, or not every shell, would understand is refused with the place" {
	local line why
	while IFS= read -r line && IFS= read -r why; do
		refuses "$why" "${line//@/$'\n'}" ::: a
	done <<-'END'
		x;
			the shell line ends where no argument can stand; put {} where the item should go
		x # {}
			the shell line ends where no argument can stand; put {} where the item should go
		x | {
			the shell line ends where no argument can stand; put {} where the item should go
		x 'y
			column 3: the shell line has a single quote (') that is never closed
		x "y
			column 3: the shell line has a double quote (") that is never closed
		x `y
			column 3: the shell line has a backtick (`) that is never closed
		x $(y
			column 4: the shell line has a ( that is never closed
		x ${y
			column 3: the shell line has a ${ that is never closed
		x $((1
			column 3: the shell line has a $(( that is never closed
		(x
			column 1: the shell line has a ( that is never closed
		case a in
			column 5: the shell line has a case that is never closed
		x $(cat <<E)
			column 12: the shell line has a here-document in a $( ) that is never closed
		x) {}
			column 2: the shell line has a ) without a (
		x `y) {}`
			column 5: the shell line has a ) without a (
		x;; {}
			column 2: the shell line has a ;; or ;& outside of a case
		x $((1) {})
			column 7: $(( must end in )) in the shell line; for a subshell write $( ( with a space
		cat <<{}@x
			column 7: the word that ends a here-document must be a plain one
		x $'{}'
			column 4: {} cannot stand in $'...', which shells read differently; write '...'
		x $'a\'b' {}
			column 4: shells read the \' in $'...' differently; use "..." or printf
		x $[1+{}]
			column 4: $[ is arithmetic to some shells and text to others; write $(( )) or \$[
		x ${y:{}}
			column 7: {} cannot stand in a ${ } that not every /bin/sh knows
		x "${y:-"{}"}"
			column 10: {} cannot stand between quotes inside "${ }"
		x $(('{}'))
			column 6: no quotes can stand in $(( ))
		cat <<E@${x#{}}@E
			line 2, column 5: {} cannot stand in a pattern in a here-document
		x "${y:-${z#{}}}"
			column 13: {} cannot stand in a pattern and in a ${ } within it or around it
		x "${y#${z:-'}'}}" {}
			column 13: shells differ about a ' in a pattern and in a ${ } within it or around it
		x >&{}
			column 5: {} cannot stand behind >& or <&; for a file write > and 2>&1
		unset x{}; y
			column 8: {} cannot stand where a command takes names of variables
		x ${{}}
			column 5: {} cannot stand as the name in a ${ }
		x ${y{}}
			column 6: {} cannot stand as the operator in a ${ }
		for {} in a; do x; done
			column 5: {} cannot name the variable of a for
		{}() { x; }
			column 4: {} cannot name a function
		x ({})
			column 3: the shell line has a ( where /bin/sh allows none
		x `y "\{}"`
			column 8: a backslash cannot stand before {} between backticks; write $(...) instead
		x "${y:-\{}}"
			column 9: a backslash cannot stand before {} in ${ }
	END
	refuses 'line 2, column 1: the shell line has a here-document that is never closed: a line '\
'E is missing' $'cat <<E\nx' ::: a
	refuses 'column 7: the shell line has a quote in the word that ends a here-document that is '\
'never closed' "cat <<'E" ::: a
	refuses "column 3: a \$ right before {} would make a variable's name of it; write \\\$ for a \
dollar sign" 'x ${}' ::: a
	refuses "line 2, column 1: the shell expands nothing in a here-document whose end word is \
quoted, so {} cannot stand there; leave the quotes off E" $'cat <<\'E\'\n{}\nE' ::: a
	refuses 'column 2: (( is arithmetic to some shells and a subshell to others; write $(( )) or '\
'( (, or choose with --shell-path bash' '(({} > 1))' ::: a
	refuses 'the command is empty; leave it out to run the items themselves' '' ::: a
}

@test "what only bash knows is told in one line where /bin/sh is none" {
	local line what is
	may_mount
	run with_sh bash pq 'echo {1..3}; : {}' ::: x
	assert_output '1 2 3'
	[ "$(readlink -f /bin/sh)" != "$(readlink -f "$(command -v bash)")" ] || skip '/bin/sh is bash'
	while IFS=@ read -r line what is; do
		run --separate-stderr pq --quiet "$line; : {}" ::: x
		assert_equal "${stderr_lines[0]}" \
			"pq: $what is bash's; to /bin/sh it is $is; --shell-path bash chooses bash"
		assert_equal "$(grep -c '^pq: ' <<<"$stderr")" 1
		run pq --shell-path bash "$line; : {}" ::: x
		refute_output --partial "is bash's"
	done <<-'END'
		echo {1..3}@{a,b} or {1..3}@text
		echo {a,b}@{a,b} or {1..3}@text
		echo $RANDOM@RANDOM@a variable without a value
		echo -e x@echo -e@an echo that prints -e (printf prints what is meant)
		set -o pipefail@set -o pipefail@not always known
		x=a; echo ${x^^}@such a ${ }@a bad substitution
		source f@source@a command that is not found (. is the same)
		[[ -f x ]]@[[ ]]@a command that is not found
		echo $'x'@$'...'@a $ and '...'
	END
	for line in 'echo {} "{1..3}" '\''{a,b}'\' 'f() { x=1; }; f' 'echo -n; echo ${x:-{a}}'; do
		run --separate-stderr pq "$line; : {}" ::: x
		# shellcheck disable=SC2154
		assert_equal "$stderr" ''
	done
}

@test "{} alone is no command: every item is a shell line" {
	run pq -k {} ::: 'echo a && echo b' 'x=1; echo $x'
	assert_success
	assert_output $'a\nb\n1'
	run pq -I % % ::: 'echo a; echo b'
	assert_output $'a\nb'
	run pq -e 's/^/echo /' {} ::: 'a; echo b'
	assert_output $'a\nb'
}

@test "a word that is an operator of the shell is told, and is an argument" {
	run pq echo {} '>' out ::: a
	assert_line "pq: '>' is an argument of echo here; -c makes a shell line of the words"
	assert_line 'a > out'
	assert_not_exist out
	run pq cat {} '|' wc ::: /dev/null
	assert_line "pq: '|' is an argument of cat here; -c makes a shell line of the words"
	run pq echo '{};' date ::: 1
	assert_line "pq: '{};' is an argument of echo here; -c makes a shell line of the words"
	run pq echo {}\;date ::: 1
	assert_line "pq: '{};date' is an argument of echo here; -c makes a shell line of the words"
	run pq echo 'a>b' '1;' ::: 1
	assert_output "pq: '1;' is an argument of echo here; -c makes a shell line of the words
a>b 1; 1"
	for command in "cut -d | -f 1 {}" "grep -c > {}" "find {} -exec true ;" "expr 1 < {}" \
		"echo a>b" "tr ; ,"; do
		# shellcheck disable=SC2086
		run pq $command ::: /dev/null
		refute_output --partial 'is an argument'
	done
}

@test "a function that bash exported is named, and run where /bin/sh is bash" {
	f() { echo "fn $1"; }
	export -f f
	[ "$(readlink -f /bin/sh)" = "$(readlink -f "$(command -v bash)")" ] || {
		for command in f 'f {}'; do
			run -127 pq "$command" ::: 1
			assert_output "pq: 'f': command not found; it is a function that bash exported: \
pq bash -c 'f \"\$1\"' _ {}"
		done
	}
	may_mount
	run with_sh bash pq 'f {}' ::: 1
	assert_output 'fn 1'
	run with_sh bash pq 'f {};' ::: 1
	assert_output 'fn 1'
	run with_sh bash pq ::: 'f 2'
	assert_output 'fn 2'
}

@test "a command that only other shells have is known to be missing before any input is read" {
	[ "$(readlink -f /bin/sh)" = "$(readlink -f "$(command -v dash)")" ] ||
		skip '/bin/sh is not dash'
	run -127 pq help <&-
	local hint='it is built into shells: make a shell line of it (one word, or -c), with '\
'--shell-path bash where only bash has it'
	assert_output "pq: 'help': command not found; $hint"
	run -127 pq cd {} ::: /
	assert_output "pq: 'cd': command not found; $hint"
}
