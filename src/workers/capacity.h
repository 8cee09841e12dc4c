/* How much there may be at once: jobs that the system's descriptors are enough for,
 * items, and what fits into a run of records or into one command. Main thread,
 * before the run. */
#ifndef PQ_CAPACITY_H
#define PQ_CAPACITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct options;
struct section;
struct template;

/* How many bytes may be alive: what --queue-bytes says, or as much as so many jobs need
 * for their blocks, or 64 MiB. */
uint64_t capacity_bytes(const struct options *o, unsigned jobs);
/* What -j of a section asks for, or as many as there are descriptors for, with a warning.
 * *taken: those of the sections before it, to which its own are added. */
unsigned capacity_jobs(const struct options *o, const struct section *s, long *taken);
/* Of so many of its jobs those that there are descriptors for. Any thread. */
unsigned capacity_of(const struct options *o, const struct section *s, unsigned jobs);
/* Descriptors that so many jobs of a section may hold together: as many as they need to be
 * born all at once, where the limit allows it; else few of them are born at a time. Any
 * thread. */
unsigned capacity_descriptors(const struct options *o, const struct section *s,
	unsigned jobs);
/* Items alive at once: what -Q says, or what so many jobs need. */
uint64_t capacity_queue(const struct options *o, unsigned jobs);
/* Are items runs of lines for a worker that stays up? Where nobody needs single ones. */
bool capacity_feeds_runs(const struct options *o);
/* Bytes of the runs that the sources are asked for; 0: single records. */
size_t capacity_run_size(const struct options *o);
/* Say on standard error what the system allows a command. */
void capacity_tell(void);
/* Bytes of arguments a command can have beside the environment; and bytes that
 * the script of a shell line can grow by. */
size_t capacity_arguments(const struct template *t);
size_t capacity_script(const struct template *t);

#endif
