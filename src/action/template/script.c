/* The script that a shell line becomes: the line itself, with a variable of the shell
 * for every hole, and the assignments that give those their values. */
#include <string.h>

#include "action/template/parts.h"

enum { MOST_DIGITS = 10 }; /* of a number, when the size is only estimated */

struct script {
	struct emitter emitter;
	const struct template *t;
	uint32_t values;
	char *to; /* NULL: only measure */
	size_t len;
	bool widest;
};

static void script_text(struct emitter *e, const char *data, size_t len)
{
	struct script *s = (struct script *)e;

	if (s->to)
		memcpy(s->to + s->len, data, len);
	s->len += len;
}

static void script_puts(struct script *s, const char *text)
{
	script_text(&s->emitter, text, strlen(text));
}

static void script_number(struct script *s, uint32_t n)
{
	char digits[HOLE_DIGITS];
	size_t len = hole_number(digits, n);

	script_text(&s->emitter, digits, s->widest ? MOST_DIGITS : len);
}

/* Which argument of the script holds this value of this param. */
static uint32_t script_argument(const struct template *t, const struct param *p, uint32_t value,
	uint32_t values)
{
	return 1 + (hole_many(&p->hole) ? t->nsingle + p->rank * values + value : p->rank);
}

static void script_variable(struct script *s, const struct param *p, uint32_t value)
{
	script_puts(s, "${");
	script_puts(s, s->t->prefix);
	script_number(s, script_argument(s->t, p, value, s->values));
	script_puts(s, "}");
}

static void script_hole(struct emitter *e, const struct part *part, uint32_t first, uint32_t last)
{
	static const char *const open[] = { "\"", "", "'\"", "" };
	static const char *const close[] = { "\"", "", "\"'", "" };
	struct script *s = (struct script *)e;
	const struct param *p = &s->t->params[part->param];

	script_puts(s, part->command ? "eval \" " : open[part->spot] + part->unopened);
	for (uint32_t v = first; v < last; v++) {
		if (v > first)
			script_puts(s, part->many == MANY_SPREAD ? "\" \"" : " ");
		script_variable(s, p, v);
	}
	script_puts(s, part->unclosed ? "\"" : close[part->spot]);
}

/* The values move from the positional parameters, which mean other things in
 * functions and after set or shift, to variables. */
static void script_prelude(struct script *s)
{
	uint32_t nmany = s->t->nparams - s->t->nsingle;
	uint32_t count = s->t->nsingle + nmany * s->values;

	if (!count)
		return;
	for (uint32_t i = 1; i <= count; i++) {
		script_puts(s, s->t->prefix);
		script_number(s, i);
		script_puts(s, "=${");
		script_number(s, i);
		script_puts(s, i < count ? "} " : "};shift ");
	}
	script_number(s, count);
	script_puts(s, ";");
}

size_t script_write(const struct template *t, uint32_t values, char *to, bool widest)
{
	struct script s = {
		.emitter = { script_text, script_hole },
		.t = t, .values = values, .to = to, .widest = widest,
	};

	script_prelude(&s);
	line_emit(t, &s.emitter, values);
	return s.len;
}

/* Parts from .. to of a word that is repeated: the round for this value. */
static void emit_round(const struct template *t, struct emitter *e, size_t from, size_t to,
	uint32_t value)
{
	for (size_t i = from; i < to; i++) {
		const struct part *p = &t->parts.list[i];
		bool many = p->kind == PART_HOLE && hole_many(&p->hole);

		if (p->kind == PART_TEXT)
			e->text(e, p->text, p->len);
		else if (p->kind == PART_HOLE)
			e->hole(e, p, many ? value : 0, many ? value + 1 : 1);
	}
}

void line_emit(const struct template *t, struct emitter *e, uint32_t values)
{
	for (size_t i = t->line_from; i < t->line_to; i++) {
		const struct part *p = &t->parts.list[i];

		if (p->kind == PART_TEXT)
			e->text(e, p->text, p->len);
		if (p->kind == PART_HOLE)
			e->hole(e, p, 0, hole_many(&p->hole) ? values : 1);
		if (p->kind != PART_REPEAT || !p->end)
			continue;
		for (uint32_t v = 0; v < values; v++) {
			if (v)
				e->text(e, " ", 1);
			emit_round(t, e, i + 1, p->end, v);
		}
		i = p->end - 1;
	}
}
