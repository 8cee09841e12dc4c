/* make's jobserver. See jobserver.h. */
#include "workers/jobserver.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/permits.h"
#include "base/random.h"
#include "base/thread.h"
#include "options/options.h"
#include "workers/makeflags.h"
#include "workers/tokens.h"

/* Where MAKEFLAGS does not say how many tokens there are: workers for so many. */
enum { JOBS_ENOUGH = 64 };

/* Descriptors above those that the shells of jobs use by themselves. */
enum { JOBS_DESCRIPTORS = 10 };

struct jobserver {
	bool serves, fifo;      /* it is pq's own, behind a FIFO */
	int shared[2];          /* its pipe, which jobs inherit; or -1 */
	struct buf path;        /* of its FIFO */
	unsigned jobs;          /* how many tokens there are, with the implicit one; 0: unknown */
	struct buf fault;       /* why it cannot be used; empty: it can */
	struct permits permits;
	struct tokens *tokens;  /* owned; the guardian's */
	struct running_besides besides;
	int words, grants;      /* pq's ends; -1: there is no keeper */
	_Atomic bool ending;
	bool started;
	pthread_t thread;
	void (*permitted)(void *ctx);
	void *ctx;
};

static struct jobserver *jobserver_new(void)
{
	struct jobserver *j = mem_zero(sizeof *j);

	j->tokens = mem_zero(sizeof *j->tokens);
	j->tokens->in = j->tokens->out = j->tokens->words = j->tokens->grants = -1;
	j->words = j->grants = j->shared[0] = j->shared[1] = -1;
	return j;
}

/* --- finding one --------------------------------------------------------- */

/* An end of a pipe that is shared with make, which must not become non-blocking for it: a
 * description of our own. */
static int jobserver_reopen(int fd, int mode)
{
	char path[40];
	int own;

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	own = open(path, mode | O_NONBLOCK | O_CLOEXEC);
	if (own < 0 && (fcntl(fd, F_GETFL) & O_NONBLOCK))
		own = fcntl(fd, F_DUPFD_CLOEXEC, 3); /* make has done it already */
	return own;
}

/* Are these the two ends of one pipe? */
static bool jobserver_is_pipe(int in, int out)
{
	int in_flags = fcntl(in, F_GETFL), out_flags = fcntl(out, F_GETFL);
	struct stat a, b;

	return in_flags >= 0 && out_flags >= 0 && (in_flags & O_ACCMODE) != O_WRONLY
		&& (out_flags & O_ACCMODE) != O_RDONLY && fstat(in, &a) == 0 && fstat(out, &b) == 0
		&& S_ISFIFO(a.st_mode) && S_ISFIFO(b.st_mode)
		&& a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static void jobserver_join_pipe(struct jobserver *j, const struct makeflags *m)
{
	if (!jobserver_is_pipe(m->in, m->out)) {
		buf_addf(&j->fault, "its pipe (%d,%d) was not handed down; put + before the line of "
			"the recipe", m->in, m->out);
		return;
	}
	j->tokens->in = jobserver_reopen(m->in, O_RDONLY);
	j->tokens->out = fcntl(m->out, F_DUPFD_CLOEXEC, 3);
	if (j->tokens->in < 0 || j->tokens->out < 0)
		buf_addf(&j->fault, "its pipe (%d,%d) cannot be opened: %s", m->in, m->out,
			strerror(errno));
}

/* Never waits: nothing else but a FIFO is opened to be used. */
static bool jobserver_open_fifo(struct tokens *t, const char *path)
{
	struct stat st;

	t->in = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (t->in < 0)
		return false;
	if (fstat(t->in, &st) < 0 || !S_ISFIFO(st.st_mode)) {
		errno = ENXIO;
		return false;
	}
	t->out = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	return t->out >= 0;
}

static void jobserver_join(struct jobserver *j, struct makeflags *m)
{
	const char *auth = buf_str(&m->auth);

	switch (m->kind) {
	case MAKEFLAGS_PIPE:
		jobserver_join_pipe(j, m);
		break;
	case MAKEFLAGS_FIFO:
		if (!jobserver_open_fifo(j->tokens, auth))
			buf_addf(&j->fault, "%s: %s", auth, errno == ENXIO ? "is no FIFO"
				: strerror(errno));
		break;
	case MAKEFLAGS_OFF:
		buf_addf(&j->fault, "it is off for this command (%s); put + before the line of the "
			"recipe", auth);
		break;
	case MAKEFLAGS_ODD:
	case MAKEFLAGS_NONE:
		buf_addf(&j->fault, "MAKEFLAGS has --jobserver-auth=%s, which is neither two "
			"descriptors nor a FIFO", auth);
		break;
	}
}

struct jobserver *jobserver_find(void)
{
	const char *text = getenv("MAKEFLAGS");
	struct jobserver *j = NULL;
	struct makeflags m;

	if (!text)
		return NULL;
	makeflags_read(text, &m);
	if (m.kind != MAKEFLAGS_NONE) {
		j = jobserver_new();
		j->jobs = m.jobs;
		jobserver_join(j, &m);
	}
	makeflags_free(&m);
	return j;
}

/* pq takes part in make's: how many jobs there may be. */
static void jobserver_set_jobs(const struct jobserver *j, struct options *o)
{
	unsigned jobs;

	if (j->fault.len)
		msg_warn("make's jobserver cannot be used: %s; going on with one job at a time "
			"(-j N: N)", buf_str((struct buf *)&j->fault));
	jobs = j->fault.len ? 1 : j->jobs ? j->jobs : JOBS_ENOUGH;
	for (size_t i = 0; i < o->nsections; i++)
		o->sections[i].jobs = (struct jobs_rule){ .kind = JOBS_COUNT, .amount = jobs };
}

struct jobserver *jobserver_choose(struct jobserver *found, struct options *o)
{
	bool runs = !o->dry_run && !o->stats && !o->admin && !options_moves(o);
	bool together = o->spread && o->spread != SPREAD_PARTS; /* none may wait for a token */
	struct jobserver *j = found;

	if (!runs || o->jobserver || options_has_jobs(o) || o->semaphore.asked || together) {
		jobserver_free(found);
		j = NULL;
	}
	if (runs && o->jobserver) {
		j = jobserver_new();
		j->serves = true;
		j->fifo = o->jobserver_fifo;
		j->jobs = o->jobserver_slots;
	} else if (j) {
		jobserver_set_jobs(j, o);
	}
	o->slots_shared = j != NULL;
	return j;
}

/* --- serving one --------------------------------------------------------- */

/* One that jobs find by its name. The guardian removes it. */
static bool jobserver_make_fifo(struct jobserver *j)
{
	const char *dir = getenv("TMPDIR");
	char random[17];

	random_hex(random, 16);
	buf_addf(&j->path, "%s/pq-jobserver-%s", dir && *dir ? dir : "/tmp", random);
	if (mkfifo(buf_str(&j->path), 0600) < 0)
		return false;
	j->tokens->path = buf_str(&j->path);
	return jobserver_open_fifo(j->tokens, j->tokens->path);
}

/* Two descriptors that jobs inherit, out of the way of those that they use themselves. */
static bool jobserver_make_pipe(struct jobserver *j)
{
	int end[2];

	if (!io_pipe(end))
		return false;
	for (int i = 0; i < 2; i++) {
		j->shared[i] = fcntl(end[i], F_DUPFD, JOBS_DESCRIPTORS);
		if (j->shared[i] < 0)
			return false;
	}
	j->tokens->in = jobserver_reopen(end[0], O_RDONLY);
	j->tokens->out = jobserver_reopen(end[1], O_WRONLY);
	close(end[0]);
	close(end[1]);
	return j->tokens->in >= 0 && j->tokens->out >= 0;
}

/* In the way of make, and in the one of cargo, which looks for its own first. Other flags of a
 * make above hold for those below, as they would without pq between: -n above all. */
static void jobserver_tell_jobs(const struct jobserver *j)
{
	const char *had = getenv("MAKEFLAGS");
	struct buf auth = { 0 }, jobs = { 0 }, text = { 0 };

	if (j->fifo) {
		buf_adds(&auth, "fifo:");
		makeflags_quote(j->tokens->path, &auth);
	} else {
		buf_addf(&auth, "%d,%d", j->shared[0], j->shared[1]);
	}
	buf_addf(&jobs, "-j%u --jobserver-auth=%s", j->jobs, buf_str(&auth));
	makeflags_replace(had ? had : "", buf_str(&jobs), &text);
	setenv("MAKEFLAGS", buf_str(&text), 1);
	buf_clear(&text);
	buf_addf(&text, "-j%u --jobserver-fds=%s --jobserver-auth=%s", j->jobs, buf_str(&auth),
		buf_str(&auth));
	setenv("CARGO_MAKEFLAGS", buf_str(&text), 1);
	unsetenv("MFLAGS");
	buf_free(&auth);
	buf_free(&jobs);
	buf_free(&text);
}

static void jobserver_serve(struct jobserver *j, unsigned jobs)
{
	char tokens[4096];
	unsigned left;
	ssize_t n = 1;

	if (!(j->fifo ? jobserver_make_fifo(j) : jobserver_make_pipe(j)))
		msg_die(125, "--jobserver: cannot make %s: %s", j->fifo ? buf_str(&j->path)
			: "its pipe", strerror(errno));
	j->jobs = j->jobs ? j->jobs : jobs;
	memset(tokens, '+', sizeof tokens);
	for (left = j->jobs; left > 0 && n > 0; left -= n > 0 ? (unsigned)n : 0)
		n = write(j->tokens->out, tokens, left < sizeof tokens ? left : sizeof tokens);
	if (left > 0)
		msg_warn("--jobserver: there is room for %u tokens, not %u", j->jobs - left, j->jobs);
	j->jobs -= left;
	jobserver_tell_jobs(j);
}

/* --- the keeper ---------------------------------------------------------- */

/* What the guardian has, or will never have. */
static void jobserver_close_keepers(struct jobserver *j)
{
	io_close(&j->tokens->words);
	io_close(&j->tokens->grants);
	io_close(&j->tokens->in);
	io_close(&j->tokens->out);
}

/* The pipes between the permits and the keeper. */
static bool jobserver_connect(struct jobserver *j)
{
	struct tokens *t = j->tokens;
	int words[2], grants[2];

	if (!io_pipe(words))
		return false;
	j->words = words[1];
	t->words = words[0];
	if (!io_pipe(grants))
		return false;
	j->grants = grants[0];
	t->grants = grants[1];
	j->besides = (struct running_besides){ .kept = { t->in, t->out, t->words, t->grants },
		.nkept = 4, .tend = tokens_tend, .leave = tokens_leave, .ctx = t };
	return true;
}

void jobserver_open(struct jobserver *j, unsigned jobs)
{
	if (!j)
		return;
	if (j->serves)
		jobserver_serve(j, jobs);
	if ((!j->fault.len && !jobserver_connect(j))
	    || !permits_open(&j->permits, j->serves ? 0 : 1, j->words))
		msg_die(125, "cannot make a pipe: %s", strerror(errno));
}

struct permits *jobserver_permits(struct jobserver *j)
{
	return j ? &j->permits : NULL;
}

const struct running_besides *jobserver_besides(const struct jobserver *j)
{
	return j && j->grants >= 0 ? &j->besides : NULL;
}

/* --- hearing of permits -------------------------------------------------- */

static void jobserver_lost(struct jobserver *j)
{
	io_close(&j->grants);
	permits_lost(&j->permits);
	if (!atomic_load(&j->ending))
		msg_warn("the guardian is gone, and with it make's jobserver: going on with the "
			"jobs that pq may run without it");
}

/* Each is told apart: who waits in vain is called by the next one. */
static void jobserver_hear_grants(struct jobserver *j)
{
	char some[64];
	ssize_t n = read(j->grants, some, sizeof some);

	for (ssize_t i = 0; i < n; i++) {
		permits_granted(&j->permits);
		j->permitted(j->ctx);
	}
	if (n == 0)
		jobserver_lost(j);
}

static void *jobserver_listen(void *arg)
{
	enum { GRANTS, BELL, POLLS };
	struct jobserver *j = arg;
	struct pollfd fd[POLLS] = { [GRANTS] = { .events = POLLIN },
		[BELL] = { .fd = j->permits.bell.out, .events = POLLIN } };

	thread_name("pq-jobserver");
	while (!atomic_load(&j->ending) || j->grants >= 0) {
		fd[GRANTS].fd = j->grants;
		if (poll(fd, POLLS, -1) < 0)
			continue;
		if (fd[GRANTS].revents)
			jobserver_hear_grants(j);
		if (fd[BELL].revents) {
			bell_hush(&j->permits.bell);
			j->permitted(j->ctx);
		}
	}
	return NULL;
}

void jobserver_start(struct jobserver *j, bool guarded, void (*permitted)(void *ctx), void *ctx)
{
	if (!j)
		return;
	j->permitted = permitted;
	j->ctx = ctx;
	jobserver_close_keepers(j);
	if (!guarded && j->grants >= 0)
		jobserver_lost(j);
	j->started = thread_start(&j->thread, jobserver_listen, j);
	if (!j->started)
		msg_die(125, "cannot start a thread: %s", strerror(errno));
}

void jobserver_end(struct jobserver *j)
{
	if (!j)
		return;
	atomic_store(&j->ending, true);
	bell_ring(&j->permits.bell);
}

void jobserver_free(struct jobserver *j)
{
	if (!j)
		return;
	if (j->started) {
		thread_join(j->thread);
		permits_close(&j->permits);
	}
	jobserver_close_keepers(j);
	io_close(&j->words);
	io_close(&j->grants);
	io_close(&j->shared[0]);
	io_close(&j->shared[1]);
	if (j->path.len)
		unlink(buf_str(&j->path)); /* where there was no guardian */
	buf_free(&j->path);
	buf_free(&j->fault);
	free(j->tokens);
	free(j);
}
