# Items are data: whatever they hold, they never become program text, options of
# the shell, terminal commands, file names of ours, or lines of a log.
# Not with the thread sanitizer: it is the text that is tested.

load helper
load faults/faults

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# Items that would leave a file `canary` if anybody took them for a program.
hostile=(
	'$(touch canary)' '`touch canary`' '; touch canary' '| touch canary' '&& touch canary'
	'" ; touch canary ; "' "' ; touch canary ; '" '"$(touch canary)"' "'\$(touch canary)'"
	'\$(touch canary)' '\\$(touch canary)' '${x:=$(touch canary)}' '$((`touch canary`))'
	$'\ntouch canary\n' $'a\ntouch canary' '> canary' '>canary' '<(touch canary)'
	'#' '-n' '-e' '--' '-c' '*' '?' '~' '{}' '{.}' '$1' '$@' '$PATH' '!!' '\' '\\' '"' "'" '`' '$('
	'E' $'E\ntouch canary' 'EOF' ') touch canary (' 'esac' ';;' ' ' '' $'\t' 'a  b'
)

@test "no hostile item is run in any place of a shell line, and each is printed as it is" {
	local line item
	local -a lines=(
		'printf "%s\n" {}' "printf '%s\n' {}" 'printf "%s\n" "{}"' "printf '%s\n' '{}'"
		'printf "%s\n" "$(printf %s {})"' 'printf "%s\n" "$(printf %s "{}")"'
		'printf "%s\n" `printf %s {} >copy` "$(cat copy)"'
		'x={}; printf "%s\n" "$x"' 'x="{}" && printf "%s\n" "$x"'
		'f() { printf "%s\n" {}; }; f other' 'set -- other; printf "%s\n" {}'
		'if :; then printf "%s\n" "${none:-{}}"; fi'
		'case {} in *) printf "%s\n" {} ;; esac' $'cat <<E1\n{}\nE1'
		'for x in {}; do printf "%s\n" "$x"; done'
	)
	for line in "${lines[@]}"; do
		printf '%s\0' "${hostile[@]}" | pq -0 -k -j1 "$line" >out 2>err ||
			fail "$line: status $?, $(cat err)"
		for item in "${hostile[@]}"; do
			# $(...) takes newlines off the end of what it holds.
			case $line in
			*'$('*) printf '%s\n' "$(printf %s "$item")" ;;
			*) printf '%s\n' "$item" ;;
			esac
		done >expected
		run diff -a expected out
		assert_success
		assert_not_exist canary
	done
}

@test "a number is all that arithmetic may see" {
	run pq -k 'echo $(({} + 1))' ::: 41 -1 'a[$(touch canary)]' 'x=5' '1+1' ''
	assert_failure 123
	assert_line 42
	assert_line 0
	assert_not_exist canary
}

@test "argv[1] of the job is the item, byte for byte, for thousands of random ones" {
	# Random bytes cut at NUL: newlines, quotes, invalid UTF-8, anything.
	head -c 400000 /dev/urandom | tr '\0' '\1' | fold -b -w 97 | head -c 390000 >text
	tr '\n' '\0' <text >items
	pq -0 -k -j4 -n 20 printf '%s\0' <items >out
	[ "$(tail -c 1 items | od -An -tu1 | tr -d ' ')" = 0 ] || printf '\0' >>items
	cmp items out
	split -n 1/4 items | pq -0 -k 'printf "%s\0" "{}"' >out
	split -n 1/4 items | head -c "$(wc -c <out)" >expected
	[ "$(($(wc -c <expected) + 1))" -ge "$(wc -c <out)" ]
	cmp -n "$(wc -c <expected)" out expected
}

# hostile_strings COUNT: so many, NUL-terminated, of 0 to 39 bytes that mean something
# to a shell, a terminal or a template.
hostile_strings() {
	awk -v count="$1" 'BEGIN {
		srand(20221122)
		n = split("$ ( ) { } [ ] < > | & ; ` \" \047 \\ * ? ~ # ! = % ^ - + . / : , 0 1 a " \
			"touch canary $( ${ $(( {} {.} {#} $@", word, " ")
		word[++n] = " "; word[++n] = "\n"; word[++n] = "\t"; word[++n] = "\r"
		word[++n] = "\033["; word[++n] = "\001"; word[++n] = "\177"; word[++n] = "\303\244"
		word[++n] = "\377"; word[++n] = "\302\233"; word[++n] = "; touch canary;"
		while (count--) {
			for (left = int(rand() * 20); left > 0; left--)
				printf "%s", word[1 + int(rand() * n)]
			printf "%c", 0
		}
	}'
}

@test "argv[1] is the item for a hundred thousand strings made of what shells know" {
	hostile_strings 100000 >items
	assert_equal "$(tr -dc '\0' <items | wc -c)" 100000
	pq -0 -k -n 250 printf '%s\0' <items >out
	cmp items out
	# Through the shell, too: -X makes of each of them a parameter of a shell line.
	pq -0 -k -X 'printf "%s\0" {}' <items >out
	cmp items out
	assert_not_exist canary
}

@test "in every quoting context of a shell line a thousand hostile strings are just printed" {
	hostile_strings 1000 >items
	pq -0 -k 'printf "%s\0" {} "{}" '"'{}'"' "x{}"
		f() { printf "%s\0" "$1"; }; f {}
		case x in x) printf "%s\0" {} ;; esac' <items >out
	while IFS= read -r -d '' item; do
		printf '%s\0' "$item" "$item" "$item" "x$item" "$item" "$item"
	done <items >expected
	cmp expected out
	assert_not_exist canary
}

@test "hostile strings in a file name, a directory, a tag and a value of another source" {
	mkdir tree
	touch -- tree/'$(touch canary)' tree/'`touch canary`' tree/'; touch canary' tree/$'\033[31m' \
		tree/-n tree/' ' tree/$'a\nb'
	pq -k --from tree --tagstring '{/}' 'cat {} && echo {}; cd {//} && cat ./{/}' >out
	grep -qF '; touch canary'$'\t''tree/; touch canary' out
	pq -k 'echo {1} "{2}"' ::: '$(touch canary)' ::: '`touch canary`' >out
	assert_equal "$(cat out)" '$(touch canary) `touch canary`'
	assert_not_exist canary
	assert_not_exist tree/canary
}

@test "an item that looks like an option is the item" {
	run pq -k printf '[%s]' ::: -x --help -- -
	assert_output '[-x][--help][--][-]'
}

@test "messages, -t and the job log show control bytes as escapes, on one line" {
	printf 'a\033[31mb\nc\tred\r\n' >hostile
	run bash -c 'pq -0 -t --joblog log true <hostile 2>&1'
	assert_output "true \$'a\\033[31mb\\nc\\tred\\r\\n'"
	assert_equal "$(wc -l <log)" 2
	run grep -c $'\033' log
	assert_output 0
	run bash -c 'pq -0 --max-item 3 true <hostile 2>&1'
	assert_output "pq: item 1 'a\\x1b[31mb\\nc\\tred\\r\\n': is longer than --max-item allows"
}

@test "bytes that a terminal obeys are escaped: C0, DEL, C1 in UTF-8, and what is no UTF-8" {
	printf '\033]0;x\a\0\302\233\060m\0\233\060m\0\177\b\r\0' >hostile
	run bash -c 'pq -0 -k -j1 -t --joblog log false <hostile 2>&1'
	assert_equal "${#lines[@]}" 5
	run bash -c 'pq -0 -k --dry-run true <hostile; pq -0 --max-item 1 true <hostile 2>&1
		cut -f 9 log; pq $(printf "\033[31m") a ::: a 2>&1
		pq --no-such-$(printf "\033[31m") ::: a 2>&1; pq -a "$(printf "\033[31m")" true 2>&1'
	assert_equal "${#lines[@]}" 16
	run grep -c "$(printf '[\001-\010\013-\037\177]')" <<<"$output"
	assert_output 0
	LC_ALL=C run grep -c "$(printf '[\200-\237]')" <<<"$output"
	assert_output 0
}

@test "/bin/sh runs shell lines, whatever SHELL says" {
	SHELL=/bin/false run pq 'echo {} | cat' ::: a
	assert_success
	assert_output a
}

@test "nothing is read from the current directory or the home directory" {
	mkdir home
	HOME=$PWD/home run pq -k echo ::: a
	assert_output a
	assert_equal "$(ls -A home)" ''
	printf '#!/bin/sh\ntouch canary\n' >echo
	chmod +x echo
	run pq -k echo ::: a
	assert_output a
	assert_not_exist canary
}

@test "no file is opened but the system's libraries, the program and what was asked for" {
	unsanitized 'it is traced'
	strace -o /dev/null true 2>/dev/null || skip 'strace may not trace'
	mkdir home
	seq 3 >items
	HOME=$PWD/home strace -f -qq -o trace -e trace=%file "$PQ" -k -a items --joblog log true
	# Of pq itself only: a job goes its own way after its execve.
	awk 'NR == 1 { next } /execve/ { job[$1] = 1 } !job[$1]' trace |
		grep -oE '"[^"]*"' | sort -u >names
	grep -q '"items"' names
	run grep -vE '^"("|/etc/ld\.so|/lib|/usr/|/dev/null|/proc/|/sys/|items"|log"|.*/true")' names
	refute_output
}

@test "the spool file has no name, not even while it is used" {
	mkdir tmp
	gate door
	TMPDIR=$PWD/tmp pq -k -j2 --queue-bytes 64k \
		'[ {} = 2 ] || read x <door; head -c 500000 /dev/zero; : >ended{}' ::: 1 2 >out 3>&- &
	backgrounded+=($!)
	wait_until eval 'ls -l /proc/$!/fd | grep -q "$PWD/tmp/.*deleted"'
	assert_equal "$(ls -A tmp)" ''
	for fd in "/proc/$!/fd"/*; do
		[[ $(readlink "$fd") != "$PWD/tmp/"* ]] || stat -Lc '%a %h' "$fd"
	done >spool
	assert_equal "$(cat spool)" '600 0' # for its owner alone, and no link
	open_gate door
	wait "$!"
	assert_equal "$(wc -c <out)" 1000000
	assert_equal "$(ls -A tmp)" ''
}

@test "jobs know their number, worker, attempt and source from the environment" {
	run pq -j1 --retries 2 'echo $PQ_SEQ $PARALLEL_SEQ $PQ_SLOT $PARALLEL_JOBSLOT $PQ_ATTEMPT \
		$PQ_GROUP $PQ_SOURCE {}; test $PQ_ATTEMPT = 2' ::: a b
	assert_success
	assert_equal "$(sort <<<"$output")" '1 1 1 1 2 1 ::: a
2 2 1 1 2 1 ::: b'
	run pq --from - 'env | grep -c "^PQ_\|^PARALLEL_"; : {}' <<<a
	assert_output 8
}

@test "a value of the environment that pq sets for jobs cannot be set from outside" {
	PQ_SEQ=99 PQ_ID=mine PARALLEL_SEQ=99 run pq 'echo {} $PQ_SEQ $PARALLEL_SEQ ${PQ_ID%%-*}' ::: a
	assert_output --regexp '^a 1 1 [0-9a-f]{16}$'
}

# printed_by COMMAND...: each hostile item is printed by it as it is, and none is run.
printed_by() {
	printf '%s\0' "${hostile[@]}" | pq -0 -k "$@" >out 2>err ||
		fail "$*: status $?, $(cat err)"
	run cmp expected out
	[ "$status" = 0 ] || fail "$*: $output"
	assert_not_exist canary
}

@test "an item is no code for a shell that the command runs, wherever it stands in its line" {
	local shell
	printf '%s\n' "${hostile[@]}" >expected
	for shell in sh bash dash; do
		printed_by "$shell" -c 'printf "%s\n" {}'
		printed_by "$shell" -c "printf '%s\n' '{}'"
		printed_by "$shell" -c 'printf "%s\n" "{}"'
		printed_by "$shell" -ec 'x={}; f() { shift; printf "%s\n" "$x"; }; f 1'
		printed_by "$shell" -c $'cat <<E1\n{}\nE1'
		printed_by "$shell" -c 'test "$0$1$#" = ab1 && printf "%s\n" {}' a b
		printed_by "$shell" -c 'test {} = "$1" && printf "%s\n" "$1"' x {}
		printed_by env A=1 nice -n 1 timeout -k 1 20 nohup setsid -w stdbuf -oL "$shell" \
			-c 'printf "%s\n" "{}"'
		printed_by -X "$shell" -c 'printf "%s\n" {}'
		printed_by -n 3 "$shell" -o errexit -c 'printf "%s\n" {}'
		printed_by "nice $shell -c 'printf \"%s\n\" {}'"
		printed_by "$shell -c 'printf \"%s\n\" {}';"
		printed_by "$shell -c 'printf \"%s\n\" \"{}\"';"
		printed_by "$shell -c \"printf '%s\n' '{}'\";"
	done
	printed_by bash -c 'cat <<<{}'
	printed_by bash -c 'if [[ -n $HOME ]]; then cat < <(printf "%s\n" {}); fi'
	printed_by bash -c 'a=({} x); ((1 + 1)) && printf "%s\n" "${a[0]}" &>/dev/stdout'
}

@test "an item is no code for eval, trap and the like, nor for a nested shell" {
	printf '%s\n' "${hostile[@]}" >expected
	printed_by 'eval printf "%s\\\\n" {};'
	printed_by "eval 'printf \"%s\\n\" {}'"
	printed_by "eval 'printf \"%s\\n\" \"{}\"'; :"
	printed_by "x=1; eval \"printf '%s\\n' '{}'\""
	printed_by "trap 'printf \"%s\\n\" {}' EXIT;"
	printed_by "exec env sh -c 'printf \"%s\\n\" {}'"
	printed_by "(command eval 'x={}'; printf '%s\n' \"\$x\")"
	printed_by sh -c "eval 'printf \"%s\\n\" {}'"
}

@test "what pq cannot quote for another shell it refuses, and says how else" {
	local line where why how="hand it over as an argument: sh -c '... \"\$1\" ...' sh {}"
	while IFS='|' read -r line where why; do
		refuses "$where: in the line for $why; $how" "$(printf "${line//%/%%}")" \
			::: '$(touch canary)'
	done <<-'END'
		eval "$(echo {})";|column 18|eval, {} cannot stand in an expansion there
		sh -c "echo ${x:-{}}";|column 22|sh, {} cannot stand in an expansion there
		eval "cat <<E\n{}\nE";|line 3, column 3|eval, {} cannot stand in its here-document
		sh -c 'echo $(({}))';|column 21|sh, {} cannot stand in its $(( ))
	END
	refuses "column 23: in the line for sh, column 15: {} cannot stand two shells further in; \
$how" \
		"sh -c \"eval 'echo {}'\";" ::: '$(touch canary)'
	why="{} cannot stand in what a shell reads as its commands"
	for line in $'sh <<E\necho {}\nE' $'nice bash -e <<E\n$(echo {})\nE' $'ssh host <<E\n{}\nE'; do
		refuses "line 3, column 1: $why; sh -s {} <<'E' makes an argument of it" "$line" \
			::: '$(touch canary)'
	done
	refuses "column 18: $why" --shell-path bash 'bash <<<"echo {}"' ::: '$(touch canary)'
	run pq $'sh -s {} <<\'E\'\necho "$1"\nE\ncat <<E\n{}\nE' ::: '$(touch canary)'
	assert_output $'$(touch canary)\n$(touch canary)'
	run pq bash -c '[[ {} -eq 1 ]]' ::: '$(touch canary)'
	assert_failure 2
	assert_output "pq: in the line for bash, column 4: {} cannot stand in [[ ]], which can \
execute it; use [ ]; hand {} over as an argument: bash -c '... \"\$1\" ...' bash {}"
	assert_not_exist canary
}

@test "an item that is all of the line for a shell is that line" {
	run --separate-stderr pq -k sh -c {} ::: 'echo a; echo b' 'exit 3'
	assert_failure 123
	assert_output $'a\nb'
	run pq sh -c ::: 'echo a && echo b'
	assert_output $'a\nb'
}

@test "ssh gets an item quoted once more, for the shell over there" {
	cat >ssh <<-'E'
		#!/bin/sh
		while [ "$1" != host ]; do shift; done
		shift
		while [ "$1" = -v ]; do shift; done
		exec sh -c "$*"
	E
	chmod +x ssh
	PATH=$PWD:$PATH
	printf '%s\n' "${hostile[@]}" >expected
	printed_by ssh host printf "'%s\n'" {}
	printed_by ssh -p 22 -tt host -v printf "'%s\n'"
	printed_by ssh -oA=b host "printf '%s\n' '{}'"
	printed_by nice ssh host 'printf "%s\n" "{}"'
	printed_by "ssh host printf '\"%s\\n\"' {};"
	printed_by "ssh host 'printf \"%s\\n\" \"{}\"' | cat"
	printed_by "ssh host \"printf '%s\\n' '{}'\" >{#}; cat {#}; rm {#}"
	run pq -k --dry-run ssh host echo {} x{}.log ::: a 'b c'
	assert_output "ssh host echo a xa.log
ssh host echo ''\\''b c'\\''' 'x'\\''b c'\\''.log'"
	run pq ssh host ::: 'echo a; echo b' # the item is all of the line
	assert_output $'a\nb'
}

@test "an item in code of another language is warned of, with the way by an argument" {
	run pq python3 -c 'print("{}")' ::: a
	assert_line "pq: {} stands in code for python3, and an item becomes a part of that; an \
argument never does: python3 -c '... sys.argv[1] ...' {}"
	run pq "perl -ne 'print qq({})' /dev/null; :" ::: a
	assert_line "pq: {} stands in code for perl, and an item becomes a part of that; an argument \
never does: perl -e '... \$ARGV[0] ...' {}"
	run pq find . -maxdepth 0 -exec sh -c 'echo {}' \; ::: a
	assert_line "pq: {} stands in code for sh, and an item becomes a part of that; an argument \
never does: sh -c '... \"\$1\" ...' sh {}"
	run pq awk 'BEGIN { print "{}" }' ::: a
	assert_output a
	run pq sed -n 's/{}/x/p' /dev/null ::: a
	assert_output ''
	run pq perl -e 'print $ARGV[0]' {} ::: a
	assert_output a
}
