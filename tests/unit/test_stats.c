/* Counters, the median runtime, and snapshots of them. */
#include "unit.h"

#include <string.h>

#include "base/clock.h"
#include "base/thread.h"
#include "group.h"
#include "item.h"
#include "stats.h"

enum { MOST = 5000, THREADS = 4, ROUNDS = 20000 };

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* The median of an even number is between its two middles. */
static void check_median(const int64_t *values, size_t n)
{
	static int64_t sorted[MOST];
	struct stats *s = stats_new(false, 1);
	double low, high, median;

	for (size_t i = 0; i < n; i++)
		stats_runtime(s, values[i]);
	memcpy(sorted, values, n * sizeof *values);
	qsort(sorted, n, sizeof *sorted, by_size);
	low = (double)sorted[(n - 1) / 2];
	high = (double)sorted[n / 2];
	median = (double)stats_median(s);
	assert_true(median >= low * 0.98 && median <= high * 1.02);
	stats_free(s);
}

static int64_t log_uniform(uint32_t *random, unsigned bits)
{
	uint64_t v = (uint64_t)unit_random(random) << 32 | unit_random(random);

	return (int64_t)(v >> (64 - 1 - unit_below(random, bits)));
}

static void the_median_is_within_2_percent(void **state)
{
	static const unsigned bits[] = { 1, 5, 6, 7, 10, 20, 30, 40, 62 };
	static int64_t values[MOST];
	uint32_t random = unit_seed(3);

	(void)state;
	for (size_t b = 0; b < COUNT(bits); b++)
		for (size_t n = 3; n <= MOST; n = n * 7 / 4) {
			for (size_t i = 0; i < n; i++)
				values[i] = log_uniform(&random, bits[b]);
			check_median(values, n);
		}
}

static void every_runtime_of_its_own_has_a_median_near_it(void **state)
{
	int64_t values[3];

	(void)state;
	for (int64_t v = 1; v < 5000; v++) {
		values[0] = values[1] = values[2] = v;
		check_median(values, 3);
	}
	for (int bit = 12; bit < 63; bit++)
		for (int64_t off = -1; off <= 1; off++) {
			values[0] = values[1] = values[2] = (INT64_C(1) << bit) + off;
			check_median(values, 3);
		}
	values[0] = values[1] = values[2] = INT64_MAX;
	check_median(values, 3);
}

static void the_median_is_unknown_until_three_are_known(void **state)
{
	struct stats *s = stats_new(false, 1);

	(void)state;
	assert_int_equal(stats_median(s), 0);
	stats_runtime(s, 1000);
	stats_runtime(s, 1000);
	assert_int_equal(stats_median(s), 0);
	stats_runtime(s, 1000);
	assert_in_range(stats_median(s), 980, 1020);
	stats_free(s);
}

static void a_clock_that_went_back_counts_as_nothing(void **state)
{
	struct stats *s = stats_new(false, 1);

	(void)state;
	for (int i = 0; i < 3; i++)
		stats_runtime(s, -1 - i);
	assert_int_equal(stats_median(s), 0);
	stats_free(s);
}

static void a_snapshot_has_every_counter_and_nothing_else(void **state)
{
	struct stats *s = stats_new(false, 1);
	struct snapshot snap = { .depth = 1, .size = 2, .total = 4, .estimated = true };
	int64_t before;

	(void)state;
	for (int i = 0; i < STATS; i++)
		stats_add(s, (enum counter)i, 10 + i);
	stats_add(s, STAT_RUNNING, -3);
	stats_read(s, &snap);
	for (int i = 0; i < STATS; i++) {
		int64_t n = 10 + i - (i == STAT_RUNNING ? 3 : 0);

		assert_int_equal(snap.count[i], n);
		assert_int_equal(stats_get(s, (enum counter)i), n);
	}
	assert_true(snap.elapsed >= 0);
	assert_true(snap.depth == 1 && snap.size == 2 && snap.total == 4 && snap.estimated);
	before = snap.elapsed;
	stats_read(s, &snap);
	assert_true(snap.elapsed >= before);
	stats_free(s);
}

/* An attempt that ended so, after so long. */
static void attempt(struct stats *s, enum outcome_how how, int64_t took)
{
	struct delivery d = { 0 };

	stats_queued(s, &d, 0);
	stats_began(s, &d, NULL);
	d.result.outcome = (struct outcome){ .how = how, .took = took };
	stats_ended(s, &d, NULL);
}

static void a_share_of_the_median_is_a_limit_of_a_tenth_of_a_second_at_least(void **state)
{
	struct stats *s = stats_new(false, 1);

	(void)state;
	assert_int_equal(stats_timeout(s, 0, 300), 0);
	for (int i = 0; i < 3; i++)
		stats_runtime(s, 5000);
	assert_int_equal(stats_timeout(s, 0, 300), 100 * CLOCK_MS);
	assert_int_equal(stats_timeout(s, 7000, 300), 7000);
	for (int i = 0; i < 10; i++)
		stats_runtime(s, CLOCK_SECOND);
	assert_in_range(stats_timeout(s, 0, 300), 2.94 * CLOCK_SECOND, 3.06 * CLOCK_SECOND);
	assert_int_equal(stats_timeout(s, CLOCK_SECOND, 300), CLOCK_SECOND);
	stats_free(s);
}

static void percentiles_and_the_median_are_of_the_same_runtimes(void **state)
{
	struct stats *s = stats_new(true, 1);
	struct measures m;

	(void)state;
	for (int i = 0; i < 3; i++) {
		attempt(s, OUTCOME_EXIT, 1000);
		attempt(s, OUTCOME_TIMEOUT, 50000); /* it says what the limit was, and no more */
		attempt(s, OUTCOME_TIMEOUT, 50000);
	}
	attempt(s, OUTCOME_SIGNAL, 2000);
	stats_measures(s, &m);
	assert_int_equal(m.ran.count, 4);
	assert_int_equal(m.ran.max, 2000);
	assert_int_equal(m.waited.count, 10);
	assert_int_equal(m.ran.p50, stats_median(s));
	assert_in_range(m.ran.p50, 980, 1020);
	stats_free(s);
}

static void a_back_off_is_no_waiting(void **state)
{
	struct stats *s = stats_new(true, 1);
	struct delivery d = { .due = clock_wall() + 3600 * CLOCK_SECOND };

	(void)state;
	stats_queued(s, &d, 0);
	stats_began(s, &d, NULL); /* somebody has set the clock */
	assert_int_equal(d.result.waited, 0);
	stats_undone(s, &d, NULL);
	d.due = clock_wall() - CLOCK_SECOND;
	stats_queued(s, &d, 0);
	d.since -= 5 * CLOCK_SECOND;
	stats_began(s, &d, NULL);
	assert_in_range(d.result.waited, 5 * CLOCK_SECOND, 3000 * CLOCK_SECOND);
	stats_undone(s, &d, NULL);
	stats_free(s);
}

static void what_runs_is_under_way_and_what_has_ended_was_busy(void **state)
{
	struct stats *s = stats_new(true, 3);
	struct delivery one = { 0 }, other = { 0 };
	struct snapshot snap;

	(void)state;
	stats_began(s, &one, NULL);
	stats_began(s, &other, NULL);
	one.since -= 100; /* nothing else knows when they began: */
	other.since -= 200;
	stats_ended(s, &one, NULL);
	stats_read(s, &snap);
	assert_true(snap.busy >= 100);
	assert_int_equal(snap.count[STAT_RUNNING], 1);
	stats_ended(s, &other, NULL);
	stats_read(s, &snap);
	assert_true(snap.busy >= 300);
	assert_true(snap.wanted >= 3 * snap.elapsed);
	assert_int_equal(snap.count[STAT_RUNNING], 0);
	stats_free(s);
}

/* A worker that is ahead of its answers is as busy as with one at a time. */
static void what_overlaps_at_one_worker_counts_once(void **state)
{
	struct stats *s = stats_new(true, 1);
	struct service service = { 0 };
	struct delivery d[3] = { 0 };
	struct snapshot snap;

	(void)state;
	for (int i = 0; i < 3; i++)
		stats_began(s, &d[i], &service);
	stats_read(s, &snap);
	assert_int_equal(snap.count[STAT_RUNNING], 3);
	assert_int_equal(snap.serving, 1);
	assert_true(snap.under_way <= snap.elapsed);
	stats_ended(s, &d[1], &service);
	stats_undone(s, &d[2], &service);
	stats_read(s, &snap);
	assert_true(snap.busy + snap.under_way <= snap.elapsed);
	assert_int_equal(snap.serving, 1);
	stats_began(s, &d[2], &service);
	stats_ended(s, &d[0], &service);
	stats_ended(s, &d[2], &service);
	stats_read(s, &snap);
	assert_true(snap.busy > 0 && snap.busy <= snap.elapsed);
	assert_int_equal(snap.serving, 0);
	assert_int_equal(snap.under_way, 0);
	stats_began(s, &d[0], &service);
	stats_undone(s, &d[0], &service);
	stats_check(s);
	stats_free(s);
}

static void who_waits_for_a_turn_waits(void **state)
{
	struct stats *s = stats_new(true, 1);
	struct service service = { .in_turn = true };
	struct delivery d[2] = { 0 };
	struct measures m;
	int64_t queue;

	(void)state;
	for (int i = 0; i < 2; i++) {
		stats_queued(s, &d[i], 0);
		stats_began(s, &d[i], &service);
	}
	queue = d[0].result.waited;
	d[0].result.outcome.took = CLOCK_SECOND; /* more than it has had: it did not wait longer */
	stats_ended(s, &d[0], &service);
	assert_int_equal(d[0].result.waited, queue);
	queue = d[1].result.waited;
	d[1].result.outcome.took = 1;
	stats_ended(s, &d[1], &service);
	assert_true(d[1].result.waited > queue);
	stats_measures(s, &m);
	assert_int_equal(m.waited.count, 2);
	assert_int_equal(m.waited.max, d[1].result.waited);
	stats_free(s);
}

static void the_first_start_of_a_worker_is_no_items_time(void **state)
{
	struct stats *s = stats_new(true, 1);
	struct service service = { 0 };
	struct delivery d[2] = { 0 };
	struct snapshot snap;
	int64_t starting;

	(void)state;
	stats_began(s, &d[0], &service);
	stats_began(s, &d[1], &service);
	stats_up(s, &service);
	stats_read(s, &snap);
	starting = snap.starting;
	assert_true(starting > 0);
	assert_true(snap.under_way + starting <= snap.elapsed);
	stats_ended(s, &d[0], &service);
	stats_read(s, &snap);
	assert_true(snap.busy + snap.under_way + starting <= snap.elapsed);
	stats_up(s, &service); /* it was started again */
	stats_ended(s, &d[1], &service);
	stats_read(s, &snap);
	assert_int_equal(snap.starting, starting);
	stats_check(s);
	stats_free(s);
}

static void times_cost_nothing_where_nobody_asks(void **state)
{
	struct stats *s = stats_new(false, 1);
	struct snapshot snap;

	(void)state;
	attempt(s, OUTCOME_EXIT, 1000);
	stats_read(s, &snap);
	assert_true(snap.busy == 0 && snap.under_way == 0 && snap.wanted == 0);
	assert_int_equal(snap.count[STAT_RUNNING], 0);
	stats_free(s);
}

static void *count_along(void *arg)
{
	struct stats *s = arg;

	for (int i = 0; i < ROUNDS; i++) {
		stats_add(s, STAT_RUNNING, 1);
		stats_runtime(s, 1000);
		(void)stats_median(s);
		stats_add(s, STAT_RUNNING, -1);
		stats_add(s, STAT_SETTLED, 1);
	}
	return NULL;
}

static void threads_count_together(void **state)
{
	struct stats *s = stats_new(false, 1);
	pthread_t thread[THREADS];
	struct snapshot snap;

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_true(thread_start(&thread[i], count_along, s));
	for (int i = 0; i < THREADS; i++)
		thread_join(thread[i]);
	stats_read(s, &snap);
	assert_int_equal(snap.count[STAT_RUNNING], 0);
	assert_int_equal(snap.count[STAT_SETTLED], THREADS * ROUNDS);
	stats_free(s);
}

static void a_part_tells_the_whole_and_is_as_old(void **state)
{
	struct stats *whole = stats_new(true, 5), *part = stats_part(whole, 3);
	struct snapshot snap;

	(void)state;
	stats_add(part, STAT_BORN, 2);
	assert_int_equal(stats_get(part, STAT_BORN), 2);
	assert_int_equal(stats_get(whole, STAT_BORN), 2);
	stats_add(whole, STAT_BORN, 1);
	assert_int_equal(stats_get(part, STAT_BORN), 2);
	/* Its workers are wanted since the run began, not since it was made. */
	stats_read(part, &snap);
	assert_int_equal(snap.wanted, 3 * snap.elapsed);
	stats_free(part);
	stats_free(whole);
}

static void what_no_group_may_have_is_counted_for_all(void **state)
{
	struct stats *whole = stats_new(false, 1), *part = stats_part(whole, 1);
	struct group group = { .stats = part, .among = "audit" };
	struct delivery d = { .group = &group, .section = "audit" };

	(void)state;
	stats_count(&d, STAT_BORN, 1);
	assert_int_equal(stats_get(part, STAT_BORN), 1); /* which tells the whole */
	d.section = NULL;
	stats_count(&d, STAT_BORN, 1);
	assert_int_equal(stats_get(part, STAT_BORN), 1);
	assert_int_equal(stats_get(whole, STAT_BORN), 2);
	group = (struct group){ .stats = whole }; /* the only one */
	stats_count(&d, STAT_BORN, 1);
	assert_int_equal(stats_get(whole, STAT_BORN), 3);
	stats_free(part);
	stats_free(whole);
}

static void run_for(struct stats *s, int64_t time)
{
	struct delivery d = { 0 };

	stats_began(s, &d, NULL);
	d.since -= time;
	stats_ended(s, &d, NULL);
}

/* Of one hour and three the mean is two, and the variance one. */
static void a_snapshot_says_how_much_attempts_differ(void **state)
{
	const int64_t hour = INT64_C(3600000000000);
	struct stats *s = stats_new(true, 1);
	struct snapshot snap;

	(void)state;
	stats_read(s, &snap);
	assert_float_equal(snap.variation, 0, 0);
	assert_int_equal(snap.median, 0);
	run_for(s, 3 * hour);
	stats_read(s, &snap);
	assert_float_equal(snap.variation, 0, 0.001);
	run_for(s, hour);
	stats_read(s, &snap);
	assert_float_equal(snap.variation, 0.25, 0.001);
	for (int i = 0; i < 3; i++)
		stats_runtime(s, hour);
	stats_read(s, &snap);
	assert_int_equal(snap.median, stats_median(s));
	stats_free(s);
}

static void what_was_not_read_was_not_run(void **state)
{
	struct snapshot s = { .count = { [STAT_OVER] = 4, [STAT_UNBORN] = 1, [STAT_RELEASED] = 3 } };

	(void)state;
	assert_int_equal(snapshot_not_run(&s), 3); /* of how many nobody knows */
	s.total = 100;
	assert_int_equal(snapshot_not_run(&s), 95);
	s.estimated = true;
	assert_int_equal(snapshot_not_run(&s), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_part_tells_the_whole_and_is_as_old),
		cmocka_unit_test(what_no_group_may_have_is_counted_for_all),
		cmocka_unit_test(the_median_is_within_2_percent),
		cmocka_unit_test(every_runtime_of_its_own_has_a_median_near_it),
		cmocka_unit_test(the_median_is_unknown_until_three_are_known),
		cmocka_unit_test(a_clock_that_went_back_counts_as_nothing),
		cmocka_unit_test(a_snapshot_has_every_counter_and_nothing_else),
		cmocka_unit_test(a_share_of_the_median_is_a_limit_of_a_tenth_of_a_second_at_least),
		cmocka_unit_test(percentiles_and_the_median_are_of_the_same_runtimes),
		cmocka_unit_test(a_back_off_is_no_waiting),
		cmocka_unit_test(what_runs_is_under_way_and_what_has_ended_was_busy),
		cmocka_unit_test(what_overlaps_at_one_worker_counts_once),
		cmocka_unit_test(who_waits_for_a_turn_waits),
		cmocka_unit_test(the_first_start_of_a_worker_is_no_items_time),
		cmocka_unit_test(times_cost_nothing_where_nobody_asks),
		cmocka_unit_test(a_snapshot_says_how_much_attempts_differ),
		cmocka_unit_test(what_was_not_read_was_not_run),
		cmocka_unit_test(threads_count_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
