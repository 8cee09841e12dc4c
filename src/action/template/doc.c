/* The here-documents of a shell line. See template/lex.h. */
#include "action/template/lex.h"

#include <string.h>

static const char lex_in_code[] = "in what a shell reads as its commands; sh -s {} <<'E' "
	"makes an argument of it";
static const char plain_end[] = "the word that ends a here-document must be a plain one";

static bool add_doc_end(struct lex *l, struct doc *d, const char *text, size_t len)
{
	if (d->len + len > sizeof d->end)
		return lex_refuse(l, "the word that ends a here-document is too long");
	memcpy(d->end + d->len, text, len);
	d->len += len;
	return true;
}

/* A quotation in the word behind <<. */
static bool quoted_doc_end(struct scan *s, struct doc *d)
{
	const char *from = s->s + s->i + 1;
	const char *close = memchr(from, *(from - 1), s->len - s->i - 1);
	size_t len;

	if (!close)
		return lex_open(s, s->i, "quote in the word that ends a here-document");
	len = (size_t)(close - from);
	s->i += len + 2;
	d->quoted = true;
	if (memchr(from, '\\', len) || memchr(from, '\n', len))
		return lex_refuse(s->lex, plain_end);
	return add_doc_end(s->lex, d, from, len);
}

/* The word behind <<. */
static bool read_doc_end(struct scan *s, struct doc *d)
{
	bool ok = true;
	struct hole h;

	while (ok && s->i < s->len && !strchr(" \t\n;&|<>()", s->s[s->i])) {
		int c = s->s[s->i];

		if (lex_hole(s, s->i, &h) || c == '$' || c == '`')
			return lex_refuse(s->lex, plain_end);
		if (c == '\'' || c == '"') {
			ok = quoted_doc_end(s, d);
		} else {
			if (c == '\\' && s->i + 1 < s->len) {
				d->quoted = true;
				s->i++;
			}
			ok = add_doc_end(s->lex, d, s->s + s->i++, 1);
		}
		s->i = lex_skip(s, s->i);
	}
	return ok;
}

bool lex_announce_doc(struct scan *s, bool tabs)
{
	struct docs *docs = s->docs;

	if (docs->count == LEX_DOCS)
		return lex_refuse(s->lex, "the shell line has more than %d here-documents at once",
			LEX_DOCS);
	docs->list[docs->count] = (struct doc){ .tabs = tabs,
		.code = s->cmd && lex_reads_code(s->cmd) };
	while (lex_at(s, s->i) == ' ' || lex_at(s, s->i) == '\t')
		s->i = lex_next(s, s->i);
	return read_doc_end(s, &docs->list[docs->count++]);
}

size_t lex_line_end(const struct scan *s, size_t i)
{
	const char *newline = i < s->len ? memchr(s->s + i, '\n', s->len - i) : NULL;

	return newline ? (size_t)(newline - s->s) : s->len;
}

static bool continues(const struct scan *s, size_t from, size_t to)
{
	size_t i = to;

	while (i > from && s->s[i - 1] == '\\')
		i--;
	return (to - i) % 2;
}

/* Find the line that ends the document at s->i: its text goes to *end, the rest
 * begins at *rest. */
static bool find_doc_end(const struct scan *s, const struct doc *d, size_t *end, size_t *rest)
{
	bool joined = false;

	for (size_t i = s->i; i < s->len; i = *rest) {
		size_t to = lex_line_end(s, i), from = i;

		*end = i;
		*rest = to < s->len ? to + 1 : to;
		while (d->tabs && from < to && s->s[from] == '\t')
			from++;
		if (!joined && to - from == d->len && memcmp(s->s + from, d->end, d->len) == 0)
			return true;
		joined = !d->quoted && continues(s, i, to);
	}
	return false;
}

static bool quoted_doc(struct scan *s, const struct doc *d, size_t end)
{
	struct hole h;
	size_t n;

	for (; s->i < end; s->i++)
		if ((n = lex_hole(s, s->i, &h)) && h.what == HOLE_TEXT)
			lex_take_hole(s, IN_SINGLE, n, &h, false);
		else if (n)
			return lex_refuse(s->lex, "the shell expands nothing in a here-document "
				"whose end word is quoted, so %s cannot stand there; leave the "
				"quotes off %.*s", s->lex->braces, (int)d->len, d->end);
	return true;
}

bool lex_open_doc(struct lex *l, const struct doc *d)
{
	return lex_refuse(l, "the shell line has a here-document that is never closed: a line "
		"%.*s is missing", (int)d->len, d->end);
}

/* Behind a newline: the documents that were announced before it. */
bool lex_read_docs(struct scan *s)
{
	struct docs *docs = s->docs;
	struct lex_word *word = s->word;

	s->word = NULL;
	for (unsigned i = 0; i < docs->count; i++) {
		const struct doc *d = &docs->list[i];
		size_t end, rest, holes = s->lex->holes;

		if (!find_doc_end(s, d, &end, &rest))
			return lex_open_doc(s->lex, d);
		if (!(d->quoted ? quoted_doc(s, d, end) : lex_doc(s, end)))
			return false;
		if (d->code && s->lex->holes > holes)
			return lex_stray(s, lex_in_code);
		s->i = rest;
	}
	docs->count = 0;
	s->word = word;
	s->i = lex_skip(s, s->i);
	return true;
}
