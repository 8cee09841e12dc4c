/* Looking after a queue: --admin.
 *
 * Main thread, instead of a run; signals end pq as they end any program. */
#ifndef PQ_BROKER_MANAGE_H
#define PQ_BROKER_MANAGE_H

#include <stddef.h>

struct address;

/* Do to the queue what the words say, a verb and what it needs, and print what was done;
 * trouble is told. The exit status, or LOOK_UNREAD (look.h). Dies with 2 when the words are
 * wrong, before anything is opened. */
int manage(const struct address *queue, char *const *words, size_t count);

#endif
