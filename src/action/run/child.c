/* A process that runs. See child.h. */
#include "action/run/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "action/run/running.h"
#include "base/io.h"
#include "base/saturate.h"
#include "base/thread.h"
#include "item.h"

/* How long a start is tried again: while the file is being written to, and while
 * the system has no process or descriptor to give and no job of ours runs that
 * would give one back. */
#define BUSY_FILE (1 * CLOCK_SECOND)
#define NO_RESOURCES (5 * CLOCK_SECOND)
#define LONGEST_PAUSE (250 * CLOCK_MS)

/* At its birth a process needs more descriptors than later, the other ends of its
 * pipes and its stdin; so what others do not hold at that time is lent to it. The more
 * are born at once the better: a birth is mostly waiting. */
static lock births = LOCK_INIT;  /* guards what follows; a leaf */
static condition birth;          /* "there may be enough for one more" */
static unsigned held, most_held;

static void close_both(const int end[2])
{
	if (end[0] >= 0)
		close(end[0]);
	if (end[1] >= 0)
		close(end[1]);
}

/* Descriptors that it needs while it runs; and at its birth alone. */
static unsigned needed(const struct child *c)
{
	return (c->captured ? CHILD_CAPTURED : CHILD_DIRECT) + (c->fed ? CHILD_FED : 0);
}

static unsigned needed_at_birth(const struct child *c)
{
	return (c->captured ? 2 : 0) + c->fed;
}

void child_descriptors(long more)
{
	lock_take(&births);
	if (!most_held)
		condition_init(&birth);
	most_held = (unsigned)(most_held + more);
	condition_all(&birth);
	lock_give(&births);
}

static void take_descriptors(unsigned n)
{
	lock_take(&births);
	while (held > 0 && held + n > most_held)
		condition_wait(&birth, &births, -1);
	held += n;
	lock_give(&births);
}

/* The stdin of what waits to be born is open already. */
static void charge_input(void)
{
	lock_take(&births);
	held++;
	lock_give(&births);
}

static void give_descriptors(unsigned n)
{
	lock_take(&births);
	held -= n;
	condition_one(&birth);
	lock_give(&births);
}

/* Our ends. */
static void keep_ends(struct child *c, const int in[2], const int out[2], const int err[2])
{
	c->in = in[1];
	c->pipe[CHILD_OUT] = out[0];
	c->pipe[CHILD_ERR] = err[0];
	if (c->fed)
		fcntl(in[1], F_SETFL, O_NONBLOCK); /* nobody else has this end */
	if (in[0] >= 0)
		close(in[0]);
	if (out[1] >= 0)
		close(out[1]);
	if (err[1] >= 0)
		close(err[1]);
}

/* One try. 0, or the errno of what failed. */
static int try_to_start(struct child *c, const struct child_order *order)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 }, err[2] = { -1, -1 }, error = 0;

	c->leader.failed = NULL;
	if ((c->captured && (!io_pipe(out) || !io_pipe(err))) || (c->fed && !io_pipe(in)))
		error = errno;
	/* The child may have run for a while before this thread goes on. */
	c->started = clock_wall();
	c->born = clock_now();
	if (!error)
		error = spawn(&(struct order){ order->path, order->argv, order->envp,
			c->fed ? in[0] : order->in, out[1], err[1], order->terminal, order->redirects,
			c->slot },
			&c->leader);
	if (!error) {
		keep_ends(c, in, out, err);
		return 0;
	}
	close_both(in);
	close_both(out);
	close_both(err);
	return error;
}

static void close_input(int *in)
{
	if (*in < 0)
		return;
	close(*in);
	*in = -1;
	give_descriptors(1);
}

static int child_begin(struct child *c, struct child_order *order)
{
	unsigned birth_alone = needed_at_birth(c);
	int error;

	take_descriptors(needed(c) + birth_alone);
	error = try_to_start(c, order);
	if (!error)
		close_input(&order->in); /* the job's alone from now on */
	give_descriptors(error ? needed(c) + birth_alone : birth_alone);
	return error;
}

bool child_lacks_resources(int error)
{
	return error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE;
}

/* Try to start until it works or there is no sense in it; 0, or the errno of what failed. */
static int start_patiently(struct child *c, struct child_order *order)
{
	int64_t begun = 0, pause = CLOCK_MS;
	int error;

	while ((error = child_begin(c, order)) != 0) {
		bool busy = error == ETXTBSY && !c->leader.failed;
		int64_t tried;

		begun = begun ? begun : c->born;
		tried = clock_now() - begun;
		if (running_ending() || (busy ? tried > BUSY_FILE
			: !child_lacks_resources(error)))
			return error;
		if (running_count() > 0)
			begun = clock_now(); /* one that ends will make room */
		else if (tried > NO_RESOURCES)
			return error;
		nanosleep(&(struct timespec){ 0, pause }, NULL);
		if (pause < LONGEST_PAUSE)
			pause *= 2;
	}
	return 0;
}

int child_start(struct child *c, const struct child_order *order)
{
	struct child_order own = *order;
	int error;

	*c = (struct child){ .slot = own.slot, .captured = own.captured, .fed = own.fed, .in = -1,
		.pipe = { -1, -1 }, .step = own.term };
	if (own.in >= 0)
		charge_input();
	error = start_patiently(c, &own);
	close_input(&own.in);
	return error;
}

void child_close_in(struct child *c)
{
	io_close(&c->in);
}

void child_close_pipe(struct child *c, int which)
{
	if (c->pipe[which] >= 0)
		close(c->pipe[which]);
	c->pipe[which] = -1;
}

bool child_exited(struct child *c, int64_t now)
{
	siginfo_t info = { 0 };

	if (c->exited)
		return true;
	if (waitid(P_PID, (id_t)c->leader.pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0
	    && info.si_pid == 0)
		return false;
	c->exited = now;
	return true;
}

void child_end_step(struct child *c, int64_t now)
{
	const struct term_step *s = c->step;

	c->refused = running_signal(c->slot, s->signal);
	if (!c->last_signal)
		c->first_signal = now - c->born;
	if (s->signal != SIGCONT)
		c->last_signal = s->signal;
	c->next_step = saturate_after(now, s->wait);
	if (s[1].signal)
		c->step = s + 1;
	else
		c->next_step = INT64_MAX; /* nothing stronger is left */
}

bool child_look_for_stop(struct child *c)
{
	siginfo_t info = { 0 };

	if (c->wanted_terminal || c->exited)
		return c->wanted_terminal;
	if (waitid(P_PID, (id_t)c->leader.pid, &info, WSTOPPED | WNOHANG | WNOWAIT) < 0
	    || info.si_pid == 0)
		return false;
	if (info.si_status == SIGTTIN || info.si_status == SIGTTOU) {
		c->wanted_terminal = true;
		running_signal(c->slot, SIGKILL);
	}
	return c->wanted_terminal;
}

void child_reap(struct child *c, struct outcome *o)
{
	int stopped = running_forget(c->slot, c->last_signal != 0 || c->wanted_terminal);
	siginfo_t info = { 0 };

	while (waitid(P_PID, (id_t)c->leader.pid, &info, WEXITED) < 0 && errno == EINTR)
		;
	if (c->leader.pidfd >= 0)
		close(c->leader.pidfd);
	give_descriptors(needed(c));
	o->how = info.si_code == CLD_EXITED ? OUTCOME_EXIT : OUTCOME_SIGNAL;
	o->code = info.si_status;
	if (stopped && !c->last_signal) {
		o->how = OUTCOME_STOPPED;
		o->code = stopped;
	}
}
