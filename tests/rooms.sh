#!/bin/sh
# tests/rooms.sh [ROOT]: does the code stay in its rooms? TAP, one line per rule.
#
# Not with a sanitizer: it reads the source.
#
# Each rule is a function that prints the places where it is broken; comments do
# not count as code. Then every rule is shown to work: in a copy of the tree the
# rule is broken on purpose, and must notice.

set -u
LC_ALL=C
export LC_ALL
root=${1:-$(cd "$(dirname "$0")/.." && pwd)}
work=$(mktemp -d "${TMPDIR:-/tmp}/pq-rooms.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP

# --- what the rules look at -----------------------------------------------

# strip FILE: the code without its comments, line for line.
strip() {
	awk '{
		out = ""
		while (length($0)) {
			if (inside) {
				end = index($0, "*/")
				if (!end) break
				$0 = substr($0, end + 2)
				inside = 0
			} else if (match($0, /^[^"\047\/]+/) ||
					match($0, /^"([^"\\]|\\.)*"/) ||
					match($0, /^\047([^\047\\]|\\.)*\047/)) {
				out = out substr($0, 1, RLENGTH)
				$0 = substr($0, RLENGTH + 1)
			} else if (substr($0, 1, 2) == "/*") {
				inside = 1
				$0 = substr($0, 3)
			} else if (substr($0, 1, 2) == "//")
				break
			else {
				out = out substr($0, 1, 1)
				$0 = substr($0, 2)
			}
		}
		print out
	}' "$1"
}

sources() {
	find src -name '*.[ch]' | sort
}

# enter ROOT: stand in that tree, with its stripped source in $code; only what is newer
# than $work/mark is stripped, the rest is as in $work/whole.
enter() {
	cd "$1" || exit 1
	code=$work/code
	rm -rf "$code"
	[ ! -d "$work/whole" ] || cp -R "$work/whole" "$code"
	for file in $(find src -name '*.[ch]' ${2+-newer "$2"}); do
		mkdir -p "$code/${file%/*}"
		strip "$file" >"$code/$file"
	done
}

# only REGEX FILE...: where the code matches outside these files.
only() {
	regex=$1
	shift
	others=''
	for file in $(sources); do
		for allowed; do
			# shellcheck disable=SC2254
			case $file in $allowed) continue 2 ;; esac
		done
		others="$others $file"
	done
	# shellcheck disable=SC2086 # names without blanks
	(cd "$code" && grep -nE "$regex" $others /dev/null)
}

# includes FILE: the headers of ours that it includes, as paths below src.
includes() {
	sed -n 's/^#include "\(.*\)"/\1/p' "$code/$1" | while read -r name; do
		if [ -f "${1%/*}/$name" ]; then
			path=${1%/*}/$name
			echo "${path#src/}"
		else
			echo "$name"
		fi
	done | sed 's|^src/||'
}

# may_include FILES REGEX: what these files include beyond REGEX.
may_include() {
	for file in $(sources); do
		# shellcheck disable=SC2254
		case $file in $1) ;; *) continue ;; esac
		includes "$file" | grep -vE "^($2)\$" | sed "s|^|$file includes |"
	done
}

# needs [HEADER]: what each file of code needs, "reader desk/tray": names without .c and .h;
# HEADER is left aside. A header without a .c is what the files of a room share, a part of
# each that includes it.
needs() {
	for file in $(sources); do
		includes "$file" | grep -vxE "config\.h|${1-}" | sed "s|^|${file#src/} |"
	done | awk '
		function unit(name) { sub(/\.[ch]$/, "", name); return name }
		function expand(user, header,  i, n, all) {
			if (has_code[unit(header)]) {
				print unit(user), unit(header)
				return
			}
			n = split(needed[header], all, " ")
			for (i = 1; i <= n; i++)
				expand(user, all[i])
		}
		{ needed[$1] = needed[$1] " " $2 }
		$1 ~ /\.c$/ { has_code[unit($1)] = 1 }
		END {
			for (user in needed) {
				if (!has_code[unit(user)])
					continue
				n = split(needed[user], list, " ")
				for (k = 1; k <= n; k++)
					expand(user, list[k])
			}
		}' | sort -u
}

# circles <LINES: of lines "a b", a needs b, those that are part of a circle, or lie between
# two: who needs nothing, or is needed by nobody, is taken away until all are.
circles() {
	awk '
		$1 != $2 && !seen[$1, $2]++ { from[n] = $1; to[n++] = $2 }
		END {
			do {
				split("", needs)
				split("", needed)
				for (i = 0; i < n; i++)
					if (!gone[i]) {
						needs[from[i]] = 1
						needed[to[i]] = 1
					}
				changed = 0
				for (i = 0; i < n; i++)
					if (!gone[i] && !(needs[to[i]] && needed[from[i]]))
						gone[i] = changed = 1
			} while (changed)
			for (i = 0; i < n; i++)
				if (!gone[i])
					print from[i], "needs", to[i], "and that, in the end,", from[i]
		}'
}

# --- the rules ------------------------------------------------------------

rules='spawn clone fork threads terminal signals backends top stations circles room_circles
	base options desk queue workers policy broker source sink record view action sem pure retry
	pcre2 jansson sqlite hiredis openssl postgresql names guards comments columns length objects
	waiting'

says_spawn='posix_spawn is called in action/run/spawn.c alone'
rule_spawn() { only '\<posix_spawn' src/action/run/spawn.c; }
break_spawn() { echo 'int x = posix_spawn(0);' >>src/workers/worker.c; }

says_clone='clone is called in action/run/spawn.c alone'
rule_clone() { only '\<clone3? *\(' src/action/run/spawn.c; }
break_clone() { echo 'int x = clone(0);' >>src/action/run/running.c; }

says_fork='fork is called in action/run/running.c, sem/sem.c and init.c alone'
rule_fork() { only '\<v?fork *\(' src/action/run/running.c src/sem/sem.c src/init.c; }
break_fork() { echo 'int x = fork();' >>src/action/run/spawn.c; }

says_threads='pthread functions are called in base/thread alone'
rule_threads() { only '\<pthread_([a-su-z]|t[a-z])' 'src/base/thread.[ch]'; }
break_threads() { echo 'int x = pthread_mutex_lock(0);' >>src/queue/queue.c; }

says_terminal='isatty is asked in base/color.c, view/progress.c and view/prompt.c alone'
rule_terminal() { only '\<isatty' src/base/color.c src/view/progress.c src/view/prompt.c; }
break_terminal() { echo 'int x = isatty(1);' >>src/main.c; }

# init.c is a process of its own: the first one of a container.
says_signals='signals are waited for in signals.c and init.c alone'
rule_signals() {
	only '\<(sigwait|sigwaitinfo|sigtimedwait|signalfd|sigsuspend)\>' src/base/signals.c src/init.c
}
break_signals() { echo 'int x = sigwaitinfo(0, 0);' >>src/pipeline.c; }

says_backends='which back-ends were built in is asked in one file each'
rule_backends() {
	only 'HAVE_REDIS' src/base/redis.c
	only 'HAVE_OPENSSL' src/base/tls.c
	only 'HAVE_POSTGRES' src/base/postgresql.c
	only 'HAVE_SQLITE' src/base/sqlite.c
	only 'HAVE_JANSSON' src/base/json.c
}
break_backends() { printf '#ifdef HAVE_SQLITE\n#endif\n' >>src/reader.c; }

says_stations='no station knows another, but for the queue'
rule_stations() {
	for station in reader queue/queue workers/worker collector; do
		for file in "src/$station.c" "src/$station.h"; do
			[ ! -f "$file" ] || includes "$file" |
				grep -E '^(reader|queue/queue|workers/worker|collector|pipeline)\.h$' |
				grep -vxE "$station.h|queue/queue.h" | sed "s|^|$file includes |"
		done
	done
	[ ! -f src/collector.c ] || includes src/collector.c | grep -x queue/queue.h
}
break_stations() { echo '#include "reader.h"' >>src/workers/worker.c; }

says_top='the top level of src holds the stations and little else: under 30 files'
rule_top() { find src -maxdepth 1 -type f | sort | awk 'NR >= 30 { print NR ": " $0 }'; }
break_top() { touch src/one src/two src/three src/four src/five src/six src/seven src/eight; }

says_circles='no file needs one that needs it'
rule_circles() { needs | circles; }
break_circles() { echo '#include "collector.h"' >>src/item.c; }

# What is set up by the options reads them as they are, and they are made of the nouns of
# all rooms: options/options.h is left aside.
says_room_circles='no room needs one that needs it'
rule_room_circles() {
	needs options/options.h |
		awk '{ for (i = 1; i <= 2; i++) sub(/\/[^\/]*$/, "", $i); print }' | circles
}
break_room_circles() { echo '#include "desk/tray.h"' >>src/queue/tickets.c; }

says_base='base knows base alone'
rule_base() { may_include 'src/base/*' 'base/.*|config.h'; }
break_base() { echo '#include "item.h"' >>src/base/buf.c; }

says_view='view knows view, events, what is counted and measured, items and base alone'
rule_view() { may_include 'src/view/*' 'view/.*|base/.*|events.h|stats.h|item.h|group.h|config.h'; }
break_view() { echo '#include "queue.h"' >>src/view/progress.c; }

says_options='options know base, and of other rooms the nouns that they fill in'
rule_options() {
	may_include 'src/options/*' 'options/.*|base/.*|policy/.*|config.h|source/source.h|'\
'desk/columns.h|workers/jobs.h|broker/address.h|'\
'action/(template/(template|quote)|formula/formula|run/(answer|child)|transform/regex).h|'\
'view/results.h'
}
break_options() { echo '#include "pipeline.h"' >>src/options/help.c; }

says_desk='the desk knows sources, the queue, topics, templates, transforms, and no other station'
rule_desk() {
	may_include 'src/desk/*' 'desk/.*|base/.*|item.h|group.h|stats.h|options/options.h|'\
'source/source.h|queue/queue.h|action/(template|transform)/.*|policy/(topic|shard).h|config.h'
}
break_desk() { echo '#include "collector.h"' >>src/desk/tray.c; }

says_queue='the queue knows policy, templates for its keys, items and base alone'
rule_queue() {
	may_include 'src/queue/*' 'queue/.*|policy/.*|base/.*|item.h|options/options.h|'\
'action/template/.*|config.h'
}
break_queue() { echo '#include "workers/crew.h"' >>src/queue/queue.c; }

says_workers='workers know lives, the queue, actions, policy, counters, items and base alone'
rule_workers() {
	may_include 'src/workers/*' 'workers/.*|queue/queue.h|policy/.*|action/.*|base/.*|item.h|'\
'life.h|group.h|stats.h|options/options.h|config.h'
}
break_workers() { echo '#include "collector.h"' >>src/workers/worker.c; }

says_policy='policy knows policy, items and base alone'
rule_policy() { may_include 'src/policy/*' 'policy/.*|base/.*|item.h|config.h'; }
break_policy() { echo '#include "queue/queue.h"' >>src/policy/halt.c; }

says_pure='policy is pure: no clock is read, no lock taken, nothing written'
rule_pure() {
	(cd "$code" && grep -nE -e '#include <(stdio|unistd|time|poll|pthread)' \
		-e '#include "base/(io|msg|thread|sqlite)' \
		-e '\<(clock_now|clock_wall|lock_take|msg_[a-z]+)\(' src/policy/*.[ch])
}
break_pure() { echo 'int64_t x = clock_now();' >>src/policy/rate.c; }

says_sink='a sink knows sinks, brokers, items, the status and base alone'
rule_sink() { may_include 'src/sink/*' 'sink/.*|broker/.*|base/.*|item.h|group.h|config.h'; }
break_sink() { echo '#include "collector.h"' >>src/sink/outfile.c; }

says_record='what is on record knows no queue, no worker, no view'
rule_record() {
	may_include 'src/record/*' 'record/.*|base/.*|item.h|group.h|stats.h|reader.h|'\
'config.h|desk/(past|recall).h|source/rows.h|sink/.*|policy/.*|action/template/.*|options/options.h'
}
break_record() { echo '#include "view/results.h"' >>src/record/ledger.c; }

says_action='action knows action, how far ahead to write, items and base alone'
rule_action() {
	may_include 'src/action/*' 'action/.*|policy/(ahead|backoff|timeout).h|base/.*|item.h|config.h'
}
break_action() { echo '#include "options.h"' >>src/action/run/spawn.c; }

says_sem='a semaphore knows how many slots -j means, the guardian and base alone'
rule_sem() {
	may_include 'src/sem/*' 'sem/.*|base/.*|workers/jobs.h|action/run/running.h|config.h'
}
break_sem() { echo '#include "item.h"' >>src/sem/locks.c; }

says_broker='a broker knows brokers, the patterns of topics and base alone'
rule_broker() { may_include 'src/broker/*' 'broker/.*|policy/topic.h|base/.*|config.h'; }
break_broker() { echo '#include "item.h"' >>src/broker/broker.c; }

says_source='source knows source, brokers, expressions, items and base alone'
rule_source() {
	may_include 'src/source/*' 'source/.*|broker/.*|base/.*|item.h|config.h|'\
'action/transform/regex.h'
}
break_source() { echo '#include "reader.h"' >>src/source/records.c; }

says_retry='retry is pure: no clock, no lock, no input or output'
rule_retry() {
	may_include 'src/policy/retry.[ch]' 'policy/retry.h|item.h|base/parse.h'
	(cd "$code" && grep -nE '#include <(stdio|unistd|time|poll)' src/policy/retry.[ch])
}
break_retry() { echo '#include "base/clock.h"' >>src/policy/retry.c; }

says_pcre2='PCRE2 is known to action/transform/regex.c alone'
rule_pcre2() { only '\<pcre2|PCRE2_' src/action/transform/regex.c; }
break_pcre2() { echo '#include <pcre2.h>' >>src/action/template/template.c; }

says_jansson='jansson is known to base/json.c alone'
rule_jansson() { only '[<"]jansson\.h|\<json_t\>' src/base/json.c; }
break_jansson() { echo '#include <jansson.h>' >>src/source/dead.c; }

says_sqlite='SQLite is known to base/sqlite.c alone'
rule_sqlite() { only '<sqlite3|\<sqlite3_' src/base/sqlite.c; }
break_sqlite() { echo '#include <sqlite3.h>' >>src/record/journal.c; }

says_hiredis='hiredis is known to base/redis.c alone'
rule_hiredis() { only '<hiredis|\<redisReply|\<redisContext' src/base/redis.c; }
break_hiredis() { echo '#include <hiredis/hiredis.h>' >>src/broker/redis.c; }

says_openssl='OpenSSL is known to base/tls.c alone'
rule_openssl() { only '<openssl|\<SSL_[A-Za-z]+\>' src/base/tls.c; }
break_openssl() { echo '#include <openssl/ssl.h>' >>src/base/redis.c; }

says_postgresql='libpq is known to base/postgresql.c alone'
rule_postgresql() { only '<libpq|\<PQ[a-z]+[A-Z]?[A-Za-z]*\(|\<PGconn' src/base/postgresql.c; }
break_postgresql() { echo '#include <libpq-fe.h>' >>src/broker/postgresql.c; }

says_names='a function that one file has for itself has a name of its own'
rule_names() {
	for file in $(sources); do
		sed -n "s|^static [^;={}(]*\\<\\([a-z_0-9]*\\)(.*|\\1 $file|p" "$code/$file" | sort -u
	done | sort | awk '
		$1 == name { print name " is in " file " and in " $2 }
		{ name = $1; file = $2 }'
}
break_names() { echo 'static void twice(void)' | tee -a src/item.c >>src/stats.c; }

says_guards='every header has an include guard'
rule_guards() {
	for file in $(find src -name '*.h'); do
		awk -v file="$file" '
			/^#ifndef PQ_[A-Z0-9_]+_H$/ && !name { name = $2; next }
			/^#define / && $2 == name { defined = 1 }
			/./ { last = $0 }
			END { if (!defined || last !~ /^#endif/) print file ": no guard" }' "$file"
	done
}
break_guards() { sed -i.old 's/^#define PQ_ITEM_H//' src/item.h; }

says_comments='every file of src begins with a comment'
rule_comments() {
	for file in $(sources); do
		sed -n '1{/^\/\*/!s|^|'"$file"': |p;}' "$file"
	done
}
break_comments() { sed -i.old 1d src/item.h; }

written_files() {
	sources
	find tests -name '*.c' -o -name '*.sh' -o -name '*.bats' -o -name '*.bash'
	for file in configure Makefile tests/run tests/bench tests/demo; do
		[ ! -f "$file" ] || echo "$file"
	done
}

says_columns='no line is wider than 100 columns'
rule_columns() {
	for file in $(written_files); do
		expand -t 4 "$file" | awk -v file="$file" 'length > 100 { print file ":" NR ": " length }'
	done
}
break_columns() { printf '/* %0120d */\n' 0 >>src/item.h; }

says_length='no file of src is longer than 600 lines'
rule_length() {
	for file in $(sources); do
		awk -v file="$file" 'END { if (NR > 600) print file ": " NR " lines" }' "$file"
	done
}
break_length() { yes '' | head -600 >>src/item.c; }

says_objects='the Makefile builds every file of src, and no other'
rule_objects() {
	find src -name '*.c' | sed 's|^src/||; s|c$|o|' | sort >"$work/there"
	sed -n '/^OBJECTS/,/)$/p' Makefile | grep -o '[a-z0-9_/]*\.o' | sort >"$work/listed"
	comm -3 "$work/there" "$work/listed"
}
break_objects() { echo '/* new */' >src/new.c; }

# A job may sleep where the test kills it or its pq; the test itself may not. So
# `sleep` stands on a line with pq, or on one that says `# a job`.
says_waiting='no test waits by sleeping'
rule_waiting() {
	for file in tests/*.bats; do
		grep -nE '\<sleep\>' "$file" /dev/null |
			grep -vE ':[[:space:]]*#|\<pq\>|PQ|# a job' || true
		grep -nE '^[[:space:]]*sleep\>' "$file" /dev/null
	done
}
break_waiting() { printf '@test "x" {\n\tsleep 1\n}\n' >>tests/build.bats; }

# --- the run --------------------------------------------------------------

tests=0 failed=0

# verdict STATUS TEXT [FILE]: a line of TAP; FILE holds what is wrong.
verdict() {
	tests=$((tests + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tests - $2"
		return
	fi
	failed=1
	echo "not ok $tests - $2"
	[ $# -lt 3 ] || sed 's/^/# /' "$3"
}

# copy TREE TO: what the rules look at.
copy() {
	rm -rf "$2"
	mkdir "$2"
	(cd "$1" && tar -cf - configure Makefile src tests) | tar -C "$2" -xf -
}

# The tree may be changing while this runs; all rules look at one state of it. What is
# broken later is newer than the mark.
: >"$work/mark"
copy "$root" "$work/tree"
echo "1..$(echo "$rules $rules" | wc -w)"
enter "$work/tree"
cp -R "$code" "$work/whole"
for rule in $rules; do
	"rule_$rule" >"$work/found"
	eval "says=\$says_$rule"
	[ ! -s "$work/found" ]
	verdict $? "$says" "$work/found"
	wc -l <"$work/found" >"$work/found.$rule"
done

for rule in $rules; do
	copy "$work/tree" "$work/copy"
	cd "$work/copy" || exit 1
	"break_$rule"
	enter "$work/copy" "$work/mark"
	[ "$("rule_$rule" | wc -l)" -gt "$(cat "$work/found.$rule")" ]
	verdict $? "broken on purpose, it is noticed: $rule"
done

exit "$failed"
