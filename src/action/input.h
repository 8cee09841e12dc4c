/* What a job reads: makes the descriptor that becomes its standard input.
 *
 * Any thread. The descriptor is the caller's, close-on-exec, and stands at the
 * beginning of a file, so the job can read it, seek in it, or leave it alone: no
 * one has to feed it, and no one waits for it. */
#ifndef PQ_INPUT_H
#define PQ_INPUT_H

struct buf;
struct item;

/* The file that the item names; -1 with the reason in `why` when it cannot be
 * read: it has vanished, is a directory, is what pq itself writes to. Never waits,
 * not even for the writer of a FIFO. */
int input_open(const struct item *item, struct buf *why);

#endif
