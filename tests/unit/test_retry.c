/* Outcomes: what follows from them, and how they are written down. */
#include "unit.h"

#include <signal.h>

#include "item.h"
#include "policy/retry.h"

struct row {
	enum outcome_how how;
	int code;
	enum verdict more, last; /* while attempts are left; when there is none */
	int exit_value, signal_number, status;
};

static const struct row rows[] = {
	{ OUTCOME_EXIT, 0, VERDICT_ACK, VERDICT_ACK, 0, 0, 0 },
	{ OUTCOME_EXIT, 1, VERDICT_RETRY, VERDICT_REJECT, 1, 0, 1 },
	{ OUTCOME_EXIT, 75, VERDICT_RETRY, VERDICT_REJECT, 75, 0, 75 },
	{ OUTCOME_EXIT, 126, VERDICT_RETRY, VERDICT_REJECT, 126, 0, 126 }, /* its own status */
	{ OUTCOME_EXIT, 127, VERDICT_RETRY, VERDICT_REJECT, 127, 0, 127 },
	{ OUTCOME_EXIT, 255, VERDICT_RETRY, VERDICT_REJECT, 255, 0, 255 },
	{ OUTCOME_SIGNAL, SIGKILL, VERDICT_RETRY, VERDICT_REJECT, 0, 9, 137 },
	{ OUTCOME_SIGNAL, SIGTERM, VERDICT_RETRY, VERDICT_REJECT, 0, 15, 143 },
	{ OUTCOME_SIGNAL, 64, VERDICT_RETRY, VERDICT_REJECT, 0, 64, 192 },
	{ OUTCOME_TIMEOUT, SIGTERM, VERDICT_RETRY, VERDICT_REJECT, -1, 15, 143 },
	{ OUTCOME_TIMEOUT, SIGKILL, VERDICT_RETRY, VERDICT_REJECT, -1, 9, 137 },
	{ OUTCOME_NOT_STARTED, 126, VERDICT_REJECT, VERDICT_REJECT, 126, 0, 126 },
	{ OUTCOME_NOT_STARTED, 127, VERDICT_RETRY, VERDICT_REJECT, 127, 0, 127 },
	{ OUTCOME_REFUSED, 0, VERDICT_REJECT, VERDICT_REJECT, 126, 0, 126 },
	{ OUTCOME_STOPPED, SIGINT, VERDICT_RELEASE, VERDICT_RELEASE, 0, 2, 130 },
	{ OUTCOME_STOPPED, 0, VERDICT_RELEASE, VERDICT_RELEASE, 0, 0, 0 }, /* it never ran */
};

static struct outcome outcome_of(const struct row *r)
{
	return (struct outcome){ .how = r->how, .code = r->code };
}

static void attempts_are_counted_in_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct outcome o = outcome_of(&rows[i]);

		for (unsigned most = 1; most <= 4; most++)
			for (unsigned made = 0; made <= 6; made++) {
				struct retry_rules rules = { .attempts = most };

				assert_int_equal(retry_verdict(&rules, &o, made),
					made < most ? rows[i].more : rows[i].last);
			}
	}
}

static void the_verdict_does_not_hang_on_the_time_it_took(void **state)
{
	const struct retry_rules rules = { .attempts = 2 };
	struct outcome o = { OUTCOME_EXIT, 1, 1700000000, 1 };

	(void)state;
	assert_int_equal(retry_verdict(&rules, &o, 1), VERDICT_RETRY);
	o.took = INT64_MAX;
	assert_int_equal(retry_verdict(&rules, &o, 1), VERDICT_RETRY);
	assert_int_equal(retry_verdict(&rules, &o, 2), VERDICT_REJECT);
}

static void losses_are_counted_by_themselves(void **state)
{
	const struct outcome killed = { OUTCOME_SIGNAL, SIGKILL, 0, 0 };
	const struct outcome stopped = { OUTCOME_STOPPED, SIGTERM, 0, 0 };
	struct retry_rules rules = { .attempts = 1, .poison = 3 };

	(void)state;
	assert_int_equal(retry_lost(&rules, &killed, 1), VERDICT_RETRY);
	assert_int_equal(retry_lost(&rules, &killed, 2), VERDICT_RETRY);
	assert_int_equal(retry_lost(&rules, &killed, 3), VERDICT_REJECT);
	assert_int_equal(retry_lost(&rules, &stopped, 3), VERDICT_RELEASE);
	assert_true(retry_parse("KILL", &rules.reject));
	assert_int_equal(retry_lost(&rules, &killed, 1), VERDICT_REJECT);
	assert_true(retry_parse("KILL", &rules.ack));
	assert_int_equal(retry_lost(&rules, &killed, 3), VERDICT_ACK);
}

static void the_job_log_has_an_exit_value_and_a_signal(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct outcome o = outcome_of(&rows[i]);
		int exit_value = 42, signal_number = 42;

		outcome_columns(&o, &exit_value, &signal_number);
		assert_int_equal(exit_value, rows[i].exit_value);
		assert_int_equal(signal_number, rows[i].signal_number);
	}
}

static void the_status_is_what_a_shell_shows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct outcome o = outcome_of(&rows[i]);

		assert_int_equal(outcome_status(&o), rows[i].status);
		assert_in_range(outcome_status(&o), 0, 255);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attempts_are_counted_in_all),
		cmocka_unit_test(the_verdict_does_not_hang_on_the_time_it_took),
		cmocka_unit_test(losses_are_counted_by_themselves),
		cmocka_unit_test(the_job_log_has_an_exit_value_and_a_signal),
		cmocka_unit_test(the_status_is_what_a_shell_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
