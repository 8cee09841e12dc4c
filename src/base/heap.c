/* A binary min-heap of pointers. See heap.h. */
#include "heap.h"

#include <stdlib.h>

#include "mem.h"

/* Put the node at this place, or above it as long as it comes before. */
static void rise(struct heap *h, size_t at, void *node)
{
	while (at > 0) {
		size_t parent = (at - 1) / 2;

		if (!h->before(node, h->nodes[parent]))
			break;
		h->nodes[at] = h->nodes[parent];
		at = parent;
	}
	h->nodes[at] = node;
}

/* Put the node at this place, or below it as long as others come before. */
static void sink(struct heap *h, size_t at, void *node)
{
	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= h->len)
			break;
		if (child + 1 < h->len && h->before(h->nodes[child + 1], h->nodes[child]))
			child++;
		if (!h->before(h->nodes[child], node))
			break;
		h->nodes[at] = h->nodes[child];
		at = child;
	}
	h->nodes[at] = node;
}

void heap_push(struct heap *h, void *node)
{
	if (h->len == h->cap) {
		h->cap = h->cap ? h->cap * 2 : 32;
		h->nodes = mem_grow(h->nodes, h->cap * sizeof *h->nodes);
	}
	rise(h, h->len++, node);
}

void *heap_peek(const struct heap *h)
{
	return h->len ? h->nodes[0] : NULL;
}

void *heap_pop(struct heap *h)
{
	void *first = heap_peek(h);

	if (first && --h->len)
		sink(h, 0, h->nodes[h->len]);
	return first;
}

bool heap_remove(struct heap *h, const void *node)
{
	size_t at = 0;
	void *last;

	while (at < h->len && h->nodes[at] != node)
		at++;
	if (at == h->len)
		return false;
	last = h->nodes[--h->len];
	if (at == h->len)
		return true;
	if (at > 0 && h->before(last, h->nodes[(at - 1) / 2]))
		rise(h, at, last);
	else
		sink(h, at, last);
	return true;
}

void heap_free(struct heap *h)
{
	free(h->nodes);
	h->nodes = NULL;
	h->len = h->cap = 0;
}
