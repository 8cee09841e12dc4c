/* The timeline's lanes and bins, and how many there were at a time. */
#include "unit.h"

#include <string.h>

#include "view/flow.h"
#include "view/timeline.h"

enum { MOST = 400 };

#define MS INT64_C(1000000)

static void ran(struct timeline *t, unsigned slot, int64_t from, int64_t to, enum timeline_end end)
{
	static uint64_t number;
	char *name = timeline_names(t, to - from) ? strdup("name") : NULL;

	timeline_add(t, &(struct timeline_job){ .slot = slot, .from = from, .to = to, .end = end,
		.number = ++number, .name = name });
}

static void up_to_a_limit_each_attempt_is_kept(void **state)
{
	struct timeline t;

	(void)state;
	timeline_init(&t, 1);
	for (int i = 0; i < TIMELINE_EXACT; i++)
		ran(&t, 1, i * MS, (i + 1) * MS, TIMELINE_DONE);
	assert_non_null(t.jobs);
	assert_int_equal(t.njobs, TIMELINE_EXACT);
	assert_int_equal(t.jobs[7].from, 7 * MS);
	ran(&t, 1, TIMELINE_EXACT * MS, TIMELINE_EXACT * MS + 1, TIMELINE_DONE);
	assert_null(t.jobs);
	assert_int_equal(t.pools[0].lanes[0].count[TIMELINE_DONE], TIMELINE_EXACT + 1);
	timeline_free(&t);
}

/* What ran in all bins together, however wide they have become, is what ran. */
static void bins_lose_nothing_when_they_widen(void **state)
{
	struct timeline_bin bins[TIMELINE_BINS];
	uint32_t random = unit_seed(1);
	int64_t at[3] = { 0 }, busy[3] = { 0 }, end = 0, width;
	uint64_t failed[3] = { 0 };
	struct timeline t;

	(void)state;
	timeline_init(&t, 1);
	for (int i = 0; i < 3 * TIMELINE_EXACT; i++) {
		unsigned slot = unit_below(&random, 3);
		int64_t from = at[slot] + unit_below(&random, 2 * MS);
		int64_t to = from + unit_below(&random, i % 1000 ? MS : 300 * MS);
		bool fails = unit_below(&random, 10) == 0;

		ran(&t, slot + 1, from, to, fails ? TIMELINE_FAILED : TIMELINE_DONE);
		at[slot] = to;
		busy[slot] += to - from;
		failed[slot] += fails;
		end = to > end ? to : end;
	}
	for (int i = 0; i < 3; i++) {
		for (size_t most = TIMELINE_BINS; most >= 1; most /= 4) {
			size_t n = timeline_read(&t, &t.pools[0].lanes[i], end, most, bins, &width);
			int64_t sum = 0, longest = 0;
			uint64_t jobs = 0;

			assert_in_range(n, 1, most);
			assert_true(width * (int64_t)n >= end);
			for (size_t k = 0; k < n; k++) {
				assert_true(bins[k].busy[TIMELINE_DONE]
					+ bins[k].busy[TIMELINE_FAILED] <= width);
				sum += bins[k].busy[TIMELINE_DONE] + bins[k].busy[TIMELINE_FAILED];
				jobs += bins[k].failed;
				longest = bins[k].longest > longest ? bins[k].longest : longest;
			}
			assert_int_equal(sum, busy[i]);
			assert_int_equal(sum, t.pools[0].lanes[i].busy);
			assert_int_equal(jobs, failed[i]);
			assert_true(longest <= t.longest.to - t.longest.from);
		}
	}
	timeline_free(&t);
}

static void a_lane_knows_its_longest_gap(void **state)
{
	const struct timeline_lane *lane;
	struct timeline t;

	(void)state;
	timeline_init(&t, 1);
	ran(&t, 2, 2 * MS, 3 * MS, TIMELINE_DONE);
	ran(&t, 2, 8 * MS, 9 * MS, TIMELINE_DONE);
	lane = &t.pools[0].lanes[1];
	assert_int_equal(lane->gap, 5 * MS);
	assert_int_equal(lane->gap_from, 3 * MS);
	timeline_finish(&t, 20 * MS);
	assert_int_equal(lane->gap, 11 * MS);
	assert_int_equal(lane->gap_from, 9 * MS);
	assert_int_equal(t.pools[0].lanes[0].gap, 20 * MS); /* it never had any */
	timeline_free(&t);
}

static void attempts_of_a_lane_that_overlap_are_clipped(void **state)
{
	struct timeline t;

	(void)state;
	timeline_init(&t, 1);
	ran(&t, 1, 0, 5 * MS, TIMELINE_DONE);
	ran(&t, 1, 1 * MS, 7 * MS, TIMELINE_DONE);
	ran(&t, 1, 2 * MS, 6 * MS, TIMELINE_DONE);
	assert_int_equal(t.jobs[1].from, 5 * MS);
	assert_int_equal(t.jobs[2].from, 7 * MS);
	assert_int_equal(t.jobs[2].to, 7 * MS);
	assert_int_equal(t.pools[0].lanes[0].busy, 7 * MS);
	timeline_free(&t);
}

static void the_longest_is_known_by_name_also_when_all_are_merged(void **state)
{
	struct timeline t;

	(void)state;
	timeline_init(&t, 1);
	for (int i = 0; i < 2 * TIMELINE_EXACT; i++)
		ran(&t, 1, i * MS, (i + 1) * MS - (i != 7777), TIMELINE_DONE);
	assert_null(t.jobs);
	assert_int_equal(t.longest.from, 7777 * MS);
	assert_string_equal(t.longest.name, "name");
	timeline_free(&t);
}

static void of_many_lanes_each_pool_has_some_that_are_drawn(void **state)
{
	struct timeline t;

	(void)state;
	timeline_init(&t, 2);
	timeline_add(&t, &(struct timeline_job){ .pool = 1, .slot = 1000, .to = MS });
	timeline_add(&t, &(struct timeline_job){ .pool = 0, .slot = 3, .to = MS });
	assert_true(t.pools[0].lanes[2].drawn);
	assert_true(t.pools[1].lanes[31].drawn);
	assert_false(t.pools[1].lanes[32].drawn);
	assert_false(t.pools[1].lanes[999].drawn);
	assert_int_equal(t.pools[1].lanes[999].busy, MS);
	timeline_free(&t);
}

/* --- flow ------------------------------------------------------------------ */

static void the_mean_of_each_bin_is_exact(void **state)
{
	static int64_t from[MOST], to[MOST];
	uint32_t random = unit_seed(2);
	double mean[FLOW_BINS];
	int64_t end = 0;
	struct flow f;
	size_t n;

	(void)state;
	flow_init(&f);
	for (int i = 0; i < MOST; i++) {
		from[i] = (int64_t)unit_below(&random, 1000 + (uint32_t)i * 10) * MS / 7;
		to[i] = from[i] + (int64_t)unit_below(&random, 1 + (uint32_t)i * 3) * MS / 5;
		flow_add(&f, from[i], to[i]);
		end = to[i] > end ? to[i] : end;
	}
	n = flow_read(&f, end, mean);
	assert_in_range(n, FLOW_BINS / 2, FLOW_BINS);
	for (size_t k = 0; k < n; k++) {
		int64_t begin = f.width * (int64_t)k, until = begin + f.width;
		double sum = 0;

		until = until < end ? until : end;
		for (int i = 0; i < MOST; i++) {
			int64_t a = from[i] > begin ? from[i] : begin, b = to[i] < until ? to[i] : until;

			sum += b > a ? (double)(b - a) : 0;
		}
		sum /= (double)(until - begin);
		assert_true(mean[k] > sum - 1e-6 && mean[k] < sum + 1e-6);
	}
}

static void what_is_spread_is_the_same_in_all_bins_that_it_covers(void **state)
{
	double mean[FLOW_BINS];
	struct flow f;
	size_t n;

	(void)state;
	flow_init(&f);
	flow_spread(&f, 0, 1000 * MS, 250 * MS);
	flow_spread(&f, 1000 * MS, 2000 * MS, 1000 * MS);
	n = flow_read(&f, 2000 * MS, mean);
	for (size_t k = 0; k < n; k++) {
		double share = f.width * (int64_t)(k + 1) <= 1000 * MS ? 0.25
			: f.width * (int64_t)k >= 1000 * MS ? 1 : mean[k];

		assert_true(mean[k] > share - 1e-6 && mean[k] < share + 1e-6);
	}
}

static void what_takes_no_time_is_not_there(void **state)
{
	double mean[FLOW_BINS];
	struct flow f;

	(void)state;
	flow_init(&f);
	flow_add(&f, 5, 5);
	flow_add(&f, -9, -3);
	flow_spread(&f, 7, 7, 100);
	assert_int_equal(flow_read(&f, 0, mean), 0);
	assert_int_equal(flow_read(&f, 1000, mean), 1);
	assert_true(mean[0] >= 0 && mean[0] <= 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(up_to_a_limit_each_attempt_is_kept),
		cmocka_unit_test(bins_lose_nothing_when_they_widen),
		cmocka_unit_test(a_lane_knows_its_longest_gap),
		cmocka_unit_test(attempts_of_a_lane_that_overlap_are_clipped),
		cmocka_unit_test(the_longest_is_known_by_name_also_when_all_are_merged),
		cmocka_unit_test(of_many_lanes_each_pool_has_some_that_are_drawn),
		cmocka_unit_test(the_mean_of_each_bin_is_exact),
		cmocka_unit_test(what_is_spread_is_the_same_in_all_bins_that_it_covers),
		cmocka_unit_test(what_takes_no_time_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
