/* A process from its birth to its reaping: what is read of it, how long it may take, and
 * what became of it when pq stops. */
#include "unit.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "action/run/child.h"
#include "action/run/output.h"
#include "action/run/process.h"
#include "action/run/running.h"
#include "action/run/spawn.h"
#include "base/buf.h"
#include "base/chain.h"
#include "base/clock.h"
#include "base/thread.h"
#include "item.h"

extern char **environ;

/* One job, and whoever takes what it prints. */
static struct {
	struct store *store;
	struct output *output;
	struct item *item;
	struct outcome outcome;
	struct buf why;
	enum process_end end;
	_Atomic int64_t timeout; /* as the process is told when it asks */
	bool taken;       /* what it prints: is there room for it? */
	bool stops;       /* pq stops once it has printed something */
	bool stops_late;  /* once it has ended */
	uint64_t printed; /* bytes of stdout that were handed over */
} job;

static void take_part(void *ctx, struct delivery *d, int stream, struct chain *bytes)
{
	(void)ctx;
	(void)d;
	if (stream == STREAM_OUT)
		job.printed += bytes->len;
	chain_free(job.store, bytes);
	if (job.stops)
		running_end_all(SIGTERM);
}

static bool has_ended(void)
{
	siginfo_t info = { 0 };

	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

static bool has_room(void *ctx, struct delivery *d, int64_t wait)
{
	(void)ctx;
	(void)d;
	if (job.stops_late && has_ended())
		running_end_all(SIGTERM);
	if (!job.taken)
		poll(NULL, 0, (int)(wait / CLOCK_MS));
	return job.taken;
}

static void give_up(void *ctx)
{
	(void)ctx;
	abort();
}

static int64_t may_take(const void *ctx)
{
	(void)ctx;
	return job.timeout;
}

static void begin(bool taken)
{
	struct output_rules rules = { .captured = true, .part = take_part, .room = has_room,
		.failed = give_up };
	struct draft draft = { 0 };

	job.store = rules.store = store_new(UINT64_MAX / 2);
	job.taken = taken;
	job.stops = job.stops_late = false;
	job.timeout = 0;
	job.printed = 0;
	job.output = output_new(&rules);
	draft_add(&draft, "x", 1);
	job.item = item_new(&draft, 1, 1);
	draft_free(&draft);
}

/* A line for the shell, in the slot 0. */
static void run(const char *line)
{
	static const struct term_step term[] = { { SIGTERM, CLOCK_SECOND }, { SIGKILL, 0 }, { 0, 0 } };
	char *argv[] = { (char *)"sh", (char *)"-c", (char *)line, NULL };
	struct process_order order = { .path = "/bin/sh", .argv = argv, .envp = environ, .in = -1,
		.term = term, .timeout = { .ask = may_take } };

	output_begin(job.output, &job.item->deliveries[0], true, NULL);
	job.end = process_run(&order, job.output, &job.outcome, &job.why);
	output_end(job.output);
}

static void end(void)
{
	output_free(job.output);
	item_free(job.item, NULL);
	store_free(job.store);
	buf_free(&job.why);
}

/* --- what is read ------------------------------------------------------- */

static void what_is_in_the_pipe_when_the_grace_is_over_is_read(void **state)
{
	(void)state;
	begin(false);
	run("echo left; sleep 3 & exit 0");
	end();
	assert_int_equal(job.outcome.how, OUTCOME_EXIT);
	assert_int_equal(job.printed, strlen("left\n"));
}

/* A pipe holds 64 KiB; who fills it anew is not read for ever. */
static void what_comes_later_is_not(void **state)
{
	(void)state;
	begin(false);
	run("echo first; yes & echo $! >&2; exit 0");
	end();
	assert_in_range(job.printed, 1, 65536);
}

/* A closed output mostly is the beginning of the end, but need not be. */
static void who_has_closed_an_output_is_heard_on_the_other(void **state)
{
	(void)state;
	begin(true);
	run("exec 2>&-; head -c 300000 /dev/zero");
	end();
	assert_int_equal(job.outcome.how, OUTCOME_EXIT);
	assert_int_equal(job.printed, 300000);
}

/* --- how long it may take ----------------------------------------------- */

static void while_it_is_held_up_the_timeout_stands_still(void **state)
{
	(void)state;
	begin(false);
	job.timeout = CLOCK_SECOND;
	run("echo begun; sleep 2.2");
	end();
	assert_int_equal(job.outcome.how, OUTCOME_EXIT);
	assert_true(job.outcome.took >= 2 * CLOCK_SECOND);
}

/* As with a percentage of what others have taken. */
static void *give_it_a_timeout_later(void *arg)
{
	(void)arg;
	poll(NULL, 0, 300);
	job.timeout = CLOCK_SECOND;
	return NULL;
}

static void a_timeout_that_comes_later_holds_for_who_runs_already(void **state)
{
	pthread_t later;

	(void)state;
	begin(true);
	assert_true(thread_start(&later, give_it_a_timeout_later, NULL));
	run("sleep 60");
	thread_join(later);
	end();
	assert_int_equal(job.outcome.how, OUTCOME_TIMEOUT);
	assert_int_equal(job.outcome.code, SIGTERM);
}

/* --- while pq stops ------------------------------------------------------ */

/* In a process of its own: pq stops but once. The status is that of the job, if it had one. */
static int status_of_one_that_ends_before_pq_stops(void)
{
	pid_t other = fork();
	int status = 0;

	if (other == 0) {
		begin(true);
		job.stops_late = true;
		run("sleep 3 & exit 7");
		_exit(running_ending() && job.outcome.how == OUTCOME_EXIT ? job.outcome.code : 1);
	}
	waitpid(other, &status, 0);
	return WEXITSTATUS(status);
}

static void who_had_ended_before_it_was_told_to_keeps_its_status(void **state)
{
	(void)state;
	assert_int_equal(status_of_one_that_ends_before_pq_stops(), 7);
}

/* The last tests: from the first of them on nobody is to live any more. */
static void who_was_told_to_end_is_not_done_whatever_it_says(void **state)
{
	(void)state;
	begin(true);
	job.stops = true;
	run("trap 'exit 0' TERM; echo begun; while :; do sleep .01; done");
	end();
	assert_int_equal(job.outcome.how, OUTCOME_STOPPED);
	assert_int_equal(job.outcome.code, SIGTERM);
}

static void who_is_born_while_pq_ends_is_ended(void **state)
{
	(void)state;
	begin(true);
	run("sleep 60");
	end();
	assert_int_equal(job.outcome.how, OUTCOME_STOPPED);
	assert_int_equal(job.outcome.code, SIGTERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_the_pipe_when_the_grace_is_over_is_read),
		cmocka_unit_test(what_comes_later_is_not),
		cmocka_unit_test(who_has_closed_an_output_is_heard_on_the_other),
		cmocka_unit_test(while_it_is_held_up_the_timeout_stands_still),
		cmocka_unit_test(a_timeout_that_comes_later_holds_for_who_runs_already),
		cmocka_unit_test(who_had_ended_before_it_was_told_to_keeps_its_status),
		cmocka_unit_test(who_was_told_to_end_is_not_done_whatever_it_says),
		cmocka_unit_test(who_is_born_while_pq_ends_is_ended),
	};
	sigset_t none;

	sigemptyset(&none);
	child_descriptors(100);
	if (!spawn_prepare(&none, false) || !running_open(NULL))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
