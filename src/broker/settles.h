/* Settlements that wait to be sent. Not shared between threads. Zero-initialise. */
#ifndef PQ_SETTLES_H
#define PQ_SETTLES_H

#include <stddef.h>

#include "broker/broker.h"

struct settles {
	struct settle *list; /* owned, and so are their outcomes */
	size_t count, room;
};

void settles_add(struct settles *to, const struct settle *s);
void settles_clear(struct settles *s);
void settles_free(struct settles *s);
/* How many of them say what was done with an item. */
size_t settles_done(const struct settles *s);

#endif
