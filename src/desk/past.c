/* What an earlier run has left. See past.h. */
#include "desk/past.h"

#include <stddef.h>

#include "item.h"

bool past_keep(struct past *p, struct item *item)
{
	if (p->recall(p->record, item, &p->over) != RECALL_LEFT)
		return false;
	deliveries_add(&p->left, &item->deliveries[0]);
	return true;
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
