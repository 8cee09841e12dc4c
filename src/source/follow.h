/* What comes after the end of a file or a FIFO: --follow.
 *
 * A file may grow, be cut off, or be renamed with another one in its place, as logs are; a
 * FIFO may get another writer when the last one has gone. What else there is ends when it
 * ends. The reader's thread, but for opening. */
#ifndef PQ_FOLLOW_H
#define PQ_FOLLOW_H

#include <stdbool.h>

struct follow;

enum follow_seen {
	FOLLOW_MORE,   /* try to read again */
	FOLLOW_NOTHING, /* nothing now: poll follow_fd */
	FOLLOW_ANEW,   /* what comes now is another stream: what came before was all of its last
	                * record */
	FOLLOW_END,
	FOLLOW_FAILED, /* told */
};

/* What is open as fd, under this name; "-": standard input. NULL: it ends when it ends.
 * strict: it may only grow, since it will be read again from its beginning. */
struct follow *follow_open(const char *name, int fd, bool strict);
/* A read came to the end. *fd may be another one now; the old one is closed, unless it is
 * standard input. */
enum follow_seen follow_at_end(struct follow *f, int *fd);
int follow_fd(const struct follow *f);
void follow_close(struct follow *f); /* or NULL */

#endif
