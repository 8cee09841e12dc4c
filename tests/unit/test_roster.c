/* Who runs, and the rows that are shown of them. */
#include "unit.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/width.h"
#include "events.h"
#include "group.h"
#include "item.h"
#include "view/progress_rows.h"
#include "view/roster.h"

enum { MOST = 1000 };

static const struct group group = { .number = 1, .retry = { .attempts = 3 } };

/* A delivery of an item of this text, in this slot. */
static struct delivery *delivery_of(const char *text, unsigned slot)
{
	static uint64_t seq;
	struct draft draft = { 0 };
	struct item *item;

	draft_add(&draft, text, strlen(text));
	item = item_new(&draft, 1, ++seq);
	draft_free(&draft);
	item->deliveries[0].group = &group;
	item->deliveries[0].attempts = 1;
	item->deliveries[0].result.slot = slot;
	return &item->deliveries[0];
}

static void forget(struct delivery *d)
{
	item_free(d->item, NULL);
}

static void tell(struct roster *r, enum event_kind kind, const struct delivery *d, int64_t at)
{
	roster_hear(r, &(struct event){ .kind = kind, .delivery = d, .at = at });
}

static void assert_names(struct roster *r, const char *expected)
{
	struct roster_row rows[8];
	struct buf names = { 0 };
	size_t n = roster_oldest(r, rows, 8);

	for (size_t i = 0; i < n; i++)
		buf_addf(&names, "%.*s ", (int)rows[i].name_len, rows[i].name);
	assert_string_equal(buf_str(&names), expected);
	buf_free(&names);
}

static void who_has_run_longest_comes_first(void **state)
{
	struct roster *r = roster_new();
	struct delivery *a = delivery_of("a", 1), *b = delivery_of("b", 257), *c = delivery_of("c", 1);
	struct eta_running *running;
	size_t count;

	(void)state;
	tell(r, EVENT_STARTED, a, 10);
	tell(r, EVENT_STARTED, b, 20); /* in the same bucket */
	tell(r, EVENT_STARTED, c, 30); /* in the same slot: with a worker that stays up */
	assert_names(r, "a b c ");
	running = roster_running(r, 50, &count);
	assert_int_equal(count, 3);
	assert_int_equal(running[0].had, 40);
	assert_int_equal(running[1].had, 30);
	assert_int_equal(running[2].had, 0); /* its turn comes when a has ended */
	assert_int_equal(running[1].group, 1);
	free(running);
	tell(r, EVENT_ENDED, b, 40);
	assert_names(r, "a c ");
	tell(r, EVENT_UNDONE, a, 50);
	tell(r, EVENT_LOST, c, 60);
	assert_names(r, "");
	tell(r, EVENT_STARTED, a, 70);
	assert_names(r, "a ");
	tell(r, EVENT_ENDED, b, 80); /* is not there */
	roster_free(r);
	forget(a);
	forget(b);
	forget(c);
}

static void assert_had(struct roster *r, int64_t now, const int64_t *had, size_t some)
{
	size_t count;
	struct eta_running *running = roster_running(r, now, &count);

	assert_int_equal(count, some);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(running[i].had, had[i]);
	free(running);
}

/* Of a worker that answers in the order of what it was given, the others do not run. */
static void who_waits_for_another_has_no_row(void **state)
{
	static const struct group in_turn = { .number = 1, .in_turn = true };
	struct roster *r = roster_new();
	struct delivery *a = delivery_of("a", 1), *b = delivery_of("b", 1), *c = delivery_of("c", 2);
	struct roster_row row;

	(void)state;
	a->group = b->group = c->group = &in_turn;
	tell(r, EVENT_STARTED, a, 10);
	tell(r, EVENT_STARTED, b, 20);
	tell(r, EVENT_STARTED, c, 30);
	assert_names(r, "a c ");
	tell(r, EVENT_ENDED, a, 40);
	assert_names(r, "b c ");
	assert_int_equal(roster_oldest(r, &row, 1), 1);
	assert_int_equal(row.since, 40);
	tell(r, EVENT_ENDED, b, 50);
	tell(r, EVENT_ENDED, c, 50);
	roster_free(r);
	forget(a);
	forget(b);
	forget(c);
}

/* A worker that stays up has several, and does one after the other. */
static void the_turn_comes_when_another_ends(void **state)
{
	struct roster *r = roster_new();
	struct delivery *d[4];

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		d[i] = delivery_of("x", 1);
		tell(r, EVENT_STARTED, d[i], 10 + i);
	}
	assert_had(r, 50, (int64_t[]){ 40, 0, 0, 0 }, 4);
	tell(r, EVENT_ENDED, d[0], 60);
	assert_had(r, 65, (int64_t[]){ 5, 0, 0 }, 3);
	tell(r, EVENT_UNDONE, d[3], 70); /* it had no turn */
	assert_had(r, 75, (int64_t[]){ 15, 0 }, 2);
	tell(r, EVENT_UNDONE, d[1], 80); /* what it has had is the next one's */
	assert_had(r, 85, (int64_t[]){ 25 }, 1);
	tell(r, EVENT_STARTED, d[3], 90);
	assert_had(r, 95, (int64_t[]){ 35, 0 }, 2);
	tell(r, EVENT_ENDED, d[3], 100); /* out of order: the turn begins anew all the same */
	assert_had(r, 105, (int64_t[]){ 5 }, 1);
	tell(r, EVENT_ENDED, d[2], 110);
	assert_had(r, 115, NULL, 0);
	tell(r, EVENT_STARTED, d[0], 120);
	assert_had(r, 125, (int64_t[]){ 5 }, 1);
	roster_free(r);
	for (int i = 0; i < 4; i++)
		forget(d[i]);
}

static void assert_newest(struct roster *r, const char *expected)
{
	struct roster_row row;

	assert_int_equal(roster_oldest(r, &row, 1), 1);
	assert_int_equal(row.line_len, strlen(expected));
	assert_memory_equal(row.line, expected, row.line_len);
}

static void print(struct roster *r, const struct delivery *d, const char *text)
{
	roster_printed(r, d, text, strlen(text));
}

static void the_newest_line_is_the_one_that_has_begun_last(void **state)
{
	struct roster *r = roster_new();
	struct delivery *d = delivery_of("a", 1), *other = delivery_of("b", 2);
	static char much[5000];

	(void)state;
	tell(r, EVENT_STARTED, d, 0);
	assert_newest(r, "");
	print(r, d, "one\ntwo");
	assert_newest(r, "two");
	print(r, d, " and a half");
	assert_newest(r, "two and a half");
	print(r, d, "\n\n");
	assert_newest(r, "two and a half"); /* an empty line says nothing */
	print(r, d, "10%\r20%\r");
	assert_newest(r, "20%");
	print(r, d, "30%");
	assert_newest(r, "30%");
	memset(much, 'x', sizeof much);
	memcpy(much + sizeof much - 6, "\nlast\n", 6);
	roster_printed(r, d, much, sizeof much);
	assert_newest(r, "last");
	memset(much, 'y', sizeof much);
	roster_printed(r, d, much, sizeof much); /* as much as is kept */
	print(r, d, "\nz");
	assert_newest(r, "z");
	print(r, other, "nobody's");
	assert_newest(r, "z");
	tell(r, EVENT_ENDED, d, 1);
	tell(r, EVENT_STARTED, d, 2);
	assert_newest(r, "");
	roster_free(r);
	forget(d);
	forget(other);
}

static void a_crowd_comes_and_goes(void **state)
{
	struct roster *r = roster_new();
	static struct delivery *all[MOST];
	static bool in[MOST], taken[MOST];
	static struct roster_row rows[MOST];
	uint32_t random = unit_seed(14);
	size_t inside = 0, count;

	(void)state;
	for (unsigned i = 0; i < MOST; i++)
		all[i] = delivery_of("x", 1 + i % 300);
	for (int i = 0; i < 20000; i++) {
		unsigned which = unit_below(&random, MOST);

		tell(r, in[which] ? EVENT_ENDED : EVENT_STARTED, all[which], i);
		inside += in[which] ? (size_t)-1 : 1;
		in[which] = !in[which];
		if (i % 100 == 0) {
			struct eta_running *running = roster_running(r, i + 1, &count);
			size_t turns = 0, slots = 0;

			assert_int_equal(count, inside);
			assert_int_equal(roster_oldest(r, rows, MOST), inside);
			memset(taken, false, sizeof taken);
			for (size_t k = 0; k < count; k++) {
				assert_true(!k || rows[k].since >= rows[k - 1].since);
				slots += !taken[rows[k].slot];
				taken[rows[k].slot] = true;
				turns += running[k].had > 0;
			}
			assert_int_equal(turns, slots); /* one in each */
			free(running);
		}
	}
	roster_free(r);
	for (unsigned i = 0; i < MOST; i++)
		forget(all[i]);
}

/* --- rows -------------------------------------------------------------- */

static struct roster_row row_of(const char *name, const char *line)
{
	struct roster_row row = { .number = 7, .slot = 3, .attempt = 1, .attempts = 3 };

	row.name_len = strlen(name);
	memcpy(row.name, name, row.name_len);
	row.line_len = strlen(line);
	memcpy(row.line, line, row.line_len);
	return row;
}

static void assert_row(const struct roster_row *row, int64_t median, size_t columns,
	const char *expected)
{
	struct buf text = { 0 };

	progress_row(&text, row, 62 * CLOCK_SECOND, median, columns);
	assert_string_equal(buf_str(&text), expected);
	assert_true(width_of(text.data, text.len) <= columns);
	buf_free(&text);
}

static void a_row_has_slot_time_item_and_what_was_printed_last(void **state)
{
	struct roster_row row = row_of("some item", "compiling it");

	(void)state;
	assert_row(&row, 0, 80, "  #3   1m02s  some item  compiling it");
	assert_row(&row, 0, 32, "  #3   1m02s  some item"); /* too little room for more */
	assert_row(&row, 0, 20, "  #3   1m02s  som...");
	assert_row(&row, 0, 5, "  ...");
	assert_row(&row, 0, 0, "");
	row.attempt = 2;
	assert_row(&row, 0, 80, "  #3   1m02s  try 2 of 3  some item  compiling it");
	row.attempt = 1;
	row.section = "audit";
	assert_row(&row, 0, 80, "  #3   1m02s  audit: some item  compiling it");
	row = row_of("", "");
	assert_row(&row, 0, 80, "  #3   1m02s  item 7");
}

static void who_takes_twice_the_median_is_marked(void **state)
{
	struct roster_row row = row_of("x", "");

	(void)state;
	assert_row(&row, 30 * CLOCK_SECOND, 80, "  #3   1m02s slow  x");
	assert_row(&row, 31 * CLOCK_SECOND, 80, "  #3   1m02s  x");
	row.since = 62 * CLOCK_SECOND - CLOCK_SECOND / 2; /* nobody could see that */
	assert_row(&row, 1, 80, "  #3      0s  x");
}

static void a_long_item_leaves_half_of_the_row_for_what_it_prints(void **state)
{
	struct roster_row row = row_of("an item of many words, as there are", "and one line of it");

	(void)state;
	assert_row(&row, 0, 60, "  #3   1m02s  an item of many word...  and one line of it");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_has_run_longest_comes_first),
		cmocka_unit_test(who_waits_for_another_has_no_row),
		cmocka_unit_test(the_turn_comes_when_another_ends),
		cmocka_unit_test(the_newest_line_is_the_one_that_has_begun_last),
		cmocka_unit_test(a_crowd_comes_and_goes),
		cmocka_unit_test(a_row_has_slot_time_item_and_what_was_printed_last),
		cmocka_unit_test(who_takes_twice_the_median_is_marked),
		cmocka_unit_test(a_long_item_leaves_half_of_the_row_for_what_it_prints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
