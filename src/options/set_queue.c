/* The options of the queue and of the workers: what their values mean. Main thread,
 * before anything is started. */
#include "options/table.h"

#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "base/parse.h"
#include "options/options.h"

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
	g->o->range = false;
	if (jobs_parse(g->value, &g->o->jobs))
		return;
	g->o->range = jobs_parse_range(g->value, &g->o->least, &g->o->jobs);
	if (g->o->range)
		return;
	if (strstr(g->value, ".."))
		options_refuse(g, "is no range of jobs; try 1..8 or 2..200%");
	options_refuse(g, "is no number of jobs; try 8, +2, -1, 50% or 0 (and ./NAME for a file)");
}

void set_queue_size(const struct given *g)
{
	g->o->queue_size = options_number(g);
}

void set_queue_bytes(const struct given *g)
{
	g->o->queue_bytes = options_size(g);
}

void set_overflow(const struct given *g)
{
	if (!overflow_parse(g->value, &g->o->overflow))
		options_refuse(g, "is nothing that a full queue can do; it can block, drop-new, "
			"drop-old, reject or fail");
}

void set_high_water(const struct given *g)
{
	if (!backlog_parse(g->value, &g->o->high))
		options_refuse(g, "is no number of items, and no share of them below 100%; "
			"try 50 or 80%");
	g->o->high_water = true;
}

enum { PART = 32 };

/* Copy what stands before the next of the `ends`, and move past that. */
static bool next_part(const char **s, const char *ends, char part[PART])
{
	size_t len = strcspn(*s, ends);

	if (len >= PART)
		return false;
	memcpy(part, *s, len);
	part[len] = '\0';
	*s += len + ((*s)[len] != '\0');
	return true;
}

/* T, N% or both. */
static bool parse_timeout(const char *s, int64_t *time, double *percent)
{
	int times = 0, percents = 0;
	char part[PART];

	*time = 0;
	*percent = 0;
	do {
		if (!next_part(&s, " ,", part))
			return false;
		if (parse_time(part, time))
			times++;
		else if (parse_percent(part, percent))
			percents++;
		else
			return false;
	} while (*s);
	return times <= 1 && percents <= 1;
}

void set_timeout(const struct given *g)
{
	if (!parse_timeout(g->value, &g->o->timeout, &g->o->timeout_percent))
		options_refuse(g, "is no time; try 30, 1m30s, 200% or '30 200%'");
}

/* Signals with waits in milliseconds between them. It must end with KILL: no
 * job may outlive the sequence. */
static bool parse_steps(const char *s, struct term_step steps[TERM_STEPS])
{
	struct term_step *last = NULL;
	size_t n = 0;
	char part[PART];
	uint64_t ms;

	do {
		if (!next_part(&s, ",", part))
			return false;
		if (parse_count(part, &ms)) {
			if (!last || last->wait || ms > INT64_MAX / CLOCK_MS)
				return false;
			last->wait = (int64_t)ms * CLOCK_MS;
		} else {
			if (n == TERM_STEPS - 1)
				return false;
			last = &steps[n++];
			last->wait = 0;
			if (!parse_signal(part, &last->signal))
				return false;
		}
	} while (*s);
	steps[n].signal = 0;
	return last && last->signal == SIGKILL;
}

void set_term(const struct given *g)
{
	if (!parse_steps(g->value, g->o->term))
		options_refuse(g, "is no sequence of signals and milliseconds that ends with KILL; "
			"try TERM,2000,KILL");
}

void set_drain(const struct given *g)
{
	if (!parse_time(g->value, &g->o->drain))
		options_refuse(g, "is no time; try 10 or 1m");
}

void set_load(const struct given *g)
{
	if (!jobs_parse(g->value, &g->o->load) || g->o->load.kind == JOBS_FILE
	    || g->o->load.kind == JOBS_MOST)
		options_refuse(g, "is no number of processes; try 4, 80% or +1");
	g->o->load_given = true;
}

void set_memfree(const struct given *g)
{
	g->o->memfree = options_size(g);
}

void set_nice(const struct given *g)
{
	bool negative = *g->value == '-';
	uint64_t n;

	if (!parse_count(g->value + negative, &n) || n > (negative ? 20 : 19))
		options_refuse(g, "is no niceness; try 10 (-20 is the least nice, 19 the most)");
	g->o->nice_given = true;
	g->o->nice = negative ? -(int)n : (int)n;
}
