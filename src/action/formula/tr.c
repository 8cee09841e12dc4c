/* y/abc/xyz/ of a formula. See parts.h. */
#include "action/formula/parts.h"

#include <string.h>

enum { TR_NEW = 1, TR_SQUEEZE = 2 }; /* node.count */
enum { TR_BYTES = 256, TR_KEPT = 0, TR_LISTED = 1, TR_DELETED = 2 };

/* node.table: what becomes of each byte, and behind these which of the last three it is. */

static struct scalar node_transliterate(struct work *w, const struct node *n)
{
	struct scalar s = work_text(w, n->a), is;
	struct buf to = { 0 };
	int64_t listed = 0;
	int last = -1;

	for (size_t i = 0; i < s.text.len; i++) {
		unsigned char c = (unsigned char)s.text.data[i], kind = n->table[TR_BYTES + c];
		bool again = n->count & TR_SQUEEZE && kind == TR_LISTED && last == n->table[c];

		listed += kind != TR_KEPT;
		if (kind != TR_DELETED && !again)
			buf_addc(&to, (char)(kind == TR_LISTED ? n->table[c] : c));
		if (kind != TR_DELETED)
			last = kind == TR_LISTED ? n->table[c] : -1;
	}
	is = work_keep(w, &to);
	if (n->count & TR_NEW)
		return is;
	if (n->changes)
		work_assign(w, n->a, is);
	return scalar_integer(listed);
}

/* The characters of a part, ranges spelled out. */
static bool tr_spell(struct parse *p, const struct quoted *q, struct buf *to)
{
	for (const char *s = q->s; s < q->end;) {
		bool range = *s == '-' && s + 1 < q->end && to->len;
		char c;

		s += range;
		c = *s++;
		if (c == '\\' && s < q->end)
			quoted_escape(&s, q->end, &c);
		if (range) {
			unsigned char from = (unsigned char)to->data[to->len - 1], last = (unsigned char)c;

			if (from > last) {
				parse_refuse(p, s - 1, "the range goes backwards");
				return false;
			}
			for (unsigned i = from + 1u; i <= last; i++)
				buf_addc(to, (char)i);
		} else {
			buf_addc(to, c);
		}
	}
	return true;
}

static void tr_opposite(struct buf *listed)
{
	bool is[TR_BYTES] = { false };

	for (size_t i = 0; i < listed->len; i++)
		is[(unsigned char)listed->data[i]] = true;
	buf_clear(listed);
	for (unsigned c = 0; c < TR_BYTES; c++)
		if (!is[c])
			buf_addc(listed, (char)c);
}

static const unsigned char *tr_table(struct parse *p, const struct buf *from, const struct buf *to,
	bool delete)
{
	unsigned char *table = arena_take(&p->formula->arena, 2 * (size_t)TR_BYTES);
	bool same = !to->len && !delete;

	for (size_t i = 0; i < from->len; i++) {
		unsigned char c = (unsigned char)from->data[i];
		bool beyond = i >= to->len;

		if (table[TR_BYTES + c] != TR_KEPT)
			continue;
		table[TR_BYTES + c] = beyond && delete ? TR_DELETED : TR_LISTED;
		table[c] = same ? c : !to->len ? 0
			: (unsigned char)to->data[beyond ? to->len - 1 : i];
	}
	return table;
}

static bool tr_flags(struct parse *p, struct node *n, bool *opposite, bool *delete)
{
	for (; p->p < p->end && parse_word(p->p, p->end); p->p++)
		switch (*p->p) {
		case 'c': *opposite = true; break;
		case 'd': *delete = true; break;
		case 's': n->count |= TR_SQUEEZE; break;
		case 'r': n->count |= TR_NEW; break;
		default:
			return parse_refuse(p, p->p, "no such flag; there are c d r s"), false;
		}
	return true;
}

struct node *parse_transliteration(struct parse *p)
{
	struct node *n = parse_node(p, node_transliterate);
	struct buf from = { 0 }, to = { 0 };
	bool opposite = false, delete = false;
	struct quoted before, behind;

	if (!parse_quoted(p, &before))
		return NULL;
	if (before.open != before.close)
		parse_blanks(p);
	else
		p->p--;
	if (!parse_quoted(p, &behind) || !tr_flags(p, n, &opposite, &delete))
		return NULL;
	if (tr_spell(p, &before, &from) && tr_spell(p, &behind, &to)) {
		if (opposite)
			tr_opposite(&from);
		n->table = tr_table(p, &from, &to, delete);
	}
	n->binds = true;
	n->changes = !(n->count & TR_NEW) && (to.len || delete || n->count & TR_SQUEEZE);
	buf_free(&from);
	buf_free(&to);
	n->a = parse_topic(p);
	return p->failed ? NULL : parse_done(p, n);
}
