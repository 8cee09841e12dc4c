/* When to stop early. See halt.h. */
#include "policy/halt.h"

#include <string.h>

#include "base/parse.h"

/* If s begins with the word, move past it. */
static bool halt_skip(const char **s, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*s, word, len) != 0)
		return false;
	*s += len;
	return true;
}

/* N or N%, more than none of it. */
static bool parse_amount(const char *s, struct halt_rule *rule)
{
	uint64_t count;

	rule->percent = parse_percent(s, &rule->amount);
	if (rule->percent)
		return rule->amount > 0 && rule->amount <= 100;
	if (!parse_count(s, &count))
		return false;
	rule->amount = (double)count;
	return count > 0;
}

/* now|soon,fail|success|done=N|N% */
static bool parse_rule(const char *s, struct halt_rule *rule)
{
	if (halt_skip(&s, "now,"))
		rule->when = HALT_NOW;
	else if (halt_skip(&s, "soon,"))
		rule->when = HALT_SOON;
	else
		return false;
	if (halt_skip(&s, "fail="))
		rule->why = HALT_FAIL;
	else if (halt_skip(&s, "success="))
		rule->why = HALT_SUCCESS;
	else if (halt_skip(&s, "done="))
		rule->why = HALT_DONE;
	else
		return false;
	return parse_amount(s, rule);
}

/* 1 or 2, to end soon or now, and with a minus for success. */
static bool parse_short(const char *s, struct halt_rule *rule)
{
	bool success = halt_skip(&s, "-");

	if (strcmp(s, "1") != 0 && strcmp(s, "2") != 0)
		return false;
	rule->when = *s == '1' ? HALT_SOON : HALT_NOW;
	rule->why = success ? HALT_SUCCESS : HALT_FAIL;
	return true;
}

bool halt_parse(const char *s, struct halt_rule *rule)
{
	struct halt_rule r = { .when = HALT_SOON, .why = HALT_FAIL, .amount = 1 };

	if (strcmp(s, "never") == 0 || strcmp(s, "0") == 0)
		r.when = HALT_NEVER;
	else if (!parse_short(s, &r) && !parse_rule(s, &r)
	         && !(parse_amount(s, &r) && r.percent))
		return false;
	*rule = r;
	return true;
}

bool halt_reached(const struct halt_rule *rule, uint64_t failed, uint64_t succeeded,
	uint64_t total)
{
	uint64_t done = failed + succeeded, counted = done;

	if (rule->when == HALT_NEVER)
		return false;
	if (rule->why == HALT_FAIL)
		counted = failed;
	else if (rule->why == HALT_SUCCESS)
		counted = succeeded;
	if (!rule->percent)
		return (double)counted >= rule->amount;
	if (!total) {
		/* Of what is done, always all is done: that needs the total. */
		if (rule->why == HALT_DONE || done < HALT_SAMPLE)
			return false;
		total = done;
	}
	return (double)counted * 100 >= rule->amount * (double)total;
}

bool halt_is_one(const struct halt_rule *rule, uint64_t total)
{
	return rule->percent ? rule->amount * (double)total == 100 : rule->amount == 1;
}
