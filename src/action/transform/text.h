/* The text that a match is replaced with: s/RE/TEXT/ and m/RE/TEXT/.
 *
 * $1 ${1} ${name} are groups, $0 and $& the whole match; \1 to \9 and $+{name} are
 * groups as well, as sed and perl have them; a group that took no part is empty. \U
 * and \L make capitals and small letters of what follows up to \E or each other, \u
 * and \l of one character; letters are those of the expression, of ASCII or, with its
 * flag u, of Unicode. \t \n \r \a \b \e \f \v \xHH \0OO \x{H...} are characters, as
 * they are in the expression: below 0x100 a byte each, but characters in UTF-8 with u. A
 * backslash before anything but a letter or digit takes away its meaning. */
#ifndef PQ_TRANSFORM_TEXT_H
#define PQ_TRANSFORM_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct flaw;
struct regex;
struct span;
struct text;

/* Compile; the groups must be the regex's, which must outlive it. NULL with the flaw
 * set. */
struct text *text_new(struct span source, const struct regex *r, struct flaw *f);
void text_free(struct text *t); /* NULL is fine */
/* Append the text for one match: `at` as matcher_at gives it (regex.h). */
void text_fill(const struct text *t, const char *subject, const size_t *at, struct buf *out);

#endif
