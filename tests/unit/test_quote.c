/* Single words and values in the shell's language. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "action/template/quote.h"
#include "base/buf.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void words_are_quoted_only_if_they_must_be(void **state)
{
	static const struct {
		const char *value, *word;
	} rows[] = {
		{ "a", "a" }, { "a-b_c.d/e:f,g@h%i+j", "a-b_c.d/e:f,g@h%i+j" },
		{ "", "''" }, { "a b", "'a b'" }, { "a=b", "'a=b'" }, { "~", "'~'" },
		{ "#", "'#'" },
		{ "*", "'*'" }, { "$x", "'$x'" }, { "{}", "'{}'" }, { "a!b", "'a!b'" },
		{ "it's", "'it'\\''s'" }, { "'", "''\\'''" }, { "\\", "'\\'" },
		{ "a\nb", "$'a\\nb'" }, { "\t", "$'\\t'" }, { "\r", "$'\\r'" },
		{ "\033[31m", "$'\\033[31m'" }, { "\a'\\!", "$'\\007\\'\\\\\\041'" },
		{ "\x7f", "$'\\177'" }, { "\001" "1", "$'\\0011'" },
		{ "\xc3\xa4", "'\xc3\xa4'" },               /* an umlaut */
		{ "\xf0\x9f\x90\x84", "'\xf0\x9f\x90\x84'" },
		{ "\xc3", "$'\\303'" }, { "\xff", "$'\\377'" },
		{ "\xc0\xaf", "$'\\300\\257'" },            /* longer than needed */
		{ "\xed\xa0\x80", "$'\\355\\240\\200'" },   /* a surrogate */
		{ "\xc2\x9b", "$'\\302\\233'" },            /* a control beyond ASCII */
		{ "\xf4\x90\x80\x80", "$'\\364\\220\\200\\200'" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf b = { 0 };

		quote_word(&b, rows[i].value, strlen(rows[i].value));
		assert_string_equal(buf_str(&b), rows[i].word);
		buf_free(&b);
	}
}

static void a_plain_word_can_be_quoted_all_the_same(void **state)
{
	struct buf b = { 0 };

	(void)state;
	quote_always(&b, "a", 1);
	assert_string_equal(buf_str(&b), "'a'");
	buf_free(&b);
}

static uint32_t random_below(uint32_t n)
{
	static uint32_t x = 20240131;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x % n;
}

/* Random bytes, often those that matter. */
static size_t random_value(char *value)
{
	static const char often[] = "'\"\\$` \n!{}*~#;\xc3\xa4";
	size_t len = random_below(20);

	for (size_t i = 0; i < len; i++)
		value[i] = random_below(2) ? often[random_below(sizeof often - 1)]
			: (char)(1 + random_below(255));
	return len;
}

static void random_values_survive_a_shell_that_knows_dollar_quotes(void **state)
{
	enum { VALUES = 3000 };
	struct buf script = { 0 }, values = { 0 };
	FILE *file = tmpfile(), *shell;
	char command[64], *back;
	size_t len;
	int status;

	(void)state;
	buf_adds(&script, "printf '%s\\0'");
	for (int i = 0; i < VALUES; i++) {
		char value[20];
		size_t n = random_value(value), from = script.len;

		buf_addc(&script, ' ');
		quote_word(&script, value, n);
		assert_true(quote_clean(script.data + from, script.len - from));
		buf_add(&values, value, n);
		buf_addc(&values, '\0');
	}
	assert_non_null(file);
	fwrite(script.data, 1, script.len, file);
	fflush(file);
	snprintf(command, sizeof command, "exec bash /dev/fd/%d 2>/dev/null", fileno(file));
	shell = popen(command, "r");
	assert_non_null(shell);
	back = malloc(values.len + 1);
	len = fread(back, 1, values.len + 1, shell);
	status = pclose(shell);
	fclose(file);
	if (status != 127 << 8) { /* there is a bash */
		assert_int_equal(len, values.len);
		assert_memory_equal(back, values.data, len);
	}
	free(back);
	buf_free(&script);
	buf_free(&values);
}

static void inside_quotations(void **state)
{
	static const struct {
		const char *value, *in_single, *in_double;
	} rows[] = {
		{ "a b", "a b", "a b" },
		{ "it's", "it'\\''s", "it's" },
		{ "a\"$`\\", "a\"$`\\", "a\\\"\\$\\`\\\\" },
		{ "a!", "a!", NULL },
		{ "a\nb", "'$'a\\nb''", NULL },
		{ "", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t len = strlen(rows[i].value);
		struct buf b = { 0 };

		quote_in_single(&b, rows[i].value, len);
		assert_string_equal(buf_str(&b), rows[i].in_single);
		buf_clear(&b);
		assert_int_equal(quote_in_double(&b, rows[i].value, len),
			rows[i].in_double != NULL);
		assert_string_equal(buf_str(&b), rows[i].in_double ? rows[i].in_double : "");
		buf_free(&b);
	}
}

static void words_of_the_shell(void **state)
{
	static const char *const shells[] = {
		".", ":", "[[", "]]", "alias", "bg", "break", "case", "cd", "command", "continue",
		"declare", "do", "done", "elif", "else", "esac", "eval", "exec", "exit", "export",
		"fc", "fg", "fi", "for", "function", "getopts", "hash", "if", "in", "jobs", "kill",
		"let", "local", "read", "readonly", "return", "set", "shift", "source", "then",
		"time", "times", "trap", "type", "typeset", "ulimit", "umask", "unalias", "unset",
		"until", "wait", "while",
	};
	static const char *const programs[] = {
		"echo", "printf", "test", "[", "true", "false", "pwd", "", "c", "cdx", "exi",
		"whil", "whilex", "gzip", "/bin/cd", "Exit", "..", "zzz", "\xff",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(shells); i++)
		assert_true(quote_shell_word(shells[i], strlen(shells[i]), false));
	for (size_t i = 0; i < COUNT(programs); i++)
		assert_false(quote_shell_word(programs[i], strlen(programs[i]), false));
	for (size_t i = 0; i < COUNT(programs); i++)
		assert_false(quote_shell_word(programs[i], strlen(programs[i]), true));
	assert_true(quote_shell_word("cd", 2, true));
	assert_false(quote_shell_word("help", 4, true));
	assert_false(quote_shell_word("[[", 2, true));
	assert_true(quote_shell_word("cd /tmp", 2, false));
	assert_false(quote_shell_word("exit", 3, false));
}

static void bytes_no_shell_cares_about(void **state)
{
	(void)state;
	for (const char *s = "az09AZ.-_/ \t=+%,:@]^\xc3"; *s; s++)
		assert_true(quote_inert(*s));
	for (const char *s = "\n\r'\"`$\\|&;<>()*?[~#{}!"; *s; s++)
		assert_false(quote_inert(*s));
	assert_false(quote_inert('\0'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_quoted_only_if_they_must_be),
		cmocka_unit_test(a_plain_word_can_be_quoted_all_the_same),
		cmocka_unit_test(random_values_survive_a_shell_that_knows_dollar_quotes),
		cmocka_unit_test(inside_quotations),
		cmocka_unit_test(words_of_the_shell),
		cmocka_unit_test(bytes_no_shell_cares_about),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
