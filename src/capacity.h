/* What the system allows: how many jobs its descriptors are enough for, and how
 * much fits into one command. Main thread, before the run. */
#ifndef PQ_CAPACITY_H
#define PQ_CAPACITY_H

#include <stddef.h>

struct options;
struct template;

/* What -j asks for, or as many as there are descriptors for, with a warning. */
unsigned capacity_jobs(const struct options *o);
/* Bytes of arguments a command can have beside the environment; and bytes that
 * the script of a shell line can grow by. */
size_t capacity_arguments(const struct template *t);
size_t capacity_script(const struct template *t);

#endif
