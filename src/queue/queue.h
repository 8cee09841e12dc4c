/* Deliveries waiting for a worker: first in, first out, or as a schedule has it.
 *
 * A monitor: any thread may call. push never blocks: the bound is on what is
 * alive and kept by the desk, so the queue has room for all of it. The queue
 * owns what it holds. It ends in one of two ways: closed (what is inside is
 * still handed out) or closed and emptied with queue_take. */
#ifndef PQ_QUEUE_H
#define PQ_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/breaker.h"
#include "policy/hold.h"
#include "queue/bells.h"

struct delivery;
struct permits;
struct queue;
struct schedule_rules;

/* With rules every delivery of the lane must have a ticket (schedule.h), and all that queue_pop
 * gave out is told about with queue_ended and queue_settled; without, it is first in, first
 * out. Groups that share the workers have a lane each (delivery->lane): of those that have
 * something to start, who starts next goes by weight. */
struct lane_rules {
	const struct schedule_rules *schedule; /* or NULL */
	uint32_t weight;
};
struct queue *queue_new(const struct lane_rules rules[], unsigned lanes);
void queue_free(struct queue *q); /* must be empty */

void queue_push(struct queue *q, struct delivery *d);
/* What comes back to be tried again goes before all others. False: all have been sent home
 * for good, and it is still the caller's. */
bool queue_push_first(struct queue *q, struct delivery *d);
/* From now on whoever is given a delivery has a permit for it, and gives it back; who has none
 * waits as if there were nothing. Before the run. */
void queue_permits(struct queue *q, struct permits *p);
/* There may be one for somebody who waits. */
void queue_permitted(struct queue *q);
/* The next delivery for worker number `worker` (from 0), waiting for one; NULL
 * when the worker should go home: the queue is closed and empty, or there are
 * more workers than queue_staff allows. */
struct delivery *queue_pop(struct queue *q, unsigned worker);
/* The same for a worker whose deliveries have slots, from 0: *slot is the lowest that is free,
 * until queue_free_slot. Who goes home is whoever comes while as many as are wanted have one or
 * wait for one, and so all are lower than that. With affinity the slot is the worker's number. */
struct delivery *queue_pop_slot(struct queue *q, unsigned worker, unsigned *slot);
void queue_free_slot(struct queue *q, unsigned slot);
/* For a worker that waits for other things as well: it polls its bell, which is open and
 * else zero. NULL and *home false: there is none now; the bell is rung, once, when that may
 * have changed, and *when (ns of clock_now(), INT64_MAX: never) the time to ask by itself.
 * Who does not ask again calls queue_unlist. */
struct delivery *queue_ask(struct queue *q, unsigned worker, struct queue_bell *bell,
	int64_t *when, bool *home);
void queue_unlist(struct queue *q, struct queue_bell *bell);
/* A worker that must not begin anything yet waits for so many ns; false when it is sent home
 * before. */
bool queue_pause(struct queue *q, unsigned worker, int64_t most);
/* How many workers are wanted; those with higher numbers go home. 0 is for good. */
void queue_staff(struct queue *q, unsigned workers);
unsigned queue_wanted(struct queue *q);
/* While it is held nobody is given anything; what is closed is held no more. */
void queue_hold(struct queue *q, bool held);
void queue_close(struct queue *q);
/* Of this lane the one that has waited longest is taken back, and run by nobody; NULL: none
 * waits. */
struct delivery *queue_oldest(struct queue *q, unsigned lane);
/* An attempt has ended: it has failed or not, or was cut off by pq, which says nothing.
 * This and queue_settled do nothing for a delivery without a ticket. */
enum queue_end { QUEUE_DONE, QUEUE_FAILED, QUEUE_CUT_OFF };
enum breaker_event queue_ended(struct queue *q, const struct delivery *d, enum queue_end how);
/* It will not be pushed again. */
void queue_settled(struct queue *q, struct delivery *d);
/* Everything inside, as a list linked by next: nobody will run it. */
struct delivery *queue_take(struct queue *q);
/* Deliveries waiting, less the workers that wait for one or are on their way: when
 * positive, one more worker would have something to do. None are, while it is held. */
long queue_shortage(struct queue *q);
void queue_hired(struct queue *q);   /* a worker is on its way */
void queue_arrived(struct queue *q); /* and here it is */
size_t queue_depth(struct queue *q);

/* What a schedule makes of what is inside. */
struct queue_load {
	size_t waiting; /* deliveries whose time has not come, whose key has no place for them,
	                 * or whose own rate allows none now: others may overtake them */
	uint64_t bytes; /* taken by tickets, keys and rates */
};

struct queue_load queue_load(struct queue *q, unsigned lane); /* zeros without a schedule */
/* Why nothing is handed out though something waits, and for how long from now (ns;
 * INT64_MAX: until something ends). While it is held, its holder knows: HOLD_NONE. */
enum hold queue_why(struct queue *q, int64_t *left);

#endif
