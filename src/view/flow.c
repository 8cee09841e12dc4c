/* How many there were at a time. See flow.h. */
#include "view/flow.h"

#include <string.h>

/* A run of 50 ms has bins as narrow as any. */
#define NARROWEST INT64_C(100000)

void flow_init(struct flow *f)
{
	memset(f, 0, sizeof *f);
	f->width = NARROWEST;
}

/* Two bins become one: what is more from the second of them on is so within the new one, and
 * whole from the next on. Each is read before it is written over. */
static void flow_double(struct flow *f)
{
	for (size_t i = 0; i < FLOW_BINS / 2; i++) {
		f->bin[i].part = f->bin[2 * i].part + f->bin[2 * i + 1].part
			+ (uint64_t)f->width * f->bin[2 * i + 1].step;
		f->bin[i].step = f->bin[2 * i].step + (i ? f->bin[2 * i - 1].step : 0);
	}
	f->bin[FLOW_BINS / 2].part = 0;
	f->bin[FLOW_BINS / 2].step = f->bin[FLOW_BINS].step + f->bin[FLOW_BINS - 1].step;
	memset(f->bin + FLOW_BINS / 2 + 1, 0, FLOW_BINS / 2 * sizeof *f->bin);
	f->width *= 2;
}

/* Let the bins reach that far. */
static void flow_reach(struct flow *f, int64_t to)
{
	while (to / FLOW_BINS >= f->width && to > f->width * FLOW_BINS)
		flow_double(f);
}

static int64_t flow_end(const struct flow *f, size_t bin)
{
	return f->width * (int64_t)(bin + 1);
}

void flow_add(struct flow *f, int64_t from, int64_t to)
{
	size_t first, last;

	from = from > 0 ? from : 0;
	if (from >= to)
		return;
	flow_reach(f, to);
	first = (size_t)(from / f->width);
	last = (size_t)((to - 1) / f->width);
	f->bin[first].part += (uint64_t)(flow_end(f, first) - from);
	f->bin[first + 1].step++;
	f->bin[last].part -= (uint64_t)(flow_end(f, last) - to);
	f->bin[last + 1].step--;
}

void flow_spread(struct flow *f, int64_t from, int64_t to, int64_t sum)
{
	double each;

	from = from > 0 ? from : 0;
	if (from >= to)
		return;
	flow_reach(f, to);
	each = (double)sum / (double)(to - from);
	for (size_t i = (size_t)(from / f->width); from < to; i++) {
		int64_t end = flow_end(f, i) < to ? flow_end(f, i) : to;

		f->bin[i].part += (uint64_t)(each * (double)(end - from) + 0.5);
		from = end;
	}
}

size_t flow_read(const struct flow *f, int64_t end, double mean[FLOW_BINS])
{
	uint64_t count = 0;
	size_t n = 0;

	for (; n < FLOW_BINS && f->width * (int64_t)n < end; n++) {
		int64_t begin = f->width * (int64_t)n;
		int64_t width = end - begin < f->width ? end - begin : f->width;
		int64_t area;

		count += f->bin[n].step;
		/* What goes on until the end has no more of a bin that is cut off, either. */
		area = (int64_t)(f->bin[n].part + (uint64_t)f->width * count);
		mean[n] = (double)area / (double)width;
	}
	return n;
}
