/* The circuit breaker: --breaker. Pure.
 *
 * Closed, everything passes. When too many of the last COUNT attempts have failed it
 * opens: nothing is started until the cool-down is over, then one trial, and what comes
 * of that closes it or opens it again (M. Nygard, "Release It!"). */
#ifndef PQ_BREAKER_H
#define PQ_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

struct breaker_rule {
	double percent;
	uint32_t count;   /* 0: no breaker */
	int64_t cooldown; /* ns */
};

enum breaker_event { BREAKER_SAME, BREAKER_OPENED, BREAKER_CLOSED };

struct breaker {
	struct breaker_rule rule;
	bool *failed;     /* of the last attempts, a ring; owned */
	uint32_t next, known, failures;
	bool open, trial; /* a trial runs */
	int64_t until;    /* open: of the cool-down */
};

/* N%/COUNT,COOLDOWN */
bool breaker_parse(const char *s, struct breaker_rule *rule);
void breaker_init(struct breaker *b, const struct breaker_rule *rule);
void breaker_free(struct breaker *b);
/* From when on one may start: a time that has passed: now; INT64_MAX: when the trial
 * has ended. */
int64_t breaker_when(const struct breaker *b);
/* One starts; is it the trial? */
bool breaker_start(struct breaker *b);
enum breaker_event breaker_ended(struct breaker *b, bool trial, bool failed, int64_t now);
/* A trial ended without an answer: the next one is a trial. */
void breaker_undecided(struct breaker *b, bool trial);

#endif
