/* split of a formula. See parts.h. */
#include "action/formula/parts.h"

#include <string.h>

#include "action/transform/regex.h"

/* Of a node of it: a the text, b the limit, regex what is between the fields; NULL: blanks. */

static bool split_is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Where the field that begins here ends, and the next one begins. */
static bool split_blank(struct scalar s, size_t from, size_t *end, size_t *next)
{
	size_t i = from;

	while (i < s.text.len && !split_is_blank(s.text.data[i]))
		i++;
	*end = i;
	while (i < s.text.len && split_is_blank(s.text.data[i]))
		i++;
	*next = i;
	return *end < s.text.len;
}

/* A match of no bytes is none where the field begins or the text ends. */
static bool split_match(struct work *w, const struct regex *r, struct scalar s, size_t from,
	size_t *end, size_t *next)
{
	if (!match_next(w, r, s, from, true))
		return false;
	*end = w->groups[0];
	*next = w->groups[1];
	return *end < s.text.len || *next > *end;
}

static void split_groups(struct work *w, struct scalar s, struct list *to)
{
	for (unsigned i = 1; i < w->ngroups; i++) {
		size_t begin = w->groups[2 * i];

		list_add(w, to, begin == REGEX_UNSET ? (struct scalar){ 0 }
			: scalar_text(s.text.data + begin, w->groups[2 * i + 1] - begin));
	}
}

static void split_fields(struct work *w, const struct node *n, struct scalar s, int64_t limit,
	struct list *to)
{
	size_t from = 0, end, next;

	while (!n->regex && from < s.text.len && split_is_blank(s.text.data[from]))
		from++;
	if (from == s.text.len)
		return;
	for (int64_t fields = 1; limit <= 0 || fields < limit; fields++) {
		bool more = n->regex ? split_match(w, n->regex, s, from, &end, &next)
			: split_blank(s, from, &end, &next);

		if (!more || !work_goes_on(w))
			break;
		list_add(w, to, scalar_text(s.text.data + from, end - from));
		if (n->regex)
			split_groups(w, s, to);
		from = next;
	}
	list_add(w, to, scalar_text(s.text.data + from, s.text.len - from));
}

void node_split_values(struct work *w, const struct node *n, struct list *to)
{
	size_t before = to->count;
	struct scalar s = work_text(w, n->a);
	int64_t limit = n->b ? scalar_whole(work_value(w, n->b)) : 0;

	split_fields(w, n, s, limit, to);
	while (limit == 0 && to->count > before) {
		struct scalar last = to->items[to->count - 1];

		if (last.kind != SCALAR_UNDEFINED && last.text.len)
			return;
		to->count--;
	}
}

struct scalar node_split(struct work *w, const struct node *n)
{
	struct list all = { 0 };

	node_split_values(w, n, &all);
	return scalar_integer((int64_t)all.count);
}

/* The first argument: an expression, or a text that is one. */
static bool split_pattern(struct parse *p, struct node *n, const struct node *pattern)
{
	struct scalar s = pattern->constant;

	if (pattern->binds && pattern->regex && !pattern->changes) {
		n->regex = pattern->regex;
		return true;
	}
	if (!pattern->fixed || s.kind != SCALAR_TEXT) {
		parse_refuse(p, p->p, "split takes an expression first, as in split(/,/, $_)");
		return false;
	}
	if (s.text.len != 1 || s.text.data[0] != ' ')
		n->regex = parse_regex(p, s.text.data, s.text.len, 0);
	return !p->failed;
}

struct node *parse_split(struct parse *p, struct node *args, unsigned count)
{
	struct node *n = parse_node(p, node_split);

	n->values = node_split_values;
	if (count && !split_pattern(p, n, args))
		return NULL;
	n->a = count > 1 ? args->next : parse_topic(p);
	n->b = count > 2 ? args->next->next : NULL;
	return parse_done(p, n);
}
