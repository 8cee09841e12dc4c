# --progress=json: what the progress line says, for programs.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# member NAME [LINE]: of the object on this line of err, by default the last.
member() {
	sed -n "${2:-\$}p" err | grep -oE "\"$1\":[^,}]*" | cut -d: -f2
}

@test "--progress=json ends with an object that has all that was counted" {
	run -123 --separate-stderr pq -j2 --progress=json test {} != 2 ::: 1 2 3
	echo "$stderr" >err
	assert_equal "$(member done)" 2
	assert_equal "$(member failed)" 1
	assert_equal "$(member running)" 0
	assert_equal "$(member retrying)" 0
	assert_equal "$(member depth)" 0
	assert_equal "$(member size)" 64
	assert_equal "$(member born)" 3
	assert_equal "$(member total)" 3
	assert_equal "$(member eta)" 0.0
	member elapsed | grep -xE '[0-9]+\.[0-9]{3}'
	member rate | grep -xE '[0-9]+\.[0-9]{3}'
}

@test "--progress=json writes an object every second, and what is unknown is null" {
	gate door
	mkfifo in
	background pq -j1 --progress=json 'read x <door; : {}' <>in 2>err
	printf '%s\n' 1 2 3 >in
	wait_until grep -q '"running":1,"depth":2,' err
	assert_equal "$(member total)" null
	assert_equal "$(member eta)" null
	wait_until has_lines err 3
	kill -KILL "$!"
}

@test "every line of --progress=json is JSON, and stdout has the output alone" {
	command -v python3 >/dev/null || skip "no python3 to read it"
	run --separate-stderr pq -k --progress=json echo ::: a b
	echo "$stderr" >err
	assert_output $'a\nb'
	python3 -c 'import json, sys
for line in sys.stdin: json.loads(line)' <err
}

@test "there is no other form of --progress" {
	run -2 pq --progress=xml true ::: 1
	assert_output "pq: --progress: 'xml' is no form of it; try --progress or --progress=json"
}
