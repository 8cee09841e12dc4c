/* What becomes of an item that was read, before it may be born. See sift.h. */
#include "desk/sift.h"

#include <stddef.h>

#include "action/template/template.h"
#include "desk/order.h"
#include "desk/settle.h"
#include "desk/total.h"
#include "group.h"
#include "item.h"
#include "stats.h"

/* It is not for this run: if an earlier one has done it, it is to be seen whether the list is
 * still the same; it is not counted with ours. */
static void sift_leave(struct sift *s, struct delivery *d)
{
	stats_add(s->stats, STAT_BEFORE, -(int64_t)past_pass(&s->past, d));
	d->group = NULL;
}

static void sift_pass_by(struct sift *s, struct item *item)
{
	for (uint32_t i = 0; i < item->groups; i++)
		sift_leave(s, &item->deliveries[i]);
	atomic_fetch_add(&s->total->others, item_count(item));
	s->let_go(s->ctx, item);
}

/* Where the command of a section says so, there is no job. True: in none of them. */
static bool sift_skips(struct sift *s, struct item *item)
{
	for (uint32_t i = 0; i < item->groups; i++) {
		struct delivery *d = &item->deliveries[i];

		if (!d->group || !d->group->skips
		    || !template_skips(d->group->skips, &(struct fill){ .item = item }))
			continue;
		sift_leave(s, d);
		item->unsettled--;
	}
	return !item->unsettled;
}

/* The list is another one than it was: what was found to be left by its place is asked for
 * by what it is. */
static void sift_ask_again(struct sift *s)
{
	struct deliveries left = s->past.left;
	struct delivery *d;

	s->past.left = (struct deliveries){ 0 };
	while ((d = deliveries_take(&left))) {
		struct item *item = d->item;
		uint32_t before = item->unsettled;
		bool kept = past_keep(&s->past, item);

		atomic_fetch_sub(&s->total->fated, (before - item->unsettled) * item_count(item));
		if (!kept)
			s->let_go(s->ctx, item);
	}
}

/* As sift_item, by whose it is. What an earlier run knows of it comes first. */
static struct item *sift_judge(struct sift *s, struct item *item, const char *refused, bool ours)
{
	bool asked = !s->past.says.over;

	if (!ours) {
		sift_pass_by(s, item);
		stats_add(s->stats, STAT_ELSEWHERE, 1);
		return NULL;
	}
	if (!refused && sift_skips(s, item)) {
		sift_pass_by(s, item);
		return NULL;
	}
	if (asked && !past_keep(&s->past, item)) {
		s->let_go(s->ctx, item);
		return NULL;
	}
	if (refused)
		delivery_refuse(item->deliveries, refused);
	else
		settle_refuse_used_up(item);
	atomic_fetch_add(&s->total->fated, item->unsettled * item_count(item));
	return asked ? NULL : item;
}

/* The same, and what follows when the list turns out to be another one. */
static struct item *sift_compare(struct sift *s, struct item *item, const char *refused, bool ours)
{
	bool by_item = s->past.says.by_item;
	struct item *free = sift_judge(s, item, refused, ours);

	if (s->past.says.by_item != by_item)
		sift_ask_again(s);
	return free;
}

struct item *sift_item(struct sift *s, struct item *item, const char *refused)
{
	bool ours = share_has_item(&s->share, item);

	if (!s->order)
		return sift_compare(s, item, refused, ours);
	order_add(s->order, item, refused, ours);
	return NULL;
}

/* What an earlier run has left takes its place in the order. */
static void sift_order_left(struct sift *s)
{
	struct item *item;

	while (s->order && past_is_known(&s->past) && (item = past_left(&s->past)))
		order_keep(s->order, item);
}

/* All items are judged as they come in the list, and what is left of them is kept until its
 * turn to be started comes. */
static void sift_put_in_order(struct sift *s)
{
	struct item *item;
	const char *refused;
	bool ours;

	if (s->jobs)
		atomic_store(s->jobs, order_count(s->order));
	order_end(s->order, s->dealt);
	while ((item = order_listed(s->order, &refused, &ours)))
		if ((item = sift_compare(s, item, refused, ours)))
			order_keep(s->order, item);
	sift_order_left(s);
}

struct item *sift_kept(struct sift *s)
{
	if (!past_is_known(&s->past))
		return NULL;
	if (!s->order)
		return past_left(&s->past);
	return order_ended(s->order) ? order_first(s->order) : NULL;
}

bool sift_keeps(const struct sift *s)
{
	return s->past.left.first || order_holds(s->order);
}

bool sift_end(struct sift *s, bool failed, bool *stop)
{
	if (s->order && !order_ended(s->order)) {
		sift_put_in_order(s);
		return true;
	}
	if (s->past.says.over)
		return false;
	if (failed && !s->past.says.by_item) /* and nothing is known of the rest of the list */
		*stop = true;
	else if (!past_end(&s->past)) {
		sift_ask_again(s);
		past_end(&s->past);
	}
	sift_order_left(s);
	return true;
}

struct item *sift_rest(struct sift *s)
{
	struct item *item = past_left(&s->past);

	return item ? item : order_first(s->order);
}

void sift_free(struct sift *s)
{
	order_free(s->order);
	share_free(&s->share);
}
