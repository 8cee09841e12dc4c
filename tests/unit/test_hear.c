/* Answers of a worker that stays up: whose turn it is, since when, and what each took. */
#include "unit.h"

#include <string.h>
#include <unistd.h>

#include "action/action.h"
#include "action/run/hear.h"
#include "action/run/keep.h"
#include "action/run/output.h"
#include "base/chain.h"
#include "base/clock.h"
#include "item.h"

enum { ITEMS = 3 };

#define BEFORE (10 * CLOCK_SECOND)

/* A worker that owes answers for so many items, handed over long ago. */
struct bench {
	struct persistent_rules rules;
	struct serving serving;
	struct keeper keeper;
	struct item *items[ITEMS];
	struct delivery *ended[ITEMS];
	size_t count;
	_Atomic size_t pace;
	int answers; /* the worker's end */
	int64_t begun;
	int up; /* times that this was told */
};

static struct store *store;
static struct run_pool pool;
static struct bench bench;

static void has_ended(struct serving *s, struct delivery *d)
{
	(void)s;
	bench.ended[bench.count++] = d;
}

static void is_up(struct serving *s)
{
	(void)s;
	bench.up++;
}

/* One line; or a run of two. */
static struct item *item_to_do(bool run)
{
	struct draft draft = { 0 };
	struct item *item;

	if (run) {
		struct run *lines = run_take(&pool);

		buf_adds(&lines->bytes, "a\nb\n");
		lines->records = 2;
		return item_of_run(lines, "-", 1, 1, &pool);
	}
	draft_add(&draft, "a", 1);
	item = item_new(&draft, 1, 1);
	draft_free(&draft);
	return item;
}

static void set_up(bool runs)
{
	const struct output_rules rules = { .store = store, .captured = true };
	int pipe_of[2];

	bench = (struct bench){ .rules = { .runs = runs, .answer = { .most = 1000 } },
		.serving = { .ended = has_ended, .up = is_up, .output = output_new(&rules) },
		.begun = clock_now() - BEFORE };
	bench.keeper = (struct keeper){ .rules = &bench.rules, .serving = &bench.serving,
		.ready = true, .written = 100, .pace = &bench.pace,
		.bytes = malloc(KEEPER_BYTES) };
	answer_begin(&bench.keeper.answer, &bench.rules.answer);
	ahead_begin(&bench.keeper.ahead, 0, bench.begun);
	for (size_t i = 0; i < ITEMS; i++) {
		uint64_t left = runs ? 2 : 1;

		bench.items[i] = item_to_do(runs);
		owed_add(&bench.keeper.owed, &(struct owed_item){ bench.items[i]->deliveries,
			2 * left * (i + 1), 2 * left, left, bench.begun, bench.begun });
	}
	assert_int_equal(pipe(pipe_of), 0);
	bench.keeper.child.pipe[CHILD_OUT] = pipe_of[0];
	bench.answers = pipe_of[1];
}

static void tear_down(void)
{
	close(bench.answers);
	close(bench.keeper.child.pipe[CHILD_OUT]);
	for (size_t i = 0; i < ITEMS; i++) {
		for (int stream = 0; stream < STREAMS; stream++)
			chain_free(store, &bench.items[i]->deliveries->result.output[stream]);
		item_free(bench.items[i], &pool);
	}
	answer_free(&bench.keeper.answer);
	owed_free(&bench.keeper.owed);
	buf_free(&bench.keeper.partial);
	free(bench.keeper.bytes);
	output_free(bench.serving.output);
}

/* All of it comes at once. */
static void answers(const char *text)
{
	assert_int_equal(write(bench.answers, text, strlen(text)), (ssize_t)strlen(text));
	assert_true(hear_out(&bench.keeper));
}

static int64_t took(size_t i)
{
	return bench.ended[i]->result.outcome.took;
}

static const struct owed_item *oldest(void)
{
	return owed_at(&bench.keeper.owed, 0);
}

static void a_turn_comes_when_the_one_before_is_answered(void **state)
{
	int64_t now = clock_now();

	(void)state;
	set_up(false);
	answers("a\n");
	assert_int_equal(bench.count, 1);
	assert_true(took(0) >= BEFORE);
	assert_true(oldest()->begun >= now && oldest()->since >= now);
	answers("b");
	assert_int_equal(bench.count, 1);
	answers("\n");
	assert_true(took(1) <= clock_now() - now);
	tear_down();
}

/* Of six bytes that came at once two were the first one's. */
static void answers_that_come_at_once_share_the_time_by_their_bytes(void **state)
{
	int64_t now = clock_now(), since;

	(void)state;
	set_up(false);
	answers("a\nbbb\n");
	assert_int_equal(bench.count, 2);
	assert_true(took(0) >= BEFORE / 3 && took(1) >= BEFORE / 3 * 2);
	assert_true(took(0) + took(1) <= clock_now() - bench.begun);
	since = oldest()->since;
	assert_true(since >= now);
	assert_true(oldest()->begun <= since && oldest()->begun >= now);
	tear_down();
}

/* For its time runs out from when the run before it has ended. */
static void a_run_has_its_turn_when_the_one_before_is_answered(void **state)
{
	int64_t now = clock_now(), between;

	(void)state;
	set_up(true);
	answers("a\n");
	assert_int_equal(bench.count, 0);
	assert_true(oldest()->since >= now);
	assert_int_equal(oldest()->begun, bench.begun);
	between = clock_now();
	answers("b\n");
	assert_int_equal(bench.count, 1);
	assert_true(took(0) >= BEFORE); /* all of it */
	assert_true(oldest()->since >= between && oldest()->begun >= between);
	tear_down();
}

static void all_begins_when_the_worker_is_ready(void **state)
{
	int64_t before;

	(void)state;
	set_up(false);
	bench.keeper.ready = false;
	bench.rules.ready = "OK";
	answers("loading\n");
	assert_int_equal(bench.up, 0);
	before = clock_now();
	answers("OK 1\na\n");
	assert_int_equal(bench.up, 1);
	assert_int_equal(bench.count, 1);
	assert_true(took(0) <= clock_now() - before);
	answers("OK 1\n"); /* an answer */
	assert_int_equal(bench.up, 1);
	assert_int_equal(bench.count, 2);
	tear_down();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_turn_comes_when_the_one_before_is_answered),
		cmocka_unit_test(answers_that_come_at_once_share_the_time_by_their_bytes),
		cmocka_unit_test(a_run_has_its_turn_when_the_one_before_is_answered),
		cmocka_unit_test(all_begins_when_the_worker_is_ready),
	};
	int failed;

	store = store_new(UINT64_MAX / 2);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	store_free(store);
	run_pool_free(&pool);
	return failed;
}
