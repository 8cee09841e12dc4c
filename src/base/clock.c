/* Time, in nanoseconds. See clock.h. */
#include "base/clock.h"

#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

static _Atomic int64_t stood_still; /* total time spent stopped */
static _Atomic int64_t frozen_at;   /* 0, or the time clock_now keeps answering */

static int64_t read_clock(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return t.tv_sec * CLOCK_SECOND + t.tv_nsec;
}

int64_t clock_now(void)
{
	int64_t frozen = atomic_load(&frozen_at);

	return frozen ? frozen : read_clock(CLOCK_MONOTONIC) - atomic_load(&stood_still);
}

int64_t clock_wall(void)
{
	return read_clock(CLOCK_REALTIME);
}

const char *clock_seconds(int64_t ns, char text[CLOCK_TEXT])
{
	double seconds = (double)ns / CLOCK_SECOND;

	if (seconds < 999)
		snprintf(text, CLOCK_TEXT, "%.3g", seconds);
	else
		snprintf(text, CLOCK_TEXT, "%.0f", seconds);
	return text;
}

void clock_pause(void)
{
	atomic_store(&frozen_at, clock_now());
}

void clock_resume(void)
{
	int64_t frozen = atomic_load(&frozen_at);

	/* The pause is added before the clock is let go, so it never jumps ahead. */
	atomic_store(&stood_still, read_clock(CLOCK_MONOTONIC) - frozen);
	atomic_store(&frozen_at, 0);
}
