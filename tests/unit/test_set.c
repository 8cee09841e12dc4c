/* A set of byte strings: exact, whatever they are; and the hash below it. */
#include "unit.h"

#include <string.h>

#include "base/hash.h"
#include "base/set.h"

static void the_hash_is_siphash_1_3(void **state)
{
	/* Of the first so many of the bytes 0, 1, 2 ... under the key 0, 1 ... 15: by another
	 * program, whose SipHash-2-4 gives the vectors that its authors published. */
	static const struct {
		size_t len;
		uint64_t hash;
	} vectors[] = {
		{ 0, UINT64_C(0xabac0158050fc4dc) }, { 1, UINT64_C(0xc9f49bf37d57ca93) },
		{ 7, UINT64_C(0xd3927d989bb11140) }, { 8, UINT64_C(0x369095118d299a8e) },
		{ 9, UINT64_C(0x25a48eb36c063de4) }, { 15, UINT64_C(0xd320d86d2a519956) },
		{ 63, UINT64_C(0x9d199062b7bbb3a8) },
	};
	const struct hash_key key = { { UINT64_C(0x0706050403020100),
		UINT64_C(0x0f0e0d0c0b0a0908) } };
	unsigned char bytes[64];

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)i;
	for (size_t i = 0; i < COUNT(vectors); i++)
		assert_true(hash_bytes(&key, bytes, vectors[i].len) == vectors[i].hash);
}

static void a_string_is_new_once(void **state)
{
	struct set *s = set_new();

	(void)state;
	assert_true(set_add(s, "a", 1));
	assert_false(set_add(s, "a", 1));
	assert_true(set_add(s, "b", 1));
	assert_false(set_add(s, "a", 1));
	assert_int_equal(set_count(s), 2);
	set_free(s);
	set_free(NULL);
}

static void all_bytes_and_lengths_count(void **state)
{
	enum { LONG = 70000 };
	struct set *s = set_new();
	char *text = calloc(1, LONG);

	(void)state;
	/* Nothing but NUL bytes, and of every length: all are different strings. */
	for (size_t len = 0; len < LONG; len += len < 300 ? 1 : 9973) {
		assert_true(set_add(s, text, len));
		assert_false(set_add(s, text, len));
	}
	text[200] = 1;
	assert_true(set_add(s, text, 300));
	assert_true(set_add(s, text, 201));
	assert_false(set_add(s, text, 200));
	assert_false(set_add(s, NULL, 0));
	free(text);
	set_free(s);
}

/* Against a table with one place for each number there can be. */
static void any_number_is_told_apart(void **state)
{
	enum { NUMBERS = 50000, STEPS = 200000 };
	bool *seen = calloc(NUMBERS, sizeof *seen);
	struct set *s = set_new();
	uint32_t random = unit_seed(7);
	size_t count = 0;

	(void)state;
	for (int i = 0; i < STEPS; i++) {
		uint32_t n = unit_below(&random, NUMBERS);
		char text[160];
		/* Some are longer than what one byte of length can say. */
		int len = snprintf(text, sizeof text, "%0*u", n % 64 == 0 ? 150 : 1, n);

		assert_int_equal(set_add(s, text, (size_t)len), !seen[n]);
		count += !seen[n];
		seen[n] = true;
		assert_int_equal(set_count(s), count);
	}
	free(seen);
	set_free(s);
}

static void its_memory_is_as_documented(void **state)
{
	enum { NUMBERS = 300000 };
	struct set *s = set_new();
	size_t text_bytes = 0;
	char text[16];

	(void)state;
	for (int i = 1; i <= NUMBERS; i++) {
		text_bytes += (size_t)snprintf(text, sizeof text, "%d", i);
		assert_true(set_add(s, text, strlen(text)));
		/* The table begins with 64 slots, and grows at 4/5 rounded down. */
		assert_true(set_bytes(s) <= text_bytes + (size_t)i * 21 + 512);
	}
	set_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_hash_is_siphash_1_3),
		cmocka_unit_test(a_string_is_new_once),
		cmocka_unit_test(all_bytes_and_lengths_count),
		cmocka_unit_test(any_number_is_told_apart),
		cmocka_unit_test(its_memory_is_as_documented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
