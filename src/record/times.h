/* How long jobs took by a job log, for --order-by. It is read as a whole before anything is
 * started; it takes 24 bytes for each job in it. The main thread opens and frees it, the
 * reader's asks. */
#ifndef PQ_TIMES_H
#define PQ_TIMES_H

#include <stdint.h>

struct item;
struct options;
struct template;
struct times;

/* NULL: nobody asked. Dies with 2 when it cannot be read, or is no job log. commands: of each
 * section; wanted as long as the times. */
struct times *times_open(const struct options *o, const struct template *const *commands);
void times_free(struct times *t);
/* In ms: the longest of its jobs, by their commands, of each of which the last run counts;
 * -1: none is in the log. */
int64_t times_of(void *times, const struct item *item);
/* Tell that nothing of the list was in the log, if there was anything. */
void times_strange(void *times);

#endif
