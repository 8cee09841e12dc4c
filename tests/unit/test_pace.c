/* How much a consumer claims. */
#include "unit.h"

#include "broker/pace.h"

static void test_places_and_one_more_for_each(void **state)
{
	struct pace p = { .together = 1, .places = 8 };

	(void)state;
	assert_int_equal(pace_wants(&p, 0, 0), 16);
	assert_int_equal(pace_wants(&p, 15, 3), 1);
	assert_int_equal(pace_wants(&p, 16, 3), 0);
	p.ahead = 3;
	assert_int_equal(pace_wants(&p, 0, 0), 11);
}

static void test_empty_places_while_enough_is_held(void **state)
{
	struct pace p = { .together = 1, .places = 8, .idle = 5 };

	(void)state;
	assert_int_equal(pace_wants(&p, 16, 2), 3);
}

/* The more often, the fewer are claimed beside it: also not later, while it is held. */
static void test_what_was_lost_has_little_company(void **state)
{
	struct pace p = { .together = 1, .places = 8, .idle = 8, .lost = 1 };

	(void)state;
	assert_int_equal(pace_wants(&p, 1, 0), 3);
	assert_int_equal(pace_wants(&p, 4, 0), 0);
	p.lost = 2;
	assert_int_equal(pace_wants(&p, 0, 0), 1);
	assert_int_equal(pace_wants(&p, 1, 0), 0);
	p.lost = 15;
	assert_int_equal(pace_wants(&p, 1, 0), 0);
}

static void test_what_dies_when_it_is_lost_once_more_goes_alone(void **state)
{
	struct pace p = { .together = 1, .places = 64, .lost = 1, .poison = 2 };

	(void)state;
	assert_int_equal(pace_wants(&p, 1, 0), 0);
	p.poison = 3;
	assert_int_equal(pace_wants(&p, 1, 0), 31);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places_and_one_more_for_each),
		cmocka_unit_test(test_empty_places_while_enough_is_held),
		cmocka_unit_test(test_what_was_lost_has_little_company),
		cmocka_unit_test(test_what_dies_when_it_is_lost_once_more_goes_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
