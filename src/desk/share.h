/* --shard at the desk: is what was read ours, or left to another node? The reader's thread.
 *
 * Without a word about records in jobs an item is a record, and it keeps the number that it
 * has in the whole list: the items of others are passed by as they come (reader.c). Where
 * jobs get several records (-n, -X) it is these that are shared out, so that each node has
 * its part of a list that is shorter than a job for each of them (admission.c). */
#ifndef PQ_SHARE_H
#define PQ_SHARE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "policy/shard.h"

struct draft;
struct item;
struct options;

struct share {
	struct shard_rule rule;
	uint64_t place;  /* of the last that was asked about */
	struct buf text; /* what is hashed, where it stands nowhere in one piece */
};

/* Are records shared out, not items? */
bool share_by_record(const struct options *o);
/* The hash of a record as it was read, the draft's values from this one on: their bytes,
 * with a NUL between two. 0 where nobody asks for it. */
uint64_t share_hash(struct share *s, const struct draft *d, uint32_t from);
/* Is the next record ours, which has this hash? Or the next item? */
bool share_has_record(struct share *s, uint64_t hash);
bool share_has_item(struct share *s, const struct item *item);
void share_free(struct share *s);

#endif
