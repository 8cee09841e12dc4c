/* --header: the first record of each source names its columns.
 *
 * Main thread, before anything is started: it waits for those records, and a signal
 * ends pq there as it ends any program. */
#ifndef PQ_HEADER_H
#define PQ_HEADER_H

#include <stdbool.h>
#include <stddef.h>

struct columns;
struct names;
struct source;

/* False: no source has a record, so there will be no item. Dies with status 2 when a
 * header cannot be one, or when several sources are merged and theirs differ. */
bool header_read(struct source *const sources[], size_t count, struct columns *columns,
	struct names *names);

#endif
