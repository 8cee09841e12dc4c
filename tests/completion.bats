# Completion: the option table as bash, zsh and fish show it to a person.
# Not with a sanitizer: it is the shells that are tested.

load helper

setup_file() {
	# Types into an interactive bash or zsh on a terminal of its own, Tab keys and
	# all. There, pq is a function that shows its words: what the line had become.
	cat >"$BATS_FILE_TMPDIR/type" <<'END'
zmodload zsh/zpty
shell=$1 typed=$2 seen=
say() { zpty -r pq seen "*READY *" && zpty -w pq "$1" }
export PS1='READY ' TERM=dumb HISTFILE= INPUTRC=/dev/null
case $shell in
bash)
	zpty pq bash --norc --noprofile -i
	say "source '$3/pq.bash'"
	;;
zsh)
	zpty pq zsh -f -i
	say "fpath=('$3' \$fpath); autoload -U compinit; compinit -u -D"
	;;
esac
say "pq() { printf '\074%s\076' \"\$@\"; echo ' end'; }"
say "$typed"
zpty -r pq seen "*> end*"
seen=${seen##*$'\n'}
print -r -- "${seen%% end*}"
END
}

setup() {
	cd "$BATS_TEST_TMPDIR"
	mkdir bin
	printf '#!/bin/sh\n' >bin/pq-test-command
	chmod +x bin/pq-test-command
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
	touch some.file
}

# typed LINE WORDS: in bash and in zsh this line (with \t for Tab) becomes these.
typed() {
	local shell
	for shell in bash zsh; do
		run zsh -f "$BATS_FILE_TMPDIR/type" "$shell" "$(printf '%b' "$1")" "$TOP/completions"
		assert_success
		assert_output "$2"
	done
}

# offered LINE: what fish would offer, without the descriptions.
offered() {
	export HOME=$BATS_TEST_TMPDIR XDG_CONFIG_HOME= XDG_DATA_HOME=
	run fish -c "source '$TOP/completions/pq.fish'; complete -C '$1'"
	assert_success
	output=$(cut -f 1 <<<"$output")
}

@test "the committed completions are what this pq prints" {
	local pair
	for pair in bash:pq.bash zsh:_pq fish:pq.fish; do
		pq --completion "${pair%:*}" >made
		run diff "$TOP/completions/${pair#*:}" made
		assert_success
	done
}

@test "each shell can read its completions without a complaint" {
	local pair
	for pair in bash:pq.bash zsh:_pq fish:pq.fish; do
		run "${pair%:*}" -n "$TOP/completions/${pair#*:}"
		assert_success
		refute_output
	done
}

@test "every option that --help lists is completed in every shell" {
	local name names
	names=$(help_names)
	[ "$(wc -l <<<"$names")" -gt 40 ]
	for name in $names; do
		grep -qE -- "[' ]$name[' ]" "$TOP/completions/pq.bash" || fail "bash: $name"
		grep -qE -- "['{,]$name(\+|=-?)?['},]" "$TOP/completions/_pq" || fail "zsh: $name"
		case $name in
		--*) grep -q -- " -l ${name#--} " "$TOP/completions/pq.fish" ;;
		*) grep -q -- " -s ${name#-} " "$TOP/completions/pq.fish" ;;
		esac || fail "fish: $name"
	done
}

@test "zsh finds the completions in a file of the name _pq" {
	run zsh -fc "fpath=('$TOP/completions' \$fpath); autoload -U compinit; compinit -u -D
		print -r -- \$_comps[pq]"
	assert_output _pq
}

@test "a long option is completed" {
	typed 'pq -j 4 --keep-o\t' '<-j><4><--keep-order>'
	offered 'pq -j 4 --keep-o'
	assert_output -- --keep-order
}

@test "a value is completed where there are only a few" {
	typed 'pq --completion f\t' '<--completion><fish>'
	typed 'pq --halt=ne\t' '<--halt=never>'
	offered 'pq --completion f'
	assert_output fish
	offered 'pq --halt=ne'
	assert_output -- --halt=never
}

@test "the name of a file is completed for an option that takes one" {
	typed 'pq --joblog so\t' '<--joblog><some.file>'
	typed 'pq -ka so\t' '<-ka><some.file>'
	offered 'pq --joblog so'
	assert_output some.file
	offered 'pq -ka so'
	assert_output some.file
}

@test "an option with a value that may follow a = does not end the options" {
	typed 'pq --progress --keep-o\t' '<--progress><--keep-order>'
	typed 'pq --progress=j\t' '<--progress=json>'
	typed 'pq --progress=json --keep-o\t' '<--progress=json><--keep-order>'
	typed 'pq --unique={1} --keep-o\t' '<--unique={1}><--keep-order>'
	typed 'pq --in-place=.bak pq-test-c\t' '<--in-place=.bak><pq-test-command>'
	typed 'pq --in-place pq-test-c\t' '<--in-place><pq-test-command>'
	offered 'pq --progress=j'
	assert_output -- --progress=json
	offered 'pq --unique={1} --keep-o'
	assert_output -- --keep-order
}

@test "a colon as a value is no part of the completions' own grammar" {
	typed 'pq --header : --keep-o\t' '<--header><:><--keep-order>'
	typed 'pq --header : pq-test-c\t' '<--header><:><pq-test-command>'
	offered 'pq --header : --keep-o'
	assert_output -- --keep-order
}

@test "no help of an option leans on that of another" {
	local name
	for name in retry-on reject-on resume-failed; do
		grep -qE "l $name .*-d '(only|outcomes|run) " "$TOP/completions/pq.fish" || fail "$name"
	done
}

@test "for a number no file is offered" {
	typed 'pq -j so\t' '<-j><so>'
	offered 'pq -j so'
	refute_output
}

@test "the first word that is no option is completed as a command" {
	typed 'pq -k -j 4 pq-test-c\t' '<-k><-j><4><pq-test-command>'
	typed 'pq -kj 4 -- pq-test-c\t' '<-kj><4><--><pq-test-command>'
	offered 'pq -k -j 4 pq-test-c'
	assert_output pq-test-command
	offered 'pq -kj 4 -- pq-test-c'
	assert_output pq-test-command
}

@test "after the command files are completed, and options are the command's" {
	typed 'pq pq-test-command so\t' '<pq-test-command><some.file>'
	typed 'pq pq-test-command --keep-o\t' '<pq-test-command><--keep-o>'
	offered 'pq pq-test-command so'
	assert_output some.file
	offered 'pq pq-test-command --keep-o'
	refute_output
}

@test "behind --next another section begins, with the options of sections" {
	typed 'pq -k echo {} --next --retri\t' '<-k><echo><{}><--next><--retries>'
	typed 'pq -k echo --next --keep\t' '<-k><echo><--next><--keep>'
	typed 'pq echo --next -j 4 pq-test-c\t' '<echo><--next><-j><4><pq-test-command>'
	typed 'pq echo --next --deliver x --next pq-test-command so\t' \
		'<echo><--next><--deliver><x><--next><pq-test-command><some.file>'
	offered 'pq -k echo {} --next --retri'
	assert_output -- --retries
	offered 'pq -k echo --next --keep'
	refute_output
	offered 'pq echo --next -j 4 pq-test-c'
	assert_output pq-test-command
	offered 'pq echo --next echo --next pq-test-command so'
	assert_output some.file
}
