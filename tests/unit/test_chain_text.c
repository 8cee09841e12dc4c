/* Chains as text: whatever the pieces, the text is that of the whole. */
#include "unit.h"

#include <string.h>

#include "base/buf.h"
#include "base/chain.h"
#include "base/chain_text.h"
#include "base/json_text.h"
#include "base/utf8.h"

enum { ROUNDS = 4000, MOST = 60 };

static void collect(void *ctx, const char *data, size_t len)
{
	buf_add(ctx, data, len);
}

/* Pieces that break characters: bytes of which UTF-8 is made, and others. */
static size_t make_bytes(char *data, uint32_t *random)
{
	static const char *const parts[] = { "a", "\"", "\n", "\xc3\xa4", "\xe2\x82\xac",
		"\xf0\x9f\x98\x80", "\xe2\x82", "\xf0\x9f", "\xff", "\xed\xa0\x80", " ", "," };
	size_t len = 0, n = unit_below(random, 12);
	uint32_t kinds = unit_below(random, 3) ? 6 : COUNT(parts);

	for (size_t i = 0; i < n; i++) {
		const char *part = parts[unit_below(random, kinds)];

		memcpy(data + len, part, strlen(part));
		len += strlen(part);
	}
	return len;
}

static struct chain cut(struct store *s, const char *data, size_t len, uint32_t *random)
{
	struct chain c = { 0 };

	for (size_t at = 0, n; at < len; at += n) {
		n = 1 + unit_below(random, 4);
		if (n > len - at)
			n = len - at;
		chain_link(&c, chunk_new(s, data + at, n));
	}
	return c;
}

static bool has_any(const char *data, size_t len, const char *set)
{
	for (size_t i = 0; i < len; i++)
		if (strchr(set, data[i]))
			return true;
	return false;
}

static void the_pieces_make_no_difference(void **state)
{
	uint32_t random = unit_seed(11);

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct store *s = store_new(i % 2 ? 0 : 1 << 20);
		struct buf whole[4] = { { 0 } }, got[4] = { { 0 } };
		struct chain_kind kind;
		char data[MOST];
		size_t len = make_bytes(data, &random);
		struct chain c = cut(s, data, len, &random);

		buf_add(&whole[CHAIN_RAW], data, len);
		json_text(&whole[CHAIN_JSON], data, len);
		base64_add(&whole[CHAIN_BASE64], data, len);
		for (size_t k = 0; k < len; k++)
			buf_add(&whole[CHAIN_CSV], "\"\"", data[k] == '"'), buf_addc(
				&whole[CHAIN_CSV], data[k]);
		assert_true(chain_look(s, &c, ',', &kind));
		assert_int_equal(kind.utf8, utf8_valid(data, len));
		assert_int_equal(kind.quote, has_any(data, len, "\" ,\n"));
		for (int as = CHAIN_RAW; as <= CHAIN_CSV; as++) {
			if (as == CHAIN_JSON && !kind.utf8)
				continue;
			assert_true(chain_put(s, &c, (enum chain_text)as,
				&(struct outlet){ collect, &got[as] }));
			assert_int_equal(got[as].len, whole[as].len);
			assert_true(!got[as].len
				|| memcmp(got[as].data, whole[as].data, got[as].len) == 0);
		}
		for (int as = CHAIN_RAW; as <= CHAIN_CSV; as++) {
			buf_free(&whole[as]);
			buf_free(&got[as]);
		}
		chain_free(s, &c);
		store_free(s);
	}
}

static void only_the_beginning_of_a_character_is_unfinished(void **state)
{
	static const struct { const char *text; size_t unfinished; } rows[] = {
		{ "", 0 }, { "a", 0 }, { "\xc3", 1 }, { "a\xe2", 1 }, { "\xe2\x82", 2 },
		{ "\xe2\x82\xac", 0 }, { "\xf0\x9f\x98", 3 }, { "\xf0\x9f\x98\x80", 0 },
		{ "\xff", 0 }, { "\x80", 0 }, { "\x80\x80\x80", 0 }, { "\xed\xa0", 0 },
		{ "\xc3\xa4\xc3", 1 }, { "\xf5\x80", 0 }, { "\xe0\x80", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(utf8_unfinished(rows[i].text, strlen(rows[i].text)),
			rows[i].unfinished);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_pieces_make_no_difference),
		cmocka_unit_test(only_the_beginning_of_a_character_is_unfinished),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
