/* How many deliveries there will be in all. The reader's thread counts, any thread asks. */
#ifndef PQ_TOTAL_H
#define PQ_TOTAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pack_rules;
struct route;
struct shard_rule;
struct source;
struct stats;

struct total {
	struct source **sources;
	size_t nsources;
	const struct pack_rules *pack;
	unsigned each;          /* deliveries of an item, by total_route; 0: that depends on it */
	uint64_t told;          /* --total-jobs: that is believed; 0: nobody has said */
	struct stats *stats;
	const struct shard_rule *shard; /* which records are ours; NULL: all */
	_Atomic uint64_t others; /* items among those read that are not */
	_Atomic uint64_t read;  /* records of all items so far, */
	_Atomic uint64_t fated; /* and deliveries that were not done before, nor dropped */
	_Atomic bool known;     /* there will be no more than these */
};

/* Where items will go; once, when the sources are known. */
void total_route(struct total *t, const struct route *route);
/* 0 while that is unknown. Those that an earlier run has done, or that were dropped before
 * they were born, are not among them. */
uint64_t total_of(const struct total *t);
/* For people, the same as soon as anything is known: counted beside the reading; *estimated:
 * reckoned from the bytes read so far. */
uint64_t total_seen(const struct total *t, bool *estimated);

#endif
