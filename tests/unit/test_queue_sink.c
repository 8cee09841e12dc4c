/* A queue that items are put into, over an engine that does as the test says. */
#include "unit.h"

#include <string.h>

#include "fake_engine.h"
#include "item.h"
#include "sink/queue.h"

enum { SOME = 40 };

static struct queue_sink *sink;
static struct item *items[SOME];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn = PTHREAD_COND_INITIALIZER;
static struct {
	unsigned passed, lost, failed, order[SOME + 1]; /* by item, from 1: as the nth; 0: no */
	bool is_lost[SOME + 1];
	uint64_t left[PUT_UNWANTED + 1];
	bool twice;       /* a second good is there already */
	unsigned long_one, parts; /* this one has so many parts */
	unsigned unread;  /* this one cannot be read; 0: all can */
} seen;

/* Item n has n % 3 goods; one, in as many parts. */
static enum goods_fill on_fill(void *ctx, struct delivery *d, struct goods *to)
{
	(void)ctx;
	if (d->item->seq == seen.long_one && seen.parts > 0) {
		goods_add(to, "part", 4);
		return --seen.parts ? GOODS_MORE : GOODS_ALL;
	}
	for (uint64_t i = 0; i < d->item->seq % 3; i++)
		goods_add(to, seen.twice && i ? FAKE_SEEN : "good", 4);
	return d->item->seq != seen.unread ? GOODS_ALL : GOODS_UNREAD;
}

static void on_passed(void *ctx, struct delivery *list, bool lost)
{
	(void)ctx;
	pthread_mutex_lock(&lock);
	for (struct delivery *d = list; d; d = d->next) {
		seen.order[d->item->seq] = ++seen.passed;
		seen.is_lost[d->item->seq] = lost;
		seen.lost += lost;
	}
	pthread_cond_broadcast(&turn);
	pthread_mutex_unlock(&lock);
}

static void on_left(void *ctx, struct delivery *d, enum put_fate why, uint64_t count)
{
	(void)ctx;
	(void)d;
	seen.left[why] += count;
}

static void on_failed(void *ctx)
{
	(void)ctx;
	seen.failed++;
}

static void begin(enum queue_sink_full full, size_t room)
{
	memset(&seen, 0, sizeof seen);
	fake_begin(0);
	fake.room = room;
	sink = queue_sink_new(&(struct queue_sink_rules){
		.broker = { .address = &fake_address, .use = BROKER_PRODUCES }, .give_up = -1,
		.full = full, .fill = on_fill, .passed = on_passed, .left = on_left,
		.failed = on_failed });
	for (size_t i = 0; i < SOME; i++) {
		struct draft d = { 0 };

		draft_add(&d, "x", 1);
		items[i] = item_new(&d, 1, i + 1);
		items[i]->deliveries[0].item = items[i];
		draft_free(&d);
	}
}

/* These, together. */
static void put(size_t first, size_t count)
{
	for (size_t i = first; i < first + count; i++)
		items[i]->deliveries[0].next = i + 1 < first + count ? items[i + 1]->deliveries
			: NULL;
	queue_sink_put(sink, items[first]->deliveries, false);
}

static void await_passed(unsigned count)
{
	pthread_mutex_lock(&lock);
	while (seen.passed < count)
		pthread_cond_wait(&turn, &lock);
	pthread_mutex_unlock(&lock);
}

static void end(void)
{
	queue_sink_finish(sink);
	for (size_t i = 0; i < SOME; i++)
		item_free(items[i], NULL);
}

static void what_is_put_passes_in_its_order(void **state)
{
	(void)state;
	begin(QUEUE_SINK_WAIT, 0);
	queue_sink_start(sink);
	for (size_t i = 0; i < SOME; i += 8)
		put(i, 8);
	await_passed(SOME);
	end();
	for (unsigned i = 1; i <= SOME; i++)
		assert_int_equal(seen.order[i], i);
	assert_int_equal(seen.lost, 0);
	assert_int_equal(fake.count, 13 * 1 + 13 * 2 + 1); /* 40 = 13 * 3 + 1 */
}

static void nothing_passes_before_it_is_there(void **state)
{
	(void)state;
	begin(QUEUE_SINK_WAIT, 0);
	queue_sink_start(sink);
	fake_shut(true);
	put(0, 2);
	fake_await_call();
	put(2, 2); /* while it is at it */
	assert_int_equal(seen.passed, 0);
	fake_shut(false);
	await_passed(4);
	end();
}

/* Somebody takes what is there, four times, and then there is room for all. */
static void take_what_is_there(void)
{
	for (size_t i = 0; i < 4; i++) {
		fake_await(FAKE_READY, fake.room);
		pthread_mutex_lock(&fake.lock);
		for (size_t k = 1; k <= fake.count; k++)
			fake.items[k].state = FAKE_DONE;
		if (i == 3)
			fake.room = 0;
		pthread_mutex_unlock(&fake.lock);
	}
}

static void a_full_queue_is_waited_for(void **state)
{
	(void)state;
	begin(QUEUE_SINK_WAIT, 2);
	queue_sink_start(sink);
	put(0, SOME);
	take_what_is_there();
	await_passed(SOME);
	end();
	assert_int_equal(seen.lost, 0);
	assert_int_equal(fake.count, 40);
}

static void what_is_there_already_counts_beside_what_waits_for_room(void **state)
{
	(void)state;
	begin(QUEUE_SINK_WAIT, 2);
	seen.twice = true;
	queue_sink_start(sink);
	put(0, SOME);
	take_what_is_there();
	await_passed(SOME);
	end();
	assert_int_equal(seen.lost, 0);
	assert_int_equal(seen.left[PUT_DUPLICATE], 13);
	assert_int_equal(fake.count, 40 - 13);
}

/* Full, and pq is to end: what is there passes as such, and nothing is put twice. */
static void in_a_hurry_only_what_is_not_there_is_lost(void **state)
{
	(void)state;
	begin(QUEUE_SINK_WAIT, 4);
	queue_sink_start(sink);
	put(0, SOME);
	fake_await(FAKE_READY, 4);
	queue_sink_hurry(sink);
	await_passed(SOME);
	end();
	/* Of 1, 2 (two goods), 4 all is there; 3, 6 ... have nothing. */
	for (unsigned i = 1; i <= SOME; i++)
		assert_int_equal(seen.is_lost[i], i % 3 != 0 && i > 4);
	assert_int_equal(fake.count, 4);
	assert_int_equal(seen.failed, 0);
}

static void a_full_queue_that_refuses_says_which(void **state)
{
	(void)state;
	begin(QUEUE_SINK_REFUSE, 4);
	queue_sink_start(sink);
	put(0, SOME);
	await_passed(SOME);
	end();
	assert_int_equal(seen.lost, 0);
	assert_int_equal(seen.left[PUT_FULL], 36);
}

static void one_that_breaks_has_what_it_confirmed(void **state)
{
	(void)state;
	begin(QUEUE_SINK_WAIT, 0);
	queue_sink_start(sink);
	put(0, 4);
	await_passed(4);
	fake_fail(FAKE_BROKEN, 1);
	put(4, 5);
	put(9, 3);
	await_passed(12);
	end();
	for (unsigned i = 1; i <= 12; i++)
		assert_int_equal(seen.is_lost[i], i > 4 && i % 3 != 0);
	assert_int_equal(seen.failed, 1);
	assert_int_equal(fake.count, 4);
}

static void what_cannot_be_read_is_lost_and_all_behind_it(void **state)
{
	(void)state;
	begin(QUEUE_SINK_WAIT, 0);
	seen.unread = 3;
	queue_sink_start(sink);
	put(0, 6);
	await_passed(6);
	put(6, 3);
	await_passed(9);
	end();
	assert_int_equal(seen.failed, 1);
	assert_true(seen.is_lost[3] && seen.is_lost[6] && seen.is_lost[9]);
}

/* And what is missing of one part is missing of it all. */
static void what_comes_in_parts_passes_with_the_last(void **state)
{
	(void)state;
	for (int broken = 0; broken < 2; broken++) {
		begin(QUEUE_SINK_WAIT, 0);
		seen.long_one = 3;
		seen.parts = 5;
		queue_sink_start(sink);
		fake_fail(FAKE_BROKEN, (unsigned)broken);
		put(0, 6);
		await_passed(6);
		end();
		for (unsigned i = 1; i <= 6; i++) {
			assert_int_equal(seen.order[i] > 0, 1);
			assert_int_equal(seen.is_lost[i], broken && i != 6);
		}
		assert_int_equal(seen.parts, 0);
		assert_int_equal(fake.count, broken ? 0 : 1 + 2 + 5 + 1 + 2);
	}
}

static void one_that_is_gone_is_told_again(void **state)
{
	(void)state;
	begin(QUEUE_SINK_WAIT, 0);
	queue_sink_start(sink);
	fake_fail(FAKE_UNHEARD, 2);
	put(0, SOME);
	await_passed(SOME);
	end();
	assert_int_equal(seen.lost, 0);
	assert_int_equal(fake.count, 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_passes_in_its_order),
		cmocka_unit_test(nothing_passes_before_it_is_there),
		cmocka_unit_test(a_full_queue_is_waited_for),
		cmocka_unit_test(what_is_there_already_counts_beside_what_waits_for_room),
		cmocka_unit_test(in_a_hurry_only_what_is_not_there_is_lost),
		cmocka_unit_test(a_full_queue_that_refuses_says_which),
		cmocka_unit_test(one_that_breaks_has_what_it_confirmed),
		cmocka_unit_test(what_cannot_be_read_is_lost_and_all_behind_it),
		cmocka_unit_test(what_comes_in_parts_passes_with_the_last),
		cmocka_unit_test(one_that_is_gone_is_told_again),
	};

	return cmocka_run_group_tests_name("queue sink", tests, NULL, NULL);
}
