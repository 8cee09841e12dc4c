/* What a transforming worker is told, whether its items are records or name files. */
#ifndef PQ_TRANSFORM_RULES_H
#define PQ_TRANSFORM_RULES_H

#include <stdbool.h>
#include <stdint.h>

struct template;
struct transform;

struct transform_rules {
	const struct transform *transform;
	const struct template *tag; /* before each record of the result; NULL: nothing */
	bool color;                 /* and that in its colour */
	bool ordered;               /* a last record without a separator stays so */
	bool content;               /* items name files */
	uint64_t max_item;          /* of those: bytes of a record */
	const char *in_place;       /* rewrite them; a suffix for the old ones, or ""; NULL: print */
	bool diff;                  /* of files: write nothing, print what would change */
	bool (*cancelled)(void *ctx); /* is it of no use any more? Any thread */
	/* What is written in place cannot be: the run is over. Any thread. */
	void (*failed)(void *ctx, const char *what, int error);
	void *ctx;
};

#endif
