/* Texts of a formula: between quotes, with what stands in them for values. See parts.h. */
#include "action/formula/parts.h"

#include <string.h>

#include "base/parse.h"

/* What is done to a part of a text. */
enum { PIECE_UPPER = 1, PIECE_LOWER = 2, PIECE_QUOTED = 4, PIECE_CAPITAL = 8, PIECE_SMALL = 16 };

static char quote_mate(char open)
{
	static const char opening[] = "({[<", closing[] = ")}]>";
	const char *at = open ? strchr(opening, open) : NULL;

	return at ? closing[at - opening] : open;
}

bool parse_quoted(struct parse *p, struct quoted *q)
{
	const char *s = p->p;
	unsigned depth = 0;

	if (s == p->end)
		return parse_refuse(p, s, "a delimiter is missing"), false;
	*q = (struct quoted){ .s = s + 1, .open = *s, .close = quote_mate(*s) };
	for (s++; s < p->end; s++) {
		if (*s == '\\' && s + 1 < p->end) {
			s++;
		} else if (*s == q->close && !depth) {
			q->end = s;
			p->p = s + 1;
			return true;
		} else if (q->open != q->close) {
			depth += *s == q->open;
			depth -= *s == q->close;
		}
	}
	return parse_refuse(p, p->p, "the closing %c is missing", q->close), false;
}

static struct scalar node_constant(struct work *w, const struct node *n)
{
	(void)w;
	return n->constant;
}

struct node *parse_constant(struct parse *p, struct scalar s)
{
	struct node *n = parse_node(p, node_constant);

	n->constant = s;
	n->fixed = true;
	return n;
}

static struct node *quote_bytes(struct parse *p, struct buf *bytes)
{
	size_t len = bytes->len;
	const char *text = arena_copy(&p->formula->arena, bytes->data, len);

	buf_free(bytes);
	return parse_constant(p, scalar_text(text, len));
}

struct node *parse_plain(struct parse *p, const struct quoted *q)
{
	struct buf text = { 0 };

	for (const char *s = q->s; s < q->end; s++) {
		if (*s == '\\' && s + 1 < q->end && (s[1] == '\\' || s[1] == q->open || s[1] == q->close))
			s++;
		buf_addc(&text, *s);
	}
	return quote_bytes(p, &text);
}

/* --- escapes -------------------------------------------------------------- */

static unsigned quote_digits(const char **s, const char *end, unsigned base, unsigned most)
{
	unsigned n = 0;

	for (unsigned i = 0; i < most && *s < end; i++, ++*s) {
		char c = **s | 0x20;
		unsigned digit = **s >= '0' && **s <= '9' ? (unsigned)(**s - '0')
			: c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : 16;

		if (digit >= base)
			break;
		n = n * base + digit;
	}
	return n;
}

static char quote_hex(const char **s, const char *end)
{
	bool braces = *s < end && **s == '{';
	unsigned n;

	*s += braces;
	n = quote_digits(s, end, 16, 2);
	*s += braces && *s < end && **s == '}';
	return (char)n;
}

bool quoted_escape(const char **s, const char *end, char *is)
{
	static const char names[] = "ntrafeb", stand[] = "\n\t\r\a\f\033\b";
	const char *at = strchr(names, **s);

	if (**s == 'x') {
		++*s;
		*is = quote_hex(s, end);
		return true;
	}
	if (**s >= '0' && **s <= '7') {
		*is = (char)quote_digits(s, end, 8, 3);
		return true;
	}
	*is = at && **s ? stand[at - names] : **s;
	++*s;
	return at != NULL;
}

/* --- at work -------------------------------------------------------------- */

static char quote_letter(char c, bool upper)
{
	if (upper)
		return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool quote_is_word(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_';
}

static void quote_add(struct buf *to, struct scalar s, unsigned how)
{
	for (size_t i = 0; i < s.text.len; i++) {
		char c = s.text.data[i];

		if (how & (PIECE_UPPER | PIECE_LOWER))
			c = quote_letter(c, how & PIECE_UPPER);
		if (!i && how & (PIECE_CAPITAL | PIECE_SMALL))
			c = quote_letter(c, how & PIECE_CAPITAL);
		if (how & PIECE_QUOTED && !quote_is_word(c) && !(c & 0x80))
			buf_addc(to, '\\');
		buf_addc(to, c);
	}
}

/* Of an array all, with blanks between. */
static void quote_add_piece(struct work *w, struct buf *to, const struct node *piece)
{
	struct list all = { 0 };

	work_values(w, piece->a, &all);
	for (size_t i = 0; i < all.count && work_has_room(w, to->len); i++) {
		if (i)
			buf_addc(to, ' ');
		quote_add(to, scalar_as_text(&w->arena, all.items[i]), piece->number);
	}
}

static struct scalar node_gather(struct work *w, const struct node *n)
{
	struct buf text = { 0 };

	for (const struct node *piece = n->a; piece && !w->why; piece = piece->next)
		quote_add_piece(w, &text, piece);
	return work_keep(w, &text);
}

/* --- reading them --------------------------------------------------------- */

struct quote_pieces {
	struct parse *p;
	struct node *first, **to;
	struct buf text;     /* to be a piece */
	unsigned how, once;
};

static void quote_piece(struct quote_pieces *q, struct node *value)
{
	struct node *piece = parse_node(q->p, NULL);

	piece->a = value;
	piece->number = q->how | q->once;
	q->once = 0;
	*q->to = parse_done(q->p, piece);
	q->to = &piece->next;
}

static void quote_flush(struct quote_pieces *q)
{
	if (q->text.len)
		quote_piece(q, quote_bytes(q->p, &q->text));
}

/* \U \L \Q \E \u \l: true if it is one. */
static bool quote_turns(struct quote_pieces *q, char c)
{
	if (!strchr("ULQEul", c))
		return false;
	quote_flush(q);
	if (c == 'U' || c == 'L')
		q->how = (q->how & PIECE_QUOTED) | (c == 'U' ? PIECE_UPPER : PIECE_LOWER);
	else if (c == 'Q')
		q->how |= PIECE_QUOTED;
	else if (c == 'E')
		q->how = 0;
	else
		q->once = c == 'u' ? PIECE_CAPITAL : PIECE_SMALL;
	return true;
}

static const char *quote_backslash(struct quote_pieces *q, const char *s, const char *end)
{
	char is;

	if (s == end) {
		buf_addc(&q->text, '\\');
		return s;
	}
	if (quote_turns(q, *s))
		return s + 1;
	quoted_escape(&s, end, &is);
	buf_addc(&q->text, is);
	return s;
}

/* Does the name of a variable begin here? */
static bool quote_is_variable(const char *s, const char *end)
{
	if (s + 1 >= end)
		return false;
	if (*s == '@')
		return parse_word(s + 1, end) != 0;
	return *s == '$' && (strchr("{&#", s[1]) || quote_is_word(s[1])
		|| (s[1] == '$' && s + 2 < end && quote_is_word(s[2]))
		|| (s[1] == '+' && s + 2 < end && s[2] == '{')
		|| (s[1] == ':' && s + 2 < end && s[2] == ':'));
}

static const char *quote_variable(struct quote_pieces *q, const char *s, const char *end)
{
	struct parse *p = q->p;
	const char *after = p->p, *whole = p->end;
	struct node *n;

	quote_flush(q);
	p->p = s;
	p->end = end;
	n = parse_variable(p, true);
	s = p->p;
	p->p = after;
	p->end = whole;
	if (!n)
		return end;
	quote_piece(q, n);
	return s;
}

struct node *parse_interpolated(struct parse *p, const struct quoted *quoted)
{
	struct quote_pieces q = { .p = p };
	const char *s = quoted->s, *end = quoted->end;
	struct node *n;

	q.to = &q.first;
	while (s < end && !p->failed) {
		if (quote_is_variable(s, end))
			s = quote_variable(&q, s, end);
		else if (*s == '\\')
			s = quote_backslash(&q, s + 1, end);
		else
			buf_addc(&q.text, *s++);
	}
	quote_flush(&q);
	buf_free(&q.text);
	if (p->failed)
		return NULL;
	if (!q.first)
		return parse_constant(p, scalar_text("", 0));
	if (!q.first->next && !q.first->number && q.first->a->fixed)
		return (struct node *)q.first->a;
	n = parse_node(p, node_gather);
	n->a = q.first;
	return parse_done(p, n);
}

/* --- which quotes --------------------------------------------------------- */

static struct node *quote_words(struct parse *p, const struct quoted *q)
{
	struct node *first = NULL, **to = &first;
	const char *s = q->s;

	while (s < q->end) {
		const char *from = s;
		size_t len;

		while (s < q->end && !strchr(" \t\n", *s))
			s++;
		len = (size_t)(s - from);
		if (len) {
			*to = parse_constant(p, scalar_text(arena_copy(&p->formula->arena, from, len), len));
			to = &(*to)->next;
		}
		s += s < q->end;
	}
	return node_list(p, first);
}

static struct node *quote_text(struct parse *p, char kind)
{
	struct quoted q;

	if (!parse_quoted(p, &q))
		return NULL;
	if (kind == 'w')
		return quote_words(p, &q);
	return kind == '"' ? parse_interpolated(p, &q) : parse_plain(p, &q);
}

/* Behind the word of one: blanks may stand before the delimiter. */
static bool quote_begins(struct parse *p, const char *word)
{
	const char *was = p->p;

	if (!parse_takes_word(p, word))
		return false;
	while (p->p < p->end && *p->p == ' ')
		p->p++;
	if (p->p < p->end && !quote_is_word(*p->p) && !strchr(";)", *p->p)
	    && !(*p->p == '=' && p->p + 1 < p->end && p->p[1] == '>'))
		return true;
	p->p = was;
	return false;
}

struct node *parse_quote_like(struct parse *p)
{
	parse_blanks(p);
	if (p->p == p->end)
		return NULL;
	if (*p->p == '\'' || *p->p == '"')
		return quote_text(p, *p->p);
	if (*p->p == '/')
		return parse_match(p);
	if (quote_begins(p, "q"))
		return quote_text(p, '\'');
	if (quote_begins(p, "qq"))
		return quote_text(p, '"');
	if (quote_begins(p, "qw"))
		return quote_text(p, 'w');
	if (quote_begins(p, "m") || quote_begins(p, "qr"))
		return parse_match(p);
	if (quote_begins(p, "s"))
		return parse_substitution(p);
	if (quote_begins(p, "y") || quote_begins(p, "tr"))
		return parse_transliteration(p);
	return NULL;
}
