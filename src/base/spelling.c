/* How much alike two words are spelled. See spelling.h. */
#include "base/spelling.h"

static int spelling_least(int a, int b)
{
	return a < b ? a : b;
}

int spelling_distance(const char *a, size_t alen, const char *b, size_t blen)
{
	int d[SPELLING_MOST + 1][SPELLING_MOST + 1];

	if (alen > SPELLING_MOST || blen > SPELLING_MOST)
		return SPELLING_MOST + 1;
	for (size_t i = 0; i <= alen; i++)
		for (size_t j = 0; j <= blen; j++) {
			if (i == 0 || j == 0) {
				d[i][j] = (int)(i + j);
				continue;
			}
			d[i][j] = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
			d[i][j] = spelling_least(d[i][j], spelling_least(d[i - 1][j], d[i][j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d[i][j] = spelling_least(d[i][j], d[i - 2][j - 2] + 1);
		}
	return d[alen][blen];
}
