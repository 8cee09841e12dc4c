/* --shard: which items are ours, where several run the same list. Pure. */
#ifndef PQ_SHARD_H
#define PQ_SHARD_H

#include <stdbool.h>
#include <stdint.h>

struct shard_rule {
	uint64_t index, count; /* the one of so many, from 1; a count of 0: all are ours */
	bool hash;             /* by the hash of an item, not by its place in the list */
};

/* I/N or I/N,hash, with I from 1 to N; false: it is none. */
bool shard_parse(const char *s, struct shard_rule *rule);
/* Ours are the places index, index + count, ... of the list, from 1. */
bool shard_has_place(const struct shard_rule *rule, uint64_t place);
/* Ours are the hashes (base/hash.h, with a key of zeros) which leave index - 1 when they are
 * divided by count. It is on record in the manual, and may never change. */
bool shard_has_hash(const struct shard_rule *rule, uint64_t hash);
/* Of so many items those that are ours; with hashes about as many. */
uint64_t shard_part(const struct shard_rule *rule, uint64_t items);

#endif
