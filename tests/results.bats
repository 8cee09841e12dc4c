# --results: output that goes to files, in the layouts of GNU parallel.

load helper
load gnu

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# names DIR: every file below it.
names() {
	find "$1" -type f | sort
}

@test "--results DIR keeps stdout, stderr and the number of each job, and prints nothing" {
	run pq --results out 'echo o{1}{2}; echo e{1}{2} >&2' ::: I II ::: III
	assert_output ''
	run names out
	assert_output "$(printf 'out/1/%s\n' I/2/III/seq I/2/III/stderr I/2/III/stdout \
		II/2/III/seq II/2/III/stderr II/2/III/stdout)"
	assert_equal "$(cat out/1/II/2/III/stdout)" oIIIII
	assert_equal "$(cat out/1/II/2/III/stderr)" eIIIII
	assert_equal "$(cat out/1/II/2/III/seq)" 2
}

@test "--results DIR with --header: the names are directories, and sorted" {
	pq --header : --results out 'echo {B}' ::: B x ::: A y
	run names out
	assert_line out/A/y/B/x/stdout
	pq --header : --results num 'echo {10b}' ::: 10b x ::: 2a y
	assert_file_exist num/2a/y/10b/x/stdout
}

@test "--results DIR has the columns of a record" {
	printf '%s\n' a,b c,d | pq -C , --results out echo {2}
	assert_equal "$(cat out/1/c/2/d/stdout)" d
}

@test "no item can write outside of --results DIR, and none takes another one's place" {
	mkdir deep
	cd deep
	pq --results out echo ::: ../../x /etc/x . .. '' 'a\b' $'t\tb' ../.. 'a\_b' a/b
	run find .. -name x
	assert_output ''
	run find out/1 -mindepth 1 -maxdepth 1 -printf '%f\n'
	for name in '..\_..\_x' '\_etc\_x' '\.' '\..' '\e' 'a\\b' 't\tb' '..\_..' 'a\\_b' 'a\_b'; do
		assert_line -- "$name"
	done
	assert_equal "${#lines[@]}" 10
	assert_equal "$(ls out)" 1
}

@test "names below --results DIR are those of GNU parallel" {
	gnu_parallel || skip 'there is no GNU parallel'
	mkdir -p home/.parallel && touch home/.parallel/will-cite
	set -- a/b 'c d' 'x\y' $'t\tb' ü %41 -n '$HOME' '*'
	HOME=$PWD/home parallel --results gnu 'echo {}' ::: "$@"
	pq --results ours 'echo {}' ::: "$@"
	diff -r gnu ours
}

@test "a link below --results DIR is not followed" {
	mkdir -p elsewhere out/1
	ln -s "$PWD/elsewhere" out/1/x
	run -74 pq --results out echo ::: x
	assert_output 'pq: cannot write to out/1/x/: Not a directory; stopping'
	assert_equal "$(ls elsewhere)" ''
}

@test "a link below the directory of a template is not followed, the directory may be one" {
	mkdir -p elsewhere/b real
	ln -s real out
	ln -s "$PWD/elsewhere" real/x
	run -74 pq -j1 --results 'out/{}' echo ::: a x/b
	assert_output 'pq: cannot write to out/x/b: Not a directory; stopping'
	assert_equal "$(cat real/a)" a
	assert_equal "$(find elsewhere -type f)" ''
}

@test "what stands where a result goes is not written to, a new file takes its place" {
	mkdir -p out/1/x placed
	echo precious | tee a >b
	ln a out/1/x/stdout
	ln -s "$PWD/b" out/1/x/stderr
	mkfifo out/1/x/seq
	pq --results out 'echo {}; echo {} >&2' ::: x
	ln -s ../a placed/1
	pq --results 'placed/{#}' 'echo {}; echo {} >&2' ::: x
	assert_equal "$(cat a b)" $'precious\nprecious'
	assert_equal "$(cat out/1/x/stdout out/1/x/stderr out/1/x/seq)" $'x\nx\n1'
	assert_equal "$(cat placed/1 placed/1.err)" $'x\nx'
}

@test "a value longer than a name may be has a name of its own all the same" {
	long=$(printf '%0300d' 0)
	pq --results out 'echo {/}' ::: "${long}a" "${long}b"
	assert_equal "$(ls out/1 | wc -l)" 2
	assert_equal "$(cat out/1/*/stdout | grep -o '.$' | sort | tr -d '\n')" ab
}

@test "--results with a replacement string names the files" {
	pq --results 'my_{}.txt' 'echo {}; echo e >&2' ::: foo bar
	assert_equal "$(cat my_foo.txt my_foo.txt.err my_foo.txt.seq)" $'foo\ne\n1'
	assert_equal "$(cat my_bar.txt)" bar
}

@test "--results with a replacement string that ends with a slash names directories" {
	pq --results 'my/{#}/{/.}/' 'echo {}' ::: a/foo.c b/bar.c
	assert_equal "$(cat my/1/foo/stdout)" a/foo.c
	assert_equal "$(cat my/2/bar/seq)" 2
	assert_file_exist my/2/bar/stderr
}

@test "an item that leads out of the directory of the template is not run" {
	mkdir deep
	cd deep
	run -123 pq -k --results 'out/{}' 'echo {} >>ran' ::: ok ../x a/../../x a/.. /abs
	assert_line "pq: item 2 '../x': its results would be outside of out/ (--results); not run"
	assert_line "pq: item 3 'a/../../x': its results would be outside of out/ (--results); not run"
	assert_line "pq: item 4 'a/..': its results would be outside of out/ (--results); not run"
	assert_equal "$(sort ran)" $'/abs\nok'
	assert_file_exist out/abs
	run find .. -name 'x*'
	assert_output ''
	run -123 pq --results '{}.o' echo ::: "$PWD/abs"
	local shown=$PWD/abs
	[ ${#shown} -le 40 ] || shown=${shown:0:40}...
	assert_output "pq: item 1 '$shown': its results would be outside of the current directory \
(--results); not run"
	pq --results '/{}.o' echo ::: "$PWD/abs"
	assert_file_exist abs.o
}

@test "an item that makes no name is not run" {
	run -123 pq -k -j1 --results 'out/{}' echo ::: . "$(printf '%0300d' 0)" ok
	local why='what --results makes of it is no name of a file; not run'
	assert_output "pq: item 1 '.': $why
pq: item 2 '$(printf '%040d' 0)...': $why"
	assert_equal "$(cat out/ok)" ok
}

@test "--results FILE.csv has GNU parallel's columns, quoted where needed" {
	pq -k --results out.csv 'echo {1}; echo "e,\"q\"" >&2; exit 3' ::: a 'b,"c' ::: V || true
	sed -E 's/^([0-9]+,:,)[0-9]+\.[0-9]{3},[0-9]+\.[0-9]{3}/\1S,R/
		s/",[0-9]+,1,[0-9]+\.[0-9]{3}$/",K,1,W/; s/Slot,Attempts,Waited/REST/' out.csv >got
	cat >expected <<-'END'
		Seq,Host,Starttime,JobRuntime,Send,Receive,Exitval,Signal,Command,V1,V2,Stdout,Stderr,REST
		1,:,S,R,0,2,3,0,"echo a; echo ""e,\""q\"""" >&2; exit 3",a,V,"a
		","e,""q""
		",K,1,W
		2,:,S,R,0,5,3,0,"echo 'b,""c'; echo ""e,\""q\"""" >&2; exit 3","b,""c",V,"b,""c
		","e,""q""
		",K,1,W
	END
	diff expected got
}

@test "--results FILE.tsv has tabs, and the names of a header" {
	pq -k --header : --results out.tsv 'printf {size}' ::: size 1k ::: threads 2
	assert_equal "$(cut -f 1,2,6-13 out.tsv)" "$(printf '%s\n' \
		$'Seq\tHost\tReceive\tExitval\tSignal\tCommand\tsize\tthreads\tStdout\tStderr' \
		$'1\t:\t2\t0\t0\t"printf 1k"\t1k\t2\t1k\t')"
	assert_equal "$(cut -f 14-16 out.tsv | sed -E 's/[0-9]+\.[0-9]{3}$/W/')" \
		$'Slot\tAttempts\tWaited\n1\t1\tW'
}

@test "a row of --results FILE.csv has as many fields as the header" {
	seq 5 | pq -k -n2 --results out.csv 'printf x; : {}'
	assert_equal "$(awk -F, '{print NF}' out.csv | sort -u)" 16
	printf 'a\nb,c,d\n' | pq -k -C , --results rest.csv 'printf x; : {}'
	assert_equal "$(tail -n 1 rest.csv | cut -d, -f 10-12)" '"b c d",x,'
}

@test "--results FILE.json has GNU parallel's members" {
	pq --results out.json 'echo {1}' ::: 'a"' ::: b
	run sed -E 's/"Starttime": [0-9.]+, "JobRuntime": [0-9.]+/T/
		s/("Waited": )[0-9]\.[0-9]{3}/\1W/' out.json
	assert_output '{ "Seq": 1, "Host": ":", T, "Send": 0, "Receive": 3, "Exitval": 0, '\
'"Signal": 0, "Command": "echo '"'a\\\"'"'", "V": ["a\"","b"], '\
'"Stdout": "a\"\n", "Stderr": "", "Slot": 1, "Attempts": 1, "Waited": W }'
}

@test "--results -.csv and -.json are for standard output" {
	run bash -c "pq -k --results -.csv 'printf x; : {}' ::: a b | cut -d, -f 1,10-12"
	assert_output $'Seq,V1,Stdout,Stderr\n1,a,x,\n2,b,x,'
	run bash -c "pq -k --results -.json 'printf x; : {}' ::: a | grep -o '\"Stdout\": \"x\"'"
	assert_output '"Stdout": "x"'
}

@test "a table says which attempt of a job it shows, and that no worker had it" {
	run -123 pq -k -j1 --retries 2 --max-item 3 --results out.csv \
		'[ $PQ_ATTEMPT = 2 ] && printf {}' ::: a long
	assert_equal "$(cut -d, -f 11- out.csv | sed -E 's/[0-9]+\.[0-9]{3}$/W/')" \
		$'Stdout,Stderr,Slot,Attempts,Waited\na,,1,2,W\n,,,0,'
	run -123 pq --max-item 3 --results out.json echo ::: long
	run grep -o '"Slot".*' out.json
	assert_output '"Slot": null, "Attempts": 0, "Waited": null }'
}

@test "--results keeps the last attempt, and what failed" {
	run -123 pq --retries 2 --results out 'echo $PQ_ATTEMPT {}; exit 1' ::: x
	assert_equal "$(cat out/1/x/stdout)" '2 x'
}

@test "--results: large output goes there whole" {
	pq --queue-bytes 100k -j2 --results out 'seq {}' ::: 200000 100000
	seq 200000 | cmp - out/1/200000/stdout
	seq 100000 | cmp - out/1/100000/stdout
}

@test "--results that cannot be written is status 74, and the rest is not run" {
	ln -s /dev/full out.csv
	run -74 pq -j1 --results out.csv echo ::: a b c
	assert_output 'pq: cannot write to out.csv: No space left on device; stopping'
	mkdir -p out/1/b/stdout
	run -74 pq -j1 --joblog log --results out echo ::: a b
	assert_output 'pq: cannot write to out/stdout: Is a directory; stopping' ||
		assert_output 'pq: cannot write to out/1/b/stdout: Is a directory; stopping'
	assert_equal "$(wc -l <log)" 2
}

@test "a disk that is full is told, whatever the layout" {
	while read -r path written; do
		run -74 bash -c "ulimit -f 1; pq --results '$path' seq ::: 100000"
		assert_output "pq: cannot write to $written: File too large; stopping"
		rm -rf out
	done <<-'END'
		out out/1/100000/stdout
		out/{} out/100000
		out.csv out.csv
		out.json out.json
	END
}

@test "--results that cannot be opened: nothing is started" {
	run -74 pq --results /nowhere/out.csv touch ::: ran
	assert_output 'pq: cannot open /nowhere/out.csv for the results: No such file or directory; '\
'nothing was started'
	touch file
	run -74 pq --results file touch ::: ran
	assert_output 'pq: cannot open file for the results: Not a directory; nothing was started'
	assert_file_not_exist ran
}

@test "--results into the file that is the input is refused, and it stays as it was" {
	printf 'a,b\n' >t.csv
	for source in '<t.csv' ':::: t.csv' ':::: - <./t.csv'; do
		run -2 bash -c "pq --results t.csv echo $source"
		assert_output 'pq: --results t.csv: it is the input, too, and would be overwritten; '\
'write to another file'
		assert_equal "$(cat t.csv)" a,b
	done
	refuses '--results t.csv: it is the input, too, and would be overwritten; write to another '\
'file' \
		--results t.csv --from t.csv echo
	refuses '--results t.csv: it is the input, too, and would be overwritten; write to another '\
'file' \
		--results t.csv -a t.csv echo
	assert_equal "$(cat t.csv)" a,b
}

@test "--results is refused where nothing could be kept, or named" {
	refuses '--results with -u: what jobs write themselves does not pass through pq; leave out -u' \
		--results out -u echo ::: x
	refuses '--results with --lb: it is written when a job has ended; leave one out' \
		--results out --lb echo ::: x
	refuses '--results with --tag: the item is beside the output, not in it; leave out --tag' \
		--results out --tag echo ::: x
	refuses '--results with -e and no command: no job is run that could have results; leave it '\
'out' \
		--results out -e s/a/b/
	refuses "--results out with --pipe: a block of records is no name; try --results 'DIR/{#}/'" \
		--results out --pipe cat
	refuses '--json with --results on standard output: both are for standard output; leave one '\
'out' \
		--results -.csv --json echo ::: x
	assert_file_not_exist out
}

@test "--pipe keeps its results by number" {
	seq 4 | pq --pipe -n2 --results 'out/{#}/' cat
	assert_equal "$(cat out/2/stdout)" $'3\n4'
	seq 4 | pq -k --pipe -n2 --results out.csv 'wc -l'
	run cut -d, -f 1,5,6 out.csv
	assert_line 2,4,2
}

@test "--json and --results: the objects on standard output, the files beside" {
	run pq --json --results out echo ::: a
	assert_output --regexp '^\{"seq":1,"item":"a","group":1,"slot":1,"attempts":1,'\
'"waited":[0-9.]+,"exit":0,"signal":0,"start":[0-9.]+,"seconds":[0-9.]+,'\
'"stdout":"a\\n","stderr":""\}$'
	assert_equal "$(cat out/1/a/stdout)" a
}

@test "--dry-run with --results keeps nothing" {
	run pq --dry-run --results out echo ::: a
	assert_output 'echo a'
	assert_file_not_exist out
}
