/* Permits: what is asked of the keeper, and brought back to it. */
#include "unit.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>

#include "base/permits.h"

static int keeper[2]; /* what the keeper would read */

static void open_with(struct permits *p, unsigned own)
{
	assert_int_equal(pipe(keeper), 0);
	fcntl(keeper[0], F_SETFL, O_NONBLOCK);
	assert_true(permits_open(p, own, keeper[1]));
}

static void close_with(struct permits *p)
{
	permits_close(p);
	close(keeper[0]);
	close(keeper[1]);
}

static void keeper_was_told(const char *words)
{
	char got[64] = "";
	ssize_t n = read(keeper[0], got, sizeof got - 1);

	got[n > 0 ? n : 0] = '\0';
	assert_string_equal(got, words);
}

static bool has_rung(struct permits *p)
{
	struct pollfd fd = { .fd = p->bell.out, .events = POLLIN };
	bool rung = poll(&fd, 1, 0) > 0;

	if (rung)
		bell_hush(&p->bell);
	return rung;
}

static void the_first_needs_no_token(void **state)
{
	struct permits p;
	bool wants = false;

	(void)state;
	open_with(&p, 1);
	assert_true(permits_take(&p, &wants, true));
	assert_false(wants);
	permits_give(&p);
	keeper_was_told("");
	assert_false(has_rung(&p));
	close_with(&p);
}

static void for_others_a_token_is_asked_for_and_brought_back(void **state)
{
	struct permits p;
	bool wants[3] = { false };

	(void)state;
	open_with(&p, 1);
	assert_true(permits_take(&p, &wants[0], true));
	assert_false(permits_take(&p, &wants[1], true));
	assert_true(wants[1]);
	keeper_was_told("+");
	assert_false(permits_take(&p, &wants[1], true)); /* it has asked already */
	keeper_was_told("");
	assert_false(permits_take(&p, &wants[2], true));
	keeper_was_told("+");
	permits_granted(&p);
	assert_true(permits_take(&p, &wants[2], true));
	assert_false(wants[2]);
	permits_granted(&p);
	assert_true(permits_take(&p, &wants[1], true));
	keeper_was_told("");
	permits_give(&p);
	keeper_was_told("<");
	permits_give(&p);
	keeper_was_told("<");
	permits_give(&p);
	keeper_was_told("");
	close_with(&p);
}

static void who_wants_none_any_more_gets_none(void **state)
{
	struct permits p;
	bool mine = false, wants = false;

	(void)state;
	open_with(&p, 1);
	permits_take(&p, &mine, true);
	permits_take(&p, &wants, true);
	keeper_was_told("+");
	permits_renounce(&p, &wants);
	assert_false(wants);
	keeper_was_told("-");
	permits_renounce(&p, &wants);
	keeper_was_told("");
	permits_granted(&p); /* it was under way */
	keeper_was_told("<");
	assert_false(permits_take(&p, &wants, true));
	keeper_was_told("+");
	assert_false(permits_take(&p, &wants, false));
	assert_false(wants);
	keeper_was_told("-");
	permits_give(&p);
	close_with(&p);
}

static void a_token_goes_back_though_somebody_waits(void **state)
{
	struct permits p;
	bool wants[3] = { false };

	(void)state;
	open_with(&p, 0);
	assert_false(permits_take(&p, &wants[0], true));
	permits_granted(&p);
	assert_true(permits_take(&p, &wants[0], true));
	assert_false(permits_take(&p, &wants[1], true));
	keeper_was_told("++");
	permits_give(&p);
	keeper_was_told("<"); /* and the one that was asked for is still to come */
	assert_false(has_rung(&p));
	permits_granted(&p);
	assert_true(permits_take(&p, &wants[1], true));
	permits_give(&p);
	keeper_was_told("<");
	close_with(&p);
}

static void what_is_free_without_a_token_is_told_by_the_bell(void **state)
{
	struct permits p;
	bool mine = false, wants = false;

	(void)state;
	open_with(&p, 1);
	permits_take(&p, &mine, true);
	permits_take(&p, &wants, true);
	assert_int_equal(p.wanted, 1);
	permits_give(&p);
	assert_true(has_rung(&p));
	keeper_was_told("+-");
	assert_true(permits_take(&p, &wants, true));
	assert_int_equal(p.wanted, 0);
	permits_give(&p);
	close_with(&p);
}

static void without_a_keeper_what_is_there_stays(void **state)
{
	struct permits p;
	bool wants[3] = { false };

	(void)state;
	open_with(&p, 0);
	permits_take(&p, &wants[0], true);
	permits_lost(&p);
	assert_true(has_rung(&p));
	assert_true(permits_take(&p, &wants[0], true)); /* one there is, always */
	assert_false(permits_take(&p, &wants[1], true));
	permits_give(&p);
	assert_true(has_rung(&p));
	assert_true(permits_take(&p, &wants[1], true));
	permits_give(&p);
	keeper_was_told("+");
	close_with(&p);

	open_with(&p, 1);
	permits_take(&p, &wants[0], true);
	permits_take(&p, &wants[1], true);
	permits_granted(&p);
	permits_take(&p, &wants[1], true);
	permits_lost(&p);
	assert_false(permits_take(&p, &wants[2], true));
	permits_give(&p);
	permits_give(&p);
	assert_true(permits_take(&p, &wants[2], true)); /* nobody gets the token back */
	assert_true(permits_take(&p, &wants[0], true));
	permits_give(&p);
	permits_give(&p);
	keeper_was_told("+");
	close_with(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_needs_no_token),
		cmocka_unit_test(for_others_a_token_is_asked_for_and_brought_back),
		cmocka_unit_test(who_wants_none_any_more_gets_none),
		cmocka_unit_test(a_token_goes_back_though_somebody_waits),
		cmocka_unit_test(what_is_free_without_a_token_is_told_by_the_bell),
		cmocka_unit_test(without_a_keeper_what_is_there_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
