/* The variables of a formula: $_, @arg, what matched, and its own. See parts.h.
 *
 * Its own begin empty with every value. One that is used before it is set would, in Perl, be
 * what another job has left there, and is refused. */
#include "action/formula/parts.h"

#include <stdlib.h>
#include <string.h>

#include "action/transform/regex.h"
#include "item.h"

struct name {
	const char *text;
	size_t len;
	bool array;
	unsigned number;
	struct name *next;
};

/* --- at work -------------------------------------------------------------- */

static struct scalar node_variable(struct work *w, const struct node *n)
{
	return w->variables[n->number];
}

static void variable_set(struct work *w, const struct node *n, struct scalar s)
{
	w->variables[n->number] = s;
}

static struct scalar node_array_size(struct work *w, const struct node *n)
{
	return scalar_integer((int64_t)w->arrays[n->number].count);
}

static void node_array(struct work *w, const struct node *n, struct list *to)
{
	const struct list *l = &w->arrays[n->number];

	for (size_t i = 0; i < l->count; i++)
		list_add(w, to, l->items[i]);
}

/* A negative one counts from the end; -1: there is none. */
static int64_t variable_index(int64_t index, int64_t count)
{
	index += index < 0 ? count : 0;
	return index < count && index >= 0 ? index : -1;
}

static struct scalar node_element(struct work *w, const struct node *n)
{
	const struct list *l = &w->arrays[n->number];
	int64_t i = variable_index(scalar_whole(work_value(w, n->a)), (int64_t)l->count);

	return i < 0 ? (struct scalar){ 0 } : l->items[i];
}

static struct scalar node_array_last(struct work *w, const struct node *n)
{
	return scalar_integer((int64_t)w->arrays[n->number].count - 1);
}

/* The values of the job are counted from 1, and there is nothing before the first. */
static struct scalar argument_at(struct work *w, int64_t index)
{
	const struct item *item = w->given->fill->item;
	int64_t i = variable_index(index, (int64_t)item_columns(item) + 1);
	struct value v;

	if (i <= 0)
		return (struct scalar){ 0 };
	v = item_column(item, (uint32_t)i - 1);
	return scalar_text(v.data, v.len);
}

static struct scalar node_arguments_size(struct work *w, const struct node *n)
{
	(void)n;
	return scalar_integer((int64_t)item_columns(w->given->fill->item) + 1);
}

static struct scalar node_arguments_last(struct work *w, const struct node *n)
{
	(void)n;
	return scalar_integer(item_columns(w->given->fill->item));
}

static void node_arguments(struct work *w, const struct node *n, struct list *to)
{
	int64_t count = node_arguments_size(w, n).integer;

	for (int64_t i = 0; i < count && !w->why; i++)
		list_add(w, to, argument_at(w, i));
}

static struct scalar node_argument(struct work *w, const struct node *n)
{
	return argument_at(w, scalar_whole(work_value(w, n->a)));
}

/* Of an array, or of @arg, those that b names. */
static void node_some(struct work *w, const struct node *n, struct list *to)
{
	struct list which = { 0 }, all = { 0 };

	work_values(w, n->a, &all);
	work_values(w, n->b, &which);
	for (size_t i = 0; i < which.count && !w->why; i++) {
		int64_t at = variable_index(scalar_whole(which.items[i]), (int64_t)all.count);

		list_add(w, to, at < 0 ? (struct scalar){ 0 } : all.items[at]);
	}
}

static struct scalar node_some_last(struct work *w, const struct node *n)
{
	struct list l = { 0 };

	node_some(w, n, &l);
	return l.count ? l.items[l.count - 1] : (struct scalar){ 0 };
}

static struct scalar node_group(struct work *w, const struct node *n)
{
	size_t begin;

	if (!w->groups || n->number >= w->ngroups)
		return (struct scalar){ 0 };
	begin = w->groups[2 * n->number];
	if (begin == REGEX_UNSET)
		return (struct scalar){ 0 };
	return scalar_text(w->subject.text.data + begin, w->groups[2 * n->number + 1] - begin);
}

static struct scalar node_environment(struct work *w, const struct node *n)
{
	const char *value = getenv(n->constant.text.data);

	(void)w;
	return value ? scalar_text(value, strlen(value)) : (struct scalar){ 0 };
}

/* --- names ---------------------------------------------------------------- */

static struct name *variable_find(struct parse *p, const char *s, size_t len, bool array)
{
	struct name *n = p->names;

	while (n && !(n->len == len && n->array == array && memcmp(n->text, s, len) == 0))
		n = n->next;
	return n;
}

static struct name *variable_add(struct parse *p, const char *s, size_t len, bool array)
{
	struct name *n = variable_find(p, s, len, array);

	if (n)
		return n;
	n = arena_take(&p->formula->arena, sizeof *n);
	*n = (struct name){ s, len, array, array ? p->formula->narrays++ : p->formula->nvariables++,
		p->names };
	return p->names = n;
}

static bool variable_is(const char *s, size_t len, const char *name)
{
	return strlen(name) == len && memcmp(s, name, len) == 0;
}

static const char *variable_blanks(const char *s, const char *end)
{
	while (s < end && (*s == ' ' || *s == '\t' || *s == '\n'))
		s++;
	return s;
}

/* Does what stands behind the name set it: a =, or the end of a list and a = ? */
static bool variable_is_set_here(const struct parse *p)
{
	const char *s = variable_blanks(p->p, p->end);

	if (s < p->end && (*s == ',' || *s == ')')) {
		while (s < p->end && (strchr(" \t\n,$", *s) || parse_word(s, p->end)))
			s++;
		if (s == p->end || *s != ')')
			return false;
		s = variable_blanks(s + 1, p->end);
	}
	return s < p->end && *s == '=' && !(s + 1 < p->end && (s[1] == '=' || s[1] == '~'));
}

static struct node *variable_unset(struct parse *p, const char *at, const char *s, size_t len)
{
	return parse_refuse(p, at, variable_is(s, len, "job")
		? "of $job there are $job->seq(), $job->slot() and $job->skip()"
		: memchr(s, ':', len)
		? "GNU parallel's own variables are not there, and none is kept from job to job; "
		"seq() counts the jobs"
		: "it has no value yet, and none is kept from job to job; seq() counts the jobs");
}

/* --- reading -------------------------------------------------------------- */

struct node *parse_topic(struct parse *p)
{
	struct node *n = parse_node(p, node_variable);

	n->number = VARIABLE_TOPIC;
	n->assign = variable_set;
	return n;
}

struct node *parse_index(struct parse *p)
{
	struct node *n;

	p->p++;
	n = parse_expression(p);
	if (n && !parse_takes(p, "]"))
		return parse_refuse(p, p->p, "a ] is missing here");
	return n;
}

static bool variable_has(struct parse *p, bool text, char bracket)
{
	if (!text)
		parse_blanks(p);
	return p->p < p->end && *p->p == bracket;
}

static struct node *variable_number(struct parse *p, unsigned number,
	struct scalar (*value)(struct work *, const struct node *))
{
	struct node *n = parse_node(p, value);

	n->number = number;
	return n;
}

/* $name[ ] */
static struct node *variable_element(struct parse *p, const char *at, const char *s, size_t len)
{
	bool arguments = variable_is(s, len, "arg");
	const struct name *name = variable_find(p, s, len, true);
	struct node *n;

	if (!arguments && !name)
		return variable_unset(p, at, s, len);
	n = variable_number(p, arguments ? 0 : name->number, arguments ? node_argument : node_element);
	n->a = parse_index(p);
	return n->a ? parse_done(p, n) : NULL;
}

/* $ENV{NAME}, behind the name. */
static struct node *variable_environment(struct parse *p, const char *at)
{
	const char *s = p->p + 1, *end = memchr(s, '}', (size_t)(p->end - s));
	struct node *n = parse_node(p, node_environment);

	if (!end)
		return parse_refuse(p, at, "a } is missing");
	p->p = end + 1;
	if (end > s + 1 && (*s == '"' || *s == '\'') && end[-1] == *s)
		s++, end--;
	if (end == s || parse_word(s, end) != (size_t)(end - s))
		return parse_refuse(p, at, "a variable of the environment is $ENV{NAME}");
	n->constant = scalar_text(arena_copy(&p->formula->arena, s, (size_t)(end - s)),
		(size_t)(end - s));
	return n;
}

static struct node *variable_job(struct parse *p, const char *at)
{
	static const struct {
		const char *name;
		struct scalar (*value)(struct work *, const struct node *);
		unsigned asks;
	} methods[] = {
		{ "seq", node_seq, 0 }, { "slot", node_slot, STEPS_SLOT },
		{ "skip", node_skip, STEPS_SKIPS },
	};

	for (size_t i = 0; parse_takes(p, "->") && i < sizeof methods / sizeof *methods; i++) {
		if (!parse_takes_word(p, methods[i].name)) {
			p->p -= 2;
			continue;
		}
		p->formula->asks |= methods[i].asks;
		if (parse_takes(p, "(") && !parse_takes(p, ")"))
			break;
		return parse_node(p, methods[i].value);
	}
	return variable_unset(p, at, "job", 3);
}

static struct node *variable_scalar(struct parse *p, const char *at, const char *s, size_t len,
	bool text)
{
	const struct name *name;
	struct node *n;

	if (variable_is(s, len, "_"))
		return parse_topic(p);
	if (variable_is(s, len, "job") && !text)
		return variable_job(p, at);
	name = variable_find(p, s, len, false);
	if (!name && !memchr(s, ':', len) && !text && variable_is_set_here(p))
		name = variable_add(p, s, len, false);
	if (!name)
		return variable_unset(p, at, s, len);
	n = variable_number(p, name->number, node_variable);
	n->assign = variable_set;
	return n;
}

/* $1 $& */
static struct node *variable_match(struct parse *p)
{
	unsigned n = 0;

	if (*p->p == '&')
		p->p++;
	for (; p->p < p->end && *p->p >= '0' && *p->p <= '9' && n < 1000; p->p++)
		n = n * 10 + (unsigned)(*p->p - '0');
	return variable_number(p, n, node_group);
}

/* $#name */
static struct node *variable_last(struct parse *p, const char *at)
{
	size_t len = parse_word(p->p, p->end);
	const char *s = p->p;
	const struct name *name = variable_find(p, s, len, true);

	p->p += len;
	if (variable_is(s, len, "arg"))
		return parse_node(p, node_arguments_last);
	return name ? variable_number(p, name->number, node_array_last)
		: variable_unset(p, at, s, len);
}

const struct group_text *parse_group(const struct parse *p, const char *s, const char *end)
{
	unsigned n;

	if (end - s < 3 || s[0] != '$' || s[1] != '$' || s[2] < '1' || s[2] > '9')
		return NULL;
	n = (unsigned)(s[2] - '1');
	return n < p->ngroups ? &p->groups[n] : NULL;
}

/* $$1, at the second $. */
static struct node *variable_group(struct parse *p, const char *at)
{
	const struct group_text *g = parse_group(p, at, p->end);

	if (!g)
		return parse_refuse(p, at, "$$1 and so on are what groups in the name of --rpl match");
	p->p += 2;
	return parse_constant(p, scalar_text(arena_copy(&p->formula->arena, g->s, g->len), g->len));
}

static struct node *variable_dollar(struct parse *p, const char *at, bool text)
{
	bool braces = p->p < p->end && *p->p == '{';
	const char *s = p->p + braces;
	size_t len = parse_word(s, p->end);

	if (p->p < p->end && *p->p == '$')
		return variable_group(p, at);
	if (p->p < p->end && *p->p == '#') {
		p->p++;
		return variable_last(p, at);
	}
	if (s < p->end && (*s == '&' || (*s >= '1' && *s <= '9'))) {
		struct node *n;

		p->p = s;
		n = variable_match(p);
		p->p += braces && p->p < p->end && *p->p == '}';
		return n;
	}
	if (!len || (braces && (s + len == p->end || s[len] != '}')))
		return parse_refuse(p, at, "no such variable; there are $_ $arg[n] $#arg $1 $& $ENV{X}");
	p->p = s + len + braces;
	if (!braces && variable_has(p, text, '['))
		return variable_element(p, at, s, len);
	if (!braces && variable_is(s, len, "ENV") && variable_has(p, text, '{'))
		return variable_environment(p, at);
	return variable_scalar(p, at, s, len, text);
}

/* @name and @name[ ] */
static struct node *variable_array(struct parse *p, const char *at, bool text)
{
	size_t len = parse_word(p->p, p->end);
	const char *s = p->p;
	bool arguments = variable_is(s, len, "arg");
	const struct name *name = variable_find(p, s, len, true);
	struct node *n, *some;

	if (!len)
		return parse_refuse(p, at, "no such array; there is @arg");
	p->p += len;
	if (!name && !arguments && !memchr(s, ':', len) && variable_is_set_here(p))
		name = variable_add(p, s, len, true);
	if (!name && !arguments)
		return variable_unset(p, at, s, len);
	n = variable_number(p, arguments ? 0 : name->number,
		arguments ? node_arguments_size : node_array_size);
	n->values = arguments ? node_arguments : node_array;
	n->list = !arguments;
	if (!variable_has(p, text, '['))
		return n;
	some = parse_node(p, node_some_last);
	some->values = node_some;
	some->a = n;
	some->b = parse_index(p);
	return some->b ? parse_done(p, some) : NULL;
}

struct node *parse_variable(struct parse *p, bool text)
{
	const char *at = p->p++;

	return *at == '@' ? variable_array(p, at, text) : variable_dollar(p, at, text);
}

/* my $x, my @x: there from now on. */
static struct node *variable_own(struct parse *p)
{
	const char *s = p->p + 1;
	size_t len;

	parse_blanks(p);
	s = p->p + 1;
	len = p->p < p->end ? parse_word(s, p->end) : 0;
	if (!len || (*p->p != '$' && *p->p != '@') || variable_is(s, len, "_")
	    || variable_is(s, len, "arg"))
		return parse_refuse(p, p->p, "behind my stands a $variable or an @array of its own");
	variable_add(p, s, len, *p->p == '@');
	return parse_variable(p, false);
}

struct node *parse_my(struct parse *p)
{
	struct node *first = NULL, **to = &first, *n;

	if (!parse_takes(p, "("))
		return variable_own(p);
	do {
		n = variable_own(p);
		if (!n)
			return NULL;
		if (n->list)
			return parse_refuse(p, p->p, "an array stands alone: my @x = ...");
		*to = n;
		to = &n->next;
	} while (parse_takes(p, ","));
	if (!parse_takes(p, ")"))
		return parse_refuse(p, p->p, "a ) is missing here");
	n = node_list(p, first);
	if (n)
		n->list = true;
	return n;
}

unsigned parse_loop_variable(struct parse *p)
{
	struct node *n;

	parse_takes_word(p, "my");
	if (!parse_sees(p, "$"))
		return VARIABLE_TOPIC;
	if (parse_sees(p, "$_"))
		n = parse_variable(p, false);
	else
		n = variable_own(p);
	return n ? n->number : 0;
}

void parse_pair(struct parse *p, unsigned *a, unsigned *b)
{
	*a = variable_add(p, "a", 1, false)->number;
	*b = variable_add(p, "b", 1, false)->number;
}
