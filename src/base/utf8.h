/* UTF-8: the one reader of characters, and their writer.
 *
 * Pure. Overlong forms, surrogates and what is beyond U+10FFFF are no characters. */
#ifndef PQ_UTF8_H
#define PQ_UTF8_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* How many of the len bytes at s (at least one) belong together: a character if *valid,
 * else as much of the beginning of one as there is, at least a byte. */
size_t utf8_span(const char *s, size_t len, bool *valid);
/* Bytes of the character at s, or 0 when there is none. */
size_t utf8_length(const char *s, size_t len);
/* The same for one that has a shape on the screen: no control, not those of U+0080 to
 * U+009F either, no mark without width or that turns the direction of text. */
size_t utf8_shown(const char *s, size_t len);
/* Is all of it UTF-8? NUL is, as any other character. */
bool utf8_valid(const char *data, size_t len);
/* Bytes at the end that may be the beginning of a character: 0 to 3. */
size_t utf8_unfinished(const char *data, size_t len);
/* Append the character of this number; false, and nothing appended: it is none. */
bool utf8_add(struct buf *to, unsigned long character);

#endif
