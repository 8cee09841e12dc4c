/* Colours: every one can be read on black and on white, and is given to tags alone. */
#include "unit.h"

#include <string.h>

#include "base/buf.h"
#include "base/color.h"

/* As WCAG 2 has it: of the six levels of red, green and blue, which are 0, 95, 135, 175, 215
 * and 255, the linear parts. */
static double luminance(unsigned number)
{
	static const double part[] = { 0.0000, 0.1144, 0.2423, 0.4287, 0.6795, 1.0000 };
	unsigned n = number - 16;

	return 0.2126 * part[n / 36] + 0.7152 * part[n / 6 % 6] + 0.0722 * part[n % 6];
}

static void each_can_be_read_on_black_and_on_white(void **state)
{
	size_t i = 0;

	(void)state;
	for (; color_number(i); i++) {
		double l = luminance(color_number(i));

		assert_true(color_number(i) >= 16 && color_number(i) < 232);
		assert_true((l + 0.05) / 0.05 >= 3.8);
		assert_true(1.05 / (l + 0.05) >= 3.8);
		for (size_t k = 0; k < i; k++)
			assert_int_not_equal(color_number(i), color_number(k));
	}
	assert_true(i >= 8);
}

static void a_tag_is_coloured_up_to_its_tab(void **state)
{
	struct buf text = { 0 };
	size_t len;

	(void)state;
	buf_adds(&text, "before");
	len = text.len;
	buf_adds(&text, "a\tb\t");
	color_tag(&text, len);
	assert_memory_equal(buf_str(&text), "before\033[38;5;", 13);
	assert_non_null(strstr(buf_str(&text), "ma\tb\033[0m\t"));
	assert_int_equal(text.len, strlen(buf_str(&text)));
	len = text.len;
	buf_adds(&text, "\t");
	color_tag(&text, len); /* an empty one */
	assert_int_equal(text.len, len + 1);
	buf_free(&text);
}

static void many_tags_have_all_colours(void **state)
{
	size_t seen = 0, colors = 0;
	char known[256] = "";

	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct buf text = { 0 };
		int number;

		buf_addf(&text, "host%d\t", i);
		color_tag(&text, 0);
		assert_int_equal(sscanf(buf_str(&text), "\033[38;5;%dm", &number), 1);
		seen += !known[number];
		known[number] = 1;
		buf_free(&text);
	}
	while (color_number(colors))
		colors++;
	assert_int_equal(seen, colors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_can_be_read_on_black_and_on_white),
		cmocka_unit_test(a_tag_is_coloured_up_to_its_tab),
		cmocka_unit_test(many_tags_have_all_colours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
