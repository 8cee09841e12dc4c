/* Bytes as JSON: what is written is read back by jansson, where it is there. */
#include "unit.h"

#include <string.h>

#include "base/buf.h"
#include "base/json_text.h"
#include "base/utf8.h"
#include "config.h"

#ifdef HAVE_JANSSON
#include <jansson.h>
#endif

#define BYTES(s) s, sizeof(s) - 1

struct row {
	const char *in;
	size_t len;
	const char *out;
};

static void strings(void **state)
{
	static const struct row rows[] = {
		{ BYTES(""), "\"\"" },
		{ BYTES("plain"), "\"plain\"" },
		{ BYTES("a\"b\\c/"), "\"a\\\"b\\\\c/\"" },
		{ BYTES("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"" },
		{ BYTES("\0\1\x0f\x10\x1f\x7f"), "\"\\u0000\\u0001\\u000f\\u0010\\u001f\x7f\"" },
		{ BYTES("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
			"\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"" },
		{ BYTES("a\xff" "b"), "\"a\\ufffdb\"" },
		{ BYTES("\xe2\x82"), "\"\\ufffd\"" },
		{ BYTES("\xc0\xaf"), "\"\\ufffd\\ufffd\"" },
	};
	struct buf b = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		json_text_quoted(&b, rows[i].in, rows[i].len);
		assert_string_equal(buf_str(&b), rows[i].out);
		buf_clear(&b);
	}
	buf_free(&b);
}

static void what_is_utf8(void **state)
{
	static const struct {
		const char *in;
		size_t len;
		bool valid;
	} rows[] = {
		{ BYTES(""), true }, { BYTES("\0"), true }, { BYTES("abc\x7f"), true },
		{ BYTES("\xc2\x80"), true }, { BYTES("\xdf\xbf"), true },
		{ BYTES("\xe0\xa0\x80"), true }, { BYTES("\xed\x9f\xbf"), true },
		{ BYTES("\xee\x80\x80"), true }, { BYTES("\xf0\x90\x80\x80"), true },
		{ BYTES("\xf4\x8f\xbf\xbf"), true },
		{ BYTES("\x80"), false }, { BYTES("\xc1\xbf"), false }, { BYTES("\xc2"), false },
		{ BYTES("\xc2" "a"), false }, { BYTES("\xe0\x9f\xbf"), false },
		{ BYTES("\xed\xa0\x80"), false }, { BYTES("\xf0\x8f\xbf\xbf"), false },
		{ BYTES("\xf4\x90\x80\x80"), false }, { BYTES("\xf5\x80\x80\x80"), false },
		{ BYTES("abc\xff"), false }, { BYTES("\xc3\xa9\xc3"), false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (utf8_valid(rows[i].in, rows[i].len) != rows[i].valid)
			fail_msg("row %zu", i);
}

static void base64_reads_what_it_writes(void **state)
{
	static const struct row rows[] = {
		{ BYTES(""), "" }, { BYTES("f"), "Zg==" }, { BYTES("fo"), "Zm8=" },
		{ BYTES("foo"), "Zm9v" }, { BYTES("foob"), "Zm9vYg==" },
		{ BYTES("\xfb\xff\xfe"), "+//+" },
	};
	struct buf b = { 0 }, back = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		base64_add(&b, rows[i].in, rows[i].len);
		assert_string_equal(buf_str(&b), rows[i].out);
		assert_true(base64_read(&back, b.data, b.len));
		assert_int_equal(back.len, rows[i].len);
		assert_memory_equal(back.data, rows[i].in, rows[i].len);
		buf_clear(&b);
		buf_clear(&back);
	}
	buf_free(&b);
	buf_free(&back);
}

static void base64_is_read_in_its_other_forms(void **state)
{
	static const char *const refused[] = { "Z", "Zg=", "Zm9vYg=", "Zm8*", "Zm\xff=", "====",
		"Z g=" };
	struct buf b = { 0 };

	(void)state;
	assert_true(base64_read(&b, "Zg", 2));
	assert_true(base64_read(&b, "-__-", 4));
	assert_string_equal(buf_str(&b), "f\xfb\xff\xfe");
	for (size_t i = 0; i < COUNT(refused); i++)
		if (base64_read(&b, refused[i], strlen(refused[i])))
			fail_msg("'%s' was read", refused[i]);
	buf_free(&b);
}

#ifdef HAVE_JANSSON
/* Bytes of which many belong together, or nearly. */
static size_t make_bytes(uint32_t *random, char *to, size_t most)
{
	static const char *const pieces[] = { "a", "\"", "\\", "\n", "\xc3\xa9", "\xe2\x82\xac",
		"\xf0\x9f\x98\x80", "\xe2\x82", "\xed\xa0\x80", "\xff", "\x1f", "\x7f" };
	size_t len = 0, wanted = unit_below(random, (uint32_t)most - 4);

	while (len < wanted) {
		const char *piece = pieces[unit_below(random, COUNT(pieces))];
		uint32_t kind = unit_below(random, 8);

		if (kind == 0) {
			to[len++] = (char)unit_random(random);
		} else if (kind == 1) {
			to[len++] = '\0';
		} else {
			memcpy(to + len, piece, strlen(piece));
			len += strlen(piece);
		}
	}
	return len;
}

/* What the member of this name was made of. */
static void check_member(json_t *object, const char *in, size_t len)
{
	json_t *text = json_object_get(object, "x"), *coded = json_object_get(object, "x_base64");
	struct buf back = { 0 };

	assert_true(!text != !coded);
	if (text)
		buf_add(&back, json_string_value(text), json_string_length(text));
	else
		assert_true(base64_read(&back, json_string_value(coded),
			json_string_length(coded)));
	assert_int_equal(back.len, len);
	if (len)
		assert_memory_equal(back.data, in, len);
	buf_free(&back);
}

static void any_bytes_come_back(void **state)
{
	uint32_t random = unit_seed(1);
	struct buf b = { 0 };
	char in[64];

	(void)state;
	for (int i = 0; i < 100000; i++) {
		size_t len = make_bytes(&random, in, sizeof in);
		json_error_t error;
		json_t *object;

		buf_clear(&b);
		buf_addc(&b, '{');
		json_text_member(&b, "x", in, len);
		buf_adds(&b, ",\"y\":");
		json_text_quoted(&b, in, len);
		buf_addc(&b, '}');
		object = json_loadb(b.data, b.len, JSON_ALLOW_NUL, &error);
		if (!object)
			fail_msg("run %d: %s in %s", i, error.text, buf_str(&b));
		check_member(object, in, len);
		json_decref(object);
	}
	buf_free(&b);
}
#endif

static void an_object_is_whole_from_its_first_brace_to_its_last(void **state)
{
	static const char *const whole[] = { "{}", "{\"a\":1}", "{\"a\":{\"b\":{}}}",
		"{\"a\":\"}\"}", "{\"a\":\"\\\"}{\"} \r" };
	static const char *const others[] = { "", " ", "{", "}", "{\"a\":{}", "{\"a\":\"}",
		"{\"a\":\"\\\"}", "{}{}", "{}x", "[{}]", "x{}", "{\"a\":\"\\" };

	(void)state;
	for (size_t i = 0; i < COUNT(whole); i++)
		if (!json_text_is_object(whole[i], strlen(whole[i])))
			fail_msg("%s", whole[i]);
	for (size_t i = 0; i < COUNT(others); i++)
		if (json_text_is_object(others[i], strlen(others[i])))
			fail_msg("%s", others[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings),
		cmocka_unit_test(what_is_utf8),
		cmocka_unit_test(an_object_is_whole_from_its_first_brace_to_its_last),
		cmocka_unit_test(base64_reads_what_it_writes),
		cmocka_unit_test(base64_is_read_in_its_other_forms),
#ifdef HAVE_JANSSON
		cmocka_unit_test(any_bytes_come_back),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
