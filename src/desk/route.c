/* Which groups an item goes to. See route.h. */
#include "desk/route.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/msg.h"
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

/* Is it the group that an earlier run called so, by its name or its number? */
static bool route_is_called(const struct group *g, const char *name)
{
	char number[16];

	snprintf(number, sizeof number, "%u", g->number);
	return strcmp(g->name, name) == 0 || strcmp(number, name) == 0;
}

/* To the group in which it failed, whatever it asks for now; NULL, or that there is none. */
static const char *route_back(const struct route *r, struct item *item, struct buf *why)
{
	for (unsigned i = 0; i < r->ngroups; i++) {
		if (!route_is_called(&r->groups[i], item->group))
			continue;
		route_to(&item->deliveries[i], &r->groups[i]);
		item->unsettled = 1;
		return NULL;
	}
	buf_clear(why);
	buf_adds(why, "no section is called ");
	msg_quote(why, item->group, strlen(item->group), 40);
	buf_adds(why, ", in which it failed");
	return buf_str(why);
}

const char *route_item(const struct route *r, struct item *item, const char *refused,
	struct buf *why)
{
	item->unsettled = 0;
	if (!refused)
		refused = item->group ? route_back(r, item, why) : route_choose(r, item);
	if (!refused)
		return NULL;
	for (unsigned i = 0; i < r->ngroups; i++)
		item->deliveries[i].group = NULL;
	route_to(item->deliveries, r->groups);
	item->deliveries->section = NULL;
	item->unsettled = 1;
	return refused;
}
