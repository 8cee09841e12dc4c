/* A shell line for every shell. See unquote.h. */
#include "action/template/unquote.h"

#include <string.h>

#include "action/template/lex.h"
#include "base/buf.h"
#include "base/escape.h"

/* What a line becomes, told by the lexer what of it is quoted. */
struct unquoting {
	struct lex_visitor visitor;
	const char *line;
	size_t done;      /* bytes of it that are in `out` already */
	struct buf *out;
	uint64_t doubles; /* a bit for each $( ) around: are we in a "..." of it? The last is this */
	bool sense;       /* not to be run, but to be compared */
};

/* Up to here nothing is quoted, or by double quotes. What does something there has a NUL
 * before it where the sense is asked for. */
static void unquote_until(struct unquoting *u, size_t to)
{
	const char *active = u->doubles & 1 ? "$`" : " \t\n;&|<>()$`*?[";

	for (; u->done < to; u->done++) {
		char c = u->line[u->done];

		if (u->sense && c && strchr(active, c))
			buf_addc(u->out, '\0');
		buf_addc(u->out, c);
	}
}

/* Append what is meant by the next byte, or by an escape: a backslash before what is
 * none means itself to nobody, so that it goes. Where the next one is. */
static size_t unquote_byte(const char *text, size_t len, struct buf *to)
{
	size_t n;

	if (*text != '\\' || len < 2) {
		buf_addc(to, *text);
		return 1;
	}
	n = escape_read(text + 1, len - 1, ESCAPE_ALL, false, to);
	if (!n)
		buf_addc(to, text[1]);
	return 1 + (n ? n : 1);
}

/* The inside of a $'...'. */
static void unquote_escaped(struct unquoting *u, const char *text, size_t len)
{
	buf_adds(u->out, u->sense ? "" : "'");
	for (size_t i = 0; i < len;) {
		size_t from = u->out->len;

		i += unquote_byte(text + i, len - i, u->out);
		if (!u->sense && u->out->data[from] == '\'')
			buf_adds(u->out, "\\''");
	}
	buf_adds(u->out, u->sense ? "" : "'");
}

static void unquote_mark(struct lex_visitor *v, enum lex_mark mark, size_t from, size_t to)
{
	struct unquoting *u = (struct unquoting *)v;
	const char *text = u->line + from;
	size_t len = to - from;

	unquote_until(u, from);
	switch (mark) {
	case LEX_ESCAPED:
		unquote_escaped(u, text + 2, len - 3);
		break;
	case LEX_SINGLE:
		buf_add(u->out, text + u->sense, len - 2 * u->sense);
		break;
	case LEX_BACKSLASH:
		buf_add(u->out, text + u->sense, len - u->sense);
		break;
	case LEX_DOUBLE:
		buf_add(u->out, text, u->sense ? 0 : len);
		u->doubles ^= 1;
		break;
	case LEX_INNER:
		u->doubles <<= 1;
		break;
	case LEX_OUTER:
		u->doubles >>= 1;
		break;
	}
	u->done = to;
}

/* What the lexer does not know stays as it is. */
static void unquote_text(struct buf *b, const char *line, size_t len, bool sense)
{
	struct unquoting u = { .visitor = { unquote_mark }, .line = line, .out = b, .sense = sense };
	size_t from = b->len;

	if (lex_visit(line, len, &u.visitor)) {
		unquote_until(&u, len);
	} else {
		b->len = from;
		buf_add(b, line, len);
	}
}

void unquote_line(struct buf *b, const char *line, size_t len)
{
	unquote_text(b, line, len, false);
}

void unquote_sense(struct buf *b, const char *line, size_t len)
{
	unquote_text(b, line, len, true);
}
