/* How long to wait before the next attempt. See backoff.h. */
#include "policy/backoff.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/parse.h"
#include "base/saturate.h"

enum { PART = 64 };

/* T or T..T. */
static bool parse_range(char *part, struct backoff *b)
{
	char *dots = strstr(part, "..");

	if (dots)
		*dots = '\0';
	if (!parse_time(part, &b->base) || (dots && !parse_time(dots + 2, &b->cap)))
		return false;
	if (!dots && b->cap < b->base)
		b->cap = b->base;
	return b->base > 0 && b->cap >= b->base;
}

static bool parse_factor(const char *s, double *factor)
{
	char *end;

	if (*s < '0' || *s > '9')
		return false;
	*factor = strtod(s, &end);
	return !*end && *factor >= 1 && *factor <= 1000;
}

static bool parse_rest(const char *part, struct backoff *b)
{
	if (*part == 'x')
		return parse_factor(part + 1, &b->factor);
	b->jitter = strcmp(part, "jitter=full") == 0;
	return b->jitter || strcmp(part, "jitter=none") == 0;
}

bool backoff_parse(const char *s, struct backoff *b)
{
	char part[PART];

	*b = (struct backoff){ .cap = 3600 * CLOCK_SECOND, .factor = 2, .jitter = true };
	for (bool first = true; ; first = false) {
		size_t len = strcspn(s, ",");

		if (len >= PART)
			return false;
		memcpy(part, s, len);
		part[len] = '\0';
		if (first ? !parse_range(part, b) : !parse_rest(part, b))
			return false;
		if (!s[len])
			return true;
		s += len + 1;
	}
}

int64_t backoff_delay(const struct backoff *b, unsigned attempts, uint64_t random)
{
	double most = (double)b->base, share = (double)(random >> 11) / 9007199254740992.0;

	for (unsigned i = 1; i < attempts && b->factor > 1 && most < (double)b->cap; i++)
		most *= b->factor;
	if (most > (double)b->cap)
		most = (double)b->cap;
	return saturate_time(b->jitter ? most * share : most);
}
