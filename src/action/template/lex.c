/* Reading a shell line: the text, its replacement strings and what is wrong with it. See
 * template/lex.h. */
#include "action/template/lex.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

/* Where in the line, in characters, the message belongs. */
static void lex_locate(struct lex *l, size_t at)
{
	const char *line = l->t->line;
	size_t number = 1, column = 1;

	for (size_t i = 0; i < at && i < l->t->line_len; i++) {
		column += ((unsigned char)line[i] & 0xc0) != 0x80;
		if (line[i] != '\n')
			continue;
		number++;
		column = 1;
	}
	if (number > 1)
		buf_addf(l->why, "line %zu, ", number);
	buf_addf(l->why, "column %zu: ", column);
}

bool lex_refuse(struct lex *l, const char *format, ...)
{
	const struct scan *s = l->scan;
	va_list ap;

	lex_locate(l, s->at[s->i < s->len ? s->i : s->len]);
	va_start(ap, format);
	buf_vaddf(l->why, format, ap);
	va_end(ap);
	return false;
}

bool lex_open(const struct scan *s, size_t from, const char *what)
{
	lex_locate(s->lex, s->at[from]);
	buf_addf(s->lex->why, "the shell line has a %s that is never closed", what);
	return false;
}

void lex_hint(struct scan *s, const char *what, const char *is)
{
	struct lex *l = s->lex;
	struct buf b = { 0 };

	if (l->bash || l->inner || template_shell(l->t) == SHELL_BASH)
		return;
	buf_addf(&b, "%s is bash's; to /bin/sh it is %s; --shell-path bash chooses bash", what, is);
	template_note_line(l->t, &b);
	buf_free(&b);
}

bool lex_stray(struct scan *s, const char *where)
{
	return lex_refuse(s->lex, "%s cannot stand %s", s->lex->braces, where);
}

void lex_mark(const struct scan *s, enum lex_mark mark, size_t from, size_t to)
{
	struct lex_visitor *v = s->lex->visitor;

	if (v && !s->ticks)
		v->mark(v, mark, s->at[from], s->at[to]);
}

int lex_at(const struct scan *s, size_t i)
{
	return i < s->len ? (unsigned char)s->s[i] : -1;
}

size_t lex_skip(const struct scan *s, size_t i)
{
	while (i + 1 < s->len && s->s[i] == '\\' && s->s[i + 1] == '\n')
		i += 2;
	return i;
}

size_t lex_next(const struct scan *s, size_t i)
{
	return i < s->len ? lex_skip(s, i + 1) : s->len;
}

size_t lex_hole(const struct scan *s, size_t i, struct hole *h)
{
	return hole_match(s->s, s->len, i, s->lex->rules, h);
}

/* The param for this hole, a new one if it is the first of its kind. */
static uint32_t param_for(struct template *t, const struct part *part)
{
	const struct hole *h = &part->hole;
	struct param *p = t->params;
	uint32_t i;

	for (i = 0; i < t->nparams; i++)
		if (p[i].hole.what == h->what && p[i].hole.shape == h->shape
		    && p[i].hole.index == h->index
		    && p[i].hole.made == h->made && p[i].requote == part->requote)
			break;
	if (i == t->nparams) {
		t->params = p = mem_grow(p, (i + 1) * sizeof *p);
		p[i] = (struct param){ .hole = *h, .requote = part->requote };
		p[i].rank = hole_many(h) ? i - t->nsingle : t->nsingle++;
		t->nparams++;
	}
	p[i].number |= part->number;
	return i;
}

void lex_say(struct scan *s, const char *text, size_t len)
{
	if (s->word && !s->braces && !s->arith)
		buf_add(&s->lex->said, text, len);
}

/* The place of a hole is known: what does it mean for the word around it? */
static void mark_word(struct scan *s, enum quoting q, struct part *p)
{
	struct lex_word *w = s->word;
	int next = lex_at(s, s->i);
	enum place place = s->cmd->place;
	bool word_place = !w || w->join || w->assigns || place == PLACE_ARGS
		|| place == PLACE_FOR_WORDS;

	p->many = q == IN_BARE && w && !w->join ? MANY_SPREAD : MANY_JOIN;
	p->strict = s->strict || !word_place || (w && w->odd) || (next >= 0 && strchr("<>=", next));
	if (!w)
		return;
	w->literal = w->name = false;
	w->holes = true;
	w->many |= q == IN_BARE && hole_many(&p->hole);
}

const char lex_in_test[] = "in [[ ]], which can execute it; use [ ]";

/* The words of this command are names, or are evaluated: data as the name of a variable
 * is a mistake in any shell, and some execute what they find in its brackets. */
static const char *lex_ban_of_command(const struct commands *c, const struct lex_word *w)
{
	if (c->target || c->place != PLACE_ARGS)
		return NULL;
	if (c->evaluates)
		return "where a command evaluates its words as arithmetic";
	return c->variable || (c->names && !w->assigns)
		? "where a command takes names of variables" : NULL;
}

const char *lex_ban_below(const struct scan *s)
{
	if (s->below)
		return s->below;
	if (s->ban == lex_in_test || s->ban == lex_not_everywhere)
		return s->ban;
	if (!s->word)
		return NULL;
	return s->word->subscript ? "in the brackets of an array"
		: lex_ban_of_command(s->cmd, s->word);
}

static bool may_stand(struct scan *s)
{
	const char *below = lex_ban_below(s);

	if (below || s->ban)
		return lex_stray(s, below ? below : s->ban);
	if (s->word && s->cmd->place == PLACE_FOR_NAME && !s->cmd->target)
		return lex_refuse(s->lex, "%s cannot name the variable of a for", s->lex->braces);
	if (s->word && s->cmd->place == PLACE_FUNCTION)
		return lex_refuse(s->lex, "%s cannot name a function", s->lex->braces);
	return true;
}

/* Braces with a backslash that only says that they are no hole. */
static bool lex_take_text(struct scan *s, enum quoting q, size_t n)
{
	struct lex *l = s->lex;
	size_t start = s->i;

	parts_text(&l->t->parts, l->t->line + l->copied, s->at[start] + 1 - l->copied);
	l->copied = s->at[start + 2];
	lex_say(s, "{", 1);
	lex_say(s, s->s + start + 2, n - 2);
	s->i = q == IN_SINGLE ? start + n : lex_skip(s, start + n);
	if (s->word)
		s->word->literal = s->word->name = false;
	return true;
}

bool lex_take_hole(struct scan *s, enum quoting q, size_t n, const struct hole *h, bool backslash)
{
	static const enum spot spots[] = {
		[IN_BARE] = SPOT_BARE, [IN_PATTERN] = SPOT_BARE, [IN_DOUBLE] = SPOT_DOUBLE,
		[IN_PARAM] = SPOT_DOUBLE, [IN_DOC] = SPOT_DOUBLE, [IN_ARITH] = SPOT_NUMBER,
		[IN_SINGLE] = SPOT_SINGLE,
	};
	struct lex *l = s->lex;
	size_t start = s->i, from = s->at[start];
	struct part *p;

	if (h->what == HOLE_TEXT)
		return lex_take_text(s, q, n);
	if (!may_stand(s))
		return false;
	if (backslash && s->ticks)
		return lex_refuse(l, "a backslash cannot stand before %s between backticks; "
			"write $(...) instead", l->braces);
	parts_text(&l->t->parts, l->t->line + l->copied, from - l->copied);
	if (backslash) /* or it would take the $ of what comes here */
		parts_text(&l->t->parts, "\\", 1);
	p = parts_add(&l->t->parts);
	p->kind = PART_HOLE;
	p->hole = *h;
	p->text = l->t->line + from;
	p->len = s->at[start + n] - from;
	p->spot = spots[q];
	p->inner = s->braces > 0;
	p->ticks = s->ticks > 0;
	p->number = q == IN_ARITH || s->arith;
	p->document = q == IN_DOC;
	lex_say(s, s->s + start, n);
	l->copied = s->at[start + n];
	l->holes++;
	s->i = q == IN_SINGLE ? start + n : lex_skip(s, start + n);
	mark_word(s, q, p);
	p->glued = start == s->name_end;
	if (from == l->appended)
		l->landed = q == IN_BARE && s->word && s->word->start == start && !s->ticks
			&& (s->cmd->place == PLACE_ARGS || s->cmd->target);
	return true;
}

static bool lex_read(struct lex *l)
{
	struct template *t = l->t;
	struct docs docs = { 0 };
	struct scan s = { .lex = l, .s = t->line, .len = t->line_len, .docs = &docs };
	size_t *at = mem_alloc((s.len + 1) * sizeof *at);
	bool ok;

	for (size_t i = 0; i <= s.len; i++)
		at[i] = i;
	s.at = at;
	l->scan = &s;
	s.name_end = SIZE_MAX;
	s.i = lex_skip(&s, 0);
	t->line_from = t->parts.count;
	ok = lex_commands(&s, UNTIL_END, NULL);
	if (ok && l->integers && l->holes) {
		s.i = l->integers - 1;
		ok = lex_refuse(l, "a shell that knows variables declared as numbers evaluates "
			"what they are given; leave the -i (or integer) away");
	}
	free(at);
	buf_free(&l->said);
	parts_text(&t->parts, t->line + l->copied, t->line_len - l->copied);
	t->line_to = t->parts.count;
	return ok;
}

bool line_read(struct template *t, const struct template_rules *rules, size_t appended,
	struct buf *why)
{
	struct lex lex = { .t = t, .rules = rules, .braces = rules->braces, .why = why,
		.appended = appended, .bash = t->bash };

	if (!lex_read(&lex) || (appended != SIZE_MAX && !lex.landed)
	    || !parts_settle(&t->parts, t->line_from, t->line_to, rules, why))
		return false;
	for (size_t i = t->line_from; i < t->line_to; i++)
		if (t->parts.list[i].kind == PART_HOLE) {
			uint32_t param = param_for(t, &t->parts.list[i]);

			t->parts.list[i].param = param;
		}
	return true;
}

bool line_read_inner(struct template *t, const struct template_rules *rules, bool bash,
	struct buf *why)
{
	struct lex lex = { .t = t, .rules = rules, .braces = rules->braces, .why = why,
		.appended = SIZE_MAX, .inner = true, .bash = bash };

	return lex_read(&lex);
}

bool lex_visit(const char *line, size_t len, struct lex_visitor *visitor)
{
	struct template scratch = { .line = line, .line_len = len };
	struct buf why = { 0 };
	struct lex lex = { .t = &scratch, .visitor = visitor, .braces = "{}", .why = &why,
		.appended = SIZE_MAX, .bash = true };
	bool ok = lex_read(&lex);

	parts_free(&scratch.parts);
	buf_free(&why);
	return ok;
}
