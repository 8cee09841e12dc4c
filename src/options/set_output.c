/* The options of what is shown and written down: where output goes, and what is on record
 * of the run. Main thread, before anything is started. */
#include "options/set.h"

#include <string.h>

#include "options/value.h"

void set_tag(const struct given *g, struct section *s)
{
	s->tag = g->o->braces;
}

void set_tagstring(const struct given *g, struct section *s)
{
	s->tag = g->value;
}

/* As in ls and grep, the option by itself wants them. */
void set_color(const struct given *g, struct options *o)
{
	if (!g->value || strcmp(g->value, "always") == 0)
		o->color = COLOR_ALWAYS;
	else if (strcmp(g->value, "auto") == 0)
		o->color = COLOR_AUTO;
	else if (strcmp(g->value, "never") == 0)
		o->color = COLOR_NEVER;
	else
		value_refuse(g, "is none of auto, always, never");
}

void set_json(const struct given *g, struct options *o)
{
	o->json = true;
	o->json_attempts = g->value != NULL;
	if (g->value && strcmp(g->value, "attempts") != 0)
		value_refuse(g, "is no form of it; try --json or --json=attempts");
}

void set_results(const struct given *g, struct options *o)
{
	bool table = g->value[0] == '-' && g->value[1] == '.'; /* on standard output */

	o->results = table ? g->value : value_new_file(g);
}

void set_progress(const struct given *g, struct options *o)
{
	o->progress = true;
	o->progress_bar |= strcmp(g->name, "--bar") == 0;
	o->progress_eta |= strcmp(g->name, "--eta") == 0;
	if (!g->value)
		return;
	o->progress_json = strcmp(g->value, "json") == 0;
	o->progress_rows = strcmp(g->value, "rows") == 0;
	if (!o->progress_json && !o->progress_rows)
		value_refuse(g, "is no form of it; try --progress, --progress=rows or "
			"--progress=json");
}

void set_joblog(const struct given *g, struct options *o)
{
	o->joblog = value_new_file(g);
	o->joblog_append = *o->joblog == '+';
	if (o->joblog_append && !*++o->joblog)
		value_refuse(g, "is no file name");
}

void set_metrics(const struct given *g, struct options *o)
{
	size_t len = strlen(value_new_file(g));

	if (len < 5 || strcmp(g->value + len - 5, ".prom") != 0)
		value_refuse(g, "is no name that ends in .prom; others are not read by the textfile "
			"collector");
	o->metrics = g->value;
}

void set_journal(const struct given *g, struct options *o)
{
	o->journal = value_new_file(g);
	if (*g->value == ':')
		value_refuse(g, "is no file to SQLite; put ./ before it");
}
