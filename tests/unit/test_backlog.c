/* The queue's high water: what the rule means, and when it is told. */
#include "unit.h"

#include <stdbool.h>

#include "policy/backlog.h"

static void a_rule_is_a_number_or_a_share(void **state)
{
	static const char *const wrong[] = { "", "0", "0%", "100%", "-1", "x", "5x" };
	struct backlog_rule rule;

	(void)state;
	assert_true(backlog_parse("48", &rule));
	assert_int_equal(backlog_high(&rule, 64), 48);
	assert_true(backlog_parse("75%", &rule));
	assert_int_equal(backlog_high(&rule, 64), 48);
	assert_int_equal(backlog_high(&rule, 1), 0);
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_false(backlog_parse(wrong[i], &rule));
}

static void it_is_told_once_for_each_time_it_rises(void **state)
{
	static const struct {
		uint64_t depth;
		bool told;
	} looks[] = {
		{ 0, false }, { 10, false }, { 11, true }, { 12, false }, { 11, false },
		{ 10, false }, { 11, true }, { 100, false }, { 0, false }, { 50, true },
	};
	struct backlog b = { .high = 10 };

	(void)state;
	for (size_t i = 0; i < COUNT(looks); i++)
		assert_int_equal(backlog_rises(&b, looks[i].depth), looks[i].told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_is_a_number_or_a_share),
		cmocka_unit_test(it_is_told_once_for_each_time_it_rises),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
