/* Where a stream of bytes is cut into blocks of whole records, for --pipe.
 *
 * Pure. A record is so many pieces, each of which ends as ends.h says; the last one ends with
 * the input. A block has as many whole records as keep within `block` bytes, but at least one;
 * or exactly so many as are asked for, or as few as have more than `least` bytes, but fewer at
 * the end and before a record that is too long. The cuts do not depend on how the bytes come
 * in. */
#ifndef PQ_CUTTER_H
#define PQ_CUTTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source/ends.h"

struct cutter_rules {
	struct ends_rules ends;
	uint64_t pieces;         /* of a record; 0: one */
	uint64_t records;        /* of a block; 0: as many as fit */
	size_t block;            /* bytes of a block, at least 1; or, */
	size_t least;            /* without a number of records, how many it exceeds; 0: any */
	size_t longest;          /* bytes of a record without its end */
};

struct cutter {
	const struct cutter_rules *rules;
	struct ends ends;
	bool backwards;   /* a block is filled by looking back from its size */
	/* Of the data being looked at, which begins with a record: */
	size_t record;    /* where the record being looked at begins */
	uint64_t pieces;  /* of it, that have ended, */
	size_t stop;      /* the last of them here, but for its end */
	uint64_t records; /* before it */
};

enum cutter_find {
	CUTTER_MORE,  /* more bytes are needed to tell */
	CUTTER_BLOCK, /* the first *n bytes are a block */
	CUTTER_LONG,  /* they begin with a record that is too long: skip it */
	CUTTER_STUCK, /* they begin with one whose end cannot be found: cutter_why */
};

void cutter_init(struct cutter *c, const struct cutter_rules *rules);
void cutter_free(struct cutter *c);
/* The next block of data that has not changed since the last call, but may have
 * grown, when that said CUTTER_MORE; and begins behind the block otherwise. ended:
 * nothing will follow; then there must be some data left. */
enum cutter_find cutter_next(struct cutter *c, const char *data, size_t len, bool ended,
	size_t *n);
const char *cutter_why(const struct cutter *c); /* a constant */
/* How much of the data is whole records, when nothing is to come; from there on it
 * is as if there were none. */
size_t cutter_whole(struct cutter *c, const char *data, size_t len);
/* The beginning of a record that is too long is dropped: how much of the data belongs
 * to it and is not needed to find its end. CUTTER_BLOCK: its end is here, the next one
 * begins. */
enum cutter_find cutter_skip(struct cutter *c, const char *data, size_t len, bool ended,
	size_t *n);

#endif
