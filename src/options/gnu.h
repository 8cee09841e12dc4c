/* The command line as GNU parallel reads it: under the name parallel, or behind --gnu.
 *
 * Options that mean another thing there, or that pq's own command line has no need of, have
 * rows of their own, which are looked up first; all others are pq's. Room: options/ only, but
 * for gnu_is_asked. Main thread. */
#ifndef PQ_OPTIONS_GNU_H
#define PQ_OPTIONS_GNU_H

#include <stdbool.h>
#include <stddef.h>

#include "options/table.h"

struct options;

/* Is it, by what the program is called, or by its first word? */
bool gnu_is_asked(char *const argv[]);
bool gnu_is_sem(char *const argv[]); /* and called sem */
extern const struct option_row gnu_rows[];
extern const size_t gnu_row_count;
/* All has been read: what follows from the mode. */
void gnu_finish(struct options *o);

#endif
