/* Functions of a formula that take or make lists, and those about the job. See function.h. */
#include "action/formula/function.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "item.h"

static void list_of(struct work *w, const struct node *first, struct list *to)
{
	for (const struct node *n = first; n && !w->why; n = n->next)
		work_values(w, n, to);
}

/* --- texts of lists ------------------------------------------------------- */

static struct scalar list_join(struct work *w, const struct list *l, size_t from,
	struct scalar between)
{
	struct buf text = { 0 };

	for (size_t i = from; i < l->count && work_has_room(w, text.len); i++) {
		struct scalar s = scalar_as_text(&w->arena, l->items[i]);

		if (i > from)
			buf_add(&text, between.text.data, between.text.len);
		buf_add(&text, s.text.data, s.text.len);
	}
	return work_keep(w, &text);
}

static struct scalar node_join(struct work *w, const struct node *n)
{
	struct list all = { 0 };

	list_of(w, n->a, &all);
	if (!all.count)
		return scalar_text("", 0);
	return list_join(w, &all, 1, scalar_as_text(&w->arena, all.items[0]));
}

static struct scalar node_sprintf(struct work *w, const struct node *n)
{
	struct list all = { 0 };

	list_of(w, n->a, &all);
	return format_do(w, &all);
}

static void node_reversed(struct work *w, const struct node *n, struct list *to)
{
	struct list all = { 0 };

	list_of(w, n->a, &all);
	for (size_t i = all.count; i > 0; i--)
		list_add(w, to, all.items[i - 1]);
}

/* Where one value is wanted: its bytes, or those of all, turned round. */
static struct scalar node_reverse(struct work *w, const struct node *n)
{
	struct list all = { 0 };
	struct scalar s;
	char *text;

	if (n->a)
		list_of(w, n->a, &all);
	else
		list_add(w, &all, w->variables[VARIABLE_TOPIC]);
	s = list_join(w, &all, 0, scalar_text("", 0));
	if (!work_has_room(w, s.text.len) || !s.text.len)
		return scalar_text("", 0);
	text = arena_take(&w->arena, s.text.len);
	for (size_t i = 0; i < s.text.len; i++)
		text[i] = s.text.data[s.text.len - 1 - i];
	return scalar_text(text, s.text.len);
}

/* --- lists of lists ------------------------------------------------------- */

static void node_different(struct work *w, const struct node *n, struct list *to)
{
	struct list all = { 0 };
	size_t before = to->count;

	list_of(w, n->a, &all);
	for (size_t i = 0; i < all.count && !w->why; i++) {
		size_t k = before;

		while (k < to->count && work_goes_on(w)
		    && scalar_compare_texts(&w->arena, to->items[k], all.items[i]) != 0)
			k++;
		if (k == to->count)
			list_add(w, to, all.items[i]);
	}
}

static struct scalar node_how_many_differ(struct work *w, const struct node *n)
{
	struct list l = { 0 };

	node_different(w, n, &l);
	return scalar_integer((int64_t)l.count);
}

/* Each in turn is $_; what b makes of it, or those for which it is true. */
static void list_each(struct work *w, const struct node *n, struct list *to, bool choose)
{
	struct scalar was = w->variables[VARIABLE_TOPIC];
	struct list all = { 0 };

	list_of(w, n->a, &all);
	for (size_t i = 0; i < all.count && !w->why; i++) {
		w->variables[VARIABLE_TOPIC] = all.items[i];
		if (!choose)
			work_values(w, n->b, to);
		else if (scalar_is_true(work_value(w, n->b)))
			list_add(w, to, all.items[i]);
	}
	w->variables[VARIABLE_TOPIC] = was;
}

void node_map(struct work *w, const struct node *n, struct list *to)
{
	list_each(w, n, to, false);
}

void node_grep(struct work *w, const struct node *n, struct list *to)
{
	list_each(w, n, to, true);
}

struct scalar node_map_count(struct work *w, const struct node *n)
{
	struct list l = { 0 };

	n->values(w, n, &l);
	return scalar_integer((int64_t)l.count);
}

static bool list_precedes(struct work *w, const struct node *n, struct scalar a, struct scalar b)
{
	if (!n->b)
		return scalar_compare_texts(&w->arena, a, b) <= 0;
	w->variables[n->number] = a;
	w->variables[n->count] = b;
	return scalar_double(work_value(w, n->b)) <= 0;
}

/* The two halves of items[from .. to), each sorted, by way of `other`. */
static void list_merge(struct work *w, const struct node *n, struct scalar *items, size_t from,
	size_t half, size_t to, struct scalar *other)
{
	size_t a = from, b = half, at = from;

	while (a < half || b < to) {
		bool first = b == to
			|| (a < half && list_precedes(w, n, items[a], items[b]));

		other[at++] = first ? items[a++] : items[b++];
	}
	memcpy(items + from, other + from, (to - from) * sizeof *items);
}

void node_sort(struct work *w, const struct node *n, struct list *to)
{
	struct list all = { 0 };
	struct scalar *other;

	list_of(w, n->a, &all);
	if (!all.count)
		return;
	other = arena_take(&w->arena, all.count * sizeof *other);
	for (size_t width = 1; width < all.count && work_goes_on(w); width *= 2)
		for (size_t i = 0; i + width < all.count; i += 2 * width) {
			size_t end = i + 2 * width < all.count ? i + 2 * width : all.count;

			list_merge(w, n, all.items, i, i + width, end, other);
		}
	for (size_t i = 0; i < all.count; i++)
		list_add(w, to, all.items[i]);
}

struct scalar node_sort_none(struct work *w, const struct node *n)
{
	(void)n;
	return work_fail(w, "sorts where one value is wanted; join(\",\", sort ...) makes one");
}

static struct scalar node_scalar(struct work *w, const struct node *n)
{
	return work_value(w, n->a);
}

/* --- the job -------------------------------------------------------------- */

struct scalar node_seq(struct work *w, const struct node *n)
{
	(void)n;
	return scalar_integer((int64_t)w->given->fill->item->number);
}

struct scalar node_slot(struct work *w, const struct node *n)
{
	(void)n;
	return scalar_integer(w->given->fill->slot);
}

static struct scalar node_total(struct work *w, const struct node *n)
{
	(void)n;
	return scalar_integer(w->given->run ? (int64_t)atomic_load(&w->given->run->total) : 0);
}

static struct scalar node_jobs(struct work *w, const struct node *n)
{
	(void)n;
	return scalar_integer(w->given->run ? w->given->run->jobs : 0);
}

struct scalar node_skip(struct work *w, const struct node *n)
{
	(void)n;
	w->skipped = true;
	return scalar_integer(1);
}

/* --- files and the time --------------------------------------------------- */

static const char file_tests[] = "edfsrwxzlpS";

static struct scalar node_file_test(struct work *w, const struct node *n)
{
	struct scalar name = work_text(w, n->a);
	const char *path = arena_copy(&w->arena, name.text.data, name.text.len);
	char what = file_tests[n->number];
	struct stat st;

	if ((what == 'l' ? lstat(path, &st) : stat(path, &st)) < 0)
		return (struct scalar){ 0 };
	switch (what) {
	case 'e': return scalar_bool(true);
	case 'd': return scalar_bool(S_ISDIR(st.st_mode));
	case 'f': return scalar_bool(S_ISREG(st.st_mode));
	case 'l': return scalar_bool(S_ISLNK(st.st_mode));
	case 'p': return scalar_bool(S_ISFIFO(st.st_mode));
	case 'S': return scalar_bool(S_ISSOCK(st.st_mode));
	case 's': return st.st_size ? scalar_integer(st.st_size) : scalar_bool(false);
	case 'z': return scalar_bool(st.st_size == 0);
	case 'r': return scalar_bool(access(path, R_OK) == 0);
	case 'w': return scalar_bool(access(path, W_OK) == 0);
	default: return scalar_bool(access(path, X_OK) == 0);
	}
}

struct node *parse_file_test(struct parse *p)
{
	struct node *n = parse_node(p, node_file_test);
	const char *which = p->p + 1 < p->end && p->p[1] ? strchr(file_tests, p->p[1]) : NULL;

	if (!which)
		return parse_refuse(p, p->p, "of tests of files there are -e -f -d -s -z -r -w -x -l -p "
			"-S");
	n->number = (unsigned)(which - file_tests);
	p->p += 2;
	parse_blanks(p);
	n->a = p->p < p->end && strchr("$\"'(", *p->p) ? parse_unary(p) : parse_topic(p);
	return n->a ? parse_done(p, n) : NULL;
}

static struct scalar list_time(struct work *w, const char *format)
{
	time_t now = time(NULL);
	char text[40];
	struct tm tm;
	size_t len;

	localtime_r(&now, &tm);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	len = strftime(text, sizeof text, format, &tm);
#pragma GCC diagnostic pop
	return scalar_text(arena_copy(&w->arena, text, len), len);
}

#define TELLS(name, format) \
	static struct scalar name(struct work *w, const struct node *n) \
	{ \
		(void)n; \
		return list_time(w, format); \
	}

TELLS(node_date_time, "%Y-%m-%dT%H:%M:%S")
TELLS(node_date_minute, "%Y-%m-%dT%H:%M")
TELLS(node_date, "%Y-%m-%d")
TELLS(node_time, "%H:%M:%S")
TELLS(node_minute, "%H:%M")
TELLS(node_date_time_digits, "%Y%m%d%H%M%S")
TELLS(node_date_minute_digits, "%Y%m%d%H%M")
TELLS(node_date_digits, "%Y%m%d")
TELLS(node_time_digits, "%H%M%S")
TELLS(node_minute_digits, "%H%M")

static struct scalar node_seconds(struct work *w, const struct node *n)
{
	(void)w;
	(void)n;
	return scalar_integer((int64_t)time(NULL));
}

#define ALONE(name, value) { name, 0, 0, false, false, 0, value, NULL }

const struct function function_lists[] = {
	{ "join", 1, FUNCTION_MANY, false, false, 0, node_join, NULL },
	{ "sprintf", 1, FUNCTION_MANY, false, false, 0, node_sprintf, NULL },
	{ "reverse", 0, FUNCTION_MANY, false, false, 0, node_reverse, node_reversed },
	{ "uniq", 1, FUNCTION_MANY, false, false, 0, node_how_many_differ, node_different },
	{ "scalar", 1, 1, false, true, 0, node_scalar, NULL },
	{ NULL, 0, 0, false, false, 0, NULL, NULL },
};

const struct function function_others[] = {
	ALONE("max_jobs", node_jobs), ALONE("seq", node_seq),
	{ "slot", 0, 0, false, false, STEPS_SLOT, node_slot, NULL },
	{ "total_jobs", 0, 0, false, false, STEPS_TOTAL, node_total, NULL },
	{ "skip", 0, 0, false, false, STEPS_SKIPS, node_skip, NULL },
	ALONE("yyyy_mm_dd_hh_mm_ss", node_date_time), ALONE("yyyy_mm_dd_hh_mm", node_date_minute),
	ALONE("yyyy_mm_dd", node_date), ALONE("hh_mm_ss", node_time), ALONE("hh_mm", node_minute),
	ALONE("yyyymmddhhmmss", node_date_time_digits),
	ALONE("yyyymmddhhmm", node_date_minute_digits), ALONE("yyyymmdd", node_date_digits),
	ALONE("hhmmss", node_time_digits), ALONE("hhmm", node_minute_digits),
	ALONE("time", node_seconds),
	{ NULL, 0, 0, false, false, 0, NULL, NULL },
};
