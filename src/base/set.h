/* A set of byte strings that only grows: exact, compact, for millions of them.
 *
 * The strings stand one behind the other in an arena, each behind its length; a table
 * with open addressing holds where they are, and 24 bits of each one's hash, so that
 * others are hardly ever looked at. Two strings are the same only when all their bytes
 * are. A string takes its bytes, one more for its length (two from 128 bytes on) and 10
 * to 20 in the table: the ten million numbers that `seq 10000000` prints take 212 MB, 21
 * bytes each. The hash has a key of its own (hash.h), so no input can make it slow.
 * Not shared between threads. Growth dies on failed allocation (mem.h). */
#ifndef PQ_SET_H
#define PQ_SET_H

#include <stdbool.h>
#include <stddef.h>

struct set;

struct set *set_new(void);
void set_free(struct set *s); /* NULL is fine */
/* Copy the string into the set; false: it was there. */
bool set_add(struct set *s, const char *data, size_t len);
size_t set_count(const struct set *s);
size_t set_bytes(const struct set *s); /* what it takes, in arena and table */

#endif
