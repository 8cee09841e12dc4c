/* One process, from its birth to its reaping. See process.h. */
#include "action/run/process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/saturate.h"
#include "base/thread.h"
#include "config.h"
#include "item.h"
#include "action/run/output.h"
#include "action/run/running.h"
#include "action/run/spawn.h"

/* How long a start is tried again: while the file is being written to, and while
 * the system has no process or descriptor to give and no job of ours runs that
 * would give one back. */
#define BUSY_FILE (1 * CLOCK_SECOND)
#define NO_RESOURCES (5 * CLOCK_SECOND)
#define LONGEST_PAUSE (250 * CLOCK_MS)

/* Without a pidfd the leader's exit has to be looked for: soon after its pipes
 * came to their end, then less and less often. */
#define FIRST_LOOK (CLOCK_MS / 10)
#define LOOK_AGAIN (20 * CLOCK_MS)

/* At its birth a process needs more descriptors than later, the other ends of its
 * pipes and its stdin; so what others do not hold at that time is lent to it. The more
 * are born at once the better: a birth is mostly waiting. */
static lock births = LOCK_INIT;  /* guards what follows; a leaf */
static condition birth;          /* "there may be enough for one more" */
static unsigned held, most_held;

/* The status of a job that ended well, but what it printed could not be read (EX_IOERR). */
enum { UNREAD = 74 };

enum { OUT = STREAM_OUT, ERR = STREAM_ERR, LEADER };

struct process {
	const struct process_order *order;
	struct output *output;
	struct child child;
	int in;                   /* the stdin of what is to be born; -1: /dev/null */
	struct pollfd fd[3];      /* OUT, ERR, LEADER; fd -1 once at its end */
	int64_t born;             /* by the clock that Ctrl-Z stops, */
	int64_t started;          /* and by the wall clock */
	int64_t exited;           /* when the leader's exit was seen; 0: it runs */
	int64_t look;             /* without a pidfd: until the next look */
	int64_t next_step;        /* when the next step of order->term is due */
	const struct term_step *step;
	int last_signal;          /* sent by a timeout; 0: none */
	int64_t first_signal;     /* how long it had run by then */
	int refused;              /* errno of a signal that could not be sent; 0: none */
	int unread;               /* errno of a read that failed; 0: none */
	bool wanted_terminal;
	bool evicted;             /* memory was short (running_evict) */
};

static void close_both(const int end[2])
{
	if (end[0] >= 0)
		close(end[0]);
	if (end[1] >= 0)
		close(end[1]);
}

/* Descriptors that it needs while it runs; and at its birth alone. */
static unsigned needed(const struct process *p)
{
	return output_captured(p->output) ? PROCESS_CAPTURED : PROCESS_DIRECT;
}

static unsigned needed_at_birth(const struct process *p)
{
	return output_captured(p->output) ? 2 : 0;
}

void process_descriptors(unsigned most)
{
	lock_take(&births);
	if (!most_held)
		condition_init(&birth);
	most_held = most;
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

/* One try. 0, or the errno of what failed. */
static int try_to_start(struct process *p)
{
	int out[2] = { -1, -1 }, err[2] = { -1, -1 }, error = 0;

	if (output_captured(p->output) && (!io_pipe(out) || !io_pipe(err)))
		error = errno;
	/* The child may have run for a while before this thread goes on. */
	p->started = clock_wall();
	p->born = clock_now();
	if (!error)
		error = spawn(&(struct order){ p->order->path, p->order->argv, p->order->envp,
			p->in, out[1], err[1], p->order->slot }, &p->child);
	if (error) {
		close_both(out);
		close_both(err);
		return error;
	}
	if (out[1] >= 0)
		close(out[1]);
	if (err[1] >= 0)
		close(err[1]);
	p->fd[OUT] = (struct pollfd){ .fd = out[0], .events = POLLIN };
	p->fd[ERR] = (struct pollfd){ .fd = err[0], .events = POLLIN };
	p->fd[LEADER] = (struct pollfd){ .fd = p->child.pidfd, .events = POLLIN };
	return 0;
}

static void close_input(struct process *p)
{
	if (p->in < 0)
		return;
	close(p->in);
	p->in = -1;
	give_descriptors(1);
}

static int process_begin(struct process *p)
{
	unsigned birth_alone = needed_at_birth(p);
	int error;

	take_descriptors(needed(p) + birth_alone);
	error = try_to_start(p);
	if (!error)
		close_input(p); /* the job's alone from now on */
	give_descriptors(error ? needed(p) + birth_alone : birth_alone);
	return error;
}

static bool lacks_resources(int error)
{
	return error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE;
}

/* Try to start until it works or there is no sense in it; 0, or the errno of what failed. */
static int start_patiently(struct process *p)
{
	int64_t begun = clock_now(), pause = CLOCK_MS;
	int error;

	while ((error = process_begin(p)) != 0) {
		int64_t tried = clock_now() - begun;

		if (running_ending() || (error == ETXTBSY ? tried > BUSY_FILE
			: !lacks_resources(error)))
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

/* Read some of what is there of one stream; how many bytes. */
static size_t take_bytes(struct process *p, int which, size_t most)
{
	size_t room;
	char *to = output_space(p->output, which, &room);
	ssize_t n = read(p->fd[which].fd, to, room < most ? room : most);

	if (n > 0) {
		output_filled(p->output, which, (size_t)n);
		return (size_t)n;
	}
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n < 0)
		p->unread = errno;
	close(p->fd[which].fd);
	p->fd[which].fd = -1;
	return 0;
}

static bool pipes_open(const struct process *p)
{
	return p->fd[OUT].fd >= 0 || p->fd[ERR].fd >= 0;
}

/* Has the leader exited? It stays a zombie, so that its pid stays ours. */
static bool leader_exited(const struct process *p, int64_t *when)
{
	siginfo_t info = { 0 };

	if (*when)
		return true;
	if (waitid(P_PID, (id_t)p->child.pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0
	    && info.si_pid == 0)
		return false;
	*when = clock_now();
	return true;
}

/* The next step of the sequence that ends the process. */
static void do_step(struct process *p, int64_t now)
{
	const struct term_step *s = p->step;

	p->refused = running_signal(p->order->slot, s->signal);
	if (!p->last_signal)
		p->first_signal = now - p->born;
	if (s->signal != SIGCONT)
		p->last_signal = s->signal;
	p->next_step = saturate_after(now, s->wait);
	if (s[1].signal)
		p->step = s + 1;
	else
		p->next_step = INT64_MAX; /* nothing stronger is left */
}

/* When the timeout begins to end it: not while the job was held up. */
static int64_t deadline(const struct process *p)
{
	int64_t most = p->order->timeout(p->order->ctx);

	return most ? saturate_after(p->born + output_held_up(p->output), most) : INT64_MAX;
}

/* Has its time come? That of all has, once pq is stopping: then others end it. */
static void look_at_clock(struct process *p, int64_t now)
{
	if (!p->last_signal) {
		p->evicted = p->evicted || running_evicted(p->order->slot);
		p->next_step = p->evicted ? now : deadline(p);
	}
	if (p->exited || (!p->last_signal && running_ending()))
		p->next_step = INT64_MAX;
	if (now >= p->next_step)
		do_step(p, now);
}

/* A job in its own process group that reads from the terminal, or writes to it
 * under `stty tostop`, is stopped by the kernel and would stay so for ever. */
static void look_for_stop(struct process *p)
{
	siginfo_t info = { 0 };

	if (p->wanted_terminal || p->exited)
		return;
	if (waitid(P_PID, (id_t)p->child.pid, &info, WSTOPPED | WNOHANG | WNOWAIT) < 0
	    || info.si_pid == 0)
		return;
	if (info.si_status == SIGTTIN || info.si_status == SIGTTOU) {
		p->wanted_terminal = true;
		running_signal(p->order->slot, SIGKILL);
	}
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* How long to sleep at most: until a deadline, or a second to look again, for nothing
 * tells that a job was stopped. */
static int64_t patience(const struct process *p, int64_t now)
{
	int64_t most = least(CLOCK_SECOND, p->next_step - now);

	if (p->exited)
		most = least(most, p->exited + PROCESS_GRACE - now);
	else if (p->child.pidfd < 0)
		most = least(most, pipes_open(p) ? LOOK_AGAIN : p->look);
	return most > 0 ? most : 0;
}

/* Sleep until something happens, and see to it; false when nothing did. */
static bool wait_for_events(struct process *p, int64_t most, bool reading)
{
	struct pollfd fd[3];
	struct timespec limit = { most / CLOCK_SECOND, most % CLOCK_SECOND };

	memcpy(fd, p->fd, sizeof fd);
	if (!reading)
		fd[OUT].fd = fd[ERR].fd = -1;
#ifdef HAVE_PPOLL
	if (ppoll(fd, 3, &limit, NULL) <= 0)
		return false;
#else
	(void)limit;
	if (poll(fd, 3, (int)((most + CLOCK_MS - 1) / CLOCK_MS)) <= 0)
		return false;
#endif
	if (fd[OUT].revents)
		take_bytes(p, OUT, SIZE_MAX);
	if (fd[ERR].revents)
		take_bytes(p, ERR, SIZE_MAX);
	if (fd[LEADER].revents && leader_exited(p, &p->exited))
		p->fd[LEADER].fd = -1;
	return true;
}

/* What is in the pipes by now, and no more: a background process may go on for ever. */
static void last_read(struct process *p)
{
	for (int i = OUT; i <= ERR; i++) {
		int left = 0;

		if (p->fd[i].fd >= 0 && ioctl(p->fd[i].fd, FIONREAD, &left) < 0)
			left = 0;
		for (size_t n = 1; left > 0 && n > 0 && p->fd[i].fd >= 0; left -= (int)n)
			n = take_bytes(p, i, (size_t)left);
		if (p->fd[i].fd >= 0)
			close(p->fd[i].fd);
	}
}

/* Until the leader has exited and the pipes are at their end, or the grace. */
static void attend(struct process *p)
{
	for (;;) {
		int64_t now = clock_now();
		bool reading;

		if (p->exited && (!pipes_open(p) || now >= p->exited + PROCESS_GRACE))
			return;
		look_at_clock(p, now);
		/* While what was read waits to be written, no more is read: the job waits. */
		reading = output_room(p->output, least(LOOK_AGAIN, patience(p, now)));
		if (wait_for_events(p, reading ? patience(p, now) : 0, reading))
			output_idle(p->output);
		else if (reading)
			look_for_stop(p);
		if (p->child.pidfd < 0 && !leader_exited(p, &p->exited) && !pipes_open(p))
			p->look = least(2 * p->look, LOOK_AGAIN);
	}
}

/* What became of it. Once pq had signalled it, because it was stopping, it is not done,
 * whatever it then said. */
static void reap(struct process *p, struct outcome *o)
{
	int stopped = running_forget(p->order->slot, p->last_signal != 0 || p->wanted_terminal);
	siginfo_t info = { 0 };

	while (waitid(P_PID, (id_t)p->child.pid, &info, WEXITED) < 0 && errno == EINTR)
		;
	if (p->child.pidfd >= 0)
		close(p->child.pidfd);
	o->how = info.si_code == CLD_EXITED ? OUTCOME_EXIT : OUTCOME_SIGNAL;
	o->code = info.si_status;
	if (p->last_signal) {
		o->how = p->evicted ? OUTCOME_EVICTED : OUTCOME_TIMEOUT;
		o->code = p->last_signal;
	} else if (stopped) {
		o->how = OUTCOME_STOPPED;
		o->code = stopped;
	} else if (p->unread && o->how == OUTCOME_EXIT && !o->code) {
		o->code = UNREAD;
	}
}

/* What went wrong with one that was born; false: nothing. */
static bool tell_fault(const struct process *p, const struct outcome *o, struct buf *why)
{
	char text[CLOCK_TEXT];

	if (p->wanted_terminal)
		buf_adds(why, "was ended: it wanted the terminal; give it its input in a file, "
			"or run it alone");
	else if (p->refused && p->last_signal && o->how == OUTCOME_TIMEOUT)
		buf_addf(why, "may not be ended after %s s (--timeout): %s",
			clock_seconds(p->first_signal, text), strerror(p->refused));
	else if (p->unread)
		buf_addf(why, "its output could not be read to its end: %s", strerror(p->unread));
	return why->len;
}

static enum process_end cannot_start(const struct process *p, int error, struct outcome *o,
	struct buf *why)
{
	bool no_room = lacks_resources(error);

	if (running_ending()) {
		o->how = OUTCOME_STOPPED;
		return PROCESS_DONE;
	}
	o->how = OUTCOME_NOT_STARTED;
	o->code = error == ENOENT ? 127 : 126;
	o->started = clock_wall();
	if (no_room)
		buf_addf(why, "cannot start a job: %s; nothing else is running that could end and "
			"make room", strerror(error));
	else
		buf_addf(why, "cannot run %s: %s", p->order->path, strerror(error));
	return no_room ? PROCESS_NO_ROOM : PROCESS_FAULTY;
}

enum process_end process_run(const struct process_order *order, struct output *output,
	struct outcome *o, struct buf *why)
{
	struct process p = { .order = order, .output = output, .in = order->in,
		.step = order->term, .look = FIRST_LOOK };
	int error;

	*o = (struct outcome){ 0 };
	if (p.in >= 0)
		charge_input();
	error = start_patiently(&p);
	close_input(&p);
	if (error)
		return cannot_start(&p, error, o, why);
	o->started = p.started;
	attend(&p);
	last_read(&p);
	o->took = clock_now() - p.born;
	reap(&p, o);
	give_descriptors(needed(&p));
	return tell_fault(&p, o, why) ? PROCESS_FAULTY : PROCESS_DONE;
}
