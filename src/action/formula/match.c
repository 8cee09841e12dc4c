/* /RE/ and s/RE/TEXT/ of a formula. See parts.h.
 *
 * An expression is text of the formula alone: a value never is a part of one. */
#include "action/formula/parts.h"

#include <string.h>

#include "action/transform/regex.h"
#include "base/mem.h"
#include "base/msg.h"

enum { MATCH_ALL = 1, MATCH_NEW = 2 }; /* node.count */

/* --- compiling ------------------------------------------------------------ */

const struct regex *parse_regex(struct parse *p, const char *s, size_t len, unsigned flags)
{
	struct formula *f = p->formula;
	struct buf why = { 0 };
	size_t at;
	struct regex *r = regex_new(s, len, flags, &why, &at);

	if (r) {
		f->regexes = mem_grow(f->regexes, (f->nregexes + 1) * sizeof *f->regexes);
		f->regexes[f->nregexes++] = r;
	} else {
		p->failed = true;
		buf_clear(p->why);
		msg_quote(p->why, s, len, 60);
		buf_addf(p->why, ": %s", buf_str(&why));
	}
	buf_free(&why);
	return r;
}

/* What PCRE2 shall see: a delimiter that is escaped is itself, between brackets it stays. */
static bool match_pattern(struct parse *p, const struct quoted *q, struct buf *to)
{
	for (const char *s = q->s; s < q->end; s++) {
		bool more = s + 1 < q->end, name = more && parse_word(s + 1, q->end);
		const struct group_text *group = parse_group(p, s, q->end);

		if (group) { /* of the command line, too */
			buf_add(to, group->s, group->len);
			s += 2;
			continue;
		}
		if (*s == '\\' && more) {
			if (s[1] != q->close || q->open != q->close)
				buf_addc(to, '\\');
			buf_addc(to, *++s);
			continue;
		}
		if ((*s == '$' && more && (name || strchr("{&", s[1]) || (s[1] >= '0' && s[1] <= '9')))
		    || (*s == '@' && name)) {
			parse_refuse(p, s, "a value is no part of an expression; index() and eq look for "
				"one as it is, and \\%c is the sign", *s);
			return false;
		}
		buf_addc(to, *s);
	}
	return true;
}

struct match_flags {
	unsigned regex;
	bool all, new, formula;
};

static bool match_take_flags(struct parse *p, struct match_flags *f, bool substitutes)
{
	*f = (struct match_flags){ 0 };
	for (; p->p < p->end && parse_word(p->p, p->end); p->p++)
		switch (*p->p) {
		case 'i': f->regex |= REGEX_CASELESS; break;
		case 'm': f->regex |= REGEX_MULTILINE; break;
		case 's': f->regex |= REGEX_DOTALL; break;
		case 'x': f->regex |= REGEX_EXTENDED; break;
		case 'o': case 'a': break; /* as it is */
		case 'g': f->all = true; break;
		default:
			if (substitutes && *p->p == 'r' && !f->new)
				f->new = true;
			else if (substitutes && *p->p == 'e' && !f->formula)
				f->formula = true;
			else
				return parse_refuse(p, p->p, "no such flag; there are g i m s x%s",
					substitutes ? " e r" : ""), false;
		}
	return true;
}

static struct node *match_node(struct parse *p, const struct quoted *q,
	const struct match_flags *f, struct scalar (*value)(struct work *, const struct node *))
{
	struct buf pattern = { 0 };
	struct node *n = parse_node(p, value);

	if (match_pattern(p, q, &pattern))
		n->regex = parse_regex(p, buf_str(&pattern), pattern.len, f->regex);
	buf_free(&pattern);
	n->count = (f->all ? MATCH_ALL : 0u) | (f->new ? MATCH_NEW : 0u);
	n->binds = true;
	n->a = parse_topic(p);
	return p->failed ? NULL : n;
}

/* --- at work -------------------------------------------------------------- */

bool match_next(struct work *w, const struct regex *r, struct scalar subject, size_t from,
	bool after_empty)
{
	unsigned groups = regex_groups(r) + 1;
	size_t size = 2 * groups * sizeof *w->groups;

	if (!work_goes_on(w))
		return false;
	if (!w->matcher) {
		w->matcher = matcher_new();
		matcher_begin(w->matcher);
	}
	switch (regex_search(r, w->matcher, subject.text.data, subject.text.len, from, after_empty)) {
	case REGEX_MATCH:
		break;
	case REGEX_LIMIT:
		work_fail(w, matcher_why(w->matcher));
		return false;
	default:
		return false;
	}
	if (!w->groups || w->ngroups < groups)
		w->groups = arena_take(&w->arena, size);
	memcpy(w->groups, matcher_at(w->matcher), size);
	w->ngroups = groups;
	w->subject = subject;
	return true;
}

static struct scalar node_match(struct work *w, const struct node *n)
{
	return scalar_bool(match_next(w, n->regex, work_text(w, n->a), 0, false));
}

static void match_add_groups(struct work *w, struct list *to, unsigned from)
{
	for (unsigned i = from; i < w->ngroups; i++) {
		size_t begin = w->groups[2 * i], end = w->groups[2 * i + 1];

		list_add(w, to, begin == REGEX_UNSET ? (struct scalar){ 0 }
			: scalar_text(w->subject.text.data + begin, end - begin));
	}
}

/* In a list: the groups, or all that match; 1 where there are no groups. */
static void node_match_values(struct work *w, const struct node *n, struct list *to)
{
	struct scalar subject = work_text(w, n->a);
	size_t from = 0;
	bool empty = false;

	while (match_next(w, n->regex, subject, from, empty)) {
		bool groups = w->ngroups > 1;

		if (!groups && !(n->count & MATCH_ALL))
			list_add(w, to, scalar_integer(1));
		else
			match_add_groups(w, to, groups);
		if (!(n->count & MATCH_ALL))
			return;
		from = w->groups[1];
		empty = w->groups[0] == w->groups[1];
	}
}

static struct scalar node_substitute(struct work *w, const struct node *n)
{
	struct scalar subject = work_text(w, n->a), text;
	size_t from = 0, kept = 0;
	struct buf to = { 0 };
	bool empty = false;
	int64_t times = 0;

	while (match_next(w, n->regex, subject, from, empty)) {
		size_t begin = w->groups[0], end = w->groups[1];

		text = work_text(w, n->b);
		buf_add(&to, subject.text.data + kept, begin - kept);
		buf_add(&to, text.text.data, text.text.len);
		kept = from = end;
		empty = begin == end;
		times++;
		if (!(n->count & MATCH_ALL) || !work_has_room(w, to.len))
			break;
	}
	if (!times || w->why) {
		buf_free(&to);
		return n->count & MATCH_NEW ? subject : scalar_bool(false);
	}
	buf_add(&to, subject.text.data + kept, subject.text.len - kept);
	text = work_keep(w, &to);
	if (n->count & MATCH_NEW)
		return text;
	work_assign(w, n->a, text);
	return scalar_integer(times);
}

/* --- reading -------------------------------------------------------------- */

struct node *parse_match(struct parse *p)
{
	struct match_flags flags;
	struct quoted q;
	struct node *n;

	if (!parse_quoted(p, &q) || !match_take_flags(p, &flags, false))
		return NULL;
	n = match_node(p, &q, &flags, node_match);
	if (!n)
		return NULL;
	n->values = node_match_values;
	return parse_done(p, n);
}

static struct scalar node_statements(struct work *w, const struct node *n)
{
	return work_run(w, n->a);
}

/* The text as a formula: with the flag e. */
static struct node *match_formula(struct parse *p, const struct quoted *q)
{
	struct node *n = parse_node(p, node_statements);
	const char *after = p->p, *whole = p->end;

	if (++p->depth > PARSE_DEEPEST)
		return parse_refuse(p, p->p, "so many expressions are too many");
	p->p = q->s;
	p->end = q->end;
	n->a = parse_statements(p, false);
	p->p = after;
	p->end = whole;
	p->depth--;
	return p->failed ? NULL : parse_done(p, n);
}

struct node *parse_substitution(struct parse *p)
{
	struct match_flags flags;
	struct quoted pattern, text;
	struct node *n;

	if (!parse_quoted(p, &pattern))
		return NULL;
	if (pattern.open != pattern.close)
		parse_blanks(p);
	else
		p->p--;
	if (!parse_quoted(p, &text) || !match_take_flags(p, &flags, true))
		return NULL;
	if (pattern.s == pattern.end)
		return parse_refuse(p, pattern.s - 1, "the expression is empty");
	n = match_node(p, &pattern, &flags, node_substitute);
	if (!n)
		return NULL;
	n->changes = !flags.new;
	n->b = flags.formula ? match_formula(p, &text)
		: text.open == '\'' ? parse_plain(p, &text) : parse_interpolated(p, &text);
	return n->b ? parse_done(p, n) : NULL;
}

struct node *node_bind(struct parse *p, const struct node *left, struct node *to)
{
	if (to->changes && !left->assign)
		return parse_refuse(p, p->p, "what stands before =~ is no variable that could be "
			"changed");
	to->a = left;
	return parse_done(p, to);
}
