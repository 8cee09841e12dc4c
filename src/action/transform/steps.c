/* The steps that need no regular expression and look at bytes: y/// upper lower
 * trim length. The encodings are in transform/code.c, cut in transform/cut.c. */
#include <string.h>

#include "action/transform/step.h"
#include "base/escape.h"
#include "base/mem.h"

/* --- a byte for a byte: y/// upper lower ----------------------------------- */

/* Neighbours that are moved by the same distance: a-z to A-Z is one such stretch. */
struct shift {
	unsigned char first, span, distance;
};

enum {
	SHIFTS = 2,    /* with more of them the table is as fast */
	LARGE = 4096,  /* bytes from which on it is worth looking for them */
};

typedef unsigned char bytes16 __attribute__((vector_size(16)));

static size_t find_shifts(const unsigned char *table, struct shift *list)
{
	size_t n = 0;

	for (unsigned c = 0; c < 256; c++) {
		unsigned char distance = (unsigned char)(table[c] - c);
		struct shift *last = n ? &list[n - 1] : NULL;

		if (!distance)
			continue;
		if (last && c == last->first + last->span + 1u && last->distance == distance)
			last->span++;
		else if (n == SHIFTS)
			return SHIFTS + 1;
		else
			list[n++] = (struct shift){ (unsigned char)c, 0, distance };
	}
	return n;
}

/* Sixteen bytes at a time; returns how many were done. */
static size_t shift_bytes(const struct shift *list, size_t n, const char *in, size_t len, char *to)
{
	size_t i;

	for (i = 0; i + 16 <= len; i += 16) {
		bytes16 v, moved = { 0 };

		memcpy(&v, in + i, 16);
		for (size_t k = 0; k < n; k++)
			moved += (bytes16)(v - list[k].first <= list[k].span) & list[k].distance;
		v += moved;
		memcpy(to + i, &v, 16);
	}
	return i;
}

static bool map_bytes(const struct step *s, struct bench *b, const char *in, size_t len,
	struct buf *out)
{
	const unsigned char *table = s->table;
	char *to = buf_reserve(out, len);
	struct shift shifts[SHIFTS];
	size_t n = len < LARGE ? SHIFTS + 1 : find_shifts(table, shifts), i = 0;

	(void)b;
	if (n <= SHIFTS)
		i = shift_bytes(shifts, n, in, len, to);
	for (; i < len; i++)
		to[i] = (char)table[(unsigned char)in[i]];
	out->len += len;
	return true;
}

/* A table that changes nothing yet. */
static void use_table(struct step *s)
{
	s->table = mem_alloc(256);
	for (unsigned c = 0; c < 256; c++)
		s->table[c] = (unsigned char)c;
	s->apply = map_bytes;
}

static void map(struct step *s, unsigned char from, unsigned char to)
{
	if (s->whole || (char)from != s->separator)
		s->table[from] = to;
}

static void make_upper(struct step *s)
{
	use_table(s);
	for (unsigned char c = 'a'; c <= 'z'; c++)
		map(s, c, (unsigned char)(c - 'a' + 'A'));
}

static void make_lower(struct step *s)
{
	use_table(s);
	for (unsigned char c = 'A'; c <= 'Z'; c++)
		map(s, c, (unsigned char)(c - 'A' + 'a'));
}

static const char bytes_hint[] = "y works on single bytes: s/// replaces such characters, "
	"\\xHH is a byte";

/* One byte of a list of y, moving past it. */
static bool list_byte(const char **p, const char *end, struct buf *out, struct flaw *f)
{
	const char *at = *p;
	size_t before = out->len, n = 1;

	if (*at == '\\') {
		n = at + 1 < end ? escape_read(at + 1, (size_t)(end - at - 1), ESCAPE_ALL, true,
			out) : 0;
		if (!n)
			return flaw_set(f, at, "there are \\t \\n \\r \\a \\b \\e \\f \\v \\xHH \\OOO \\\\ \\-",
				"unknown escape in a list of y");
		n++;
	} else if ((unsigned char)*at < 0x80) {
		buf_addc(out, *at);
	}
	if (out->len != before + 1)
		return flaw_set(f, at, bytes_hint, "a character of several bytes in a list of y");
	*p = at + n;
	return true;
}

/* A list of bytes, with ranges such as a-z. */
static bool list_bytes(struct span list, struct buf *out, struct flaw *f)
{
	const char *p = list.s, *end = p + list.len;

	while (p < end) {
		const char *at = p;
		int low, high;

		if (!list_byte(&p, end, out, f))
			return false;
		if (end - p < 2 || *p != '-')
			continue;
		p++;
		if (!list_byte(&p, end, out, f))
			return false;
		low = (unsigned char)out->data[out->len - 2];
		high = (unsigned char)out->data[out->len - 1];
		if (high < low)
			return flaw_set(f, at, "a - that is no range stands first, last or behind a \\",
				"the range ends before it begins");
		out->len -= 2;
		for (int c = low; c <= high; c++)
			buf_addc(out, (char)c);
	}
	return true;
}

/* With y///d the table has a second half: 1 for each byte that stays. The byte that ends
 * a record stays, whatever it is. */
static bool map_and_delete(const struct step *s, struct bench *b, const char *in, size_t len,
	struct buf *out)
{
	const unsigned char *table = s->table, *stays = table + 256;
	char *start = buf_reserve(out, len), *to = start;
	size_t mapped = s->whole ? len - 1 : len;

	(void)b;
	for (size_t i = 0; i < mapped; i++) {
		*to = (char)table[(unsigned char)in[i]];
		to += stays[(unsigned char)in[i]];
	}
	if (s->whole)
		*to++ = in[mapped];
	out->len += (size_t)(to - start);
	return true;
}

static void map_delete(struct step *s, unsigned char c)
{
	if (s->whole || (char)c != s->separator)
		s->table[256 + c] = 0;
}

/* The first mention of a byte counts, as in tr of perl. */
static void map_lists(struct step *s, const struct buf *from, const struct buf *to)
{
	bool seen[256] = { false };

	use_table(s);
	if (from->len > to->len) {
		s->table = mem_grow(s->table, 512);
		memset(s->table + 256, 1, 256);
		s->apply = map_and_delete;
	}
	for (size_t i = 0; i < from->len; i++) {
		unsigned char c = (unsigned char)from->data[i];

		if (!seen[c] && i < to->len)
			map(s, c, (unsigned char)to->data[i]);
		else if (!seen[c])
			map_delete(s, c);
		seen[c] = true;
	}
}

bool step_map(struct step *s, struct span from, struct span to, bool delete, struct flaw *f)
{
	struct buf a = { 0 }, b = { 0 };
	bool ok = list_bytes(from, &a, f) && list_bytes(to, &b, f);

	if (ok && (delete ? a.len < b.len : a.len != b.len))
		ok = flaw_set(f, to.s, a.len > b.len ? "y/abc//d deletes what has no counterpart" : NULL,
			"the lists of y differ in length, %zu and %zu", a.len, b.len);
	if (ok)
		map_lists(s, &a, &b);
	buf_free(&a);
	buf_free(&b);
	return ok;
}

/* --- trim and length ------------------------------------------------------- */

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool steps_trim(const struct step *s, struct bench *b, const char *in, size_t len,
	struct buf *out)
{
	(void)b;
	while (len && is_space(in[len - 1]))
		len--;
	while (len && is_space(*in)) {
		in++;
		len--;
	}
	buf_add(out, in, len);
	buf_addc(out, s->separator);
	return true;
}

static bool length(const struct step *s, struct bench *b, const char *in, size_t len,
	struct buf *out)
{
	char digits[24], *p = digits + sizeof digits;

	(void)b;
	(void)in;
	*--p = s->separator;
	do
		*--p = (char)('0' + len % 10);
	while (len /= 10);
	buf_add(out, p, (size_t)(digits + sizeof digits - p));
	return true;
}

static void make_trim(struct step *s)
{
	s->apply = step_each;
	s->record = steps_trim;
}

static void make_length(struct step *s)
{
	s->apply = step_each;
	s->record = length;
}

bool step_word(struct step *s, struct span name)
{
	static const struct {
		const char *name;
		void (*make)(struct step *s);
	} words[] = {
		{ "upper", make_upper },
		{ "lower", make_lower },
		{ "uc", make_upper },
		{ "lc", make_lower },
		{ "uc", make_upper }, /* as perl calls them */
		{ "lc", make_lower },
		{ "trim", make_trim },
		{ "length", make_length },
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i].name) == name.len && memcmp(words[i].name, name.s, name.len) == 0) {
			words[i].make(s);
			return true;
		}
	return step_code(s, name);
}
