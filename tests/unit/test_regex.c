/* Regular expressions: what they find, in one record and in many lines at once, and
 * when they give up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "action/transform/regex.h"
#include "action/transform/regex_lines.h"
#include "base/buf.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static struct regex *compile(const char *pattern, unsigned flags)
{
	struct buf why = { 0 };
	size_t at;
	struct regex *r = regex_new(pattern, strlen(pattern), flags, &why, &at);

	if (!r)
		fail_msg("%s: %s at %zu", pattern, buf_str(&why), at);
	return r;
}

/* Every match as "begin-end,group1 ...;" for each line. */
static void each_alone(const struct regex *r, struct matcher *m, const char *s, size_t len,
	struct buf *out)
{
	for (size_t line = 0; line < len; ) {
		const char *newline = memchr(s + line, '\n', len - line);
		size_t n = (size_t)(newline - s) - line, from = 0;
		bool empty = false;

		while (from <= n && regex_search(r, m, s + line, n, from, empty) == REGEX_MATCH) {
			const size_t *at = matcher_at(m);

			buf_addf(out, "%zu-%zu", line + at[0], line + at[1]);
			for (unsigned g = 1; g <= regex_groups(r); g++)
				buf_addf(out, ",%zd", at[2 * g] == REGEX_UNSET ? -1
					: (ssize_t)(line + at[2 * g]));
			buf_addc(out, ';');
			empty = at[0] == at[1];
			from = at[1];
		}
		line += n + 1;
	}
}

/* Until there are no more, or it was given up. */
static enum regex_end once_over(const struct regex *r, struct matcher *m, const char *s, size_t len,
	struct buf *out)
{
	size_t from = 0;
	bool empty = false;
	enum regex_end end;

	for (;;) {
		const size_t *at;

		if (from >= len)
			return REGEX_NONE;
		end = regex_search_lines(r, m, s, len, from, empty);
		if (end != REGEX_MATCH)
			return end;
		at = matcher_at(m);

		assert_null(memchr(s + at[0], '\n', at[1] - at[0]));
		buf_addf(out, "%zu-%zu", at[0], at[1]);
		for (unsigned g = 1; g <= regex_groups(r); g++)
			buf_addf(out, ",%zd", at[2 * g] == REGEX_UNSET ? -1 : (ssize_t)at[2 * g]);
		buf_addc(out, ';');
		empty = at[0] == at[1];
		from = at[1];
	}
}

static const char *const by_lines[] = {
	"a", "ab*", "b*", "^", "$", "^$", "^a", "b$", "a|b|", "[^a]", "[^a]*", "[^a]+b", "\\s",
	"\\s*", "\\S+", "\\W+", "\\D", "\\D*1", "[\\s,]+", "[\\W]", "(?:a|\\s)b", ".*", ".+b", "a.b",
	"\\Aa", "a\\z", "b\\Z", "(a)(b)?", "(?<x>b+)\\k<x>?", "(a|b)\\1", "(?<!\\s)b", "(?<=a)b",
	"(?!\\s)b", "a(?!b)", "a(?=\\s)", "a(?=.)", "a[^b]*+$", "(?>a*)b", "a*?b", "\\bb", "a\\B",
	"[[:space:]]", "[[:^alpha:]]+", "[]a]", "[^]a]", "[\\t-\\r ]", "(?i)AB", "(?i:B)a", "\\v*a",
	"\\x61", "\\x{62}+", "\\p{L}+", "\\P{L}+", "[\\p{L}\\s]+", "(?<!.)a", "(?<!..)b", "(?|(a)|(b))",
	"\\h+", "\\H+", "\\N+", "a{2,3}", "(a*)*b", "(a?)+", "\\.", "a\\|b", "[a\\]b]+", "[.-]",
};

static void lines_match_as_each_line_alone(void **state)
{
	static const char letters[] = "aab b1,.\t\r\n\n\v\f]A\xc3\xa4\xff";
	struct matcher *m = matcher_new();
	struct buf text = { 0 }, alone = { 0 }, together = { 0 };

	(void)state;
	srand(1);
	for (size_t p = 0; p < COUNT(by_lines); p++) {
		for (unsigned flags = 0; flags < 4; flags++) {
			struct regex *r = compile(by_lines[p], (flags & 1 ? REGEX_CASELESS : 0)
				| (flags & 2 ? REGEX_UTF : 0));

			if (!regex_by_lines(r) && !(flags & 2))
				fail_msg("not by lines: %s", by_lines[p]);
			for (int round = 0; regex_by_lines(r) && round < 60; round++) {
				size_t n = (size_t)rand() % (round % 20 == 19 ? 20000 : 40);

				buf_clear(&text);
				buf_clear(&alone);
				buf_clear(&together);
				for (size_t i = 0; i < n; i++)
					buf_addc(&text, letters[(size_t)rand() % (sizeof letters - 1)]);
				buf_addc(&text, '\n');
				matcher_begin(m);
				each_alone(r, m, text.data, text.len, &alone);
				assert_int_equal(once_over(r, m, text.data, text.len, &together),
					REGEX_NONE);
				if (strcmp(buf_str(&alone), buf_str(&together)) != 0)
					fail_msg("%s (flags %u) in '%s': %.300s but together %.300s",
						by_lines[p], flags, buf_str(&text), alone.data, together.data);
			}
			regex_free(r);
		}
	}
	matcher_free(m);
	buf_free(&text);
	buf_free(&alone);
	buf_free(&together);
}

static void what_cannot_be_spelled_for_lines_is_left_alone(void **state)
{
	static const char *const patterns[] = { "a\\nb", "a\nb", "\\R", "\\X", "\\Ga", "a\\Kb",
		"(?s)a.b", "(?m)^a", "(?x)a b", "(*COMMIT)a", "(?(1)a|b)", "\\x0a", "\\x{A}", "\\012",
		"[\\Qa\\E]", "\\Qa\\E", "\\cJ", "(?#x)a", "(?R)", "[a", "a\\", "\\p{L" };
	struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(patterns); i++) {
		buf_clear(&out);
		if (regex_lines(patterns[i], strlen(patterns[i]), &out))
			fail_msg("%s became %s", patterns[i], buf_str(&out));
	}
	buf_free(&out);
}

static void a_newline_that_must_be_there_is_seen(void **state)
{
	static const char *const needing[] = { "\\n", "a\\nb", "a\nb", "\\n+", "\\n$", "[^]]\\n",
		"(?:a|b)\\n", "(a[)]|b)\\n", "\\(\\n", "(?<=a)\\n", "[\\]]\\n", "(?:(?:a))*\\n" };
	static const char *const others[] = { "", "a", "\\\\n", "\\n?", "\\n*", "\\n{0,1}", "[\\n]",
		"[^\\n]", "(\\n)?", "a|\\n", "\\n|a", "(?:a|\\n)", "\\Q\\n\\E", "(*UTF)\\n", "(?x)a\nb",
		"(?i)\\n", "(?!\\n)", "(\\n", "[\\n", "\\" };

	(void)state;
	for (size_t i = 0; i < COUNT(needing); i++)
		if (!regex_needs_newline(needing[i], strlen(needing[i])))
			fail_msg("not seen in %s", needing[i]);
	for (size_t i = 0; i < COUNT(others); i++)
		if (regex_needs_newline(others[i], strlen(others[i])))
			fail_msg("seen in %s", others[i]);
}

static void an_error_tells_its_place(void **state)
{
	struct buf why = { 0 };
	size_t at = 0;

	(void)state;
	assert_null(regex_new("a(b", 3, 0, &why, &at));
	assert_string_equal(buf_str(&why), "missing closing parenthesis");
	assert_int_equal(at, 3);
	buf_clear(&why);
	assert_null(regex_new("(*UTF)a", 7, 0, &why, &at));
	buf_free(&why);
}

static void groups_have_numbers_and_names(void **state)
{
	struct regex *r = compile("(?<day>\\d+)-(x)?(?<rest>.*)", 0);
	struct matcher *m = matcher_new();
	const size_t *at;

	(void)state;
	assert_int_equal(regex_groups(r), 3);
	assert_int_equal(regex_group(r, "rest!", 4), 3);
	assert_int_equal(regex_group(r, "nobody", 6), -1);
	assert_string_equal(regex_group_name(r, 1), "day");
	assert_null(regex_group_name(r, 2));
	assert_int_equal(regex_search(r, m, "a 12-b", 6, 0, false), REGEX_MATCH);
	at = matcher_at(m);
	assert_int_equal(at[0], 2);
	assert_int_equal(at[3], 4);
	assert_true(at[4] == REGEX_UNSET);
	assert_int_equal(at[6], 5);
	matcher_free(m);
	regex_free(r);
}

static struct buf letters(size_t n, const char *tail)
{
	struct buf text = { 0 };

	memset(buf_reserve(&text, n), 'a', n);
	text.len = n;
	buf_adds(&text, tail);
	return text;
}

/* How the first search in 'a' x n followed by the tail ends, and what it takes. */
static enum regex_end hard(const char *pattern, size_t n, const char *tail, uint64_t *steps)
{
	struct regex *r = compile(pattern, 0);
	struct matcher *m = matcher_new();
	struct buf text = letters(n, tail);
	enum regex_end end;

	matcher_begin(m);
	end = regex_search(r, m, text.data, text.len, 0, false);
	*steps = matcher_spent(m);
	if (end == REGEX_LIMIT)
		assert_non_null(matcher_why(m));
	buf_free(&text);
	matcher_free(m);
	regex_free(r);
	return end;
}

static void a_hard_record_is_given_up_after_so_many_steps(void **state)
{
	static const char *const patterns[] = { "(a+)+$", "(a|aa)+$", "(a+a+)+y", "(a*)*(a*)*b",
		"a+a+a+a+a+b", "^(\\w+\\s?)*$", "(.*a){20}b" };
	static const size_t sizes[] = { 30, 3000, 60000 };

	(void)state;
	for (size_t p = 0; p < COUNT(patterns); p++)
		for (size_t i = 0; i < COUNT(sizes); i++) {
			uint64_t steps;
			enum regex_end end = hard(patterns[p], sizes[i], "! by", &steps);

			assert_int_equal(end, sizes[i] > 30 || p != 4 ? REGEX_LIMIT : REGEX_NONE);
			if (steps > 1500000 + sizes[i] * 1000)
				fail_msg("%s at %zu: %llu steps", patterns[p], sizes[i],
					(unsigned long long)steps);
		}
}

/* The interpreter, where JIT is not to be had, counts what JIT counts. */
static void steps_are_the_same_without_jit(void **state)
{
	static const char *const patterns[] = { "(a+)+$", "(a|aa)+$", "(a+a+)+y", "a+a+a+b",
		"(a(?=.*b))*$", "^(\\w+\\s?)*$" };
	static const size_t sizes[] = { 24, 60, 500, 20000 };

	(void)state;
	for (size_t p = 0; p < COUNT(patterns); p++)
		for (size_t i = 0; i < COUNT(sizes); i++) {
			uint64_t with, without;
			char plain[64] = "(*NO_JIT)";
			enum regex_end end = hard(patterns[p], sizes[i], "! by", &with);

			strcat(plain, patterns[p]);
			assert_int_equal(hard(plain, sizes[i], "! by", &without), end);
			if (with && without) /* else one of them found it the quick way */
				assert_int_equal(with, without);
		}
}

static void a_long_record_is_no_hard_one(void **state)
{
	static const char *const patterns[] = { "!$", "^a*!$", "^.*!$", "(\\w+) ?!",
		"a{3}!", "(?:one|two|a|three|four|five)!" };
	uint64_t steps;

	(void)state;
	assert_int_equal(hard("a+b", 2000, "b", &steps), REGEX_MATCH);
	assert_int_equal(steps, 0);
	for (size_t i = 0; i < COUNT(patterns); i++)
		assert_int_equal(hard(patterns[i], 100000, "!", &steps), REGEX_MATCH);
	assert_int_equal(hard("b", 2000000, "!", &steps), REGEX_NONE);
}

/* All matches of a record, as s///g asks for them. */
static enum regex_end all_matches(const struct regex *r, struct matcher *m, const struct buf *text,
	size_t *found)
{
	enum regex_end end;
	size_t from = 0;

	matcher_begin(m);
	*found = 0;
	while ((end = regex_search(r, m, text->data, text->len, from, false)) == REGEX_MATCH) {
		from = matcher_at(m)[1];
		++*found;
	}
	return end;
}

/* With callouts PCRE2 cannot compile it any more. */
static void an_expression_too_large_to_be_counted_is_bounded_all_the_same(void **state)
{
	static const char *const patterns[] = { "(?:[ab]a){1400}!", "(?:[ab]a){1400}!|(a+)+$" };
	uint64_t steps;

	(void)state;
	assert_int_equal(hard(patterns[0], 100000, "!", &steps), REGEX_MATCH);
	assert_int_equal(steps, 0);
	assert_int_equal(hard(patterns[1], 2800, "!", &steps), REGEX_MATCH);
	assert_int_equal(hard(patterns[1], 100, "! by", &steps), REGEX_LIMIT);
	assert_int_equal(steps, 0);
}

static void all_matches_of_a_record_have_one_budget(void **state)
{
	struct regex *quadratic = compile("a(?!.*y)", 0), *linear = compile("a", 0);
	struct matcher *m = matcher_new();
	struct buf text = letters(100000, "!");
	size_t found;

	(void)state;
	/* Each match alone would take 100,000 steps at most. */
	assert_int_equal(all_matches(quadratic, m, &text, &found), REGEX_LIMIT);
	assert_true(found > 10 && found < 1000);
	assert_int_equal(all_matches(linear, m, &text, &found), REGEX_NONE);
	assert_int_equal(found, 100000);
	/* The next record has its own. */
	text.len = 5000;
	assert_int_equal(all_matches(quadratic, m, &text, &found), REGEX_NONE);
	assert_int_equal(found, 5000);
	buf_free(&text);
	matcher_free(m);
	regex_free(quadratic);
	regex_free(linear);
}

static void hard_lines_are_left_to_be_searched_alone(void **state)
{
	struct regex *r = compile("(a+)+$", 0);
	struct matcher *m = matcher_new();
	char text[] = "b\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\nb\n";

	(void)state;
	assert_int_equal(regex_search_lines(r, m, text, sizeof text - 1, 0, false), REGEX_LIMIT);
	matcher_free(m);
	regex_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_match_as_each_line_alone),
		cmocka_unit_test(what_cannot_be_spelled_for_lines_is_left_alone),
		cmocka_unit_test(a_newline_that_must_be_there_is_seen),
		cmocka_unit_test(an_error_tells_its_place),
		cmocka_unit_test(groups_have_numbers_and_names),
		cmocka_unit_test(a_hard_record_is_given_up_after_so_many_steps),
		cmocka_unit_test(steps_are_the_same_without_jit),
		cmocka_unit_test(a_long_record_is_no_hard_one),
		cmocka_unit_test(an_expression_too_large_to_be_counted_is_bounded_all_the_same),
		cmocka_unit_test(all_matches_of_a_record_have_one_budget),
		cmocka_unit_test(hard_lines_are_left_to_be_searched_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
