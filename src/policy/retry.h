/* What follows from an outcome: --retries, --ack-on, --retry-on, --reject-on. Pure: no
 * clock, no lock, no I/O. */
#ifndef PQ_RETRY_H
#define PQ_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "item.h"

/* Outcomes that a list on the command line names. */
struct outcome_set {
	bool given;
	bool timeout;
	uint64_t statuses[4]; /* bit n: exit status n, or one that could not be started */
	uint64_t signals[2];  /* bit n: signal n */
};

struct retry_rules {
	unsigned attempts; /* at most, at least 1 */
	unsigned poison;   /* losses that reject an item; 0: none does */
	struct outcome_set ack, retry, reject;
};

/* Exit statuses, ranges of them (1-10), names of signals and "timeout", with commas
 * between; adds to the set. False when it is none of these. */
bool retry_parse(const char *s, struct outcome_set *set);
/* After `attempts` attempts. An outcome that several lists name is the first of ack,
 * reject and retry. Of what none names, 0 is done, and all else is tried again, or,
 * where there is a list of what is, rejected. */
enum verdict retry_verdict(const struct retry_rules *rules, const struct outcome *o,
	unsigned attempts);

/* Its worker has died with it so, for the lost'th time: nobody knows whether it was done. */
enum verdict retry_lost(const struct retry_rules *rules, const struct outcome *o, unsigned lost);

/* Is even exit status 0 a failure? */
bool retry_rejects_success(const struct retry_rules *rules);
/* Has an item that ended so, whenever it was, been done? */
bool retry_is_done(const struct retry_rules *rules, const struct outcome *o);

#endif
