/* Reaching a broker: it is opened, and when it goes it is waited for and opened again. What
 * there is to say of that is said: one line when it goes, one when it is back. With one that
 * was only too slow it has more patience then. A thread's own. Zero, with rules, before the
 * first use. */
#ifndef PQ_REACH_H
#define PQ_REACH_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/broker.h"

struct bell;

struct reach {
	struct broker_rules rules;
	int64_t give_up;       /* ns that it may be gone; below 0: for ever */
	struct broker *broker; /* owned; NULL: it was not opened yet, or is gone */
	bool away;             /* it is gone; the next call shows whether it is back */
	bool told;
	int64_t gone_since, pause;
	char id[17];           /* as broker_id, once it was opened */
};

/* Open and close it: what is wrong with it, and what it does not promise, is told before
 * anything is started. Dies with one line when it cannot be had. It is opened for good in a
 * thread, when the guardian has been forked: no other process may have a handle of it. */
void reach_try(const struct broker_rules *rules);
/* Ask before each use of `broker`; false: reach_again is first. */
bool reach_is_there(const struct reach *r);
/* A call has found it gone; has been answered. */
void reach_lost(struct reach *r);
void reach_heard(struct reach *r);
/* Wait a while, unless the bell rings, and try. False: it will not be had, and that has been
 * told. ending: pq is to end, so that it is not waited for any longer than a moment. */
bool reach_again(struct reach *r, const struct bell *bell, bool ending);
void reach_close(struct reach *r);

#endif
