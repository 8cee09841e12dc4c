/* The command template: compiling. See template.h. */
#include "action/template/template.h"

#include <stdlib.h>
#include <string.h>

#include "action/template/quote.h"
#include "action/template/parts.h"
#include "base/buf.h"
#include "base/mem.h"

static const char blanks[] = " \t\n";

bool line_word(const char *line, size_t len, const struct template_rules *rules, size_t *at,
	size_t *end)
{
	struct hole h;
	size_t i = *at, n;

	while (i < len && strchr(blanks, line[i]) && !hole_match(line + i, len - i, rules, &h))
		i++;
	*at = i;
	while (i < len) {
		n = hole_match(line + i, len - i, rules, &h);
		if (!n && strchr(blanks, line[i]))
			break;
		i += n ? n : 1;
	}
	*end = i;
	return i > *at;
}

/* A [ that is a word of its own is a program; any other is a pattern. */
static bool is_test(const char *line, size_t len, size_t i)
{
	return line[i] == '[' && (i == 0 || line[i - 1] == ' ')
		&& i + 1 < len && line[i + 1] == ' ';
}

bool line_is_direct(const char *line, size_t len, const struct template_rules *rules)
{
	size_t from = 0, to, n;
	struct hole h;

	for (size_t i = 0; i < len; i += n ? n : 1) {
		n = hole_match(line + i, len - i, rules, &h);
		if (!n && !quote_inert(line[i]) && !is_test(line, len, i))
			return false;
	}
	if (!line_word(line, len, rules, &from, &to))
		return false;
	/* = in the first word may be an assignment, and then in the next as well */
	return !memchr(line + from, '=', to - from) && !quote_shell_word(line + from, to - from);
}

/* --- argv ------------------------------------------------------------------- */

static void add_word(struct template *t, const char *text, size_t len,
	const struct template_rules *rules)
{
	struct word *w;

	t->words = mem_grow(t->words, (t->nwords + 1) * sizeof *t->words);
	w = &t->words[t->nwords++];
	w->from = t->parts.count;
	w->many = parts_parse(&t->parts, text, len, rules);
	w->to = t->parts.count;
	w->len = len;
	w->fixed = len ? NULL : "";
	if (w->to == w->from + 1 && t->parts.list[w->from].kind == PART_TEXT)
		w->fixed = text;
}

static bool has_hole(const struct parts *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->list[i].kind == PART_HOLE)
			return true;
	return false;
}

static bool argv_end(struct template *t, bool bare, struct buf *why)
{
	if (!t->nwords) {
		buf_adds(why, "the command is empty; leave it out to run the items themselves");
		return false;
	}
	if (!bare && !has_hole(&t->parts))
		add_word(t, "{}", 2, &(struct template_rules){ .braces = "{}" });
	return true;
}

/* Make t an argv of the words of t->text, which is cut up for that. */
static bool split(struct template *t, size_t len, const struct template_rules *rules,
	struct buf *why)
{
	size_t at = 0, end;

	t->kind = KIND_ARGV;
	while (line_word(t->text, len, rules, &at, &end)) {
		t->text[end] = '\0';
		add_word(t, t->text + at, end - at, rules);
		at = end + 1;
	}
	return argv_end(t, rules->bare, why);
}

/* --- shell lines ------------------------------------------------------------ */

/* Put {} at the end of the line; where it stands then. */
static size_t append(struct template *t, const char *braces)
{
	struct buf b = { 0 };
	size_t len = t->line_len;

	while (len && strchr(blanks, t->line[len - 1]))
		len--;
	buf_add(&b, t->line, len);
	buf_addc(&b, ' ');
	buf_adds(&b, braces);
	t->line_len = b.len;
	buf_addc(&b, '\0');
	free(t->text);
	t->line = t->text = b.data;
	return len + 1;
}

/* The line holds no replacement string: read it again, with one at its end. */
static bool read_appended(struct template *t, const struct template_rules *rules,
	struct buf *why)
{
	size_t at = append(t, rules->braces), from = why->len;

	t->parts.count = 0;
	if (line_read(t, rules, at, why))
		return true;
	why->len = from;
	buf_addf(why, "the shell line ends where no argument can stand; put %s where the item "
		"should go", rules->braces);
	return false;
}

/* The values go by a name of ours that the line does not use. */
static bool choose_prefix(struct template *t, struct buf *why)
{
	memcpy(t->prefix, "_pq", 4);
	while (strstr(t->line, t->prefix)) {
		size_t n = strlen(t->prefix);

		if (n + 1 == sizeof t->prefix) {
			buf_adds(why, "the shell line uses every name pq has for its variables");
			return false;
		}
		memcpy(t->prefix + n, "_", 2);
	}
	return true;
}

static bool compile_line(struct template *t, size_t len, const struct template_rules *rules,
	struct buf *why)
{
	t->kind = KIND_LINE;
	t->line = t->text;
	t->line_len = len;
	if (!len || strspn(t->line, blanks) == len) {
		buf_adds(why, "the command is empty; leave it out to run the items themselves");
		return false;
	}
	if (!line_read(t, rules, SIZE_MAX, why))
		return false;
	if (!rules->bare && !has_hole(&t->parts) && !read_appended(t, rules, why))
		return false;
	if (!choose_prefix(t, why))
		return false;
	t->script_len = script_write(t, 1, NULL, false);
	t->script = mem_alloc(t->script_len + 1);
	script_write(t, 1, t->script, false);
	t->script[t->script_len] = '\0';
	return true;
}

/* --- the contract ----------------------------------------------------------- */

static void join_words(struct template *t, char *const words[], size_t count, size_t *len)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_addc(&b, ' ');
		buf_adds(&b, words[i]);
	}
	*len = b.len;
	buf_addc(&b, '\0');
	t->text = b.data;
}

static bool compile(struct template *t, char *const words[], size_t count,
	const struct template_rules *rules, struct buf *why)
{
	size_t len;

	if (!*rules->braces) {
		buf_adds(why, "the replacement string is empty; -I needs one, such as {} or %");
		return false;
	}
	if (!count) {
		t->kind = KIND_ITEMS;
		return true;
	}
	if (count > 1 && rules->shell != SHELL_ALWAYS) {
		t->kind = KIND_ARGV;
		for (size_t i = 0; i < count; i++)
			add_word(t, words[i], strlen(words[i]), rules);
		return argv_end(t, rules->bare, why);
	}
	join_words(t, words, count, &len);
	if (rules->shell == SHELL_NEVER || line_is_direct(t->text, len, rules))
		return split(t, len, rules, why);
	return compile_line(t, len, rules, why);
}

struct template *template_command(char *const words[], size_t count,
	const struct template_rules *rules, struct buf *why)
{
	struct template *t = mem_zero(sizeof *t);

	t->repeat = rules->repeat_words;
	t->never = rules->shell == SHELL_NEVER;
	t->logged = rules->logged;
	if (compile(t, words, count, rules, why))
		return t;
	template_free(t);
	return NULL;
}

struct template *template_text(const char *text, const struct template_rules *rules)
{
	struct template *t = mem_zero(sizeof *t);
	size_t len = strlen(text);

	t->kind = KIND_TEXT;
	t->text = mem_copy(text, len);
	parts_parse(&t->parts, t->text, len, rules);
	return t;
}

bool template_has_item(const struct template *t)
{
	for (size_t i = 0; i < t->parts.count; i++)
		if (t->parts.list[i].kind == PART_HOLE
		    && t->parts.list[i].hole.what == HOLE_VALUE)
			return true;
	return t->kind == KIND_ITEMS;
}

bool template_has_hole(const struct template *t)
{
	for (size_t i = 0; i < t->parts.count; i++)
		if (t->parts.list[i].kind == PART_HOLE)
			return true;
	return false;
}

size_t template_fixed(const struct template *t)
{
	const struct part *first = t->parts.list;

	return t->parts.count && first->kind == PART_TEXT ? first->len : 0;
}

bool template_has_slot(const struct template *t)
{
	for (size_t i = 0; i < t->parts.count; i++)
		if (t->parts.list[i].kind == PART_HOLE && t->parts.list[i].hole.what == HOLE_SLOT)
			return true;
	return false;
}

void template_free(struct template *t)
{
	if (!t)
		return;
	free(t->parts.list);
	free(t->words);
	free(t->text);
	free(t->params);
	free(t->script);
	free(t);
}

const char *template_program(const struct template *t)
{
	if (t->kind == KIND_LINE)
		return "/bin/sh";
	return t->kind == KIND_ARGV ? t->words[0].fixed : NULL;
}
