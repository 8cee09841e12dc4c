/* Items that were claimed and not yet taken. See outbox.h. */
#include "broker/outbox.h"

#include <stdlib.h>

#include "base/mem.h"

/* Items that came with one claim, of which the first `taken` are gone. */
struct batch {
	struct exchange x;
	size_t taken;
	struct batch *next;
};

void outbox_add(struct outbox *o, struct exchange *x)
{
	struct batch *b = mem_zero(sizeof *b);

	b->x = *x;
	*x = (struct exchange){ 0 };
	if (o->last)
		o->last->next = b;
	else
		o->first = b;
	o->last = b;
	o->count += b->x.nclaimed;
}

static void batch_free(struct batch *b)
{
	if (!b)
		return;
	exchange_free(&b->x);
	free(b);
}

const struct claimed *outbox_take(struct outbox *o, const char **body)
{
	struct batch *b = o->first;
	const struct claimed *item;

	if (!b)
		return NULL;
	if (o->at_hand != b) {
		batch_free(o->at_hand);
		o->at_hand = b;
	}
	o->count--;
	item = &b->x.claimed[b->taken++];
	if (b->taken == b->x.nclaimed) { /* it is at hand alone from now on */
		o->first = b->next;
		if (!o->first)
			o->last = NULL;
	}
	*body = buf_str(&b->x.bodies) + item->at;
	return item;
}

void outbox_free(struct outbox *o)
{
	struct batch *next;

	if (o->at_hand != o->first)
		batch_free(o->at_hand);
	for (struct batch *b = o->first; b; b = next) {
		next = b->next;
		batch_free(b);
	}
	*o = (struct outbox){ 0 };
}
