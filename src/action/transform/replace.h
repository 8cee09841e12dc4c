/* A file's content is replaced at once or not at all.
 *
 * The new content gathers in a nameless file of the same directory (named only where
 * the file system cannot do otherwise), gets the mode and owner of the old one, is
 * synced, and takes its place by rename. Symbolic links are followed; of several hard
 * links this one leaves the others. One thread. */
#ifndef PQ_REPLACE_H
#define PQ_REPLACE_H

#include <stdbool.h>
#include <stddef.h>

struct stat;
struct replacement;

/* NULL with errno when there can be none. `st` is of the file to be replaced. */
struct replacement *replace_begin(const char *path, const struct stat *st);
/* False with errno, as all that follow. */
bool replace_write(struct replacement *r, const char *data, size_t len);
/* Put it in place, the old content kept beside it when there is a suffix (not empty).
 * Frees in any case; when false the file is as it was. */
bool replace_commit(struct replacement *r, const char *suffix);
void replace_abandon(struct replacement *r);

#endif
