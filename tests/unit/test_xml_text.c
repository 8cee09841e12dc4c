/* Bytes as the text of XML: what it cannot hold is shown, and nothing is lost. */
#include "unit.h"

#include <string.h>

#include "base/buf.h"
#include "base/xml_text.h"

static void assert_text(const char *bytes, size_t len, bool attribute, const char *expected)
{
	struct buf text = { 0 };

	xml_text(&text, bytes, len, attribute);
	assert_string_equal(buf_str(&text), expected);
	buf_free(&text);
}

static void what_xml_means_something_by_is_escaped(void **state)
{
	(void)state;
	assert_text("a<b>&\"']]>", 10, false, "a&lt;b&gt;&amp;&quot;']]&gt;");
	assert_text("&amp;", 5, true, "&amp;amp;");
	assert_text("", 0, true, "");
}

static void white_space_comes_back_as_it_was(void **state)
{
	(void)state;
	assert_text("a\tb\nc\rd", 7, false, "a\tb\nc&#13;d");
	assert_text("a\tb\nc\rd", 7, true, "a&#9;b&#10;c&#13;d");
}

static void what_it_cannot_hold_is_shown_byte_by_byte(void **state)
{
	static const struct { const char *bytes; size_t len; const char *expected; } rows[] = {
		{ "\0\1\x1f\x7f", 4, "\\x00\\x01\\x1f\\x7f" },
		{ "\033[31m", 5, "\\x1b[31m" },
		{ "\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0", 8, "\\xc2\\x80\\xc2\\x9b\\xc2\\x9f\xc2\xa0" },
		{ "\xef\xbf\xbd\xef\xbf\xbe\xef\xbf\xbf", 9, "\xef\xbf\xbd\\xef\\xbf\\xbe\\xef\\xbf\\xbf" },
		{ "\xed\x9f\xbf\xee\x80\x80\xed\xa0\x80", 9, "\xed\x9f\xbf\xee\x80\x80\\xed\\xa0\\x80" },
		{ "\xf0\x9f\x98\x80\xf4\x90\x80\x80", 8, "\xf0\x9f\x98\x80\\xf4\\x90\\x80\\x80" },
		{ "\xc3\xa9\xc3", 3, "\xc3\xa9\\xc3" },
		{ "\xff\\x1b", 5, "\\xff\\x1b" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (int attribute = 0; attribute < 2; attribute++)
			assert_text(rows[i].bytes, rows[i].len, attribute, rows[i].expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_xml_means_something_by_is_escaped),
		cmocka_unit_test(white_space_comes_back_as_it_was),
		cmocka_unit_test(what_it_cannot_hold_is_shown_byte_by_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
