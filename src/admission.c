/* Admission: what comes into the queue. See admission.h. */
#include "admission.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/msg.h"
#include "options.h"
#include "stats.h"
#include "unique.h"

struct admission {
	const struct options *options;
	struct stats *stats;
	struct unique *unique; /* --unique, or NULL */
};

struct admission *admission_new(const struct options *options, const struct template *unique,
	bool several, struct stats *stats)
{
	struct admission *a = mem_zero(sizeof *a);

	a->options = options;
	a->stats = stats;
	if (options->unique)
		a->unique = unique_new(unique, several);
	return a;
}

bool admission_unique(struct admission *a, const struct draft *d, uint32_t from)
{
	if (!a->unique || unique_is_new(a->unique, d, from))
		return true;
	stats_add(a->stats, STAT_SEEN, 1);
	return false;
}

static void tell(struct admission *a, enum counter which, const char *why)
{
	long long n = stats_get(a->stats, which);

	if (n)
		msg_warn("%lld item%s dropped: %s", n, n > 1 ? "s" : "", why);
}

/* It is no failure, for the user has asked for it. */
void admission_close(struct admission *a)
{
	tell(a, STAT_SEEN, "seen before (--unique)");
	if (a->unique)
		unique_free(a->unique);
	free(a);
}
