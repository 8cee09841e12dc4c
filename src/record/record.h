/* What is on record of a run, for the next one: the journal or the job log, between the
 * stations. NULL is no record, and everything may be asked of it.
 *
 * The main thread opens, starts and finishes it. */
#ifndef PQ_RECORD_H
#define PQ_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "desk/past.h"
#include "item.h"

struct delivery;
struct item;
struct options;
struct reader;
struct record;
struct stats;
struct template;

/* Dies, before anything is started, when it cannot be gone on with. NULL: none asked for. */
struct record *record_open(const struct options *options, const struct template *command);
bool record_run_id(const struct record *r, char id[RUN_ID + 1]); /* false: it has none */
uint64_t record_turn(const struct record *r);        /* seq of the first that is left */
uint64_t record_offset(const struct record *r);      /* bytes that -o has by then */
/* failed: what could not be written to, with errno, in any thread. */
void record_start(struct record *r, struct reader *reader, struct stats *stats,
	void (*failed)(void *ctx, const char *what, int error), void *ctx);
struct past record_past(struct record *r);            /* for the desk */
/* Deliveries (by next) go back to the desk once they are on record: settled, or, one alone
 * whose verdict is VERDICT_RETRY, to be tried again. Any thread. */
void record_put(struct record *r, struct reader *desk, struct delivery *list, bool lost);
/* When the desk has come to its end: tell what can be done about what is not done, and free.
 * `failed` may be called for the last time. */
void record_finish(struct record *r, const struct options *options, struct stats *stats);

#endif
