/* The options of what is written down: where output goes, and what is on record of the
 * run. Main thread, before anything is started. */
#include "options_table.h"

#include "base/msg.h"
#include "options.h"

void set_output(const struct given *g)
{
	g->o->outfile = options_file(g);
}

void check_outfile(const struct options *o)
{
	if (o->outfile && o->output == OUTPUT_UNGROUP)
		msg_die(2, "-o with -u: what jobs write themselves does not pass through pq; "
			"leave out -u");
	if (o->outfile && o->in_place)
		msg_die(2, "-o with --in-place: nothing is printed; leave one out");
}
