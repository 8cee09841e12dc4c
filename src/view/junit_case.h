/* A case of the JUnit report: what is said of one item, as text. Whoever has the delivery. */
#ifndef PQ_JUNIT_CASE_H
#define PQ_JUNIT_CASE_H

#include <stdbool.h>
#include <stdint.h>

enum { JUNIT_TAIL = 16384 }; /* bytes of stdout, and of stderr, that are its end */

struct buf;
struct chain;
struct delivery;
struct kept_of;
struct store;

/* What a report counts. */
struct junit_counts {
	uint64_t tests, failures, errors, skipped;
	int64_t took; /* ns */
};

struct junit_case {
	const struct delivery *delivery;
	struct store *store;        /* of the ends of what was printed */
	const struct kept_of *tried; /* the attempts before the last one, by junit_case_attempt */
	const char *halted;         /* the item by which --halt ended the run; or NULL */
	bool dropped;               /* it was settled by that */
};

/* Append what is within the case, and count it. False, with errno set, when what was printed
 * cannot be read back: it is left out. */
bool junit_case_text(struct buf *to, const struct junit_case *c, struct junit_counts *counts);
/* An attempt that is not the last one: what is to be kept of it, moved into the chain; true in
 * *error: it is no failure. False as above, or when it could not be put away. */
bool junit_case_attempt(struct chain *to, const struct delivery *d, bool lost,
	struct store *store, bool *error);

#endif
