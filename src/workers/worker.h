/* A worker: takes a delivery from the queue, runs the action on it, hands it on;
 * again, until the queue sends it home. One thread each. */
#ifndef PQ_WORKER_H
#define PQ_WORKER_H

#include <stdbool.h>

struct action;
struct delivery;
struct output_rules;
struct queue;

struct worker_rules {
	struct queue *queue;
	struct action *action;
	const struct output_rules *output;
	/* In the worker's thread: an attempt begins; may its bytes be written as they
	 * come? And it has ended: the delivery passes to whoever is called. */
	bool (*begin)(void *ctx, struct delivery *d);
	void (*ended)(void *ctx, struct delivery *d);
	void (*home)(void *ctx, unsigned slot); /* the last thing the thread does */
	void *ctx;
};

struct worker;

/* Start the worker of this slot (from 0); NULL with errno when the system has
 * no thread to give. The rules must outlive it. */
struct worker *worker_start(const struct worker_rules *rules, unsigned slot);
/* Wait until it has gone home, and free it. */
void worker_join(struct worker *w);

#endif
