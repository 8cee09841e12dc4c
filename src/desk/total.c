/* How many deliveries there will be in all. See total.h. */
#include "desk/total.h"

#include "desk/pack.h"
#include "desk/route.h"
#include "group.h"
#include "policy/shard.h"
#include "source/source.h"
#include "stats.h"

void total_route(struct total *t, const struct route *route)
{
	bool routed = route->filters, skips = false;

	for (size_t i = 0; i < t->nsources; i++)
		routed |= t->sources[i]->routed;
	for (unsigned i = 0; i < route->ngroups; i++)
		skips |= route->groups[i].skips != NULL;
	t->each = skips ? 0 : route->first ? 1 : routed ? 0 : route->ngroups;
}

/* Of so many items or records those that are ours. */
static uint64_t total_part(const struct total *t, uint64_t n, bool *estimated)
{
	if (!t->shard)
		return n;
	*estimated |= t->shard->hash;
	return shard_part(t->shard, n);
}

/* Of so many items the deliveries that are left; 0: unknown. What becomes of an item is
 * known beforehand, or goes by what became of those before it, which is an estimate. */
static uint64_t total_left(const struct total *t, uint64_t items, bool *estimated)
{
	bool each = !t->pack->max_args && !t->pack->as_many;
	int64_t left_out = stats_get(t->stats, STAT_SEEN) + stats_get(t->stats, STAT_LEFT_OUT);
	uint64_t lost = each ? (uint64_t)left_out : 0; /* records that were to be items */
	uint64_t passed = (uint64_t)(stats_get(t->stats, STAT_BEFORE)
		+ stats_get(t->stats, STAT_UNBORN)) - lost;
	uint64_t read = atomic_load(&t->read) - atomic_load(&t->others), all;

	if (items <= lost)
		return 0;
	items -= lost;
	if (each)
		items = total_part(t, items, estimated);
	if (t->each) {
		all = items * t->each;
	} else {
		all = !read ? 0 : (uint64_t)((double)items / (double)read
			* (double)(atomic_load(&t->fated) + passed) + 0.5);
		*estimated = true;
	}
	return all > passed ? all - passed : 0;
}

/* How many items these records become; 0: unknown. */
static uint64_t total_items(const struct total *t, uint64_t records)
{
	return t->pack->max_args || t->pack->as_many ? 0 : records;
}

uint64_t total_of(const struct total *t)
{
	bool estimated = false;
	uint64_t left;

	if (atomic_load(&t->known))
		return atomic_load(&t->fated);
	if (t->told)
		return t->told;
	if (!t->each)
		return 0;
	left = total_left(t, total_items(t, source_total(t->sources, t->nsources)), &estimated);
	return estimated ? 0 : left;
}

uint64_t total_seen(const struct total *t, bool *estimated)
{
	const struct pack_rules *pack = t->pack;
	uint64_t records, each = pack->max_args;

	*estimated = false;
	if (atomic_load(&t->known) && atomic_load(&t->fated))
		return atomic_load(&t->fated);
	if (t->told)
		return t->told;
	if (pack->as_many || (pack->max_args && pack->run_size))
		return 0;
	records = source_total_seen(t->sources, t->nsources, (int64_t)atomic_load(&t->read),
		estimated);
	if (!pack->max_args)
		return total_left(t, total_items(t, records), estimated);
	if (*estimated) /* by items, of which nobody knows how many they took */
		return 0;
	*estimated = pack->edit != NULL; /* if records may be dropped, at most so many */
	records = total_part(t, records, estimated);
	return total_left(t, records / each + (records % each > 0), estimated);
}
