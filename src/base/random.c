/* Chance. See random.h. */
#include "base/random.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "config.h"

#ifdef HAVE_GETRANDOM
#include <sys/random.h>
#endif

/* Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014. */
static uint64_t splitmix(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

void random_bytes(void *to, size_t len)
{
	uint64_t state = (uint64_t)clock_wall() ^ ((uint64_t)getpid() << 40);
	unsigned char *byte = to;

#ifdef HAVE_GETRANDOM
	if (getrandom(to, len, 0) == (ssize_t)len)
		return;
#endif
	for (size_t i = 0; i < len; i++)
		byte[i] = (unsigned char)(splitmix(&state) >> 56);
}

void random_hex(char *to, size_t digits)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char random[32];

	random_bytes(random, digits / 2);
	for (size_t i = 0; i < digits / 2; i++) {
		to[2 * i] = hex[random[i] >> 4];
		to[2 * i + 1] = hex[random[i] & 15];
	}
	to[digits] = '\0';
}

uint64_t random_below(uint64_t *state, uint64_t n)
{
	/* Numbers below this would make the first ones more likely than the others. */
	uint64_t unfair = (UINT64_MAX - n + 1) % n, got;

	do
		got = splitmix(state);
	while (got < unfair);
	return got % n;
}
