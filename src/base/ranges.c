/* Numbers in ranges. See ranges.h. */
#include "base/ranges.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void ranges_insert(struct ranges *r, size_t at, uint64_t n)
{
	if (r->end == r->cap && r->first > r->cap / 2) {
		memmove(r->list, r->list + r->first, (r->end - r->first) * sizeof *r->list);
		at -= r->first;
		r->end -= r->first;
		r->first = 0;
	} else if (r->end == r->cap) {
		r->cap = r->cap ? r->cap * 2 : 16;
		r->list = mem_grow(r->list, r->cap * sizeof *r->list);
	}
	memmove(r->list + at + 1, r->list + at, (r->end - at) * sizeof *r->list);
	r->list[at] = (struct range){ n, n + 1 };
	r->end++;
}

void ranges_add(struct ranges *r, uint64_t n)
{
	struct range *list = r->list;
	size_t at = r->end;

	while (at > r->first && list[at - 1].from > n)
		at--;
	/* Now n belongs before at. */
	if (at > r->first && list[at - 1].to == n) {
		list[at - 1].to++;
		if (at < r->end && list[at].from == n + 1) {
			list[at - 1].to = list[at].to;
			memmove(list + at, list + at + 1, (r->end - at - 1) * sizeof *list);
			r->end--;
		}
	} else if (at < r->end && list[at].from == n + 1) {
		list[at].from--;
	} else {
		ranges_insert(r, at, n);
	}
}

uint64_t ranges_pass(struct ranges *r, uint64_t n)
{
	while (r->first < r->end && r->list[r->first].from <= n) {
		if (r->list[r->first].to > n)
			n = r->list[r->first].to;
		r->first++;
	}
	if (r->first == r->end)
		r->first = r->end = 0;
	return n;
}

void ranges_free(struct ranges *r)
{
	free(r->list);
	*r = (struct ranges){ 0 };
}
