/* The supervisor: what happens from outside while the pipeline runs.
 *
 * The main thread: takes the signals, ends the run early when that is asked for,
 * by a signal, --halt or an output that fails, and takes the snapshots that views want. It never
 * waits for whoever reads what they draw: what stderr does not take at once is not said. */
#ifndef PQ_SUPERVISOR_H
#define PQ_SUPERVISOR_H

#include <stdbool.h>

struct events;
struct options;
struct term_step;
struct supervisor;

struct supervisor_rules {
	const struct options *options;
	const struct term_step *term; /* how what runs is ended */
	struct events *events;     /* whose listeners want snapshots */
	/* In the supervisor's thread. */
	bool (*over)(void *ctx);                   /* has the pipeline come to its end? */
	void (*stop)(void *ctx);                   /* no new jobs */
	void (*workers)(void *ctx, int more);      /* one more, one less */
	void (*went_on)(void *ctx);                /* pq goes on, perhaps in the background: a
	                                            * terminal is read no more then */
	void (*sample)(void *ctx);                 /* one of them does now */
	void *ctx;
};

struct supervisor *supervisor_new(const struct supervisor_rules *rules);
void supervisor_free(struct supervisor *s);

/* From any thread, whatever it holds: no new jobs. */
void supervisor_end_births(struct supervisor *s);
/* From any thread: end what runs; nothing new is started. */
void supervisor_end_jobs(struct supervisor *s);
/* Until the pipeline is over. The signal pq is to die of, or 0. */
int supervisor_run(struct supervisor *s);

#endif
