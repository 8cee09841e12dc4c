/* Deliveries waiting for a worker. See queue.h. */
#include "queue/queue.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/thread.h"
#include "item.h"
#include "queue/schedule.h"

struct queue {
	lock lock;             /* guards all below; a leaf */
	condition work;        /* "there is work for me, or I should go home" */
	struct schedule *schedule; /* or NULL: */
	struct deliveries list;
	size_t depth;
	int64_t watched;       /* a waiting worker wakes up at this time by itself */
	size_t waiting;        /* workers inside queue_pop's wait */
	size_t coming;         /* workers that were started and are not here yet */
	unsigned staff;
	bool dismissed;        /* staff is 0 and stays so */
	bool held;
	bool closed;
};

struct queue *queue_new(const struct schedule_rules *rules)
{
	struct queue *q = mem_zero(sizeof *q);

	if (rules)
		q->schedule = schedule_new(rules);
	q->watched = INT64_MAX;
	lock_init(&q->lock);
	condition_init(&q->work);
	return q;
}

void queue_free(struct queue *q)
{
	assert(!q->list.first && !q->depth && !q->waiting && !q->coming);
	if (q->schedule)
		schedule_free(q->schedule);
	free(q);
}

static void link_last(struct queue *q, struct delivery *d)
{
	deliveries_add(&q->list, d);
	q->depth++;
}

static void link_first(struct queue *q, struct delivery *d)
{
	d->next = q->list.first;
	q->list.first = d;
	if (!q->list.last)
		q->list.last = d;
	q->depth++;
}

/* With the lock. */
static void push(struct queue *q, struct delivery *d,
	void (*link)(struct queue *q, struct delivery *d))
{
	if (q->schedule) {
		schedule_add(q->schedule, d, clock_now());
	} else {
		state_step(&d->state, ANY_OF(BORN, WAITING) | ONLY(RUNNING), STATE_QUEUED);
		link(q, d);
	}
	if (q->waiting)
		condition_one(&q->work);
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

static struct delivery *unlink_first(struct queue *q)
{
	q->depth--;
	return deliveries_take(&q->list);
}

/* The next delivery that may start now, or NULL and when to ask again. */
static struct delivery *take(struct queue *q, int64_t now, int64_t *when)
{
	*when = INT64_MAX;
	if (q->held)
		return NULL;
	if (q->schedule)
		return schedule_take(q->schedule, now, when);
	if (!q->list.first)
		return NULL;
	state_step(&q->list.first->state, ONLY(QUEUED), STATE_RUNNING);
	return unlink_first(q);
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
	if (q->held)
		return false;
	return q->schedule ? schedule_depth(q->schedule) > 0 : q->list.first != NULL;
}

struct delivery *queue_pop(struct queue *q, unsigned worker)
{
	struct delivery *d = NULL;

	lock_take(&q->lock);
	while (worker < q->staff) {
		int64_t now = q->schedule ? clock_now() : 0, when;

		d = take(q, now, &when);
		if (d || q->closed)
			break;
		wait_until(q, now, when);
	}
	/* The call may have been meant for somebody else, if I go home; and if I go to
	 * work, somebody else has to watch the clock. */
	if (q->waiting && has_work(q) && (!d || q->schedule))
		condition_one(&q->work);
	lock_give(&q->lock);
	return d;
}

enum breaker_event queue_ended(struct queue *q, const struct delivery *d, enum queue_end how)
{
	enum breaker_event event = BREAKER_SAME;

	if (!d->ticket)
		return event;
	lock_take(&q->lock);
	if (how == QUEUE_CUT_OFF)
		schedule_cut_off(q->schedule, d);
	else
		event = schedule_ended(q->schedule, d, how == QUEUE_FAILED, clock_now());
	if (q->waiting)
		condition_one(&q->work);
	lock_give(&q->lock);
	return event;
}

void queue_settled(struct queue *q, struct delivery *d)
{
	if (!d->ticket)
		return;
	lock_take(&q->lock);
	schedule_settled(q->schedule, d);
	if (q->waiting)
		condition_one(&q->work);
	lock_give(&q->lock);
}

void queue_staff(struct queue *q, unsigned workers)
{
	lock_take(&q->lock);
	if (!q->dismissed)
		q->staff = workers;
	q->dismissed = q->dismissed || workers == 0;
	condition_all(&q->work);
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
		condition_all(&q->work);
	q->held = held && !q->closed;
	lock_give(&q->lock);
}

void queue_close(struct queue *q)
{
	lock_take(&q->lock);
	q->closed = true;
	q->held = false;
	condition_all(&q->work);
	lock_give(&q->lock);
}

struct delivery *queue_oldest(struct queue *q)
{
	struct delivery *d;

	lock_take(&q->lock);
	if (q->schedule)
		d = schedule_drop(q->schedule);
	else
		d = q->list.first ? unlink_first(q) : NULL;
	lock_give(&q->lock);
	return d;
}

struct delivery *queue_take(struct queue *q)
{
	struct delivery *all;

	lock_take(&q->lock);
	all = q->schedule ? schedule_empty(q->schedule) : q->list.first;
	q->list = (struct deliveries){ 0 };
	q->depth = 0;
	lock_give(&q->lock);
	return all;
}

static size_t depth_of(const struct queue *q)
{
	return q->schedule ? schedule_depth(q->schedule) : q->depth;
}

/* What may not start yet counts, too: when its time has come, or its key is free, nobody
 * asks again, and a worker has to be there. */
long queue_shortage(struct queue *q)
{
	long shortage;

	lock_take(&q->lock);
	shortage = q->held ? 0 : (long)depth_of(q) - (long)(q->waiting + q->coming);
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

struct queue_load queue_load(struct queue *q)
{
	struct queue_load load = { 0 };

	if (!q->schedule)
		return load;
	lock_take(&q->lock);
	load.waiting = schedule_waiting(q->schedule);
	load.bytes = schedule_bytes(q->schedule);
	lock_give(&q->lock);
	return load;
}

size_t queue_depth(struct queue *q)
{
	size_t depth;

	lock_take(&q->lock);
	depth = depth_of(q);
	lock_give(&q->lock);
	return depth;
}

enum hold queue_why(struct queue *q, int64_t *left)
{
	int64_t now = clock_now(), until = INT64_MAX;
	enum hold why = HOLD_NONE;

	lock_take(&q->lock);
	if (q->schedule && !q->held)
		why = schedule_hold(q->schedule, now, &until);
	lock_give(&q->lock);
	*left = until == INT64_MAX ? until : until - now;
	return why;
}
