/* Wakes up a thread that polls, again and again. See ticker.h. */
#include "base/ticker.h"

#include <errno.h>
#include <stdlib.h>

#include "base/bell.h"
#include "base/mem.h"
#include "base/thread.h"

struct ticker {
	struct bell bell;
	int64_t every;
	lock lock;
	condition stopped;
	bool stop;
	pthread_t thread;
};

static void *ticker_run(void *arg)
{
	struct ticker *t = arg;

	thread_name("pq-ticker");
	lock_take(&t->lock);
	while (!t->stop) {
		condition_wait(&t->stopped, &t->lock, t->every);
		bell_ring(&t->bell);
	}
	lock_give(&t->lock);
	return NULL;
}

struct ticker *ticker_start(int64_t every)
{
	struct ticker *t = mem_zero(sizeof *t);
	int error;

	t->every = every;
	lock_init(&t->lock);
	condition_init(&t->stopped);
	if (!bell_open(&t->bell)) {
		error = errno;
	} else if (!thread_start(&t->thread, ticker_run, t)) {
		error = errno;
		bell_close(&t->bell);
	} else {
		return t;
	}
	free(t);
	errno = error;
	return NULL;
}

int ticker_fd(const struct ticker *t)
{
	return t->bell.out;
}

void ticker_hush(const struct ticker *t)
{
	bell_hush(&t->bell);
}

void ticker_stop(struct ticker *t)
{
	if (!t)
		return;
	lock_take(&t->lock);
	t->stop = true;
	condition_one(&t->stopped);
	lock_give(&t->lock);
	thread_join(t->thread);
	bell_close(&t->bell);
	free(t);
}
