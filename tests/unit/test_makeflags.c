/* What MAKEFLAGS says of make's jobserver, in all the forms it comes in. */
#include "unit.h"

#include "workers/makeflags.h"

struct expected {
	const char *text;
	int kind, in, out;
	const char *auth;
	unsigned jobs;
};

static void check(const struct expected *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct expected *e = &list[i];
		struct makeflags m;

		makeflags_read(e->text, &m);
		if (m.kind != (unsigned)e->kind)
			fail_msg("'%s': kind %d", e->text, m.kind);
		if (e->kind == MAKEFLAGS_PIPE) {
			assert_int_equal(m.in, e->in);
			assert_int_equal(m.out, e->out);
		}
		assert_string_equal(buf_str(&m.auth), e->auth ? e->auth : "");
		assert_int_equal(m.jobs, e->jobs);
		makeflags_free(&m);
	}
}

static void a_pipe_is_two_descriptors(void **state)
{
	static const struct expected forms[] = {
		{ " -j4 --jobserver-auth=3,4", MAKEFLAGS_PIPE, 3, 4, "3,4", 4 },
		{ "ks -j12 --jobserver-auth=10,11", MAKEFLAGS_PIPE, 10, 11, "10,11", 12 },
		{ "-j --jobserver-fds=5,6", MAKEFLAGS_PIPE, 5, 6, "5,6", 0 },
		{ "-j --jobserver-fds=5,6 --jobserver-auth=5,6", MAKEFLAGS_PIPE, 5, 6, "5,6", 0 },
		{ "--jobs=3\t--jobserver-auth=0,1\n", MAKEFLAGS_PIPE, 0, 1, "0,1", 3 },
	};

	(void)state;
	check(forms, COUNT(forms));
}

static void a_fifo_is_a_path(void **state)
{
	static const struct expected forms[] = {
		{ " -j4 --jobserver-auth=fifo:/tmp/GMfifo17", MAKEFLAGS_FIFO, 0, 0, "/tmp/GMfifo17", 4 },
		{ "--jobserver-auth=fifo:/tmp/a\\ b\\\\c$$d", MAKEFLAGS_FIFO, 0, 0, "/tmp/a b\\c$d", 0 },
		{ "--jobserver-auth=fifo:a,b", MAKEFLAGS_FIFO, 0, 0, "a,b", 0 },
	};

	(void)state;
	check(forms, COUNT(forms));
}

static void a_path_is_quoted_as_make_does(void **state)
{
	static const char path[] = "/tmp/a b/$HOME/c\\d\te";
	struct buf text = { 0 };
	struct makeflags m;

	(void)state;
	buf_adds(&text, "-j2 --jobserver-auth=fifo:");
	makeflags_quote(path, &text);
	assert_string_equal(buf_str(&text),
		"-j2 --jobserver-auth=fifo:/tmp/a\\ b/$$HOME/c\\\\d\\\te");
	makeflags_read(buf_str(&text), &m);
	assert_int_equal(m.kind, MAKEFLAGS_FIFO);
	assert_string_equal(buf_str(&m.auth), path);
	makeflags_free(&m);
	buf_free(&text);
}

static void the_last_one_counts(void **state)
{
	static const struct expected forms[] = {
		{ "-j2 --jobserver-auth=3,4 -j8 --jobserver-auth=fifo:/x", MAKEFLAGS_FIFO, 0, 0, "/x", 8 },
		{ "--jobserver-auth=fifo:/x --jobserver-auth=7,8", MAKEFLAGS_PIPE, 7, 8, "7,8", 0 },
		{ "--jobserver-auth=3,4 --jobserver-auth=-2,-2", MAKEFLAGS_OFF, 0, 0, "-2,-2", 0 },
		{ "--jobserver-auth=-2,-2 --jobserver-auth=3,4", MAKEFLAGS_PIPE, 3, 4, "3,4", 0 },
	};

	(void)state;
	check(forms, COUNT(forms));
}

static void what_is_below_zero_is_off(void **state)
{
	static const struct expected forms[] = {
		{ " -j4 --jobserver-auth=-2,-2", MAKEFLAGS_OFF, 0, 0, "-2,-2", 4 },
		{ "--jobserver-auth=3,-1", MAKEFLAGS_OFF, 0, 0, "3,-1", 0 },
	};

	(void)state;
	check(forms, COUNT(forms));
}

static void what_is_a_variable_of_make_says_nothing(void **state)
{
	static const struct expected forms[] = {
		{ "", MAKEFLAGS_NONE, 0, 0, NULL, 0 },
		{ "w", MAKEFLAGS_NONE, 0, 0, NULL, 0 },
		{ " -- X=1 --jobserver-auth=3,4 -j9", MAKEFLAGS_NONE, 0, 0, NULL, 0 },
		{ " -j3 --jobserver-auth=3,4 -- F=-j9 --jobserver-auth=5,6", MAKEFLAGS_PIPE,
		  3, 4, "3,4", 3 },
		{ "X=a\\ --jobserver-auth=3,4", MAKEFLAGS_NONE, 0, 0, NULL, 0 },
		{ "--jobserver-authority=3,4 --jobserver-style=fifo", MAKEFLAGS_NONE, 0, 0, NULL, 0 },
	};

	(void)state;
	check(forms, COUNT(forms));
}

static void what_is_none_of_these_is_odd(void **state)
{
	static const struct expected forms[] = {
		{ "--jobserver-auth=", MAKEFLAGS_ODD, 0, 0, "", 0 },
		{ "--jobserver-auth=3", MAKEFLAGS_ODD, 0, 0, "3", 0 },
		{ "--jobserver-auth=3,", MAKEFLAGS_ODD, 0, 0, "3,", 0 },
		{ "--jobserver-auth=3,4x", MAKEFLAGS_ODD, 0, 0, "3,4x", 0 },
		{ "--jobserver-auth=3,4,5", MAKEFLAGS_ODD, 0, 0, "3,4,5", 0 },
		{ "--jobserver-auth=3,99999999999", MAKEFLAGS_ODD, 0, 0, "3,99999999999", 0 },
		{ "--jobserver-auth=3,99999999999999999999999", MAKEFLAGS_ODD, 0, 0,
		  "3,99999999999999999999999", 0 },
		{ "--jobserver-auth=fifo:", MAKEFLAGS_ODD, 0, 0, "", 0 },
		{ "--jobserver-auth=gmake_semaphore_12", MAKEFLAGS_ODD, 0, 0, "gmake_semaphore_12", 0 },
		{ "-jx --jobserver-auth=3,4\\", MAKEFLAGS_ODD, 0, 0, "3,4\\", 0 },
	};

	(void)state;
	check(forms, COUNT(forms));
}

static void what_says_nothing_of_jobs_is_kept(void **state)
{
	static const char *const forms[][2] = {
		{ "", " NEW" },
		{ "n", "n NEW" },
		{ " -j4 --jobserver-auth=3,4", " NEW" },
		{ "kn -j4 --jobserver-fds=3,4 --jobserver-auth=3,4 -l2 -- CC=a\\ b J=-j8",
		  "kn NEW -l2 -- CC=a\\ b J=-j8" },
		{ "-j --no-print-directory --jobs=3 -Ia\\ b$$", " NEW --no-print-directory -Ia\\ b$$" },
		{ "CC=gcc -j9", " NEW CC=gcc" },
		{ "--jobserver-style=pipe -- --jobs=3", " NEW -- --jobs=3" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct buf text = { 0 };

		makeflags_replace(forms[i][0], "NEW", &text);
		assert_string_equal(buf_str(&text), forms[i][1]);
		buf_free(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pipe_is_two_descriptors),
		cmocka_unit_test(a_fifo_is_a_path),
		cmocka_unit_test(a_path_is_quoted_as_make_does),
		cmocka_unit_test(the_last_one_counts),
		cmocka_unit_test(what_is_below_zero_is_off),
		cmocka_unit_test(what_is_a_variable_of_make_says_nothing),
		cmocka_unit_test(what_is_none_of_these_is_odd),
		cmocka_unit_test(what_says_nothing_of_jobs_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
