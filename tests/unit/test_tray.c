/* The in-tray: what has been brought keeps the desk from dozing, and wakes it. */
#include "unit.h"

#include <poll.h>

#include "desk/tray.h"
#include "item.h"

static const struct worth for_one = { 1, TRAY_NEVER, 0 }, for_nothing = { TRAY_NEVER,
	TRAY_NEVER, 0 };

static bool rings(const struct tray *t)
{
	struct pollfd bell = { .fd = tray_bell(t), .events = POLLIN };

	return poll(&bell, 1, 0) == 1;
}

static struct delivery some;

static void bring_dead(struct tray *t)
{
	tray_dead(t, &some);
}

static void (*const all[])(struct tray *t) = { bring_dead, tray_stop, tray_look };

static void what_came_before_keeps_the_desk_awake(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(all); i++) {
		struct tray *t = tray_new();

		some = (struct delivery){ 0 };
		all[i](t);
		assert_false(tray_doze(t, for_one));
		assert_false(rings(t));
		(void)tray_take(t);
		assert_true(tray_doze(t, for_one));
		tray_free(t);
	}
}

static void what_comes_while_it_sleeps_wakes_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(all); i++) {
		struct tray *t = tray_new();

		some = (struct delivery){ 0 };
		assert_true(tray_doze(t, for_one));
		assert_false(rings(t));
		all[i](t);
		assert_true(rings(t));
		tray_rise(t, true);
		assert_false(rings(t));
		tray_free(t);
	}
}

static void a_death_wakes_it_only_where_it_is_worth_it(void **state)
{
	struct tray *t = tray_new();

	(void)state;
	some = (struct delivery){ 0 };
	assert_true(tray_doze(t, for_nothing));
	tray_dead(t, &some);
	assert_false(rings(t));
	tray_parked(t, 1);
	assert_false(rings(t));
	tray_rise(t, false);
	assert_true(tray_doze(t, (struct worth){ TRAY_NEVER, 3, 0 }));
	tray_parked(t, 1);
	assert_true(rings(t));
	tray_free(t);
}

/* They may have been taken from the tray before the desk looked, or not: what it reckoned
 * with is what counts. */
static void what_is_parked_is_compared_with_what_was_reckoned_with(void **state)
{
	struct tray *t = tray_new();

	(void)state;
	tray_parked(t, 62);
	tray_take(t);
	tray_parked(t, -62);
	assert_true(tray_doze(t, (struct worth){ TRAY_NEVER, 31, 0 }));
	some = (struct delivery){ 0 };
	tray_parked(t, 30);
	assert_false(rings(t));
	tray_dead(t, &some);
	assert_true(rings(t));
	tray_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_came_before_keeps_the_desk_awake),
		cmocka_unit_test(what_comes_while_it_sleeps_wakes_it),
		cmocka_unit_test(a_death_wakes_it_only_where_it_is_worth_it),
		cmocka_unit_test(what_is_parked_is_compared_with_what_was_reckoned_with),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
