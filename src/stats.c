/* Counters and snapshots. See stats.h. */
#include "stats.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/thread.h"

/* Runtimes are counted in buckets whose width is 1/32 of their power of two (the
 * scheme of HdrHistogram): a bucket's middle is within 1.6 % of what it holds,
 * and memory does not grow with the number of jobs. */
enum { SUB_BITS = 5, SUB = 1 << SUB_BITS, BUCKETS = 64 * SUB, ENOUGH = 3 };

struct stats {
	_Atomic int64_t count[STATS];
	int64_t begun;
	lock lock; /* guards the runtimes */
	uint64_t runtimes[BUCKETS];
	uint64_t known;
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

static unsigned bucket_of(uint64_t v)
{
	unsigned top = 0;

	while (v >> top >= 2 * SUB)
		top++;
	return v < SUB ? (unsigned)v : top * SUB + (unsigned)(v >> top);
}

static int64_t bucket_middle(unsigned bucket)
{
	unsigned top = bucket < 2 * SUB ? 0 : bucket / SUB - 1;
	uint64_t low = (uint64_t)(bucket - top * SUB) << top;

	return (int64_t)(low + (UINT64_C(1) << top) / 2);
}

void stats_runtime(struct stats *s, int64_t took)
{
	unsigned bucket = bucket_of(took > 0 ? (uint64_t)took : 0);

	lock_take(&s->lock);
	s->runtimes[bucket]++;
	s->known++;
	lock_give(&s->lock);
}

int64_t stats_median(struct stats *s)
{
	int64_t median = 0;

	lock_take(&s->lock);
	if (s->known >= ENOUGH) {
		uint64_t before = 0;
		unsigned b = 0;

		while (before + s->runtimes[b] <= (s->known - 1) / 2)
			before += s->runtimes[b++];
		median = bucket_middle(b);
	}
	lock_give(&s->lock);
	return median;
}

void stats_read(struct stats *s, struct snapshot *snap)
{
	for (int i = 0; i < STATS; i++)
		snap->count[i] = stats_get(s, (enum counter)i);
	snap->elapsed = clock_now() - s->begun;
}
