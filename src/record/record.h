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

struct item;
struct journal;
struct journal_rules;
struct options;
struct record;
struct stats;
struct template;

/* Of the jobs of all sections, with the command of each, or NULL. Dies, before anything is
 * started, when it cannot be gone on with. NULL: none asked for. */
struct record *record_open(const struct options *options,
	const struct template *const *commands);
bool record_run_id(const struct record *r, char id[RUN_ID + 1]); /* false: it has none */
uint64_t record_turn(const struct record *r);        /* of the first that is left */
uint64_t record_offset(const struct record *r);      /* bytes that -o has by then */
bool record_is_journal(const struct record *r);
bool record_goes_on(const struct record *r);         /* with what an earlier run has begun */
/* Is it on record that the item of this number has failed for good in that section? Before
 * record_start. */
bool record_has_failed(struct record *r, uint64_t seq, unsigned section);
void record_start(struct record *r, struct stats *stats, const struct journal_rules *rules);
struct journal *record_journal(const struct record *r); /* NULL: no attempt is recorded */
struct past record_past(struct record *r);            /* for the desk */
/* When the desk has come to its end: tell what can be done about what is not done, and free.
 * `failed` may be called for the last time. lost: output was, so that going on comes second
 * to what has been told of that. */
void record_finish(struct record *r, const struct options *options, struct stats *stats,
	bool lost);

#endif
