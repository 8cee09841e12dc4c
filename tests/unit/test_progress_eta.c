/* The time that is left, against runs on a simulated clock. */
#include "unit.h"

#include <string.h>

#include "base/clock.h"
#include "view/progress_eta.h"

enum { MOST_JOBS = 4000, MOST_WORKERS = 64 };

/* A run as it will be: when each job begins and ends, in seconds. */
struct plan {
	size_t jobs, workers;
	double each[MOST_JOBS]; /* seconds that it takes, in all its attempts */
	double gap;             /* between two starts, at least */
	bool twice;             /* each fails half-way, and is tried again at once */
	double begin[MOST_JOBS], end[MOST_JOBS], last;
};

static void simulate(struct plan *p)
{
	double free_at[MOST_WORKERS] = { 0 }, next = 0;

	p->last = 0;
	for (size_t job = 0; job < p->jobs; job++) {
		size_t first = 0;

		for (size_t i = 1; i < p->workers; i++)
			if (free_at[i] < free_at[first])
				first = i;
		p->begin[job] = free_at[first] > next ? free_at[first] : next;
		next = p->begin[job] + p->gap;
		p->end[job] = free_at[first] = p->begin[job] + p->each[job];
		if (p->end[job] > p->last)
			p->last = p->end[job];
	}
}

static int64_t ns(double seconds)
{
	return (int64_t)(seconds * CLOCK_SECOND);
}

/* What is said at that time. */
static double said_at(const struct plan *p, double now)
{
	struct eta_running running[MOST_WORKERS];
	size_t count = 0;
	double squares = 0;
	struct snapshot s = { .total = p->jobs, .elapsed = ns(now), .workers = (unsigned)p->workers,
		.wanted = (int64_t)p->workers * ns(now), .interval = ns(p->gap), .size = 64 };

	for (size_t i = 0; i < p->jobs; i++) {
		if (p->end[i] <= now) {
			s.count[STAT_OVER]++;
			s.busy += ns(p->each[i]);
			squares += p->each[i] * p->each[i];
		} else if (p->begin[i] <= now) {
			double had = now - p->begin[i], half = p->each[i] / 2;
			bool again = p->twice && had > half;

			s.busy += again ? ns(half) : 0;
			running[count] = (struct eta_running){ 1, 1, ns(again ? had - half : had) };
			s.under_way += running[count++].had;
		}
	}
	s.count[STAT_RUNNING] = s.serving = (int64_t)count;
	s.variation = squares * (double)s.count[STAT_OVER] / ((double)s.busy / CLOCK_SECOND
		* (double)s.busy / CLOCK_SECOND) - 1;
	return eta_run(&s, running, count);
}

static struct plan *equal_jobs(size_t jobs, size_t workers, double each)
{
	static struct plan p;

	memset(&p, 0, sizeof p);
	p.jobs = jobs;
	p.workers = workers;
	for (size_t i = 0; i < jobs; i++)
		p.each[i] = each;
	return &p;
}

static void equal_jobs_are_told_exactly_at_every_moment(void **state)
{
	static const struct { size_t jobs, workers; } rows[] = {
		{ 8, 2 }, { 9, 2 }, { 8, 1 }, { 3, 8 }, { 100, 7 }, { 24, 8 }, { 65, 64 }, { 1, 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct plan *p = equal_jobs(rows[i].jobs, rows[i].workers, 25);

		simulate(p);
		for (double now = 0.5; now < 25; now += 0.5) /* nobody can know */
			assert_true(said_at(p, now) < 0);
		for (double now = 25; now <= p->last; now += 0.1)
			assert_float_equal(said_at(p, now), p->last - now, 0.01);
	}
}

/* Nobody starts at the same time, nor takes quite as long. */
static void jobs_that_differ_a_little_are_told_within_a_tenth(void **state)
{
	struct plan *p = equal_jobs(8, 2, 25);
	uint32_t random = unit_seed(11);

	(void)state;
	for (size_t i = 0; i < p->jobs; i++)
		p->each[i] += (double)unit_below(&random, 1000) / 1000 - 0.5;
	simulate(p);
	for (double now = 26; now < p->last - 2; now += 0.1)
		assert_float_equal(said_at(p, now), p->last - now, 0.1 * (p->last - now) + 1);
}

/* Von Neumann's: a number that is followed by an odd number of smaller and smaller ones, and
 * one for each that was not. */
static double exponential(uint32_t *random, double mean)
{
	for (double whole = 0;; whole++) {
		double first = unit_below(random, 1 << 30), last = first;
		int run = 0;

		for (double next; (next = unit_below(random, 1 << 30)) < last; last = next)
			run++;
		if (run % 2 == 0)
			return mean * (whole + first / (1 << 30));
	}
}

static void jobs_of_any_length_are_told_within_a_quarter_after_a_tenth(void **state)
{
	uint32_t random = unit_seed(12);

	(void)state;
	for (size_t workers = 1; workers <= 64; workers *= 4) {
		struct plan *p = equal_jobs(MOST_JOBS, workers, 0);
		double mean = 3;

		for (size_t i = 0; i < p->jobs; i++)
			p->each[i] = exponential(&random, mean);
		simulate(p);
		for (double now = p->last / 10; now < p->last * 0.9; now += p->last / 500)
			assert_float_equal(said_at(p, now), p->last - now,
				(p->last - now) / 4 + mean / 2);
		/* Near the end it is the longest one that counts, and no more is promised than
		 * that all are like those before. */
		for (double now = p->last * 0.9; now < p->last; now += p->last / 500) {
			double said = said_at(p, now);

			if (said >= 0)
				assert_float_equal(said, p->last - now,
					(p->last - now) / 4 + 6 * mean);
		}
	}
}

/* One that takes as long as all others together is no reason to promise them for now. */
static void one_that_takes_for_ever_does_not_count_for_the_others(void **state)
{
	struct plan *p = equal_jobs(101, 2, 1);

	(void)state;
	p->each[0] = 1000;
	simulate(p); /* the other worker does all the rest, in a hundred seconds */
	for (double now = 20; now < 98; now++)
		assert_in_range((int)said_at(p, now), (int)((100 - now) / 2), (int)(101 - now));
	assert_true(said_at(p, 101) < 0); /* it alone is left: nobody knows */
}

static void what_a_rate_lets_through_is_known(void **state)
{
	struct plan *p = equal_jobs(100, 50, 2);

	(void)state;
	p->gap = 3;
	simulate(p);
	for (double now = 2; now < p->last; now += 0.5)
		assert_float_equal(said_at(p, now), p->last - now, 5);
	p->gap = 0.5; /* six at a time */
	simulate(p);
	for (double now = 3; now < p->last - 2; now += 0.5)
		assert_float_equal(said_at(p, now), p->last - now, 0.1 * (p->last - now) + 2);
}

static void what_is_tried_again_takes_as_long_as_all_its_attempts(void **state)
{
	struct plan *p = equal_jobs(400, 4, 2);

	(void)state;
	p->twice = true;
	simulate(p);
	for (double now = 20; now < p->last - 2; now += 0.5)
		assert_float_equal(said_at(p, now), p->last - now, 0.1 * (p->last - now) + 2);
}

static void a_paused_run_has_no_end(void **state)
{
	struct snapshot s = { .total = 10, .count = { [STAT_OVER] = 5 }, .busy = CLOCK_SECOND,
		.wanted = CLOCK_SECOND, .workers = 1, .hold = HOLD_PAUSED };

	(void)state;
	assert_true(eta_run(&s, NULL, 0) < 0);
	s.hold = HOLD_NONE;
	assert_float_equal(eta_run(&s, NULL, 0), 1, 0.01);
	s.total = 5;
	assert_float_equal(eta_run(&s, NULL, 0), 0, 0);
	s.total = 0; /* unknown */
	assert_true(eta_run(&s, NULL, 0) < 0);
}

/* A run of a thousand records is a thousand times one. */
static void runs_of_records_take_as_long_as_their_records(void **state)
{
	const struct eta_running running[] = { { 1, 1000, CLOCK_SECOND / 2 },
		{ 1, 1000, CLOCK_SECOND / 4 } };
	const struct snapshot s = { .total = 10000, .count = { [STAT_OVER] = 2000,
		[STAT_RUNNING] = 2 }, .busy = 2 * CLOCK_SECOND, .under_way = CLOCK_SECOND * 3 / 4,
		.serving = 2,
		.wanted = CLOCK_SECOND * 11 / 4, .workers = 2 };

	(void)state;
	/* Half a second, and three quarters; then three more each, of one second. */
	assert_float_equal(eta_run(&s, running, 2), 3.75, 0.01);
}

/* Workers that stay up have ten each, one of them in its turn, of which half is done. */
static void what_waits_behind_others_at_a_worker_waits(void **state)
{
	struct eta_running running[20] = { 0 };
	const struct snapshot s = { .total = 100, .count = { [STAT_OVER] = 20,
		[STAT_RUNNING] = 20 }, .busy = 20 * CLOCK_SECOND, .under_way = CLOCK_SECOND,
		.serving = 2, .wanted = 21 * CLOCK_SECOND, .workers = 2 };

	(void)state;
	for (int i = 0; i < 20; i++)
		running[i] = (struct eta_running){ 1, 1, i % 10 ? 0 : CLOCK_SECOND / 2 };
	assert_float_equal(eta_run(&s, running, 20), 39.5, 0.01);
	assert_float_equal(eta_run(&s, NULL, 0), 39.5, 0.01);
}

/* Two workers were ready after thirty seconds, and have done one item a second since. */
static void what_workers_take_to_start_is_not_taken_again(void **state)
{
	const struct snapshot s = { .total = 100, .count = { [STAT_OVER] = 20 },
		.busy = 20 * CLOCK_SECOND, .wanted = 80 * CLOCK_SECOND,
		.starting = 60 * CLOCK_SECOND, .workers = 2 };

	(void)state;
	assert_float_equal(eta_run(&s, NULL, 0), 40, 0.01);
}

static void a_stopped_run_waits_for_what_runs_alone(void **state)
{
	static const struct eta_running running[] = { { 1, 1, CLOCK_SECOND }, { 1, 1, 0 } };
	struct snapshot s = { .total = 1000, .count = { [STAT_OVER] = 5, [STAT_RUNNING] = 2 },
		.busy = 10 * CLOCK_SECOND, .wanted = 12 * CLOCK_SECOND, .workers = 2,
		.stopping = true };

	(void)state;
	assert_float_equal(eta_run(&s, running, 2), 2, 0.01);
	s.total = 0;
	assert_float_equal(eta_run(&s, running, 2), 2, 0.01);
	s.count[STAT_RUNNING] = 0;
	assert_float_equal(eta_run(&s, NULL, 0), 0, 0.01);
}

/* Of those that share two workers the first is soon done, and took four times as long. */
static void sections_that_share_workers_take_what_is_left_of_each(void **state)
{
	static const struct snapshot groups[] = {
		{ .total = 20, .count = { [STAT_OVER] = 15 }, .busy = 60 * CLOCK_SECOND },
		{ .total = 20, .count = { [STAT_OVER] = 5 }, .busy = 5 * CLOCK_SECOND } };
	const struct snapshot s = { .total = 40, .count = { [STAT_OVER] = 20 }, .workers = 2,
		.busy = 65 * CLOCK_SECOND, .wanted = 65 * CLOCK_SECOND,
		.groups = groups, .ngroups = 2 };

	(void)state;
	assert_float_equal(eta_run(&s, NULL, 0), (5 * 4 + 15 * 1) / 2.0, 0.01);
}

static void each_section_has_its_own(void **state)
{
	static const struct eta_running running[] = { { 1, 1, 0 }, { 2, 1, CLOCK_SECOND } };
	static struct snapshot groups[2];
	const struct snapshot s = { .total = 20, .groups = groups, .ngroups = 2 };

	(void)state;
	for (int i = 0; i < 2; i++)
		groups[i] = (struct snapshot){ .total = 10, .count = { [STAT_OVER] = 5,
			[STAT_RUNNING] = 1 }, .busy = 10 * CLOCK_SECOND, .wanted = 10 * CLOCK_SECOND,
			.workers = 1 };
	assert_float_equal(eta_run(&s, running, 2), 10, 0.01);
	groups[0].count[STAT_OVER] = 10;
	groups[0].count[STAT_RUNNING] = 0;
	assert_float_equal(eta_run(&s, running + 1, 1), 9, 0.01);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_jobs_are_told_exactly_at_every_moment),
		cmocka_unit_test(jobs_that_differ_a_little_are_told_within_a_tenth),
		cmocka_unit_test(jobs_of_any_length_are_told_within_a_quarter_after_a_tenth),
		cmocka_unit_test(one_that_takes_for_ever_does_not_count_for_the_others),
		cmocka_unit_test(what_a_rate_lets_through_is_known),
		cmocka_unit_test(what_is_tried_again_takes_as_long_as_all_its_attempts),
		cmocka_unit_test(a_paused_run_has_no_end),
		cmocka_unit_test(runs_of_records_take_as_long_as_their_records),
		cmocka_unit_test(what_waits_behind_others_at_a_worker_waits),
		cmocka_unit_test(what_workers_take_to_start_is_not_taken_again),
		cmocka_unit_test(a_stopped_run_waits_for_what_runs_alone),
		cmocka_unit_test(sections_that_share_workers_take_what_is_left_of_each),
		cmocka_unit_test(each_section_has_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
