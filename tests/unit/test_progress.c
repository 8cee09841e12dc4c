/* The progress line at every width. */
#include "unit.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "stats.h"
#include "view/progress_eta.h"
#include "view/progress_line.h"

enum { ROUNDS = 400, WIDEST = 1000 };

static struct progress_state state_of(const struct snapshot *snap, double rate)
{
	return (struct progress_state){ .snap = snap, .rate = rate, .bytes_rate = 3e6,
		.left = eta_run(snap, NULL, 0) };
}

static void put_line(struct buf *line, const struct snapshot *snap, double rate, size_t columns)
{
	struct progress_state state = state_of(snap, rate);

	progress_line(line, &state, columns);
}

static void put_json(struct buf *line, const struct snapshot *snap, double rate)
{
	struct progress_state state = state_of(snap, rate);

	progress_json(line, &state);
}

static void assert_line(const struct snapshot *snap, double rate, size_t columns,
	const char *expected)
{
	struct buf line = { 0 };

	put_line(&line, snap, rate, columns);
	assert_string_equal(buf_str(&line), expected);
	assert_true(line.len <= columns);
	buf_free(&line);
}

/* In the middle of a long list, with trouble. */
static const struct snapshot busy = {
	.count = { [STAT_BORN] = 1300, [STAT_SETTLED] = 1200, [STAT_SUCCEEDED] = 1231,
		[STAT_FAILED] = 3, [STAT_OVER] = 1234, [STAT_RETRYING] = 2, [STAT_RUNNING] = 8 },
	.elapsed = 72 * CLOCK_SECOND, .depth = 32, .size = 64, .total = 10000,
	/* A tenth of a second for each, and all 8 workers at work all the time. */
	.busy = 1234 * (CLOCK_SECOND / 10), .wanted = 1234 * (CLOCK_SECOND / 10), .workers = 8,
};

static void wide_enough_it_says_everything(void **state)
{
	(void)state;
	assert_line(&busy, 17.4, WIDEST, "[##........] 12%  1231 of 10000 done  3 failed  "
		"2 retrying  8 running  queue 32/64  8700 to read  17/s  1m12s elapsed  ETA 1m50s");
}

static void what_waits_in_queues_of_others_is_beside_what_waits_here(void **state)
{
	struct snapshot s = busy;
	struct buf line = { 0 };

	(void)state;
	s.total = 0;
	s.leased = true;
	s.backlog = 4711;
	assert_line(&s, 17.4, WIDEST, "1231 done  3 failed  2 retrying  8 running  "
		"queue [#####.....] 32/64  4711 to claim  17/s  1m12s elapsed");
	assert_line(&s, 17.4, 62, "1231 done  3 failed  8 running  4711 to claim  1m12s elapsed");
	put_json(&line, &s, 17.4);
	assert_non_null(strstr(buf_str(&line), ",\"backlog\":4711,"));
	buf_clear(&line);
	put_json(&line, &busy, 17.4);
	assert_null(strstr(buf_str(&line), "backlog"));
	buf_free(&line);
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
		{ 7, "12%  3f" },
		{ 9, "12%  1231" },
		{ 14, "12%  1231  3f" },
		{ 20, "12%  1231/10000  3f" },
		{ 22, "12%  1231/10000  3f" },
		{ 40, "12%  1231 of 10000 done  3 failed  1m50s" },
		{ 57, "12%  1231 of 10000 done  3 failed  8 running  ETA 1m50s" },
		{ 60, "[##........] 12%  1231 of 10000 done  3 failed  ETA 1m50s" },
		{ 80, "[##........] 12%  1231 of 10000 done  3 failed  2r  8 running  1m12s  "
			"ETA 1m50s" },
		{ 100, "[##........] 12%  1231 of 10000 done  3 failed  2 retrying  8 running  "
			"1m12s elapsed  ETA 1m50s" },
		{ 200, "[##........] 12%  1231 of 10000 done  3 failed  2 retrying  8 running  "
			"queue 32/64  8700 to read  17/s  1m12s elapsed  ETA 1m50s" },
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
		"1231 done  3 failed  8 running  queue [#####.....] 32/64  2.3/s  1m12s elapsed");
	assert_line(&s, 2.3, 4, "1231");
}

static void an_estimate_says_so_and_has_no_backlog(void **state)
{
	struct snapshot s = busy;

	(void)state;
	s.estimated = true;
	s.count[STAT_RETRYING] = 0;
	assert_line(&s, 100, WIDEST, "[##........] 12%  1231 of about 10000 done  3 failed  "
		"8 running  queue 32/64  100/s  1m12s elapsed  ETA 1m50s");
}

static void what_was_dropped_counts_as_over(void **state)
{
	struct snapshot s = { .count = { [STAT_BORN] = 70, [STAT_SUCCEEDED] = 55,
		[STAT_FAILED] = 5, [STAT_OVER] = 60, [STAT_DROPPED] = 10, [STAT_SEEN] = 4,
		[STAT_LEFT_OUT] = 6, [STAT_UNBORN] = 20, [STAT_RUNNING] = 2 },
		.depth = 8, .size = 64, .total = 100 };

	(void)state;
	assert_line(&s, 2, WIDEST, "[########..] 80%  55 of 100 done  5 failed  20 dropped  "
		"2 running  queue 8/64  10 to read  2.0/s  0s elapsed");
	s.total = 60;
	assert_line(&s, 2, 4, "100%");
	/* At the end; ten of the dropped had been born. */
	s.total = 100;
	s.count[STAT_SUCCEEDED] = 75;
	s.count[STAT_BORN] = s.count[STAT_OVER] = 90;
	s.count[STAT_UNBORN] = 10;
	s.count[STAT_RUNNING] = 0;
	s.depth = 0;
	assert_line(&s, 2, WIDEST, "[##########] 100%  75 of 100 done  5 failed  20 dropped  "
		"0 running  queue 0/64  2.0/s  0s elapsed");
}

static void what_failed_is_never_called_done(void **state)
{
	const struct snapshot s = { .count = { [STAT_BORN] = 60, [STAT_FAILED] = 28,
		[STAT_OVER] = 28, [STAT_RUNNING] = 4 }, .size = 64, .total = 60 };

	(void)state;
	assert_line(&s, 2, 60, "[#####.....] 46%  0 of 60 done  28 failed  4 running  0s");
}

/* A job takes several records, so the two cannot be set against each other. */
static void jobs_of_many_records_stand_beside_the_share(void **state)
{
	const struct snapshot s = { .count = { [STAT_BORN] = 500, [STAT_SUCCEEDED] = 4,
		[STAT_OVER] = 400 }, .size = 64, .total = 1000, .apart = true };

	(void)state;
	assert_line(&s, 2, 30, "40%  4 done  0 failed  0r  0s");
}

static void it_says_why_nothing_is_started(void **state)
{
	static const struct {
		enum hold hold;
		const char *text;
	} rows[] = {
		{ HOLD_NONE, "4 retrying  0 running  queue" },
		{ HOLD_RETRY, "4 retrying, next in 6s  0 running  queue" },
		{ HOLD_RATE, "0 running  rate: next in 6s  queue" },
		{ HOLD_DELAY, "0 running  delay: next in 6s  queue" },
		{ HOLD_KEY, "0 running  keys: one at a time  queue" },
		{ HOLD_BREAKER, "0 running  breaker open 6s  queue" },
		{ HOLD_TRIAL, "0 running  breaker: on trial  queue" },
		{ HOLD_LOAD, "0 running  held by --load  queue" },
		{ HOLD_MEMORY, "0 running  held by --memfree  queue" },
		{ HOLD_PAUSED, "0 running  paused  queue" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct snapshot s = { .count = { [STAT_RETRYING] = 4 }, .size = 64,
			.hold = rows[i].hold, .hold_for = 5 * CLOCK_SECOND + CLOCK_SECOND / 3 };
		struct buf line = { 0 };

		put_line(&line, &s, 0, WIDEST);
		assert_non_null(strstr(buf_str(&line), rows[i].text));
		buf_free(&line);
	}
}

static void at_the_beginning_there_is_no_rate(void **state)
{
	const struct snapshot start = { .size = 64 };

	(void)state;
	assert_line(&start, 0, WIDEST,
		"0 done  0 failed  0 running  queue [..........] 0/64  0s elapsed");
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
		{ 91, 100, "queue [#########.] 91/100" }, /* and room for one more as well */
		{ 99, 100, "queue [#########.] 99/100" },
		{ 100, 100, "queue [##########] 100/100" },
		{ 120, 100, "queue [##########] 120/100" },
		{ 1, 1, "queue [##########] 1/1" },
		{ 0, 0, "queue [..........] 0/0" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct snapshot s = { .depth = rows[i].depth, .size = rows[i].size };
		struct buf line = { 0 };

		put_line(&line, &s, 0, WIDEST);
		assert_non_null(strstr(buf_str(&line), rows[i].queue));
		buf_free(&line);
	}
}

/* Jobs of 25 seconds, so many of them, in so many places; after a time all places are at
 * work, or as many as there are jobs left. */
static struct snapshot equal_jobs(int64_t jobs, int64_t places, int64_t after)
{
	int64_t rounds = after / 25, had = after % 25;
	int64_t done = rounds * places < jobs ? rounds * places : jobs;
	int64_t running = jobs - done < places ? jobs - done : places;

	return (struct snapshot){ .count = { [STAT_BORN] = jobs, [STAT_SUCCEEDED] = done,
		[STAT_OVER] = done, [STAT_RUNNING] = running }, .elapsed = after * CLOCK_SECOND,
		.busy = done * 25 * CLOCK_SECOND, .under_way = running * had * CLOCK_SECOND,
		.serving = running,
		.wanted = places * after * CLOCK_SECOND, .workers = (unsigned)places,
		.size = 64, .total = (uint64_t)jobs };
}

/* What the object says of it; below 0 when it is null. */
static double eta_of(const struct snapshot *s)
{
	struct buf line = { 0 };
	const char *eta;
	double n;

	put_json(&line, s, 0);
	eta = strstr(buf_str(&line), "\"eta\":") + strlen("\"eta\":");
	n = *eta == 'n' ? -1 : strtod(eta, NULL);
	buf_free(&line);
	return n;
}

static void few_long_jobs_have_a_time_left_that_can_be_believed(void **state)
{
	static const struct {
		int64_t jobs, places;
	} rows[] = { { 8, 2 }, { 8, 1 }, { 8, 4 }, { 3, 1 }, { 100, 10 }, { 24, 8 } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t end = rows[i].jobs / rows[i].places * 25;

		for (int64_t after = 0; after < 25; after++) {
			struct snapshot s = equal_jobs(rows[i].jobs, rows[i].places, after);

			assert_true(eta_of(&s) < 0);
		}
		for (int64_t after = 25; after <= end; after++) {
			struct snapshot s = equal_jobs(rows[i].jobs, rows[i].places, after);

			assert_float_equal(eta_of(&s), (double)(end - after), 0.051);
		}
	}
}

static void the_last_jobs_are_not_shared_by_workers_that_have_none(void **state)
{
	struct snapshot s = equal_jobs(9, 8, 35); /* one is left, and has had 10 s */

	(void)state;
	assert_float_equal(eta_of(&s), 15, 0.051);
}

/* At one a second, of jobs that take no time, hundreds of workers change nothing. */
static void what_holds_the_workers_up_goes_on_holding_them_up(void **state)
{
	const struct snapshot s = { .count = { [STAT_BORN] = 100, [STAT_SUCCEEDED] = 50,
		[STAT_OVER] = 50 }, .elapsed = 50 * CLOCK_SECOND, .busy = CLOCK_SECOND / 2,
		.wanted = 50 * 400 * CLOCK_SECOND, .workers = 400, .size = 64, .total = 100 };

	(void)state;
	assert_float_equal(eta_of(&s), 50, 0.051);
}

static void a_job_that_takes_much_longer_than_all_before_has_no_end_in_sight(void **state)
{
	struct snapshot s = equal_jobs(9, 8, 35);

	(void)state;
	s.under_way = 26 * CLOCK_SECOND;
	assert_float_equal(eta_of(&s), 0, 0.051);
	s.under_way = 90 * CLOCK_SECOND;
	assert_true(eta_of(&s) < 0);
}

static void a_time_in_which_nothing_can_be_done_is_added(void **state)
{
	struct snapshot s = equal_jobs(8, 2, 50);

	(void)state;
	s.count[STAT_RUNNING] = s.serving = 0;
	s.hold = HOLD_BREAKER;
	s.hold_for = 30 * CLOCK_SECOND;
	assert_float_equal(eta_of(&s), 50 + 30, 0.051);
	s.hold = HOLD_RATE; /* that has been so from the beginning */
	assert_float_equal(eta_of(&s), 50, 0.051);
}

static void assert_has(const struct snapshot *s, const char *part)
{
	struct buf line = { 0 };

	put_line(&line, s, 0, WIDEST);
	if (!strstr(buf_str(&line), part))
		fail_msg("'%s' is not in: %s", part, buf_str(&line));
	buf_free(&line);
}

static void a_rate_that_holds_work_up_is_told_in_its_unit(void **state)
{
	static const struct {
		int64_t interval, wait;
		const char *text;
	} rows[] = {
		{ CLOCK_SECOND / 5, CLOCK_SECOND / 10, "  rate 5/s  queue" },
		{ CLOCK_SECOND / 3, 0, "  rate 3/s  " }, { CLOCK_SECOND, 0, "  rate 1/s  " },
		{ CLOCK_SECOND * 6, 5 * CLOCK_SECOND, "  rate 10/m, next in 5s  " },
		{ CLOCK_SECOND * 3600, 1800 * CLOCK_SECOND, "  rate 1/h, next in 30m00s  " },
		{ CLOCK_SECOND * 43200, 0, "  rate 2/d  " },
		{ 0, CLOCK_SECOND, "  rate: next in 1s  " }, /* one for each key */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct snapshot s = { .size = 64, .hold = HOLD_RATE,
			.interval = rows[i].interval, .hold_for = rows[i].wait };

		assert_has(&s, rows[i].text);
	}
}

static void where_bytes_are_worked_on_they_are_told(void **state)
{
	struct snapshot s = busy;

	(void)state;
	s.by_bytes = true;
	s.bytes = 1234567890;
	assert_has(&s, "  1.2 GB  3.0 MB/s  1m12s elapsed");
	s.bytes_total = 40000000000;
	assert_has(&s, "  1.2 GB of 40 GB  3.0 MB/s  ");
	s.bytes = 999;
	assert_has(&s, "  999 B of 40 GB  ");
	s.bytes = 0; /* of a queue: nobody knows */
	assert_has(&s, "  8700 to read  0.0/s  ");
}

static void the_bar_of_dash_dash_bar_is_there_at_any_width(void **state)
{
	struct progress_state p = state_of(&busy, 1);
	struct buf line = { 0 };

	(void)state;
	p.bar = true;
	progress_line(&line, &p, 24);
	assert_string_equal(buf_str(&line), "[##........] 12%  1231");
	buf_clear(&line);
	progress_line(&line, &p, 10);
	assert_string_equal(buf_str(&line), "12%  1231");
	buf_clear(&line);
	progress_line(&line, &p, 80);
	assert_string_equal(buf_str(&line), "[###.................] 12%  1231 of 10000 done  "
		"3 failed  8 running  ETA 1m50s");
	buf_free(&line);
}

static void the_time_left_of_eta_comes_first_and_is_there_while_unknown(void **state)
{
	struct progress_state p = state_of(&busy, 1);
	struct buf line = { 0 };

	(void)state;
	p.eta = true;
	progress_line(&line, &p, 25);
	assert_string_equal(buf_str(&line), "12%  1231  3f  ETA 1m50s");
	buf_clear(&line);
	p.left = -1;
	progress_line(&line, &p, 60);
	assert_non_null(strstr(buf_str(&line), "  ETA ?"));
	buf_free(&line);
}

static void times_have_a_unit(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} rows[] = {
		{ 0, "  0s elapsed" }, { 59, "  59s elapsed" }, { 60, "  1m00s elapsed" },
		{ 3599, "  59m59s elapsed" }, { 3600, "  1h00m elapsed" },
		{ 360000, "  100h00m elapsed" }, { INT64_MAX / CLOCK_SECOND, "  27777h46m elapsed" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct snapshot s = { .elapsed = rows[i].seconds * CLOCK_SECOND, .size = 1 };
		struct buf line = { 0 };

		put_line(&line, &s, 0, WIDEST);
		assert_non_null(strstr(buf_str(&line), rows[i].text));
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
		struct progress_state p;
		size_t before = 0;

		for (int i = 0; i < STATS; i++)
			s.count[i] = some_number(&random);
		s.total = round % 3 ? (uint64_t)s.count[STAT_OVER]
			+ (uint64_t)some_number(&random) : 0;
		s.elapsed = some_number(&random);
		s.busy = some_number(&random);
		s.under_way = some_number(&random);
		s.serving = some_number(&random);
		s.wanted = some_number(&random);
		s.workers = unit_random(&random);
		s.hold = (enum hold)(round % HOLDS);
		s.hold_for = some_number(&random);
		p = state_of(&s, rate);
		for (size_t columns = 0; columns < 260; columns++) {
			buf_clear(&line);
			progress_line(&line, &p, columns);
			assert_true(line.len <= columns);
		}
		for (size_t i = 0; i < COUNT(usual); i++) {
			buf_clear(&line);
			buf_adds(&line, "before"); /* it is appended */
			progress_line(&line, &p, usual[i]);
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

	put_json(&line, snap, rate);
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
		"\"rate\":17.500,\"eta\":109.6}\n");
	s.estimated = true;
	s.total = 0;
	assert_json(&s, 0, "{\"elapsed\":61.500,\"done\":1231,\"failed\":3,\"dropped\":0,"
		"\"retrying\":2,\"running\":8,\"depth\":32,\"size\":64,\"born\":1300,\"total\":null,"
		"\"rate\":0.000,\"eta\":null}\n");
	s.total = 20000;
	s.count[STAT_OVER] = 0;
	s.hold = HOLD_RATE;
	s.hold_for = 5 * CLOCK_SECOND / 2;
	assert_json(&s, 0, "{\"elapsed\":61.500,\"done\":1231,\"failed\":3,\"dropped\":0,"
		"\"retrying\":2,\"running\":8,\"depth\":32,\"size\":64,\"born\":1300,\"total\":20000,"
		"\"estimated\":true,\"rate\":0.000,\"eta\":null,\"held\":\"rate\",\"next\":2.5}\n");
	s.hold_for = INT64_MAX;
	s.bytes = 1500;
	assert_json(&s, 0, "{\"elapsed\":61.500,\"done\":1231,\"failed\":3,\"dropped\":0,"
		"\"retrying\":2,\"running\":8,\"depth\":32,\"size\":64,\"born\":1300,\"total\":20000,"
		"\"estimated\":true,\"rate\":0.000,\"eta\":null,\"bytes\":1500,\"bytes_total\":null,"
		"\"bytes_rate\":3000000,\"held\":\"rate\"}\n");
}

/* Two groups that share nothing; the first one has so many waiting. */
static struct snapshot *two_groups(struct snapshot *s, uint64_t depth, uint64_t other)
{
	static struct snapshot groups[2];

	groups[0] = (struct snapshot){ .name = "audit", .named = true, .depth = depth, .size = 64,
		.count = { [STAT_RUNNING] = 2 } };
	groups[1] = (struct snapshot){ .name = "2", .depth = other, .size = 64,
		.count = { [STAT_RUNNING] = 1 } };
	*s = (struct snapshot){ .groups = groups, .ngroups = 2, .size = 128,
		.depth = depth + other, .count = { [STAT_SUCCEEDED] = 3 } };
	return groups;
}

static void the_section_that_is_furthest_behind_is_told(void **state)
{
	struct snapshot s, *groups = two_groups(&s, 20, 3);

	(void)state;
	assert_line(&s, 1, 100, "3 done  0 failed  0 running  audit: 22 behind  "
		"queue [##........] 23/128  0s elapsed");
	assert_line(&s, 1, 46, "3 done  0 failed  0 running  audit: 22 behind");
	assert_line(&s, 1, 44, "3 done  0 failed  0 running  audit:22  0s");
	groups = two_groups(&s, 3, 20);
	assert_line(&s, 1, 50, "3 done  0 failed  0 running  section 2: 21 behind");
	/* What is nearly full holds up the others, unless it drops what is too much. */
	groups = two_groups(&s, 61, 0);
	assert_line(&s, 1, 60, "3 done  0 failed  0 running  held up by audit: 63 behind  0s");
	groups->drops = true;
	assert_line(&s, 1, 60, "3 done  0 failed  0 running  audit: 63 behind  0s elapsed");
}

static void where_all_are_as_far_as_each_other_none_is_behind(void **state)
{
	struct snapshot s;

	(void)state;
	two_groups(&s, 20, 10);
	assert_line(&s, 1, 50, "3 done  0 failed  0 running  q30/128  0s elapsed");
	two_groups(&s, 0, 0);
	assert_line(&s, 1, 50, "3 done  0 failed  0 running  q0/128  0s elapsed");
}

static void the_run_ends_with_the_section_that_takes_longest(void **state)
{
	struct snapshot s, *groups = two_groups(&s, 0, 0);

	(void)state;
	s.total = 30;
	for (int i = 0; i < 2; i++) {
		groups[i].total = 15;
		groups[i].count[STAT_OVER] = 5;
		groups[i].busy = groups[i].wanted = 10 * CLOCK_SECOND;
		groups[i].workers = 1;
	}
	s.count[STAT_OVER] = 10;
	assert_line(&s, 1, 47, "33%  3 of 30 done  0 failed  0 running  ETA 20s");
	groups[1].busy = groups[1].wanted = 60 * CLOCK_SECOND;
	assert_line(&s, 1, 47, "33%  3 of 30 done  0 failed  0r  0s  ETA 2m00s");
	/* A section that has had nothing, and will not. */
	groups[1].total = groups[1].count[STAT_OVER] = 0;
	assert_line(&s, 1, 47, "33%  3 of 30 done  0 failed  0 running  ETA 20s");
	/* One that has done nothing yet may take as long as it likes. */
	groups[1].total = 15;
	assert_line(&s, 1, 47, "33%  3 of 30 done  0 failed  0 running  30t  0s");
}

static void as_json_each_section_has_its_own_numbers(void **state)
{
	struct snapshot s, *groups = two_groups(&s, 2, 0);

	(void)state;
	groups[0].hold = HOLD_RATE;
	groups[1].count[STAT_FAILED] = 7;
	groups[1].count[STAT_DROPPED] = 8;
	groups[1].count[STAT_RETRYING] = 9;
	groups[1].count[STAT_BORN] = 10;
	assert_json(&s, 0, "{\"elapsed\":0.000,\"done\":3,\"failed\":0,\"dropped\":0,"
		"\"retrying\":0,\"running\":0,\"depth\":2,\"size\":128,\"born\":0,\"total\":null,"
		"\"rate\":0.000,\"eta\":null,\"groups\":["
		"{\"group\":\"audit\",\"done\":0,\"failed\":0,\"dropped\":0,\"retrying\":0,"
		"\"running\":2,\"queued\":2,\"born\":0,\"held\":\"rate\"},"
		"{\"group\":2,\"done\":0,\"failed\":7,\"dropped\":8,\"retrying\":9,"
		"\"running\":1,\"queued\":0,\"born\":10}]}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_json_it_has_all_numbers),
		cmocka_unit_test(the_section_that_is_furthest_behind_is_told),
		cmocka_unit_test(where_all_are_as_far_as_each_other_none_is_behind),
		cmocka_unit_test(the_run_ends_with_the_section_that_takes_longest),
		cmocka_unit_test(as_json_each_section_has_its_own_numbers),
		cmocka_unit_test(wide_enough_it_says_everything),
		cmocka_unit_test(what_waits_in_queues_of_others_is_beside_what_waits_here),
		cmocka_unit_test(what_matters_most_is_left_when_there_is_less_room),
		cmocka_unit_test(without_a_total_there_is_no_share_and_no_end),
		cmocka_unit_test(an_estimate_says_so_and_has_no_backlog),
		cmocka_unit_test(what_was_dropped_counts_as_over),
		cmocka_unit_test(at_the_beginning_there_is_no_rate),
		cmocka_unit_test(the_bar_shows_how_full_the_queue_is),
		cmocka_unit_test(what_failed_is_never_called_done),
		cmocka_unit_test(jobs_of_many_records_stand_beside_the_share),
		cmocka_unit_test(it_says_why_nothing_is_started),
		cmocka_unit_test(few_long_jobs_have_a_time_left_that_can_be_believed),
		cmocka_unit_test(the_last_jobs_are_not_shared_by_workers_that_have_none),
		cmocka_unit_test(what_holds_the_workers_up_goes_on_holding_them_up),
		cmocka_unit_test(a_job_that_takes_much_longer_than_all_before_has_no_end_in_sight),
		cmocka_unit_test(a_time_in_which_nothing_can_be_done_is_added),
		cmocka_unit_test(a_rate_that_holds_work_up_is_told_in_its_unit),
		cmocka_unit_test(where_bytes_are_worked_on_they_are_told),
		cmocka_unit_test(the_bar_of_dash_dash_bar_is_there_at_any_width),
		cmocka_unit_test(the_time_left_of_eta_comes_first_and_is_there_while_unknown),
		cmocka_unit_test(times_have_a_unit),
		cmocka_unit_test(it_is_never_longer_than_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
