/* The command template: expanding, in two passes over the same code. The first
 * only measures; the second copies into memory that is large enough by then. */
#include "action/template/template.h"

#include <stdlib.h>
#include <string.h>

#include "action/template/parts.h"
#include "action/template/unquote.h"
#include "base/buf.h"
#include "base/mem.h"
#include "item.h"

struct filler {
	const struct template *t;
	const struct fill *fill;
	const struct made *made;
	struct argv *argv;
	char *bytes;        /* NULL in the first pass */
	size_t used;        /* of bytes */
	size_t start;       /* of the word under way */
	bool lax;           /* for argv_for_show, */
	const struct buf *line; /* as is this: how the shell line is shown, or NULL */
	enum expand status;
};

static void word_is(struct filler *f, const char *text, size_t len)
{
	struct argv *a = f->argv;

	if (f->bytes)
		a->words[a->count] = (char *)text; /* exec takes char *, and changes nothing */
	a->count++;
	a->bytes += len + 1;
	a->longest = len > a->longest ? len : a->longest;
}

static void put(struct filler *f, const char *data, size_t len)
{
	if (f->bytes)
		memcpy(f->bytes + f->used, data, len);
	f->used += len;
}

static void hide_nul(char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		data[i] = data[i] ? data[i] : '?';
}

static void word_ends(struct filler *f)
{
	size_t len = f->used - f->start;

	if (f->lax && f->bytes)
		hide_nul(f->bytes + f->start, len);
	put(f, "", 1);
	word_is(f, f->bytes ? f->bytes + f->start : NULL, len);
	f->start = f->used;
}

static struct view look(struct filler *f, const struct hole *h, uint32_t value, char *digits)
{
	struct view v = made_view(h, f->fill, f->made, value, digits);

	if (!f->bytes && h->what == HOLE_VALUE && memchr(v.data, '\0', v.len))
		f->status = EXPAND_NUL;
	return v;
}

static void put_hole(struct filler *f, const struct hole *h, unsigned requote, uint32_t value)
{
	char digits[HOLE_DIGITS];
	struct view v = look(f, h, value, digits);
	struct buf quoted = { 0 };

	if (requote) {
		inner_quote(&quoted, requote, v.data, v.len);
		v = (struct view){ buf_str(&quoted), quoted.len, false };
	}
	put(f, v.data, v.len);
	buf_free(&quoted);
}

/* A word that is one hole and nothing else: no copy if the item has it ready. */
static void word_of_hole(struct filler *f, const struct hole *h, unsigned requote, uint32_t value)
{
	char digits[HOLE_DIGITS];
	struct view v = look(f, h, value, digits);

	if (v.ended && !f->lax && !requote && !h->made) {
		word_is(f, v.data, v.len);
	} else {
		put_hole(f, h, requote, value);
		word_ends(f);
	}
}

/* A word that is repeated: the round for this value. */
static void repeated_word(struct filler *f, const struct word *w, uint32_t value)
{
	for (size_t i = w->from; i < w->to; i++) {
		const struct part *p = &f->t->parts.list[i];

		if (p->kind == PART_TEXT)
			put(f, p->text, p->len);
		else
			put_hole(f, &p->hole, p->requote, value);
	}
	word_ends(f);
}

/* As sh does it with "$@": the first value ends the word that its hole stands in,
 * the last begins the next. */
static void spread_word(struct filler *f, const struct word *w, uint32_t values)
{
	for (size_t i = w->from; i < w->to; i++) {
		const struct part *p = &f->t->parts.list[i];

		if (p->kind == PART_TEXT) {
			put(f, p->text, p->len);
			continue;
		}
		for (uint32_t v = 0; v < (hole_many(&p->hole) ? values : 1); v++) {
			if (v)
				word_ends(f);
			put_hole(f, &p->hole, p->requote, v);
		}
	}
	word_ends(f);
}

static void expand_parts(struct filler *f, const struct word *w)
{
	const struct part *first = &f->t->parts.list[w->from];
	uint32_t values = item_wholes(f->fill->item);
	uint32_t rounds = w->many ? values : 1;

	if (w->to == w->from + 1) {
		for (uint32_t v = 0; v < rounds; v++)
			word_of_hole(f, &first->hole, first->requote, v);
	} else if (f->t->repeat) {
		for (uint32_t v = 0; v < rounds; v++)
			repeated_word(f, w, v);
	} else {
		spread_word(f, w, values);
	}
}

/* The arguments of the script: those of one value in the order of their rank, then
 * those of every value. */
static void expand_params(struct filler *f, bool many, uint32_t rounds)
{
	char digits[HOLE_DIGITS];

	for (uint32_t i = 0; i < f->t->nparams; i++) {
		const struct param *p = &f->t->params[i];

		for (uint32_t v = 0; v < rounds && hole_many(&p->hole) == many; v++) {
			if (p->number && !f->bytes && !hole_is_number(look(f, &p->hole, v, digits)))
				f->status = EXPAND_NOT_NUMBER;
			word_of_hole(f, &p->hole, p->requote, v);
		}
	}
}

static void expand_script(struct filler *f)
{
	const struct template *t = f->t;
	uint32_t values = item_wholes(f->fill->item);

	if (f->line) { /* for people: the values stand in it */
		put(f, f->line->data, f->line->len);
		word_ends(f);
	} else if (values == 1 || t->nsingle == t->nparams) {
		word_is(f, t->script, t->script_len);
	} else {
		f->used += script_write(t, values, f->bytes ? f->bytes + f->used : NULL, false);
		word_ends(f);
	}
}

static void expand_words(struct filler *f)
{
	for (size_t i = 0; i < f->t->nwords; i++) {
		const struct word *w = &f->t->words[i];

		if (w->kind == WORD_FIXED && !(w->added && f->line)) {
			word_is(f, w->fixed, w->len);
		} else if (w->kind == WORD_PARTS) {
			expand_parts(f, w);
		} else if (w->kind == WORD_SCRIPT) {
			expand_script(f);
		} else if (w->kind == WORD_PARAMS && !f->line) {
			expand_params(f, false, 1);
			expand_params(f, true, item_wholes(f->fill->item));
		}
	}
}

/* What a redirection opens: several values stand there with blanks between, as a shell
 * has it. */
static void expand_target(struct filler *f, const struct target *target)
{
	for (size_t i = target->from; i < target->to; i++) {
		const struct part *p = &f->t->parts.list[i];
		uint32_t rounds = p->kind != PART_TEXT && hole_many(&p->hole)
			? item_wholes(f->fill->item) : 1;

		for (uint32_t v = 0; v < rounds; v++) {
			if (v)
				put(f, " ", 1);
			if (p->kind == PART_TEXT)
				put(f, p->text, p->len);
			else
				put_hole(f, &p->hole, REQUOTE_NONE, v);
		}
	}
	put(f, "", 1);
	if (f->bytes) {
		struct redirect *r = &f->argv->redirects.list[f->argv->redirects.count++];

		*r = target->redirect;
		r->path = f->bytes + f->start;
	}
	f->start = f->used;
}

static void expand_targets(struct filler *f)
{
	for (size_t i = 0; i < f->t->ntargets; i++)
		expand_target(f, &f->t->targets[i]);
}

static void *arena(struct argv *argv, size_t size)
{
	if (size > argv->arena_cap) {
		size_t cap = size > 2 * argv->arena_cap ? size : 2 * argv->arena_cap;

		free(argv->arena);
		argv->arena = mem_alloc(cap);
		argv->arena_cap = cap;
	}
	return argv->arena;
}

static void argv_clear(struct argv *argv)
{
	argv->count = argv->bytes = argv->longest = 0;
	argv->words = NULL;
	argv->redirects = (struct redirects){ 0 };
}

static enum expand expand_made(const struct template *t, const struct fill *fill,
	struct argv *argv, bool lax, const struct buf *line, const struct made *made)
{
	struct filler f = { .t = t, .fill = fill, .made = made, .argv = argv, .lax = lax,
		.line = line };
	size_t count;

	argv_clear(argv);
	expand_words(&f);
	expand_targets(&f);
	if (made->why && !f.status) {
		f.status = EXPAND_NOT_MADE;
		argv->why = made->why;
	}
	count = argv->count;
	argv_clear(argv);
	if (f.status != EXPAND_OK && !lax)
		return f.status;
	argv->words = arena(argv, (count + 1) * sizeof *argv->words
		+ t->ntargets * sizeof *argv->redirects.list + f.used);
	argv->redirects.list = (struct redirect *)(argv->words + count + 1);
	f.bytes = (char *)(argv->redirects.list + t->ntargets);
	f.used = f.start = 0;
	expand_words(&f);
	expand_targets(&f);
	argv->words[count] = NULL;
	return EXPAND_OK;
}

static enum expand expand(const struct template *t, const struct fill *fill, struct argv *argv,
	bool lax, const struct buf *line)
{
	enum expand status;
	struct made made;

	made_fill(&made, &t->parts, fill);
	status = expand_made(t, fill, argv, lax, line, &made);
	made_free(&made);
	return status;
}

/* --- items that are commands themselves -------------------------------------- */

/* The item as a line: the length of its values with spaces between. */
static size_t line_of_item(const struct item *item, char *to)
{
	size_t len = 0;

	for (uint32_t i = 0; i < item_wholes(item); i++) {
		struct value v = item_whole(item, i);

		if (to) {
			if (i)
				to[len - 1] = ' ';
			memcpy(to + len, v.data, v.len);
			to[len + v.len] = '\0';
		}
		len += v.len + 1;
	}
	return len ? len - 1 : 0;
}

/* One that was shown, as it was. */
static size_t line_of_logged(const struct item *item, char *to)
{
	struct value v = item_whole(item, 0);
	struct buf line = { 0 };
	size_t len;

	unquote_line(&line, v.data, v.len);
	len = line.len;
	if (to)
		memcpy(to, buf_str(&line), len + 1);
	buf_free(&line);
	return len;
}

/* Nothing that a shell would run: blanks, or blanks and a comment. */
static bool is_idle(const char *line, size_t len, bool comments)
{
	size_t i = strspn(line, " \t\n");

	return i == len || (comments && line[i] == '#' && !memchr(line + i, '\n', len - i));
}

static void split_item(struct filler *f, char *line, size_t len)
{
	size_t at = 0, end = 0;

	for (; at < len && line_word(line, len, NULL, &at, &end); at = end + 1) {
		if (f->bytes)
			line[end] = '\0';
		word_is(f, line + at, end - at);
	}
}

/* The same of words and redirections. What ends a word may be a part of what comes next:
 * it is cut off when that has been read. */
static void split_simple_item(struct filler *f, char *line, size_t len)
{
	struct simple s = { .line = line, .len = len };
	struct simple_token token;
	struct argv *argv = f->argv;
	size_t end = len;

	while (simple_next(&s, &token)) {
		line[end] = '\0';
		end = token.to;
		if (token.redirects) {
			token.redirect.path = line + token.from;
			argv->redirects.list[argv->redirects.count++] = token.redirect;
		} else {
			word_is(f, line + token.from, token.to - token.from);
		}
	}
	line[end] = '\0';
}

/* Lay out the arena by hand: the words in front, the line behind them. shell: it is to do
 * the redirections. */
static enum expand expand_item(const struct template *t, const struct fill *fill,
	struct argv *argv, bool lax, bool shell)
{
	size_t (*write)(const struct item *, char *) = t->logged ? line_of_logged : line_of_item;
	size_t len = write(fill->item, NULL);
	size_t most = len / 2 + 5; /* words, and their NULL; and no more redirections */
	struct filler f = { .t = t, .fill = fill, .argv = argv };
	enum simple_line simple;
	char *line;

	argv_clear(argv);
	argv->words = arena(argv, most * (sizeof *argv->words + sizeof *argv->redirects.list)
		+ len + 2);
	argv->redirects.list = (struct redirect *)(argv->words + most);
	f.bytes = (char *)(argv->redirects.list + most);
	line = f.bytes + 1;
	*line = '\0';
	write(fill->item, line);
	if (lax)
		hide_nul(line, len);
	if (memchr(line, '\0', len))
		return EXPAND_NUL;
	if (is_idle(line, len, !t->never) && !lax)
		return EXPAND_EMPTY;
	simple = t->never ? SIMPLE_NOT : simple_line(t, line, len, NULL);
	if (t->never || simple == SIMPLE_WORDS) {
		split_item(&f, line, len);
	} else if (simple == SIMPLE_REDIRECTIONS && !shell) {
		split_simple_item(&f, line, len);
	} else {
		/* a line that begins with a sign must not be taken for an option */
		bool sign = *line == '-' || *line == '+';

		*f.bytes = ' ';
		word_is(&f, t->shell, strlen(t->shell));
		word_is(&f, "-c", 2);
		word_is(&f, line - sign, len + sign);
	}
	argv->words[argv->count] = NULL;
	return EXPAND_OK;
}

enum expand template_expand(const struct template *t, const struct fill *fill, struct argv *argv)
{
	if (t->kind == KIND_ITEMS)
		return expand_item(t, fill, argv, false, false);
	return expand(t->direct ? t->direct : t, fill, argv, false, NULL);
}

enum expand template_expand_for_shell(const struct template *t, const struct fill *fill,
	struct argv *argv)
{
	if (t->kind == KIND_ITEMS)
		return expand_item(t, fill, argv, false, true);
	return expand(t, fill, argv, false, NULL);
}

void argv_for_show(const struct template *t, const struct fill *fill, const struct buf *line,
	struct argv *argv)
{
	if (t->kind == KIND_ITEMS)
		expand_item(t, fill, argv, true, true);
	else
		expand(t, fill, argv, true, line);
}

void argv_free(struct argv *argv)
{
	free(argv->arena);
	*argv = (struct argv){ 0 };
}

void template_fill(const struct template *t, const struct fill *fill, struct buf *out)
{
	char digits[HOLE_DIGITS];
	struct made made;

	made_fill(&made, &t->parts, fill);
	for (size_t i = 0; i < t->parts.count; i++) {
		const struct part *p = &t->parts.list[i];

		if (p->kind == PART_TEXT) {
			buf_add(out, p->text, p->len);
			continue;
		}
		for (uint32_t v = 0; v < (hole_many(&p->hole) ? item_wholes(fill->item) : 1); v++) {
			struct view view = made_view(&p->hole, fill, &made, v, digits);

			if (v)
				buf_addc(out, ' ');
			buf_add(out, view.data, view.len);
		}
	}
	made_free(&made);
}
