/* How values are spread. See histogram.h. */
#include "base/histogram.h"

enum { SUB = 1 << HISTOGRAM_BITS };

static unsigned bucket_of(uint64_t v)
{
	unsigned top = 0;

	while (v >> top >= 2 * SUB)
		top++;
	return v < SUB ? (unsigned)v : top * SUB + (unsigned)(v >> top);
}

/* The power of two by which the values of a bucket are apart. */
static unsigned bucket_top(unsigned bucket)
{
	return bucket < 2 * SUB ? 0 : bucket / SUB - 1;
}

static int64_t bucket_middle(unsigned bucket)
{
	unsigned top = bucket_top(bucket);

	return histogram_lowest(bucket) + (int64_t)((UINT64_C(1) << top) / 2);
}

unsigned histogram_bucket(int64_t value)
{
	return bucket_of(value > 0 ? (uint64_t)value : 0);
}

int64_t histogram_lowest(unsigned bucket)
{
	unsigned top = bucket_top(bucket);
	uint64_t low = (uint64_t)(bucket - top * SUB) << top;

	return low < INT64_MAX ? (int64_t)low : INT64_MAX;
}

void histogram_add(struct histogram *h, int64_t value)
{
	if (value < 0)
		value = 0;
	if (value > h->max)
		h->max = value;
	h->bucket[bucket_of((uint64_t)value)]++;
	h->count++;
}

int64_t histogram_percentile(const struct histogram *h, unsigned percent)
{
	/* The rank, counting from 1, of the first value that so many are not above. */
	uint64_t rank = h->count / 100 * percent + (h->count % 100 * percent + 99) / 100;
	uint64_t before = 0;
	unsigned b = 0;
	int64_t middle;

	if (!h->count)
		return 0;
	if (rank == 0)
		rank = 1;
	while (before + h->bucket[b] < rank)
		before += h->bucket[b++];
	middle = bucket_middle(b);
	return middle < h->max ? middle : h->max;
}
