/* The options of the queue and of the workers: what their values mean. Main thread,
 * before anything is started. */
#include "options/set.h"

#include <signal.h>
#include <string.h>

#include "base/clock.h"
#include "base/parse.h"
#include "options/value.h"

void set_key_jobs(const struct given *g, struct section *s)
{
	uint64_t n = value_number(g);

	s->key_jobs = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

void set_rate(const struct given *g, struct section *s)
{
	if (!rate_parse(g->value, &s->rate))
		value_refuse(g, "is no rate; try 10/s, 100/m or 5/10s,burst=5");
}

void set_jobs(const struct given *g, struct section *s)
{
	s->range = false;
	if (jobs_parse(g->value, &s->jobs))
		return;
	s->range = jobs_parse_range(g->value, &s->least, &s->jobs);
	if (s->range)
		return;
	if (strstr(g->value, ".."))
		value_refuse(g, "is no range of jobs; try 1..8 or 2..200%");
	value_refuse(g, "is no number of jobs; try 8, +2, -1, 50% or 0 (and ./NAME for a file)");
}

/* N, fifo, or N,fifo. A pipe holds 65536 tokens. */
static bool jobserver_parse(const char *s, struct options *o)
{
	const char *comma = strchr(s, ',');
	size_t len = comma ? (size_t)(comma - s) : strlen(s);
	char number[8] = "";
	uint64_t n;

	o->jobserver_fifo = strcmp(comma ? comma + 1 : s, "fifo") == 0;
	if (!comma && o->jobserver_fifo)
		return true;
	if (len >= sizeof number || (comma && !o->jobserver_fifo))
		return false;
	memcpy(number, s, len);
	if (!parse_count(number, &n) || n == 0 || n > 65536)
		return false;
	o->jobserver_slots = (unsigned)n;
	return true;
}

void set_jobserver(const struct given *g, struct options *o)
{
	o->jobserver = true;
	o->jobserver_slots = 0;
	if (g->value && !jobserver_parse(g->value, o))
		value_refuse(g, "is no number of job slots; try 8, or 8,fifo for ninja");
}

void set_overflow(const struct given *g, struct section *s)
{
	if (!overflow_parse(g->value, &s->overflow))
		value_refuse(g, "is nothing that a full queue can do; it can block, drop-new, "
			"drop-old, reject or fail");
}

void set_high_water(const struct given *g, struct options *o)
{
	if (!backlog_parse(g->value, &o->high))
		value_refuse(g, "is no number of items, and no share of them below 100%; "
			"try 50 or 80%");
	o->high_water = true;
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

void set_timeout(const struct given *g, struct section *s)
{
	if (!parse_timeout(g->value, &s->timeout, &s->timeout_percent))
		value_refuse(g, "is no time; try 30, 1m30s, 200% or '30 200%'");
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

void set_term(const struct given *g, struct section *s)
{
	if (!parse_steps(g->value, s->term))
		value_refuse(g, "is no sequence of signals and milliseconds that ends with KILL; "
			"try TERM,2000,KILL");
}

void set_load(const struct given *g, struct options *o)
{
	if (!jobs_parse(g->value, &o->load) || o->load.kind == JOBS_FILE
	    || o->load.kind == JOBS_MOST || !(o->load.amount > 0))
		value_refuse(g, "is no number of processes; try 4, 80% or +1");
	o->load_given = true;
}

void set_nice(const struct given *g, struct options *o)
{
	bool negative = *g->value == '-';
	uint64_t n;

	if (!parse_count(g->value + negative, &n) || n > (negative ? 20 : 19))
		value_refuse(g, "is no niceness; try 10 (-20 is the least nice, 19 the most)");
	o->nice_given = true;
	o->nice = negative ? -(int)n : (int)n;
}
