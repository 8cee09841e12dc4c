/* The shell's language, as far as single words and values go: what it leaves
 * alone, what it would change, and how to spell a value so that it survives.
 *
 * Pure. What the quote_ functions append never holds a control byte or invalid
 * UTF-8 raw; such a value is spelled $'...' (POSIX 2024; bash, zsh, ksh, busybox). */
#ifndef PQ_QUOTE_H
#define PQ_QUOTE_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* Letters, digits and the few signs no shell gives a meaning to; not empty. */
bool quote_plain(const char *data, size_t len);
/* Printable: no control bytes, valid UTF-8. */
bool quote_clean(const char *data, size_t len);
/* A reserved word, or a builtin that is no program or means another thing: of any shell
 * that may be /bin/sh, or of dash. */
bool quote_shell_word(const char *word, size_t len, bool dash);
/* Would a shell do nothing with this byte of a command but take it as it is?
 * Blanks, which part words, count as such; so does the = of an argument. */
bool quote_inert(char c);

/* Append the value as one word: as it is when that is plain, else quoted. */
void quote_word(struct buf *b, const char *data, size_t len);
/* The same, quoted in any case. */
void quote_always(struct buf *b, const char *data, size_t len);
/* Append the value where a 'single' quotation is open, which stays open. */
void quote_in_single(struct buf *b, const char *data, size_t len);
/* The same for an open "double" quotation; false, and nothing appended, when no
 * backslash helps: control bytes, and ! at an interactive shell. */
bool quote_in_double(struct buf *b, const char *data, size_t len);
/* As GNU parallel quotes a value. */
void quote_gnu(struct buf *b, const char *data, size_t len);

#endif
