/* Locked bytes, and what the files of semaphores are called. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/io.h"
#include "sem/locks.h"
#include "sem/place.h"

enum { END = 100 };

/* The same file, opened twice. */
static void open_twice(int fd[2])
{
	char path[32];

	fd[0] = io_temporary();
	assert_true(fd[0] >= 0);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd[0]);
	fd[1] = open(path, O_RDWR | O_CLOEXEC);
	if (fd[1] < 0)
		skip();
}

static void close_twice(const int fd[2])
{
	close(fd[0]);
	close(fd[1]);
}

static void lock_all(int fd, const off_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_true(locks_try(fd, bytes[i]));
}

static void bytes_of_others_are_counted_and_named(void **state)
{
	static const off_t taken[] = { 7, 3, 4, 50, 99, 0 };
	struct buf which = { 0 };
	off_t sum = 0;
	int fd[2];

	(void)state;
	open_twice(fd);
	assert_int_equal(locks_held(fd[1], 0, END, 10, NULL), 0);
	lock_all(fd[0], taken, 6);
	assert_int_equal(locks_held(fd[0], 0, END, 10, NULL), 0); /* one's own */
	assert_int_equal(locks_held(fd[1], 0, END, 10, &which), 6);
	assert_int_equal(which.len, 6 * sizeof(off_t));
	for (size_t i = 0; i < 6; i++)
		sum += ((off_t *)(void *)which.data)[i];
	assert_int_equal(sum, 7 + 3 + 4 + 50 + 99);
	assert_int_equal(locks_held(fd[1], 4, 50, 10, NULL), 2);
	assert_int_equal(locks_held(fd[1], 0, END, 3, NULL), 3);
	buf_free(&which);
	close_twice(fd);
}

static void the_last_is_found(void **state)
{
	static const off_t taken[] = { 20, 5, 21, 60 };
	int fd[2];

	(void)state;
	open_twice(fd);
	assert_int_equal(locks_last(fd[1], 0, END), -1);
	lock_all(fd[0], taken, 4);
	assert_int_equal(locks_last(fd[1], 0, END), 60);
	assert_int_equal(locks_last(fd[1], 0, 60), 21);
	assert_int_equal(locks_last(fd[1], 6, 20), -1);
	locks_give(fd[0], 60);
	assert_int_equal(locks_last(fd[1], 0, END), 21);
	close_twice(fd);
}

static void a_byte_is_had_by_one(void **state)
{
	int fd[2];

	(void)state;
	open_twice(fd);
	assert_true(locks_try(fd[0], 1));
	assert_false(locks_try(fd[1], 1));
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(locks_await(fd[1], 1, 0), LOCKS_LATE);
	assert_int_equal(locks_await(fd[1], 1, clock_now() + CLOCK_MS), LOCKS_LATE);
	locks_give(fd[0], 1);
	assert_int_equal(locks_await(fd[1], 1, 0), LOCKS_HAD);
	close_twice(fd);
}

static void the_open_file_has_it_not_the_descriptor(void **state)
{
	int fd[2], lent;

	(void)state;
	open_twice(fd);
	lent = dup(fd[0]);
	assert_true(locks_try(fd[0], 1));
	close(fd[0]);
	assert_false(locks_try(fd[1], 1));
	locks_give(lent, 1);
	assert_true(locks_try(fd[1], 1));
	close(fd[1]);
	close(lent);
}

static void what_is_no_file_fails(void **state)
{
	(void)state;
	assert_false(locks_try(-1, 1));
	assert_int_equal(errno, EBADF);
	assert_int_equal(locks_await(-1, 1, LOCKS_FOREVER), LOCKS_FAILED);
	assert_int_equal(errno, EBADF);
}

static void is_called(const char *id, const char *name)
{
	struct buf b = { 0 };

	place_name(id, &b);
	assert_string_equal(buf_str(&b), name);
	buf_free(&b);
}

static void names_of_files_are_plain(void **state)
{
	(void)state;
	is_called("backup-2.x_Y", "id-backup-2.x_Y");
	is_called("", "id-");
	is_called("..", "id-..");
	is_called("/dev/pts/3", "id-%2Fdev%2Fpts%2F3");
	is_called("a b\n%\xff", "id-a%20b%0A%25%FF");
}

static void long_names_differ_in_all_that_they_are(void **state)
{
	char text[1001];
	struct buf one = { 0 }, other = { 0 };

	(void)state;
	memset(text, '/', 1000);
	text[1000] = '\0';
	place_name(text, &one);
	text[999] = 'x';
	place_name(text, &other);
	assert_true(one.len < 255);
	assert_string_not_equal(buf_str(&one), buf_str(&other));
	buf_free(&one);
	buf_free(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_of_others_are_counted_and_named),
		cmocka_unit_test(the_last_is_found),
		cmocka_unit_test(a_byte_is_had_by_one),
		cmocka_unit_test(the_open_file_has_it_not_the_descriptor),
		cmocka_unit_test(what_is_no_file_fails),
		cmocka_unit_test(names_of_files_are_plain),
		cmocka_unit_test(long_names_differ_in_all_that_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
