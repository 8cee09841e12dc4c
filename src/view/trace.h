/* The trace: who ran when, in the Trace Event Format, which Perfetto, speedscope and
 * chrome://tracing draw and trace_processor answers SQL about.
 *
 * An array of events, a line for each, which needs no bracket at its end: of a run that was
 * killed all is there but the last half second or so. A slice for each attempt, on a thread
 * for each slot of each pool; those of one thread never overlap. Counters, and marks for what
 * holds the run back. About 200 bytes for a job; memory does not grow with the run.
 *
 * The main thread opens and closes it; trace_hear is called as listeners are. */
#ifndef PQ_TRACE_H
#define PQ_TRACE_H

#include <stdbool.h>

#include "events.h"
#include "view/gather.h"

struct snapshot;
struct trace;

struct trace_rules {
	const char *path;
	bool shared;           /* all groups have one pool together */
	unsigned workers;      /* that are wanted as the run begins */
	gather_failed *failed;
	void *ctx;
};

/* What it hears, and how often snapshots. */
#define TRACE_KINDS (EVENT(ENDED) | EVENT(LOST) | EVENT(DROPPED) | EVENT(HALTED) \
	| EVENT(STOPPED) | EVENT(SAMPLED))
#define TRACE_EVERY INT64_C(200000000) /* ns */

/* NULL with errno: as gather_open. */
struct trace *trace_open(const struct trace_rules *rules);
void trace_hear(void *trace, const struct event *e);
void trace_close(struct trace *t, const struct snapshot *last);

#endif
