/* The timeline: which worker ran what when, in bounded memory.
 *
 * A lane is a slot of a pool. The first TIMELINE_EXACT attempts are kept one by one; when
 * there are more, all are merged into bins of one width, TIMELINE_BINS of each lane that is
 * drawn, which is doubled when they do not reach far enough. What is counted of a lane, its
 * longest gap, and the longest attempt are exact at all times.
 *
 * With a worker that stays up attempts of one lane may overlap: each then begins when the one
 * before it ended. Pure; not shared. Times are in ns since the run began. */
#ifndef PQ_TIMELINE_H
#define PQ_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TIMELINE_EXACT = 5000,
	TIMELINE_BINS = 256,
	TIMELINE_DRAWN = 64  /* lanes at most, the first of each pool alike */
};

enum timeline_end {
	TIMELINE_DONE,
	TIMELINE_FAILED,  /* for good */
	TIMELINE_RETRIED, /* it failed, or was lost, and was tried again */
	TIMELINE_STOPPED,
	TIMELINE_ENDS
};

struct timeline_job {
	unsigned pool, slot;   /* from 0; from 1 */
	int64_t from, to;
	uint64_t number;       /* of the item */
	enum timeline_end end;
	char *name;            /* owned; or NULL */
};

/* A while of a lane. */
struct timeline_bin {
	int64_t busy[TIMELINE_ENDS];  /* ns, by how what ran then ended */
	uint64_t jobs, failed;        /* attempts that ended in it, and those of them that failed */
	int64_t longest;              /* of those that ran in it: ns in all, */
	uint64_t number;              /* and whose that was */
};

struct timeline_lane {
	unsigned pool, slot;
	bool drawn;
	uint64_t count[TIMELINE_ENDS]; /* attempts */
	int64_t busy;                  /* ns */
	int64_t last;                  /* when its last attempt ended */
	int64_t gap, gap_from;         /* the longest in which it had none, so far, and when */
	struct timeline_bin *bins;     /* owned; NULL: there is none yet */
};

struct timeline {
	unsigned npools;
	struct { struct timeline_lane *lanes; size_t count; } *pools; /* by slot, from 1 */
	struct timeline_job *jobs; /* owned; NULL: they are merged */
	size_t njobs;
	int64_t width;             /* of a bin */
	struct timeline_job longest; /* the attempt; its slot is 0 while there is none */
};

void timeline_init(struct timeline *t, unsigned npools);
void timeline_free(struct timeline *t);
/* Is an attempt that took so long to have a name? */
bool timeline_names(const struct timeline *t, int64_t took);
/* One has ended; its name is the timeline's now. In the order of their ends, by lane. When it is
 * drawn to begin. */
int64_t timeline_add(struct timeline *t, const struct timeline_job *job);
/* The run has ended: the gaps at the end are gaps. */
void timeline_finish(struct timeline *t, int64_t end);
/* Merge the bins of a drawn lane, always as many as fit a power of two, to at most `most`;
 * how many are left of a run that ended then, each *width wide. 0: nothing ran in it. */
size_t timeline_read(const struct timeline *t, const struct timeline_lane *lane, int64_t end,
	size_t most, struct timeline_bin to[TIMELINE_BINS], int64_t *width);

#endif
