/* What a job reads. See input.h. */
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
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
