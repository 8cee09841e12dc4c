/* Items that were claimed and not yet taken, in the order in which they came. Not shared
 * between threads. Zero-initialise. */
#ifndef PQ_OUTBOX_H
#define PQ_OUTBOX_H

#include <stddef.h>

#include "broker/broker.h"

struct batch;

struct outbox {
	struct batch *first, *last; /* owned */
	struct batch *at_hand;      /* the item that was taken last is in it; owned */
	size_t count;               /* not taken */
};

/* All that the exchange claimed, which is empty then. */
void outbox_add(struct outbox *o, struct exchange *x);
/* The next one, and its body, a view until the next call; or NULL. */
const struct claimed *outbox_take(struct outbox *o, const char **body);
void outbox_free(struct outbox *o);

#endif
