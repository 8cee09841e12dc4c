/* Topics: what fits a pattern, by hand and against the plain definition. */
#include "unit.h"

#include <stdbool.h>
#include <string.h>

#include "policy/topic.h"

static bool fits(const char *pattern, const char *key)
{
	assert_null(topic_flaw(pattern));
	return topic_fits(pattern, key, strlen(key));
}

static void a_word_stands_for_itself(void **state)
{
	(void)state;
	assert_true(fits("billing", "billing"));
	assert_true(fits("billing.paid", "billing.paid"));
	assert_false(fits("billing", "billing.paid"));
	assert_false(fits("billing.paid", "billing"));
	assert_false(fits("billing.paid", "billing.pai"));
	assert_false(fits("billing", "billings"));
	assert_false(fits("billing", ""));
}

static void a_star_is_one_word(void **state)
{
	(void)state;
	assert_true(fits("*", "billing"));
	assert_false(fits("*", "billing.paid"));
	assert_false(fits("*", ""));
	assert_true(fits("billing.*", "billing.paid"));
	assert_false(fits("billing.*", "billing"));
	assert_false(fits("billing.*", "billing.paid.eu"));
	assert_true(fits("*.*.eu", "billing.paid.eu"));
}

static void a_hash_is_any_number_of_words(void **state)
{
	(void)state;
	assert_true(fits("#", ""));
	assert_true(fits("#", "billing.paid.eu"));
	assert_true(fits("billing.#", "billing"));
	assert_true(fits("billing.#", "billing.paid.eu"));
	assert_false(fits("billing.#", "bill"));
	assert_true(fits("#.eu", "eu"));
	assert_true(fits("#.eu", "eu.eu"));
	assert_true(fits("billing.#.eu", "billing.eu"));
	assert_true(fits("billing.#.eu", "billing.paid.eu.late.eu"));
	assert_false(fits("billing.#.eu", "billing.paid.us"));
	assert_true(fits("#.*", "billing"));
	assert_false(fits("#.*", ""));
	assert_true(fits("#.#", ""));
	assert_false(fits("*.#.*", "billing"));
}

static void empty_words_are_words(void **state)
{
	(void)state;
	assert_true(fits("a.*.b", "a..b"));
	assert_true(fits("a..b", "a..b"));
	assert_false(fits("a.b", "a..b"));
	assert_true(fits("a.*", "a."));
	assert_false(fits("a", "a."));
	assert_true(fits("*.*", "."));
}

static void a_key_may_hold_any_bytes(void **state)
{
	(void)state;
	assert_true(topic_fits("a.*", "a.\0\n\xff", 5));
	assert_false(topic_fits("a", "a\0", 2));
	assert_true(topic_fits("*", "*", 1));
	assert_true(topic_fits("#.b", "#.b", 3));
}

static void a_wildcard_beside_letters_is_no_pattern(void **state)
{
	(void)state;
	assert_non_null(topic_flaw("bill*"));
	assert_non_null(topic_flaw("orders.*paid"));
	assert_non_null(topic_flaw("a.##"));
	assert_non_null(topic_flaw(""));
	assert_null(topic_flaw("a..b"));
	assert_null(topic_flaw("*.#.*"));
}

/* --- against the definition ---------------------------------------------- */

enum { WORDS = 6 };

/* A text of up to so many words, each one of `letters`, and the words themselves. */
static size_t text_of(uint32_t *random, const char *letters, char *text, char *words)
{
	size_t count = unit_below(random, WORDS + 1);

	for (size_t i = 0; i < count; i++) {
		words[i] = letters[unit_below(random, (uint32_t)strlen(letters))];
		text[2 * i] = words[i];
		text[2 * i + 1] = '.';
	}
	text[count ? 2 * count - 1 : 0] = '\0';
	return count;
}

static bool defined(const char *pattern, size_t n, const char *key, size_t m)
{
	if (n == 0)
		return m == 0;
	if (*pattern == '#')
		return defined(pattern + 1, n - 1, key, m)
			|| (m > 0 && defined(pattern, n, key + 1, m - 1));
	return m > 0 && (*pattern == '*' || *pattern == *key)
		&& defined(pattern + 1, n - 1, key + 1, m - 1);
}

static void any_pattern_fits_what_its_definition_says(void **state)
{
	char pattern[2 * WORDS + 1], key[2 * WORDS + 1], wanted[WORDS], words[WORDS];
	uint32_t random = unit_seed(1);
	unsigned fitted = 0;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		size_t n = text_of(&random, "ab*##", pattern, wanted);
		size_t m = text_of(&random, "ab", key, words);

		if (!n)
			continue;
		if (topic_fits(pattern, key, strlen(key)) != defined(wanted, n, words, m))
			fail_msg("%s and %s", pattern, key);
		fitted += defined(wanted, n, words, m);
	}
	assert_true(fitted > 10000);
}

/* Tried one after the other, the ways to share the words among the many # would take
 * longer than anybody waits. */
static void many_hashes_take_no_longer_than_one(void **state)
{
	enum { HASHES = 200, KEY = 20000 };
	char *pattern = malloc(4 * HASHES + 2), *key = malloc(2 * KEY);

	(void)state;
	for (int i = 0; i < HASHES; i++)
		memcpy(pattern + 4 * i, "#.b.", 4);
	strcpy(pattern + 4 * HASHES, "a");
	for (int i = 0; i < KEY; i++)
		memcpy(key + 2 * i, "b.", 2);
	assert_false(topic_fits(pattern, key, 2 * KEY - 1));
	key[2 * KEY - 2] = 'a';
	assert_true(topic_fits(pattern, key, 2 * KEY - 1));
	free(pattern);
	free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_stands_for_itself),
		cmocka_unit_test(a_star_is_one_word),
		cmocka_unit_test(a_hash_is_any_number_of_words),
		cmocka_unit_test(empty_words_are_words),
		cmocka_unit_test(a_key_may_hold_any_bytes),
		cmocka_unit_test(a_wildcard_beside_letters_is_no_pattern),
		cmocka_unit_test(any_pattern_fits_what_its_definition_says),
		cmocka_unit_test(many_hashes_take_no_longer_than_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
