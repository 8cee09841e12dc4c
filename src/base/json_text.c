/* Bytes as JSON writes them. See json_text.h. */
#include "base/json_text.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

/* --- strings ----------------------------------------------------------- */

/* Does the byte stand for itself? */
static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

static void add_escape(struct buf *to, unsigned char c)
{
	/* What follows the backslash, by byte; 'u': the number of the byte. */
	static const char names[] = "uuuuuuuubtnufruuuuuuuuuuuuuuuuuu";
	char name = c < 0x20 ? names[c] : (char)c;

	buf_addc(to, '\\');
	buf_addc(to, name);
	if (name == 'u') {
		buf_adds(to, c < 0x10 ? "000" : "001");
		buf_addc(to, "0123456789abcdef"[c & 15]);
	}
}

/* One byte, or what belongs together, that is not just itself; returns its length. */
static size_t add_odd(struct buf *to, const char *data, size_t len)
{
	unsigned char c = (unsigned char)*data;
	bool valid;
	size_t n;

	if (c < 0x80) {
		add_escape(to, c);
		return 1;
	}
	n = utf8_span(data, len, &valid);
	if (valid)
		buf_add(to, data, n);
	else
		buf_adds(to, "\\ufffd");
	return n;
}

void json_text(struct buf *to, const char *data, size_t len)
{
	size_t from = 0, i = 0;

	while (i < len) {
		if (is_plain((unsigned char)data[i])) {
			i++;
			continue;
		}
		buf_add(to, data + from, i - from);
		from = i += add_odd(to, data + i, len - i);
	}
	buf_add(to, data + from, i - from);
}

void json_text_quoted(struct buf *to, const char *data, size_t len)
{
	buf_addc(to, '"');
	json_text(to, data, len);
	buf_addc(to, '"');
}

void json_text_member(struct buf *to, const char *name, const char *data, size_t len)
{
	bool text = utf8_valid(data, len);

	buf_addf(to, "\"%s%s\":\"", name, text ? "" : "_base64");
	if (text)
		json_text(to, data, len);
	else
		base64_add(to, data, len);
	buf_addc(to, '"');
}

bool json_text_is_object(const char *data, size_t len)
{
	size_t depth = 0;
	bool string = false;

	while (len && strchr(" \t\r", data[len - 1]))
		len--;
	for (size_t i = 0; i < len; i++) {
		if (string && data[i] == '\\')
			i++;
		else if (data[i] == '"')
			string = !string;
		else if (!string && data[i] == '{')
			depth++;
		else if (!string && data[i] == '}' && (!depth || !--depth))
			return i + 1 == len && data[0] == '{';
	}
	return false;
}

bool json_text_is_blank(const char *data, size_t len)
{
	while (len && data[len - 1] && strchr(" \t\r\n", data[len - 1]))
		len--;
	return !len;
}

/* Behind the string whose first quote is at i, or the end. */
static size_t behind_string(const char *data, size_t len, size_t i)
{
	for (i++; i < len && data[i] != '"'; i++)
		i += data[i] == '\\';
	return i < len ? i + 1 : len;
}

bool json_text_has(const char *data, size_t len, const char *name)
{
	size_t depth = 0, n = strlen(name);

	for (size_t i = 0, end; i < len; i = end) {
		size_t colon;

		end = data[i] == '"' ? behind_string(data, len, i) : i + 1;
		depth += data[i] == '{' || data[i] == '[';
		depth -= depth && (data[i] == '}' || data[i] == ']');
		if (data[i] != '"' || depth != 1 || end - i != n + 2 || memcmp(data + i + 1, name, n) != 0)
			continue;
		for (colon = end; colon < len && data[colon] && strchr(" \t\r\n", data[colon]); colon++)
			;
		if (colon < len && data[colon] == ':')
			return true;
	}
	return false;
}

/* --- base64 ------------------------------------------------------------ */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_add(struct buf *to, const char *data, size_t len)
{
	const unsigned char *from = (const unsigned char *)data;
	char *at = buf_reserve(to, (len + 2) / 3 * 4 + 1);

	for (; len; at += 4) {
		size_t n = len < 3 ? len : 3;
		unsigned long bits = (unsigned long)from[0] << 16;

		if (n > 1)
			bits |= (unsigned long)from[1] << 8;
		if (n > 2)
			bits |= from[2];
		at[0] = alphabet[bits >> 18];
		at[1] = alphabet[bits >> 12 & 63];
		at[2] = n > 1 ? alphabet[bits >> 6 & 63] : '=';
		at[3] = n > 2 ? alphabet[bits & 63] : '=';
		from += n;
		len -= n;
	}
	to->len = (size_t)(at - to->data);
}

/* By byte of ASCII: one more than what the digit stands for, or 0. */
static const unsigned char digits[128] = {
	['A'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,
	23, 24, 25, 26,
	['a'] = 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46,
	47, 48, 49, 50, 51, 52,
	['0'] = 53, 54, 55, 56, 57, 58, 59, 60, 61, 62,
	['+'] = 63, ['-'] = 63, ['/'] = 64, ['_'] = 64,
};

/* The length without padding; SIZE_MAX when it is no length that base64 has. */
static size_t unpadded(const char *data, size_t len)
{
	size_t n = len;

	while (n && len - n < 2 && data[n - 1] == '=')
		n--;
	if (n % 4 == 1 || (n < len && len % 4))
		return SIZE_MAX;
	return n;
}

bool base64_read(struct buf *to, const char *data, size_t len)
{
	size_t n = unpadded(data, len);
	unsigned bits = 0, least = 1;
	char *at;

	if (n == SIZE_MAX)
		return false;
	at = buf_reserve(to, n / 4 * 3 + 3);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)data[i];
		unsigned digit = c < 0x80 ? digits[c] : 0;

		least = digit < least ? digit : least;
		bits = bits << 6 | ((digit - 1) & 63);
		if (i % 4 == 3) {
			*at++ = (char)(bits >> 16);
			*at++ = (char)(bits >> 8);
			*at++ = (char)bits;
		}
	}
	if (n % 4 == 2)
		*at++ = (char)(bits >> 4);
	if (n % 4 == 3) {
		*at++ = (char)(bits >> 10);
		*at++ = (char)(bits >> 2);
	}
	to->len = (size_t)(at - to->data);
	return least;
}
