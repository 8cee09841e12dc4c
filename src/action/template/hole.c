/* Replacement strings: what they look like and what they stand for. */
#include "action/template/parts.h"

#include <string.h>

#include "action/template/names.h"
#include "base/mem.h"
#include "item.h"

static const struct {
	const char *text;
	int shape;
} shapes[] = {
	{ "}", SHAPE_WHOLE },
	{ ".}", SHAPE_NO_EXT },
	{ "/}", SHAPE_NAME },
	{ "//}", SHAPE_DIR },
	{ "/.}", SHAPE_NAME_NO_EXT },
};

static const struct {
	const char *text;
	int what;
} others[] = {
	{ "#}", HOLE_SEQ },
	{ "%}", HOLE_SLOT },
	{ "source}", HOLE_SOURCE },
	{ "group}", HOLE_GROUP },
};

static bool begins(const char *s, size_t len, const char *with)
{
	size_t n = strlen(with);

	return n && len >= n && memcmp(s, with, n) == 0;
}

/* [-]n with n from 1; the length, or 0 when there is no number. */
static size_t match_index(const char *s, size_t len, int32_t *index)
{
	bool negative = len > 0 && s[0] == '-';
	size_t i = negative;
	int32_t n = 0;

	if (i == len || s[i] < '1' || s[i] > '9')
		return 0;
	for (; i < len && s[i] >= '0' && s[i] <= '9'; i++)
		n = n > (INT32_MAX - 9) / 10 ? INT32_MAX : n * 10 + (s[i] - '0');
	*index = negative ? -n : n;
	return i;
}

/* What is behind a name or a number: how long, and what shape that means. */
static size_t match_shape(const char *s, size_t len, struct hole *h)
{
	for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++)
		if (begins(s, len, shapes[k].text)) {
			h->shape = shapes[k].shape;
			return strlen(shapes[k].text);
		}
	return 0;
}

/* Of the names that begin the body the longest: of "a" and "a." the latter in {a.}. With
 * quotes around it, or without. */
static size_t match_name(const char *s, size_t len, const struct names *names, struct hole *h)
{
	size_t quote = len && s[0] == '"', longest = 0, all = 0, n;
	struct hole shape = { 0 };

	for (size_t i = 0; names && !names->members && i < names->count; i++) {
		const struct name *name = &names->list[i];
		size_t end = name->len + 2 * quote;

		if (end > len || (all && name->len <= longest)
		    || memcmp(s + quote, name->text, name->len) != 0 || (quote && s[end - 1] != '"')
		    || !(n = match_shape(s + end, len - end, &shape)))
			continue;
		longest = name->len;
		all = end + n;
		h->shape = shape.shape;
		h->index = name->column;
		h->name = (uint32_t)i + 1;
	}
	return all;
}

/* What looks like a name. Of members of JSON every name can be spelled, in quotes; while
 * those of columns are not known, any text may be one if there is no other way. */
static size_t match_any_name(const char *s, size_t len, const struct names *names,
	struct hole *h)
{
	size_t n = names->members ? names_member(s, len) : names_path(s, len);
	const char *end = memchr(s, '}', len), *line = memchr(s, '\n', len);
	size_t shape = n ? match_shape(s + n, len - n, h) : 0;

	if (!shape && names->wide && end && end > s && (!line || line > end)) {
		n = (size_t)(end - s);
		shape = 1;
	}
	if (!shape)
		return 0;
	h->what = names->any ? HOLE_VALUE : HOLE_NAME;
	h->index = INT32_MAX;
	return n + shape;
}

/* Those of GNU parallel's --plus that pq has not: {..} {+/} {##} {0#} {:-x} ... */
static size_t match_peer(const char *s, size_t len, struct hole *h)
{
	static const char *const bodies[] = { "..}", "...}", "/..}", "/...}", "+/}", "+.}", "+..}",
		"+...}", "##}" };
	size_t digits = match_index(s, len, &h->index), zeros = 0;
	const char *end = memchr(s, '}', len);

	h->what = HOLE_PEER;
	h->index = 0;
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
		if (begins(s + digits, len - digits, bodies[i]))
			return digits + strlen(bodies[i]);
	if (begins(s, len, ":-") && end)
		return (size_t)(end + 1 - s);
	while (zeros < len && s[zeros] == '0')
		zeros++;
	if (zeros && (begins(s + zeros, len - zeros, "#}") || begins(s + zeros, len - zeros, "%}")))
		return zeros + 2;
	return 0;
}

/* What is behind a brace of other languages is theirs: ${name}, \{name}, {{name}}. */
static bool is_foreign(const char *text, size_t len, size_t at, size_t n)
{
	char before = at ? text[at - 1] : ' ';

	return (before && strchr("$\\@%#", before))
		|| (before == '{' && at + n < len && text[at + n] == '}');
}

/* {= STEPS =} and {=N STEPS =}: which value, and that there are steps. As GNU parallel has it
 * the name of a column will do. */
static size_t match_steps(const char *s, size_t len, const struct template_rules *rules,
	struct hole *h)
{
	const char *end = begins(s, len, "=") ? memmem(s + 1, len - 1, "=}", 2) : NULL;
	const struct names *names = rules->gnu ? rules->names : NULL;

	if (!end)
		return 0;
	h->prefix = match_index(s + 1, len - 1, &h->index);
	for (size_t i = 0; names && i < names->count && !h->prefix; i++) {
		const struct name *name = &names->list[i];

		if (begins(s + 1, len - 1, name->text) && strchr(" \t", s[1 + name->len])) {
			h->index = name->column;
			h->prefix = name->len;
			h->name = (uint32_t)i + 1;
		}
	}
	if (h->prefix && s[1 + h->prefix] != ' ' && s[1 + h->prefix] != '\t')
		h->index = 0, h->prefix = 0;
	h->steps = true;
	return (size_t)(end + 2 - s);
}

/* What stands behind the brace, with the one that closes. */
static size_t match_body(const char *s, size_t len, const struct template_rules *rules,
	struct hole *h)
{
	const struct names *names = rules->names;
	size_t i, n;

	if ((n = match_name(s, len, names, h)) || (n = match_steps(s, len, rules, h)))
		return n;
	for (i = 0; i < sizeof others / sizeof *others; i++)
		if (begins(s, len, others[i].text)) {
			h->what = others[i].what;
			h->group = rules->group;
			return strlen(others[i].text);
		}
	/* What GNU parallel has no value for is text. */
	if (names && (!rules->gnu || names->any || names->members)
	    && (n = match_any_name(s, len, names, h)))
		return n;
	if (!rules->gnu && (n = match_peer(s, len, h)))
		return n;
	*h = (struct hole){ 0 };
	i = match_index(s, len, &h->index);
	n = match_shape(s + i, len - i, h);
	/* {} that goes by another name is no replacement string */
	return !n || (i == 0 && n == 1) ? 0 : i + n;
}

/* {\...}: the braces are meant, where they would be a replacement string else. */
static size_t match_text(const char *s, size_t len, const struct template_rules *rules,
	struct hole *h)
{
	size_t n = begins(s + 1, len - 1, "}") && strcmp(rules->braces, "{}") == 0 ? 1
		: match_body(s + 1, len - 1, rules, h);

	*h = (struct hole){ .what = HOLE_TEXT };
	return n ? n + 1 : 0;
}

size_t hole_match(const char *text, size_t len, size_t at, const struct template_rules *rules,
	struct hole *h)
{
	const char *s = text + at;
	size_t n;

	*h = (struct hole){ 0 };
	if (!rules || at >= len)
		return 0;
	if (begins(s, len - at, rules->braces))
		return strlen(rules->braces);
	if (s[0] != '{' || len - at < 2)
		return 0;
	n = s[1] == '\\' ? match_text(s + 1, len - at - 1, rules, h)
		: match_body(s + 1, len - at - 1, rules, h);
	if (h->what >= HOLE_NAME && is_foreign(text, len, at, n + 1))
		return 0;
	return n ? n + 1 : 0;
}

static void cut_extension(struct view *v)
{
	size_t i = v->len;

	while (i > 0 && v->data[i - 1] != '.' && v->data[i - 1] != '/')
		i--;
	if (i > 0 && i < v->len && v->data[i - 1] == '.') {
		v->len = i - 1;
		v->ended = false;
	}
}

/* Where the name begins: behind the last slash. */
static size_t name_start(const char *s, size_t len)
{
	while (len > 0 && s[len - 1] != '/')
		len--;
	return len;
}

static size_t without_slashes(const char *s, size_t len)
{
	while (len > 0 && s[len - 1] == '/')
		len--;
	return len;
}

static void cut_directory(struct view *v)
{
	size_t start = name_start(v->data, v->len);

	v->data += start;
	v->len -= start;
}

/* As dirname(1) does it. */
static void keep_directory(struct view *v)
{
	size_t path = without_slashes(v->data, v->len);
	size_t start = name_start(v->data, path);
	size_t dir = without_slashes(v->data, start);

	if (dir)
		*v = (struct view){ v->data, dir, false };
	else if (start || (v->len && !path))
		*v = (struct view){ "/", 1, true };
	else
		*v = (struct view){ ".", 1, true };
}

size_t hole_number(char digits[HOLE_DIGITS], uint64_t n)
{
	char reversed[HOLE_DIGITS];
	size_t len = 0;

	do
		reversed[len++] = (char)('0' + n % 10);
	while (n /= 10);
	for (size_t i = 0; i < len; i++)
		digits[i] = reversed[len - 1 - i];
	return len;
}

/* The column that {n} names; false: there is none. */
static bool find_column(const struct item *item, int32_t index, struct value *got)
{
	int64_t columns = item_columns(item);
	int64_t at = index > 0 ? index - 1 : columns + index;

	if (at < 0 || at >= columns)
		return false;
	*got = item_column(item, (uint32_t)at);
	return true;
}

static struct view view_value(const struct hole *h, const struct item *item, uint32_t value)
{
	struct value got;
	struct view v;

	if (!h->index)
		got = item_whole(item, value);
	else if (!find_column(item, h->index, &got))
		return (struct view){ "", 0, true };
	v = (struct view){ got.data, got.len, true };
	switch (h->shape) {
	case SHAPE_WHOLE:
		break;
	case SHAPE_NO_EXT:
		cut_extension(&v);
		break;
	case SHAPE_NAME:
		cut_directory(&v);
		break;
	case SHAPE_DIR:
		keep_directory(&v);
		break;
	case SHAPE_NAME_NO_EXT:
		cut_directory(&v);
		cut_extension(&v);
		break;
	}
	return v;
}

struct view hole_view(const struct hole *h, const struct fill *fill, uint32_t value,
	char digits[HOLE_DIGITS])
{
	const char *text = h->what == HOLE_GROUP ? h->group : fill->item->source;

	if (h->what == HOLE_VALUE)
		return view_value(h, fill->item, value);
	if (h->what == HOLE_SOURCE || h->what == HOLE_GROUP)
		return (struct view){ text ? text : "", text ? strlen(text) : 0, true };
	return (struct view){ digits,
		hole_number(digits, h->what == HOLE_SEQ ? fill->item->number : fill->slot), false };
}

bool hole_is_number(struct view v)
{
	size_t i = v.len && (v.data[0] == '-' || v.data[0] == '+');
	bool hex = v.len >= i + 2 && v.data[i] == '0' && (v.data[i + 1] | 0x20) == 'x';

	i += hex ? 2 : 0;
	if (i == v.len)
		return false;
	for (; i < v.len; i++) {
		char c = v.data[i];

		if (!(c >= '0' && c <= '9') && !(hex && (c | 0x20) >= 'a' && (c | 0x20) <= 'f'))
			return false;
	}
	return true;
}

struct part *parts_add(struct parts *p)
{
	struct part *part;

	if (p->count == p->cap) {
		p->cap = p->cap ? p->cap * 2 : 8;
		p->list = mem_grow(p->list, p->cap * sizeof *p->list);
	}
	part = &p->list[p->count++];
	memset(part, 0, sizeof *part);
	return part;
}

void parts_text(struct parts *p, const char *text, size_t len)
{
	struct part *part;

	if (!len)
		return;
	part = parts_add(p);
	part->kind = PART_TEXT;
	part->text = text;
	part->len = len;
}

bool parts_parse(struct parts *p, const char *text, size_t len,
	const struct template_rules *rules)
{
	size_t from = 0, n;
	bool many = false;
	struct hole h;

	for (size_t i = 0; i < len; i += n ? n : 1) {
		struct part *part;

		n = hole_match(text, len, i, rules, &h);
		if (!n)
			continue;
		parts_text(p, text + from, i - from + (h.what == HOLE_TEXT));
		from = h.what == HOLE_TEXT ? i + 2 : i + n;
		if (h.what == HOLE_TEXT)
			continue;
		part = parts_add(p);
		part->kind = PART_HOLE;
		part->hole = h;
		part->text = text + i;
		part->len = n;
		many |= hole_many(&h);
	}
	parts_text(p, text + from, len - from);
	return many;
}
