/* The header of a stream that is cut into blocks: what stands before its first record.
 *
 * Pure. It is so many records, or what an expression matches at the very beginning, which may
 * be nothing. */
#ifndef PQ_HEADING_H
#define PQ_HEADING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "source/ends.h"

struct heading_rules {
	uint64_t records;          /* 0: an expression, or none: */
	const struct regex *regex; /* with REGEX_STREAM, anchored; NULL: there is no header */
	size_t longest;            /* bytes of it */
};

struct heading {
	struct heading_rules rules;
	struct ends ends;         /* of its records */
	struct matcher *matcher;  /* owned; or NULL */
	uint64_t passed;          /* records that have ended, */
	size_t end;               /* here */
	size_t again;             /* before so much is there nothing more can be said */
	const char *why;          /* ENDS_STUCK: "is longer than ..." */
};

void heading_init(struct heading *h, const struct heading_rules *rules,
	const struct ends_rules *ends);
void heading_free(struct heading *h);
/* Where it ends, in the data from its beginning, which may have grown since the last call.
 * ended: nothing will follow; then it is never ENDS_MORE. */
enum ends_find heading_find(struct heading *h, const char *data, size_t len, bool ended,
	size_t *end);

#endif
