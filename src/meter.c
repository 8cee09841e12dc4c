/* The meter. See meter.h. */
#include "meter.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/histogram.h"
#include "base/mem.h"
#include "base/thread.h"
#include "item.h"

struct meter {
	lock lock;               /* guards all below; a leaf */
	struct histogram waited, ran;
	int64_t begun;
	int64_t busy;
	unsigned workers;        /* wanted now, */
	int64_t workers_since;   /* since then, */
	int64_t wanted;          /* and what that came to before */
	enum arrival arrival;
	int64_t held_since, held, over;
	uint64_t deepest;
};

struct meter *meter_new(unsigned workers)
{
	struct meter *m = mem_zero(sizeof *m);

	lock_init(&m->lock);
	m->workers = workers;
	m->begun = m->workers_since = clock_now();
	return m;
}

void meter_free(struct meter *m)
{
	free(m);
}

void meter_queued(struct meter *m, struct delivery *d, uint64_t depth)
{
	if (!m)
		return;
	d->since = clock_now();
	lock_take(&m->lock);
	if (depth + 1 > m->deepest)
		m->deepest = depth + 1;
	lock_give(&m->lock);
}

void meter_began(struct meter *m, struct delivery *d)
{
	int64_t now;

	if (!m)
		return;
	now = clock_now();
	lock_take(&m->lock);
	histogram_add(&m->waited, now - d->since);
	lock_give(&m->lock);
	d->since = now;
}

void meter_ended(struct meter *m, struct delivery *d)
{
	enum outcome_how how = d->result.outcome.how;
	int64_t took;

	if (!m)
		return;
	took = clock_now() - d->since;
	lock_take(&m->lock);
	m->busy += took;
	if (how == OUTCOME_EXIT || how == OUTCOME_SIGNAL || how == OUTCOME_TIMEOUT)
		histogram_add(&m->ran, took);
	lock_give(&m->lock);
}

/* With the lock: what the workers wanted so far come to by now. */
static int64_t wanted_by(const struct meter *m, int64_t now)
{
	return m->wanted + m->workers * (now - m->workers_since);
}

void meter_workers(struct meter *m, unsigned wanted)
{
	int64_t now;

	if (!m)
		return;
	now = clock_now();
	lock_take(&m->lock);
	m->wanted = wanted_by(m, now);
	m->workers = wanted;
	m->workers_since = now;
	lock_give(&m->lock);
}

void meter_arrival(struct meter *m, enum arrival state)
{
	int64_t now = clock_now();

	lock_take(&m->lock);
	if (m->arrival == ARRIVAL_HELD)
		m->held += now - m->held_since;
	m->held_since = now;
	if (state == ARRIVAL_OVER && m->arrival != ARRIVAL_OVER)
		m->over = now;
	m->arrival = state;
	lock_give(&m->lock);
}

static struct spread spread_of(const struct histogram *h)
{
	return (struct spread){ h->count, histogram_percentile(h, 50),
		histogram_percentile(h, 90), histogram_percentile(h, 99), h->max };
}

void meter_read(struct meter *m, struct measures *to)
{
	int64_t now = clock_now();

	lock_take(&m->lock);
	*to = (struct measures){ .waited = spread_of(&m->waited), .ran = spread_of(&m->ran),
		.elapsed = now - m->begun, .busy = m->busy, .wanted = wanted_by(m, now),
		.arriving = (m->arrival == ARRIVAL_OVER ? m->over : now) - m->begun,
		.held = m->held, .deepest = m->deepest };
	lock_give(&m->lock);
}
