/* The collector: in order or as it comes, blocks stay whole, and what lives may be
 * seen. */
#include "stage.h"

#include <fcntl.h>
#include <poll.h>

static void run(struct setting set, enum manner manner, uint32_t seed, struct outputs *o)
{
	uint64_t left;

	outputs_open(o);
	set.memory = memories[seed % COUNT(memories)];
	set.out = fileno(o->file[0]);
	set.err = fileno(o->file[1]);
	stage_begin(&set);
	hand_over_all(manner, seed);
	left = stage_end();
	outputs_read(o);
	assert_told(MOST);
	assert_int_equal(left, 0);
	assert_int_equal(stage.lost + stage.failures[OUT] + stage.failures[ERR], 0);
	for (int i = 0; i < STREAMS; i++)
		assert_int_equal(o->len[i], stage.told[OUT + i]);
}

static void results_come_out_in_order(void **state)
{
	struct outputs o;

	(void)state;
	for (uint32_t seed = 0; seed < 6; seed++) {
		run((struct setting){ .ordered = true }, WHOLE, seed, &o);
		assert_int_equal(stage.in_turn, MOST);
		assert_in_order(&o, STREAM_OUT);
		assert_in_order(&o, STREAM_ERR);
		outputs_close(&o);
	}
}

static void parts_of_the_living_come_out_in_order(void **state)
{
	static const enum manner manners[] = { LIVE, LINES, ATTEMPTS };
	struct outputs o;

	(void)state;
	for (uint32_t seed = 0; seed < 6; seed++) {
		enum manner manner = manners[seed / 2];

		run((struct setting){ .ordered = true, .by_line = manner != LIVE }, manner,
			seed, &o);
		assert_in_order(&o, STREAM_OUT);
		assert_in_order(&o, STREAM_ERR);
		outputs_close(&o);
	}
}

/* One that has printed more than its share streams, and none other meanwhile. */
static void blocks_are_not_mixed(void **state)
{
	static const enum manner manners[] = { WHOLE, LIVE };
	struct outputs o;

	(void)state;
	for (uint32_t seed = 0; seed < 8; seed++) {
		run((struct setting){ .share = seed < 6 ? 20000 : 1 }, manners[seed % 2], seed,
			&o);
		assert_lines(&o, STREAM_OUT, true);
		assert_lines(&o, STREAM_ERR, true);
		outputs_close(&o);
	}
}

static void lines_of_the_living_are_not_mixed(void **state)
{
	static const enum manner manners[] = { LINES, ATTEMPTS };
	struct outputs o;

	(void)state;
	for (uint32_t seed = 0; seed < 6; seed++) {
		run((struct setting){ .by_line = true }, manners[seed % 2], seed, &o);
		assert_lines(&o, STREAM_OUT, false);
		assert_lines(&o, STREAM_ERR, false);
		outputs_close(&o);
	}
}

/* --- the head and those who wait for their turn ------------------------ */

static void the_head_streams_while_it_lives(void **state)
{
	bool ok[4];
	int fds[2];
	char rest;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	stage_begin(&(struct setting){ .ordered = true, .memory = 1000, .out = fds[1] });
	hand_part(&stage.item[1]->deliveries[0], STREAM_OUT, "second ", 7);
	put_text(2, "third\n");
	hand_part(&stage.item[0]->deliveries[0], STREAM_OUT, "first", 5);
	ok[0] = comes_out(fds[0], "first");
	hand_part(&stage.item[0]->deliveries[0], STREAM_OUT, " goes on", 8);
	ok[1] = comes_out(fds[0], " goes on");
	put_text(0, "\n");
	ok[2] = comes_out(fds[0], "\nsecond ");
	put_text(1, "ends\n");
	ok[3] = comes_out(fds[0], "ends\nthird\n");
	stage_end();
	close(fds[1]);
	for (size_t i = 0; i < COUNT(ok); i++)
		assert_true(ok[i]);
	assert_int_equal(read(fds[0], &rest, 1), 0);
	assert_told(3);
	close(fds[0]);
}

static void who_has_printed_too_much_takes_the_floor(void **state)
{
	bool ok[3];
	long parked[2];
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	stage_begin(&(struct setting){ .share = 6, .out = fds[1] });
	hand_part(&stage.item[1]->deliveries[0], STREAM_OUT, "short", 5); /* not its share */
	hand_part(&stage.item[2]->deliveries[0], STREAM_OUT, "longer", 6);
	ok[0] = comes_out(fds[0], "longer");
	hand_part(&stage.item[1]->deliveries[0], STREAM_OUT, ", not any more", 14);
	put_text(0, "ended\n");
	parked[0] = stage.parked;
	put_text(1, "\n");
	parked[1] = stage.parked;
	hand_part(&stage.item[2]->deliveries[0], STREAM_OUT, " and longer", 11);
	ok[1] = comes_out(fds[0], " and longer");
	put_text(2, ".\n");
	ok[2] = comes_out(fds[0], ".\nended\nshort, not any more\n");
	stage_end();
	close(fds[0]);
	close(fds[1]);
	for (size_t i = 0; i < COUNT(ok); i++)
		assert_true(ok[i]);
	assert_int_equal(parked[0], 1);
	assert_int_equal(parked[1], 2);
	assert_told(3);
}

static void who_ended_early_is_parked_until_its_turn(void **state)
{
	FILE *out = tmpfile();
	long parked[4];

	(void)state;
	stage_begin(&(struct setting){ .ordered = true, .out = fileno(out) });
	put_text(3, "4");
	parked[0] = stage.parked;
	put_text(1, "2");
	parked[1] = stage.parked;
	hand_part(&stage.item[2]->deliveries[0], STREAM_OUT, "3", 1);
	parked[2] = stage.parked; /* it lives: it has not ended early */
	put_text(2, "");
	parked[3] = stage.parked;
	put_text(0, "1");
	stage_end();
	fclose(out);
	assert_int_equal(parked[0], 1);
	assert_int_equal(parked[1], 2);
	assert_int_equal(parked[2], 2);
	assert_int_equal(parked[3], 3);
	assert_told(4);
	assert_int_equal(stage.in_turn, 4);
}

static void nobody_waits_for_the_turn_of_what_is_skipped(void **state)
{
	FILE *out = tmpfile();
	char *text;
	size_t len;

	(void)state;
	stage_begin(&(struct setting){ .ordered = true, .out = fileno(out) });
	put_text(4, "5");
	collector_skip(stage.collector, 2); /* a later one, */
	collector_skip(stage.collector, 4);
	collector_skip(stage.collector, 3);
	stage.item[3]->deliveries[0].beyond = true; /* which comes all the same, */
	collector_skip(stage.collector, 6);
	collector_skip(stage.collector, 7);
	put_text(7, "8");
	put_text(3, "");
	put_text(0, "1"); /* and then 5 and 8 have their turn */
	collector_skip(stage.collector, 9); /* the head itself */
	put_text(9, "10");
	stage_end();
	text = unit_content(fileno(out), &len);
	fclose(out);
	assert_string_equal(text, "15810");
	free(text);
	assert_int_equal(stage.parked, 0);
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(stage.written[i], i == 0 || i == 3 || i == 4 || i == 7 || i == 9);
}

static void without_an_order_nobody_is_parked(void **state)
{
	FILE *out = tmpfile();

	(void)state;
	stage_begin(&(struct setting){ .out = fileno(out) });
	put_text(1, "2");
	put_text(0, "1");
	stage_end();
	fclose(out);
	assert_told(2);
}

/* --- attempts ---------------------------------------------------------- */

/* Line by line, what an attempt that failed has printed is shown all the same; the
 * delivery must be nobody's else when it goes back to be tried again. */
static void who_tries_again_takes_its_lines_along(void **state)
{
	struct delivery *d[2], elsewhere = { 0 };
	FILE *out = tmpfile();
	size_t len;
	char *text;

	(void)state;
	stage_begin(&(struct setting){ .ordered = true, .by_line = true, .out = fileno(out) });
	for (int i = 0; i < 2; i++)
		d[i] = &stage.item[i]->deliveries[0];
	hand_part(d[1], STREAM_OUT, "second fails\n", 13);
	collector_retract(stage.collector, d[1]); /* waits for nobody: it is not its turn */
	d[1]->next = &elsewhere;
	hand_part(d[0], STREAM_OUT, "first fails\n", 12);
	collector_retract(stage.collector, d[0]);
	d[0]->next = &elsewhere;
	put_text(2, "third\n");
	put_text(0, "first\n");
	put_text(1, "second\n");
	stage_end();
	text = unit_content(fileno(out), &len);
	assert_string_equal(text, "first fails\nfirst\nsecond fails\nsecond\nthird\n");
	assert_null(elsewhere.next);
	free(text);
	fclose(out);
}

/* While its lines are being written, and nobody reads them, an attempt ends: from then on
 * the delivery may be run, or freed, by others. */
static void what_was_retracted_is_touched_no_more(void **state)
{
	enum { LONG = 300000 };
	static char lines[LONG];
	struct delivery *d;
	uint64_t end;
	size_t got = 0;
	bool last;
	int fds[2];

	(void)state;
	memset(lines, '\n', sizeof lines);
	assert_int_equal(pipe(fds), 0);
	stage_begin(&(struct setting){ .by_line = true, .out = fds[1] });
	d = &stage.item[0]->deliveries[0];
	hand_part(d, STREAM_OUT, lines, LONG);
	for (ssize_t n; got < LONG && (n = read(fds[0], lines, LONG - got)) > 0; got += (size_t)n)
		if (got == 0) {
			collector_retract(stage.collector, d);
			d->result.end = 7;
		}
	put_text(1, "the next\n");
	last = comes_out(fds[0], "the next\n");
	end = d->result.end;
	put_text(0, "");
	stage_end();
	close(fds[0]);
	close(fds[1]);
	assert_int_equal(got, LONG);
	assert_true(last);
	assert_int_equal(end, 7);
	assert_told(2);
}

static void what_is_dropped_is_not_shown(void **state)
{
	FILE *out = tmpfile();
	uint64_t left;
	size_t len;
	char *text;

	(void)state;
	stage_begin(&(struct setting){ .ordered = true, .out = fileno(out) });
	hand_part(&stage.item[1]->deliveries[0], STREAM_OUT, "dropped", 7);
	hand_part(&stage.item[1]->deliveries[0], STREAM_ERR, "dropped", 7);
	collector_drop(stage.collector, &stage.item[1]->deliveries[0]);
	put_text(1, "second\n");
	put_text(0, "first\n");
	left = stage_end();
	text = unit_content(fileno(out), &len);
	assert_string_equal(text, "first\nsecond\n");
	assert_int_equal(left, 0);
	assert_told(2);
	free(text);
	fclose(out);
}

/* --- notes ------------------------------------------------------------- */

static void *take_notes(void *arg)
{
	for (int i = 0; i < MOST; i++) {
		char note[32];

		snprintf(note, sizeof note, "note %d\n", i);
		collector_note(stage.collector, note, strlen(note));
	}
	return arg;
}

static void notes_stand_between_blocks(void **state)
{
	struct outputs o;
	pthread_t thread;
	int notes = 0;

	(void)state;
	outputs_open(&o);
	stage_begin(&(struct setting){ .out = fileno(o.file[0]), .err = fileno(o.file[1]) });
	if (!thread_start(&thread, take_notes, NULL))
		abort();
	hand_over_all(WHOLE, 5);
	thread_join(thread);
	stage_end();
	outputs_read(&o);
	assert_lines(&o, STREAM_OUT, true);
	assert_lines(&o, STREAM_ERR, true);
	for (char *at = o.text[1]; (at = strstr(at, "note ")); at++) {
		assert_int_equal(atoi(at + 5), notes);
		notes++;
	}
	assert_int_equal(notes, MOST);
	assert_told(MOST);
	outputs_close(&o);
}

static void a_note_needs_no_result_to_be_seen(void **state)
{
	static char longer[3 * CHAIN_SLOT / 2 + 1];
	FILE *err = tmpfile();
	bool seen;
	int fds[2];
	size_t len;
	char *text;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	stage_begin(&(struct setting){ .ordered = true, .err = fds[1] });
	collector_note(stage.collector, "alone\n", 6);
	seen = comes_out(fds[0], "alone\n");
	stage_end();
	close(fds[0]);
	close(fds[1]);
	assert_true(seen);
	memset(longer, 'x', sizeof longer - 1);
	stage_begin(&(struct setting){ .ordered = true, .err = fileno(err) });
	collector_note(stage.collector, longer, sizeof longer - 1);
	stage_end();
	text = unit_content(fileno(err), &len);
	assert_string_equal(text, longer);
	free(text);
	fclose(err);
}

/* Results of a byte, from item `from` on, until one was written by who handed it over;
 * the first that is left. The collector needs some time to become idle. */
static size_t put_until_lent(size_t from, int reader)
{
	for (; from < MOST; from++) {
		bool lent;

		put_text(from, ".");
		lent = comes_out(reader, ".") && pthread_equal(stage.teller, pthread_self());
		if (lent)
			return from + 1;
		poll(NULL, 0, 10);
	}
	return from;
}

static void a_short_result_is_written_by_who_has_it_while_the_collector_idles(void **state)
{
	size_t next[2];
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	stage_begin(&(struct setting){ .ordered = true, .memory = 1000, .out = fds[1] });
	next[0] = put_until_lent(0, fds[0]);
	stage_end();
	stage_begin(&(struct setting){ .memory = 0, .out = fds[1] });
	next[1] = put_until_lent(0, fds[0]);
	stage_end();
	close(fds[0]);
	close(fds[1]);
	assert_true(next[0] < MOST && next[1] < MOST);
}

/* The collector waits for a reader that stands still; who handed the result over goes on
 * to its next job. */
static void nobody_but_the_collector_waits_for_a_reader(void **state)
{
	static char some[4096];
	size_t next, filled = 0;
	int fds[2], flags;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	flags = fcntl(fds[1], F_GETFL);
	stage_begin(&(struct setting){ .ordered = true, .memory = 1000, .out = fds[1] });
	next = put_until_lent(0, fds[0]);
	fcntl(fds[1], F_SETFL, flags | O_NONBLOCK);
	for (ssize_t n; (n = write(fds[1], some, sizeof some)) > 0;)
		filled += (size_t)n;
	fcntl(fds[1], F_SETFL, flags);
	put_text(next, "all the same");
	while (filled > 0) {
		ssize_t n = read(fds[0], some, filled < sizeof some ? filled : sizeof some);

		filled -= n > 0 ? (size_t)n : 0;
	}
	assert_true(comes_out(fds[0], "all the same"));
	stage_end();
	close(fds[0]);
	close(fds[1]);
	assert_told(next + 1);
}

static void with_nothing_to_do_it_ends(void **state)
{
	(void)state;
	stage_begin(&(struct setting){ .ordered = true });
	stage_end();
	assert_told(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_come_out_in_order),
		cmocka_unit_test(parts_of_the_living_come_out_in_order),
		cmocka_unit_test(blocks_are_not_mixed),
		cmocka_unit_test(lines_of_the_living_are_not_mixed),
		cmocka_unit_test(the_head_streams_while_it_lives),
		cmocka_unit_test(who_has_printed_too_much_takes_the_floor),
		cmocka_unit_test(who_ended_early_is_parked_until_its_turn),
		cmocka_unit_test(nobody_waits_for_the_turn_of_what_is_skipped),
		cmocka_unit_test(without_an_order_nobody_is_parked),
		cmocka_unit_test(who_tries_again_takes_its_lines_along),
		cmocka_unit_test(what_was_retracted_is_touched_no_more),
		cmocka_unit_test(what_is_dropped_is_not_shown),
		cmocka_unit_test(notes_stand_between_blocks),
		cmocka_unit_test(a_note_needs_no_result_to_be_seen),
		cmocka_unit_test(a_short_result_is_written_by_who_has_it_while_the_collector_idles),
		cmocka_unit_test(nobody_but_the_collector_waits_for_a_reader),
		cmocka_unit_test(with_nothing_to_do_it_ends),
	};

	return cmocka_run_group_tests(tests, make_blocks, free_blocks);
}
