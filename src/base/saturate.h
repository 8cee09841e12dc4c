/* Sums and products that stop at the largest number instead of wrapping around.
 *
 * Pure, any thread. For every sum of a clock and a span, and for whatever is
 * reckoned with the value of an option: a user may give any. */
#ifndef PQ_SATURATE_H
#define PQ_SATURATE_H

#include <stdint.h>

static inline uint64_t saturate_add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static inline uint64_t saturate_times(uint64_t a, uint64_t b)
{
	return b && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

/* The moment that lies `span` (ns, or any other unit) behind `now`, before it where the
 * span is negative; INT64_MAX is never. */
static inline int64_t saturate_after(int64_t now, int64_t span)
{
	if (span > 0 && now > INT64_MAX - span)
		return INT64_MAX;
	return span < 0 && now < INT64_MIN - span ? INT64_MIN : now + span;
}

/* A number that is compared with, or added to, signed ones. */
static inline int64_t saturate_signed(uint64_t n)
{
	return n < INT64_MAX ? (int64_t)n : INT64_MAX;
}

/* A number of nanoseconds or bytes that was reckoned in floating point; 0 for none. */
static inline int64_t saturate_time(double ns)
{
	return !(ns > 0) ? 0 : ns < 0x1p63 ? (int64_t)ns : INT64_MAX;
}

#endif
