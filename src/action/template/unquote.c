/* A shell line for every shell. See unquote.h. */
#include "action/template/unquote.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/escape.h"

/* Substitutions within one another; what is deeper is left as it is. */
enum { DEEPEST = 64 };

struct scan {
	const char *line, *at, *end;
	struct buf *out;
	int depth;
};

static void unquote_copy(struct scan *s, size_t n)
{
	size_t left = (size_t)(s->end - s->at);

	n = n < left ? n : left;
	buf_add(s->out, s->at, n);
	s->at += n;
}

static bool stands(const struct scan *s, const char *two)
{
	return s->end - s->at >= 2 && s->at[0] == two[0] && s->at[1] == two[1];
}

/* --- $'...' ------------------------------------------------------------ */

/* Append what is meant by the next byte, or by an escape: a backslash before what is
 * none means itself to nobody, so that it goes. */
static void say_meant(struct scan *s, struct buf *to)
{
	size_t n;

	if (*s->at++ != '\\' || s->at == s->end) {
		buf_addc(to, s->at[-1]);
		return;
	}
	n = escape_read(s->at, (size_t)(s->end - s->at), ESCAPE_ALL, false, to);
	if (!n)
		buf_addc(to, *s->at);
	s->at += n ? n : 1;
}

static void respell(struct scan *s)
{
	s->at += 2;
	buf_addc(s->out, '\'');
	while (s->at < s->end && *s->at != '\'') {
		size_t from = s->out->len;

		say_meant(s, s->out);
		if (s->out->data[from] == '\'')
			buf_adds(s->out, "\\''");
	}
	s->at += s->at < s->end;
	buf_addc(s->out, '\'');
}

/* --- what is passed over ------------------------------------------------ */

static void pass(struct scan *s, char until);

static void pass_single(struct scan *s)
{
	const char *end = memchr(s->at + 1, '\'', (size_t)(s->end - s->at - 1));

	unquote_copy(s, end ? (size_t)(end + 1 - s->at) : (size_t)(s->end - s->at));
}

/* After its opening. */
static void pass_inner(struct scan *s, size_t opening, char until)
{
	unquote_copy(s, opening);
	if (++s->depth > DEEPEST)
		unquote_copy(s, (size_t)(s->end - s->at));
	pass(s, until);
	s->depth--;
}

static void pass_double(struct scan *s)
{
	unquote_copy(s, 1);
	while (s->at < s->end && *s->at != '"') {
		if (*s->at == '\\')
			unquote_copy(s, 2);
		else if (stands(s, "$("))
			pass_inner(s, 2, ')');
		else if (*s->at == '`')
			pass_inner(s, 1, '`');
		else
			unquote_copy(s, 1);
	}
	unquote_copy(s, 1);
}

static bool begins_comment(const struct scan *s)
{
	return *s->at == '#' && (s->at == s->line || strchr(" \t\n;&|()", s->at[-1]));
}

static void pass_comment(struct scan *s)
{
	const char *end = memchr(s->at, '\n', (size_t)(s->end - s->at));

	unquote_copy(s, (size_t)((end ? end : s->end) - s->at));
}

/* To this byte, or to the end of the line: 0, which is the line itself. */
static void pass(struct scan *s, char until)
{
	while (s->at < s->end) {
		if (until && *s->at == until) {
			unquote_copy(s, 1);
			return;
		}
		if (!until && stands(s, "$'"))
			respell(s);
		else if (*s->at == '\\')
			unquote_copy(s, 2);
		else if (*s->at == '\'')
			pass_single(s);
		else if (*s->at == '"')
			pass_double(s);
		else if (stands(s, "$("))
			pass_inner(s, 2, ')');
		else if (until == ')' && *s->at == '(')
			pass_inner(s, 1, ')');
		else if (*s->at == '`')
			pass_inner(s, 1, '`');
		else if (begins_comment(s))
			pass_comment(s);
		else
			unquote_copy(s, 1);
	}
}

void unquote_line(struct buf *b, const char *line, size_t len)
{
	struct scan s = { .line = line, .at = line, .end = line + len, .out = b };

	pass(&s, '\0');
}

/* --- what it says -------------------------------------------------------- */

/* It does something where it stands if it is one of these. */
static void say_active(struct scan *s, const char *active)
{
	if (*s->at && strchr(active, *s->at))
		buf_addc(s->out, '\0');
	unquote_copy(s, 1);
}

static void say_single(struct scan *s)
{
	s->at++;
	while (s->at < s->end && *s->at != '\'')
		unquote_copy(s, 1);
	s->at += s->at < s->end;
}

static void say_escaped(struct scan *s)
{
	s->at += 2;
	while (s->at < s->end && *s->at != '\'')
		say_meant(s, s->out);
	s->at += s->at < s->end;
}

static void say_next(struct scan *s)
{
	s->at++;
	unquote_copy(s, 1);
}

static void say_double(struct scan *s)
{
	s->at++;
	while (s->at < s->end && *s->at != '"') {
		bool escape = *s->at == '\\' && s->end - s->at >= 2 && strchr("$`\"\\", s->at[1]);

		s->at += escape;
		say_active(s, escape ? "" : "$`");
	}
	s->at += s->at < s->end;
}

void unquote_sense(struct buf *b, const char *line, size_t len)
{
	struct scan s = { .line = line, .at = line, .end = line + len, .out = b };

	while (s.at < s.end) {
		if (*s.at == '\'')
			say_single(&s);
		else if (*s.at == '"')
			say_double(&s);
		else if (stands(&s, "$'"))
			say_escaped(&s);
		else if (*s.at == '\\' && s.end - s.at >= 2)
			say_next(&s);
		else
			say_active(&s, " \t\n;&|<>()$`*?[");
	}
}
