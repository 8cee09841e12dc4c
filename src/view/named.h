/* What a job printed, in a file whose name is printed in its place: --files. The collector's
 * thread. */
#ifndef PQ_NAMED_H
#define PQ_NAMED_H

#include <stdbool.h>

struct buf;
struct delivery;
struct outlet;
struct results;
struct store;

struct named_rules {
	struct store *store;
	struct results *results; /* whose file it is; NULL: one in $TMPDIR, made for it */
	/* Append what stands before the name. */
	void (*tag)(void *ctx, const struct delivery *d, struct buf *to);
	void *ctx;
};

/* False with errno when the file cannot be written: `what` is as of results_write. */
bool named_write(const struct named_rules *rules, const struct delivery *d,
	const struct outlet *out, struct buf *what);

#endif
