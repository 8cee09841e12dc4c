/* Statistics of queues as text. See figures.h. */
#include "broker/figures.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json_text.h"

enum { CELL = 32 };

/* A time in two units at most: "3s", "8m24s", "1h02m", "5d03h". */
static void figures_age(char cell[CELL], int64_t ms)
{
	int64_t s = ms / 1000;

	if (ms < 0)
		snprintf(cell, CELL, "-");
	else if (s < 60)
		snprintf(cell, CELL, "%" PRId64 "s", s);
	else if (s < 3600)
		snprintf(cell, CELL, "%" PRId64 "m%02" PRId64 "s", s / 60, s % 60);
	else if (s < 86400)
		snprintf(cell, CELL, "%" PRId64 "h%02" PRId64 "m", s / 3600, s / 60 % 60);
	else
		snprintf(cell, CELL, "%" PRId64 "d%02" PRId64 "h", s / 86400, s / 3600 % 24);
}

/* --- a table ----------------------------------------------------------- */

static void figures_count(char cell[CELL], uint64_t n)
{
	snprintf(cell, CELL, "%" PRIu64, n);
}

static void cell_ready(char cell[CELL], const struct figures *f)
{
	figures_count(cell, f->stats.ready);
}

static void cell_delayed(char cell[CELL], const struct figures *f)
{
	figures_count(cell, f->stats.delayed);
}

static void cell_leased(char cell[CELL], const struct figures *f)
{
	figures_count(cell, f->stats.leased);
}

static void cell_holders(char cell[CELL], const struct figures *f)
{
	figures_count(cell, f->stats.holders);
}

static void cell_dead(char cell[CELL], const struct figures *f)
{
	figures_count(cell, f->stats.dead);
}

static void cell_lost(char cell[CELL], const struct figures *f)
{
	figures_count(cell, f->stats.lost);
}

static void cell_kept(char cell[CELL], const struct figures *f)
{
	figures_count(cell, f->stats.done);
}

static void cell_cap(char cell[CELL], const struct figures *f)
{
	if (f->stats.cap)
		figures_count(cell, f->stats.cap);
	else
		snprintf(cell, CELL, "-");
}

static void cell_oldest(char cell[CELL], const struct figures *f)
{
	figures_age(cell, f->stats.oldest);
}

static void cell_put(char cell[CELL], const struct figures *f)
{
	figures_count(cell, f->stats.put);
}

static void cell_finished(char cell[CELL], const struct figures *f)
{
	figures_count(cell, f->stats.finished);
}

static void figures_rate(char cell[CELL], const struct figures *f, double rate)
{
	if (f->rated)
		snprintf(cell, CELL, "%.1f", rate);
	else
		snprintf(cell, CELL, "-");
}

static void cell_put_rate(char cell[CELL], const struct figures *f)
{
	figures_rate(cell, f, f->put);
}

static void cell_finished_rate(char cell[CELL], const struct figures *f)
{
	figures_rate(cell, f, f->finished);
}

static const struct column {
	const char *name;
	void (*cell)(char cell[CELL], const struct figures *f);
	bool rate; /* only where one is known */
} columns[] = {
	{ "ready", cell_ready, false }, { "oldest", cell_oldest, false },
	{ "delayed", cell_delayed, false }, { "leased", cell_leased, false },
	{ "holders", cell_holders, false }, { "lost", cell_lost, false },
	{ "dead", cell_dead, false }, { "kept", cell_kept, false }, { "cap", cell_cap, false },
	{ "put", cell_put, false }, { "put/s", cell_put_rate, true },
	{ "finished", cell_finished, false }, { "finished/s", cell_finished_rate, true },
};

enum { COLUMNS = sizeof columns / sizeof *columns };

/* QUEUE or QUEUE:GROUP, in so many columns; NULL: not padded. Returns how wide it is. */
static size_t figures_name(struct buf *to, const struct address *a, size_t width)
{
	size_t from = to->len;

	buf_adds(to, a->queue);
	if (a->group)
		buf_addf(to, ":%s", a->group);
	while (to->len - from < width)
		buf_addc(to, ' ');
	return to->len - from;
}

static size_t figures_widest(const struct figures *list, size_t count, const struct column *c)
{
	size_t widest = strlen(c->name);
	char cell[CELL];

	for (size_t i = 0; i < count; i++) {
		c->cell(cell, &list[i]);
		if (strlen(cell) > widest)
			widest = strlen(cell);
	}
	return widest;
}

void figures_table(struct buf *to, const struct figures *list, size_t count)
{
	size_t width[COLUMNS], name = strlen("queue");
	bool rated = false;
	struct buf b = { 0 };
	char cell[CELL];

	for (size_t i = 0; i < count; i++) {
		size_t n = figures_name(&b, list[i].address, 0);

		name = n > name ? n : name;
		rated |= list[i].rated;
	}
	buf_free(&b);
	for (size_t k = 0; k < COLUMNS; k++)
		width[k] = figures_widest(list, count, &columns[k]);
	buf_addf(to, "%-*s", (int)name, "queue");
	for (size_t k = 0; k < COLUMNS; k++)
		if (rated || !columns[k].rate)
			buf_addf(to, "  %*s", (int)width[k], columns[k].name);
	buf_addc(to, '\n');
	for (size_t i = 0; i < count; i++) {
		figures_name(to, list[i].address, name);
		for (size_t k = 0; k < COLUMNS; k++) {
			if (columns[k].rate && !rated)
				continue;
			columns[k].cell(cell, &list[i]);
			buf_addf(to, "  %*s", (int)width[k], cell);
		}
		buf_addc(to, '\n');
	}
}

/* --- one of them ------------------------------------------------------- */

void figures_line(struct buf *to, const struct figures *f)
{
	const struct broker_stats *s = &f->stats;
	char age[CELL];

	figures_age(age, s->oldest);
	figures_name(to, f->address, 0);
	buf_addf(to, ": %" PRIu64 " ready", s->ready);
	if (s->oldest >= 0)
		buf_addf(to, " (oldest %s)", age);
	buf_addf(to, ", %" PRIu64 " delayed, %" PRIu64 " leased, %" PRIu64 " dead, %" PRIu64 " put, %"
		PRIu64 " finished", s->delayed, s->leased, s->dead, s->put, s->finished);
	if (f->rated)
		buf_addf(to, "; %.1f/s put, %.1f/s finished", f->put, f->finished);
	buf_addc(to, '\n');
}

void figures_object(struct buf *to, const struct figures *f)
{
	const struct broker_stats *s = &f->stats;

	buf_addf(to, "{\"queue\":\"%s\",", f->address->queue);
	if (f->address->group)
		buf_addf(to, "\"group\":\"%s\",", f->address->group);
	buf_adds(to, "\"address\":");
	json_text_quoted(to, f->address->shown, strlen(f->address->shown));
	buf_addf(to, ",\"ready\":%" PRIu64 ",\"delayed\":%" PRIu64 ",\"leased\":%" PRIu64 ",\"dead\":%"
		PRIu64 ",\"kept\":%" PRIu64 ",\"lost\":%" PRIu64 ",\"holders\":%u,\"put\":%" PRIu64
		",\"finished\":%" PRIu64, s->ready, s->delayed, s->leased, s->dead, s->done, s->lost,
		s->holders, s->put, s->finished);
	if (s->oldest >= 0)
		buf_addf(to, ",\"oldest\":%.3f", (double)s->oldest / 1000);
	else
		buf_adds(to, ",\"oldest\":null");
	if (s->cap)
		buf_addf(to, ",\"cap\":%" PRIu64, s->cap);
	else
		buf_adds(to, ",\"cap\":null");
	if (f->rated)
		buf_addf(to, ",\"put_per_second\":%.3f,\"finished_per_second\":%.3f", f->put, f->finished);
	buf_adds(to, "}\n");
}

bool figures_is_same(const struct broker_stats *a, const struct broker_stats *b)
{
	return a->ready == b->ready && a->delayed == b->delayed && a->leased == b->leased
		&& a->dead == b->dead && a->done == b->done && a->lost == b->lost && a->cap == b->cap
		&& a->finished == b->finished && a->put == b->put && a->holders == b->holders;
}
