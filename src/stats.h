/* Counters and snapshots. A monitor: any thread may call. */
#ifndef PQ_STATS_H
#define PQ_STATS_H

#include <stdbool.h>
#include <stdint.h>

struct delivery;
struct outcome;
struct stats;

enum counter {
	STAT_BORN,      /* items born */
	STAT_SETTLED,   /* items settled, however they ended */
	STAT_SUCCEEDED, /* deliveries done */
	STAT_FAILED,    /* deliveries failed for good, the refused ones too */
	STAT_RELEASED,  /* deliveries not done because pq is stopping */
	STAT_BEFORE,    /* items that an earlier run was done with */
	STAT_BEFORE_FAILED, /* those of them that failed for good */
	STAT_RETRIED,   /* attempts that were made again */
	STAT_RETRYING,  /* now waiting for another attempt, or in it */
	STAT_RUNNING,   /* attempts running now */
	STAT_DROPPED,   /* items dropped: the queue was full */
	STAT_SEEN,      /* records dropped: their keys were seen before */
	STAT_LEFT_OUT,  /* records dropped by -e */
	STAT_UNBORN,    /* items among these three that were dropped before they were born */
	STATS
};

struct snapshot {
	int64_t count[STATS];
	int64_t elapsed; /* ns of clock_now() since the run began */
	/* The rest is filled in by the pipeline. */
	uint64_t depth, size; /* of the queue; what may be alive */
	uint64_t total;       /* of items, those dropped too, or 0 while unknown */
	bool estimated;       /* total is reckoned from bytes read so far */
};

struct stats *stats_new(void);
void stats_free(struct stats *s);
void stats_add(struct stats *s, enum counter which, int64_t n);
int64_t stats_get(struct stats *s, enum counter which);
bool stats_failed(struct stats *s); /* did any item fail, now or in an earlier run? */
/* The delivery will be tried again. */
void stats_again(struct stats *s, const struct delivery *d);
/* It will not. each: of a run, each record by itself. */
void stats_final(struct stats *s, const struct delivery *d, bool each);
/* An attempt of a command has ended: if by itself, its runtime is recorded. */
void stats_ended(struct stats *s, const struct outcome *o);
/* Record the runtime of an attempt that ended by itself, in ns. */
void stats_runtime(struct stats *s, int64_t took);
/* The median runtime in ns, within 2 %; 0 until three are known. */
int64_t stats_median(struct stats *s);
/* What a job may take: `most` ns, or this percentage of the median, whichever is less; 0
 * is neither, and no limit. */
int64_t stats_timeout(struct stats *s, int64_t most, double percent);
void stats_read(struct stats *s, struct snapshot *snap);

#endif
