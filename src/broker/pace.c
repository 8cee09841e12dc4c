/* How much a consumer claims. See pace.h. */
#include "broker/pace.h"

#include "base/clock.h"

/* Claimed with one call, unless a job takes more, and ahead, at most. */
enum { CLAIM_MOST = 128, AHEAD_MOST = 512 };
/* Items that wait for keys and rates, beyond what is claimed ahead. */
enum { HELD_MOST = 65536 };

static size_t pace_ahead(const struct pace *p)
{
	size_t ahead = (size_t)(p->rate * PACE_AHEAD / 1000);

	if (p->ahead)
		return p->ahead < AHEAD_MOST ? (size_t)p->ahead : AHEAD_MOST;
	if (ahead < p->places)
		return p->places;
	return ahead < AHEAD_MOST ? ahead : AHEAD_MOST;
}

/* Beside what was lost, and held then. One that is dead when it is lost once more goes alone. */
static size_t pace_company(const struct pace *p, size_t most)
{
	if (p->lost + 1 == p->poison || p->lost >= 16)
		return 1;
	most >>= 2 * p->lost;
	return most ? most : 1;
}

size_t pace_wants(const struct pace *p, size_t held, size_t untaken)
{
	size_t call = p->together > CLAIM_MOST ? p->together : CLAIM_MOST;
	size_t most = p->places + pace_ahead(p), want = 0;

	if (!p->places)
		return 0;
	if (p->lost) {
		most = pace_company(p, most);
		return held < most ? most - held : 0;
	}
	if (held < most)
		want = most - held;
	else if (p->idle > untaken && held < HELD_MOST)
		want = p->idle - untaken;
	if (want > call)
		want = call;
	return want - want % p->together; /* or a job would begin with fewer */
}

size_t pace_worth(const struct pace *p)
{
	return (p->places + pace_ahead(p)) / 2;
}

void pace_measured(struct pace *p, uint64_t settled, int64_t passed)
{
	double lately = (double)settled * CLOCK_SECOND / (double)passed;

	p->rate = p->rate > 0 ? (p->rate + lately) / 2 : lately;
}
