/* What test cases are called: by the text of their item, and no two in a section alike.
 *
 * Names are known by their hashes, in memory that is bounded: from a million and a half on
 * all have the item's number, as those that repeat, or, once in a great while, seem to.
 * Not shared between threads. */
#ifndef PQ_TESTNAMES_H
#define PQ_TESTNAMES_H

#include <stdbool.h>

struct buf;
struct delivery;
struct testnames;

enum { TESTNAME_MOST = 256 }; /* bytes of an item that are its name */

struct testnames *testnames_new(void);
/* Append what the item is called by itself, as the text of an attribute. */
void testnames_item(struct buf *to, const struct delivery *d);
/* Is this the first of the section that is called so? */
bool testnames_first(struct testnames *t, const struct delivery *d);
/* Append its name; repeated: it was not the first one. */
void testnames_name(struct testnames *t, struct buf *to, const struct delivery *d, bool repeated);
void testnames_free(struct testnames *t);

#endif
