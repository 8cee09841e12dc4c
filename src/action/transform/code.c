/* The steps that encode and decode: urlencode urldecode base64 unbase64 json.
 *
 * urlencode keeps letters, digits and - . _ ~ (RFC 3986) and writes every other byte
 * as %XX. urldecode turns %XX into its byte, and leaves alone what only looks like
 * it, and the + that some forms write for a blank. base64 is that of RFC 4648, in one
 * piece; unbase64 takes its URL alphabet, too, and needs no padding. json writes a
 * string of RFC 8259; each piece that is not UTF-8 becomes \ufffd.
 *
 * What is decoded may hold the separator. It stays there: several records then. */
#include <string.h>

#include "action/transform/step.h"
#include "base/json_text.h"
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

/* --- base64, unbase64, json ------------------------------------------------ */

static bool base64(const struct step *s, struct bench *b, const char *in, size_t len,
	struct buf *out)
{
	(void)b;
	base64_add(out, in, len);
	buf_addc(out, s->separator);
	return true;
}

static bool unbase64(const struct step *s, struct bench *b, const char *in, size_t len,
	struct buf *out)
{
	b->why = "is not base64";
	if (!base64_read(out, in, len))
		return false;
	buf_addc(out, s->separator);
	return true;
}

static bool json(const struct step *s, struct bench *b, const char *in, size_t len,
	struct buf *out)
{
	(void)b;
	json_text_quoted(out, in, len);
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
		{ "unbase64", NULL, unbase64 },
		{ "json", NULL, json },
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
