/* Where the deliveries of one lane of a queue wait: first in, first out, or as a schedule has
 * it. The queue's, under its lock. */
#ifndef PQ_TRACK_H
#define PQ_TRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "item.h"

struct schedule;

struct track {
	struct schedule *schedule; /* or NULL: */
	struct deliveries list;
	size_t depth;
};

/* With a schedule, which knows better, first and last are the same. */
void track_add(struct track *t, struct delivery *d, bool first);
/* The next one that may start now, or NULL and when to ask again. */
struct delivery *track_take(struct track *t, unsigned worker, int64_t now, int64_t *when);
/* Take back the one that has waited longest; or NULL. */
struct delivery *track_drop(struct track *t);
/* Take all there is, before those others. */
struct delivery *track_empty(struct track *t, struct delivery *others);
size_t track_depth(const struct track *t);
/* May something start now? Else *until: when it may, if nothing happens. */
bool track_is_ready(const struct track *t, int64_t now, int64_t *until);

#endif
