/* The files of a job in --results: where they are, and how values become names.
 *
 * Below a directory that is held open nothing follows a link, or leaves it; a file that is
 * there makes way for a new one. */
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

/* Write path, path.err and path.seq below the directory `root`; or, when it ends with a
 * slash, stdout, stderr and seq in that directory. Directories are made. False with errno:
 * `what` is the name of what could not be written, or empty when the bytes cannot be read
 * back. */
bool tree_write(int root, const char *path, const struct delivery *d, struct store *store,
	struct buf *what);
/* The first `len` bytes of the path name a directory, or none: the current one. Open it, and
 * make it if it is not there; -1 with errno. */
int tree_open(const char *path, size_t len);
/* The same wherever the path leads, by links, too. */
bool tree_write_at(const char *path, const struct delivery *d, struct store *store,
	struct buf *what);

/* What it printed on stdout, to a new file in $TMPDIR, whose name is appended. */
bool tree_write_temporary(const struct delivery *d, struct store *store, struct buf *name,
	struct buf *what);

#endif
