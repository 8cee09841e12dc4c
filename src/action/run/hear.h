/* What a worker that stays up says: answers, which end the items that they are for, and
 * lines of its stderr, which pass through. Its worker's thread. */
#ifndef PQ_HEAR_H
#define PQ_HEAR_H

#include <stdbool.h>
#include <stddef.h>

struct keeper;

/* Read some; false: there is nothing now, or its end, at which the pipe is closed. */
bool hear_out(struct keeper *k);
bool hear_err(struct keeper *k);
/* The oldest, a run, has all its answers. */
void hear_run_ended(struct keeper *k);
/* Say which runs suit its speed. */
void hear_pace(struct keeper *k);
/* Pass on so many bytes of stderr that were read: whole lines, or what there is. */
void hear_lines(struct keeper *k, size_t len);

#endif
