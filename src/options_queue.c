/* The options of the queue and of the workers: what their values mean. Main thread,
 * before anything is started. */
#include "options_table.h"

#include <string.h>

#include "base/parse.h"
#include "options.h"

void set_unique(const struct given *g)
{
	if (g->value && !*g->value)
		options_refuse(g, "is no key; try --unique, or --unique={1}");
	g->o->unique = true;
	g->o->unique_key = g->value;
}

static const char *template_of(const struct given *g)
{
	if (!*g->value)
		options_refuse(g, "is the same for every item; try {1}");
	return g->value;
}

void set_priority(const struct given *g)
{
	g->o->priority = template_of(g);
}

static int64_t some_time(const struct given *g)
{
	int64_t time;

	if (!parse_time(g->value, &time) || time <= 0)
		options_refuse(g, "is no time; try 10, 0.5 or 1m");
	return time;
}

void set_aging(const struct given *g)
{
	g->o->aging = some_time(g);
}

void set_key(const struct given *g)
{
	g->o->key = template_of(g);
}

void set_key_jobs(const struct given *g)
{
	uint64_t n = options_number(g);

	g->o->key_jobs = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

void set_rate(const struct given *g)
{
	if (!rate_parse(g->value, &g->o->rate))
		options_refuse(g, "is no rate; try 10/s, 100/m or 5/10s,burst=5");
}

void set_rate_key(const struct given *g)
{
	g->o->rate_key = template_of(g);
}

void set_delay(const struct given *g)
{
	if (!parse_time(g->value, &g->o->delay))
		options_refuse(g, "is no time; try 2, 0.5 or 100ms");
}

void set_backoff(const struct given *g)
{
	if (!backoff_parse(g->value, &g->o->backoff))
		options_refuse(g, "is no back-off; try 1, 0.5..30, 1..1m,x3 or 1,jitter=none");
}

void set_breaker(const struct given *g)
{
	if (!breaker_parse(g->value, &g->o->breaker))
		options_refuse(g, "is no rule; try 50%/20,30s: of the last 20 half have failed, wait 30 s");
}

void set_jobs(const struct given *g)
{
	if (jobs_parse(g->value, &g->o->jobs))
		return;
	if (strstr(g->value, ".."))
		options_refuse(g, "is a range, which this version does not have; give one number");
	options_refuse(g, "is no number of jobs; try 8, +2, -1, 50% or 0 (and ./NAME for a file)");
}
