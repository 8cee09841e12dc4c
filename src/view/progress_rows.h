/* A row for a job that runs: slot, time, item, and what it has printed last. Pure. */
#ifndef PQ_PROGRESS_ROWS_H
#define PQ_PROGRESS_ROWS_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct roster_row;

/* Append it, not wider than so many columns. now: ns since the run began; median: of runtimes,
 * in ns, or 0 while it is not known: who takes much longer is marked. */
void progress_row(struct buf *to, const struct roster_row *row, int64_t now, int64_t median,
	size_t columns);

#endif
