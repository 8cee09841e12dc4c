/* The stop: --halt, when several ends reach it at the same time. */
#include "unit.h"

#include "events.h"
#include "group.h"
#include "item.h"
#include "options/options.h"
#include "stats.h"
#include "stop.h"

static unsigned births_ended, jobs_ended;

static void on_no_births(void *ctx)
{
	(void)ctx;
	births_ended++;
}

static void on_no_jobs(void *ctx)
{
	(void)ctx;
	jobs_ended++;
}

static uint64_t on_total(void *ctx)
{
	(void)ctx;
	return 0;
}

/* Who reaches it first is still on its way to end births. */
static void no_worker_goes_on_before_births_have_ended(void **state)
{
	static const enum halt_when whens[] = { HALT_SOON, HALT_NOW };
	struct delivery d = { .verdict = VERDICT_REJECT };

	(void)state;
	for (size_t i = 0; i < COUNT(whens); i++) {
		struct options options = { .halt = { whens[i], HALT_FAIL, 1, false } };
		struct stop s = { .options = &options, .stats = stats_new(false, 1),
			.events = events_new(), .no_births = on_no_births, .no_jobs = on_no_jobs,
			.total = on_total, .halted = true };

		births_ended = jobs_ended = 0;
		stop_check_halt(&s, &d);
		assert_int_equal(births_ended, 0);
		stats_add(s.stats, STAT_FAILED, 2);
		stop_check_halt(&s, &d);
		assert_int_equal(births_ended, 1);
		assert_int_equal(jobs_ended, whens[i] == HALT_NOW);
		events_free(s.events);
		stats_free(s.stats);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_worker_goes_on_before_births_have_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
