# {= STEPS =}: the item after the steps of a transform.
# Not with the thread sanitizer: it is the text that is tested.

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
	nearest() {
		refuses "'$1' is perl, and here stand the steps of -e; the nearest is $2" echo "$1" ::: 5
	}
	nearest '{= $_=lc =}' '{= lower =}'
	nearest '{= $_=uc($_) =}' '{= upper =}'
	nearest '{= $_++ =}' 'arithmetic in a shell line: $(({} + 1))'
	nearest '{= $_=seq() =}' '{#}'
	run pq echo '{= s/(/b/ =}' ::: 5
	assert_failure 2
	assert_output "pq: '{= s/(/b/ =}': column 4: missing closing parenthesis in 's/(/b/'"
	refuses "'{= nonsense =}': column 1: unknown step in 'nonsense'; steps are s/// /RE/ !/RE/ \
m/// y/// upper lower trim cut length urlencode urldecode base64 unbase64 json" \
		'echo {= nonsense =};' ::: 5
	run -123 --separate-stderr pq -k echo '{= unbase64 =}' ::: '*' YQ==
	assert_output a
	only_message "item 1 '*': is not base64 ({= =})"
	run pq echo '{\= x =}' ::: a
	assert_output '{= x =} a'
}
