/* A worker: pop, act, hand on. See worker.h. */
#include "workers/worker.h"

#include <errno.h>
#include <stdlib.h>

#include "action/action.h"
#include "action/run/output.h"
#include "base/mem.h"
#include "base/thread.h"
#include "life.h"
#include "queue/queue.h"

struct worker {
	const struct worker_rules *rules;
	unsigned slot;
	pthread_t thread;
};

static void attend_to(struct worker *w, void *own, struct output *output, struct delivery *d)
{
	const struct worker_rules *r = w->rules;
	struct attempt attempt = { .delivery = d, .output = output, .slot = w->slot };

	attempt.live = life_begin(r->life, d);
	r->action->run(r->action, own, &attempt);
	life_ended(r->life, d);
}

static void *worker_run(void *arg)
{
	struct worker *w = arg;
	const struct worker_rules *r = w->rules;
	struct output *output = output_new(r->output);
	void *own = r->action->enter(r->action);
	struct delivery *d;

	thread_name("pq-worker");
	queue_arrived(r->queue);
	while ((d = queue_pop(r->queue, w->slot)))
		attend_to(w, own, output, d);
	r->action->leave(r->action, own);
	output_free(output);
	r->home(r->ctx, w->slot);
	return NULL;
}

struct worker *worker_start(const struct worker_rules *rules, unsigned slot)
{
	struct worker *w = mem_zero(sizeof *w);

	w->rules = rules;
	w->slot = slot;
	queue_hired(rules->queue);
	if (!thread_start(&w->thread, worker_run, w)) {
		int error = errno;

		queue_arrived(rules->queue);
		free(w);
		errno = error;
		return NULL;
	}
	return w;
}

void worker_join(struct worker *w)
{
	thread_join(w->thread);
	free(w);
}
