# {= =}, --rpl and --plus where GNU parallel's command lines are read: formulas, what they skip,
# and how many jobs there are. What is GNU parallel's is run beside it, where that is installed.

load helper
load gnu

# refuses_formula REASON FORMULA
refuses_formula() {
	run --separate-stderr -255 bin/parallel "touch ran {= $2 =}" ::: a
	refute_output
	assert_equal "$stderr" "pq: '{= $2 =}': $1"
	assert_not_exists ran
}

# --- {= =} --------------------------------------------------------------------

@test "a formula reckons with the value, and with what is known of the job" {
	as_gnu $'9 + 1 = 10\naz + 1 = ba' echo {} + 1 = {= '$_++' =} ::: 9 az
	as_gnu $'03 01 of 002\n04 02 of 002' \
		echo '{= $_ = sprintf("%02d", $_) =}' '{= $_ = sprintf("%02d", seq()) =}' of \
		'{= $_ = sprintf("%03d", total_jobs()) =}' ::: 3 4
	as_gnu $'1 1\n2 1' -j1 echo '{= $_ = $job->seq() =}' '{= $_ = slot() =}' ::: a b
}

@test "a formula may be several words, with -q, too" {
	as_gnu '5' echo {= '$_ = length' =} ::: abcde
	as_gnu '7 a' -q echo {= '$_ += 2;' '$_ += 2' =} a ::: 3
}

@test "a formula is about one value, by its number or the name of its column" {
	as_gnu 'c.d b' echo '{=2 s/\.[^.]+$// =} {1}' ::: b ::: c.d.e
	as_gnu $'2 y3\n4 y3' --header : echo '{=a $_ *= 2 =} {=b $_ = "y$_" =}' ::: a 1 2 ::: b 3
	as_gnu $'2 3\n4' -n2 echo '{= $_++ =}' ::: 1 2 3
	run -0 bin/parallel -k -n2 echo '{=1 $_ = "$arg[1]-$arg[2]" =}' ::: a b c
	assert_output $'a-b\nc-'
}

@test "what a formula makes is one word, whatever is in it" {
	as_gnu $'<a  $HOME>\n<it\'s a  $HOME>' \
		'printf "<%s>\\n" {= $_ .= "a  \$HOME" =}' ::: '' "it's "
	as_gnu "'*'" echo '{= $_ = Q($_) =}' ::: '*'
}

@test "a formula stands in tags, too" {
	as_gnu $'10\ta\n20\tb' --tagstring '{= $_ = seq() * 10 =}' echo ::: a b
}

@test "what a formula cannot be is refused before anything runs, with what is there instead" {
	refuses_formula "'\`date\`': no program is run here; a shell line does, with \$( )" \
		'$_ = `date`'
	refuses_formula "'\$n': it has no value yet, and none is kept from job to job; seq() counts \
the jobs" '$_ = ++$n'
	refuses_formula "'uq()': a value is one word for the shell, always; a line has its own text \
for more" 'uq()'
	refuses_formula "'\$arg[2]//': a value is no part of an expression; index() and eq look for \
one as it is, and \\\$ is the sign" 's/$arg[2]//'
	refuses_formula "a ) is missing here" '$_ = ($_ + 1'
}

@test "a value that a formula cannot do fails, and says why" {
	run --separate-stderr -1 bin/parallel -k echo '{= $_ = 6 / $_ =}' ::: 2 0 3
	assert_output $'3\n2'
	assert_equal "$stderr" "pq: item 2 '0': divides by zero ({= =})"
}

@test "a formula that does not come to an end is given up" {
	run --separate-stderr -1 bin/parallel echo \
		'{= for my $i (1 .. 3000) { for my $k (1 .. 3000) { $_++ } } =}' ::: 0
	assert_equal "$stderr" "pq: item 1 '0': does not come to an end ({= =})"
}

# --- skip() ---------------------------------------------------------------------

@test "skip() leaves a job out, and the others keep their numbers" {
	as_gnu $'2 2\n4 4' echo '{= if ($_ % 2) { skip() } =}' {#} ::: 1 2 3 4 5
	as_gnu $'b' echo '{= skip() if /a/ =}' ::: a b
	as_gnu $'x y\ny x' echo '{1} {=2 $arg[1] eq $arg[2] and skip() =}' ::: x y ::: x y
}

@test "a job that is skipped is not in the log, and is no failure" {
	run --separate-stderr -0 bin/parallel -k --joblog log echo '{= $_ == 2 and skip() =}' ::: 1 2 3
	assert_output $'1\n3'
	assert_equal "$(cut -f1,9 log | tail -n+2)" $'1\techo 1\n3\techo 3'
}

@test "a log is resumed though jobs are skipped" {
	run -1 bin/parallel -j1 --joblog log '[ -e {= skip() if $_ eq "b" =} ]' ::: /dev/null b nonesuch
	touch nonesuch
	run -0 --separate-stderr bin/parallel -j1 --joblog log --resume-failed -v \
		'[ -e {= skip() if $_ eq "b" =} ]' ::: /dev/null b nonesuch
	assert_output '[ -e nonesuch ]'
}

@test "skip() goes by no slot, and stands in the command" {
	run --separate-stderr -255 bin/parallel echo '{= skip() if slot() == 1 =}' ::: a
	assert_equal "$stderr" "pq: skip() and slot() in one command: a job has its slot when it \
starts, and whether there is one is asked before"
	run --separate-stderr -255 bin/parallel --tagstring '{= skip() =}' echo ::: a
	assert_equal "$stderr" "pq: skip() in --tagstring: the command says which jobs there are"
}

# --- how many jobs there are ------------------------------------------------------

@test "the number of jobs is known to the first, of a pipe as well" {
	run -0 --separate-stderr bin/parallel -k -j1 --plus echo '{#}/{##}' < <(printf '%s\n' a b c)
	assert_output $'1/3\n2/3\n3/3'
	as_gnu $'1/2 a\n2/2 c' -n2 --plus echo '{#}/{##}' {1} ::: a b c
}

@test "--total-jobs is believed" {
	as_gnu $'7\n7' --plus --total-jobs 7 echo {##} ::: a b
}

@test "numbers are padded to one width" {
	local list=({1..10})
	run -0 --separate-stderr bin/parallel -k --plus echo {0#} ::: "${list[@]}"
	assert_equal "$(echo $output)" '01 02 03 04 05 06 07 08 09 10'
	as_gnu 01 --plus -j12 echo {0%} ::: a
	as_gnu 1 --plus -j9 echo {0%} ::: a
}

@test "total_jobs() where not all items are known yet is refused" {
	run --separate-stderr -255 bin/parallel --key '{= $_ = total_jobs() =}' echo ::: a
	assert_equal "$stderr" "pq: total_jobs() in --key: this is asked before all items are known"
}

# --- --plus and --rpl --------------------------------------------------------------

@test "{choose_k} and {uniq} are combinations in which no value comes twice" {
	as_gnu $'a b\na c\nb c' --plus echo {choose_k} ::: a b c ::: a b c
	as_gnu $'1a 2b' --plus echo 1{1choose_k} 2{2choose_k} ::: a b ::: a b
	as_gnu $'a b\nb a' --plus echo {uniq} ::: a b ::: a b
}

@test "--plus cuts off as little as matches, or, with two signs, as much" {
	as_gnu 'a.b.c c a.b.c a' --plus echo '{#x*}' '{##.*\.}' '{%x*}' '{%%\..*}' ::: a.b.c
	as_gnu 'b.c a.b' --plus echo '{#.*\.}' '{%\..*}' ::: a.b.c
	as_gnu 'b-b.a b.b-a b-b-a' --plus echo '{/\./-}' '{/%\.a/-a}' '{//\./-}' ::: b.b.a
}

@test "--plus calls this machine by its sign" {
	as_gnu '1 : :  x' --plus -j1 echo {slot} {host} {sshlogin} '"{hgrp}"' {} ::: x
}

@test "what groups in the name of a rule match is text for its formula" {
	as_gnu 'a.zip a' --rpl '{-(.+?)} s/$$1$//;' echo {-.gz}.zip '{-.gz}' ::: a.gz
	as_gnu 'a:b/c' --rpl '{sub(.)(.)} s/$$1/$$2/' echo '{sub/:}' ::: a/b/c
	as_gnu 'a"b$c' --rpl '{or(.+?)} $_ ||= $$1' echo '{ora"b$c}' ::: ''
	as_gnu '3:a' --rpl '{n} 1 $_ = seq() + 2' echo {n}:{} ::: a
}

# --- --tmpl --------------------------------------------------------------------------

@test "--tmpl writes a file for each job, with its values in it" {
	printf '%s\n' 'x is {x}, {=x $_ *= 10 =}' '{"job": {#}}' >page
	as_gnu $'x is 1.5, 15\n{"job": 1}\nx is 2, 20\n{"job": 2}' \
		--header : --tmpl page=page.{#} cat page.{#} ';' : {x} ::: x 1.5 2
	assert_exists page.1
	rm page.1 page.2
	as_gnu $'x is 1, 10\n{"job": 1}' --cleanup --header : --tmpl page=page.{#} \
		cat page.{#} ';' : {x} ::: x 1
	assert_not_exists page.1
}

@test "what --tmpl cannot read or write is told" {
	run --separate-stderr -255 bin/parallel --tmpl missing=x echo ::: a
	assert_equal "$stderr" "pq: --tmpl: 'missing=x' No such file or directory"
	run --separate-stderr -255 bin/parallel --tmpl missing echo ::: a
	assert_equal "$stderr" "pq: --tmpl: 'missing' is no file and what it becomes; try \
page.tmpl=page.{#}"
	echo {} >page
	run --separate-stderr -1 bin/parallel --tmpl page=none/{} echo ::: a
	assert_equal "$stderr" "pq: item 1 'a': cannot write 'none/a': No such file or directory \
(--tmpl)"
}
