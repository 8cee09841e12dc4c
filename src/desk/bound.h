/* The bound: how much may be alive at once, and how much is. The desk's.
 *
 * Items are bounded for each group by itself: a slow one fills up alone, and holds up the
 * others only when it has come to the bound. Bytes are bounded for all together. */
#ifndef PQ_BOUND_H
#define PQ_BOUND_H

#include <stdbool.h>
#include <stdint.h>

struct delivery;
struct group;
struct item;
struct store;

struct bound_rules {
	const struct group *groups;
	unsigned ngroups;
	uint64_t queue_size;  /* items of a group, */
	bool ready_only;      /* without those that only wait in its schedule */
	bool strict;          /* with those whose results wait for their turn */
	uint64_t queue_bytes; /* items, what they printed, and what schedules keep of them */
	uint64_t spool_cap;   /* bytes in the spool */
	struct store *store;
};

struct bound {
	struct bound_rules rules;
	uint64_t items, deliveries, bytes; /* alive */
	/* Of these, beyond the bound: rejected, for it was full. */
	struct {
		uint64_t items, bytes;
	} beyond;
	struct bound_group {
		uint64_t alive, beyond; /* deliveries */
	} *of; /* owned: by group */
};

/* Items are born in another order than their results are written in, so the one that others
 * wait for may be unborn: results that wait for their turns, and what they take, are not to
 * hold it up. */
void bound_lift(struct bound_rules *rules);
void bound_init(struct bound *b, const struct bound_rules *rules);
void bound_free(struct bound *b); /* nothing is alive */

/* The item is born, with all deliveries that have a group; and one of them is dead: was it
 * the last of its item? */
void bound_enter(struct bound *b, const struct item *item);
bool bound_leave(struct bound *b, const struct delivery *d);

/* Are births held back, whatever comes next, where a full queue does so (--overflow)? */
bool bound_holds(const struct bound *b);
/* Has any group that holds back births as many as it may have? *parked: so many results that
 * wait for their turn have been reckoned with. And are bytes lacking, for what is there or for
 * this one, too? */
bool bound_lacks_items(const struct bound *b, int64_t *parked);
bool bound_lacks_bytes(const struct bound *b, const struct item *more); /* NULL: none */
/* Is there no room for this delivery of an item that is to be born? One that was rejected
 * wants none, until as many again are beyond the bound. */
bool bound_is_full(const struct bound *b, const struct delivery *d);

#endif
