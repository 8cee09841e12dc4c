/* Counters and snapshots. See stats.h. */
#include "stats.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/histogram.h"
#include "base/mem.h"
#include "base/saturate.h"
#include "base/thread.h"
#include "item.h"

/* So many runtimes must be known before there is a median. */
enum { ENOUGH = 3 };

struct stats {
	_Atomic int64_t count[STATS];
	int64_t begun;
	lock lock; /* guards the runtimes */
	struct histogram runtimes;
};

struct stats *stats_new(void)
{
	struct stats *s = mem_zero(sizeof *s);

	lock_init(&s->lock);
	s->begun = clock_now();
	return s;
}

void stats_free(struct stats *s)
{
	free(s);
}

void stats_add(struct stats *s, enum counter which, int64_t n)
{
	atomic_fetch_add_explicit(&s->count[which], n, memory_order_relaxed);
}

int64_t stats_get(struct stats *s, enum counter which)
{
	return atomic_load_explicit(&s->count[which], memory_order_relaxed);
}

void stats_again(struct stats *s, const struct delivery *d)
{
	stats_add(s, STAT_RETRIED, 1);
	if (d->attempts == 1)
		stats_add(s, STAT_RETRYING, 1);
}

void stats_final(struct stats *s, const struct delivery *d, bool each)
{
	const struct run *run = each ? d->item->run : NULL;

	if (d->attempts > 1)
		stats_add(s, STAT_RETRYING, -1);
	if (d->verdict == VERDICT_RELEASE) {
		stats_add(s, STAT_RELEASED, (int64_t)item_count(d->item));
	} else if (run) {
		stats_add(s, STAT_SUCCEEDED, (int64_t)(run->records - run->failed));
		stats_add(s, STAT_FAILED, (int64_t)run->failed);
	} else {
		stats_add(s, d->verdict == VERDICT_ACK ? STAT_SUCCEEDED : STAT_FAILED, 1);
	}
}

void stats_runtime(struct stats *s, int64_t took)
{
	lock_take(&s->lock);
	histogram_add(&s->runtimes, took);
	lock_give(&s->lock);
}

bool stats_failed(struct stats *s)
{
	return stats_get(s, STAT_FAILED) > 0 || stats_get(s, STAT_BEFORE_FAILED) > 0;
}

void stats_ended(struct stats *s, const struct outcome *o)
{
	if (o->how == OUTCOME_EXIT || o->how == OUTCOME_SIGNAL)
		stats_runtime(s, o->took);
}

int64_t stats_median(struct stats *s)
{
	int64_t median = 0;

	lock_take(&s->lock);
	if (s->runtimes.count >= ENOUGH)
		median = histogram_percentile(&s->runtimes, 50);
	lock_give(&s->lock);
	return median;
}

int64_t stats_timeout(struct stats *s, int64_t most, double percent)
{
	int64_t median = percent > 0 ? stats_median(s) : 0;
	int64_t share = saturate_time((double)median * percent / 100);

	if (!median || (most && most <= share))
		return most;
	return share > 0 ? share : 1;
}

void stats_read(struct stats *s, struct snapshot *snap)
{
	for (int i = 0; i < STATS; i++)
		snap->count[i] = stats_get(s, (enum counter)i);
	snap->elapsed = clock_now() - s->begun;
}
