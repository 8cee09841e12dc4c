/* A file that is there whole or not at all. */
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/whole_file.h"
#include "scratch.h"

static char path[SCRATCH_PATH + 32];

static const char *at(const char *name)
{
	snprintf(path, sizeof path, "%s/%s", scratch, name);
	return path;
}

static void holds(const char *name, const char *text)
{
	struct buf b = { 0 };

	assert_true(io_read_file(at(name), &b));
	assert_string_equal(buf_str(&b), text);
	buf_free(&b);
}

static int files_there(void)
{
	DIR *dir = opendir(scratch);
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

static void nothing_is_made_before_it_is_written(void **state)
{
	struct whole_file *f = whole_file_open(at("new"));

	(void)state;
	assert_non_null(f);
	assert_int_equal(files_there(), 0);
	assert_true(whole_file_write(f, "one", 3));
	holds("new", "one");
	assert_true(whole_file_write(f, "second", 6));
	holds("new", "second");
	whole_file_close(f);
	assert_int_equal(files_there(), 1);
	unlink(at("new"));
}

/* Whoever reads it has one or the other. */
static void what_is_open_there_stays_as_it_was(void **state)
{
	struct whole_file *f;
	char text[4] = "";
	struct stat st;
	int old;

	(void)state;
	old = open(at("kept"), O_RDWR | O_CREAT, 0640);
	assert_int_equal(write(old, "old", 3), 3);
	assert_int_equal(fchmod(old, 0604), 0);
	f = whole_file_open(at("kept"));
	assert_true(whole_file_write(f, "new", 3));
	assert_int_equal(pread(old, text, 3, 0), 3);
	assert_string_equal(text, "old");
	holds("kept", "new");
	assert_int_equal(stat(at("kept"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0604);
	whole_file_close(f);
	close(old);
	unlink(at("kept"));
}

static void what_a_killed_run_left_does_not_add_up(void **state)
{
	struct whole_file *f;

	(void)state;
	close(open(at(".again.new"), O_WRONLY | O_CREAT, 0644));
	f = whole_file_open(at("again"));
	assert_true(whole_file_write(f, "x", 1));
	whole_file_close(f);
	holds("again", "x");
	assert_int_equal(files_there(), 1);
	unlink(at("again"));
}

static void it_has_the_mode_that_was_asked_for(void **state)
{
	mode_t before = umask(077);
	struct whole_file *f = whole_file_open(at("mode"));
	struct stat st;

	(void)state;
	whole_file_mode(f, 0644);
	for (int i = 0; i < 2; i++) {
		assert_true(whole_file_write(f, "x", 1));
		assert_int_equal(stat(at("mode"), &st), 0);
		assert_int_equal(st.st_mode & 07777, 0644);
		assert_int_equal(chmod(at("mode"), 0600), 0);
	}
	whole_file_close(f);
	umask(before);
	unlink(at("mode"));
}

static void a_fifo_that_nobody_reads_is_not_waited_for(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(at("fifo"), 0600), 0);
	assert_null(whole_file_open(at("fifo")));
	assert_int_equal(errno, ENXIO);
	unlink(at("fifo"));
}

static void a_link_leads_to_the_file(void **state)
{
	struct whole_file *f;
	struct stat st;

	(void)state;
	close(open(at("real"), O_WRONLY | O_CREAT, 0644));
	assert_int_equal(symlink("real", at("link")), 0);
	f = whole_file_open(at("link"));
	assert_true(whole_file_write(f, "x", 1));
	whole_file_close(f);
	assert_int_equal(lstat(at("link"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	holds("real", "x");
	unlink(at("link"));
	unlink(at("real"));
}

static void what_cannot_be_is_known_at_once(void **state)
{
	(void)state;
	assert_null(whole_file_open(at("none/file")));
	assert_int_equal(errno, ENOENT);
	assert_null(whole_file_open(scratch));
	assert_int_equal(errno, EISDIR);
	assert_null(whole_file_open(at("slash/")));
	assert_null(whole_file_open(""));
}

static void a_device_is_written_to_as_it_is(void **state)
{
	struct whole_file *f = whole_file_open("/dev/null"), *full;

	(void)state;
	assert_true(whole_file_write(f, "x", 1));
	whole_file_close(f);
	full = access("/dev/full", W_OK) == 0 ? whole_file_open("/dev/full") : NULL;
	if (!full)
		return;
	assert_false(whole_file_write(full, "x", 1));
	assert_int_equal(errno, ENOSPC);
	whole_file_close(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_made_before_it_is_written),
		cmocka_unit_test(what_is_open_there_stays_as_it_was),
		cmocka_unit_test(what_a_killed_run_left_does_not_add_up),
		cmocka_unit_test(it_has_the_mode_that_was_asked_for),
		cmocka_unit_test(a_fifo_that_nobody_reads_is_not_waited_for),
		cmocka_unit_test(a_link_leads_to_the_file),
		cmocka_unit_test(what_cannot_be_is_known_at_once),
		cmocka_unit_test(a_device_is_written_to_as_it_is),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
