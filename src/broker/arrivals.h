/* How many items come into queues during a run, from whomever: for its summary.
 *
 * Main thread; each call may block as one to a broker may (broker.h). */
#ifndef PQ_BROKER_ARRIVALS_H
#define PQ_BROKER_ARRIVALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address;
struct arrivals;

struct arrivals *arrivals_new(void);
/* One more queue: what comes from now on counts. It may not be there yet. */
void arrivals_add(struct arrivals *a, const struct address *queue);
/* How many came into all of them; false: nobody knows, or there are none. */
bool arrivals_came(const struct arrivals *a, uint64_t *came);
void arrivals_free(struct arrivals *a);

#endif
