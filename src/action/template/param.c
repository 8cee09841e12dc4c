/* The ${ } of a shell line. See template/lex.h. */
#include "action/template/lex.h"

#include <string.h>

/* Shells differ about quotes there, each in its own way. */
const char lex_not_everywhere[] = "in a ${ } that not every /bin/sh knows";
static const char in_nest[] = "in a pattern and in a ${ } within it or around it";

/* ${x^^}, ${x/a/b}, ${x:1:2}, ${x[1]} */
static void lex_param_other(struct scan *s)
{
	s->ban = lex_not_everywhere;
	if (s->i < s->len)
		lex_hint(s, "such a ${ }", "a bad substitution");
}

/* Pass the name and the operator of a ${; how the word behind them is quoted. */
static bool lex_param_head(struct scan *s, enum quoting q, enum quoting *word)
{
	int c = lex_at(s, s->i);
	int second = lex_at(s, lex_next(s, s->i));
	struct hole h;

	*word = q == IN_DOUBLE || q == IN_DOC ? IN_PARAM : q;
	if ((c == '#' && second != '}') || c == '!')
		s->i = lex_next(s, s->i);
	c = lex_at(s, s->i);
	if (lex_hole(s, s->i, &h))
		return lex_stray(s, "as the name in a ${ }");
	if (lex_name_char(c)) {
		if (!lex_name(s))
			return false;
	} else if (c >= 0 && c != '}') {
		s->i = lex_next(s, s->i);
	}
	c = lex_at(s, s->i);
	second = lex_at(s, lex_next(s, s->i));
	if (c == '}')
		return true;
	if (lex_hole(s, s->i, &h))
		return lex_stray(s, "as the operator in a ${ }");
	if ((c == '#' || c == '%') && *word == IN_PARAM) {
		*word = IN_PATTERN;
		if (q == IN_PARAM)
			s->ban = in_nest;
		if (s->doc) /* dash takes * and \ there for signs, quoted or not */
			s->ban = "in a pattern in a here-document";
	}
	if (q == IN_PATTERN)
		s->ban = in_nest;
	if (c == ':' && second >= 0 && strchr("-=?+", second))
		s->i = lex_next(s, lex_next(s, s->i));
	else if (c >= 0 && strchr("-=?+#%", c))
		s->i = lex_next(s, s->i);
	else
		lex_param_other(s);
	return true;
}

/* A double quote in a ${ }. In the word of a "${x:-...}" it is no end and no
 * beginning, and shells differ about what it is. */
static bool lex_param_quote(struct scan *s, enum quoting q, bool *inside)
{
	if (q == IN_BARE || q == IN_PATTERN)
		return lex_double(s);
	if (q == IN_ARITH)
		return lex_refuse(s->lex, "no quotes can stand in $(( ))");
	*inside = !*inside;
	s->i = lex_next(s, s->i);
	return true;
}

static bool lex_param_single(struct scan *s)
{
	if (s->ban == in_nest)
		return lex_refuse(s->lex, "shells differ about a ' %s", in_nest);
	return lex_single(s);
}

/* A backslash in a ${ }: where it would stand before a replacement string, the
 * shells have too many opinions. */
static bool lex_param_backslash(struct scan *s, enum quoting q)
{
	struct hole h;

	if (q != IN_BARE && q != IN_PATTERN && lex_hole(s, s->i + 1, &h))
		return lex_refuse(s->lex, "a backslash cannot stand before %s in ${ }",
			s->lex->braces);
	s->i = s->i + 1 < s->len ? lex_next(s, s->i + 1) : s->len;
	return true;
}

static bool lex_param_word(struct scan *s, enum quoting q, size_t from)
{
	bool ok = true, inside = false;
	struct hole h;
	size_t n;

	while (ok && s->i < s->len) {
		int c = lex_at(s, s->i);

		if ((n = lex_hole(s, s->i, &h))) {
			ok = inside ? lex_stray(s, "between quotes inside \"${ }\"")
				: lex_take_hole(s, q, n, &h, false);
		} else if (c == '}' && !inside) {
			s->i = lex_next(s, s->i);
			return true;
		} else if (c == '\\') {
			ok = lex_param_backslash(s, q);
		} else if (c == '"') {
			ok = lex_param_quote(s, q, &inside);
		} else if (c == '\'' && (q == IN_BARE || q == IN_PATTERN)) {
			ok = lex_param_single(s);
		} else if (c == '`') {
			ok = lex_backtick(s, q);
		} else if (c == '$') {
			ok = lex_dollar(s, q);
		} else {
			s->i = lex_next(s, s->i);
		}
	}
	return ok && lex_open(s, from, "${");
}

bool lex_param(struct scan *s, enum quoting q)
{
	size_t from = s->i - 2;
	const char *ban = s->ban;
	enum quoting word;
	bool ok;

	s->braces++;
	ok = lex_param_head(s, q, &word) && lex_param_word(s, word, from);
	s->braces--;
	s->ban = ban;
	return ok;
}
