/* The options of the queue and of the workers: what their values mean. Main thread,
 * before anything is started. */
#include "options_table.h"

#include "options.h"

void set_unique(const struct given *g)
{
	if (g->value && !*g->value)
		options_refuse(g, "is no key; try --unique, or --unique={1}");
	g->o->unique = true;
	g->o->unique_key = g->value;
}
