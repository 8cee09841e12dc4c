/* The queue: in order, everything once, and when a worker goes home. */
#include "unit.h"

#include <poll.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include "base/permits.h"
#include "base/thread.h"
#include "item.h"
#include "queue/queue.h"
#include "queue/schedule.h"

static const struct lane_rules one_lane[] = { { NULL, 1 } }; /* first in, first out */

enum { EACH = 4000, PRODUCERS = 4, CONSUMERS = 4, ALL = EACH * PRODUCERS };

/* Workers of two kinds. */
static struct {
	struct queue *queue;
	struct delivery delivery[EACH];
	_Atomic int count[EACH], done, pushed;
	struct bell all_done;
} mixed;

static void first_in_is_first_out(void **state)
{
	struct delivery d[5] = { 0 };
	struct queue *q = queue_new(one_lane, 1);

	(void)state;
	queue_staff(q, 1);
	for (int i = 0; i < 5; i++) {
		queue_push(q, &d[i]);
		assert_int_equal(queue_depth(q), i + 1);
	}
	for (int i = 0; i < 5; i++) {
		assert_ptr_equal(queue_pop(q, 0), &d[i]);
		assert_null(d[i].next);
	}
	assert_int_equal(queue_depth(q), 0);
	queue_free(q);
}

static void what_is_tried_again_comes_before_all_others(void **state)
{
	struct delivery d[4] = { 0 };
	struct queue *q = queue_new(one_lane, 1);

	(void)state;
	queue_staff(q, 1);
	queue_push_first(q, &d[2]); /* into an empty queue: others still follow it */
	queue_push(q, &d[3]);
	queue_push_first(q, &d[1]);
	queue_push_first(q, &d[0]);
	assert_int_equal(queue_depth(q), 4);
	for (int i = 0; i < 4; i++)
		assert_ptr_equal(queue_pop(q, 0), &d[i]);
	queue_push(q, &d[0]);
	assert_ptr_equal(queue_pop(q, 0), &d[0]);
	queue_staff(q, 0);
	assert_false(queue_push_first(q, &d[0])); /* pq is stopping */
	assert_int_equal(queue_depth(q), 0);
	queue_free(q);
}

static void a_closed_queue_hands_out_what_it_has(void **state)
{
	struct delivery d[2] = { 0 };
	struct queue *q = queue_new(one_lane, 1);

	(void)state;
	queue_staff(q, 2);
	queue_push(q, &d[0]);
	queue_push(q, &d[1]);
	queue_close(q);
	assert_ptr_equal(queue_pop(q, 1), &d[0]);
	assert_ptr_equal(queue_pop(q, 0), &d[1]);
	assert_null(queue_pop(q, 0));
	assert_null(queue_pop(q, 1));
	queue_free(q);
}

static void what_is_taken_back_is_run_by_nobody(void **state)
{
	struct delivery d[4] = { 0 }, *all;
	struct queue *q = queue_new(one_lane, 1);

	(void)state;
	queue_staff(q, 1);
	assert_null(queue_take(q));
	for (int i = 0; i < 3; i++)
		queue_push(q, &d[i]);
	all = queue_take(q);
	for (int i = 0; i < 3; i++, all = all->next)
		assert_ptr_equal(all, &d[i]);
	assert_null(all);
	assert_int_equal(queue_depth(q), 0);
	queue_push(q, &d[3]); /* it goes on as before */
	assert_ptr_equal(queue_pop(q, 0), &d[3]);
	queue_close(q);
	assert_null(queue_pop(q, 0));
	queue_free(q);
}

static void workers_beyond_the_staff_go_home(void **state)
{
	struct delivery d[2] = { 0 };
	struct queue *q = queue_new(one_lane, 1);

	(void)state;
	queue_push(q, &d[0]);
	queue_push(q, &d[1]);
	assert_null(queue_pop(q, 0)); /* nobody is wanted yet */
	queue_staff(q, 2);
	assert_null(queue_pop(q, 2));
	assert_ptr_equal(queue_pop(q, 1), &d[0]);
	queue_staff(q, 1);
	assert_null(queue_pop(q, 1));
	assert_ptr_equal(queue_pop(q, 0), &d[1]);
	queue_staff(q, 0);
	assert_null(queue_pop(q, 0));
	queue_push(q, &d[0]);
	queue_staff(q, 1); /* too late: who said stop meant it */
	assert_int_equal(queue_wanted(q), 0);
	assert_null(queue_pop(q, 0));
	assert_ptr_equal(queue_take(q), &d[0]);
	queue_free(q);
}

struct popper {
	struct queue *q;
	unsigned worker;
	struct delivery *got;
	pthread_t thread;
};

static void *pop_one(void *arg)
{
	struct popper *p = arg;

	p->got = queue_pop(p->q, p->worker);
	return NULL;
}

static void start_popping(struct popper *p)
{
	assert_true(thread_start(&p->thread, pop_one, p));
}

static void until_shortage_is(struct queue *q, long n)
{
	while (queue_shortage(q) != n)
		sched_yield();
}

static void shortage_is_work_less_who_waits_or_comes(void **state)
{
	struct delivery d[3] = { 0 };
	struct queue *q = queue_new(one_lane, 1);
	struct popper p = { .q = q, .got = d };

	(void)state;
	queue_staff(q, 1);
	assert_int_equal(queue_shortage(q), 0);
	queue_push(q, &d[0]);
	queue_push(q, &d[1]);
	assert_int_equal(queue_shortage(q), 2);
	queue_hired(q);
	assert_int_equal(queue_shortage(q), 1);
	queue_hired(q);
	queue_hired(q);
	assert_int_equal(queue_shortage(q), -1);
	queue_arrived(q);
	queue_arrived(q);
	queue_arrived(q);
	assert_int_equal(queue_shortage(q), 2);
	queue_take(q);
	start_popping(&p);
	until_shortage_is(q, -1); /* one waits */
	queue_push(q, &d[2]);
	thread_join(p.thread);
	assert_ptr_equal(p.got, &d[2]);
	assert_int_equal(queue_shortage(q), 0);
	queue_free(q);
}

static void who_waits_goes_home_when_it_is_not_wanted_any_more(void **state)
{
	struct queue *q = queue_new(one_lane, 1);
	struct delivery d = { 0 };
	struct popper p[2] = { { .q = q, .worker = 0, .got = &d },
		{ .q = q, .worker = 1, .got = &d } };

	(void)state;
	queue_staff(q, 2);
	start_popping(&p[0]);
	start_popping(&p[1]);
	until_shortage_is(q, -2);
	queue_staff(q, 1);
	thread_join(p[1].thread);
	assert_null(p[1].got);
	until_shortage_is(q, -1);
	queue_close(q);
	thread_join(p[0].thread);
	assert_null(p[0].got);
	queue_free(q);
}

static void the_oldest_is_taken_back(void **state)
{
	struct queue *q = queue_new(one_lane, 1);
	struct delivery d[2] = { 0 };

	(void)state;
	queue_staff(q, 1);
	assert_null(queue_oldest(q, 0));
	queue_push(q, &d[0]);
	queue_push(q, &d[1]);
	assert_ptr_equal(queue_oldest(q, 0), &d[0]);
	assert_int_equal(queue_depth(q), 1);
	assert_ptr_equal(queue_pop(q, 0), &d[1]);
	assert_null(queue_oldest(q, 0));
	queue_free(q);
}

static void while_it_is_held_nobody_is_given_anything(void **state)
{
	struct queue *q = queue_new(one_lane, 1);
	struct delivery d = { 0 };
	struct popper p = { .q = q, .got = NULL };

	(void)state;
	queue_staff(q, 1);
	queue_hold(q, true);
	queue_push(q, &d);
	assert_int_equal(queue_shortage(q), 0); /* another worker would not help */
	start_popping(&p);
	for (int i = 0; i < 100; i++)
		sched_yield();
	assert_int_equal(queue_depth(q), 1);
	queue_hold(q, false);
	thread_join(p.thread);
	assert_ptr_equal(p.got, &d);
	queue_hold(q, true);
	queue_push(q, &d);
	queue_close(q); /* what is closed hands out what it has */
	assert_ptr_equal(queue_pop(q, 0), &d);
	assert_null(queue_pop(q, 0));
	queue_free(q);
}

/* --- many threads ------------------------------------------------------ */

static struct crowd {
	struct queue *q;
	struct delivery delivery[ALL];
	_Atomic unsigned seen[ALL];
	_Atomic unsigned order_broken;
	_Atomic bool closed;
	bool in_turn;               /* producers use queue_push alone */
} crowd;

struct member {
	unsigned number;
	pthread_t thread;
};

static void *produce(void *arg)
{
	unsigned me = ((struct member *)arg)->number;
	uint32_t random = unit_seed(me);

	for (unsigned i = 0; i < EACH; i++) {
		struct delivery *d = &crowd.delivery[me * EACH + i];

		if (crowd.in_turn || unit_below(&random, 4))
			queue_push(crowd.q, d);
		else
			queue_push_first(crowd.q, d);
	}
	return NULL;
}

/* A worker that is sent home comes again, until the queue is closed. */
static void *consume(void *arg)
{
	unsigned me = ((struct member *)arg)->number;
	size_t last[PRODUCERS] = { 0 };

	for (;;) {
		bool closed = atomic_load(&crowd.closed);
		struct delivery *d = queue_pop(crowd.q, me);
		size_t i;

		if (!d && closed)
			return NULL;
		if (!d) {
			sched_yield();
			continue;
		}
		i = (size_t)(d - crowd.delivery);
		atomic_fetch_add(&crowd.seen[i], 1);
		if (crowd.in_turn && i % EACH + 1 <= last[i / EACH])
			atomic_fetch_add(&crowd.order_broken, 1);
		last[i / EACH] = i % EACH + 1;
	}
}

/* All come, work, and go; `while_they_work` runs in between. */
static void crowd_runs(unsigned consumers, bool in_turn, void (*while_they_work)(void))
{
	struct member p[PRODUCERS], c[CONSUMERS];
	unsigned wrong = 0;

	memset(&crowd, 0, sizeof crowd);
	crowd.in_turn = in_turn;
	crowd.q = queue_new(one_lane, 1);
	queue_staff(crowd.q, consumers);
	for (unsigned i = 0; i < consumers; i++) {
		c[i].number = i;
		assert_true(thread_start(&c[i].thread, consume, &c[i]));
	}
	for (unsigned i = 0; i < PRODUCERS; i++) {
		p[i].number = i;
		assert_true(thread_start(&p[i].thread, produce, &p[i]));
	}
	while_they_work();
	for (unsigned i = 0; i < PRODUCERS; i++)
		thread_join(p[i].thread);
	queue_close(crowd.q);
	queue_staff(crowd.q, consumers);
	atomic_store(&crowd.closed, true);
	for (unsigned i = 0; i < consumers; i++)
		thread_join(c[i].thread);
	for (unsigned i = 0; i < ALL; i++)
		wrong += crowd.seen[i] != 1;
	assert_int_equal(wrong, 0);
	assert_int_equal(crowd.order_broken, 0);
	assert_int_equal(queue_depth(crowd.q), 0);
	assert_int_equal(queue_shortage(crowd.q), 0);
	queue_free(crowd.q);
}

/* Two lanes that always have something, and one that comes later. */
static void lanes_share_the_workers_by_weight(void **state)
{
	static struct delivery d[3][1000];
	struct lane_rules rules[] = { { NULL, 6 }, { NULL, 3 }, { NULL, 1 } };
	struct queue *q = queue_new(rules, 3);
	unsigned taken[3] = { 0 };

	(void)state;
	queue_staff(q, 1);
	for (unsigned lane = 0; lane < 3; lane++)
		for (unsigned i = 0; i < 1000; i++) {
			d[lane][i] = (struct delivery){ .lane = lane };
			if (lane < 2)
				queue_push(q, &d[lane][i]);
		}
	for (unsigned i = 0; i < 900; i++)
		taken[queue_pop(q, 0)->lane]++;
	assert_in_range(taken[0], 599, 601);
	assert_in_range(taken[1], 299, 301);
	for (unsigned i = 0; i < 1000; i++)
		queue_push(q, &d[2][i]);
	for (unsigned i = 0; i < 500; i++) /* it has saved nothing up */
		taken[queue_pop(q, 0)->lane]++;
	assert_in_range(taken[2], 49, 51);
	assert_ptr_equal(queue_oldest(q, 2), &d[2][taken[2]]); /* in order, each lane by itself */
	assert_int_equal(queue_depth(q), 3000 - 1400 - 1);
	queue_staff(q, 0);
	assert_ptr_equal(queue_take(q), &d[0][taken[0]]);
	queue_free(q);
}

static struct delivery *keyed(const char *key, uint64_t seq, uint32_t lane)
{
	struct draft draft = { 0 };
	struct delivery *d;

	draft_add(&draft, key, strlen(key));
	d = item_new(&draft, 1, seq)->deliveries;
	d->ticket = ticket_new(0, key, strlen(key), NULL, 0);
	d->lane = lane;
	draft_free(&draft);
	return d;
}

static void is_done(struct queue *q, struct delivery *d)
{
	queue_ended(q, d, QUEUE_DONE);
	queue_settled(q, d);
	item_free(d->item, NULL);
}

/* Whoever has asked in vain, in whatever lane, gets what is its own; until it goes away. */
static void a_key_waits_for_its_worker_as_long_as_that_waits(void **state)
{
	struct schedule_rules keys = { .key_jobs = 1, .affinity = true };
	struct lane_rules lanes[] = { { &keys, 1 }, { &keys, 1 } };
	struct queue *q = queue_new(lanes, 2);
	struct queue_bell bell[2] = { 0 };
	struct delivery *a = keyed("a", 1, 0), *b = keyed("b", 2, 0);
	int64_t when;
	bool home;

	(void)state;
	queue_staff(q, 2);
	assert_true(bell_open(&bell[0].bell) && bell_open(&bell[1].bell));
	queue_push(q, a);
	queue_push(q, b);
	assert_ptr_equal(queue_ask(q, 0, &bell[0], &when, &home), a);
	assert_ptr_equal(queue_ask(q, 1, &bell[1], &when, &home), b);
	is_done(q, a);
	is_done(q, b);
	assert_null(queue_ask(q, 1, &bell[1], &when, &home));
	b = keyed("b", 3, 0);
	queue_push(q, b);
	assert_null(queue_ask(q, 0, &bell[0], &when, &home));
	queue_unlist(q, &bell[1]);
	assert_ptr_equal(queue_ask(q, 0, &bell[0], &when, &home), b);
	is_done(q, b);
	queue_close(q);
	for (int i = 0; i < 2; i++) {
		queue_unlist(q, &bell[i]);
		bell_close(&bell[i].bell);
	}
	queue_free(q);
}

static void nothing(void)
{
}

static void change_the_staff(void)
{
	uint32_t random = unit_seed(99);

	for (int i = 0; i < 2000; i++) {
		queue_staff(crowd.q, 1 + unit_below(&random, CONSUMERS));
		sched_yield();
	}
}

static void each_delivery_reaches_one_worker(void **state)
{
	(void)state;
	crowd_runs(CONSUMERS, false, nothing);
}

static void what_one_thread_pushes_stays_in_order(void **state)
{
	(void)state;
	crowd_runs(1, true, nothing);
	crowd_runs(CONSUMERS, true, nothing); /* for each worker, too */
}

static void nothing_is_lost_while_the_staff_changes(void **state)
{
	(void)state;
	crowd_runs(CONSUMERS, false, change_the_staff);
}

/* --- who polls --------------------------------------------------------- */

static bool is_rung(const struct queue_bell *b)
{
	struct pollfd fd = { .fd = b->bell.out, .events = POLLIN };

	return poll(&fd, 1, 0) == 1;
}

static void who_asked_in_vain_is_rung_once(void **state)
{
	struct delivery d[3] = { 0 };
	struct queue *q = queue_new(one_lane, 1);
	struct queue_bell bell = { 0 };
	int64_t when;
	bool home;

	(void)state;
	assert_true(bell_open(&bell.bell));
	queue_staff(q, 1);
	queue_push(q, &d[0]);
	assert_ptr_equal(queue_ask(q, 0, &bell, &when, &home), &d[0]);
	queue_push(q, &d[0]);
	assert_false(is_rung(&bell)); /* who got something is asked for nothing */
	assert_ptr_equal(queue_ask(q, 0, &bell, &when, &home), &d[0]);
	assert_null(queue_ask(q, 0, &bell, &when, &home));
	assert_false(home || is_rung(&bell));
	assert_true(when == INT64_MAX);
	assert_int_equal(queue_shortage(q), -1);
	queue_push(q, &d[0]);
	assert_true(is_rung(&bell));
	assert_int_equal(queue_shortage(q), 0); /* it is about to ask */
	queue_push(q, &d[1]);
	assert_int_equal(queue_shortage(q), 1);
	assert_ptr_equal(queue_ask(q, 0, &bell, &when, &home), &d[0]);
	assert_false(is_rung(&bell));
	assert_ptr_equal(queue_ask(q, 0, &bell, &when, &home), &d[1]);
	assert_null(queue_ask(q, 0, &bell, &when, &home));
	queue_unlist(q, &bell);
	queue_push(q, &d[0]);
	assert_false(is_rung(&bell));
	assert_ptr_equal(queue_ask(q, 0, &bell, &when, &home), &d[0]);
	assert_null(queue_ask(q, 0, &bell, &when, &home));
	queue_close(q);
	assert_true(is_rung(&bell));
	assert_null(queue_ask(q, 0, &bell, &when, &home));
	assert_true(home);
	bell_close(&bell.bell);
	queue_free(q);
}

static void who_pauses_is_sent_home(void **state)
{
	struct queue *q = queue_new(one_lane, 1);

	(void)state;
	queue_staff(q, 1);
	assert_true(queue_pause(q, 0, 1));
	assert_false(queue_pause(q, 1, INT64_MAX));
	queue_staff(q, 0);
	assert_false(queue_pause(q, 0, INT64_MAX));
	queue_free(q);
}

/* Every second one polls, the others wait. */
static void *poll_or_wait(void *arg)
{
	struct queue *q = mixed.queue;
	unsigned slot = (unsigned)(uintptr_t)arg;
	struct queue_bell bell = { 0 };
	struct delivery *d;
	bool home = false;
	int64_t when;

	if (!bell_open(&bell.bell))
		abort();
	while (!home) {
		struct pollfd fd = { .fd = bell.bell.out, .events = POLLIN };

		d = slot % 2 ? queue_pop(q, slot) : queue_ask(q, slot, &bell, &when, &home);
		if (d)
			atomic_fetch_add(&mixed.count[d - mixed.delivery], 1);
		else if (slot % 2)
			home = true;
		else if (!home)
			poll(&fd, 1, -1);
		if (d && atomic_fetch_add(&mixed.done, 1) + 1 == mixed.pushed)
			bell_ring(&mixed.all_done);
	}
	bell_close(&bell.bell);
	return NULL;
}

/* The next one is pushed when the last one has been had, so that every one of them is
 * waiting each time. */
static void none_is_left_lying_between_who_waits_and_who_polls(void **state)
{
	pthread_t thread[CONSUMERS];

	(void)state;
	memset(&mixed, 0, sizeof mixed);
	mixed.queue = queue_new(one_lane, 1);
	assert_true(bell_open(&mixed.all_done));
	queue_staff(mixed.queue, CONSUMERS);
	for (uintptr_t i = 0; i < CONSUMERS; i++)
		assert_true(thread_start(&thread[i], poll_or_wait, (void *)i));
	for (int i = 0; i < EACH; i += CONSUMERS) {
		struct pollfd fd = { .fd = mixed.all_done.out, .events = POLLIN };

		mixed.pushed = i + CONSUMERS;
		for (int k = 0; k < CONSUMERS; k++)
			queue_push(mixed.queue, &mixed.delivery[i + k]);
		poll(&fd, 1, -1);
		bell_hush(&mixed.all_done);
	}
	queue_close(mixed.queue);
	for (int i = 0; i < CONSUMERS; i++)
		thread_join(thread[i]);
	for (int i = 0; i < EACH; i++)
		assert_int_equal(mixed.count[i], 1);
	bell_close(&mixed.all_done);
	queue_free(mixed.queue);
}

/* A queue of so many workers with one permit, and those deliveries in it. */
static struct queue *with_one_permit(struct permits *p, struct delivery *d, int n)
{
	struct queue *q = queue_new(one_lane, 1);

	assert_true(permits_open(p, 1, -1));
	queue_permits(q, p);
	queue_staff(q, 4);
	for (int i = 0; i < n; i++)
		queue_push(q, &d[i]);
	return q;
}

static unsigned permits_wanted_by(struct permits *p)
{
	unsigned wanted;

	lock_take(&p->lock);
	wanted = p->wanted;
	lock_give(&p->lock);
	return wanted;
}

static void until_wanted(struct permits *p, bool wanted)
{
	while ((permits_wanted_by(p) > 0) != wanted)
		sched_yield();
}

static void who_has_no_permit_waits_until_there_is_one(void **state)
{
	struct delivery d[2] = { 0 };
	struct permits p;
	struct queue *q = with_one_permit(&p, d, 2);
	struct popper other = { .q = q, .worker = 1 };
	int64_t left;

	(void)state;
	assert_ptr_equal(queue_pop(q, 0), &d[0]);
	assert_int_equal(queue_why(q, &left), HOLD_NONE);
	start_popping(&other);
	until_wanted(&p, true);
	assert_int_equal(queue_why(q, &left), HOLD_JOBSERVER);
	assert_true(left == INT64_MAX);
	permits_give(&p);
	queue_permitted(q);
	thread_join(other.thread);
	assert_ptr_equal(other.got, &d[1]);
	permits_give(&p);
	queue_free(q);
	permits_close(&p);
}

static void a_permit_is_wanted_only_while_something_can_start(void **state)
{
	struct delivery d[2] = { 0 };
	struct permits p;
	struct queue *q = with_one_permit(&p, d, 2);
	struct popper other = { .q = q, .worker = 1 };
	struct queue_bell bell = { 0 };
	int64_t when;
	bool home;

	(void)state;
	assert_true(bell_open(&bell.bell));
	assert_ptr_equal(queue_ask(q, 0, &bell, &when, &home), &d[0]);
	start_popping(&other);
	until_wanted(&p, true);
	bell.permitted = true; /* who has one takes what it was for */
	assert_ptr_equal(queue_ask(q, 0, &bell, &when, &home), &d[1]);
	until_wanted(&p, false);
	bell.permitted = false;
	assert_null(queue_ask(q, 0, &bell, &when, &home));
	assert_false(permits_wanted_by(&p));
	queue_unlist(q, &bell);
	queue_push(q, &d[0]);
	until_wanted(&p, true);
	queue_staff(q, 0);
	thread_join(other.thread);
	assert_null(other.got);
	assert_false(permits_wanted_by(&p));
	assert_ptr_equal(queue_take(q), &d[0]);
	permits_give(&p);
	bell_close(&bell.bell);
	queue_free(q);
	permits_close(&p);
}

static void permits_are_wanted_by_no_more_than_wait(void **state)
{
	struct delivery d[3] = { 0 };
	struct permits p;
	struct queue *q = with_one_permit(&p, d, 3);
	struct popper others[3];

	(void)state;
	assert_ptr_equal(queue_pop(q, 0), &d[0]);
	for (unsigned i = 0; i < 3; i++) {
		others[i] = (struct popper){ .q = q, .worker = i + 1 };
		start_popping(&others[i]);
	}
	until_shortage_is(q, -1); /* three wait for two */
	assert_int_equal(permits_wanted_by(&p), 2);
	permits_give(&p);
	assert_ptr_equal(queue_pop(q, 0), &d[1]);
	while (permits_wanted_by(&p) != 1)
		sched_yield();
	queue_staff(q, 0);
	for (unsigned i = 0; i < 3; i++)
		thread_join(others[i].thread);
	assert_int_equal(permits_wanted_by(&p), 0);
	assert_ptr_equal(queue_take(q), &d[2]);
	permits_give(&p);
	queue_free(q);
	permits_close(&p);
}

static void who_polls_is_rung_when_there_is_a_permit(void **state)
{
	struct delivery d[2] = { 0 };
	struct permits p;
	struct queue *q = with_one_permit(&p, d, 2);
	struct queue_bell bell = { 0 };
	struct pollfd fd;
	int64_t when;
	bool home;

	(void)state;
	assert_true(bell_open(&bell.bell));
	fd = (struct pollfd){ .fd = bell.bell.out, .events = POLLIN };
	assert_ptr_equal(queue_pop(q, 0), &d[0]);
	assert_null(queue_ask(q, 1, &bell, &when, &home));
	assert_false(home);
	assert_true(permits_wanted_by(&p));
	assert_int_equal(poll(&fd, 1, 0), 0);
	permits_give(&p);
	queue_permitted(q);
	assert_int_equal(poll(&fd, 1, 0), 1);
	assert_ptr_equal(queue_ask(q, 1, &bell, &when, &home), &d[1]);
	assert_false(permits_wanted_by(&p));
	permits_give(&p);
	queue_push(q, &d[0]);
	assert_ptr_equal(queue_pop(q, 0), &d[0]);
	queue_push(q, &d[1]);
	assert_null(queue_ask(q, 1, &bell, &when, &home));
	assert_true(permits_wanted_by(&p));
	queue_unlist(q, &bell);
	assert_false(permits_wanted_by(&p));
	assert_ptr_equal(queue_take(q), &d[1]);
	permits_give(&p);
	bell_close(&bell.bell);
	queue_free(q);
	permits_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_in_is_first_out),
		cmocka_unit_test(lanes_share_the_workers_by_weight),
		cmocka_unit_test(a_key_waits_for_its_worker_as_long_as_that_waits),
		cmocka_unit_test(what_is_tried_again_comes_before_all_others),
		cmocka_unit_test(a_closed_queue_hands_out_what_it_has),
		cmocka_unit_test(what_is_taken_back_is_run_by_nobody),
		cmocka_unit_test(workers_beyond_the_staff_go_home),
		cmocka_unit_test(shortage_is_work_less_who_waits_or_comes),
		cmocka_unit_test(who_waits_goes_home_when_it_is_not_wanted_any_more),
		cmocka_unit_test(the_oldest_is_taken_back),
		cmocka_unit_test(while_it_is_held_nobody_is_given_anything),
		cmocka_unit_test(each_delivery_reaches_one_worker),
		cmocka_unit_test(who_asked_in_vain_is_rung_once),
		cmocka_unit_test(who_has_no_permit_waits_until_there_is_one),
		cmocka_unit_test(a_permit_is_wanted_only_while_something_can_start),
		cmocka_unit_test(permits_are_wanted_by_no_more_than_wait),
		cmocka_unit_test(who_polls_is_rung_when_there_is_a_permit),
		cmocka_unit_test(who_pauses_is_sent_home),
		cmocka_unit_test(none_is_left_lying_between_who_waits_and_who_polls),
		cmocka_unit_test(what_one_thread_pushes_stays_in_order),
		cmocka_unit_test(nothing_is_lost_while_the_staff_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
