/* Cutting a stream into blocks: against a reference that looks at every byte. */
#include "unit.h"

#include <string.h>

#include "source/cutter.h"

enum { MOST = 400 };

/* The blocks as the rules have them: each by its length, negative when it is a
 * record that is too long. */
struct blocks {
	long len[MOST + 1];
	size_t count;
};

static struct cutter_rules rules_of(const char *start, const char *end, uint64_t records,
	size_t block, size_t longest)
{
	return (struct cutter_rules){ start, end, strlen(start), strlen(end), records, block,
		longest };
}

static bool ends_at(const struct cutter_rules *r, const char *data, size_t len, size_t record,
	size_t at)
{
	return at > record && at - record >= r->end_len && len - at >= r->start_len
		&& memcmp(data + at - r->end_len, r->end, r->end_len) == 0
		&& memcmp(data + at, r->start, r->start_len) == 0;
}

/* The length of the record, and whether it is too long. */
static size_t record_at(const struct cutter_rules *r, const char *data, size_t len, size_t from,
	bool *is_long)
{
	size_t at = from + 1;

	while (at < len && !ends_at(r, data, len, from, at))
		at++;
	*is_long = at - from - (ends_at(r, data, len, from, at) ? r->end_len : 0) > r->longest;
	return at - from;
}

static void reference(const struct cutter_rules *r, const char *data, size_t len,
	struct blocks *b)
{
	size_t from = 0, records = 0;

	b->count = 0;
	b->len[0] = 0;
	while (from < len) {
		bool is_long;
		size_t n = record_at(r, data, len, from, &is_long);
		bool full = r->records ? records == r->records
			: (size_t)b->len[b->count] + n > r->block;

		if (records && (full || is_long)) {
			b->len[++b->count] = 0;
			records = 0;
		}
		b->len[b->count] = is_long ? -(long)n : b->len[b->count] + (long)n;
		records++;
		if (is_long) {
			b->len[++b->count] = 0;
			records = 0;
		}
		from += n;
	}
	b->count += b->len[b->count] != 0;
}

/* The same by the cutter, from data that comes in pieces. */
struct stream {
	struct cutter cutter;
	char held[2 * MOST];
	size_t len, pos;
	bool skipping;
};

static void drop(struct stream *s, size_t n)
{
	memmove(s->held, s->held + n, s->len - n);
	s->len -= n;
	s->pos += n;
}

/* Take all the blocks there are. */
static void take(struct stream *s, bool ended, struct blocks *b)
{
	while (s->len) {
		size_t n;

		if (s->skipping) {
			bool found;
			char *data = memcpy(malloc(s->len), s->held, s->len);

			n = cutter_skip(&s->cutter, data, s->len, ended, &found);
			free(data);
			b->len[b->count] -= (long)n;
			drop(s, n);
			if (!found)
				return;
			s->skipping = false;
			b->count++;
			continue;
		}
		switch (cutter_next(&s->cutter, s->held, s->len, ended, &n)) {
		case CUTTER_MORE:
			assert_false(ended);
			return;
		case CUTTER_LONG:
			s->skipping = true;
			b->len[b->count] = 0;
			break;
		case CUTTER_BLOCK:
			assert_in_range(n, 1, s->len);
			b->len[b->count++] = (long)n;
			drop(s, n);
			break;
		}
	}
}

static void cut(const struct cutter_rules *r, const char *data, size_t len, size_t piece,
	struct blocks *b)
{
	struct stream s = { 0 };

	b->count = 0;
	cutter_init(&s.cutter, r);
	for (size_t at = 0; at < len; at += piece) {
		size_t n = at + piece < len ? piece : len - at;

		memcpy(s.held + s.len, data + at, n);
		s.len += n;
		take(&s, false, b);
	}
	take(&s, true, b);
	b->count += s.skipping; /* nothing came behind it */
	cutter_free(&s.cutter);
}

static void same(const struct cutter_rules *r, const char *data, size_t len)
{
	struct blocks wanted, got;

	reference(r, data, len, &wanted);
	for (size_t piece = 1; piece <= len; piece = piece * 2 + 1) {
		cut(r, data, len, piece, &got);
		assert_int_equal(got.count, wanted.count);
		for (size_t i = 0; i < wanted.count; i++)
			assert_int_equal(got.len[i], wanted.len[i]);
	}
}

static void lines_by_size(void **state)
{
	static const char text[] = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14";
	struct cutter_rules r = rules_of("", "\n", 0, 11, 100);
	struct blocks b;

	(void)state;
	cut(&r, text, strlen(text), 7, &b);
	assert_int_equal(b.count, 3);
	assert_int_equal(b.len[0], 10); /* 1 to 5 */
	assert_int_equal(b.len[1], 11);
	assert_int_equal(b.len[2], 11);
}

static void between_an_end_and_a_start(void **state)
{
	static const char text[] = ">a\n>b>\nx\n>cc>d";
	struct cutter_rules r = rules_of(">", "\n", 1, 1, 100);
	struct blocks b;

	(void)state;
	cut(&r, text, strlen(text), 3, &b);
	assert_int_equal(b.count, 3);
	assert_int_equal(b.len[0], 3);
	assert_int_equal(b.len[1], 6);
	assert_int_equal(b.len[2], 5);
}

static void a_record_that_is_too_long_is_told(void **state)
{
	static const char text[] = "a\nbbbbbbbb\nc\nd\ne";
	struct cutter_rules r = rules_of("", "\n", 2, 1, 4);
	struct blocks b;

	(void)state;
	cut(&r, text, strlen(text), 2, &b);
	assert_int_equal(b.count, 4);
	assert_int_equal(b.len[0], 2);
	assert_int_equal(b.len[1], -9);
	assert_int_equal(b.len[2], 4);
	assert_int_equal(b.len[3], 1);
}

/* All the ways two bytes can make ends and starts, on texts of little else. */
static void any_rules_on_any_text(void **state)
{
	static const char *const strings[] = { "", "\n", "\n\n", "ab", "aa", "aba", "abab", "b\n" };
	static const char letters[] = "a\nb";
	uint32_t seed = unit_seed(1);

	(void)state;
	for (size_t round = 0; round < 4000; round++) {
		size_t len = unit_below(&seed, MOST);
		uint64_t records = unit_below(&seed, 2) ? 0 : 1 + unit_below(&seed, 5);
		size_t block = 1 + unit_below(&seed, 40), longest = 1 + unit_below(&seed, 60);
		struct cutter_rules r = rules_of(strings[unit_below(&seed, COUNT(strings))],
			strings[unit_below(&seed, COUNT(strings))], records, block,
			!records && longest < block ? block : longest);
		uint32_t kinds = 1 + unit_below(&seed, 3);
		char *data = malloc(len + 1);

		for (size_t i = 0; i < len; i++)
			data[i] = letters[unit_below(&seed, kinds)];
		same(&r, data, len);
		free(data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_by_size),
		cmocka_unit_test(between_an_end_and_a_start),
		cmocka_unit_test(a_record_that_is_too_long_is_told),
		cmocka_unit_test(any_rules_on_any_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
