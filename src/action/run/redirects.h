/* What is known of redirections before they are done, and said when they cannot be. */
#ifndef PQ_REDIRECTS_H
#define PQ_REDIRECTS_H

#include <stdbool.h>

struct buf;
struct redirect;
struct redirects;

/* The status of a job whose redirections cannot be done: what dash says, and no status that
 * many programs end well with. */
enum { REDIRECTS_FAILED = 2 };

/* Is each file that these open one of which that is known to be over at once, and that is
 * the same to whoever opens it? Else a shell is to do it, as a process that can be ended:
 * a FIFO waits for its other end, a device for whatever it likes, and the names below
 * /dev/fd and /proc are about the process that asks. Nor are they plain where spawn cannot
 * do them. Any thread. */
bool redirects_are_plain(const struct redirects *r);
/* Append the line that says what could not be done, and why. */
void redirects_tell(const struct redirect *r, int error, struct buf *why);

#endif
