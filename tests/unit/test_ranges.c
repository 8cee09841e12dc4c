/* Numbers that are passed over: against a table of all there are. */
#include "unit.h"

#include <stdbool.h>

#include "base/ranges.h"

static void nothing_is_passed_over_at_first(void **state)
{
	struct ranges r = { 0 };

	(void)state;
	assert_int_equal(ranges_pass(&r, 7), 7);
	ranges_free(&r);
}

static void neighbours_are_one_range(void **state)
{
	struct ranges r = { 0 };

	(void)state;
	ranges_add(&r, 5);
	ranges_add(&r, 7);
	ranges_add(&r, 6); /* closes the gap */
	ranges_add(&r, 4);
	assert_int_equal(r.end - r.first, 1);
	assert_int_equal(ranges_pass(&r, 3), 3);
	assert_int_equal(ranges_pass(&r, 4), 8);
	assert_int_equal(ranges_pass(&r, 8), 8);
	ranges_free(&r);
}

static void any_numbers_in_nearly_any_order(void **state)
{
	enum { NUMBERS = 20000, NEAR = 40 };
	bool *in = calloc(NUMBERS + NEAR, sizeof *in);
	struct ranges r = { 0 };
	uint32_t random = unit_seed(3);
	uint64_t at = 0;

	(void)state;
	for (uint64_t n = 0; n < NUMBERS; n++) {
		uint64_t chosen = n + unit_below(&random, NEAR);

		if (chosen >= at && !in[chosen]) {
			ranges_add(&r, chosen);
			in[chosen] = true;
		}
		if (unit_below(&random, 3))
			continue;
		while (in[at])
			at++;
		assert_int_equal(ranges_pass(&r, at), at);
		if (at < n)
			at++;
	}
	ranges_free(&r);
	free(in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_passed_over_at_first),
		cmocka_unit_test(neighbours_are_one_range),
		cmocka_unit_test(any_numbers_in_nearly_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
