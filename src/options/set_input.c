/* The options of the input: what their values mean. Main thread, before anything is
 * started. */
#include "options/set.h"

#include <string.h>

#include "base/mem.h"
#include "base/parse.h"
#include "desk/columns.h"
#include "options/value.h"

void set_null(const struct given *g, struct options *o)
{
	(void)g;
	value_separator(o, '\0');
}

void set_delimiter(const struct given *g, struct options *o)
{
	char c;

	if (!parse_char(g->value, &c))
		value_refuse(g, "is no single byte; try , or '\\t' (and -0 for a NUL byte)");
	value_separator(o, c);
}

void set_arg_file(const struct given *g, struct options *o)
{
	value_add_input(o, (struct input){ .file = value_file(g), .stream = true });
}

void set_from(const struct given *g, struct options *o)
{
	struct option_from from = { 0 };

	if (address_is_queue(g->value)) {
		from.queue = value_queue(g);
		from.path = from.queue->shown;
	} else {
		from.path = value_file(g);
	}
	o->from = mem_grow(o->from, (o->nfrom + 1) * sizeof *o->from);
	o->from[o->nfrom++] = from;
}

/* As in parallel -n0 would be a job for each record that does not get it. */
void set_max_args(const struct given *g, struct options *o)
{
	if (strcmp(g->value, "0") == 0)
		value_refuse(g, "is no number of records; for a job that does not want its item write "
			"'cmd; : {}'");
	o->max_args = value_number(g);
}

void set_max_replace(const struct given *g, struct options *o)
{
	set_max_args(g, o);
	o->repeat_words = true;
}

void set_end(const struct given *g, struct options *o)
{
	o->end = *g->value ? g->value : NULL; /* as xargs: -E '' is none */
}

void set_header(const struct given *g, struct options *o)
{
	if (!*g->value || strcmp(g->value, "0") == 0)
		value_refuse(g, "is no header; --header : takes the first record");
	o->header = true;
	o->heading = g->value;
}

void set_trim(const struct given *g, struct options *o)
{
	static const struct {
		const char *name;
		int trim;
	} sides[] = { { "n", 0 }, { "l", TRIM_LEFT }, { "r", TRIM_RIGHT },
		{ "lr", TRIM_LEFT | TRIM_RIGHT }, { "rl", TRIM_LEFT | TRIM_RIGHT } };

	for (size_t i = 0; i < sizeof sides / sizeof *sides; i++)
		if (strcmp(g->value, sides[i].name) == 0) {
			o->trim = sides[i].trim;
			return;
		}
	value_refuse(g, "is none of n, l, r, lr, rl: nothing, left, right, both");
}

void set_group_by(const struct given *g, struct options *o)
{
	value_column(g, o);
	o->grouped = true;
}

void set_shard(const struct given *g, struct options *o)
{
	if (!shard_parse(g->value, &o->shard))
		value_refuse(g, "is no share; of three nodes they are 1/3, 2/3 and 3/3, or 1/3,hash ...");
}

void set_unique(const struct given *g, struct options *o)
{
	if (g->value && !*g->value)
		value_refuse(g, "is no key; try --unique, or --unique={1}");
	o->unique = true;
	o->unique_key = g->value;
}
