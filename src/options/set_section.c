/* The options of sections: what each of them gets. Main thread, before anything is
 * started. */
#include "options/set.h"

#include <string.h>

#include "base/parse.h"
#include "options/value.h"
#include "policy/stride.h"
#include "policy/topic.h"

void set_next(const struct given *g, struct options *o)
{
	(void)g;
	value_add_section(o);
}

void set_deliver(const struct given *g, struct options *o)
{
	if (strcmp(g->value, "all") != 0 && strcmp(g->value, "first") != 0)
		value_refuse(g, "is none of all, first: every section that fits, or the first one");
	o->deliver = *g->value == 'a' ? DELIVER_ALL : DELIVER_FIRST;
}

void set_topic(const struct given *g, struct section *s)
{
	const char *flaw = topic_flaw(g->value);

	if (flaw)
		value_refuse(g, flaw);
	s->topic = g->value;
}

void set_weight(const struct given *g, struct section *s)
{
	uint64_t n;

	if (!parse_count(g->value, &n) || n < 1 || n > STRIDE_MOST)
		value_refuse(g, "is no weight of 1 to 1000000; 6 gets twice what 3 gets");
	s->weight = (uint32_t)n;
}

/* It stands in the environment, in logs and file names, beside the numbers of others. */
void set_name(const struct given *g, struct section *s)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_",
		others[] = "0123456789.-";
	size_t len = strspn(g->value, letters);

	while (len && g->value[len] && (strchr(letters, g->value[len])
	    || strchr(others, g->value[len])))
		len++;
	if (!len || g->value[len])
		value_refuse(g, "is no name: letters and digits, _ . and -, a letter first");
	s->name = g->value;
}
