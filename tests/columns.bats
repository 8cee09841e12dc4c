# Columns: -C, --csv, --regex, --trim, --header, and what {1} {2} {-1} {name} {} stand for then.
# Not with the thread sanitizer: the thread that reads is the only one.

load helper
load gnu
load faults/faults

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# prints TEXT ARGUMENT...: pq -k with these prints this; it reads the file `input`.
prints() {
	local text=$1
	shift
	[ -e input ] || : >input
	run pq -k "$@" <input
	assert_success
	assert_output "$text"
}

# --- -C --------------------------------------------------------------------------

@test "-C: {1} is the first column, {-1} the last, {} all of them; what is missing is empty" {
	printf '%s\n' a,b,c d ,, '' x,,z >input
	alike 'a|b|c||c|a b c
d||||d|d
|||||  
|||||
x||z||z|x  z' -C , echo '{1}|{2}|{3}|{4}|{-1}|{}'
	prints 'b a
 
 
 
 x' --colsep , echo '{-2} {-3}'
}

@test "-C: columns have extensions, names and directories" {
	printf 'in/a.txt,out/b.tar.gz,c\n' >input
	alike 'in/a out/b.tar a.txt out b.tar c c' -C , echo \
		'{1.} {2.} {1/} {2//} {2/.} {3} {3.}'
}

@test "-C: without a replacement string the columns are the last arguments" {
	printf 'a b,c d\n' >input
	alike '[a b][c d]' -C , printf '[%s]'
	alike '[xa b][c dy]' -C , printf '[%s]' x{}y
	alike '[xa b][c dya b]' -C , printf '[%s]' x{}y{1}
	prints '[a b][c d][a b c d]' -C , "printf '[%s]' {} \"{}\""
}

@test "-C trims white space around columns, and --trim says otherwise" {
	printf ' a ,\tb c , d\r\n' >input
	alike '[a][b c][d]' -C , printf '[%s]'
	alike $'[ a ][\tb c ][ d\r]' --trim n -C , printf '[%s]'
	alike $'[a ][b c ][d\r]' -C , --trim l printf '[%s]'
	alike $'[ a][\tb c][ d]' -C , --trim r printf '[%s]'
	alike '[a][b c][d]' -C , --trim rl printf '[%s]'
}

@test "--trim without columns trims the item" {
	printf ' \ta b \n' >input
	alike '[a b]' --trim lr printf '[%s]'
	alike $'[a b ]' --trim l printf '[%s]'
	alike $'[ \ta b]' --trim r printf '[%s]'
	alike $'[ \ta b ]' --trim n printf '[%s]'
	alike '[a][b]' --trim rl printf '[%s]' ::: ' a ' ::: ' b'
}

@test "-C: a regular expression, and its groups are columns as in perl" {
	printf 'a1b22c\n' >input
	alike 'a b c' -C '[0-9]+' echo
	alike 'a 1 b 2 c' -C '([0-9])+' echo
	alike 'a:b:c' -C '\d+' echo {1}:{2}:{3}
	printf 'aXbxc\n' >input
	alike 'a b c' -C '(?i)x' echo
	printf 'a\t b\tc\n' >input
	alike '[b]' -C '\t' echo '[{2}]'
	alike '[b]' -C '\s+' echo '[{2}]'
	printf 'a b  c \n' >input
	alike 'a,b,,c' -C ' ' echo {1},{2},{3},{4}
	printf 'abc\n' >input
	alike 'a,b,c,' -C '(?:)' echo {1},{2},{3},{4}
}

@test "-C: one character stands for itself, a sign of expressions, too" {
	printf '%s\n' 'a|b.c' >input
	prints 'b.c' -C '|' echo {2}
	prints 'c' -C . echo {2}
	alike 'b.c' -C '\|' echo {2}
	alike 'c' -C '\.' echo {2}
	printf 'a\x1fb\n' >input
	alike 'b' -C '\x1f' echo {2}
}

@test "-C: columns of several sources stand side by side" {
	alike 'f e B A
h g B A
f e D C
h g D C' -C - echo {4} {3} {2} {1} ::: A-B C-D ::: e-f g-h
	printf '%s\n' A-B C D-E-F >input
	printf '%s\n' e-f g-h >more
	alike 'A,B,e,f,
A,B,g,h,
C,e,f,,
C,g,h,,
D,E,F,e,f
D,E,F,g,h' -C - echo '{1},{2},{3},{4},{5}' :::: input more
	alike 'A,B,e,f,
C,g,h,,
D,E,F,e,f' -C - --link echo '{1},{2},{3},{4},{5}' :::: input more
}

@test "-n with -C: the columns of several records side by side" {
	printf 'a,b\nc\nd,e,f\n' >input
	alike 'a.b.c.
d.e.f.' -n 2 -C , echo {1}.{2}.{3}.{4}
	alike 'a b c
d e f' -n 2 -C , echo
	prints 'a b c d e f' -j1 -X -C , echo
	prints 'a b c
d e f' -j1 -X -n 2 -C , echo
}

@test "-X with -C: a record is not torn, and as many are taken as fit" {
	seq -f '%030.0f,x' 100000 >input
	pq -k -j4 -X --joblog log -C , printf '%s,%s\n' <input >out
	cmp out input
	[ "$(wc -l <log)" -lt 20 ]
}

@test "--tag is the columns with blanks between, --tagstring takes them one by one" {
	printf 'x/a,b.c\n' >input
	alike $'x/a b.c\tb.c' --tag -C , echo {2}
	alike $'b-a\tx/a b.c' --tagstring '{2.}-{1/}' -C , echo
}

@test "columns are values, never program text" {
	printf '%s\n' '$(touch hit),`touch hit`,;touch hit' >input
	prints '$(touch hit) `touch hit` ;touch hit' -C , 'echo {1} "{2}" '"'{3}'"
	assert_file_not_exists hit
}

@test "the job log and messages show the columns" {
	printf 'a b,c\n' >input
	run -123 pq -C , --joblog log false <input
	assert_equal "$(tail -n 1 log | cut -f 9)" "false 'a b' c"
	printf 'a,b\0,c,d,e\n' >input
	run --separate-stderr -123 pq -C , echo <input
	only_message "item 1 'a' 'b\\x00' 'c' and 2 more: holds a NUL byte, which no argument \
can; -0 is for items that end with one"
	prints a -C , echo {1}
}

@test "ten thousand columns, and an empty record" {
	seq -s , 10000 >input
	prints '1 10000 5000 ' -C , echo {1} {10000} {5000} {10001}
	prints '1 10000 5000 ' --csv echo {1} {10000} {5000} {10001}
	prints '1 10000 5000 ' -C '[,;]' echo {1} {10000} {5000} {10001}
	echo >input
	prints '[]' -C , printf '[%s]'
	prints '[]' -C '[,;]' printf '[%s]'
}

@test "bytes that are no UTF-8 pass as they are" {
	printf '\377,\303\n' >input
	prints $'\303\377' -C , echo {2}{1}
	prints $'\303\377' --csv echo {2}{1}
	prints $'\303\377' -C '[,]' echo {2}{1}
	prints $'\303\377' --regex '(.),(.)' echo {2}{1}
}

@test "an expression with characters beyond ASCII is about characters" {
	printf 'a–b—c€d\n' >input
	prints 'a b c€d' -C '[–—]' echo
	prints '€' --regex '([€£])' echo {1}
}

@test "perl splits in the same places" {
	perl -e 1 2>/dev/null || skip 'without perl'
	awk 'BEGIN { srand(3); for (i = 0; i < 500; i++) { s = ""
		for (n = int(rand() * 12); n > 0; n--) s = s substr("ab1, ;", int(rand() * 6) + 1, 1)
		print s } }' >input
	local re
	for re in '[,;]' ', *' '\d|;' '(,)|(;)' ',*' '(?=b)' '\b' 'a|ab' '(?:)' '(a)?,'; do
		pq -k --trim n -C "$re" printf '[%s]' <input >got
		perl -ne 'BEGIN { $re = shift } chomp; @f = split /$re/, $_, -1; @f = "" unless @f;
			print map { defined $_ ? "[$_]" : "[]" } @f' "$re" input >expected
		cmp got expected || fail "$re"
	done
}

# --- --csv -----------------------------------------------------------------------

@test "--csv: commas, quotes and newlines in quotes belong to the field" {
	cat >input <<-'END'
		"1 big, 2 small","2""x4"" plank",12.34
		a,"line
		two",c
		,"",
		5" pipe, x ,'q'
	END
	prints '[1 big, 2 small][2"x4" plank][12.34][]
[a][line
two][c][]
[][][][]
[5" pipe][ x ]['"'q'"'][]' --csv echo '[{1}][{2}][{3}][{4}]'
}

@test "--csv: a record may end with CR LF, and a field hold it" {
	printf '"a,b",c\r\n"d\r\ne",f\r\n' >input
	prints $'[a,b][c]\n[d\r\ne][f]' --csv echo '[{1}][{2}]'
}

@test "--csv -C: another byte between fields; trimmed only when that is asked for" {
	printf 'a; "b";"c;d" \n' >input
	run --separate-stderr -123 pq --csv -C ';' echo <input
	only_message "item 1 'a; \"b\";\"c;d\" ': has text behind a closing quote (CSV)"
	printf 'a; b;"c;d"\n' >input
	prints '[a][ b][c;d]' --csv -C ';' echo '[{1}][{2}][{3}]'
	prints '[a][b][c;d]' --csv -C ';' --trim lr echo '[{1}][{2}][{3}]'
	printf 'a\t"b\tc"\n' >input
	prints '[a][b	c]' --csv -C '\t' echo '[{1}][{2}]'
}

@test "--csv: arguments, files, several of them, and records with another end" {
	prints '[a,b][c]' --csv printf '[%s]' ::: '"a,b",c'
	printf 'a,"b\nc"\n' >input
	prints $'[a][b\nc][x][y,z]' --csv printf '[%s]' :::: input ::: 'x,"y,z"'
	run pq -k --csv --from input --from input printf '[%s]'
	assert_output $'[a][b\nc][a][b\nc]'
	printf 'a\n,"b;c";' >input
	prints $'[a\n][b;c]' --csv -d ';' printf '[%s]'
}

@test "--csv: a quote in the wrong place is told with its record, the others go on" {
	printf '%s\n' a,b '"he said "hi"",x' c,d >input
	run --separate-stderr -123 pq -k --csv echo <input
	assert_output $'a b\nc d'
	only_message "item 2 '\"he said \"hi\"\",x': has text behind a closing quote (CSV)"
}

@test "--csv: a quote that does not end takes all that follows, but no more than --max-item" {
	printf '%s\n' a,b 'c,"d' e,f g,h >input
	run --separate-stderr -123 pq -k --csv echo <input
	assert_output 'a b'
	only_message "item 2 'c,\"d\\ne,f\\ng,h\\n': has a quote that does not end (CSV); 3 lines are \
gone with it"
	run --separate-stderr -123 pq -k --csv --max-item 8 echo <input
	assert_output $'a b\ng h'
	only_message "item 2 'c,\"d\\ne,f': is longer than --max-item allows: a quote in it does not \
end (CSV); 2 lines are gone with it"
}

@test "--csv: text behind a quote that took several lines: how many is told, the next is read" {
	printf '%s\n' a,1 '"b,2' c,3 'd,"4' e,5 >input
	run --separate-stderr -123 pq -k --csv echo {1}-{2} <input
	assert_output $'a-1\ne-5'
	only_message "item 2 '\"b,2\\nc,3\\nd,\"4': has text behind a closing quote (CSV); 3 lines are \
gone with it"
}

@test "--csv: an empty line is no record; one of quotes is" {
	printf 'a,1\n\nb,2\r\n\r\n""\n\n' >input
	prints $'a-1\nb-2\n-' --csv echo {1}-{2}
	printf '\n\r\nx,y\n\n1,2\n' >input
	prints 1-2 --csv --header : echo {x}-{y}
}

@test "--csv: a record that is too long without any such quote is passed over whole" {
	printf '%s\n' '"a,b",1234567' c,d >input
	run --separate-stderr -123 pq -k --csv --max-item 10 echo <input
	assert_output 'c d'
	only_message "item 1 '\"a,b\",1234567': is longer than --max-item allows"
}

@test "--csv: records are cut as they come, and a field of many lines is whole" {
	gate more
	background pq --csv -k printf '<%s>\n' \
		< <(printf 'a\n"b\n'; read -r _ <more; printf '"\nc') >out
	wait_until has_lines out 1
	wait_until steady $!
	assert_equal "$(cat out)" '<a>'
	open_gate more 1
	wait $!
	assert_equal "$(cat out)" $'<a>\n<b\n>\n<c>'
	{ printf 'x,"'; seq 20000; printf '",y\nz\n'; } >input
	prints $'20000 y\n0 ' --csv 'echo $(printf %s {2} | wc -l) {3}'
}

@test "--csv: what python writes comes back" {
	python3 -c 'import csv' 2>/dev/null || skip 'without python3'
	python3 - <<'END'
import csv, random
random.seed(4)
rows = [["".join(random.choice('ab,"\n\r \t') for _ in range(random.randrange(8)))
	for _ in range(random.randrange(2, 6))] for _ in range(400)]
# Otherwise it leaves a carriage return at the end of a line without quotes.
for end, quoting in ("\n", csv.QUOTE_ALL), ("\r\n", csv.QUOTE_MINIMAL):
	with open("input" + str(len(end)), "w", newline="") as f:
		csv.writer(f, lineterminator=end, quoting=quoting).writerows(rows)
with open("expected", "w", newline="") as f:
	for row in rows:
		f.write("".join("[" + field + "]" for field in row) + "\n")
END
	for n in 1 2; do
		pq -k --csv "printf '[%s]' {}; echo" <input$n >got
		cmp got expected
	done
}

# --- --regex ---------------------------------------------------------------------

@test "--regex: groups are columns, {} is the record, what does not match has failed" {
	printf '%s\n' 'user=bob id=7' nothing 'user=al.x id=12' >input
	run --separate-stderr -123 pq -k --regex 'user=(\S+) id=(\d+)' echo {2} {1.} {-1} - {} <input
	assert_output $'7 bob 7 - user=bob id=7\n12 al 12 - user=al.x id=12'
	only_message "item 2 'nothing': does not match --regex"
}

@test "--regex: the item is appended whole, and is the tag" {
	printf 'a 1\n' >input
	prints $'a 1\t[a 1]' --tag --regex '(\w) (\d)' printf '[%s]\n'
	prints $'1\t[a]' --tagstring {2} --regex '(\w) (\d)' printf '[%s]\n' {1}
	prints $'a 1\nx' --regex '(\w) (\d)' "echo '{}'; echo x"
}

@test "--regex: an expression without groups chooses items" {
	printf '%s\n' a.log b.txt c.log >input
	run --separate-stderr -123 pq -k --regex '\.log$' echo {.} <input
	assert_output $'a\nc'
	only_message "item 2 'b.txt': does not match --regex"
	run --separate-stderr -123 pq -j1 -X --regex '\.log$' echo <input
	assert_output $'a.log\nc.log'
	only_message "item 2 'b.txt': does not match --regex"
}

@test "--regex: a group that took no part is empty" {
	prints $'[a][]\n[][b]' --regex '(a)|(b)' echo '[{1}][{2}]' ::: a b
}

@test "--regex with several records in a job, and with several sources" {
	printf '%s\n' '1 2' '3 4' '5 6' >input
	prints $'1 2 3 4 4|1 2 3 4\n5 6   6|5 6' -n 2 --regex '(\d) (\d)' \
		echo '{1} {2} {3} {4} {-1}|{}'
	prints 'a 1 b 2 a 1 c 3' -n 2 --regex '([a-z])(\d)' echo '{1} {2} {3} {4} {5} {6} {7} {8}' \
		::: a1 ::: b2 c3
	prints $'a 1 b 2|a1 b2' --regex '([a-z])(\d)' echo '{1} {2} {3} {4}|{}' ::: a1 ::: b2
}

@test "--regex: after -e and --trim" {
	printf ' a=1 \n' >input
	prints 'A 1|A=1' --trim lr -e upper --regex '^(\w)=(\d)$' echo '{1} {2}|{}'
	run --separate-stderr -123 pq -e upper --regex '^a' echo <input
	only_message "item 1 ' A=1 ': does not match --regex"
}

@test "--regex: an item on which it takes too long fails alone" {
	printf '%s\n' aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa! aaa >input
	run --separate-stderr -123 pq -k --regex '^(a|aa|a*)+$' echo <input
	assert_output aaa
	only_message "item 1 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...': matching it takes too long"
}

@test "rejected items are not run, have no line of the job log, and count with --halt" {
	printf '%s\n' a1 b a2 >input
	run -123 pq -j1 --joblog log --regex '\d' touch <input
	assert_file_exists a1
	assert_file_exists a2
	assert_file_not_exists b
	assert_equal "$(cut -f 1,7,9 log | sed 1d | sort)" \
		$'1\t0\ttouch a1\n2\t126\t\n3\t0\ttouch a2'
}

# --- --header --------------------------------------------------------------------

@test "--header: the first record names the columns" {
	printf '%s\n' h1,h2,h3 a,b/c.x,c d,e,f >input
	alike 'a b/c c.x b c a a b/c.x c
d e e . e d d e f' --header : -C , echo {h1} {h2.} {h2/} {h2//} {h2/.} {1} {}
	printf 'h1\th2\na x\tb\n' >input
	alike 'b-a x' --header : echo '{h2}-{h1}'
	printf 'a\nb\nc\n' >input
	alike $'bbb\nccc' --header : echo {a}{1}{}
	printf '%s\n' 'unit price;name (max. 3)' '5;x' >input
	prints '5 x' --header : -C ';' echo '{unit price}' '{name (max. 3)}'
}

@test "--header: names are found in --tagstring, in shell lines, and stand for data only" {
	printf '%s\n' 'who,what' '$(touch hit),"; touch hit' >input
	prints $'$(touch hit)\t$(touch hit) "; touch hit $(touch hit)' --header : -C , \
		--tagstring {who} "echo {who} '{what}' \"{who}\""
	assert_file_not_exists hit
}

@test "--header: a name goes before a number and a sign" {
	printf '%s\n' '#,2,1,source' a,b,c,d >input
	prints 'a b c d' --header : -C , echo '{#} {2} {1} {source}'
}

@test "--header: with arguments, several sources and files" {
	alike '1-3
1-4
2-3
2-4' --header : echo {x}-{y} ::: x 1 2 ::: y 3 4
	alike $'1-3\n2-4' --header : echo {x}-{y} ::: x 1 2 :::+ y 3 4
	alike '1-a-3-c
1-a-4-d
2-b-3-c
2-b-4-d' --header : -C - echo {x}-{y}-{z}-{w} ::: x-y 1-a 2-b ::: z-w 3-c 4-d
	printf '%s\n' x,y 1,2 3 >input
	printf '%s\n' z 8 9 >more
	prints '1/2/8
1/2/9
3//8
3//9' --header : -C , echo {x}/{y}/{z} :::: input more
}

@test "--header: a record wider than its header would push other sources aside: rejected" {
	printf '%s\n' x,y 1,2,3 4,5 >input
	run --separate-stderr -123 pq -k --header : -C , echo {x}/{y}/{z} :::: input ::: z 8
	assert_output 4/5/8
	only_message "item 1 '1,2,3' '8': has more columns than its header, and other sources follow"
	prints '3.' --header : -C , echo {3}. :::: <(head -n 2 input)
}

@test "--header: CSV with a mark of Unicode, quotes and newlines in its names" {
	printf '\357\273\277id,"a ""big"" one","two\nlines"\r\n1,2,3\r\n' >input
	prints '1 2 3' --header : --csv echo {id} '{a "big" one}' $'{two\nlines}'
}

@test "a byte order mark in front of a list, a table or JSON is none of it" {
	local mark=$'\xef\xbb\xbf'
	printf '%s"a, b",1\nc,2\n' "$mark" >input
	prints $'a, b-1\nc-2' --csv echo {1}-{2}
	printf '%sid\tn\n1\tx\n' "$mark" >input
	prints 1-x --header : echo {id}-{n}
	printf '%sa\nb\n' "$mark" >input
	prints $'a\nb' echo
	prints $'a a\nb b' echo :::: input ::::+ input
	prints $'a\nb' --from input echo
	prints $'a\nb' --from <(printf '\xef'; printf '\xbb\xbfa\nb\n') echo
	prints $'[a\n[b' -e 's/^/[/' echo
	run pq -k -e 's/^/-/' <input
	assert_output "-$mark"$'a\n-b'
	printf '%s' "$mark" >input
	prints '' echo
	printf '\xef\xbb' >input
	prints $'\xef\xbb' echo
}

@test "messages show a mark that has no shape" {
	run -123 --separate-stderr pq -c 'exit 3; : {}' ::: $'\xef\xbb\xbfa'
	only_message "1 of 1 failed: 1 '\\xef\\xbb\\xbfa' exit 3"
	run -123 --separate-stderr pq --max-item 3 echo ::: $'\xef\xbb\xbfa'
	only_message "item 1 '\\xef\\xbb\\xbfa': is longer than --max-item allows"
}

@test "--header: lines that end with CR LF end so, whatever stands between columns" {
	printf 'id\tn\r\n1\tA\r\n' >input
	prints '1 A.' --header : echo {id} {n}.
	prints '1 A.' --header : -C '\t' --trim n echo {id} {n}.
	prints '1 A.' --header : -C '[\t]' --trim n echo {id} {n}.
}

@test "--header: lines that end with CR alone are told, and -d cuts them" {
	printf 'id,name\r1,A\r2,B\r' >input
	run --separate-stderr -2 pq --csv --header : touch started <input
	local why="the header of standard input has a carriage return within: where lines end with \
nothing else, -d '\r' cuts them"
	only_message "$why"
	run --separate-stderr -2 pq --header : touch started <input
	only_message "$why"
	assert_file_not_exists started
	prints $'1-A\n2-B' --csv --header : -d '\r' echo {id}-{name}
}

@test "--header: merged sources must have the same header" {
	printf '%s\n' a,b 1,2 >one
	printf '%s\n' a,b 3,4 >two
	printf '%s\n' b,a 5,6 >three
	: >empty
	run pq --header : -C , --from one --from empty --from two echo {b}{a}
	assert_success
	assert_equal "$(sort <<<"$output")" $'21\n43'
	run --separate-stderr -2 pq --header : -C , --from one --from three touch started
	only_message 'the header of three is not that of one; merged sources need the same'
	run --separate-stderr -2 pq --header : -C , --from . touch started
	only_message '--header with --from .: the paths in a directory have no header'
	assert_file_not_exists started
}

@test "--header: no record, no job, whatever the names" {
	: >input
	alike '' --header : -C , echo {nope}
	printf 'a,b\n' >input
	alike '' --header : -C , echo {a}
	prints '' --header : -C , echo {a} :::: input ::: x
}

@test "--header: an input that is empty has one empty value and no name" {
	prints $'-1\n-2' -k --header : echo {1}-{a} :::: /dev/null ::: a 1 2
	run --separate-stderr -2 pq --header : touch {b} ::: a 1 :::
	only_message "'{b}': there is no column of this name; there is 'a'"
}

@test "--header with -n, -r, -E, --skip-first-line and --shuf" {
	printf '%s\n' a,b 1,2 '' 3,4 END 5,6 >input
	alike $'2\n4' --header : -r -E END -C , echo {b}
	prints '1 2 3 4' --header : -r -E END -n 2 -C , echo
	pq --header : -r -E END --shuf -C , echo {b} <input | sort >got
	assert_equal "$(cat got)" $'2\n4'
	prints 2 --header : --skip-first-line -C , echo {b} \
		:::: <(printf '%s\n' '# a comment' a,b 1,2)
}

@test "--header: a name that is none is told with those there are, nothing is started" {
	printf '%s\n' id,name,price 1,a,3 >input
	local there="there is no column of this name; there are 'id', 'name', 'price'"
	run --separate-stderr -2 pq --header : -C , touch {id} {nme/.} <input
	only_message "'{nme/.}': $there"
	run --separate-stderr -2 pq --header : -C , 'touch {id} && echo "{nme}"' <input
	only_message "'{nme}': $there"
	run --separate-stderr -2 pq --header : -C , --tagstring {Id} touch {id} <input
	only_message "--tagstring: '{Id}': $there"
	run --separate-stderr -2 pq --header : -C , touch {id} {the_price} <input
	only_message "'{the_price}': $there"
	assert_file_not_exists 1
	printf 'a%.0s,' {1..30} >wide
	run --separate-stderr -2 pq --header : -C , echo {b} <wide
	only_message "'{b}': there is no column of this name; there is 'a'"
	seq -s , 30 >wide
	run --separate-stderr -2 pq --header : -C , echo {b} <wide
	only_message "'{b}': there is no column of this name; there are $(seq -s ', ' -f "'%.0f'" 20) \
and 10 more"
}

@test "--header: what other languages write in braces is left alone" {
	printf '%s\n' id,name 1,a >input
	prints $'1 a' --header : -C , "echo {id} {name} | awk '{print}'"
	prints $'1' --header : -C , "echo {id} {name} | awk '{print \$1; next} {exit}'"
	prints $'1 a' --header : -C , 'echo {id} {name} | sed -n "/1/{p}"'
	prints '{{print}} {id, } {x y} {name HEAD@{upstream} \{word} {a,b} {1x}' --header : \
		printf '%s %s %s %s %s %s %s %s{id}' \
		'{{print}}' '{id, }' '{x y}' '{name' 'HEAD@{upstream}' '\{word}' '{a,b}' '{1x}' ::: id ''
	prints '{word} a' --header : 'echo \{word} {name}' ::: name a
	prints 'a x' --header : 'name=x; echo {name} "${name}"' ::: name a
}

@test "--header: where no column has a name there are numbers" {
	printf ',\n1,2\n' >input
	run --separate-stderr -2 pq --header : -C , echo {a} <input
	only_message "'{a}': the header names no column; write {1}, {2} and so on"
	prints '2 1' --header : -C , echo {2} {1}
}

@test "--header: a name of two columns is told" {
	printf '%s\n' a,b,a 1,2,3 >input
	run --separate-stderr -2 pq --header : -C , echo {a} <input
	only_message "'{a}': columns 1 and 3 both have this name; write {1} or {3}"
	prints '2 3' --header : -C , echo {b} {3}
	run --separate-stderr -2 pq --header : -C , -n 2 echo {b} <input
	only_message "'{b}' with -n: each record of a job has such a column; write {1}, {2} and so on"
}

@test "--header: a header that is none" {
	printf '%s\n' 'a,"b' 1,2 >input
	run --separate-stderr -2 pq --header : --csv touch started <input
	only_message "the header of standard input has a quote that does not end (CSV); 2 lines are \
gone with it"
	run --separate-stderr -2 pq --header : --max-item 3 touch started :::: input
	only_message 'the header of input is longer than --max-item allows'
	assert_file_not_exists started
}

@test "--header: the command is looked for before anything is read" {
	mkfifo never
	run --separate-stderr -127 pq --header : -a never no-such-command {a}
	only_message "'no-such-command': command not found"
	run --separate-stderr -2 pq --header : -a never 'echo ('
	only_message 'column 6: the shell line has a ( where /bin/sh allows none'
}

@test "--header: a read error is told, and the status is 1" {
	run --separate-stderr -1 pq --header : -a . touch started
	only_message 'cannot read . to its end: Is a directory'
	assert_file_not_exists started
}

@test "--header: a header may come late, and a signal ends the wait for it" {
	gate more
	background pq --header : -C , echo {b} < <(printf 'a,'; read -r _ <more; printf 'b\n1,2\n') >out
	wait_until steady $!
	open_gate more 1
	wait $!
	assert_equal "$(cat out)" 2
	mkfifo never
	background pq --header : -a never echo {b}
	wait_until steady $!
	kill -TERM $!
	wait_until gone $!
	local status=0
	wait $! || status=$?
	assert_equal "$status" 143
}

@test "--header: ten thousand names" {
	seq -f 'n%.0f' -s , 10000 >input
	seq -s , 10000 >>input
	prints '10000 1 5000' --header : --csv echo {n10000} {n1} {n5000}
}

@test "--regex: named groups" {
	printf 'user=bob.x id=7\n' >input
	prints '7 bob bob.x 7' --regex 'user=(?<user>\S+) id=(?<id>\d+)' echo {id} {user.} {1} {2}
	prints $'7\tuser=bob.x id=7' --regex 'id=(?<id>\d+)' --tagstring {id} echo
	run --separate-stderr -2 pq --regex 'user=(?<user>\S+)' echo {nme} <input
	only_message "'{nme}': --regex has no group of this name; there is 'user'"
	run --separate-stderr -2 pq --regex 'user=(?<user>\S+)' 'echo "{user}" {2}' <input
	only_message "'{2}': --regex has 1 group; the text itself is {\2}"
	run --separate-stderr -2 pq --regex 'user=' echo {1} <input
	only_message "'{1}': --regex has no groups; they are made with ( )"
	run --separate-stderr -2 pq --regex 'user=(.)' --tagstring {user} echo <input
	only_message "--tagstring: '{user}': --regex names no group; named ones are made with \
(?<name> )"
	run --separate-stderr -2 pq -n 2 --regex '(?<a>.)' echo {a} <input
	only_message "'{a}' with -n: each record of a job has such a column; write {1}, {2} and so on"
	run --separate-stderr -2 pq --regex '(?<a>.)' echo {a} ::: x ::: y
	only_message "'{a}' with several sources: each record of a job has such a column; write \
{1}, {2} and so on"
	prints 'x y' --regex '(?<a>.)' echo {1} {2} ::: x ::: y
}

# --- what is refused -------------------------------------------------------------

@test "a bad expression is told with its place, and nothing is started" {
	run --separate-stderr -2 pq --regex 'a(b' touch started ::: ab
	only_message "--regex, column 4: missing closing parenthesis in 'a(b'"
	run --separate-stderr -2 pq -C '[a' touch started ::: ab
	only_message "--colsep, column 3: missing terminating ] for character class in '[a'"
	assert_file_not_exists started
}

@test "-e keeps its place: first -e, then columns" {
	printf 'a;b\nc\n' >input
	prints $'b a\n c' -e 'y/;/,/' -C , echo {2} {1}
	prints 'b a' -e '/;/' -C ';' echo {2} {1}
}

@test "input without an end of which -e drops everything does not keep pq from a signal" {
	run timeout --preserve-status -k 20 1 "$PQ" -e '/nothing/' true < <(yes)
	assert_equal "$status" 143
}

@test "a number in braces that no job can have a value for is refused, with the way to write it" {
	printf 'fo\nfoo\n' >f
	refuses "'{2}': a job has one value here; the text itself is {\2}" 'grep -cE "o{2}" {}' \
		::: f
	refuses "'{3}': a job has one value here; the text itself is {\3}" \
		grep -cE '^[0-9]{3}$' {} ::: f
	refuses "'{3}': a job has one value here; the text itself is {\3}" \
		-I % grep -cE 'x{3}' % ::: f
	refuses "'{-2/}': a job has one value here; the text itself is {\-2/}" echo {-2/} ::: f
	refuses "'{4}': a job has 3 values here; the text itself is {\4}" -n 3 echo {4} ::: f
	refuses "'{4}': a job has 2 values here; the text itself is {\4}" echo {4} ::: a ::: f
	run pq 'grep -cE "o{\2}" {}' ::: f
	assert_output 1
	run pq grep -cE 'o{\2}' {} ::: f
	assert_output 1
	run pq -k -n 3 echo {3}-{1} ::: a b
	assert_output '-a'
	run pq -C , echo {3}. ::: a,b # a record may have more
	assert_output .
}

@test "a backslash behind the brace says that it is text, in words, lines, quotes and documents" {
	run pq echo '{\}' '{\1}x{\/.}' '{\#}' '{\name}' {} ::: a
	assert_output '{} {1}x{/.} {#} {\name} a'
	run pq $'printf "%s\n" {\\} "{\\1}" \'{\\.}\' $(echo {\\#}) {}; cat <<E\n{\\%} {}\nE' ::: a
	assert_output $'{}\n{1}\n{.}\n{#}\na\n{%} a'
	run pq --header : -C , --tagstring '{\id}{id}' echo '{\id}' {id} ::: id 7
	assert_output $'{id}7\t{id} 7'
}

@test "strings of GNU parallel's --plus are refused by name, and never text in silence" {
	local string why zeros='zeros before a number come of $(printf %03d'
	for string in '{..}' '{...}' '{/..}' '{/...}' '{+/}' '{+.}' '{+..}' '{##}' '{0#}' '{0%}' \
		'{00#}' '{2..}' '{:-x}'; do
		case $string in
		'{##}') why='how many jobs there will be is not known before the input ends' ;;
		'{0%}') why="$zeros {%}) in a shell line" ;;
		'{0'*) why="$zeros {#}) in a shell line" ;;
		'{:'*) why='what stands for an empty item a shell line can say: x={}; echo "${x:-...}"' ;;
		*) why='pq has {= STEPS =} for such parts, as in {= s/\.tar\.gz$// =}' ;;
		esac
		why="'$string', of GNU parallel's --plus: $why; the text itself is {\\${string#\{}"
		refuses "$why" echo "$string" ::: a
		refuses "$why" "echo '$string'; :" ::: a
		run pq echo "{\\${string#\{}" ::: a
		assert_success
		assert_output "$string a"
	done
	run pq 'set -- x y; echo ${#} ${##} ${x:-z}; : {}' ::: a
	assert_output '2 1 z'
}

@test "--header: a name with signs of the shell needs no quotes in a line" {
	printf 'id,Price (EUR),a&b\n1,2;3,4\n' >list
	run pq -a list --csv --header : 'echo {Price (EUR)} {a&b}'
	assert_output '2;3 4'
	run pq -a list --csv --header : 'echo {Cost (EUR)}'
	assert_failure 2
	assert_output 'pq: column 12: the shell line has a ( where /bin/sh allows none'
	run pq -a list --csv --header : echo '{"Price (EUR)"}' '{"id".}'
	assert_output '2;3 1'
	printf 'name,url\na,u\n' >list
	run pq -a list --csv --header : echo '%{http_code} #{x} ${y} {{z}}' {url}
	assert_output '%{http_code} #{x} ${y} {{z}} u'
	run pq -a list --csv --header : echo '{"a":{url}}'
	assert_output '{"a":u}'
}

@test "--csv-strict: a row of another width than the header fails, with its line" {
	printf 'a,b\n1,2\n"x\ny",3\n4\n5,6,7\n8,9\n' >in
	run --separate-stderr -123 pq -k --csv --csv-strict --header : echo {a}-{b} <in
	assert_output $'1-2\nx\ny-3\n8-9'
	only_message "item 3 '4': has 1 field, and the header has 2 (--csv-strict, line 5)" \
		"item 4 '5,6,7': has 3 fields, and the header has 2 (--csv-strict, line 6)"
	run pq -k --csv --header : echo {a}-{b} <in # without it they pass
	assert_success
}

@test "--csv-strict: without a header the first row says how many fields there are" {
	run --separate-stderr -123 pq -k --csv --csv-strict echo {1} ::: a,b c d,e
	assert_output $'a\nd'
	only_message "item 2 'c': has 1 field, and the first row has 2 (--csv-strict)"
}

@test "--csv-lax: a quote that ends no field is text" {
	printf '%s\n' '"the "big" one",2' 'a "b",3' '"c""d",4' '"e,"f",5' >in
	run pq -k --csv --csv-lax echo '[{1}]' '[{2}]' <in
	assert_success
	assert_output $'[the "big" one] [2]\n[a "b"] [3]\n[c"d] [4]\n[e,"f] [5]'
	run --separate-stderr -123 pq -k --csv echo '[{1}]' '[{2}]' <in
	assert_output $'[a "b"] [3]\n[c"d] [4]'
	printf '"a "x"\r\nb",1\r\nc,2\r\n' >crlf
	run pq -k --csv --csv-lax echo '{1}:{2}' <crlf
	assert_line --index 0 $'a "x:'
}
