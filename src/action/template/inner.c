/* Text that a shell reads which another one has run, or ssh at another host: what is put
 * into it is quoted once more. See template/lex.h and parts.h.
 *
 * A word may be all one replacement string: then the item itself is meant as the line,
 * as it is where there is no command. */
#include <stdlib.h>
#include <string.h>

#include "action/template/lex.h"
#include "action/template/quote.h"
#include "base/buf.h"
#include "base/mem.h"

/* Where a value cannot be spelled in such a text; NULL: it can. */
static const char *inner_obstacle(const struct part *p)
{
	if (p->requote)
		return "two shells further in";
	if (p->spot == SPOT_NUMBER)
		return "in its $(( ))";
	if (p->inner || p->ticks)
		return "in its ${ } or between its backticks";
	return p->document ? "in its here-document" : NULL;
}

static unsigned inner_how(const struct part *p)
{
	static const unsigned how[] = {
		[SPOT_BARE] = REQUOTE_BARE, [SPOT_DOUBLE] = REQUOTE_DOUBLE,
		[SPOT_SINGLE] = REQUOTE_SINGLE,
	};

	return how[p->spot] | (p->strict || p->glued ? REQUOTE_ALWAYS : 0);
}

static bool inner_match(struct part *const holes[], size_t n, const struct parts *there,
	const char *braces, struct buf *why)
{
	size_t k = 0;

	for (size_t i = 0; i < there->count; i++) {
		const struct part *p = &there->list[i];
		const char *obstacle = p->kind == PART_HOLE ? inner_obstacle(p) : NULL;

		if (p->kind != PART_HOLE)
			continue;
		if (obstacle) {
			buf_addf(why, "%s cannot stand %s", braces, obstacle);
			return false;
		}
		if (k < n) {
			holes[k]->requote = inner_how(p);
			holes[k]->own |= p->own;
		}
		k++;
	}
	if (k != n)
		buf_addf(why, "%s cannot stand in an expansion there", braces);
	return k == n;
}

bool inner_requote(struct part *const holes[], size_t n, const char *text, size_t len,
	const struct template_rules *rules, bool bash, struct buf *why)
{
	struct template there = { .kind = KIND_LINE, .line = text, .line_len = len };
	bool ok = line_read_inner(&there, rules, bash, why)
		&& inner_match(holes, n, &there.parts, rules->braces, why);

	parts_free(&there.parts);
	free(there.note);
	return ok;
}

void inner_quote(struct buf *to, unsigned requote, const char *data, size_t len)
{
	unsigned how = requote & REQUOTE_HOW;

	if (quote_plain(data, len) && !(requote & REQUOTE_ALWAYS)) {
		buf_add(to, data, len);
		return;
	}
	buf_adds(to, how == REQUOTE_DOUBLE ? "\"'" : how == REQUOTE_BARE ? "'" : "");
	for (size_t i = 0; i < len; i++) {
		if (data[i] == '\'')
			buf_adds(to, "'\\'");
		buf_addc(to, data[i]);
	}
	buf_adds(to, how == REQUOTE_DOUBLE ? "'\"" : how == REQUOTE_BARE ? "'" : "");
}

/* --- in a shell line ---------------------------------------------------- */

/* The holes among the parts from `from` on, or of them those that are pending. */
static size_t inner_holes(struct parts *p, size_t from, bool pending, struct part *list[])
{
	size_t n = 0;

	for (size_t i = from; i < p->count; i++)
		if (p->list[i].kind == PART_HOLE && (!pending || p->list[i].pending)) {
			p->list[i].pending = false;
			if (list)
				list[n] = &p->list[i];
			n++;
		}
	return n;
}

/* Is the text one replacement string and nothing else? */
static bool inner_is_hole(const struct lex *l, const char *text, size_t len)
{
	struct hole h;

	return len && hole_match(text, len, 0, l->rules, &h) == len;
}

/* Is anything replaced in the code of another language, whose braces may be its own? */
static bool inner_replaces(const struct parts *p, size_t from)
{
	for (size_t i = from; i < p->count; i++)
		if (p->list[i].kind == PART_HOLE && p->list[i].hole.what != HOLE_NAME)
			return true;
	return false;
}

/* This text is code of which such parts stand for holes. */
static bool inner_code(struct scan *s, const struct call *call, const char *text, size_t len,
	size_t from, bool pending)
{
	struct lex *l = s->lex;
	struct parts *p = &l->t->parts;
	struct part **list = mem_alloc((p->count - from + 1) * sizeof *list);
	size_t n = inner_holes(p, from, pending, list);
	struct buf why = { 0 };
	bool ok = !n || inner_is_hole(l, text, len);

	if (!ok && l->inner)
		ok = lex_stray(s, "two shells further in");
	else if (!ok && !(ok = inner_requote(list, n, text, len, l->rules,
			call_is_bash(call->name, strlen(call->name)), &why)))
		lex_refuse(l, "in the line for %s, %s; hand it over as an argument: "
			"sh -c '... \"$1\" ...' sh %s", call->name, buf_str(&why), l->braces);
	buf_free(&why);
	free(list);
	return ok;
}

bool lex_code_word(struct scan *s, struct commands *c, const struct lex_word *w)
{
	struct lex *l = s->lex;
	const char *text = buf_str(&l->said) + w->said;
	size_t len = l->said.len - w->said;
	enum role role = call_word(&c->call, text, len);
	bool ok = true;

	if (role == ROLE_JOINED) {
		if (c->joins)
			buf_addc(&c->joined, ' ');
		else
			c->joined_part = w->part;
		c->joins = true;
		buf_add(&c->joined, text, len);
		for (size_t i = w->part; i < l->t->parts.count; i++)
			l->t->parts.list[i].pending = true;
	} else if (role == ROLE_SCRIPT) {
		ok = inner_code(s, &c->call, text, len, w->part, false);
	} else if (role == ROLE_FOREIGN || role == ROLE_OWN) {
		for (size_t i = w->part; i < l->t->parts.count; i++)
			l->t->parts.list[i].own = true;
		if (role == ROLE_FOREIGN && !inner_is_hole(l, text, len)
		    && inner_replaces(&l->t->parts, w->part))
			template_note_code(l->t, &c->call, l->braces);
	}
	l->said.len = w->said;
	return ok;
}

/* A shell without a line or a script, or ssh without a command. */
bool lex_reads_code(const struct commands *c)
{
	return (c->call.state == CALL_SHELL && !c->call.code && !c->call.below)
		|| (c->call.state == CALL_SSH && c->call.host);
}

bool lex_code_end(struct scan *s, struct commands *c)
{
	bool ok = !c->joins || inner_code(s, &c->call, buf_str(&c->joined), c->joined.len,
		c->joined_part, true);

	buf_free(&c->joined);
	c->joins = false;
	return ok;
}
