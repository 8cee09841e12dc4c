/* The journal: an SQLite database with the record of what is done, so that the same
 * command line run again does what is left.
 *
 * It has a row for each item that is done or has failed for good, and for each that has
 * used up attempts; rows are committed by a thread of its own, as many together as have
 * gathered, and only then does their delivery go on: an item dies, or is tried again, when
 * that is on record. Whoever kills pq finds on record all that was settled; what is
 * repeated was alive.
 *
 * journal_open, journal_start and journal_finish: the main thread. journal_recall: the
 * reader's thread, before there is anything to be recorded. journal_put: any thread. */
#ifndef PQ_JOURNAL_H
#define PQ_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "recall.h"

struct delivery;
struct item;
struct journal;

struct journal_rules {
	const char *path;
	const char *meaning; /* of the command line: what must be the same, a line for each */
	bool ordered;        /* items come in input order, so none is recorded after one that
	                      * is not */
	const char *outfile; /* of -o, ordered then: a row has where the item's output ends */
};

/* Open it, or make it, for this pq alone. Dies when it cannot be used: 2 when it is
 * another command's, another pq's or no journal, 74 when it cannot be read or written. The
 * rules are copied, what they point to must outlive it. */
struct journal *journal_open(const struct journal_rules *rules);
const char *journal_run_id(const struct journal *j); /* the same in every run */
uint64_t journal_turn(const struct journal *j);   /* ordered: seq of the first that is left */
uint64_t journal_offset(const struct journal *j); /* bytes of the file that are on record */

/* What is on record of this item, and was that the last (*over)? NULL: the input has ended.
 * Dies when the list is another one. */
enum recall journal_recall(struct journal *j, struct item *item, bool *over);

/* recorded: a list (by next) whose rows are committed, or that is not for the record; the
 * callee's now. failed: told once, with errno; nothing is recorded from then on. Both in
 * the journal's thread or that of journal_put. */
void journal_start(struct journal *j, void (*recorded)(void *ctx, struct delivery *list),
	void (*failed)(void *failed_ctx, const char *what, int error), void *failed_ctx,
	void *ctx);
/* Their output is written, unless it was lost; or the attempt failed and there will be
 * another (VERDICT_RETRY). A list by next, the journal's until it is `recorded`. */
void journal_put(struct journal *j, struct delivery *list, bool lost);
/* Join, sync and free; false when the last of it could not be written, told. */
bool journal_finish(struct journal *j);

#endif
