/* Slots: the lowest that is free, one for each that runs, and who goes home. */
#include "unit.h"


#include "item.h"
#include "queue/queue.h"
#include "queue/slots.h"

enum { MANY = 1000 };

static const struct lane_rules one_lane[] = { { NULL, 1 } };

static void the_lowest_free_one_is_taken(void **state)
{
	struct slots s = { 0 };

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(slots_take(&s), i);
	slots_give(&s, 1);
	slots_give(&s, 0);
	assert_int_equal(slots_take(&s), 0);
	assert_int_equal(slots_take(&s), 1);
	assert_int_equal(slots_take(&s), 3);
	assert_int_equal(s.count, 4);
	for (unsigned i = 0; i < 4; i++)
		slots_give(&s, i);
	slots_free(&s);
}

/* Against a table. */
static void each_is_taken_once_however_many_there_are(void **state)
{
	bool taken[MANY] = { false };
	struct slots s = { 0 };
	uint32_t random = unit_seed(0);
	unsigned count = 0;

	(void)state;
	for (unsigned i = 0; i < 20 * MANY; i++) {
		unsigned slot = unit_below(&random, MANY), lowest = 0;

		if (taken[slot]) {
			slots_give(&s, slot);
			taken[slot] = false;
			count--;
		} else if (count < MANY) {
			while (taken[lowest])
				lowest++;
			assert_int_equal(slots_take(&s), lowest);
			taken[lowest] = true;
			count++;
		}
		assert_int_equal(s.count, count);
	}
	for (unsigned i = 0; i < MANY; i++)
		if (taken[i])
			slots_give(&s, i);
	slots_free(&s);
}

static void a_delivery_has_the_lowest_until_it_is_freed(void **state)
{
	struct delivery d[5] = { 0 };
	struct queue *q = queue_new(one_lane, 1);
	unsigned slot[5];

	(void)state;
	queue_staff(q, 3);
	for (int i = 0; i < 5; i++)
		queue_push(q, &d[i]);
	for (unsigned i = 0; i < 3; i++) {
		assert_ptr_equal(queue_pop_slot(q, 2 - i, &slot[i]), &d[i]);
		assert_int_equal(slot[i], i);
	}
	queue_free_slot(q, 1);
	queue_free_slot(q, 0);
	for (unsigned i = 3; i < 5; i++) {
		assert_ptr_equal(queue_pop_slot(q, i - 3, &slot[i]), &d[i]);
		assert_int_equal(slot[i], i - 3);
	}
	for (unsigned i = 0; i < 3; i++)
		queue_free_slot(q, i);
	queue_free(q);
}

static void who_comes_while_enough_are_at_work_goes_home(void **state)
{
	struct delivery d[4] = { 0 };
	struct queue *q = queue_new(one_lane, 1);
	unsigned slot;

	(void)state;
	queue_staff(q, 3);
	for (int i = 0; i < 4; i++)
		queue_push(q, &d[i]);
	for (unsigned i = 0; i < 3; i++)
		assert_non_null(queue_pop_slot(q, i, &slot));
	queue_staff(q, 1);
	queue_free_slot(q, 0);
	assert_null(queue_pop_slot(q, 0, &slot)); /* whatever its number is */
	queue_free_slot(q, 1);
	assert_null(queue_pop_slot(q, 1, &slot));
	assert_int_equal(queue_depth(q), 1);
	queue_free_slot(q, 2);
	assert_ptr_equal(queue_pop_slot(q, 2, &slot), &d[3]);
	assert_int_equal(slot, 0); /* lower than so many are wanted */
	queue_staff(q, 0);
	queue_free_slot(q, 0);
	assert_null(queue_pop_slot(q, 2, &slot));
	queue_free(q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_lowest_free_one_is_taken),
		cmocka_unit_test(each_is_taken_once_however_many_there_are),
		cmocka_unit_test(a_delivery_has_the_lowest_until_it_is_freed),
		cmocka_unit_test(who_comes_while_enough_are_at_work_goes_home),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
