/* What becomes of an item that was read, before it may be born: it is another node's
 * (--shard), an earlier run is done with it, or others are to be started before it
 * (--order-by). The reader's thread. */
#ifndef PQ_SIFT_H
#define PQ_SIFT_H

#include <stdbool.h>
#include <stdint.h>

#include "desk/past.h"
#include "desk/share.h"

struct item;
struct order;
struct shard_rule;
struct stats;
struct total;

struct sift {
	struct past past;
	struct share share;  /* of items; a count of 0: all are ours, or: */
	const struct shard_rule *dealt; /* it is by their times that they are; NULL: it is not */
	struct order *order; /* NULL: as they come */
	_Atomic uint64_t *jobs; /* how many there are, once they are in order; or NULL */
	struct stats *stats;
	struct total *total;
	/* Nobody is to run it, or not again; it is the callee's. */
	void (*let_go)(void *ctx, struct item *item);
	void *ctx;
};

/* The item was read just now, its groups are known, and no worker may have it if it is
 * refused, for this reason. It comes back if it may be born now; NULL: it is kept, or gone. */
struct item *sift_item(struct sift *s, struct item *item, const char *refused);
/* One that was kept, and may be born now; or NULL. */
struct item *sift_kept(struct sift *s);
bool sift_keeps(const struct sift *s); /* any */
/* There is nothing more to be read; failed: though there may be more in the list, so that
 * nothing may be known of what an earlier run has done: *stop. False: that is known already. */
bool sift_end(struct sift *s, bool failed, bool *stop);
/* At the end: what was never born, the caller's, until there is none. */
struct item *sift_rest(struct sift *s);
void sift_free(struct sift *s);

#endif
