/* Escapes: the one reader of what a backslash makes of the characters behind it,
 * wherever a text of pq's own has some. Pure. */
#ifndef PQ_ESCAPE_H
#define PQ_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* What may follow the backslash, beside a sign, which is then itself: letters of
 * abefnrtv, each the byte that C and bash know by it; x for \xHH (one or two digits) and
 * \x{H...}; 0 for \0, \0O and \0OO, 8 for \O to \OOO (octal). */
#define ESCAPE_ALL "abefnrtvx8"

/* Append what the escape means whose backslash stands before s (len bytes). A \x{H...}
 * from 0x80 on is a character, in UTF-8; below 0x100 a byte when `bytes` is set. Returns
 * how many bytes of s the escape is made of, or 0 when there is no such escape. */
size_t escape_read(const char *s, size_t len, const char *letters, bool bytes, struct buf *out);

#endif
