/* Numbers in ranges: which ones are to be passed over. Adding in ascending order, and
 * close to one another, is cheap. Zero-initialise; free with ranges_free.
 * Not shared between threads. Growth dies on failed allocation (mem.h). */
#ifndef PQ_RANGES_H
#define PQ_RANGES_H

#include <stddef.h>
#include <stdint.h>

struct ranges {
	struct range {
		uint64_t from, to; /* to is not in it */
	} *list;                   /* owned; ascending, none touches the next */
	size_t first, end, cap;    /* of the list, those that are still there */
};

void ranges_add(struct ranges *r, uint64_t n); /* not in any of them */
/* The first number, n or a later one, that is in none; all before it are forgotten. */
uint64_t ranges_pass(struct ranges *r, uint64_t n);
void ranges_free(struct ranges *r);

#endif
