/* cut: some fields or bytes of a record, as cut(1) has it.
 *
 *   cut LIST          fields, with a tab between them; cut -f LIST is the same
 *   cut -d, LIST      with another byte between them: itself, 'X', \t or \xHH
 *   cut -c LIST       bytes; cut -b LIST is the same
 *
 * LIST is N, N-M, N- and -M with commas between them, counted from 1. What is chosen
 * comes once, and in the order of the record; a record without a single delimiter
 * passes whole. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "action/transform/step.h"
#include "base/escape.h"
#include "base/mem.h"

/* --- cutting --------------------------------------------------------------- */

static bool cut_bytes(const struct step *s, struct bench *b, const char *in, size_t len,
	struct buf *out)
{
	(void)b;
	for (size_t i = 0; i < s->count && s->ranges[i].first <= len; i++) {
		size_t first = s->ranges[i].first, last = s->ranges[i].last;

		buf_add(out, in + first - 1, (last < len ? last : len) - first + 1);
	}
	buf_addc(out, s->separator);
	return true;
}

/* Pass n fields with the delimiters behind them, if so many delimiters are there; and
 * say how many were not. */
static size_t pass_fields(const struct step *s, const char **p, const char *end, size_t n)
{
	while (n) {
		const char *d = memchr(*p, s->delimiter, (size_t)(end - *p));

		if (!d)
			break;
		*p = d + 1;
		n--;
	}
	return n;
}

static bool cut_fields(const struct step *s, struct bench *b, const char *in, size_t len,
	struct buf *out)
{
	const char *end = in + len, *p = in;
	size_t start = out->len, field = 1;

	(void)b;
	if (!memchr(in, s->delimiter, len)) {
		buf_add(out, in, len + 1); /* with the separator */
		return true;
	}
	for (size_t i = 0; i < s->count; i++) {
		const struct range *r = &s->ranges[i];
		const char *from;

		if (pass_fields(s, &p, end, r->first - field))
			break;
		from = p;
		if (r->last == SIZE_MAX || pass_fields(s, &p, end, r->last - r->first + 1)) {
			buf_add(out, from, (size_t)(end - from));
			buf_addc(out, s->delimiter);
			break;
		}
		buf_add(out, from, (size_t)(p - from));
		field = r->last + 1;
	}
	if (out->len > start)
		out->len--; /* the delimiter behind the last one */
	buf_addc(out, s->separator);
	return true;
}

/* --- its arguments --------------------------------------------------------- */

static const char usage[] = "as in cut 1,3-5,7- or cut -d, 2 or cut -c 1-8";

/* Digits at *p, moving past them; false when there are none. */
static bool read_number(const char **p, const char *end, size_t *n)
{
	const char *start = *p;

	for (*n = 0; *p < end && **p >= '0' && **p <= '9'; ++*p)
		*n = *n > SIZE_MAX / 16 ? SIZE_MAX / 16 : *n * 10 + (size_t)(**p - '0');
	return *p > start;
}

static bool read_range(const char **p, const char *end, struct range *r, struct flaw *f)
{
	const char *at = *p;
	bool first = read_number(p, end, &r->first), last;

	if (first && !r->first)
		return flaw_set(f, at, NULL, "fields and bytes are counted from 1");
	if (!first)
		r->first = 1;
	if (*p == end || **p != '-') {
		r->last = r->first;
		return first || flaw_set(f, at, usage, "expected a number");
	}
	++*p;
	last = read_number(p, end, &r->last);
	if (!first && !last)
		return flaw_set(f, at, usage, "a range without a number");
	if (!last)
		r->last = SIZE_MAX;
	if (r->last < r->first)
		return flaw_set(f, at, NULL, "the range ends before it begins");
	return true;
}

static int compare_ranges(const void *a, const void *b)
{
	size_t x = ((const struct range *)a)->first, y = ((const struct range *)b)->first;

	return x < y ? -1 : x > y;
}

/* Sort them, and make one of those that overlap. */
static void merge_ranges(struct step *s)
{
	size_t kept = 0;

	qsort(s->ranges, s->count, sizeof *s->ranges, compare_ranges);
	for (size_t i = 1; i < s->count; i++) {
		struct range *last = &s->ranges[kept], *next = &s->ranges[i];

		if (next->first > last->last)
			s->ranges[++kept] = *next;
		else if (next->last > last->last)
			last->last = next->last;
	}
	s->count = kept + 1;
}

static bool read_list(struct step *s, const char **p, const char *end, struct flaw *f)
{
	struct range r;

	do {
		if (!read_range(p, end, &r, f))
			return false;
		s->ranges = mem_grow(s->ranges, (s->count + 1) * sizeof r);
		s->ranges[s->count++] = r;
	} while (*p < end && **p == ',' && ++*p);
	merge_ranges(s);
	return true;
}

static bool cut_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void cut_skip_blanks(const char **p, const char *end)
{
	while (*p < end && cut_is_blank(**p))
		++*p;
}

/* Behind -d: a byte, an escape, or a byte in quotes. */
static bool read_delimiter(struct step *s, const char **p, const char *end, struct flaw *f)
{
	struct buf byte = { 0 };
	const char *at;
	size_t n = 1;
	bool ok;

	cut_skip_blanks(p, end);
	at = *p;
	if (at == end)
		n = 0;
	else if (*at == '\\' && at + 1 < end)
		n = 1 + escape_read(at + 1, (size_t)(end - at - 1), ESCAPE_ALL, true, &byte);
	else if (end - at > 2 && (*at == '\'' || *at == '"') && at[2] == *at && (n = 3))
		buf_addc(&byte, at[1]);
	else
		buf_addc(&byte, *at);
	ok = byte.len == 1 && (at + n == end || cut_is_blank(at[n]));
	if (ok)
		s->delimiter = *byte.data;
	buf_free(&byte);
	*p = at + n;
	return ok || flaw_set(f, at, "as in cut -d, 1,3 or cut -d'|' 2",
		"expected one byte behind -d and a blank");
}

bool step_cut(struct step *s, const char **p, const char *end, struct flaw *f)
{
	s->delimiter = '\t';
	s->apply = step_each;
	s->record = cut_fields;
	for (;;) {
		char option;

		cut_skip_blanks(p, end);
		option = end - *p > 1 && **p == '-' ? (*p)[1] : '\0';
		if ((option | 0x20) < 'a' || (option | 0x20) > 'z') /* -2 is a list */
			return read_list(s, p, end, f);
		if (option != 'd' && option != 'f' && option != 'c' && option != 'b')
			return flaw_set(f, *p, usage, "cut has no option -%c", option);
		*p += 2;
		if (option == 'd' && !read_delimiter(s, p, end, f))
			return false;
		if (option == 'c' || option == 'b')
			s->record = cut_bytes;
	}
}
