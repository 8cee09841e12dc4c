/* What people write on a command line, and what they do not mean by it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>

#include "base/clock.h"
#include "base/parse.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void count_is_decimal_digits(void **state)
{
	static const char *const refused[] = { "", " 1", "1 ", "+1", "-1", "0x1", "1.0", "1k",
		"18446744073709551616", "99999999999999999999" };
	uint64_t n;

	(void)state;
	assert_true(parse_count("0", &n));
	assert_int_equal(n, 0);
	assert_true(parse_count("007", &n));
	assert_int_equal(n, 7);
	assert_true(parse_count("18446744073709551615", &n));
	assert_true(n == UINT64_MAX);
	n = 42;
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_false(parse_count(refused[i], &n));
	assert_int_equal(n, 42);
}

static void size_has_units_of_1000_and_1024(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} sizes[] = {
		{ "0", 0 }, { "17", 17 }, { "17B", 17 }, { "1k", 1000 }, { "1K", 1024 },
		{ "1kB", 1000 }, { "1kiB", 1024 }, { "1KiB", 1024 }, { "64M", 67108864 },
		{ "16MiB", 16777216 }, { "1.5G", 1610612736 }, { "1.5m", 1500000 },
		{ ".5k", 500 }, { "2g", 2000000000 }, { "1t", 1000000000000 },
		{ "1T", UINT64_C(1) << 40 }, { "1P", UINT64_C(1) << 50 }, { "0.0001k", 0 },
		{ "1kb", 1000 }, { "1mb", 1000000 }, { "2Mb", 2 << 20 }, { "1Mib", 1 << 20 },
		{ "18446744073709551615", UINT64_MAX }, { "16383P", UINT64_C(16383) << 50 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		uint64_t n = 1;

		assert_true(parse_size(sizes[i].text, &n));
		assert_true(n == sizes[i].bytes);
	}
}

static void size_refuses_the_rest(void **state)
{
	static const char *const refused[] = { "", "M", ".", "12x", "-1", "+1", "1.5", "1.5B",
		"1 M", "1MM", 
		"1iB", "1Ki", "1b", "1kbb", "1bk", "1..5M", "1.5.M", "0x10", "1e3", "inf", "nan",
		"16384P", "18446744073709551616", "99999999999999999999999999999999999999999P" };
	uint64_t n = 42;

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_false(parse_size(refused[i], &n));
	assert_int_equal(n, 42);
}

static void time_is_seconds_or_a_sum_of_terms(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} times[] = {
		{ "0", 0 }, { "5", 5 * CLOCK_SECOND }, { "0.3", 300 * CLOCK_MS },
		{ ".25", 250 * CLOCK_MS }, { "3.", 3 * CLOCK_SECOND }, { "250ms", 250 * CLOCK_MS },
		{ "1.5m", 90 * CLOCK_SECOND }, { "1h30m", 5400 * CLOCK_SECOND },
		{ "2d", 172800 * CLOCK_SECOND }, { "1m1ms", 60 * CLOCK_SECOND + CLOCK_MS },
		{ "5us", 5000 }, { "7ns", 7 }, { "5min", 300 * CLOCK_SECOND },
		{ "1hour30minutes", 5400 * CLOCK_SECOND },
		{ "2sec", 2 * CLOCK_SECOND },
		{ "1day2hrs", 93600 * CLOCK_SECOND },
		{ "1d3.5h16.6m4s", 100000 * CLOCK_SECOND }, { "0.000000001", 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(times); i++) {
		int64_t t = -1;

		assert_true(parse_time(times[i].text, &t));
		assert_true(t == times[i].ns);
	}
}

static void time_refuses_the_rest(void **state)
{
	static const char *const refused[] = { "", "s", "-1", "+1", "1h30", "1 s", "1S", "1w",
		"1ss", "1sm",
		"5Min", "1mi", "1 min", "1minuteses", "1secondminute", "1e",
		"1..5", "inf", "1e3", "5%", "9223372037", "106752d" };
	int64_t t = 42;

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_false(parse_time(refused[i], &t));
	assert_int_equal(t, 42);
}

static void percent_ends_with_its_sign(void **state)
{
	static const char *const refused[] = { "", "%", "12", "-5%", "5%%", "5 %", "x%",
		"99999999999999999999%" };
	double p;

	(void)state;
	assert_true(parse_percent("12.5%", &p));
	assert_true(p == 12.5);
	assert_true(parse_percent("0%", &p));
	assert_true(p == 0);
	assert_true(parse_percent("200%", &p));
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_false(parse_percent(refused[i], &p));
	assert_true(p == 200);
}

static void char_is_one_byte_or_an_escape(void **state)
{
	static const struct {
		const char *text;
		char byte;
	} chars[] = {
		{ ",", ',' }, { "\\", '\\' }, { " ", ' ' }, { "\n", '\n' }, { "0", '0' },
		{ "\\n", '\n' }, { "\\t", '\t' }, { "\\r", '\r' }, { "\\a", '\a' },
		{ "\\b", '\b' }, { "\\f", '\f' }, { "\\v", '\v' }, { "\\\\", '\\' },
		{ "\\0", '\0' }, { "\\12", '\n' }, { "\\011", '\t' }, { "\\377", '\377' },
		{ "\\xa", '\n' }, { "\\x0A", '\n' }, { "\\xff", '\377' },
	};
	static const char *const refused[] = { "", "ab", "\\q", "\\nn", "\\x", "\\x100", "\\xg",
		"\\8", "\\400", "\\0000", "\xc3\xa9" };
	char c;

	(void)state;
	for (size_t i = 0; i < COUNT(chars); i++) {
		c = '?';
		assert_true(parse_char(chars[i].text, &c));
		assert_int_equal(c, chars[i].byte);
	}
	c = '?';
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_false(parse_char(refused[i], &c));
	assert_int_equal(c, '?');
}

static void bytes_are_any_number_of_them(void **state)
{
	static const struct {
		const char *text, *bytes;
		size_t len;
	} rows[] = {
		{ "", "", 0 }, { "ab", "ab", 2 }, { "\\n>", "\n>", 2 }, { "\\0a", "\0a", 2 },
		{ "--\\x0ax", "--\nx", 4 }, { "\\x0abc", "\nbc", 3 }, { "\\0123", "\n3", 2 },
		{ "a\\", "a\\", 2 }, { "\\\\n", "\\n", 2 }, { "\xc3\xa9", "\xc3\xa9", 2 },
	};
	static const char *const refused[] = { "\\q", "a\\xg", "\\400", "\\8", "a\\qb" };
	char out[16];
	size_t len;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_true(parse_bytes(rows[i].text, out, &len));
		assert_int_equal(len, rows[i].len);
		assert_memory_equal(out, rows[i].bytes, len);
	}
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_false(parse_bytes(refused[i], out, &len));
}

static void signal_has_a_name_or_a_number(void **state)
{
	static const char *const refused[] = { "", "SIG", "0", "65", "-9", "SIGNAL", "TERM ",
		"9x" };
	int n;

	(void)state;
	assert_true(parse_signal("TERM", &n));
	assert_int_equal(n, SIGTERM);
	assert_true(parse_signal("SIGKILL", &n));
	assert_int_equal(n, SIGKILL);
	assert_true(parse_signal("sighup", &n));
	assert_int_equal(n, SIGHUP);
	assert_true(parse_signal("15", &n));
	assert_int_equal(n, 15);
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_false(parse_signal(refused[i], &n));
	assert_int_equal(n, 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(count_is_decimal_digits),
		cmocka_unit_test(size_has_units_of_1000_and_1024),
		cmocka_unit_test(size_refuses_the_rest),
		cmocka_unit_test(time_is_seconds_or_a_sum_of_terms),
		cmocka_unit_test(time_refuses_the_rest),
		cmocka_unit_test(percent_ends_with_its_sign),
		cmocka_unit_test(char_is_one_byte_or_an_escape),
		cmocka_unit_test(bytes_are_any_number_of_them),
		cmocka_unit_test(signal_has_a_name_or_a_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
