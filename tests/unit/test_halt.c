/* --halt: the grammar, and when enough is enough. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/halt.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static struct halt_rule rule(const char *text)
{
	struct halt_rule r = { .amount = -1 };

	assert_true(halt_parse(text, &r));
	return r;
}

static void grammar(void **state)
{
	static const struct {
		const char *text;
		struct halt_rule rule;
	} rules[] = {
		{ "now,fail=1", { HALT_NOW, HALT_FAIL, 1, false } },
		{ "soon,fail=3", { HALT_SOON, HALT_FAIL, 3, false } },
		{ "now,success=2", { HALT_NOW, HALT_SUCCESS, 2, false } },
		{ "soon,done=100", { HALT_SOON, HALT_DONE, 100, false } },
		{ "soon,fail=12.5%", { HALT_SOON, HALT_FAIL, 12.5, true } },
		{ "now,done=100%", { HALT_NOW, HALT_DONE, 100, true } },
		{ "1", { HALT_SOON, HALT_FAIL, 1, false } },
		{ "2", { HALT_NOW, HALT_FAIL, 1, false } },
		{ "-1", { HALT_SOON, HALT_SUCCESS, 1, false } },
		{ "-2", { HALT_NOW, HALT_SUCCESS, 1, false } },
		{ "20%", { HALT_SOON, HALT_FAIL, 20, true } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rules); i++) {
		struct halt_rule r = rule(rules[i].text);

		assert_int_equal(r.when, rules[i].rule.when);
		assert_int_equal(r.why, rules[i].rule.why);
		assert_true(r.amount == rules[i].rule.amount);
		assert_int_equal(r.percent, rules[i].rule.percent);
	}
	assert_int_equal(rule("never").when, HALT_NEVER);
	assert_int_equal(rule("0").when, HALT_NEVER);
}

static void what_is_no_rule(void **state)
{
	static const char *const refused[] = { "", "now", "soon", "now,fail", "now,fail=",
		"now,fail=0", "now,fail=-1", "now,fail=1.5", "now,fail=x", "now,fail=0%",
		"now,fail=101%", "0%", "101%", "later,fail=1", "now,err=1", "now fail=1",
		"never,fail=1", "3", "-3", "-0", "--1", "-20%", "now,fail=1 ", "now,fail=1,done=2" };
	struct halt_rule r = { HALT_NOW, HALT_DONE, 7, false };

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_false(halt_parse(refused[i], &r));
	assert_true(r.when == HALT_NOW && r.why == HALT_DONE && r.amount == 7);
}

static void never_is_never(void **state)
{
	struct halt_rule r = { .when = HALT_NEVER };

	(void)state;
	assert_false(halt_reached(&r, 1000, 1000, 2000));
}

static void a_number_counts_what_it_names(void **state)
{
	struct halt_rule fail = rule("now,fail=2"), success = rule("now,success=2"),
		done = rule("now,done=2");

	(void)state;
	assert_false(halt_reached(&fail, 0, 0, 0));
	assert_false(halt_reached(&fail, 1, 50, 0));
	assert_true(halt_reached(&fail, 2, 50, 0));
	assert_false(halt_reached(&success, 50, 1, 0));
	assert_true(halt_reached(&success, 50, 2, 0));
	assert_false(halt_reached(&done, 1, 0, 0));
	assert_true(halt_reached(&done, 1, 1, 0));
}

static void a_percentage_is_of_all_items_when_they_are_known(void **state)
{
	struct halt_rule fail = rule("soon,fail=10%"), done = rule("soon,done=50%");

	(void)state;
	assert_false(halt_reached(&fail, 9, 0, 100));
	assert_true(halt_reached(&fail, 10, 0, 100));
	assert_true(halt_reached(&fail, 1, 0, 3));
	assert_false(halt_reached(&fail, 0, 3, 3));
	assert_false(halt_reached(&done, 10, 39, 100));
	assert_true(halt_reached(&done, 10, 40, 100));
}

static void a_percentage_is_of_the_jobs_done_while_the_total_is_unknown(void **state)
{
	struct halt_rule fail = rule("soon,fail=50%"), success = rule("now,success=50%");

	(void)state;
	assert_false(halt_reached(&fail, HALT_SAMPLE - 1, 0, 0));
	assert_true(halt_reached(&fail, HALT_SAMPLE, 0, 0));
	assert_true(halt_reached(&fail, HALT_SAMPLE / 2, HALT_SAMPLE / 2, 0));
	assert_false(halt_reached(&fail, HALT_SAMPLE, HALT_SAMPLE + 1, 0));
	assert_true(halt_reached(&success, 0, HALT_SAMPLE, 0));
}

static void a_percentage_done_needs_the_total(void **state)
{
	struct halt_rule done = rule("now,done=50%");

	(void)state;
	assert_false(halt_reached(&done, 500, 500, 0));
	assert_true(halt_reached(&done, 500, 500, 2000));
}

static void one_job_may_be_a_share(void **state)
{
	struct halt_rule first = rule("soon,fail=1"), half = rule("now,done=50%");

	(void)state;
	assert_true(halt_is_one(&first, 0));
	assert_true(halt_is_one(&half, 2));
	assert_false(halt_is_one(&half, 3));
	assert_false(halt_is_one(&half, 0));
	first = rule("soon,fail=2");
	assert_false(halt_is_one(&first, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grammar),
		cmocka_unit_test(what_is_no_rule),
		cmocka_unit_test(never_is_never),
		cmocka_unit_test(a_number_counts_what_it_names),
		cmocka_unit_test(a_percentage_is_of_all_items_when_they_are_known),
		cmocka_unit_test(a_percentage_is_of_the_jobs_done_while_the_total_is_unknown),
		cmocka_unit_test(a_percentage_done_needs_the_total),
		cmocka_unit_test(one_job_may_be_a_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
