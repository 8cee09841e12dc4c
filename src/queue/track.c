/* Where the deliveries of one lane wait. See track.h. */
#include "queue/track.h"

#include "base/clock.h"
#include "queue/schedule.h"

void track_add(struct track *t, struct delivery *d, bool first)
{
	if (t->schedule) {
		schedule_add(t->schedule, d, clock_now());
		return;
	}
	state_step(&d->state, ANY_OF(BORN, WAITING) | ONLY(RUNNING), STATE_QUEUED);
	t->depth++;
	if (!first) {
		deliveries_add(&t->list, d);
		return;
	}
	d->next = t->list.first;
	t->list.first = d;
	if (!t->list.last)
		t->list.last = d;
}

static struct delivery *track_unlink(struct track *t)
{
	t->depth--;
	return deliveries_take(&t->list);
}

struct delivery *track_take(struct track *t, unsigned worker, int64_t now, int64_t *when)
{
	*when = INT64_MAX;
	if (t->schedule)
		return schedule_take(t->schedule, worker, now, when);
	if (!t->list.first)
		return NULL;
	state_step(&t->list.first->state, ONLY(QUEUED), STATE_RUNNING);
	return track_unlink(t);
}

struct delivery *track_drop(struct track *t)
{
	if (t->schedule)
		return schedule_drop(t->schedule);
	return t->list.first ? track_unlink(t) : NULL;
}

struct delivery *track_empty(struct track *t, struct delivery *others)
{
	struct delivery *all = t->schedule ? schedule_empty(t->schedule) : t->list.first;
	struct delivery *last = all;

	t->list = (struct deliveries){ 0 };
	t->depth = 0;
	while (last && last->next)
		last = last->next;
	if (last)
		last->next = others;
	return all ? all : others;
}

size_t track_depth(const struct track *t)
{
	return t->schedule ? schedule_depth(t->schedule) : t->depth;
}

bool track_is_ready(const struct track *t, int64_t now, int64_t *until)
{
	*until = INT64_MAX;
	if (track_depth(t) == 0)
		return false;
	return !t->schedule || schedule_hold(t->schedule, now, until) == HOLD_NONE;
}
