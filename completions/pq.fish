# Completion of pq in fish, made by pq --completion fish.

# Of the words of a command line of pq, print the last command and what follows it.
function __pq_command
	set -l words $argv[2..]
	while set -l next (contains -i -- --next $words)
		set -e words[1..$next]
	end
	while set -q words[1]
		set -l word $words[1]
		if string match -q -- '-?*' $word
			set -e words[1]
			if test $word = --
				break
			else if contains -- $word -d --delimiter -a --arg-file --block --recstart --recend -L --group-by -n --max-args -N -s --max-chars -C --colsep --header --regex --validate --trim --max-item -E --skip-lines --comment --shard --order-by --from --to --unique-for --lease --keep --give-up --prefetch --stats --admin -Q --queue-size --queue-bytes --overflow --high-water -j -P --jobs --max-procs --priority --aging --key --key-jobs --rate --rate-key --delay --timeout --load --memfree --term-seq --drain --until --ready --recycle --shell-path -I -e --expression -f --file --nice --process-slot-var --deliver --match --topic --topic-key --weight --name --retries --backoff --poison --breaker --ack-on --retry-on --reject-on --dead-letter --halt --tagstring -o --output --results --journal --joblog --trace --metrics --junit --report --completion
				or string match -qr -- '^-[0lXxrcipkuthV]*[daLnNsCEQjPIefo]$' $word
				set -e words[1]
			end
		else
			break
		end
	end
	set -q words[1]; and printf '%s\n' $words
end

function __pq_no_command
	not __pq_command (commandline -opc) >/dev/null
end

function __pq_first_section
	__pq_no_command; and not contains -- --next (commandline -opc)
end

function __pq_complete_command
	set -l words (__pq_command (commandline -opc) (commandline -ct))
	set -q words[1]; or return
	set -l line (string join ' ' -- (string escape -- $words[..-2]) $words[-1])
	complete -C "$line"
end

complete -c pq -x -a '(__pq_complete_command)'
complete -c pq -n __pq_first_section -s 0 -l null -d 'items end with a NUL byte, not a newline'
complete -c pq -n __pq_first_section -s d -l delimiter -x -d 'items end with byte C (or \\t, \\x1f ...)'
complete -c pq -n __pq_first_section -s a -l arg-file -r -F -d 'read items from FILE; several are combined'
complete -c pq -n __pq_first_section -l content -d 'items name files: their content is the input'
complete -c pq -n __pq_first_section -l content-null -d 'with -e: records of a file end with a NUL byte'
complete -c pq -n __pq_first_section -l whole-file -d 'with -e: a file is one record, newlines and all'
complete -c pq -n __pq_first_section -l pipe -d 'blocks of records go to the jobs\' stdin'
complete -c pq -n __pq_first_section -l block -x -d 'bytes in a block (1M); -n N: N records instead'
complete -c pq -n __pq_first_section -l recstart -x -d 'a record of --pipe begins with STR'
complete -c pq -n __pq_first_section -l recend -x -d 'a record of --pipe ends with STR (\\n)'
complete -c pq -n __pq_first_section -l regexp -d '--recstart and --recend are expressions'
complete -c pq -n __pq_first_section -s L -x -d 'N lines in each job; with --pipe: in each record'
complete -c pq -n __pq_first_section -s l -l max-lines -d 'the same; 1 where N is left out'
complete -c pq -n __pq_first_section -l group-by -x -d 'lines alike in column COL are in one block'
complete -c pq -n __pq_first_section -l rrs -d 'blocks of --pipe without ends of records'
complete -c pq -n __pq_first_section -l cat -d 'a block of --pipe is in a file, whose name is {}'
complete -c pq -n __pq_first_section -l tee -d 'with --pipe: each job (of :::) reads all of it'
complete -c pq -n __pq_first_section -l round-robin -d 'with --pipe: -j jobs, each reads many blocks'
complete -c pq -n __pq_first_section -l link -d 'pair the sources up instead of combining them'
complete -c pq -n __pq_first_section -s n -l max-args -x -d 'N records in each job'
complete -c pq -n __pq_first_section -s N -x -d 'N records in each job, a word with {} for each'
complete -c pq -n __pq_first_section -s X -d 'as many records in each job as fit'
complete -c pq -n __pq_first_section -s s -l max-chars -x -d 'a command has N bytes at most'
complete -c pq -n __pq_first_section -s x -l exit -d 'end the run where a command would be too long'
complete -c pq -n __pq_first_section -l show-limits -d 'say how long a command may be, and go on'
complete -c pq -n __pq_first_section -s C -l colsep -x -d 'columns {1} {2} end with byte or expression RE'
complete -c pq -n __pq_first_section -l csv -d 'columns as in CSV files: commas, quotes'
complete -c pq -n __pq_first_section -l csv-strict -d 'a row of another width than the first fails'
complete -c pq -n __pq_first_section -l csv-lax -d 'a quote that ends no field is text'
complete -c pq -n __pq_first_section -l header -x -a ':' -d 'the first record names the columns: {name}'
complete -c pq -n __pq_first_section -l regex -x -d '{1} {2} are groups of RE; no match: failed'
complete -c pq -n __pq_first_section -l jsonl -d 'items are JSON objects: {name} is a member'
complete -c pq -n __pq_first_section -l validate -x -d 'an item that does not match has failed'
complete -c pq -n __pq_first_section -l trim -x -a 'n l r lr rl' -d 'drop white space around columns: n l r lr'
complete -c pq -n __pq_first_section -l max-item -x -d 'refuse a longer record (16M)'
complete -c pq -n __pq_first_section -s E -x -d 'the input ends where a record is STR'
complete -c pq -n __pq_first_section -l skip-first-line -d 'leave out the first record of each file'
complete -c pq -n __pq_first_section -l skip-lines -x -d 'leave out the first N lines of each file'
complete -c pq -n __pq_first_section -l comment -x -d 'leave out records that begin with STR'
complete -c pq -n __pq_first_section -s r -l no-run-if-empty -d 'leave out blank records'
complete -c pq -n __pq_first_section -l shuf -d 'random order; all input is read first'
complete -c pq -n __pq_first_section -l shard -x -d 'every N-th item from I; I/N,hash: by its hash'
complete -c pq -n __pq_first_section -l order-by -r -F -d 'longest of the last run first'
complete -c pq -n __pq_first_section -l unique -d 'drop items whose key T was seen before'
complete -c pq -n __pq_first_section -l from -r -F -d 'read from queue, -, file, FIFO, directory; several'
complete -c pq -n __pq_first_section -l to -x -d 'what jobs print, or else the input, goes there'
complete -c pq -n __pq_first_section -l follow -d 'do not end with the input: wait for more'
complete -c pq -n __pq_first_section -l unique-for -x -d 'with --to: keys of --unique count for T'
complete -c pq -n __pq_first_section -l lease -x -d 'who is silent for T loses its items (60)'
complete -c pq -n __pq_first_section -l keep -x -d 'keep the last N finished items, or those of T'
complete -c pq -n __pq_first_section -l give-up -x -d 'wait for a queue that is gone for T at most'
complete -c pq -n __pq_first_section -l durable -d 'refuse queues that may forget what they confirmed'
complete -c pq -n __pq_no_command -l prefetch -x -d 'claim or write N items ahead (as is fast enough)'
complete -c pq -n __pq_first_section -l stats -x -d 'show what is in a queue (--json, --watch)'
complete -c pq -n __pq_first_section -l watch -d 'with --stats: again every second'
complete -c pq -n __pq_first_section -l admin -x -d 'requeue-dead, purge-dead, drop, cap N, peek N ...'
complete -c pq -n __pq_first_section -s Q -l queue-size -x -d 'items alive at once (4 x jobs, at least 64)'
complete -c pq -n __pq_first_section -l queue-bytes -x -d 'bytes alive at once (64M)'
complete -c pq -n __pq_no_command -l overflow -x -a 'block drop-new drop-old reject fail' -d 'a full queue: block (or drop-new ... fail)'
complete -c pq -n __pq_first_section -l high-water -x -d 'warn when more than N, or N%, wait'
complete -c pq -n __pq_no_command -s j -s P -l jobs -l max-procs -x -d 'N, +N, -N, N% of CPUs, 0: most, MIN..MAX, FILE'
complete -c pq -n __pq_first_section -l priority -x -d 'lower numbers go first'
complete -c pq -n __pq_first_section -l aging -x -d 'each TIME of waiting lifts by one'
complete -c pq -n __pq_first_section -l key -x -d 'one at a time, and in order, of equal keys'
complete -c pq -n __pq_no_command -l key-jobs -x -d 'N at a time of equal keys'
complete -c pq -n __pq_first_section -l affinity -d 'a key prefers the worker that ran it last'
complete -c pq -n __pq_no_command -l rate -x -d 'at most N starts a second (s), minute (m) ...'
complete -c pq -n __pq_no_command -l rate-key -x -d 'the rate is for each T by itself'
complete -c pq -n __pq_first_section -l delay -x -d 'time between two starts'
complete -c pq -n __pq_no_command -l timeout -x -d 'end a job after T; N%: of the median runtime'
complete -c pq -n __pq_first_section -l load -x -d 'start none while N processes run (N, N%)'
complete -c pq -n __pq_first_section -l memfree -x -d 'start none while less memory is free'
complete -c pq -n __pq_first_section -l jobserver -d 'be a make jobserver for the jobs, of N slots (-j)'
complete -c pq -n __pq_no_command -l term-seq -x -d 'how a job is ended (TERM,CONT,1000,KILL)'
complete -c pq -n __pq_first_section -l drain -x -d 'time that SIGTERM leaves running jobs (8)'
complete -c pq -n __pq_no_command -l until -x -d 'its answer is all lines to one that begins so'
complete -c pq -n __pq_no_command -l ready -x -d 'write nothing before its line that begins so'
complete -c pq -n __pq_no_command -l recycle -x -d 'a new one after N items, or above SIZE of memory'
complete -c pq -n __pq_no_command -s c -l shell -d 'the words are one line for /bin/sh'
complete -c pq -n __pq_no_command -l no-shell -d 'never use a shell'
complete -c pq -n __pq_no_command -l shell-path -r -F -d 'the shell for lines (/bin/sh)'
complete -c pq -n __pq_first_section -s I -x -d 'what {} is called'
complete -c pq -n __pq_first_section -s i -l replace -d 'the same; {} where STR is left out'
complete -c pq -n __pq_no_command -s e -l expression -x -d 'transform: s/RE/TEXT/g /RE/ !/RE/ y/abc/xyz/ ...'
complete -c pq -n __pq_no_command -s f -l file -r -F -d 'steps from FILE'
complete -c pq -n __pq_first_section -l nice -x -d 'jobs run at niceness N'
complete -c pq -n __pq_first_section -s p -l interactive -d 'ask before each command: y runs it'
complete -c pq -n __pq_first_section -l tty -d 'one job at a time, which has the terminal'
complete -c pq -n __pq_first_section -l process-slot-var -x -d '{%} - 1 in the environment as NAME'
complete -c pq -n __pq_first_section -l in-place -d 'items name files: rewrite them'
complete -c pq -n __pq_no_command -l next -d 'another command begins, which gets the items, too'
complete -c pq -n __pq_first_section -l deliver -x -a 'all first' -d 'an item to all that fit, or to the first'
complete -c pq -n __pq_no_command -l match -x -d 'this command gets only items that match'
complete -c pq -n __pq_no_command -l topic -x -d 'only items of this topic: billing.*.eu, a.#'
complete -c pq -n __pq_first_section -l topic-key -x -d 'where the topic of an item is ({})'
complete -c pq -n __pq_no_command -l weight -x -d 'its share of workers that all commands share'
complete -c pq -n __pq_no_command -l name -x -d 'what {group} is; otherwise its number'
complete -c pq -n __pq_no_command -l persistent -a 'lines frames json' -d 'start the command once per worker, feed it items'
complete -c pq -n __pq_no_command -l retries -x -d 'try an item up to N times in all'
complete -c pq -n __pq_no_command -l backoff -x -d 'wait TIME..LONGEST before another attempt'
complete -c pq -n __pq_no_command -l poison -x -d 'reject an item that N workers died with (3)'
complete -c pq -n __pq_no_command -l breaker -x -d 'N%/COUNT,TIME: pause when too many fail'
complete -c pq -n __pq_no_command -l ack-on -x -d 'outcomes that mean done (0): 0,1,TERM,timeout'
complete -c pq -n __pq_no_command -l retry-on -x -d 'only these outcomes are tried again'
complete -c pq -n __pq_no_command -l reject-on -x -d 'outcomes that are never tried again'
complete -c pq -n __pq_no_command -l dead-letter -r -F -d 'what failed for good: to a file or a queue'
complete -c pq -n __pq_first_section -l halt -x -a 'now,fail=1 soon,fail=1 now,success=1 soon,success=1 now,done=1 soon,done=1 never' -d 'now|soon,fail|success|done=N|N%: stop early'
complete -c pq -n __pq_first_section -s k -l keep-order -d 'output in the order of the input'
complete -c pq -n __pq_no_command -s u -l ungroup -d 'jobs write straight to stdout and stderr'
complete -c pq -n __pq_no_command -l line-buffer -l lb -d 'output as it comes, in whole lines'
complete -c pq -n __pq_no_command -l group -d 'a job\'s output as one block (the default)'
complete -c pq -n __pq_no_command -l tag -d 'begin each line with the item and a tab'
complete -c pq -n __pq_no_command -l tagstring -x -d 'begin each line with template T and a tab'
complete -c pq -n __pq_first_section -l color -a 'auto always never' -d 'tags in their colours, failures in red'
complete -c pq -n __pq_first_section -s o -l output -r -F -d 'to FILE, not to standard output'
complete -c pq -n __pq_first_section -l json -a 'attempts' -d 'an object of JSON for each job (or attempt)'
complete -c pq -n __pq_first_section -l results -r -F -d 'output goes to files: DIR, template, F.csv .tsv .json'
complete -c pq -n __pq_first_section -l files -d 'what a job prints goes to a file, its name is printed'
complete -c pq -n __pq_first_section -s t -l verbose -d 'show each command on stderr'
complete -c pq -n __pq_first_section -l dry-run -d 'print the commands, run nothing'
complete -c pq -n __pq_first_section -l progress -l bar -l eta -a 'rows json' -d 'what is done, running, waiting'
complete -c pq -n __pq_first_section -l summary -d 'at the end: times, waiting, workers'
complete -c pq -n __pq_first_section -l quiet -d 'at the end, do not name the jobs that failed'
complete -c pq -n __pq_first_section -l resume -d 'run what --joblog does not have'
complete -c pq -n __pq_first_section -l resume-failed -d 'run what --joblog does not have, or has as failed'
complete -c pq -n __pq_first_section -l retry-failed -d 'run what failed by --joblog, from the log alone'
complete -c pq -n __pq_first_section -l journal -r -F -d 'the same command again does what is left'
complete -c pq -n __pq_first_section -l joblog -r -F -d 'a line for each job (+FILE: append)'
complete -c pq -n __pq_first_section -l trace -r -F -d 'who ran when, for Perfetto or speedscope'
complete -c pq -n __pq_first_section -l metrics -r -F -d 'counts and times for Prometheus, FILE.prom'
complete -c pq -n __pq_first_section -l junit -r -F -d 'a case for each job, in JUnit\'s XML, for CI'
complete -c pq -n __pq_first_section -l report -r -F -d 'a page that shows what happened when'
complete -c pq -n __pq_no_command -s h -l help -a 'all' -d 'this page; of one option, or of all'
complete -c pq -n __pq_no_command -s V -l version -d 'the version, and what is built in'
complete -c pq -n __pq_no_command -l completion -x -a 'bash zsh fish' -d 'print what completes pq\'s options in SHELL'
