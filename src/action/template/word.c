/* The words of a shell line: quotes and expansions. See template/lex.h. */
#include "action/template/lex.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

bool lex_name_char(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
}

/* A variable that bash alone fills, and that nobody has exported. */
static void lex_name_of_bash(struct scan *s, const char *name, size_t len)
{
	static const char *const names[] = { "RANDOM", "SECONDS", "PIPESTATUS", "EPOCHSECONDS",
		"EPOCHREALTIME", "BASH_REMATCH", "FUNCNAME", "SRANDOM", "BASHPID" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0 && !getenv(names[i]))
			lex_hint(s, names[i], "a variable without a value");
}

bool lex_name(struct scan *s)
{
	size_t from = s->i;
	struct hole h;

	while (lex_name_char(lex_at(s, s->i))) {
		if (lex_hole(s, s->i, &h))
			return lex_refuse(s->lex, "a replacement string cannot be part of a "
				"variable's name; write eval for that");
		s->i = lex_next(s, s->i);
	}
	s->name_end = s->i;
	lex_name_of_bash(s, s->s + from, s->i - from);
	return true;
}

/* A hole ends the quotation that begins at `from`, and begins it again. Not where there
 * would be nothing in it, as after `edge`: some shells trip over empty quotes (bash, in
 * the word of a ${ } in a case). */
static bool lex_single_hole(struct scan *s, size_t n, const struct hole *h, size_t from,
	size_t *edge)
{
	struct lex *l = s->lex;
	struct parts *p = &l->t->parts;
	bool bare = s->i == *edge && h->what < HOLE_NAME; /* what may be text keeps them */

	if (bare && s->i > from + 1) {
		p->list[p->count - 1].unclosed = true;
	} else if (bare) {
		parts_text(p, l->t->line + l->copied, s->at[from] - l->copied);
		l->copied = s->at[s->i];
	}
	if (!lex_take_hole(s, IN_SINGLE, n, h, false))
		return false;
	if (h->what == HOLE_TEXT || h->what == HOLE_NAME)
		return true;
	p->list[p->count - 1].unopened = bare;
	p->list[p->count - 1].glued |= bare && from == s->name_end;
	*edge = s->i;
	if (lex_at(s, s->i) != '\'')
		return true;
	p->list[p->count - 1].unclosed = true;
	l->copied = s->at[s->i] + 1;
	return true;
}

bool lex_single(struct scan *s)
{
	size_t from = s->i, edge = from + 1, n;
	struct hole h;

	for (s->i++; s->i < s->len; ) {
		if ((n = lex_hole(s, s->i, &h))) {
			if (!lex_single_hole(s, n, &h, from, &edge))
				return false;
		} else if (s->s[s->i] == '\'') {
			lex_mark(s, LEX_SINGLE, from, s->i + 1);
			s->i = lex_next(s, s->i);
			return true;
		} else {
			lex_say(s, s->s + s->i++, 1);
		}
	}
	return lex_open(s, from, "single quote (')");
}

/* A backslash where text is quoted: it counts before few characters only, and
 * before a replacement string it means itself. */
static bool lex_quoted_backslash(struct scan *s, enum quoting q)
{
	int next = lex_at(s, s->i + 1);
	struct hole h;
	size_t n;

	if (next == '$' || next == '`' || next == '\\' || (next == '"' && q != IN_DOC)) {
		lex_mark(s, LEX_BACKSLASH, s->i, s->i + 2);
		lex_say(s, s->s + s->i + 1, 1);
		s->i = lex_next(s, s->i + 1);
		return true;
	}
	lex_say(s, "\\", 1);
	s->i++;
	n = lex_hole(s, s->i, &h);
	return !n || lex_take_hole(s, q, n, &h, true);
}

/* The inside of "..." or of a here-document, up to `close`, or to the end of the
 * text when that is -1. */
static bool lex_quoted(struct scan *s, enum quoting q, int close)
{
	size_t from = s->i ? s->i - 1 : 0, n;
	bool ok = true;
	struct hole h;

	while (ok && s->i < s->len) {
		int c = lex_at(s, s->i);

		if ((n = lex_hole(s, s->i, &h))) {
			ok = lex_take_hole(s, q, n, &h, false);
		} else if (c == close) {
			lex_mark(s, LEX_DOUBLE, s->i, s->i + 1);
			s->i = lex_next(s, s->i);
			return true;
		} else if (c == '\\') {
			ok = lex_quoted_backslash(s, q);
		} else if (c == '`') {
			ok = lex_backtick(s, q);
		} else if (c == '$') {
			ok = lex_dollar(s, q);
		} else {
			lex_say(s, s->s + s->i, 1);
			s->i = lex_next(s, s->i);
		}
	}
	return ok && (close < 0 || lex_open(s, from, "double quote (\")"));
}

bool lex_double(struct scan *s)
{
	lex_mark(s, LEX_DOUBLE, s->i, s->i + 1);
	s->i = lex_next(s, s->i);
	return lex_quoted(s, IN_DOUBLE, '"');
}

bool lex_doc(struct scan *s, size_t end)
{
	size_t len = s->len;
	bool ok;

	s->len = end;
	s->doc = true;
	s->i = lex_skip(s, s->i);
	ok = lex_quoted(s, IN_DOC, -1);
	s->doc = false;
	s->len = len;
	return ok;
}

/* Read what follows as commands of their own, here-documents included. */
static bool lex_substitution(struct scan *s, enum until until)
{
	struct scan outer = *s;
	struct docs docs = { 0 };
	size_t said;
	bool ok;

	lex_say(s, "x", 1);
	said = s->lex->said.len;
	s->docs = &docs;
	s->below = lex_ban_below(s);
	s->word = NULL;
	s->ban = NULL;
	s->braces = 0;
	s->doc = false;
	lex_mark(s, LEX_INNER, s->i, s->i);
	ok = lex_commands(s, until, NULL);
	lex_mark(s, LEX_OUTER, s->i, s->i);
	s->lex->said.len = said;
	outer.i = s->i;
	*s = outer;
	if (ok && docs.count)
		return lex_open(s, outer.i - 1, "here-document in a $( )");
	return ok;
}

bool lex_subshell(struct scan *s)
{
	return lex_substitution(s, UNTIL_PAREN);
}

/* Copy what is between backticks as the commands inside will see it; the position
 * of the closing one, or 0 when there is none. */
static size_t unescape(const struct scan *s, bool quotes, struct scan *inner, char *to, size_t *at)
{
	size_t i = s->i + 1;

	for (; i < s->len && s->s[i] != '`'; i++) {
		at[inner->len] = s->at[i];
		if (s->s[i] == '\\' && i + 1 < s->len
		    && (strchr("$`\\", s->s[i + 1]) || (quotes && s->s[i + 1] == '"')))
			i++;
		to[inner->len++] = s->s[i];
	}
	if (i >= s->len)
		return 0;
	at[inner->len] = s->at[i];
	return i;
}

static bool has(const char *s, size_t len, const char *what)
{
	return memmem(s, len, what, strlen(what)) != NULL;
}

bool lex_backtick(struct scan *s, enum quoting q)
{
	size_t room = s->len - s->i + 1;
	char *text = mem_alloc(room);
	size_t *at = mem_alloc(room * sizeof *at);
	struct scan inner = *s;
	size_t end;
	bool ok;

	inner.s = text;
	inner.at = at;
	inner.i = inner.len = 0;
	inner.ticks++;
	end = unescape(s, q == IN_DOUBLE, &inner, text, at);
	if (!end) {
		ok = lex_open(s, s->i, "backtick (`)");
	} else if (q != IN_BARE && q != IN_DOUBLE && has(text, inner.len, "\\\"")) {
		ok = lex_refuse(s->lex, "shells disagree about \\\" between backticks here; "
			"write $(...) instead");
	} else {
		inner.i = lex_skip(&inner, 0);
		s->lex->scan = &inner;
		ok = lex_substitution(&inner, UNTIL_END);
		s->lex->scan = s;
		s->i = lex_next(s, end);
	}
	free(text);
	free(at);
	return ok;
}

static bool lex_sum(struct scan *s)
{
	size_t from = s->i, n;
	unsigned parens = 0;
	bool ok = true;
	struct hole h;

	while (ok && s->i < s->len) {
		int c = lex_at(s, s->i);
		size_t next = lex_next(s, s->i);

		if ((n = lex_hole(s, s->i, &h))) {
			ok = lex_take_hole(s, IN_ARITH, n, &h, false);
		} else if (c == ')' && !parens) {
			if (lex_at(s, next) != ')')
				return lex_refuse(s->lex, "$(( must end in )) in the shell line; "
					"for a subshell write $( ( with a space");
			s->i = lex_next(s, next);
			return true;
		} else if (c == '\'' || c == '"' || c == '\\') {
			return lex_refuse(s->lex, "no quotes can stand in $(( ))");
		} else if (c == '`') {
			ok = lex_backtick(s, IN_ARITH);
		} else if (c == '$') {
			ok = lex_dollar(s, IN_ARITH);
		} else {
			parens += c == '(';
			parens -= c == ')';
			s->i = next;
		}
	}
	if (!ok)
		return false;
	return from > 2 && s->s[from - 3] == '$' ? lex_open(s, from - 3, "$((")
		: lex_open(s, from - 2, "((");
}

/* From behind $(( to behind )). */
bool lex_arith(struct scan *s)
{
	bool outer = s->arith, ok;

	lex_say(s, "1", 1);
	s->arith = true;
	ok = lex_sum(s);
	s->arith = outer;
	return ok;
}

/* $'...', whose $ is at `from`: with escapes in bash, without in dash. Read what means the
 * same to both. */
static bool lex_dollar_single(struct scan *s, size_t from)
{
	size_t end = s->i + 1;
	struct hole h;

	for (; end < s->len && s->s[end] != '\''; end++) {
		if (lex_hole(s, end, &h))
			return lex_refuse(s->lex, "%s cannot stand in $'...', which shells read "
				"differently; write '...'", s->lex->braces);
		if (s->lex->bash && s->s[end] == '\\')
			end++;
		else if (s->s[end] == '\\' && end + 1 < s->len && strchr("'\\", s->s[end + 1]))
			return lex_refuse(s->lex, "shells read the \\%c in $'...' differently; "
				"use \"...\" or printf", s->s[end + 1]);
	}
	lex_hint(s, "$'...'", "a $ and '...'");
	if (!s->lex->bash)
		return lex_single(s);
	if (end >= s->len)
		return lex_open(s, from, "single quote (')");
	lex_mark(s, LEX_ESCAPED, from, end + 1);
	lex_say(s, "x", 1); /* whatever its escapes mean */
	s->i = lex_next(s, end);
	return true;
}

/* Is the {...} behind a $ the shell's own, such as ${1} or ${#}? */
static bool is_parameter(const struct scan *s, size_t i, size_t n, const struct hole *h)
{
	return s->s[i] == '{' && i + n <= s->len && s->s[i + n - 1] == '}'
		&& (h->what == HOLE_SEQ || h->what == HOLE_SOURCE || h->what == HOLE_GROUP
			|| (h->what == HOLE_VALUE && h->shape == SHAPE_WHOLE && h->index > 0));
}

static bool dollar(struct scan *s, enum quoting q)
{
	size_t next = lex_next(s, s->i);
	size_t second = lex_next(s, next), from = s->i;
	struct hole h;
	size_t n = lex_hole(s, next, &h);
	int c = lex_at(s, next);

	if (n && !is_parameter(s, next, n, &h))
		return lex_refuse(s->lex, "a $ right before %.*s would make a variable's name of "
			"it; write \\$ for a dollar sign", (int)n, s->s + next);
	s->i = next;
	if (c == '(' && lex_at(s, second) == '(') {
		s->i = lex_next(s, second);
		return lex_arith(s);
	}
	if (c == '(') {
		s->i = second;
		return lex_substitution(s, UNTIL_PAREN);
	}
	if (c == '{') {
		lex_say(s, "x", 1);
		s->i = second;
		return lex_param(s, q);
	}
	if (c == '[')
		return lex_refuse(s->lex, "$[ is arithmetic to some shells and text to others; "
			"write $(( )) or \\$[");
	if (c == '\'' && (q == IN_BARE || q == IN_PATTERN))
		return lex_dollar_single(s, from);
	lex_say(s, c < 0 || (!lex_name_char(c) && !strchr("@*#?-$!", c)) ? "$" : "x", 1);
	if (lex_name_char(c) && !is_digit(c))
		return lex_name(s);
	if (c >= 0 && (is_digit(c) || strchr("@*#?-$!", c)))
		s->name_end = s->i = second;
	return true;
}

bool lex_dollar(struct scan *s, enum quoting q)
{
	bool ok;

	if (s->lex->depth == LEX_DEPTH)
		return lex_refuse(s->lex, "the shell line nests too deeply");
	s->lex->depth++;
	ok = dollar(s, q);
	s->lex->depth--;
	return ok;
}

/* {a,b} and {1..3}, which are several words to bash. */
static void lex_braces(struct scan *s)
{
	const char *from = s->s + s->i;
	size_t n = 0, len = s->len - s->i;
	bool several = false;

	while (n < len && !strchr("} \t\n'\"$`;&|<>()", from[n])) {
		several |= from[n] == ',' || (from[n] == '.' && n + 1 < len && from[n + 1] == '.');
		n++;
	}
	if (n < len && from[n] == '}' && several)
		lex_hint(s, "{a,b} or {1..3}", "text");
}

/* A byte of a word that means itself, or nearly. */
static void lex_literal(struct scan *s, struct lex_word *w, int c)
{
	bool first = s->cmd->place == PLACE_START || s->cmd->place == PLACE_PREFIX || s->cmd->names;
	size_t next = lex_next(s, s->i);

	if (w->name && w->len && first && !s->cmd->target
	    && (c == '=' || (c == '+' && lex_at(s, next) == '='))) {
		w->assigns = w->join = true;
		next = c == '+' ? lex_next(s, next) : next;
	}
	if (c == '[' && w->name && w->len && first)
		w->subscript = true;
	if (c == ']')
		w->subscript = false;
	w->name = w->name && lex_name_char(c) && (w->len || !is_digit(c));
	w->odd |= strchr("[~{!", c) != NULL;
	if (c == '{' && !s->lex->bash)
		lex_braces(s);
	if (w->len < sizeof w->text)
		w->text[w->len++] = (char)c;
	lex_say(s, s->s + s->i, 1);
	if (w->assigns && c == '+')
		lex_say(s, "=", 1);
	s->i = next;
}

static bool lex_word_piece(struct scan *s, struct lex_word *w, int c)
{
	if (!strchr("\\'\"`$", c)) {
		lex_literal(s, w, c);
		return true;
	}
	w->literal = w->name = false;
	switch (c) {
	case '\\':
		if (s->i + 1 < s->len)
			lex_mark(s, LEX_BACKSLASH, s->i, s->i + 2);
		lex_say(s, s->s + s->i + 1, s->i + 1 < s->len);
		s->i = s->i + 1 < s->len ? lex_next(s, s->i + 1) : s->len;
		return true;
	case '\'':
		return lex_single(s);
	case '"':
		return lex_double(s);
	case '`':
		return lex_backtick(s, IN_BARE);
	default:
		return lex_dollar(s, IN_BARE);
	}
}

/* Under -X a word with a hole for every value is written once for each. */
static void repeat_word(struct lex *l, size_t mark, size_t to, const struct lex_word *w)
{
	struct parts *p = &l->t->parts;

	if (!w->many || w->join) {
		p->list[mark].end = 0;
		return;
	}
	parts_text(p, l->t->line + l->copied, to - l->copied);
	l->copied = to;
	p->list[mark].end = p->count;
	for (size_t i = mark + 1; i < p->count; i++) {
		p->list[i].many = MANY_STEP;
		p->list[i].end = 0;
	}
}

bool lex_word(struct scan *s, struct lex_word *w)
{
	struct lex_word *outer = s->word;
	struct lex *l = s->lex;
	size_t mark = 0, from = s->at[s->i];
	bool ok = true;
	struct hole h;

	*w = (struct lex_word){ .start = s->i, .said = l->said.len, .part = l->t->parts.count,
		.literal = true, .name = true };
	w->join = s->cmd->target || s->cmd->place == PLACE_CASE;
	if (l->t->repeat) {
		parts_text(&l->t->parts, l->t->line + l->copied, from - l->copied);
		l->copied = from;
		mark = l->t->parts.count;
		parts_add(&l->t->parts)->kind = PART_REPEAT;
	}
	s->word = w;
	while (ok && s->i < s->len) {
		size_t n = lex_hole(s, s->i, &h);
		int c = lex_at(s, s->i);

		if (n)
			ok = lex_take_hole(s, IN_BARE, n, &h, false);
		else if (strchr(" \t\n;&|<>()", c))
			break;
		else
			ok = lex_word_piece(s, w, c);
	}
	s->word = outer;
	if (ok && l->t->repeat)
		repeat_word(l, mark, s->at[s->i], w);
	return ok;
}
