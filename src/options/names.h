/* The names of options: which row is meant, and what was given under which name. Room:
 * options/ only. */
#ifndef PQ_OPTIONS_NAMES_H
#define PQ_OPTIONS_NAMES_H

#include "options/table.h"

/* The next word of *list, moving past it; NULL at the end and in a
 * list that is NULL. It is not NUL-terminated. */
const char *options_word(const char **list, size_t *len);
/* Is this one of the names that messages and --help tell of the row? */
bool options_is_named(const struct option_row *row, const char *name, size_t len);
/* The row with this name ("-k", "--keep-order", no abbreviation), or NULL. */
const struct option_row *options_find(const char *name);
/* The last note of this name ("-k", "--keep-order": any of the row's) that is about this
 * section, or about all of them; or NULL. */
const struct option_note *options_note(const struct options *o, const struct section *s,
	const char *name, size_t len);

/* The row with this long name, len bytes without dashes; its full form goes to `name`. Or
 * NULL; several that the bytes may abbreviate are an error. */
const struct option_row *names_whole(const char *text, size_t len, char name[OPTION_NAME]);
const struct option_row *names_abbreviated(const char *text, size_t len,
	char name[OPTION_NAME]);
const struct option_row *names_letter(char c);
/* Is the option about what the text says, which is a word of somebody who looks for it? */
bool names_tell(const struct option_row *row, const char *text);
/* From now on these rows are looked up before those of the table. A view. */
void names_put_first(const struct option_row *rows, size_t count);
size_t names_before(const struct option_row **rows); /* those, and how many */
/* What ::: and :::: are called; NULL: as before. Views. */
void names_separators(const char *arguments, const char *files);
/* Is the word ::: :::: :::+ or ::::+? */
bool names_separates(const char *word, bool *files, bool *linked);

#endif
