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

static void substitutions_are_passed_over(void **state)
{
	(void)state;
	becomes("\"$(echo \"a'b\")\" $'\\n'", "\"$(echo \"a'b\")\" '\n'");
	becomes("\"`echo \"it's\"`\" $'\\n'", "\"`echo \"it's\"`\" '\n'");
	becomes("$((1 + (2))) $'\\n'", "$((1 + (2))) '\n'");
	stays("$(echo $'a')");
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
	says("'a", "a");
	says("\"a\\", "a\\");
	says("a\\", "a\\");
	says("$'a\\", "a\\");
}

static void what_has_no_end_ends_with_the_line(void **state)
{
	char deep[4096];

	(void)state;
	stays("'a");
	stays("\"a");
	stays("\"$(");
	stays("`a");
	stays("\\");
	stays("$");
	becomes("$'", "''");
	becomes("$'a", "'a'");
	becomes("$'a\\", "'a\\'");
	for (size_t i = 0; i + 2 < sizeof deep; i += 2)
		memcpy(deep + i, "$(", 3);
	stays(deep);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_escaped_becomes_raw),
		cmocka_unit_test(other_quotations_stay),
		cmocka_unit_test(substitutions_are_passed_over),
		cmocka_unit_test(quotations_say_the_same),
		cmocka_unit_test(what_has_no_end_ends_with_the_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
