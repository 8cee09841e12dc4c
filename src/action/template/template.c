/* The command template: compiling. See template.h. */
#include "action/template/template.h"

#include <stdlib.h>
#include <string.h>

#include "action/template/call.h"
#include "action/template/parts.h"
#include "action/template/quote.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"

static const char blanks[] = " \t\n";

bool line_word(const char *line, size_t len, const struct template_rules *rules, size_t *at,
	size_t *end)
{
	struct hole h;
	size_t i = *at, n;

	while (i < len && strchr(blanks, line[i]) && !hole_match(line, len, i, rules, &h))
		i++;
	*at = i;
	while (i < len) {
		n = hole_match(line, len, i, rules, &h);
		if (!n && strchr(blanks, line[i]))
			break;
		i += n ? n : 1;
	}
	*end = i;
	return i > *at;
}

/* --- words ------------------------------------------------------------------ */

static struct word *add_kind(struct template *t, int kind)
{
	struct word *w;

	t->words = mem_grow(t->words, (t->nwords + 1) * sizeof *t->words);
	w = &t->words[t->nwords++];
	*w = (struct word){ .kind = kind, .from = t->parts.count, .to = t->parts.count };
	return w;
}

static void add_fixed(struct template *t, const char *text, bool added)
{
	struct word *w = add_kind(t, WORD_FIXED);

	w->fixed = text;
	w->len = strlen(text);
	w->added = added;
}

static struct word *add_word(struct template *t, const char *text, size_t len,
	const struct template_rules *rules)
{
	struct word *w = add_kind(t, WORD_PARTS);

	w->many = parts_parse(&t->parts, text, len, rules);
	w->to = t->parts.count;
	if (w->to > w->from + 1 || (w->to > w->from && t->parts.list[w->from].kind == PART_HOLE))
		return w;
	w->kind = WORD_FIXED;
	w->fixed = text;
	w->len = len;
	return w;
}

static bool has_hole(const struct parts *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->list[i].kind == PART_HOLE)
			return true;
	return false;
}

static bool template_runs_value(const struct parts *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->list[i].kind == PART_HOLE && p->list[i].command)
			return true;
	return false;
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

/* What t->line is handed over as, its parts and params being known. */
static bool compile_script(struct template *t, struct buf *why)
{
	if (!choose_prefix(t, why))
		return false;
	t->script_len = script_write(t, 1, NULL, false);
	t->script = mem_alloc(t->script_len + 1);
	script_write(t, 1, t->script, false);
	t->script[t->script_len] = '\0';
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
	t->bash = call_is_bash(t->shell, strlen(t->shell));
	if (!line_read(t, rules, SIZE_MAX, why))
		return false;
	if (!rules->bare && !has_hole(&t->parts) && !read_appended(t, rules, why))
		return false;
	add_fixed(t, t->shell, false);
	add_fixed(t, "-c", false);
	add_kind(t, WORD_SCRIPT);
	add_fixed(t, rules->shell_path ? parts_base_name(rules->shell_path) : "sh", true);
	add_kind(t, WORD_PARAMS);
	return compile_script(t, why);
}

/* --- argv ------------------------------------------------------------------- */

/* A command of words under way. */
struct listing {
	struct template *t;
	const struct template_rules *rules;
	struct buf *why;
	struct call call;      /* what its words are to its program */
	bool params;           /* a script of it has no arguments yet */
	size_t joined_word;    /* from here on words are one line together, */
	struct buf joined;     /* which is this, if there are some */
	bool joins;
};

/* A replacement string among other text? */
static bool is_mixed(const struct template_rules *rules, const char *text, size_t len)
{
	struct hole h;
	size_t n = hole_match(text, len, 0, rules, &h);

	if (n && n == len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (hole_match(text, len, i, rules, &h) && h.what != HOLE_TEXT)
			return true;
	return false;
}

/* The word is a line that a shell will read: as any line of pq's own. */
static bool list_script(struct listing *l, const char *text, size_t len)
{
	struct template *t = l->t;
	size_t from = t->parts.count;
	struct buf why = { 0 };
	bool ok;

	t->line = text;
	t->line_len = len;
	t->bash = call_is_bash(l->call.shell, strlen(l->call.shell));
	ok = line_read(t, l->rules, SIZE_MAX, &why);
	l->params = ok && t->nparams;
	if (l->params) {
		add_kind(t, WORD_SCRIPT);
		ok = compile_script(t, &why);
	} else if (ok) { /* its braces are those of a program in it */
		t->line = NULL;
		t->parts.count = from;
		add_fixed(t, text, false);
	}
	if (!ok)
		buf_addf(l->why, "in the line for %s, %s; hand %s over as an argument: "
			"%s -c '... \"$1\" ...' %s %s", l->call.shell, buf_str(&why), l->rules->braces,
			l->call.shell, l->call.shell, l->rules->braces);
	buf_free(&why);
	return ok;
}

static void list_joined(struct listing *l, const char *text, size_t len)
{
	if (l->joins)
		buf_addc(&l->joined, ' ');
	else
		l->joined_word = l->t->nwords;
	l->joins = true;
	buf_add(&l->joined, text, len);
}

/* Of code in another language: its braces may be its own. */
static void list_own(struct listing *l, const struct word *w, enum role role, bool mixed)
{
	struct parts *p = &l->t->parts;
	bool replaces = false;

	if (role != ROLE_FOREIGN && role != ROLE_OWN)
		return;
	for (size_t i = w->from; i < w->to; i++) {
		p->list[i].own = true;
		replaces |= p->list[i].kind == PART_HOLE && p->list[i].hole.what != HOLE_NAME;
	}
	if (role == ROLE_FOREIGN && mixed && replaces)
		template_note_code(l->t, &l->call, l->rules->braces);
}

static bool list_word(struct listing *l, const char *text, size_t len,
	const struct template_rules *rules)
{
	bool due = l->params;
	enum role role = call_word(&l->call, text, len);
	struct word *w;

	if (role == ROLE_SCRIPT && is_mixed(rules, text, len))
		return list_script(l, text, len);
	if (role == ROLE_JOINED)
		list_joined(l, text, len);
	w = add_word(l->t, text, len, rules);
	list_own(l, w, role, is_mixed(rules, text, len));
	if (due && w->many) {
		buf_addf(l->why, "%s cannot be both in the line for %s and the word behind it",
			rules->braces, l->call.shell);
		return false;
	}
	if (due)
		add_kind(l->t, WORD_PARAMS);
	l->params = false;
	return true;
}

/* What ssh joins for a shell elsewhere: each value is quoted for that one, too. */
static bool list_quote(struct listing *l)
{
	struct parts *p = &l->t->parts;
	struct part **holes = mem_alloc((p->count + 1) * sizeof *holes);
	struct buf why = { 0 };
	size_t n = 0;
	bool ok;

	for (size_t i = l->joined_word; i < l->t->nwords; i++)
		for (size_t k = l->t->words[i].from; k < l->t->words[i].to; k++)
			if (p->list[k].kind == PART_HOLE)
				holes[n++] = &p->list[k];
	ok = !n || !is_mixed(l->rules, buf_str(&l->joined), l->joined.len)
		|| inner_requote(holes, n, l->joined.data, l->joined.len, l->rules, false, &why);
	if (!ok)
		buf_addf(l->why, "in the line for %s, %s", l->call.name, buf_str(&why));
	free(holes);
	buf_free(&why);
	return ok;
}

static bool list_end(struct listing *l, bool ok)
{
	struct template *t = l->t;

	if (ok && !t->nwords) {
		buf_adds(l->why, "the command is empty; leave it out to run the items themselves");
		return false;
	}
	if (ok && !l->rules->bare && !has_hole(&t->parts))
		ok = list_word(l, l->rules->braces, strlen(l->rules->braces), l->rules);
	if (ok && l->params) {
		add_fixed(t, l->call.shell, true);
		add_kind(t, WORD_PARAMS);
	}
	ok = ok && (!l->joins || list_quote(l))
		&& parts_settle(&t->parts, 0, t->parts.count, l->rules, l->why);
	buf_free(&l->joined);
	return ok;
}

/* Make t an argv of the words of t->text, which is cut up for that. */
static bool split(struct template *t, size_t len, const struct template_rules *rules,
	struct buf *why)
{
	struct listing l = { .t = t, .rules = rules, .why = why };
	size_t at = 0, end;
	bool ok = true;

	t->kind = KIND_ARGV;
	while (ok && line_word(t->text, len, rules, &at, &end)) {
		t->text[end] = '\0';
		ok = list_word(&l, t->text + at, end - at, rules);
		at = end + 1;
	}
	return list_end(&l, ok);
}

/* What a redirection opens is one word, whatever stands in it. */
static void list_redirect(struct listing *l, const struct redirect *r, const char *text,
	size_t len)
{
	struct template *t = l->t;
	struct target *target;

	t->targets = mem_grow(t->targets, (t->ntargets + 1) * sizeof *t->targets);
	target = &t->targets[t->ntargets++];
	*target = (struct target){ .redirect = *r, .from = t->parts.count };
	if (r->what == REDIRECT_OPEN)
		parts_parse(&t->parts, text, len, l->rules);
	target->to = t->parts.count;
}

/* Make t an argv of the words and redirections of the line; t->text has room for each of
 * them with a NUL. */
static bool split_redirected(struct template *t, const char *line, size_t len,
	const struct template_rules *rules, struct buf *why)
{
	struct listing l = { .t = t, .rules = rules, .why = why };
	struct simple s = { .line = line, .len = len, .rules = rules };
	struct simple_token token;
	char *to = t->text;
	bool ok = true;

	t->kind = KIND_ARGV;
	while (ok && simple_next(&s, &token)) {
		size_t n = token.to - token.from;

		memcpy(to, line + token.from, n);
		to[n] = '\0';
		if (token.redirects)
			list_redirect(&l, &token.redirect, to, n);
		else
			ok = list_word(&l, to, n, rules);
		to += n + 1;
	}
	return list_end(&l, ok);
}

static bool compile_words(struct template *t, char *const words[], size_t count,
	const struct template_rules *rules, struct buf *why)
{
	struct listing l = { .t = t, .rules = rules, .why = why };
	bool ok = true;

	t->kind = KIND_ARGV;
	for (size_t i = 0; ok && i < count; i++)
		ok = list_word(&l, words[i], strlen(words[i]), rules);
	template_note_operators(t, words, count, rules->braces);
	return list_end(&l, ok);
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

/* The line as a command that needs no shell, or NULL. */
static struct template *compile_direct(const struct template *t, char *const words[],
	size_t count, const struct template_rules *rules)
{
	struct template *direct = mem_zero(sizeof *direct);
	struct buf why = { 0 };
	char *line;
	size_t len;

	direct->repeat = t->repeat;
	join_words(direct, words, count, &len);
	line = direct->text;
	direct->text = mem_alloc(2 * len + 1);
	if (!split_redirected(direct, line, len, rules, &why)) {
		template_free(direct);
		direct = NULL;
	}
	free(line);
	buf_free(&why);
	return direct;
}

static bool compile(struct template *t, char *const words[], size_t count,
	const struct template_rules *rules, struct buf *why)
{
	enum simple_line simple;
	size_t len;

	if (!*rules->braces) {
		buf_adds(why, "the replacement string is empty; -I needs one, such as {} or %");
		return false;
	}
	/* {} alone: the items are the commands */
	if (!count || (count == 1 && strcmp(words[0], rules->braces) == 0)) {
		t->kind = KIND_ITEMS;
		t->shell_kind = t->which_shell ? t->which_shell(t->shell) : SHELL_UNKNOWN;
		return true;
	}
	if (count > 1 && rules->shell != SHELL_ALWAYS)
		return compile_words(t, words, count, rules, why);
	join_words(t, words, count, &len);
	simple = rules->shell == SHELL_NEVER ? SIMPLE_WORDS : simple_line(t, t->text, len, rules);
	if (simple == SIMPLE_WORDS && !rules->gnu)
		return split(t, len, rules, why);
	if (rules->unshown && strncmp(t->text, rules->unshown, strlen(rules->unshown)) == 0)
		t->unshown = strlen(rules->unshown);
	if (!compile_line(t, len, rules, why))
		return false;
	if (simple != SIMPLE_NOT && !template_runs_value(&t->parts))
		t->direct = compile_direct(t, words, count, rules);
	return true;
}

struct template *template_command(char *const words[], size_t count,
	const struct template_rules *rules, struct buf *why)
{
	struct template *t = mem_zero(sizeof *t);

	t->repeat = rules->repeat_words;
	t->never = rules->shell == SHELL_NEVER;
	t->logged = rules->logged;
	t->gnu = rules->gnu;
	t->shell = rules->shell_path ? rules->shell_path : "/bin/sh";
	t->which_shell = rules->which_shell;
	if (compile(t, words, count, rules, why))
		return t;
	template_free(t);
	return NULL;
}

struct template *template_text(const char *text, const struct template_rules *rules)
{
	struct template *t = mem_zero(sizeof *t);
	size_t len = strlen(text);
	struct buf why = { 0 };

	t->kind = KIND_TEXT;
	t->text = mem_copy(text, len);
	parts_parse(&t->parts, t->text, len, rules);
	parts_settle(&t->parts, 0, t->parts.count, rules, &why);
	buf_free(&why);
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

bool template_has_more(const struct template *t)
{
	for (size_t i = 0; i < t->parts.count; i++) {
		const struct part *p = &t->parts.list[i];

		if (p->kind == PART_HOLE && p->hole.what != HOLE_SLOT && p->hole.what != HOLE_GROUP
		    && p->hole.what != HOLE_NAME && p->hole.what != HOLE_TEXT)
			return true;
	}
	return false;
}

static bool template_has(const struct template *t, int what)
{
	for (size_t i = 0; i < t->parts.count; i++)
		if (t->parts.list[i].kind == PART_HOLE && (int)t->parts.list[i].hole.what == what)
			return true;
	return false;
}

bool template_has_slot(const struct template *t)
{
	return template_has(t, HOLE_SLOT) || t->parts.asks & STEPS_SLOT;
}

unsigned template_asks(const struct template *t)
{
	return t->parts.asks;
}

bool template_skips(const struct template *t, const struct fill *fill)
{
	return made_skips(&t->parts, fill);
}

bool template_has_group(const struct template *t)
{
	return template_has(t, HOLE_GROUP);
}

void template_free(struct template *t)
{
	if (!t)
		return;
	template_free(t->direct);
	parts_free(&t->parts);
	free(t->words);
	free(t->targets);
	free(t->text);
	free(t->params);
	free(t->script);
	free(t->note);
	free(t);
}

bool template_redirects(const struct template *t)
{
	return t->direct != NULL;
}

const char *template_program(const struct template *t)
{
	if (t->direct)
		return template_program(t->direct);
	return t->nwords ? t->words[0].fixed : NULL;
}

