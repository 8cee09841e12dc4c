/* The stop: why a run ends early, and what was noted of it for the exit status.
 *
 * An output that fails and --halt come here; so does whoever else wants no more births.
 * Any thread may call; nothing is locked. */
#ifndef PQ_STOP_H
#define PQ_STOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct delivery;
struct events;
struct options;
struct stats;

struct stop {
	const struct options *options;
	struct stats *stats;
	struct events *events;
	/* Nothing new is started from now on; what runs is ended. Any thread, any number of
	 * times. */
	void (*no_births)(void *ctx);
	void (*no_jobs)(void *ctx);
	uint64_t (*total)(void *ctx); /* of all items, 0: unknown */
	void *ctx;

	_Atomic bool asked;
	_Atomic bool cannot;
	_Atomic size_t refused;    /* bytes of memory that were not to be had */
	_Atomic bool output_failed;
	_Atomic bool view_lost;    /* a view could not be written */
	_Atomic bool pipe_broken;  /* whoever read our output has gone */
	_Atomic bool halted;
	_Atomic int halt_status;
	struct reached reached;    /* by who halts, for stop_tell */
};

void stop_births(struct stop *s);
void stop_now(struct stop *s);
/* pq itself cannot go on: what is finished is kept, and the status tells. */
void stop_cannot(struct stop *s);
/* The same for want of memory, so many bytes of it; but somebody else has to call
 * stop_births, for this takes no lock. */
void stop_no_memory(struct stop *s, size_t size);
/* Said once, whatever else fails then. */
/* A queue cannot be written any more: that has been told. */
void stop_queue_failed(struct stop *s);
void stop_output_failed(struct stop *s, const char *what, int error);
/* The same when all has come to its end, and there is nothing left to stop. */
void stop_output_lost(struct stop *s, const char *what, int error);
/* A view could not be: nothing is stopped, and the status tells. Said each time. */
void stop_view_lost(struct stop *s, const char *what, int error);
/* Standard output or standard error; a reader that has gone ends the run without a word. */
void stop_write_failed(struct stop *s, int fd, int error);
/* Is there nobody who would see what is written? */
bool stop_is_unheard(const struct stop *s);
/* The delivery is counted as done or failed: is that the end, by --halt? */
void stop_check_halt(struct stop *s, const struct delivery *d);
/* Is what a worker is about to do in vain? --halt soon lets it be done. */
bool stop_in_vain(const struct stop *s);
void stop_tell(const struct stop *s, struct ending *end);

#endif
