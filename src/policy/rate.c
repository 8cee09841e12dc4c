/* How many may start in a time. See rate.h. */
#include "policy/rate.h"

#include <string.h>

#include "base/clock.h"
#include "base/parse.h"
#include "base/saturate.h"

enum { PART = 64 };

/* A unit alone, or a time. */
static bool parse_unit(const char *s, int64_t *unit)
{
	char one[PART + 1] = "1";

	if (*s >= 'a' && *s <= 'z')
		s = strcat(one, s);
	return parse_time(s, unit) && *unit > 0;
}

bool rate_parse(const char *s, struct rate *r)
{
	static const char burst[] = "burst=";
	size_t len = strcspn(s, "/"), unit_len;
	uint64_t n, at_once = 1;
	char part[PART];
	int64_t unit;

	if (!s[len] || len >= PART)
		return false;
	memcpy(part, s, len);
	part[len] = '\0';
	if (!parse_count(part, &n) || n == 0)
		return false;
	s += len + 1;
	unit_len = strcspn(s, ",");
	if (unit_len >= PART)
		return false;
	memcpy(part, s, unit_len);
	part[unit_len] = '\0';
	if (!parse_unit(part, &unit) || n > (uint64_t)unit)
		return false;
	s += unit_len;
	if (*s && (strncmp(s + 1, burst, sizeof burst - 1) != 0
		|| !parse_count(s + sizeof burst, &at_once) || at_once == 0))
		return false;
	/* Rounded up: rather too few than too many. */
	r->interval = (unit - 1) / (int64_t)n + 1;
	r->burst = (int64_t)at_once;
	return at_once <= (uint64_t)(INT64_MAX / 4 / r->interval);
}

int64_t rate_when(const struct rate *r, int64_t full)
{
	return full - (r->burst - 1) * r->interval;
}

int64_t rate_take(const struct rate *r, int64_t full, int64_t now)
{
	return saturate_after(full > now ? full : now, r->interval);
}
