/* The staff: how many workers are wanted, once the run has begun. -j FILE is read again,
 * also while it says pause and nothing runs; -j MIN..MAX goes by the work there is, signals
 * ask for one more or less: with a range they shift it. Any thread, but for staff_look;
 * whoever is told true wakes the desk. */
#ifndef PQ_STAFF_H
#define PQ_STAFF_H

#include <stdbool.h>
#include <stdint.h>

#include "policy/hold.h"

struct crew;
struct options;
struct section;
struct staff;
struct stats;

struct staff_rules {
	const struct options *options;
	const struct section *section; /* whose -j it is */
	unsigned jobs;           /* what that asks for, at most */
	unsigned entry, entries; /* its part of the table of running jobs; more there cannot be */
	bool retried;            /* what is ended for --memfree will be tried again */
	struct crew *crew;
	struct stats *stats;
};

struct staff *staff_new(const struct staff_rules *rules);
void staff_free(struct staff *s);
/* Each: has the number changed? */
bool staff_reread(struct staff *s);
/* The same in its two steps, between which other threads may read the file, and take what they
 * have read: what was read later holds. False: there is nothing to be read. */
struct staff_reading {
	uint64_t number;
	unsigned jobs; /* as of jobs_wanted */
};
bool staff_read(struct staff *s, struct staff_reading *reading);
bool staff_take(struct staff *s, const struct staff_reading *reading);
bool staff_change(struct staff *s, int more); /* by a signal: 1 or -1 */

/* What there is to be done, when the desk looks. */
struct workload {
	int64_t busy;   /* jobs that run */
	uint64_t depth; /* deliveries that wait, */
	long shortage;  /* and so many of them for somebody to be there */
};

/* The desk's: how long until it should look again, in ns. */
int64_t staff_look(struct staff *s, const struct workload *work);
/* What the machine has no room for, or that the file of -j says pause, so that nothing is
 * started; or HOLD_NONE. Any thread. */
enum hold staff_why(struct staff *s);
unsigned staff_most(struct staff *s); /* how many there may come to be */

#endif
