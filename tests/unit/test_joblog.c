/* The job log: its columns, one line for each job, and what follows a crash. */
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "item.h"
#include "scratch.h"
#include "view/joblog.h"

static const char header[] =
	"Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n";

/* A delivery of this number that ran this command. */
static struct item *job(uint64_t seq, const char *command, struct outcome outcome)
{
	struct draft draft = { 0 };
	struct item *item;

	draft_add(&draft, "x", 1);
	item = item_new(&draft, 1, seq);
	draft_free(&draft);
	item->deliveries[0].result.outcome = outcome;
	item->deliveries[0].result.captured = 10 * seq;
	item->deliveries[0].result.command = command ? mem_copy(command, strlen(command)) : NULL;
	return item;
}

static void log_job(struct joblog *log, uint64_t seq, const char *command)
{
	struct item *item = job(seq, command, (struct outcome){ OUTCOME_EXIT, 0,
		1700000000 * CLOCK_SECOND, CLOCK_SECOND });

	joblog_row(log, &item->deliveries[0]);
	item_free(item, NULL);
}

static char *content_of(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY);
	char *data;

	assert_true(fd >= 0);
	data = unit_content(fd, len);
	close(fd);
	return data;
}

static void assert_content(const char *path, const char *expected)
{
	size_t len;
	char *data = content_of(path, &len);

	assert_string_equal(data, expected);
	assert_int_equal(len, strlen(expected));
	free(data);
}

/* Log one job after opening, with this sequence number. */
static void log_one(const char *path, bool append, uint64_t seq)
{
	struct joblog *log = joblog_open(path, append);

	assert_non_null(log);
	log_job(log, seq, "true");
	assert_true(joblog_close(log));
}

#define ROW(seq, received) \
	seq "\t:\t1700000000.000\t     1.000\t0\t" received "\t0\t0\ttrue\n"

static void the_header_comes_once(void **state)
{
	char *path = scratch_path("once"), *expected;

	(void)state;
	log_one(path, true, 1); /* there was no file */
	log_one(path, true, 2);
	log_one(path, true, 3);
	assert_true(asprintf(&expected, "%s%s", header,
		ROW("1", "10") ROW("2", "20") ROW("3", "30")) > 0);
	assert_content(path, expected);
	free(expected);
	log_one(path, false, 4); /* not appended: all that was there is gone */
	assert_true(asprintf(&expected, "%s%s", header, ROW("4", "40")) > 0);
	assert_content(path, expected);
	free(expected);
	free(path);
}

static void an_empty_file_and_a_run_without_jobs_have_a_header(void **state)
{
	char *path = scratch_file("empty", "", 0, 0600);
	struct joblog *log = joblog_open(path, true);

	(void)state;
	assert_true(joblog_close(log));
	assert_content(path, header);
	log = joblog_open(path, true);
	assert_true(joblog_close(log));
	assert_content(path, header);
	free(path);
}

static void every_outcome_has_its_columns(void **state)
{
	static const struct {
		struct outcome outcome;
		const char *columns;
	} rows[] = {
		{ { OUTCOME_EXIT, 0, 0, 0 }, "0.000\t     0.000\t0\t70\t0\t0" },
		{ { OUTCOME_EXIT, 3, 1700000000123456789, 1500 * CLOCK_MS },
			"1700000000.123\t     1.500\t0\t70\t3\t0" },
		{ { OUTCOME_SIGNAL, SIGKILL, 1700000000000000000, 1 },
			"1700000000.000\t     0.000\t0\t70\t0\t9" },
		{ { OUTCOME_TIMEOUT, SIGTERM, 1700000000999600000, 12345 * CLOCK_SECOND },
			"1700000001.000\t 12345.000\t0\t70\t-1\t15" },
		{ { OUTCOME_NOT_STARTED, 127, 0, 0 }, "0.000\t     0.000\t0\t70\t127\t0" },
		{ { OUTCOME_REFUSED, 0, 0, 0 }, "0.000\t     0.000\t0\t70\t126\t0" },
	};
	char *path = scratch_path("outcomes");
	struct joblog *log = joblog_open(path, false);
	struct buf expected = { 0 };

	(void)state;
	buf_adds(&expected, header);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct item *item = job(7, "cmd", rows[i].outcome);

		joblog_row(log, &item->deliveries[0]);
		item_free(item, NULL);
		buf_addf(&expected, "7\t:\t%s\tcmd\n", rows[i].columns);
	}
	assert_true(joblog_close(log));
	assert_content(path, buf_str(&expected));
	buf_free(&expected);
	free(path);
}

static void rows_reach_the_file_when_flushed(void **state)
{
	char *path = scratch_path("flushed"), *expected;
	struct joblog *log = joblog_open(path, false);

	(void)state;
	log_job(log, 1, "true");
	assert_content(path, "");
	assert_true(joblog_flush(log));
	assert_true(asprintf(&expected, "%s%s", header, ROW("1", "10")) > 0);
	assert_content(path, expected);
	assert_true(joblog_flush(log)); /* and once */
	assert_true(joblog_close(log));
	assert_content(path, expected);
	free(expected);
	free(path);
}

/* --- whatever the command is ------------------------------------------- */

static unsigned count_of(const char *data, size_t len, char c)
{
	unsigned n = 0;

	for (size_t i = 0; i < len; i++)
		n += data[i] == c;
	return n;
}

static void a_hostile_command_is_one_line(void **state)
{
	static const struct {
		const char *command, *logged;
	} rows[] = {
		{ "printf 'a\nb'", "printf 'a\\nb'" }, { "a\tb", "a\\tb" }, { "\n\n", "\\n\\n" },
		{ "2\t:\t0\t0\t0\t0\t0\t0\ttrue\n", "2\\t:\\t0\\t0\\t0\\t0\\t0\\t0\\ttrue\\n" },
		{ "\033[2J\a\r", "\\x1b[2J\\x07\\x0d" }, { "\x7f\x01\x1f", "\\x7f\\x01\\x1f" },
		{ "\xc3\xa4 \xff", "\xc3\xa4 \xff" }, { "", "" }, { NULL, "" },
		{ "%s%n%d", "%s%n%d" }, { "back\\slash", "back\\slash" },
	};
	char *path = scratch_path("hostile");
	struct joblog *log = joblog_open(path, false);
	struct buf expected = { 0 };
	size_t len;
	char *data;

	(void)state;
	buf_adds(&expected, header);
	for (size_t i = 0; i < COUNT(rows); i++) {
		log_job(log, 5, rows[i].command);
		buf_addf(&expected, "5\t:\t1700000000.000\t     1.000\t0\t50\t0\t0\t%s\n",
			rows[i].logged);
	}
	assert_true(joblog_close(log));
	assert_content(path, buf_str(&expected));
	data = content_of(path, &len);
	assert_int_equal(count_of(data, len, '\n'), COUNT(rows) + 1);
	assert_int_equal(count_of(data, len, '\t'), 8 * (COUNT(rows) + 1));
	free(data);
	buf_free(&expected);
	free(path);
}

static void random_commands_are_one_line_of_nine_columns(void **state)
{
	enum { JOBS = 500 };
	char *path = scratch_path("random");
	struct joblog *log = joblog_open(path, false);
	uint32_t random = unit_seed(8);
	size_t len;
	char *data;

	(void)state;
	for (int i = 0; i < JOBS; i++) {
		char command[40];
		size_t n = unit_below(&random, sizeof command);

		for (size_t k = 0; k < n; k++)
			command[k] = (char)(1 + unit_below(&random, i % 2 ? 255 : 40));
		command[n] = '\0';
		log_job(log, 1, command);
	}
	assert_true(joblog_close(log));
	data = content_of(path, &len);
	assert_int_equal(count_of(data, len, '\n'), JOBS + 1);
	assert_int_equal(count_of(data, len, '\t'), 8 * (JOBS + 1));
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)data[i];

		assert_true((c >= 0x20 && c != 0x7f) || c == '\n' || c == '\t');
	}
	free(data);
	free(path);
}

/* --- after a crash ----------------------------------------------------- */

static void a_torn_last_line_is_cut_wherever_it_was_torn(void **state)
{
	static const char row[] = ROW("2", "20");
	char *expected;

	(void)state;
	assert_true(asprintf(&expected, "%s%s", header, ROW("1", "10") ROW("3", "30")) > 0);
	for (size_t torn = 0; torn < sizeof row - 1; torn++) {
		char *before, *path;
		int len = asprintf(&before, "%s%s%.*s", header, ROW("1", "10"), (int)torn, row);

		assert_true(len > 0);
		path = scratch_file("torn", before, (size_t)len, 0600);
		log_one(path, true, 3);
		assert_content(path, expected);
		free(before);
		free(path);
	}
	free(expected);
}

static void a_torn_header_is_written_anew(void **state)
{
	char *expected;

	(void)state;
	assert_true(asprintf(&expected, "%s%s", header, ROW("3", "30")) > 0);
	for (size_t torn = 0; torn < sizeof header; torn++) {
		char *path = scratch_file("header", header, torn, 0600);

		log_one(path, true, 3);
		assert_content(path, expected);
		free(path);
	}
	free(expected);
}

/* Around the size of the blocks in which its beginning is looked for. */
static void a_torn_line_may_be_long(void **state)
{
	static const size_t lengths[] = { 4095, 4096, 4097, 8191, 8192, 8193, 100000 };

	(void)state;
	for (size_t whole = 0; whole < 2; whole++)
		for (size_t i = 0; i < COUNT(lengths); i++) {
			struct buf before = { 0 }, after = { 0 };
			char *path;

			buf_adds(&after, header);
			if (whole) { /* a whole line as long before the torn one */
				memset(buf_reserve(&after, lengths[i]), 'y', lengths[i]);
				after.len += lengths[i];
				buf_addc(&after, '\n');
			}
			buf_add(&before, after.data, after.len);
			memset(buf_reserve(&before, lengths[i]), 'x', lengths[i]);
			before.len += lengths[i];
			path = scratch_file("long", before.data, before.len, 0600);
			buf_adds(&after, ROW("3", "30"));
			log_one(path, true, 3);
			assert_content(path, buf_str(&after));
			buf_free(&before);
			buf_free(&after);
			free(path);
		}
}

/* --- errors ------------------------------------------------------------ */

static void what_cannot_be_opened_or_written_is_told_by_errno(void **state)
{
	char *path = scratch_path("missing/log");
	struct joblog *log;

	(void)state;
	assert_null(joblog_open(path, false));
	assert_int_equal(errno, ENOENT);
	assert_null(joblog_open(path, true));
	assert_int_equal(errno, ENOENT);
	for (int append = 0; append < 2; append++) {
		log = joblog_open("/dev/full", append);
		assert_non_null(log);
		log_job(log, 1, "true");
		assert_false(joblog_flush(log));
		assert_int_equal(errno, ENOSPC);
		assert_true(joblog_close(log)); /* what was lost is lost, and told */
		log = joblog_open("/dev/full", append);
		assert_false(joblog_close(log));
		assert_int_equal(errno, ENOSPC);
	}
	free(path);
}

static void a_pipe_can_be_appended_to(void **state)
{
	char *path = scratch_path("fifo"), row[1000];
	struct joblog *log;
	int fd;
	ssize_t n;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	log = joblog_open(path, true);
	assert_non_null(log);
	log_job(log, 1, "true");
	assert_true(joblog_close(log));
	n = read(fd, row, sizeof row);
	assert_int_equal(n, sizeof header - 1 + strlen(ROW("1", "10")));
	assert_memory_equal(row, header, sizeof header - 1);
	close(fd);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_header_comes_once),
		cmocka_unit_test(an_empty_file_and_a_run_without_jobs_have_a_header),
		cmocka_unit_test(every_outcome_has_its_columns),
		cmocka_unit_test(rows_reach_the_file_when_flushed),
		cmocka_unit_test(a_hostile_command_is_one_line),
		cmocka_unit_test(random_commands_are_one_line_of_nine_columns),
		cmocka_unit_test(a_torn_last_line_is_cut_wherever_it_was_torn),
		cmocka_unit_test(a_torn_header_is_written_anew),
		cmocka_unit_test(a_torn_line_may_be_long),
		cmocka_unit_test(what_cannot_be_opened_or_written_is_told_by_errno),
		cmocka_unit_test(a_pipe_can_be_appended_to),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
