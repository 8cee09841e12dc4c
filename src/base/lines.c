/* Logs of whole lines. See lines.h. */
#include "base/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

/* Bytes read at a time. */
#define PIECE ((size_t)65536)

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

static bool lines_prepare(int fd, bool append, lines_known *known, lines_whole *whole, bool *empty)
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
	if (fd < 0 || lines_prepare(fd, append, known, whole, &l->first))
		return fd >= 0;
	error = errno;
	close(fd);
	errno = error;
	return false;
}

bool lines_share(struct lines *l, int fd)
{
	*l = (struct lines){ .fd = fcntl(fd, F_DUPFD_CLOEXEC, 0), .first = true };
	return l->fd >= 0;
}

/* What comes in pieces, from `at` on, and is cut into lines. */
struct sift {
	int fd;
	off_t at;            /* of the line that begins the bytes */
	struct buf bytes;
	lines_kept *kept;
	void *ctx;
};

/* The next line is in the bytes, with its newline: its length; 0: none; -1: errno. */
static ssize_t lines_next_line(struct sift *s)
{
	size_t seen = 0;
	const char *end;

	while (!(end = memchr(s->bytes.data + seen, '\n', s->bytes.len - seen))) {
		char *to = buf_reserve(&s->bytes, PIECE);
		ssize_t n = pread(s->fd, to, PIECE, s->at + (off_t)s->bytes.len);

		if (n <= 0)
			return n;
		seen = s->bytes.len;
		s->bytes.len += (size_t)n;
	}
	return end + 1 - s->bytes.data;
}

/* Add lines that are kept, up to one that is not, or all; NULL is for nowhere. False: there
 * are no more, or they cannot be read. */
static bool pass_lines(struct sift *s, struct buf *to, ssize_t *n)
{
	while ((*n = lines_next_line(s)) > 0) {
		bool kept = s->kept(s->ctx, s->bytes.data, (size_t)*n);

		if (!kept && !to)
			return true;
		if (kept && to)
			buf_add(to, s->bytes.data, (size_t)*n);
		s->at += *n;
		s->bytes.len -= (size_t)*n;
		memmove(s->bytes.data, s->bytes.data + *n, s->bytes.len);
	}
	return false;
}

/* All from `from` on is this instead: first what stays, so that a crash loses none of it. */
static bool lines_put_back(int fd, off_t from, const struct buf *kept)
{
	int flags = fcntl(fd, F_GETFL);
	size_t done = 0;

	if (fcntl(fd, F_SETFL, flags & ~O_APPEND) < 0)
		return false;
	while (done < kept->len) {
		ssize_t n = pwrite(fd, kept->data + done, kept->len - done, from + (off_t)done);

		if (n < 0 && errno != EINTR)
			return false;
		done += n > 0 ? (size_t)n : 0;
	}
	return fcntl(fd, F_SETFL, flags) == 0 && ftruncate(fd, from + (off_t)kept->len) == 0;
}

bool lines_sift(struct lines *l, lines_kept *kept, void *ctx)
{
	struct sift s = { .fd = l->fd, .kept = kept, .ctx = ctx };
	struct buf rest = { 0 };
	struct stat st;
	bool ok = true;
	ssize_t n = 0;

	if (fstat(l->fd, &st) < 0 || !S_ISREG(st.st_mode))
		return true;
	buf_reserve(&s.bytes, PIECE);
	if (pass_lines(&s, NULL, &n)) {
		off_t from = s.at;

		pass_lines(&s, &rest, &n);
		ok = n == 0 && lines_put_back(l->fd, from, &rest);
	}
	buf_free(&s.bytes);
	buf_free(&rest);
	return ok && n == 0;
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
