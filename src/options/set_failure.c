/* What the values of the options about failure mean. Main thread, before anything is
 * started. */
#include "options/table.h"

#include <limits.h>

#include "base/parse.h"

void set_retries(const struct given *g)
{
	uint64_t n;

	if (!parse_count(g->value, &n) || n == 0 || n > UINT_MAX)
		options_refuse(g, "is no number of attempts; 3 means that two may fail");
	g->o->retries = true;
	g->o->retry.attempts = (unsigned)n;
}

static void set_outcomes(const struct given *g, struct outcome_set *set)
{
	if (!retry_parse(g->value, set))
		options_refuse(g, "is no list of outcomes; try 1,3-5,KILL,timeout");
}

void set_ack_on(const struct given *g)
{
	set_outcomes(g, &g->o->retry.ack);
}

void set_retry_on(const struct given *g)
{
	set_outcomes(g, &g->o->retry.retry);
}

void set_reject_on(const struct given *g)
{
	set_outcomes(g, &g->o->retry.reject);
}

void set_dead_letter(const struct given *g)
{
	g->o->dead_letter = options_new_file(g);
}

void set_halt(const struct given *g)
{
	if (!halt_parse(g->value, &g->o->halt))
		options_refuse(g, "is no rule; try now,fail=1 or soon,fail=10%");
}
