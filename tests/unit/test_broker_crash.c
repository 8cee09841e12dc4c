/* Consumers of a durable queue are killed at any moment: nothing is lost, nothing is done
 * twice but what was in their hands, and one item that kills whoever takes it goes alone.
 * On the engine that PQ_TEST_BROKER names, or SQLite.
 *
 * KILLS in the environment asks for more of them, SEED for others. They come when so much
 * was done, and not when so much time has passed. */
#include "unit.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "broker/broker.h"
#include "broker_address.h"
#include "scratch.h"

extern char **environ;

enum { CONSUMERS = 4, LEASE = 1000 };

static char queue[64];
static const char *myself;
static uint32_t chance;

static struct broker *opened(enum broker_use use, unsigned poison)
{
	struct address a = broker_address(queue, NULL);
	struct broker_rules rules = { .address = &a, .use = use, .lease = LEASE, .poison = poison };
	struct buf why = { 0 }, notes = { 0 };
	enum broker_state state;
	struct broker *b = broker_open(&rules, &state, &why, &notes);

	if (!b) {
		fprintf(stderr, "it cannot be opened: %s\n", buf_str(&why));
		abort();
	}
	buf_free(&why);
	buf_free(&notes);
	return b;
}

static void must(struct broker *b, enum broker_state state)
{
	if (state != BROKER_OK) {
		fprintf(stderr, "%s\n", broker_why(b));
		abort();
	}
}

/* --- a consumer, in a process of its own --------------------------------- */

/* One line for each item that it has done, and "lost" for each that was another's by then:
 * written at once, so whole. */
static void consumer_do(const struct exchange *x, struct settle *settles, int done)
{
	struct buf lines = { 0 };

	for (size_t i = 0; i < x->nsettles; i++)
		if (settles[i].fate != SETTLE_OURS)
			buf_adds(&lines, "lost\n");
	for (size_t i = 0; i < x->nclaimed; i++) {
		const char *body = x->bodies.data + x->claimed[i].at;

		if (x->claimed[i].len == strlen("poison") && memcmp(body, "poison", 6) == 0)
			raise(SIGKILL);
		buf_addf(&lines, "%.*s\n", (int)x->claimed[i].len, body);
		settles[i] = (struct settle){ .id = x->claimed[i].id, .token = x->claimed[i].token };
	}
	if (lines.len && write(done, lines.data, lines.len) != (ssize_t)lines.len)
		abort();
	buf_free(&lines);
}

/* --consume QUEUE BATCH POISON LOG: until it is drained; a byte to its output each time. */
static int consumer(char **argv)
{
	size_t batch = (size_t)atoi(argv[3]);
	struct settle *settles = calloc(batch, sizeof *settles);
	struct exchange x = { .settles = settles, .want = batch };
	int done = open(argv[5], O_WRONLY | O_APPEND | O_CLOEXEC);
	struct broker *b;

	snprintf(queue, sizeof queue, "%s", argv[2]);
	b = opened(BROKER_CONSUMES, (unsigned)atoi(argv[4]));
	while (!x.drained) {
		must(b, broker_exchange(b, &x));
		consumer_do(&x, settles, done);
		x.nsettles = x.nclaimed;
		if (!x.nclaimed && !x.drained)
			poll(NULL, 0, 10);
		if (write(1, "", 1) != 1)
			abort();
	}
	broker_close(b);
	exchange_free(&x);
	free(settles);
	return 0;
}

struct plan {
	size_t batch;
	unsigned poison, kills; /* kills: by us */
	uint32_t between;       /* them, at most so many exchanges of all */
	char *log;              /* its path */
};

static pid_t started(const struct plan *plan, int progress)
{
	char number[2][24];
	char *argv[] = { (char *)myself, (char *)"--consume", queue, number[0], number[1],
		plan->log, NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid;

	snprintf(number[0], sizeof number[0], "%zu", plan->batch);
	snprintf(number[1], sizeof number[1], "%u", plan->poison);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, progress, 1);
	assert_int_equal(posix_spawn(&pid, myself, &actions, NULL, argv, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

/* --- the one that kills -------------------------------------------------- */

/* When one has ended: is it done, or was it killed? Anything else is a fault. */
static bool was_killed(int status)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return true;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	return false;
}

static int live(const pid_t pids[CONSUMERS])
{
	int n = 0;

	for (int i = 0; i < CONSUMERS; i++)
		n += pids[i] != 0;
	return n;
}

/* Whoever is at this place is no more, or not that one; has it died, and not ended? */
static bool replace(pid_t *place, int status, const struct plan *plan, int progress)
{
	bool killed = was_killed(status);

	*place = killed ? started(plan, progress) : 0;
	return killed;
}

static bool kill_one(pid_t pids[CONSUMERS], const struct plan *plan, int progress)
{
	uint32_t which = unit_below(&chance, CONSUMERS);
	int status;

	while (!pids[which])
		which = (which + 1) % CONSUMERS;
	kill(pids[which], SIGKILL);
	assert_int_equal(waitpid(pids[which], &status, 0), pids[which]);
	return replace(&pids[which], status, plan, progress);
}

/* Consumers, until all have ended; who is killed is replaced. How many have died. */
static unsigned consume(struct plan plan)
{
	uint32_t next = unit_below(&chance, plan.between) + 1;
	pid_t pids[CONSUMERS], pid;
	unsigned died = 0;
	char bytes[256];
	int ends[2], status;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	for (int i = 0; i < CONSUMERS; i++)
		pids[i] = started(&plan, ends[1]);
	while (live(pids)) {
		struct pollfd progress = { ends[0], POLLIN, 0 };
		ssize_t steps = poll(&progress, 1, 20) > 0 ? read(ends[0], bytes, sizeof bytes) : 0;

		next = (ssize_t)next > steps ? next - (uint32_t)steps : 0;
		if (plan.kills && !next && live(pids)) {
			died += kill_one(pids, &plan, ends[1]);
			plan.kills--;
			next = unit_below(&chance, plan.between) + 1;
		}
		while (live(pids) && (pid = waitpid(-1, &status, WNOHANG)) > 0)
			for (int i = 0; i < CONSUMERS; i++)
				if (pids[i] == pid)
					died += replace(&pids[i], status, &plan, ends[1]);
	}
	close(ends[0]);
	close(ends[1]);
	return died;
}

/* --- what must hold ------------------------------------------------------ */

static unsigned kills_of(unsigned usual)
{
	const char *asked = getenv("KILLS");

	return asked ? (unsigned)strtoul(asked, NULL, 10) : usual;
}

/* Numbers from 0, and "poison" in the place of one of them, if that is below `items`. */
static void fill(size_t items, size_t poison)
{
	enum { BATCH = 500 };
	struct broker *b = opened(BROKER_PRODUCES, 0);
	static char bodies[BATCH][12];
	static struct put puts[BATCH];

	for (size_t done = 0; done < items; done += BATCH) {
		for (size_t i = 0; i < BATCH; i++) {
			snprintf(bodies[i], sizeof bodies[i], "%zu", done + i);
			puts[i] = (struct put){ .body = done + i == poison ? "poison" : bodies[i] };
			puts[i].len = strlen(puts[i].body);
		}
		must(b, broker_put(b, puts, BATCH));
	}
	broker_close(b);
}

/* How often each was done; and how many were another's by then. */
static size_t count_done(const char *log, unsigned char *times, size_t items)
{
	FILE *f = fopen(log, "r");
	char line[64];
	size_t lost = 0;

	assert_non_null(f);
	while (fgets(line, sizeof line, f)) {
		size_t number = strtoul(line, NULL, 10);

		if (strcmp(line, "lost\n") == 0) {
			lost++;
			continue;
		}
		assert_true(number < items);
		times[number]++;
	}
	fclose(f);
	return lost;
}

/* All but `poison` were done, and what was done again was in the hands of one who died. */
static void check_done(const struct plan *plan, size_t items, size_t poison, unsigned died)
{
	unsigned char *times = calloc(items, 1);
	size_t repeated = 0, lost = count_done(plan->log, times, items);

	for (size_t i = 0; i < items; i++) {
		if (i != poison && !times[i])
			fail_msg("item %zu was never done; SEED and KILLS say how to do this again", i);
		repeated += times[i] > 1 ? times[i] - 1U : 0;
	}
	print_message("%u died, %zu of %zu items were done again\n", died, repeated, items);
	assert_true(repeated <= died * plan->batch + lost);
	free(times);
}

static struct broker_stats stats(void)
{
	struct broker *b = opened(BROKER_PRODUCES, 0);
	struct broker_stats s;

	must(b, broker_stats(b, &s));
	broker_close(b);
	return s;
}

static void what_is_killed_loses_nothing(void **state)
{
	enum { ITEMS = 20000, BATCH = 16, USUALLY = 20 };
	struct plan plan = { .batch = BATCH, .kills = kills_of(USUALLY) };
	struct broker_stats s;
	unsigned died;

	(void)state;
	plan.log = scratch_file("done", "", 0, 0600);
	plan.between = ITEMS / BATCH / (plan.kills + 1) + 1;
	fill(ITEMS, ITEMS);
	died = consume(plan);
	assert_true(died > plan.kills / 2); /* the others would have come after the end */
	s = stats();
	assert_int_equal(s.ready + s.delayed + s.leased + s.dead, 0);
	assert_int_equal(s.finished, ITEMS);
	check_done(&plan, ITEMS, ITEMS, died);
	free(plan.log);
}

/* The more are killed at random, the more often one is hit by chance that has been lost
 * before: more losses are then allowed. */
static void one_that_kills_takes_no_other_along(void **state)
{
	enum { ITEMS = 20000, BATCH = 16, USUALLY = 5, POISON = 7777 };
	struct plan plan = { .batch = BATCH, .kills = kills_of(USUALLY) };
	struct broker_stats s;
	unsigned died;

	(void)state;
	plan.log = scratch_file("done", "", 0, 0600);
	plan.poison = plan.kills > USUALLY ? 5 : 3;
	plan.between = ITEMS / BATCH / (plan.kills + 1) + 1;
	fill(ITEMS, POISON);
	died = consume(plan);
	s = stats();
	assert_int_equal(s.dead, 1);
	assert_int_equal(s.ready + s.delayed + s.leased, 0);
	assert_int_equal(s.finished, ITEMS - 1);
	check_done(&plan, ITEMS, POISON, died);
	free(plan.log);
}

/* --- the run ------------------------------------------------------------- */

static int begin(void **state)
{
	static unsigned number;

	(void)state;
	chance = unit_seed(++number);
	snprintf(queue, sizeof queue, "crash.%ld.%u", (long)getpid(), number);
	return 0;
}

static int end(void **state)
{
	struct broker *b = opened(BROKER_PRODUCES, 0);
	struct broker_order drop = { .verb = BROKER_DROP };

	(void)state;
	must(b, broker_admin(b, &drop));
	broker_close(b);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_killed_loses_nothing, begin, end),
		cmocka_unit_test_setup_teardown(one_that_kills_takes_no_other_along, begin, end),
	};

	myself = argv[0];
	if (argc == 6 && strcmp(argv[1], "--consume") == 0)
		return consumer(argv);
	return cmocka_run_group_tests(tests, broker_address_make, scratch_remove);
}
