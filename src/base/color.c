/* Colours on terminals. See color.h. */
#include "base/color.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/hash.h"

/* Of each hue the one whose contrast is nearly the same with black and with white, 3.9 : 1 at
 * least; none is red, which failures are. */
static const unsigned char colors[] = { 28, 130, 27, 164, 30, 64, 98, 162, 32, 129, 31, 63 };

enum { COLORS = sizeof colors };

bool color_shown(enum color_when when, int fd)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (when != COLOR_AUTO)
		return when == COLOR_ALWAYS;
	return !(no && *no) && !(term && strcmp(term, "dumb") == 0) && fd >= 0 && isatty(fd);
}

unsigned color_number(size_t place)
{
	return place < COLORS ? colors[place] : 0;
}

void color_tag(struct buf *text, size_t from)
{
	static const struct hash_key zeros; /* it is a colour that strangers may choose */
	size_t len = text->len - from - 1;
	char begin[16];
	int n;

	if (text->len < from + 2)
		return;
	n = snprintf(begin, sizeof begin, "\033[38;5;%um",
		colors[hash_bytes(&zeros, text->data + from, len) % COLORS]);
	buf_adds(text, begin); /* room for it */
	memmove(text->data + from + n, text->data + from, len);
	memcpy(text->data + from, begin, (size_t)n);
	text->len = from + (size_t)n + len;
	buf_adds(text, COLOR_NONE "\t");
}
