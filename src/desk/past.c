/* What an earlier run has left. See past.h. */
#include "desk/past.h"

#include <stddef.h>

#include "item.h"

bool past_keep(struct past *p, struct item *item)
{
	struct delivery *left = NULL;

	for (uint32_t i = 0; i < item->groups; i++) {
		struct delivery *d = &item->deliveries[i];

		if (!d->group)
			continue;
		if (!p->over && p->recall(p->record, d, &p->over) != RECALL_LEFT) {
			d->group = NULL;
			item->unsettled--;
		} else if (!left) {
			left = d;
		}
	}
	if (left)
		deliveries_add(&p->left, left);
	return left;
}

unsigned past_pass(struct past *p, struct item *item)
{
	unsigned done = 0;

	for (uint32_t i = 0; i < item->groups && !p->over; i++) {
		struct delivery *d = &item->deliveries[i];

		done += d->group && p->recall(p->record, d, &p->over) != RECALL_LEFT;
	}
	return done;
}

void past_end(struct past *p)
{
	p->recall(p->record, NULL, &p->over);
	p->over = true;
}

struct item *past_left(struct past *p)
{
	struct delivery *d = deliveries_take(&p->left);

	return d ? d->item : NULL;
}
