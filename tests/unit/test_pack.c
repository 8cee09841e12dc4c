/* How records become items: one each, -n of them, or as many as fit. */
#include "unit.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "desk/pack.h"
#include "item.h"

/* A source that says a list of words: a record for each, with two values when
 * there is a comma; "!" before a record that is refused, "-" for nothing now. */
struct fake {
	struct source source;
	const char *words;
};

static const char refusal[] = "was refused";

static enum source_state fake_next(struct source *s, struct draft *draft)
{
	struct fake *f = (struct fake *)s;
	const char *word = f->words;
	size_t len = strcspn(word, " ");
	const char *comma = memchr(word, ',', len);

	if (!len)
		return SOURCE_END;
	f->words += len + (word[len] == ' ');
	if (len == 1 && *word == '-')
		return SOURCE_NOTHING;
	if (comma) {
		draft_add(draft, word, (size_t)(comma - word));
		draft_add(draft, comma + 1, (size_t)(word + len - comma - 1));
	} else {
		draft_add(draft, word, len);
	}
	draft->source = "fake";
	if (*word == '!')
		draft->refused = refusal;
	return SOURCE_RECORD;
}

struct limits {
	size_t room[PACK_LIMITS];
	unsigned workers;
};

/* Two measures that differ: bytes with a separator, and the number of values. */
static size_t weight_bytes(void *ctx, size_t len)
{
	(void)ctx;
	return len + 1;
}

static size_t weight_count(void *ctx, size_t len)
{
	(void)ctx;
	(void)len;
	return 1;
}

static unsigned workers_of(void *ctx)
{
	return ((struct limits *)ctx)->workers;
}

static struct pack_rules rules_of(uint64_t max_args, bool as_many, struct limits *l)
{
	return (struct pack_rules){ .max_args = max_args, .as_many = as_many,
		.limit = { { l->room[0], weight_bytes }, { l->room[1], weight_count } },
		.workers = workers_of, .ctx = l };
}

static void write_item(struct buf *b, const struct item *item)
{
	for (uint32_t i = 0; i < item->values; i++) {
		struct value v = item_value(item, i);

		if (i)
			buf_addc(b, ' ');
		buf_add(b, v.data, v.len);
	}
}

/* All items, separated by "|"; "-|" where there was nothing now. */
static void check(const char *words, uint64_t max_args, bool as_many, struct limits l,
	const char *expected)
{
	struct fake fake = { { .next = fake_next }, words };
	struct pack_rules rules = rules_of(max_args, as_many, &l);
	struct pack p = { .rules = &rules, .source = &fake.source };
	struct buf got = { 0 };
	uint64_t seq = 0;

	for (;;) {
		const char *refused = "unset";
		struct item *item = NULL;
		enum source_state state = pack_next(&p, seq + 1, 1, &item, &refused);

		if (state == SOURCE_END)
			break;
		if (state == SOURCE_NOTHING) {
			buf_adds(&got, "-|");
			continue;
		}
		assert_int_equal(item->seq, ++seq);
		assert_string_equal(item->source, "fake");
		write_item(&got, item);
		assert_ptr_equal(refused, strchr(item_value(item, 0).data, '!') ? refusal : NULL);
		buf_adds(&got, "|");
		item_free(item, NULL);
	}
	assert_string_equal(buf_str(&got), expected);
	buf_free(&got);
	pack_free(&p);
}

static const struct limits roomy = { { 1000, 1000 }, 1 };

static void one_record_is_one_item(void **state)
{
	(void)state;
	check("", 0, false, roomy, "");
	check("a", 0, false, roomy, "a|");
	check("a b c", 0, false, roomy, "a|b|c|");
	check("a,1 b,2", 0, false, roomy, "a 1|b 2|");
	check("a !b c", 0, false, roomy, "a|!b|c|");
	check("a - - b", 0, false, roomy, "a|-|-|b|");
}

static void no_limit_of_room_matters_to_one_record_each(void **state)
{
	(void)state;
	check("aaaa bb", 0, false, (struct limits){ { 1, 1 }, 4 }, "aaaa|bb|");
	check("aaaa bb cc", 2, false, (struct limits){ { 1, 1 }, 4 }, "aaaa bb|cc|");
}

static void n_of_them_and_the_rest(void **state)
{
	(void)state;
	check("", 3, false, roomy, "");
	check("a b c d e f g", 3, false, roomy, "a b c|d e f|g|");
	check("a b c d e f", 3, false, roomy, "a b c|d e f|");
	check("a b", 3, false, roomy, "a b|");
	check("a b c", 1, false, roomy, "a|b|c|");
	check("a - b c - d", 2, false, roomy, "-|a b|-|c d|");
	check("a b", UINT64_MAX, false, roomy, "a b|");
	check("a b c", 2, false, (struct limits){ { 1000, 1000 }, 4 }, "a b|c|");
}

static void as_many_as_fit_by_weight(void **state)
{
	const struct limits ten = { { 10, 1000 }, 1 }, three = { { 1000, 3 }, 1 },
		both = { { 10, 3 }, 1 };

	(void)state;
	check("aaaa bbbb c", 0, true, ten, "aaaa bbbb|c|");
	check("aaaa bbbbb", 0, true, ten, "aaaa|bbbbb|");
	check("aaaaaaaaa b", 0, true, ten, "aaaaaaaaa|b|"); /* it fills the room alone */
	check("a b c d e f g", 0, true, ten, "a b c d e|f g|");
	check("a b c d", 0, true, three, "a b c|d|");
	check("a b c d aaaa bbbb", 0, true, both, "a b c|d aaaa|bbbb|");
	check("a - b", 0, true, ten, "-|a b|");
}

static void the_values_of_a_record_stay_together(void **state)
{
	const struct limits ten = { { 10, 1000 }, 1 }, three = { { 1000, 3 }, 1 },
		four = { { 1000, 1000 }, 4 };

	(void)state;
	check("a,1 b c,2", 2, false, roomy, "a 1 b|c 2|");
	check("a,1 b,2 !c d,3", 3, false, roomy, "a 1 b 2|!c|d 3|");
	check("a,1 b,2 c,3", 0, true, ten, "a 1 b 2|c 3|");
	check("a,1 b,2 c d e,5", 0, true, three, "a 1|b 2 c|d e 5|");
	check("aaaa,bbbbbbbb c,1", 0, true, ten, "aaaa bbbbbbbb|c 1|");
	check("a,1 b,2 c,3 d,4 e,5", 0, true, four, "a 1 b 2|c 3 d 4|e 5|");
}

/* Drops what begins with "~", and takes the first value away from other records. */
static bool drop_some(void *ctx, struct draft *d, uint32_t from)
{
	bool dropped = *draft_value(d, from).data == '~';

	(void)ctx;
	if (dropped || d->values > from + 1)
		draft_cut(d, dropped ? from : d->values - 1);
	return !dropped;
}

static void dropped_records_leave_no_gap(void **state)
{
	struct limits l = roomy;
	struct pack_rules rules = rules_of(2, false, &l);
	struct fake fake = { { .next = fake_next }, "a,1 ~ ~x,2 b ~ c ~" };
	struct pack p = { .rules = &rules, .source = &fake.source };
	struct run_pool pool = { 0 };
	struct buf got = { 0 };
	const char *refused;
	struct item *item;

	(void)state;
	rules.edit = drop_some;
	while (pack_next(&p, 1, 1, &item, &refused) == SOURCE_RECORD) {
		write_item(&got, item);
		buf_addc(&got, '|');
		item_free(item, &pool);
	}
	assert_string_equal(buf_str(&got), "a b|c|");
	pack_free(&p);
	buf_free(&got);
}

static enum source_state endless_next(struct source *s, struct draft *draft)
{
	(void)s;
	draft_add(draft, "~", 1);
	return SOURCE_RECORD;
}

static void the_desk_can_look_around_while_all_is_dropped(void **state)
{
	struct limits l = roomy;
	struct pack_rules rules = rules_of(0, false, &l);
	struct source endless = { .next = endless_next };
	struct pack p = { .rules = &rules, .source = &endless };
	const char *refused;
	struct item *item;

	(void)state;
	rules.edit = drop_some;
	assert_int_equal(pack_next(&p, 1, 1, &item, &refused), SOURCE_AGAIN);
	assert_int_equal(p.draft.values, 0);
	pack_free(&p);
}

static void what_fits_nowhere_travels_alone(void **state)
{
	const struct limits ten = { { 10, 1000 }, 1 };

	(void)state;
	check("aaaaaaaaaaaaaaa", 0, true, ten, "aaaaaaaaaaaaaaa|");
	check("a aaaaaaaaaaaaaaa b c", 0, true, ten, "a|aaaaaaaaaaaaaaa|b c|");
	check("aaaaaaaaaaaaaaa aaaaaaaaaaaaaaaa b", 0, true, ten,
		"aaaaaaaaaaaaaaa|aaaaaaaaaaaaaaaa|b|");
	check("a b", 0, true, (struct limits){ { 0, 0 }, 1 }, "a|b|");
}

static void both_limits_hold_together(void **state)
{
	const struct limits ten = { { 10, 1000 }, 1 };

	(void)state;
	check("a b c d e f g", 3, true, ten, "a b c|d e f|g|");
	check("aaaa bbbb c d e f", 3, true, ten, "aaaa bbbb|c d e|f|");
}

static void the_rest_is_shared_by_the_workers(void **state)
{
	const struct limits four = { { 1000, 1000 }, 4 }, tight = { { 10, 1000 }, 4 };

	(void)state;
	check("a b c d e f g h i j", 0, true, four, "a b c|d e f|g h i|j|");
	check("a b c d e f g h", 0, true, four, "a b|c d|e f|g h|");
	check("a b c", 0, true, four, "a|b|c|");
	check("a b c d e f g h", 0, true, roomy, "a b c d e f g h|");
	check("a b c d e f g h i j", 0, true, (struct limits){ { 1000, 1000 }, 0 },
		"a b c d e f g h i j|");
	check("a b c d e f g h", 0, true, tight, "a b c d e|f|g|h|"); /* only the rest is */
	check("a b c d e f g h i", 5, true, four, "a b c d e|f|g|h|i|");
}

static void a_refused_record_is_an_item_alone(void **state)
{
	const struct limits ten = { { 10, 1000 }, 1 };

	(void)state;
	check("a b !x c d", 3, false, roomy, "a b|!x|c d|");
	check("!x a b c", 2, false, roomy, "!x|a b|c|");
	check("a b !x", 2, false, roomy, "a b|!x|");
	check("a b c !x", 2, false, roomy, "a b|c|!x|");
	check("!x !y !z", 2, false, roomy, "!x|!y|!z|");
	check("a !x - !y b", 3, false, roomy, "a|!x|-|!y|b|");
	check("a b !x c d", 0, true, ten, "a b|!x|c d|");
	check("aaaa bbbb c !x d", 0, true, ten, "aaaa bbbb|c|!x|d|");
	check("!xxxxxxxxxxxxxxxxxxx a", 0, true, ten, "!xxxxxxxxxxxxxxxxxxx|a|");
	check("a !,x b", 3, false, roomy, "a|! x|b|"); /* with all its values */
}

/* --- a property: nothing lost, in order, and no item could have been fuller --- */

enum { RECORDS = 400, ROUNDS = 60 };

static void random_words(struct buf *b, uint32_t *random, uint32_t longest)
{
	buf_clear(b);
	for (uint32_t i = unit_below(random, RECORDS); i > 0; i--) {
		uint32_t kind = unit_below(random, 20);
		char word[64];

		memset(word, 'a' + (int)(i % 26), sizeof word);
		if (kind == 0)
			word[0] = '!';
		buf_add(b, word, 1 + unit_below(random, longest));
		buf_addc(b, ' ');
		if (kind == 1)
			buf_adds(b, "- ");
	}
}

struct tally {
	size_t values, bytes;
};

static struct tally tally_of(const struct item *item)
{
	struct tally t = { item->values, 0 };

	for (uint32_t i = 0; i < item->values; i++)
		t.bytes += item_value(item, i).len + 1;
	return t;
}

/* Did the pack have to end this item before the next value, of so many bytes? */
static bool was_full(const struct tally *t, size_t next, const struct pack_rules *r)
{
	return t->values >= r->limit[1].room || t->bytes + next + 1 > r->limit[0].room
		|| (r->max_args && t->values >= r->max_args);
}

/* Back to the list of words, checking every item on the way. */
static void repack(struct pack *p, struct buf *words)
{
	struct tally last = { 0 };
	bool open = false; /* the last item ended for lack of room alone */
	enum source_state state;
	struct item *item;
	const char *refused;
	uint64_t seq = 0;

	while ((state = pack_next(p, ++seq, 1, &item, &refused)) != SOURCE_END) {
		if (state == SOURCE_NOTHING) {
			seq--;
			continue;
		}
		if (open && !refused && !p->ended)
			assert_true(was_full(&last, item_value(item, 0).len, p->rules));
		last = tally_of(item);
		open = !refused;
		assert_int_equal(item->seq, seq);
		assert_true(item->values == 1 || (last.bytes <= p->rules->limit[0].room
			&& last.values <= p->rules->limit[1].room));
		assert_true(!p->rules->max_args || last.values <= p->rules->max_args);
		write_item(words, item);
		buf_addc(words, ' ');
		item_free(item, NULL);
	}
}

static void take_out_pauses(struct buf *b)
{
	size_t to = 0;

	for (size_t from = 0; from < b->len; from++)
		if (b->data[from] == '-')
			from++; /* and the blank after it */
		else
			b->data[to++] = b->data[from];
	b->len = to;
}

static void nothing_is_lost_and_no_item_could_have_been_fuller(void **state)
{
	uint32_t random = unit_seed(4);
	struct buf words = { 0 }, got = { 0 };

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct limits l = { { 1 + unit_below(&random, 200), 1 + unit_below(&random, 50) },
			1 + unit_below(&random, 5) };
		struct pack_rules rules = rules_of(unit_below(&random, 2)
			? 0 : 1 + unit_below(&random, 10), true, &l);
		struct fake fake = { { .next = fake_next }, NULL };
		struct pack p = { .rules = &rules, .source = &fake.source };

		random_words(&words, &random, 1 + unit_below(&random, 60));
		fake.words = buf_str(&words);
		buf_clear(&got);
		repack(&p, &got);
		take_out_pauses(&words);
		assert_string_equal(buf_str(&got), buf_str(&words));
		pack_free(&p);
	}
	buf_free(&words);
	buf_free(&got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_record_is_one_item),
		cmocka_unit_test(no_limit_of_room_matters_to_one_record_each),
		cmocka_unit_test(n_of_them_and_the_rest),
		cmocka_unit_test(as_many_as_fit_by_weight),
		cmocka_unit_test(the_values_of_a_record_stay_together),
		cmocka_unit_test(dropped_records_leave_no_gap),
		cmocka_unit_test(the_desk_can_look_around_while_all_is_dropped),
		cmocka_unit_test(what_fits_nowhere_travels_alone),
		cmocka_unit_test(both_limits_hold_together),
		cmocka_unit_test(the_rest_is_shared_by_the_workers),
		cmocka_unit_test(a_refused_record_is_an_item_alone),
		cmocka_unit_test(nothing_is_lost_and_no_item_could_have_been_fuller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
