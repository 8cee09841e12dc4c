/* The files of a job in --results: where they are, and how values become names.
 *
 * Below a directory of its own the tree never follows a link and never leaves it: a
 * value is one name, whatever it holds. */
#ifndef PQ_TREE_H
#define PQ_TREE_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct delivery;
struct store;

/* Append the name of a directory for this value: as GNU parallel, \ is \\, a tab \t, NUL \0
 * and / is \_; and here . is \., .. is \.., nothing is \e, and what is longer than a name
 * may be is cut and ends with \~ and a hash of all of it. */
void tree_name(struct buf *to, const char *data, size_t len);

/* Write stdout, stderr and seq into this directory below `root`, whose names end with a
 * slash each; it is made if it is not there. False with errno: `what` is the name of what
 * could not be written, or empty when the bytes cannot be read back. */
bool tree_write(int root, const char *path, const struct delivery *d, struct store *store,
	struct buf *what);
/* Write path, path.err and path.seq; or, when it ends with a slash, as above. Directories
 * are made. */
bool tree_write_at(const char *path, const struct delivery *d, struct store *store,
	struct buf *what);

#endif
