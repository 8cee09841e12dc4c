/* The options of the command and of transforms: what their values mean. Main thread,
 * before anything is started. */
#include "options/set.h"

#include <string.h>

#include "base/mem.h"
#include "base/parse.h"
#include "options/value.h"

void set_braces(const struct given *g, struct options *o)
{
	if (!*g->value)
		value_refuse(g, "is nothing that could be found in a command; try -I %");
	for (size_t i = 0; i < o->nsections; i++)
		if (o->sections[i].tag == o->braces)
			o->sections[i].tag = g->value; /* --tag is the item, whatever its name */
	o->braces = g->value;
}

static void add_expression(struct section *s, struct expression e)
{
	s->expressions = mem_grow(s->expressions, (s->nexpressions + 1) * sizeof e);
	s->expressions[s->nexpressions++] = e;
}

void set_expression(const struct given *g, struct section *s)
{
	add_expression(s, (struct expression){ .text = g->value });
}

void set_script(const struct given *g, struct section *s)
{
	add_expression(s, (struct expression){ .file = value_file(g) });
}

void set_slot_variable(const struct given *g, struct options *o)
{
	if (!*g->value || strchr(g->value, '='))
		value_refuse(g, "is no name of a variable; try SLOT");
	if (strncmp(g->value, "PQ_", 3) == 0 || strncmp(g->value, "PARALLEL_", 9) == 0)
		value_refuse(g, "may be one that pq has for a job already; try SLOT");
	o->slot_variable = g->value;
}

void set_in_place(const struct given *g, struct options *o)
{
	o->in_place = g->value ? g->value : "";
	o->content = true;
	if (strchr(o->in_place, '/'))
		value_refuse(g, "is no suffix; try .bak");
}

void set_persistent(const struct given *g, struct section *s)
{
	s->persistent = true;
	if (!g->value || strcmp(g->value, "lines") == 0)
		s->answers = ANSWER_LINES;
	else if (strcmp(g->value, "frames") == 0)
		s->answers = ANSWER_FRAMES;
	else if (strcmp(g->value, "json") == 0)
		s->answers = ANSWER_JSON;
	else
		value_refuse(g, "is no form of answers; try lines, frames or json");
}

/* A plain number is one of items. */
void set_recycle(const struct given *g, struct section *s)
{
	uint64_t n;

	s->recycle_items = s->recycle_memory = 0;
	if (parse_count(g->value, &n) && n > 0)
		s->recycle_items = n;
	else if (parse_size(g->value, &n) && n > 0)
		s->recycle_memory = n;
	else
		value_refuse(g, "is neither a number of items nor a size; try 1000 or 500M");
}
