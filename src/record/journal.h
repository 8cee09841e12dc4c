/* The journal: puts on record what is done, so that the same command line run again does
 * what is left.
 *
 * Rows are committed to the ledger by a thread of its own, as many together as have
 * gathered, and only then does their delivery go on: an item dies, or is tried again, when
 * that is on record. Whoever kills pq finds on record all that was settled; what is
 * repeated was alive.
 *
 * journal_start and journal_finish: the main thread. journal_put: any thread. */
#ifndef PQ_JOURNAL_H
#define PQ_JOURNAL_H

#include <stdbool.h>

struct delivery;
struct journal;
struct ledger;

struct journal_rules {
	/* A list (by next) whose rows are committed, or that is not for the record; the
	 * callee's now. */
	void (*recorded)(void *ctx, struct delivery *list);
	/* Told once, with errno; nothing is recorded from then on. Both in the journal's
	 * thread or that of journal_put. */
	void (*failed)(void *ctx, const char *what, int error);
	void *ctx;
};

/* The ledger is the journal's from now on. */
struct journal *journal_start(struct ledger *ledger, const struct journal_rules *rules);
/* Their output is written, unless it was lost; or the attempt failed and there will be
 * another (VERDICT_RETRY). A list by next, the journal's until it is `recorded`. */
void journal_put(struct journal *j, struct delivery *list, bool lost);
/* Join, sync and free; false when the last of it could not be written, told. */
bool journal_finish(struct journal *j);

#endif
