/* How --pipe cuts, as the options ask. Main thread, before anything is started; an expression
 * that means nothing ends pq. */
#ifndef PQ_PLAN_BLOCKS_H
#define PQ_PLAN_BLOCKS_H

#include "base/csv.h"
#include "source/blocks.h"
#include "source/field.h"

struct options;
struct regex;

struct plan_blocks {
	struct block_rules rules; /* they point to what follows, and into the options */
	struct csv csv;
	struct field_rules field;
	struct regex *ends, *heading; /* owned; or NULL */
};

/* For so many jobs at the same time. */
void plan_blocks_make(struct plan_blocks *b, const struct options *o, unsigned jobs);
void plan_blocks_free(struct plan_blocks *b);

#endif
