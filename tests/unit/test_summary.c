/* What --summary says, from what was counted and measured. */
#include "unit.h"

#include <string.h>

#include "base/buf.h"
#include "stats.h"
#include "view/summary.h"

#define S INT64_C(1000000000)
#define MS INT64_C(1000000)

static void assert_summary(const struct snapshot *s, const struct measures *m, const char *expected)
{
	struct buf text = { 0 };

	summary_text(&text, s, m);
	assert_string_equal(buf_str(&text), expected);
	buf_free(&text);
}

/* The last line alone. */
static void assert_needed(const struct snapshot *s, const struct measures *m, const char *expected)
{
	struct buf text = { 0 };
	const char *line;

	summary_text(&text, s, m);
	line = strstr(buf_str(&text), "needed   ");
	assert_non_null(line);
	assert_string_equal(line + strlen("needed   "), expected);
	buf_free(&text);
}

static void it_says_everything(void **state)
{
	const struct snapshot s = { .count = { [STAT_BORN] = 1005, [STAT_SUCCEEDED] = 1000,
		[STAT_FAILED] = 3, [STAT_RETRIED] = 4, [STAT_RELEASED] = 2, [STAT_DROPPED] = 7,
		[STAT_SEEN] = 8, [STAT_LEFT_OUT] = 9 },
		.elapsed = 10 * S, .busy = 75 * S, .wanted = 80 * S, .size = 64 };
	const struct measures m = { .waited = { 1009, 5 * MS, 20 * MS, 99 * MS, 2 * S },
		.ran = { 1009, 75500 * MS / 1000, 90 * MS, 61 * S, 7300 * S },
		.arriving = 10 * S, .held = 9 * S, .deepest = 56 };

	(void)state;
	assert_summary(&s, &m,
		"jobs     1000 done, 3 failed, 4 tried again, 7 dropped (--overflow), "
		"8 dropped (--unique), 9 dropped (-e), 2 stopped or not run\n"
		"time     10.0 s, 100 a second\n"
		"runtime  p50 75.5 ms, p90 90.0 ms, p99 1m01s, max 2h01m\n"
		"waiting  p50 5.00 ms, p90 20.0 ms, p99 99.0 ms, max 2.00 s\n"
		"queue    56 of 64 at most\n"
		"workers  94% busy of 8\n"
		"needed   at least 7.51 for at least 100 a second of 74.8 ms; the input was held "
		"back: more workers would have been busy\n");
}

static void of_nothing_there_is_little_to_say(void **state)
{
	const struct snapshot s = { .elapsed = 1500, .wanted = 3000, .size = 64 };
	const struct measures m = { 0 };

	(void)state;
	assert_summary(&s, &m, "jobs     0 done, 0 failed\ntime     1.50 us, 0.00 a second\n"
		"queue    0 of 64 at most\nworkers  0% busy of 2\n");
}

static void a_run_without_time_divides_by_nothing(void **state)
{
	const struct snapshot s = { .count = { [STAT_BORN] = 3, [STAT_SUCCEEDED] = 3 },
		.busy = 5 };
	const struct measures m = { 0 };

	(void)state;
	assert_summary(&s, &m, "jobs     3 done, 0 failed\ntime     0.00 ns\n"
		"queue    0 of 0 at most\n");
}

/* 100 items, each of which took a worker one second; ten seconds passed. */
static void the_load_is_compared_with_the_workers_there_were(void **state)
{
	static const struct {
		int64_t arriving, held, workers;
		const char *line;
	} rows[] = {
		{ 10, 0, 20, "10.0 for 10.0 a second of 1.00 s: fewer would do\n" },
		{ 10, 0, 11, "10.0 for 10.0 a second of 1.00 s: fewer would do\n" },
		{ 10, 0, 10, "10.0 for 10.0 a second of 1.00 s\n" },
		{ 5, 0, 10, "20.0 for 20.0 a second of 1.00 s: more than there were\n" },
		{ 10, 5, 10, "at least 10.0 for at least 10.0 a second of 1.00 s; the input was held "
			"back: more workers would have been busy\n" },
		{ 10, 5, 20, "at least 10.0 for at least 10.0 a second of 1.00 s; the input was held "
			"back, but not by the workers\n" },
		{ 0, 0, 10, "unknown: the input came all at once\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct snapshot s = { .count = { [STAT_BORN] = 100, [STAT_SUCCEEDED] = 99,
			[STAT_FAILED] = 1 }, .elapsed = 10 * S, .busy = 100 * S,
			.wanted = rows[i].workers * 10 * S };
		const struct measures m = { .arriving = rows[i].arriving * S,
			.held = rows[i].held * S };

		assert_needed(&s, &m, rows[i].line);
	}
}

/* What comes into a queue is others' work, too; of it 100 items were done here. */
static void what_comes_into_a_queue_says_how_many_consumers_it_needs(void **state)
{
	static const struct {
		uint64_t came;
		int64_t workers;
		const char *line;
	} rows[] = {
		{ 100, 10, "10.0 for 10.0 a second that were put into the queue, of 1.00 s: 1 such "
			"consumer, of 10 workers, would do\n" },
		{ 1200, 50, "120 for 120 a second that were put into the queue, of 1.00 s: 3 such "
			"consumers, of 50 workers\n" },
		{ 101, 10, "10.1 for 10.1 a second that were put into the queue, of 1.00 s: 2 such "
			"consumers, of 10 workers\n" },
		{ 1, 8, "0.10 for 0.10 a second that were put into the queue, of 1.00 s: 1 such "
			"consumer, of 8 workers, would do\n" },
		{ 0, 10, "unknown: nothing was put into the queue meanwhile\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct snapshot s = { .count = { [STAT_BORN] = 100, [STAT_SUCCEEDED] = 100 },
			.elapsed = 10 * S, .busy = 100 * S, .wanted = rows[i].workers * 10 * S };
		const struct measures m = { .arriving = 10 * S, .held = 9 * S, .shared = true,
			.came = rows[i].came };

		assert_needed(&s, &m, rows[i].line);
	}
}

static void one_item_has_no_rate(void **state)
{
	const struct snapshot s = { .count = { [STAT_BORN] = 1, [STAT_SUCCEEDED] = 1 },
		.elapsed = 10 * S, .busy = S, .wanted = 20 * S };
	const struct measures m = { .arriving = 9 * S };

	(void)state;
	assert_needed(&s, &m, "unknown: the input came all at once\n");
}

static void workers_that_came_and_went_are_averaged(void **state)
{
	const struct snapshot s = { .elapsed = 10 * S, .wanted = 35 * S, .busy = 7 * S };
	const struct measures m = { 0 };
	struct buf text = { 0 };

	(void)state;
	summary_text(&text, &s, &m);
	assert_non_null(strstr(buf_str(&text), "workers  20% busy of 3.5\n"));
	buf_free(&text);
}

static void each_section_has_its_own_lines(void **state)
{
	const struct snapshot named = { .name = "audit", .named = true, .size = 64,
		.count = { [STAT_SUCCEEDED] = 5, [STAT_FAILED] = 1, [STAT_DROPPED] = 2 },
		.elapsed = 10 * S, .busy = 5 * S, .wanted = 20 * S };
	const struct snapshot shared = { .name = "2", .count = { [STAT_SUCCEEDED] = 3 } };
	const struct measures m = { .waited = { 6, MS, MS, MS, MS }, .ran = { 6, S, S, S, S },
		.deepest = 7 };
	struct buf text = { 0 };

	(void)state;
	summary_group(&text, &named, &m, "more     1\n");
	assert_string_equal(buf_str(&text), "audit: jobs     5 done, 1 failed, 2 dropped (--overflow)\n"
		"audit: runtime  p50 1.00 s, p90 1.00 s, p99 1.00 s, max 1.00 s\n"
		"audit: waiting  p50 1.00 ms, p90 1.00 ms, p99 1.00 ms, max 1.00 ms\n"
		"audit: queue    7 of 64 at most\n"
		"audit: workers  25% busy of 2\naudit: more     1\n");
	buf_clear(&text);
	summary_group(&text, &shared, &(struct measures){ 0 }, "");
	assert_string_equal(buf_str(&text), "section 2: jobs     3 done, 0 failed\n");
	buf_free(&text);
}

static void the_queues_of_sections_are_told_with_them(void **state)
{
	const struct snapshot own = { .size = 64 }, shared = { 0 };
	struct snapshot s = { .groups = &own, .ngroups = 2, .size = 128 };
	const struct measures m = { .deepest = 70 };

	(void)state;
	assert_summary(&s, &m, "jobs     0 done, 0 failed\ntime     0.00 ns\n");
	s.groups = &shared;
	s.ngroups = 1;
	assert_summary(&s, &m, "jobs     0 done, 0 failed\ntime     0.00 ns\n"
		"queue    70 of 128 at most\n");
}

static void the_section_whose_workers_held_all_back_is_named(void **state)
{
	struct snapshot groups[2] = { { .name = "1", .busy = S, .wanted = 20 * S },
		{ .name = "audit", .named = true, .busy = 10 * S, .wanted = 10 * S } };
	const struct snapshot s = { .count = { [STAT_BORN] = 100, [STAT_SUCCEEDED] = 100 },
		.elapsed = 10 * S, .busy = 11 * S, .wanted = 30 * S, .groups = groups, .ngroups = 2 };
	const struct measures m = { .arriving = 10 * S, .held = 9 * S };

	(void)state;
	assert_needed(&s, &m, "at least 1.10 for at least 10.0 a second of 110 ms; the input was held "
		"back: more workers of audit would have been busy\n");
	groups[1].busy = S;
	assert_needed(&s, &m, "at least 1.10 for at least 10.0 a second of 110 ms; the input was held "
		"back, but not by the workers\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_says_everything),
		cmocka_unit_test(of_nothing_there_is_little_to_say),
		cmocka_unit_test(a_run_without_time_divides_by_nothing),
		cmocka_unit_test(the_load_is_compared_with_the_workers_there_were),
		cmocka_unit_test(what_comes_into_a_queue_says_how_many_consumers_it_needs),
		cmocka_unit_test(one_item_has_no_rate),
		cmocka_unit_test(workers_that_came_and_went_are_averaged),
		cmocka_unit_test(each_section_has_its_own_lines),
		cmocka_unit_test(the_queues_of_sections_are_told_with_them),
		cmocka_unit_test(the_section_whose_workers_held_all_back_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
