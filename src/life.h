/* The life of a delivery: its states, one function for each step from one to the next, and
 * an assert of the state it comes from.
 *
 *   state     whose it is               goes to                     by
 *   BORN      the desk's                QUEUED, WAITING, LEAVING    life_route, life_refuse
 *   WAITING   the schedule's, or on     QUEUED                      queue_push, its time or key
 *             its way by the record     LEAVING, WRITTEN            as if it were QUEUED
 *   QUEUED    the queue's               RUNNING                     queue_pop
 *                                       LEAVING                     life_release_all
 *                                       WRITTEN                     life_drop: there is nothing
 *   RUNNING   a worker's                QUEUED, WAITING, LEAVING    life_ended, life_lost
 *                                       QUEUED, LEAVING             life_back
 *   LEAVING   that thread's             PARKED, WRITING             collector_put
 *   PARKED    the collector's           WRITING                     its turn
 *   WRITING   the collector's           WRITTEN                     its bytes are out
 *   WRITTEN   on its way to the desk    SETTLED                     life_written, then the desk
 *   SETTLED   nobody's                  freed with its item
 *
 * Whoever has the delivery by this table may write to it, and nobody else, but for a mark:
 * while an attempt's bytes go out as they come (RUNNING), the collector keeps the delivery
 * on its list, and collector_retract takes it from there before others may have it.
 *
 * What is tried again at once is in the queue before its worker takes the next one. With a
 * journal it is put on record first, and may be overtaken.
 *
 * The stations call; the policies are asked. Nothing is locked here. */
#ifndef PQ_LIFE_H
#define PQ_LIFE_H

#include <stdbool.h>

struct collector;
struct delivery;
struct events;
struct group;
struct journal;
struct queue;
struct reader;
struct service;
struct store;

struct life {
	struct collector *collector;
	struct reader *reader;
	struct journal *journal; /* or NULL: nothing is put on record */
	/* What lies between the collector and the journal, or the desk: it gets what was written,
	 * and brings it there, by life_recorded where there is no journal. NULL: nothing does. */
	void (*pass)(void *passages, struct delivery *list, bool lost);
	void *passages;
	struct store *store;
	struct events *events; /* who listens is told each step; or NULL */
	/* An attempt has ended, and its worker has not taken another; NULL: nobody asks. */
	void (*reread)(void *groups);
	void *groups;
	/* It has its last verdict, and may be a reason to stop; the thread that had it last.
	 * NULL: it is none. */
	void (*final)(void *ctx, const struct delivery *d);
	void *ctx;
};

/* The desk's. False: it was refused, and the reason told. */
bool life_route(struct life *l, struct delivery *d);
/* It was refused where it was read: its outcome says so. */
void life_refuse(struct life *l, struct delivery *d);
/* Take back what has waited longest, and let nobody wait for its turn; NULL: none waits. */
struct delivery *life_drop(struct life *l, const struct group *g);
/* Nothing of this queue is started any more: what waits in it leaves as not done. */
void life_release_all(struct life *l, struct queue *q);

/* A worker's, in this slot, from 1: an attempt begins; may its bytes be written before it has
 * ended? service, here and below: as in stats.h. */
bool life_begin(struct life *l, struct delivery *d, unsigned slot, struct service *service);
void life_ended(struct life *l, struct delivery *d, struct service *service);
/* Its worker has died with it, as the outcome says: that is counted apart from attempts. */
void life_lost(struct life *l, struct delivery *d, struct service *service);
/* It goes back, as if this attempt had not begun. */
void life_back(struct life *l, struct delivery *d, struct service *service);

/* Whoever has written, or has put on record: a list by next. */
void life_written(struct life *l, struct delivery *list, bool lost);
void life_recorded(struct life *l, struct delivery *list);

#endif
