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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_that_applies_wins),
		cmocka_unit_test(the_numbers_are_those_of_the_manual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
