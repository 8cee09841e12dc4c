/* Names of directories for values: one name each, and never a way out. */
#include "unit.h"

#include <string.h>

#include "base/buf.h"
#include "view/tree.h"

enum { ROUNDS = 20000, MOST = 700 };

static void values_have_the_names_they_have_in_gnu_parallel(void **state)
{
	static const struct { const char *value, *name; } rows[] = {
		{ "a", "a" }, { "a/b", "a\\_b" }, { "a\\b", "a\\\\b" }, { "a\tb", "a\\tb" },
		{ "a b", "a b" }, { "%41", "%41" }, { "\xff", "\xff" }, { "...", "..." },
		{ ".a", ".a" }, { "..a", "..a" }, { "-", "-" },
		/* where theirs leads elsewhere */
		{ "", "\\e" }, { ".", "\\." }, { "..", "\\.." }, { "../x", "..\\_x" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf name = { 0 };

		tree_name(&name, rows[i].value, strlen(rows[i].value));
		assert_string_equal(buf_str(&name), rows[i].name);
		buf_free(&name);
	}
}

static void any_bytes_are_one_name_and_different_ones_two(void **state)
{
	static const char bytes[] = "./\\\t\0ea_\xff";
	uint32_t random = unit_seed(5);
	char last[MOST];
	size_t last_len = 0;
	struct buf last_name = { 0 };

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		size_t len = unit_below(&random, unit_below(&random, 50) ? 4 : MOST);
		struct buf name = { 0 };
		char data[MOST];

		for (size_t k = 0; k < len; k++)
			data[k] = bytes[unit_below(&random, sizeof bytes - 1)];
		tree_name(&name, data, len);
		assert_true(name.len > 0 && name.len <= 255);
		assert_int_equal(strlen(buf_str(&name)), name.len);
		assert_null(strchr(buf_str(&name), '/'));
		assert_string_not_equal(buf_str(&name), ".");
		assert_string_not_equal(buf_str(&name), "..");
		assert_int_equal(strcmp(buf_str(&name), buf_str(&last_name)) == 0,
			i > 0 && len == last_len && memcmp(data, last, len) == 0);
		memcpy(last, data, len);
		last_len = len;
		buf_free(&last_name);
		last_name = name;
	}
	buf_free(&last_name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_have_the_names_they_have_in_gnu_parallel),
		cmocka_unit_test(any_bytes_are_one_name_and_different_ones_two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
