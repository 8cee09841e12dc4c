/* UTF-8. See utf8.h. */
#include "base/utf8.h"

#include "base/buf.h"

/* Of the character that begins with this byte; 1 when none of several bytes does. */
static size_t utf8_promised(unsigned char lead)
{
	return lead < 0xc2 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 1;
}

size_t utf8_span(const char *s, size_t len, bool *valid)
{
	unsigned char lead = (unsigned char)s[0], low = 0x80, high = 0xbf;
	size_t whole = utf8_promised(lead), i = 1;

	if (lead == 0xe0)
		low = 0xa0; /* else it would be longer than needed */
	else if (lead == 0xed)
		high = 0x9f; /* surrogates */
	else if (lead == 0xf0)
		low = 0x90;
	else if (lead == 0xf4)
		high = 0x8f; /* beyond U+10FFFF */
	while (i < whole && i < len && (unsigned char)s[i] >= low && (unsigned char)s[i] <= high) {
		low = 0x80;
		high = 0xbf;
		i++;
	}
	*valid = i == whole && (whole > 1 || lead < 0x80);
	return i;
}

size_t utf8_length(const char *s, size_t len)
{
	bool valid;
	size_t n = utf8_span(s, len, &valid);

	return valid ? n : 0;
}

/* Of three bytes: zero width space, marks of direction, word joiner and what follows it, byte
 * order mark. The joiners U+200C and U+200D are a part of what people write. */
static bool utf8_shapeless(const unsigned char *s)
{
	if (s[0] == 0xef)
		return s[1] == 0xbb && s[2] == 0xbf;
	if (s[0] != 0xe2 || (s[1] != 0x80 && s[1] != 0x81))
		return false;
	return s[1] == 0x81 ? s[2] >= 0xa0 && s[2] < 0xb0
		: s[2] == 0x8b || s[2] == 0x8e || s[2] == 0x8f || (s[2] >= 0xaa && s[2] <= 0xae);
}

size_t utf8_shown(const char *s, size_t len)
{
	size_t n = utf8_length(s, len);
	unsigned char lead = (unsigned char)s[0];

	if (n == 1 && (lead < 0x20 || lead == 0x7f))
		return 0;
	if (n == 3 && utf8_shapeless((const unsigned char *)s))
		return 0;
	return lead == 0xc2 && n == 2 && (unsigned char)s[1] < 0xa0 ? 0 : n;
}

bool utf8_valid(const char *data, size_t len)
{
	size_t n;

	for (size_t i = 0; i < len; i += n) {
		n = (unsigned char)data[i] < 0x80 ? 1 : utf8_length(data + i, len - i);
		if (!n)
			return false;
	}
	return true;
}

size_t utf8_unfinished(const char *data, size_t len)
{
	for (size_t n = 1; n <= 3 && n <= len; n++) {
		const char *s = data + len - n;
		unsigned char lead = (unsigned char)*s;
		bool valid;

		if (lead >= 0x80 && lead < 0xc0)
			continue; /* within a character */
		return n < utf8_promised(lead) && utf8_span(s, n, &valid) == n ? n : 0;
	}
	return 0;
}

bool utf8_add(struct buf *to, unsigned long c)
{
	unsigned more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	static const unsigned char leads[] = { 0, 0xc0, 0xe0, 0xf0 };

	if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return false;
	buf_addc(to, (char)(leads[more] | c >> 6 * more));
	while (more--)
		buf_addc(to, (char)(0x80 | (c >> 6 * more & 0x3f)));
	return true;
}
