/* What an earlier run has left. See past.h. */
#include "past.h"

#include <stddef.h>

#include "item.h"

bool past_keep(struct past *p, struct item *item)
{
	struct delivery *d = &item->delivery;

	if (p->recall(p->record, item, &p->over) != RECALL_LEFT)
		return false;
	d->next = NULL;
	if (p->left)
		p->last->next = d;
	else
		p->left = d;
	p->last = d;
	return true;
}

void past_end(struct past *p)
{
	p->recall(p->record, NULL, &p->over);
	p->over = true;
}

struct item *past_left(struct past *p)
{
	struct delivery *d = p->left;

	if (!d)
		return NULL;
	p->left = d->next;
	d->next = NULL;
	return d->item;
}
