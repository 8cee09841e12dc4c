/* Memory that is given back all at once. See parts.h. */
#include "action/formula/parts.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { ARENA_BLOCK = 2048 };

struct arena_block {
	struct arena_block *before;
	alignas(max_align_t) char data[];
};

void *arena_take(struct arena *p, size_t size)
{
	size_t most = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	char *got;

	if (!p->blocks || most > p->room - p->used) {
		size_t room = most > ARENA_BLOCK ? most : ARENA_BLOCK;
		struct arena_block *b = mem_alloc(sizeof *b + room);

		b->before = p->blocks;
		p->blocks = b;
		p->used = 0;
		p->room = room;
		p->bytes += room;
	}
	got = p->blocks->data + p->used;
	p->used += most;
	return memset(got, 0, size);
}

char *arena_copy(struct arena *p, const char *data, size_t len)
{
	char *copy = arena_take(p, len + 1);

	if (len)
		memcpy(copy, data, len);
	return copy;
}

void arena_free(struct arena *p)
{
	struct arena_block *before;

	for (struct arena_block *b = p->blocks; b; b = before) {
		before = b->before;
		free(b);
	}
	*p = (struct arena){ 0 };
}
