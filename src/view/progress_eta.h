/* When a run will have ended, as far as that can be known. Pure.
 *
 * What is left takes as long as what has ended: items left x the mean of those that are over,
 * less what the running ones have had, on the workers that there are. Of jobs that all take
 * the same it is exact, whatever number of them the last round has. When pq is stopping, what
 * has not begun is not waited for. */
#ifndef PQ_PROGRESS_ETA_H
#define PQ_PROGRESS_ETA_H

#include <stddef.h>
#include <stdint.h>

#include "stats.h"

/* An attempt that runs. */
struct eta_running {
	unsigned group; /* number of its section */
	uint64_t items; /* that it takes, in statistics */
	int64_t had;    /* ns so far; 0: it waits for its turn, behind others of its worker */
};

/* Seconds until all is over; below 0: nobody knows. running: all of them, in any order; NULL:
 * they have had the same each. */
double eta_run(const struct snapshot *s, const struct eta_running *running, size_t count);

/* Items that nobody has to see to any more. */
static inline int64_t eta_over(const struct snapshot *s)
{
	return s->count[STAT_OVER] + s->count[STAT_UNBORN];
}

/* Those that are left, where the total is known; else 0. */
static inline double eta_items_left(const struct snapshot *s)
{
	double left = (double)s->total - (double)eta_over(s);

	return s->total && left > 0 ? left : 0;
}

#endif
