/* --order-by: what is started first, and who of several nodes gets what. */
#include "unit.h"

#include <string.h>

#include "desk/order.h"
#include "item.h"
#include "policy/shard.h"

enum { MOST = 400 };

static int64_t times[MOST + 1]; /* of the item of this seq; -1: nobody knows */
static unsigned strange;

static int64_t on_took(void *ctx, const struct item *item)
{
	(void)ctx;
	return times[item->seq];
}

static void on_strange(void *ctx)
{
	(void)ctx;
	strange++;
}

static struct order *order_of(unsigned count)
{
	struct order *o = order_new(&(struct order_rules){ .took = on_took, .strange = on_strange });

	strange = 0;
	for (unsigned i = 1; i <= count; i++) {
		struct draft draft = { 0 };

		draft_add(&draft, "x", 1);
		order_add(o, item_new(&draft, 1, i), i % 10 == 0 ? "it is a tenth" : NULL, true);
		draft_free(&draft);
	}
	return o;
}

/* Give all back that were listed, and see that they come in the order of the list. */
static unsigned list_all(struct order *o, bool *ours)
{
	struct item *item;
	const char *refused;
	unsigned n = 0;

	while ((item = order_listed(o, &refused, &ours[n + 1]))) {
		assert_int_equal(item->seq, ++n);
		assert_true((refused != NULL) == (n % 10 == 0));
		order_keep(o, item);
	}
	return n;
}

static void the_longest_are_first_and_the_unknown_before_them(void **state)
{
	static const int64_t given[] = { 5, -1, 7, 5, 0, -1, 9 };
	static const uint64_t wanted[] = { 2, 6, 7, 3, 1, 4, 5 };
	struct order *o;
	struct item *item;
	bool ours[MOST];

	(void)state;
	memcpy(times + 1, given, sizeof given);
	o = order_of(COUNT(given));
	assert_false(order_ended(o));
	order_end(o, NULL);
	assert_int_equal(list_all(o, ours), COUNT(given));
	for (size_t i = 0; i < COUNT(wanted); i++) {
		assert_true(order_holds(o));
		item = order_first(o);
		assert_int_equal(item->seq, wanted[i]);
		item_free(item, NULL);
	}
	assert_null(order_first(o));
	assert_false(order_holds(o));
	assert_int_equal(strange, 0);
	order_free(o);
}

static void what_is_not_kept_is_not_given(void **state)
{
	struct order *o;
	struct item *item;
	const char *refused;
	bool ours;

	(void)state;
	for (int i = 1; i <= 4; i++)
		times[i] = i;
	o = order_of(4);
	order_end(o, NULL);
	while ((item = order_listed(o, &refused, &ours))) {
		if (item->seq % 2)
			order_keep(o, item);
		else
			item_free(item, NULL);
	}
	for (uint64_t seq = 3; (item = order_first(o)); seq -= 2) {
		assert_int_equal(item->seq, seq);
		item_free(item, NULL);
	}
	order_free(o);
}

static void a_list_of_which_nothing_is_known_is_told_once(void **state)
{
	struct order *o;
	struct item *item;

	(void)state;
	for (int i = 1; i <= 3; i++)
		times[i] = -1;
	o = order_of(3);
	order_end(o, NULL);
	assert_int_equal(strange, 1);
	while ((item = order_first(o)))
		item_free(item, NULL);
	order_free(o);
	o = order_of(0);
	order_end(o, NULL);
	assert_int_equal(strange, 0);
	assert_null(order_first(o));
	order_free(o);
}

/* Each node reckons by itself: together they have all, each item once, and none has more to do
 * than the least busy one and one job. */
static void each_item_is_dealt_to_one_node_and_the_loads_are_even(void **state)
{
	uint32_t random = unit_seed(11);

	(void)state;
	for (unsigned round = 0; round < 60; round++) {
		unsigned items = unit_below(&random, MOST), nodes = 1 + unit_below(&random, 9);
		unsigned owners[MOST + 1] = { 0 };
		int64_t load[16] = { 0 }, longest = 0, least = INT64_MAX, most = 0;
		bool known = unit_below(&random, 4) > 0;

		for (unsigned i = 1; i <= items; i++) {
			times[i] = unit_below(&random, 1000);
			if (!known && unit_below(&random, 2))
				times[i] = -1;
			longest = times[i] > longest ? times[i] : longest;
		}
		for (unsigned k = 1; k <= nodes; k++) {
			struct order *o = order_of(items);
			bool ours[MOST + 1];
			struct item *item;

			order_end(o, &(struct shard_rule){ k, nodes, false });
			list_all(o, ours);
			for (unsigned i = 1; i <= items; i++) {
				owners[i] += ours[i];
				load[k] += ours[i] ? times[i] + 1 : 0;
			}
			while ((item = order_first(o)))
				item_free(item, NULL);
			order_free(o);
		}
		for (unsigned i = 1; i <= items; i++)
			assert_int_equal(owners[i], 1);
		for (unsigned k = 1; k <= nodes; k++) {
			least = load[k] < least ? load[k] : least;
			most = load[k] > most ? load[k] : most;
		}
		if (known)
			assert_true(most <= least + longest + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_are_first_and_the_unknown_before_them),
		cmocka_unit_test(what_is_not_kept_is_not_given),
		cmocka_unit_test(a_list_of_which_nothing_is_known_is_told_once),
		cmocka_unit_test(each_item_is_dealt_to_one_node_and_the_loads_are_even),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
