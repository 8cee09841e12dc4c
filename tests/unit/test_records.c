/* Records cut from a stream, however its bytes happen to arrive. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "scratch.h"
#include "source/records.h"

enum { SPECIMEN = 64, PIPE = 65536 };

/* Where the bytes of one case come from: all at once, or piece by piece. */
struct stream {
	const char *data;
	size_t len, sent;
	int fd;           /* the writing end; -1 once all is sent */
	uint32_t random;  /* 0: everything at once */
	size_t most;      /* bytes of a piece */
};

static void send_some(struct stream *s)
{
	size_t n = s->len - s->sent;
	ssize_t written;

	if (s->random && n > s->most)
		n = 1 + unit_below(&s->random, (uint32_t)s->most);
	written = n ? write(s->fd, s->data + s->sent, n < PIPE ? n : PIPE) : 0;
	if (written > 0)
		s->sent += (size_t)written;
	if (s->sent == s->len) {
		close(s->fd);
		s->fd = -1;
	}
}

/* The reference: the next record, in the plainest way. */
struct reference {
	const char *data;
	size_t len, at;
	char separator;
	size_t max;
};

/* What stands between the fields when records are CSV, or 0. */
static char column;

static size_t end_of_csv(const struct reference *r, bool *too_long)
{
	bool quoted = false, first = true;
	size_t i = r->at;

	for (; i < r->len && (quoted || r->data[i] != r->separator); i++) {
		if (quoted && r->data[i] == '"' && i + 1 < r->len && r->data[i + 1] == '"') {
			i++;
		} else if (quoted ? r->data[i] == '"' : first && r->data[i] == '"') {
			quoted = !quoted;
		}
		first = r->data[i] == column && !quoted;
	}
	*too_long = i - r->at > r->max;
	if (*too_long)
		for (i = r->at + r->max; i < r->len && r->data[i] != r->separator; i++)
			;
	return i;
}

static enum cut expect(struct reference *r, const char **data, size_t *len)
{
	size_t from = r->at;
	bool too_long = false;

	if (from == r->len)
		return CUT_END;
	if (column)
		r->at = end_of_csv(r, &too_long);
	while (r->at < r->len && r->data[r->at] != r->separator)
		r->at++;
	*data = r->data + from;
	*len = r->at - from;
	if (r->at < r->len)
		r->at++;
	return too_long || *len > r->max ? CUT_TOO_LONG : CUT_RECORD;
}

static const char *fifo(void)
{
	static char *path;

	if (!path) {
		path = scratch_path("fifo");
		assert_int_equal(mkfifo(path, 0600), 0);
	}
	return path;
}

static void check_record(enum cut wanted, const char *data, size_t len, const char *expected,
	size_t expected_len)
{
	if (wanted == CUT_TOO_LONG) { /* its beginning is enough */
		size_t most = expected_len < SPECIMEN ? expected_len : SPECIMEN;

		assert_in_range(len, 1, most);
		assert_memory_equal(data, expected, len);
	} else if (wanted == CUT_RECORD) {
		assert_int_equal(len, expected_len);
		assert_memory_equal(data, expected, len);
	}
}

/* Cut what the stream sends and compare with the reference. */
static void check(struct stream s, char separator, size_t max)
{
	struct reference ref = { s.data, s.len, 0, separator, max };
	struct records *r = records_open(fifo(), separator, max);
	enum cut wanted;
	unsigned idle = 0;

	assert_non_null(r);
	if (column)
		records_quote(r, column, false);
	s.fd = open(fifo(), O_WRONLY | O_NONBLOCK);
	assert_true(s.fd >= 0);
	do {
		const char *data = NULL, *expected = NULL;
		size_t len = 0, expected_len = 0;
		enum cut got;

		wanted = expect(&ref, &expected, &expected_len);
		while ((got = records_next(r, &data, &len)) == CUT_NOTHING) {
			if (s.fd >= 0)
				send_some(&s);
			else
				assert_true(++idle < 1000000); /* it must come to an end */
		}
		assert_int_equal(got, wanted);
		check_record(wanted, data, len, expected, expected_len);
	} while (wanted != CUT_END);
	assert_int_equal(records_done(r), s.len);
	assert_int_equal(records_size(r), 0);
	records_close(r);
}

/* The same from a regular file. */
static void check_file(const char *content, size_t content_len, char separator, size_t max)
{
	char *path = scratch_file("file", content, content_len, 0600);
	struct reference ref = { content, content_len, 0, separator, max };
	struct records *r = records_open(path, separator, max);
	enum cut wanted, got;

	assert_non_null(r);
	if (column)
		records_quote(r, column, false);
	assert_int_equal(records_size(r), content_len);
	do {
		const char *data = NULL, *expected = NULL;
		size_t len = 0, expected_len = 0;

		wanted = expect(&ref, &expected, &expected_len);
		do
			got = records_next(r, &data, &len);
		while (got == CUT_NOTHING);
		assert_int_equal(got, wanted);
		check_record(wanted, data, len, expected, expected_len);
	} while (wanted != CUT_END);
	assert_int_equal(records_done(r), content_len);
	records_close(r);
	free(path);
}

static void check_both(const char *data, size_t len, char separator, size_t max)
{
	check((struct stream){ .data = data, .len = len }, separator, max);
	check((struct stream){ .data = data, .len = len, .random = 7, .most = 1 }, separator, max);
	check_file(data, len, separator, max);
}

static void lines_with_and_without_an_end(void **state)
{
	static const char *const inputs[] = { "", "\n", "\n\n", "a", "a\n", "a\nb", "a\nb\n",
		"\na", "a\n\nb\n", "\r\n", "a\r\nb\r\n", " a \n\tb" };

	(void)state;
	for (size_t i = 0; i < COUNT(inputs); i++)
		check_both(inputs[i], strlen(inputs[i]), '\n', 100);
}

static void any_byte_separates(void **state)
{
	char data[3 * 256];

	(void)state;
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (char)i;
	for (int c = 0; c < 256; c += 5)
		check_both(data, sizeof data, (char)c, 1000);
	check_both(data, sizeof data, '\0', 1000);
	check_both(data, sizeof data, '\n', 1000);
	check_both(data, sizeof data, (char)0xff, 1000);
}

/* Records of max - 1 to max + 1 bytes, first, in the middle and last, with and
 * without a separator at the end. */
static void the_longest_record_has_exactly_max_bytes(void **state)
{
	static const size_t maxima[] = { 0, 1, 5, 63, 64, 65, 1000 };

	(void)state;
	for (size_t m = 0; m < COUNT(maxima); m++)
		for (unsigned shape = 0; shape < 27 * 2; shape++) {
			struct buf b = { 0 };
			unsigned digits = shape / 2;

			for (int i = 0; i < 3; i++, digits /= 3) {
				size_t n = maxima[m] + digits % 3;

				for (size_t k = 1; k < n; k++) /* one byte less than that */
					buf_addc(&b, (char)('a' + k % 26));
				if (i < 2 || shape % 2)
					buf_addc(&b, '\n');
			}
			check_both(buf_str(&b), b.len, '\n', maxima[m]);
			buf_free(&b);
		}
}

/* Longer than what is read at a time, by every way of ending. */
static void a_long_record_is_whole_and_a_too_long_one_is_skipped(void **state)
{
	static const size_t lengths[] = { 65535, 65536, 65537, 131071, 131072, 131073, 300000 };

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++)
		for (int more = -1; more <= 1; more++) {
			struct buf b = { 0 };
			size_t max = lengths[i] + (size_t)more;

			buf_adds(&b, "first\n");
			memset(buf_reserve(&b, lengths[i]), 'x', lengths[i]);
			b.len += lengths[i];
			check((struct stream){ .data = b.data, .len = b.len }, '\n', max);
			check_file(b.data, b.len, '\n', max);
			buf_adds(&b, "\nlast");
			check((struct stream){ .data = b.data, .len = b.len }, '\n', max);
			check((struct stream){ .data = b.data, .len = b.len, .random = 3,
				.most = 9999 }, '\n', max);
			check_file(b.data, b.len, '\n', max);
			buf_free(&b);
		}
}

static void random_bytes_in_random_pieces(void **state)
{
	uint32_t random = unit_seed(5);

	(void)state;
	for (int round = 0; round < 300; round++) {
		uint32_t kinds = 2 + unit_below(&random, round % 10 ? 200 : 3);
		size_t len = unit_below(&random, round % 20 ? 3000 : 400000);
		size_t max = unit_below(&random, 4) ? unit_below(&random, 300) : 1000000;
		char *data = malloc(len + 1);
		struct stream s = { .data = data, .len = len, .random = unit_random(&random),
			.most = 1 + unit_below(&random, round % 3 ? 500 : 70000) };

		assert_non_null(data);
		for (size_t i = 0; i < len; i++)
			data[i] = (char)unit_below(&random, kinds);
		check(s, '\1', max);
		check_file(data, len, '\1', max);
		free(data);
	}
}

static void in_csv_a_field_in_quotes_holds_separators(void **state)
{
	static const char *const inputs[] = { "a,b\nc\n", "\"a\nb\",c\nd", "a,\"b\n\"\nc\n",
		"\"a\"\"\n\"\"b\"\nc", "a\"b\nc\"\n", " \"a\nb\"", "\"\"\n\"\"\n", "\"\n\n\n",
		"\"a\nb", "\"a\"b\nc\n", "\"a\"\"\n", "\"a\"\"", "\"a\",\"\n\"\n\"\"", "\"\"\"\n\"\"\"\nx",
		"\"a\"\r\nb\r\n", "\n\"\n\"", "," };

	(void)state;
	column = ',';
	for (size_t i = 0; i < COUNT(inputs); i++)
		for (size_t max = 1; max < 12; max += 5)
			check_both(inputs[i], strlen(inputs[i]), '\n', max);
	column = 0;
}

static void random_csv_in_random_pieces(void **state)
{
	static const char letters[] = "\"\"\n,ab";
	uint32_t random = unit_seed(6);

	(void)state;
	column = ',';
	for (int round = 0; round < 600; round++) {
		size_t len = unit_below(&random, round % 20 ? 300 : 300000);
		size_t max = unit_below(&random, 2) ? unit_below(&random, 60) : 1000000;
		char *data = malloc(len + 1);
		struct stream s = { .data = data, .len = len, .random = unit_random(&random),
			.most = 1 + unit_below(&random, round % 3 ? 30 : 70000) };

		assert_non_null(data);
		for (size_t i = 0; i < len; i++)
			data[i] = letters[unit_below(&random, round % 20 ? 6 : 7) % 6];
		if (round % 20 == 0) /* rows as they are, and a quote now and then */
			for (size_t i = 0; i < len; i++)
				if (data[i] == '"' && unit_below(&random, 3000))
					data[i] = 'c';
		check(s, '\n', max);
		check_file(data, len, '\n', max);
		free(data);
	}
	column = 0;
}

/* What is said on stderr while this is opened and read to its end. */
static enum cut read_quietly(const char *path, char *said, size_t room)
{
	FILE *told = tmpfile();
	int saved = unit_divert(STDERR_FILENO, fileno(told));
	struct records *r = records_open(path, '\n', 100);
	enum cut got = CUT_FAILED, after = CUT_END;
	const char *data;
	ssize_t n;
	size_t len;

	if (r) {
		got = records_next(r, &data, &len);
		after = records_next(r, &data, &len);
		records_close(r);
	}
	unit_restore(STDERR_FILENO, saved);
	assert_int_equal(after, CUT_END);
	n = pread(fileno(told), said, room - 1, 0);
	said[n > 0 ? n : 0] = '\0';
	fclose(told);
	return got;
}

static void what_cannot_be_read_is_told_once(void **state)
{
	char said[2 * SCRATCH_PATH], expected[2 * SCRATCH_PATH];
	char *missing = scratch_path("missing");

	(void)state;
	assert_int_equal(read_quietly(scratch, said, sizeof said), CUT_FAILED);
	snprintf(expected, sizeof expected, "pq: cannot read %s to its end: %s\n", scratch,
		strerror(EISDIR));
	assert_string_equal(said, expected);
	assert_int_equal(read_quietly(missing, said, sizeof said), CUT_FAILED);
	snprintf(expected, sizeof expected, "pq: cannot read %s: %s\n", missing,
		strerror(ENOENT));
	assert_string_equal(said, expected);
	free(missing);
}

static void standard_input_is_a_dash_and_stays_open(void **state)
{
	int fds[2], saved;
	struct records *r;
	const char *data;
	size_t len;
	char byte;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	saved = unit_divert(STDIN_FILENO, fds[0]);
	r = records_open("-", '\n', 100);
	assert_non_null(r);
	assert_int_equal(records_fd(r), STDIN_FILENO);
	assert_int_equal(records_next(r, &data, &len), CUT_NOTHING);
	assert_int_equal(write(fds[1], "a\nb", 3), 3);
	assert_int_equal(records_next(r, &data, &len), CUT_RECORD);
	assert_int_equal(len, 1);
	assert_int_equal(records_next(r, &data, &len), CUT_NOTHING); /* b may go on */
	records_close(r);
	assert_int_equal(write(fds[1], "c", 1), 1);
	assert_int_equal(read(STDIN_FILENO, &byte, 1), 1);
	assert_int_equal(byte, 'c');
	unit_restore(STDIN_FILENO, saved);
	close(fds[0]);
	close(fds[1]);
}

static void a_fifo_without_a_writer_has_nothing_yet(void **state)
{
	struct records *r = records_open(fifo(), '\n', 100);
	const char *data;
	size_t len;
	int fd;

	(void)state;
	assert_non_null(r);
	for (int i = 0; i < 3; i++)
		assert_int_equal(records_next(r, &data, &len), CUT_NOTHING);
	fd = open(fifo(), O_WRONLY | O_NONBLOCK);
	assert_true(fd >= 0);
	assert_int_equal(records_next(r, &data, &len), CUT_NOTHING);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
	assert_int_equal(records_next(r, &data, &len), CUT_RECORD);
	assert_int_equal(records_next(r, &data, &len), CUT_END);
	assert_int_equal(records_next(r, &data, &len), CUT_END);
	records_close(r);
}

/* How long it takes to look at and copy so many bytes, once. */
static clock_t plain_pass(const char *from, size_t len)
{
	char *to = malloc(len);
	clock_t began = clock();

	assert_non_null(to);
	memcpy(to, from, len);
	assert_null(memchr(to, '\n', len));
	free(to);
	return clock() - began + 1;
}

/* Nothing is done again with what is there when more of a record comes: a thousand pieces
 * would take five hundred times as long. Time is this process' own, and the measure is its
 * own work, so neither the machine nor its load decides. */
static void a_record_in_many_pieces_costs_no_more(void **state)
{
	enum { PIECES = 1000 };
	static char piece[PIPE];
	const char *data;
	size_t len;
	bool unended;
	int fd;
	struct records *r = records_open(fifo(), '\n', SIZE_MAX / 4);
	struct buf run = { 0 };
	clock_t began = clock(), took;

	(void)state;
	assert_non_null(r);
	fd = open(fifo(), O_WRONLY | O_NONBLOCK);
	assert_true(fd >= 0);
	memset(piece, 'a', sizeof piece);
	for (int i = 0; i < PIECES; i++) {
		assert_int_equal(write(fd, piece, sizeof piece), sizeof piece);
		assert_int_equal(records_run(r, &run, 262144, &unended, &data, &len), CUT_NOTHING);
		assert_int_equal(run.len, 0);
	}
	assert_int_equal(write(fd, "\nb", 2), 2);
	close(fd);
	assert_int_equal(records_run(r, &run, 262144, &unended, &data, &len), CUT_RECORD);
	took = clock() - began;
	assert_int_equal(run.len, PIECES * sizeof piece + 1);
	if (took > 100 * plain_pass(run.data, run.len - 1))
		fail_msg("%ld ticks of %ld", (long)took, (long)CLOCKS_PER_SEC);
	buf_clear(&run);
	assert_int_equal(records_run(r, &run, 262144, &unended, &data, &len), CUT_RECORD);
	assert_true(unended);
	assert_string_equal(buf_str(&run), "b\n");
	buf_free(&run);
	records_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_with_and_without_an_end),
		cmocka_unit_test(any_byte_separates),
		cmocka_unit_test(the_longest_record_has_exactly_max_bytes),
		cmocka_unit_test(a_long_record_is_whole_and_a_too_long_one_is_skipped),
		cmocka_unit_test(random_bytes_in_random_pieces),
		cmocka_unit_test(in_csv_a_field_in_quotes_holds_separators),
		cmocka_unit_test(random_csv_in_random_pieces),
		cmocka_unit_test(what_cannot_be_read_is_told_once),
		cmocka_unit_test(standard_input_is_a_dash_and_stays_open),
		cmocka_unit_test(a_fifo_without_a_writer_has_nothing_yet),
		cmocka_unit_test(a_record_in_many_pieces_costs_no_more),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
