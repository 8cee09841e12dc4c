/* What a view keeps of deliveries that are tried again, until they are settled: pieces of
 * text, one for each attempt, in the order in which these ended. The text is in the store,
 * so that much of it is in memory no longer.
 *
 * Any thread; a leaf lock inside. */
#ifndef PQ_KEPT_H
#define PQ_KEPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/chain.h"

struct delivery;
struct kept;

struct kept_piece {
	struct kept_piece *next;
	int kind;          /* the view's */
	struct chain text;
};

/* What there is of one delivery. */
struct kept_of {
	struct kept_piece *first; /* owned */
	uint64_t left_out;        /* so many before it */
	bool marked;
};

/* The last `most` pieces of each delivery; 0: all. */
struct kept *kept_new(struct store *store, unsigned most);
/* One more, whose text is moved out of `text`. */
void kept_add(struct kept *k, const struct delivery *d, int kind, struct chain *text);
void kept_mark(struct kept *k, const struct delivery *d);
/* All there is of it, which is the caller's to give back with kept_give. */
struct kept_of kept_take(struct kept *k, const struct delivery *d);
void kept_give(struct kept *k, struct kept_of *of);
/* With what nobody has taken. */
void kept_free(struct kept *k);

#endif
