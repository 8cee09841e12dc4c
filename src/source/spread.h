/* One stream for several jobs that run at the same time: --tee gives all of it to each of them,
 * --round-robin each block to whoever is ready for it, --shard and --bin each record to the job
 * of its key.
 *
 * A job is an item like any other; spread_source gives them to the desk: those of a list, or so
 * many as there are blocks for, at most one for each worker. Its stdin is a pipe (spread_join)
 * that a thread of this room writes. One block at a time is in memory, or two for each job. */
#ifndef PQ_SPREAD_H
#define PQ_SPREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "source/field.h"
#include "source/source.h"

struct spread;

struct spread_rules {
	enum spread_way way;
	unsigned jobs;          /* at the same time, at most; all of a list */
	struct source *stream;  /* in blocks; the spread's */
	struct source *list;    /* of the jobs' values, likewise; NULL: they have none */
	struct field_rules key;   /* of a record */
	size_t block;           /* bytes that a job's records may have before more are read */
	bool dry;               /* no job reads anything */
};

/* Main thread. It ends with its source. NULL with errno: there is no pipe to be had. */
struct spread *spread_new(const struct spread_rules *rules);
struct source *spread_source(struct spread *s);
/* Any thread: nothing more is read, jobs see the end of their input. */
void spread_stop(struct spread *s);

/* The worker of the job with this seq: the descriptor that is to be its stdin, or -1 with errno.
 * Then, whatever became of it: it has ended. */
int spread_join(void *spread, uint64_t seq);
void spread_leave(void *spread, uint64_t seq);

#endif
