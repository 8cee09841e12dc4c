/* What is counted and measured of a run, and snapshots of it. A monitor: any thread may
 * call. Counting is always done; times are taken only when somebody asked for them (timed),
 * and cost nothing else. Times are in ns of clock_now(). */
#ifndef PQ_STATS_H
#define PQ_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/hold.h"

struct delivery;
struct stats;

/* A worker whose attempts may overlap, as it is ahead of its answers: of these one has its turn,
 * which begins when it is alone, or when another has ended, and that time is what it takes. Zero
 * at first; that worker's thread. */
struct service {
	unsigned under_way; /* attempts */
	int64_t since;      /* the turn's beginning */
	bool up;            /* it has said that it is ready, once */
	bool in_turn;       /* as the group has it: until its turn an attempt waits */
};

enum counter {
	STAT_BORN,      /* items born */
	STAT_SETTLED,   /* items settled, however they ended */
	STAT_SUCCEEDED, /* deliveries done */
	STAT_FAILED,    /* deliveries failed for good, the refused ones too */
	STAT_RELEASED,  /* deliveries not done because pq is stopping */
	STAT_BEFORE,    /* items that an earlier run was done with */
	STAT_BEFORE_FAILED, /* those of them that failed for good */
	STAT_RETRIED,   /* attempts that were made again */
	STAT_RETRYING,  /* now waiting for another attempt, or in it */
	STAT_RUNNING,   /* attempts running now */
	STAT_PARKED,    /* deliveries whose results wait for their turn now */
	STAT_DROPPED,   /* items dropped: the queue was full */
	STAT_SEEN,      /* records dropped: their keys were seen before */
	STAT_LEFT_OUT,  /* records dropped by -e */
	STAT_COMMENTS,  /* records that were comments, and are nowhere else */
	STAT_ELSEWHERE, /* items left to other nodes; records where jobs get several */
	STAT_UNBORN,    /* items among these three that were dropped before they were born */
	STAT_OVER,      /* items born that are done, failed or dropped: counted as it happens */
	STATS
};

/* What the source is doing. */
enum arrival {
	ARRIVAL_OPEN, /* items are taken as they come */
	ARRIVAL_HELD, /* the queue is at its bound: nothing is read */
	ARRIVAL_OVER, /* nothing more comes */
};

struct snapshot {
	int64_t count[STATS];
	int64_t elapsed;      /* since the run began */
	/* Of all workers together; 0 when times are not taken. */
	int64_t busy;         /* how long they had attempts that have ended */
	int64_t under_way;    /* how long those have had theirs that have one now, */
	int64_t serving;      /* so many */
	int64_t wanted;       /* workers wanted, times how long they were */
	int64_t starting;     /* so much of that they were not ready for the first time */
	unsigned workers;     /* wanted now */
	int64_t held;         /* for so long the source was held back; 0 when times are not taken */
	double variation;     /* of those times of busy: variance over squared mean; 0: all alike */
	int64_t median;       /* of runtimes, within 2 %; 0: it is not known */
	/* The rest is filled in by the pipeline. */
	uint64_t depth, size; /* of the queues; what may be alive, in all of them together */
	bool stopping;        /* nothing is begun any more */
	uint64_t total;       /* of items, those dropped too, or 0 while unknown */
	bool estimated;       /* total is reckoned from bytes read so far */
	bool leased;          /* items are claimed in queues that others share: */
	uint64_t backlog;     /* so many wait there, about */
	bool apart;           /* total is of records, but a job takes as many as there are */
	const struct snapshot *groups; /* each of them, where there are several: */
	unsigned ngroups;     /* so many; else none */
	enum hold hold;       /* why nothing is started; HOLD_NONE also while something could be */
	int64_t hold_for;     /* ns from now, or INT64_MAX: nobody knows */
	int64_t interval;     /* ns that --rate takes for each start; 0: none, or many rates */
	uint64_t bytes;       /* of files and standard input, that were cut into records; */
	uint64_t bytes_total; /* of all there are, or 0 while unknown */
	bool by_bytes;        /* they are what is worked on: transforms, --pipe */
	/* Of one of several groups; its size is 0 and no workers are wanted by it where they
	 * share them. */
	const char *name;
	bool named;           /* which is more than a number */
	bool drops;           /* what is too much for it, and so it holds up nobody */
};

struct spread {
	uint64_t count; /* of what was measured */
	int64_t p50, p90, p99, max;
};

struct measures {
	struct spread waited; /* in the queue, before each attempt */
	struct spread ran;    /* each attempt that ended by itself */
	int64_t arriving;     /* until nothing more came */
	int64_t held;         /* so much of that the source was held back */
	uint64_t deepest;     /* the most that waited in the queue at once */
	/* Of a run that takes from queues that others share, filled in by the views: */
	bool shared;          /* it is known how many items */
	uint64_t came;        /* were put there while it ran, by whomever */
};

struct stats *stats_new(bool timed, unsigned workers); /* so many are wanted */
/* Of a part: whatever it is told the whole is told, too. */
struct stats *stats_part(struct stats *whole, unsigned workers);
void stats_free(struct stats *s);

void stats_add(struct stats *s, enum counter which, int64_t n);
/* Where the delivery is counted: of its group; of all, if no group may have it. */
void stats_count(const struct delivery *d, enum counter which, int64_t n);
int64_t stats_get(struct stats *s, enum counter which);
bool stats_failed(struct stats *s); /* did any item fail, now or in an earlier run? */
/* The delivery will be tried again. retrying, here and below: it counts as that so far. */
void stats_again(struct stats *s, bool retrying);
/* It will not, or by whom its source leases it to next. each: of a run, each record by itself. */
void stats_final(const struct delivery *d, bool each, bool retrying);
/* At the end: what was born is settled, nothing runs, and nothing is to be tried again. */
void stats_check(struct stats *s);

/* The delivery goes into the queue, where `depth` wait already, and is ready at once or when
 * it is due; an attempt begins, which has waited from then on; it has ended. Each sees to
 * STAT_RUNNING, and to times if they are taken; what waited for its turn as well has waited so
 * much more in the end. service: its worker's, which may have several;
 * NULL: it has no other. */
void stats_queued(struct stats *s, struct delivery *d, uint64_t depth);
void stats_began(struct stats *s, struct delivery *d, struct service *service);
void stats_ended(struct stats *s, struct delivery *d, struct service *service);
/* As if it had not begun. */
void stats_undone(struct stats *s, struct delivery *d, struct service *service);
/* The service's worker is ready, and what it has is begun now. Its first start is no item's time;
 * another one is, for items bring it about. */
void stats_up(struct stats *s, struct service *service);
/* So many workers are wanted from now on. */
void stats_workers(struct stats *s, unsigned wanted);
void stats_arrival(struct stats *s, enum arrival state);

/* Record the runtime of an attempt that ended by itself. */
void stats_runtime(struct stats *s, int64_t took);
/* The median runtime, within 2 %; 0 until three are known. */
int64_t stats_median(struct stats *s);
/* What a job may take: `most` ns, or this percentage of the median, but at least 0.1 s, whichever
 * is less; 0 is neither, and no limit. */
int64_t stats_timeout(struct stats *s, int64_t most, double percent);

void stats_read(struct stats *s, struct snapshot *snap);
/* Of a run that has ended: what was stopped or not run; with what was not even read, where it is
 * known how much that is. */
int64_t snapshot_not_run(const struct snapshot *s);
void stats_measures(struct stats *s, struct measures *to);

#endif
