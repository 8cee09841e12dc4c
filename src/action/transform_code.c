/* The steps that encode and decode: urlencode urldecode base64 unbase64 json.
 *
 * urlencode keeps letters, digits and - . _ ~ (RFC 3986) and writes every other byte
 * as %XX. urldecode turns %XX into its byte, and leaves alone what only looks like
 * it, and the + that some forms write for a blank. base64 is that of RFC 4648, in one
 * piece; unbase64 takes its URL alphabet, too, and needs no padding. json writes a
 * string of RFC 8259; each piece that is not UTF-8 becomes \ufffd.
 *
 * What is decoded may hold the separator. It stays there: several records then. */
#include <stdint.h>
#include <string.h>

#include "action/transform_step.h"
#include "base/mem.h"

static unsigned char *new_table(int fill)
{
	return memset(mem_alloc(256), fill, 256);
}

static void mark_alnum(unsigned char *table)
{
	for (int c = '0'; c <= '9'; c++)
		table[c] = 1;
	for (int c = 'a'; c <= 'z'; c++)
		table[c] = table[c - 'a' + 'A'] = 1;
}

/* --- urlencode, urldecode -------------------------------------------------- */

static void make_urlencode(struct step *s)
{
	s->table = new_table(0);
	mark_alnum(s->table);
	s->table['-'] = s->table['.'] = s->table['_'] = s->table['~'] = 1;
}

static bool urlencode(const struct step *s, struct bench *b, const char *in, size_t len,
	struct buf *out)
{
	static const char digits[] = "0123456789ABCDEF";
	char *to = buf_reserve(out, 3 * len + 1);

	(void)b;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)in[i];

		if (s->table[c]) {
			*to++ = (char)c;
			continue;
		}
		*to++ = '%';
		*to++ = digits[c >> 4];
		*to++ = digits[c & 15];
	}
	*to++ = s->separator;
	out->len = (size_t)(to - out->data);
	return true;
}

/* The table holds the value of each hexadecimal digit. */
static void make_urldecode(struct step *s)
{
	s->table = new_table(0xff);
	for (int i = 0; i < 10; i++)
		s->table['0' + i] = (unsigned char)i;
	for (int i = 0; i < 6; i++)
		s->table['a' + i] = s->table['A' + i] = (unsigned char)(10 + i);
}

static bool urldecode(const struct step *s, struct bench *b, const char *in, size_t len,
	struct buf *out)
{
	const char *end = in + len, *percent = in;

	(void)b;
	while ((percent = memchr(percent, '%', (size_t)(end - percent)))) {
		unsigned high, low;

		if (end - percent < 3)
			break;
		high = s->table[(unsigned char)percent[1]];
		low = s->table[(unsigned char)percent[2]];
		if ((high | low) > 15) {
			percent++;
			continue;
		}
		buf_add(out, in, (size_t)(percent - in));
		buf_addc(out, (char)(high << 4 | low));
		in = percent += 3;
	}
	buf_add(out, in, (size_t)(end - in) + 1); /* with the separator */
	return true;
}

/* --- base64, unbase64 ------------------------------------------------------ */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static bool base64(const struct step *s, struct bench *b, const char *in, size_t len,
	struct buf *out)
{
	const unsigned char *from = (const unsigned char *)in;
	char *to = buf_reserve(out, (len + 2) / 3 * 4 + 1);

	(void)b;
	for (; len; to += 4) {
		size_t n = len < 3 ? len : 3;
		unsigned long bits = (unsigned long)from[0] << 16;

		if (n > 1)
			bits |= (unsigned long)from[1] << 8;
		if (n > 2)
			bits |= from[2];
		to[0] = alphabet[bits >> 18];
		to[1] = alphabet[bits >> 12 & 63];
		to[2] = n > 1 ? alphabet[bits >> 6 & 63] : '=';
		to[3] = n > 2 ? alphabet[bits & 63] : '=';
		from += n;
		len -= n;
	}
	*to++ = s->separator;
	out->len = (size_t)(to - out->data);
	return true;
}

static void make_unbase64(struct step *s)
{
	s->table = new_table(0xff);
	for (unsigned char i = 0; i < 64; i++)
		s->table[(unsigned char)alphabet[i]] = i;
	s->table['-'] = 62;
	s->table['_'] = 63;
}

/* The length without padding; SIZE_MAX when it is no length that base64 has. */
static size_t unpadded(const char *in, size_t len)
{
	size_t n = len;

	while (n && len - n < 2 && in[n - 1] == '=')
		n--;
	if (n % 4 == 1 || (n < len && len % 4))
		return SIZE_MAX;
	return n;
}

static bool unbase64(const struct step *s, struct bench *b, const char *in, size_t len,
	struct buf *out)
{
	size_t n = unpadded(in, len);
	unsigned long bits = 0;
	unsigned char bad = 0;
	char *to;

	b->why = "is not base64";
	if (n == SIZE_MAX)
		return false;
	to = buf_reserve(out, n / 4 * 3 + 3);
	for (size_t i = 0; i < n; i++) {
		unsigned char value = s->table[(unsigned char)in[i]];

		bad |= value;
		bits = bits << 6 | (value & 63);
		if (i % 4 == 3) {
			*to++ = (char)(bits >> 16);
			*to++ = (char)(bits >> 8);
			*to++ = (char)bits;
		}
	}
	if (n % 4 == 2)
		*to++ = (char)(bits >> 4);
	if (n % 4 == 3) {
		*to++ = (char)(bits >> 10);
		*to++ = (char)(bits >> 2);
	}
	*to++ = s->separator;
	out->len = (size_t)(to - out->data);
	return bad < 64;
}

/* --- json ------------------------------------------------------------------ */

/* The table holds what follows the backslash, 'u' for \u00XX, 1 for a byte beyond
 * ASCII and 0 for a byte that is itself. */
static void make_json(struct step *s)
{
	static const char bytes[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";

	s->table = new_table(0);
	memset(s->table, 'u', 0x20);
	memset(s->table + 0x80, 1, 0x80);
	for (size_t i = 0; i < sizeof bytes - 1; i++)
		s->table[(unsigned char)bytes[i]] = (unsigned char)names[i];
}

/* How many bytes of s belong together: a character of UTF-8 if *valid, else as much
 * of the beginning of one as there is, at least a byte. */
static size_t utf8_span(const unsigned char *s, size_t len, bool *valid)
{
	unsigned char lead = s[0], low = 0x80, high = 0xbf;
	size_t more = lead < 0xc2 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 0;
	size_t i;

	if (lead == 0xe0)
		low = 0xa0; /* else it would be longer than needed */
	else if (lead == 0xed)
		high = 0x9f; /* surrogates */
	else if (lead == 0xf0)
		low = 0x90;
	else if (lead == 0xf4)
		high = 0x8f; /* beyond U+10FFFF */
	for (i = 1; i <= more && i < len && s[i] >= low && s[i] <= high; i++) {
		low = 0x80;
		high = 0xbf;
	}
	*valid = more && i == more + 1;
	return i;
}

/* One byte, or what belongs together, that is not just itself; returns its length. */
static size_t json_odd(const struct step *s, const char *in, size_t len, struct buf *out)
{
	unsigned char c = (unsigned char)*in, class = s->table[c];
	bool valid;
	size_t n;

	if (class == 1) {
		n = utf8_span((const unsigned char *)in, len, &valid);
		if (valid)
			buf_add(out, in, n);
		else
			buf_adds(out, "\\ufffd");
		return n;
	}
	buf_addc(out, '\\');
	buf_addc(out, (char)class);
	if (class == 'u') {
		buf_adds(out, c < 0x10 ? "000" : "001");
		buf_addc(out, "0123456789abcdef"[c & 15]);
	}
	return 1;
}

static bool json(const struct step *s, struct bench *b, const char *in, size_t len,
	struct buf *out)
{
	size_t from = 0, i = 0;

	(void)b;
	buf_addc(out, '"');
	while (i < len) {
		if (!s->table[(unsigned char)in[i]]) {
			i++;
			continue;
		}
		buf_add(out, in + from, i - from);
		from = i += json_odd(s, in + i, len - i, out);
	}
	buf_add(out, in + from, i - from);
	buf_addc(out, '"');
	buf_addc(out, s->separator);
	return true;
}

bool step_code(struct step *s, struct span name)
{
	static const struct {
		const char *name;
		void (*make)(struct step *s); /* its table */
		bool (*record)(const struct step *s, struct bench *b, const char *in, size_t len,
			struct buf *out);
	} codes[] = {
		{ "urlencode", make_urlencode, urlencode },
		{ "urldecode", make_urldecode, urldecode },
		{ "base64", NULL, base64 },
		{ "unbase64", make_unbase64, unbase64 },
		{ "json", make_json, json },
	};

	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		if (strlen(codes[i].name) != name.len || memcmp(codes[i].name, name.s, name.len) != 0)
			continue;
		if (codes[i].make)
			codes[i].make(s);
		s->apply = step_each;
		s->record = codes[i].record;
		return true;
	}
	return false;
}
