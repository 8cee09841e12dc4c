/* Logs of whole lines. See lines.h. */
#include "base/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

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
static bool is_known(int fd, lines_known *known)
{
	char start[32];
	ssize_t n = pread(fd, start, sizeof start, 0);

	if (n <= 0 || known(start, (size_t)n))
		return n >= 0;
	errno = EBADMSG;
	return false;
}

/* End the last line, or cut it off. */
static bool end_lines(int fd, off_t end, off_t size, lines_whole *whole)
{
	size_t len = (size_t)(size - end);
	char *line = whole ? malloc(len) : NULL; /* as long as somebody's file has it */
	bool keep = line && pread(fd, line, len, end) == (ssize_t)len && whole(line, len);

	free(line);
	return keep ? io_write(fd, "\n", 1) : ftruncate(fd, end) == 0;
}

static bool prepare(int fd, bool append, lines_known *known, lines_whole *whole, bool *empty)
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

bool lines_open(struct lines *l, const char *name, bool append, lines_known *known,
	lines_whole *whole)
{
	int flags = append ? O_RDWR | O_APPEND : O_WRONLY | O_TRUNC;
	int fd = open(name, flags | O_CREAT | O_CLOEXEC, 0666);
	int error;

	if (fd < 0 && append) /* a pipe or a device that cannot be read */
		fd = open(name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	*l = (struct lines){ .fd = fd };
	if (fd < 0 || prepare(fd, append, known, whole, &l->first))
		return fd >= 0;
	error = errno;
	close(fd);
	errno = error;
	return false;
}

bool lines_flush(struct lines *l)
{
	bool ok = io_write(l->fd, l->text.data, l->text.len);

	buf_clear(&l->text);
	return ok;
}

bool lines_close(struct lines *l)
{
	bool ok = lines_flush(l);

	if (close(l->fd) < 0)
		ok = false;
	buf_free(&l->text);
	return ok;
}
