#!/bin/sh
# tests/rooms.sh [ROOT]: does the code stay in its rooms? TAP, one line per rule.
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

# --- the rules ------------------------------------------------------------

rules='spawn clone fork threads terminal signals backends stations base view action source
	retry pcre2 jansson sqlite guards comments columns length objects waiting'

says_spawn='posix_spawn is called in action/run/spawn.c alone'
rule_spawn() { only '\<posix_spawn' src/action/run/spawn.c; }
break_spawn() { echo 'int x = posix_spawn(0);' >>src/workers/worker.c; }

says_clone='clone is called in action/run/spawn.c alone'
rule_clone() { only '\<clone3? *\(' src/action/run/spawn.c; }
break_clone() { echo 'int x = clone(0);' >>src/action/run/running.c; }

says_fork='fork is called in action/run/running.c and init.c alone'
rule_fork() { only '\<v?fork *\(' src/action/run/running.c src/init.c; }
break_fork() { echo 'int x = fork();' >>src/action/run/spawn.c; }

says_threads='pthread functions are called in base/thread alone'
rule_threads() { only '\<pthread_([a-su-z]|t[a-z])' 'src/base/thread.[ch]'; }
break_threads() { echo 'int x = pthread_mutex_lock(0);' >>src/queue/queue.c; }

says_terminal='isatty is asked in view/progress.c alone'
rule_terminal() { only '\<isatty' src/view/progress.c; }
break_terminal() { echo 'int x = isatty(1);' >>src/main.c; }

# init.c is a process of its own: the first one of a container.
says_signals='signals are waited for in signals.c and init.c alone'
rule_signals() {
	only '\<(sigwait|sigwaitinfo|sigtimedwait|signalfd|sigsuspend)\>' src/signals.c src/init.c
}
break_signals() { echo 'int x = sigwaitinfo(0, 0);' >>src/pipeline.c; }

says_backends='which back-ends were built in is asked in one file each'
rule_backends() {
	only 'HAVE_(REDIS|HIREDIS|POSTGRES|LIBPQ)' src/source/source.c
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

says_base='base knows base alone'
rule_base() { may_include 'src/base/*' 'base/.*|config.h'; }
break_base() { echo '#include "item.h"' >>src/base/buf.c; }

says_view='view knows view, what is counted and measured, items and base alone'
rule_view() { may_include 'src/view/*' 'view/.*|base/.*|stats.h|item.h|config.h'; }
break_view() { echo '#include "queue.h"' >>src/view/progress.c; }

says_action='action knows action, items and base alone'
rule_action() { may_include 'src/action/*' 'action/.*|base/.*|item.h|config.h'; }
break_action() { echo '#include "options.h"' >>src/action/run/spawn.c; }

says_source='source knows source, items and base alone'
rule_source() { may_include 'src/source/*' 'source/.*|base/.*|item.h|config.h'; }
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
