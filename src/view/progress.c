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
#include "base/mem.h"
#include "base/msg.h"
#include "stats.h"

#define LIVE (100 * CLOCK_MS)
#define PLAIN (10 * CLOCK_SECOND)
/* The rate forgets: what happened this long ago weighs 1/e. */
#define MEMORY (5.0 * CLOCK_SECOND)

enum { BAR = 10, WIDEST = 1000, USUAL = 80, PART = 64 };

struct progress {
	bool live, json;
	int64_t last;     /* elapsed time of the last frame */
	int64_t over;     /* items by then */
	double rate;      /* items per second */
};

struct progress *progress_open(bool json)
{
	struct progress *p = mem_zero(sizeof *p);

	p->json = json;
	p->live = !json && isatty(STDERR_FILENO);
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

enum { DONE, FAILED, DROPPED, RETRYING, RUNNING, QUEUE, BACKLOG, RATE, ETA, PARTS };

#define LL(n) ((unsigned long long)(n))

static void count_part(struct part *p, int importance, int64_t n, const char *word, bool wanted)
{
	p->importance = importance;
	p->wanted = wanted;
	snprintf(p->full, PART, "%llu %s", LL(n), word);
	snprintf(p->brief, PART, "%llu%c", LL(n), word[0]);
}

/* Items that nobody has to see to any more. */
static int64_t over(const struct snapshot *s)
{
	return s->count[STAT_SETTLED] + s->count[STAT_UNBORN];
}

static int64_t dropped(const struct snapshot *s)
{
	return s->count[STAT_DROPPED] + s->count[STAT_SEEN] + s->count[STAT_LEFT_OUT];
}

static void done_part(struct part *p, const struct snapshot *s)
{
	int64_t done = over(s);
	int share = s->total ? (int)(100.0 * (double)done / (double)s->total) : 0;

	p->importance = 0;
	p->wanted = true;
	if (!s->total) {
		snprintf(p->full, PART, "%llu done", LL(done));
		snprintf(p->brief, PART, "%llu", LL(done));
		return;
	}
	snprintf(p->full, PART, "%llu of %s%llu done (%d%%)", LL(done),
		s->estimated ? "about " : "", LL(s->total), share);
	snprintf(p->brief, PART, "%llu/%llu", LL(done), LL(s->total));
	snprintf(p->least, PART, "%d%%", share);
}

static void queue_part(struct part *p, const struct snapshot *s)
{
	char bar[BAR + 1];
	uint64_t size = s->size ? s->size : 1;
	size_t filled = s->depth >= size ? BAR : (size_t)(s->depth * BAR + size - 1) / size;

	memset(bar, '.', BAR);
	memset(bar, '#', filled < BAR ? filled : BAR);
	bar[BAR] = '\0';
	p->importance = 1;
	p->wanted = true;
	snprintf(p->full, PART, "queue [%s] %llu/%llu", bar, LL(s->depth), LL(s->size));
	snprintf(p->brief, PART, "q%llu/%llu", LL(s->depth), LL(s->size));
}

static void eta_part(struct part *p, const struct snapshot *s, double rate)
{
	double left = (double)s->total - (double)over(s);
	double seconds = rate > 0 && left > 0 ? left / rate : 0;
	unsigned long t = seconds < 1e8 ? (unsigned long)(seconds + 0.5) : 99999999;

	p->importance = 5;
	p->wanted = s->total && rate > 0 && left > 0;
	if (t >= 3600)
		snprintf(p->full, PART, "ETA %luh%02lum", t / 3600, t / 60 % 60);
	else if (t >= 60)
		snprintf(p->full, PART, "ETA %lum%02lus", t / 60, t % 60);
	else
		snprintf(p->full, PART, "ETA %lus", t);
	snprintf(p->brief, PART, "%s", p->full + 4);
}

static void make_parts(struct part *part, const struct snapshot *s, double rate)
{
	int64_t backlog = (int64_t)s->total - s->count[STAT_BORN] - s->count[STAT_UNBORN];

	done_part(&part[DONE], s);
	queue_part(&part[QUEUE], s);
	eta_part(&part[ETA], s, rate);
	count_part(&part[FAILED], 2, s->count[STAT_FAILED], "failed", true);
	count_part(&part[RUNNING], 3, s->count[STAT_RUNNING], "running", true);
	count_part(&part[RETRYING], 6, s->count[STAT_RETRYING], "retrying",
		s->count[STAT_RETRYING] > 0);
	count_part(&part[DROPPED], 8, dropped(s), "dropped", dropped(s) > 0);
	count_part(&part[BACKLOG], 7, backlog > 0 ? backlog : 0, "to read",
		backlog > 0 && !s->estimated);
	part[RATE].importance = 4;
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

	make_parts(part, snap, rate);
	fit(part, text, columns);
	for (int i = 0; i < PARTS; i++) {
		if (!text[i])
			continue;
		if (line->len > from)
			buf_adds(line, "  ");
		buf_adds(line, text[i]);
	}
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
	double left = (double)s->total - (double)over(s);

	buf_addf(line, "{\"elapsed\":%.3f", (double)s->elapsed / CLOCK_SECOND);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		buf_addf(line, ",\"%s\":%llu", numbers[i].name, LL(numbers[i].value));
	add_unless(line, "total", !s->total, "%.0f", (double)s->total);
	if (s->estimated && s->total)
		buf_adds(line, ",\"estimated\":true");
	add_unless(line, "rate", false, "%.3f", rate);
	add_unless(line, "eta", !s->total || rate <= 0 || left < 0, "%.1f", left / rate);
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
	double seconds = (double)s->elapsed / CLOCK_SECOND;
	struct buf text = { 0 };

	if (p->json) {
		progress_frame(p, s);
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
	if (seconds > 0)
		buf_addf(&text, ", %.1f/s", (double)(s->count[STAT_SUCCEEDED]
			+ s->count[STAT_FAILED]) / seconds);
	msg_warn("%s", buf_str(&text));
	buf_free(&text);
	free(p);
}
