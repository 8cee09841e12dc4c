/* What a step of a transform is. Room: transform*.c only. */
#ifndef PQ_TRANSFORM_STEP_H
#define PQ_TRANSFORM_STEP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct matcher;
struct regex;

/* What one thread works with. */
struct bench {
	struct matcher *matcher;
	struct buf spare;  /* for whatever a step needs within a record */
	bool alone;        /* the run is one record, already known to be hard: take the care */
	const char *why;   /* after false: what went wrong, a constant */
};

struct step {
	/* Append what becomes of the records in[0..len), each ended by the separator,
	 * likewise ended, to out. False with bench->why: some record cannot be done;
	 * what was appended is void then, and the records will come again one by one. */
	bool (*apply)(const struct step *s, struct bench *b, const char *in, size_t len,
		struct buf *out);
	void (*free)(struct step *s); /* of what is in it; NULL: nothing */
	char separator;
	/* whatever the step was compiled into: */
	struct regex *regex;
	bool global, inverted;
	struct piece *pieces; /* of a replacement or template (transform_text.h), owned */
	unsigned char *table; /* 256 bytes: y/// upper lower; owned */
	struct range *ranges; /* cut; owned */
	size_t nranges;
	char delimiter;       /* cut's fields */
};

#endif
