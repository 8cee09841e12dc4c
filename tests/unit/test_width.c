/* How wide text is on a terminal, and what of it fits. */
#include "unit.h"

#include <string.h>

#include "base/buf.h"
#include "base/width.h"

static void every_character_has_its_columns(void **state)
{
	static const struct {
		const char *text;
		size_t columns;
	} rows[] = {
		{ "", 0 }, { "plain", 5 }, { "\xc3\xa4", 1 }, { "a\xcc\x88", 1 },
		{ "\xe6\x97\xa5\xe6\x9c\xac", 4 }, { "\xf0\x9f\x90\x84", 2 },
		{ "\xef\xbc\xa1", 2 }, { "\xef\xbd\xb1", 1 }, { "\xea\xb0\x80", 2 },
		{ "\xe2\x80\x8d", 0 }, { "\xf0\xa0\x80\x80", 2 }, { "\xe2\x9c\x93", 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(width_of(rows[i].text, strlen(rows[i].text)), rows[i].columns);
}

static void assert_put(const char *text, size_t columns, const char *expected)
{
	struct buf b = { 0 };
	size_t used = width_put(&b, text, strlen(text), columns);

	assert_string_equal(buf_str(&b), expected);
	assert_int_equal(used, width_of(expected, strlen(expected)));
	assert_true(used <= columns);
	buf_free(&b);
}

static void what_does_not_fit_is_cut_with_an_ellipsis(void **state)
{
	(void)state;
	assert_put("abcdef", 6, "abcdef");
	assert_put("abcdef", 5, "ab...");
	assert_put("abcdef", 3, "...");
	assert_put("abcdef", 1, ".");
	assert_put("abcdef", 0, "");
	assert_put("", 0, "");
	assert_put("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", 6, "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e");
	assert_put("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", 5, "\xe6\x97\xa5...");
	assert_put("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", 4, "...");
}

static void what_steers_the_terminal_is_left_out(void **state)
{
	(void)state;
	assert_put("\033[31;1mred\033[0m.", 10, "red.");
	assert_put("\033]0;title\007x\033]8;;u\033\\y", 10, "xy");
	assert_put("\033(Bx\0337y\033", 10, "xy");
	assert_put("\033[31", 10, "");
	assert_put("a\tb\001\177\xff.", 10, "a b???.");
	assert_put("\xc2\x9b" "1m", 10, "??1m"); /* a control beyond ASCII */
	assert_put("\xe2\x80\xae" "abc", 10, "???abc"); /* turns the text around */
}

static void random_bytes_never_take_more_than_there_is(void **state)
{
	uint32_t random = unit_seed(13);

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct buf b = { 0 };
		char data[80];
		size_t len = unit_below(&random, sizeof data), columns = unit_below(&random, 60), used;

		for (size_t i = 0; i < len; i++)
			data[i] = (char)(unit_below(&random, 3) ? unit_random(&random)
				: (uint32_t)"\xcc\x88\xe6\x97\xa5\033[m;"[unit_below(&random, 9)]);
		used = width_put(&b, data, len, columns);
		assert_true(used <= columns);
		assert_int_equal(used, width_of(b.data, b.len));
		for (size_t i = 0; i < b.len; i++)
			assert_true((unsigned char)b.data[i] >= 0x20 && b.data[i] != 0x7f);
		buf_free(&b);
	}
}

static void marks_without_end_have_one(void **state)
{
	struct buf b = { 0 };
	char data[2000];

	(void)state;
	for (size_t i = 0; i < sizeof data; i += 2)
		memcpy(data + i, "\xcc\x88", 2);
	assert_true(width_put(&b, data, sizeof data, 10) <= 10);
	assert_true(b.len < 100);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_character_has_its_columns),
		cmocka_unit_test(what_does_not_fit_is_cut_with_an_ellipsis),
		cmocka_unit_test(what_steers_the_terminal_is_left_out),
		cmocka_unit_test(random_bytes_never_take_more_than_there_is),
		cmocka_unit_test(marks_without_end_have_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
