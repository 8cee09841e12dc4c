/* pq's voice: what it quotes, what it counts, and the status line below. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "base/msg.h"
#include "base/thread.h"

enum { ROUNDS = 3000, THREADS = 4 };

/* --- quoting ----------------------------------------------------------- */

static void assert_quoted(const char *data, size_t len, size_t most, const char *expected)
{
	struct buf b = { 0 };

	msg_quote(&b, data, len, most);
	assert_string_equal(buf_str(&b), expected);
	buf_free(&b);
}

static void every_byte_by_itself(void **state)
{
	static const char names[] = "abtnvfr"; /* of the bytes from 7 on */

	(void)state;
	for (int c = 0; c < 256; c++) {
		const char byte = (char)c;
		char expected[16];

		if (c >= 7 && c <= 13)
			snprintf(expected, sizeof expected, "'\\%c'", names[c - 7]);
		else if (c < 0x20 || c > 0x7e)
			snprintf(expected, sizeof expected, "'\\x%02x'", (unsigned)c);
		else
			snprintf(expected, sizeof expected, "'%s%c'",
				c == '\'' || c == '\\' ? "\\" : "", c);
		assert_quoted(&byte, 1, 100, expected);
	}
}

static void text_as_people_write_it_stays_readable(void **state)
{
	static const struct {
		const char *text, *quoted;
	} rows[] = {
		{ "", "''" }, { "plain text", "'plain text'" }, { "it's", "'it\\'s'" },
		{ "C:\\x", "'C:\\\\x'" }, { "a\nb", "'a\\nb'" }, { "\033[31m", "'\\x1b[31m'" },
		{ "\xc3\xa4", "'\xc3\xa4'" }, { "\xe2\x82\xac", "'\xe2\x82\xac'" },
		{ "\xf0\x9f\x90\x84", "'\xf0\x9f\x90\x84'" },
		{ "\xc2\xa0", "'\xc2\xa0'" },                     /* the first after the controls */
		{ "\xc2\x9b", "'\\xc2\\x9b'" },                   /* a control beyond ASCII */
		{ "\xc2\x80", "'\\xc2\\x80'" }, { "\xc2\x9f", "'\\xc2\\x9f'" },
		{ "\x9b", "'\\x9b'" },
		{ "\xc0\xaf", "'\\xc0\\xaf'" },                   /* longer than needed */
		{ "\xe0\x80\xaf", "'\\xe0\\x80\\xaf'" }, { "\xe0\xa0\x80", "'\xe0\xa0\x80'" },
		{ "\xf0\x8f\xbf\xbf", "'\\xf0\\x8f\\xbf\\xbf'" },
		{ "\xed\x9f\xbf", "'\xed\x9f\xbf'" },
		{ "\xed\xa0\x80", "'\\xed\\xa0\\x80'" },          /* half of a pair */
		{ "\xf4\x8f\xbf\xbf", "'\xf4\x8f\xbf\xbf'" },     /* the last there is */
		{ "\xf4\x90\x80\x80", "'\\xf4\\x90\\x80\\x80'" }, { "\xf5", "'\\xf5'" },
		{ "\xc3", "'\\xc3'" }, { "\xe2\x82", "'\\xe2\\x82'" },
		{ "\xe2\x82" "a", "'\\xe2\\x82a'" }, { "\xc3\xc3\xa4", "'\\xc3\xc3\xa4'" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_quoted(rows[i].text, strlen(rows[i].text), 100, rows[i].quoted);
	assert_quoted("a\0b", 3, 100, "'a\\x00b'");
	assert_quoted("", 0, 0, "''");
	assert_quoted("\xe2\x82\xac", 2, 100, "'\\xe2\\x82'"); /* the end is where len says */
}

/* The reverse of msg_quote, as far as it was not cut; false if it is malformed. */
static bool unquote(const char *s, size_t len, struct buf *out, bool *cut)
{
	static const char names[] = "abtnvfr", plain[] = "\a\b\t\n\v\f\r";
	const char *end = s + len - 1; /* the closing quote */

	*cut = len > 4 && memcmp(end - 3, "...'", 4) == 0;
	if (len < 2 || *s++ != '\'' || *end != '\'')
		return false;
	if (*cut)
		end -= 3;
	for (; s < end; s++) {
		const char *at;
		char hex[3] = { 0 };

		if ((unsigned char)*s < 0x20 || *s == 0x7f || *s == '\'')
			return false;
		if (*s != '\\') {
			buf_addc(out, *s);
		} else if (*++s == 'x') {
			memcpy(hex, s + 1, 2);
			buf_addc(out, (char)strtoul(hex, NULL, 16));
			s += 2;
		} else {
			at = strchr(names, *s);
			buf_addc(out, at ? plain[at - names] : *s);
		}
	}
	return s == end;
}

static void no_control_character(const char *s, size_t len)
{
	for (size_t i = 0; i + 1 < len; i++)
		if ((unsigned char)s[i] == 0xc2)
			assert_true((unsigned char)s[i + 1] >= 0xa0);
}

/* Quoted text says what the bytes were, or their beginning when it was cut. */
static void random_bytes_can_be_read_back(void **state)
{
	static const char often[] = "'\\.x\xc2\x9b\xe2\x82\xac\xf0\x9f\x90\x84\033\n";
	uint32_t random = unit_seed(6);

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct buf quoted = { 0 }, back = { 0 };
		size_t len = unit_below(&random, 60), most = unit_below(&random, 120);
		bool cut;
		char data[60];

		for (size_t i = 0; i < len; i++)
			data[i] = unit_below(&random, 2) ? often[unit_below(&random,
				sizeof often - 1)] : (char)unit_random(&random);
		if (len > 2 && memcmp(data + len - 3, "...", 3) == 0)
			data[len - 1] = 'x'; /* would look as if it had been cut */
		buf_adds(&quoted, "x"); /* it is appended */
		msg_quote(&quoted, data, len, most);
		assert_true(unquote(quoted.data + 1, quoted.len - 1, &back, &cut));
		no_control_character(quoted.data, quoted.len);
		assert_true(cut ? back.len < len : back.len == len);
		assert_memory_equal(back.len ? back.data : "", data, back.len);
		assert_true(quoted.len - 1 <= most + 8); /* a character and the end */
		buf_free(&quoted);
		buf_free(&back);
	}
}

static void long_text_is_cut_with_an_ellipsis(void **state)
{
	(void)state;
	assert_quoted("abcdef", 6, 100, "'abcdef'");
	assert_quoted("abcdef", 6, 6, "'abcdef'");
	assert_quoted("abcdef", 6, 5, "'abcde...'");
	assert_quoted("abcdef", 6, 1, "'a...'");
	assert_quoted("abcdef", 6, 0, "'...'");
	assert_quoted("\033\033\033", 3, 4, "'\\x1b...'"); /* an escape stays whole */
	assert_quoted("\033\033\033", 3, 5, "'\\x1b\\x1b...'");
	assert_quoted("\xc3\xa4\xc3\xa4", 4, 1, "'\xc3\xa4...'"); /* as does a character */
}

/* --- lines ------------------------------------------------------------- */

/* What fn says on stderr, in a process of its own: what was told is remembered.
 * Its exit status is in *status. The text is to be freed. */
static char *hear(void (*fn)(void), int *status, size_t *len)
{
	FILE *told = tmpfile();
	char *said;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(fileno(told), STDERR_FILENO);
		fn();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, status, 0), pid);
	said = unit_content(fileno(told), len);
	fclose(told);
	return said;
}

static void assert_heard(void (*fn)(void), int exit_status, const char *expected)
{
	int status;
	size_t len;
	char *said = hear(fn, &status, &len);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), exit_status);
	assert_string_equal(said, expected);
	free(said);
}

static void warn_twice(void)
{
	msg_warn("%s: %d", "first", 1);
	msg_warn("second");
}

static void die(void)
{
	msg_status("working");
	msg_die(125, "no %s", "memory");
}

static void a_message_is_one_line(void **state)
{
	(void)state;
	assert_heard(warn_twice, 0, "pq: first: 1\npq: second\n");
	assert_heard(die, 125, "\rworking\033[K\r\033[Kpq: no memory\n");
}

static void warn_without_quoting(void)
{
	msg_warn("%s", "a\nb\033[2Jc\r\t\x7f\xc3\xa4\xc2\x9b\xff.");
}

static void a_message_carries_no_control_byte(void **state)
{
	(void)state;
	assert_heard(warn_without_quoting, 0, "pq: a?b?[2Jc???\xc3\xa4???.\n");
}

static void warn_at_length(void)
{
	static char text[10000];

	for (size_t n = 4080; n < 4110; n++) {
		memset(text, 'x', n);
		text[n] = '\0';
		msg_warn("%s", text);
	}
	memset(text, 'x', sizeof text - 1);
	msg_warn("%s", text);
}

static void a_message_without_an_end_is_cut(void **state)
{
	int status;
	size_t len;
	char *said = hear(warn_at_length, &status, &len), *line = said;

	(void)state;
	assert_int_equal(status, 0);
	for (int i = 0; i < 31; i++) {
		char *end = strchr(line, '\n');

		assert_non_null(end);
		assert_in_range(end - line, 4000, 4096);
		assert_memory_equal(line, "pq: xxx", 7);
		line = end + 1;
	}
	assert_int_equal(*line, '\0');
	free(said);
}

static const char apples[] = "apples", pears[] = "pears", plums[] = "plums";

static void complain_often(void)
{
	for (int i = 1; i <= 25; i++) {
		msg_many(apples, "apple %d", i);
		if (i <= 10)
			msg_many(pears, "pear %d", i);
		if (i <= 11)
			msg_many(plums, "plum %d", i);
	}
	msg_finish();
}

static void the_same_trouble_is_told_ten_times_and_then_counted(void **state)
{
	struct buf expected = { 0 };

	(void)state;
	for (int i = 1; i <= 10; i++)
		buf_addf(&expected, "pq: apple %d\npq: pear %d\npq: plum %d\n", i, i, i);
	buf_adds(&expected, "pq: apples: 15 more like the ten above\n"
		"pq: plums: 1 more like the ten above\n");
	assert_heard(complain_often, 0, buf_str(&expected));
	buf_free(&expected);
}

static void *complain(void *arg)
{
	for (int i = 0; i < 100; i++)
		msg_many(apples, "an apple");
	return arg;
}

static void complain_together(void)
{
	pthread_t thread[THREADS];

	for (int i = 0; i < THREADS; i++)
		if (!thread_start(&thread[i], complain, NULL))
			_exit(1);
	for (int i = 0; i < THREADS; i++)
		thread_join(thread[i]);
	msg_finish();
}

static void threads_are_counted_together_and_do_not_mix(void **state)
{
	struct buf expected = { 0 };

	(void)state;
	for (int i = 0; i < 10; i++)
		buf_adds(&expected, "pq: an apple\n");
	buf_addf(&expected, "pq: apples: %d more like the ten above\n", THREADS * 100 - 10);
	assert_heard(complain_together, 0, buf_str(&expected));
	buf_free(&expected);
}

static void complain_of_many_kinds(void)
{
	static const char kinds[] = "abcdefghijklmnopqrstuvwxyz";

	for (int kind = 0; kind < 26; kind++)
		msg_many(kinds + kind, "%.1s", kinds + kind);
	msg_finish();
}

static void more_kinds_than_are_counted_are_told_all_the_same(void **state)
{
	struct buf expected = { 0 };

	(void)state;
	for (char c = 'a'; c <= 'z'; c++)
		buf_addf(&expected, "pq: %c\n", c);
	assert_heard(complain_of_many_kinds, 0, buf_str(&expected));
	buf_free(&expected);
}

/* --- the status line --------------------------------------------------- */

#define LINE(text) "\r" text "\033[K"
#define ERASED "\r\033[K"

static void show_and_talk(void)
{
	msg_status(NULL);  /* there was none */
	msg_lift();
	msg_lower(true);
	msg_status("one"); /* now there is */
	msg_warn("trouble");
	msg_status("two");
	msg_lift();
	msg_status("skipped");
	msg_lower(true);
	msg_status(NULL);
	msg_warn("more");
	msg_lift();
	msg_lower(true);
}

static void the_status_line_makes_room_for_others(void **state)
{
	(void)state;
	assert_heard(show_and_talk, 0, LINE("one") ERASED "pq: trouble\n" LINE("one")
		LINE("two") ERASED LINE("two") ERASED "pq: more\n");
}

static void leave_a_line_open(void)
{
	msg_lift();
	msg_lower(false);
	msg_status("one");
	msg_lift();
	msg_lower(true);
	msg_lift();
	msg_lower(false);
	msg_warn("trouble");
	msg_status(NULL);
}

static void the_status_line_wipes_no_line_that_has_no_end_yet(void **state)
{
	(void)state;
	assert_heard(leave_a_line_open, 0,
		LINE("one") ERASED "\n" "pq: trouble\n" LINE("one") ERASED);
}

static void show_several(void)
{
	msg_status("one\ntwo\nthree");
	msg_status("one\n2\n3");
	msg_warn("trouble");
	msg_status("alone");
	msg_status("one\n");
	msg_status(NULL);
}

/* Those below the first are gone back over, and none stays. */
static void the_status_may_have_several_lines(void **state)
{
	(void)state;
	assert_heard(show_several, 0, LINE("one") "\r\ntwo\033[K\r\nthree\033[K"
		"\r\033[2A" "one\033[K\r\n2\033[K\r\n3\033[K\033[J"
		"\r\033[2A\033[J" "pq: trouble\n"
		LINE("one") "\r\n2\033[K\r\n3\033[K"
		"\r\033[2A" "alone\033[K\033[J"
		LINE("one") "\r\n\033[K" "\r\033[1A\033[J");
}

static void show_too_much(void)
{
	static char text[3 * MSG_STATUS];

	memset(text, 'x', sizeof text - 1);
	msg_status(text);
	msg_status(NULL);
}

static void a_status_without_an_end_is_cut(void **state)
{
	int status;
	size_t len;
	char *said = hear(show_too_much, &status, &len);

	(void)state;
	assert_int_equal(status, 0);
	assert_int_equal(len, 1 + MSG_STATUS - 1 + 3 + 4);
	free(said);
}

static void *warn_once(void *arg)
{
	msg_warn("cannot wait");
	return arg;
}

/* The terminal may be stopped (Ctrl-S) while output is written to it. */
static void warn_while_lifted(void)
{
	pthread_t thread;

	msg_status("one");
	msg_lift();
	if (!thread_start(&thread, warn_once, NULL))
		_exit(1);
	thread_join(thread);
	msg_lower(true);
	msg_status(NULL);
}

static void a_message_does_not_wait_for_ever(void **state)
{
	(void)state;
	assert_heard(warn_while_lifted, 0,
		LINE("one") ERASED "pq: cannot wait\n" LINE("one") ERASED);
}

/* --- nobody listens ---------------------------------------------------- */

static void talk_to(int fd)
{
	dup2(fd, STDERR_FILENO);
	msg_warn("hello?");
	_exit(msg_heard() ? 0 : 9);
}

static void talk_to_a_full_disk(void)
{
	talk_to(open("/dev/full", O_WRONLY));
}

static void talk_to_a_descriptor_for_reading(void)
{
	talk_to(open("/dev/null", O_RDONLY));
}

static void talk_to_a_broken_pipe(void)
{
	int fds[2];

	signal(SIGPIPE, SIG_IGN);
	if (pipe(fds) < 0)
		_exit(1);
	close(fds[0]);
	talk_to(fds[1]);
}

static void a_message_that_is_lost_is_known(void **state)
{
	(void)state;
	assert_heard(talk_to_a_full_disk, 9, "");
	assert_heard(talk_to_a_descriptor_for_reading, 9, "");
	assert_heard(talk_to_a_broken_pipe, 0, ""); /* who left does not want to hear */
	assert_true(msg_heard());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_by_itself),
		cmocka_unit_test(text_as_people_write_it_stays_readable),
		cmocka_unit_test(random_bytes_can_be_read_back),
		cmocka_unit_test(long_text_is_cut_with_an_ellipsis),
		cmocka_unit_test(a_message_is_one_line),
		cmocka_unit_test(a_message_carries_no_control_byte),
		cmocka_unit_test(a_message_without_an_end_is_cut),
		cmocka_unit_test(the_same_trouble_is_told_ten_times_and_then_counted),
		cmocka_unit_test(threads_are_counted_together_and_do_not_mix),
		cmocka_unit_test(more_kinds_than_are_counted_are_told_all_the_same),
		cmocka_unit_test(the_status_line_makes_room_for_others),
		cmocka_unit_test(the_status_line_wipes_no_line_that_has_no_end_yet),
		cmocka_unit_test(the_status_may_have_several_lines),
		cmocka_unit_test(a_status_without_an_end_is_cut),
		cmocka_unit_test(a_message_does_not_wait_for_ever),
		cmocka_unit_test(a_message_that_is_lost_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
