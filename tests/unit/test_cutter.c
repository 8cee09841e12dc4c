/* Cutting a stream into blocks: against a reference that looks at every byte. */
#include "unit.h"

#include <string.h>

#include "action/transform/regex.h"
#include "base/buf.h"
#include "source/cutter.h"
#include "source/heading.h"

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
	return (struct cutter_rules){ .ends = { .start = start, .end = end,
		.start_len = strlen(start), .end_len = strlen(end) }, .records = records,
		.block = block, .longest = longest };
}

static bool ends_at(const struct ends_rules *r, const char *data, size_t len, size_t record,
	size_t at)
{
	return at > record && at - record >= r->end_len && len - at >= r->start_len
		&& memcmp(data + at - r->end_len, r->end, r->end_len) == 0
		&& memcmp(data + at, r->start, r->start_len) == 0;
}

/* RFC 4180, byte by byte: where the line ends that begins at `from`. */
static size_t csv_end(const struct csv *csv, const char *data, size_t len, size_t from)
{
	bool quoted = false, opens = true;
	size_t at = from;

	for (; at < len; at++) {
		if (quoted) {
			if (data[at] != '"')
				continue;
			if (at + 1 < len && data[at + 1] == '"')
				at++;
			else if (!csv->lax || at + 1 == len || strchr(",\n", data[at + 1])
			    || (data[at + 1] == '\r' && (at + 2 == len || data[at + 2] == '\n')))
				quoted = false;
			opens = false;
			continue;
		}
		if (data[at] == '\n')
			break;
		quoted = opens && data[at] == '"';
		opens = data[at] == csv->column;
	}
	return at;
}

/* Where the piece ends that begins at `from`: its own bytes at *stop. */
static size_t piece_at(const struct cutter_rules *r, const char *data, size_t len, size_t from,
	size_t *stop)
{
	const struct ends_rules *ends = &r->ends;
	size_t at = from + 1;

	if (ends->csv) {
		*stop = csv_end(ends->csv, data, len, from);
		return *stop < len ? *stop + 1 : len;
	}
	if (ends->regex) {
		struct matcher *m = matcher_new();
		bool found;

		matcher_begin(m);
		found = regex_search(ends->regex, m, data + from, len - from, 0, true) == REGEX_MATCH;
		at = found ? from + matcher_at(m)[1] : len;
		*stop = found ? from + matcher_at(m)[0] : len;
		matcher_free(m);
		return at;
	}
	while (at < len && !ends_at(ends, data, len, from, at))
		at++;
	*stop = at - (ends_at(ends, data, len, from, at) ? ends->end_len : 0);
	return at;
}

/* The length of the record, and whether it is too long. A quote that does not end takes no
 * more with it than what is too long. */
static size_t record_at(const struct cutter_rules *r, const char *data, size_t len, size_t from,
	bool *is_long)
{
	size_t at = from, stop = from;

	for (uint64_t i = 0; at < len && i < (r->pieces ? r->pieces : 1); i++)
		at = piece_at(r, data, len, at, &stop);
	*is_long = stop - from > r->longest;
	if (*is_long && r->ends.csv) {
		const char *end = memchr(data + from + r->longest, '\n', len - from - r->longest);

		at = end ? (size_t)(end + 1 - data) : len;
	}
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
		size_t so_far = (size_t)b->len[b->count];
		bool full = r->records ? records == r->records
			: r->least ? so_far > r->least : so_far + n > r->block;

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
			char *data = memcpy(malloc(s->len), s->held, s->len);
			enum cutter_find found = cutter_skip(&s->cutter, data, s->len, ended, &n);

			free(data);
			b->len[b->count] -= (long)n;
			drop(s, n);
			if (found == CUTTER_MORE)
				return;
			assert_int_equal(found, CUTTER_BLOCK);
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
		case CUTTER_STUCK:
			fail_msg("stuck: %s", cutter_why(&s->cutter));
			return;
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

static void add_blocks(struct buf *text, const struct blocks *b)
{
	for (size_t i = 0; i < b->count; i++)
		buf_addf(text, " %ld", b->len[i]);
}

static void fail_blocks(const struct cutter_rules *r, const char *data, size_t len, size_t piece,
	const struct blocks *wanted, const struct blocks *got)
{
	struct buf text = { 0 };

	buf_addf(&text, "%zu bytes in pieces of %zu; blocks of %llu records, %zu bytes, of %llu "
		"pieces, longest %zu: '", len, piece, (unsigned long long)r->records, r->block,
		(unsigned long long)r->pieces, r->longest);
	for (size_t i = 0; i < len; i++)
		buf_addf(&text, data[i] < ' ' || data[i] > '~' ? "\\x%02x" : "%c",
			(unsigned char)data[i]);
	buf_adds(&text, "': wanted");
	add_blocks(&text, wanted);
	buf_adds(&text, ", got");
	add_blocks(&text, got);
	fprintf(stderr, "%s\n", buf_str(&text));
	fail();
}

static void same(const struct cutter_rules *r, const char *data, size_t len)
{
	struct blocks wanted, got;

	reference(r, data, len, &wanted);
	for (size_t piece = 1; piece <= len; piece = piece * 2 + 1) {
		bool equal;

		cut(r, data, len, piece, &got);
		equal = got.count == wanted.count;
		for (size_t i = 0; equal && i < wanted.count; i++)
			equal = got.len[i] == wanted.len[i];
		if (!equal)
			fail_blocks(r, data, len, piece, &wanted, &got);
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

static void many_lines_are_a_record(void **state)
{
	static const char text[] = "@1\nA\n+\n!\n@2\nAC\n+\n!!\n@3\nA\n+\n!\n@4\nA";
	struct cutter_rules r = rules_of("", "\n", 0, 20, 100);
	struct blocks b;

	(void)state;
	r.pieces = 4;
	cut(&r, text, strlen(text), 3, &b);
	assert_int_equal(b.count, 2);
	assert_int_equal(b.len[0], 9 + 11);
	assert_int_equal(b.len[1], 9 + 4);
}

static void a_field_in_quotes_is_not_cut(void **state)
{
	static const char text[] = "a,\"1\n2\"\r\nb,3\n\"\"\"\n\",4\nc,5\" \n6\n";
	struct csv csv = { ',', '\n', false };
	struct cutter_rules r = rules_of("", "", 1, 1, 100);
	struct blocks b;

	(void)state;
	r.ends.csv = &csv;
	cut(&r, text, strlen(text), 1, &b);
	assert_int_equal(b.count, 5);
	assert_int_equal(b.len[0], 9);
	assert_int_equal(b.len[1], 4);
	assert_int_equal(b.len[2], 8);
	assert_int_equal(b.len[3], 6);
	assert_int_equal(b.len[4], 2);
}

static struct regex *expression(const char *text)
{
	struct buf why = { 0 };
	size_t at;
	struct regex *r = regex_new(text, strlen(text), REGEX_STREAM | REGEX_MULTILINE | REGEX_GUESS,
		&why, &at);

	assert_non_null(r);
	return r;
}

static void an_expression_is_not_torn_by_a_read(void **state)
{
	static const char text[] = "a\n\n\nb\nc\n\nd";
	struct cutter_rules r = rules_of("", "", 1, 1, 100);
	struct blocks b;

	(void)state;
	r.ends.regex = expression("(?:\\n{2,})");
	for (size_t piece = 1; piece < 4; piece++) {
		cut(&r, text, strlen(text), piece, &b);
		assert_int_equal(b.count, 3);
		assert_int_equal(b.len[0], 4);
		assert_int_equal(b.len[1], 5);
		assert_int_equal(b.len[2], 1);
	}
	regex_free((struct regex *)r.ends.regex);
}

/* What may go on for ever is looked for no farther than a record may be long. */
static void a_match_without_an_end_is_bounded(void **state)
{
	struct cutter_rules r = rules_of("", "", 1, 1, 8);
	struct cutter c;
	char data[64];
	size_t n;

	(void)state;
	r.ends.regex = expression("(?:x[^y]*y)");
	cutter_init(&c, &r);
	memset(data, 'x', sizeof data);
	assert_int_equal(cutter_next(&c, data, 8, false, &n), CUTTER_MORE);
	assert_int_equal(cutter_next(&c, data, 20, false, &n), CUTTER_LONG);
	assert_int_equal(cutter_skip(&c, data, 20, false, &n), CUTTER_MORE);
	assert_in_range(n, 8, 12);
	cutter_free(&c);
	regex_free((struct regex *)r.ends.regex);
}

/* The same text in random pieces, and as many ways to fill a block as there are. */
static void try_texts(struct cutter_rules *r, uint32_t *seed, const char *letters, size_t rounds)
{
	for (size_t round = 0; round < rounds; round++) {
		size_t least = r->ends.regex ? 12 : 1;
		size_t len = unit_below(seed, MOST), longest = least + unit_below(seed, 60);
		uint32_t kinds = 1 + unit_below(seed, (uint32_t)strlen(letters));
		char *data = malloc(len + 1);

		r->records = unit_below(seed, 2) ? 0 : 1 + unit_below(seed, 5);
		r->least = unit_below(seed, 3) ? 0 : 1 + unit_below(seed, 40);
		r->block = 1 + unit_below(seed, 40);
		r->longest = !r->records && longest < r->block ? r->block : longest;
		r->pieces = unit_below(seed, 3) ? 0 : 1 + unit_below(seed, 4);
		for (size_t i = 0; i < len; i++)
			data[i] = letters[unit_below(seed, kinds)];
		same(r, data, len);
		free(data);
	}
}

static void as_few_lines_as_have_more_bytes(void **state)
{
	static const char text[] = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14";
	struct cutter_rules r = rules_of("", "\n", 0, 1, 100);
	struct blocks b;

	(void)state;
	r.least = 10;
	cut(&r, text, strlen(text), 7, &b);
	assert_int_equal(b.count, 3);
	assert_int_equal(b.len[0], 12); /* 1 to 6 */
	assert_int_equal(b.len[1], 12); /* 7 to 11 */
	assert_int_equal(b.len[2], 8);
}

/* All the ways two bytes can make ends and starts, on texts of little else. */
static void any_rules_on_any_text(void **state)
{
	static const char *const strings[] = { "", "\n", "\n\n", "ab", "aa", "aba", "abab", "b\n" };
	uint32_t seed = unit_seed(1);

	(void)state;
	for (size_t round = 0; round < 4000; round++) {
		struct cutter_rules r = rules_of(strings[unit_below(&seed, COUNT(strings))],
			strings[unit_below(&seed, COUNT(strings))], 0, 1, 1);

		try_texts(&r, &seed, "a\nb", 1);
	}
}

static void any_csv(void **state)
{
	uint32_t seed = unit_seed(2);

	(void)state;
	for (int lax = 0; lax < 2; lax++) {
		struct csv csv = { ',', '\n', lax };
		struct cutter_rules r = rules_of("", "", 0, 1, 1);

		r.ends.csv = &csv;
		try_texts(&r, &seed, "\"\n,a\r", 2000);
	}
}

/* With matches that are shorter than what is too long: others are not looked for. */
static void any_expression(void **state)
{
	static const char *const texts[] = { "(?:\\n)", "(?=(?:^a))", "(?:\\n{1,4})", "(?:b{1,3}(?!a))",
		"(?:a{0,3})(?=(?:\\nb))", "(?:$\\n)(?=(?:a|b\\b))", "(?:(?<=b)a)", "(?:ab|aab|\\n\\n)",
		"(?:\\bb\\b)", "(?:[^a]{2})", "(?:é|\\n)" };
	uint32_t seed = unit_seed(3);

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct cutter_rules r = rules_of("", "", 0, 1, 1);

		r.ends.regex = expression(texts[i]);
		try_texts(&r, &seed, i + 1 < COUNT(texts) ? "a\nb" : "\xc3\xa9\na", 300);
		regex_free((struct regex *)r.ends.regex);
	}
}

/* --- headers ----------------------------------------------------------- */

/* Where the header ends when the text comes in pieces. */
static size_t heading_of(const struct heading_rules *rules, const char *text, size_t piece)
{
	struct cutter_rules r = rules_of("", "\n", 0, 1, 1);
	enum ends_find found = ENDS_MORE;
	struct heading h;
	size_t len = strlen(text), end = 0;

	heading_init(&h, rules, &r.ends);
	for (size_t at = piece; found == ENDS_MORE; at += piece)
		found = heading_find(&h, text, at < len ? at : len, at >= len, &end);
	heading_free(&h);
	return found == ENDS_FOUND ? end : SIZE_MAX;
}

static void a_header_is_records_or_a_match(void **state)
{
	struct regex *comments = expression("\\A(?:(#.*\n)*)");
	struct heading_rules lines = { .records = 2, .longest = 20 };
	struct heading_rules match = { .regex = comments, .longest = 20 };

	(void)state;
	for (size_t piece = 1; piece < 12; piece++) {
		assert_int_equal(heading_of(&lines, "a\nbc\nd\n", piece), 5);
		assert_int_equal(heading_of(&lines, "a\nbc", piece), 4);
		assert_int_equal(heading_of(&match, "#a\n#bc\nd\n", piece), 7);
		assert_int_equal(heading_of(&match, "a\n#b\n", piece), 0);
		assert_int_equal(heading_of(&match, "#a\n#bc", piece), 3);
		assert_int_equal(heading_of(&lines, "12345678901234567890123\n\nd\n", piece), SIZE_MAX);
		assert_int_equal(heading_of(&match, "#2345678901234567890123\n\nd\n", piece), SIZE_MAX);
	}
	regex_free(comments);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_by_size),
		cmocka_unit_test(as_few_lines_as_have_more_bytes),
		cmocka_unit_test(between_an_end_and_a_start),
		cmocka_unit_test(a_record_that_is_too_long_is_told),
		cmocka_unit_test(many_lines_are_a_record),
		cmocka_unit_test(a_field_in_quotes_is_not_cut),
		cmocka_unit_test(an_expression_is_not_torn_by_a_read),
		cmocka_unit_test(a_match_without_an_end_is_bounded),
		cmocka_unit_test(any_rules_on_any_text),
		cmocka_unit_test(any_csv),
		cmocka_unit_test(any_expression),
		cmocka_unit_test(a_header_is_records_or_a_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
