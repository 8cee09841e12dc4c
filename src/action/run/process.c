/* One process, from its birth to its reaping. See process.h. */
#include "action/run/process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "action/run/child.h"
#include "action/run/foreground.h"
#include "action/run/output.h"
#include "action/run/redirects.h"
#include "action/run/running.h"
#include "base/buf.h"
#include "base/saturate.h"
#include "base/signals.h"
#include "config.h"
#include "item.h"

/* Without a pidfd the leader's exit has to be looked for: soon after its pipes
 * came to their end, then less and less often. */
#define FIRST_LOOK (CLOCK_MS / 10)
#define LOOK_AGAIN (20 * CLOCK_MS)

/* Who has closed an output mostly closes the other one next and exits: for so long only the exit
 * is waited for, and all three are seen at once, not in three wake-ups that stop it each time. */
#define LAST_MOMENT (10 * CLOCK_MS)

/* The status of a job that ended well, but what it printed could not be read (EX_IOERR). */
enum { UNREAD = 74 };

enum { OUT = STREAM_OUT, ERR = STREAM_ERR, LEADER };

struct process {
	const struct process_order *order;
	struct output *output;
	struct child child;
	int64_t look;             /* without a pidfd: until the next look */
	int64_t quiet;            /* until then only its exit matters */
	int unread;               /* errno of a read that failed; 0: none */
	bool evicted;             /* memory was short (running_evict) */
};

/* Read some of what is there of one stream; how many bytes. */
static size_t take_bytes(struct process *p, int which, size_t most)
{
	size_t room;
	char *to = output_space(p->output, which, &room);
	ssize_t n = read(p->child.pipe[which], to, room < most ? room : most);

	if (n > 0) {
		output_filled(p->output, which, (size_t)n);
		return (size_t)n;
	}
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n < 0)
		p->unread = errno;
	child_close_pipe(&p->child, which);
	return 0;
}

static bool pipes_open(const struct process *p)
{
	return p->child.pipe[OUT] >= 0 || p->child.pipe[ERR] >= 0;
}

/* When the timeout begins to end it: not while the job was held up. */
static int64_t deadline(const struct process *p)
{
	int64_t most = timeout_now(&p->order->timeout);

	return most ? saturate_after(p->child.born + output_held_up(p->output), most) : INT64_MAX;
}

/* When the first signal is due, if it is to be ended at all. */
static int64_t first_step(struct process *p, int64_t now)
{
	switch (running_fate(p->order->slot)) {
	case RUNNING_ENDED:
		return INT64_MAX;
	case RUNNING_EVICTED:
		p->evicted = true;
		return now;
	case RUNNING_ON:
		break;
	}
	return deadline(p);
}

/* Has its time come? */
static void look_at_clock(struct process *p, int64_t now)
{
	struct child *c = &p->child;

	if (c->exited)
		c->next_step = INT64_MAX;
	else if (!c->last_signal)
		c->next_step = first_step(p, now);
	if (now >= c->next_step)
		child_end_step(c, now);
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* How long to sleep at most: until a deadline, or a second to look again, for nothing
 * tells that a job was stopped. */
static int64_t patience(const struct process *p, int64_t now)
{
	int64_t most = least(CLOCK_SECOND, p->child.next_step - now);

	if (now < p->quiet)
		most = least(most, p->quiet - now);
	if (p->child.exited)
		most = least(most, p->child.exited + PROCESS_GRACE - now);
	else if (p->child.leader.pidfd < 0)
		most = least(most, pipes_open(p) ? LOOK_AGAIN : p->look);
	return most > 0 ? most : 0;
}

/* What its pipes have. Their ends are mostly its own: then it is left to it for a moment. */
static void read_pipes(struct process *p, const struct pollfd *fd, int64_t now)
{
	size_t n = 0;

	for (int i = OUT; i <= ERR; i++)
		if (fd[i].revents)
			n += take_bytes(p, i, SIZE_MAX);
	if (n)
		output_idle(p->output);
	else if (p->child.leader.pidfd >= 0)
		p->quiet = now + LAST_MOMENT;
}

/* Sleep until something happens, and see to it; false when nothing did. *now: it is now. */
static bool wait_for_events(struct process *p, int64_t most, bool reading, int64_t *now)
{
	struct child *c = &p->child;
	struct timespec limit = { most / CLOCK_SECOND, most % CLOCK_SECOND };
	struct pollfd fd[] = {
		[OUT] = { .fd = reading ? c->pipe[OUT] : -1, .events = POLLIN },
		[ERR] = { .fd = reading ? c->pipe[ERR] : -1, .events = POLLIN },
		[LEADER] = { .fd = c->exited ? -1 : c->leader.pidfd, .events = POLLIN },
	};
	int events;

#ifdef HAVE_PPOLL
	events = ppoll(fd, 3, &limit, NULL);
#else
	(void)limit;
	events = poll(fd, 3, (int)((most + CLOCK_MS - 1) / CLOCK_MS));
#endif
	*now = clock_now();
	if (events <= 0)
		return false;
	if (fd[OUT].revents || fd[ERR].revents)
		read_pipes(p, fd, *now);
	if (fd[LEADER].revents)
		child_exited(c, *now);
	return true;
}

/* What is in the pipes by now, and no more: a background process may go on for ever. */
static void last_read(struct process *p)
{
	for (int i = OUT; i <= ERR; i++) {
		int left = 0, fd = p->child.pipe[i];

		if (fd < 0)
			continue;
		if (ioctl(fd, FIONREAD, &left) < 0)
			left = 0;
		for (size_t n = 1; left > 0 && n > 0 && p->child.pipe[i] >= 0; left -= (int)n)
			n = take_bytes(p, i, (size_t)left);
		child_close_pipe(&p->child, i);
	}
}

static bool process_is_over(const struct process *p, int64_t now)
{
	return p->child.exited
		&& (!pipes_open(p) || now >= p->child.exited + PROCESS_GRACE);
}

/* The same of one that has the terminal, and no pipes. */
static int64_t attend_foreground(struct process *p)
{
	struct child *c = &p->child;
	int64_t now = clock_now();

	while (!child_exited(c, now)) {
		look_at_clock(p, now);
		if (running_stopped(c->slot)) {
			if (!foreground_stop())
				running_signal(c->slot, SIGCONT);
		} else {
			signals_wait_child(patience(p, now));
		}
		now = clock_now();
	}
	return now;
}

/* Until the leader has exited and the pipes are at their end, or the grace; when that was. */
static int64_t attend(struct process *p)
{
	struct child *c = &p->child;
	int64_t now = clock_now();

	while (!process_is_over(p, now)) {
		bool room;

		look_at_clock(p, now);
		/* While what was read waits to be written, no more is read: the job waits. */
		room = !pipes_open(p)
			|| output_room(p->output, least(LOOK_AGAIN, patience(p, now)));
		if (!wait_for_events(p, room ? patience(p, now) : 0,
			room && (c->exited || now >= p->quiet), &now) && room)
			child_look_for_stop(c);
		if (c->leader.pidfd < 0 && !child_exited(c, now) && !pipes_open(p))
			p->look = least(2 * p->look, LOOK_AGAIN);
	}
	return now;
}

/* What became of it. */
static void reap(struct process *p, struct outcome *o)
{
	const struct child *c = &p->child;

	child_reap(&p->child, o);
	if (c->last_signal) {
		o->how = p->evicted ? OUTCOME_EVICTED : OUTCOME_TIMEOUT;
		o->code = c->last_signal;
	} else if (p->unread && o->how == OUTCOME_EXIT && !o->code) {
		o->code = UNREAD;
	}
}

/* What went wrong with one that was born; false: nothing. */
static bool tell_fault(const struct process *p, const struct outcome *o, struct buf *why)
{
	char text[CLOCK_TEXT];

	if (p->child.wanted_terminal)
		buf_adds(why, "was ended: it wanted the terminal; give it its input in a file, "
			"or run it alone");
	else if (p->child.refused && p->child.last_signal && o->how == OUTCOME_TIMEOUT)
		buf_addf(why, "may not be ended after %s s (--timeout): %s",
			clock_seconds(p->child.first_signal, text), strerror(p->child.refused));
	else if (p->unread)
		buf_addf(why, "its output could not be read to its end: %s", strerror(p->unread));
	return why->len;
}

static enum process_end cannot_start(const struct process *p, int error, struct outcome *o,
	struct buf *why)
{
	bool no_room = child_lacks_resources(error);

	if (error == ECANCELED || running_ending()) {
		o->how = OUTCOME_STOPPED;
		return PROCESS_DONE;
	}
	o->how = OUTCOME_NOT_STARTED;
	o->code = error == ENOENT ? 127 : 126;
	o->started = clock_wall();
	if (no_room) {
		buf_addf(why, "cannot start a job: %s; nothing else is running that could end and "
			"make room", strerror(error));
	} else if (p->child.leader.failed) {
		o->code = REDIRECTS_FAILED;
		redirects_tell(p->child.leader.failed, error, why);
	} else {
		buf_addf(why, "cannot run %s: %s%s", p->order->path, strerror(error),
			error == E2BIG ? "; a smaller -n or environment makes room" : "");
	}
	return no_room ? PROCESS_NO_ROOM : error == E2BIG ? PROCESS_TOO_LONG : PROCESS_FAULTY;
}

enum process_end process_run(const struct process_order *order, struct output *output,
	struct outcome *o, struct buf *why)
{
	struct process p = { .order = order, .output = output, .look = FIRST_LOOK };
	int error;

	*o = (struct outcome){ 0 };
	error = child_start(&p.child, &(struct child_order){ order->path, order->argv, order->envp,
		.in = order->in, .terminal = order->foreground ? foreground_offer() : -1,
		.redirects = order->redirects, .slot = order->slot,
		.captured = output_captured(output), .term = order->term });
	if (error)
		return cannot_start(&p, error, o, why);
	o->started = p.child.started;
	if (order->foreground)
		foreground_begin(p.child.leader.pid);
	o->took = (order->foreground ? attend_foreground(&p) : attend(&p)) - p.child.born;
	last_read(&p);
	reap(&p, o);
	if (order->foreground)
		foreground_end(o->how == OUTCOME_EXIT, o->how == OUTCOME_SIGNAL ? o->code : 0);
	return tell_fault(&p, o, why) ? PROCESS_FAULTY : PROCESS_DONE;
}
