/* The environment of what is run: pq's own, without the variables that each job gets anew.
 * Main thread, before the run; the strings are those of environ. */
#ifndef PQ_ENVIRONMENT_H
#define PQ_ENVIRONMENT_H

#include <stddef.h>

/* The variables of every job, each with its =. Who fills them in does so in this order. */
enum { ENVIRONMENT_NAMES = 8 };
extern const char *const environment_names[ENVIRONMENT_NAMES];

/* All others, so many: owned array, not ended. */
char **environment_others(size_t *count);

#endif
