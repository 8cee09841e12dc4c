# --report: a page that shows what happened.
# Not with the thread sanitizer: it is the page that is tested.

load helper

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# page FILE: it is well-formed: what is opened is closed, in its order; it has no script, asks
# nobody for anything, and says what it is. What it says is in page.txt, a line for each
# element that has a text, and its elements in page.tags, "NAME attribute=value ...".
page() {
	[ "$(stat -c %s "$1")" -lt 2000000 ]
	python3 - "$1" <<-'END'
		import html.parser, re, sys
		VOID = {'meta', 'br', 'hr', 'img', 'link', 'input'}
		class Page(html.parser.HTMLParser):
		    def __init__(self):
		        super().__init__(convert_charrefs=True)
		        self.open, self.text, self.tags = [], [''], []
		    def handle_starttag(self, tag, attrs, closed=False):
		        names = [name for name, value in attrs]
		        assert len(set(names)) == len(names), (tag, attrs)
		        for name, value in attrs:
		            assert not name.startswith('on'), (tag, attrs)
		            assert name not in ('src', 'href', 'xlink:href', 'srcset'), (tag, attrs)
		            assert 'url(' not in (value or ''), (tag, attrs)
		        assert tag not in ('script', 'link', 'iframe', 'object', 'img', 'base', 'form'), tag
		        self.tags.append(' '.join([tag] + ['%s=%s' % a for a in attrs]))
		        if tag == 'th':
		            assert 'scope' in names, attrs
		        if tag == 'svg':
		            assert 'aria-label' in names or 'aria-hidden' in names, attrs
		        if not closed and tag not in VOID:
		            self.open.append(tag)
		    def handle_startendtag(self, tag, attrs):
		        self.handle_starttag(tag, attrs, True)
		    def handle_endtag(self, tag):
		        assert self.open and self.open[-1] == tag, (tag, self.open, self.getpos())
		        self.open.pop()
		        if tag not in ('b', 'span', 'i', 'code'):
		            self.text.append('')
		    def handle_data(self, data):
		        if self.open and self.open[-1] == 'style':
		            assert 'url(' not in data and '@import' not in data
		            return
		        assert self.open or not data.strip(), data
		        self.text[-1] += data.replace('\u00a0', ' ')
		    def handle_comment(self, data): assert False, data
		text = open(sys.argv[1], 'rb').read().decode()
		assert text.startswith('<!DOCTYPE html>\n<html lang="en">')
		assert not re.search('[\x00-\x08\x0b-\x1f\x7f]', text)
		p = Page()
		p.feed(text)
		p.close()
		assert not p.open, p.open
		assert 'meta http-equiv=Content-Security-Policy content=default-src \'none\'; style-src ' \
		    "'unsafe-inline'" in p.tags
		assert p.tags.count('h1') == 1 and p.tags.count('title') >= 1
		open('page.txt', 'w').write('\n'.join(t.strip() for t in p.text if t.strip()) + '\n')
		open('page.tags', 'w').write('\n'.join(p.tags) + '\n')
	END
}

# head_says FILE PATTERN: the page's first sentence. The time in it is T.
head_says() {
	local text
	text=$(sed -n 's/.*<h1>\(.*\)<\/h1>.*/\1/p' "$1" | sed -E 's/[0-9.]+\xc2\xa0[mµn]?s/T/')
	# shellcheck disable=SC2053 # it is a pattern
	[[ $text == $2 ]] || fail "$1 says: $text"
}

# ended TEXT: how many jobs the page says ended so.
ended() {
	sed -n "s|.*<tr><th scope=\"row\">$1</th><td class=\"n\">\([0-9,]*\)</td></tr>|\1|p" "$2" |
		tr -d ,
}

# bars CLASS FILE: how many bars of this class there are in the timeline.
bars() {
	sed -n '/<h2>Timeline/,/Running/p' "$2" | grep '<g transform' |
		grep -oE "<path class=\"$1\"" | wc -l
}

# --- what it says ---------------------------------------------------------

@test "--report says in a sentence what became of the jobs" {
	pq --report r.html true ::: a b c
	page r.html
	head_says r.html 'All 3 jobs succeeded in T.'
	run -123 pq --report r.html --quiet '[ {} != b ]' ::: a b c
	page r.html
	head_says r.html '1 of 3 jobs failed in T.'
	run -123 pq --report r.html --quiet false ::: a
	head_says r.html 'The only job failed in T.'
	pq --report r.html true </dev/null
	page r.html
	head_says r.html 'Nothing was run in T.'
}

@test "what the report counts is what the job log has" {
	local code
	run pq -j4 --report r.html --joblog log --retries 2 --retry-on 9 --timeout 10 --quiet \
		'case {} in *7) exit 3;; *8) kill -KILL $$;; *9) [ "$PQ_ATTEMPT" = 2 ] || exit 9;; esac' \
		::: {1..60}
	page r.html
	for code in 0 3; do
		assert_equal "$(ended "exit $code" r.html)" \
			"$(awk -v c=$code 'NR > 1 && $7 == c && $8 == 0' log | wc -l)"
	done
	assert_equal "$(ended 'killed by SIGKILL' r.html)" "$(awk 'NR > 1 && $8 == 9' log | wc -l)"
	assert_equal "$(ended 'exit 3' r.html)" 6
	assert_equal "$(bars d r.html)" 48 # 60 jobs, of which 12 failed
	assert_equal "$(bars f r.html)" 12
	assert_equal "$(bars r r.html)" 6
	grep -x 'item 9 .9.' page.txt # flaky
	grep -F 'Flaky: failed at first, then succeeded' page.txt
}

@test "the report has the longest job, and whether all others waited for it" {
	pq -j2 --report r.html sleep ::: 0 0.8 0.1 # a job
	page r.html
	grep -E "^Longest item 2 '0.8' ran for .* on slot [12]; all waited for it at the end" page.txt
	sed -n '/<h2>Timeline/,/Running/p' r.html >timeline
	assert_equal "$(grep -o '<path class="p"' timeline | wc -l)" 2 # it, and the legend
	grep -E '^▸ slot [12]$' page.txt
}

@test "the report has the slot that was busy least, and slots that had nothing to do" {
	pq -j3 --report r.html 'echo {} >>began
		until [ "$(wc -l <began)" = 2 ]; do :; done
		[ {} = 1 ] || sleep 0.5' ::: 1 2 # a job
	page r.html
	grep -E '^Idle 1 of 3 slots never had anything to do. Least busy was slot [12], ' page.txt
	grep -E 'its longest gap was [0-9.]+ m?s, from' page.txt
}

@test "the report tells when the queue was full, and that it was not" {
	seq 40 >list
	pq -j1 -Q4 --report r.html 'sleep 0.02; : {}' <list # a job
	page r.html
	grep -E '^Queue It was full for [0-9.]+ m?s \([0-9.]+ % of the run\), between ' page.txt
	grep -F 'there was room for 4.' page.txt
	grep -E 'full [0-9.]+ % of this time' page.txt
	pq --report r.html true ::: a
	page r.html
	grep -F 'It never held the input back.' page.txt
}

@test "the report tells why nothing was started though workers were free" {
	pq -j4 --rate 5/s --report r.html true ::: {1..4}
	page r.html
	grep -E '^Held back Workers were free, and nothing was started: --rate for ' page.txt
}

@test "the report has the first fifty failures with the end of what they printed" {
	run pq -j4 --report r.html --quiet 'echo "error in {}" >&2; exit 1' ::: {1..60}
	page r.html
	head_says r.html 'All 60 jobs failed in T.'
	assert_equal "$(grep -c '<details' r.html)" 50
	grep -x 'error in 50' page.txt
	! grep -x 'error in 51' page.txt || false
	grep -F 'And 10 more; --joblog FILE or --dead-letter FILE has all.' page.txt
}

@test "of a failure that is silent on stderr the report has the end of stdout" {
	run -123 pq -k --report r.html --quiet 'echo "out of {}"; test {} = a || echo "error in {}" >&2
		exit 1' ::: a b
	page r.html
	grep -x 'out of a' page.txt
	grep -x 'error in b' page.txt
	! grep -x 'out of b' page.txt || false
}

@test "of a long stderr the report has the last lines" {
	run -123 pq --report r.html --quiet 'seq 5000 >&2; exit 1' ::: a
	page r.html
	grep -x 5000 page.txt
	! grep -x 4000 page.txt || false
	[ "$(grep -cxE '4[0-9]{3}' page.txt)" -gt 300 ]
	! grep -xE '[0-9]{1,3}' <(sed -n '/^…/,/^5000/p' page.txt) || false # no line is torn
}

@test "several sections are told apart" {
	run pq --report r.html --quiet --name good -j2 true --next --name bad -j1 sh -c 'exit 4' \
		::: a b c
	page r.html
	head_says r.html '3 of 6 jobs failed in T.'
	grep -xE '(▸ )?good 1' page.txt
	grep -xF 'good, slot 1' page.txt
	grep -xE '(▸ )?bad 1' page.txt
	assert_equal "$(grep -A3 -xE 'bad' page.txt | head -3 | paste -sd ' ')" 'bad 0 3'
}

@test "a transform is reported in records" {
	seq 1000 | pq --report r.html -e 's/1/2/' >/dev/null
	page r.html
	head_says r.html 'All 1,000 records succeeded in T.'
	run pq --report r.html -j1 --quiet -e 's/(a+)+b/x/' <<<"good
$(printf 'a%.0s' {1..5000})"
	page r.html
	if [ "$status" -ne 0 ]; then
		head_says r.html '1 of 2 records failed in T.'
		grep -E "^item 2 a+…" page.txt
	fi
}

@test "workers that stay up are reported, too" {
	printf '%s\n' {1..20} | pq --report r.html -j2 --persistent cat >/dev/null
	page r.html
	head_says r.html 'All 20 jobs succeeded in T.'
	assert_equal "$(bars d r.html)" 20
}

@test "what waits at a worker for its turn is neither slow nor running in the report" {
	local slowest first='read -r x; sleep 1; echo "$x"' # a job
	seq 4 >list
	# Its first answer comes by itself.
	pq --report r.html --joblog log -j1 --persistent --prefetch 4 \
		"$first"'; until grep -q "^1" log; do :; done; exec cat' <list >out
	page r.html
	slowest=$(tail -n +2 log | sort -t $'\t' -k 4,4nr -s | cut -f 1 | head -n 1) # mostly 1
	assert_equal "$(sed -n '/^Slowest/,$p' page.txt | grep -oE "item [0-9] '" | head -n1)" \
		"item $slowest '"
	grep -qF 'Running over time, at most about 1"' r.html
}

@test "nothing is reported of --dry-run, nor of what is only moved" {
	pq --report r.html --dry-run true ::: a
	assert_file_not_exist r.html
	refuses_about '--report with --to' --report r.html --to sqlite:q.db
}

# --- data ----------------------------------------------------------------

@test "whatever is in an item or in what it prints is text in the report" {
	run pq -j1 --report r.html --quiet \
		'printf "%s\n\a\033[31mred\033[0m \033]0;t\a<b>\377\n" {} >&2; exit 1' \
		::: '</title><script>alert(1)</script>' '" onload="x' $'nl\nesc\033[2Jx' $'\xff\xfe' \
		$'\u202eright' '&lt;'
	page r.html
	grep -F "item 1 '</title><script>alert(1)</script>'" page.txt
	grep -F '&amp;lt;' r.html
	grep -xF '\x07red <b>\xff' page.txt
	grep -F "item 3 'nl\\nesc\\x1b[2Jx'" page.txt
	grep -F "item 4 '\\xff\\xfe'" page.txt
	! grep -F $'\u202e' r.html || false
}

@test "a name that is long is cut" {
	pq --report r.html ':' ::: "$(printf 'x%.0s' {1..20000})" \
		"$(printf '&%.0s' {1..20000})"
	page r.html
	[ "$(stat -c %s r.html)" -lt 40000 ]
}

@test "a command line that is long is cut, and what is left out counted" {
	pq --report r.html : ::: $(seq 20000)
	page r.html
	grep -E '… and [0-9,]+ more words' page.txt
	[ "$(grep -oF 19999 r.html | wc -l)" -eq 0 ]
}

@test "the report shows the command as it was given" {
	pq --report r.html echo "it's" ::: 'a b'
	page r.html
	grep -xF "pq --report r.html echo 'it'\\''s' ::: 'a b'" page.txt
}

# --- size ----------------------------------------------------------------

@test "up to five thousand attempts each is drawn, beyond that neighbours are one bar" {
	seq 5000 | pq -j2 --report r.html --persistent cat >/dev/null
	page r.html
	assert_equal "$(bars d r.html)" 5000
	seq 5001 | pq -j2 --report r.html --persistent cat >/dev/null
	page r.html
	[ "$(bars d r.html)" -le 512 ]
	head_says r.html 'All 5,001 jobs succeeded in T.'
	assert_equal "$(sed -n '/<h2>Slots/,$p' r.html |
		sed -nE 's|.*slot.+[12]</th><td class="n">([0-9,]+)</td>.*|\1|p' | tr -d , |
		paste -sd+ | bc)" 5001
}

@test "of many slots some are shown, and how many are not is said" {
	gate door
	background pq -j100 --report r.html 'echo {} >>began; read x <door' ::: {1..100}
	wait_until has_lines began 100
	open_gate door 100
	wait $!
	page r.html
	grep -xF '36 more slots not shown.' page.txt
	assert_equal "$(sed -n '/class="labels"/,/<\/ol>/p' r.html |
		grep -oE '<li[^>]*height' | wc -l)" 64
}

# --- the end --------------------------------------------------------------

@test "the report is written when --halt ends the run" {
	run -1 pq -j1 --halt now,fail=1 --report r.html '[ {} != 2 ]' ::: 1 2 3 4
	page r.html
	head_says r.html 'Ended early by --halt: 1 of 2 jobs failed in T; * not run to *.'
	grep -F "by --halt after item 2 '2' (exit 1)." page.txt
}

@test "the report is written when a signal ends the run, and by none that kills it" {
	local sig
	for sig in INT TERM; do
		rm -f began
		background env --default-signal "$PQ" -j1 --report "$sig.html" \
			'echo >began; exec sleep 100; : {}' ::: a b # a job
		wait_until test -e began
		assert_file_not_exist "$sig.html"
		kill -"$sig" $!
		wait_until gone $!
		page "$sig.html"
		head_says "$sig.html" \
			'Stopped early: Nothing was run to its end in T; * not run to *.'
	done
	rm began
	mkdir d
	echo old >d/r.html
	background "$PQ" --report d/r.html 'echo >began; exec sleep 100; : {}' ::: a
	wait_until test -e began
	kill -KILL $!
	wait_until gone $!
	assert_equal "$(cat d/r.html)" old
	assert_equal "$(ls -A d)" r.html
}

@test "where the report cannot be written nothing is started" {
	local file
	mkdir d
	for file in none/r.html d d/; do
		run -74 --separate-stderr pq --report "$file" 'touch started' ::: a
		tells "cannot open the report $file: " 'nothing was started'
	done
	assert_file_not_exist started
}

@test "a report that cannot be written at the end is told" {
	run -74 --separate-stderr pq --report /dev/full echo ::: a
	assert_output a
	only_message 'cannot write to /dev/full: No space left on device'
}

@test "the report is no other file of the run, nor its input" {
	echo a >list
	refuses_about 'it is the file of --report, too' --joblog r.html --report r.html true
	refuses_about 'it is the input, too' --report list true :::: list
	assert_equal "$(cat list)" a
}
