/* What the values of the options about failure mean. Main thread, before anything is
 * started. */
#include "options/set.h"

#include <limits.h>

#include "base/parse.h"
#include "options/value.h"

void set_retries(const struct given *g, struct section *s)
{
	uint64_t n;

	if (!value_count(g, &n) || (n == 0 && !g->o->gnu) || n > UINT_MAX)
		value_refuse(g, "is no number of attempts; 3 means that two may fail");
	s->retry.attempts = n ? (unsigned)n : UINT_MAX; /* GNU parallel's 0: without end */
}

void set_backoff(const struct given *g, struct section *s)
{
	if (!backoff_parse(g->value, &s->backoff))
		value_refuse(g, "is no back-off; try 1, 0.5..30, 1..1m,x3 or 1,jitter=none");
}

void set_poison(const struct given *g, struct section *s)
{
	uint64_t n;

	if (!parse_count(g->value, &n) || n == 0 || n > UINT_MAX)
		value_refuse(g, "is no number of losses; 3 means that two may be");
	s->retry.poison = (unsigned)n;
}

void set_breaker(const struct given *g, struct section *s)
{
	if (!breaker_parse(g->value, &s->breaker))
		value_refuse(g, "is no rule; try 50%/20,30s: of the last 20 half have failed, wait 30 s");
}

static void set_outcomes(const struct given *g, struct outcome_set *set)
{
	if (!retry_parse(g->value, set))
		value_refuse(g, "is no list of outcomes; try 1,3-5,KILL,timeout");
}

void set_ack_on(const struct given *g, struct section *s)
{
	set_outcomes(g, &s->retry.ack);
}

void set_retry_on(const struct given *g, struct section *s)
{
	set_outcomes(g, &s->retry.retry);
}

void set_reject_on(const struct given *g, struct section *s)
{
	set_outcomes(g, &s->retry.reject);
}

void set_halt(const struct given *g, struct options *o)
{
	if (!halt_parse(g->value, &o->halt))
		value_refuse(g, "is no rule; try now,fail=1 or soon,fail=10%");
}
