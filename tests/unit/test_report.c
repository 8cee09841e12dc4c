/* What the report makes of data and numbers, and the first few of many. */
#include "unit.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "view/report_text.h"
#include "view/shortlist.h"

static struct buf text;

static const char *escaped(void (*escape)(struct buf *to, const char *data, size_t len),
	const char *data, size_t len)
{
	buf_clear(&text);
	escape(&text, data, len);
	return buf_str(&text);
}

#define ESCAPED(escape, data) escaped(escape, data, sizeof data - 1)

static void no_data_is_markup(void **state)
{
	(void)state;
	assert_string_equal(ESCAPED(report_escape, "<a href=\"x\">&amp;"),
		"&lt;a href=&quot;x&quot;&gt;&amp;amp;");
	assert_string_equal(ESCAPED(report_escape, "a\0b\t\n\x7f"), "a\\x00b\\x09\\x0a\\x7f");
	assert_string_equal(ESCAPED(report_escape, "\xff\xc3\xa4\xc3"), "\\xff\xc3\xa4\\xc3");
	assert_string_equal(ESCAPED(report_escape, "\xe2\x80\xae"), "\\xe2\\x80\\xae");
}

static void lines_stay_lines_and_colours_are_left_out(void **state)
{
	(void)state;
	assert_string_equal(ESCAPED(report_escape_lines, "a\tb\r\nc\n"), "a\tb\nc\n");
	assert_string_equal(ESCAPED(report_escape_lines, "\033[1;31mred\033[0m\033[K."), "red.");
	assert_string_equal(ESCAPED(report_escape_lines, "\033]0;title\a\033]8;;x\033\\link"), "link");
	assert_string_equal(ESCAPED(report_escape_lines, "50%\r60%"), "50%\\x0d60%");
	/* What is no sequence, or not all of one, is seen. */
	assert_string_equal(ESCAPED(report_escape_lines, "\033"), "\\x1b");
	assert_string_equal(ESCAPED(report_escape_lines, "\033[1;3"), "\\x1b[1;3");
	assert_string_equal(ESCAPED(report_escape_lines, "\033]0;t\nx\a"), "\\x1b]0;t\nx\\x07");
}

static void what_is_cut_ends_with_an_ellipsis(void **state)
{
	(void)state;
	buf_clear(&text);
	report_escape_cut(&text, "\xc3\xa4\xc3\xa4\xc3\xa4", 6, 3);
	assert_string_equal(buf_str(&text), "\xc3\xa4\xc3\xa4\xe2\x80\xa6");
	buf_clear(&text);
	report_escape_cut(&text, "abc", 3, 3);
	assert_string_equal(buf_str(&text), "abc");
}

static void times_have_three_digits(void **state)
{
	static const struct { int64_t ns; const char *text, *round; } rows[] = {
		{ 0, "0\xc2\xa0s", "0\xc2\xa0s" }, { 999, "999\xc2\xa0ns", "999\xc2\xa0ns" },
		{ 1240000, "1.24\xc2\xa0ms", "1.24\xc2\xa0ms" },
		{ 500000000, "500\xc2\xa0ms", "500\xc2\xa0ms" },
		{ 2000000000, "2.00\xc2\xa0s", "2\xc2\xa0s" },
		{ 59400000000, "59.4\xc2\xa0s", "59.4\xc2\xa0s" },
		{ 125000000000, "2m05s", "2m05s" }, { 3720000000000, "1h02m", "1h02m" },
		{ 93600000000000, "1d02h", "1d02h" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_clear(&text);
		report_time(&text, rows[i].ns);
		assert_string_equal(buf_str(&text), rows[i].text);
		buf_clear(&text);
		report_round_time(&text, rows[i].ns);
		assert_string_equal(buf_str(&text), rows[i].round);
	}
}

static void counts_have_commas(void **state)
{
	static const struct { uint64_t n; const char *text; } rows[] = {
		{ 0, "0" }, { 999, "999" }, { 1000, "1,000" }, { 1234567, "1,234,567" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_clear(&text);
		report_count(&text, rows[i].n);
		assert_string_equal(buf_str(&text), rows[i].text);
	}
	buf_clear(&text);
	report_some(&text, 1, "job");
	report_some(&text, 2, "job");
	assert_string_equal(buf_str(&text), "1 job2 jobs");
}

static void neither_none_nor_all_is_rounded_to(void **state)
{
	static const struct { double share; const char *text; } rows[] = {
		{ 0, "0\xc2\xa0%" }, { 0.001, "&lt;1\xc2\xa0%" }, { 0.5, "50\xc2\xa0%" },
		{ 0.996, "99.6\xc2\xa0%" }, { 1, "100\xc2\xa0%" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_clear(&text);
		report_percent(&text, rows[i].share);
		assert_string_equal(buf_str(&text), rows[i].text);
	}
}

/* --- the first few of many ------------------------------------------------- */

static void the_lowest_are_kept_in_their_order(void **state)
{
	uint32_t random = unit_seed(3);
	struct shortlist list;

	(void)state;
	shortlist_init(&list, 10);
	for (int i = 0; i < 1000; i++) {
		/* Each from 0 to 999 once: 577 and 1000 have no divisor in common. */
		uint64_t rank = (uint64_t)(i * 577 + 13) % 1000;

		if (shortlist_wants(&list, rank, 0))
			shortlist_add(&list, &(struct shortlist_row){ .rank = rank,
				.name = mem_copy("x", unit_below(&random, 2)) });
	}
	assert_int_equal(list.offered, 1000);
	assert_int_equal(list.count, 10);
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(list.rows[i].rank, i);
	shortlist_free(&list);
}

static void of_those_that_are_alike_the_lowest_turn_comes_first(void **state)
{
	struct shortlist list;

	(void)state;
	shortlist_init(&list, 2);
	for (uint64_t turn = 9; turn > 0; turn--)
		if (shortlist_wants(&list, 5, turn))
			shortlist_add(&list, &(struct shortlist_row){ .rank = 5, .turn = turn });
	assert_false(shortlist_wants(&list, 5, 2));
	assert_int_equal(list.rows[0].turn, 1);
	assert_int_equal(list.rows[1].turn, 2);
	shortlist_free(&list);
}

static int forget(void **state)
{
	(void)state;
	buf_free(&text);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_data_is_markup),
		cmocka_unit_test(lines_stay_lines_and_colours_are_left_out),
		cmocka_unit_test(what_is_cut_ends_with_an_ellipsis),
		cmocka_unit_test(times_have_three_digits),
		cmocka_unit_test(counts_have_commas),
		cmocka_unit_test(neither_none_nor_all_is_rounded_to),
		cmocka_unit_test(the_lowest_are_kept_in_their_order),
		cmocka_unit_test(of_those_that_are_alike_the_lowest_turn_comes_first),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
