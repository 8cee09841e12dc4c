/* A consumer, over an engine that does as the test says. Nothing here goes by how long
 * something takes: what does not come is waited for until the time limit of the test. */
#include "unit.h"

#include <poll.h>

#include "base/clock.h"
#include "broker/consumer.h"
#include "broker/pace.h"
#include "fake_engine.h"

enum { MANY = 300 };

static struct consumer_item had[FAKE_ITEMS]; /* taken and not settled */
static size_t nhad;

static struct consumer *consumes(struct consumer_rules rules)
{
	rules.broker.address = &fake_address;
	rules.broker.lease = 3600 * 1000;
	nhad = 0;
	return consumer_new(&rules);
}

static struct consumer *consumes_ahead(uint64_t ahead, int64_t give_up)
{
	return consumes((struct consumer_rules){ .ahead = ahead, .give_up = give_up });
}

/* All that is there; what the last answer was. */
static enum consumer_state take_all(struct consumer *c)
{
	enum consumer_state state;

	while ((state = consumer_take(c, &had[nhad])) == CONSUMER_ITEM)
		nhad++;
	return state;
}

/* So many are had, or it has come to an end. */
static enum consumer_state take(struct consumer *c, size_t count)
{
	enum consumer_state state = CONSUMER_ITEM;

	while (nhad < count && (state == CONSUMER_ITEM || state == CONSUMER_NOTHING)) {
		struct pollfd fd = { .fd = consumer_fd(c), .events = POLLIN };

		if (state == CONSUMER_NOTHING)
			poll(&fd, 1, -1);
		state = consumer_take(c, &had[nhad]);
		nhad += state == CONSUMER_ITEM;
	}
	return state;
}

static void settle(struct consumer *c, enum settle_how how)
{
	nhad--;
	consumer_settle(c, had[nhad].id, had[nhad].token, how, 0, NULL);
}

static void settle_all(struct consumer *c)
{
	while (nhad)
		settle(c, SETTLE_ACK);
}

static bool closes(struct consumer *c, uint64_t expected_fenced)
{
	uint64_t fenced;
	bool fine = consumer_close(c, &fenced);

	assert_int_equal(fenced, expected_fenced);
	return fine;
}

/* To the end, one settled for each that is taken. */
static void work_off(struct consumer *c)
{
	while (take(c, nhad + 1) != CONSUMER_END) {
		take_all(c);
		settle_all(c);
	}
}

static void all_come_once_and_then_it_ends(void **state)
{
	struct consumer *c;

	(void)state;
	fake_begin(MANY);
	c = consumes_ahead(0, -1);
	consumer_tend(c, 4, 4);
	work_off(c);
	assert_true(closes(c, 0));
	assert_int_equal(fake_count(FAKE_DONE), MANY);
	assert_int_equal(fake.opened, 1);
}

static void no_more_is_held_than_workers_have_places_and_what_is_ahead(void **state)
{
	struct consumer *c;

	(void)state;
	fake_begin(MANY);
	c = consumes_ahead(3, -1);
	consumer_tend(c, 4, 0);
	for (size_t i = 0; i < MANY; i++) {
		take(c, 1);
		settle(c, SETTLE_ACK);
	}
	assert_int_equal(take(c, 1), CONSUMER_END);
	assert_true(closes(c, 0));
	assert_true(fake.most_leased <= 7);
}

static void what_a_job_takes_at_once_is_claimed_at_once(void **state)
{
	struct consumer *c;

	(void)state;
	fake_begin(MANY);
	c = consumes((struct consumer_rules){ .ahead = 7, .together = 10, .give_up = -1 });
	consumer_tend(c, 20, 0);
	work_off(c);
	assert_true(closes(c, 0));
	for (size_t i = 0; i < fake.nclaims; i++)
		assert_int_equal(fake.claims[i] % 10, 0);
	assert_true(fake.most_leased <= 27);
}

static void idle_workers_get_more_than_what_waits_with_them(void **state)
{
	struct consumer *c;

	(void)state;
	fake_begin(MANY);
	c = consumes_ahead(1, -1);
	consumer_tend(c, 2, 2);
	take(c, 3);
	for (size_t most = 5; most < 100; most += 2) { /* all of them wait for a key */
		consumer_tend(c, 2, 2);
		take(c, most);
	}
	assert_true(fake.most_leased <= 101);
	settle_all(c);
	assert_true(closes(c, 0));
}

static void what_was_not_settled_goes_back_at_the_end(void **state)
{
	struct consumer *c;

	(void)state;
	fake_begin(MANY);
	c = consumes_ahead(3, -1);
	consumer_tend(c, 4, 4);
	take(c, 5);
	settle(c, SETTLE_ACK);
	settle(c, SETTLE_REJECT);
	settle(c, SETTLE_RELEASE);
	assert_true(closes(c, 0));
	assert_int_equal(fake_count(FAKE_DONE), 1);
	assert_int_equal(fake_count(FAKE_DEAD), 1);
	assert_int_equal(fake_count(FAKE_READY), MANY - 2);
	assert_int_equal(fake_count(FAKE_LEASED), 0);
}

static void what_is_settled_during_a_call_goes_with_the_next(void **state)
{
	struct consumer *c;

	(void)state;
	fake_begin(2);
	c = consumes_ahead(2, -1);
	consumer_tend(c, 2, 2);
	take(c, 2);
	fake_shut(true);
	settle(c, SETTLE_ACK);
	fake_await_call();
	settle(c, SETTLE_ACK);
	fake_shut(false);
	fake_await(FAKE_DONE, 2);
	assert_int_equal(take(c, 1), CONSUMER_END);
	assert_true(closes(c, 0));
}

/* Gone in the middle of a call that settles; heard: or not. How often it was opened. */
static unsigned settle_over(bool expires, enum fake_fault fault, unsigned times)
{
	struct consumer *c;

	fake_begin(40);
	fake.expires = expires;
	c = consumes_ahead(2, -1);
	consumer_tend(c, 2, 2);
	take(c, 2);
	fake_fail(fault, times);
	settle_all(c);
	work_off(c);
	assert_true(closes(c, 0));
	assert_int_equal(fake_count(FAKE_DONE), 40);
	return fake.opened;
}

static void a_broker_that_goes_is_told_again_when_it_is_back(void **state)
{
	(void)state;
	assert_int_equal(settle_over(true, FAKE_UNHEARD, 2), 3);
	assert_int_equal(settle_over(true, FAKE_HEARD, 1), 2);
	assert_int_equal(settle_over(true, FAKE_HEARD, 3), 4);
	/* Where the kernel keeps the leases, closing would lose them. */
	assert_int_equal(settle_over(false, FAKE_UNHEARD, 2), 1);
	assert_int_equal(settle_over(false, FAKE_HEARD, 1), 1);
}

/* One of ours is another's by now, as if its lease had been over. */
static void steal(struct consumer *c)
{
	fake_begin(2);
	consumer_tend(c, 2, 2);
	take(c, 2);
	pthread_mutex_lock(&fake.lock);
	fake.items[had[0].id].token++;
	pthread_mutex_unlock(&fake.lock);
	settle(c, SETTLE_ACK);
}

static void what_is_anothers_is_told_and_counted(void **state)
{
	struct consumer *c = consumes_ahead(2, -1);

	(void)state;
	steal(c);
	settle(c, SETTLE_ACK);
	assert_true(closes(c, 1));
	assert_int_equal(fake_count(FAKE_DONE), 1);
}

static void giving_back_what_is_anothers_is_no_loss(void **state)
{
	struct consumer *c = consumes_ahead(2, -1);

	(void)state;
	steal(c);
	assert_true(closes(c, 0));
}

static void one_that_stays_away_is_given_up_and_what_it_does_not_know_is_told(void **state)
{
	struct consumer *c;

	(void)state;
	fake_begin(MANY);
	c = consumes_ahead(2, 1);
	consumer_tend(c, 2, 2);
	take(c, 2);
	fake_fail(FAKE_UNHEARD, 1000000);
	settle_all(c);
	while (nhad < 4 && take(c, nhad + 1) == CONSUMER_ITEM)
		;
	assert_int_equal(take(c, FAKE_ITEMS), CONSUMER_BROKEN);
	assert_false(closes(c, 0));
	assert_int_equal(fake_count(FAKE_DONE), 0);
}

static void one_that_is_broken_ends_it(void **state)
{
	struct consumer *c;

	(void)state;
	fake_begin(MANY);
	c = consumes_ahead(2, -1);
	consumer_tend(c, 2, 2);
	fake_fail(FAKE_BROKEN, 1);
	assert_int_equal(take(c, 1), CONSUMER_BROKEN);
	assert_false(closes(c, 0));
}

static void it_is_not_over_before_what_it_holds_is_settled(void **state)
{
	struct consumer *c;

	(void)state;
	fake_begin(1);
	c = consumes_ahead(2, -1);
	consumer_tend(c, 2, 2);
	take(c, 1);
	pthread_mutex_lock(&fake.lock); /* another has done it meanwhile, and all is drained */
	fake.items[1] = (struct fake_item){ .state = FAKE_DONE, .token = 2 };
	fake.leased = 0;
	pthread_mutex_unlock(&fake.lock);
	assert_int_equal(take_all(c), CONSUMER_NOTHING);
	settle(c, SETTLE_ACK);
	assert_int_equal(take(c, 1), CONSUMER_END);
	assert_true(closes(c, 1));
}

static void one_that_follows_does_not_end(void **state)
{
	struct consumer *c;

	(void)state;
	fake_begin(1);
	c = consumes((struct consumer_rules){ .ahead = 2, .give_up = -1, .follow = true });
	consumer_tend(c, 2, 2);
	take(c, 1);
	settle(c, SETTLE_ACK);
	fake_await(FAKE_DONE, 1);
	pthread_mutex_lock(&fake.lock);
	fake.items[++fake.count].state = FAKE_READY;
	pthread_mutex_unlock(&fake.lock);
	assert_int_equal(take(c, 1), CONSUMER_ITEM);
	assert_memory_equal(had[0].body, "2", had[0].len);
	assert_true(closes(c, 0));
	assert_int_equal(fake.released, 1);
}

static void one_that_may_be_poison_is_held_without_others(void **state)
{
	struct consumer_rules rules = { .ahead = 8, .give_up = -1, .broker.poison = 3 };
	struct consumer *c;

	(void)state;
	fake_begin(6);
	for (size_t i = 2; i <= 5; i++)
		fake.items[i].lost = 2;
	c = consumes(rules);
	consumer_tend(c, 4, 4);
	take(c, 3);
	fake_await(FAKE_LEASED, 3);
	assert_int_equal(take_all(c), CONSUMER_NOTHING);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(had[i].lost > 0, had[i].id == 2);
	settle_all(c);
	work_off(c);
	assert_int_equal(fake_count(FAKE_DONE), 6);
	assert_true(closes(c, 0));
}

static void how_much_is_claimed(void **state)
{
	static const struct {
		struct pace pace;
		size_t held, untaken, wants;
	} rows[] = {
		{ { .together = 1 }, 0, 0, 0 },
		{ { .together = 1, .places = 4 }, 0, 0, 8 },
		{ { .together = 1, .places = 4 }, 7, 3, 1 },
		{ { .together = 1, .places = 4 }, 8, 4, 0 },
		{ { .together = 1, .places = 4, .ahead = 7 }, 4, 0, 7 },
		{ { .together = 1, .places = 4, .rate = 2000 }, 4, 0, 100 },
		{ { .together = 1, .places = 4, .idle = 4 }, 8, 0, 4 },
		{ { .together = 1, .places = 4, .idle = 4 }, 8, 3, 1 },
		{ { .together = 10, .places = 10 }, 0, 0, 20 },
		{ { .together = 10, .places = 10 }, 3, 0, 10 },
		{ { .together = 10, .places = 10 }, 11, 0, 0 },
		{ { .together = 1000, .places = 8000 }, 0, 0, 1000 },
		{ { .together = 1, .places = 8000 }, 0, 0, 128 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(pace_wants(&rows[i].pace, rows[i].held, rows[i].untaken),
			rows[i].wants);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_come_once_and_then_it_ends),
		cmocka_unit_test(no_more_is_held_than_workers_have_places_and_what_is_ahead),
		cmocka_unit_test(what_a_job_takes_at_once_is_claimed_at_once),
		cmocka_unit_test(idle_workers_get_more_than_what_waits_with_them),
		cmocka_unit_test(what_was_not_settled_goes_back_at_the_end),
		cmocka_unit_test(what_is_settled_during_a_call_goes_with_the_next),
		cmocka_unit_test(a_broker_that_goes_is_told_again_when_it_is_back),
		cmocka_unit_test(what_is_anothers_is_told_and_counted),
		cmocka_unit_test(giving_back_what_is_anothers_is_no_loss),
		cmocka_unit_test(one_that_stays_away_is_given_up_and_what_it_does_not_know_is_told),
		cmocka_unit_test(one_that_is_broken_ends_it),
		cmocka_unit_test(it_is_not_over_before_what_it_holds_is_settled),
		cmocka_unit_test(one_that_follows_does_not_end),
		cmocka_unit_test(one_that_may_be_poison_is_held_without_others),
		cmocka_unit_test(how_much_is_claimed),
	};

	return cmocka_run_group_tests_name("consumer", tests, NULL, NULL);
}
