/* Functions of a formula that make a text or a number of one. See function.h. */
#include "action/formula/function.h"

#include <math.h>
#include <string.h>

#include "action/template/quote.h"
#include "base/maths.h"

static struct scalar text_argument(struct work *w, const struct node *n, unsigned nth)
{
	return work_text(w, function_argument(n, nth));
}

static double text_double(struct work *w, const struct node *n, unsigned nth)
{
	return scalar_double(work_value(w, function_argument(n, nth)));
}

/* --- letters -------------------------------------------------------------- */

static bool text_is_letter(char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* The first `most` bytes in letters of the other size. */
static struct scalar text_letters(struct work *w, const struct node *n, size_t most, bool upper)
{
	struct scalar s = text_argument(w, n, 0);
	char *text;

	if (!work_has_room(w, s.text.len))
		return s;
	text = arena_copy(&w->arena, s.text.data, s.text.len);
	for (size_t i = 0; i < s.text.len && i < most; i++)
		if (text_is_letter(text[i]))
			text[i] = (char)(upper ? text[i] & ~0x20 : text[i] | 0x20);
	return scalar_text(text, s.text.len);
}

static struct scalar node_upper(struct work *w, const struct node *n)
{
	return text_letters(w, n, SIZE_MAX, true);
}

static struct scalar node_lower(struct work *w, const struct node *n)
{
	return text_letters(w, n, SIZE_MAX, false);
}

static struct scalar node_upper_first(struct work *w, const struct node *n)
{
	return text_letters(w, n, 1, true);
}

static struct scalar node_lower_first(struct work *w, const struct node *n)
{
	return text_letters(w, n, 1, false);
}

/* --- parts ---------------------------------------------------------------- */

static struct scalar node_length(struct work *w, const struct node *n)
{
	struct scalar s = work_value(w, n->a);

	if (s.kind == SCALAR_UNDEFINED)
		return s;
	return scalar_integer((int64_t)scalar_as_text(&w->arena, s).text.len);
}

/* From where to where does substr(TEXT, OFFSET, LENGTH) go? False: outside of the text. */
static bool text_bounds(struct work *w, const struct node *n, size_t len, size_t *from,
	size_t *to)
{
	const struct node *length = function_argument(n, 2);
	int64_t size = (int64_t)len, end = size;
	int64_t at = scalar_whole(work_value(w, function_argument(n, 1)));
	struct scalar l = length ? work_value(w, length) : (struct scalar){ 0 };

	at = at < -INT64_MAX / 4 ? -INT64_MAX / 4 : at;
	if (at > size)
		return false;
	at += at < 0 ? size : 0;
	if (l.kind != SCALAR_UNDEFINED) {
		int64_t more = scalar_whole(l), most = INT64_MAX / 4;

		more = more > most ? most : more < -most ? -most : more;
		end = more < 0 ? size + more : at + more;
	}
	if (at < 0 && end < 0)
		return false;
	at = at < 0 ? 0 : at;
	end = end > size ? size : end < at ? at : end;
	*from = (size_t)at;
	*to = (size_t)end;
	return true;
}

static void text_replace(struct work *w, const struct node *place, struct scalar s, size_t from,
	size_t to, struct scalar with)
{
	struct buf all = { 0 };

	if (!work_has_room(w, s.text.len + with.text.len))
		return;
	buf_add(&all, s.text.data, from);
	buf_add(&all, with.text.data, with.text.len);
	buf_add(&all, s.text.data + to, s.text.len - to);
	work_assign(w, place, work_keep(w, &all));
}

void text_set_part(struct work *w, const struct node *n, struct scalar with)
{
	struct scalar s = text_argument(w, n, 0);
	size_t from, to;

	if (text_bounds(w, n, s.text.len, &from, &to))
		text_replace(w, n->a, s, from, to, scalar_as_text(&w->arena, with));
	else
		work_fail(w, "sets a part of a text that is outside of it");
}

struct scalar node_part(struct work *w, const struct node *n)
{
	struct scalar s = text_argument(w, n, 0), with;
	const struct node *new = function_argument(n, 3);
	size_t from, to;

	if (!text_bounds(w, n, s.text.len, &from, &to))
		return new ? work_fail(w, "sets a part of a text that is outside of it")
			: (struct scalar){ 0 };
	if (new) {
		with = work_text(w, new);
		text_replace(w, n->a, s, from, to, with);
	}
	return scalar_text(s.text.data + from, to - from);
}

static bool text_is_at(struct scalar s, struct scalar part, int64_t at)
{
	return memcmp(s.text.data + at, part.text.data, part.text.len) == 0;
}

static struct scalar node_index(struct work *w, const struct node *n)
{
	struct scalar s = text_argument(w, n, 0), part = text_argument(w, n, 1);
	const struct node *from = function_argument(n, 2);
	int64_t at = from ? scalar_whole(work_value(w, from)) : 0;
	int64_t last = (int64_t)s.text.len - (int64_t)part.text.len;

	at = at < 0 ? 0 : at;
	if (!part.text.len)
		return scalar_integer(at < last ? at : last);
	for (; at <= last; at++)
		if (text_is_at(s, part, at))
			return scalar_integer(at);
	return scalar_integer(-1);
}

static struct scalar node_last_index(struct work *w, const struct node *n)
{
	struct scalar s = text_argument(w, n, 0), part = text_argument(w, n, 1);
	const struct node *from = function_argument(n, 2);
	int64_t at = (int64_t)s.text.len - (int64_t)part.text.len;

	if (from) {
		int64_t most = scalar_whole(work_value(w, from));

		if (!part.text.len && most < 0)
			return scalar_integer(0);
		at = most < at ? most : at;
	}
	while (at >= 0 && !text_is_at(s, part, at))
		at--;
	return scalar_integer(at < 0 ? -1 : at);
}

/* What is kept of a place's text; and what has gone. */
static struct scalar text_cut(struct work *w, const struct node *n, size_t keep, struct scalar s)
{
	if (keep < s.text.len)
		work_assign(w, n->a, scalar_text(s.text.data, keep));
	return scalar_text(s.text.data + keep, s.text.len - keep);
}

struct scalar node_chomp(struct work *w, const struct node *n)
{
	struct scalar s = text_argument(w, n, 0);
	size_t len = s.text.len, gone = len && s.text.data[len - 1] == '\n';

	text_cut(w, n, len - gone, s);
	return scalar_integer((int64_t)gone);
}

struct scalar node_chop(struct work *w, const struct node *n)
{
	struct scalar s = text_argument(w, n, 0);

	return text_cut(w, n, s.text.len - (s.text.len > 0), s);
}

/* --- quoting -------------------------------------------------------------- */

static struct scalar node_quoted(struct work *w, const struct node *n)
{
	struct scalar s = text_argument(w, n, 0);
	struct buf text = { 0 };

	quote_gnu(&text, s.text.data, s.text.len);
	return work_keep(w, &text);
}

/* Some bytes, or all but letters, digits and _, behind a backslash. */
static struct scalar text_escaped(struct work *w, const struct node *n, const char *some)
{
	struct scalar s = text_argument(w, n, 0);
	struct buf text = { 0 };

	for (size_t i = 0; i < s.text.len; i++) {
		char c = s.text.data[i];
		bool plain = text_is_letter(c) || (c >= '0' && c <= '9') || c == '_';

		if (some ? c && strchr(some, c) != NULL : !plain)
			buf_addc(&text, '\\');
		buf_addc(&text, c);
	}
	return work_keep(w, &text);
}

static struct scalar node_perl_quoted(struct work *w, const struct node *n)
{
	return text_escaped(w, n, "\\\"$@");
}

static struct scalar node_meta_quoted(struct work *w, const struct node *n)
{
	return text_escaped(w, n, NULL);
}

/* --- numbers -------------------------------------------------------------- */

static struct scalar node_int(struct work *w, const struct node *n)
{
	struct scalar s = scalar_number(work_value(w, n->a));

	if (s.kind != SCALAR_FLOAT)
		return s;
	return fabs(s.number) < 9223372036854775808.0 ? scalar_integer((int64_t)s.number)
		: scalar_float(maths_whole(s.number));
}

static struct scalar node_abs(struct work *w, const struct node *n)
{
	struct scalar s = scalar_number(work_value(w, n->a)), result = s;
	const char *why;

	if (s.kind == SCALAR_FLOAT)
		return scalar_float(fabs(s.number));
	if (s.integer < 0)
		arithmetic_do(MINUS, scalar_integer(0), s, &result, &why);
	return result;
}

static struct scalar node_sqrt(struct work *w, const struct node *n)
{
	double x = text_double(w, n, 0);

	return x < 0 ? work_fail(w, "takes the root of a negative number")
		: scalar_float(maths.sqrt(x));
}

static struct scalar node_log(struct work *w, const struct node *n)
{
	double x = text_double(w, n, 0);

	return x <= 0 ? work_fail(w, "takes the logarithm of what has none")
		: scalar_float(maths.log(x));
}

static struct scalar node_exp(struct work *w, const struct node *n)
{
	return scalar_float(maths.exp(text_double(w, n, 0)));
}

static struct scalar node_sin(struct work *w, const struct node *n)
{
	return scalar_float(maths.sin(text_double(w, n, 0)));
}

static struct scalar node_cos(struct work *w, const struct node *n)
{
	return scalar_float(maths.cos(text_double(w, n, 0)));
}

static struct scalar node_atan2(struct work *w, const struct node *n)
{
	double y = text_double(w, n, 0);

	return scalar_float(maths.atan2(y, text_double(w, n, 1)));
}

/* Digits of the base up to the first that is none. */
static struct scalar text_number(struct scalar s, size_t at, unsigned base)
{
	uint64_t n = 0;

	for (; at < s.text.len; at++) {
		char c = s.text.data[at];
		unsigned digit = c >= '0' && c <= '9' ? (unsigned)(c - '0')
			: (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (unsigned)((c | 0x20) - 'a' + 10) : 16;

		if (c == '_')
			continue;
		if (digit >= base || n > INT64_MAX / 16)
			break;
		n = n * base + digit;
	}
	return scalar_integer((int64_t)n);
}

static bool text_begins(struct scalar s, size_t at, char letter)
{
	at += at + 1 < s.text.len && s.text.data[at] == '0';
	return at < s.text.len && (s.text.data[at] | 0x20) == letter;
}

static size_t text_behind(struct scalar s, size_t at)
{
	return at + 1 + (s.text.data[at] == '0');
}

static struct scalar node_hex(struct work *w, const struct node *n)
{
	struct scalar s = text_argument(w, n, 0);

	return text_number(s, text_begins(s, 0, 'x') ? text_behind(s, 0) : 0, 16);
}

static struct scalar node_oct(struct work *w, const struct node *n)
{
	struct scalar s = text_argument(w, n, 0);
	size_t at = 0;

	while (at < s.text.len && (s.text.data[at] == ' ' || s.text.data[at] == '\t'))
		at++;
	if (text_begins(s, at, 'x'))
		return text_number(s, text_behind(s, at), 16);
	if (text_begins(s, at, 'b'))
		return text_number(s, text_behind(s, at), 2);
	return text_number(s, at, 8);
}

static struct scalar node_ord(struct work *w, const struct node *n)
{
	struct scalar s = text_argument(w, n, 0);

	return scalar_integer(s.text.len ? (unsigned char)s.text.data[0] : 0);
}

static struct scalar node_chr(struct work *w, const struct node *n)
{
	int64_t c = scalar_whole(work_value(w, n->a));
	char byte = (char)c;

	if (c < 0 || c > 255)
		return work_fail(w, "asks for a character beyond 255");
	return scalar_text(arena_copy(&w->arena, &byte, 1), 1);
}

static struct scalar node_defined(struct work *w, const struct node *n)
{
	return scalar_bool(work_value(w, n->a).kind != SCALAR_UNDEFINED);
}

#define ABOUT(name, value) { name, 0, 1, true, true, 0, value, NULL }

const struct function function_texts[] = {
	ABOUT("uc", node_upper), ABOUT("lc", node_lower), ABOUT("fc", node_lower),
	ABOUT("ucfirst", node_upper_first), ABOUT("lcfirst", node_lower_first),
	ABOUT("length", node_length), ABOUT("chomp", node_chomp), ABOUT("chop", node_chop),
	ABOUT("int", node_int), ABOUT("abs", node_abs), ABOUT("sqrt", node_sqrt),
	ABOUT("log", node_log), ABOUT("exp", node_exp), ABOUT("sin", node_sin),
	ABOUT("cos", node_cos), ABOUT("hex", node_hex), ABOUT("oct", node_oct),
	ABOUT("ord", node_ord), ABOUT("chr", node_chr), ABOUT("defined", node_defined),
	ABOUT("quotemeta", node_meta_quoted),
	{ "Q", 1, 1, false, true, 0, node_quoted, NULL },
	{ "pQ", 1, 1, false, true, 0, node_perl_quoted, NULL },
	{ "atan2", 2, 2, false, false, 0, node_atan2, NULL },
	{ "substr", 2, 4, false, false, 0, node_part, NULL },
	{ "index", 2, 3, false, false, 0, node_index, NULL },
	{ "rindex", 2, 3, false, false, 0, node_last_index, NULL },
	{ NULL, 0, 0, false, false, 0, NULL, NULL },
};
