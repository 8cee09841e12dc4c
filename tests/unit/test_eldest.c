/* Who has waited longest. */
#include "unit.h"

#include "view/eldest.h"

enum { MOST = 3000 };

static void nobody_waits_at_first(void **state)
{
	struct eldest e = { 0 };

	(void)state;
	assert_int_equal(eldest_since(&e), -1);
	eldest_go(&e, 7);
	assert_int_equal(eldest_since(&e), -1);
	eldest_free(&e);
}

static void the_first_counts_until_it_goes(void **state)
{
	struct eldest e = { 0 };

	(void)state;
	eldest_come(&e, 2, 10);
	eldest_come(&e, 5, 20);
	eldest_come(&e, 9, 30);
	eldest_go(&e, 5);
	assert_int_equal(eldest_since(&e), 10);
	eldest_go(&e, 4); /* never was there */
	eldest_go(&e, 2);
	eldest_go(&e, 2);
	assert_int_equal(eldest_since(&e), 30);
	eldest_come(&e, 9, 40); /* its number does not grow */
	eldest_go(&e, 9);
	assert_int_equal(eldest_since(&e), -1);
	eldest_come(&e, 11, 50);
	assert_int_equal(eldest_since(&e), 50);
	eldest_free(&e);
}

/* The plain way: look at all of them. */
static int64_t oldest_of(const int64_t *at, int n)
{
	for (int i = 0; i < n; i++)
		if (at[i] >= 0)
			return at[i];
	return -1;
}

static void at_random_it_is_who_a_look_at_all_finds(void **state)
{
	static int64_t at[MOST];
	struct eldest e = { 0 };
	unsigned long long random = 88172645463325252ULL;
	int n = 0;

	(void)state;
	while (n < MOST) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		if (random % 2) {
			at[n] = n * 3;
			eldest_come(&e, (uint64_t)(n + 1) * 2, at[n]);
			n++;
		} else if (n) {
			int i = (int)(random / 2 % (unsigned)n);

			at[i] = -1;
			eldest_go(&e, (uint64_t)(i + 1) * 2);
		}
		assert_int_equal(eldest_since(&e), oldest_of(at, n));
	}
	eldest_free(&e);
}

static void memory_is_for_those_that_wait(void **state)
{
	struct eldest e = { 0 };

	(void)state;
	eldest_come(&e, 1, 0); /* it waits for ever, and others pass */
	for (uint64_t i = 2; i < 100000; i++) {
		eldest_come(&e, i, (int64_t)i);
		eldest_go(&e, i);
	}
	assert_int_equal(eldest_since(&e), 0);
	assert_true(e.room <= 256);
	eldest_free(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_waits_at_first),
		cmocka_unit_test(the_first_counts_until_it_goes),
		cmocka_unit_test(at_random_it_is_who_a_look_at_all_finds),
		cmocka_unit_test(memory_is_for_those_that_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
