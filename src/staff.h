/* The staff: how many workers are wanted, once the run has begun. -j FILE is read again,
 * signals ask for one more or less. Any thread; whoever is told true wakes the desk. */
#ifndef PQ_STAFF_H
#define PQ_STAFF_H

#include <stdbool.h>

struct crew;
struct meter;
struct options;
struct staff;

/* meter: NULL is fine. */
struct staff *staff_new(const struct options *options, struct crew *crew,
	struct meter *meter);
void staff_free(struct staff *s);
/* Each: has the number changed? */
bool staff_reread(struct staff *s);
bool staff_change(struct staff *s, int more); /* by a signal: 1 or -1 */

#endif
