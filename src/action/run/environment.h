/* The environment of what is run: pq's own, without the variables that each job gets anew.
 * Main thread, before the run; the strings are those of environ. */
#ifndef PQ_ENVIRONMENT_H
#define PQ_ENVIRONMENT_H

#include <stddef.h>

struct buf;

/* The variables of every job, each with its =. Who fills them in does so in this order; and
 * how many there can be in all. */
enum { ENVIRONMENT_NAMES = 8, ENVIRONMENT_MOST = ENVIRONMENT_NAMES + 1 };
extern const char *const environment_names[ENVIRONMENT_NAMES];

/* Jobs have one more, of this name, which must live as long: their slot, from 0. Before what
 * follows. */
void environment_name_slot(const char *name);
/* Append it, a NUL before it; how many that are: 1, or 0 where it has no name. Any thread. */
int environment_add_slot(struct buf *to, unsigned slot);
/* All others, so many: owned array, not ended. */
char **environment_others(size_t *count);

#endif
