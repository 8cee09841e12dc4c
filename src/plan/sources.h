/* The sources of a run, as the options ask. Main thread, before anything is started. */
#ifndef PQ_PLAN_SOURCES_H
#define PQ_PLAN_SOURCES_H

#include <stddef.h>

struct block_rules;
struct options;
struct parts;
struct source;
struct spread;

/* Where jobs read the input side by side: by so many, and what they have it from is to be put
 * here. */
struct plan_streams {
	unsigned jobs;
	struct spread **spread;
	struct parts **parts;
};


/* An owned array; the sources are whoever reads them's. With --pipe they are cut by these
 * rules, whose expressions must outlive them. Dies when one cannot be opened. */
struct source **plan_sources(const struct options *o, const struct block_rules *blocks,
	const struct plan_streams *streams, size_t *count);

#endif
