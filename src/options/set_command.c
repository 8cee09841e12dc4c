/* The options of the command and of transforms: what their values mean. Main thread,
 * before anything is started. */
#include "options/set.h"

#include <string.h>

#include "base/mem.h"
#include "options/value.h"

void set_braces(const struct given *g)
{
	if (!*g->value)
		value_refuse(g, "is nothing that could be found in a command; try -I %");
	if (g->o->tag == g->o->braces)
		g->o->tag = g->value; /* --tag stands for the item, whatever its name */
	g->o->braces = g->value;
}

static void add_expression(struct options *o, struct expression e)
{
	o->expressions = mem_grow(o->expressions, (o->nexpressions + 1) * sizeof e);
	o->expressions[o->nexpressions++] = e;
}

void set_expression(const struct given *g)
{
	add_expression(g->o, (struct expression){ .text = g->value });
}

void set_script(const struct given *g)
{
	add_expression(g->o, (struct expression){ .file = value_file(g) });
}

void set_in_place(const struct given *g)
{
	g->o->in_place = g->value ? g->value : "";
	g->o->content = true;
	if (strchr(g->o->in_place, '/'))
		value_refuse(g, "is no suffix; try .bak");
}
