/* The terminal of --tty. See foreground.h.
 *
 * Whoever is in a terminal's background may not set it up or give it away, but for who blocks
 * SIGTTOU; all threads of pq do. */
#include "action/run/foreground.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include "action/run/running.h"
#include "base/signals.h"
#include "base/thread.h"

/* It is looked so many times, 1 ms after each other, whether a signal has been heard. */
enum { LOOKS = 2000 };

static lock guard = LOCK_INIT; /* of what follows; a leaf */
static int terminal = -1;
static pid_t job;              /* its group; 0: none runs */
static struct termios before, within; /* the settings without it, and those that it had */
static bool had_before, had_within;   /* are they known? */

bool foreground_open(void)
{
	terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	return terminal >= 0;
}

static bool foreground_is_ours(void)
{
	return tcgetpgrp(terminal) == getpgrp();
}

int foreground_offer(void)
{
	bool ours = foreground_is_ours();

	had_before = ours && tcgetattr(terminal, &before) == 0;
	had_within = false;
	return ours ? terminal : -1;
}

void foreground_begin(pid_t group)
{
	lock_take(&guard);
	job = group;
	lock_give(&guard);
}

/* From the job, or from one of its own that has ended; never from the shell. */
static bool foreground_take_back(void)
{
	pid_t front = tcgetpgrp(terminal);

	if (front != job && (front <= 0 || kill(-front, 0) == 0 || errno != ESRCH))
		return false;
	return tcsetpgrp(terminal, getpgrp()) == 0;
}

bool foreground_stop(void)
{
	bool stops = !signals_ignored(SIGTSTP);

	lock_take(&guard);
	if (stops && tcgetpgrp(terminal) == job) {
		had_within = tcgetattr(terminal, &within) == 0;
		if (foreground_take_back() && had_before)
			tcsetattr(terminal, TCSANOW, &before);
	}
	lock_give(&guard);
	if (stops)
		kill(0, SIGTSTP);
	return stops;
}

/* What the terminal would have sent, had it still been pq's; and nothing more is begun before
 * pq has heard it. */
static void foreground_pass_on(int sig)
{
	kill(0, sig);
	for (int look = 0; !running_ending() && look < LOOKS; look++)
		poll(NULL, 0, 1);
}

void foreground_end(bool exited, int sig)
{
	bool taken;

	lock_take(&guard);
	taken = foreground_take_back();
	job = 0;
	lock_give(&guard);
	if (!taken || exited)
		return;
	if (had_before)
		tcsetattr(terminal, TCSANOW, &before);
	if ((sig == SIGINT || sig == SIGQUIT) && !signals_ignored(sig))
		foreground_pass_on(sig);
}

void foreground_go_on(void)
{
	if (terminal < 0)
		return;
	lock_take(&guard);
	if (job && foreground_is_ours()) {
		if (!had_before)
			had_before = tcgetattr(terminal, &before) == 0;
		if (had_within)
			tcsetattr(terminal, TCSANOW, &within);
		tcsetpgrp(terminal, job);
	}
	lock_give(&guard);
}
