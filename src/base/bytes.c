/* Bytes by the thousand. See bytes.h. */
#include "bytes.h"

#include <stdint.h>
#include <string.h>

/* A vector of lanes that each count up to 255 before they are added up: several
 * times the speed of memchr from hit to hit where the hits are near each other. */
enum { LANES = 16, ROUNDS = 255 };

typedef uint8_t lanes __attribute__((vector_size(LANES)));

static lanes all(char c)
{
	lanes v;

	memset(&v, c, sizeof v);
	return v;
}

static size_t count_block(const char *data, size_t rounds, lanes wanted)
{
	lanes sum = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < rounds; i++) {
		lanes here;

		memcpy(&here, data + i * LANES, LANES);
		sum -= (lanes)(here == wanted); /* true is -1 */
	}
	for (int i = 0; i < LANES; i++)
		n += sum[i];
	return n;
}

size_t bytes_count(const char *data, size_t len, char c)
{
	lanes wanted = all(c);
	size_t n = 0;

	while (len >= LANES) {
		size_t rounds = len / LANES < ROUNDS ? len / LANES : ROUNDS;

		n += count_block(data, rounds, wanted);
		data += rounds * LANES;
		len -= rounds * LANES;
	}
	for (; len > 0; len--)
		n += *data++ == c;
	return n;
}
