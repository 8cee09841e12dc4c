/* The bells of those who have asked a queue in vain and wait for other things as well. The
 * queue's, under its lock. */
#ifndef PQ_BELLS_H
#define PQ_BELLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bell.h"

struct queue_bell {
	struct bell bell; /* open */
	bool permitted;   /* its worker has a permit already; nobody asks where none is needed */
	/* The queue's. */
	struct queue_bell *next;
	enum { BELL_UNLISTED, BELL_LISTED, BELL_RUNG } state;
	unsigned worker;
	bool watches;     /* the clock, for all who wait */
	bool wants;       /* a permit */
};

struct bells {
	struct queue_bell *list; /* the last one to ask first */
	size_t rung;             /* and so many were rung and have not asked since */
};

void bells_add(struct bells *b, struct queue_bell *bell);
/* Off the list, or no longer rung. */
void bells_remove(struct bells *b, struct queue_bell *bell);
void bells_call(struct bells *b); /* ring the first; there is one */
size_t bells_waiting(const struct bells *b); /* that ask once they are rung, or were */

#endif
