/* The bound. See bound.h. */
#include "desk/bound.h"

#include <stdlib.h>

#include "base/chain.h"
#include "base/check.h"
#include "base/mem.h"
#include "base/saturate.h"
#include "group.h"
#include "item.h"
#include "queue/queue.h"
#include "stats.h"

void bound_lift(struct bound_rules *rules)
{
	rules->strict = false;
	rules->queue_bytes = rules->spool_cap = UINT64_MAX;
}

void bound_init(struct bound *b, const struct bound_rules *rules)
{
	*b = (struct bound){ .rules = *rules };
	b->of = mem_zero(rules->ngroups * sizeof *b->of);
}

void bound_free(struct bound *b)
{
	assert(!b->items && !b->deliveries && !b->bytes && !b->beyond.items && !b->beyond.bytes);
	for (unsigned i = 0; i < b->rules.ngroups; i++)
		assert(!b->of[i].alive && !b->of[i].beyond);
	free(b->of);
}

/* --- who is alive ------------------------------------------------------ */

static struct bound_group *bound_of(const struct bound *b, const struct delivery *d)
{
	return &b->of[d->group->number - 1];
}

/* An item is beyond the bound when all that is alive of it was rejected. */
static bool bound_is_beyond(const struct item *item)
{
	for (uint32_t i = 0; i < item->groups; i++)
		if (item->deliveries[i].group && !item->deliveries[i].beyond)
			return false;
	return true;
}

void bound_enter(struct bound *b, const struct item *item)
{
	b->items++;
	b->bytes += item->weight;
	if (bound_is_beyond(item)) {
		b->beyond.items++;
		b->beyond.bytes += item->weight;
	}
	for (uint32_t i = 0; i < item->groups; i++) {
		const struct delivery *d = &item->deliveries[i];

		if (!d->group)
			continue;
		b->deliveries++;
		bound_of(b, d)->alive++;
		bound_of(b, d)->beyond += d->beyond;
	}
}

bool bound_leave(struct bound *b, const struct delivery *d)
{
	struct item *item = d->item;

	assert(item->unsettled > 0 && b->items > 0 && bound_of(b, d)->alive > 0);
	b->deliveries--;
	bound_of(b, d)->alive--;
	bound_of(b, d)->beyond -= d->beyond;
	if (--item->unsettled > 0)
		return false;
	b->items--;
	b->bytes -= item->weight;
	if (bound_is_beyond(item)) {
		b->beyond.items--;
		b->beyond.bytes -= item->weight;
	}
	return true;
}

/* --- how many there may be --------------------------------------------- */

static struct queue_load bound_load(const struct group *g)
{
	return g->scheduled ? queue_load(g->queue, g->lane) : (struct queue_load){ 0 };
}

/* Has the group as many as it may have, of those that count? */
static bool bound_group_full(const struct bound *b, unsigned i, int64_t parked)
{
	const struct bound_rules *r = &b->rules;
	int64_t counted = (int64_t)(b->of[i].alive - b->of[i].beyond);

	if (!r->strict)
		counted -= parked;
	if (r->ready_only)
		counted -= (int64_t)bound_load(&r->groups[i]).waiting;
	return counted >= saturate_signed(r->queue_size);
}

/* How many results of the group wait for their turn; it changes all the time. */
static int64_t bound_parked(const struct bound *b, unsigned i)
{
	return stats_get(b->rules.groups[i].stats, STAT_PARKED);
}

/* As of now: who is below the bound need not know how many of them are parked. */
static bool bound_group_full_now(const struct bound *b, unsigned i)
{
	return bound_group_full(b, i, 0) && bound_group_full(b, i, bound_parked(b, i));
}

bool bound_lacks_bytes(const struct bound *b, const struct item *more)
{
	const struct bound_rules *r = &b->rules;
	uint64_t kept = b->bytes - b->beyond.bytes + store_in_memory(r->store);

	for (unsigned i = 0; i < r->ngroups; i++)
		kept = saturate_add(kept, bound_load(&r->groups[i]).bytes);
	return saturate_add(kept, more ? more->weight : 0) > r->queue_bytes
		|| store_spooled(r->store) >= r->spool_cap;
}

/* The heaviest item travels alone. */
static bool bound_is_empty(const struct bound *b)
{
	return b->items == b->beyond.items;
}

bool bound_holds(const struct bound *b)
{
	bool bytes = !bound_is_empty(b) && bound_lacks_bytes(b, NULL);

	for (unsigned i = 0; i < b->rules.ngroups; i++)
		if (b->rules.groups[i].overflow == OVERFLOW_BLOCK
		    && (bytes || (!bound_is_empty(b) && bound_group_full_now(b, i))))
			return true;
	return false;
}

bool bound_lacks_items(const struct bound *b, int64_t *parked)
{
	bool lacks = false;

	*parked = 0;
	for (unsigned i = 0; i < b->rules.ngroups; i++) {
		int64_t waiting = bound_parked(b, i);

		lacks |= b->rules.groups[i].overflow == OVERFLOW_BLOCK
			&& bound_group_full(b, i, waiting);
		*parked += waiting;
	}
	return lacks;
}

bool bound_is_full(const struct bound *b, const struct delivery *d)
{
	unsigned i = d->group->number - 1;

	if (d->beyond)
		return b->of[i].beyond >= b->rules.queue_size
			|| b->beyond.bytes >= b->rules.queue_bytes;
	return !bound_is_empty(b) && (bound_group_full_now(b, i)
		|| bound_lacks_bytes(b, d->item));
}
