/* The life of a delivery: when others may start because one has ended. */
#include "unit.h"

#include <string.h>

#include "action/action.h"
#include "action/run/output.h"
#include "base/chain.h"
#include "base/permits.h"
#include "collector.h"
#include "group.h"
#include "item.h"
#include "life.h"
#include "queue/queue.h"
#include "queue/schedule.h"
#include "stats.h"
#include "workers/worker.h"

static struct scene {
	struct store *store;
	struct collector *collector;
	struct queue *queue;
	struct permits permits;
	struct output_rules capture;
	struct action action;
	struct group group;
	struct life life;
	unsigned finals, others; /* last verdicts, and who could have started by then */
} scene;

static void on_written(void *ctx, struct delivery *list, bool lost)
{
	(void)ctx;
	(void)list;
	(void)lost;
}

static void on_home(void *ctx, unsigned number)
{
	(void)ctx;
	(void)number;
}

static void *on_enter(struct action *a)
{
	return a;
}

static void on_run(struct action *a, void *own, const struct attempt *at)
{
	(void)a;
	(void)own;
	at->delivery->result.outcome = (struct outcome){ .how = OUTCOME_EXIT, .code = 3 };
}

/* All of them are held at a time. */
static void on_serve(struct action *a, void *own, struct serving *s)
{
	int64_t when;

	for (struct delivery *d; (d = s->take(s, true, &when));) {
		on_run(a, own, &(struct attempt){ .delivery = d });
		s->ended(s, d);
	}
}

static void on_leave(struct action *a, void *own)
{
	(void)a;
	(void)own;
}

static void scene_open(const struct schedule_rules *schedule)
{
	struct scene *s = &scene;

	memset(s, 0, sizeof *s);
	s->store = store_new(100000);
	s->collector = collector_start(&(struct collector_rules){ .store = s->store,
		.share = 20000, .spool_cap = UINT64_MAX, .written = on_written });
	s->queue = queue_new(&(struct lane_rules){ schedule, 1 }, 1);
	queue_staff(s->queue, 2);
	s->capture = (struct output_rules){ .store = s->store };
	s->action = (struct action){ .enter = on_enter, .run = on_run, .leave = on_leave };
	s->group = (struct group){ .number = 1, .stats = stats_new(false, 1), .queue = s->queue,
		.action = &s->action, .capture = &s->capture };
	s->life = (struct life){ .collector = s->collector, .store = s->store, .ctx = s };
}

static void scene_close(void)
{
	collector_finish(scene.collector);
	queue_free(scene.queue);
	store_free(scene.store);
	stats_free(scene.group.stats);
}

static struct delivery *waits(const char *key, uint64_t seq)
{
	struct draft draft = { 0 };
	struct delivery *d;

	draft_add(&draft, "x", 1);
	d = item_new(&draft, 1, seq)->deliveries;
	d->group = &scene.group;
	if (key)
		d->ticket = ticket_new(0, key, strlen(key), NULL, 0);
	draft_free(&draft);
	queue_push(scene.queue, d);
	return d;
}

/* Whoever looks for something to do at this moment. */
static void on_final_ask(void *ctx, const struct delivery *d)
{
	struct scene *s = ctx;
	struct queue_bell bell = { 0 };
	int64_t when;
	bool home;

	(void)d;
	s->finals++;
	assert_true(bell_open(&bell.bell));
	s->others += queue_ask(s->queue, 1, &bell, &when, &home) != NULL;
	queue_unlist(s->queue, &bell);
	bell_close(&bell.bell);
}

static void a_key_is_free_when_it_is_known_whether_its_item_ends_the_run(void **state)
{
	struct delivery *first, *second, *d;

	(void)state;
	scene_open(&(struct schedule_rules){ .key_jobs = 1 });
	scene.life.final = on_final_ask;
	first = waits("a", 1);
	second = waits("a", 2);
	for (int i = 0; i < 2; i++) {
		d = queue_pop(scene.queue, 0);
		assert_ptr_equal(d, i ? second : first);
		life_begin(&scene.life, d, 1, NULL);
		d->result.outcome = (struct outcome){ .how = OUTCOME_EXIT, .code = 3 };
		life_ended(&scene.life, d, NULL);
	}
	scene_close();
	item_free(first->item, NULL);
	item_free(second->item, NULL);
	assert_int_equal(scene.finals, 2);
	assert_int_equal(scene.others, 0);
}

/* Whoever waits for a permit at this moment. */
static void on_final_permit(void *ctx, const struct delivery *d)
{
	struct scene *s = ctx;
	bool wants = false;

	(void)d;
	s->finals++;
	s->others += permits_take(&s->permits, &wants, false);
}

static void a_permit_is_given_back_when_that_is_known(bool serves)
{
	struct worker_rules rules;
	struct delivery *d;
	struct worker *w;

	scene_open(NULL);
	scene.life.final = on_final_permit;
	scene.action.serve = serves ? on_serve : NULL;
	assert_true(permits_open(&scene.permits, 1, -1));
	queue_permits(scene.queue, &scene.permits);
	rules = (struct worker_rules){ .queue = scene.queue, .groups = &scene.group, .ngroups = 1,
		.permits = &scene.permits, .life = &scene.life, .home = on_home };
	d = waits(NULL, 1);
	queue_close(scene.queue);
	w = worker_start(&rules, 0);
	assert_non_null(w);
	worker_join(w);
	permits_close(&scene.permits);
	scene_close();
	item_free(d->item, NULL);
	assert_int_equal(scene.finals, 1);
	assert_int_equal(scene.others, 0);
}

static void a_worker_gives_its_permit_back_when_that_is_known(void **state)
{
	(void)state;
	a_permit_is_given_back_when_that_is_known(false);
	a_permit_is_given_back_when_that_is_known(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_free_when_it_is_known_whether_its_item_ends_the_run),
		cmocka_unit_test(a_worker_gives_its_permit_back_when_that_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
