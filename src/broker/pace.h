/* How much a consumer claims. Pure: no clock, no lock.
 *
 * With what is held, as many as workers have places for, and `ahead` beside them; not given, as
 * many as are done within PACE_AHEAD ms, but one more for each place at least: who is slow
 * leaves items to others. While places are empty though enough is held (it waits for a key, or
 * a rate), more is.
 *
 * What was lost has the less company the more often it was, as with the engines: else the next
 * claim would bring it, beside what may take it along. */
#ifndef PQ_BROKER_PACE_H
#define PQ_BROKER_PACE_H

#include <stddef.h>
#include <stdint.h>

enum { PACE_AHEAD = 50 };
/* Claimed for one job, at most. */
enum { PACE_TOGETHER = 1000 };

struct pace {
	uint64_t ahead;    /* 0: as it goes */
	unsigned together; /* a job takes so many at once: 1 to PACE_TOGETHER */
	unsigned places;   /* items that workers have places for, */
	unsigned idle;     /* of which so many are empty */
	unsigned poison;   /* losses that make an item dead; 0: none do */
	unsigned lost;     /* of what is held: of the one that was lost most often */
	double rate;       /* items settled in a second, lately */
};

/* held: claimed and not settled, so many of them not taken yet; in whole jobs. */
size_t pace_wants(const struct pace *p, size_t held, size_t untaken);
/* Would so many be worth a call by itself, while there is something to do? */
size_t pace_worth(const struct pace *p);
/* So many were settled in so many ns. */
void pace_measured(struct pace *p, uint64_t settled, int64_t passed);

#endif
