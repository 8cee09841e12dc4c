/* Shares by weight. See stride.h. */
#include "policy/stride.h"

#include <stdlib.h>

#include "base/mem.h"

/* What a weight of 1 moves on by: so much that what is lost by whole numbers is less than
 * one turn in a million even of the largest weight. */
#define WHOLE ((uint64_t)1 << 40)

struct stride {
	size_t count;
	uint64_t now; /* the pass of whoever was served last */
	struct share {
		uint64_t step, pass; /* passes wrap around: see stride_before */
	} shares[];
};

struct stride *stride_new(const uint32_t weights[], size_t count)
{
	struct stride *s = mem_zero(sizeof *s + count * sizeof *s->shares);

	s->count = count;
	for (size_t i = 0; i < count; i++)
		s->shares[i].step = WHOLE / weights[i];
	return s;
}

void stride_free(struct stride *s)
{
	free(s);
}

/* No two of them are further from each other than WHOLE. */
static bool stride_before(uint64_t a, uint64_t b)
{
	return (int64_t)(a - b) < 0;
}

size_t stride_pick(struct stride *s, const bool ready[])
{
	size_t chosen = s->count;

	for (size_t i = 0; i < s->count; i++)
		if (ready[i] && (chosen == s->count
		    || stride_before(s->shares[i].pass, s->shares[chosen].pass)))
			chosen = i;
	if (chosen == s->count)
		return chosen;
	s->now = s->shares[chosen].pass;
	s->shares[chosen].pass += s->shares[chosen].step;
	for (size_t i = 0; i < s->count; i++)
		if (!ready[i] && stride_before(s->shares[i].pass, s->now))
			s->shares[i].pass = s->now;
	return chosen;
}
