/* The report of a run for CI: JUnit's XML, as Surefire extends it by tests that were tried
 * again (flakyFailure, rerunFailure and the same of errors).
 *
 * A suite for each section, a case for each of its items. Cases are written as they come: those
 * of the first suite to where they belong, with the ends of all elements behind them, which
 * the next ones overwrite. So what is there is whole whenever pq is killed, and its counts, for
 * which there is room at the head, a second old at most. Those of other suites gather in
 * nameless files in TMPDIR, and are put behind it at the end; so do those of the first where
 * FILE is no regular file.
 *
 * The main thread opens and closes it; junit_hear is called as listeners are. */
#ifndef PQ_JUNIT_H
#define PQ_JUNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "events.h"

struct junit;
struct store;

enum {
	JUNIT_KINDS = EVENT(BORN) | EVENT(ENDED) | EVENT(LOST) | EVENT(SETTLED) | EVENT(FLUSHED)
		| EVENT(DROPPED) | EVENT(HALTED)
};

struct junit_rules {
	const char *path;
	struct store *store;
	const char *const *names; /* of the sections, no two alike; copied */
	size_t count;
	int64_t begun;            /* the run: wall clock, ns */
	/* It could not be written: told once. Any thread. */
	void (*failed)(void *ctx, const char *what, int error);
	void *ctx;
};

/* NULL with errno set when the file cannot be made. */
struct junit *junit_open(const struct junit_rules *rules);
void junit_hear(void *junit, const struct event *e);
void junit_close(struct junit *j);

#endif
