/* A binary min-heap of pointers. See heap.h. */
#include "base/heap.h"

#include <stdlib.h>

#include "base/mem.h"

static void heap_put(struct heap *h, size_t at, void *node)
{
	h->nodes[at] = node;
	if (h->moved)
		h->moved(node, at);
}

/* Put the node at this place, or above it as long as it comes before. */
static void rise(struct heap *h, size_t at, void *node)
{
	while (at > 0) {
		size_t parent = (at - 1) / 2;

		if (!h->before(node, h->nodes[parent]))
			break;
		heap_put(h, at, h->nodes[parent]);
		at = parent;
	}
	heap_put(h, at, node);
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
		heap_put(h, at, h->nodes[child]);
		at = child;
	}
	heap_put(h, at, node);
}

void heap_push(struct heap *h, void *node)
{
	if (h->len == h->cap) {
		h->cap = h->cap ? h->cap * 2 : HEAP_LEAST;
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

void heap_remove_at(struct heap *h, size_t at)
{
	void *last = h->nodes[--h->len];

	if (at == h->len)
		return;
	if (at > 0 && h->before(last, h->nodes[(at - 1) / 2]))
		rise(h, at, last);
	else
		sink(h, at, last);
}

bool heap_remove(struct heap *h, const void *node)
{
	size_t at = 0;

	while (at < h->len && h->nodes[at] != node)
		at++;
	if (at == h->len)
		return false;
	heap_remove_at(h, at);
	return true;
}

void heap_free(struct heap *h)
{
	free(h->nodes);
	h->nodes = NULL;
	h->len = h->cap = 0;
}
