/* Deliveries waiting for a worker. See queue.h. */
#include "queue.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/thread.h"
#include "item.h"

struct queue {
	lock lock;             /* guards all below; a leaf */
	condition work;        /* "there is work for me, or I should go home" */
	struct delivery *first, *last;
	size_t depth;
	size_t waiting;        /* workers inside queue_pop's wait */
	size_t coming;         /* workers that were started and are not here yet */
	unsigned staff;
	bool held;
	bool closed;
};

struct queue *queue_new(void)
{
	struct queue *q = mem_zero(sizeof *q);

	lock_init(&q->lock);
	condition_init(&q->work);
	return q;
}

void queue_free(struct queue *q)
{
	free(q);
}

void queue_push(struct queue *q, struct delivery *d)
{
	lock_take(&q->lock);
	d->next = NULL;
	if (q->last)
		q->last->next = d;
	else
		q->first = d;
	q->last = d;
	q->depth++;
	if (q->waiting)
		condition_one(&q->work);
	lock_give(&q->lock);
}

void queue_push_first(struct queue *q, struct delivery *d)
{
	lock_take(&q->lock);
	d->next = q->first;
	q->first = d;
	if (!q->last)
		q->last = d;
	q->depth++;
	if (q->waiting)
		condition_one(&q->work);
	lock_give(&q->lock);
}

static struct delivery *unlink_first(struct queue *q)
{
	struct delivery *d = q->first;

	q->first = d->next;
	if (!q->first)
		q->last = NULL;
	d->next = NULL;
	q->depth--;
	return d;
}

/* With the lock: may something be handed out? */
static bool has_work(const struct queue *q)
{
	return q->first && !q->held;
}

struct delivery *queue_pop(struct queue *q, unsigned worker)
{
	struct delivery *d = NULL;

	lock_take(&q->lock);
	while (worker < q->staff && !has_work(q) && !q->closed) {
		q->waiting++;
		condition_wait(&q->work, &q->lock, -1);
		q->waiting--;
	}
	if (worker < q->staff && has_work(q))
		d = unlink_first(q);
	else if (has_work(q) && q->waiting)
		condition_one(&q->work); /* I go home: the call was meant for somebody */
	lock_give(&q->lock);
	return d;
}

void queue_staff(struct queue *q, unsigned workers)
{
	lock_take(&q->lock);
	q->staff = workers;
	condition_all(&q->work);
	lock_give(&q->lock);
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
	d = q->first ? unlink_first(q) : NULL;
	lock_give(&q->lock);
	return d;
}

struct delivery *queue_take(struct queue *q)
{
	struct delivery *all;

	lock_take(&q->lock);
	all = q->first;
	q->first = q->last = NULL;
	q->depth = 0;
	lock_give(&q->lock);
	return all;
}

long queue_shortage(struct queue *q)
{
	long shortage;

	lock_take(&q->lock);
	shortage = q->held ? 0 : (long)q->depth - (long)(q->waiting + q->coming);
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

size_t queue_depth(struct queue *q)
{
	size_t depth;

	lock_take(&q->lock);
	depth = q->depth;
	lock_give(&q->lock);
	return depth;
}
