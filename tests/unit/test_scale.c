/* How many workers there should be: with a clock that the test turns. */
#include "unit.h"

#include "base/clock.h"
#include "policy/scale.h"

enum { LEAST = 2, MOST = 5 };

/* What it says through so many ms, asked every 10 of them. */
static unsigned through(struct scale *s, int64_t *now, int ms, unsigned wanted, unsigned busy,
	long waiting)
{
	for (; ms > 0; ms -= 10) {
		*now += 10 * CLOCK_MS;
		wanted = scale_wanted(s, *now, LEAST, MOST, wanted, busy < wanted ? busy : wanted,
			waiting);
	}
	return wanted;
}

static void it_grows_by_one_each_100_ms_up_to_the_most(void **state)
{
	struct scale s = { 0 };
	int64_t now = CLOCK_SECOND;
	unsigned n = LEAST;

	(void)state;
	n = through(&s, &now, 100, n, MOST, 7);
	assert_int_equal(n, 2); /* 90 ms since it was seen first */
	n = through(&s, &now, 10, n, MOST, 7);
	assert_int_equal(n, 3);
	n = through(&s, &now, 100, n, MOST, 1);
	assert_int_equal(n, 4);
	n = through(&s, &now, 5000, n, MOST, 1);
	assert_int_equal(n, MOST);
}

static void a_break_begins_the_wait_anew(void **state)
{
	struct scale s = { 0 };
	int64_t now = CLOCK_SECOND;

	(void)state;
	assert_int_equal(through(&s, &now, 90, LEAST, MOST, 7), LEAST);
	assert_int_equal(through(&s, &now, 10, LEAST, MOST, 0), LEAST);
	assert_int_equal(through(&s, &now, 100, LEAST, MOST, 7), LEAST);
	assert_int_equal(through(&s, &now, 10, LEAST, MOST, 7), LEAST + 1);
}

static void it_shrinks_by_one_each_second_down_to_the_least(void **state)
{
	struct scale s = { 0 };
	int64_t now = CLOCK_SECOND;
	unsigned n = MOST;

	(void)state;
	n = through(&s, &now, 1000, n, MOST - 1, 0);
	assert_int_equal(n, MOST);
	n = through(&s, &now, 10, n, MOST - 1, 0);
	assert_int_equal(n, MOST - 1);
	n = through(&s, &now, 9000, n, MOST - 1, -1);
	assert_int_equal(n, MOST - 1); /* all of these are busy */
	n = through(&s, &now, 9000, n, 0, -1);
	assert_int_equal(n, LEAST);
}

static void who_is_outside_is_brought_in_at_once(void **state)
{
	struct scale s = { 0 };

	(void)state;
	assert_int_equal(scale_wanted(&s, 1, LEAST, MOST, 1, 1, 0), LEAST);
	assert_int_equal(scale_wanted(&s, 2, LEAST, MOST, 9, 9, 9), MOST);
}

/* With any sequence of looks it stays within its bounds, and never moves faster than it
 * may. */
static void it_is_never_too_fast(void **state)
{
	struct scale s = { 0 };
	uint32_t random = unit_seed(5);
	int64_t now = 1, changed[2] = { -CLOCK_SECOND, -CLOCK_SECOND };
	unsigned n = LEAST;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		unsigned next;

		now += unit_below(&random, 80) * CLOCK_MS;
		next = scale_wanted(&s, now, LEAST, MOST, n, unit_below(&random, n + 1),
			(long)unit_below(&random, 8) - 1);
		assert_true(next >= LEAST && next <= MOST);
		assert_true(next + 1 >= n && next <= n + 1);
		if (next > n) {
			assert_true(now - changed[0] >= 100 * CLOCK_MS);
			changed[0] = now;
		} else if (next < n) {
			assert_true(now - changed[1] >= CLOCK_SECOND);
			changed[1] = now;
		}
		n = next;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_grows_by_one_each_100_ms_up_to_the_most),
		cmocka_unit_test(a_break_begins_the_wait_anew),
		cmocka_unit_test(it_shrinks_by_one_each_second_down_to_the_least),
		cmocka_unit_test(who_is_outside_is_brought_in_at_once),
		cmocka_unit_test(it_is_never_too_fast),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
