/* The difference of two texts. See diff.h.
 *
 * The way through the table of all pairs of lines is Myers' (An O(ND) Difference Algorithm,
 * 1986): for each number of changes, how far one comes on each diagonal. */
#include "base/diff.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"

/* Changes that are looked for at once, and lines around them that are shown. */
enum { CHANGES = 256, CONTEXT = 3 };

struct diff_line {
	const char *s;
	size_t len; /* with its newline */
	uint64_t hash;
	bool changed; /* it is gone, or has come */
};

struct diff_text {
	struct diff_line *lines; /* owned */
	size_t count;
};

struct diff {
	struct diff_text old, new;
	size_t x, y; /* lines of them that are done */
	/* How far, on old, one comes on diagonal k - d of all with d changes, behind one another:
	 * d^2 of them lie before those of d. */
	size_t *reach;
};

/* A place in the table, from where one is, and how it was come by. */
struct diff_point {
	size_t x, y, changes, k;
};

/* --- lines ------------------------------------------------------------- */

static struct diff_text diff_cut(const char *s, size_t len)
{
	static const struct hash_key key; /* equal lines are compared all the same */
	struct diff_text t = { 0 };
	const char *end = s + len;
	size_t room = 0;

	while (s < end) {
		const char *newline = memchr(s, '\n', (size_t)(end - s));
		size_t n = newline ? (size_t)(newline + 1 - s) : (size_t)(end - s);

		if (t.count == room) {
			room = room ? 2 * room : 256;
			t.lines = mem_grow(t.lines, room * sizeof *t.lines);
		}
		t.lines[t.count++] = (struct diff_line){ s, n, hash_bytes(&key, s, n), false };
		s += n;
	}
	return t;
}

static bool diff_same(const struct diff *d, size_t x, size_t y)
{
	const struct diff_line *a = &d->old.lines[x], *b = &d->new.lines[y];

	return a->hash == b->hash && a->len == b->len && memcmp(a->s, b->s, a->len) == 0;
}

/* --- the way ----------------------------------------------------------- */

static size_t *diff_row(const struct diff *d, size_t changes)
{
	return d->reach + changes * changes;
}

/* Where y is on this diagonal; SIZE_MAX: nowhere. */
static size_t diff_y(size_t x, size_t changes, size_t k)
{
	return x + changes < k ? SIZE_MAX : x + changes - k;
}

/* How far one comes with so many changes on the diagonal, before what is the same there: the
 * last change was a line that has come (*down) or one that is gone. SIZE_MAX: it is off the
 * table. */
static size_t diff_step(const struct diff *d, size_t changes, size_t k, bool *down)
{
	/* diagonal k of this row is k - 1 of the row before, from whose neighbours one comes */
	const size_t *before = changes ? diff_row(d, changes - 1) : NULL;
	size_t gone = before && k >= 2 ? before[k - 2] : SIZE_MAX;
	size_t come = before && k + 2 <= 2 * changes ? before[k] : SIZE_MAX;

	if (!changes)
		return 0;
	gone = gone < d->old.count - d->x ? gone + 1 : SIZE_MAX;
	if (come != SIZE_MAX && diff_y(come, changes, k) > d->new.count - d->y)
		come = SIZE_MAX;
	*down = gone == SIZE_MAX || (come != SIZE_MAX && come >= gone);
	return *down ? come : gone;
}

/* Mark the changes that lead there, from the last to the first. */
static void diff_mark(struct diff *d, size_t changes, size_t k)
{
	for (; changes; changes--) {
		bool down = false;
		size_t x = diff_step(d, changes, k, &down), y = diff_y(x, changes, k);

		if (down)
			d->new.lines[d->y + y - 1].changed = true;
		else
			d->old.lines[d->x + x - 1].changed = true;
		k = down ? k : k - 2;
	}
}

/* As far as one comes with so many changes. True: to the end. */
static bool diff_reach(struct diff *d, size_t changes, struct diff_point *best)
{
	size_t width = d->old.count - d->x, height = d->new.count - d->y;
	size_t *row = diff_row(d, changes);

	for (size_t k = 0; k <= 2 * changes; k += 2) {
		bool down = false;
		size_t x = diff_step(d, changes, k, &down), y;

		row[k] = SIZE_MAX;
		if (x == SIZE_MAX)
			continue;
		y = diff_y(x, changes, k);
		while (x < width && y < height && diff_same(d, d->x + x, d->y + y)) {
			x++;
			y++;
		}
		row[k] = x;
		if (x + y >= best->x + best->y)
			*best = (struct diff_point){ x, y, changes, k };
		if (x == width && y == height)
			return true;
	}
	return false;
}

/* From where it is as far as one comes with as many changes as are looked for; or to the end. */
static void diff_go(struct diff *d)
{
	struct diff_point best = { 0 };
	size_t changes = 0;

	while (!diff_reach(d, changes, &best) && changes < CHANGES)
		changes++;
	diff_mark(d, best.changes, best.k);
	d->x += best.x;
	d->y += best.y;
}

/* --- hunks ------------------------------------------------------------- */

static void diff_add_line(struct buf *to, char sign, const struct diff_line *l)
{
	buf_addc(to, sign);
	buf_add(to, l->s, l->len);
	if (l->s[l->len - 1] != '\n')
		buf_adds(to, "\n\\ No newline at end of file\n");
}

static void diff_add_range(struct buf *to, char sign, size_t first, size_t count)
{
	buf_addf(to, " %c%zu", sign, count ? first + 1 : first);
	if (count != 1)
		buf_addf(to, ",%zu", count);
}

/* The same lines from here on, or SIZE_MAX where they go on to the end. */
static size_t diff_equal(const struct diff *d, size_t x, size_t y)
{
	size_t n = 0;

	while (x + n < d->old.count && y + n < d->new.count && !d->old.lines[x + n].changed
	    && !d->new.lines[y + n].changed)
		n++;
	return x + n == d->old.count && y + n == d->new.count ? SIZE_MAX : n;
}

/* Lines of a hunk from (x, y), where changes begin, with at most so much context behind each;
 * both move behind it. */
static void diff_add_body(struct buf *to, const struct diff *d, size_t *x, size_t *y)
{
	for (;;) {
		size_t same, shown;

		while (*x < d->old.count && d->old.lines[*x].changed)
			diff_add_line(to, '-', &d->old.lines[(*x)++]);
		while (*y < d->new.count && d->new.lines[*y].changed)
			diff_add_line(to, '+', &d->new.lines[(*y)++]);
		same = diff_equal(d, *x, *y);
		shown = same <= 2 * CONTEXT ? same : CONTEXT;
		if (shown > d->old.count - *x)
			shown = d->old.count - *x;
		for (size_t i = 0; i < shown; i++, ++*y)
			diff_add_line(to, ' ', &d->old.lines[(*x)++]);
		if (same > 2 * CONTEXT)
			return;
	}
}

static void diff_add_hunks(struct buf *to, const struct diff *d)
{
	struct buf body = { 0 };
	size_t x = 0, y = 0, same;

	while ((same = diff_equal(d, x, y)) != SIZE_MAX) {
		size_t shown = same < CONTEXT ? same : CONTEXT, from_x, from_y;

		from_x = x + same - shown;
		from_y = y + same - shown;
		buf_clear(&body);
		for (x = from_x, y = from_y; x < from_x + shown; y++)
			diff_add_line(&body, ' ', &d->old.lines[x++]);
		diff_add_body(&body, d, &x, &y);
		buf_adds(to, "@@");
		diff_add_range(to, '-', from_x, x - from_x);
		diff_add_range(to, '+', from_y, y - from_y);
		buf_adds(to, " @@\n");
		buf_add(to, body.data, body.len);
	}
	buf_free(&body);
}

/* --- the contract ------------------------------------------------------ */

/* As diff and git write names that would not be read as they are. */
static void diff_add_name(struct buf *to, const char *name)
{
	bool plain = *name != '"';

	for (const char *s = name; *s; s++)
		plain &= (unsigned char)*s >= ' ' && *s != 0x7f;
	if (plain) {
		buf_adds(to, name);
		return;
	}
	buf_addc(to, '"');
	for (const char *s = name; *s; s++)
		if (*s == '"' || *s == '\\')
			buf_addf(to, "\\%c", *s);
		else
			buf_addf(to, (unsigned char)*s < ' ' || *s == 0x7f ? "\\%03o" : "%c",
				(unsigned char)*s);
	buf_addc(to, '"');
}

void diff_add_differ(struct buf *to, const char *kind, const char *name)
{
	buf_addf(to, "%s ", kind);
	diff_add_name(to, name);
	buf_adds(to, " and ");
	diff_add_name(to, name);
	buf_adds(to, " differ\n");
}

void diff_add(struct buf *to, const char *name, const char *before, size_t before_len,
	const char *after, size_t after_len)
{
	struct diff d = { 0 };

	if (before_len == after_len && (!before_len || memcmp(before, after, before_len) == 0))
		return;
	if ((before_len && memchr(before, '\0', before_len))
	    || (after_len && memchr(after, '\0', after_len))) {
		diff_add_differ(to, "Binary files", name);
		return;
	}
	d.old = diff_cut(before, before_len);
	d.new = diff_cut(after, after_len);
	d.reach = mem_alloc((size_t)(CHANGES + 1) * (CHANGES + 1) * sizeof *d.reach);
	while (d.x < d.old.count || d.y < d.new.count)
		diff_go(&d);
	buf_adds(to, "--- ");
	diff_add_name(to, name);
	buf_adds(to, "\n+++ ");
	diff_add_name(to, name);
	buf_addc(to, '\n');
	diff_add_hunks(to, &d);
	free(d.reach);
	free(d.old.lines);
	free(d.new.lines);
}
