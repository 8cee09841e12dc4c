/* How many there were at a time: of things that begin and end, in fixed memory.
 *
 * Time is cut into bins of one width, which is doubled when they do not reach far enough: so
 * a run of any length has between half of FLOW_BINS and all of them. What is counted is exact:
 * the mean of a bin is that of what was there while it lasted. Pure; not shared. Times are in
 * ns since the run began. */
#ifndef PQ_FLOW_H
#define PQ_FLOW_H

#include <stddef.h>
#include <stdint.h>

enum { FLOW_BINS = 512 };

struct flow {
	int64_t width; /* of a bin; set by flow_init */
	struct {
		/* Unsigned, so that sums may go round: only what they come to counts. */
		uint64_t part; /* what those that begin or end within it are short of, or add */
		uint64_t step; /* how many more there are when it begins than when the last did */
	} bin[FLOW_BINS + 1];
};

void flow_init(struct flow *f);
/* One more from here to there; nothing if that is no time. */
void flow_add(struct flow *f, int64_t from, int64_t to);
/* What came to `sum` in all (ns times their number), spread over that time. */
void flow_spread(struct flow *f, int64_t from, int64_t to, int64_t sum);
/* The mean of each bin of a run that ended at `end`, where the last is cut off; how many. */
size_t flow_read(const struct flow *f, int64_t end, double mean[FLOW_BINS]);

#endif
