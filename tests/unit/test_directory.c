/* Every regular file below a directory, by name, and what is told of the rest. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "item.h"
#include "scratch.h"
#include "source/source.h"

static void make_directory(const char *name)
{
	char *path = scratch_path(name);

	assert_int_equal(mkdir(path, 0700), 0);
	free(path);
}

static void remove_directory(const char *name)
{
	char *path = scratch_path(name);

	assert_int_equal(rmdir(path), 0);
	free(path);
}

static void put(const char *name)
{
	free(scratch_file(name, "", 0, 0600));
}

/* What is left of the walk: paths below the scratch directory, with blanks. */
static void walk(struct source *s, struct buf *out)
{
	struct draft draft = { 0 };
	enum source_state state;

	while ((state = s->next(s, &draft)) == SOURCE_RECORD) {
		assert_int_equal(draft.values, 1);
		assert_string_equal(draft.source, s->name);
		assert_memory_equal(draft.text, scratch, strlen(scratch));
		if (out->len)
			buf_addc(out, ' ');
		buf_adds(out, draft.text + strlen(scratch));
		draft_clear(&draft);
	}
	assert_int_equal(state, SOURCE_END);
	draft_free(&draft);
}

static void files_come_by_name_level_by_level(void **state)
{
	char *fifo = scratch_path("tree/fifo"), *link = scratch_path("tree/link"),
		*tree = scratch_path("tree"), *slash = scratch_path("tree/");
	struct buf got = { 0 };
	struct source *s;

	(void)state;
	make_directory("tree");
	make_directory("tree/b");
	make_directory("tree/b/empty");
	make_directory("tree/B");
	put("tree/c");
	put("tree/a");
	put("tree/b/2");
	put("tree/b/10");
	put("tree/B/\n");
	put("tree/b.c");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(symlink(".", link), 0);
	s = source_directory(tree);
	walk(s, &got);
	assert_string_equal(buf_str(&got), "/tree/B/\n /tree/a /tree/b/10 /tree/b/2 "
		"/tree/b.c /tree/c");
	assert_false(s->failed);
	s->close(s);
	buf_clear(&got);
	s = source_directory(slash); /* no second slash */
	walk(s, &got);
	assert_memory_equal(got.data, "/tree/B/\n ", 9);
	s->close(s);
	buf_free(&got);
	free(fifo);
	free(link);
	free(tree);
	free(slash);
}

static void a_walk_may_end_early(void **state)
{
	char *tree = scratch_path("tree");
	struct source *s = source_directory(tree);
	struct draft draft = { 0 };

	(void)state;
	assert_int_equal(s->next(s, &draft), SOURCE_RECORD);
	s->close(s);
	draft_free(&draft);
	free(tree);
}

/* A directory that became a link after its name was read. */
static void what_has_become_a_link_leads_nowhere(void **state)
{
	char *swap = scratch_path("swap"), *link = scratch_path("swap/d");
	FILE *told = tmpfile();
	struct buf got = { 0 };
	struct source *s;
	int saved;

	(void)state;
	make_directory("elsewhere");
	put("elsewhere/secret");
	make_directory("swap");
	make_directory("swap/d");
	put("swap/e");
	s = source_directory(swap);
	assert_non_null(s);
	remove_directory("swap/d");
	assert_int_equal(symlink("../elsewhere", link), 0);
	saved = unit_divert(STDERR_FILENO, fileno(told));
	walk(s, &got);
	unit_restore(STDERR_FILENO, saved);
	assert_string_equal(buf_str(&got), "/swap/e");
	assert_true(s->failed);
	s->close(s);
	fclose(told);
	buf_free(&got);
	free(swap);
	free(link);
}

/* The names in a directory are somebody else's: none may reach the terminal raw. */
static void what_cannot_be_read_is_told_and_left_out(void **state)
{
	char *gone = scratch_path("gone"), *expected, *said;
	FILE *told = tmpfile();
	struct buf got = { 0 };
	struct source *s;
	size_t len;
	int saved;

	(void)state;
	make_directory("gone");
	make_directory("gone/x\033[2J");
	put("gone/y");
	s = source_directory(gone);
	assert_non_null(s);
	remove_directory("gone/x\033[2J");
	saved = unit_divert(STDERR_FILENO, fileno(told));
	walk(s, &got);
	unit_restore(STDERR_FILENO, saved);
	said = unit_content(fileno(told), &len);
	assert_true(asprintf(&expected, "pq: cannot read '%s/x\\x1b[2J': %s; its files are "
		"left out\n", gone, strerror(ENOENT)) > 0);
	assert_string_equal(said, expected);
	assert_string_equal(buf_str(&got), "/gone/y");
	assert_true(s->failed);
	s->close(s);
	fclose(told);
	buf_free(&got);
	free(said);
	free(expected);
	free(gone);
}

static void a_directory_that_is_not_there_is_no_source(void **state)
{
	char *missing = scratch_path("missing");
	FILE *told = tmpfile();
	int saved = unit_divert(STDERR_FILENO, fileno(told));
	struct source *s = source_directory(missing);
	char *said;
	size_t len;

	(void)state;
	unit_restore(STDERR_FILENO, saved);
	said = unit_content(fileno(told), &len);
	assert_null(s);
	assert_memory_equal(said, "pq: cannot read '", 17);
	fclose(told);
	free(said);
	free(missing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_come_by_name_level_by_level),
		cmocka_unit_test(a_walk_may_end_early),
		cmocka_unit_test(what_has_become_a_link_leads_nowhere),
		cmocka_unit_test(what_cannot_be_read_is_told_and_left_out),
		cmocka_unit_test(a_directory_that_is_not_there_is_no_source),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
