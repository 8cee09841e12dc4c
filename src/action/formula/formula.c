/* Formulas, to the template room. See formula.h. */
#include "action/formula/formula.h"

#include <stdlib.h>
#include <string.h>

#include "action/formula/parts.h"
#include "action/transform/regex.h"
#include "action/transform/value.h"
#include "base/maths.h"
#include "base/mem.h"

/* Nodes and loops that one value may pass. */
#define FORMULA_STEPS 1000000

static void formula_free(void *steps)
{
	struct formula *f = steps;

	if (!f)
		return;
	for (size_t i = 0; i < f->nregexes; i++)
		regex_free(f->regexes[i]);
	free(f->regexes);
	if (f->steps)
		value_steps.free(f->steps);
	arena_free(&f->arena);
	free(f);
}

static const char formula_group[] = { FORMULA_GROUP, '\0' };

static bool formula_parse(struct formula *f, const char *text, struct buf *why)
{
	struct parse p = { .formula = f, .p = text, .end = text + strcspn(text, formula_group),
		.why = why };

	for (const char *s = p.end; *s && p.ngroups < 9;) {
		size_t len = strcspn(s + 1, formula_group);

		p.groups[p.ngroups++] = (struct group_text){ s + 1, len };
		s += 1 + len;
	}
	f->nvariables = VARIABLE_TOPIC + 1;
	f->program = parse_statements(&p, false);
	return !p.failed;
}

/* Words alone: what is no formula may be steps of -e then, as upper or cut 1,3. */
static bool formula_is_words(const char *text)
{
	return !text[strspn(text, " \t;,-0123456789abcdefghijklmnopqrstuvwxyz")];
}

static void *formula_compile(const char *text, struct buf *why)
{
	struct formula *f = mem_zero(sizeof *f);
	struct buf other = { 0 };
	const char *lacks = maths_load();

	if (lacks) {
		buf_adds(why, lacks);
		formula_free(f);
		return NULL;
	}
	if (!formula_parse(f, text, why)) {
		f->steps = formula_is_words(text) ? value_steps.compile(text, &other) : NULL;
		buf_free(&other);
		if (!f->steps) {
			formula_free(f);
			return NULL;
		}
		f->asks = 0;
		buf_clear(why);
	}
	return f;
}

static unsigned formula_asks(const void *steps)
{
	return ((const struct formula *)steps)->asks;
}

static enum steps_end formula_run(struct work *w, const struct steps_given *given,
	struct buf *out)
{
	const struct formula *f = w->formula;
	struct scalar made;

	w->variables = arena_take(&w->arena, f->nvariables * sizeof *w->variables);
	w->arrays = arena_take(&w->arena, (f->narrays + 1) * sizeof *w->arrays);
	w->variables[VARIABLE_TOPIC] = scalar_text(given->data, given->len);
	work_run(w, f->program);
	made = scalar_as_text(&w->arena, w->variables[VARIABLE_TOPIC]);
	if (!w->why)
		buf_add(out, made.text.data, made.text.len);
	return w->why ? STEPS_FAILED : w->skipped ? STEPS_SKIP : STEPS_DONE;
}

static enum steps_end formula_apply(const void *steps, const struct steps_given *given,
	struct buf *out, const char **why)
{
	const struct formula *f = steps;
	struct work w = { .formula = f, .given = given, .left = FORMULA_STEPS };
	enum steps_end end;

	if (f->steps)
		return value_steps.apply(f->steps, given, out, why);
	end = formula_run(&w, given, out);
	*why = w.why;
	if (w.matcher)
		matcher_free(w.matcher);
	arena_free(&w.arena);
	return end;
}

const struct template_steps formula_steps = {
	formula_compile, formula_free, formula_asks, formula_apply,
};
