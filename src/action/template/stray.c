/* The command template: what stands in braces and is no column. See template.h.
 *
 * Braces mean other things, too, so that only what looks like the name of a column is
 * refused, and not where it belongs to another language: behind a $, a backslash, an @
 * or a second brace, and in the arguments of programs that take programs. */
#include "action/template/names.h"
#include "action/template/parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/msg.h"

enum { SHOWN = 40 };

struct check {
	const struct template_rules *rules;
	struct buf *why;
	bool line;      /* a shell line: an operator ends a command */
	bool text;      /* no command */
	bool program;   /* what is read may be a program */
};

/* Is this word a program that takes programs? */
static bool takes_program(const char *word, size_t len)
{
	static const char *const programs[] = { "awk", "gawk", "mawk", "nawk", "sed", "gsed",
		"perl", "jq", "yq", "python", "python3", "ruby", "node", "php", "lua", "tclsh",
		"xargs", "parallel", "pq" };
	size_t start = len;

	while (start > 0 && word[start - 1] != '/')
		start--;
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
		if (strlen(programs[i]) == len - start
		    && memcmp(programs[i], word + start, len - start) == 0)
			return true;
	return false;
}

/* The braces that begin at s, in the message. */
static void quote_braces(struct check *c, const char *s, size_t len)
{
	size_t n = len < SHOWN ? len : SHOWN;
	const char *end = memchr(s, '}', n);

	msg_quote(c->why, s, end ? (size_t)(end + 1 - s) : n, SHOWN);
}

static bool name_is_none(struct check *c, const char *s, size_t len)
{
	const struct names *names = c->rules->names;

	quote_braces(c, s, len);
	if (names->count) {
		buf_addf(c->why, ": %s of this name; there %s ", names->groups
			? "--regex has no group" : "there is no column",
			names->count > 1 ? "are" : "is");
		names_list(names, c->why);
	} else if (names->groups) {
		buf_adds(c->why, ": --regex names no group; named ones are made with (?<name> )");
	} else {
		buf_adds(c->why, ": the header names no column");
	}
	return false;
}

static bool name_is_none_of_one(struct check *c, const char *s, size_t len,
	const struct name *name)
{
	const struct names *names = c->rules->names;

	if (name->again) {
		quote_braces(c, s, len);
		buf_addf(c->why, ": columns %d and %d both have this name; write {%d} or {%d}",
			name->column, name->again, name->column, name->again);
		return false;
	}
	if (names->several) {
		quote_braces(c, s, len);
		buf_addf(c->why, " with %s: each record of a job has such a %s", names->several,
			names->members ? "member; give each a job of its own"
			: "column; write {1}, {2} and so on");
		return false;
	}
	return true;
}

static bool number_is_none(struct check *c, const char *s, size_t len)
{
	const struct names *names = c->rules->names;

	quote_braces(c, s, len);
	if (names->members)
		buf_adds(c->why, " with --jsonl: members of an object have names, and no numbers");
	else if (!names->each)
		buf_adds(c->why, ": --regex has no groups; they are made with ( )");
	else if (names->each == names->columns)
		buf_addf(c->why, ": --regex has %d group%s", names->each, names->each > 1 ? "s" : "");
	else
		buf_addf(c->why, ": a job has %d columns", names->columns);
	return false;
}

/* More than there can be of --regex; a header does not say how many there are. */
static bool is_beyond(const struct names *names, int32_t index)
{
	int32_t most = names->each ? names->columns : 0;

	return names->groups && (names->columns || !names->each)
		&& (index > most || -index > most);
}

static bool check_hole(struct check *c, const char *s, size_t len, const struct hole *h)
{
	const struct names *names = c->rules->names;
	const struct name *name = hole_name(s, len, names);

	if (name)
		return name_is_none_of_one(c, s, len, name);
	if (h->what == HOLE_VALUE && (is_beyond(names, h->index) || (names->members && h->index)))
		return number_is_none(c, s, len);
	return true;
}

/* Braces that nothing knows: do they look like a name? */
static bool is_stray(const char *s, size_t len, size_t i)
{
	static const char *const ends[] = { "}", ".}", "/}", "//}", "/.}" };
	size_t n = names_path(s + i + 1, len - i - 1), end = i + 1 + n;

	if (!n || (i > 0 && strchr("$\\@{", s[i - 1])))
		return false;
	for (size_t k = 0; k < sizeof ends / sizeof *ends; k++) {
		size_t size = strlen(ends[k]);

		if (end + size <= len && memcmp(s + end, ends[k], size) == 0)
			return end + size == len || s[end + size] != '}';
	}
	return false;
}

/* How a shell quotes what comes: 0, ' or ". */
static char quote_after(char quote, char c)
{
	if (quote)
		return c == quote ? '\0' : quote;
	return c == '\'' || c == '"' ? c : '\0';
}

static bool check_text(struct check *c, const char *s, size_t len)
{
	size_t word = 0, n;
	char quote = '\0';

	for (size_t i = 0; i < len; i += n) {
		struct hole h;

		n = hole_match(s + i, len - i, c->rules, &h);
		if (n && !check_hole(c, s + i, len - i, &h))
			return false;
		if (!n && s[i] == '{' && !c->program && is_stray(s, len, i))
			return name_is_none(c, s + i, len - i);
		if (n)
			continue;
		n = 1;
		quote = c->line ? quote_after(quote, s[i]) : '\0';
		if (!strchr(" \t\n'\"|&;()`", s[i]))
			continue;
		c->program |= !c->text && takes_program(s + word, i - word);
		c->program = c->program && (!c->line || quote || !strchr("\n|&;()", s[i]));
		word = i + 1;
	}
	c->program |= !c->text && takes_program(s + word, len - word);
	return true;
}

bool template_check(char *const words[], size_t count, const struct template_rules *rules,
	bool text, struct buf *why)
{
	struct check c = { .rules = rules, .why = why, .text = text,
		.line = !text && (count == 1 || rules->shell == SHELL_ALWAYS) };

	if (!rules->names || rules->names->any)
		return true;
	for (size_t i = 0; i < count; i++)
		if (!check_text(&c, words[i], strlen(words[i])))
			return false;
	return true;
}

/* --- names that are found there ------------------------------------------- */

struct finder {
	const struct template_rules *rules;
	struct names *names;
	bool line;
	bool command;  /* the next word names a command, */
	bool program;  /* or is the program of one that takes programs */
};

/* The name at s, unless it has been found before. */
static void find(struct names *names, const char *s, size_t len)
{
	size_t n = names_path(s, len);

	for (size_t i = 0; i < names->count; i++)
		if (names->list[i].len == n && memcmp(names->list[i].text, s, n) == 0)
			return;
	names_add(names, s, n, (int32_t)names->count + 1);
}

/* Does a command follow behind this word, too? */
static bool leads_to_command(const char *word, size_t len)
{
	static const char *const words[] = { "env", "exec", "nice", "nohup", "sudo", "time",
		"timeout" };

	if (*word == '-' || memchr(word, '=', len))
		return true;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i]) == len && memcmp(words[i], word, len) == 0)
			return true;
	return false;
}

/* Of what takes a program the first word that is no option is that program. */
static void end_word(struct finder *f, const char *word, size_t len)
{
	if (!len)
		return;
	if (f->program)
		f->program = *word == '-';
	else if (f->command && takes_program(word, len))
		f->program = true;
	f->command = f->command && !f->program && leads_to_command(word, len);
}

static void find_in(struct finder *f, const char *s, size_t len)
{
	size_t word = 0, n;
	char quote = '\0';

	for (size_t i = 0; i < len; i += n) {
		struct hole h;

		n = hole_match(s + i, len - i, f->rules, &h);
		if (!n && s[i] == '{' && !f->program && is_stray(s, len, i))
			find(f->names, s + i + 1, len - i - 1);
		n = n ? n : 1;
		quote = f->line ? quote_after(quote, s[i]) : '\0';
		if (!f->line || quote || !strchr(" \t\n|&;()", s[i]))
			continue;
		end_word(f, s + word, i - word);
		if (!strchr(" \t", s[i])) {
			f->command = true;
			f->program = false;
		}
		word = i + 1;
	}
	end_word(f, s + word, len - word);
}

void template_find_names(char *const words[], size_t count, const struct template_rules *rules,
	bool text, struct names *names)
{
	struct finder f = { .rules = rules, .names = names, .command = !text,
		.line = !text && (count == 1 || rules->shell == SHELL_ALWAYS) };

	for (size_t i = 0; i < count; i++)
		find_in(&f, words[i], strlen(words[i]));
}
