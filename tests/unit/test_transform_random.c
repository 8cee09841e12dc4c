/* Random programs over random records: a run gives what its records give one by one,
 * however they are done. */
#include "transform.h"

static uint32_t seed;

static uint32_t below(uint32_t n)
{
	return unit_below(&seed, n);
}

#define ONE_OF(list) list[below(COUNT(list))]

/* A small expression; deep ones are the business of regex.h. */
static void add_regex(struct buf *b, unsigned depth)
{
	static const char *const atoms[] = {
		"a", "b", "c", ".", "\\w", "\\s", "\\d", "[ab]", "[^a]", "[^a\\n]", "\\W", "\\n", " ",
		"\\x00", "\\xff", "^", "$", "\\b", "\\A", "\\z", "\\Z", "\\B", "\\K", "\\G", "(?=a)",
		"(?!b)", "(?<=a)", "(?<!b)", "(?s:.)", "\\R", "\\h", "\\N", "\\r", "[[:space:]]", "é",
		"(?i:A)", "(?m:^)", "(?m:$)", "\\Qa.\\E", "\\S", "\\D", "(?>a*)", "ab|b", "()", "(?:)",
	};
	static const char *const repeats[] = { "", "", "", "*", "+", "?", "{2}", "*?", "+?", "{1,2}" };
	uint32_t n = 1 + below(3);

	for (uint32_t i = 0; i < n; i++) {
		if (depth && below(4) == 0) {
			buf_adds(b, below(2) ? "(" : "(?:");
			add_regex(b, depth - 1);
			if (below(3) == 0) {
				buf_addc(b, '|');
				add_regex(b, depth - 1);
			}
			buf_addc(b, ')');
		} else {
			buf_adds(b, ONE_OF(atoms));
		}
		buf_adds(b, ONE_OF(repeats));
	}
}

static void add_flags(struct buf *b, bool global)
{
	static const char flags[] = "ixsmug";

	for (uint32_t i = 0; i < 6; i++)
		if (below(5) == 0 && (flags[i] != 'g' || global))
			buf_addc(b, flags[i]);
	if (global && below(2))
		buf_addc(b, 'g');
}

static void add_step(struct buf *b)
{
	static const char *const words[] = {
		"upper", "lower", "trim", "cut 1", "cut -da 2-", "cut -c 2-3,5", "length", "urlencode",
		"urldecode", "base64", "unbase64", "json", "y/abc/cab/", "y/a-c\\n/\\n b-/", "y/\\xff/a/",
		"y/ab//d", "y/b-c\\nA/x/d",
	};
	static const char *const texts[] = {
		"", "x", "$0", "<$&>", "\\U$0\\Ez", "\\u$0", "\\n", "a\\nb$0", "${0}${0}", "\\L$0\\U.a",
	};
	static const char *const openings[] = { "s/", "s/", "m/", "/", "!/" };
	const char *opening = ONE_OF(openings);

	while (below(5) == 0) {
		buf_adds(b, below(2) ? "/" : "!/");
		add_regex(b, 1);
		buf_addc(b, '/');
		add_flags(b, false);
		buf_addc(b, ' ');
	}
	if (below(3) == 0) {
		buf_adds(b, ONE_OF(words));
		return;
	}
	buf_adds(b, opening);
	add_regex(b, 2);
	buf_addc(b, '/');
	if (*opening == 's' || *opening == 'm') {
		buf_adds(b, ONE_OF(texts));
		buf_addc(b, '/');
	}
	add_flags(b, *opening == 's' || *opening == 'm');
}

static void add_records(struct buf *b, char separator)
{
	static const char often[] = "aaaabbbc  \t\r,.%4=1A\xc3\xa9\xff";
	uint32_t records = below(20) ? below(12) : below(1200); /* a window of regex.c, or more */

	for (uint32_t i = 0; i < records; i++) {
		uint32_t len = below(3) ? below(8) : below(40);

		while (len--)
			if (below(30) == 0)
				buf_addc(b, separator ? '\0' : '\n');
			else
				buf_addc(b, often[below(sizeof often - 1)]);
		buf_addc(b, separator);
	}
}

struct trial {
	struct transform *t;
	struct transformer *x;
	struct buf program, in, whole, other, notes;
	char separator;
};

/* What takes too long may take just not too long another time. */
static bool too_hard(struct trial *t)
{
	static const char words[] = "matching it";

	return t->notes.len && memmem(t->notes.data, t->notes.len, words, sizeof words - 1);
}

static void compare(struct trial *t, const char *how)
{
	if (too_hard(t))
		buf_clear(&t->other);
	else if (t->whole.len != t->other.len
			|| (t->whole.len
				&& memcmp(t->whole.data, t->other.data, t->whole.len) != 0)) {
		struct buf text = { 0 };

		for (size_t i = 0; i < t->in.len; i++)
			buf_addf(&text, "\\x%02x", (unsigned char)t->in.data[i]);
		fail_msg("%s over '%s': %s it is '%s', as a run '%s'", buf_str(&t->program),
			buf_str(&text), how, buf_str(&t->other), buf_str(&t->whole));
	}
	buf_clear(&t->other);
}

static void try_records(struct trial *t)
{
	buf_clear(&t->in);
	buf_clear(&t->whole);
	add_records(&t->in, t->separator);
	transform_whole(t->x, t->in.data, t->in.len, &t->whole);
	assert_true(!t->whole.len || t->whole.data[t->whole.len - 1] == t->separator);
	transform_pieces(t->x, t->separator, t->in.data, t->in.len, &t->other);
	compare(t, "in runs of one record");
	transform_records(t->x, t->separator, t->in.data, t->in.len, &t->other,
		&t->notes);
	compare(t, "record by record");
}

static bool try_program(struct trial *t)
{
	struct buf why = { 0 };
	bool ok;

	buf_clear(&t->program);
	buf_clear(&t->notes);
	for (uint32_t n = 1 + below(3); n; n--) {
		add_step(&t->program);
		buf_adds(&t->program, n > 1 ? "; " : "");
	}
	t->separator = below(4) ? '\n' : '\0';
	t->t = transform_new(t->separator);
	ok = transform_add(t->t, buf_str(&t->program), &why);
	buf_free(&why);
	t->x = transformer_new(t->t, transform_note, &t->notes);
	for (int i = 0; ok && i < 10 && !too_hard(t); i++)
		try_records(t);
	transformer_free(t->x);
	transform_free(t->t);
	return ok;
}

static void a_run_gives_what_its_records_give(void **state)
{
	struct trial t = { 0 };
	uint32_t programs = 0;

	(void)state;
	seed = unit_seed(1);
	for (int i = 0; i < 2000; i++)
		programs += try_program(&t);
	assert_true(programs > 1000);
	buf_free(&t.program);
	buf_free(&t.in);
	buf_free(&t.whole);
	buf_free(&t.other);
	buf_free(&t.notes);
}

/* Without a byte to spare, for the address sanitizer to see. */
static char *copied(const struct buf *b)
{
	char *copy = malloc(b->len ? b->len : 1);

	assert_non_null(copy);
	if (b->len)
		memcpy(copy, b->data, b->len);
	return copy;
}

/* Any text either is a program, or is refused with one line. */
static void no_text_is_too_odd(void **state)
{
	static const char *const bits[] = {
		"s", "m", "y", "/", "!", "{", "}", "(", ")", "a", "b", "\\", "$", "1", "${", "x", ";", "\n",
		"#", " ", "cut", "-d", ",", "-", "2", "upper", "g", "i", "\\Q", "\\E", "[", "]", "|",
		"\\x{", "\xc3\xa4", "\xff", "trim", "\\U", "&", "?", "*", "\t", "\\/",
	};
	struct buf text = { 0 }, why = { 0 };

	(void)state;
	seed = unit_seed(2);
	for (int i = 0; i < 30000; i++) {
		struct transform *t = transform_new('\n');
		char *copy;

		buf_clear(&text);
		buf_clear(&why);
		for (uint32_t n = below(12); n; n--)
			buf_adds(&text, ONE_OF(bits));
		copy = copied(&text);
		if (!transform_add_script(t, copy, text.len, &why)) {
			assert_memory_equal(buf_str(&why), "line ", 5);
			assert_null(strchr(buf_str(&why), '\n'));
		}
		assert_true(why.len < 600);
		free(copy);
		transform_free(t);
	}
	buf_free(&text);
	buf_free(&why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_gives_what_its_records_give),
		cmocka_unit_test(no_text_is_too_odd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
