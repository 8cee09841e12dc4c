/* Which groups an item goes to. See route.h. */
#include "desk/route.h"

#include <stddef.h>

#include "desk/filter.h"
#include "group.h"
#include "item.h"

static void route_to(struct delivery *d, const struct group *g)
{
	d->group = g;
	d->lane = g->lane;
	d->section = g->among;
}

/* Does the group want it? False, with *refused, when that cannot be told. */
static bool route_fits(const struct route *r, unsigned i, const char **refused)
{
	return !r->filters || filters_fit(r->filters, i, refused) == FILTER_FITS;
}

/* To those that want it; NULL, or why nobody may have it. */
static const char *route_choose(const struct route *r, struct item *item)
{
	const char *refused = NULL;

	if (r->filters)
		filters_begin(r->filters, item);
	for (unsigned i = 0; !refused && i < r->ngroups; i++) {
		if (!route_fits(r, i, &refused))
			continue;
		route_to(&item->deliveries[i], &r->groups[i]);
		item->unsettled++;
		if (r->first)
			break;
	}
	return refused ? refused : item->unsettled ? NULL : "no group wants it";
}

const char *route_item(const struct route *r, struct item *item, const char *refused)
{
	item->unsettled = 0;
	if (!refused)
		refused = route_choose(r, item);
	if (!refused)
		return NULL;
	for (unsigned i = 0; i < r->ngroups; i++)
		item->deliveries[i].group = NULL;
	route_to(item->deliveries, r->groups);
	item->deliveries->section = NULL;
	item->unsettled = 1;
	return refused;
}
