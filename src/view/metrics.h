/* Metrics in the text format of Prometheus, in a file that is always whole: it is written
 * beside, under a hidden name, and takes the place of what was there. For the textfile
 * collector of the node exporter, which reads files named *.prom.
 *
 * Counts are since the run began; times are in seconds. A section is told by the label `name`.
 *
 * The main thread opens and closes it; metrics_hear is called as listeners are. A thread of
 * its own writes while the run goes on, so that no slow disk holds it up. */
#ifndef PQ_METRICS_H
#define PQ_METRICS_H

#include <stdbool.h>

#include "events.h"

struct metrics;
struct snapshot;

struct metrics_rules {
	const char *path;
	/* What each section is called, for as long as the run lasts: letters, digits, _ . and -.
	 * One alone that has no name is not called anything: NULL. */
	const char *const *names;
	unsigned count;
	bool shared;             /* one pool serves them all */
	int64_t begun;           /* the run: wall clock, ns */
	/* The file could not be written: told once, and tried again the next time. Any thread. */
	void (*failed)(void *ctx, const char *path, int error);
	void *ctx;
};

/* What it hears, and how often snapshots. */
#define METRICS_KINDS (EVENT(BORN) | EVENT(STARTED) | EVENT(ENDED) | EVENT(LOST) \
	| EVENT(SETTLED) | EVENT(DROPPED) | EVENT(SAMPLED))
#define METRICS_EVERY INT64_C(5000000000) /* ns */

/* Writes what there is before the run. NULL with errno. */
struct metrics *metrics_open(const struct metrics_rules *rules);
void metrics_hear(void *metrics, const struct event *e);
/* Writes what there is in the end. */
void metrics_close(struct metrics *m, const struct snapshot *last);

#endif
