/* The sources of a run, as the options ask. Main thread, before anything is started. */
#ifndef PQ_PLAN_SOURCES_H
#define PQ_PLAN_SOURCES_H

#include <stddef.h>

struct block_rules;
struct options;
struct source;

/* An owned array; the sources are whoever reads them's. With --pipe they are cut by these
 * rules, whose expressions must outlive them. Dies when one cannot be opened. */
struct source **plan_sources(const struct options *o, const struct block_rules *blocks,
	size_t *count);

#endif
