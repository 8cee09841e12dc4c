/* Start one process. See spawn.h. */
#include "action/run/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <spawn.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config.h"
#include "action/run/running.h"

static sigset_t job_mask;
static bool job_ignores_chld;
static struct rlimit job_nofile;
static bool nofile_raised;
static bool job_is_nice;
static int job_nice;
static int null_fd = -1;

bool spawn_prepare(const sigset_t *mask, bool chld_ignored)
{
	job_mask = *mask;
	job_ignores_chld = chld_ignored;
	null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return null_fd >= 0;
}

/* Up is always allowed, and so is back up. */
bool spawn_nice(int nice)
{
	int now = getpriority(PRIO_PROCESS, 0);

	if (nice < now && (setpriority(PRIO_PROCESS, 0, nice) < 0
	    || setpriority(PRIO_PROCESS, 0, now) < 0))
		return false;
	job_is_nice = true;
	job_nice = nice;
	return true;
}

long spawn_limit(void)
{
	struct rlimit now;

	return getrlimit(RLIMIT_NOFILE, &now) < 0 || now.rlim_cur > LONG_MAX
		? LONG_MAX : (long)now.rlim_cur;
}

long spawn_descriptors(long need)
{
	struct rlimit now;

	if (getrlimit(RLIMIT_NOFILE, &now) < 0)
		return need;
	if (now.rlim_cur != RLIM_INFINITY && (rlim_t)need > now.rlim_cur) {
		struct rlimit more = now;

		if (!nofile_raised)
			job_nofile = now;
		more.rlim_cur = now.rlim_max == RLIM_INFINITY || (rlim_t)need < now.rlim_max
			? (rlim_t)need : now.rlim_max;
		if (more.rlim_cur > now.rlim_cur && setrlimit(RLIMIT_NOFILE, &more) == 0) {
			nofile_raised = true;
			now = more;
		}
	}
	return now.rlim_cur == RLIM_INFINITY || now.rlim_cur > (rlim_t)need
		? need : (long)now.rlim_cur;
}

#ifdef HAVE_CLONE_PIDFD

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_UNPOISON_MEMORY_REGION(at, len) ((void)(at), (void)(len))
#endif

/* Enough for a handful of system calls; glibc's own posix_spawn takes 32 KiB. */
#define CHILD_STACK 16384

struct birth {
	const struct order *order;
	running_entry *entry;
	const struct redirect *failed; /* NULL: none as yet */
	int error;
};

/* A Ctrl-Z that fell between the clone and setpgid is pending here, or what stops the
 * readers of a terminal in its background. Were it let in now, this process would stop
 * before its exec with the parent's thread held inside the kernel, and the shell would
 * wait for both for ever. */
static void drop_pending_stop(int sig)
{
	sigset_t pending;

	if (sigpending(&pending) == 0 && sigismember(&pending, sig) == 1) {
		struct sigaction old, ignore = { .sa_handler = SIG_IGN };

		sigaction(sig, &ignore, &old);
		sigaction(sig, &old, NULL);
	}
}

/* The child's descriptors are numbers of its own table, in the parent's memory. What
 * remembers descriptors by number in front of libc, as a sanitizer does, would take those
 * of two children for one: they are opened, copied and closed by the kernel's calls. */
static int child_open(const char *path, int flags)
{
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0666);
}

static bool child_close(int fd)
{
	return syscall(SYS_close, fd) == 0;
}

static bool child_copy(int from, int to)
{
	return from == to || syscall(SYS_dup3, from, to, 0) >= 0;
}

/* Open what was a plain file when it was looked at. Should it be a FIFO by now it is not
 * waited for: the parent's thread would wait, too. */
static bool open_redirected(const struct redirect *r)
{
	int fd = child_open(r->path, r->flags | O_NONBLOCK);
	struct statx st;

	if (fd < 0) {
		if (errno == EWOULDBLOCK) /* somebody has a lease on it */
			errno = EBUSY;
		return false;
	}
	if (statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, &st) < 0 || S_ISFIFO(st.stx_mode)) {
		errno = ENXIO;
		return false;
	}
	if (fcntl(fd, F_SETFL, r->flags & O_APPEND) < 0)
		return false;
	return fd == r->fd || (child_copy(fd, r->fd) && child_close(fd));
}

/* A descriptor of pq's own is none that the job could know. */
static bool copy_redirected(const struct redirect *r)
{
	int flags = fcntl(r->from, F_GETFD);

	if (flags >= 0 && (flags & FD_CLOEXEC))
		errno = EBADF;
	return flags >= 0 && !(flags & FD_CLOEXEC) && child_copy(r->from, r->fd);
}

static bool redirect_all(struct birth *b)
{
	const struct order *o = b->order;

	for (size_t i = 0; i < o->redirects.count; i++) {
		const struct redirect *r = &o->redirects.list[i];

		b->failed = r;
		if (r->what == REDIRECT_CLOSE)
			child_close(r->fd);
		else if (r->what == REDIRECT_OPEN ? !open_redirected(r) : !copy_redirected(r))
			return false;
	}
	b->failed = NULL;
	return true;
}

/* Runs in the parent's memory on a stack of its own, the parent's thread
 * waiting: system calls only. */
static int become(void *arg)
{
	struct birth *b = arg;
	const struct order *o = b->order;

	setpgid(0, 0);
	atomic_store(b->entry, -getpid());
	if (o->terminal >= 0) /* SIGTTOU is blocked */
		tcsetpgrp(o->terminal, getpid());
	if (child_copy(o->in < 0 ? null_fd : o->in, 0) && (o->out < 0 || child_copy(o->out, 1))
	    && (o->err < 0 || child_copy(o->err, 2)) && redirect_all(b)) {
		if (job_ignores_chld)
			signal(SIGCHLD, SIG_IGN);
		if (nofile_raised)
			setrlimit(RLIMIT_NOFILE, &job_nofile);
		if (job_is_nice)
			setpriority(PRIO_PROCESS, 0, job_nice);
		drop_pending_stop(SIGTSTP);
		drop_pending_stop(SIGTTIN);
		sigprocmask(SIG_SETMASK, &job_mask, NULL);
		execve(o->path, o->argv, o->envp);
	}
	b->error = errno;
	_exit(127);
}

bool spawn_redirects(void)
{
	return true;
}

int spawn(const struct order *order, struct spawned *child)
{
	char stack[CHILD_STACK] __attribute__((aligned(64)));
	struct birth b = { order, running_expect(order->slot), NULL, 0 };

	child->pidfd = -1; /* a kernel before 5.2 leaves it as it is */
	if (!b.entry)
		return ECANCELED;
	child->pid = clone(become, stack + sizeof stack,
		CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &b, &child->pidfd);
	if (child->pid < 0)
		b.error = errno;
	/* The child never came back from its functions, and a sanitizer holds what lay between
	 * their variables for theirs still. */
	ASAN_UNPOISON_MEMORY_REGION(stack, sizeof stack);
	if (!b.error) {
		running_born(order->slot, child->pid);
		return 0;
	}
	running_stillborn(order->slot);
	child->failed = b.failed;
	if (child->pid > 0) {
		waitpid(child->pid, NULL, 0);
		if (child->pidfd >= 0)
			close(child->pidfd);
	}
	return b.error;
}

#else

bool spawn_redirects(void)
{
	return false;
}

static int spawn_actions(posix_spawn_file_actions_t *fa, const struct order *o)
{
	int error = posix_spawn_file_actions_adddup2(fa, o->in < 0 ? null_fd : o->in, 0);

	if (!error && o->out >= 0)
		error = posix_spawn_file_actions_adddup2(fa, o->out, 1);
	if (!error && o->err >= 0)
		error = posix_spawn_file_actions_adddup2(fa, o->err, 2);
	return error;
}

int spawn(const struct order *order, struct spawned *child)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	int error;

	/* Jobs then keep pq's raised limit, and SIGCHLD's default disposition. */
	(void)job_nofile;
	(void)job_ignores_chld;
	posix_spawn_file_actions_init(&fa);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setsigmask(&attr, &job_mask);
	error = spawn_actions(&fa, order);
	if (!running_expect(order->slot)) {
		posix_spawnattr_destroy(&attr);
		posix_spawn_file_actions_destroy(&fa);
		return ECANCELED;
	}
	if (!error)
		error = posix_spawn(&child->pid, order->path, &fa, &attr, order->argv,
			order->envp);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&fa);
	child->pidfd = -1;
	child->failed = NULL;
	if (!error && job_is_nice)
		setpriority(PRIO_PROCESS, (id_t)child->pid, job_nice);
	if (error)
		running_stillborn(order->slot);
	else
		running_born(order->slot, child->pid);
	if (!error && order->terminal >= 0) {
		tcsetpgrp(order->terminal, child->pid);
		kill(-child->pid, SIGCONT); /* it may have asked for the terminal by now */
	}
	return error;
}

#endif
