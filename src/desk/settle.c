/* Settling. See settle.h. */
#include "desk/settle.h"

#include "base/buf.h"
#include "base/clock.h"
#include "group.h"
#include "source/source.h"

/* The delivery whose verdict is that of its item. */
static const struct delivery *settle_by(const struct item *item)
{
	static const int weight[] = { [VERDICT_ACK] = 0, [VERDICT_RETRY] = 1,
		[VERDICT_REJECT] = 2, [VERDICT_RELEASE] = 3 };
	const struct delivery *by = item->deliveries;

	for (uint32_t i = 1; i < item->groups; i++)
		if (weight[item->deliveries[i].verdict] > weight[by->verdict])
			by = &item->deliveries[i];
	return by;
}

void settle_item(const struct item *item)
{
	const struct delivery *by;
	struct settlement what;
	struct buf why = { 0 };

	if (!item->leased)
		return;
	by = settle_by(item);
	if (by->verdict == VERDICT_RETRY || by->verdict == VERDICT_REJECT)
		delivery_why(&why, by);
	what = (struct settlement){ .verdict = by->verdict, .why = why.len ? buf_str(&why) : NULL,
		.delay = by->due ? by->due - clock_wall() : 0 };
	for (uint32_t i = 0; i < item->records; i++) {
		what.claim = &item->lease->claims[i];
		item->lease->lessor->settle(item->lease->lessor, &what);
	}
	buf_free(&why);
}

static void settle_refuse(struct delivery *d)
{
	struct buf why = { 0 };

	buf_addf(&why, "no attempts are left, %u were made (--retries)", d->attempts);
	delivery_refuse(d, buf_str(&why));
	buf_free(&why);
}

void settle_refuse_used_up(struct item *item)
{
	for (uint32_t i = 0; i < item->groups; i++) {
		struct delivery *d = &item->deliveries[i];

		if (d->group && d->attempts && d->attempts >= d->group->retry.attempts)
			settle_refuse(d);
	}
}
