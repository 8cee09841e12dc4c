/* The operators of a formula: what they do, and how tightly they bind. See parts.h. */
#include "action/formula/parts.h"

#include <string.h>

/* --- what operators do ---------------------------------------------------- */

enum operation {
	DO_OR, DO_AND, DO_DEFINED_OR, DO_EQUAL, DO_UNEQUAL, DO_ORDER, DO_SAME, DO_OTHER,
	DO_TEXT_ORDER, DO_LESS, DO_MORE, DO_AT_MOST, DO_AT_LEAST, DO_BEFORE, DO_BEHIND,
	DO_NOT_BEHIND, DO_NOT_BEFORE, DO_PLUS, DO_MINUS, DO_TIMES, DO_DIVIDED, DO_MODULO, DO_POWER,
	DO_JOIN, DO_REPEAT, DO_RANGE, DO_MATCH, DO_NO_MATCH,
};

static struct scalar operator_repeat(struct work *w, struct scalar text, struct scalar times)
{
	int64_t n = scalar_whole(times);
	struct scalar s = scalar_as_text(&w->arena, text);
	char *all;

	if (n <= 0 || !s.text.len)
		return scalar_text("", 0);
	if ((uint64_t)n > SIZE_MAX / s.text.len || !work_has_room(w, (size_t)n * s.text.len))
		return work_fail(w, "makes more than 16 MiB");
	all = arena_take(&w->arena, (size_t)n * s.text.len);
	for (size_t i = 0; i < (size_t)n; i++)
		memcpy(all + i * s.text.len, s.text.data, s.text.len);
	return scalar_text(all, (size_t)n * s.text.len);
}

static struct scalar operator_join(struct work *w, struct scalar a, struct scalar b)
{
	size_t len;
	char *all;

	a = scalar_as_text(&w->arena, a);
	b = scalar_as_text(&w->arena, b);
	len = a.text.len + b.text.len;
	if (!work_has_room(w, len))
		return a;
	all = arena_take(&w->arena, len + 1);
	memcpy(all, a.text.data, a.text.len);
	memcpy(all + a.text.len, b.text.data, b.text.len);
	return scalar_text(all, len);
}

static struct scalar operator_compare(struct work *w, enum operation what, struct scalar a,
	struct scalar b)
{
	bool text = what == DO_SAME || what == DO_OTHER || what == DO_TEXT_ORDER
		|| (what >= DO_BEFORE && what <= DO_NOT_BEFORE);
	int order = text ? scalar_compare_texts(&w->arena, a, b) : arithmetic_compare(a, b);

	switch (what) {
	case DO_EQUAL: case DO_SAME:
		return scalar_bool(order == 0);
	case DO_UNEQUAL: case DO_OTHER:
		return scalar_bool(order != 0);
	case DO_LESS: case DO_BEFORE:
		return scalar_bool(order == -1);
	case DO_MORE: case DO_BEHIND:
		return scalar_bool(order == 1);
	case DO_AT_MOST: case DO_NOT_BEHIND:
		return scalar_bool(order == -1 || order == 0);
	case DO_AT_LEAST: case DO_NOT_BEFORE:
		return scalar_bool(order == 1 || order == 0);
	default:
		return order == 2 ? (struct scalar){ 0 } : scalar_integer(order);
	}
}

static struct scalar operator_do(struct work *w, enum operation what, struct scalar a,
	struct scalar b)
{
	struct scalar result = { 0 };
	const char *why;

	if (what == DO_JOIN)
		return operator_join(w, a, b);
	if (what == DO_REPEAT)
		return operator_repeat(w, a, b);
	if (what < DO_PLUS)
		return operator_compare(w, what, a, b);
	if (!arithmetic_do((enum arithmetic)(what - DO_PLUS), a, b, &result, &why))
		work_fail(w, why);
	return result;
}

static struct scalar node_operate(struct work *w, const struct node *n)
{
	struct scalar a = work_value(w, n->a);

	return operator_do(w, (enum operation)n->number, a, work_value(w, n->b));
}

/* Of || && and // : does the first do? */
static bool operator_is_enough(const struct node *n, struct scalar first)
{
	return n->number == DO_DEFINED_OR ? first.kind != SCALAR_UNDEFINED
		: scalar_is_true(first) == (n->number == DO_OR);
}

static struct scalar node_choose(struct work *w, const struct node *n)
{
	struct scalar a = work_value(w, n->a);

	return operator_is_enough(n, a) ? a : work_value(w, n->b);
}

struct node *node_choice(struct parse *p, const struct node *a, bool both, const struct node *b)
{
	struct node *n = parse_node(p, node_choose);

	n->number = both ? DO_AND : DO_OR;
	n->a = a;
	n->b = b;
	return parse_done(p, n);
}

static struct scalar node_not(struct work *w, const struct node *n)
{
	return scalar_bool(!scalar_is_true(work_value(w, n->a)));
}

struct node *node_opposite(struct parse *p, const struct node *a)
{
	struct node *n = parse_node(p, node_not);

	n->a = a;
	return parse_done(p, n);
}

static struct scalar node_negative(struct work *w, const struct node *n)
{
	return arithmetic_negate(&w->arena, work_value(w, n->a));
}

static struct scalar node_either(struct work *w, const struct node *n)
{
	return work_value(w, scalar_is_true(work_value(w, n->a)) ? n->b : n->c);
}

static void node_either_values(struct work *w, const struct node *n, struct list *to)
{
	work_values(w, scalar_is_true(work_value(w, n->a)) ? n->b : n->c, to);
}

static struct scalar node_no_range(struct work *w, const struct node *n)
{
	(void)n;
	return work_fail(w, "has a range where one value is wanted");
}

static void node_range(struct work *w, const struct node *n, struct list *to)
{
	struct scalar first = work_value(w, n->a), last = work_value(w, n->b);
	bool text = first.kind == SCALAR_TEXT && !scalar_looks_like_number(first) && first.text.len;

	if (text) {
		struct scalar end = scalar_as_text(&w->arena, last);

		for (; !w->why && first.text.len <= end.text.len;
		     first = arithmetic_increment(&w->arena, first)) {
			list_add(w, to, first);
			if (scalar_compare_texts(&w->arena, first, end) == 0 || first.kind != SCALAR_TEXT)
				break;
		}
		return;
	}
	for (int64_t i = scalar_whole(first), end = scalar_whole(last); i <= end && !w->why; i++) {
		list_add(w, to, scalar_integer(i));
		if (i == end)
			break;
	}
}

/* --- assignments ---------------------------------------------------------- */

static struct scalar node_assign(struct work *w, const struct node *n)
{
	struct scalar s = work_value(w, n->b);

	work_assign(w, n->a, s);
	return s;
}

/* What is done to ($x = $_) is done to $x. */
static void assign_further(struct work *w, const struct node *n, struct scalar s)
{
	work_assign(w, n->a, s);
}

/* To what takes a list: how many there were. */
static struct scalar node_assign_list(struct work *w, const struct node *n)
{
	struct list all = { 0 };
	size_t i = 0;

	work_values(w, n->b, &all);
	if (n->a->list && !n->a->bare) {
		w->arrays[n->a->number] = all;
		return scalar_integer((int64_t)all.count);
	}
	for (const struct node *to = n->a->a; to; to = to->next, i++)
		work_assign(w, to, i < all.count ? all.items[i] : (struct scalar){ 0 });
	return scalar_integer((int64_t)all.count);
}

static struct scalar node_change(struct work *w, const struct node *n)
{
	struct scalar s = work_value(w, n->a);

	s = operator_do(w, (enum operation)n->number, s, work_value(w, n->b));
	work_assign(w, n->a, s);
	return s;
}

static struct scalar node_change_unless(struct work *w, const struct node *n)
{
	struct scalar s = work_value(w, n->a);

	if (operator_is_enough(n, s))
		return s;
	s = work_value(w, n->b);
	work_assign(w, n->a, s);
	return s;
}

/* ++ and --, before (count 1) or behind. */
static struct scalar node_count_up(struct work *w, const struct node *n)
{
	struct scalar was = work_value(w, n->a), is = arithmetic_increment(&w->arena, was);

	work_assign(w, n->a, is);
	return n->count ? is : was.kind == SCALAR_UNDEFINED ? scalar_integer(0) : was;
}

static struct scalar node_count_down(struct work *w, const struct node *n)
{
	struct scalar was = work_value(w, n->a), is = { 0 };
	const char *why;

	if (was.kind == SCALAR_FLOAT)
		is = scalar_float(was.number - 1);
	else
		arithmetic_do(MINUS, was, scalar_integer(1), &is, &why);
	work_assign(w, n->a, is);
	return n->count ? is : was;
}

/* --- reading operators ---------------------------------------------------- */

/* How tightly each binds; those of one line alike. Longer ones come before what they begin
 * with. */
static const struct parse_operator {
	const char *text;
	enum operation what;
	unsigned char level;
	bool word;
} parse_operators[] = {
	{ "||", DO_OR, 2, false }, { "//", DO_DEFINED_OR, 2, false },
	{ "&&", DO_AND, 3, false },
	{ "==", DO_EQUAL, 4, false }, { "!=", DO_UNEQUAL, 4, false }, { "<=>", DO_ORDER, 4, false },
	{ "eq", DO_SAME, 4, true }, { "ne", DO_OTHER, 4, true }, { "cmp", DO_TEXT_ORDER, 4, true },
	{ "<=", DO_AT_MOST, 5, false }, { ">=", DO_AT_LEAST, 5, false }, { "<", DO_LESS, 5, false },
	{ ">", DO_MORE, 5, false }, { "lt", DO_BEFORE, 5, true }, { "gt", DO_BEHIND, 5, true },
	{ "le", DO_NOT_BEHIND, 5, true }, { "ge", DO_NOT_BEFORE, 5, true },
	{ "+", DO_PLUS, 6, false }, { "-", DO_MINUS, 6, false }, { ".", DO_JOIN, 6, false },
	{ "*", DO_TIMES, 7, false }, { "/", DO_DIVIDED, 7, false }, { "%", DO_MODULO, 7, false },
	{ "x", DO_REPEAT, 7, true },
	{ "=~", DO_MATCH, 8, false }, { "!~", DO_NO_MATCH, 8, false },
};
enum { LEVEL_LOWEST = 2, LEVEL_EQUAL = 4, LEVEL_LESS = 5, LEVEL_OPERAND = 6, LEVEL_BIND = 8 };

/* What assigns: the operator, and = behind it. */
static const struct {
	const char *text;
	enum operation what;
} parse_changes[] = {
	{ "**=", DO_POWER }, { "||=", DO_OR }, { "&&=", DO_AND }, { "//=", DO_DEFINED_OR },
	{ "+=", DO_PLUS }, { "-=", DO_MINUS }, { "*=", DO_TIMES }, { "/=", DO_DIVIDED },
	{ ".=", DO_JOIN }, { "%=", DO_MODULO }, { "x=", DO_REPEAT },
};

/* Is it this operator, and not the beginning of another one? */
static bool parse_is_operator(struct parse *p, const struct parse_operator *o)
{
	size_t len = strlen(o->text);
	const char *next = p->p + len;
	char after;

	if (!parse_sees(p, o->text))
		return false;
	next = p->p + len;
	after = next < p->end ? *next : '\0';
	if (o->word && o->what == DO_REPEAT && after == '=')
		return next + 1 < p->end && (next[1] == '=' || next[1] == '~');
	if (o->word)
		return parse_word(p->p, p->end) == len
			|| (o->what == DO_REPEAT && after >= '0' && after <= '9');
	if (o->what == DO_EQUAL || o->what == DO_UNEQUAL || o->what == DO_MATCH
	    || o->level == LEVEL_LESS)
		return o->what != DO_AT_MOST || after != '>';
	if (after == '=' && !(next + 1 < p->end && (next[1] == '~' || next[1] == '=')))
		return o->level == LEVEL_BIND || o->level == LEVEL_EQUAL;
	return !(o->what == DO_JOIN && after == '.') && !(o->what == DO_TIMES && after == '*')
		&& !(o->what == DO_MINUS && after == '>')
		&& !(o->what == DO_DIVIDED && after == '/');
}

static const struct parse_operator *parse_next_operator(struct parse *p, unsigned least)
{
	for (size_t i = 0; i < sizeof parse_operators / sizeof *parse_operators; i++)
		if (parse_operators[i].level >= least && parse_is_operator(p, &parse_operators[i]))
			return &parse_operators[i];
	return NULL;
}

static struct node *parse_two(struct parse *p, const struct parse_operator *o,
	const struct node *left, struct node *right)
{
	struct node *n;

	if (o->level == LEVEL_BIND && right->binds) {
		n = node_bind(p, left, right);
		return n && o->what == DO_NO_MATCH ? node_opposite(p, n) : n;
	}
	if (o->level == LEVEL_BIND)
		return parse_refuse(p, p->p, "behind =~ stands /RE/, s/RE/TEXT/ or y/abc/xyz/; "
			"an expression that is a value is none here");
	n = parse_node(p, o->level <= 3 ? node_choose : node_operate);
	n->a = left;
	n->b = right;
	n->number = o->what;
	return parse_done(p, n);
}

static struct node *parse_level(struct parse *p, unsigned least)
{
	struct node *left = parse_unary(p);
	const struct parse_operator *o, *again;

	while (left && (o = parse_next_operator(p, least))) {
		struct node *right;

		p->p += strlen(o->text);
		right = parse_level(p, o->level + 1u);
		left = right ? parse_two(p, o, left, right) : NULL;
		if (left && (o->level == LEVEL_EQUAL || o->level == LEVEL_LESS)
		    && (again = parse_next_operator(p, o->level)) && again->level == o->level)
			return parse_refuse(p, p->p, "comparisons do not follow each other; && joins two");
	}
	return left;
}

struct node *parse_operand(struct parse *p)
{
	return parse_level(p, LEVEL_OPERAND);
}

/* --- operators of one operand --------------------------------------------- */

static struct node *parse_one(struct parse *p, struct node *operand,
	struct scalar (*value)(struct work *, const struct node *), bool before)
{
	struct node *n;

	if (!operand)
		return NULL;
	n = parse_node(p, value);
	n->a = operand;
	n->count = before;
	if ((value == node_count_up || value == node_count_down) && !operand->assign)
		return parse_refuse(p, p->p, "++ and -- count a variable, as in $_++");
	return parse_done(p, n);
}

/* ++ and -- behind it, and ** */
static struct node *parse_power(struct parse *p)
{
	struct node *left = parse_term(p);

	if (!left)
		return NULL;
	if (parse_takes(p, "++"))
		left = parse_one(p, left, node_count_up, false);
	else if (parse_takes(p, "--"))
		left = parse_one(p, left, node_count_down, false);
	if (left && parse_sees(p, "**") && !parse_sees(p, "**=")) {
		struct node *n = parse_node(p, node_operate);

		p->p += 2;
		n->number = DO_POWER;
		n->a = left;
		n->b = parse_unary(p);
		return n->b ? parse_done(p, n) : NULL;
	}
	return left;
}

struct node *parse_unary(struct parse *p)
{
	struct node *n;

	if (++p->depth > PARSE_DEEPEST)
		return parse_refuse(p, p->p, "so many brackets are too many");
	if (parse_takes(p, "++"))
		n = parse_one(p, parse_unary(p), node_count_up, true);
	else if (parse_takes(p, "--"))
		n = parse_one(p, parse_unary(p), node_count_down, true);
	else if (parse_sees(p, "!") && !parse_sees(p, "!~") && parse_takes(p, "!"))
		n = parse_one(p, parse_unary(p), node_not, true);
	else if (parse_sees(p, "-") && parse_word(p->p + 1, p->end) != 1 && parse_takes(p, "-"))
		n = parse_one(p, parse_unary(p), node_negative, true);
	else if (parse_takes(p, "+"))
		n = parse_unary(p);
	else
		n = parse_power(p);
	p->depth--;
	return n;
}

/* --- ? : and = , ---------------------------------------------------------- */

static struct node *parse_span(struct parse *p)
{
	struct node *left = parse_level(p, LEVEL_LOWEST), *n;

	if (!left || !parse_sees(p, "..") || parse_sees(p, "..."))
		return left;
	p->p += 2;
	n = parse_node(p, node_no_range);
	n->values = node_range;
	n->a = left;
	n->b = parse_level(p, LEVEL_LOWEST);
	return n->b ? parse_done(p, n) : NULL;
}

static struct node *parse_either(struct parse *p)
{
	struct node *n, *left = parse_span(p);

	if (!left || !parse_takes(p, "?"))
		return left;
	n = parse_node(p, node_either);
	n->values = node_either_values;
	n->a = left;
	n->b = parse_assignment(p);
	if (!n->b)
		return NULL;
	if (!parse_takes(p, ":"))
		return parse_refuse(p, p->p, "a : is missing behind the ?");
	n->c = parse_assignment(p);
	return n->c ? parse_done(p, n) : NULL;
}

static struct node *parse_assigned(struct parse *p, const struct node *to, struct node *n)
{
	if (!to->assign && !to->list)
		return parse_refuse(p, p->p, "only a variable or substr() can be assigned to");
	n->a = to;
	n->assign = to->assign ? assign_further : NULL;
	n->b = parse_assignment(p);
	return n->b ? parse_done(p, n) : NULL;
}

static struct node *parse_assignment_here(struct parse *p)
{
	struct node *left = parse_either(p), *n;

	if (!left)
		return NULL;
	for (size_t i = 0; i < sizeof parse_changes / sizeof *parse_changes; i++)
		if (parse_sees(p, parse_changes[i].text)) {
			enum operation what = parse_changes[i].what;
			bool unless = what <= DO_DEFINED_OR;

			p->p += strlen(parse_changes[i].text);
			n = parse_node(p, unless ? node_change_unless : node_change);
			n->number = what;
			return left->list ? parse_refuse(p, p->p, "a list can only be set with =")
				: parse_assigned(p, left, n);
		}
	if (!parse_sees(p, "=") || parse_sees(p, "==") || parse_sees(p, "=~"))
		return left;
	p->p++;
	n = parse_node(p, left->list ? node_assign_list : node_assign);
	return parse_assigned(p, left, n);
}

struct node *parse_assignment(struct parse *p)
{
	struct node *n;

	if (++p->depth > PARSE_DEEPEST)
		return parse_refuse(p, p->p, "so many operators are too many");
	n = parse_assignment_here(p);
	p->depth--;
	return n;
}
