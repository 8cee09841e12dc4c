/* {= STEPS =}: the value after the steps of a transform. See parts.h.
 *
 * The steps are compiled with the template. What they make of an item's values is made
 * once for each expansion, which looks at it twice. */
#include <stdlib.h>
#include <string.h>

#include "action/template/parts.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"
#include "item.h"

/* What perl has other names for here. */
static const char *made_nearest(const char *steps, size_t len)
{
	static const struct {
		const char *perl, *here;
	} rows[] = {
		{ "lc", "{= lower =}" }, { "uc", "{= upper =}" }, { "seq(", "{#}" }, { "slot(", "{%}" },
		{ "total_jobs", "nothing: the total is not known before the input ends" },
		{ "=~", "the step alone: {= s/RE/TEXT/ =}" }, { "basename", "{/}" },
		{ "dirname", "{//}" }, { "length", "{= length =}" },
		{ "++", "arithmetic in a shell line: $(({} + 1))" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (memmem(steps, len, rows[i].perl, strlen(rows[i].perl)))
			return rows[i].here;
	return "s/RE/TEXT/g, y/abc/xyz/, upper, lower, trim, json, urlencode, base64 and so on";
}

/* Between its =, the number left out. */
static struct view made_text(const struct part *p)
{
	const char *s = p->text + 2, *end = p->text + p->len - 2;

	s += p->hole.prefix;
	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	while (end > s && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	return (struct view){ s, (size_t)(end - s), false };
}

static bool made_refuse(const struct part *p, const struct view *steps, bool gnu,
	const char *reason, struct buf *why)
{
	static const char option[] = "-e, ";
	bool perl = !gnu && (!steps->len || memchr(steps->data, '$', steps->len) == steps->data
		|| memmem(steps->data, steps->len, "$_", 2) || memmem(steps->data, steps->len, "()", 2));

	msg_quote(why, p->text, p->len, 60);
	if (perl)
		buf_addf(why, " is perl, and here stand the steps of -e; the nearest is %s",
			made_nearest(steps->data, steps->len));
	else
		buf_addf(why, ": %s", strncmp(reason, option, 4) == 0 ? reason + 4 : reason);
	return false;
}

bool made_compile(struct parts *parts, struct part *p, const struct template_rules *rules,
	struct buf *why)
{
	const struct template_steps *steps = rules->steps;
	struct view text = made_text(p);
	char *copy = mem_copy(text.data, text.len);
	struct buf reason = { 0 };
	void *made = steps && (text.len || rules->gnu) ? steps->compile(copy, &reason) : NULL;

	if (made) {
		parts->steps = steps;
		parts->run = rules->run;
		parts->asks |= steps->asks ? steps->asks(made) : 0;
		parts->made = mem_grow(parts->made, (parts->nmade + 1) * sizeof *parts->made);
		parts->made[parts->nmade++] = made;
		p->hole.made = parts->nmade;
	} else {
		made_refuse(p, &text, rules->gnu, buf_str(&reason), why);
	}
	free(copy);
	buf_free(&reason);
	return made != NULL;
}

void parts_free(struct parts *p)
{
	for (uint32_t i = 0; i < p->nmade; i++)
		p->steps->free(p->made[i]);
	free(p->made);
	free(p->list);
}

/* --- an item ------------------------------------------------------------- */

static enum steps_end made_apply(const struct parts *parts, const struct hole *h,
	const struct fill *fill, uint32_t value, struct buf *to, const char **why)
{
	struct hole plain = { .what = HOLE_VALUE, .index = h->index };
	char digits[HOLE_DIGITS];
	struct view v = hole_view(&plain, fill, value, digits);
	struct steps_given given = { fill, v.data, v.len, parts->run };

	*why = NULL;
	return parts->steps->apply(parts->made[h->made - 1], &given, to, why);
}

static void made_one(struct made *m, const struct parts *parts, const struct hole *h,
	const struct fill *fill, uint32_t value)
{
	struct made_value *made = &m->list[(h->made - 1) * m->values + value];
	const char *why;

	made->from = m->bytes.len;
	if (made_apply(parts, h, fill, value, &m->bytes, &why) == STEPS_FAILED)
		m->why = why;
	made->len = m->bytes.len - made->from;
	buf_addc(&m->bytes, '\0');
}

bool made_skips(const struct parts *parts, const struct fill *fill)
{
	uint32_t values = item_wholes(fill->item);
	struct buf none = { 0 };
	bool skips = false;
	const char *why;

	for (size_t i = 0; i < parts->count && !skips && parts->asks & STEPS_SKIPS; i++) {
		const struct hole *h = &parts->list[i].hole;

		if (parts->list[i].kind != PART_HOLE || !h->made)
			continue;
		for (uint32_t v = 0; v < (hole_many(h) ? values : 1) && !skips; v++) {
			buf_clear(&none);
			skips = made_apply(parts, h, fill, v, &none, &why) == STEPS_SKIP;
		}
	}
	buf_free(&none);
	return skips;
}

void made_fill(struct made *m, const struct parts *parts, const struct fill *fill)
{
	*m = (struct made){ .values = item_wholes(fill->item) };
	if (!parts->nmade)
		return;
	m->list = mem_zero((size_t)parts->nmade * m->values * sizeof *m->list);
	for (size_t i = 0; i < parts->count; i++) {
		const struct hole *h = &parts->list[i].hole;

		if (parts->list[i].kind != PART_HOLE || !h->made)
			continue;
		for (uint32_t v = 0; v < (hole_many(h) ? m->values : 1); v++)
			made_one(m, parts, h, fill, v);
	}
}

struct view made_view(const struct hole *h, const struct fill *fill, const struct made *m,
	uint32_t value, char digits[HOLE_DIGITS])
{
	const struct made_value *v;

	if (!h->made)
		return hole_view(h, fill, value, digits);
	if (!m)
		return (struct view){ "", 0, true };
	v = &m->list[(h->made - 1) * m->values + (hole_many(h) ? value : 0)];
	return (struct view){ m->bytes.data + v->from, v->len, true };
}

void made_free(struct made *m)
{
	free(m->list);
	buf_free(&m->bytes);
}
