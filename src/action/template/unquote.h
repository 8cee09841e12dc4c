/* A shell line for every shell.
 *
 * Commands are shown with $'...' where a value has control bytes (quote.h), and not every
 * /bin/sh can read that. Pure. */
#ifndef PQ_UNQUOTE_H
#define PQ_UNQUOTE_H

#include <stddef.h>

struct buf;

/* Append the line, each $'...' of it spelled '...', but for those between backticks, where
 * nothing is shown so. A line that is none stays as it is. */
void unquote_line(struct buf *b, const char *line, size_t len);
/* Append what the line says to a shell, however it is quoted: two lines that say the same
 * come out alike, be they of pq or of GNU parallel. What is quoted is there byte for byte,
 * what is not and does something has a NUL before it. To be compared, not to be read. */
void unquote_sense(struct buf *b, const char *line, size_t len);

#endif
