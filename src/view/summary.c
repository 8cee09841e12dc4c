/* The summary. See summary.h. */
#include "view/summary.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "stats.h"

#define LL(n) ((unsigned long long)(n))

/* From this share on workers count as busy all the time. */
#define BUSY 0.9

/* Three digits. */
static void add_number(struct buf *to, double n)
{
	buf_addf(to, n < 9.995 ? "%.2f" : n < 99.95 ? "%.1f" : "%.0f", n);
}

void summary_time(struct buf *to, double ns)
{
	static const struct { double size; const char *name; } units[] = {
		{ 1e9, "s" }, { 1e6, "ms" }, { 1e3, "us" }, { 1, "ns" },
	};
	unsigned long seconds = ns < 1e18 ? (unsigned long)(ns / 1e9 + 0.5) : 999999999;
	int i = 0;

	if (seconds >= 3600) {
		buf_addf(to, "%luh%02lum", seconds / 3600, seconds / 60 % 60);
	} else if (seconds >= 60) {
		buf_addf(to, "%lum%02lus", seconds / 60, seconds % 60);
	} else {
		while (i < 3 && ns < units[i].size * 0.9995)
			i++;
		add_number(to, ns / units[i].size);
		buf_addf(to, " %s", units[i].name);
	}
}

static void add_count(struct buf *to, int64_t n, const char *word)
{
	if (n)
		buf_addf(to, ", %llu %s", LL(n), word);
}

static void counts_line(struct buf *to, const struct snapshot *s)
{
	buf_addf(to, "jobs     %llu done, %llu failed", LL(s->count[STAT_SUCCEEDED]),
		LL(s->count[STAT_FAILED]));
	add_count(to, s->count[STAT_RETRIED], "tried again");
	add_count(to, s->count[STAT_DROPPED], "dropped (--overflow)");
	add_count(to, s->count[STAT_SEEN], "dropped (--unique)");
	add_count(to, s->count[STAT_LEFT_OUT], "dropped (-e)");
	add_count(to, s->count[STAT_COMMENTS], "left out (--comment)");
	add_count(to, s->count[STAT_ELSEWHERE], "left to other nodes (--shard)");
	add_count(to, snapshot_not_run(s), "stopped or not run");
	buf_addc(to, '\n');
}

static int64_t summary_finished(const struct snapshot *s)
{
	return s->count[STAT_SUCCEEDED] + s->count[STAT_FAILED];
}

static void time_line(struct buf *to, const struct snapshot *s)
{
	buf_adds(to, "time     ");
	summary_time(to, (double)s->elapsed);
	if (s->elapsed > 0) {
		buf_adds(to, ", ");
		add_number(to, (double)summary_finished(s) * 1e9 / (double)s->elapsed);
		buf_adds(to, " a second");
	}
	buf_addc(to, '\n');
}

static void spread_line(struct buf *to, const char *name, const struct spread *s)
{
	const struct { const char *name; int64_t value; } columns[] = {
		{ "p50", s->p50 }, { "p90", s->p90 }, { "p99", s->p99 }, { "max", s->max },
	};

	if (!s->count)
		return;
	buf_adds(to, name);
	for (int i = 0; i < 4; i++) {
		buf_addf(to, i ? ", %s " : "%s ", columns[i].name);
		summary_time(to, (double)columns[i].value);
	}
	buf_addc(to, '\n');
}

/* A mean of them, as it is mostly a whole number. */
static void summary_add_workers(struct buf *to, double workers)
{
	unsigned long tenths = (unsigned long)(workers * 10 + 0.5);

	buf_addf(to, tenths % 10 ? "%.1f" : "%.0f", workers);
}

static void workers_line(struct buf *to, const struct snapshot *s)
{
	if (s->elapsed <= 0 || s->wanted <= 0)
		return;
	buf_addf(to, "workers  %.0f%% busy of ", 100.0 * (double)s->busy / (double)s->wanted);
	summary_add_workers(to, (double)s->wanted / (double)s->elapsed);
	buf_addc(to, '\n');
}

static bool summary_is_busy(const struct snapshot *s)
{
	return s->wanted > 0 && (double)s->busy >= BUSY * (double)s->wanted;
}

/* By whose workers the input was held back, if by any. */
static void held_text(struct buf *to, const struct snapshot *s)
{
	const struct snapshot *busy = summary_is_busy(s) ? s : NULL;

	for (unsigned i = 0; i < s->ngroups; i++)
		if (summary_is_busy(&s->groups[i]))
			busy = &s->groups[i];
	buf_adds(to, busy ? "; the input was held back: more workers"
		: "; the input was held back, but not by the workers");
	if (busy && busy != s)
		buf_addf(to, busy->named ? " of %s" : " of section %s", busy->name);
	buf_adds(to, busy ? " would have been busy" : "");
}

/* Likewise where items come into a queue that others take from, too: how many such as this
 * one there would have to be. */
static void needed_there(struct buf *to, const struct snapshot *s, const struct measures *m,
	double each, double there)
{
	double rate = (double)m->came / (double)s->elapsed, load = rate * each;
	double whole = there > 0 ? load / there : 0;
	unsigned long consumers = whole < 1e9 ? (unsigned long)whole : 1000000000;

	if (!m->came) {
		buf_adds(to, "unknown: nothing was put into the queue meanwhile\n");
		return;
	}
	consumers += (double)consumers < whole;
	add_number(to, load);
	buf_adds(to, " for ");
	add_number(to, rate * 1e9);
	buf_adds(to, " a second that were put into the queue, of ");
	summary_time(to, each);
	buf_addf(to, ": %lu such consumer%s, of ", consumers, consumers == 1 ? "" : "s");
	summary_add_workers(to, there);
	buf_adds(to, consumers == 1 ? " workers, would do\n" : " workers\n");
}

/* How many workers the arrivals would have needed (Little's law: the mean number in
 * service is the rate of arrivals times the mean time of service). While the source is
 * held back its rate cannot be seen; it is at least what came. */
static void needed_line(struct buf *to, const struct snapshot *s, const struct measures *m)
{
	double each, load, rate, there;
	bool held = m->held > m->arriving / 100;

	if (!summary_finished(s) || s->busy <= 0 || s->wanted <= 0 || s->elapsed <= 0)
		return;
	each = (double)s->busy / (double)summary_finished(s);
	there = (double)s->wanted / (double)s->elapsed;
	buf_adds(to, "needed   ");
	if (m->shared) {
		needed_there(to, s, m, each, there);
		return;
	}
	if (s->count[STAT_BORN] < 2 || (!held && (double)m->arriving < each)) {
		buf_adds(to, "unknown: the input came all at once\n");
		return;
	}
	rate = (double)s->count[STAT_BORN] / (double)m->arriving;
	load = rate * each;
	buf_adds(to, held ? "at least " : "");
	add_number(to, load);
	buf_adds(to, held ? " for at least " : " for ");
	add_number(to, rate * 1e9);
	buf_adds(to, " a second of ");
	summary_time(to, each);
	if (held)
		held_text(to, s);
	else if (load > there)
		buf_adds(to, ": more than there were");
	else if (load <= there - 1)
		buf_adds(to, ": fewer would do");
	buf_addc(to, '\n');
}

static void queue_line(struct buf *to, const struct snapshot *s, const struct measures *m)
{
	buf_addf(to, "queue    %llu of %llu at most\n", LL(m->deepest), LL(s->size));
}

/* Each line of the text with the group before it. */
static void summary_mark(struct buf *to, const struct snapshot *group, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n") + 1;

		buf_addf(to, group->named ? "%s: " : "section %s: ", group->name);
		buf_add(to, text, len);
		text += len;
	}
}

void summary_group(struct buf *to, const struct snapshot *s, const struct measures *m,
	const char *more)
{
	struct buf text = { 0 };

	counts_line(&text, s);
	spread_line(&text, "runtime  ", &m->ran);
	spread_line(&text, "waiting  ", &m->waited);
	if (s->size) /* else it shares the queue */
		queue_line(&text, s, m);
	workers_line(&text, s);
	buf_adds(&text, more);
	summary_mark(to, s, buf_str(&text));
	buf_free(&text);
}

void summary_text(struct buf *to, const struct snapshot *s, const struct measures *m)
{
	counts_line(to, s);
	time_line(to, s);
	spread_line(to, "runtime  ", &m->ran);
	spread_line(to, "waiting  ", &m->waited);
	if (!s->ngroups || !s->groups->size) /* else each has one of its own */
		queue_line(to, s, m);
	workers_line(to, s);
	needed_line(to, s, m);
}
