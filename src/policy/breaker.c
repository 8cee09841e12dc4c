/* The circuit breaker. See breaker.h. */
#include "policy/breaker.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parse.h"
#include "base/saturate.h"

enum { PART = 64, MOST = 1000000 };

static bool breaker_next_part(const char **s, char end, char part[PART])
{
	const char *stop = strchr(*s, end);

	if (!stop || stop - *s >= PART)
		return false;
	memcpy(part, *s, (size_t)(stop - *s));
	part[stop - *s] = '\0';
	*s = stop + 1;
	return true;
}

bool breaker_parse(const char *s, struct breaker_rule *rule)
{
	char part[PART];
	uint64_t count;

	if (!breaker_next_part(&s, '/', part) || !parse_percent(part, &rule->percent)
	    || rule->percent <= 0 || rule->percent > 100)
		return false;
	if (!breaker_next_part(&s, ',', part) || !parse_count(part, &count) || !count || count > MOST)
		return false;
	rule->count = (uint32_t)count;
	return parse_time(s, &rule->cooldown) && rule->cooldown > 0;
}

void breaker_init(struct breaker *b, const struct breaker_rule *rule)
{
	*b = (struct breaker){ .rule = *rule };
	if (rule->count)
		b->failed = mem_zero(rule->count * sizeof *b->failed);
}

void breaker_free(struct breaker *b)
{
	free(b->failed);
}

int64_t breaker_when(const struct breaker *b)
{
	if (!b->open)
		return INT64_MIN;
	return b->trial ? INT64_MAX : b->until;
}

bool breaker_start(struct breaker *b)
{
	b->trial = b->open;
	return b->trial;
}

static void breaker_forget(struct breaker *b)
{
	b->next = b->known = b->failures = 0;
}

static enum breaker_event open_it(struct breaker *b, int64_t now)
{
	b->open = true;
	b->until = saturate_after(now, b->rule.cooldown);
	breaker_forget(b);
	return BREAKER_OPENED;
}

static void breaker_record(struct breaker *b, bool failed)
{
	if (b->known == b->rule.count)
		b->failures -= b->failed[b->next];
	else
		b->known++;
	b->failed[b->next] = failed;
	b->failures += failed;
	b->next = (b->next + 1) % b->rule.count;
}

enum breaker_event breaker_ended(struct breaker *b, bool trial, bool failed, int64_t now)
{
	if (!b->rule.count || (b->open && !trial))
		return BREAKER_SAME; /* it began before the breaker opened */
	if (trial) {
		b->trial = false;
		if (failed)
			return open_it(b, now);
		b->open = false;
		return BREAKER_CLOSED;
	}
	breaker_record(b, failed);
	if (b->known < b->rule.count
	    || (double)b->failures * 100 < b->rule.percent * b->rule.count)
		return BREAKER_SAME;
	return open_it(b, now);
}

void breaker_undecided(struct breaker *b, bool trial)
{
	if (trial)
		b->trial = false;
}
