/* The items that a persistent worker owes answers for. See owed.h. */
#include "action/run/owed.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { OWED_ROOM = 64 };

void owed_free(struct owed *o)
{
	free(o->items);
	*o = (struct owed){ 0 };
}

/* What was taken from the front is made use of before there is more memory. */
static void owed_make_room(struct owed *o)
{
	if (o->first + o->count < o->room)
		return;
	if (o->first > o->room / 2) {
		memmove(o->items, o->items + o->first, o->count * sizeof *o->items);
		o->first = 0;
		return;
	}
	o->room = o->room ? 2 * o->room : OWED_ROOM;
	o->items = mem_grow(o->items, o->room * sizeof *o->items);
}

void owed_add(struct owed *o, const struct owed_item *item)
{
	owed_make_room(o);
	o->items[o->first + o->count++] = *item;
	o->bytes += item->size;
	o->left += item->left;
}

struct owed_item *owed_at(const struct owed *o, size_t i)
{
	return o->items + o->first + i;
}

void owed_begin(struct owed *o, int64_t now)
{
	if (o->count)
		owed_at(o, 0)->begun = owed_at(o, 0)->since = now;
}

struct delivery *owed_take(struct owed *o, size_t i)
{
	struct owed_item *item = owed_at(o, i);
	struct delivery *d = item->delivery;

	o->bytes -= item->size;
	o->left -= item->left;
	o->count--;
	if (i == 0)
		o->first++;
	else
		memmove(item, item + 1, (o->count - i) * sizeof *item);
	if (!o->count)
		o->first = 0;
	return d;
}
