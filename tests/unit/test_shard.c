/* --shard: which items are ours. */
#include "unit.h"

#include "base/hash.h"
#include "policy/shard.h"

static void a_share_is_one_of_so_many(void **state)
{
	static const char *const wrong[] = { "", "1", "/", "1/", "/3", "0/3", "4/3", "1/0", "-1/3",
		"1/3,", "1/3,hashes", "1/3,,hash", "1,hash/3", "1/18446744073709551616",
		"1/000000000000000000000000000000000001" };
	struct shard_rule r = { 7, 7, true };

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_false(shard_parse(wrong[i], &r));
	assert_int_equal(r.index, 7); /* as it was */
	assert_true(shard_parse("2/3", &r));
	assert_true(r.index == 2 && r.count == 3 && !r.hash);
	assert_true(shard_parse("3/3,hash", &r));
	assert_true(r.index == 3 && r.count == 3 && r.hash);
}

static void each_place_has_one_node_and_parts_add_up(void **state)
{
	(void)state;
	for (uint64_t n = 1; n < 9; n++) {
		for (uint64_t items = 0; items < 40; items++) {
			uint64_t all = 0;

			for (uint64_t i = 1; i <= n; i++) {
				struct shard_rule r = { i, n, false };
				uint64_t mine = 0;

				for (uint64_t place = 1; place <= items; place++)
					mine += shard_has_place(&r, place);
				assert_int_equal(shard_part(&r, items), mine);
				all += mine;
			}
			assert_int_equal(all, items);
		}
	}
}

/* What the manual says, by another program: Python 3.11, with PYTHONHASHSEED=0. */
static void the_hash_is_the_same_for_ever(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		uint64_t hash;
	} known[] = {
		{ "1", 1, UINT64_C(0xa0bead804318e255) },
		{ "tests/a.bats", 12, UINT64_C(0xfa1c1a436eacf71b) },
		{ "seven-7", 7, UINT64_C(0xd0cda55a43af59cf) },
		{ "eight--8", 8, UINT64_C(0x9b0c1107d8b9c473) },
		{ "a\000b", 3, UINT64_C(0xdc6e953a4a09cb85) },
		{ "\303\244\377", 3, UINT64_C(0x69f5877d7c9b454c) },
	};
	static const struct hash_key zeros;

	(void)state;
	for (size_t i = 0; i < COUNT(known); i++)
		assert_true(hash_bytes(&zeros, known[i].text, known[i].len) == known[i].hash);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_share_is_one_of_so_many),
		cmocka_unit_test(each_place_has_one_node_and_parts_add_up),
		cmocka_unit_test(the_hash_is_the_same_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
