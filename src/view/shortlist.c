/* The first few of many. See shortlist.h. */
#include "view/shortlist.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void shortlist_init(struct shortlist *l, size_t most)
{
	*l = (struct shortlist){ .most = most, .rows = mem_zero(most * sizeof *l->rows) };
}

static void shortlist_drop(struct shortlist_row *row)
{
	free(row->name);
	free(row->how);
	free(row->tail);
}

void shortlist_free(struct shortlist *l)
{
	for (size_t i = 0; i < l->count; i++)
		shortlist_drop(&l->rows[i]);
	free(l->rows);
}

static bool shortlist_precedes(uint64_t rank, uint64_t turn, const struct shortlist_row *other)
{
	return rank != other->rank ? rank < other->rank : turn < other->turn;
}

bool shortlist_wants(struct shortlist *l, uint64_t rank, uint64_t turn)
{
	l->offered++;
	return l->count < l->most || shortlist_precedes(rank, turn, &l->rows[l->count - 1]);
}

void shortlist_add(struct shortlist *l, const struct shortlist_row *row)
{
	size_t at = l->count;

	while (at > 0 && shortlist_precedes(row->rank, row->turn, &l->rows[at - 1]))
		at--;
	if (l->count == l->most)
		shortlist_drop(&l->rows[--l->count]);
	memmove(l->rows + at + 1, l->rows + at, (l->count - at) * sizeof *l->rows);
	l->rows[at] = *row;
	l->count++;
}
