/* Differences of texts: what patch makes of them is the other text. */
#include "unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/diff.h"

static void is(const char *before, const char *after, const char *diff)
{
	struct buf to = { 0 };

	diff_add(&to, "f", before, strlen(before), after, strlen(after));
	assert_string_equal(buf_str(&to), diff);
	buf_free(&to);
}

static void as_diff_prints_it(void **state)
{
	(void)state;
	is("a\nb\n", "a\nb\n", "");
	is("", "", "");
	is("a\nb\nc\n", "a\nx\nc\n", "--- f\n+++ f\n@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n");
	is("", "a\n", "--- f\n+++ f\n@@ -0,0 +1 @@\n+a\n");
	is("a\n", "", "--- f\n+++ f\n@@ -1 +0,0 @@\n-a\n");
	is("a", "a\n", "--- f\n+++ f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n");
	is("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n",
		"--- f\n+++ f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n");
	is("0\n1\n2\n3\n4\n5\n6\n7\n", "x\n1\n2\n3\n4\n5\n6\ny\n",
		"--- f\n+++ f\n@@ -1,8 +1,8 @@\n-0\n+x\n 1\n 2\n 3\n 4\n 5\n 6\n-7\n+y\n");
	is("0\n1\n2\n3\n4\n5\n6\n7\n8\n", "x\n1\n2\n3\n4\n5\n6\n7\ny\n",
		"--- f\n+++ f\n@@ -1,4 +1,4 @@\n-0\n+x\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-8\n+y\n");
}

static void bytes_that_are_no_text(void **state)
{
	struct buf to = { 0 };

	(void)state;
	diff_add(&to, "a\tb", "x\0", 2, "y", 1);
	assert_string_equal(buf_str(&to), "Binary files \"a\\011b\" and \"a\\011b\" differ\n");
	buf_free(&to);
}

/* Walk through it as patch does, and strictly. */
static void apply(const char *diff, const char *before, size_t len, struct buf *after)
{
	const char *s = diff, *end = before + len, *at = before;
	size_t line = 0;

	assert_memory_equal(s, "--- f\n+++ f\n", 12);
	s += 12;
	while (*s) {
		size_t first, gone = 1, here = 0, n;
		const char *rest = strchr(s, '\n') + 1;

		assert_true(sscanf(s, "@@ -%zu,%zu", &first, &gone) >= 1);
		first -= gone > 0;
		for (; line < first; line++) {
			n = (size_t)((char *)memchr(at, '\n', (size_t)(end - at)) + 1 - at);
			buf_add(after, at, n);
			at += n;
		}
		for (s = rest; *s && *s != '@'; s += n) {
			bool unended;

			n = (size_t)(strchr(s, '\n') + 1 - s);
			unended = s[n] == '\\';
			if (*s != '+') {
				assert_true((size_t)(end - at) >= n - 1 - unended);
				assert_memory_equal(at, s + 1, n - 1 - unended);
				at += n - 1 - unended;
				line++;
				here++;
			}
			if (*s != '-')
				buf_add(after, s + 1, n - 1 - unended);
			if (unended)
				n = (size_t)(strchr(s + n, '\n') + 1 - s);
		}
		assert_int_equal(here, gone);
	}
	buf_add(after, at, (size_t)(end - at));
}

static void make(struct buf *b, uint32_t *seed, uint32_t lines, uint32_t kinds)
{
	buf_clear(b);
	for (uint32_t i = 0; i < lines; i++)
		buf_addf(b, "%u\n", unit_below(seed, kinds));
	if (b->len && !unit_below(seed, 3))
		b->len--;
}

/* Some of its lines changed, as sed would. */
static void edit(struct buf *b, const struct buf *from, uint32_t *seed, uint32_t one_of)
{
	buf_clear(b);
	for (size_t i = 0; i < from->len; i++) {
		if (from->data[i] == '\n' && !unit_below(seed, one_of))
			buf_adds(b, unit_below(seed, 2) ? "x" : "\nmore");
		buf_addc(b, from->data[i]);
	}
}

static void what_is_applied_is_the_other_text(void **state)
{
	struct buf before = { 0 }, after = { 0 }, diff = { 0 }, got = { 0 };
	uint32_t seed = unit_seed(1);

	(void)state;
	for (uint32_t round = 0; round < 1500; round++) {
		uint32_t lines = unit_below(&seed, round % 50 ? 40 : 3000);

		make(&before, &seed, lines, 1 + unit_below(&seed, 2 * lines + 1));
		if (unit_below(&seed, 2))
			make(&after, &seed, unit_below(&seed, 40), 1 + unit_below(&seed, 20));
		else
			edit(&after, &before, &seed, 1 + unit_below(&seed, 20));
		buf_clear(&diff);
		buf_clear(&got);
		diff_add(&diff, "f", buf_str(&before), before.len, buf_str(&after), after.len);
		if (!diff.len) {
			assert_int_equal(before.len, after.len);
			continue;
		}
		apply(buf_str(&diff), buf_str(&before), before.len, &got);
		assert_int_equal(got.len, after.len);
		if (got.len)
			assert_memory_equal(got.data, after.data, got.len);
	}
	buf_free(&before);
	buf_free(&after);
	buf_free(&diff);
	buf_free(&got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_diff_prints_it),
		cmocka_unit_test(bytes_that_are_no_text),
		cmocka_unit_test(what_is_applied_is_the_other_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
