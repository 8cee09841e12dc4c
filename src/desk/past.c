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
		if (!p->says.over && !d->attempts /* else it has been asked for */
		    && p->recall(p->record, d, &p->says) != RECALL_LEFT) {
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

bool past_pass(struct past *p, struct delivery *d)
{
	return d->group && !p->says.over && p->recall(p->record, d, &p->says) != RECALL_LEFT;
}

bool past_end(struct past *p)
{
	bool before = p->says.by_item;

	p->recall(p->record, NULL, &p->says);
	p->says.over = p->says.by_item == before;
	return p->says.over;
}

struct item *past_left(struct past *p)
{
	struct delivery *d = deliveries_take(&p->left);

	return d ? d->item : NULL;
}
