/* What a job reads: makes the descriptor that becomes its standard input.
 *
 * Any thread. The descriptor is the caller's, close-on-exec, and stands at the
 * beginning of a file, so the job can read it, seek in it, or leave it alone: no
 * one has to feed it, and no one waits for it. */
#ifndef PQ_INPUT_H
#define PQ_INPUT_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct item;

/* The file that the item names; -1 with the reason in `why` when it cannot be
 * read: it has vanished, is a directory, is what pq itself writes to. Never waits,
 * not even for the writer of a FIFO. */
int input_open(const struct item *item, struct buf *why);
/* A file without a name that holds these bytes: in memory where the system has such,
 * else in TMPDIR. A pipe would have to be fed for as long as the job runs, and cost
 * one more descriptor for each. -1 with the reason in `why` when there is no room. */
int input_hold(const char *data, size_t len, struct buf *why);

/* The same in a file of TMPDIR with a name, which is appended; somebody removes it. False with
 * the reason in `why`. */
bool input_keep(const char *data, size_t len, struct buf *name, struct buf *why);

#endif
