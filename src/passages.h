/* The passages of a run: what lies between the collector and the desk, in its order: the queue
 * that results go to (--to), those of dead letters, the journal. What a delivery leaves in each
 * is safe before it comes to the next, and the item dies when it has been through all.
 *
 * The main thread makes, starts and finishes them; passages_put: one thread at a time. */
#ifndef PQ_PASSAGES_H
#define PQ_PASSAGES_H

#include <stdbool.h>

struct delivery;
struct journal;
struct passages;
struct plan;
struct store;

struct passages_rules {
	const struct plan *plan;
	struct store *store;     /* has what jobs printed */
	/* Its place is the last; NULL: nothing is put on record. */
	struct journal *journal;
	/* They have been through all but the journal, which says so itself; any thread. */
	void (*passed)(void *ctx, struct delivery *list);
	/* A queue cannot be written any more, or is full where that ends the run: told. */
	void (*failed)(void *ctx);
	void *ctx;
};

/* Does the plan have a queue that what comes of an item is put into? */
bool passages_needed(const struct plan *plan);
/* Dies, before anything is started, when a queue cannot be opened. NULL: there are none. */
struct passages *passages_new(const struct plan *plan);
/* The stations stand. */
void passages_start(struct passages *p, const struct passages_rules *rules);
/* Written, a list by next; lost: or not. */
void passages_put(void *passages, struct delivery *list, bool lost);
void passages_hurry(struct passages *p); /* the run is to end; any thread */
/* Was anything left out that had been done? After all has passed. Frees. */
bool passages_finish(struct passages *p);

#endif
