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
	unshare -rm sh -c '
		mount --bind "$1" "$(readlink -f /bin/sh)" || exit 99
		shift; exec "$@"' sh "$shell" "$@"
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
