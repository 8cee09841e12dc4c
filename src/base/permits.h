/* Permits to be at work, of which there are only so many: some are there from the beginning,
 * others are tokens that a keeper, another process, fetches from a pool which many programs
 * share, when it is asked to, and brings back.
 *
 * Who wants one in vain waits elsewhere; somebody listens for the bell and for the keeper's
 * grants, and wakes up those who wait. A leaf: the lock inside is held over a write to a
 * pipe that the keeper always reads. Any thread, but for what begins and ends it. */
#ifndef PQ_PERMITS_H
#define PQ_PERMITS_H

#include <stdbool.h>

#include "base/bell.h"
#include "base/thread.h"

/* What is written to the keeper, a byte each. */
enum permits_word {
	PERMITS_ASK = '+',  /* one more token is wanted; */
	PERMITS_DROP = '-', /* one less, if it has not been fetched already */
	PERMITS_BACK = '<', /* one that was granted is to be brought back */
};

struct permits {
	lock lock;
	int keeper;      /* to write to; -1: there is none (any more) */
	unsigned own;    /* permits without a token, */
	unsigned tokens; /* and those with one that was granted */
	unsigned used;   /* of both */
	unsigned wanted; /* by so many who wait */
	unsigned asked;  /* tokens that were asked for and have not come */
	struct bell bell; /* rung when one is free though none has come */
};

/* keeper: the pipe to it, or -1. False with errno: there is no bell to be had. */
bool permits_open(struct permits *p, unsigned own, int keeper);
void permits_close(struct permits *p); /* nobody has or wants one */

/* One for the caller, if there is one; else *wants is `wait`: does it wait for one from now
 * on? It is true until the caller takes one, or waits no more. */
bool permits_take(struct permits *p, bool *wants, bool wait);
void permits_renounce(struct permits *p, bool *wants);
void permits_give(struct permits *p);

/* The keeper has brought one. */
void permits_granted(struct permits *p);
/* There is no keeper any more. Tokens that it had fetched are never brought back, so they
 * are the caller's own now; at least one permit is. */
void permits_lost(struct permits *p);

#endif
