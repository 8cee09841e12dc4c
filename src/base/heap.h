/* A binary min-heap of pointers. Knows no domain: the order is a function.
 * Not shared between threads. Growth dies on failed allocation (mem.h). */
#ifndef PQ_HEAP_H
#define PQ_HEAP_H

#include <stdbool.h>
#include <stddef.h>

enum { HEAP_LEAST = 4 }; /* nodes there is room for, if for any */

struct heap {
	bool (*before)(const void *a, const void *b); /* must a come out before b? */
	void (*moved)(void *node, size_t at); /* its place is this one now; NULL: not told */
	void **nodes; /* owned array; what it points to is the caller's */
	size_t len, cap;
};

void heap_push(struct heap *h, void *node);
void *heap_peek(const struct heap *h); /* the first, or NULL */
void *heap_pop(struct heap *h);        /* the first, taken out, or NULL */
bool heap_remove(struct heap *h, const void *node); /* looks at all; was it there? */
void heap_remove_at(struct heap *h, size_t at);     /* it is at this place (`moved`) */
void heap_free(struct heap *h);

#endif
