/* A worker: pop, act, hand on. See worker.h. */
#include "workers/worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "action/action.h"
#include "action/run/output.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/permits.h"
#include "base/thread.h"
#include "group.h"
#include "item.h"
#include "life.h"
#include "policy/ahead.h"
#include "queue/queue.h"
#include "stats.h"

/* What a worker has for a group, once it has done anything for it. */
struct bench {
	struct output *output;
	void *own; /* the action's */
};

struct worker {
	const struct worker_rules *rules;
	unsigned number;       /* from 0; of what it takes by itself the slot, too */
	struct bench *benches; /* by lane */
	pthread_t thread;
};

static struct bench *worker_bench(struct worker *w, unsigned lane)
{
	const struct group *g = &w->rules->groups[lane];
	struct bench *b = &w->benches[lane];

	if (!b->output) {
		b->output = output_new(g->capture);
		b->own = g->action->enter(g->action);
	}
	return b;
}

static void worker_clear(struct worker *w)
{
	for (unsigned i = 0; i < w->rules->ngroups; i++) {
		struct action *a = w->rules->groups[i].action;

		if (!w->benches[i].output)
			continue;
		a->leave(a, w->benches[i].own);
		output_free(w->benches[i].output);
	}
}

static void attend_to(struct worker *w, struct delivery *d, unsigned slot)
{
	const struct worker_rules *r = w->rules;
	struct action *action = d->group->action;
	struct bench *b = worker_bench(w, d->lane);
	struct attempt attempt = { .delivery = d, .output = b->output, .slot = slot,
		.entry = r->entry + w->number };

	attempt.live = life_begin(r->life, d, slot + 1, NULL);
	action->run(action, b->own, &attempt);
	queue_free_slot(r->queue, slot); /* before anybody hears of the end, and starts another */
	life_ended(r->life, d, NULL);
	if (r->permits) /* by which another may start: not before it is known whether it may */
		permits_give(r->permits);
}

/* --- an action that takes deliveries itself ----------------------------- */

struct server {
	struct serving serving;
	struct worker *worker;
	struct queue_bell bell;
	unsigned under_way; /* taken, and neither ended nor gone back: one permit is for all */
	struct service service;
};

static struct delivery *server_take(struct serving *s, bool wait, int64_t *when)
{
	struct server *server = (struct server *)s;
	const struct worker_rules *r = server->worker->rules;
	struct delivery *d;

	if (wait) {
		queue_unlist(r->queue, &server->bell);
		d = queue_pop(r->queue, s->slot);
		s->home = !d;
	} else {
		d = queue_ask(r->queue, s->slot, &server->bell, when, &s->home);
	}
	if (!d)
		return NULL;
	server->under_way++;
	server->bell.permitted = true;
	life_begin(r->life, d, s->slot + 1, &server->service);
	return d;
}

/* One of them is the action's no longer, and that is told: by its permit another may start. */
static void server_let_go(struct server *server)
{
	struct permits *permits = server->worker->rules->permits;

	if (--server->under_way > 0)
		return;
	server->bell.permitted = false;
	if (permits)
		permits_give(permits);
}

static void server_decline(struct serving *s)
{
	struct server *server = (struct server *)s;

	queue_unlist(server->worker->rules->queue, &server->bell);
}

static void server_ended(struct serving *s, struct delivery *d)
{
	struct server *server = (struct server *)s;

	life_ended(server->worker->rules->life, d, &server->service);
	server_let_go(server);
}

static void server_lost(struct serving *s, struct delivery *d)
{
	struct server *server = (struct server *)s;

	life_lost(server->worker->rules->life, d, &server->service);
	server_let_go(server);
}

static void server_back(struct serving *s, struct delivery *d, unsigned company)
{
	struct server *server = (struct server *)s;

	if (company)
		d->company = company;
	life_back(server->worker->rules->life, d, &server->service);
	server_let_go(server);
}

static void server_up(struct serving *s)
{
	struct server *server = (struct server *)s;

	stats_up(server->worker->rules->groups[0].stats, &server->service);
}

static bool server_pause(struct serving *s, int64_t most)
{
	return queue_pause(((struct server *)s)->worker->rules->queue, s->slot, most);
}

static struct ahead_rest server_rest(struct serving *s)
{
	const struct worker_rules *r = ((struct server *)s)->worker->rules;

	return r->rest(r->ctx);
}

static void server_starves(struct serving *s, uint64_t items)
{
	const struct worker_rules *r = ((struct server *)s)->worker->rules;

	r->starves(r->ctx, items);
}

static void worker_serve(struct worker *w, struct action *action)
{
	const struct worker_rules *r = w->rules;
	struct bench *b = worker_bench(w, 0);
	struct server s = { .worker = w, .serving = { .output = b->output, .slot = w->number,
		.entry = r->entry + w->number,
		.take = server_take, .decline = server_decline,
		.ended = server_ended, .lost = server_lost,
		.back = server_back, .up = server_up, .pause = server_pause, .rest = server_rest,
		.starves = server_starves },
		.service = { .in_turn = r->groups[0].in_turn } };

	if (!bell_open(&s.bell.bell)) {
		msg_warn("cannot make a pipe: %s", strerror(errno));
		r->cannot(r->ctx);
		return;
	}
	s.serving.bell = s.bell.bell.out;
	action->serve(action, b->own, &s.serving);
	queue_unlist(r->queue, &s.bell);
	bell_close(&s.bell.bell);
}

/* --- the thread ---------------------------------------------------------- */

static void *worker_run(void *arg)
{
	struct worker *w = arg;
	const struct worker_rules *r = w->rules;
	struct action *action = r->groups[0].action;
	struct delivery *d;
	unsigned slot;

	thread_name("pq-worker");
	queue_arrived(r->queue);
	if (action->serve) /* it has its workers for itself */
		worker_serve(w, action);
	else
		while ((d = queue_pop_slot(r->queue, w->number, &slot)))
			attend_to(w, d, slot);
	worker_clear(w);
	r->home(r->ctx, w->number);
	return NULL;
}

struct worker *worker_start(const struct worker_rules *rules, unsigned number)
{
	struct worker *w = mem_zero(sizeof *w);

	w->rules = rules;
	w->number = number;
	w->benches = mem_zero(rules->ngroups * sizeof *w->benches);
	queue_hired(rules->queue);
	if (!thread_start(&w->thread, worker_run, w)) {
		int error = errno;

		queue_arrived(rules->queue);
		free(w->benches);
		free(w);
		errno = error;
		return NULL;
	}
	return w;
}

void worker_join(struct worker *w)
{
	thread_join(w->thread);
	free(w->benches);
	free(w);
}
