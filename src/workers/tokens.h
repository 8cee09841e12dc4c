/* The keeper of tokens: fetches them from the pool that programs share as make's jobserver
 * has it, a byte each, when permits ask for them, and brings the same bytes back; also when
 * pq has been killed, for it lives in the guardian's process. So no token is held anywhere
 * else, and there is no moment at which a kill could lose one.
 *
 * System calls only, and no memory but its own. */
#ifndef PQ_TOKENS_H
#define PQ_TOKENS_H

#include "action/run/running.h"

struct tokens {
	int in, out;      /* the pool; reading does not block */
	int words;        /* what permits say (base/permits.h) */
	int grants;       /* to be told of each token by a byte; closed when there is no pool */
	const char *path; /* of a FIFO to be removed at the end; or NULL */
	unsigned wanted, held;
	unsigned char byte[RUNNING_SLOTS]; /* of each that is held */
};

/* As struct running_besides has them; ctx: the tokens. */
void tokens_tend(void *ctx, int line);
void tokens_leave(void *ctx);

#endif
