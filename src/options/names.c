/* The names of options. See names.h. */
#include "options/names.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/msg.h"

static const struct option_row *names_first; /* rows that go before those of the table */
static size_t names_first_count;
static const char *separator_arguments = ":::", *separator_files = "::::";

void names_put_first(const struct option_row *rows, size_t count)
{
	names_first = rows;
	names_first_count = count;
}

size_t names_before(const struct option_row **rows)
{
	*rows = names_first;
	return names_first_count;
}

const char *options_word(const char **list, size_t *len)
{
	const char *word = *list;

	if (!word || !*(word += strspn(word, " ")))
		return NULL;
	*len = strcspn(word, " ");
	*list = word + *len;
	return word;
}

bool options_is_named(const struct option_row *row, const char *name, size_t len)
{
	const char *longs = row->longs, *word;
	size_t n;

	if (len == 2)
		return row->shorts && strchr(row->shorts, name[1]);
	while ((word = options_word(&longs, &n)))
		if (n + 2 == len && memcmp(word, name + 2, n) == 0)
			return true;
	return false;
}

const struct option_note *options_note(const struct options *o, const struct section *s,
	const char *name, size_t len)
{
	for (size_t i = o->nnotes; i > 0; i--) {
		const struct option_note *note = &o->notes[i - 1];

		if (note->row->scope == SCOPE_section && s != &o->sections[note->section])
			continue;
		if (options_is_named(note->row, name, len))
			return note;
	}
	return NULL;
}

/* Has the row a long name that is these bytes, or that they abbreviate? Its full
 * form goes to `name`. */
static bool names_has(const struct option_row *row, const char *text, size_t len, bool whole,
	char name[OPTION_NAME])
{
	const char *lists[] = { row->longs, row->also }, *word;
	size_t n;

	for (int i = 0; i < 2; i++)
		while ((word = options_word(&lists[i], &n)))
			if ((whole ? n == len : n > len) && memcmp(word, text, len) == 0) {
				snprintf(name, OPTION_NAME, "--%.*s", (int)n, word);
				return true;
			}
	return false;
}

static const struct option_row *names_within(const struct option_row *rows, size_t count,
	const char *text, size_t len, char name[OPTION_NAME])
{
	for (size_t i = 0; i < count; i++)
		if (names_has(&rows[i], text, len, true, name))
			return &rows[i];
	return NULL;
}

const struct option_row *names_whole(const char *text, size_t len, char name[OPTION_NAME])
{
	const struct option_row *row = names_within(names_first, names_first_count, text, len, name);

	return row ? row : names_within(options_table, options_rows, text, len, name);
}

const struct option_row *names_abbreviated(const char *text, size_t len, char name[OPTION_NAME])
{
	const struct option_row *found = NULL;
	struct buf all = { 0 };
	char other[OPTION_NAME];
	int n = 0;

	for (size_t i = 0; i < names_first_count + options_rows; i++) {
		const struct option_row *row = i < names_first_count ? &names_first[i]
			: &options_table[i - names_first_count];

		if (!names_has(row, text, len, false, other))
			continue;
		buf_addf(&all, "%s%s", n++ ? " or " : "", other);
		found = row;
		memcpy(name, other, OPTION_NAME);
	}
	if (n > 1)
		msg_die(2, "--%.*s could be %s", (int)len, text, buf_str(&all));
	buf_free(&all);
	return found;
}

const struct option_row *names_letter(char c)
{
	for (size_t i = 0; i < names_first_count; i++)
		if (names_first[i].shorts && strchr(names_first[i].shorts, c))
			return &names_first[i];
	for (size_t i = 0; i < options_rows; i++)
		if (options_table[i].shorts && strchr(options_table[i].shorts, c))
			return &options_table[i];
	return NULL;
}

const struct option_row *options_find(const char *name)
{
	char whole[OPTION_NAME];

	if (name[0] != '-' || !name[1])
		return NULL;
	return name[1] != '-' ? name[2] ? NULL : names_letter(name[1])
		: names_whole(name + 2, strlen(name + 2), whole);
}

void names_separators(const char *arguments, const char *files)
{
	separator_arguments = arguments ? arguments : separator_arguments;
	separator_files = files ? files : separator_files;
}

/* Is it this one, perhaps with the + that pairs up? */
static bool names_is_separator(const char *word, const char *separator, bool *linked)
{
	size_t len = strlen(separator);

	if (strncmp(word, separator, len) != 0)
		return false;
	*linked = word[len] == '+';
	return !word[len + *linked];
}

bool names_separates(const char *word, bool *files, bool *linked)
{
	*files = names_is_separator(word, separator_files, linked);
	return *files || names_is_separator(word, separator_arguments, linked);
}
