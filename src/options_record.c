/* The options of what is written down: where output goes, and what is on record of the
 * run. Main thread, before anything is started. */
#include "options_table.h"

#include <sys/stat.h>

#include "base/msg.h"
#include "options.h"
#include "view/results.h"

void set_output(const struct given *g)
{
	g->o->outfile = options_file(g);
}

void set_json(const struct given *g)
{
	g->o->json = true;
}

void set_results(const struct given *g)
{
	g->o->results = options_file(g);
}

/* A table is cut to nothing before its first row: it must not be read from. */
static void check_table(const struct options *o)
{
	struct stat st;

	if (o->results && results_is_table(o->results) && stat(o->results, &st) == 0
	    && S_ISREG(st.st_mode) && options_same_input(o, &st))
		msg_die(2, "--results %s: it is the input, too, and would be overwritten; write to "
			"another file", o->results);
}

/* What is written when a job has ended cannot be shown before. */
void check_whole(const struct options *o)
{
	const char *name = o->json ? "--json" : "--results";

	if (!o->json && !o->results)
		return;
	if (o->output == OUTPUT_UNGROUP)
		msg_die(2, "%s with -u: what jobs write themselves does not pass through pq; "
			"leave out -u", name);
	if (o->output == OUTPUT_LINE)
		msg_die(2, "%s with --line-buffer: it is written when a job has ended; leave one out",
			name);
	if (o->tag)
		msg_die(2, "%s with --tag: the item is beside the output, not in it; leave out --tag",
			name);
	if (o->json && o->results && o->results[0] == '-' && o->results[1] == '.')
		msg_die(2, "--json with --results %s: both are for standard output; leave one out",
			o->results);
	check_table(o);
}

void finish_whole(struct options *o)
{
	if ((o->json || o->results) && !o->dry_run)
		o->output = OUTPUT_WHOLE;
	o->shown = o->verbose || o->dry_run || o->joblog || o->results;
}

void check_outfile(const struct options *o)
{
	if (o->outfile && o->output == OUTPUT_UNGROUP)
		msg_die(2, "-o with -u: what jobs write themselves does not pass through pq; "
			"leave out -u");
	if (o->outfile && o->in_place)
		msg_die(2, "-o with --in-place: nothing is printed; leave one out");
}
