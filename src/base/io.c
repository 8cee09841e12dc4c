/* Whole writes and careful opens. See io.h. */
#include "base/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "config.h"

#ifdef HAVE_CLOSE_RANGE
#include <linux/close_range.h>
#endif

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

#ifndef HAVE_CLOSE_RANGE
static void close_on_exec_listed(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		int fd = atoi(e->d_name);

		if (fd > 2 && fd != dirfd(d))
			fcntl(fd, F_SETFD, FD_CLOEXEC);
	}
	if (d)
		closedir(d);
}
#endif

static void close_on_exec_above_2(void)
{
#ifdef HAVE_CLOSE_RANGE
	if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
		return;
	/* An old kernel under a new libc: what can be open is bounded. */
	for (int fd = 3; fd < 1024; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
#else
	close_on_exec_listed("/dev/fd");
#endif
}

void io_settle_descriptors(void)
{
	/* Open the wrong way round: reading 0 and writing 1 or 2 must still fail. */
	static const int wrong[3] = { O_WRONLY, O_RDONLY, O_RDONLY };

	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF
		    && open("/dev/null", wrong[fd]) != fd)
			_exit(125);
	close_on_exec_above_2();
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
