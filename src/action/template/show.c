/* The command template: what it looks like to a person who could have typed it. */
#include "action/template/template.h"

#include <string.h>

#include "action/template/quote.h"
#include "action/template/parts.h"
#include "base/buf.h"
#include "item.h"

/* Fills in a shell line in place. */
struct shower {
	struct emitter emitter;
	const struct fill *fill;
	const struct made *made;
	struct buf *out;
	bool gnu;    /* each value by itself, as GNU parallel quotes it */
	bool failed; /* a value cannot be spelled in its place */
};

static void show_text(struct emitter *e, const char *data, size_t len)
{
	buf_add(((struct shower *)e)->out, data, len);
}

/* Does this text mean the same where other text follows it: is it one command, whose quotes
 * end? */
static bool show_is_one_command(const char *data, size_t len)
{
	char quote = 0;

	for (size_t i = 0; i < len; i++) {
		if (data[i] == '\\' && quote != '\'')
			i++;
		else if (quote ? data[i] == quote : data[i] == '\'' || data[i] == '"')
			quote = quote ? 0 : data[i];
		else if (!quote && strchr(";&|\n#", data[i]))
			return false;
		if (i == len)
			return false;
	}
	return !quote;
}

/* As it was run, where it could not stand there by itself. */
static void show_command(struct buf *out, const char *data, size_t len)
{
	if (show_is_one_command(data, len)) {
		buf_add(out, data, len);
		return;
	}
	buf_adds(out, "eval ");
	quote_gnu(out, data, len);
}

static void show_value(struct shower *s, const struct part *p, const char *data, size_t len)
{
	if (p->command)
		show_command(s->out, data, len);
	else if (s->fill->variable && p->spot == SPOT_BARE)
		buf_add(s->out, data, len);
	else if (s->gnu && p->spot == SPOT_BARE && !p->ticks && !p->inner) {
		if (p->strict && len && *data == '-' && quote_plain(data, len))
			quote_always(s->out, data, len); /* no operator of [[ ]] */
		else
			quote_gnu(s->out, data, len);
	} else if (p->spot == SPOT_SINGLE && !p->ticks && !p->inner) {
		buf_adds(s->out, p->unopened ? "'" : "");
		quote_in_single(s->out, data, len);
		buf_adds(s->out, p->unclosed ? "'" : "");
	} else if (quote_plain(data, len) && !p->strict && !p->glued) {
		buf_add(s->out, data, len);
	} else if (p->ticks || p->inner || p->spot == SPOT_NUMBER) {
		s->failed = true;
	} else if (p->spot == SPOT_BARE) {
		quote_always(s->out, data, len);
	} else if (p->glued || !quote_in_double(s->out, data, len)) {
		buf_addc(s->out, '"');
		quote_always(s->out, data, len);
		buf_addc(s->out, '"');
	}
}

static void show_hole(struct emitter *e, const struct part *p, uint32_t first, uint32_t last)
{
	struct shower *s = (struct shower *)e;
	char digits[HOLE_DIGITS];
	struct buf joined = { 0 };
	bool apart = p->many == MANY_SPREAD && !p->command;

	for (uint32_t v = first; v < last; v++) {
		struct view view = made_view(&p->hole, s->fill, s->made, v, digits);

		if (v > first)
			buf_addc(apart ? s->out : &joined, ' ');
		if (p->requote)
			inner_quote(&joined, p->requote, view.data, view.len);
		else
			buf_add(&joined, view.data, view.len);
		if (apart) {
			show_value(s, p, buf_str(&joined), joined.len);
			buf_clear(&joined);
		}
	}
	if (!apart)
		show_value(s, p, buf_str(&joined), joined.len);
	buf_free(&joined);
}

static void show_words(const struct argv *argv, bool gnu, struct buf *out)
{
	for (size_t i = 0; i < argv->count; i++) {
		const char *word = argv->words[i];
		size_t len = strlen(word);

		if (i)
			buf_addc(out, ' ');
		if (gnu) {
			quote_gnu(out, word, len);
			continue;
		}
		if (!i && quote_shell_word(word, len, false))
			buf_adds(out, "env "); /* a program was run, of whatever name */
		quote_word(out, word, len);
	}
}

static bool show_line(const struct template *t, const struct fill *fill, struct buf *out)
{
	struct made made;
	struct shower s = { .emitter = { show_text, show_hole }, .fill = fill, .made = &made,
		.out = out, .gnu = t->gnu };
	size_t from = out->len;

	if (!t->gnu && !quote_clean(t->line, t->line_len))
		return false;
	made_fill(&made, &t->parts, fill);
	line_emit(t, &s.emitter, item_wholes(fill->item));
	made_free(&made);
	out->len -= t->unshown;
	memmove(out->data + from, out->data + from + t->unshown, out->len - from);
	return !s.failed;
}

/* The words; of those that are a shell line for another program it is shown as a person
 * would have written it, if it can be. */
static void show_call(const struct template *t, const struct fill *fill, struct buf *out)
{
	struct argv argv = { 0 };
	struct buf line = { 0 };
	bool shown = t->kind == KIND_ARGV && t->line && show_line(t, fill, &line);

	argv_for_show(t, fill, shown ? &line : NULL, &argv);
	show_words(&argv, t->gnu, out);
	argv_free(&argv);
	buf_free(&line);
}

/* An item that is a command is shown as it is. */
static bool show_item(const struct fill *fill, struct buf *out)
{
	size_t from = out->len;

	for (uint32_t i = 0; i < item_wholes(fill->item); i++) {
		struct value v = item_whole(fill->item, i);

		if (i)
			buf_addc(out, ' ');
		buf_add(out, v.data, v.len);
	}
	return quote_clean(out->data + from, out->len - from);
}

void template_show(const struct template *t, const struct fill *fill, struct buf *out)
{
	size_t from = out->len;

	if (t->kind == KIND_LINE && show_line(t, fill, out))
		return;
	if (t->kind == KIND_ITEMS && !t->never && (show_item(fill, out) || t->gnu))
		return;
	out->len = from;
	show_call(t, fill, out);
}

/* The line between parentheses, so that what is written behind them holds for all
 * of it. Not where it could end in a comment or a backslash, which would take the
 * closing one along. */
static bool show_enclosed(const struct template *t, const struct fill *fill, struct buf *out)
{
	size_t from;

	buf_adds(out, "(");
	from = out->len;
	if (!show_line(t, fill, out) || memchr(out->data + from, '#', out->len - from)
	    || out->data[out->len - 1] == '\\')
		return false;
	if (out->data[from] == '(') /* two of them would begin arithmetic */
		return false;
	buf_adds(out, ")");
	return true;
}

/* As one part of something larger. */
static void show_part(const struct template *t, const struct fill *fill, struct buf *out)
{
	size_t from = out->len;

	if (t->kind != KIND_LINE || !show_enclosed(t, fill, out)) {
		out->len = from;
		show_call(t, fill, out);
	}
}

void template_show_feeding(const struct template *t, const struct fill *fill,
	const char *lines, size_t len, struct buf *out)
{
	buf_adds(out, "printf '%s\\n'");
	for (const char *end = lines + len, *stop; lines < end; lines = stop + 1) {
		stop = memchr(lines, '\n', (size_t)(end - lines));
		buf_addc(out, ' ');
		quote_word(out, lines, (size_t)(stop - lines));
	}
	buf_adds(out, " | ");
	show_part(t, fill, out);
}

void template_show_reading(const struct template *t, const struct fill *fill,
	const char *file, size_t len, struct buf *out)
{
	show_part(t, fill, out);
	buf_adds(out, " <");
	quote_word(out, file, len);
}
