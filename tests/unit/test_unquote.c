/* A shell line for every shell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "action/template/unquote.h"
#include "base/buf.h"

static void becomes(const char *line, const char *expected)
{
	struct buf b = { 0 };

	unquote_line(&b, line, strlen(line));
	assert_string_equal(buf_str(&b), expected);
	buf_free(&b);
}

static void stays(const char *line)
{
	becomes(line, line);
}

static void what_is_escaped_becomes_raw(void **state)
{
	(void)state;
	becomes("x $'a\\tb\\nc\\rd' y", "x 'a\tb\nc\rd' y");
	becomes("$'\\001\\377\\\\'", "'\001\377\\'");
	becomes("$'it\\'s'$'\\n'", "'it'\\''s''\n'");
	becomes("'a'$'\\n''b'", "'a''\n''b'");
	becomes("\"a\"$'\\n'\"b\"", "\"a\"'\n'\"b\"");
	becomes("(x $'\\t') <$'\\n'", "(x '\t') <'\n'");
}

static void other_quotations_stay(void **state)
{
	(void)state;
	stays("");
	stays("a b 'c' \"d\" \\e");
	stays("'$'\\''a'");
	stays("\"$'a\\n'\"");
	stays("\\$'a\\n'");
	stays("\"\\\"$'a\\n'\"");
	stays("echo a # $'a\\n'");
	becomes("echo a#$'\\n' ${#x} $'\\n'", "echo a#'\n' ${#x} '\n'");
}

static void substitutions_are_commands(void **state)
{
	(void)state;
	becomes("\"$(echo \"a'b\")\" $'\\n'", "\"$(echo \"a'b\")\" '\n'");
	becomes("\"`echo \"it's\"`\" $'\\n'", "\"`echo \"it's\"`\" '\n'");
	becomes("$((1 + (2))) $'\\n'", "$((1 + (2))) '\n'");
	becomes("$(echo $'a')", "$(echo 'a')");
	becomes("\"a $(echo $'\\n' \"$'\\n'\") $'\"", "\"a $(echo '\n' \"$'\\n'\") $'\"");
	becomes("cat <<E | x $'\\n'\n$'\\n' $(y $'\\n')\nE\nz",
		"cat <<E | x '\n'\n$'\\n' $(y '\n')\nE\nz");
	becomes("x ${y:-$'\\n'} \"${y:-$'\\n'}\"", "x ${y:-'\n'} \"${y:-$'\\n'}\"");
	stays("`echo $'a\\n'`");
	stays("$(echo $'a");
}

/* A NUL is shown as @. */
static void says(const char *line, const char *expected)
{
	struct buf b = { 0 };

	unquote_sense(&b, line, strlen(line));
	for (size_t i = 0; i < b.len; i++)
		b.data[i] = b.data[i] ? b.data[i] : '@';
	assert_string_equal(buf_str(&b), expected);
	buf_free(&b);
}

static void quotations_say_the_same(void **state)
{
	(void)state;
	says("", "");
	says("echo 'b c'", "echo@ b c");
	says("echo b\\ c", "echo@ b c");
	says("echo \"b c\"", "echo@ b c");
	says("echo $'b c'", "echo@ b c");
	says("echo b c", "echo@ b@ c");
	says("echo 'd'\"'\"'e'", "echo@ d'e");
	says("echo \"d'e\"", "echo@ d'e");
	says("'$x' \"\\$x\" \"$x\" $x", "$x@ $x@ @$x@ @$x");
	says("\"a\\b\\\\\"", "a\\b\\");
	says("$'\\t\\n\\377\\''", "\t\n\377'");
	says("';' ; '*' *", ";@ @;@ *@ @*");
	says("a\\", "a\\");
	says("\"a $(b 'c d' e) f\"", "a @$(b@ c d@ e@) f");
	says("\"$(b c\\ d \"e f\")g h\"", "@$(b@ c d@ e f@)g h");
}

static void what_is_no_line_stays_as_it_is(void **state)
{
	char deep[4096];

	(void)state;
	stays("'a");
	stays("\"a");
	stays("\"$(");
	stays("`a");
	stays("\\");
	stays("$");
	stays("$'");
	stays("$'a\\");
	stays("$'\\n' $[1]");
	says("'a", "'a");
	says("$'a b' )", "$'a b' )");
	for (size_t i = 0; i + 2 < sizeof deep; i += 2)
		memcpy(deep + i, "$(", 3);
	stays(deep);
}

/* Any text can be asked about; where nothing is escaped it stays as it is. */
static void any_text(void **state)
{
	static const char signs[] = "a '\"\\`(){}<>|&;#\n!$$1=[]*-";
	struct buf b = { 0 };
	uint32_t seed = 1;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		char line[24];
		size_t n = 0;

		while (n < sizeof line - 1) {
			seed = seed * 1664525 + 1013904223;
			if (seed >> 28 == 0)
				break;
			line[n++] = signs[(seed >> 16) % (sizeof signs - 1)];
		}
		line[n] = '\0';
		if (!strstr(line, "$'"))
			stays(line);
		unquote_line(&b, line, n);
		unquote_sense(&b, line, n);
		buf_clear(&b);
	}
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_escaped_becomes_raw),
		cmocka_unit_test(other_quotations_stay),
		cmocka_unit_test(substitutions_are_commands),
		cmocka_unit_test(quotations_say_the_same),
		cmocka_unit_test(what_is_no_line_stays_as_it_is),
		cmocka_unit_test(any_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
