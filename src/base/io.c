/* Whole writes and careful opens. See io.h. */
#include "io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
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

/* Where the last whole line ends: what comes after it was torn by a crash. */
static off_t whole_lines(int fd, off_t size)
{
	char block[4096];

	while (size > 0) {
		off_t from = size > (off_t)sizeof block ? size - (off_t)sizeof block : 0;
		ssize_t n = pread(fd, block, (size_t)(size - from), from);

		if (n < size - from)
			return -1;
		while (n > 0 && block[n - 1] != '\n')
			n--;
		if (n > 0)
			return from + n;
		size = from;
	}
	return 0;
}

/* Nothing may be cut off what somebody named by mistake. */
static bool is_known(int fd, io_known *known)
{
	char start[32];
	ssize_t n = pread(fd, start, sizeof start, 0);

	if (n <= 0 || known(start, (size_t)n))
		return n >= 0;
	errno = EBADMSG;
	return false;
}

/* End the last line, or cut it off. */
static bool end_lines(int fd, off_t end, off_t size, io_whole *whole)
{
	size_t len = (size_t)(size - end);
	char *line = whole ? malloc(len) : NULL; /* as long as somebody's file has it */
	bool keep = line && pread(fd, line, len, end) == (ssize_t)len && whole(line, len);

	free(line);
	return keep ? io_write(fd, "\n", 1) : ftruncate(fd, end) == 0;
}

static bool prepare(int fd, bool append, io_known *known, io_whole *whole, bool *empty)
{
	struct stat st;
	off_t end;

	*empty = true;
	if (!append || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return true;
	if ((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR && !is_known(fd, known))
		return false;
	end = whole_lines(fd, st.st_size);
	if (end < 0 || (end < st.st_size && !end_lines(fd, end, st.st_size, whole)))
		return false;
	*empty = fstat(fd, &st) == 0 && st.st_size == 0;
	return true;
}

int io_open_lines(const char *name, bool append, io_known *known, io_whole *whole, bool *empty)
{
	int flags = append ? O_RDWR | O_APPEND : O_WRONLY | O_TRUNC;
	int fd = open(name, flags | O_CREAT | O_CLOEXEC, 0666);
	int error;

	if (fd < 0 && append) /* a pipe or a device that cannot be read */
		fd = open(name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0 || prepare(fd, append, known, whole, empty))
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
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
