/* The options of queues that outlive a run: what their values mean. Main thread, before
 * anything is started. */
#include "options/set.h"

#include <string.h>

#include "base/clock.h"
#include "base/parse.h"
#include "options/value.h"

void set_lease(const struct given *g, struct options *o)
{
	if (!parse_time(g->value, &o->lease) || o->lease < CLOCK_SECOND)
		value_refuse(g, "is no time of at least a second; try 60 or 5m");
}

/* A number alone counts items, so a time has its unit. Both may be given. */
void set_keep(const struct given *g, struct options *o)
{
	bool unit = g->value[strcspn(g->value, "dhmnsu")];

	if (!unit && parse_count(g->value, &o->keep_count) && o->keep_count)
		return;
	if (unit && parse_time(g->value, &o->keep_time) && o->keep_time >= CLOCK_MS)
		return;
	value_refuse(g, "is no number of items and no time; try 1000 or 7d");
}

void set_unique_for(const struct given *g, struct options *o)
{
	o->unique_for = value_time(g, CLOCK_MS);
}

void set_dead_letter(const struct given *g, struct section *s)
{
	value_free_queue(s->dead_queue);
	s->dead_queue = address_is_queue(g->value) ? value_queue(g) : NULL;
	s->dead_letter = s->dead_queue ? NULL : value_new_file(g);
}
