/* The progress line, and the same for programs. See progress_line.h. */
#include "view/progress_line.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json_text.h"
#include "stats.h"
#include "view/progress_eta.h"

enum { BAR = 10, WIDEST_BAR = 40, PART = 64 };
/* From so many columns on there is room for a bar. */
enum { NARROW = 60 };

/* A part of the line: as it should be, and shorter for a narrow terminal. */
struct part {
	char full[PART], brief[PART];
	char least[PART]; /* or empty: it has no shorter form than the brief one */
	int importance; /* 0 is placed first */
	bool wanted;
};

enum { BARRED, DONE, FAILED, DROPPED, RETRYING, RUNNING, HELD, BEHIND, QUEUE, BACKLOG,
	BYTES, RATE, ELAPSED, ETA, PARTS };

#define LL(n) ((unsigned long long)(n))

static void count_part(struct part *p, int importance, int64_t n, const char *word, bool wanted)
{
	p->importance = importance;
	p->wanted = wanted;
	snprintf(p->full, PART, "%llu %s", LL(n), word);
	snprintf(p->brief, PART, "%llu%c", LL(n), word[0]);
}

static int64_t dropped(const struct snapshot *s)
{
	return s->count[STAT_DROPPED] + s->count[STAT_SEEN] + s->count[STAT_LEFT_OUT];
}

/* One that is there is seen, and one that is left as well. */
static void draw_bar(char *bar, int cells, uint64_t part, uint64_t whole)
{
	double share = whole ? (double)part / (double)whole : 0;
	int filled = share >= 1 ? cells : (int)(share * cells + 0.999999);

	if (share < 1 && filled == cells)
		filled--;
	bar[0] = '[';
	memset(bar + 1, '.', (size_t)cells);
	memset(bar + 1, '#', (size_t)filled);
	strcpy(bar + 1 + cells, "]");
}

/* A quarter of the line where the bar was asked for. */
static int bar_cells(const struct progress_state *p, size_t columns)
{
	if (!p->bar || columns < 4 * BAR)
		return BAR;
	return columns < 4 * WIDEST_BAR ? (int)columns / 4 : WIDEST_BAR;
}

/* How much of all there is has ended, well or not. */
static void bar_part(struct part *p, const struct progress_state *state, size_t columns)
{
	const struct snapshot *s = state->snap;
	char bar[WIDEST_BAR + 3];
	double most = s->total ? 100.0 * (double)eta_over(s) / (double)s->total : 0;
	int share = most < 100 ? (int)most : 100; /* a file may grow beyond what was counted */

	p->importance = 0;
	p->wanted = s->total > 0;
	draw_bar(bar, bar_cells(state, columns), (uint64_t)eta_over(s), s->total);
	snprintf(p->brief, PART, "%d%%", share);
	if (columns < NARROW && !state->bar)
		snprintf(p->full, PART, "%d%%", share);
	else
		snprintf(p->full, PART, "%s %d%%", bar, share);
}

static void done_part(struct part *p, const struct snapshot *s)
{
	int64_t done = s->count[STAT_SUCCEEDED];

	count_part(p, 1, done, "done", true);
	snprintf(p->brief, PART, "%llu", LL(done));
	if (!s->total || s->apart)
		return;
	snprintf(p->full, PART, "%llu of %s%llu done", LL(done), s->estimated ? "about " : "",
		LL(s->total));
	snprintf(p->brief, PART, "%llu/%llu", LL(done), LL(s->total));
	snprintf(p->least, PART, "%llu", LL(done));
}

/* A bar where there is no other. */
static void queue_part(struct part *p, const struct snapshot *s)
{
	char bar[BAR + 3];

	p->importance = 8;
	p->wanted = true;
	draw_bar(bar, BAR, s->depth, s->size);
	snprintf(p->brief, PART, "q%llu/%llu", LL(s->depth), LL(s->size));
	if (s->total)
		snprintf(p->full, PART, "queue %llu/%llu", LL(s->depth), LL(s->size));
	else
		snprintf(p->full, PART, "queue %s %llu/%llu", bar, LL(s->depth), LL(s->size));
}

const char *progress_time(char to[PROGRESS_TIME], double seconds, bool up)
{
	unsigned long t = seconds < 1e8 ? (unsigned long)(seconds + (up ? 0.5 : 0)) : 99999999;

	if (t >= 3600)
		snprintf(to, PROGRESS_TIME, "%luh%02lum", t / 3600, t / 60 % 60);
	else if (t >= 60)
		snprintf(to, PROGRESS_TIME, "%lum%02lus", t / 60, t % 60);
	else
		snprintf(to, PROGRESS_TIME, "%lus", t);
	return to;
}

static void eta_part(struct part *p, const struct progress_state *state)
{
	bool known = state->left >= 0;
	char when[PROGRESS_TIME];

	p->importance = state->eta ? 0 : 3;
	p->wanted = known ? eta_items_left(state->snap) > 0 : state->eta;
	snprintf(p->full, PART, "ETA %s", known ? progress_time(when, state->left, true) : "?");
	snprintf(p->brief, PART, "%s", p->full + (known ? 4 : 0));
}

static void elapsed_part(struct part *p, const struct snapshot *s)
{
	char time[PROGRESS_TIME];

	p->importance = 6;
	p->wanted = true;
	progress_time(time, (double)s->elapsed / CLOCK_SECOND, false);
	snprintf(p->brief, PART, "%s", time);
	snprintf(p->full, PART, "%s elapsed", time);
}

/* Until something may be started: a whole number that is never too small. */
static const char *progress_hold_time(char to[PROGRESS_TIME], const struct snapshot *s)
{
	return progress_time(to, (double)s->hold_for / CLOCK_SECOND + 0.999, false);
}

/* So many in the unit in which that is at least one. */
static void rate_hold(char to[PART], const struct snapshot *s)
{
	static const struct { double seconds; const char *name; } units[] = {
		{ 1, "s" }, { 60, "m" }, { 3600, "h" }, { 86400, "d" },
	};
	double each = (double)s->interval / CLOCK_SECOND;
	char when[PROGRESS_TIME];
	int i = 0;

	progress_hold_time(when, s);
	if (s->interval <= 0) {
		snprintf(to, PART, "rate: next in %s", when);
		return;
	}
	while (i < 3 && each > units[i].seconds * 1.001)
		i++;
	snprintf(to, PART, "rate %.3g/%s%s%s", units[i].seconds / each, units[i].name,
		s->hold_for > CLOCK_SECOND ? ", next in " : "",
		s->hold_for > CLOCK_SECOND ? when : "");
}

/* Why nothing is started; what waits to be tried again says so itself. */
static void hold_part(struct part *p, const struct snapshot *s)
{
	static const struct { const char *full, *brief; } what[HOLDS] = {
		[HOLD_RATE] = { "", "rate" }, [HOLD_DELAY] = { "delay: next in ", "delay" },
		[HOLD_KEY] = { "keys: one at a time", "keys" },
		[HOLD_BREAKER] = { "breaker open ", "breaker" },
		[HOLD_TRIAL] = { "breaker: on trial", "breaker" },
		[HOLD_LOAD] = { "held by --load", "load" },
		[HOLD_MEMORY] = { "held by --memfree", "memfree" },
		[HOLD_JOBSERVER] = { "held by the jobserver", "jobserver" },
		[HOLD_PAUSED] = { "paused", "paused" } };
	bool timed = s->hold == HOLD_DELAY || s->hold == HOLD_BREAKER;
	char when[PROGRESS_TIME] = "";

	p->importance = 5;
	p->wanted = s->hold != HOLD_NONE && s->hold != HOLD_RETRY;
	if (!p->wanted)
		return;
	if (timed)
		progress_hold_time(when, s);
	snprintf(p->full, PART, "%s%s", what[s->hold].full, when);
	if (s->hold == HOLD_RATE)
		rate_hold(p->full, s);
	snprintf(p->brief, PART, "%s", what[s->hold].brief);
}

/* What was read and is not done by the group. */
static uint64_t group_left(const struct snapshot *group)
{
	return group->depth + (uint64_t)group->count[STAT_RUNNING];
}

/* Is there next to no room for more, so that nothing is read for the others, either? */
static bool group_holds(const struct snapshot *group)
{
	uint64_t left = group_left(group);

	return !group->drops && group->size && left + left / 8 >= group->size;
}

/* The group for which most waits, where that is much more than for any other. */
static void behind_part(struct part *p, const struct snapshot *s)
{
	const struct snapshot *last = s->groups;
	uint64_t others = 0;

	for (unsigned i = 1; i < s->ngroups; i++) {
		const struct snapshot *g = &s->groups[i];
		uint64_t less = g->depth > last->depth ? last->depth : g->depth;

		others = less > others ? less : others;
		last = g->depth > last->depth ? g : last;
	}
	p->importance = 5;
	p->wanted = s->ngroups && last->depth > 2 * others;
	if (!p->wanted)
		return;
	snprintf(p->brief, PART, "%s%.24s: %llu behind", last->named ? "" : "section ", last->name,
		LL(group_left(last)));
	snprintf(p->full, PART, "%s%.*s", group_holds(last) ? "held up by " : "", PART / 2 + 16,
		p->brief);
	snprintf(p->least, PART, "%.24s:%llu", last->name, LL(group_left(last)));
}

static void retrying_part(struct part *p, const struct snapshot *s)
{
	int64_t n = s->count[STAT_RETRYING];
	char when[PROGRESS_TIME];

	count_part(p, 7, n, "retrying", n > 0);
	if (s->hold != HOLD_RETRY)
		return;
	snprintf(p->full, PART, "%llu retrying, next in %s", LL(n), progress_hold_time(when, s));
	snprintf(p->brief, PART, "%llu retrying", LL(n));
	p->importance = 5;
}

/* A size in three digits: of what. */
static void put_bytes(char to[PART], double bytes, const char *after)
{
	static const char units[][3] = { "B", "kB", "MB", "GB", "TB", "PB" };
	int i = 0;

	while (i < 5 && bytes >= 999.5) {
		bytes /= 1000;
		i++;
	}
	snprintf(to, PART, i && bytes < 9.95 ? "%.1f %s%s" : "%.0f %s%s", bytes, units[i], after);
}

/* Of what is read for its bytes. */
static void bytes_part(struct part *p, const struct snapshot *s)
{
	char done[PART], all[PART];

	p->importance = 9;
	p->wanted = s->by_bytes && s->bytes > 0;
	put_bytes(done, (double)s->bytes, "");
	put_bytes(all, (double)s->bytes_total, "");
	if (s->bytes_total)
		snprintf(p->full, PART, "%.20s of %.20s", done, all);
	else
		snprintf(p->full, PART, "%s", done);
	snprintf(p->brief, PART, "%s", done);
}

static void rate_part(struct part *p, const struct progress_state *state)
{
	p->importance = 9;
	p->wanted = eta_over(state->snap) > 0;
	if (state->snap->by_bytes && state->snap->bytes > 0)
		put_bytes(p->full, state->bytes_rate, "/s");
	else
		snprintf(p->full, PART, state->rate < 10 ? "%.1f/s" : "%.0f/s", state->rate);
	snprintf(p->brief, PART, "%s", p->full);
}

static void make_parts(struct part *part, const struct progress_state *state, size_t columns)
{
	const struct snapshot *s = state->snap;
	int64_t backlog = (int64_t)s->total - s->count[STAT_BORN] - s->count[STAT_UNBORN];

	bar_part(&part[BARRED], state, columns);
	done_part(&part[DONE], s);
	queue_part(&part[QUEUE], s);
	elapsed_part(&part[ELAPSED], s);
	eta_part(&part[ETA], state);
	hold_part(&part[HELD], s);
	behind_part(&part[BEHIND], s);
	count_part(&part[FAILED], 2, s->count[STAT_FAILED], "failed", true);
	count_part(&part[RUNNING], 4, s->count[STAT_RUNNING], "running", true);
	retrying_part(&part[RETRYING], s);
	count_part(&part[DROPPED], 10, dropped(s), "dropped", dropped(s) > 0);
	if (s->leased)
		count_part(&part[BACKLOG], 6, (int64_t)s->backlog, "to claim", true);
	else
		count_part(&part[BACKLOG], 11, backlog > 0 ? backlog : 0, "to read",
			backlog > 0 && !s->estimated);
	bytes_part(&part[BYTES], s);
	rate_part(&part[RATE], state);
}

/* Give each part, the most important first, as much as there is left. */
static void fit(const struct part *part, const char **text, size_t columns)
{
	size_t used = 0;

	for (int importance = 0; importance < PARTS; importance++)
		for (int i = 0; i < PARTS; i++) {
			size_t gap = used ? 2 : 0;
			size_t left = columns > used + gap ? columns - used - gap : 0;

			if (part[i].importance != importance || !part[i].wanted)
				continue;
			if (strlen(part[i].full) <= left)
				text[i] = part[i].full;
			else if (strlen(part[i].brief) <= left)
				text[i] = part[i].brief;
			else if (*part[i].least && strlen(part[i].least) <= left)
				text[i] = part[i].least;
			if (text[i])
				used += gap + strlen(text[i]);
		}
}

void progress_line(struct buf *line, const struct progress_state *state, size_t columns)
{
	struct part part[PARTS] = { 0 };
	const char *text[PARTS] = { 0 };
	size_t from = line->len;

	make_parts(part, state, columns);
	fit(part, text, columns);
	for (int i = 0; i < PARTS; i++) {
		if (!text[i])
			continue;
		if (line->len > from)
			buf_adds(line, "  ");
		buf_adds(line, text[i]);
	}
}

static const char *const holds[HOLDS] = { [HOLD_RETRY] = "retry", [HOLD_RATE] = "rate",
	[HOLD_DELAY] = "delay", [HOLD_KEY] = "key", [HOLD_BREAKER] = "breaker",
	[HOLD_TRIAL] = "trial", [HOLD_LOAD] = "load", [HOLD_MEMORY] = "memfree",
	[HOLD_JOBSERVER] = "jobserver", [HOLD_PAUSED] = "pause" };

static void add_group(struct buf *line, const struct snapshot *s)
{
	const struct { const char *name; uint64_t value; } numbers[] = {
		{ "done", (uint64_t)s->count[STAT_SUCCEEDED] },
		{ "failed", (uint64_t)s->count[STAT_FAILED] },
		{ "dropped", (uint64_t)s->count[STAT_DROPPED] },
		{ "retrying", (uint64_t)s->count[STAT_RETRYING] },
		{ "running", (uint64_t)s->count[STAT_RUNNING] },
		{ "queued", s->depth },
		{ "born", (uint64_t)s->count[STAT_BORN] },
	};

	buf_adds(line, "{\"group\":");
	if (s->named)
		json_text_quoted(line, s->name, strlen(s->name));
	else
		buf_adds(line, s->name);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		buf_addf(line, ",\"%s\":%llu", numbers[i].name, LL(numbers[i].value));
	if (s->hold)
		buf_addf(line, ",\"held\":\"%s\"", holds[s->hold]);
	buf_addc(line, '}');
}

static void add_groups(struct buf *line, const struct snapshot *s)
{
	buf_adds(line, ",\"groups\":[");
	for (unsigned i = 0; i < s->ngroups; i++) {
		buf_adds(line, i ? "," : "");
		add_group(line, &s->groups[i]);
	}
	buf_addc(line, ']');
}

/* When something may be started again, if that is known. */
static void add_next(struct buf *line, const struct snapshot *s)
{
	bool known = s->hold == HOLD_RETRY || s->hold == HOLD_RATE || s->hold == HOLD_DELAY
		|| s->hold == HOLD_BREAKER;

	buf_addf(line, ",\"held\":\"%s\"", holds[s->hold]);
	if (known && s->hold_for < INT64_MAX)
		buf_addf(line, ",\"next\":%.1f", (double)s->hold_for / CLOCK_SECOND);
}

static void add_unless(struct buf *line, const char *name, bool unknown, const char *format,
	double value)
{
	buf_addf(line, ",\"%s\":", name);
	if (unknown)
		buf_adds(line, "null");
	else
		buf_addf(line, format, value);
}

void progress_json(struct buf *line, const struct progress_state *state)
{
	const struct snapshot *s = state->snap;
	const struct { const char *name; uint64_t value; } numbers[] = {
		{ "done", (uint64_t)s->count[STAT_SUCCEEDED] },
		{ "failed", (uint64_t)s->count[STAT_FAILED] },
		{ "dropped", (uint64_t)dropped(s) },
		{ "retrying", (uint64_t)s->count[STAT_RETRYING] },
		{ "running", (uint64_t)s->count[STAT_RUNNING] },
		{ "depth", s->depth }, { "size", s->size },
		{ "born", (uint64_t)s->count[STAT_BORN] },
	};

	buf_addf(line, "{\"elapsed\":%.3f", (double)s->elapsed / CLOCK_SECOND);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		buf_addf(line, ",\"%s\":%llu", numbers[i].name, LL(numbers[i].value));
	if (s->leased)
		buf_addf(line, ",\"backlog\":%llu", LL(s->backlog));
	add_unless(line, "total", !s->total, "%.0f", (double)s->total);
	if (s->estimated && s->total)
		buf_adds(line, ",\"estimated\":true");
	add_unless(line, "rate", false, "%.3f", state->rate);
	add_unless(line, "eta", state->left < 0, "%.1f", state->left);
	if (s->bytes) {
		buf_addf(line, ",\"bytes\":%llu", LL(s->bytes));
		add_unless(line, "bytes_total", !s->bytes_total, "%.0f", (double)s->bytes_total);
		add_unless(line, "bytes_rate", false, "%.0f", state->bytes_rate);
	}
	if (s->hold)
		add_next(line, s);
	if (s->ngroups)
		add_groups(line, s);
	buf_adds(line, "}\n");
}

