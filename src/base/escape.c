/* Escapes. See escape.h. */
#include "base/escape.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

enum { MOST_HEX = 8 }; /* digits of \x{H...} */

static int escape_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* Digits of this base at s, at most `most`: how many there are. */
static size_t escape_number(const char *s, size_t len, int base, size_t most, unsigned long *n)
{
	size_t i = 0;

	for (*n = 0; i < len && i < most && escape_digit(s[i]) < base; i++)
		*n = *n * (unsigned long)base + (unsigned long)escape_digit(s[i]);
	return i;
}

/* Behind \x: one or two digits, or any number of them in braces. */
static size_t escape_hex(const char *s, size_t len, bool bytes, struct buf *out)
{
	bool braces = len && s[0] == '{';
	unsigned long n;
	size_t i = braces + escape_number(s + braces, len - braces, 16, braces ? MOST_HEX : 2, &n);

	if (i == braces || (braces && (i == len || s[i] != '}')))
		return 0;
	if (!braces || (bytes && n < 0x100))
		buf_addc(out, (char)n);
	else if (!utf8_add(out, n))
		return 0;
	return i + braces;
}

static size_t escape_octal(const char *s, size_t len, struct buf *out)
{
	unsigned long n;
	size_t i = escape_number(s, len, 8, 3, &n);

	if (!i || n > 255)
		return 0;
	buf_addc(out, (char)n);
	return i;
}

static bool escape_is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

size_t escape_read(const char *s, size_t len, const char *letters, bool bytes, struct buf *out)
{
	static const char names[] = "abefnrtv", meant[] = "\a\b\033\f\n\r\t\v";
	const char *name;
	size_t n;

	if (!len)
		return 0;
	if (s[0] >= '0' && s[0] <= '9')
		return strchr(letters, '8') || (s[0] == '0' && strchr(letters, '0'))
			? escape_octal(s, len, out) : 0;
	if (!escape_is_letter(s[0])) {
		buf_addc(out, s[0]);
		return 1;
	}
	if (!strchr(letters, s[0]))
		return 0;
	if (s[0] == 'x') {
		n = escape_hex(s + 1, len - 1, bytes, out);
		return n ? n + 1 : 0;
	}
	name = strchr(names, s[0]);
	buf_addc(out, meant[name - names]);
	return 1;
}
