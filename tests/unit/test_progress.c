/* The progress line at every width. */
#include "unit.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "stats.h"
#include "view/progress.h"

enum { ROUNDS = 400, WIDEST = 1000 };

static void assert_line(const struct snapshot *snap, double rate, size_t columns,
	const char *expected)
{
	struct buf line = { 0 };

	progress_line(&line, snap, rate, columns);
	assert_string_equal(buf_str(&line), expected);
	assert_true(line.len <= columns);
	buf_free(&line);
}

/* In the middle of a long list, with trouble. */
static const struct snapshot busy = {
	.count = { [STAT_BORN] = 1300, [STAT_SETTLED] = 1234, [STAT_SUCCEEDED] = 1231,
		[STAT_FAILED] = 3, [STAT_RETRYING] = 2, [STAT_RUNNING] = 8 },
	.depth = 32, .size = 64, .total = 10000,
};

static void wide_enough_it_says_everything(void **state)
{
	(void)state;
	assert_line(&busy, 17.4, WIDEST, "1234 of 10000 done (12%)  3 failed  2 retrying  "
		"8 running  queue [#####.....] 32/64  8700 to read  17/s  ETA 8m24s");
}

static void what_matters_most_is_left_when_there_is_less_room(void **state)
{
	static const struct {
		size_t columns;
		const char *line;
	} rows[] = {
		{ 0, "" },
		{ 1, "" },
		{ 2, "3f" },
		{ 3, "12%" },
		{ 6, "12%" },
		{ 7, "12%  3f" },
		{ 9, "12%  3f" },
		{ 10, "1234/10000" },
		{ 13, "1234/10000" },
		{ 14, "1234/10000  3f" },
		{ 18, "1234/10000  q32/64" },
		{ 24, "1234 of 10000 done (12%)" },
		{ 32, "1234 of 10000 done (12%)  q32/64" },
		{ 53, "1234 of 10000 done (12%)  queue [#####.....] 32/64" },
		{ 54, "1234 of 10000 done (12%)  3f  queue [#####.....] 32/64" },
		{ 80, "1234 of 10000 done (12%)  3 failed  8 running  "
			"queue [#####.....] 32/64  17/s" },
		{ 87, "1234 of 10000 done (12%)  3 failed  8 running  "
			"queue [#####.....] 32/64  17/s  8m24s" },
		{ 88, "1234 of 10000 done (12%)  3 failed  8 running  "
			"queue [#####.....] 32/64  17/s  ETA 8m24s" },
		{ 200, "1234 of 10000 done (12%)  3 failed  2 retrying  8 running  "
			"queue [#####.....] 32/64  8700 to read  17/s  ETA 8m24s" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_line(&busy, 17.4, rows[i].columns, rows[i].line);
}

static void without_a_total_there_is_no_share_and_no_end(void **state)
{
	struct snapshot s = busy;

	(void)state;
	s.total = 0;
	s.count[STAT_RETRYING] = 0;
	assert_line(&s, 2.3, WIDEST,
		"1234 done  3 failed  8 running  queue [#####.....] 32/64  2.3/s");
	assert_line(&s, 2.3, 4, "1234");
}

static void an_estimate_says_so_and_has_no_backlog(void **state)
{
	struct snapshot s = busy;

	(void)state;
	s.estimated = true;
	s.count[STAT_RETRYING] = 0;
	assert_line(&s, 100, WIDEST, "1234 of about 10000 done (12%)  3 failed  8 running  "
		"queue [#####.....] 32/64  100/s  ETA 1m28s");
}

static void what_was_dropped_counts_as_over(void **state)
{
	struct snapshot s = { .count = { [STAT_BORN] = 70, [STAT_SETTLED] = 60, [STAT_SUCCEEDED] = 55,
		[STAT_FAILED] = 5, [STAT_DROPPED] = 10, [STAT_SEEN] = 4, [STAT_LEFT_OUT] = 6,
		[STAT_UNBORN] = 20, [STAT_RUNNING] = 2 }, .depth = 8, .size = 64, .total = 100 };

	(void)state;
	assert_line(&s, 2, WIDEST, "80 of 100 done (80%)  5 failed  20 dropped  2 running  "
		"queue [##........] 8/64  10 to read  2.0/s  ETA 10s");
	/* At the end; ten of the dropped had been born. */
	s.count[STAT_SUCCEEDED] = 75;
	s.count[STAT_BORN] = s.count[STAT_SETTLED] = 90;
	s.count[STAT_UNBORN] = 10;
	s.count[STAT_RUNNING] = 0;
	s.depth = 0;
	assert_line(&s, 2, WIDEST, "100 of 100 done (100%)  5 failed  20 dropped  0 running  "
		"queue [..........] 0/64  2.0/s");
}

static void at_the_beginning_there_is_no_rate(void **state)
{
	const struct snapshot start = { .size = 64 };

	(void)state;
	assert_line(&start, 0, WIDEST, "0 done  0 failed  0 running  queue [..........] 0/64");
	assert_line(&start, 0, 6, "0 done");
	assert_line(&start, 0, 5, "0  0f"); /* few columns, and still a word on trouble */
	assert_line(&start, 0, 1, "0");
}

static void the_bar_shows_how_full_the_queue_is(void **state)
{
	static const struct {
		uint64_t depth, size;
		const char *queue;
	} rows[] = {
		{ 0, 100, "queue [..........] 0/100" },
		{ 1, 100, "queue [#.........] 1/100" }, /* one that waits is seen */
		{ 10, 100, "queue [#.........] 10/100" },
		{ 11, 100, "queue [##........] 11/100" },
		{ 90, 100, "queue [#########.] 90/100" },
		{ 91, 100, "queue [##########] 91/100" },
		{ 100, 100, "queue [##########] 100/100" },
		{ 120, 100, "queue [##########] 120/100" },
		{ 1, 1, "queue [##########] 1/1" },
		{ 0, 0, "queue [..........] 0/0" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct snapshot s = { .depth = rows[i].depth, .size = rows[i].size };
		struct buf line = { 0 };

		progress_line(&line, &s, 0, WIDEST);
		assert_non_null(strstr(buf_str(&line), rows[i].queue));
		buf_free(&line);
	}
}

static void the_time_left_has_a_unit(void **state)
{
	static const struct {
		uint64_t total;
		double rate;
		const char *end;
	} rows[] = {
		{ 101, 10, "  ETA 0s" }, { 159, 1, "  ETA 59s" }, { 160, 1, "  ETA 1m00s" },
		{ 3699, 1, "  ETA 59m59s" }, { 3700, 1, "  ETA 1h00m" },
		{ 100 + 36000, 0.1, "  ETA 100h00m" }, { 99, 1, "1.0/s" }, { 100, 1, "1.0/s" },
		{ 200, 0, "0.0/s" }, { UINT64_MAX, 0.001, "  ETA 27777h46m" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct snapshot s = { .count = { [STAT_SETTLED] = 100, [STAT_BORN] = 100 },
			.size = 1, .total = rows[i].total };
		struct buf line = { 0 };
		size_t len = strlen(rows[i].end);

		progress_line(&line, &s, rows[i].rate, WIDEST);
		assert_true(line.len > len);
		assert_string_equal(buf_str(&line) + line.len - len, rows[i].end);
		buf_free(&line);
	}
}

static int64_t some_number(uint32_t *random)
{
	uint64_t v = (uint64_t)unit_random(random) << 32 | unit_random(random);

	return (int64_t)(v >> (1 + unit_below(random, 63)));
}

static void it_is_never_longer_than_asked(void **state)
{
	static const size_t usual[] = { 0, 1, 10, 20, 80, 200, 1000 };
	uint32_t random = unit_seed(7);

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct snapshot s = { .depth = (uint64_t)some_number(&random),
			.size = (uint64_t)some_number(&random), .estimated = round % 2 };
		double rate = (double)some_number(&random) / 1000;
		struct buf line = { 0 };
		size_t before = 0;

		for (int i = 0; i < STATS; i++)
			s.count[i] = some_number(&random);
		s.total = round % 3 ? (uint64_t)s.count[STAT_SETTLED]
			+ (uint64_t)some_number(&random) : 0;
		for (size_t columns = 0; columns < 260; columns++) {
			buf_clear(&line);
			progress_line(&line, &s, rate, columns);
			assert_true(line.len <= columns);
		}
		for (size_t i = 0; i < COUNT(usual); i++) {
			buf_clear(&line);
			buf_adds(&line, "before"); /* it is appended */
			progress_line(&line, &s, rate, usual[i]);
			assert_true(line.len - 6 <= usual[i] && line.len >= before);
			before = usual[i] >= 80 ? line.len : 0;
			for (size_t k = 0; k < line.len; k++)
				assert_in_range((unsigned char)line.data[k], 0x20, 0x7e);
		}
		buf_free(&line);
	}
}

static void assert_json(const struct snapshot *snap, double rate, const char *expected)
{
	struct buf line = { 0 };

	progress_json(&line, snap, rate);
	assert_string_equal(buf_str(&line), expected);
	buf_free(&line);
}

static void as_json_it_has_all_numbers(void **state)
{
	struct snapshot s = busy;

	(void)state;
	s.elapsed = 61500 * (CLOCK_SECOND / 1000);
	assert_json(&s, 17.5, "{\"elapsed\":61.500,\"done\":1231,\"failed\":3,\"dropped\":0,"
		"\"retrying\":2,\"running\":8,\"depth\":32,\"size\":64,\"born\":1300,\"total\":10000,"
		"\"rate\":17.500,\"eta\":500.9}\n");
	s.estimated = true;
	s.total = 0;
	assert_json(&s, 0, "{\"elapsed\":61.500,\"done\":1231,\"failed\":3,\"dropped\":0,"
		"\"retrying\":2,\"running\":8,\"depth\":32,\"size\":64,\"born\":1300,\"total\":null,"
		"\"rate\":0.000,\"eta\":null}\n");
	s.total = 20000;
	assert_json(&s, 0, "{\"elapsed\":61.500,\"done\":1231,\"failed\":3,\"dropped\":0,"
		"\"retrying\":2,\"running\":8,\"depth\":32,\"size\":64,\"born\":1300,\"total\":20000,"
		"\"estimated\":true,\"rate\":0.000,\"eta\":null}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_json_it_has_all_numbers),
		cmocka_unit_test(wide_enough_it_says_everything),
		cmocka_unit_test(what_matters_most_is_left_when_there_is_less_room),
		cmocka_unit_test(without_a_total_there_is_no_share_and_no_end),
		cmocka_unit_test(an_estimate_says_so_and_has_no_backlog),
		cmocka_unit_test(what_was_dropped_counts_as_over),
		cmocka_unit_test(at_the_beginning_there_is_no_rate),
		cmocka_unit_test(the_bar_shows_how_full_the_queue_is),
		cmocka_unit_test(the_time_left_has_a_unit),
		cmocka_unit_test(it_is_never_longer_than_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
