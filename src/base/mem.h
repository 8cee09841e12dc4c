/* Memory that is there, or the run is over.
 *
 * Every function returns usable memory, owned by the caller, or ends the
 * process with status 125 and one line on stderr: the guardian then ends the
 * running jobs (action/running.h). Any thread. */
#ifndef PQ_MEM_H
#define PQ_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size);            /* uninitialised */
void *mem_zero(size_t size);             /* filled with zero bytes */
void *mem_grow(void *old, size_t size);  /* old may be NULL; old is consumed */
char *mem_copy(const char *data, size_t len); /* len bytes and a final NUL */

#endif
