/* The options of what is shown and written down: where output goes, and what is on record
 * of the run. Main thread, before anything is started. */
#include "options/set.h"

#include <string.h>

#include "options/value.h"

void set_tag(const struct given *g)
{
	g->o->tag = g->o->braces;
}

void set_tagstring(const struct given *g)
{
	g->o->tag = g->value;
}

void set_results(const struct given *g)
{
	bool table = g->value[0] == '-' && g->value[1] == '.'; /* on standard output */

	g->o->results = table ? g->value : value_new_file(g);
}

void set_progress(const struct given *g)
{
	g->o->progress = true;
	g->o->progress_json = g->value != NULL;
	if (g->value && strcmp(g->value, "json") != 0)
		value_refuse(g, "is no form of it; try --progress or --progress=json");
}

void set_joblog(const struct given *g)
{
	g->o->joblog = value_new_file(g);
	g->o->joblog_append = *g->o->joblog == '+';
	if (g->o->joblog_append && !*++g->o->joblog)
		value_refuse(g, "is no file name");
}

void set_journal(const struct given *g)
{
	g->o->journal = value_new_file(g);
	if (*g->value == ':')
		value_refuse(g, "is no file to SQLite; put ./ before it");
}
