/* What is counted and measured of a run. See stats.h. */
#include "stats.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/histogram.h"
#include "base/mem.h"
#include "base/saturate.h"
#include "base/thread.h"
#include "group.h"
#include "item.h"

/* So many runtimes must be known before there is a median. */
enum { ENOUGH = 3 };
/* A share of them is no less (ns): below it chance decides, on a machine that is busy. */
#define SHARE_LEAST (100 * CLOCK_MS)

struct stats {
	struct stats *whole;     /* what this is a part of, or NULL: it gets all this gets */
	_Atomic int64_t count[STATS];
	bool timed;
	int64_t begun;
	lock lock;               /* guards all below; a leaf */
	struct histogram waited, ran;
	int64_t busy;
	double ended, squares;   /* how many attempts that is of, and the sum of their squares */
	int64_t serving, since;  /* workers that have an attempt, and the sum of since when */
	unsigned workers;        /* wanted now, */
	int64_t workers_since;   /* since then, */
	int64_t wanted;          /* and what that came to before */
	int64_t starting;        /* and how much of that those took to start that say so */
	enum arrival arrival;
	int64_t held_since, held, over;
	uint64_t deepest;
};

struct stats *stats_part(struct stats *whole, unsigned workers)
{
	struct stats *s = stats_new(whole->timed, workers);

	s->whole = whole;
	s->begun = s->workers_since = whole->begun;
	return s;
}

struct stats *stats_new(bool timed, unsigned workers)
{
	struct stats *s = mem_zero(sizeof *s);

	lock_init(&s->lock);
	s->timed = timed;
	s->workers = workers;
	s->begun = s->workers_since = clock_now();
	return s;
}

void stats_free(struct stats *s)
{
	free(s);
}

/* --- counters ---------------------------------------------------------- */

void stats_add(struct stats *s, enum counter which, int64_t n)
{
	for (; s; s = s->whole)
		atomic_fetch_add_explicit(&s->count[which], n, memory_order_relaxed);
}

static struct stats *stats_of(const struct delivery *d)
{
	struct stats *s = d->group->stats;

	return d->section || !d->group->among ? s : s->whole;
}

void stats_count(const struct delivery *d, enum counter which, int64_t n)
{
	stats_add(stats_of(d), which, n);
}

int64_t stats_get(struct stats *s, enum counter which)
{
	return atomic_load_explicit(&s->count[which], memory_order_relaxed);
}

bool stats_failed(struct stats *s)
{
	return stats_get(s, STAT_FAILED) > 0 || stats_get(s, STAT_BEFORE_FAILED) > 0;
}

void stats_again(struct stats *s, bool retrying)
{
	stats_add(s, STAT_RETRIED, 1);
	if (!retrying)
		stats_add(s, STAT_RETRYING, 1);
}

void stats_final(const struct delivery *d, bool each, bool retrying)
{
	const struct product *product = each ? d->result.product : NULL;
	struct stats *s = stats_of(d);

	if (retrying)
		stats_add(s, STAT_RETRYING, -1);
	if (d->verdict != VERDICT_RELEASE)
		stats_add(s, STAT_OVER, (int64_t)item_count(d->item));
	if (d->verdict == VERDICT_RELEASE) {
		stats_add(s, STAT_RELEASED, (int64_t)item_count(d->item));
	} else if (d->verdict == VERDICT_RETRY) {
		stats_add(s, STAT_RETRIED, 1);
	} else if (product) {
		stats_add(s, STAT_SUCCEEDED, (int64_t)(d->item->run->records - product->failed));
		stats_add(s, STAT_FAILED, (int64_t)product->failed);
	} else {
		stats_add(s, d->verdict == VERDICT_ACK ? STAT_SUCCEEDED : STAT_FAILED, 1);
	}
}

/* --- times ------------------------------------------------------------- */

/* What is to be tried again later is not ready before its time. */
static int64_t stats_ready(const struct delivery *d)
{
	int64_t left = d->due ? d->due - clock_wall() : 0;

	return saturate_after(clock_now(), left > 0 ? left : 0);
}

void stats_queued(struct stats *s, struct delivery *d, uint64_t depth)
{
	if (!s->timed)
		return;
	d->since = stats_ready(d);
	for (; s; s = s->whole) {
		lock_take(&s->lock);
		if (depth + 1 > s->deepest)
			s->deepest = depth + 1;
		lock_give(&s->lock);
	}
}

void stats_began(struct stats *s, struct delivery *d, struct service *v)
{
	bool turn;
	int64_t now;

	stats_add(s, STAT_RUNNING, 1);
	if (!s->timed)
		return;
	now = clock_now();
	turn = !v || v->under_way++ == 0;
	d->result.waited = now > d->since ? now - d->since : 0; /* the wall clock may have been set */
	for (; s; s = s->whole) {
		lock_take(&s->lock);
		if (!v || !v->in_turn)
			histogram_add(&s->waited, d->result.waited);
		s->serving += turn;
		s->since += turn ? now : 0;
		lock_give(&s->lock);
	}
	d->since = now;
	if (v && turn)
		v->since = now;
}

/* With the lock: it ends now, or `more` attempts of its worker have the turn from then on. */
static void stats_turn(struct stats *s, int64_t from, int64_t now, bool more)
{
	s->since += more ? now - from : -from;
	s->serving -= !more;
}

void stats_ended(struct stats *s, struct delivery *d, struct service *v)
{
	const struct outcome *o = &d->result.outcome;
	int64_t now, from;
	bool more;

	stats_add(s, STAT_RUNNING, -1);
	if (!s->timed)
		return;
	now = clock_now();
	from = v ? v->since : d->since;
	more = v && --v->under_way > 0;
	if (v && v->in_turn && now - o->took > d->since)
		d->result.waited += now - o->took - d->since;
	for (; s; s = s->whole) {
		lock_take(&s->lock);
		stats_turn(s, from, now, more);
		if (v && v->in_turn)
			histogram_add(&s->waited, d->result.waited);
		s->busy += now - from;
		s->ended++;
		s->squares += (double)(now - from) * (double)(now - from);
		if (o->how == OUTCOME_EXIT || o->how == OUTCOME_SIGNAL)
			histogram_add(&s->ran, o->took);
		lock_give(&s->lock);
	}
	if (more)
		v->since = now;
}

/* What it has had is the next one's, if its worker has another. */
void stats_undone(struct stats *s, struct delivery *d, struct service *v)
{
	int64_t from;

	stats_add(s, STAT_RUNNING, -1);
	if (!s->timed || (v && --v->under_way > 0))
		return;
	from = v ? v->since : d->since;
	for (; s; s = s->whole) {
		lock_take(&s->lock);
		stats_turn(s, from, from, false);
		lock_give(&s->lock);
	}
}

void stats_up(struct stats *s, struct service *v)
{
	bool first = !v->up;
	int64_t now;

	v->up = true;
	if (!s->timed || !first || !v->under_way)
		return;
	now = clock_now();
	for (; s; s = s->whole) {
		lock_take(&s->lock);
		stats_turn(s, v->since, now, true);
		s->starting += now - v->since;
		lock_give(&s->lock);
	}
	v->since = now;
}

/* With the lock: what the workers wanted so far come to by now. */
static int64_t stats_wanted_by(const struct stats *s, int64_t now)
{
	return s->wanted + s->workers * (now - s->workers_since);
}

void stats_workers(struct stats *s, unsigned wanted)
{
	int64_t now = clock_now(), more = 0;

	lock_take(&s->lock);
	more = (int64_t)wanted - s->workers;
	lock_give(&s->lock);
	for (; s; s = s->whole) {
		lock_take(&s->lock);
		s->wanted = stats_wanted_by(s, now);
		s->workers = (unsigned)(s->workers + more);
		s->workers_since = now;
		lock_give(&s->lock);
	}
}

void stats_arrival(struct stats *s, enum arrival state)
{
	int64_t now = clock_now();

	lock_take(&s->lock);
	if (s->arrival == ARRIVAL_HELD)
		s->held += now - s->held_since;
	s->held_since = now;
	if (state == ARRIVAL_OVER && s->arrival != ARRIVAL_OVER)
		s->over = now;
	s->arrival = state;
	lock_give(&s->lock);
}

void stats_runtime(struct stats *s, int64_t took)
{
	lock_take(&s->lock);
	histogram_add(&s->ran, took);
	lock_give(&s->lock);
}

int64_t stats_median(struct stats *s)
{
	int64_t median = 0;

	lock_take(&s->lock);
	if (s->ran.count >= ENOUGH)
		median = histogram_percentile(&s->ran, 50);
	lock_give(&s->lock);
	return median;
}

int64_t stats_timeout(struct stats *s, int64_t most, double percent)
{
	int64_t median = percent > 0 ? stats_median(s) : 0;
	int64_t share = saturate_time((double)median * percent / 100);

	if (share < SHARE_LEAST)
		share = SHARE_LEAST;
	return !median || (most && most <= share) ? most : share;
}

void stats_check(struct stats *s)
{
	assert(stats_get(s, STAT_RUNNING) == 0 && stats_get(s, STAT_RETRYING) == 0);
	assert(stats_get(s, STAT_PARKED) == 0);
	assert(stats_get(s, STAT_BORN) == stats_get(s, STAT_SETTLED));
	assert(s->serving == 0 && s->since == 0);
}

/* --- reading ----------------------------------------------------------- */

/* With the lock. */
static double stats_variation(const struct stats *s)
{
	double busy = (double)s->busy, v = busy > 0 ? s->squares * s->ended / (busy * busy) - 1 : 0;

	return v > 0 ? v : 0;
}

void stats_read(struct stats *s, struct snapshot *snap)
{
	int64_t now;

	for (int i = 0; i < STATS; i++)
		snap->count[i] = stats_get(s, (enum counter)i);
	lock_take(&s->lock);
	now = clock_now();
	snap->elapsed = now - s->begun;
	snap->busy = s->busy;
	snap->under_way = s->serving * now - s->since;
	snap->serving = s->serving;
	snap->workers = s->workers;
	snap->variation = stats_variation(s);
	snap->median = s->ran.count >= ENOUGH ? histogram_percentile(&s->ran, 50) : 0;
	snap->wanted = s->timed ? stats_wanted_by(s, now) : 0;
	snap->starting = s->starting;
	snap->held = s->held + (s->arrival == ARRIVAL_HELD ? now - s->held_since : 0);
	lock_give(&s->lock);
}

static struct spread spread_of(const struct histogram *h)
{
	return (struct spread){ h->count, histogram_percentile(h, 50),
		histogram_percentile(h, 90), histogram_percentile(h, 99), h->max };
}

int64_t snapshot_not_run(const struct snapshot *s)
{
	int64_t released = s->count[STAT_RELEASED];
	int64_t left = (int64_t)s->total - s->count[STAT_OVER] - s->count[STAT_UNBORN];

	return s->estimated || left < released ? released : left;
}

void stats_measures(struct stats *s, struct measures *to)
{
	lock_take(&s->lock);
	*to = (struct measures){ .waited = spread_of(&s->waited), .ran = spread_of(&s->ran),
		.arriving = (s->arrival == ARRIVAL_OVER ? s->over : clock_now()) - s->begun,
		.held = s->held, .deepest = s->deepest };
	lock_give(&s->lock);
}
