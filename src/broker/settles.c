/* Settlements that wait to be sent. See settles.h. */
#include "broker/settles.h"

#include <stdlib.h>

#include "base/mem.h"

/* Room for so many at first. */
enum { SETTLES_ROOM = 64 };

void settles_add(struct settles *to, const struct settle *s)
{
	if (to->count == to->room) {
		to->room = to->room ? to->room * 2 : SETTLES_ROOM;
		to->list = mem_grow(to->list, to->room * sizeof *to->list);
	}
	to->list[to->count++] = *s;
}

void settles_clear(struct settles *s)
{
	for (size_t i = 0; i < s->count; i++)
		free((char *)s->list[i].outcome);
	s->count = 0;
}

void settles_free(struct settles *s)
{
	settles_clear(s);
	free(s->list);
}

size_t settles_done(const struct settles *s)
{
	size_t done = 0;

	for (size_t i = 0; i < s->count; i++)
		done += s->list[i].how != SETTLE_RELEASE && s->list[i].how != SETTLE_EXTEND;
	return done;
}
