/* What a full queue does. See overflow.h. */
#include "policy/overflow.h"

#include <stddef.h>
#include <string.h>

static const char *const names[] = {
	[OVERFLOW_BLOCK] = "block", [OVERFLOW_DROP_NEW] = "drop-new",
	[OVERFLOW_DROP_OLD] = "drop-old", [OVERFLOW_REJECT] = "reject",
	[OVERFLOW_FAIL] = "fail",
};

bool overflow_parse(const char *name, enum overflow *out)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0) {
			*out = (enum overflow)i;
			return true;
		}
	return false;
}

const char *overflow_name(enum overflow o)
{
	return names[o];
}
