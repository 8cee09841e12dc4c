/* What is no program: where it is wrong, and what is said about it. */
#include "transform.h"

static const char words[] = "; steps are s/// /RE/ !/RE/ m/// y/// upper lower trim cut length "
	"urlencode urldecode base64 unbase64 json";
static const char cut_usage[] = "; as in cut 1,3-5,7- or cut -d, 2 or cut -c 1-8";

struct row {
	const char *program;
	const char *why, *rest;
};

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct transform *t = transform_new('\n');
		struct buf why = { 0 }, expected = { 0 };

		if (transform_add(t, rows[i].program, &why))
			fail_msg("not refused: %s", rows[i].program);
		buf_adds(&expected, "-e, ");
		buf_adds(&expected, rows[i].why);
		buf_adds(&expected, rows[i].rest ? rows[i].rest : "");
		assert_string_equal(buf_str(&why), buf_str(&expected));
		transform_free(t);
		buf_free(&why);
		buf_free(&expected);
	}
}

static void steps_that_are_none(void **state)
{
	static const struct row rows[] = {
		{ "foo", "column 1: unknown step in 'foo'", words },
		{ "upper; foo bar; lower", "column 8: unknown step in 'foo bar'", words },
		{ "upper;\n  sort ", "line 2, column 3: unknown step in 'sort'", words },
		{ "-n", "column 1: unknown step in '-n'", words },
		{ "\xc3\xa4", "column 1: unknown step in '\xc3\xa4'", words },
		{ "sxaxbx", "column 1: unknown step in 'sxaxbx'", words },
		{ "upper lower", "column 7: something follows the step in 'upper lower'; a ; or a new "
			"line ends a step", NULL },
		{ "upper}", "column 6: something follows the step in 'upper}'; a ; or a new line ends "
			"a step", NULL },
		{ "y/a/b/ /b/", "column 8: something follows the step in 'y/a/b/ /b/'; a ; or a new "
			"line ends a step", NULL },
		{ "/a/ upper lower", "column 11: something follows the step in '/a/ upper lower'; a ; "
			"or a new line ends a step", NULL },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void delimiters_that_are_missing(void **state)
{
	static const char sub[] = "; expected s/RE/TEXT/FLAGS";
	static const char extract[] = "; expected m/RE/TEXT/FLAGS; what only filters is /RE/";
	static const char map[] = "; expected y/abc/xyz/ or y/abc//d";
	static const char filter[] = "; expected /RE/FLAGS or !/RE/FLAGS";
	static const struct row rows[] = {
		{ "s", "column 2: a delimiter is missing in 's'", sub },
		{ "s a b ", "column 2: a delimiter is missing in 's a b'", sub },
		{ "s\\a\\b\\", "column 2: a delimiter is missing in 's\\\\a\\\\b\\\\'", sub },
		{ "s\xc2\xa7" "a", "column 2: a delimiter is missing in 's\xc2\xa7" "a'", sub },
		{ "s/a", "column 4: the closing / is missing in 's/a'", sub },
		{ "s/a/b", "column 6: the closing / is missing in 's/a/b'", sub },
		{ "s/a/b\\/", "column 8: the closing / is missing in 's/a/b\\\\/'", sub },
		{ "s/a/b; s/c/d/", "column 10: unknown flag 'c' in 's/a/b; s/c/d/'",
			"; flags are g i m s u x" },
		{ "s/a/b\ns/c/d/", "column 6: the closing / is missing in 's/a/b'", sub },
		{ "s{a{b}", "column 7: the closing } is missing in 's{a{b}'", sub },
		{ "s{a}", "column 5: a delimiter is missing in 's{a}'", sub },
		{ "s{a}b", "column 5: a delimiter is missing in 's{a}b'", sub },
		{ "s{a}{b", "column 7: the closing } is missing in 's{a}{b'", sub },
		{ "m/a/", "column 5: the closing / is missing in 'm/a/'", extract },
		{ "m", "column 2: a delimiter is missing in 'm'", extract },
		{ "y/a/b", "column 6: the closing / is missing in 'y/a/b'", map },
		{ "y/a", "column 4: the closing / is missing in 'y/a'", map },
		{ "/a", "column 3: the closing / is missing in '/a'", filter },
		{ "!a", "column 2: a / is missing behind the ! in '!a'", filter },
		{ "!", "column 2: a delimiter is missing in '!'", filter },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void conditions(void **state)
{
	static const char deep[] = "/a/ /a/ /a/ /a/ /a/ /a/ /a/ /a/ /a/ /a/ /a/ /a/ /a/ /a/ /a/ /a/ ";
	struct buf text = { 0 };
	static const struct row rows[] = {
		{ "/a/s/b/c/", "column 5: a blank is missing between /RE/ and its step in '/a/s/b/c/'; "
			"as in /RE/i s/a/b/", NULL },
		{ "/a/,/b/ upper", "column 4: a blank is missing between /RE/ and its step in "
			"'/a/,/b/ upper'; as in /RE/i s/a/b/", NULL },
		{ "/a/ s/b/", "column 9: the closing / is missing in '/a/ s/b/'; expected "
			"s/RE/TEXT/FLAGS", NULL },
		{ "/a/ !upper", "column 6: a / is missing behind the ! in '/a/ !upper'; expected "
			"/RE/FLAGS or !/RE/FLAGS", NULL },
		{ "!/a/ {upper}", "column 6: unknown step in '!/a/ {upper}'", words },
	};
	struct row many = { NULL, "column 69: more than 16 conditions before a step in '/a/ /a/ /a/ "
		"/a/ /a/ /a/ /a/ /a/ /a/ /a/ /a/ /a/ /a/ /a/ /a/ ...'", NULL };

	(void)state;
	check_rows(rows, COUNT(rows));
	buf_adds(&text, deep);
	buf_adds(&text, "/a/ upper");
	many.program = buf_str(&text);
	check_rows(&many, 1);
	buf_free(&text);
}

static void flags_and_expressions(void **state)
{
	static const struct row rows[] = {
		{ "s/a/b/q", "column 7: unknown flag 'q' in 's/a/b/q'; flags are g i m s u x", NULL },
		{ "s/a/b/gI", "column 8: unknown flag 'I' in 's/a/b/gI'; flags are g i m s u x", NULL },
		{ "s/a/b/2", "column 7: unknown flag '2' in 's/a/b/2'; flags are g i m s u x", NULL },
		{ "/a/g", "column 4: unknown flag 'g' in '/a/g'; flags are i m s u x; a blank stands "
			"before a step", NULL },
		{ "m/a/b/q", "column 7: unknown flag 'q' in 'm/a/b/q'; flags are g i m s u x", NULL },
		{ "y/a/b/g", "column 7: unknown flag 'g' in 'y/a/b/g'; the flag of y is d", NULL },
		{ "/a/y/a/b/", "column 4: unknown flag 'y' in '/a/y/a/b/'; flags are i m s u x; a "
			"blank stands before a step", NULL },
		{ "//", "column 2: the expression is empty in '//'; /^/ matches every record", NULL },
		{ "s//x/", "column 3: the expression is empty in 's//x/'; /^/ matches every record",
			NULL },
		/* PCRE2's own text, at the place it means */
		{ "s/(a/b/", "column 5: missing closing parenthesis in 's/(a/b/'", NULL },
		{ "s/[/]/x/", "column 4: missing terminating ] for character class in 's/[/]/x/'; a "
			"delimiter needs a backslash between [ ], too", NULL },
		{ "s/\xc3\xa4*+*/b/", "column 6: quantifier does not follow a repeatable item in "
			"'s/\xc3\xa4*+*/b/'", NULL },
		{ "upper; /a\\/b\\/[z-a]/", "column 18: range out of order in character class in "
			"'/a\\\\/b\\\\/[z-a]/'", NULL },
		{ "s{a\\{\\}(}{b}", "column 9: missing closing parenthesis in 's{a\\\\{\\\\}(}{b}'", NULL },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void templates(void **state)
{
	static const char braces[] = "; as in ${1} or ${name}; \\$ is a dollar sign";
	static const char dollar[] = "; a named group is ${name}, a dollar sign \\$";
	static const char escapes[] = "; there are \\t \\n \\r \\a \\b \\e \\f \\v \\xHH \\x{HHHH} "
		"\\0OO \\U \\L \\E \\u \\l";
	static const struct row rows[] = {
		{ "s/(a)(b)/-$3/", "column 11: the template names group 3, the expression has 2 in "
			"'s/(a)(b)/-$3/'", NULL },
		{ "s/(a)/$10/", "column 7: the template names group 10, the expression has 1 in "
			"'s/(a)/$10/'; ${1}0 is group 1 and a digit", NULL },
		{ "s/(a)/\\2/", "column 7: the template names group 2, the expression has 1 in "
			"'s/(a)/\\\\2/'", NULL },
		{ "s/a/$1/", "column 5: the template names group 1, the expression has none in "
			"'s/a/$1/'; groups are made with ( )", NULL },
		{ "m/a/${99999999999999999999}/", "column 5: the template names group 9999999, the "
			"expression has none in 'm/a/${99999999999999999999}/'; groups are made with ( )",
			NULL },
		{ "s/(?<x>a)/${y}/", "column 11: the template names group 'y', which the expression does "
			"not have in 's/(?<x>a)/${y}/'; named groups are made with (?<name> )", NULL },
		{ "s/a/${/", "column 7: expected the number or name of a group and a } behind ${ in "
			"'s/a/${/'", braces },
		{ "s/a/${}/", "column 7: expected the number or name of a group and a } behind ${ in "
			"'s/a/${}/'", braces },
		{ "s/a/${x y}/", "column 8: expected the number or name of a group and a } behind ${ in "
			"'s/a/${x y}/'", braces },
		{ "s/a/$name/", "column 5: $n is no reference to a group in 's/a/$name/'", dollar },
		{ "s/a/$$/", "column 5: $$ is no reference to a group in 's/a/$$/'", dollar },
		{ "s/a/\\q/", "column 5: unknown escape \\q in 's/a/\\\\q/'", escapes },
		{ "s/a/\\x/", "column 5: unknown escape \\x in 's/a/\\\\x/'", escapes },
		{ "s/a/\\x{d800}/", "column 5: unknown escape \\x in 's/a/\\\\x{d800}/'", escapes },
		{ "s/a/\\x{110000}/", "column 5: unknown escape \\x in 's/a/\\\\x{110000}/'", escapes },
		{ "s/a/\\0/", "column 5: unknown escape \\0 in 's/a/\\\\0/'; $0 is the whole match, \\x00 "
			"a NUL byte", NULL },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void lists(void **state)
{
	static const char bytes[] = "; y works on single bytes: s/// replaces such characters, \\xHH "
		"is a byte";
	static const struct row rows[] = {
		{ "y/abc/xy/", "column 7: the lists of y differ in length, 3 and 2 in 'y/abc/xy/'; "
			"y/abc//d deletes what has no counterpart", NULL },
		{ "y/abc//", "column 7: the lists of y differ in length, 3 and 0 in 'y/abc//'; "
			"y/abc//d deletes what has no counterpart", NULL },
		{ "y/ab/xyz/d", "column 6: the lists of y differ in length, 2 and 3 in 'y/ab/xyz/d'",
			NULL },
		{ "y/ac-a/wxyz/", "column 4: the range ends before it begins in 'y/ac-a/wxyz/'; a - that "
			"is no range stands first, last or behind a \\", NULL },
		{ "y/\xc3\xa4/ae/", "column 3: a character of several bytes in a list of y in "
			"'y/\xc3\xa4/ae/'", bytes },
		{ "y/a/\\x{20ac}/", "column 5: a character of several bytes in a list of y in "
			"'y/a/\\\\x{20ac}/'", bytes },
		{ "y/a/\\q/", "column 5: unknown escape in a list of y in 'y/a/\\\\q/'; there are \\t \\n "
			"\\r \\a \\b \\e \\f \\v \\xHH \\OOO \\\\ \\-", NULL },
		{ "cut", "column 4: expected a number in 'cut'", cut_usage },
		{ "cut x", "column 5: expected a number in 'cut x'", cut_usage },
		{ "cut 1,", "column 7: expected a number in 'cut 1,'", cut_usage },
		{ "cut 1 2", "column 7: something follows the step in 'cut 1 2'; a ; or a new line ends "
			"a step", NULL },
		{ "cut 0", "column 5: fields and bytes are counted from 1 in 'cut 0'", NULL },
		{ "cut 2,5-3", "column 7: the range ends before it begins in 'cut 2,5-3'", NULL },
		{ "cut 3-0", "column 5: the range ends before it begins in 'cut 3-0'", NULL },
		{ "cut -", "column 5: a range without a number in 'cut -'", cut_usage },
		{ "cut -s 1", "column 5: cut has no option -s in 'cut -s 1'", cut_usage },
		{ "cut -d", "column 7: expected one byte behind -d and a blank in 'cut -d'; as in cut -d, "
			"1,3 or cut -d'|' 2", NULL },
		{ "cut -d:: 1", "column 7: expected one byte behind -d and a blank in 'cut -d:: 1'; as in "
			"cut -d, 1,3 or cut -d'|' 2", NULL },
	};

	(void)state;
	check_rows(rows, COUNT(rows));
}

static void a_long_step_is_cut(void **state)
{
	char program[200];
	struct transform *t = transform_new('\n');
	struct buf why = { 0 };

	(void)state;
	memset(program, 'x', sizeof program);
	program[sizeof program - 1] = '\0';
	assert_false(transform_add(t, program, &why));
	assert_non_null(strstr(buf_str(&why), "xxx...';"));
	assert_true(why.len < 240);
	transform_free(t);
	buf_free(&why);
}

static void bytes_of_a_script_are_shown_as_escapes(void **state)
{
	static const char script[] = "upper\nx\0\033y\n";
	struct transform *t = transform_new('\n');
	struct buf why = { 0 };

	(void)state;
	assert_false(transform_add_script(t, script, sizeof script - 1, &why));
	assert_memory_equal(buf_str(&why), "line 2, column 1: unknown step in 'x\\0", 37);
	assert_null(strchr(buf_str(&why), '\033'));
	transform_free(t);
	buf_free(&why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_that_are_none),
		cmocka_unit_test(delimiters_that_are_missing),
		cmocka_unit_test(conditions),
		cmocka_unit_test(flags_and_expressions),
		cmocka_unit_test(templates),
		cmocka_unit_test(lists),
		cmocka_unit_test(a_long_step_is_cut),
		cmocka_unit_test(bytes_of_a_script_are_shown_as_escapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
