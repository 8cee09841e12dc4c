/* Has the queue just grown too long? See backlog.h. */
#include "policy/backlog.h"

#include "base/parse.h"

bool backlog_parse(const char *s, struct backlog_rule *rule)
{
	struct backlog_rule r = { 0 };

	if (parse_percent(s, &r.percent)) {
		if (r.percent <= 0 || r.percent >= 100)
			return false;
	} else if (!parse_count(s, &r.amount) || r.amount == 0) {
		return false;
	}
	*rule = r;
	return true;
}

uint64_t backlog_high(const struct backlog_rule *rule, uint64_t queue_size)
{
	return rule->percent > 0 ? (uint64_t)((double)queue_size * rule->percent / 100)
		: rule->amount;
}

bool backlog_rises(struct backlog *b, uint64_t depth)
{
	bool before = b->over;

	b->over = depth > b->high;
	return b->over && !before;
}
