/* The claims that a consumer holds: those that are neither settled nor given back. Not
 * shared between threads. Zero-initialise. */
#ifndef PQ_HELD_H
#define PQ_HELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/settles.h"

struct held_entry;

enum { HELD_LOST = 16 }; /* losses that are told apart */

struct held {
	size_t lost[HELD_LOST];   /* how many of them were lost so often, or the last: or more */
	struct held_entry *table; /* owned */
};

void held_add(struct held *h, int64_t id, int64_t token, unsigned lost);
bool held_drop(struct held *h, int64_t id, int64_t token); /* was it there? */
size_t held_count(const struct held *h);
/* How often the one of them was lost that was lost most often; HELD_LOST - 1: or more. */
unsigned held_lost(const struct held *h);
/* All of them are to be settled so; they stay. */
void held_settle(const struct held *h, enum settle_how how, struct settles *to);
void held_free(struct held *h);

#endif
