/* How wide text is on a terminal. See width.h. */
#include "base/width.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

/* Bytes for each column at most: marks that combine are not to make a row without end. */
enum { BYTES = 8, ELLIPSIS = 3 };

struct width_range {
	uint32_t from, to;
};

/* Marks that stand with the character before them. */
static const struct width_range none[] = {
	{ 0x300, 0x36f }, { 0x483, 0x489 }, { 0x591, 0x5bd }, { 0x610, 0x61a }, { 0x64b, 0x65f },
	{ 0x6d6, 0x6dc }, { 0x900, 0x902 }, { 0x93c, 0x93c }, { 0x941, 0x948 }, { 0x94d, 0x94d },
	{ 0xe31, 0xe31 }, { 0xe34, 0xe3a }, { 0xe47, 0xe4e }, { 0x1160, 0x11ff },
	{ 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x200c, 0x200d }, { 0x20d0, 0x20ff },
	{ 0x302a, 0x302d }, { 0x3099, 0x309a }, { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f },
	{ 0xe0100, 0xe01ef },
};

static const struct width_range two[] = {
	{ 0x1100, 0x115f }, { 0x231a, 0x231b }, { 0x23e9, 0x23ec }, { 0x23f0, 0x23f0 },
	{ 0x23f3, 0x23f3 }, { 0x25fd, 0x25fe }, { 0x2614, 0x2615 }, { 0x2648, 0x2653 },
	{ 0x267f, 0x267f }, { 0x2693, 0x2693 }, { 0x26a1, 0x26a1 }, { 0x26aa, 0x26ab },
	{ 0x26bd, 0x26be }, { 0x26c4, 0x26c5 }, { 0x26ce, 0x26ce }, { 0x26d4, 0x26d4 },
	{ 0x26ea, 0x26ea }, { 0x26f2, 0x26f3 }, { 0x26f5, 0x26f5 }, { 0x26fa, 0x26fa },
	{ 0x26fd, 0x26fd }, { 0x2705, 0x2705 }, { 0x270a, 0x270b }, { 0x2728, 0x2728 },
	{ 0x274c, 0x274c }, { 0x274e, 0x274e }, { 0x2753, 0x2755 }, { 0x2757, 0x2757 },
	{ 0x2795, 0x2797 }, { 0x27b0, 0x27b0 }, { 0x27bf, 0x27bf }, { 0x2b1b, 0x2b1c },
	{ 0x2b50, 0x2b50 }, { 0x2b55, 0x2b55 }, { 0x2e80, 0x303e }, { 0x3041, 0x33ff },
	{ 0x3400, 0x4dbf }, { 0x4e00, 0xa4cf }, { 0xa960, 0xa97f }, { 0xac00, 0xd7a3 },
	{ 0xf900, 0xfaff }, { 0xfe30, 0xfe6f }, { 0xff01, 0xff60 }, { 0xffe0, 0xffe6 },
	{ 0x16fe0, 0x18dff }, { 0x1b000, 0x1b2ff }, { 0x1f004, 0x1f004 }, { 0x1f0cf, 0x1f0cf },
	{ 0x1f18e, 0x1f18e }, { 0x1f191, 0x1f19a }, { 0x1f200, 0x1f320 }, { 0x1f32d, 0x1f335 },
	{ 0x1f337, 0x1f37c }, { 0x1f37e, 0x1f393 }, { 0x1f3a0, 0x1f3ca }, { 0x1f3cf, 0x1f3d3 },
	{ 0x1f3e0, 0x1f3f0 }, { 0x1f3f4, 0x1f3f4 }, { 0x1f3f8, 0x1f43e }, { 0x1f440, 0x1f440 },
	{ 0x1f442, 0x1f4fc }, { 0x1f4ff, 0x1f53d }, { 0x1f54b, 0x1f54e }, { 0x1f550, 0x1f567 },
	{ 0x1f57a, 0x1f57a }, { 0x1f595, 0x1f596 }, { 0x1f5a4, 0x1f5a4 }, { 0x1f5fb, 0x1f64f },
	{ 0x1f680, 0x1f6c5 }, { 0x1f6cc, 0x1f6cc }, { 0x1f6d0, 0x1f6d2 }, { 0x1f6d5, 0x1f6d7 },
	{ 0x1f6dc, 0x1f6df }, { 0x1f6eb, 0x1f6ec }, { 0x1f6f4, 0x1f6fc }, { 0x1f7e0, 0x1f7eb },
	{ 0x1f7f0, 0x1f7f0 }, { 0x1f90c, 0x1f93a }, { 0x1f93c, 0x1f945 }, { 0x1f947, 0x1f9ff },
	{ 0x1fa70, 0x1faff }, { 0x20000, 0x3fffd },
};

static bool width_is_in(uint32_t c, const struct width_range *ranges, size_t count)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (c > ranges[middle].to)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && c >= ranges[low].from;
}

/* The number of the character in so many bytes, which are one. */
static uint32_t width_number(const char *s, size_t len)
{
	uint32_t c = (unsigned char)*s;

	if (len > 1)
		c &= 0x7fU >> len;
	for (size_t i = 1; i < len; i++)
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	return c;
}

static size_t width_of_one(const char *s, size_t len)
{
	uint32_t c = len ? width_number(s, len) : 0;

	if (width_is_in(c, none, sizeof none / sizeof *none))
		return 0;
	return width_is_in(c, two, sizeof two / sizeof *two) ? 2 : 1;
}

size_t width_of(const char *text, size_t len)
{
	size_t columns = 0;

	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_length(text + i, len - i);
		columns += width_of_one(text + i, n);
		n += !n;
	}
	return columns;
}

/* Bytes of a sequence that begins with an escape: ESC [ ... up to its letter, ESC ] ... up to
 * its end, or a letter with what is in between. */
static size_t width_escape(const char *s, size_t len)
{
	size_t i = 2;

	if (len < 2)
		return len;
	if (s[1] == '[') {
		while (i < len && ((unsigned char)s[i] < 0x40 || (unsigned char)s[i] > 0x7e))
			i++;
		return i < len ? i + 1 : len;
	}
	if (s[1] != ']') {
		for (i = 1; i < len && s[i] >= 0x20 && s[i] < 0x30; i++)
			;
		return i < len ? i + 1 : len;
	}
	while (i < len && s[i] != '\a' && s[i] != '\033')
		i++;
	if (i < len && s[i] == '\033')
		i++;
	return i < len ? i + 1 : len;
}

/* Append one as it may be shown; its bytes in the text, and its columns. */
static size_t width_show(struct buf *to, const char *s, size_t len, size_t *columns)
{
	size_t n = utf8_shown(s, len);

	*columns = 0;
	if (*s == '\033')
		return width_escape(s, len);
	*columns = n ? width_of_one(s, n) : 1;
	if (n)
		buf_add(to, s, n);
	else
		buf_addc(to, *s == '\t' ? ' ' : '?');
	return n ? n : 1;
}

size_t width_put(struct buf *to, const char *text, size_t len, size_t columns)
{
	size_t from = to->len, used = 0, fits = 0, fit_end = from, one;

	for (size_t i = 0; i < len; used += one) {
		i += width_show(to, text + i, len - i, &one);
		if (used + one > columns || to->len - from > BYTES * columns) {
			to->len = fit_end;
			for (one = columns < ELLIPSIS ? columns : ELLIPSIS; one > 0; one--) {
				buf_addc(to, '.');
				fits++;
			}
			return fits;
		}
		if (used + one + ELLIPSIS <= columns) { /* if it has to be cut, behind this one */
			fits = used + one;
			fit_end = to->len;
		}
	}
	return used;
}
