/* Keys that are pressed while pq runs. See keys.h. */
#include "base/keys.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/signals.h"

enum { KEYS = 64 };
/* Who types ahead of a short command means the shell. */
#define PATIENCE CLOCK_SECOND

/* What is off while keys are taken. */
#define MODE ((tcflag_t)(ICANON | ECHO))

static int terminal_fd = -1;
static struct termios before; /* as it was, while it is */
static bool taken;            /* ours */
static bool asked;
static int64_t since;         /* they were opened */

void keys_open(void)
{
	/* In the background of a shell without job control: the terminal is another's. */
	since = clock_now();
	if (!signals_ignored(SIGINT))
		terminal_fd = open("/dev/tty", O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static bool keys_is_pipe(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

/* Who is at the other end of a pipe may read the terminal as well, unless nobody is. */
static bool keys_are_wanted_elsewhere(void)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };

	if (keys_is_pipe(STDOUT_FILENO))
		return true;
	return keys_is_pipe(STDIN_FILENO) && (poll(&in, 1, 0) <= 0 || !(in.revents & POLLHUP));
}

static bool keys_in_front(void)
{
	return terminal_fd >= 0 && tcgetpgrp(terminal_fd) == getpgrp();
}

/* Is the terminal ours, now? Not while anything waits to be read that was typed before. */
static bool keys_take(void)
{
	struct termios now;
	int ahead = 0;

	if (taken)
		return true;
	if (clock_now() - since < PATIENCE || ioctl(terminal_fd, FIONREAD, &ahead) < 0 || ahead
	    || keys_are_wanted_elsewhere() || tcgetattr(terminal_fd, &before) < 0
	    || (before.c_lflag & MODE) != MODE)
		return false;
	now = before;
	now.c_lflag &= ~MODE;
	now.c_cc[VMIN] = 0;
	now.c_cc[VTIME] = 0;
	taken = tcsetattr(terminal_fd, TCSANOW, &now) == 0;
	return taken;
}

bool keys_pressed(char key)
{
	bool pressed = asked, others = false;
	char keys[KEYS];
	ssize_t n;

	asked = false;
	if (!keys_in_front()) {
		taken = false; /* whoever is there has set it up */
		return pressed;
	}
	if (!keys_take())
		return pressed;
	n = read(terminal_fd, keys, sizeof keys);
	for (ssize_t i = 0; i < n; i++) {
		pressed |= keys[i] == key;
		others |= keys[i] != key;
	}
	if (others) /* who types ahead means another program */
		keys_close();
	return pressed;
}

void keys_ask(void)
{
	asked = true;
}

/* What others have changed meanwhile stays. */
void keys_rest(void)
{
	struct termios now;

	if (taken && keys_in_front() && tcgetattr(terminal_fd, &now) == 0) {
		now.c_lflag |= MODE;
		now.c_cc[VMIN] = before.c_cc[VMIN];
		now.c_cc[VTIME] = before.c_cc[VTIME];
		tcsetattr(terminal_fd, TCSANOW, &now);
	}
	taken = false;
}

void keys_close(void)
{
	keys_rest();
	if (terminal_fd >= 0)
		close(terminal_fd);
	terminal_fd = -1;
}
