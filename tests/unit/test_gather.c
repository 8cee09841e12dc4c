/* A file that grows by whole texts. */
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/thread.h"
#include "scratch.h"
#include "view/gather.h"

enum { LINES = 60000, THREADS = 3, LINE = 100 };

static char path[SCRATCH_PATH + 32];
static _Atomic int failures, failed_with;
static _Atomic size_t added;

static const char *at(const char *name)
{
	snprintf(path, sizeof path, "%s/%s", scratch, name);
	return path;
}

static void on_failed(void *ctx, const char *name, int error)
{
	(void)ctx;
	(void)name;
	failures++;
	failed_with = error;
}

static struct gather *open_there(const char *name)
{
	struct buf text = { 0 };
	struct gather *g;

	failures = 0;
	added = 0;
	buf_adds(&text, "begin\n");
	g = gather_open(at(name), &text, on_failed, NULL);
	buf_free(&text);
	return g;
}

static void add_line(struct gather *g, unsigned number)
{
	buf_addf(gather_begin(g), "%0*u\n", LINE - 1, number);
	added += LINE;
	gather_end(g);
}

static void holds_lines(const char *name, unsigned count)
{
	struct buf text = { 0 };
	const char *line;

	assert_true(io_read_file(at(name), &text));
	line = buf_str(&text);
	assert_memory_equal(line, "begin\n", 6);
	line += 6;
	for (unsigned i = 0; i < count; i++, line += LINE)
		assert_int_equal(strtoul(line, NULL, 10), i);
	assert_string_equal(line, "");
	buf_free(&text);
}

static void what_was_added_is_there_in_its_order(void **state)
{
	struct gather *g = open_there("file");

	(void)state;
	holds_lines("file", 0);
	for (unsigned i = 0; i < 5000; i++)
		add_line(g, i);
	gather_close(g);
	assert_int_equal(failures, 0);
	holds_lines("file", 5000);
}

/* No more is added and nothing is closed. */
static void a_tick_brings_it_there(void **state)
{
	struct gather *g = open_there("tick");
	struct stat st = { 0 };

	(void)state;
	add_line(g, 0);
	gather_tick(g);
	while (st.st_size < 6 + LINE)
		assert_int_equal(stat(at("tick"), &st), 0);
	holds_lines("tick", 1);
	gather_close(g);
	holds_lines("tick", 1);
}

static void *add_many(void *g)
{
	for (unsigned i = 0; i < LINES / THREADS; i++)
		add_line(g, i);
	return NULL;
}

/* Each of its lines in full, by their number: how often. */
static void count_lines(const char *text, size_t len, unsigned *count)
{
	assert_int_equal((len - 6) % LINE, 0);
	for (size_t i = 6; i < len; i += LINE) {
		assert_int_equal(text[i + LINE - 1], '\n');
		count[strtoul(text + i, NULL, 10)]++;
	}
}

static void who_adds_more_than_is_read_has_to_wait(void **state)
{
	static unsigned count[LINES / THREADS];
	pthread_t thread[THREADS];
	struct buf text = { 0 };
	struct gather *g;
	ssize_t n;
	int end;

	(void)state;
	assert_int_equal(mkfifo(at("fifo"), 0600), 0);
	end = open(at("fifo"), O_RDONLY | O_NONBLOCK);
	g = open_there("fifo");
	assert_non_null(g);
	for (int i = 0; i < THREADS; i++)
		assert_true(thread_start(&thread[i], add_many, g));
	while (text.len < 6 + (size_t)LINES * LINE - (2 << 20)) {
		n = read(end, buf_reserve(&text, 4096), 4096);
		assert_true(n >= 0 || errno == EAGAIN);
		text.len += n > 0 ? (size_t)n : 0;
		if (added > text.len) /* two mebibytes of its own, what a pipe holds, and a line each */
			assert_true(added - text.len < (2 << 20) + (2 << 17));
		gather_tick(g);
	}
	while (text.len < 6 + (size_t)LINES * LINE) { /* a tick while another writes does nothing */
		n = read(end, buf_reserve(&text, 65536), 65536);
		assert_true(n > 0 || errno == EAGAIN);
		text.len += n > 0 ? (size_t)n : 0;
		gather_tick(g);
	}
	for (int i = 0; i < THREADS; i++)
		thread_join(thread[i]);
	gather_close(g);
	count_lines(text.data, text.len, count);
	for (unsigned i = 0; i < LINES / THREADS; i++)
		assert_int_equal(count[i], THREADS);
	assert_int_equal(failures, 0);
	buf_free(&text);
	close(end);
}

static void a_failure_is_told_once_and_holds_nobody_up(void **state)
{
	struct gather *g;
	int end;

	(void)state;
	end = open(at("fifo"), O_RDONLY | O_NONBLOCK);
	g = open_there("fifo");
	close(end);
	for (unsigned i = 0; i < LINES; i++)
		add_line(g, i);
	gather_close(g);
	assert_int_equal(failures, 1);
	assert_int_equal(failed_with, EPIPE);
}

static void a_fifo_that_nobody_reads_is_refused(void **state)
{
	(void)state;
	assert_null(open_there("fifo"));
	assert_int_equal(errno, ENXIO);
	assert_null(open_there("none/file"));
	assert_int_equal(errno, ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_added_is_there_in_its_order),
		cmocka_unit_test(a_tick_brings_it_there),
		cmocka_unit_test(who_adds_more_than_is_read_has_to_wait),
		cmocka_unit_test(a_failure_is_told_once_and_holds_nobody_up),
		cmocka_unit_test(a_fifo_that_nobody_reads_is_refused),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
