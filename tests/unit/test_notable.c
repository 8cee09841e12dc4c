/* What is named at the end of a run, however many there were. */
#include "unit.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "events.h"
#include "group.h"
#include "item.h"
#include "view/notable.h"

static const struct group groups[] = { { .number = 1 }, { .number = 2 } };

/* A delivery of an item of this number, whose attempt took so long. */
static struct delivery *delivery_of(uint64_t number, int64_t took, unsigned section)
{
	struct draft draft = { .number = number };
	struct delivery *d;

	draft_add(&draft, "x", 1);
	d = item_new(&draft, 1, number)->deliveries;
	draft_free(&draft);
	d->group = &groups[section ? section - 1 : 0];
	d->section = section ? section == 1 ? "one" : "2" : NULL;
	d->turn = number;
	d->attempts = 1;
	d->result.outcome.took = took;
	return d;
}

static void tell(struct notable *n, enum event_kind kind, const struct delivery *d)
{
	notable_hear(n, &(struct event){ .kind = kind, .delivery = d });
}

static void tell_took(struct notable *n, uint64_t number, int64_t took, unsigned section)
{
	struct delivery *d = delivery_of(number, took, section);

	tell(n, EVENT_ENDED, d);
	item_free(d->item, NULL);
}

static void assert_lines(const struct notable *n, unsigned section, const char *expected)
{
	struct buf text = { 0 };

	notable_lines(&text, n, section);
	assert_string_equal(buf_str(&text), expected);
	buf_free(&text);
}

static void the_five_that_took_longest_are_named(void **state)
{
	struct notable *n = notable_new(1);

	(void)state;
	assert_lines(n, 0, "");
	for (uint64_t i = 1; i <= 1000; i++)
		tell_took(n, i, (int64_t)((i * 37) % 1001) * CLOCK_SECOND / 100, 0);
	assert_lines(n, 0, "slowest  514 'x' 10.0 s, 27 'x' 9.99 s, 541 'x' 9.98 s, "
		"54 'x' 9.97 s, 568 'x' 9.96 s\n");
	notable_free(n);
}

static void of_several_attempts_the_longest_counts(void **state)
{
	struct notable *n = notable_new(1);

	(void)state;
	tell_took(n, 1, 1 * CLOCK_SECOND, 0);
	tell_took(n, 2, 2 * CLOCK_SECOND, 0);
	tell_took(n, 1, 3 * CLOCK_SECOND, 0);
	tell_took(n, 1, 1 * CLOCK_SECOND, 0);
	assert_lines(n, 0, "slowest  1 'x' 3.00 s, 2 'x' 2.00 s\n");
	for (uint64_t i = 3; i < 8; i++)
		tell_took(n, i, (int64_t)i * CLOCK_SECOND, 0);
	tell_took(n, 3, 9 * CLOCK_SECOND, 0);
	assert_lines(n, 0, "slowest  3 'x' 9.00 s, 7 'x' 7.00 s, 6 'x' 6.00 s, 5 'x' 5.00 s, "
		"4 'x' 4.00 s\n");
	notable_free(n);
}

static void tell_tries(struct notable *n, uint64_t number, unsigned attempts, enum verdict verdict)
{
	struct delivery *d = delivery_of(number, 0, 0);

	d->attempts = attempts;
	d->verdict = verdict;
	tell(n, EVENT_SETTLED, d);
	item_free(d->item, NULL);
}

static void what_was_done_only_after_several_attempts_is_flaky(void **state)
{
	struct notable *n = notable_new(1);

	(void)state;
	tell_tries(n, 1, 1, VERDICT_ACK);
	tell_tries(n, 2, 3, VERDICT_REJECT);
	assert_lines(n, 0, "");
	tell_tries(n, 9, 2, VERDICT_ACK);
	tell_tries(n, 3, 3, VERDICT_ACK); /* the first by number, in whatever order they end */
	assert_lines(n, 0, "flaky    2 done after more than one attempt: 3 'x' (3), 9 'x' (2)\n");
	for (uint64_t i = 100; i > 90; i--)
		tell_tries(n, i, 2, VERDICT_ACK);
	assert_lines(n, 0, "flaky    12 done after more than one attempt: 3 'x' (3), 9 'x' (2), "
		"91 'x' (2), 92 'x' (2), 93 'x' (2), and 7 more\n");
	notable_free(n);
}

static void tell_refused(struct notable *n, const char *why)
{
	struct delivery *d = delivery_of(1, 0, 0);

	d->result.outcome.how = OUTCOME_REFUSED;
	d->verdict = VERDICT_REJECT;
	d->result.why = mem_copy(why, strlen(why));
	tell(n, EVENT_SETTLED, d);
	free(d->result.why);
	d->result.why = NULL;
	item_free(d->item, NULL);
}

static void each_reason_of_a_refusal_is_counted(void **state)
{
	struct notable *n = notable_new(1);

	(void)state;
	tell_refused(n, "is bad");
	tell_refused(n, "is worse");
	tell_refused(n, "is bad");
	assert_lines(n, 0, "refused  is bad (2), is worse (1)\n");
	for (char c = 'a'; c < 'a' + 10; c++) {
		const char why[] = { c, '\0' };

		tell_refused(n, why);
	}
	assert_lines(n, 0, "refused  is bad (2), is worse (1), a (1), b (1), c (1), d (1), e (1), "
		"f (1), 4 for other reasons\n");
	notable_free(n);
}

static void each_section_has_its_own(void **state)
{
	struct notable *n = notable_new(2);

	(void)state;
	tell_took(n, 1, 1 * CLOCK_SECOND, 1);
	tell_took(n, 1, 2 * CLOCK_SECOND, 2);
	assert_lines(n, 1, "slowest  1 'x' 1.00 s\n");
	assert_lines(n, 2, "slowest  1 'x' 2.00 s\n");
	notable_free(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_five_that_took_longest_are_named),
		cmocka_unit_test(of_several_attempts_the_longest_counts),
		cmocka_unit_test(what_was_done_only_after_several_attempts_is_flaky),
		cmocka_unit_test(each_reason_of_a_refusal_is_counted),
		cmocka_unit_test(each_section_has_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
