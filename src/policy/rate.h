/* How many may start in a time: --rate. Pure.
 *
 * A token bucket in the form of the generic cell rate algorithm (ITU-T I.371, virtual
 * scheduling): all there is to remember is when the bucket will be full again. In any
 * stretch of time T at most burst + T / interval starts are let through. */
#ifndef PQ_RATE_H
#define PQ_RATE_H

#include <stdbool.h>
#include <stdint.h>

struct rate {
	int64_t interval; /* ns that one start costs; 0: no limit */
	int64_t burst;    /* starts that an idle bucket lets through at once */
};

/* N/UNIT[,burst=N]; UNIT is s, m, h, d or a time such as 10s. */
bool rate_parse(const char *s, struct rate *r);
/* When the next one may start, given when the bucket is full again. */
int64_t rate_when(const struct rate *r, int64_t full);
/* One starts now: when the bucket is full again. */
int64_t rate_take(const struct rate *r, int64_t full, int64_t now);

#endif
