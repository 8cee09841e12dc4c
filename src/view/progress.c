/* The progress view. See progress.h. */
#include "view/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json_text.h"
#include "base/mem.h"
#include "base/msg.h"
#include "stats.h"
#include "view/prompt.h"

#define LIVE (100 * CLOCK_MS)
#define PLAIN (10 * CLOCK_SECOND)
/* The rate forgets: what happened this long ago weighs 1/e. */
#define MEMORY (5.0 * CLOCK_SECOND)

enum { BAR = 10, WIDEST = 1000, USUAL = 80, PART = 64 };
/* From so many columns on there is room for a bar. */
enum { NARROW = 60 };

struct progress {
	bool live, json;
	bool mute;        /* others write to the same terminal as they like */
	int64_t last;     /* elapsed time of the last frame */
	int64_t over;     /* items by then */
	double rate;      /* items per second */
};

struct progress *progress_open(bool json, bool others_write)
{
	struct progress *p = mem_zero(sizeof *p);

	p->json = json;
	p->mute = !json && others_write && isatty(STDERR_FILENO);
	p->live = !json && !p->mute && prompt_can_redraw(STDERR_FILENO);
	return p;
}

int64_t progress_interval(const struct progress *p)
{
	return p->live ? LIVE : p->json ? CLOCK_SECOND : PLAIN;
}

bool progress_shares_terminal(const struct progress *p, int fd)
{
	return p->live && isatty(fd);
}

/* A part of the line: as it should be, and shorter for a narrow terminal. */
struct part {
	char full[PART], brief[PART];
	char least[PART]; /* or empty: it has no shorter form than the brief one */
	int importance; /* 0 is placed first */
	bool wanted;
};

enum { BARRED, DONE, FAILED, DROPPED, RETRYING, RUNNING, HELD, BEHIND, QUEUE, BACKLOG, RATE,
	ELAPSED, ETA, PARTS };

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

/* Items that nobody has to see to any more. */
static int64_t over(const struct snapshot *s)
{
	return s->count[STAT_OVER] + s->count[STAT_UNBORN];
}

static double left_over(const struct snapshot *s)
{
	double left = (double)s->total - (double)over(s);

	return s->total && left > 0 ? left : 0;
}

/* One that is there is seen. */
static void draw_bar(char bar[BAR + 3], uint64_t part, uint64_t whole)
{
	double share = whole ? (double)part / (double)whole : 0;
	int filled = share >= 1 ? BAR : (int)(share * BAR + 0.999999);

	bar[0] = '[';
	memset(bar + 1, '.', BAR);
	memset(bar + 1, '#', (size_t)filled);
	strcpy(bar + 1 + BAR, "]");
}

/* How much of all there is has ended, well or not. */
static void bar_part(struct part *p, const struct snapshot *s, size_t columns)
{
	char bar[BAR + 3];
	double most = s->total ? 100.0 * (double)over(s) / (double)s->total : 0;
	int share = most < 100 ? (int)most : 100; /* a file may grow beyond what was counted */

	p->importance = 0;
	p->wanted = s->total > 0;
	draw_bar(bar, (uint64_t)over(s), s->total);
	snprintf(p->brief, PART, "%d%%", share);
	if (columns < NARROW)
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
	draw_bar(bar, s->depth, s->size);
	snprintf(p->brief, PART, "q%llu/%llu", LL(s->depth), LL(s->size));
	if (s->total)
		snprintf(p->full, PART, "queue %llu/%llu", LL(s->depth), LL(s->size));
	else
		snprintf(p->full, PART, "queue %s %llu/%llu", bar, LL(s->depth), LL(s->size));
}

/* A time in two units at most: "59s", "8m24s", "1h02m". */
static void put_time(char *to, size_t size, double seconds, bool up)
{
	unsigned long t = seconds < 1e8 ? (unsigned long)(seconds + (up ? 0.5 : 0)) : 99999999;

	if (t >= 3600)
		snprintf(to, size, "%luh%02lum", t / 3600, t / 60 % 60);
	else if (t >= 60)
		snprintf(to, size, "%lum%02lus", t / 60, t % 60);
	else
		snprintf(to, size, "%lus", t);
}

/* How long nothing will be done at all. */
static int64_t idle(const struct snapshot *s)
{
	bool known = s->hold == HOLD_RETRY || s->hold == HOLD_BREAKER;

	return known && s->count[STAT_RUNNING] == 0 ? s->hold_for : 0;
}

/* What is left takes the workers so long, if it is like what has ended: its running time,
 * less what the running ones have had, shared by as many as are at work at the same time.
 * Workers that had nothing to do, for whatever reason, will not have more. Below 0: nobody
 * knows. */
static double time_left(const struct snapshot *s)
{
	double left = left_over(s), had = (double)s->under_way, each, work, workers;

	if (!s->total || !s->count[STAT_OVER] || s->busy <= 0 || s->wanted <= 0)
		return s->total && left <= 0 ? 0 : -1;
	each = (double)s->busy / (double)s->count[STAT_OVER];
	work = left * each > had ? left * each - had : 0;
	workers = s->workers * ((double)s->busy + had) / (double)s->wanted;
	if (workers > left)
		workers = left;
	return workers > 0 ? (work / workers + (double)idle(s)) / CLOCK_SECOND : 0;
}

/* Groups with workers of their own go at their own pace: the run ends with the last one. */
static double run_left(const struct snapshot *s)
{
	double most = 0;

	for (unsigned i = 0; i < s->ngroups; i++) {
		const struct snapshot *g = &s->groups[i];
		double left = g->total || !s->total ? time_left(g) : 0;

		if (g->wanted <= 0) /* they share them */
			return time_left(s);
		if (left < 0)
			return left;
		most = left > most ? left : most;
	}
	return s->ngroups ? most : time_left(s);
}

static void eta_part(struct part *p, const struct snapshot *s)
{
	double left = run_left(s);

	p->importance = 4;
	p->wanted = left >= 0 && left_over(s) > 0;
	snprintf(p->full, PART, "ETA ");
	put_time(p->full + 4, PART - 4, left, true);
	snprintf(p->brief, PART, "%s", p->full + 4);
}

static void elapsed_part(struct part *p, const struct snapshot *s)
{
	char time[PART / 2];

	p->importance = 6;
	p->wanted = true;
	put_time(time, sizeof time, (double)s->elapsed / CLOCK_SECOND, false);
	snprintf(p->brief, PART, "%s", time);
	snprintf(p->full, PART, "%s elapsed", time);
}

/* Why nothing is started; what waits to be tried again says so itself. */
static void hold_part(struct part *p, const struct snapshot *s)
{
	static const char *const what[] = { [HOLD_RATE] = "rate: next in ",
		[HOLD_DELAY] = "delay: next in ", [HOLD_KEY] = "keys: one at a time",
		[HOLD_BREAKER] = "breaker open ", [HOLD_TRIAL] = "breaker: on trial",
		[HOLD_LOAD] = "held by --load", [HOLD_MEMORY] = "held by --memfree",
		[HOLD_JOBSERVER] = "held by the jobserver",
		[HOLD_PAUSED] = "paused" };
	bool timed = s->hold == HOLD_RATE || s->hold == HOLD_DELAY || s->hold == HOLD_BREAKER;
	char when[PART / 2] = "";

	p->importance = 5;
	p->wanted = s->hold != HOLD_NONE && s->hold != HOLD_RETRY;
	if (!p->wanted)
		return;
	if (timed)
		put_time(when, sizeof when, (double)s->hold_for / CLOCK_SECOND + 0.999, false);
	snprintf(p->full, PART, "%s%s", what[s->hold], when);
	snprintf(p->brief, PART, "%.*s", (int)strcspn(p->full, ": "), p->full);
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
	char when[PART / 2];

	count_part(p, 7, n, "retrying", n > 0);
	if (s->hold != HOLD_RETRY)
		return;
	put_time(when, sizeof when, (double)s->hold_for / CLOCK_SECOND + 0.999, false);
	snprintf(p->full, PART, "%llu retrying, next in %s", LL(n), when);
	snprintf(p->brief, PART, "%llu retrying", LL(n));
	p->importance = 5;
}

static void make_parts(struct part *part, const struct snapshot *s, double rate, size_t columns)
{
	int64_t backlog = (int64_t)s->total - s->count[STAT_BORN] - s->count[STAT_UNBORN];

	bar_part(&part[BARRED], s, columns);
	done_part(&part[DONE], s);
	queue_part(&part[QUEUE], s);
	elapsed_part(&part[ELAPSED], s);
	eta_part(&part[ETA], s);
	hold_part(&part[HELD], s);
	behind_part(&part[BEHIND], s);
	count_part(&part[FAILED], 2, s->count[STAT_FAILED], "failed", true);
	count_part(&part[RUNNING], 3, s->count[STAT_RUNNING], "running", true);
	retrying_part(&part[RETRYING], s);
	count_part(&part[DROPPED], 10, dropped(s), "dropped", dropped(s) > 0);
	if (s->leased)
		count_part(&part[BACKLOG], 6, (int64_t)s->backlog, "to claim", true);
	else
		count_part(&part[BACKLOG], 11, backlog > 0 ? backlog : 0, "to read",
			backlog > 0 && !s->estimated);
	part[RATE].importance = 9;
	part[RATE].wanted = over(s) > 0;
	snprintf(part[RATE].full, PART, rate < 10 ? "%.1f/s" : "%.0f/s", rate);
	snprintf(part[RATE].brief, PART, "%s", part[RATE].full);
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

void progress_line(struct buf *line, const struct snapshot *snap, double rate, size_t columns)
{
	struct part part[PARTS] = { 0 };
	const char *text[PARTS] = { 0 };
	size_t from = line->len;

	make_parts(part, snap, rate, columns);
	fit(part, text, columns);
	for (int i = 0; i < PARTS; i++) {
		if (!text[i])
			continue;
		if (line->len > from)
			buf_adds(line, "  ");
		buf_adds(line, text[i]);
	}
}

static const char *const holds[] = { [HOLD_RETRY] = "retry", [HOLD_RATE] = "rate",
	[HOLD_DELAY] = "delay", [HOLD_KEY] = "key", [HOLD_BREAKER] = "breaker",
	[HOLD_TRIAL] = "trial", [HOLD_LOAD] = "load", [HOLD_MEMORY] = "memfree",
	[HOLD_JOBSERVER] = "jobserver",
	[HOLD_PAUSED] = "pause" };

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

static void add_unless(struct buf *line, const char *name, bool unknown, const char *format,
	double value)
{
	buf_addf(line, ",\"%s\":", name);
	if (unknown)
		buf_adds(line, "null");
	else
		buf_addf(line, format, value);
}

void progress_json(struct buf *line, const struct snapshot *s, double rate)
{
	const struct { const char *name; uint64_t value; } numbers[] = {
		{ "done", (uint64_t)s->count[STAT_SUCCEEDED] },
		{ "failed", (uint64_t)s->count[STAT_FAILED] },
		{ "dropped", (uint64_t)dropped(s) },
		{ "retrying", (uint64_t)s->count[STAT_RETRYING] },
		{ "running", (uint64_t)s->count[STAT_RUNNING] },
		{ "depth", s->depth }, { "size", s->size },
		{ "born", (uint64_t)s->count[STAT_BORN] },
	};
	double left = run_left(s);

	buf_addf(line, "{\"elapsed\":%.3f", (double)s->elapsed / CLOCK_SECOND);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		buf_addf(line, ",\"%s\":%llu", numbers[i].name, LL(numbers[i].value));
	if (s->leased)
		buf_addf(line, ",\"backlog\":%llu", LL(s->backlog));
	add_unless(line, "total", !s->total, "%.0f", (double)s->total);
	if (s->estimated && s->total)
		buf_adds(line, ",\"estimated\":true");
	add_unless(line, "rate", false, "%.3f", rate);
	add_unless(line, "eta", left < 0, "%.1f", left);
	if (s->hold)
		buf_addf(line, ",\"held\":\"%s\"", holds[s->hold]);
	if (s->ngroups)
		add_groups(line, s);
	buf_adds(line, "}\n");
}

static void update_rate(struct progress *p, const struct snapshot *s)
{
	double passed = (double)(s->elapsed - p->last);
	double now, weight;

	if (passed <= 0)
		return;
	now = (double)(over(s) - p->over) * CLOCK_SECOND / passed;
	/* Early on all there is has the same weight; later the past fades. */
	weight = passed / (s->elapsed < MEMORY ? (double)s->elapsed : MEMORY);
	if (weight > 1)
		weight = 1;
	p->rate += (now - p->rate) * weight;
	p->last = s->elapsed;
	p->over = over(s);
}

static size_t terminal_columns(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return USUAL;
	return size.ws_col < WIDEST ? size.ws_col : WIDEST;
}

void progress_frame(struct progress *p, const struct snapshot *snap)
{
	struct buf line = { 0 };

	if (p->mute)
		return;
	update_rate(p, snap);
	if (p->json) {
		progress_json(&line, snap, p->rate);
		msg_plain(line.data, line.len);
		buf_free(&line);
		return;
	}
	/* The last column stays free: some terminals wrap as soon as it is taken. */
	progress_line(&line, snap, p->rate, p->live ? terminal_columns() - 1 : WIDEST);
	if (!p->live)
		msg_warn("%s", buf_str(&line));
	else if (tcgetpgrp(STDERR_FILENO) == getpgrp())
		msg_status(buf_str(&line));
	buf_free(&line);
}

void progress_close(struct progress *p, const struct snapshot *s)
{
	double seconds = (double)s->elapsed / CLOCK_SECOND, rate;
	struct buf text = { 0 };

	if (p->json) { /* with the rate of the whole run */
		progress_json(&text, s, seconds > 0 ? (double)over(s) / seconds : 0);
		msg_plain(text.data, text.len);
		buf_free(&text);
		free(p);
		return;
	}
	if (p->live)
		msg_status(NULL);
	buf_addf(&text, "%llu done, %llu failed", LL(s->count[STAT_SUCCEEDED]),
		LL(s->count[STAT_FAILED]));
	if (s->count[STAT_RELEASED])
		buf_addf(&text, ", %llu stopped or not run", LL(s->count[STAT_RELEASED]));
	buf_addf(&text, " in %.1f s", seconds);
	rate = seconds > 0 ? (double)(s->count[STAT_SUCCEEDED] + s->count[STAT_FAILED]) / seconds : 0;
	buf_addf(&text, rate < 10 ? ", %.1f/s" : ", %.0f/s", rate);
	msg_warn("%s", buf_str(&text));
	buf_free(&text);
	free(p);
}
