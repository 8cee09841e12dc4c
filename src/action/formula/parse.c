/* A formula's text: statements, and operators by how tightly they bind. See parts.h. */
#include "action/formula/parts.h"

#include <stdarg.h>
#include <string.h>

#include "base/msg.h"

struct node *parse_refuse(struct parse *p, const char *at, const char *format, ...)
{
	va_list ap;

	if (p->failed)
		return NULL;
	p->failed = true;
	while (at < p->end && (*at == ' ' || *at == '\t'))
		at++;
	if (at < p->end) {
		msg_quote(p->why, at, (size_t)(p->end - at), 30);
		buf_adds(p->why, ": ");
	}
	va_start(ap, format);
	buf_vaddf(p->why, format, ap);
	va_end(ap);
	return NULL;
}

struct node *parse_node(struct parse *p,
	struct scalar (*value)(struct work *, const struct node *))
{
	struct node *n = arena_take(&p->formula->arena, sizeof *n);

	n->value = value;
	return n;
}

struct node *parse_done(struct parse *p, struct node *n)
{
	const struct node *below[] = { n->a, n->b, n->c };

	for (size_t i = 0; i < sizeof below / sizeof *below; i++)
		for (const struct node *m = below[i]; m; m = m->next)
			n->depth = m->depth >= n->depth ? m->depth + 1 : n->depth;
	if (n->depth > PARSE_DEEPEST)
		return parse_refuse(p, p->p, "so many operands are too many; "
			"two of {= =} may stand side by side");
	return n;
}

/* --- text ----------------------------------------------------------------- */

void parse_blanks(struct parse *p)
{
	while (p->p < p->end && (*p->p == ' ' || (*p->p >= '\t' && *p->p <= '\r') || *p->p == '#')) {
		bool comment = *p->p == '#';

		p->p++;
		while (comment && p->p < p->end && *p->p != '\n')
			p->p++;
	}
}

static bool parse_is_name(char c)
{
	return (c | 0x20) >= 'a' ? (c | 0x20) <= 'z' || c == '_' : c >= '0' && c <= '9';
}

size_t parse_word(const char *s, const char *end)
{
	size_t n = 0;

	if (s == end || (*s >= '0' && *s <= '9'))
		return 0;
	while (s + n < end && (parse_is_name(s[n])
		|| (s[n] == ':' && s + n + 2 < end && s[n + 1] == ':' && parse_is_name(s[n + 2]))))
		n += s[n] == ':' ? 2 : 1;
	return n;
}

bool parse_sees(struct parse *p, const char *text)
{
	size_t len = strlen(text);

	parse_blanks(p);
	return (size_t)(p->end - p->p) >= len && memcmp(p->p, text, len) == 0;
}

bool parse_takes(struct parse *p, const char *text)
{
	bool sees = parse_sees(p, text);

	if (sees)
		p->p += strlen(text);
	return sees;
}

bool parse_takes_word(struct parse *p, const char *word)
{
	size_t len = strlen(word);

	if (!parse_sees(p, word) || parse_word(p->p, p->end) != len)
		return false;
	p->p += len;
	return true;
}

/* --- lists, and words between them ----------------------------------------- */

static struct scalar node_last(struct work *w, const struct node *n)
{
	return work_run(w, n->a);
}

static void node_all(struct work *w, const struct node *n, struct list *to)
{
	for (const struct node *m = n->a; m && !w->why; m = m->next)
		work_values(w, m, to);
}

struct node *node_list(struct parse *p, struct node *first)
{
	struct node *n = parse_node(p, node_last);

	n->values = node_all;
	n->a = first;
	n->bare = true;
	return parse_done(p, n);
}

/* Does nothing more of the list follow? */
static bool parse_list_ends(struct parse *p)
{
	static const char *const words[] = { "if", "unless", "for", "foreach", "and", "or", "not" };

	parse_blanks(p);
	if (p->p == p->end || strchr(")]};", *p->p))
		return true;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (parse_word(p->p, p->end) == strlen(words[i]) && parse_sees(p, words[i]))
			return true;
	return false;
}

struct node *parse_arguments(struct parse *p, unsigned *count)
{
	struct node *first = NULL, *n;
	struct node **to = &first;

	for (*count = 0; !parse_list_ends(p); to = &n->next) {
		n = parse_assignment(p);
		if (!n)
			return NULL;
		++*count;
		*to = n;
		if (!parse_takes(p, ",") && !parse_takes(p, "=>"))
			break;
	}
	return first;
}

static struct node *parse_commas(struct parse *p)
{
	unsigned count;
	struct node *first = parse_arguments(p, &count);

	if (p->failed || count == 1)
		return first;
	return first ? node_list(p, first) : parse_refuse(p, p->p, "a value is missing here");
}

static struct node *parse_not(struct parse *p)
{
	struct node *n;

	if (!parse_takes_word(p, "not"))
		return parse_commas(p);
	if (++p->depth > PARSE_DEEPEST)
		return parse_refuse(p, p->p, "so many operators are too many");
	n = parse_not(p);
	p->depth--;
	return n ? node_opposite(p, n) : NULL;
}

static struct node *parse_and(struct parse *p)
{
	struct node *left = parse_not(p);

	while (left && parse_takes_word(p, "and")) {
		struct node *right = parse_not(p);

		left = right ? node_choice(p, left, true, right) : NULL;
	}
	return left;
}

struct node *parse_expression(struct parse *p)
{
	struct node *left = parse_and(p);

	while (left && parse_takes_word(p, "or")) {
		struct node *right = parse_and(p);

		left = right ? node_choice(p, left, false, right) : NULL;
	}
	return left;
}

/* --- statements ----------------------------------------------------------- */

static struct scalar node_block(struct work *w, const struct node *n)
{
	return work_run(w, n->a);
}

static struct scalar node_if(struct work *w, const struct node *n)
{
	bool is = scalar_is_true(work_value(w, n->a));

	return is ? work_run(w, n->b) : work_run(w, n->c);
}

/* The variable is what it was, behind the loop. */
static struct scalar node_each(struct work *w, const struct node *n)
{
	struct scalar was = w->variables[n->number];
	struct list all = { 0 };

	work_values(w, n->a, &all);
	for (size_t i = 0; i < all.count && !w->why; i++) {
		w->variables[n->number] = all.items[i];
		work_run(w, n->b);
	}
	w->variables[n->number] = was;
	return (struct scalar){ 0 };
}

static struct node *parse_bracketed(struct parse *p)
{
	struct node *n;

	if (!parse_takes(p, "("))
		return parse_refuse(p, p->p, "a ( is missing here");
	n = parse_expression(p);
	if (n && !parse_takes(p, ")"))
		return parse_refuse(p, p->p, "a ) is missing here");
	return n;
}

struct node *parse_block(struct parse *p)
{
	struct node *n, *first;

	if (!parse_takes(p, "{"))
		return parse_refuse(p, p->p, "a { is missing here");
	if (++p->depth > PARSE_DEEPEST)
		return parse_refuse(p, p->p, "so many blocks are too many");
	n = parse_node(p, node_block);
	first = parse_statements(p, true);
	if (p->failed)
		return NULL;
	p->depth--;
	n->a = first;
	return parse_done(p, n);
}

static struct node *parse_if(struct parse *p, bool opposite)
{
	struct node *n = parse_node(p, node_if), *condition = parse_bracketed(p);

	n->a = condition && opposite ? node_opposite(p, condition) : condition;
	n->b = n->a ? parse_block(p) : NULL;
	if (!n->b)
		return NULL;
	if (parse_takes_word(p, "else")) {
		n->c = parse_block(p);
	} else if (parse_takes_word(p, "elsif")) {
		if (++p->depth > PARSE_DEEPEST)
			return parse_refuse(p, p->p, "so many blocks are too many");
		n->c = parse_if(p, false);
		p->depth--;
	}
	return p->failed ? NULL : parse_done(p, n);
}

static struct node *parse_for(struct parse *p)
{
	struct node *n = parse_node(p, node_each);

	n->number = parse_loop_variable(p);
	n->a = p->failed ? NULL : parse_bracketed(p);
	n->b = n->a ? parse_block(p) : NULL;
	return n->b ? parse_done(p, n) : NULL;
}

/* What may stand behind a statement, and changes it. */
static struct node *parse_modified(struct parse *p, struct node *done)
{
	bool is = parse_takes_word(p, "if"), unless = !is && parse_takes_word(p, "unless");
	bool loop = !is && !unless
		&& (parse_takes_word(p, "for") || parse_takes_word(p, "foreach"));
	struct node *n, *by;

	if (!is && !unless && !loop)
		return done;
	by = parse_expression(p);
	if (!by)
		return NULL;
	n = parse_node(p, loop ? node_each : node_if);
	n->a = unless ? node_opposite(p, by) : by;
	n->b = done;
	return n->a ? parse_done(p, n) : NULL;
}

/* *ended: it needs no ; behind it. */
static struct node *parse_statement(struct parse *p, bool *ended)
{
	struct node *n;

	*ended = true;
	if (parse_takes_word(p, "if"))
		return parse_if(p, false);
	if (parse_takes_word(p, "unless"))
		return parse_if(p, true);
	if (parse_takes_word(p, "for") || parse_takes_word(p, "foreach"))
		return parse_for(p);
	if (parse_sees(p, "{"))
		return parse_block(p);
	*ended = false;
	n = parse_expression(p);
	return n ? parse_modified(p, n) : NULL;
}

struct node *parse_statements(struct parse *p, bool block)
{
	struct node *first = NULL, *n;
	struct node **to = &first;
	bool ended = true;

	for (;;) {
		while (parse_takes(p, ";"))
			ended = true;
		if (block ? parse_takes(p, "}") : (parse_blanks(p), p->p == p->end))
			return first;
		if (p->p == p->end)
			return parse_refuse(p, p->p, "a } is missing at the end");
		if (!ended)
			return parse_refuse(p, p->p, "there is no such operator; pq-parallel(7) lists "
				"what there is");
		n = parse_statement(p, &ended);
		if (!n)
			return NULL;
		*to = n;
		to = &n->next;
	}
}
