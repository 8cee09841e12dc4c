/* Sums and products that stop at the largest number. */
#include "tests/unit/unit.h"

#include "base/saturate.h"

static void a_sum_stops_at_the_largest_number(void **state)
{
	(void)state;
	assert_int_equal(saturate_add(2, 3), 5);
	assert_true(saturate_add(UINT64_MAX - 1, 1) == UINT64_MAX);
	assert_true(saturate_add(UINT64_MAX, UINT64_MAX) == UINT64_MAX);
}

static void so_does_a_product(void **state)
{
	(void)state;
	assert_int_equal(saturate_times(4, 3), 12);
	assert_int_equal(saturate_times(UINT64_MAX, 0), 0);
	assert_int_equal(saturate_times(0, UINT64_MAX), 0);
	assert_true(saturate_times(UINT64_MAX, 1) == UINT64_MAX);
	assert_true(saturate_times(UINT64_MAX / 2 + 1, 2) == UINT64_MAX);
}

static void a_moment_may_be_never(void **state)
{
	(void)state;
	assert_int_equal(saturate_after(5, 7), 12);
	assert_int_equal(saturate_after(5, -7), -2);
	assert_true(saturate_after(1, INT64_MAX) == INT64_MAX);
	assert_true(saturate_after(-1, INT64_MAX) == INT64_MAX - 1);
	assert_true(saturate_after(-2, INT64_MIN) == INT64_MIN);
}

static void a_time_from_floating_point_has_bounds(void **state)
{
	(void)state;
	assert_int_equal(saturate_time(-1), 0);
	assert_int_equal(saturate_time(1.5e9), 1500000000);
	assert_true(saturate_time(1e30) == INT64_MAX);
	assert_true(saturate_time(0x1p63) == INT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sum_stops_at_the_largest_number),
		cmocka_unit_test(so_does_a_product),
		cmocka_unit_test(a_moment_may_be_never),
		cmocka_unit_test(a_time_from_floating_point_has_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
