/* A file that grows by whole texts. See gather.h. */
#include "view/gather.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/thread.h"

enum {
	MUCH = 64 * 1024,   /* is written at once by who has brought it */
	MOST = 1024 * 1024, /* from here on whoever brings more waits for the file */
};

struct gather {
	const char *path;
	int fd;
	gather_failed *failed;
	void *ctx;
	lock lock;             /* a leaf; guards all below but `leaving` */
	condition due, written;
	struct buf filling;
	struct buf leaving;    /* whose who is writing */
	bool writing;          /* somebody is */
	bool broken;           /* nothing more can be written */
	bool asked, ending;    /* the thread is to write, to go home */
	bool threaded;         /* there is one */
	pthread_t thread;
};

/* Nobody may wait for who reads a FIFO before there are signals to end that. */
struct gather *gather_open(const char *path, const struct buf *text, gather_failed *failed,
	void *ctx)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0666), error;
	struct gather *g;

	if (fd < 0)
		return NULL;
	if (!io_write(fd, text->data, text->len)) {
		error = errno;
		close(fd);
		errno = error;
		return NULL;
	}
	g = mem_zero(sizeof *g);
	*g = (struct gather){ .path = path, .fd = fd, .failed = failed, .ctx = ctx };
	lock_init(&g->lock);
	condition_init(&g->due);
	condition_init(&g->written);
	return g;
}

/* With the lock, which is given back while the file is waited for; nobody else is writing. */
static void gather_write(struct gather *g)
{
	struct buf full = g->filling;
	bool broken = g->broken;

	g->filling = g->leaving;
	g->leaving = full;
	g->writing = true;
	lock_give(&g->lock);
	if (!broken && !io_write(g->fd, full.data, full.len)) {
		broken = true;
		g->failed(g->ctx, g->path, errno);
	}
	lock_take(&g->lock);
	buf_clear(&g->leaving);
	g->broken = broken;
	g->writing = false;
	condition_all(&g->written);
}

struct buf *gather_begin(struct gather *g)
{
	lock_take(&g->lock);
	return &g->filling;
}

void gather_end(struct gather *g)
{
	while (g->writing && g->filling.len >= MOST)
		condition_wait(&g->written, &g->lock, -1);
	if (!g->writing && g->filling.len >= MUCH)
		gather_write(g);
	lock_give(&g->lock);
}

void gather_post(struct gather *g)
{
	lock_give(&g->lock);
}

static void *gather_run(void *arg)
{
	struct gather *g = arg;

	thread_name("pq-gather");
	lock_take(&g->lock);
	while (!g->ending) {
		bool mine = g->asked && !g->writing; /* or who is writing has most of it */

		g->asked = false;
		if (mine)
			gather_write(g);
		else
			condition_wait(&g->due, &g->lock, -1);
	}
	lock_give(&g->lock);
	return NULL;
}

/* The first one starts the thread: a short run has none. Where there can be none, what gathers
 * is written when it is much. */
void gather_tick(struct gather *g)
{
	lock_take(&g->lock);
	if (!g->threaded)
		g->threaded = thread_start(&g->thread, gather_run, g);
	g->asked |= g->filling.len > 0;
	if (g->asked)
		condition_one(&g->due);
	lock_give(&g->lock);
}

void gather_close(struct gather *g)
{
	lock_take(&g->lock);
	g->ending = true;
	condition_one(&g->due);
	lock_give(&g->lock);
	if (g->threaded)
		thread_join(g->thread);
	lock_take(&g->lock);
	gather_write(g);
	lock_give(&g->lock);
	if (close(g->fd) < 0 && !g->broken)
		g->failed(g->ctx, g->path, errno);
	buf_free(&g->filling);
	buf_free(&g->leaving);
	free(g);
}
