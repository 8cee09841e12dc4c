/* Deliveries waiting for a worker. See queue.h. */
#include "queue/queue.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/saturate.h"
#include "base/thread.h"
#include "item.h"
#include "policy/stride.h"
#include "queue/schedule.h"

/* Where the deliveries of one group wait. */
struct lane {
	struct schedule *schedule; /* or NULL: */
	struct deliveries list;
	size_t depth;
};

struct queue {
	lock lock;             /* guards all below; a leaf */
	condition work;        /* "there is work for me, or I should go home" */
	condition call;        /* "I should go home", of those in queue_pause */
	struct queue_bell *bells; /* of those that asked in vain, the last one first */
	size_t rung;           /* and of those that were rung and have not asked since */
	struct lane *lanes;
	unsigned nlanes;
	struct stride *stride; /* NULL: there is one lane */
	bool *ready;           /* for it: lanes of which something may start */
	bool scheduled;        /* some lane is: the clock matters */
	bool affinity;         /* in some lane it matters who takes what: all look */
	int64_t watched;       /* a waiting worker wakes up at this time by itself */
	size_t waiting;        /* workers inside queue_pop's wait */
	size_t coming;         /* workers that were started and are not here yet */
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
	assert(!q->waiting && !q->coming && !q->bells && !q->rung);
	for (unsigned i = 0; i < q->nlanes; i++) {
		assert(!q->lanes[i].list.first && !q->lanes[i].depth);
		if (q->lanes[i].schedule)
			schedule_free(q->lanes[i].schedule);
	}
	if (q->stride)
		stride_free(q->stride);
	free(q->ready);
	free(q->lanes);
	free(q);
}

static struct lane *queue_lane(struct queue *q, const struct delivery *d)
{
	assert(d->lane < q->nlanes);
	return &q->lanes[d->lane];
}

static void link_last(struct lane *l, struct delivery *d)
{
	deliveries_add(&l->list, d);
	l->depth++;
}

static void link_first(struct lane *l, struct delivery *d)
{
	d->next = l->list.first;
	l->list.first = d;
	if (!l->list.last)
		l->list.last = d;
	l->depth++;
}

/* With the lock: off the list, or no longer rung. */
static void bell_unlist(struct queue *q, struct queue_bell *bell)
{
	struct queue_bell **link = &q->bells;

	if (bell->state == BELL_RUNG) {
		q->rung--;
		bell_hush(&bell->bell);
	}
	if (bell->state == BELL_LISTED) {
		while (*link != bell)
			link = &(*link)->next;
		*link = bell->next;
	}
	if (bell->watches)
		q->watched = INT64_MAX;
	bell->watches = false;
	bell->state = BELL_UNLISTED;
}

/* With the lock. */
static void bell_call(struct queue *q)
{
	struct queue_bell *bell = q->bells;

	bell_unlist(q, bell);
	bell->state = BELL_RUNG;
	q->rung++;
	bell_ring(&bell->bell);
}

/* With the lock. */
static void call_all(struct queue *q)
{
	condition_all(&q->work);
	while (q->bells)
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
	else if (q->bells)
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
static void push(struct queue *q, struct delivery *d,
	void (*link)(struct lane *l, struct delivery *d))
{
	struct lane *l = queue_lane(q, d);

	if (l->schedule) {
		schedule_add(l->schedule, d, clock_now());
	} else {
		state_step(&d->state, ANY_OF(BORN, WAITING) | ONLY(RUNNING), STATE_QUEUED);
		link(l, d);
	}
	call_one(q);
}

void queue_push(struct queue *q, struct delivery *d)
{
	lock_take(&q->lock);
	push(q, d, link_last);
	lock_give(&q->lock);
}

bool queue_push_first(struct queue *q, struct delivery *d)
{
	bool open;

	lock_take(&q->lock);
	open = !q->dismissed;
	if (open)
		push(q, d, link_first);
	lock_give(&q->lock);
	return open;
}

static struct delivery *unlink_first(struct lane *l)
{
	l->depth--;
	return deliveries_take(&l->list);
}

/* The next of this lane that may start now, or NULL and when to ask again. */
static struct delivery *lane_take(struct lane *l, unsigned worker, int64_t now, int64_t *when)
{
	*when = INT64_MAX;
	if (l->schedule)
		return schedule_take(l->schedule, worker, now, when);
	if (!l->list.first)
		return NULL;
	state_step(&l->list.first->state, ONLY(QUEUED), STATE_RUNNING);
	return unlink_first(l);
}

static size_t lane_depth(const struct lane *l)
{
	return l->schedule ? schedule_depth(l->schedule) : l->depth;
}

/* May something of this lane start now? Else *until: when it may, if nothing happens. */
static bool lane_is_ready(const struct lane *l, int64_t now, int64_t *until)
{
	*until = INT64_MAX;
	if (lane_depth(l) == 0)
		return false;
	return !l->schedule || schedule_hold(l->schedule, now, until) == HOLD_NONE;
}

/* Of the lanes that have something the one whose turn it is by its weight. */
static struct delivery *queue_take_by_weight(struct queue *q, unsigned worker, int64_t now,
	int64_t *when)
{
	struct delivery *d = NULL;
	int64_t until;

	*when = INT64_MAX;
	for (unsigned i = 0; i < q->nlanes; i++) {
		q->ready[i] = lane_is_ready(&q->lanes[i], now, &until);
		*when = !q->ready[i] && until < *when ? until : *when;
	}
	for (size_t i; !d && (i = stride_pick(q->stride, q->ready)) < q->nlanes;) {
		d = lane_take(&q->lanes[i], worker, now, &until);
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
	return lane_take(&q->lanes[0], worker, now, when);
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

/* With the lock. */
static size_t queue_sum(const struct queue *q)
{
	size_t depth = 0;

	for (unsigned i = 0; i < q->nlanes; i++)
		depth += lane_depth(&q->lanes[i]);
	return depth;
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
	if (has_work(q) && (!d || q->scheduled || q->bells))
		call_one(q);
}

struct delivery *queue_pop(struct queue *q, unsigned worker)
{
	struct delivery *d = NULL;

	lock_take(&q->lock);
	while (worker < q->staff) {
		int64_t now = q->scheduled ? clock_now() : 0, when;

		d = take(q, worker, now, &when);
		if (d || q->closed)
			break;
		queue_note(q, worker, true);
		wait_until(q, now, when);
		call_in_time(q, when);
	}
	queue_note(q, worker, false);
	call_others(q, d);
	lock_give(&q->lock);
	return d;
}

struct delivery *queue_ask(struct queue *q, unsigned worker, struct queue_bell *bell,
	int64_t *when, bool *home)
{
	struct delivery *d = NULL;

	lock_take(&q->lock);
	if (bell->watches)
		call_in_time(q, q->watched);
	bell_unlist(q, bell);
	*when = INT64_MAX;
	*home = worker >= q->staff;
	if (!*home) {
		d = take(q, worker, q->scheduled ? clock_now() : 0, when);
		*home = !d && q->closed;
	}
	queue_note(q, worker, !d && !*home);
	if (d || *home) {
		call_others(q, d);
	} else {
		bell->worker = worker;
		bell->watches = *when < q->watched;
		if (bell->watches)
			q->watched = *when;
		bell->state = BELL_LISTED;
		bell->next = q->bells;
		q->bells = bell;
	}
	lock_give(&q->lock);
	return d;
}

void queue_unlist(struct queue *q, struct queue_bell *bell)
{
	lock_take(&q->lock);
	if (bell->state != BELL_UNLISTED)
		queue_note(q, bell->worker, false);
	bell_unlist(q, bell);
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
	struct lane *l = &q->lanes[lane];
	struct delivery *d;

	lock_take(&q->lock);
	if (l->schedule)
		d = schedule_drop(l->schedule);
	else
		d = l->list.first ? unlink_first(l) : NULL;
	lock_give(&q->lock);
	return d;
}

/* With the lock: all that is in this lane, before those. */
static struct delivery *lane_empty(struct lane *l, struct delivery *others)
{
	struct delivery *all = l->schedule ? schedule_empty(l->schedule) : l->list.first;
	struct delivery *last = all;

	l->list = (struct deliveries){ 0 };
	l->depth = 0;
	while (last && last->next)
		last = last->next;
	if (last)
		last->next = others;
	return all ? all : others;
}

struct delivery *queue_take(struct queue *q)
{
	struct delivery *all = NULL;

	lock_take(&q->lock);
	for (unsigned i = q->nlanes; i-- > 0;)
		all = lane_empty(&q->lanes[i], all);
	lock_give(&q->lock);
	return all;
}

/* With the lock: workers that ask once they are rung, or were. */
static size_t bells_waiting(const struct queue *q)
{
	size_t n = q->rung;

	for (const struct queue_bell *b = q->bells; b; b = b->next)
		n++;
	return n;
}

/* What may not start yet counts, too: when its time has come, or its key is free, nobody
 * asks again, and a worker has to be there. */
long queue_shortage(struct queue *q)
{
	long shortage;

	lock_take(&q->lock);
	shortage = q->held ? 0 : (long)queue_sum(q) - (long)(q->waiting + q->coming + bells_waiting(q));
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
		const struct lane *l = &q->lanes[i];
		int64_t then = INT64_MAX;
		enum hold reason;

		if (lane_depth(l) == 0)
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
	lock_give(&q->lock);
	*left = until == INT64_MAX || why == HOLD_NONE ? INT64_MAX : until - now;
	return why;
}
