/* A record that comes in several pieces: a line that a blank at its end joins to the next one,
 * and what is cut at the last byte of a longer delimiter.
 *
 * Pure. Zero-initialise it; the caller says which pieces go on. */
#ifndef PQ_CONTINUED_H
#define PQ_CONTINUED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct continued {
	struct buf text; /* the pieces so far */
	bool begun;      /* there are some, */
	bool beyond;     /* and they are more than the record may have: the rest is dropped */
};

/* A piece that is not the last one; the record may have so many bytes. */
void continued_add(struct continued *c, const char *data, size_t len, uint64_t max);
/* The last piece: *data, *len become the whole record, a view until the next call of any. */
void continued_end(struct continued *c, const char **data, size_t *len, uint64_t max);
/* What was begun is nothing. */
void continued_drop(struct continued *c);
void continued_free(struct continued *c);

#endif
