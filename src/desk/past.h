/* What an earlier run has left: nothing of it is born before all that run knows has been
 * compared with what is read now. The reader's thread. */
#ifndef PQ_PAST_H
#define PQ_PAST_H

#include <stdbool.h>

#include "item.h"
#include "desk/recall.h"

struct past {
	/* What it says of the delivery; NULL: the input has ended. *over: it says no more. NULL:
	 * there was no earlier run. */
	enum recall (*recall)(void *record, struct delivery *d, bool *over);
	void *record;
	bool over;
	struct deliveries left; /* in the order of birth */
};

/* Its deliveries that are done with have no group any more. True: there are others, and it
 * is kept, for past_left. False: it stays the caller's. */
bool past_keep(struct past *p, struct item *item);
/* It is another node's, and is compared alone: how many of its deliveries were done with. */
unsigned past_pass(struct past *p, struct item *item);
/* The input has ended. */
void past_end(struct past *p);
/* The next to be born, or NULL. */
struct item *past_left(struct past *p);

#endif
