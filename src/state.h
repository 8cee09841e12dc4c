/* Where a delivery is in its life, and the one way from one state to the next: life.h draws
 * them. A step that does not start where it should aborts, in every build. */
#ifndef PQ_STATE_H
#define PQ_STATE_H

#include <stdatomic.h>

#include "base/check.h"

enum state {
	STATE_BORN,    /* new, at the desk */
	STATE_WAITING, /* for its time, its key, or to be on record */
	STATE_QUEUED,
	STATE_RUNNING, /* a worker's */
	STATE_LEAVING, /* it will not be tried again */
	STATE_PARKED,  /* with the collector, but its turn has not come */
	STATE_WRITING,
	STATE_WRITTEN, /* its bytes are out, or it has none */
	STATE_SETTLED  /* dead */
};

/* A set of states. */
#define ANY_OF(a, b) (1u << STATE_##a | 1u << STATE_##b)
#define ONLY(a) (1u << STATE_##a)

/* Whoever owns the delivery makes the step. The collector may look at the state of one that
 * runs while its worker leaves it, so it is atomic; nothing else depends on the order. */
typedef _Atomic enum state life_state;

static inline enum state state_now(const life_state *s)
{
	return atomic_load_explicit(s, memory_order_relaxed);
}

static inline void state_step(life_state *s, unsigned from, enum state to)
{
	assert(from >> state_now(s) & 1);
	atomic_store_explicit(s, to, memory_order_relaxed);
}

#endif
