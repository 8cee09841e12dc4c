/* Options of GNU parallel about the input of jobs. Main thread, before anything is started. */
#include "options/gnu_set.h"

#include "base/parse.h"
#include "options/names.h"
#include "options/value.h"

/* As there, where it is not said how large they are. */
enum { PARTS_FOR_EACH = 10 };

/* There its share of a stream is a job's, not a node's. */
void set_gnu_shard(const struct given *g, struct options *o)
{
	value_column(g, o);
	o->spread = SPREAD_SHARD;
}

void set_gnu_bin(const struct given *g, struct options *o)
{
	value_column(g, o);
	o->spread = SPREAD_BIN;
}

void set_gnu_part(const struct given *g, struct options *o)
{
	(void)g;
	o->pipe = o->parts = true;
}

void set_gnu_block(const struct given *g, struct options *o)
{
	o->block_parts = 0;
	if (*g->value == '-' && (!parse_count(g->value + 1, &o->block_parts) || !o->block_parts))
		value_refuse(g, "is no number of blocks for each job; try -1");
	if (!o->block_parts)
		o->block = value_size(g);
}

/* What looks at records reads all of them. */
static bool gnu_pipe_reads(const struct options *o)
{
	return o->spread || o->grouped || o->named || o->bare || o->max_args || o->max_lines
		|| o->regexp || o->csv || !o->ninputs;
}

void gnu_pipe_finish(struct options *o)
{
	const struct option_row *part = options_find("--pipe-part");
	bool sized = options_note(o, o->sections, "--block", 7);

	for (size_t i = 0; i < o->nnotes; i++)
		if (o->notes[i].row == part)
			o->notes[i].row = options_find("--pipe"); /* what holds for that */
	if (o->parts && !gnu_pipe_reads(o))
		o->spread = SPREAD_PARTS;
	if (o->spread == SPREAD_PARTS && !sized)
		o->block_parts = PARTS_FOR_EACH;
}
