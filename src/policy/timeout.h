/* How long an attempt may take (--timeout).
 *
 * Nearly always that is a number, and whoever keeps the time asks nobody for it; only a share of
 * what others took changes while it runs. */
#ifndef PQ_TIMEOUT_H
#define PQ_TIMEOUT_H

#include <stdint.h>

struct timeout {
	int64_t most;                    /* ns; 0: as long as it likes */
	int64_t (*ask)(const void *ctx); /* what holds now, instead; any thread; NULL: most does */
	const void *ctx;
};

static inline int64_t timeout_now(const struct timeout *t)
{
	return t->ask ? t->ask(t->ctx) : t->most;
}

#endif
