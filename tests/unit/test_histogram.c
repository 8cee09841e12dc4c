/* Percentiles of values in buckets. */
#include "unit.h"

#include <string.h>

#include "base/histogram.h"

enum { MOST = 3000 };

static struct histogram histogram;

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* The nearest rank: the first value that so many percent are not above. */
static int64_t exact(const int64_t *sorted, size_t n, unsigned percent)
{
	size_t rank = (n * percent + 99) / 100;

	return sorted[rank ? rank - 1 : 0];
}

static void without_values_all_is_nothing(void **state)
{
	(void)state;
	memset(&histogram, 0, sizeof histogram);
	assert_int_equal(histogram_percentile(&histogram, 50), 0);
	assert_int_equal(histogram.max, 0);
	assert_int_equal(histogram.count, 0);
}

static void small_values_are_exact(void **state)
{
	static const struct { unsigned percent; int64_t value; } rows[] = {
		{ 0, 1 }, { 10, 1 }, { 11, 2 }, { 50, 5 }, { 90, 9 }, { 91, 10 }, { 100, 10 },
	};

	(void)state;
	memset(&histogram, 0, sizeof histogram);
	for (int64_t v = 10; v > 0; v--)
		histogram_add(&histogram, v);
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(histogram_percentile(&histogram, rows[i].percent), rows[i].value);
	assert_int_equal(histogram.count, 10);
}

static void percentiles_are_within_2_percent(void **state)
{
	static const unsigned percents[] = { 0, 1, 50, 90, 99, 100 };
	static int64_t values[MOST];
	uint32_t random = unit_seed(7);

	(void)state;
	for (size_t n = 1; n <= MOST; n = n * 3 / 2 + 1) {
		memset(&histogram, 0, sizeof histogram);
		for (size_t i = 0; i < n; i++) {
			uint64_t v = (uint64_t)unit_random(&random) << 32 | unit_random(&random);

			values[i] = (int64_t)(v >> (1 + unit_below(&random, 63)));
			histogram_add(&histogram, values[i]);
		}
		qsort(values, n, sizeof *values, by_size);
		for (size_t p = 0; p < COUNT(percents); p++) {
			double want = (double)exact(values, n, percents[p]);
			double got = (double)histogram_percentile(&histogram, percents[p]);

			assert_true(got >= want * 0.98 && got <= want * 1.02);
		}
		assert_int_equal(histogram.max, values[n - 1]);
	}
}

static void no_percentile_is_above_the_largest_value(void **state)
{
	(void)state;
	for (int64_t v = 1; v > 0 && v < INT64_MAX / 3; v = v * 3 / 2 + 1) {
		memset(&histogram, 0, sizeof histogram);
		histogram_add(&histogram, v);
		assert_true(histogram_percentile(&histogram, 99) <= v);
	}
}

static void what_is_below_nothing_is_nothing(void **state)
{
	(void)state;
	memset(&histogram, 0, sizeof histogram);
	histogram_add(&histogram, -5);
	histogram_add(&histogram, INT64_MIN);
	assert_int_equal(histogram_percentile(&histogram, 100), 0);
	assert_int_equal(histogram.max, 0);
	assert_int_equal(histogram.count, 2);
}

static void the_largest_value_there_can_be_has_a_bucket(void **state)
{
	(void)state;
	memset(&histogram, 0, sizeof histogram);
	histogram_add(&histogram, INT64_MAX);
	assert_int_equal(histogram.max, INT64_MAX);
	assert_true(histogram_percentile(&histogram, 50) > INT64_MAX / 100 * 98);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_values_all_is_nothing),
		cmocka_unit_test(small_values_are_exact),
		cmocka_unit_test(percentiles_are_within_2_percent),
		cmocka_unit_test(no_percentile_is_above_the_largest_value),
		cmocka_unit_test(what_is_below_nothing_is_nothing),
		cmocka_unit_test(the_largest_value_there_can_be_has_a_bucket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
