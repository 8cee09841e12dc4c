# The shell of a shell line: which one it is, and what those that are not dash make of a
# line. That no item becomes code in any of them is in security.bats, too.

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
	local line
	may_mount
	for line in ': $(( $(echo {}) ))' ': $(( `echo "{}"` ))' $'cat <<E\n$(( $(echo {}) ))\nE' \
		': $(( ${x:-$(echo {})} )); echo {}'; do
		run with_sh bash pq "$line" ::: 'a[$(touch PWNED)]'
		assert_failure 123
		assert_output --partial 'is no plain number'
	done
	for line in 'let x={};' 'declare -i x={};' 'declare -i x; x={};' 'export $(echo {});' \
		'[[ $(echo {}) -eq 1 ]]' '[ -v {} ] && :' 'a[$(echo {})]=1'; do
		run with_sh bash pq "$line" ::: 'a[$(touch PWNED)]'
		assert_failure 2
		assert_output --partial '{} cannot stand' ||
			assert_output --partial 'declared as numbers'
	done
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
	refuses() {
		run pq "$2" ::: x
		assert_failure 2
		assert_output --partial "$1"
	}
	refuses 'column 9: &> is a redirection to bash, and to other shells an end of the command' \
		'echo {} &> {}.log'
	refuses 'column 6: |& is not known to every /bin/sh; write 2>&1 |' 'echo |& cat'
	refuses '<( ) and >( ) are not known to every /bin/sh; --shell-path bash' 'cat <(echo {})'
	refuses 'for (( is not known to every /bin/sh' 'for ((i=0; i<3; i++)); do echo {}; done'
	refuses '<<< is not known to every /bin/sh' 'cat <<<{}'
	assert_not_exist x.log
}

@test "what only bash knows is told in one line where /bin/sh is none" {
	local line
	may_mount
	run with_sh bash pq 'echo {1..3}; : {}' ::: x
	assert_output '1 2 3'
	[ "$(readlink -f /bin/sh)" != "$(readlink -f "$(command -v bash)")" ] || skip '/bin/sh is bash'
	for line in 'echo {1..3}' 'echo $RANDOM' 'echo -e x' 'set -o pipefail' 'x=a; echo ${x^^}' \
		'source f' '[[ -f x ]]' "echo \$'x'" 'echo {a,b}'; do
		run pq "$line; : {}" ::: x
		assert_line --partial "is bash's; to /bin/sh it is"
		run pq --shell-path bash "$line; : {}" ::: x
		refute_output --partial "is bash's"
	done
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
	assert_line --partial "'|' is an argument of cat here"
	run pq echo '{};' date ::: 1
	assert_line --partial "'{};' is an argument of echo here"
	run pq echo {}\;date ::: 1
	assert_line --partial "'{};date' is an argument of echo here"
	for command in "cut -d | -f 1 {}" "grep -c > {}" "find {} -exec true ;" "expr 1 < {}" \
		"echo a>b 1;" "tr ; ,"; do
		# shellcheck disable=SC2086
		run pq $command ::: /dev/null
		[ "$command" = 'echo a>b 1;' ] || refute_output --partial 'is an argument'
	done
}

@test "a function that bash exported is named, and run where /bin/sh is bash" {
	f() { echo "fn $1"; }
	export -f f
	[ "$(readlink -f /bin/sh)" = "$(readlink -f "$(command -v bash)")" ] || {
		run -127 pq f ::: 1
		assert_failure 127
		assert_output "pq: 'f': command not found; it is a function that bash exported: \
pq bash -c 'f \"\$1\"' _ {}"
		run -127 pq 'f {}' ::: 1
		assert_output --partial "it is a function that bash exported"
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
	assert_failure 127
	assert_output "pq: 'help': command not found; it is built into shells: a line of one word, or \
-c, with --shell-path bash"
	run -127 pq cd {} ::: /
	assert_output --partial 'it is built into shells'
}
