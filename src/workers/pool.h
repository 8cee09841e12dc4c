/* A pool: a queue, the workers that take from it, and how many of them there are. It serves
 * one group, or several that share its workers by weight.
 *
 * The main thread makes and frees it; pool_fill and pool_look are the desk's, all else is
 * for any thread. */
#ifndef PQ_POOL_H
#define PQ_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/hold.h"

struct group;
struct life;
struct options;
struct permits;
struct pool;
struct queue;
struct section;
struct stats;

struct pool_rules {
	const struct options *options;
	const struct section *section; /* whose -j and what goes with it they go by */
	struct queue *queue;           /* the pool's from now on */
	struct permits *permits;       /* or NULL: none is needed */
	const struct group *groups;    /* one for each of its lanes */
	unsigned ngroups;
	unsigned jobs;                 /* that -j asks for, as far as the system allows */
	unsigned entry, entries;       /* its part of the table of running jobs (running.h) */
	bool retried;                  /* what is ended for --memfree will be tried again */
	struct stats *stats;           /* of all its groups together */
	struct life *life;
	bool (*held)(void *ctx);       /* nothing more comes before something is settled */
	bool (*ended)(void *ctx);      /* nothing more will come to its queue */
	void (*wake)(void *ctx);       /* the desk should look */
	void (*cannot)(void *ctx);     /* there is no worker, nor can there be one */
	void *ctx;
};

struct pool *pool_new(const struct pool_rules *rules);
/* Nothing new is started from now on. */
void pool_dismiss(struct pool *p);
void pool_close(struct pool *p);  /* nothing more comes; what waits is still done */
void pool_finish(struct pool *p); /* wait until all workers have gone home */
void pool_free(struct pool *p);

struct queue *pool_queue(const struct pool *p);
/* Start workers while there is something for them to do. */
void pool_fill(struct pool *p);
/* How long until it should be called again, in ns. */
int64_t pool_look(struct pool *p);
/* Each: has the number of workers changed? By a signal, 1 or -1; -j FILE is read again. */
bool pool_change(struct pool *p, int more);
bool pool_reread(struct pool *p);

/* For how many items its workers have places: one each, or as many as one that buffers what it
 * answers has been seen to need. */
uint64_t pool_places(struct pool *p);
unsigned pool_most(struct pool *p);   /* as many as there may come to be */
/* Why nothing is started though something waits, and for how long from now (ns; INT64_MAX:
 * nobody knows). */
enum hold pool_why(struct pool *p, int64_t *left);

#endif
