/* Calls of functions in a formula. See function.h. */
#include "action/formula/function.h"

#include <string.h>

static bool function_is(const char *name, size_t len, const char *is)
{
	return strlen(is) == len && memcmp(name, is, len) == 0;
}

static const struct function *function_find(const char *name, size_t len)
{
	static const struct function *const all[] = { function_texts, function_lists,
		function_others };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		for (const struct function *f = all[i]; f->name; f++)
			if (function_is(name, len, f->name))
				return f;
	return NULL;
}

/* Those of Perl or of GNU parallel that are not there, and why. */
static struct node *function_unknown(struct parse *p, const char *name, size_t len)
{
	static const char none[] = "no program is run and no file opened here; a shell line does, "
		"with $( )", value[] = "what is made is the value: assign it to $_",
		statement[] = "no such statement; there are if, unless, for and my",
		random[] = "a value must be the same whenever it is made; a line for bash has $RANDOM",
		when[] = "yyyy_mm_dd(), hh_mm_ss() and their like tell the time";
	static const struct {
		const char *name, *why;
	} refused[] = {
		{ "print", value }, { "printf", value }, { "say", value }, { "return", value },
		{ "system", none }, { "exec", none }, { "qx", none }, { "open", none },
		{ "unlink", none }, { "rename", none }, { "mkdir", none }, { "require", none },
		{ "use", none }, { "eval", none }, { "glob", none },
		{ "rand", random }, { "srand", random },
		{ "uq", "a value is one word for the shell, always; a line has its own text for more" },
		{ "hash", "what it gives differs from run to run" },
		{ "localtime", when }, { "gmtime", when }, { "strftime", when },
		{ "while", statement }, { "until", statement }, { "last", statement },
		{ "next", statement }, { "do", statement }, { "sub", statement },
		{ "local", statement }, { "our", statement },
		{ "basename", "s:.*/:: does that, and {/}" }, { "dirname", "{//} does that" },
	};

	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		if (function_is(name, len, refused[i].name))
			return parse_refuse(p, name, "%s", refused[i].why);
	return parse_refuse(p, name, "no such function; there are uc lc sprintf substr length index "
		"join split reverse sort map int abs seq slot total_jobs skip Q and more, see "
		"pq-parallel(7)");
}

/* --- arguments ------------------------------------------------------------ */

/* Could an operand begin here? */
static bool function_has_operand(struct parse *p)
{
	static const char *const operators[] = { "x", "eq", "ne", "lt", "gt", "le", "ge", "cmp",
		"and", "or", "not", "if", "unless", "for", "foreach" };
	size_t len;

	parse_blanks(p);
	if (p->p == p->end)
		return false;
	len = parse_word(p->p, p->end);
	for (size_t i = 0; len && i < sizeof operators / sizeof *operators; i++)
		if (function_is(p->p, len, operators[i]))
			return false;
	if (parse_sees(p, "--") || parse_sees(p, "-=") || parse_sees(p, "+="))
		return false;
	return len || (*p->p >= '0' && *p->p <= '9') || strchr("$@'\"(-+!", *p->p);
}

static struct node *function_arguments(struct parse *p, bool unary, unsigned *count)
{
	struct node *first = NULL;

	*count = 0;
	if (parse_takes(p, "(")) {
		first = parse_arguments(p, count);
		if (!p->failed && !parse_takes(p, ")"))
			parse_refuse(p, p->p, "a ) is missing here");
	} else if (!unary) {
		first = parse_arguments(p, count);
	} else if (function_has_operand(p)) {
		first = parse_operand(p);
		*count = 1;
	}
	return p->failed ? NULL : first;
}

/* --- those with something of their own ------------------------------------- */

/* { ... } or an expression, and then a list; in brackets, or not. */
static struct node *function_each(struct parse *p, const char *name, size_t len)
{
	struct node *n = parse_node(p, node_map_count);
	bool brackets = parse_takes(p, "("), sorts = function_is(name, len, "sort");
	unsigned count;

	n->values = sorts ? node_sort : function_is(name, len, "map") ? node_map : node_grep;
	if (sorts) {
		n->value = node_sort_none;
		parse_pair(p, &n->number, &n->count);
	}
	if (parse_sees(p, "{"))
		n->b = parse_block(p);
	else if (!sorts && (n->b = parse_assignment(p)) && !parse_takes(p, ","))
		return parse_refuse(p, p->p, "a , and a list are missing here");
	if (p->failed)
		return NULL;
	parse_takes(p, ",");
	n->a = parse_arguments(p, &count);
	if (!p->failed && brackets && !parse_takes(p, ")"))
		return parse_refuse(p, p->p, "a ) is missing here");
	return p->failed ? NULL : parse_done(p, n);
}

static struct node *function_split(struct parse *p)
{
	unsigned count;
	struct node *args = function_arguments(p, false, &count);

	if (count > 3)
		return parse_refuse(p, p->p, "split takes an expression, a text and a limit");
	return p->failed ? NULL : parse_split(p, args, count);
}

/* What changes its argument needs one that can be changed. */
static bool function_has_place(struct parse *p, const char *name, struct node *n, unsigned count)
{
	bool cuts = n->value == node_chomp || n->value == node_chop;

	if (n->value == node_part && n->a->assign)
		n->assign = text_set_part;
	if (n->a && !n->a->assign && (cuts || (n->value == node_part && count == 4))) {
		parse_refuse(p, name, "it changes a variable, and this is none");
		return false;
	}
	return true;
}

struct node *parse_call(struct parse *p, const char *name, size_t len)
{
	const struct function *f;
	unsigned count;
	struct node *n;

	if (function_is(name, len, "split"))
		return function_split(p);
	if (function_is(name, len, "sort") || function_is(name, len, "map")
	    || function_is(name, len, "grep"))
		return function_each(p, name, len);
	f = function_find(name, len);
	if (!f)
		return function_unknown(p, name, len);
	n = parse_node(p, f->value);
	n->values = f->values;
	if (f->most) {
		n->a = function_arguments(p, f->unary, &count);
	} else {
		count = 0;
		if (parse_takes(p, "(") && !parse_takes(p, ")"))
			return parse_refuse(p, name, "it takes nothing in brackets");
	}
	if (p->failed)
		return NULL;
	if (count < f->least || count > f->most)
		return parse_refuse(p, name, "it does not take %u argument%s", count,
			count == 1 ? "" : "s");
	p->formula->asks |= f->asks;
	if (!count && f->topic)
		n->a = parse_topic(p);
	return function_has_place(p, name, n, count) ? parse_done(p, n) : NULL;
}
