/* How far ahead a persistent worker is written to. See ahead.h. */
#include "policy/ahead.h"

#include "base/saturate.h"

/* A worker that buffers gets so many times more at a time. */
enum { BUFFERS_TIMES = 16 };

void ahead_begin(struct ahead *a, uint64_t fixed, int64_t now)
{
	*a = (struct ahead){ .fixed = fixed, .items = fixed ? fixed : 1, .since = now };
}

/* Half a time is enough to know the speed by, or as many answers as could be had. */
void ahead_answered(struct ahead *a, uint64_t items, int64_t now)
{
	int64_t took = now > a->since ? now - a->since : 1;
	double speed;
	uint64_t target;

	a->answered = saturate_add(a->answered, items);
	if (a->fixed || (took < AHEAD_TIME / 2 && a->answered < a->items))
		return;
	speed = (double)a->answered / (double)took;
	target = (uint64_t)saturate_time(speed * (double)AHEAD_TIME);
	if (target > saturate_times(a->items, 2))
		target = saturate_times(a->items, 2);
	if (target < a->least)
		target = a->least;
	a->items = target ? target : 1;
	a->answered = 0;
	a->since = now;
}

void ahead_buffers(struct ahead *a, uint64_t unanswered)
{
	uint64_t more = saturate_times(a->items, BUFFERS_TIMES);

	if (more < saturate_times(unanswered, 2))
		more = saturate_times(unanswered, 2);
	if (!a->fixed)
		a->items = a->least = more;
}

static uint64_t ahead_limit(const struct ahead *a, const struct ahead_rest *rest)
{
	uint64_t share;

	if (a->fixed || a->least || rest->items == UINT64_MAX)
		return a->items;
	share = rest->items / (2 * (uint64_t)(rest->workers ? rest->workers : 1));
	if (share < 1)
		share = 1;
	return share < a->items ? share : a->items;
}

uint64_t ahead_more(const struct ahead *a, uint64_t unanswered, uint64_t bytes,
	const struct ahead_rest *rest)
{
	uint64_t limit = ahead_limit(a, rest);

	if (unanswered >= limit || (unanswered && !a->fixed && !a->least && bytes >= AHEAD_BYTES))
		return 0;
	return limit - unanswered;
}
