/* Parts of files, each the stdin of a job: --pipe-part. Where a part ends is looked for at its
 * place in the file, so nothing is read but what jobs read, and no more of it is in memory than
 * a thread of this room is about to write to one of them.
 *
 * Parts are items; parts_source gives them to the desk. */
#ifndef PQ_PARTS_H
#define PQ_PARTS_H

#include <stdint.h>

#include "source/blocks.h"
#include "source/source.h"

struct parts;

struct parts_rules {
	const char *const *files; /* regular ones; the array may go */
	size_t count;
	const struct block_rules *blocks; /* ends by strings, and headings */
};

/* Main thread. It ends with its source. NULL when a file cannot be opened, or is none: told. */
struct parts *parts_new(const struct parts_rules *rules);
struct source *parts_source(struct parts *p);
/* As of a spread (spread.h); but a job may come again. */
void parts_stop(struct parts *p);
int parts_join(void *parts, uint64_t seq);
void parts_leave(void *parts, uint64_t seq);

#endif
