/* The filters of sections. See filter.h. */
#include "desk/filter.h"

#include <stdlib.h>

#include "action/template/template.h"
#include "action/transform/regex.h"
#include "base/buf.h"
#include "base/mem.h"
#include "desk/pattern.h"
#include "item.h"
#include "policy/topic.h"

struct filters {
	size_t count;
	const struct template *whole, *topic;
	struct matcher *matcher;
	const struct item *item; /* at hand: */
	struct buf text, key;    /* what the templates make of it, once that has been asked for */
	bool has_text, has_key;
	struct filter {
		struct regex *match; /* or NULL */
		const char *topic;
	} list[];
};

struct filters *filters_new(const struct filter_rules *rules, size_t count, struct buf *why)
{
	struct filters *f = mem_zero(sizeof *f + count * sizeof *f->list);

	f->count = count;
	f->matcher = matcher_new();
	for (size_t i = 0; i < count; i++) {
		f->list[i].topic = rules[i].topic;
		if (!rules[i].match)
			continue;
		f->list[i].match = pattern_compile("--match", rules[i].match, 0, why);
		if (!f->list[i].match) {
			filters_free(f);
			return NULL;
		}
	}
	return f;
}

void filters_free(struct filters *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->count; i++)
		if (f->list[i].match)
			regex_free(f->list[i].match);
	matcher_free(f->matcher);
	buf_free(&f->text);
	buf_free(&f->key);
	free(f);
}

void filters_read(struct filters *f, const struct template *whole,
	const struct template *topic)
{
	f->whole = whole;
	f->topic = topic;
}

void filters_begin(struct filters *f, const struct item *item)
{
	f->item = item;
	f->has_text = f->has_key = false;
}

static void filters_fill(const struct filters *f, const struct template *t, struct buf *text,
	bool *filled)
{
	if (*filled)
		return;
	buf_clear(text);
	template_fill(t, &(struct fill){ .item = f->item }, text);
	*filled = true;
}

static bool filters_is_about(struct filters *f, const char *topic)
{
	filters_fill(f, f->topic, &f->key, &f->has_key);
	return topic_fits(topic, buf_str(&f->key), f->key.len);
}

enum filter_end filters_fit(struct filters *f, size_t section, const char **why)
{
	const struct filter *filter = &f->list[section];

	if (filter->topic && !filters_is_about(f, filter->topic))
		return FILTER_NOT;
	if (!filter->match)
		return FILTER_FITS;
	filters_fill(f, f->whole, &f->text, &f->has_text);
	matcher_begin(f->matcher);
	switch (regex_search(filter->match, f->matcher, buf_str(&f->text), f->text.len, 0,
		false)) {
	case REGEX_MATCH:
		return FILTER_FITS;
	case REGEX_LIMIT:
		*why = matcher_why(f->matcher);
		return FILTER_HARD;
	default:
		return FILTER_NOT;
	}
}
