/* What --load and --memfree say to what the machine has left. Pure. */
#ifndef PQ_PRESSURE_H
#define PQ_PRESSURE_H

#include <stdbool.h>
#include <stdint.h>

#define PRESSURE_NONE UINT32_MAX

/* How many jobs may run, of which `busy` do, where `running` processes of all run and
 * fewer than `limit` of them should when a job is started. 0: none is to be started. */
uint32_t pressure_load(unsigned limit, unsigned running, unsigned busy);
/* Likewise, with so much memory free; *evict: so little that one that runs has to go. */
uint32_t pressure_memory(uint64_t least, uint64_t memory, bool *evict);

#endif
