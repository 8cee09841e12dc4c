/* How far ahead a persistent worker is written to. */
#include "unit.h"

#include "policy/ahead.h"

static const struct ahead_rest more_comes = { .items = UINT64_MAX, 4 };

/* One that takes `each` ns for an item, for so many items; how far it is written ahead. */
static uint64_t speed(struct ahead *a, int64_t *now, int64_t each, unsigned items)
{
	while (items--) {
		*now += each;
		ahead_answered(a, 1, *now);
	}
	return ahead_more(a, 0, 0, &more_comes);
}

static void a_worker_has_what_it_does_in_five_milliseconds(void **state)
{
	struct ahead a;
	int64_t now = 0;

	(void)state;
	ahead_begin(&a, 0, now);
	assert_int_equal(ahead_more(&a, 0, 0, &more_comes), 1);
	assert_int_equal(speed(&a, &now, CLOCK_MS, 20), 5);
	assert_int_equal(speed(&a, &now, CLOCK_MS / 100, 1000), 500);
	assert_int_equal(speed(&a, &now, 100 * CLOCK_MS, 3), 1);
	assert_int_equal(speed(&a, &now, CLOCK_SECOND, 1), 1);
}

static void it_grows_by_two_at_a_time(void **state)
{
	struct ahead a;

	(void)state;
	ahead_begin(&a, 0, 0);
	ahead_answered(&a, 1, 1);
	assert_int_equal(ahead_more(&a, 0, 0, &more_comes), 2);
	ahead_answered(&a, 1, 2);
	assert_int_equal(ahead_more(&a, 0, 0, &more_comes), 2); /* too few to know */
	ahead_answered(&a, 1, 3);
	assert_int_equal(ahead_more(&a, 0, 0, &more_comes), 4);
	assert_int_equal(ahead_more(&a, 3, 10, &more_comes), 1);
	assert_int_equal(ahead_more(&a, 4, 10, &more_comes), 0);
}

static void no_more_bytes_are_written_than_a_pipe_holds(void **state)
{
	struct ahead a = { .items = 1000000 };

	(void)state;
	assert_int_equal(ahead_more(&a, 1, AHEAD_BYTES - 1, &more_comes), 999999);
	assert_int_equal(ahead_more(&a, 1, AHEAD_BYTES, &more_comes), 0);
	assert_int_equal(ahead_more(&a, 0, 0, &more_comes), 1000000); /* one item may be longer */
}

static void towards_the_end_all_have_their_share(void **state)
{
	struct ahead a = { .items = 100 };

	(void)state;
	assert_int_equal(ahead_more(&a, 0, 0, &(struct ahead_rest){ 80, 4, false }), 10);
	assert_int_equal(ahead_more(&a, 4, 9, &(struct ahead_rest){ 80, 4, false }), 6);
	assert_int_equal(ahead_more(&a, 0, 0, &(struct ahead_rest){ 7, 4, false }), 1);
	assert_int_equal(ahead_more(&a, 1, 9, &(struct ahead_rest){ 7, 4, false }), 0);
	assert_int_equal(ahead_more(&a, 0, 0, &(struct ahead_rest){ 80000, 4, false }), 100);
}

static void who_buffers_gets_sixteen_times_more(void **state)
{
	struct ahead a;

	(void)state;
	ahead_begin(&a, 0, 0);
	ahead_buffers(&a, 1);
	assert_int_equal(ahead_more(&a, 1, 2, &more_comes), 15);
	ahead_buffers(&a, 16);
	assert_int_equal(ahead_more(&a, 16, 32, &more_comes), 240);
	/* What it needs it has from now on, also at the end, and beyond a pipe. */
	ahead_answered(&a, 200, 100 * CLOCK_MS);
	assert_int_equal(ahead_more(&a, 0, 0, &more_comes), 256);
	assert_int_equal(ahead_more(&a, 100, AHEAD_BYTES, &(struct ahead_rest){ 8, 4, false }), 156);
}

static void a_number_that_is_given_stays(void **state)
{
	struct ahead a;

	(void)state;
	ahead_begin(&a, 7, 0);
	ahead_answered(&a, 1000, 1);
	ahead_buffers(&a, 3);
	assert_int_equal(ahead_more(&a, 0, 0, &more_comes), 7);
	assert_int_equal(ahead_more(&a, 2, AHEAD_BYTES, &(struct ahead_rest){ 8, 4, false }), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_worker_has_what_it_does_in_five_milliseconds),
		cmocka_unit_test(it_grows_by_two_at_a_time),
		cmocka_unit_test(no_more_bytes_are_written_than_a_pipe_holds),
		cmocka_unit_test(towards_the_end_all_have_their_share),
		cmocka_unit_test(who_buffers_gets_sixteen_times_more),
		cmocka_unit_test(a_number_that_is_given_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
