/* The crew: how many workers there are. See crew.h. */
#include "workers/crew.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

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
	_Atomic unsigned asked;  /* by crew_want */
	_Atomic unsigned most;   /* there can be no more: the system had no thread for one */
};

struct crew *crew_new(const struct worker_rules *rules, unsigned wanted)
{
	struct crew *c = mem_zero(sizeof *c);

	c->rules = rules;
	c->most = rules->entries;
	c->places = mem_zero(rules->entries * sizeof *c->places);
	crew_want(c, wanted);
	return c;
}

/* The queue first: who finds the number asked for already goes on to take an item. */
void crew_want(struct crew *c, unsigned wanted)
{
	unsigned most = atomic_load(&c->most);

	queue_staff(c->rules->queue, wanted < most ? wanted : most);
	atomic_store(&c->asked, wanted);
}

unsigned crew_wanted(struct crew *c)
{
	return atomic_load(&c->asked);
}

unsigned crew_working(struct crew *c)
{
	return atomic_load(&c->working);
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

/* The system has no thread for another one. Those that work go on; with none pq cannot. */
static void crew_make_do(struct crew *c, int error)
{
	unsigned working = atomic_load(&c->working);

	if (working == 0) {
		msg_warn("cannot start a worker: %s", strerror(error));
		c->rules->cannot(c->rules->ctx);
		return;
	}
	msg_warn("cannot start more than %u workers: %s; going on with them", working,
		strerror(error));
	atomic_store(&c->most, working);
	crew_want(c, atomic_load(&c->asked));
}

/* Start one in the lowest free place; false when there can be no more. */
static bool add_worker(struct crew *c)
{
	unsigned slot = 0;

	while (slot < queue_wanted(c->rules->queue) && !vacate(&c->places[slot]))
		slot++;
	if (slot >= queue_wanted(c->rules->queue))
		return false;
	c->places[slot].worker = worker_start(c->rules, slot);
	if (!c->places[slot].worker) {
		crew_make_do(c, errno);
		return false;
	}
	atomic_fetch_add(&c->working, 1);
	if (slot >= c->used)
		c->used = slot + 1;
	return true;
}

void crew_fill(struct crew *c)
{
	while (atomic_load(&c->working) < queue_wanted(c->rules->queue)
	       && queue_shortage(c->rules->queue) > 0 && add_worker(c))
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
