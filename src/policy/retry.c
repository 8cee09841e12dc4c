/* What follows from an outcome. See retry.h. */
#include "policy/retry.h"

#include <string.h>

#include "base/parse.h"

enum { PART = 32 };

static void retry_add(uint64_t *bits, unsigned n)
{
	bits[n / 64] |= UINT64_C(1) << n % 64;
}

static bool retry_has(const uint64_t *bits, int n)
{
	return n >= 0 && (bits[n / 64] >> n % 64 & 1);
}

/* N or N-N. */
static bool add_statuses(char *part, struct outcome_set *set)
{
	char *dash = strchr(part, '-');
	uint64_t from, to;

	if (dash)
		*dash = '\0';
	if (!parse_count(part, &from) || !parse_count(dash ? dash + 1 : part, &to)
	    || from > to || to > 255)
		return false;
	for (; from <= to; from++)
		retry_add(set->statuses, (unsigned)from);
	return true;
}

static bool retry_add_part(char *part, struct outcome_set *set)
{
	int sig;

	if (strcmp(part, "timeout") == 0) {
		set->timeout = true;
		return true;
	}
	if (*part >= '0' && *part <= '9')
		return add_statuses(part, set);
	if (!parse_signal(part, &sig))
		return false;
	retry_add(set->signals, (unsigned)sig);
	return true;
}

bool retry_parse(const char *s, struct outcome_set *set)
{
	char part[PART];

	set->given = true;
	for (;;) {
		size_t len = strcspn(s, ",");

		if (len >= PART)
			return false;
		memcpy(part, s, len);
		part[len] = '\0';
		if (!retry_add_part(part, set))
			return false;
		if (!s[len])
			return true;
		s += len + 1;
	}
}

static bool names(const struct outcome_set *set, const struct outcome *o)
{
	switch (o->how) {
	case OUTCOME_EXIT:
	case OUTCOME_NOT_STARTED:
		return retry_has(set->statuses, o->code);
	case OUTCOME_SIGNAL:
		return retry_has(set->signals, o->code);
	case OUTCOME_TIMEOUT:
		return set->timeout;
	case OUTCOME_EVICTED:
	case OUTCOME_REFUSED:
	case OUTCOME_STOPPED:
		break;
	}
	return false;
}

/* Trying again cannot help an item that never can be started (126: too long, a
 * NUL in it, no permission): only what ran, or was not found, may change. */
static bool may_change(const struct outcome *o)
{
	return !(o->how == OUTCOME_NOT_STARTED && o->code == 126);
}

enum verdict retry_verdict(const struct retry_rules *rules, const struct outcome *o,
	unsigned attempts)
{
	bool again;

	if (o->how == OUTCOME_STOPPED)
		return VERDICT_RELEASE;
	if (o->how == OUTCOME_REFUSED)
		return VERDICT_REJECT;
	if (names(&rules->ack, o))
		return VERDICT_ACK;
	if (names(&rules->reject, o))
		return VERDICT_REJECT;
	again = names(&rules->retry, o);
	if (!again && o->how == OUTCOME_EXIT && o->code == 0)
		return VERDICT_ACK;
	if (!again && !rules->retry.given)
		again = may_change(o);
	return again && attempts < rules->attempts ? VERDICT_RETRY : VERDICT_REJECT;
}

enum verdict retry_lost(const struct retry_rules *rules, const struct outcome *o, unsigned lost)
{
	if (o->how == OUTCOME_STOPPED)
		return VERDICT_RELEASE;
	if (names(&rules->ack, o))
		return VERDICT_ACK;
	if (names(&rules->reject, o))
		return VERDICT_REJECT;
	return rules->poison && lost >= rules->poison ? VERDICT_REJECT : VERDICT_RETRY;
}

bool retry_is_done(const struct retry_rules *rules, const struct outcome *o)
{
	return retry_verdict(rules, o, rules->attempts) == VERDICT_ACK;
}

bool retry_rejects_success(const struct retry_rules *rules)
{
	return retry_has(rules->reject.statuses, 0);
}
