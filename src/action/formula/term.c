/* What stands between the operators of a formula. See parts.h. */
#include "action/formula/parts.h"

#include <string.h>

/* --- numbers -------------------------------------------------------------- */

/* 0x1f 0b11 017: the digits behind what tells so. */
static struct node *term_based(struct parse *p, unsigned base)
{
	int64_t n = 0;

	for (; p->p < p->end; p->p++) {
		char c = *p->p | 0x20;
		unsigned digit = *p->p >= '0' && *p->p <= '9' ? (unsigned)(*p->p - '0')
			: c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : 16;

		if (*p->p == '_')
			continue;
		if (digit >= base)
			break;
		if (n > (INT64_MAX - 15) / 16)
			return parse_refuse(p, p->p, "the number is too large");
		n = n * base + digit;
	}
	return parse_constant(p, scalar_integer(n));
}

static bool term_is_digit(const char *s, const char *end)
{
	return s < end && *s >= '0' && *s <= '9';
}

static struct node *term_number(struct parse *p)
{
	struct buf digits = { 0 };
	struct node *n;
	bool whole;

	if (*p->p == '0' && p->p + 1 < p->end && strchr("xXbB", p->p[1])) {
		bool hex = (p->p[1] | 0x20) == 'x';

		p->p += 2;
		return term_based(p, hex ? 16 : 2);
	}
	if (*p->p == '0' && term_is_digit(p->p + 1, p->end))
		return term_based(p, 8);
	for (const char *s = p->p; s < p->end; s++) /* 1_000; and 1..3 are three */
		if (*s != '_' || !digits.len) {
			if (*s == '.' && s + 1 < p->end && s[1] == '.')
				break;
			buf_addc(&digits, *s);
		}
	digits.len = scalar_number_length(buf_str(&digits), digits.len, &whole);
	for (size_t i = 0; i < digits.len; i++) {
		while (*p->p == '_')
			p->p++;
		p->p++;
	}
	n = parse_constant(p, scalar_text(arena_copy(&p->formula->arena, digits.data, digits.len),
		digits.len));
	n->constant = whole && digits.len < 20 ? scalar_number(n->constant)
		: scalar_float(scalar_double(n->constant));
	buf_free(&digits);
	return n;
}

/* --- brackets ------------------------------------------------------------- */

static struct scalar node_pick(struct work *w, const struct node *n);

/* (LIST)[ ]: of the list a those that b names. */
static void node_pick_values(struct work *w, const struct node *n, struct list *to)
{
	struct list all = { 0 }, which = { 0 };

	work_values(w, n->a, &all);
	work_values(w, n->b, &which);
	for (size_t i = 0; i < which.count && !w->why && all.count; i++) {
		int64_t at = scalar_whole(which.items[i]);

		at += at < 0 ? (int64_t)all.count : 0;
		list_add(w, to, at < 0 || at >= (int64_t)all.count ? (struct scalar){ 0 }
			: all.items[at]);
	}
}

static struct scalar node_pick(struct work *w, const struct node *n)
{
	struct list l = { 0 };

	node_pick_values(w, n, &l);
	return l.count ? l.items[l.count - 1] : (struct scalar){ 0 };
}

/* May each of the list be assigned to? */
static bool term_can_be_set(const struct node *list)
{
	const struct node *n = list->a;

	while (n && n->assign)
		n = n->next;
	return list->a && !n;
}

static struct node *term_brackets(struct parse *p)
{
	struct node *n = NULL, *pick;

	p->p++;
	if (!parse_sees(p, ")") && !(n = parse_expression(p)))
		return NULL;
	if (!parse_takes(p, ")"))
		return parse_refuse(p, p->p, "a ) is missing here");
	if (parse_sees(p, "[")) {
		pick = parse_node(p, node_pick);
		pick->values = node_pick_values;
		pick->a = n ? n : node_list(p, NULL);
		pick->b = parse_index(p);
		return pick->b ? parse_done(p, pick) : NULL;
	}
	if (!n || (parse_sees(p, "=") && !parse_sees(p, "==") && !parse_sees(p, "=~") && !n->bare))
		n = node_list(p, n);
	if (n)
		n->list = n->bare && term_can_be_set(n);
	return n;
}

/* --- any of them ---------------------------------------------------------- */

static struct node *term_word(struct parse *p, size_t len)
{
	const char *name = p->p;

	p->p += len;
	if (len == 2 && memcmp(name, "my", 2) == 0)
		return parse_my(p);
	return parse_call(p, name, len);
}

struct node *parse_term(struct parse *p)
{
	struct node *n = parse_quote_like(p);
	size_t len;

	if (n || p->failed)
		return n;
	if (p->p == p->end)
		return parse_refuse(p, p->p, "a value is missing at the end");
	if (*p->p == '(')
		return term_brackets(p);
	if (term_is_digit(p->p, p->end) || (*p->p == '.' && term_is_digit(p->p + 1, p->end)))
		return term_number(p);
	if (*p->p == '$' || *p->p == '@')
		return parse_variable(p, false);
	if (*p->p == '-')
		return parse_file_test(p);
	if ((len = parse_word(p->p, p->end)))
		return term_word(p, len);
	if (*p->p == '`')
		return parse_refuse(p, p->p, "no program is run here; a shell line does, with $( )");
	return parse_refuse(p, p->p, "a value is missing here");
}
