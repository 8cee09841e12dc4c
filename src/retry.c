/* What follows from an outcome. See retry.h. */
#include "retry.h"

#include "item.h"

/* Trying again cannot help an item that never can be started (126: too long, a
 * NUL in it, no permission): only what ran, or was not found, may change. */
static bool may_change(const struct outcome *o)
{
	return o->how != OUTCOME_REFUSED
		&& !(o->how == OUTCOME_NOT_STARTED && o->code == 126);
}

enum verdict retry_verdict(const struct retry_rules *rules, const struct outcome *o,
	unsigned attempts)
{
	if (o->how == OUTCOME_EXIT && o->code == 0)
		return VERDICT_ACK;
	if (o->how == OUTCOME_STOPPED)
		return VERDICT_RELEASE;
	if (attempts < rules->attempts && may_change(o))
		return VERDICT_RETRY;
	return VERDICT_REJECT;
}
