/* How wide text is on a terminal, and as much of it as fits. Pure.
 *
 * A table of its own: what the C library thinks depends on the locale that pq was started in,
 * and terminals go by Unicode (UAX 11: wide and full characters take two columns, marks that
 * combine none). */
#ifndef PQ_WIDTH_H
#define PQ_WIDTH_H

#include <stddef.h>

struct buf;

/* Columns that valid UTF-8 without controls takes. */
size_t width_of(const char *text, size_t len);
/* Append what fits into so many columns, as it may be shown: sequences that would steer the
 * terminal are left out, of other controls and of what is no UTF-8 each byte is a '?', a tab a
 * blank; what is cut ends with "...". The columns that it took. */
size_t width_put(struct buf *to, const char *text, size_t len, size_t columns);

#endif
