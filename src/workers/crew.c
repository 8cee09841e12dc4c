/* The crew: how many workers there are. See crew.h. */
#include "workers/crew.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "action/run/running.h"
#include "base/check.h"
#include "base/mem.h"
#include "base/msg.h"
#include "queue/queue.h"
#include "workers/worker.h"

struct place {
	struct worker *worker; /* NULL: never started, or joined */
	_Atomic bool home;     /* its thread is about to end */
};

struct crew {
	const struct worker_rules *rules;
	struct place *places;    /* by slot; room for all there can ever be, so that
	                          * none moves under the worker that is in it */
	unsigned used;           /* places that have ever had a worker */
	_Atomic unsigned working;
};

struct crew *crew_new(const struct worker_rules *rules, unsigned wanted)
{
	struct crew *c = mem_zero(sizeof *c);

	c->rules = rules;
	c->places = mem_zero(RUNNING_SLOTS * sizeof *c->places);
	crew_want(c, wanted);
	return c;
}

void crew_want(struct crew *c, unsigned wanted)
{
	queue_staff(c->rules->queue, wanted);
}

unsigned crew_wanted(struct crew *c)
{
	return queue_wanted(c->rules->queue);
}

void crew_hold(struct crew *c, bool held)
{
	queue_hold(c->rules->queue, held);
}

void crew_home(struct crew *c, unsigned slot)
{
	atomic_fetch_sub(&c->working, 1);
	atomic_store(&c->places[slot].home, true);
}

/* Make the place free if its worker has gone home; is it free? */
static bool vacate(struct place *p)
{
	if (p->worker && atomic_load(&p->home)) {
		worker_join(p->worker);
		p->worker = NULL;
		atomic_store(&p->home, false);
	}
	return !p->worker;
}

/* Start one in the lowest free place; false when there can be no more. */
static bool add_worker(struct crew *c)
{
	unsigned slot = 0;

	while (slot < crew_wanted(c) && !vacate(&c->places[slot]))
		slot++;
	if (slot >= crew_wanted(c))
		return false;
	c->places[slot].worker = worker_start(c->rules, slot);
	if (!c->places[slot].worker) {
		if (atomic_load(&c->working) == 0)
			msg_die(125, "cannot start a worker: %s", strerror(errno));
		msg_warn("cannot start more than %u workers: %s; going on with them",
			atomic_load(&c->working), strerror(errno));
		crew_want(c, slot);
		return false;
	}
	atomic_fetch_add(&c->working, 1);
	if (slot >= c->used)
		c->used = slot + 1;
	return true;
}

void crew_fill(struct crew *c)
{
	while (atomic_load(&c->working) < crew_wanted(c) && queue_shortage(c->rules->queue) > 0
	       && add_worker(c))
		;
}

void crew_finish(struct crew *c)
{
	for (unsigned slot = 0; slot < c->used; slot++)
		if (c->places[slot].worker)
			worker_join(c->places[slot].worker);
	assert(atomic_load(&c->working) == 0);
	free(c->places);
	free(c);
}
