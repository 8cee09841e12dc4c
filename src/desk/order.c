/* --order-by. See order.h. */
#include "desk/order.h"

#include <stdlib.h>
#include <string.h>

#include "base/heap.h"
#include "base/mem.h"
#include "item.h"
#include "policy/shard.h"

struct entry {
	struct item *item; /* NULL: it is the caller's */
	char *refused;     /* owned; NULL: it is not */
	int64_t took;
	size_t place;      /* in the list */
	bool ours;
};

struct order {
	struct order_rules rules;
	struct entry *entries; /* owned: as they came; */
	struct entry **sorted; /* owned: as they are started; NULL while more may come */
	size_t count, room;
	size_t known;          /* whose times are */
	int64_t sum;           /* of these */
	size_t listed, at;     /* how many have been given in either order */
};

/* A node while items are dealt out. */
struct node {
	uint64_t load, index;
};

struct order *order_new(const struct order_rules *rules)
{
	struct order *o = mem_zero(sizeof *o);

	o->rules = *rules;
	return o;
}

void order_free(struct order *o)
{
	if (!o)
		return;
	for (size_t i = 0; i < o->count; i++)
		free(o->entries[i].refused);
	free(o->entries);
	free(o->sorted);
	free(o);
}

bool order_is_apart(const struct order *o)
{
	return o && o->rules.apart;
}

void order_add(struct order *o, struct item *item, const char *refused, bool ours)
{
	struct entry *e;

	if (o->count == o->room) {
		o->room = o->room ? o->room * 2 : 64;
		o->entries = mem_grow(o->entries, o->room * sizeof *o->entries);
	}
	e = &o->entries[o->count];
	*e = (struct entry){ .item = item, .place = o->count++, .ours = ours,
		.refused = refused ? mem_copy(refused, strlen(refused)) : NULL,
		.took = o->rules.took ? o->rules.took(o->rules.ctx, item) : -1 };
	if (e->took < 0)
		return;
	o->known++;
	o->sum += e->took;
}

/* Those that are not known first, for they may be the longest. */
static int order_compare(const void *a, const void *b)
{
	const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;

	if ((x->took < 0) != (y->took < 0))
		return x->took < 0 ? -1 : 1;
	if (x->took != y->took)
		return x->took > y->took ? -1 : 1;
	return x->place < y->place ? -1 : 1;
}

static bool node_before(const void *a, const void *b)
{
	const struct node *x = a, *y = b;

	return x->load != y->load ? x->load < y->load : x->index < y->index;
}

/* Each goes to the node that has least to do, of which the first; what is not known counts
 * for as much as the others do on average, and each for a little, so that nobody gets all
 * that took no time. Every node comes to the same result, as all of it is whole numbers. */
static void order_deal(struct order *o, const struct shard_rule *shard)
{
	uint64_t some = o->known ? (uint64_t)o->sum / o->known : 0;
	uint64_t count = shard->count < o->count ? shard->count : o->count;
	struct node *nodes = mem_zero((count + 1) * sizeof *nodes);
	struct heap least = { .before = node_before };

	for (uint64_t i = 0; i < count; i++) {
		nodes[i].index = i + 1;
		heap_push(&least, &nodes[i]);
	}
	for (size_t i = 0; i < o->count; i++) {
		struct entry *e = o->sorted[i];
		struct node *to = heap_pop(&least);

		e->ours = to->index == shard->index;
		to->load += 1 + (e->took < 0 ? some : (uint64_t)e->took);
		heap_push(&least, to);
	}
	heap_free(&least);
	free(nodes);
}

void order_end(struct order *o, const struct shard_rule *shard)
{
	o->sorted = mem_zero((o->count + 1) * sizeof *o->sorted);
	for (size_t i = 0; i < o->count; i++)
		o->sorted[i] = &o->entries[i];
	qsort(o->sorted, o->count, sizeof *o->sorted, order_compare);
	if (shard)
		order_deal(o, shard);
	if (o->count && !o->known && o->rules.strange)
		o->rules.strange(o->rules.ctx);
}

bool order_ended(const struct order *o)
{
	return o->sorted;
}

size_t order_count(const struct order *o)
{
	return o->count;
}

bool order_holds(const struct order *o)
{
	return o && o->at < o->count;
}

struct item *order_listed(struct order *o, const char **refused, bool *ours)
{
	struct entry *e = &o->entries[o->listed];
	struct item *item;

	if (o->listed == o->count)
		return NULL;
	o->listed++;
	item = e->item;
	*refused = e->refused;
	*ours = e->ours;
	e->item = NULL;
	return item;
}

/* Items come with every number from 1 on. */
void order_keep(struct order *o, struct item *item)
{
	o->entries[item->seq - 1].item = item;
}

struct item *order_first(struct order *o)
{
	struct item *item = NULL;

	while (!item && order_holds(o)) {
		struct entry *e = o->sorted ? o->sorted[o->at] : &o->entries[o->at];

		o->at++;
		item = e->item;
		e->item = NULL;
	}
	return item;
}
