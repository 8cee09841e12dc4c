/* Which groups an item goes to. The desk's. */
#ifndef PQ_ROUTE_H
#define PQ_ROUTE_H

#include <stdbool.h>

struct buf;
struct filters;
struct group;
struct item;

struct route {
	const struct group *groups;
	unsigned ngroups;
	struct filters *filters; /* of each of them; NULL: they want all there is */
	bool first;    /* --deliver first: to the first that it fits; else to all of them */
};

/* Give each delivery of the item its group, or none; refused: no worker may have it, for
 * this reason, or NULL. Returns that reason, or that no group wants it, or that there is none
 * in which it could have failed, for which `why` is the memory: then the first delivery
 * alone has one, and no section (item.h). */
const char *route_item(const struct route *r, struct item *item, const char *refused,
	struct buf *why);

#endif
