/* Memory that is there, or the run is over.
 *
 * Every function returns usable memory, owned by the caller, or, where a reserve and
 * patience do not help, ends the process with status 125 and one line on stderr: the
 * guardian then ends the running jobs (action/run/running.h). Any thread. */
#ifndef PQ_MEM_H
#define PQ_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Who tells that so many bytes were refused; before there are threads. pq's voice needs
 * memory itself, so it cannot be known here. */
void mem_refused_by(void (*tell)(size_t size));
/* From now on a refusal does not end the process at once, so that what is finished can be
 * brought home: a reserve is given up, `refused` is called, once, and the memory is waited
 * for, some seconds at most. It is called by a thread that may hold any lock: it must take
 * none. NULL: as before. Main thread. */
void mem_keep_reserve(void (*refused)(void *ctx, size_t size), void *ctx);
void *mem_alloc(size_t size);            /* uninitialised */
void *mem_zero(size_t size);             /* filled with zero bytes */
void *mem_grow(void *old, size_t size);  /* old may be NULL; old is consumed */
/* For what comes from outside and may be of any size. Could so much be had now, and some
 * more for others? */
bool mem_has(size_t size);
/* Growth that may be refused: NULL, and old is as it was. Only where mem_has(size). */
void *mem_try_grow(void *old, size_t size);
/* As a size that memory can have, if not so much: for limits. */
size_t mem_size(uint64_t bytes);
char *mem_copy(const char *data, size_t len); /* len bytes and a final NUL */

#endif
