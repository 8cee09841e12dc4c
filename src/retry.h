/* What follows from an outcome. Pure: no clock, no lock, no I/O. */
#ifndef PQ_RETRY_H
#define PQ_RETRY_H

#include <stdbool.h>

struct outcome;

enum verdict {
	VERDICT_ACK,    /* done */
	VERDICT_RETRY,  /* again */
	VERDICT_REJECT, /* failed for good */
	VERDICT_RELEASE /* not its fault: neither done nor failed (pq is stopping) */
};

struct retry_rules {
	unsigned attempts; /* at most, at least 1 */
};

enum verdict retry_verdict(const struct retry_rules *rules, const struct outcome *o,
	unsigned attempts);

#endif
