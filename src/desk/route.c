/* Which groups an item goes to. See route.h. */
#include "desk/route.h"

#include <stddef.h>

#include "group.h"
#include "item.h"

struct delivery *route_home(const struct route *r, struct item *item)
{
	return &item->deliveries[r->home];
}

static void route_to(struct delivery *d, const struct group *g)
{
	d->group = g;
	d->lane = g->lane;
}

const char *route_item(const struct route *r, struct item *item, const char *refused)
{
	item->unsettled = 0;
	for (unsigned i = 0; !refused && i < r->ngroups; i++) {
		if (r->first && item->unsettled)
			break;
		route_to(&item->deliveries[i], &r->groups[i]);
		item->unsettled++;
	}
	if (item->unsettled)
		return NULL;
	route_to(route_home(r, item), &r->groups[r->home]);
	item->unsettled = 1;
	return refused ? refused : "no group wants it";
}
