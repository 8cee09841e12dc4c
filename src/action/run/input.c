/* What a job reads. See input.h. */
#include "action/run/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "config.h"
#include "item.h"

/* Why nothing should be read from it, or NULL. */
static const char *objection(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return strerror(errno);
	if (S_ISDIR(st.st_mode))
		return strerror(EISDIR);
	if (io_is_output(&st))
		return "it is the output of pq itself; write to another file";
	/* Whoever reads it now may wait. */
	return fcntl(fd, F_SETFL, 0) < 0 ? strerror(errno) : NULL;
}

int input_open(const struct item *item, struct buf *why)
{
	struct value name = item_value(item, 0);
	const char *reason;
	int fd;

	if (memchr(name.data, '\0', name.len)) {
		buf_adds(why, "holds a NUL byte, which no file name can");
		return -1;
	}
	fd = open(name.data, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	reason = fd < 0 ? strerror(errno) : objection(fd);
	if (!reason)
		return fd;
	buf_addf(why, "cannot be read: %s", reason);
	if (fd >= 0)
		close(fd);
	return -1;
}

static int file_in_memory(void)
{
	int fd = -1;

#ifdef HAVE_MEMFD
#ifdef MFD_NOEXEC_SEAL
	/* Where memory may not be executed only this is allowed; older kernels do not
	 * know it. */
	fd = memfd_create("pq", MFD_CLOEXEC | MFD_NOEXEC_SEAL);
	if (fd < 0 && errno == EINVAL)
#endif
		fd = memfd_create("pq", MFD_CLOEXEC);
#endif
	return fd < 0 ? io_temporary() : fd;
}

/* Without moving from the beginning, where the job is to read. */
static bool input_fill(int fd, const char *data, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pwrite(fd, data + done, len - done, (off_t)done);

		if (n < 0 && errno != EINTR)
			return false;
		done += n > 0 ? (size_t)n : 0;
	}
	return true;
}

int input_hold(const char *data, size_t len, struct buf *why)
{
	int fd = file_in_memory();

	if (fd >= 0 && input_fill(fd, data, len))
		return fd;
	buf_addf(why, "cannot be put on the stdin of its job: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

bool input_keep(const char *data, size_t len, struct buf *name, struct buf *why)
{
	int fd = io_temporary_named(name), error = errno;

	if (fd >= 0) {
		error = io_write(fd, data, len) ? 0 : errno;
		if (close(fd) < 0 && !error)
			error = errno;
		if (error)
			unlink(buf_str(name));
	}
	if (error && (fd >= 0 || name->len))
		buf_addf(why, "cannot be put into the file %s: %s", buf_str(name), strerror(error));
	return fd >= 0 && !error;
}
