/* Deliveries waiting for a worker. See queue.h. */
#include "queue/queue.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/saturate.h"
#include "base/thread.h"
#include "item.h"
#include "queue/schedule.h"

struct queue {
	lock lock;             /* guards all below; a leaf */
	condition work;        /* "there is work for me, or I should go home" */
	condition call;        /* "I should go home", of those in queue_pause */
	struct queue_bell *bells; /* of those that asked in vain, the last one first */
	size_t rung;           /* and of those that were rung and have not asked since */
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
	condition_init(&q->call);
	return q;
}

void queue_free(struct queue *q)
{
	assert(!q->list.first && !q->depth && !q->waiting && !q->coming);
	assert(!q->bells && !q->rung);
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

/* With the lock: somebody should look; whoever waits here first. */
static void call_one(struct queue *q)
{
	if (q->waiting)
		condition_one(&q->work);
	else if (q->bells)
		bell_call(q);
}

static void call_all(struct queue *q)
{
	condition_all(&q->work);
	while (q->bells)
		bell_call(q);
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

/* With the lock, when an asker goes with d or goes home. The call may have been meant for
 * somebody else, if it goes home; if it goes to work, somebody else has to watch the clock;
 * and where some wait here and some poll, one call may have been for two. */
static void call_others(struct queue *q, const struct delivery *d)
{
	if (has_work(q) && (!d || q->schedule || q->bells))
		call_one(q);
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
	call_others(q, d);
	lock_give(&q->lock);
	return d;
}

struct delivery *queue_ask(struct queue *q, unsigned worker, struct queue_bell *bell,
	int64_t *when, bool *home)
{
	struct delivery *d = NULL;

	lock_take(&q->lock);
	bell_unlist(q, bell);
	*when = INT64_MAX;
	*home = worker >= q->staff;
	if (!*home) {
		d = take(q, q->schedule ? clock_now() : 0, when);
		*home = !d && q->closed;
	}
	if (d || *home) {
		call_others(q, d);
	} else {
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
		schedule_cut_off(q->schedule, d);
	else
		event = schedule_ended(q->schedule, d, how == QUEUE_FAILED, clock_now());
	call_one(q);
	lock_give(&q->lock);
	return event;
}

void queue_settled(struct queue *q, struct delivery *d)
{
	if (!d->ticket)
		return;
	lock_take(&q->lock);
	schedule_settled(q->schedule, d);
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
	shortage = q->held ? 0 : (long)depth_of(q) - (long)(q->waiting + q->coming + bells_waiting(q));
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
