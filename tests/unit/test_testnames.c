/* What test cases are called: no two alike, in bounded memory. */
#include "unit.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "group.h"
#include "item.h"
#include "view/testnames.h"

static struct group one = { .number = 1 }, two = { .number = 2 };

static struct item *named(const char *text, uint64_t seq, const struct group *group)
{
	struct draft draft = { 0 };
	struct item *item;

	draft_add(&draft, text, strlen(text));
	item = item_new(&draft, 1, seq);
	draft_free(&draft);
	item->deliveries[0].group = group;
	return item;
}

static bool first(struct testnames *t, const char *text, const struct group *group)
{
	struct item *item = named(text, 1, group);
	bool is = testnames_first(t, &item->deliveries[0]);

	item_free(item, NULL);
	return is;
}

static void assert_name(struct testnames *t, const char *text, uint64_t seq, bool repeated,
	const char *expected)
{
	struct item *item = named(text, seq, &one);
	struct buf name = { 0 };

	testnames_name(t, &name, &item->deliveries[0], repeated);
	assert_string_equal(buf_str(&name), expected);
	buf_free(&name);
	item_free(item, NULL);
}

static void a_name_is_known_when_it_comes_again(void **state)
{
	struct testnames *t = testnames_new();

	(void)state;
	assert_true(first(t, "a", &one));
	assert_false(first(t, "a", &one));
	assert_true(first(t, "a", &two));
	assert_name(t, "a", 1, false, "a");
	assert_name(t, "a", 7, true, "a (item 7)");
	assert_false(first(t, "a (item 7)", &one));
	/* And one that was made is told apart from one that was there. */
	assert_true(first(t, "b (item 9)", &one));
	assert_name(t, "b", 9, true, "b (item 9) (item 9)");
	testnames_free(t);
}

static void millions_are_known_in_bounded_memory(void **state)
{
	struct testnames *t = testnames_new();
	enum { SAFE = 1500000, MORE = 100000 };
	unsigned again = 0;
	char text[32];

	(void)state;
	for (unsigned i = 0; i < SAFE; i++) {
		snprintf(text, sizeof text, "%u", i);
		if (!first(t, text, &one))
			again++;
	}
	assert_int_equal(again, 0);
	assert_false(first(t, "77", &one));
	for (unsigned i = SAFE; i < SAFE + MORE; i++) {
		snprintf(text, sizeof text, "%u", i);
		if (!first(t, text, &one))
			again++;
	}
	/* From a million and a half on, each is taken for one that was there. */
	assert_in_range(again, MORE - 75000, MORE);
	assert_name(t, "x", 1600001, true, "x (item 1600001)");
	testnames_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_known_when_it_comes_again),
		cmocka_unit_test(millions_are_known_in_bounded_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
