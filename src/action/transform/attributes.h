/* What a file has beside its content: owner, rights, access list, attributes. */
#ifndef PQ_ATTRIBUTES_H
#define PQ_ATTRIBUTES_H

#include <stdbool.h>

struct buf;
struct stat;

/* Give the new file what the old one has. The new one must be nobody else's yet: for a
 * moment it may have fewer rights, never more. False: `why` says what cannot be kept.
 * Any thread. */
bool attributes_copy(int old, const struct stat *st, int new, struct buf *why);

#endif
