/* How far ahead of its answers a persistent worker is written to: as many items as it
 * answered in the last AHEAD_TIME, at least one, at most twice what it was. Pure: the time
 * is passed in.
 *
 * A fixed number is wrong for somebody: few keep a fast worker waiting for every write,
 * many put what another worker could do at once behind one slow item. */
#ifndef PQ_AHEAD_H
#define PQ_AHEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

#define AHEAD_TIME (5 * CLOCK_MS)

/* Bytes written and not answered, at most, beside one item; what buffers may have more. */
#define AHEAD_BYTES ((uint64_t)65536)

struct ahead {
	uint64_t fixed;    /* --prefetch: always so many; 0: as above */
	uint64_t items;    /* that may be unanswered */
	uint64_t least;    /* seen to be needed, as the worker buffers (ahead_buffers); or 0 */
	uint64_t answered; /* since: */
	int64_t since;     /* ns of clock_now() */
};

/* What is left to be done when nothing more will come. */
struct ahead_rest {
	uint64_t items;   /* unwritten, of all workers; UINT64_MAX: more may come */
	unsigned workers;
	bool full;        /* nothing more comes before something is settled */
};

/* A worker begins, which nothing is known of. */
void ahead_begin(struct ahead *a, uint64_t fixed, int64_t now);
/* So many more items have been answered. */
void ahead_answered(struct ahead *a, uint64_t items, int64_t now);
/* The worker has read all, waits for more, and owes so many answers: it buffers them. */
void ahead_buffers(struct ahead *a, uint64_t unanswered);
/* How many more items may be written, when so many, of so many bytes in all, are not
 * answered. Towards the end no worker takes what another could do at once. */
uint64_t ahead_more(const struct ahead *a, uint64_t unanswered, uint64_t bytes,
	const struct ahead_rest *rest);

#endif
