/* Shares by weight: over many picks, for any weights, whoever comes and goes. */
#include "unit.h"

#include <stdbool.h>
#include <string.h>

#include "policy/stride.h"

enum { MOST = 8, PICKS = 10000 };

struct groups {
	uint32_t weights[MOST];
	size_t count;
	uint64_t sum;
};

static struct groups any_groups(uint32_t *random)
{
	static const uint32_t usual[] = { 1, 1, 2, 3, 5, 6, 10, 17, 40, 100 };
	struct groups g = { .count = 1 + unit_below(random, MOST) };

	for (size_t i = 0; i < g.count; i++) {
		g.weights[i] = usual[unit_below(random, COUNT(usual))];
		g.sum += g.weights[i];
	}
	return g;
}

static void shares_are_as_the_weights_say(void **state)
{
	uint32_t random = unit_seed(1);
	bool ready[MOST];

	(void)state;
	memset(ready, true, sizeof ready);
	for (int round = 0; round < 200; round++) {
		struct groups g = any_groups(&random);
		struct stride *s = stride_new(g.weights, g.count);
		uint64_t served[MOST] = { 0 };

		for (int i = 0; i < PICKS; i++)
			served[stride_pick(s, ready)]++;
		for (size_t i = 0; i < g.count; i++) { /* within 2 %, or two turns of a small share */
			double share = (double)PICKS * g.weights[i] / (double)g.sum;
			double off = share > (double)served[i] ? share - (double)served[i]
				: (double)served[i] - share;

			assert_true(off <= share * 0.02 || off < MOST);
		}
		stride_free(s);
	}
}

static void a_share_of_six_to_three_is_one_of_six_to_three(void **state)
{
	struct stride *s = stride_new((const uint32_t[]){ 6, 3 }, 2);
	const bool ready[] = { true, true };
	int served[2] = { 0 };

	(void)state;
	for (int i = 0; i < PICKS; i++)
		served[stride_pick(s, ready)]++;
	assert_in_range(served[0], 6666, 6667);
	assert_in_range(served[1], 3333, 3334);
	stride_free(s);
}

/* Others come and go; the bound is that of stride.h. */
static void who_is_always_ready_waits_no_longer_than_its_share(void **state)
{
	uint32_t random = unit_seed(2);

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct groups g = any_groups(&random);
		struct stride *s = stride_new(g.weights, g.count);
		uint64_t last[MOST] = { 0 };
		bool ready[MOST];

		for (uint64_t now = 1; now <= PICKS; now++) {
			size_t i;

			for (i = 0; i < g.count; i++) /* the first half of them always is */
				ready[i] = i <= g.count / 2 || unit_below(&random, 3);
			i = stride_pick(s, ready);
			assert_true(i < g.count && ready[i]);
			if (i <= g.count / 2)
				assert_true((now - last[i]) * g.weights[i]
					<= g.sum + (g.count - 1) * g.weights[i]);
			last[i] = now;
		}
		for (size_t i = 0; i <= g.count / 2 && i < g.count; i++) /* nor to the end */
			assert_true((PICKS + 1 - last[i]) * g.weights[i]
				<= g.sum + (g.count - 1) * g.weights[i] + g.weights[i]);
		stride_free(s);
	}
}

static void who_was_idle_has_saved_nothing_up(void **state)
{
	struct stride *s = stride_new((const uint32_t[]){ 1, 1 }, 2);
	const bool alone[] = { true, false }, both[] = { true, true };
	int served[2] = { 0 };

	(void)state;
	for (int i = 0; i < PICKS; i++)
		assert_int_equal(stride_pick(s, alone), 0);
	for (int i = 0; i < 100; i++)
		served[stride_pick(s, both)]++;
	assert_in_range(served[1], 50, 51);
	stride_free(s);
}

/* Nor does it pay for having had everything while others were idle. */
static void who_was_alone_owes_nothing(void **state)
{
	struct stride *s = stride_new((const uint32_t[]){ 1, 100 }, 2);
	const bool alone[] = { true, false }, both[] = { true, true };
	int waited = 0;

	(void)state;
	for (int i = 0; i < PICKS; i++)
		assert_int_equal(stride_pick(s, alone), 0);
	while (stride_pick(s, both) != 0)
		waited++;
	assert_in_range(waited, 0, 101);
	stride_free(s);
}

static void nobody_is_chosen_who_is_not_ready(void **state)
{
	struct stride *s = stride_new((const uint32_t[]){ 1, 2 }, 2);
	const bool none[] = { false, false };

	(void)state;
	assert_int_equal(stride_pick(s, none), 2);
	stride_free(s);
}

/* The passes wrap around long before that many. */
static void shares_hold_for_as_long_as_a_run_may_last(void **state)
{
	enum { MANY = 100 * 1000 * 1000 };
	struct stride *s = stride_new((const uint32_t[]){ 1, 2, STRIDE_MOST }, 3);
	const bool few[] = { true, true, false };
	long served[3] = { 0 };

	(void)state;
	for (long i = 0; i < MANY; i++)
		served[stride_pick(s, few)]++;
	assert_in_range(served[0], MANY / 3 - 1, MANY / 3 + 2);
	stride_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_are_as_the_weights_say),
		cmocka_unit_test(a_share_of_six_to_three_is_one_of_six_to_three),
		cmocka_unit_test(who_is_always_ready_waits_no_longer_than_its_share),
		cmocka_unit_test(who_was_idle_has_saved_nothing_up),
		cmocka_unit_test(who_was_alone_owes_nothing),
		cmocka_unit_test(nobody_is_chosen_who_is_not_ready),
		cmocka_unit_test(shares_hold_for_as_long_as_a_run_may_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
