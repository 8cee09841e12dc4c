# --follow: what comes behind the end of a file or a FIFO.

load helper
load faults/faults

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# follow ARGUMENT...: pq in the background, its output in `out` and `err`, its pid in $pq.
follow() {
	background env --default-signal pq --follow "$@" >out 2>err
	pq=$!
}

# says TEXT: is that all there was to say, so far? For wait_until.
says() {
	[ "$(cat out)" = "$1" ]
}

# ends STATUS: it ends so, by a signal that is sent to it.
ends() {
	local status=0
	kill "-$1" "$pq"
	wait "$pq" || status=$?
	assert_equal "$status" "$2"
}

@test "a file that grows is followed, and a line may come in pieces" {
	printf 'a\nb' >list
	follow -k echo :::: list
	wait_until says a
	printf 'b\nc\n' >>list
	wait_until says $'a\nbb\nc'
	printf 'd\n' >>list
	wait_until says $'a\nbb\nc\nd'
	ends TERM 143
	run cat err
	assert_output --regexp '^pq: SIGTERM: no new jobs(, and none is running|; [12] running may .*)$'
}

@test "a file that is renamed is read to its end, and then the new one" {
	echo a >log
	follow --from log -k echo
	wait_until says a
	mv log log.1
	echo b >>log.1
	wait_until says $'a\nb'
	printf 'last' >>log.1
	echo c >log
	wait_until says $'a\nb\nlast\nc'
	echo d >>log
	wait_until says $'a\nb\nlast\nc\nd'
	echo e >next
	mv next log
	wait_until says $'a\nb\nlast\nc\nd\ne'
	wait_until steady "$pq" # whose output is there need not have ended
	ends INT 130
	refute grep -v SIGINT err
}

@test "a file that is cut off is read from its beginning, and that is told" {
	printf 'a\nb\nc\n' >log
	follow -k echo :::: log
	wait_until says $'a\nb\nc'
	: >log
	wait_until grep -q cut err
	echo d >>log
	wait_until says $'a\nb\nc\nd'
	ends TERM 143
	run cat err
	assert_line --index 0 'pq: log was cut off: it is read again from its beginning'
	assert_equal "${#lines[@]}" 2
}

@test "who reads on from a file that was cut off goes on where pq was" {
	printf 'first\nb\nc\n' >list
	exec {list_fd}<list
	read -r _ <&"$list_fd"
	follow -k echo <&"$list_fd"
	wait_until says $'b\nc'
	: >list
	wait_until grep -q 'standard input was cut off' err
	echo d >>list
	wait_until says $'b\nc\nd'
	ends TERM 143
	echo e >>list
	run -0 cat <&"$list_fd"
	assert_output e
	exec {list_fd}<&-
}

@test "a FIFO is kept open when its last writer has gone, whose last line may lack its end" {
	mkfifo fifo
	follow --from fifo -k echo
	printf 'a\nb' >fifo
	wait_until says $'a\nb'
	echo c >fifo
	wait_until says $'a\nb\nc'
	exec {one}>fifo {two}>fifo
	echo d >&"$one"
	exec {one}>&-
	echo e >&"$two"
	wait_until says $'a\nb\nc\nd\ne'
	exec {two}>&-
	ends TERM 143
}

@test "a FIFO that has been removed ends when its last writer does" {
	mkfifo fifo
	follow --from fifo echo
	exec {writer}>fifo
	rm fifo
	echo a >&"$writer"
	exec {writer}>&-
	wait "$pq"
	assert_equal "$(cat out)" a
}

@test "standard input is followed where it is a file or has a name, and a pipe ends" {
	run -0 pq --follow -k echo < <(seq 3)
	assert_output $'1\n2\n3'
	echo a >list
	follow -k echo <list
	wait_until says a
	echo b >>list
	wait_until says $'a\nb'
	ends TERM 143
	mkfifo fifo
	exec {both}<>fifo
	echo a >fifo
	background env --default-signal pq --follow -k echo <fifo >out 2>err {both}>&-
	pq=$!
	wait_until says a
	exec {both}>&-
	echo b >fifo
	wait_until says $'a\nb'
	echo c >fifo
	wait_until says $'a\nb\nc'
	ends TERM 143
}

@test "transforms, blocks, columns and dead letters follow, too" {
	echo a1 >list
	follow -k -e s/a/b/ :::: list
	wait_until says b1
	printf 'a2\nxa' >>list
	wait_until says $'b1\nb2'
	echo 3 >>list
	wait_until says $'b1\nb2\nxb3'
	ends TERM 143
	printf '1\n' >numbers
	follow -k --pipe -n 2 'paste -sd+' :::: numbers
	printf '2\n3\n4\n' >>numbers
	wait_until says $'1+2\n3+4'
	ends TERM 143
	: >table
	follow --header : -C , echo {b} :::: table
	printf 'a,b\n1,2\n' >>table
	wait_until says 2
	ends TERM 143
	run -123 pq --dead-letter dead false ::: x
	follow --from dead:dead -k echo
	wait_until says x
	run -123 pq --dead-letter dead false ::: y
	wait_until says $'x\ny'
	ends TERM 143
}

@test "jobs that run end before pq does, and -E and --halt end the input" {
	gate door
	echo a >list
	follow --drain 600 'echo began; echo began >begun; read x <door; echo {}' :::: list
	wait_until test -s begun
	kill -TERM "$pq"
	wait_until grep -q SIGTERM err
	echo b >>list
	open_gate door
	local status=0
	wait "$pq" || status=$?
	assert_equal "$status" 143
	assert_equal "$(cat out)" $'began\na'
	printf 'a\nb\nend\nc\n' >list
	run -0 pq --follow -k -E end echo :::: list
	assert_output $'a\nb'
	run -0 --separate-stderr pq --follow -j1 --halt soon,success=2 echo :::: list
	assert_output $'a\nb'
}

@test "a journal goes on with a file that has grown, and only with that" {
	seq 3 >list
	follow --journal j -k echo :::: list
	wait_until says $'1\n2\n3'
	ends TERM 143
	seq 4 5 >>list
	follow --journal j -k echo :::: list
	wait_until says $'4\n5'
	echo 6 >new
	mv new list
	local status=0
	wait "$pq" || status=$?
	assert_equal "$status" 1
	run cat err
	assert_output 'pq: list was replaced, and does not begin as it did: a journal or --resume can '\
'only follow what grows; it has been read to here'
	assert_equal "$(cat out)" $'4\n5'
}

@test "how many there will be is not known" {
	seq 5 >list
	follow --progress=json -k echo :::: list
	wait_until says $'1\n2\n3\n4\n5'
	wait_until grep -q '"done":5' err
	refute grep -q '"total":[0-9]' err
	ends TERM 143
}

@test "a directory is not followed" {
	mkdir dir
	refuses 'dir is a directory, and --follow waits for more of a file or a FIFO; inotifywait -m '\
'prints what comes into a directory' --follow --from dir echo
}
