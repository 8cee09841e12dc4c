/* Who has waited longest. See eldest.h.
 *
 * They stand in a list by their numbers, so that one is found by halving. Who goes is marked;
 * what is marked is left behind at the front, and taken out of the middle when the list is
 * full. */
#include "view/eldest.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { FEW = 64, GONE = -1 };

struct eldest_one {
	uint64_t number;
	int64_t at; /* or GONE */
};

static struct eldest_one *eldest_front(const struct eldest *e)
{
	return e->list + e->first;
}

/* Only those that wait, from the beginning of the list. */
static void eldest_pack(struct eldest *e)
{
	size_t kept = 0;

	for (size_t i = 0; i < e->count; i++)
		if (eldest_front(e)[i].at != GONE)
			e->list[kept++] = eldest_front(e)[i];
	e->first = 0;
	e->count = kept;
}

static void eldest_make_room(struct eldest *e)
{
	if (e->first + e->count < e->room)
		return;
	eldest_pack(e);
	if (e->count * 2 < e->room)
		return;
	e->room = e->room ? 2 * e->room : FEW;
	e->list = mem_grow(e->list, e->room * sizeof *e->list);
}

void eldest_come(struct eldest *e, uint64_t number, int64_t at)
{
	if (e->count && number <= eldest_front(e)[e->count - 1].number)
		return;
	eldest_make_room(e);
	eldest_front(e)[e->count++] = (struct eldest_one){ number, at };
}

static struct eldest_one *eldest_find(const struct eldest *e, uint64_t number)
{
	size_t low = 0, high = e->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (eldest_front(e)[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < e->count && eldest_front(e)[low].number == number ? eldest_front(e) + low
		: NULL;
}

void eldest_go(struct eldest *e, uint64_t number)
{
	struct eldest_one *one = eldest_find(e, number);

	if (!one || one->at == GONE)
		return;
	one->at = GONE;
	for (; e->count && eldest_front(e)->at == GONE; e->count--)
		e->first++;
}

int64_t eldest_since(const struct eldest *e)
{
	return e->count ? eldest_front(e)->at : -1;
}

void eldest_free(struct eldest *e)
{
	free(e->list);
	*e = (struct eldest){ 0 };
}
