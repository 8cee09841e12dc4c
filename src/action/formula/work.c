/* A formula at work on one value: what it holds, and how much it may do. See parts.h. */
#include "action/formula/parts.h"

#include <stdlib.h>
#include <string.h>

#include "action/transform/regex.h"

/* So many bytes may one value and all that leads to it take. */
#define WORK_MEMORY ((size_t)16 << 20)

static const char work_too_long[] = "does not come to an end",
	work_too_large[] = "makes more than 16 MiB";

struct scalar work_fail(struct work *w, const char *why)
{
	if (!w->why)
		w->why = why;
	return (struct scalar){ 0 };
}

bool work_has_room(struct work *w, size_t bytes)
{
	if (bytes <= WORK_MEMORY && w->arena.bytes <= WORK_MEMORY - bytes)
		return true;
	work_fail(w, work_too_large);
	return false;
}

bool work_goes_on(struct work *w)
{
	if (w->why)
		return false;
	if (w->left == 0) {
		work_fail(w, work_too_long);
		return false;
	}
	w->left--;
	return work_has_room(w, 0);
}

struct scalar work_value(struct work *w, const struct node *n)
{
	return work_goes_on(w) ? n->value(w, n) : (struct scalar){ 0 };
}

void work_values(struct work *w, const struct node *n, struct list *to)
{
	if (!n->values)
		list_add(w, to, work_value(w, n));
	else if (work_goes_on(w))
		n->values(w, n, to);
}

struct scalar work_text(struct work *w, const struct node *n)
{
	return scalar_as_text(&w->arena, work_value(w, n));
}

void work_assign(struct work *w, const struct node *n, struct scalar s)
{
	if (work_goes_on(w))
		n->assign(w, n, s);
}

void list_add(struct work *w, struct list *l, struct scalar s)
{
	if (!work_goes_on(w))
		return;
	if (l->count == l->room) {
		size_t room = l->room ? l->room * 2 : 8;
		struct scalar *items = arena_take(&w->arena, room * sizeof *items);

		if (l->count)
			memcpy(items, l->items, l->count * sizeof *items);
		l->items = items;
		l->room = room;
	}
	l->items[l->count++] = s;
}

struct scalar work_keep(struct work *w, struct buf *b)
{
	size_t len = b->len;
	struct scalar s = { 0 };

	if (work_has_room(w, len))
		s = scalar_text(arena_copy(&w->arena, b->data, len), len);
	buf_free(b);
	return s;
}

struct scalar work_run(struct work *w, const struct node *first)
{
	struct scalar last = { 0 };

	for (const struct node *n = first; n && !w->why; n = n->next)
		last = work_value(w, n);
	return last;
}
