/* How many deliveries there will be in all. See total.h. */
#include "desk/total.h"

#include "desk/pack.h"
#include "source/source.h"
#include "stats.h"

/* Of so many items the deliveries that are left; 0: unknown. */
static uint64_t total_left(const struct total *t, uint64_t items)
{
	uint64_t passed = (uint64_t)(stats_get(t->stats, STAT_BEFORE)
		+ stats_get(t->stats, STAT_UNBORN));
	uint64_t all = items * t->each;

	return all > passed ? all - passed : 0;
}

/* How many items these records become; 0: unknown. */
static uint64_t total_items(const struct total *t, uint64_t records)
{
	return t->pack->max_args || t->pack->as_many ? 0 : records;
}

uint64_t total_of(const struct total *t)
{
	if (atomic_load(&t->known))
		return atomic_load(&t->fated);
	return total_left(t, total_items(t, source_total(t->sources, t->nsources)));
}

uint64_t total_seen(const struct total *t, bool *estimated)
{
	const struct pack_rules *pack = t->pack;
	uint64_t records, each = pack->max_args;

	*estimated = false;
	if (atomic_load(&t->known) && atomic_load(&t->fated))
		return atomic_load(&t->fated);
	if (pack->as_many || (pack->max_args && pack->run_size))
		return 0;
	records = source_total_seen(t->sources, t->nsources, (int64_t)atomic_load(&t->read),
		estimated);
	if (!pack->max_args)
		return total_left(t, total_items(t, records));
	if (*estimated) /* by items, of which nobody knows how many they took */
		return 0;
	*estimated = pack->edit != NULL; /* if records may be dropped, at most so many */
	return total_left(t, records / each + (records % each > 0));
}
