/* Back-off, rates and the breaker: what they take, and what follows. */
#include "unit.h"

#include "base/clock.h"
#include "policy/backoff.h"
#include "policy/breaker.h"
#include "policy/rate.h"

#define S CLOCK_SECOND
#define MS CLOCK_MS

static void a_backoff_is_read(void **state)
{
	static const struct {
		const char *text;
		struct backoff b;
	} rows[] = {
		{ "1", { S, 3600 * S, 2, true } },
		{ "0.5..30", { S / 2, 30 * S, 2, true } },
		{ "100ms..1m,x3,jitter=none", { 100 * MS, 60 * S, 3, false } },
		{ "1,jitter=none,x1.5", { S, 3600 * S, 1.5, false } },
		{ "2h", { 7200 * S, 7200 * S, 2, true } },
		{ "1..1,x1", { S, S, 1, true } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct backoff b;

		assert_true(backoff_parse(rows[i].text, &b));
		assert_int_equal(b.base, rows[i].b.base);
		assert_int_equal(b.cap, rows[i].b.cap);
		assert_true(b.factor == rows[i].b.factor);
		assert_int_equal(b.jitter, rows[i].b.jitter);
	}
}

static void it_grows_up_to_its_cap(void **state)
{
	struct backoff b = { 100, 1000, 2, false };
	static const int64_t waits[] = { 100, 200, 400, 800, 1000, 1000 };

	(void)state;
	for (unsigned i = 0; i < COUNT(waits); i++)
		assert_int_equal(backoff_delay(&b, i + 1, UINT64_MAX), waits[i]);
	assert_int_equal(backoff_delay(&b, 4000000000U, 0), 1000);
	b.factor = 1;
	assert_int_equal(backoff_delay(&b, 4000000000U, 0), 100);
}

static void jitter_takes_any_part_of_it(void **state)
{
	struct backoff b = { 1000, 1000000, 2, true };
	uint32_t random = unit_seed(1);
	int64_t least = INT64_MAX, most = 0;

	(void)state;
	assert_int_equal(backoff_delay(&b, 1, 0), 0);
	assert_int_equal(backoff_delay(&b, 1, UINT64_MAX), 999);
	for (int i = 0; i < 1000; i++) {
		uint64_t n = (uint64_t)unit_random(&random) << 32 | unit_random(&random);
		int64_t wait = backoff_delay(&b, 3, n);

		assert_in_range(wait, 0, 3999);
		least = wait < least ? wait : least;
		most = wait > most ? wait : most;
	}
	assert_true(least < 100 && most > 3900);
}

static void a_rate_is_read(void **state)
{
	static const struct {
		const char *text;
		struct rate r;
	} rows[] = {
		{ "1/s", { S, 1 } }, { "10/s", { S / 10, 1 } }, { "3/s", { 333333334, 1 } },
		{ "100/m,burst=7", { 600 * MS, 7 } }, { "1/h", { 3600 * S, 1 } },
		{ "5/10s", { 2 * S, 1 } }, { "24/d", { 3600 * S, 1 } }, { "2/0.5", { S / 4, 1 } },
		{ "100/min", { 600 * MS, 1 } }, { "3/hour", { 1200 * S, 1 } }, { "1/ms", { MS, 1 } },
	};
	static const char *const wrong[] = { "", "1", "/s", "0/s", "1/", "1/0", "1/x", "x/s", "1/s,",
		"1/s,burst", "1/s,burst=", "1/s,burst=0", "1/s,burst=x", "1/s,7", "2000000000/s",
		"1/d,burst=99999999999999" };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rate r;

		assert_true(rate_parse(rows[i].text, &r));
		assert_int_equal(r.interval, rows[i].r.interval);
		assert_int_equal(r.burst, rows[i].r.burst);
	}
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct rate r;

		if (rate_parse(wrong[i], &r))
			fail_msg("'%s' was taken", wrong[i]);
	}
}

/* An idle bucket lets its burst through at once, and then one for each interval. */
static void a_burst_and_then_one_by_one(void **state)
{
	struct rate r = { 100, 3 };
	int64_t full = 0, now = 1000;
	static const int64_t starts[] = { 1000, 1000, 1000, 1100, 1200, 1300 };

	(void)state;
	for (size_t i = 0; i < COUNT(starts); i++) {
		now = rate_when(&r, full) > now ? rate_when(&r, full) : now;
		assert_int_equal(now, starts[i]);
		full = rate_take(&r, full, now);
	}
	assert_int_equal(rate_when(&r, full), 1400);
	r = (struct rate){ INT64_MAX, 1 };
	assert_true(rate_take(&r, 1, 1) == INT64_MAX);
}

static void it_breaks_and_tries_and_closes(void **state)
{
	struct breaker_rule rule;
	struct breaker b;

	(void)state;
	assert_true(breaker_parse("50%/4,10", &rule));
	breaker_init(&b, &rule);
	for (int i = 0; i < 3; i++) { /* three are too few to say anything */
		assert_false(breaker_start(&b));
		assert_int_equal(breaker_ended(&b, false, i > 0, i), BREAKER_SAME);
	}
	assert_true(breaker_when(&b) < 0);
	assert_int_equal(breaker_ended(&b, false, false, 5), BREAKER_OPENED);
	assert_int_equal(breaker_when(&b), 10 * S + 5);
	assert_int_equal(breaker_ended(&b, false, true, 6), BREAKER_SAME); /* a late one */
	assert_true(breaker_start(&b));
	assert_int_equal(breaker_when(&b), INT64_MAX);
	breaker_undecided(&b, true);
	assert_int_equal(breaker_when(&b), 10 * S + 5);
	assert_true(breaker_start(&b));
	assert_int_equal(breaker_ended(&b, true, true, 100 * S), BREAKER_OPENED);
	assert_int_equal(breaker_when(&b), 110 * S);
	assert_true(breaker_start(&b));
	assert_int_equal(breaker_ended(&b, true, false, 200 * S), BREAKER_CLOSED);
	assert_true(breaker_when(&b) < 0);
	for (int i = 0; i < 3; i++) /* what was before is forgotten */
		assert_int_equal(breaker_ended(&b, false, true, i), BREAKER_SAME);
	assert_int_equal(breaker_ended(&b, false, false, 5), BREAKER_OPENED);
	breaker_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_backoff_is_read),
		cmocka_unit_test(it_grows_up_to_its_cap),
		cmocka_unit_test(jitter_takes_any_part_of_it),
		cmocka_unit_test(a_rate_is_read),
		cmocka_unit_test(a_burst_and_then_one_by_one),
		cmocka_unit_test(it_breaks_and_tries_and_closes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
