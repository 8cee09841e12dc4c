/* The collector when the bytes are not taken: it makes others wait, tells what
 * failed, and settles all the same. */
#include "stage.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>

#include "base/clock.h"

/* --- room -------------------------------------------------------------- */

static void past_the_spools_cap_only_the_head_may_go_on(void **state)
{
	static const char page[4096];
	struct delivery *d[3];
	FILE *out = tmpfile();
	bool room[6];

	(void)state;
	stage_begin(&(struct setting){ .ordered = true, .spool_cap = 2 * sizeof page,
		.out = fileno(out), .err = fileno(out) });
	for (int i = 0; i < 3; i++)
		d[i] = &stage.item[i]->deliveries[0];
	room[0] = collector_room(stage.collector, d[1], 0);
	hand_part(d[1], STREAM_OUT, page, sizeof page);
	room[1] = collector_room(stage.collector, d[1], 0);
	hand_part(d[1], STREAM_ERR, page, 1); /* the cap is reached */
	room[2] = collector_room(stage.collector, d[1], 0);
	room[3] = collector_room(stage.collector, d[2], CLOCK_MS);
	room[4] = collector_room(stage.collector, d[0], 0);
	hand_final(d[0]); /* now it is d[1]'s turn */
	while (!collector_room(stage.collector, d[2], CLOCK_SECOND))
		;
	room[5] = collector_room(stage.collector, d[1], 0);
	hand_final(d[1]);
	hand_final(d[2]);
	stage_end();
	fclose(out);
	assert_true(room[0] && room[1] && room[4] && room[5]);
	assert_false(room[2] || room[3]);
	assert_told(3);
}

/* As they come, too, one can always go on: so the spool is bounded. */
static void with_a_full_spool_one_takes_the_floor(void **state)
{
	static const char page[4096];
	struct delivery *d[2];
	FILE *out = tmpfile();
	bool room[2];

	(void)state;
	stage_begin(&(struct setting){ .spool_cap = 2 * sizeof page, .share = UINT64_MAX,
		.out = fileno(out), .err = fileno(out) });
	for (int i = 0; i < 2; i++) {
		d[i] = &stage.item[i]->deliveries[0];
		hand_part(d[i], STREAM_OUT, page, 1);
	}
	room[0] = collector_room(stage.collector, d[1], 0); /* it has the floor */
	while (!collector_room(stage.collector, d[0], CLOCK_SECOND))
		; /* it has been written, and made room in the spool */
	hand_part(d[0], STREAM_OUT, page, sizeof page);
	hand_part(d[0], STREAM_OUT, page, 1);
	room[1] = collector_room(stage.collector, d[0], 0);
	hand_final(d[0]);
	hand_final(d[1]);
	stage_end();
	fclose(out);
	assert_true(room[0]);
	assert_false(room[1]);
	assert_told(2);
}

/* A reader that does not read stops the job, not pq's memory. */
static void who_prints_faster_than_it_is_read_has_to_wait(void **state)
{
	enum { FAR_TOO_MANY = 64 };
	static char slot[CHAIN_SLOT];
	struct delivery *d;
	bool again = false;
	int fds[2], parts = 0;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	stage_begin(&(struct setting){ .by_line = true, .out = fds[1] });
	d = &stage.item[0]->deliveries[0];
	while (parts < FAR_TOO_MANY && collector_room(stage.collector, d, 10 * CLOCK_MS)) {
		hand_part(d, STREAM_OUT, slot, sizeof slot);
		parts++;
	}
	for (size_t left = (size_t)parts * sizeof slot; left > 0;) {
		ssize_t n = read(fds[0], slot, sizeof slot);

		left -= n > 0 && (size_t)n <= left ? (size_t)n : left;
	}
	/* Who has written it may not have come to say so. */
	for (int i = 0; i < 30 && !again; i++)
		again = collector_room(stage.collector, d, CLOCK_SECOND);
	hand_final(d);
	stage_end();
	close(fds[0]);
	close(fds[1]);
	assert_in_range(parts, 4, 16);
	assert_true(again);
	assert_told(1);
}

/* --- faults ------------------------------------------------------------ */

static void assert_failed_once(int fd, int error)
{
	for (int i = OUT; i <= ERR; i++)
		assert_int_equal(stage.failures[i], i == fd);
	assert_int_equal(stage.error[fd], error);
	assert_true(stage.lost > 0);
	assert_told(MOST);
}

static void a_full_disk_is_told_once_and_all_are_settled(void **state)
{
	static const enum manner manners[] = { WHOLE, LIVE };
	int full = open("/dev/full", O_WRONLY);

	(void)state;
	assert_true(full >= 0);
	for (uint32_t i = 0; i < 8; i++) {
		struct outputs o;
		bool ordered = i % 2 == 0, out_is_full = i % 4 < 2;
		uint64_t left;

		outputs_open(&o);
		stage_begin(&(struct setting){ .ordered = ordered, .memory = memories[i % 3],
			.out = out_is_full ? full : fileno(o.file[0]),
			.err = out_is_full ? fileno(o.file[1]) : full });
		hand_over_all(manners[i / 4], i);
		left = stage_end();
		outputs_read(&o);
		assert_failed_once(out_is_full ? OUT : ERR, ENOSPC);
		assert_int_equal(left, 0);
		if (ordered) /* the other one has everything */
			assert_in_order(&o, out_is_full ? STREAM_ERR : STREAM_OUT);
		outputs_close(&o);
	}
	close(full);
}

static void a_reader_that_has_gone_is_told_once_and_all_are_settled(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 6; i++) {
		struct outputs o;
		uint64_t left;
		int fds[2];

		outputs_open(&o);
		assert_int_equal(pipe(fds), 0);
		close(fds[0]);
		stage_begin(&(struct setting){ .ordered = i % 2, .by_line = i % 2 == 0,
			.memory = memories[i % 3], .out = fds[1], .err = fileno(o.file[1]) });
		hand_over_all(i % 2 ? LIVE : ATTEMPTS, i);
		left = stage_end();
		outputs_read(&o);
		assert_failed_once(OUT, EPIPE);
		assert_int_equal(left, 0);
		assert_lines(&o, STREAM_ERR, i % 2);
		outputs_close(&o);
		close(fds[1]);
	}
}

static void both_outputs_may_fail(void **state)
{
	int full = open("/dev/full", O_WRONLY);

	(void)state;
	stage_begin(&(struct setting){ .ordered = true, .out = full, .err = full });
	hand_over_all(WHOLE, 1);
	stage_end();
	assert_int_equal(stage.failures[OUT], 1);
	assert_int_equal(stage.failures[ERR], 1);
	assert_told(MOST);
	close(full);
}

/* Truncate the spool under the collector: what was in it is lost, what was not
 * comes out and is told so. */
static void a_spool_that_cannot_be_read_loses_what_was_in_it(void **state)
{
	FILE *out = tmpfile();
	int spool;
	size_t len;
	char *text;

	(void)state;
	stage_begin(&(struct setting){ .ordered = true, .memory = sizeof(struct chunk) + 8,
		.out = fileno(out) });
	spool = dup(OUT); /* the number that the next file will have */
	close(spool);
	put_text(1, "memory\n");
	put_text(2, "in the spool\n");
	put_text(3, "in the spool, too\n");
	if (ftruncate(spool, 0) < 0)
		abort();
	put_text(0, "");
	stage_end();
	text = unit_content(fileno(out), &len);
	assert_string_equal(text, "memory\n");
	assert_int_equal(stage.failures[OUT], 1);
	assert_int_equal(stage.error[OUT], EIO);
	assert_int_equal(stage.lost, 2);
	assert_told(4);
	free(text);
	fclose(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(past_the_spools_cap_only_the_head_may_go_on),
		cmocka_unit_test(with_a_full_spool_one_takes_the_floor),
		cmocka_unit_test(who_prints_faster_than_it_is_read_has_to_wait),
		cmocka_unit_test(a_full_disk_is_told_once_and_all_are_settled),
		cmocka_unit_test(a_reader_that_has_gone_is_told_once_and_all_are_settled),
		cmocka_unit_test(both_outputs_may_fail),
		cmocka_unit_test(a_spool_that_cannot_be_read_loses_what_was_in_it),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, make_blocks, free_blocks);
}
