/* What changes a text into another one, as diff -u prints it.
 *
 * Pure. The shortest way is found where it has no more than some hundreds of changes; of
 * more, the part that goes furthest with so many is taken, and so on from there. So the
 * memory is bounded, and the time grows with the length alone. */
#ifndef PQ_DIFF_H
#define PQ_DIFF_H

#include <stddef.h>

struct buf;

/* Append it, with the name of the text before and after; nothing where they are the same. Of
 * texts with a NUL byte it says only that they differ. */
void diff_add(struct buf *to, const char *name, const char *before, size_t before_len,
	const char *after, size_t after_len);
/* The line that says no more than that: "Files NAME and NAME differ"; `kind`: "Binary files". */
void diff_add_differ(struct buf *to, const char *kind, const char *name);

#endif
