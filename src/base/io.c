/* Whole writes and careful opens. See io.h. */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/status.h"
#include "config.h"

bool io_write(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n >= 0) {
			data += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			struct pollfd p = { .fd = fd, .events = POLLOUT };

			poll(&p, 1, 1000);
		} else if (errno != EINTR) {
			return false;
		}
	}
	return true;
}

void io_settle_descriptors(void)
{
	/* Open the wrong way round: reading 0 and writing 1 or 2 must still fail. */
	static const int wrong[3] = { O_WRONLY, O_RDONLY, O_RDONLY };

	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF
		    && open("/dev/null", wrong[fd]) != fd)
			_exit(status_said(STATUS_CANNOT));
}

/* The parent of a process; 0 where that cannot be found out. */
static pid_t parent_of(pid_t pid)
{
	char name[64], text[512] = "", *after;
	int fd;

	snprintf(name, sizeof name, "/proc/%ld/stat", (long)pid);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof text - 1) < 0)
		text[0] = '\0';
	close(fd);
	after = strrchr(text, ')'); /* ") S 123 ..." */
	return after && strlen(after) > 4 ? (pid_t)atol(after + 4) : 0;
}

/* Is there a shell that could let the process group go on? Without one the system does
 * not stop it. */
static bool has_shell(void)
{
	pid_t pid = getppid();

	while (pid > 0 && getpgid(pid) == getpgrp())
		pid = parent_of(pid);
	return pid > 0 && getsid(pid) == getsid(0);
}

static bool is_ignored(int sig)
{
	struct sigaction now;

	return sigaction(sig, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

/* The terminal in whose background pq was found. */
static _Atomic int behind = -1;

bool io_in_background(void)
{
	pid_t front = tcgetpgrp(atomic_load(&behind)); /* -1: it is no terminal */

	return front >= 0 && front != getpgrp();
}

/* False when it is not in its background, or there is nobody who would let it go on. */
static bool stop_in_background(int fd)
{
	/* Until whoever takes the signal has stopped pq. */
	const int moment = 20;
	pid_t front = tcgetpgrp(fd);

	if (front < 0 || front == getpgrp() || is_ignored(SIGTTIN) || !has_shell())
		return false;
	atomic_store(&behind, fd);
	kill(0, SIGTTIN);
	poll(NULL, 0, moment);
	return true;
}

bool io_readable(int fd, bool device)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (poll(&p, 1, 0) > 0)
		return true;
	if (device)
		stop_in_background(fd);
	return false;
}

ssize_t io_read(int fd, char *to, size_t most)
{
	ssize_t n = read(fd, to, most);

	if (n < 0 && errno == EIO)
		errno = stop_in_background(fd) ? EAGAIN : EIO;
	return n;
}

bool io_pipe(int end[2])
{
#ifdef HAVE_PIPE2
	return pipe2(end, O_CLOEXEC) == 0;
#else
	if (pipe(end) < 0)
		return false;
	fcntl(end[0], F_SETFD, FD_CLOEXEC);
	fcntl(end[1], F_SETFD, FD_CLOEXEC);
	return true;
#endif
}

int io_pipe_to(int *to)
{
	int end[2];

	if (!io_pipe(end))
		return -1;
	fcntl(end[1], F_SETFL, O_NONBLOCK);
	*to = end[1];
	return end[0];
}

void io_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void io_widen(int fd)
{
#ifdef F_SETPIPE_SZ
	/* What anybody may ask for (Linux: /proc/sys/fs/pipe-max-size). */
	const int wide = 1 << 20;
	int now = fcntl(fd, F_GETPIPE_SZ);

	if (now > 0 && now < wide)
		fcntl(fd, F_SETPIPE_SZ, wide);
#else
	(void)fd;
#endif
}

bool io_is_output(const struct stat *file)
{
	struct stat out;

	return S_ISREG(file->st_mode) && fstat(STDOUT_FILENO, &out) == 0
		&& out.st_dev == file->st_dev && out.st_ino == file->st_ino;
}

int io_temporary(void)
{
	const char *dir = getenv("TMPDIR");
	char name[4096];
	int fd;

	if (!dir || !*dir)
		dir = "/tmp";
#ifdef HAVE_O_TMPFILE
	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd;
#endif
	if (snprintf(name, sizeof name, "%s/pq.XXXXXX", dir) >= (int)sizeof name) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = mkostemp(name, O_CLOEXEC);
	if (fd >= 0)
		unlink(name);
	return fd;
}

int io_temporary_named(struct buf *name)
{
	const char *dir = getenv("TMPDIR");
	int fd;

	buf_addf(name, "%s/pqXXXXXX", dir && *dir ? dir : "/tmp");
	buf_str(name);
	fd = mkostemp(name->data, O_CLOEXEC);
	return fd;
}

bool io_read_file(const char *name, struct buf *to)
{
	int fd = strcmp(name, "-") == 0 ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd;
	int error;

	while (n >= 0) {
		n = read(fd, buf_reserve(to, 4096), 4096);
		if (n == 0)
			break;
		if (n > 0)
			to->len += (size_t)n;
		else if (errno == EINTR)
			n = 0;
	}
	error = errno;
	if (fd > STDIN_FILENO)
		close(fd);
	errno = error;
	return n == 0;
}
