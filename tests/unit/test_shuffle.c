/* Random order: every record once, in any order, and only when all are there. */
#include "unit.h"

#include <string.h>

#include "base/random.h"
#include "item.h"
#include "source/source.h"

/* A source that says its letters one by one; "-": nothing now, "!": the next record
 * is refused. Small letters have two values. */
struct fake {
	struct source source;
	const char *letters;
	bool closed;
};

static const char refusal[] = "was refused";

static enum source_state fake_next(struct source *s, struct draft *draft)
{
	struct fake *f = (struct fake *)s;
	bool refused = *f->letters == '!';

	if (!*f->letters)
		return SOURCE_END;
	if (*f->letters == '-') {
		f->letters++;
		return SOURCE_NOTHING;
	}
	f->letters += refused;
	draft_add(draft, f->letters, 1);
	if (*f->letters >= 'a')
		draft_add(draft, "two", 3);
	f->letters++;
	draft->source = s->name;
	if (refused)
		draft->refused = refusal;
	return SOURCE_RECORD;
}

static void fake_close(struct source *s)
{
	((struct fake *)s)->closed = true;
}

static struct fake make(const char *name, int fd, const char *letters)
{
	return (struct fake){ { .next = fake_next, .close = fake_close, .name = name, .fd = fd },
		letters, false };
}

static enum source_state ask(struct source *s, struct draft *draft)
{
	enum source_state state;

	draft_clear(draft);
	do
		state = s->next(s, draft);
	while (state == SOURCE_AGAIN);
	return state;
}

static void every_record_comes_once_as_it_was(void **state)
{
	struct fake one = make("one", 1, "Ab!cD"), two = make("two", 2, "XYz");
	struct source *inner[] = { &one.source, &two.source };
	struct source *s = source_shuffle(inner, 2);
	struct draft d = { 0 };
	unsigned seen[128] = { 0 };

	(void)state;
	for (int i = 0; i < 7; i++) {
		char c;

		assert_int_equal(ask(s, &d), SOURCE_RECORD);
		c = d.text[0];
		seen[(int)c]++;
		assert_int_equal(s->total, 7);
		assert_int_equal(d.values, c >= 'a' ? 2 : 1);
		if (c >= 'a')
			assert_string_equal(d.text + 2, "two");
		assert_string_equal(d.source, strchr("XYz", c) ? "two" : "one");
		assert_true(!d.refused == (c != 'c'));
		if (d.refused)
			assert_string_equal(d.refused, refusal);
	}
	assert_int_equal(ask(s, &d), SOURCE_END);
	for (const char *c = "AbcDXYz"; *c; c++)
		assert_int_equal(seen[(int)*c], 1);
	assert_true(one.closed && two.closed);
	s->close(s);
	draft_free(&d);
}

static void nothing_comes_before_all_is_there(void **state)
{
	struct fake one = make("one", 11, "A--B"), two = make("two", 22, "-X---");
	struct source *inner[] = { &one.source, &two.source };
	struct source *s = source_shuffle(inner, 2);
	struct draft d = { 0 };
	bool polled[2] = { false };

	(void)state;
	for (int i = 0; i < 4; i++) {
		assert_int_equal(s->total, 0);
		assert_int_equal(ask(s, &d), SOURCE_NOTHING);
		assert_true(s->fd == 11 || s->fd == 22);
		polled[s->fd == 22] = true;
	}
	assert_true(polled[0] && polled[1]);
	assert_int_equal(ask(s, &d), SOURCE_RECORD);
	s->close(s); /* before its end */
	draft_free(&d);
}

static void failure_is_passed_on_and_no_record_is_fine(void **state)
{
	struct fake one = make("one", 1, ""), two = make("two", 2, "");
	struct source *inner[] = { &one.source, &two.source };
	struct source *s;
	struct draft d = { 0 };

	(void)state;
	two.source.failed = true;
	s = source_shuffle(inner, 2);
	assert_int_equal(ask(s, &d), SOURCE_END);
	assert_int_equal(ask(s, &d), SOURCE_END);
	assert_true(s->failed);
	s->close(s);
	s = source_shuffle(inner, 2);
	one.closed = two.closed = false;
	s->close(s); /* before its beginning */
	assert_true(one.closed && two.closed);
	draft_free(&d);
}

/* Three letters have six orders; 6,000 times each should come about 1,000 times. The
 * chance that a fair one strays by 200 is less than 1 in a thousand million. */
static void all_orders_are_as_likely(void **state)
{
	unsigned times[6] = { 0 };

	(void)state;
	for (int round = 0; round < 6000; round++) {
		struct fake fake = make("one", 1, "012");
		struct source *inner[] = { &fake.source };
		struct source *s = source_shuffle(inner, 1);
		struct draft d = { 0 };
		int order[3];

		for (int i = 0; i < 3; i++) {
			assert_int_equal(ask(s, &d), SOURCE_RECORD);
			order[i] = d.text[0] - '0';
		}
		times[2 * order[0] + (order[1] > order[2])]++;
		s->close(s);
		draft_free(&d);
	}
	for (int i = 0; i < 6; i++)
		assert_in_range(times[i], 800, 1200);
}

static void numbers_are_below_and_reach_every_one(void **state)
{
	uint64_t random = 1;
	unsigned seen[7] = { 0 };

	(void)state;
	for (int i = 0; i < 7000; i++) {
		uint64_t n = random_below(&random, 7);

		assert_true(n < 7);
		seen[n]++;
	}
	for (int i = 0; i < 7; i++)
		assert_in_range(seen[i], 800, 1200);
	assert_int_equal(random_below(&random, 1), 0);
	assert_true(random_below(&random, UINT64_MAX) < UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_record_comes_once_as_it_was),
		cmocka_unit_test(nothing_comes_before_all_is_there),
		cmocka_unit_test(failure_is_passed_on_and_no_record_is_fine),
		cmocka_unit_test(all_orders_are_as_likely),
		cmocka_unit_test(numbers_are_below_and_reach_every_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
