/* How long an item waits before its next attempt: --backoff. Pure.
 *
 * After attempt n the longest wait is BASE x FACTOR^(n-1), and never more than CAP.
 * With full jitter it is any time up to that, which spreads the load best when many
 * items fail together (M. Brooker, "Exponential Backoff and Jitter", 2015). */
#ifndef PQ_BACKOFF_H
#define PQ_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

struct backoff {
	int64_t base, cap; /* ns; base 0: again at once */
	double factor;
	bool jitter;       /* full, or none */
};

/* BASE[..CAP][,xF][,jitter=full|none]; CAP is an hour if not given, F is 2. */
bool backoff_parse(const char *s, struct backoff *b);
/* ns to wait after so many attempts; `random` is any number. */
int64_t backoff_delay(const struct backoff *b, unsigned attempts, uint64_t random);

#endif
