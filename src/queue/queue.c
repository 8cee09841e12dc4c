/* Deliveries waiting for a worker. See queue.h. */
#include "queue/queue.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/permits.h"
#include "base/saturate.h"
#include "base/thread.h"
#include "item.h"
#include "policy/stride.h"
#include "queue/bells.h"
#include "queue/schedule.h"
#include "queue/slots.h"
#include "queue/track.h"

struct queue {
	lock lock;             /* guards all below; a leaf */
	condition work;        /* "there is work for me, or I should go home" */
	condition call;        /* "I should go home", of those in queue_pause */
	struct bells bells;    /* of those that asked in vain */
	struct track *lanes;   /* one for each group */
	unsigned nlanes;
	struct stride *stride; /* NULL: there is one lane */
	struct permits *permits; /* NULL: none is needed */
	size_t wanting;        /* so many workers wait for one */
	bool *ready;           /* for it: lanes of which something may start */
	bool scheduled;        /* some lane is: the clock matters */
	bool affinity;         /* in some lane it matters who takes what: all look */
	int64_t watched;       /* a waiting worker wakes up at this time by itself */
	size_t waiting;        /* workers inside queue_pop's wait */
	size_t coming;         /* workers that were started and are not here yet */
	struct slots slots;    /* of those who pop for one */
	unsigned staff;
	bool dismissed;        /* staff is 0 and stays so */
	bool held;
	bool closed;
};

struct queue *queue_new(const struct lane_rules rules[], unsigned lanes)
{
	struct queue *q = mem_zero(sizeof *q);
	uint32_t *weights = mem_zero(lanes * sizeof *weights);

	q->lanes = mem_zero(lanes * sizeof *q->lanes);
	q->nlanes = lanes;
	q->ready = mem_zero(lanes * sizeof *q->ready);
	for (unsigned i = 0; i < lanes; i++) {
		weights[i] = rules[i].weight;
		if (rules[i].schedule)
			q->lanes[i].schedule = schedule_new(rules[i].schedule);
		q->scheduled |= rules[i].schedule != NULL;
		q->affinity |= rules[i].schedule && rules[i].schedule->affinity;
	}
	if (lanes > 1)
		q->stride = stride_new(weights, lanes);
	free(weights);
	q->watched = INT64_MAX;
	lock_init(&q->lock);
	condition_init(&q->work);
	condition_init(&q->call);
	return q;
}

void queue_free(struct queue *q)
{
	assert(!q->waiting && !q->coming && !q->wanting && !q->bells.list && !q->bells.rung);
	for (unsigned i = 0; i < q->nlanes; i++) {
		assert(!q->lanes[i].list.first && !q->lanes[i].depth);
		if (q->lanes[i].schedule)
			schedule_free(q->lanes[i].schedule);
	}
	if (q->stride)
		stride_free(q->stride);
	slots_free(&q->slots);
	free(q->ready);
	free(q->lanes);
	free(q);
}

static struct track *queue_lane(struct queue *q, const struct delivery *d)
{
	assert(d->lane < q->nlanes);
	return &q->lanes[d->lane];
}

/* With the lock: it is not called any more, or was. */
static void queue_take_off(struct queue *q, struct queue_bell *bell)
{
	bells_remove(&q->bells, bell);
	if (bell->watches)
		q->watched = INT64_MAX;
	bell->watches = false;
}

/* With the lock. */
static void bell_call(struct queue *q)
{
	if (q->bells.list->watches)
		q->watched = INT64_MAX;
	q->bells.list->watches = false;
	bells_call(&q->bells);
}

/* With the lock. */
static void call_all(struct queue *q)
{
	condition_all(&q->work);
	while (q->bells.list)
		bell_call(q);
}

/* With the lock: somebody should look, whoever waits here first; where it matters who finds
 * it, all should. */
static void call_one(struct queue *q)
{
	if (q->affinity)
		call_all(q);
	else if (q->waiting)
		condition_one(&q->work);
	else if (q->bells.list)
		bell_call(q);
}

/* With the lock: whoever watches the clock finds what is another's, perhaps. */
static void call_in_time(struct queue *q, int64_t when)
{
	if (q->affinity && clock_now() >= when)
		call_all(q);
}

/* With the lock: this worker has asked in vain and waits, in whatever lane; or not any more. */
static void queue_note(struct queue *q, unsigned worker, bool waits)
{
	for (unsigned i = 0; i < q->nlanes && q->affinity; i++)
		if (q->lanes[i].schedule)
			schedule_waits(q->lanes[i].schedule, worker, waits);
}

/* With the lock. */
static void push(struct queue *q, struct delivery *d, bool first)
{
	track_add(queue_lane(q, d), d, first);
	call_one(q);
}

void queue_push(struct queue *q, struct delivery *d)
{
	lock_take(&q->lock);
	push(q, d, false);
	lock_give(&q->lock);
}

bool queue_push_first(struct queue *q, struct delivery *d)
{
	bool open;

	lock_take(&q->lock);
	open = !q->dismissed;
	if (open)
		push(q, d, true);
	lock_give(&q->lock);
	return open;
}

/* Of the lanes that have something the one whose turn it is by its weight. */
static struct delivery *queue_take_by_weight(struct queue *q, unsigned worker, int64_t now,
	int64_t *when)
{
	struct delivery *d = NULL;
	int64_t until;

	*when = INT64_MAX;
	for (unsigned i = 0; i < q->nlanes; i++) {
		q->ready[i] = track_is_ready(&q->lanes[i], now, &until);
		*when = !q->ready[i] && until < *when ? until : *when;
	}
	for (size_t i; !d && (i = stride_pick(q->stride, q->ready)) < q->nlanes;) {
		d = track_take(&q->lanes[i], worker, now, &until);
		q->ready[i] = false;
		*when = !d && until < *when ? until : *when;
	}
	return d;
}

/* The next delivery that may start now, or NULL and when to ask again. */
static struct delivery *take(struct queue *q, unsigned worker, int64_t now, int64_t *when)
{
	*when = INT64_MAX;
	if (q->held)
		return NULL;
	if (q->stride)
		return queue_take_by_weight(q, worker, now, when);
	return track_take(&q->lanes[0], worker, now, when);
}

/* With the lock: may something start now, as far as permits go? Else *when as for take. */
static bool queue_is_ready(const struct queue *q, int64_t now, int64_t *when)
{
	bool ready = false;
	int64_t until;

	*when = INT64_MAX;
	for (unsigned i = 0; i < q->nlanes && !q->held && !ready; i++) {
		ready = track_is_ready(&q->lanes[i], now, &until);
		*when = until < *when ? until : *when;
	}
	return ready;
}

/* With the lock. */
static size_t queue_sum(const struct queue *q)
{
	size_t depth = 0;

	for (unsigned i = 0; i < q->nlanes; i++)
		depth += track_depth(&q->lanes[i]);
	return depth;
}

/* With the lock: this worker waits for a permit no more. */
static void queue_renounce(struct queue *q, bool *wants)
{
	if (*wants) {
		permits_renounce(q->permits, wants);
		q->wanting--;
	}
}

/* With the lock: a permit, if there is one; else it is waited for by as many as there is
 * something to start for. */
static bool queue_permit(struct queue *q, bool *wants)
{
	size_t others = q->wanting - *wants;
	bool got = permits_take(q->permits, wants, others < queue_sum(q));

	q->wanting = others + *wants;
	return got;
}

/* With the lock: the same as take, for a worker that needs a permit where there are any. One
 * is asked for only while something may start. */
static struct delivery *queue_next(struct queue *q, unsigned worker, bool *wants, int64_t now,
	int64_t *when)
{
	struct delivery *d;

	if (!q->permits)
		return take(q, worker, now, when);
	if (!queue_is_ready(q, now, when)) {
		queue_renounce(q, wants);
		return NULL;
	}
	*when = INT64_MAX;
	if (!queue_permit(q, wants))
		return NULL;
	d = take(q, worker, now, when);
	if (!d)
		permits_give(q->permits);
	return d;
}

/* One of the waiting workers is enough to watch the clock. */
static void wait_until(struct queue *q, int64_t now, int64_t when)
{
	int64_t before = q->watched;
	bool watch = when < before;

	if (watch)
		q->watched = when;
	q->waiting++;
	condition_wait(&q->work, &q->lock, watch ? when - now : -1);
	q->waiting--;
	if (watch)
		q->watched = INT64_MAX;
}

/* With the lock: may something be handed out, now or later? */
static bool has_work(const struct queue *q)
{
	return !q->held && queue_sum(q) > 0;
}

/* With the lock, when an asker goes with d or goes home. The call may have been meant for
 * somebody else, if it goes home; if it goes to work, somebody else has to watch the clock;
 * and where some wait here and some poll, one call may have been for two. */
static void call_others(struct queue *q, const struct delivery *d)
{
	if (d && q->wanting > queue_sum(q))
		call_all(q); /* a permit would be of no use to some of them now */
	else if (has_work(q) && (!d || q->scheduled || q->bells.list || q->wanting))
		call_one(q);
}

void queue_permits(struct queue *q, struct permits *p)
{
	q->permits = p;
}

void queue_permitted(struct queue *q)
{
	lock_take(&q->lock);
	if (has_work(q))
		call_one(q);
	lock_give(&q->lock);
}

/* With the lock: is this worker still wanted, by its number, or beside those that are at work or
 * wait for some? */
static bool queue_wants(const struct queue *q, unsigned worker, bool counted)
{
	return (counted ? q->slots.count + q->waiting : worker) < q->staff;
}

/* With the lock. */
static struct delivery *queue_wait(struct queue *q, unsigned worker, bool counted)
{
	struct delivery *d = NULL;
	bool wants = false;

	while (queue_wants(q, worker, counted)) {
		int64_t now = q->scheduled ? clock_now() : 0, when;

		d = queue_next(q, worker, &wants, now, &when);
		if (d || (q->closed && !wants))
			break;
		queue_note(q, worker, true);
		wait_until(q, now, when);
		call_in_time(q, when);
	}
	queue_renounce(q, &wants);
	queue_note(q, worker, false);
	call_others(q, d);
	return d;
}

struct delivery *queue_pop_slot(struct queue *q, unsigned worker, unsigned *slot)
{
	bool counted = slot && !q->affinity;
	struct delivery *d;

	lock_take(&q->lock);
	d = queue_wait(q, worker, counted);
	if (d && slot)
		*slot = counted ? slots_take(&q->slots) : worker;
	lock_give(&q->lock);
	return d;
}

struct delivery *queue_pop(struct queue *q, unsigned worker)
{
	return queue_pop_slot(q, worker, NULL);
}

void queue_free_slot(struct queue *q, unsigned slot)
{
	if (q->affinity)
		return;
	lock_take(&q->lock);
	slots_give(&q->slots, slot);
	lock_give(&q->lock);
}

struct delivery *queue_ask(struct queue *q, unsigned worker, struct queue_bell *bell,
	int64_t *when, bool *home)
{
	struct delivery *d = NULL;
	int64_t now;

	lock_take(&q->lock);
	now = q->scheduled ? clock_now() : 0;
	if (bell->watches)
		call_in_time(q, q->watched);
	queue_take_off(q, bell);
	*when = INT64_MAX;
	*home = worker >= q->staff;
	if (!*home) {
		d = bell->permitted ? take(q, worker, now, when)
			: queue_next(q, worker, &bell->wants, now, when);
		*home = !d && q->closed && !bell->wants;
	}
	if (*home || bell->permitted)
		queue_renounce(q, &bell->wants);
	queue_note(q, worker, !d && !*home);
	if (d || *home) {
		call_others(q, d);
	} else {
		bell->worker = worker;
		bell->watches = *when < q->watched;
		if (bell->watches)
			q->watched = *when;
		bells_add(&q->bells, bell);
	}
	lock_give(&q->lock);
	return d;
}

void queue_unlist(struct queue *q, struct queue_bell *bell)
{
	lock_take(&q->lock);
	if (bell->state != BELL_UNLISTED)
		queue_note(q, bell->worker, false);
	queue_take_off(q, bell);
	queue_renounce(q, &bell->wants);
	call_others(q, NULL);
	lock_give(&q->lock);
}

bool queue_pause(struct queue *q, unsigned worker, int64_t most)
{
	int64_t until = saturate_after(clock_now(), most), now;
	bool wanted;

	lock_take(&q->lock);
	while ((wanted = worker < q->staff && !q->closed) && (now = clock_now()) < until)
		condition_wait(&q->call, &q->lock, until - now);
	lock_give(&q->lock);
	return wanted;
}

enum breaker_event queue_ended(struct queue *q, const struct delivery *d, enum queue_end how)
{
	enum breaker_event event = BREAKER_SAME;

	if (!d->ticket)
		return event;
	lock_take(&q->lock);
	if (how == QUEUE_CUT_OFF)
		schedule_cut_off(queue_lane(q, d)->schedule, d);
	else
		event = schedule_ended(queue_lane(q, d)->schedule, d, how == QUEUE_FAILED, clock_now());
	call_one(q);
	lock_give(&q->lock);
	return event;
}

void queue_settled(struct queue *q, struct delivery *d)
{
	if (!d->ticket)
		return;
	lock_take(&q->lock);
	schedule_settled(queue_lane(q, d)->schedule, d);
	call_one(q);
	lock_give(&q->lock);
}

void queue_staff(struct queue *q, unsigned workers)
{
	lock_take(&q->lock);
	if (!q->dismissed)
		q->staff = workers;
	q->dismissed = q->dismissed || workers == 0;
	call_all(q);
	condition_all(&q->call);
	lock_give(&q->lock);
}

unsigned queue_wanted(struct queue *q)
{
	unsigned workers;

	lock_take(&q->lock);
	workers = q->staff;
	lock_give(&q->lock);
	return workers;
}

void queue_hold(struct queue *q, bool held)
{
	lock_take(&q->lock);
	if (q->held && !held)
		call_all(q);
	q->held = held && !q->closed;
	lock_give(&q->lock);
}

void queue_close(struct queue *q)
{
	lock_take(&q->lock);
	q->closed = true;
	q->held = false;
	call_all(q);
	condition_all(&q->call);
	lock_give(&q->lock);
}

struct delivery *queue_oldest(struct queue *q, unsigned lane)
{
	struct delivery *d;

	lock_take(&q->lock);
	d = track_drop(&q->lanes[lane]);
	lock_give(&q->lock);
	return d;
}

struct delivery *queue_take(struct queue *q)
{
	struct delivery *all = NULL;

	lock_take(&q->lock);
	for (unsigned i = q->nlanes; i-- > 0;)
		all = track_empty(&q->lanes[i], all);
	lock_give(&q->lock);
	return all;
}

/* What may not start yet counts, too: when its time has come, or its key is free, nobody
 * asks again, and a worker has to be there. */
long queue_shortage(struct queue *q)
{
	long shortage;

	lock_take(&q->lock);
	shortage = q->held ? 0 : (long)queue_sum(q) - (long)(q->waiting + q->coming
		+ bells_waiting(&q->bells));
	lock_give(&q->lock);
	return shortage;
}

void queue_hired(struct queue *q)
{
	lock_take(&q->lock);
	q->coming++;
	lock_give(&q->lock);
}

void queue_arrived(struct queue *q)
{
	lock_take(&q->lock);
	q->coming--;
	lock_give(&q->lock);
}

struct queue_load queue_load(struct queue *q, unsigned lane)
{
	const struct schedule *schedule = q->lanes[lane].schedule;
	struct queue_load load = { 0 };

	if (!schedule)
		return load;
	lock_take(&q->lock);
	load.waiting = schedule_waiting(schedule);
	load.bytes = schedule_bytes(schedule);
	lock_give(&q->lock);
	return load;
}

size_t queue_depth(struct queue *q)
{
	size_t depth;

	lock_take(&q->lock);
	depth = queue_sum(q);
	lock_give(&q->lock);
	return depth;
}

/* With the lock: where something of one lane may start, nothing is held; else the lane that
 * may start first says why. */
static enum hold queue_reason(const struct queue *q, int64_t now, int64_t *until)
{
	enum hold why = HOLD_NONE;

	for (unsigned i = 0; i < q->nlanes; i++) {
		const struct track *l = &q->lanes[i];
		int64_t then = INT64_MAX;
		enum hold reason;

		if (track_depth(l) == 0)
			continue;
		reason = l->schedule ? schedule_hold(l->schedule, now, &then) : HOLD_NONE;
		if (reason == HOLD_NONE)
			return HOLD_NONE;
		if (why == HOLD_NONE || then < *until) {
			why = reason;
			*until = then;
		}
	}
	return why;
}

enum hold queue_why(struct queue *q, int64_t *left)
{
	int64_t now = clock_now(), until = INT64_MAX;
	enum hold why = HOLD_NONE;

	lock_take(&q->lock);
	if (q->scheduled && !q->held)
		why = queue_reason(q, now, &until);
	if (!why && has_work(q) && q->wanting)
		why = HOLD_JOBSERVER;
	if (why == HOLD_JOBSERVER)
		until = INT64_MAX;
	lock_give(&q->lock);
	*left = until == INT64_MAX || why == HOLD_NONE ? INT64_MAX : until - now;
	return why;
}
