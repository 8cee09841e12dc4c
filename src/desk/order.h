/* --order-by: the longest of the last run first. The reader's thread.
 *
 * Or in the order of the list, where it has to be known how many there are.
 *
 * All items there are wait here until the input has ended: each takes its own bytes and
 * about half a kilobyte, which no bound counts, as nothing is alive yet. They keep the
 * numbers that they have in the list. */
#ifndef PQ_ORDER_H
#define PQ_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct item;
struct order;
struct shard_rule;

struct order_rules {
	/* How long its job took, in ms; -1: nobody knows. NULL: it does not matter, all are only
	 * waited for, and started as they came; `strange` is NULL then. */
	int64_t (*took)(void *ctx, const struct item *item);
	void (*strange)(void *ctx); /* that is so of all items, and there are some */
	void *ctx;
	bool apart; /* results are written in the order of the list (-k) */
};

/* NULL stands for no order. The rules are copied. */
struct order *order_new(const struct order_rules *rules);
/* Items that were left are the caller's: order_first, until there is none. */
void order_free(struct order *o);
bool order_is_apart(const struct order *o);

/* One more of the list. refused: why no worker may have it (copied), or NULL; ours: it is
 * not another node's. */
void order_add(struct order *o, struct item *item, const char *refused, bool ours);
/* That was all of them. shard: they are dealt out among the nodes, by their times; NULL:
 * whose they are was said. */
void order_end(struct order *o, const struct shard_rule *shard);
bool order_ended(const struct order *o);
size_t order_count(const struct order *o); /* all that were added */
bool order_holds(const struct order *o); /* any at all */

/* In the order of the list, once: an item, NULL after the last one. It is the caller's, who
 * may give it back; views until it is freed. */
struct item *order_listed(struct order *o, const char **refused, bool *ours);
void order_keep(struct order *o, struct item *item); /* the order's again */
/* When that is done: the next to be started, the caller's; NULL: there is none. */
struct item *order_first(struct order *o);

#endif
