# Every place that pq writes to, at every write to it, with each error that there is for
# it: what was lost is told, and the status says so.

load helper
load faults/faults

setup() {
	unsanitized 'it is preloaded'
	cd "$BATS_TEST_TMPDIR"
	build_fault write
}

# A sink is a row: its name; the status when a write to it fails; how to look whether it is
# whole, as a command that says the same for each whole run; and a run that writes to it.
sinks="standard output:74:cat out:pq -k -j2 -Q2 'seq {}' ::: 1 2 3
standard error:74:cat err:pq -k -j2 -Q2 'seq {} >&2' ::: 1 2 3
of transforms:74:cat out:pq -k -j2 -e 's/^/x/' ::: 1 2 3
shown commands:74:cat err:pq -j1 -t true ::: 1 2
job log:74:cut -f 1,7 log:pq -k -j2 -Q2 --joblog log true ::: 1 2 3
files in place:74:cat file:cp list file; pq --in-place -e 's/^/x/' ::: file
spool:74:cat out:pq -k -j2 --queue-bytes 64K 'seq 15000; : {}' ::: a b
output file:74:cat file:pq -k -j2 -Q2 -o file 'seq {}' ::: 1 2 3
journal:74:sqlite3 run 'SELECT count(*) FROM items':pq -k -j2 -Q2 --journal run true ::: 1 2 3
dead letter:74:wc -l <dead:pq -j2 -Q2 --quiet --dead-letter dead 'exit {}' ::: 1 0 3
JSON:74:wc -l <out:pq -k -j2 --json 'seq {}' ::: 1 2 3
results:74:cat tree/1/*/stdout:pq -k -j2 --results tree 'seq {}' ::: 1 2 3
table of results:74:wc -l <table.csv:pq -k -j2 --results table.csv 'seq {}' ::: 1 2 3
summary:74:grep -c . err:pq --summary true ::: 1
progress as JSON:74:tail -n 1 err | tr -d 0-9.:pq --progress=json true ::: 1"

# attempt COMMAND [NAME=VALUE]...: one run, with a fault or without.
attempt() {
	local command=$1
	shift
	rm -rf run run-wal run-shm log file dead tree table.csv told out err
	status=0
	env "$@" timeout 300 bash -c "${command/pq /LD_PRELOAD=$fault pq }" >out 2>err </dev/null ||
		status=$?
}

declare -gA texts=([EIO]='Input/output error' [ENOSPC]='No space left on device'
	[EBADF]='(Bad file descriptor|Input/output error)') # the second is what SQLite calls it

# fails_at_every_write ERROR NAME STATUS LOOK COMMAND: one write after the other.
fails_at_every_write() {
	local error=$1 name=$2 lost=$3 look=$4 command=$5 n whole wanted
	attempt "$command"
	wanted=$status
	whole=$(eval "$look")
	for ((n = 1; ; n++)); do
		attempt "$command" WRITE_FAIL=$n WRITE_TOLD=told WRITE_ERROR="$error"
		[ -e told ] || break
		((status == lost)) ||
			fail "$name: $error at write $n: status $status; $(cat err)"
		[[ $look == *' err'* ]] ||
			grep -qxE "pq: cannot write to .+: ${texts[$error]}(; .+)?" err ||
			fail "$name: $error at write $n: not that is said: $(cat err)"
	done
	((n > 1)) || fail "$name: nothing was written"
	# The last one had no fault.
	((status == wanted)) && [ "$(eval "$look")" = "$whole" ] ||
		fail "$name: without a fault: status $status; $(cat err)"
}

every_sink_fails() {
	local name lost look command
	seq 30 >list
	while IFS=: read -r name lost look command; do
		fails_at_every_write "$1" "$name" "$lost" "$look" "$command"
	done <<<"$sinks"
}

@test "every sink: an I/O error at any write is told, and no success" {
	every_sink_fails EIO
}

@test "every sink: so is a full disk" {
	every_sink_fails ENOSPC
}

@test "every sink: so is a descriptor that is none" {
	every_sink_fails EBADF
}
