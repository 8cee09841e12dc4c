/* Keeps a process fed: the process of one worker, the items that it owes answers for, and
 * what passes between them. Room: persistent.c alone; that worker's thread.
 *
 *   keeper_hold     an item is the keeper's, and waits to be written
 *   keeper_start    the process is there
 *   keeper_write    as much is written as it takes
 *   keeper_wait     until something happens; answers go where they belong
 *   keeper_is_over  the process has ended and all it said was heard: keeper_bury */
#ifndef PQ_KEEPER_H
#define PQ_KEEPER_H

#include "action/run/keep.h"

struct delivery;
struct outcome;

/* "worker 1 ", with its section, where there are several. */
void keeper_name(const struct keeper *k, struct buf *to);
void keeper_hold(struct keeper *k, struct delivery *d);
/* It cannot be done, for this reason, and has this status. */
void keeper_refuse(struct keeper *k, struct delivery *d, int code, const char *why);
/* Of the oldest, a run that is tended: see to it that it is written from its record `index`
 * on, as far as care allows; or, if there is none, it has ended. */
void keeper_offer_records(struct keeper *k);
/* So many of its records are over. */
void keeper_pass_records(struct keeper *k, uint64_t records);
/* Forget what was to be written: for another process, or none. */
void keeper_forget(struct keeper *k);
/* False: it cannot be, and an item that it would have been for has ended. */
bool keeper_start(struct keeper *k);
/* May one more item be written to it? */
bool keeper_has_room(struct keeper *k);
void keeper_write(struct keeper *k);
void keeper_wait(struct keeper *k);
bool keeper_is_over(const struct keeper *k);
/* Has the process to answer anything? Not a record that it was not given, for its input was
 * closed before. */
bool keeper_owes(const struct keeper *k);
/* Take leave of the process, which has ended; what it owes is still owed. */
void keeper_bury(struct keeper *k, struct outcome *o);

#endif
