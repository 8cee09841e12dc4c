/* The page of the report, from its head to its foot. */
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "config.h"
#include "events.h"
#include "group.h"
#include "view/report_data.h"
#include "view/report_text.h"

/* Bytes of HTML of a word, or of all but the last. */
enum { COMMAND = 4096 };

/* What is shorter than this share of the run is not worth a word. */
#define NOTABLE 0.02

static uint64_t page_count(const struct report_page *p, enum counter which)
{
	int64_t n = p->snap->count[which];

	return n > 0 ? (uint64_t)n : 0;
}

/* --- the head ------------------------------------------------------------ */

/* A word as a shell would read it. */
static void page_word(struct buf *to, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
		"%+,-./:=@_";
	bool quoted = !*word || word[strspn(word, plain)];

	buf_adds(to, quoted ? "'" : "");
	while (*word) {
		size_t len = strcspn(word, "'");

		report_escape_cut(to, word, len, COMMAND);
		word += len;
		if (*word == '\'') {
			buf_adds(to, "'\\''");
			word++;
		}
	}
	buf_adds(to, quoted ? "'" : "");
}

/* The command line, up to about so many bytes of HTML. */
static void page_command(const struct report_page *p, size_t most)
{
	char *const *word = p->report->rules.words;
	size_t from = p->to->len;
	uint64_t more = 0;

	buf_adds(p->to, "pq");
	while (*word && *++word && p->to->len - from < most) {
		buf_addc(p->to, ' ');
		page_word(p->to, *word);
	}
	while (*word && word[more])
		more++;
	if (!more)
		return;
	buf_adds(p->to, " \xe2\x80\xa6 and ");
	report_some(p->to, more, "more word");
}

/* "All 12 jobs failed"; where there would have been more: "12 jobs failed". */
static void page_all(const struct report_page *p, uint64_t n, const char *verb)
{
	bool whole = !p->report->stopped && !snapshot_not_run(p->snap);

	if (whole)
		buf_adds(p->to, n == 1 ? "The only " : "All ");
	if (whole && n == 1)
		buf_adds(p->to, p->noun);
	else
		report_some(p->to, n, p->noun);
	buf_addf(p->to, " %s", verb);
}

/* What became of the jobs. */
static void page_counts(const struct report_page *p)
{
	uint64_t done = page_count(p, STAT_SUCCEEDED), failed = page_count(p, STAT_FAILED);

	if (!done && !failed) {
		buf_adds(p->to, p->report->timeline.longest.slot ? "Nothing was run to its end"
			: "Nothing was run");
	} else if (!failed || !done) {
		page_all(p, done + failed, failed ? "failed" : "succeeded");
	} else {
		report_count(p->to, failed);
		buf_adds(p->to, " of ");
		report_some(p->to, done + failed, p->noun);
		buf_adds(p->to, " failed");
	}
}

/* What happened, in one sentence. */
static void page_sentence(const struct report_page *p)
{
	uint64_t left = (uint64_t)snapshot_not_run(p->snap);

	if (p->report->halted.len)
		buf_adds(p->to, "Ended early by --halt: ");
	else if (p->report->stopped)
		buf_adds(p->to, "Stopped early: ");
	page_counts(p);
	buf_adds(p->to, " in ");
	report_time(p->to, p->end);
	if (left) {
		buf_adds(p->to, "; ");
		report_count(p->to, left);
		buf_adds(p->to, left == 1 ? " was not run to its end" : " were not run to their end");
	}
	buf_adds(p->to, ".");
}

static void page_where(const struct report_page *p)
{
	char host[256] = "";

	buf_adds(p->to, "<p class=\"dim\">");
	report_date(p->to, events_begun_wall(p->report->rules.events));
	buf_adds(p->to, " to ");
	report_date(p->to, clock_wall());
	if (gethostname(host, sizeof host - 1) == 0 && *host) {
		buf_adds(p->to, " on ");
		report_escape(p->to, host, strlen(host));
	}
	buf_adds(p->to, "</p>\n");
}

static void page_figure(const struct report_page *p, const char *name, uint64_t n,
	const char *class, bool always)
{
	if (!n && !always)
		return;
	buf_addf(p->to, "<div><dt>%s</dt><dd class=\"%s\">", name, n ? class : "");
	report_count(p->to, n);
	buf_adds(p->to, "</dd></div>");
}

static void page_figures(const struct report_page *p)
{
	uint64_t over = page_count(p, STAT_SUCCEEDED) + page_count(p, STAT_FAILED);

	buf_adds(p->to, "<dl class=\"figures\">");
	page_figure(p, "succeeded", page_count(p, STAT_SUCCEEDED), "", true);
	page_figure(p, "failed", page_count(p, STAT_FAILED), "bad", true);
	page_figure(p, "tried again", page_count(p, STAT_RETRIED), "again", false);
	page_figure(p, "not run", (uint64_t)snapshot_not_run(p->snap), "again", false);
	page_figure(p, "dropped, queue full", page_count(p, STAT_DROPPED), "again", false);
	page_figure(p, "dropped, seen before", page_count(p, STAT_SEEN), "", false);
	page_figure(p, "dropped by -e", page_count(p, STAT_LEFT_OUT), "", false);
	page_figure(p, "done by an earlier run", page_count(p, STAT_BEFORE), "", false);
	buf_adds(p->to, "<div><dt>duration</dt><dd>");
	report_time(p->to, p->end);
	buf_addf(p->to, "</dd></div><div><dt>%ss a second</dt><dd>", p->noun);
	report_number(p->to, p->end > 0 ? (double)over * 1e9 / (double)p->end : 0);
	buf_adds(p->to, "</dd></div>");
	if (p->snap->wanted > 0) {
		buf_adds(p->to, "<div><dt>workers busy</dt><dd>");
		report_percent(p->to, (double)p->snap->busy / (double)p->snap->wanted);
		buf_adds(p->to, "</dd></div>");
	}
	buf_adds(p->to, "</dl>\n");
}

/* --- findings ------------------------------------------------------------ */

/* How long at the end there was one lane alone that ran anything; and which. */
static int64_t page_alone(const struct timeline *t, const struct timeline_lane **which)
{
	int64_t last = 0, before = 0;

	*which = NULL;
	for (unsigned k = 0; k < t->npools; k++) {
		for (size_t i = 0; i < t->pools[k].count; i++) {
			const struct timeline_lane *lane = &t->pools[k].lanes[i];

			if (lane->last > last) {
				before = last;
				last = lane->last;
				*which = lane;
			} else if (lane->last > before) {
				before = lane->last;
			}
		}
	}
	return before ? last - before : 0;
}

static void page_find_pole(const struct report_page *p)
{
	const struct timeline_job *job = &p->report->timeline.longest;
	const struct timeline_lane *last;
	int64_t alone = page_alone(&p->report->timeline, &last), took = job->to - job->from;

	if (!job->slot || p->end <= 0)
		return;
	buf_addf(p->to, "<li><b>Longest</b> %s ran for ", job->name ? job->name : "one");
	report_time(p->to, took);
	buf_adds(p->to, " (");
	report_percent(p->to, (double)took / (double)p->end);
	buf_adds(p->to, " of the run) on ");
	report_lane_name(p, p->to,
		&p->report->timeline.pools[job->pool].lanes[job->slot - 1]);
	if ((double)alone > NOTABLE * (double)p->end) {
		bool same = last->pool == job->pool && last->slot == job->slot
			&& last->last == job->to;

		buf_adds(p->to, same ? "; all waited for it at the end: it was the only one that ran for "
			"the last " : ". At the end nothing but ");
		if (!same)
			report_lane_name(p, p->to, last);
		buf_adds(p->to, same ? "" : " was busy, for ");
		report_time(p->to, alone);
	}
	buf_adds(p->to, ".</li>\n");
}

/* The lane that was busy least; how many there are that had anything to do. */
static const struct timeline_lane *page_least(const struct timeline *t, size_t *used)
{
	const struct timeline_lane *least = NULL;

	*used = 0;
	for (unsigned k = 0; k < t->npools; k++) {
		for (size_t i = 0; i < t->pools[k].count; i++) {
			const struct timeline_lane *lane = &t->pools[k].lanes[i];

			if (!lane->last)
				continue;
			++*used;
			if (!least || lane->busy < least->busy)
				least = lane;
		}
	}
	return least;
}

static void page_find_idle(const struct report_page *p)
{
	size_t used;
	const struct timeline_lane *least = page_least(&p->report->timeline, &used);

	if (!least || p->end <= 0)
		return;
	buf_adds(p->to, "<li><b>Idle</b> ");
	if (used < p->snap->workers) {
		report_count(p->to, p->snap->workers - used);
		buf_addf(p->to, " of %u slots never had anything to do. ", p->snap->workers);
	}
	buf_adds(p->to, used > 1 ? "Least busy was " : "Busy was ");
	report_lane_name(p, p->to, least);
	buf_adds(p->to, ", ");
	report_percent(p->to, (double)least->busy / (double)p->end);
	buf_adds(p->to, " of the time; its longest gap was ");
	report_time(p->to, least->gap);
	buf_adds(p->to, ", from ");
	report_time(p->to, least->gap_from);
	buf_adds(p->to, " on.</li>\n");
}

static void page_find_full(const struct report_page *p)
{
	const struct report *r = p->report;

	if (p->noun[0] == 'r')
		return; /* runs are as many as are wanted */
	buf_adds(p->to, "<li><b>Queue</b> ");
	if (r->full_to) {
		buf_adds(p->to, "It was full for ");
		report_time(p->to, r->held);
		buf_adds(p->to, " (");
		report_percent(p->to, (double)r->held / (double)p->end);
		buf_adds(p->to, " of the run), between ");
		report_time(p->to, r->full_from);
		buf_adds(p->to, " and ");
		report_time(p->to, r->full_to);
		buf_adds(p->to, ": reading the input was held back. ");
	} else {
		buf_adds(p->to, "It never held the input back. ");
	}
	buf_adds(p->to, "At most ");
	report_some(p->to, p->measures->deepest, p->noun);
	buf_adds(p->to, p->measures->deepest == 1 ? " was in it" : " were in it");
	if (p->snap->size && !p->snap->leased) {
		buf_adds(p->to, "; there was room for ");
		report_count(p->to, p->snap->size);
	}
	buf_adds(p->to, ".</li>\n");
}

static void page_findings(const struct report_page *p)
{
	buf_adds(p->to, "<section><h2>What stood out</h2>\n<ul class=\"findings\">\n");
	if (p->report->halted.len)
		buf_addf(p->to, "<li><b>Ended early</b> by --halt after %s.</li>\n",
			buf_str((struct buf *)&p->report->halted));
	page_find_pole(p);
	page_find_idle(p);
	page_find_full(p);
	report_holds(p);
	buf_adds(p->to, "</ul></section>\n");
}

/* --- all of it ----------------------------------------------------------- */

static void page_head(const struct report_page *p)
{
	buf_adds(p->to, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		"style-src 'unsafe-inline'\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<meta name=\"color-scheme\" content=\"light dark\">\n"
		"<meta name=\"generator\" content=\"pq " PQ_VERSION "\">\n<title>");
	page_sentence(p);
	buf_adds(p->to, "</title>\n<style>");
	for (const char *const *rules = report_style; *rules; rules++)
		buf_adds(p->to, *rules);
	buf_adds(p->to, "</style>\n</head>\n<body>\n<main>\n<header>\n<p class=\"command\"><code>");
	page_command(p, COMMAND / 8);
	buf_adds(p->to, "</code></p>\n<h1>");
	page_sentence(p);
	buf_adds(p->to, "</h1>\n");
	page_where(p);
	page_figures(p);
	buf_adds(p->to, "</header>\n");
}

static void page_foot(const struct report_page *p)
{
	buf_adds(p->to, "<section><h2>Command</h2>\n<pre>");
	page_command(p, COMMAND);
	buf_adds(p->to, "</pre></section>\n<footer>Written by pq " PQ_VERSION ", ");
	report_date(p->to, clock_wall());
	buf_adds(p->to, ".</footer>\n</main>\n</body>\n</html>\n");
}

void report_page(const struct report_page *p)
{
	page_head(p);
	report_timeline(p);
	page_findings(p);
	report_failures(p);
	report_spread(p);
	report_slowest(p);
	report_flaky(p);
	report_ends(p);
	report_groups(p);
	report_slots(p);
	page_foot(p);
}
