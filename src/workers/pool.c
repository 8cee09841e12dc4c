/* A pool. See pool.h. */
#include "workers/pool.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/mem.h"
#include "policy/ahead.h"
#include "queue/queue.h"
#include "stats.h"
#include "workers/crew.h"
#include "workers/staff.h"
#include "workers/worker.h"

/* Items that are claimed for one worker, at most. */
enum { PLACES_MOST = 1024 };

struct pool {
	struct pool_rules rules;
	struct worker_rules worker;
	struct crew *crew;
	struct staff *staff;
	_Atomic uint64_t each; /* places of a worker: 1 to PLACES_MOST; it only grows */
};

static void pool_on_home(void *ctx, unsigned slot)
{
	struct pool *p = ctx;

	crew_home(p->crew, slot);
	p->rules.wake(p->rules.ctx);
}

static void pool_on_cannot(void *ctx)
{
	struct pool *p = ctx;

	p->rules.cannot(p->rules.ctx);
}

static struct ahead_rest pool_on_rest(void *ctx)
{
	struct pool *p = ctx;
	bool ended = p->rules.ended(p->rules.ctx);

	return (struct ahead_rest){ ended ? queue_depth(p->rules.queue) : UINT64_MAX,
		crew_wanted(p->crew), !ended && p->rules.held(p->rules.ctx) };
}

static void pool_on_starves(void *ctx, uint64_t items)
{
	struct pool *p = ctx;
	uint64_t each = atomic_load(&p->each);

	if (items > PLACES_MOST)
		items = PLACES_MOST;
	while (items > each && !atomic_compare_exchange_weak(&p->each, &each, items))
		;
	if (items > each)
		p->rules.wake(p->rules.ctx);
}

struct pool *pool_new(const struct pool_rules *rules)
{
	struct pool *p = mem_zero(sizeof *p);

	p->rules = *rules;
	atomic_init(&p->each, 1);
	p->worker = (struct worker_rules){ .queue = rules->queue, .groups = rules->groups,
		.ngroups = rules->ngroups, .permits = rules->permits, .entry = rules->entry,
		.entries = rules->entries, .life = rules->life,
		.rest = pool_on_rest, .starves = pool_on_starves,
		.home = pool_on_home, .cannot = pool_on_cannot, .ctx = p };
	queue_permits(rules->queue, rules->permits);
	p->crew = crew_new(&p->worker, rules->jobs);
	p->staff = staff_new(&(struct staff_rules){ .options = rules->options,
		.section = rules->section, .jobs = rules->jobs, .entry = rules->entry,
		.entries = rules->entries, .retried = rules->retried, .crew = p->crew,
		.stats = rules->stats });
	return p;
}

void pool_dismiss(struct pool *p)
{
	crew_want(p->crew, 0);
}

void pool_close(struct pool *p)
{
	queue_close(p->rules.queue);
}

void pool_finish(struct pool *p)
{
	crew_finish(p->crew);
	p->crew = NULL;
}

void pool_free(struct pool *p)
{
	staff_free(p->staff);
	queue_free(p->rules.queue);
	free(p);
}

struct queue *pool_queue(const struct pool *p)
{
	return p->rules.queue;
}

void pool_fill(struct pool *p)
{
	crew_fill(p->crew);
}

/* Workers that have something to do. One that stays up may have many attempts under way. */
static int64_t pool_busy(const struct pool *p)
{
	int64_t running = stats_get(p->rules.stats, STAT_RUNNING);
	int64_t working = crew_working(p->crew);

	return running < working ? running : working;
}

int64_t pool_look(struct pool *p)
{
	crew_fill(p->crew);
	return staff_look(p->staff, &(struct workload){
		pool_busy(p), queue_depth(p->rules.queue), queue_shortage(p->rules.queue) });
}

bool pool_change(struct pool *p, int more)
{
	return staff_change(p->staff, more);
}

bool pool_reread(struct pool *p)
{
	return staff_reread(p->staff);
}

uint64_t pool_places(struct pool *p)
{
	return queue_wanted(p->rules.queue) * atomic_load(&p->each);
}

unsigned pool_most(struct pool *p)
{
	return staff_most(p->staff);
}

enum hold pool_why(struct pool *p, int64_t *left)
{
	enum hold why = staff_why(p->staff);

	*left = INT64_MAX;
	return why ? why : queue_why(p->rules.queue, left);
}
