/* The exit status is the first that applies. */
#include "unit.h"

#include "base/status.h"

static void the_first_that_applies_wins(void **state)
{
	static const struct {
		struct ending ending;
		int status;
	} rows[] = {
		{ { 0 }, 0 },
		{ { .some_failed = true }, 123 },
		{ { .input_failed = true }, 1 },
		{ { .halted = true }, 124 },
		{ { .halted = true, .halt_status = 7 }, 7 },
		{ { .halted = true, .found = true }, 0 },
		{ { .halted = true, .found = true, .some_failed = true, .input_failed = true }, 0 },
		{ { .halted = true, .found = true, .cannot = true }, 125 },
		{ { .found = true, .some_failed = true }, 123 }, /* not reached */
		{ { .cannot = true }, 125 },
		{ { .output_failed = true }, 74 },
		{ { .input_failed = true, .some_failed = true }, 1 },
		{ { .halted = true, .some_failed = true }, 124 },
		{ { .halted = true, .halt_status = 255, .some_failed = true }, 255 },
		{ { .halted = true, .input_failed = true }, 124 },
		{ { .halted = true, .halt_status = 3, .input_failed = true }, 3 },
		{ { .cannot = true, .halted = true, .halt_status = 3 }, 125 },
		{ { .output_failed = true, .cannot = true }, 74 },
		{ { .output_failed = true, .cannot = true, .halted = true, .halt_status = 9,
			.input_failed = true, .some_failed = true }, 74 },
		{ { .halt_status = 9 }, 0 },            /* without a halt it means nothing */
		{ { .signal = 2, .some_failed = true }, 123 }, /* the signal is the caller's */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(status_of(&rows[i].ending), rows[i].status);
}

static void the_numbers_are_those_of_the_manual(void **state)
{
	(void)state;
	assert_int_equal(STATUS_DONE, 0);
	assert_int_equal(STATUS_INPUT, 1);
	assert_int_equal(STATUS_USAGE, 2);
	assert_int_equal(STATUS_OUTPUT, 74);
	assert_int_equal(STATUS_SOME_FAILED, 123);
	assert_int_equal(STATUS_HALTED, 124);
	assert_int_equal(STATUS_CANNOT, 125);
}

/* The last one: the others go by pq's own numbers. */
static void in_place_of_gnu_parallel_they_are_its_own(void **state)
{
	static const struct {
		struct ending ending;
		int status;
	} rows[] = {
		{ { 0 }, 0 },
		{ { .some_failed = true, .failed = 1 }, 1 },
		{ { .some_failed = true, .failed = 100 }, 100 },
		{ { .some_failed = true, .failed = 101 }, 101 },
		{ { .some_failed = true, .failed = 5000 }, 101 },
		{ { .input_failed = true, .failed = 3 }, 255 },
		{ { .cannot = true }, 255 },
		{ { .output_failed = true }, 255 },
		{ { .queue_failed = true }, 255 },
		{ { .signal = 15, .failed = 2 }, 255 },
		{ { .halted = true, .found = true, .failed = 2 }, 0 },
		{ { .halted = true, .failed = 3, .reached = { 1, 9, .one = true, .status = 7 } }, 7 },
		{ { .halted = true, .failed = 3, .reached = { 1, 9, .one = true } }, 0 },
		{ { .halted = true, .reached = { 1, 9, .one = true, .status = 143, .late = true } }, 255 },
		{ { .halted = true, .failed = 4, .reached = { 2, 9 } }, 2 },
		{ { .halted = true, .reached = { 300, 900 } }, 101 },
		{ { .halted = true, .reached = { 1, 3, .percent = true } }, 34 },
		{ { .halted = true, .reached = { 900, 900, .percent = true } }, 100 },
		{ { .failed = 1, .reached = { 1, 3, .percent = true } }, 34 },
		{ { .reached = { 0, 0, .percent = true } }, 0 },
		{ { .halted = true, .cannot = true, .reached = { 1, 3, .percent = true } }, 255 },
	};

	(void)state;
	assert_int_equal(status_said(STATUS_USAGE), STATUS_USAGE);
	assert_true(status_dies(15));
	status_speak_gnu();
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(status_of(&rows[i].ending), rows[i].status);
	assert_int_equal(status_said(STATUS_DONE), 0);
	assert_int_equal(status_said(STATUS_CANNOT), 255);
	assert_false(status_dies(0));
	assert_false(status_dies(15));
	assert_true(status_dies(13));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_that_applies_wins),
		cmocka_unit_test(the_numbers_are_those_of_the_manual),
		cmocka_unit_test(in_place_of_gnu_parallel_they_are_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
