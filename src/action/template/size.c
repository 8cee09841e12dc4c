/* How large an expanded command can get: for -X. See template.h. */
#include <string.h>

#include "action/template/parts.h"

enum {
	MOST_SOURCE = 4096, /* bytes of {source} */
	MOST_MADE = 256,    /* what steps add to a value of no length */
	MOST_QUOTES = 4,    /* around a value that is quoted once more */
};

/* The most that a hole which stands for one thing can add. */
static size_t most_single(const struct hole *h, size_t len)
{
	if (h->what == HOLE_VALUE)
		return len + 1; /* the directory of "" is "." */
	return 0;
}

static size_t most_fixed(const struct hole *h)
{
	return h->what == HOLE_VALUE ? 1 : h->what == HOLE_SOURCE ? MOST_SOURCE
		: h->group ? strlen(h->group) : HOLE_DIGITS;
}

/* Quoted once more a value can be all single quotes, each of four bytes then. */
static size_t most_requoted(unsigned requote, size_t len)
{
	return requote ? 4 * len : len;
}

/* What steps make of a value has no bound; so much is thought of, and who gets more is
 * told by the system. */
static size_t most_made(const struct hole *h, size_t len)
{
	return h->made ? 8 * len + MOST_MADE : len;
}

static size_t params_growth(const struct template *t, size_t len)
{
	size_t growth = 0;

	for (uint32_t i = 0; i < t->nparams; i++) {
		growth += most_requoted(t->params[i].requote,
			most_made(&t->params[i].hole, most_single(&t->params[i].hole, len)));
		if (hole_many(&t->params[i].hole))
			growth += 1 + sizeof(char *);
	}
	return growth;
}

static size_t params_base(const struct template *t)
{
	size_t base = 0;

	for (uint32_t i = 0; i < t->nparams; i++)
		base += most_fixed(&t->params[i].hole) + MOST_QUOTES + 1 + sizeof(char *);
	return base;
}

static size_t argv_growth(const struct template *t, size_t len)
{
	size_t growth = 0;

	for (size_t i = 0; i < t->nwords; i++) {
		const struct word *w = &t->words[i];
		bool repeated = t->repeat && w->many;
		size_t more = 0, times = 0;

		for (size_t k = w->from; k < w->to; k++) {
			const struct part *p = &t->parts.list[k];

			if (p->kind == PART_TEXT) {
				more += repeated ? p->len : 0;
			} else {
				more += most_requoted(p->requote, most_made(&p->hole, most_single(&p->hole, len)));
				more += repeated ? most_fixed(&p->hole) : 0;
				times += hole_many(&p->hole);
			}
		}
		growth += more + (repeated ? 1 : times) * (1 + sizeof(char *));
	}
	return growth + params_growth(t, len) + (t->line ? template_script_growth(t, len) : 0);
}

static size_t argv_base(const struct template *t)
{
	size_t base = sizeof(char *);

	for (size_t i = 0; i < t->nwords; i++) {
		const struct word *w = &t->words[i];

		base += 1 + sizeof(char *) + (w->kind == WORD_FIXED ? w->len : 0);
		for (size_t k = w->from; k < w->to; k++)
			base += t->parts.list[k].kind == PART_TEXT ? t->parts.list[k].len
				: most_fixed(&t->parts.list[k].hole) + MOST_QUOTES;
	}
	return base + params_base(t) + (t->line ? template_script_base(t) : 0);
}

/* What is executed: where no shell is needed, and none can be asked for redirections, it is
 * the words alone. */
static const struct template *size_run(const struct template *t)
{
	return t->direct && !t->direct->ntargets ? t->direct : t;
}

size_t template_script_growth(const struct template *t, size_t len)
{
	t = size_run(t);
	if (t->kind == KIND_ITEMS)
		return t->never ? 0 : len + 1;
	if (!t->line)
		return 0;
	return script_write(t, 2, NULL, true) - script_write(t, 1, NULL, true);
}

size_t template_script_base(const struct template *t)
{
	t = size_run(t);
	if (!t->line)
		return t->kind == KIND_ITEMS;
	return script_write(t, 1, NULL, true);
}

size_t template_growth(const struct template *t, size_t len)
{
	t = size_run(t);
	switch (t->kind) {
	case KIND_ARGV:
	case KIND_LINE:
		return argv_growth(t, len);
	default: /* every other byte may end a word */
		return len + 1 + (len / 2 + 1) * sizeof(char *);
	}
}

size_t template_base(const struct template *t)
{
	t = size_run(t);
	switch (t->kind) {
	case KIND_ARGV:
	case KIND_LINE:
		return argv_base(t);
	default:
		return 5 * sizeof(char *) + strlen(t->shell) + 1 + sizeof "-c" + 1;
	}
}
