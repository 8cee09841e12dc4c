# What the manual says of CI, done as it stands there, with the variables that those systems set.
# Not with a sanitizer: it is the page that is tested.

load helper

page=$BATS_TEST_DIRNAME/../man/pq-ci.7

setup() {
	cd "$BATS_TEST_TMPDIR"
	mkdir project
	seq -f 'tests/%03g.sh' 100 >project/tests
	cat >project/run-test <<-'END'
		#!/bin/sh
		echo "$1" >>"$RAN"
		case $1 in
		*"${BROKEN:-none}"*) echo "$1 is broken"; exit 1 ;;
		*"${FLAKY:-none}"*) [ -e "$RAN.again" ] || { touch "$RAN.again"; exit 1; } ;;
		esac
	END
	chmod +x project/run-test
	export RAN=$PWD/ran
}

# shown HEADING [N]: the Nth literal text below it, as a reader sees it.
shown() {
	awk -v title="$1" -v n="${2-1}" '/^\.S[hs] / { on = ($0 ~ "^.S[hs] " title "$") }
		on && /^\.Ed/ { shown = 0 } on && shown { print }
		on && /^\.Bd -literal/ { shown = ++i == n }' "$page" |
		sed -e 's/\\(aq/'\''/g; s/\\&//g; s/\\-/-/g; s/\\e/\\/g'
}

# checkout NAME: a working directory as a machine has it, in which we are then.
checkout() {
	cp -r "$BATS_TEST_TMPDIR/project" "$BATS_TEST_TMPDIR/$1"
	cd "$BATS_TEST_TMPDIR/$1"
}

# of PATH: what the YAML on standard input has there, by names and numbers; lists of scripts as
# lines.
of() {
	python3 -c 'import sys, yaml
at = yaml.safe_load(sys.stdin)
for name in sys.argv[1].split("."):
    at = at[int(name)] if isinstance(at, list) else at[name]
print("\n".join(map(str, at)) if isinstance(at, list) else at)' "$1"
}

# reports FILE... NUMBER: these are reports of so many tests in all.
reports() {
	local number=${!#}
	python3 - "${@:1:$#-1}" "$number" <<-'END'
		import sys, xml.etree.ElementTree as xml
		cases = sum(len(list(xml.parse(f).iter("testcase"))) for f in sys.argv[1:-1])
		sys.exit(cases != int(sys.argv[-1]) and f"{cases} cases")
	END
}

has_yaml() {
	python3 -c 'import yaml' 2>/dev/null || skip 'python3 has no yaml'
}

# all_ran: each test of the list was run, and by one machine.
all_ran() {
	assert_equal "$(sort "$RAN")" "$(sort "$BATS_TEST_TMPDIR/project/tests")"
}

@test "one machine: a flaky test passes, a broken one is the status, and both are told" {
	checkout one
	shown 'ONE MACHINE' >script
	FLAKY=042 run -0 sh -e script
	assert_output --partial 'jobs     100 done, 0 failed, 1 tried again'
	assert_line "pq: flaky    1 done after more than one attempt: 42 'tests/042.sh' (2)"
	assert_equal "$(wc -l <last.log)" 101
	reports junit.xml 100
	assert_equal "$(grep -c '<flakyFailure' junit.xml)" 1
	BROKEN=007 run -123 sh -e script
	assert_equal "$(grep -c '<failure' junit.xml)" 1
	grep -q '007.sh is broken' junit.xml
	assert_line "pq: 1 of 100 failed: 7 'tests/007.sh' exit 1"
	assert_output --partial 'tests/007.sh is broken'
}

@test "one machine: when a tenth has failed the rest is not run" {
	checkout one
	shown 'ONE MACHINE' >script
	BROKEN=tests run -124 sh -e script
	assert_output --partial 'ended by --halt'
	assert [ "$(sort -u "$RAN" | wc -l)" -lt 50 ]
}

@test "one machine: the statuses that are listed" {
	checkout one
	run -127 pq ./run-nothing :::: tests
	: >file
	run -126 pq ./file :::: tests
	run -2 pq --shard 5/4 ./run-test :::: tests
}

@test "one machine: tests that are programs themselves, whatever their names" {
	local name='tests/it'\''s a "test" $(touch bad).sh'
	mkdir tests
	printf '#!/bin/sh\necho ran\n' >"$name"
	chmod +x "$name"
	grep -qF 'exec {}' "$page"
	run -0 pq --name unit --junit junit.xml 'exec {}' ::: "$name"
	assert_output ran
	assert [ ! -e bad ]
	grep -qF '<testcase classname="unit" name="tests/it' junit.xml
}

@test "one machine: of a job that is cancelled all is written, with the status that is listed" {
	local name
	mkfifo never
	for name in INT:130 TERM:143; do
		run -"${name#*:}" pq -j1 --drain 0 --joblog log --junit junit.xml --report run.html \
			'test {} = a || { kill -'"${name%:*}"' $PPID; read x <never; }' ::: a b c
		assert_equal "$(wc -l <log)" 2
		assert_equal "$(grep -c '<skipped' junit.xml)" 2
		refute grep -E '<(failure|error)' junit.xml
		grep -q '</html>' run.html
	done
}

@test "GitHub Actions: the steps, on each machine of the matrix" {
	has_yaml
	shown 'GITHUB ACTIONS' >workflow
	assert_equal "$(of jobs.tests.steps.4.with.path <workflow)" junit.xml
	local node shard
	assert_equal "$(of jobs.tests.strategy.matrix.node <workflow | tr '\n' ' ')" '1 2 3 4 '
	assert_equal "$(of jobs.tests.steps.1.with.path <workflow)" last.log
	shard=$(of jobs.tests.env.SHARD <workflow)
	of jobs.tests.steps.2.run <workflow >step2
	of jobs.tests.steps.3.run <workflow >step3
	refute grep '{{' step2 step3 # those are for the system alone
	for node in 1 2 3 4; do
		checkout "$node"
		export SHARD="${shard/'${{ matrix.node }}'/$node}"
		run -0 bash -eo pipefail ../step2
		run -0 bash -eo pipefail ../step3
		assert_equal "$(cat last.log)" "$(cat node.log)"
		cd ..
	done
	all_ran
	reports [1-4]/junit.xml 100
}

@test "GitHub Actions: a broken test fails the step on its own machine" {
	has_yaml
	shown 'GITHUB ACTIONS' | of jobs.tests.steps.2.run >step
	local node failed=0
	for node in 1 2 3 4; do
		(checkout "$node")
		cd "$node"
		SHARD=$node/4,hash BROKEN=007 bash -eo pipefail ../step >out 2>&1 || failed=$((failed + 1))
		cd ..
	done
	assert_equal "$failed" 1
	assert_equal "$(cat [1-4]/out | grep -c "failed: 7 'tests/007.sh' exit 1")" 1
}

@test "GitLab CI: the jobs, one after the other, and the next pipeline" {
	has_yaml
	shown 'GITLAB CI' >pipeline.yml
	local node round total
	total=$(of tests.parallel <pipeline.yml)
	assert_equal "$total" 4
	assert_equal "$(of save.cache.paths <pipeline.yml)" "$(of times.artifacts.paths <pipeline.yml)"
	for job in times tests save; do
		of "$job.script" <pipeline.yml >"$job.sh"
	done
	for round in 1 2; do
		: >"$RAN"
		[ -d times ] || (checkout times)
		(cd times && sh -e ../times.sh)
		for ((node = 1; node <= total; node++)); do
			rm -rf "$node"
			(checkout "$node")
			cp times/last.log "$node/last.log"
			cd "$node"
			CI_NODE_INDEX=$node CI_NODE_TOTAL=$total run -0 sh -e ../tests.sh
			cd ..
			cp "$node/node-$node.log" times/
		done
		all_ran
		reports [1-4]/"$(of tests.artifacts.reports.junit <pipeline.yml)" 100
		(cd times && sh -e ../save.sh)
		assert_equal "$(grep -vc ^Seq times/last.log)" 100
	done
}

@test "Jenkins: the line, on each machine of the matrix" {
	shown JENKINS >Jenkinsfile
	sed -n "/'''/,/'''/p" Jenkinsfile | sed "/'''/d" >line
	assert_equal "$(grep -c . line)" 6
	# As Groovy has it: a backslash takes the end of its line with it.
	sed -z 's/\\\n//g' line >script
	local node
	for node in 1 2 3 4; do
		assert grep -q "values.*'$node'" Jenkinsfile
		checkout "$node"
		NODE=$node run -0 sh -xe ../script
		cd ..
	done
	all_ran
	grep -q 'junit "junit-${NODE}.xml"' Jenkinsfile
	reports [1-4]/junit-[1-4].xml 100
}

@test "others: who counts from 0 adds 1" {
	local node
	checkout other
	shown OTHERS 1 >circle
	shown OTHERS 2 >buildkite
	for node in 0 1 2; do
		CIRCLE_NODE_INDEX=$node CIRCLE_NODE_TOTAL=3 run -0 sh -e circle
	done
	all_ran
	: >"$RAN"
	for node in 0 1 2; do
		BUILDKITE_PARALLEL_JOB=$node BUILDKITE_PARALLEL_JOB_COUNT=3 run -0 sh -e buildkite
	done
	all_ran
}

@test "one machine runs what another one has left" {
	local node
	checkout rest
	for node in 1 2 4; do
		pq --shard "$node/4" --joblog "node-$node.log" ./run-test :::: tests
	done
	shown 'WHO RUNS WHAT' >script
	run -0 sh -e script
	all_ran
}

@test "a program that runs many tests gets its share at once" {
	checkout many
	printf '#!/bin/sh\necho $#\n' >run-tests
	chmod +x run-tests
	sed -n '/^\.Sh WHO/,/^\.Sh FL/s/^\.Dl //p' "$page" |
		sed 's/\\(dq/"/g; s/\\-/-/g; s/\\&//g' >line
	NODE=3 run -0 sh -e line
	assert_output 25
}

@test "flaky tests are listed by the job log" {
	checkout flaky
	FLAKY=042 pq --retries 2 --joblog node.log ./run-test :::: tests
	shown 'FLAKY TESTS' >script
	run -0 sh -e script
	assert_output $'Exitval\tCommand\n0\t./run-test tests/042.sh'
}

@test "tests that disturb each other run one after the other" {
	checkout keys
	printf '%s\n' a,db b,db c,port >tests.csv
	sed -n '/^\.Sh FLAKY/,$s/^\.Dl //p' "$page" | sed 's/\\-/-/g' >line
	cat >run-test <<-'END'
		#!/bin/sh
		mkdir "$PQ_KEY.lock" 2>/dev/null || exit 0
		case $1 in a|b) mkdir db.lock || exit 9; rmdir db.lock ;; esac
	END
	run -0 sh -e line
}

@test "what failed is run again, and is the same test in the report" {
	checkout again
	BROKEN=007 run -123 pq --joblog last.log --junit first.xml ./run-test :::: tests
	: >"$RAN"
	shown 'AGAIN WHAT FAILED' >script
	run -0 sh -e script
	assert_equal "$(cat "$RAN")" tests/007.sh
	reports again.xml 1
	assert_equal "$(grep -o 'classname="[^"]*" name="[^"]*"' again.xml)" \
		"$(grep -o 'classname="[^"]*" name="[^"]*007[^"]*"' first.xml)"
}
