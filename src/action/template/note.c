/* What is to be said once of a command, before it runs. See parts.h. */
#include <string.h>

#include "action/template/call.h"
#include "action/template/parts.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"

const char *template_note(const struct template *t)
{
	/* what a shell would make of it does not matter then */
	return t->direct ? t->direct->note : t->note;
}

void template_note_line(struct template *t, const struct buf *line)
{
	if (!t->note)
		t->note = mem_copy(line->data, line->len);
}

void template_note_code(struct template *t, const struct call *call, const char *braces)
{
	struct buf b = { 0 };

	buf_addf(&b, "%s stands in code for %s, and an item becomes a part of that; an argument "
		"never does: %s %s", braces, call->name, call->name, call->argument);
	template_note_line(t, &b);
	buf_free(&b);
}

/* Does the word do something in a shell line, and nothing here? */
static bool is_operator(const char *word, const char *before, const char *braces)
{
	static const char *const always[] = { ">", ">>", "&&", "||", "2>&1", "2>", "2>>", "&>",
		">|", "|&", ">&2", "1>&2" };
	static const char *const behind_word[] = { "<", "|", ";", "&" }; /* cut -d '|' */
	const char *hole = strstr(word, braces);
	size_t len = strlen(word);

	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		if (strcmp(word, always[i]) == 0)
			return true;
	for (size_t i = 0; i < sizeof behind_word / sizeof *behind_word; i++)
		if (strcmp(word, behind_word[i]) == 0)
			return *before != '-';
	if (strpbrk(word, " \t\n/"))
		return false;
	return (len > 1 && word[len - 1] == ';' && word[len - 2] != '\\')
		|| (hole && hole[strlen(braces)] == ';');
}

/* Of find, expr and the like such words are their own. */
static bool has_operators(const char *name)
{
	static const char *const names[] = { "find", "gfind", "fd", "expr", "test", "[", "tr", "grep",
		"egrep", "fgrep", "rg", "ag", "tmux", "sqlite3", "psql", "mysql", "dc", "bc" };

	name = parts_base_name(name);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

void template_note_operators(struct template *t, char *const words[], size_t count,
	const char *braces)
{
	bool own = has_operators(words[0]);

	for (size_t i = 1; i < count && !own; i++) {
		struct buf b = { 0 };

		own = has_operators(words[i]);
		if (own || !is_operator(words[i], words[i - 1], braces))
			continue;
		msg_quote(&b, words[i], strlen(words[i]), 40);
		buf_addf(&b, " is an argument of %s here; -c makes a shell line of the words",
			words[0]);
		template_note_line(t, &b);
		buf_free(&b);
		return;
	}
}
