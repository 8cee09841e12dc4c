/* The life of a delivery. See life.h. */
#include "life.h"

#include <stddef.h>

#include "collector.h"
#include "events.h"
#include "group.h"
#include "item.h"
#include "policy/retry.h"
#include "queue/queue.h"
#include "queue/tickets.h"
#include "reader.h"
#include "record/journal.h"
#include "stats.h"

/* --- leaving ----------------------------------------------------------- */

/* It has its verdict. tried: it counts as one that is tried again. */
static void life_conclude(struct life *l, struct delivery *d, unsigned from, bool tried)
{
	state_step(&d->state, from, STATE_LEAVING);
	if (d->verdict != VERDICT_REJECT)
		result_forget(&d->result, l->store);
	stats_final(d, d->group->records, tried);
	if (l->final && d->verdict != VERDICT_RELEASE)
		l->final(l->ctx, d);
}

/* It makes way for others, once it is known whether its end is that of the run. */
static void life_leave(struct life *l, struct delivery *d)
{
	if (d->ticket)
		queue_settled(d->group->queue, d);
	collector_put(l->collector, d);
}

/* No attempt has led to it. */
static void life_leave_idle(struct life *l, struct delivery *d, unsigned from)
{
	d->verdict = retry_verdict(&d->group->retry, &d->result.outcome, d->attempts);
	life_conclude(l, d, from, d->attempts > 0);
	life_leave(l, d);
}

static void life_release(struct life *l, struct delivery *d)
{
	d->result.outcome = (struct outcome){ .how = OUTCOME_STOPPED };
	life_leave_idle(l, d, ANY_OF(WAITING, QUEUED) | ONLY(RUNNING));
}

void life_refuse(struct life *l, struct delivery *d)
{
	life_leave_idle(l, d, ONLY(BORN));
}

void life_release_all(struct life *l, struct queue *q)
{
	struct delivery *next;

	for (struct delivery *d = queue_take(q); d; d = next) {
		next = d->next;
		life_release(l, d);
	}
}

struct delivery *life_drop(struct life *l, const struct group *g)
{
	struct delivery *d = queue_oldest(g->queue, g->lane);

	if (!d)
		return NULL;
	state_step(&d->state, ANY_OF(WAITING, QUEUED), STATE_WRITTEN);
	if (d->ticket)
		queue_settled(d->group->queue, d);
	if (d->attempts > 0) {
		stats_add(d->group->stats, STAT_RETRYING, -1);
		collector_drop(l->collector, d);
	}
	collector_skip(l->collector, d->turn);
	return d;
}

/* --- to the queue ------------------------------------------------------ */

/* When, and behind how many, if times are taken. */
static void life_queued(struct delivery *d)
{
	if (d->group->timed)
		stats_queued(d->group->stats, d, queue_depth(d->group->queue));
}

bool life_route(struct life *l, struct delivery *d)
{
	events_tell(l->events, EVENT_BORN, d);
	if (d->group->scheduled && !tickets_give(&d->group->tickets, d)) {
		life_refuse(l, d);
		return false;
	}
	if (d->due)
		tickets_go_on(&d->group->backoff, d);
	life_queued(d);
	queue_push(d->group->queue, d);
	return true;
}

/* Before all others, as it has waited before; but nothing is queued any more when pq stops. */
static void life_again(struct life *l, struct delivery *d)
{
	life_queued(d);
	if (!queue_push_first(d->group->queue, d))
		life_release(l, d);
}

/* --- attempts ---------------------------------------------------------- */

bool life_begin(struct life *l, struct delivery *d, unsigned slot, struct service *service)
{
	const struct group *g = d->group;

	assert(state_now(&d->state) == STATE_RUNNING);
	d->attempts++;
	d->result.outcome = (struct outcome){ 0 }; /* nothing is left of the one before */
	d->result.captured = 0;
	d->result.slot = slot;
	stats_began(g->stats, d, service);
	events_tell(l->events, EVENT_STARTED, d);
	if (g->rate.interval && g->tickets.rate_key)
		reader_wake(l->reader); /* others of its rate key wait now, and leave their places */
	/* By line even an attempt that fails is shown; else only the last one. */
	return g->output == OUTPUT_LINE
		|| (g->output == OUTPUT_GROUP && d->attempts >= g->retry.attempts);
}

static void life_retry(struct life *l, struct delivery *d)
{
	bool wait = d->group->backoff.base > 0;

	if (d->group->output == OUTPUT_LINE)
		collector_retract(l->collector, d); /* its lines are shown */
	else
		collector_drop(l->collector, d); /* what a failed attempt printed is not */
	result_forget(&d->result, l->store);
	stats_again(d->group->stats, d->attempts > 1);
	if (l->journal) {
		state_step(&d->state, ONLY(RUNNING), STATE_WAITING);
		d->next = NULL;
		journal_put(l->journal, d, false);
	} else {
		life_again(l, d);
	}
	if (wait)
		reader_wake(l->reader); /* it waits now, and leaves its place to others */
}

/* Whom its source leases it to next tries it again, when its time has come: until then nobody
 * keeps it. Where others have it, too, that is for this run to do. */
static bool life_goes_back(const struct delivery *d)
{
	return d->item->leased && d->item->groups == 1;
}

static void life_hand_back(struct life *l, struct delivery *d)
{
	if (d->group->output != OUTPUT_LINE) /* else its lines are shown */
		collector_drop(l->collector, d);
	life_conclude(l, d, ONLY(RUNNING), d->attempts > 1);
}

/* Its attempt counts with --breaker, which may let others start. */
static void life_count_attempt(const struct delivery *d)
{
	if (d->ticket)
		tickets_ended(d->group->queue, &d->group->breaker, d);
}

/* It has its verdict. */
static void life_judged(struct life *l, struct delivery *d, struct service *service)
{
	const struct group *g = d->group;

	stats_ended(g->stats, d, service);
	if (l->reread)
		l->reread(l->groups);
	if (d->verdict == VERDICT_RETRY)
		tickets_back_off(&g->backoff, d);
	events_tell(l->events, EVENT_ENDED, d);
	if (d->attempts == 1)
		d->begun = d->result.outcome.started;
	if (d->verdict == VERDICT_RETRY && !life_goes_back(d)) {
		life_count_attempt(d);
		life_retry(l, d);
		return;
	}
	if (d->verdict == VERDICT_RETRY)
		life_hand_back(l, d);
	else
		life_conclude(l, d, ONLY(RUNNING), d->attempts > 1);
	life_count_attempt(d);
	life_leave(l, d);
}

void life_ended(struct life *l, struct delivery *d, struct service *service)
{
	assert(state_now(&d->state) == STATE_RUNNING);
	d->verdict = retry_verdict(&d->group->retry, &d->result.outcome, d->attempts);
	life_judged(l, d, service);
}

static void life_undo(struct life *l, struct delivery *d, enum queue_end how,
	struct service *service)
{
	assert(state_now(&d->state) == STATE_RUNNING && d->attempts > 0);
	events_tell(l->events, how == QUEUE_FAILED ? EVENT_LOST : EVENT_UNDONE, d);
	d->attempts--;
	stats_undone(d->group->stats, d, service);
	collector_drop(l->collector, d); /* what came of an answer */
	result_forget(&d->result, l->store);
	if (d->ticket)
		queue_ended(d->group->queue, d, how);
	life_again(l, d);
}

void life_back(struct life *l, struct delivery *d, struct service *service)
{
	life_undo(l, d, QUEUE_CUT_OFF, service);
}

void life_lost(struct life *l, struct delivery *d, struct service *service)
{
	assert(state_now(&d->state) == STATE_RUNNING);
	d->lost++;
	d->verdict = retry_lost(&d->group->retry, &d->result.outcome, d->lost);
	if (d->verdict == VERDICT_RETRY) {
		stats_add(d->group->stats, STAT_RETRIED, 1);
		life_undo(l, d, QUEUE_FAILED, service);
	} else {
		life_judged(l, d, service);
	}
}

/* --- back to the desk -------------------------------------------------- */

/* What could not be told whoever waits for it is done again. */
static void life_unwritten(struct delivery *list)
{
	for (struct delivery *d = list; d; d = d->next)
		if (d->item->leased && d->verdict != VERDICT_RETRY)
			d->verdict = VERDICT_RELEASE;
}

void life_written(struct life *l, struct delivery *list, bool lost)
{
	if (lost)
		life_unwritten(list);
	if (l->pass)
		l->pass(l->passages, list, lost);
	else if (l->journal)
		journal_put(l->journal, list, lost);
	else
		reader_settle(l->reader, list);
}

void life_recorded(struct life *l, struct delivery *list)
{
	struct delivery *settled = NULL, *next;

	for (struct delivery *d = list; d; d = next) {
		next = d->next;
		if (state_now(&d->state) == STATE_WAITING) { /* else its source tries it again */
			life_again(l, d);
		} else {
			d->next = settled;
			settled = d;
		}
	}
	if (settled)
		reader_settle(l->reader, settled);
}
