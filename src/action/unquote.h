/* A shell line for every shell.
 *
 * Commands are shown with $'...' where a value has control bytes (quote.h), and not every
 * /bin/sh can read that. Pure. */
#ifndef PQ_UNQUOTE_H
#define PQ_UNQUOTE_H

#include <stddef.h>

struct buf;

/* Append the line, each $'...' of it spelled '...'. What stands in another quotation, a
 * substitution or a comment is left as it is: nothing is shown so there. */
void unquote_line(struct buf *b, const char *line, size_t len);

#endif
