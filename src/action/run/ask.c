/* Questions on the terminal. See ask.h. */
#include "action/run/ask.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/thread.h"

/* Nobody tells the terminal that the run is ending: it is looked so often, in ms. */
enum { LOOK = 100 };

static int terminal = -1;
static lock turns = LOCK_INIT; /* guards what follows; a leaf */
static condition turn;         /* "nobody asks" */
static bool asking;

bool ask_open(void)
{
	condition_init(&turn);
	terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	return terminal >= 0;
}

/* False: it is in vain by now. */
static bool ask_take_turn(bool (*in_vain)(void *ctx), void *ctx)
{
	bool wanted = !in_vain(ctx);

	lock_take(&turns);
	while (wanted && asking) {
		condition_wait(&turn, &turns, LOOK * CLOCK_MS);
		lock_give(&turns);
		wanted = !in_vain(ctx);
		lock_take(&turns);
	}
	asking |= wanted;
	lock_give(&turns);
	return wanted;
}

static void ask_give_turn(void)
{
	lock_take(&turns);
	asking = false;
	condition_one(&turn);
	lock_give(&turns);
}

/* Some of a line, which ends with a newline; how much, or 0 at the end of the terminal; -1: it
 * is in vain. In the background nothing is read (io.h). */
static ssize_t ask_read(char *to, size_t most, bool (*in_vain)(void *ctx), void *ctx)
{
	struct pollfd p = { .fd = terminal, .events = POLLIN };
	ssize_t n;

	for (;;) {
		while (!io_readable(terminal, true)) {
			if (in_vain(ctx))
				return -1;
			poll(&p, 1, LOOK);
		}
		n = io_read(terminal, to, most);
		if (n >= 0 || (errno != EAGAIN && errno != EINTR))
			return n < 0 ? 0 : n;
	}
}

/* The first letter decides. */
static enum answer_given ask_answer(bool (*in_vain)(void *ctx), void *ctx)
{
	char some[256], first = 0;
	ssize_t n;

	do {
		n = ask_read(some, sizeof some, in_vain, ctx);
		if (n < 0)
			return ANSWER_NOBODY;
		for (ssize_t i = 0; i < n && !first; i++)
			if (!isspace((unsigned char)some[i]))
				first = some[i];
	} while (n > 0 && some[n - 1] != '\n');
	return first == 'y' || first == 'Y' ? ANSWER_YES : ANSWER_NO;
}

enum answer_given ask_about(const char *command, bool (*in_vain)(void *ctx), void *ctx)
{
	struct buf question = { 0 };
	enum answer_given answer;

	if (!ask_take_turn(in_vain, ctx))
		return ANSWER_NOBODY;
	buf_addf(&question, "%s ?...", command);
	io_write(terminal, question.data, question.len);
	buf_free(&question);
	answer = ask_answer(in_vain, ctx);
	ask_give_turn();
	return answer;
}
