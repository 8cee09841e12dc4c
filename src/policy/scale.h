/* How many workers there should be: -j MIN..MAX. Pure.
 *
 * One more for each 100 ms in which work waited that no idle worker could take; one
 * fewer for each second in which one was idle. Times are in ns of clock_now(). */
#ifndef PQ_SCALE_H
#define PQ_SCALE_H

#include <stdint.h>

struct scale {
	int64_t crowded, idle; /* since when, without a break; 0: it is not so */
};

/* Of these, with so many busy, and `waiting` deliveries that nobody is there for: how
 * many there should be from now on. Never outside least..most, least being 1 or more. */
unsigned scale_wanted(struct scale *s, int64_t now, unsigned least, unsigned most,
	unsigned wanted, unsigned busy, long waiting);
/* How long until it is to be asked again, at most. */
int64_t scale_patience(const struct scale *s);

#endif
