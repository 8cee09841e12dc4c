# Under the name parallel: command lines such as manuals and answers are full of, and the
# commands that --dry-run shows of them; beside GNU parallel, where it is installed.

load helper
load gnu

# shows TEXT ARGUMENT...: `parallel -k --dry-run` with these, which reads the file `input`,
# shows that, and so does GNU parallel.
shows() {
	as_gnu "$1" --dry-run "${@:2}"
}

# --- how a command is shown -------------------------------------------------

@test "values are shown in quotes, but for letters, digits and - _ . + /" {
	shows $'ls Ab-_.+/9\nls \'a:b\'\nls \'~u\'\nls \'x,y\'\nls \'50%\'\nls \'é\'\nls \'a\tb\'' \
		ls ::: Ab-_.+/9 a:b '~u' x,y 50% é $'a\tb'
	shows "ls 'it'\"'\"'s'" ls ::: "it's"
	shows "ls ''" ls ::: ''
}

@test "with -q the words of the command are shown in the same quotes" {
	shows "grep -e 'a b' 'it'\"'\"'s' 'x%,:@=~' '' 1" -q grep -e 'a b' "it's" 'x%,:@=~' '' ::: 1
}

@test "what stands around values is shown as it was written" {
	shows "V='a b' ; cp \$V x/'a b'  &&  { echo \`date\` >'a b'.log; }" \
		'V={} ; cp $V x/{}  &&  { echo `date` >{}.log; }' ::: 'a b'
}

@test "-n0 leaves nothing in the place of the item, nor of a part of it" {
	shows $'ping -c1 \nping -c1 ' -n0 ping -c1 ::: a b
	shows $'echo xy 1 \necho xy 2 ' -N0 echo 'x{}y' '{#}' '{.}' ::: a b
	shows 'echo  xy' -n0 echo '{1}' 'x{2}y' ::: a ::: b
	shows 'echo xy' -I,, -n0 echo x,,y ::: a
	run -0 bin/parallel -k -n0 'echo "<$(echo x{})>"' ::: a b
	assert_output $'<x>\n<x>'
}

@test "jobs that skip() leaves out are shown, though not run" {
	local line=({'{= skip() if $_ % 2 =}',x{#}} ::: 1 2 3)
	run -0 --separate-stderr bin/parallel -k --dry-run echo "${line[@]}"
	assert_output $'echo 1 x1\necho 2 x2\necho 3 x3'
	if gnu_parallel; then
		mkdir -p home && touch home/will-cite
		PARALLEL_HOME=$PWD/home run --separate-stderr parallel -k --dry-run echo "${line[@]}"
		assert_output $'echo 1 x1\necho 2 x2\necho 3 x3'
	fi
	run -0 --separate-stderr bin/parallel -k echo "${line[@]}"
	assert_output '2 x2'
}

# --- what is read -----------------------------------------------------------

@test ":::+ and ::::+ may come first, and what follows there is paired up" {
	printf '%s\n' a b c >letters
	printf '%s\n' 1 2 3 >digits
	shows $'echo a - 1\necho b - 2\necho c - 3' echo {1} - {2} ::::+ letters digits
	shows $'echo a\necho b' echo :::+ a b
	shows $'echo a x\necho b y' echo :::+ a b :::+ x y
}

# --- how much goes into a command -------------------------------------------

@test "--xargs, -m and -X fill a command as far as GNU parallel does, shell or none" {
	seq -w 0 9999 >input
	run -0 --separate-stderr bin/parallel -k --dry-run --xargs rm a-long-name-{} {} <input
	assert_equal "${#lines[0]} ${#lines[1]} ${#lines[@]}" '63654 36374 2'
	run -0 --separate-stderr bin/parallel -k -j2 --dry-run -m rm x{} <input
	assert_equal "${#lines[0]} ${#lines[1]}" '25003 25003'
	run -0 --separate-stderr bin/parallel -k -j2 --dry-run -X rm pict{}.jpg <input
	assert_equal "${#lines[0]} ${#lines[1]} ${#lines[2]} ${#lines[3]}" '63663 63663 1341 1341'
	run -0 bash -c 'bin/parallel -k -j2 -X echo pict{}.jpg <input | wc -lw'
	assert_output --regexp '^ *4 +10000$'
}

@test "--cat and --fifo show a variable in the place of the file" {
	seq 3 >input
	shows 'wc -l $PARALLEL_TMP' --pipe --cat wc -l
	shows 'wc -l <$PARALLEL_TMP' --pipe --fifo 'wc -l <{}'
}
