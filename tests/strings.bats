# {= STEPS =}: the item after the steps of a transform.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
}

@test "{= STEPS =} is the value after steps, {=N STEPS =} that of one value" {
	touch A.TXT B.TXT C.TXT
	run pq mv {} '{= lc =}' ::: *.TXT
	assert_success
	assert_equal "$(echo *)" 'a.txt b.txt c.txt'
	run pq -k echo '{= s/\.(\w+)$/-$1/; upper =}' '{#}' ::: a.b c
	assert_output $'A-B 1\nC 2'
	run pq -k echo '{=2 upper =}{=1 s/a/x/ =}{=-1 urlencode =}' ::: a ::: 'b c'
	assert_output 'B Cxb%20c'
	run pq -n 2 echo '{= upper =}' ::: a b
	assert_output 'A B'
	run pq -j1 -X echo '{= uc =}x' ::: a b
	assert_output 'Ax Bx'
	run pq -k --tagstring '{= upper =}' --key '{= lower =}' echo ::: a B
	assert_output $'A\ta\nB\tB'
	run pq --header : -C , echo '{= lower =}' ::: A,B C,D
	assert_output 'c d'
	run pq -0 echo '{= s/\n/ /g =}' < <(printf 'a\nb\n\0')
	assert_output 'a b '
}

@test "what steps make is data in a shell line, and a shell further in" {
	printf '%s\0' '$(touch canary)' "a'b" 'x y' >items
	run pq -0 -k 'printf "<%s>" {= s/^/;touch canary;/ =} "{= trim =}" '\''{= lower =}'\' <items
	assert_output "<;touch canary;\$(touch canary)><\$(touch canary)><\$(touch canary)>\
<;touch canary;a'b><a'b><a'b><;touch canary;x y><x y><x y>"
	run pq -0 -k bash -c 'printf "<%s>" {= json =}' <items
	assert_output "<\"\$(touch canary)\"><\"a'b\"><\"x y\">"
	run pq -0 -k --dry-run 'echo {= upper =};' <items
	assert_output $'echo \'$(TOUCH CANARY)\';\necho \'A\'\\\'\'B\';\necho \'X Y\';'
	assert_not_exist canary
}

@test "perl in {= =} is refused before anything starts, with the nearest steps" {
	refuses() {
		run pq echo "$1" ::: 5
		assert_failure 2
		assert_output "pq: '$1' is perl, and here stand the steps of -e; the nearest is $2"
	}
	refuses '{= $_=lc =}' '{= lower =}'
	refuses '{= $_=uc($_) =}' '{= upper =}'
	refuses '{= $_++ =}' 'arithmetic in a shell line: $(({} + 1))'
	refuses '{= $_=seq() =}' '{#}'
	run pq echo '{= s/(/b/ =}' ::: 5
	assert_failure 2
	assert_output "pq: '{= s/(/b/ =}': column 4: missing closing parenthesis in 's/(/b/'"
	run pq 'echo {= nonsense =};' ::: 5
	assert_failure 2
	assert_output --partial "'{= nonsense =}': column 1: unknown step"
	run pq -k echo '{= unbase64 =}' ::: '*' YQ==
	assert_failure 123
	assert_line a
	assert_line "pq: item 1 '*': is not base64 ({= =})"
	run pq echo '{\= x =}' ::: a
	assert_output '{= x =} a'
}
