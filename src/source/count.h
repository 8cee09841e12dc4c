/* The count: how many records a regular file has, found out beside the reading of it.
 *
 * A thread of its own looks at the bytes with pread, so neither the offset moves nor is
 * anything kept. What comes of it is for people: nothing is decided by it, since when it is
 * known depends on the machine. */
#ifndef PQ_COUNT_H
#define PQ_COUNT_H

#include <stdatomic.h>
#include <stdint.h>

struct count;

/* Count what each separator ends, and what is behind the last one, from this offset to the end
 * that the file has now; `besides` of them are no items. *to: the number, once it is known.
 * NULL: this is no regular file, or so large that bytes are a good enough measure. The
 * descriptor must stay open until count_stop. Not before the guardian was forked off: a
 * process with threads is not forked. */
struct count *count_start(int fd, int64_t from, char separator, uint64_t besides,
	_Atomic uint64_t *to);
void count_stop(struct count *c); /* NULL is fine; it is waited for */

#endif
