/* The ledger: what a journal has on the disk, an SQLite database with a row for each
 * delivery that is done or has failed for good, and for each that has used up attempts.
 *
 * One thread at a time: the main thread opens it, the reader's thread recalls, before there
 * is anything to be recorded; then it is the journal's. Numbers that are returned as `int`
 * are 0 or an errno. */
#ifndef PQ_LEDGER_H
#define PQ_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "desk/recall.h"

struct delivery;
struct item;
struct ledger;

struct ledger_rules {
	const char *path;
	const char *meaning; /* of the command line: what must be the same, a line for each */
	bool ordered;        /* items come in input order, so none is recorded after one that
	                      * is not */
	const char *outfile; /* of -o, ordered then: a row has where the item's output ends */
};

/* Open it, or make it, for this pq alone. Dies when it cannot be used: 2 when it is
 * another command's, another pq's or no journal, 74 when it cannot be read or written. The
 * rules are copied, what they point to must outlive it. */
struct ledger *ledger_open(const struct ledger_rules *rules);
void ledger_close(struct ledger *l);
const struct ledger_rules *ledger_rules(const struct ledger *l);
bool ledger_goes_on(const struct ledger *l); /* it was not made just now */
/* Has the item of this number failed for good in that section? Before anything is
 * committed. */
bool ledger_has_failed(struct ledger *l, uint64_t seq, unsigned section);
const char *ledger_run_id(const struct ledger *l); /* the same in every run */
uint64_t ledger_turn(const struct ledger *l);   /* ordered: of the first that is left */
uint64_t ledger_offset(const struct ledger *l); /* bytes of the file that are on record */

/* What is on record of this delivery? They are asked for in their order. NULL: the input has
 * ended. An ordered list must begin as it did: dies when it is another one. Of others all rows
 * from there on are kept in memory, 72 bytes each, and found by their items (by_item):
 * those of items that are the same are as many as there were. An item without a row is called
 * by a number that none had before (item.number). */
enum recall ledger_recall(struct ledger *l, struct delivery *d, struct recalling *says);

/* A row for each of the list (by next). False: for none of them, and ledger_roll_back,
 * which tells why, must follow. */
bool ledger_commit(struct ledger *l, const struct delivery *list);
int ledger_roll_back(struct ledger *l);
/* Sync what was committed, and note that it is; the file of -o was synced before. */
int ledger_mark(struct ledger *l);
/* All into one file. Where it fails nothing is lost, for it is in the one with -wal behind
 * its name; but it is not well. */
int ledger_fold(struct ledger *l);

#endif
