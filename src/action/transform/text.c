/* The text that a match is replaced with. See transform/text.h. */
#include "action/transform/text.h"

#include <stdlib.h>
#include <string.h>

#include "action/transform/regex.h"
#include "action/transform/step.h"
#include "base/buf.h"
#include "base/escape.h"
#include "base/letters.h"
#include "base/mem.h"
#include "base/utf8.h"

struct piece {
	enum {
		PIECE_CHARS, PIECE_GROUP,
		PIECE_UPPER, PIECE_LOWER, PIECE_END, PIECE_NEXT_UPPER, PIECE_NEXT_LOWER,
	} kind;
	unsigned group;
	size_t start, len; /* of chars */
};

struct text {
	struct buf chars; /* of all pieces */
	struct piece *pieces;
	size_t count, cap;
	bool cases;       /* there is a \U \L \E \u or \l */
	const struct regex *regex;
};

/* What is being compiled. */
struct source {
	const char *s, *end;
	struct text *t;
	const struct regex *regex;
	struct flaw *flaw;
};

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* --- compiling ------------------------------------------------------------- */

static struct piece *text_add_piece(struct text *t, int kind)
{
	if (t->count == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 4;
		t->pieces = mem_grow(t->pieces, t->cap * sizeof *t->pieces);
	}
	t->pieces[t->count] = (struct piece){ .kind = kind, .start = t->chars.len };
	return &t->pieces[t->count++];
}

/* The characters behind `start` belong to the text now. */
static void add_chars(struct text *t, size_t start)
{
	struct piece *last = t->count ? &t->pieces[t->count - 1] : NULL;

	if (!last || last->kind != PIECE_CHARS) {
		last = text_add_piece(t, PIECE_CHARS);
		last->start = start;
	}
	last->len = t->chars.len - last->start;
}

static bool text_add_group(struct source *src, const char *at, size_t n)
{
	unsigned has = regex_groups(src->regex);

	if (n <= has) {
		text_add_piece(src->t, PIECE_GROUP)->group = (unsigned)n;
		return true;
	}
	if (!has)
		return flaw_set(src->flaw, at, "groups are made with ( )",
			"the template names group %zu, the expression has none", n);
	return flaw_set(src->flaw, at, n > 9 ? "${1}0 is group 1 and a digit" : NULL,
		"the template names group %zu, the expression has %u", n, has);
}

/* Digits at s; returns where they end. */
static const char *scan_number(const char *s, const char *end, size_t *n)
{
	for (*n = 0; s < end && *s >= '0' && *s <= '9'; s++)
		if (*n < 1000000)
			*n = *n * 10 + (size_t)(*s - '0');
	return s;
}

/* From behind ${ to behind the }. */
static bool compile_braces(struct source *src, const char *dollar)
{
	const char *name = src->s, *close = name;
	size_t n;
	int group;

	while (close < src->end && (is_alnum(*close) || *close == '_'))
		close++;
	if (close == name || close == src->end || *close != '}')
		return flaw_set(src->flaw, close, "as in ${1} or ${name}; \\$ is a dollar sign",
			"expected the number or name of a group and a } behind ${");
	src->s = close + 1;
	if (scan_number(name, close, &n) == close)
		return text_add_group(src, dollar, n);
	group = regex_group(src->regex, name, (size_t)(close - name));
	if (group < 0)
		return flaw_set(src->flaw, dollar, "named groups are made with (?<name> )",
			"the template names group '%.*s', which the expression does not have",
			(int)(close - name), name);
	return text_add_group(src, dollar, (size_t)group);
}

static bool compile_dollar(struct source *src)
{
	const char *dollar = src->s++;
	char c = src->s < src->end ? *src->s : ' ';
	size_t n;

	if (c >= '0' && c <= '9') {
		src->s = scan_number(src->s, src->end, &n);
		return text_add_group(src, dollar, n);
	}
	if (c == '&') {
		src->s++;
		return text_add_group(src, dollar, 0);
	}
	if (c == '+' && src->end - src->s > 1 && src->s[1] == '{')
		c = *++src->s; /* what perl writes for ${name} */
	if (c == '{') {
		src->s++;
		return compile_braces(src, dollar);
	}
	if (is_alnum(c) || c == '_' || c == '$')
		return flaw_set(src->flaw, dollar, "a named group is ${name}, a dollar sign \\$",
			"$%c is no reference to a group", c);
	buf_addc(&src->t->chars, '$');
	add_chars(src->t, src->t->chars.len - 1);
	return true;
}

/* \0 alone is the whole match to sed, and a NUL byte to perl: neither is guessed at. */
static bool is_zero(const struct source *src)
{
	return *src->s == '0'
		&& (src->end - src->s < 2 || src->s[1] < '0' || src->s[1] > '7');
}

/* An escape has given one byte: with u it is the number of a character. */
static void spell_in_utf8(struct source *src, size_t start)
{
	struct buf *chars = &src->t->chars;
	unsigned char c = (unsigned char)chars->data[start];

	if (!regex_is_utf(src->regex) || chars->len != start + 1 || c < 0x80)
		return;
	chars->len = start;
	utf8_add(chars, c);
}

static bool compile_backslash(struct source *src)
{
	static const char cases[] = "ULEul";
	static const int kinds[] = {
		PIECE_UPPER, PIECE_LOWER, PIECE_END, PIECE_NEXT_UPPER, PIECE_NEXT_LOWER,
	};
	const char *backslash = src->s++, *at;
	size_t start = src->t->chars.len, n;
	char c;

	if (src->s == src->end)
		return flaw_set(src->flaw, backslash, "\\\\ is a backslash",
			"nothing follows the backslash");
	c = *src->s;
	if (c >= '1' && c <= '9') {
		src->s++;
		return text_add_group(src, backslash, (size_t)(c - '0'));
	}
	if (c && (at = strchr(cases, c))) {
		src->s++;
		src->t->cases = true;
		text_add_piece(src->t, kinds[at - cases]);
		return true;
	}
	n = is_zero(src) ? 0
		: escape_read(src->s, (size_t)(src->end - src->s), "abefnrtvx0", true, &src->t->chars);
	if (!n)
		return flaw_set(src->flaw, backslash, c == '0'
				? "$0 is the whole match, \\x00 a NUL byte"
				: "there are \\t \\n \\r \\a \\b \\e \\f \\v \\xHH \\x{HHHH} "
				"\\0OO \\U \\L \\E \\u \\l",
			"unknown escape \\%c", c);
	src->s += n;
	spell_in_utf8(src, start);
	add_chars(src->t, start);
	return true;
}

struct text *text_new(struct span source, const struct regex *r, struct flaw *f)
{
	struct source src = { source.s, source.s + source.len, mem_zero(sizeof *src.t), r, f };
	bool ok = true;

	src.t->regex = r;
	while (ok && src.s < src.end)
		if (*src.s == '$') {
			ok = compile_dollar(&src);
		} else if (*src.s == '\\') {
			ok = compile_backslash(&src);
		} else {
			buf_addc(&src.t->chars, *src.s++);
			add_chars(src.t, src.t->chars.len - 1);
		}
	if (ok)
		return src.t;
	text_free(src.t);
	return NULL;
}

void text_free(struct text *t)
{
	if (!t)
		return;
	buf_free(&t->chars);
	free(t->pieces);
	free(t);
}

/* --- filling --------------------------------------------------------------- */

static struct span piece_span(const struct text *t, const struct piece *p, const char *subject,
	const size_t *at)
{
	const size_t *group = at + 2 * (size_t)p->group;

	if (p->kind == PIECE_CHARS)
		return (struct span){ t->chars.data + p->start, p->len };
	/* a \K within a group may let it begin behind its end */
	if (p->kind != PIECE_GROUP || group[0] == REGEX_UNSET || group[0] >= group[1])
		return (struct span){ "", 0 };
	return (struct span){ subject + group[0], group[1] - group[0] };
}

/* kind: a mode, for all of it, or PIECE_NEXT_ for one character. */
static void add_turned(const struct text *t, int kind, struct span part, struct buf *out)
{
	if (kind == PIECE_END)
		buf_add(out, part.s, part.len);
	else
		letters_turn(kind == PIECE_UPPER || kind == PIECE_NEXT_UPPER,
			regex_is_utf(t->regex), part.s, part.len, out);
}

/* Bytes of the first character. */
static size_t first_length(const struct text *t, struct span part)
{
	bool valid;

	return regex_is_utf(t->regex) ? utf8_span(part.s, part.len, &valid) : 1;
}

static void fill_cases(const struct text *t, const char *subject, const size_t *at,
	struct buf *out)
{
	int mode = PIECE_END, next = PIECE_END;

	for (size_t i = 0; i < t->count; i++) {
		const struct piece *p = &t->pieces[i];
		struct span part = piece_span(t, p, subject, at);
		size_t first = 0;

		if (p->kind == PIECE_UPPER || p->kind == PIECE_LOWER || p->kind == PIECE_END)
			mode = p->kind;
		else if (p->kind == PIECE_NEXT_UPPER || p->kind == PIECE_NEXT_LOWER)
			next = p->kind;
		if (!part.len)
			continue;
		if (next != PIECE_END)
			first = first_length(t, part);
		add_turned(t, next, (struct span){ part.s, first }, out);
		add_turned(t, mode, (struct span){ part.s + first, part.len - first }, out);
		next = PIECE_END;
	}
}

void text_fill(const struct text *t, const char *subject, const size_t *at, struct buf *out)
{
	if (t->cases) {
		fill_cases(t, subject, at, out);
		return;
	}
	for (size_t i = 0; i < t->count; i++) {
		struct span part = piece_span(t, &t->pieces[i], subject, at);

		buf_add(out, part.s, part.len);
	}
}
