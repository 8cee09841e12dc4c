/* How values are spread: percentiles of any number of them in fixed memory.
 *
 * Values are counted in buckets whose width is 1/32 of their power of two (the scheme
 * of HdrHistogram): a percentile is within 1.6 % of the value that it stands for.
 * Zero-initialise it. Not shared between threads. */
#ifndef PQ_HISTOGRAM_H
#define PQ_HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_BITS = 5, HISTOGRAM_BUCKETS = 64 << HISTOGRAM_BITS };

struct histogram {
	uint64_t bucket[HISTOGRAM_BUCKETS];
	uint64_t count; /* of all values */
	int64_t max;    /* the largest one, as it was; 0 while there is none */
};

/* What is below 0 counts as 0. */
void histogram_add(struct histogram *h, int64_t value);
/* So many percent of the values are not above it; 0 while there is none. */
int64_t histogram_percentile(const struct histogram *h, unsigned percent);
/* In which bucket a value is, and what is the lowest one there: also of the bucket behind
 * the last. */
unsigned histogram_bucket(int64_t value);
int64_t histogram_lowest(unsigned bucket);

#endif
