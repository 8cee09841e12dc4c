/* One process, from its birth to its reaping.
 *
 * Runs in the worker's thread and blocks it: starts the command, collects both
 * outputs, keeps the time, ends what must be ended, reaps. The process is done
 * when its leader has exited and both pipes are at their end, or PROCESS_GRACE
 * later when a background process keeps them open: that one is left alone. */
#ifndef PQ_PROCESS_H
#define PQ_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "action/redirect.h"
#include "base/clock.h"
#include "policy/timeout.h"

struct buf;
struct output;
struct outcome;
struct term_step;

#define PROCESS_GRACE (100 * CLOCK_MS)

struct process_order {
	const char *path;
	char *const *argv;
	char *const *envp;
	int in;                       /* becomes stdin; closed in any case; -1: /dev/null */
	bool foreground;              /* it has the terminal (foreground.h); nothing is captured */
	struct redirects redirects;   /* as spawn.h has them */
	unsigned slot;
	struct timeout timeout;       /* looked at while it runs */
	const struct term_step *term; /* how a timeout ends it */
};

enum process_end {
	PROCESS_DONE,    /* *outcome says how it ended */
	PROCESS_FAULTY,  /* the same, and `why` has a line about what went wrong: it could not
	                  * be started, had to be ended, or could not be ended or read */
	PROCESS_TOO_LONG, /* the same, its command line being more than the system takes */
	PROCESS_NO_ROOM, /* PROCESS_FAULTY, and no other would be started either: the system
	                  * has no process to give, and no job runs that would give one back */
};

/* The times in *outcome are those of the process, not of the wait for its birth; its
 * timeout stands still while the output has no room for what it prints. */
enum process_end process_run(const struct process_order *order, struct output *output,
	struct outcome *outcome, struct buf *why);

#endif
