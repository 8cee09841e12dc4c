/* What a backslash makes of the characters behind it, and characters of several bytes. */
#include "unit.h"

#include <string.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/utf8.h"

static void an_escape_is_what_its_letters_allow(void **state)
{
	static const struct {
		const char *text, *letters;
		bool bytes;
		size_t read;
		const char *meant;
		size_t len;
	} rows[] = {
		{ "n", ESCAPE_ALL, true, 1, "\n", 1 }, { "e[", ESCAPE_ALL, true, 1, "\033", 1 },
		{ "b", ESCAPE_ALL, true, 1, "\b", 1 }, { "b", "nt", true, 0, "", 0 },
		{ "q", ESCAPE_ALL, true, 0, "", 0 }, { "E", ESCAPE_ALL, true, 0, "", 0 },
		{ ",", "", true, 1, ",", 1 }, { "\\", "", true, 1, "\\", 1 },
		{ "033[", ESCAPE_ALL, true, 3, "\033", 1 }, { "33", ESCAPE_ALL, true, 2, "\033", 1 },
		{ "033", "0", true, 3, "\033", 1 }, { "33", "0", true, 0, "", 0 },
		{ "0", "0", true, 1, "\0", 1 }, { "0", "nt", true, 0, "", 0 },
		{ "400", ESCAPE_ALL, true, 0, "", 0 }, { "8", ESCAPE_ALL, true, 0, "", 0 },
		{ "xa", ESCAPE_ALL, true, 2, "\n", 1 }, { "x0abc", ESCAPE_ALL, true, 3, "\n", 1 },
		{ "x", ESCAPE_ALL, true, 0, "", 0 }, { "x{}", ESCAPE_ALL, true, 0, "", 0 },
		{ "x{1b}", ESCAPE_ALL, true, 5, "\033", 1 }, { "x{e9", ESCAPE_ALL, true, 0, "", 0 },
		{ "x{e9}", ESCAPE_ALL, true, 5, "\xe9", 1 },
		{ "x{e9}", ESCAPE_ALL, false, 5, "\xc3\xa9", 2 },
		{ "x{20ac}", ESCAPE_ALL, true, 7, "\xe2\x82\xac", 3 },
		{ "x{d800}", ESCAPE_ALL, true, 0, "", 0 }, { "x{110000}", ESCAPE_ALL, true, 0, "", 0 },
		{ "", ESCAPE_ALL, true, 0, "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = { 0 };
		size_t n = escape_read(rows[i].text, strlen(rows[i].text), rows[i].letters,
			rows[i].bytes, &out);

		if (n != rows[i].read || out.len != rows[i].len
		    || memcmp(buf_str(&out), rows[i].meant, out.len) != 0)
			fail_msg("row %zu, \\%s: %zu read, %zu bytes", i, rows[i].text, n, out.len);
		buf_free(&out);
	}
}

static void every_character_is_read_as_it_is_written(void **state)
{
	(void)state;
	for (unsigned long c = 0; c < 0x110100; c += c < 0x900 ? 1 : 0x35) {
		bool none = c > 0x10ffff || (c >= 0xd800 && c < 0xe000);
		struct buf out = { 0 };

		assert_int_equal(utf8_add(&out, c), !none);
		if (!none)
			assert_int_equal(utf8_length(out.data, out.len), out.len);
		if (!none && out.len > 1)
			assert_int_equal(utf8_length(out.data, out.len - 1), 0);
		buf_free(&out);
	}
}

static void what_has_a_shape_is_shown(void **state)
{
	static const struct {
		const char *text;
		size_t n;
	} rows[] = {
		{ "a", 1 }, { " ", 1 }, { "~", 1 }, { "\n", 0 }, { "\x7f", 0 }, { "\xc3\xa9", 2 },
		{ "\xc2\x9b", 0 }, { "\xc2\xa0", 2 }, { "\xe9", 0 }, { "\xed\xa0\x80", 0 },
		{ "\xc0\xaf", 0 }, { "\xf4\x90\x80\x80", 0 }, { "\xf0\x9f\x90\x91", 4 },
		{ "\xef\xbb\xbf", 0 }, { "\xe2\x80\x8b", 0 }, { "\xe2\x80\xae", 0 },
		{ "\xe2\x81\xa6", 0 }, { "\xe2\x80\x8d", 3 }, { "\xe2\x80\x94", 3 },
		{ "\xef\xbb\xbe", 3 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(utf8_shown(rows[i].text, strlen(rows[i].text)), rows[i].n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_escape_is_what_its_letters_allow),
		cmocka_unit_test(every_character_is_read_as_it_is_written),
		cmocka_unit_test(what_has_a_shape_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
