/* Time, in nanoseconds. Any thread. */
#ifndef PQ_CLOCK_H
#define PQ_CLOCK_H

#include <stdint.h>

#define CLOCK_SECOND INT64_C(1000000000)
#define CLOCK_MS INT64_C(1000000)

/* Monotonic time that stands still between clock_pause and clock_resume: what
 * timeouts, runtimes and rates are measured with, so that Ctrl-Z stops them. */
int64_t clock_now(void);
int64_t clock_wall(void); /* since the epoch, for logs only */
enum { CLOCK_TEXT = 32 };
/* So many seconds, in digits that a message needs, into `text`; which it returns. */
const char *clock_seconds(int64_t ns, char text[CLOCK_TEXT]);
/* Called by the supervisor alone, around the moment pq itself is stopped. */
void clock_pause(void);
void clock_resume(void);

#endif
