/* --help, of one option too, and --version. */
#include "options/set.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "action/transform/regex.h"
#include "base/buf.h"
#include "base/io.h"
#include "base/json.h"
#include "base/msg.h"
#include "base/postgresql.h"
#include "base/redis.h"
#include "base/spelling.h"
#include "base/sqlite.h"
#include "base/tls.h"
#include "options/names.h"
#include "config.h"

/* Where the second column begins; a longer first one pushes it aside. And how wide
 * a line of names may be. */
enum { COLUMN = 30, WIDTH = 79 };

void options_print(struct buf *text)
{
	if (!io_write(STDOUT_FILENO, text->data, text->len))
		msg_die(74, "cannot write to standard output: %s", strerror(errno));
	exit(0);
}

/* All names of the option, a blank before each. */
static void help_add_names(struct buf *b, const struct option_row *row)
{
	const char *longs = row->longs, *word;
	size_t len;

	for (const char *c = row->shorts; c && *c; c++)
		buf_addf(b, " -%c", *c);
	while ((word = options_word(&longs, &len)))
		buf_addf(b, " --%.*s", (int)len, word);
}

/* And what its value is called. */
static void help_add_form(struct buf *b, const struct option_row *row)
{
	help_add_names(b, row);
	if (row->argument)
		buf_addf(b, " %s", row->argument);
	if (row->optional)
		buf_addf(b, "[=%s]", row->optional);
}

static void help_add_row(struct buf *b, const struct option_row *row)
{
	size_t from = b->len;

	buf_adds(b, row->shorts ? " " : "    ");
	help_add_form(b, row);
	do
		buf_addc(b, ' ');
	while (b->len - from < COLUMN);
	buf_addf(b, "%s\n", row->help);
}

/* The rare options of the group that begins here, named on as few lines as can be: of their
 * values --help OPTION tells, and --help all of other names of them. */
static void help_add_rare(struct buf *b, size_t from)
{
	struct buf names = { 0 };
	size_t width = 0;

	for (size_t i = from; i < options_rows; i++) {
		const struct option_row *row = &options_table[i];

		if (i > from && row->heading)
			break;
		if (!row->rare || row->stands)
			continue;
		buf_clear(&names);
		help_add_names(&names, row);
		if (width && width + names.len + 1 <= WIDTH) {
			buf_addc(b, ',');
		} else {
			buf_adds(b, width ? ",\n       " : "  also:");
			width = 6;
		}
		buf_add(b, names.data, names.len);
		width += names.len + 1;
	}
	if (width)
		buf_addc(b, '\n');
	buf_free(&names);
}

static void help_add_tail(struct buf *b)
{
	buf_adds(b,
		"{} item  {.} no extension  {/} name  {//} directory  {1} {-1} {name} one of many\n"
		"{#} number  {%} slot  {source} {group}  --help OPTION, --help all, man pq: more\n");
}

/* The usual options with their lines; or all of them. */
static _Noreturn void help_print_help(bool all)
{
	struct buf b = { 0 };
	size_t group = 0;

	buf_adds(&b,
		"usage: pq [options] [command [argument ...]] [--next ...] [::: argument ...]\n"
		"Run the command once for each line of input, several at a time. One word is a\n"
		"line for /bin/sh. Without {} the item comes last; without a command it is run.\n");
	for (size_t i = 0; i < options_rows; i++) {
		const struct option_row *row = &options_table[i];

		if (row->heading) {
			if (i && !all)
				help_add_rare(&b, group);
			group = i;
			buf_addf(&b, "%s\n", row->heading);
		}
		if (all || !row->rare)
			help_add_row(&b, row);
	}
	if (!all)
		help_add_rare(&b, group);
	help_add_tail(&b);
	options_print(&b);
}

void options_help(void)
{
	help_print_help(false);
}

/* --- one option -------------------------------------------------------- */

/* The text in lines no wider than the page, each of them indented. */
static void help_add_wrapped(struct buf *b, const char *text)
{
	enum { INDENT = 6 };

	while (*text) {
		size_t len = strlen(text), cut = WIDTH - INDENT;

		if (len > cut) {
			while (cut > 1 && text[cut] != ' ')
				cut--;
			len = cut;
		}
		buf_addf(b, "%*s%.*s\n", INDENT, "", (int)len, text);
		text += len;
		text += strspn(text, " ");
	}
}

static bool help_is_listed(const struct option_row *row, const char *list)
{
	const char *word;
	size_t len;

	while ((word = options_word(&list, &len)))
		if (*word == '-' && options_is_named(row, word, len))
			return true;
	return false;
}

/* The list as people read it: options by their names, and states of the command line. */
static void help_add_list(struct buf *b, const char *list, const char *between)
{
	const char *word, *gap = "";
	size_t len;

	for (; (word = options_word(&list, &len)); gap = between)
		if (*word == '-')
			buf_addf(b, "%s%.*s", gap, (int)len, word);
		else
			buf_addf(b, "%s%s", gap, options_state(word, len));
}

/* What it cannot go with, or not without: the other side of the table's line. */
static void help_add_conflict(struct buf *b, const struct option_row *row,
	const struct option_conflict *c)
{
	bool without = *c->b == '!', second = !help_is_listed(row, c->a);
	struct buf text = { 0 };

	if (second && (without || !help_is_listed(row, c->b)))
		return;
	buf_adds(&text, without ? "not without " : "not with ");
	help_add_list(&text, second ? c->a : c->b + without, without ? " or " : ", ");
	buf_addf(&text, ": %s", c->reason);
	help_add_wrapped(b, buf_str(&text));
	buf_free(&text);
}

static _Noreturn void help_print_option(const struct option_row *row)
{
	const char *also = row->also, *word;
	struct buf b = { 0 };
	size_t len;

	help_add_row(&b, row);
	while ((word = options_word(&also, &len)))
		buf_addf(&b, "      also --%.*s\n", (int)len, word);
	if (row->values && *row->values)
		buf_addf(&b, "      one of: %s\n", row->values);
	if (row->scope == SCOPE_section)
		help_add_wrapped(&b, "of one section, and may be another behind --next");
	for (size_t i = 0; i < options_conflict_count; i++)
		help_add_conflict(&b, row, &options_conflicts[i]);
	buf_adds(&b, "man pq has more.\n");
	options_print(&b);
}

/* --- what somebody looks for -------------------------------------------- */

/* Words that stand on a command line and are no options. */
static const struct {
	const char *word, *help;
} help_signs[] = {
	{ "::: ARGUMENT ...", "the arguments behind it are the items" },
	{ ":::: FILE ...", "items come from the files" },
	{ ":::+ ARGUMENT ...", "paired up with the source before it" },
	{ "::::+ FILE ...", "paired up with the source before it" },
	{ "-- COMMAND", "the options end here" },
};

/* A word that is made of signs alone is told of, and that is all. */
static void help_sign(const char *word)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < sizeof help_signs / sizeof *help_signs; i++)
		if (strcspn(help_signs[i].word, " ") == strlen(word)
		    && strncmp(help_signs[i].word, word, strlen(word)) == 0)
			buf_addf(&b, "  %-27s %s\n", help_signs[i].word, help_signs[i].help);
	if (*word == '{')
		help_add_tail(&b);
	if (!b.len)
		return;
	buf_adds(&b, "man pq has more.\n");
	options_print(&b);
}

/* The name as the table has it: without a value, and spelled as it may be remembered,
 * KEEP_ORDER or 'keep order'. Letters are left as they are. */
static void help_name(struct buf *name, const char *word)
{
	size_t dashes = strspn(word, "-"), len = dashes + strcspn(word + dashes, "=");
	bool letters = dashes == 1 || (!dashes && len == 1);

	buf_adds(name, dashes ? "" : letters ? "-" : "--");
	for (size_t i = 0; i < len; i++)
		buf_addc(name, letters ? word[i] : word[i] == ' ' || word[i] == '_' ? '-'
			: (char)tolower((unsigned char)word[i]));
}

/* -jobs is a long name that lost a dash; otherwise the word is what the parser takes it for,
 * -j8 or -0k: about its first letter. */
static void help_letters(const char *word)
{
	char whole[OPTION_NAME];
	const struct option_row *row = names_whole(word, strlen(word), whole);

	if (!row)
		row = names_letter(*word);
	if (*word && row)
		help_print_option(row);
}

/* Does one of its names begin with the text? */
static bool help_is_begun(const struct option_row *row, const char *text)
{
	const char *lists[] = { row->longs, row->also }, *word;
	size_t len;

	for (int i = 0; i < 2; i++)
		while ((word = options_word(&lists[i], &len)))
			if (len >= strlen(text) && memcmp(word, text, strlen(text)) == 0)
				return true;
	return false;
}

/* Is it about that, or do its names or its line have the text, where it is more than a
 * syllable? */
static bool help_speaks_of(const struct option_row *row, const char *text)
{
	if (names_tell(row, text))
		return true;
	return strlen(text) > 2 && ((row->longs && strstr(row->longs, text))
		|| (row->also && strstr(row->also, text)) || strstr(row->help, text));
}

/* The only option that begins so; or all that have something to do with it. */
static void help_search(const char *text)
{
	const struct option_row *begun = NULL;
	size_t begins = 0, from;
	struct buf b = { 0 };

	for (size_t i = 0; *text && i < options_rows; i++)
		if (help_is_begun(&options_table[i], text)) {
			begun = &options_table[i];
			begins++;
		}
	if (begins == 1)
		help_print_option(begun);
	buf_adds(&b, "No option is called ");
	msg_quote(&b, text, strlen(text), SPELLING_MOST);
	buf_adds(&b, "; these are like it, or tell of it:\n");
	from = b.len;
	for (size_t i = 0; strlen(text) > 1 && i < options_rows; i++)
		if (help_is_begun(&options_table[i], text)
		    || help_speaks_of(&options_table[i], text))
			help_add_row(&b, &options_table[i]);
	if (b.len > from)
		options_print(&b);
	buf_free(&b);
}

/* The word is an option with its dashes or without them, begun or whole; or a word for what an
 * option is wanted for. */
void set_help(const struct given *g, struct options *o)
{
	const char *word = g->value ? g->value : g->next;
	const struct option_row *row;
	struct buf name = { 0 };
	const char *text;

	(void)o;
	if (!word || !*word)
		help_print_help(false);
	if (strcmp(word, "all") == 0 || strcmp(word, "--all") == 0)
		help_print_help(true);
	help_sign(word);
	help_name(&name, word);
	text = buf_str(&name);
	row = options_find(text);
	if (row)
		help_print_option(row);
	if (options_foreign(text)) {
		buf_adds(&name, ": asks for what pq does anyway, and is passed over\n");
		options_print(&name);
	}
	if (text[1] == '-')
		help_search(text + 2);
	else
		help_letters(text + 1);
	options_unknown(text);
}

/* A library that pq can do without, and why it is: NULL, or what is to be done. */
struct part {
	const char *name, *missing;
};

static const char *version_json(void)
{
	return json_value_built() ? NULL : "install jansson and its header, and configure again";
}

static void version_parts(struct buf *b, const struct part *parts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!parts[i].missing)
			buf_addf(b, ", %s", parts[i].name);
	for (size_t i = 0; i < count; i++)
		if (parts[i].missing)
			buf_addf(b, "\nwithout %s: %s", parts[i].name, parts[i].missing);
}

void set_version(const struct given *g, struct options *o)
{
	const struct part parts[] = {
		{ "jansson (--jsonl)", version_json() },
		{ "SQLite (--journal)", sqlite_load() },
		{ "hiredis (redis://)", redis_load() },
		{ "OpenSSL (rediss://)", tls_load() },
		{ "libpq (postgresql://)", postgresql_load() },
	};
	struct buf b = { 0 };

	(void)g;
	(void)o;
	buf_adds(&b, "pq " PQ_VERSION "\nwith ");
	regex_version(&b);
	version_parts(&b, parts, sizeof parts / sizeof *parts);
	buf_addc(&b, '\n');
	options_print(&b);
}
