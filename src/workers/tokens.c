/* The keeper of tokens. See tokens.h. */
#include "workers/tokens.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/permits.h"

static void tokens_bring_back(struct tokens *t)
{
	struct pollfd fd = { .fd = t->out, .events = POLLOUT };

	if (t->held == 0)
		return;
	t->held--;
	while (write(t->out, &t->byte[t->held], 1) < 0 && (errno == EINTR || errno == EAGAIN))
		poll(&fd, 1, -1);
}

static void tokens_hear(struct tokens *t)
{
	char words[256];
	ssize_t n = read(t->words, words, sizeof words);

	if (n == 0)
		t->words = -1; /* pq is about to be gone */
	for (ssize_t i = 0; i < n; i++) {
		if (words[i] == PERMITS_ASK)
			t->wanted++;
		else if (words[i] == PERMITS_BACK)
			tokens_bring_back(t);
		else
			t->wanted -= t->wanted > 0;
	}
}

/* Somebody else may have been faster. */
static void tokens_fetch(struct tokens *t)
{
	ssize_t n = read(t->in, &t->byte[t->held], 1);

	if (n == 1) {
		t->held++;
		t->wanted--;
		while (write(t->grants, "", 1) < 0 && errno == EINTR)
			;
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		close(t->grants);
		t->in = -1;
	}
}

void tokens_tend(void *ctx, int line)
{
	enum { LINE, WORDS, POOL, POLLS };
	struct tokens *t = ctx;
	struct pollfd fd[POLLS] = { [LINE] = { .fd = line, .events = POLLIN },
		[WORDS] = { .events = POLLIN }, [POOL] = { .events = POLLIN } };

	for (;;) {
		fd[WORDS].fd = t->words;
		fd[POOL].fd = t->wanted > 0 && t->held < RUNNING_SLOTS ? t->in : -1;
		if (poll(fd, POLLS, -1) < 0)
			continue;
		if (fd[LINE].revents)
			return;
		if (fd[POOL].revents)
			tokens_fetch(t);
		if (fd[WORDS].revents)
			tokens_hear(t);
	}
}

void tokens_leave(void *ctx)
{
	struct tokens *t = ctx;

	while (t->held > 0)
		tokens_bring_back(t);
	if (t->path)
		unlink(t->path);
}
