/* Capitals and small letters of Unicode. */
#include "unit.h"

#include <string.h>

#include "base/buf.h"
#include "base/letters.h"

static void a_letter_has_its_counterpart(void **state)
{
	static const struct {
		unsigned long small, capital;
	} rows[] = {
		{ 'a', 'A' }, { 'z', 'Z' }, { 0xe9, 0xc9 }, { 0xff, 0x178 }, { 0x101, 0x100 },
		{ 0x3bc, 0x39c }, { 0x3c3, 0x3a3 }, { 0x436, 0x416 }, { 0x1c6, 0x1c4 },
		{ 0x1f80, 0x1f88 }, { 0x10428, 0x10400 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(letters_capital(rows[i].small), rows[i].capital);
		assert_int_equal(letters_small(rows[i].capital), rows[i].small);
		assert_int_equal(letters_capital(rows[i].capital), rows[i].capital);
		assert_int_equal(letters_small(rows[i].small), rows[i].small);
	}
}

static void some_go_one_way_and_some_nowhere(void **state)
{
	(void)state;
	assert_int_equal(letters_capital(0xb5), 0x39c);   /* the micro sign */
	assert_int_equal(letters_capital(0x3c2), 0x3a3);  /* a final sigma */
	assert_int_equal(letters_capital(0x17f), 'S');    /* a long s */
	assert_int_equal(letters_capital(0x131), 'I');    /* a dotless i */
	assert_int_equal(letters_small(0x212a), 'k');     /* the kelvin sign */
	assert_int_equal(letters_small(0x130), 'i');
	assert_int_equal(letters_capital(0xdf), 0xdf);
	assert_int_equal(letters_small(0x1e9e), 0xdf);
	for (const char *s = "@[`{09 "; *s; s++)
		assert_int_equal(letters_capital((unsigned char)*s), *s);
	assert_int_equal(letters_capital(0x4e00), 0x4e00);
	assert_int_equal(letters_capital(0xd7), 0xd7);
	assert_int_equal(letters_small(0xf7), 0xf7);
}

static void the_counterpart_of_a_counterpart_is_the_same(void **state)
{
	unsigned long n = 0;

	(void)state;
	for (unsigned long c = 0; c < 0x20000; c++) {
		unsigned long up = letters_capital(c), down = letters_small(c);

		assert_int_equal(letters_capital(up), up);
		assert_int_equal(letters_small(down), down);
		n += up != c;
	}
	assert_int_equal(n, 1450);
}

static void text_is_turned_and_what_is_none_stays(void **state)
{
	static const char in[] = "a\xc3\xa9\xff\xc3Z\xe2\x82\xac\xf0\x90\x90\xa8";
	struct buf out = { 0 };

	(void)state;
	letters_turn(true, true, in, sizeof in - 1, &out);
	assert_string_equal(buf_str(&out), "A\xc3\x89\xff\xc3Z\xe2\x82\xac\xf0\x90\x90\x80");
	buf_clear(&out);
	letters_turn(true, false, in, sizeof in - 1, &out);
	assert_string_equal(buf_str(&out), "A\xc3\xa9\xff\xc3Z\xe2\x82\xac\xf0\x90\x90\xa8");
	buf_clear(&out);
	letters_turn(false, true, in, sizeof in - 1, &out);
	assert_string_equal(buf_str(&out), "a\xc3\xa9\xff\xc3z\xe2\x82\xac\xf0\x90\x90\xa8");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_letter_has_its_counterpart),
		cmocka_unit_test(some_go_one_way_and_some_nowhere),
		cmocka_unit_test(the_counterpart_of_a_counterpart_is_the_same),
		cmocka_unit_test(text_is_turned_and_what_is_none_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
