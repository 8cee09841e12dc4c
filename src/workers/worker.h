/* A worker: takes a delivery from the queue, runs the action on it, hands it on;
 * again, until the queue sends it home. One thread each. */
#ifndef PQ_WORKER_H
#define PQ_WORKER_H

#include <stdbool.h>
#include <stdint.h>

struct ahead_rest;
struct group;
struct life;
struct permits;
struct queue;

struct worker_rules {
	struct queue *queue;
	const struct group *groups; /* one for each lane of the queue */
	unsigned ngroups;
	struct permits *permits;    /* of the queue; or NULL */
	unsigned entry, entries;    /* their part of the table of running jobs */
	struct life *life;
	struct ahead_rest (*rest)(void *ctx); /* what is left to be done, for who serves */
	void (*starves)(void *ctx, uint64_t items); /* who serves could do with so many at once */
	void (*home)(void *ctx, unsigned number); /* the last thing the thread does */
	void (*cannot)(void *ctx); /* there is no worker, nor can there be one */
	void *ctx;
};

struct worker;

/* Start the worker of this number (from 0); NULL with errno when the system has
 * no thread to give. The rules must outlive it. */
struct worker *worker_start(const struct worker_rules *rules, unsigned number);
/* Wait until it has gone home, and free it. */
void worker_join(struct worker *w);

#endif
