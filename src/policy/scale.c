/* How many workers there should be. See scale.h. */
#include "policy/scale.h"

#include <stdbool.h>

#include "base/clock.h"

#define GROW (100 * CLOCK_MS)
#define SHRINK CLOCK_SECOND

/* Has it been so for this long? Then it begins anew. */
static bool has_been(int64_t *since, bool so, int64_t now, int64_t time)
{
	if (!so) {
		*since = 0;
		return false;
	}
	if (!*since)
		*since = now;
	if (now - *since < time)
		return false;
	*since = now;
	return true;
}

unsigned scale_wanted(struct scale *s, int64_t now, unsigned least, unsigned most,
	unsigned wanted, unsigned busy, long waiting)
{
	bool grow = has_been(&s->crowded, waiting > 0 && wanted < most, now, GROW);
	bool shrink = has_been(&s->idle, waiting <= 0 && busy < wanted && wanted > least, now,
		SHRINK);

	if (grow)
		wanted++;
	if (shrink)
		wanted--;
	return wanted < least ? least : wanted > most ? most : wanted;
}

int64_t scale_patience(const struct scale *s)
{
	return s->crowded ? GROW : SHRINK;
}
