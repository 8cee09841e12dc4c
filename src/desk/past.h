/* What an earlier run has left: nothing of it is born before all that run knows has been
 * compared with what is read now. The reader's thread. */
#ifndef PQ_PAST_H
#define PQ_PAST_H

#include <stdbool.h>

#include "item.h"
#include "desk/recall.h"

struct past {
	/* What it says of the delivery; NULL: the input has ended. NULL: there was no earlier
	 * run. */
	enum recall (*recall)(void *record, struct delivery *d, struct recalling *says);
	void *record;
	struct recalling says;
	struct deliveries left; /* in the order of birth */
};

/* Its deliveries that are done with have no group any more. True: there are others, and it
 * is kept, for past_left. False: it stays the caller's. */
bool past_keep(struct past *p, struct item *item);
/* It is another node's, and is compared alone: how many of its deliveries were done with. */
bool past_pass(struct past *p, struct delivery *d);
/* May what is left be born? */
static inline bool past_is_known(const struct past *p)
{
	return p->says.over || p->says.by_item;
}

/* The input has ended. False: it goes by item from now on, and must be told again. */
bool past_end(struct past *p);
/* The next to be born, or NULL. */
struct item *past_left(struct past *p);

#endif
