/* A file's content is replaced at once or not at all.
 *
 * The file is looked up once. From then on pq holds the directory that it stands in and
 * the file itself, and goes by these, not by the name: what others put in the name's
 * place is never written, and the file does not change hands. Symbolic links are
 * followed to the file they lead to; of several hard links this one leaves the others.
 *
 * The new content gathers in a nameless file of the same directory (named only where the
 * system cannot do otherwise), gets owner, mode, access list and attributes of the old
 * one, is synced, and takes its place by rename. A file that is named twice is replaced
 * twice, one after the other (claim.h). One thread. */
#ifndef PQ_REPLACE_H
#define PQ_REPLACE_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct stat;
struct replacement;

/* Look the file up, and have it alone; may wait for another thread. NULL with errno:
 * it cannot be read. */
struct replacement *replace_open(const char *path);
/* What is to be read, from its beginning; the replacement's own. */
int replace_source(const struct replacement *r);
const struct stat *replace_stat(const struct replacement *r);
/* Make room for the new content. False with errno, and so replace_write. */
bool replace_begin(struct replacement *r);
bool replace_write(struct replacement *r, const char *data, size_t len);
/* Put it in place, the old content kept beside it when there is a suffix (not empty).
 * When false the file is as it was, and `why` says why; errno is 0 unless that is an
 * error of the system. */
bool replace_commit(struct replacement *r, const char *suffix, struct buf *why);
/* In any case, at the end. What was not put in place is gone. */
void replace_close(struct replacement *r);

#endif
