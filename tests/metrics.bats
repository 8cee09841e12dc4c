# --metrics FILE.prom: counts and times for Prometheus.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
	command -v python3 >/dev/null || skip "no python3 to read it"
	cat >look.py <<-'END'
	import re, sys
	text = open(sys.argv[1]).read()
	assert text.endswith('\n')
	types, helps, values, closed, now = {}, {}, {}, set(), None
	for line in text.splitlines():
	    if line.startswith('#'):
	        _, what, family, rest = line.split(' ', 3)
	        assert re.fullmatch('pq_[a-z_]+', family) and rest, line
	        where = {'HELP': helps, 'TYPE': types}[what]
	        assert family not in where, line
	        where[family] = rest
	        if what == 'HELP':
	            closed.add(now)
	            now = family
	        continue
	    match = re.fullmatch(r'([a-z_]+)(?:\{(.*)\})? ([0-9.]+)', line)
	    assert match, line # and so there is no timestamp
	    name, labels, value = match[1], match[2] or '', float(match[3])
	    kind = types[now]
	    assert now in helps and now not in closed, line
	    assert name in ([now + end for end in ('_bucket', '_sum', '_count')]
	        if kind == 'histogram' else [now]), line
	    assert (kind == 'counter') == now.endswith('_total'), line
	    pairs = re.findall(r'([a-z]+)="([^"\\\n]*)"(?:,|$)', labels)
	    assert ','.join(f'{a}="{b}"' for a, b in pairs) == labels, line
	    assert not {'job', 'instance'} & {a for a, _ in pairs}, line
	    key = (name, *sorted(pairs))
	    assert key not in values, line
	    values[key] = value
	for family in [f for f, kind in types.items() if kind == 'histogram']:
	    for key in [k for k in values if k[0] == family + '_count']:
	        own = [k for k in values if k[0] == family + '_bucket'
	            and [p for p in k[1:] if p[0] != 'le'] == list(key[1:])]
	        ends = [float(dict(k[1:])['le']) for k in own]
	        counts = [values[k] for k in own]
	        assert ends == sorted(ends) and ends[-1] == float('inf')
	        assert counts == sorted(counts) and counts[-1] == values[key]
	def value(family, **labels): return values[(family, *sorted(labels.items()))]
	exec(sys.stdin.read())
	END
}

# look [FILE]: what the file holds is in the format, and as the python on stdin says.
look() {
	if command -v promtool >/dev/null; then
		run promtool check metrics <"${1:-m.prom}"
		assert_success
		refute_output
	fi
	python3 look.py "${1:-m.prom}"
}

@test "--metrics counts items by how they ended, attempts and retries, and times them" {
	run -123 --separate-stderr pq -j2 --metrics m.prom --retries 2 'test {} != 4' ::: {1..9}
	look <<-'END'
	assert value('pq_items_total', result='done') == 8
	assert value('pq_items_total', result='failed') == 1
	assert value('pq_items_total', result='released') == 0
	assert value('pq_items_total', result='dropped') == 0
	assert value('pq_attempts_total') == 10 and value('pq_retries_total') == 1
	assert value('pq_lost_total') == 0
	assert value('pq_job_duration_seconds_count') == value('pq_wait_seconds_count') == 10
	assert value('pq_job_duration_seconds_sum') > 0
	assert value('pq_queue_depth') == value('pq_running') == 0
	assert value('pq_workers') == 2 and value('pq_queue_size') >= 64
	assert value('pq_oldest_waiting_seconds') == 0
	assert value('pq_last_completion_timestamp_seconds') > value('pq_start_timestamp_seconds')
	END
}

@test "--metrics is written before anything runs, and again while the run goes on" {
	gate door
	background pq -j1 --metrics m.prom 'cp m.prom first; read x <door; : {}' ::: {1..5}
	wait_until grep -q '^pq_running 1$' m.prom # after five seconds
	look first <<-'END'
	assert value('pq_items_total', result='done') == 0 == value('pq_running')
	assert not [k for k in values if k[0] == 'pq_last_completion_timestamp_seconds']
	END
	cp m.prom second
	look second <<-'END'
	assert value('pq_queue_depth') == 4 and value('pq_attempts_total') == 0
	assert 0 < value('pq_oldest_waiting_seconds') < 1000
	END
	open_gate door
	wait $!
	look <<<"assert value('pq_items_total', result='done') == 5"
}

@test "--metrics goes on under --follow" {
	mkfifo in
	exec {in}<>in
	background pq --follow --metrics m.prom true <in
	printf 'a\nb\n' >&$in
	wait_until grep -q '^pq_items_total{result="done"} 2$' m.prom
	kill -TERM $!
	wait $! || :
	exec {in}>&-
}

@test "--metrics tells sections apart by the label name, and a run by --name" {
	run -123 --separate-stderr pq -j2 --metrics m.prom --name resize 'true {}' \
		--next --name audit 'exit 1; : {}' --next 'true {}' ::: a b c
	look <<-'END'
	assert value('pq_items_total', name='resize', result='done') == 3
	assert value('pq_items_total', name='audit', result='failed') == 3
	assert value('pq_attempts_total', name='3') == 3
	assert value('pq_wait_seconds_count', name='audit') == 3
	assert value('pq_queue_size', name='resize,audit,3') > 0
	assert all('name' in dict(k[1:]) for k in values)
	END
	pq --name thumbnails --metrics m.prom true ::: a b
	look <<-'END'
	assert value('pq_items_total', name='thumbnails', result='done') == 2
	assert all(dict(k[1:])['name'] == 'thumbnails' for k in values)
	END
	pq -j3 --metrics m.prom --weight 2 'true {}' --next --weight 1 'true {}' ::: a b
	look <<<"assert value('pq_workers', name='1,2') == 3"
}

@test "--metrics counts what was dropped, and by what" {
	pq --unique -j1 --metrics m.prom true ::: a b a a
	look <<-'END'
	assert value('pq_dropped_total', reason='unique') == 2
	assert value('pq_items_total', result='dropped') == 2
	END
	gate slow
	background pq -j1 -Q 2 --metrics m.prom --overflow drop-new 'read x <slow; : {}' ::: {1..9} \
		2>err
	wait_until at_rest $!
	open_gate slow
	wait $!
	look <<-'END'
	dropped = value('pq_dropped_total', reason='overflow')
	assert dropped > 0 and dropped + value('pq_items_total', result='done') == 9
	END
	run -123 --separate-stderr pq --metrics m.prom --match a 'true {}' --next --match b 'true {}' \
		::: a c
	look <<-'END'
	assert value('pq_items_total', name='1', result='done') == 1
	assert value('pq_items_total', name='1,2', result='failed') == 1 # no section's
	END
}

@test "--metrics counts attempts whose worker died with them" {
	cat >worker <<-'END'
	#!/bin/sh
	while read -r x; do
		if [ ! -e died ]; then : >died; kill -9 $$; fi
		echo "$x"
	done
	END
	chmod +x worker
	run --separate-stderr pq -j1 --prefetch 1 --metrics m.prom --persistent ./worker ::: a b
	assert_success
	look <<<"assert value('pq_lost_total') == 1 and value('pq_attempts_total') == 3"
}

@test "--metrics: of a queue that others share, how many wait there" {
	built_with SQLITE || skip 'without SQLite'
	pq --to sqlite:q.db ::: {1..9}
	pq --from sqlite:q.db -j1 --metrics m.prom 'cp -n m.prom first; : {}'
	look first <<<"assert not [k for k in values if k[0] == 'pq_queue_backlog']"
	look <<-'END'
	assert value('pq_queue_backlog') == 0
	assert value('pq_items_total', result='done') == 9
	END
}

@test "--metrics: a file that others may read, whole at every moment, and nothing beside it" {
	: >.m.prom.new # what a run that was killed has left
	(umask 077; pq --metrics m.prom 'ls -A; : {}' ::: a >list)
	assert_equal "$(stat -c %a m.prom)" 644
	assert_equal "$(sort list)" $'list\nlook.py\nm.prom'
	assert_equal "$(ls -A)" $'list\nlook.py\nm.prom'
	chmod 600 m.prom
	pq --metrics m.prom true ::: a
	assert_equal "$(stat -c %a m.prom)" 644
}

@test "--metrics that cannot be written: 74, and nothing is started" {
	run -74 --separate-stderr pq --metrics none/m.prom touch ::: started
	only_message \
		'cannot open the metrics none/m.prom: No such file or directory; nothing was started'
	mkdir dir.prom
	run -74 --separate-stderr pq --metrics dir.prom touch ::: started
	only_message 'cannot open the metrics dir.prom: Is a directory; nothing was started'
	mkfifo fifo.prom
	run -74 --separate-stderr pq --metrics fifo.prom touch ::: started
	only_message \
		'cannot open the metrics fifo.prom: nobody reads this FIFO yet; nothing was started'
	assert_not_exists started
}

@test "--metrics that can be written no more: that is told once, every job is done, and 74" {
	mkdir dir
	run -74 --separate-stderr pq -k -j1 --metrics dir/m.prom 'rm -rf dir; echo {}' ::: a b
	assert_output $'a\nb'
	only_message 'cannot write to dir/m.prom: No such file or directory; no job is stopped for that'
}

@test "--metrics refuses a name that the collector does not read, and files of other options" {
	refuses "--metrics: 'm.txt' is no name that ends in .prom; others are not read by the \
textfile collector" --metrics m.txt echo
	refuses '--trace m.prom: it is the file of --metrics, too; write to another file' \
		--trace m.prom --metrics m.prom echo
	refuses '--metrics with --dry-run: nothing is run that could be seen; leave it out' \
		--metrics m.prom --dry-run echo
	assert_not_exists m.prom
}
