/* The file of -o. See outfile.h. */
#include "sink/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/msg.h"
#include "base/status.h"

static const char *name; /* of the file, or NULL; set before there are threads */

void outfile_open(const char *wanted)
{
	int fd;

	name = wanted;
	if (!name)
		return;
	fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0)
		msg_die(STATUS_OUTPUT, "cannot open %s (-o): %s; nothing was started", name,
			strerror(errno));
	close(fd);
}

static bool outfile_cut(off_t size)
{
	return ftruncate(STDOUT_FILENO, size) == 0 && lseek(STDOUT_FILENO, size, SEEK_SET) >= 0;
}

void outfile_begin(uint64_t size)
{
	if (name && outfile_regular() && !outfile_cut((off_t)size))
		msg_die(STATUS_OUTPUT, "cannot write to %s (-o): %s; nothing was started", name,
			strerror(errno));
}

bool outfile_regular(void)
{
	struct stat st;

	return fstat(STDOUT_FILENO, &st) == 0 && S_ISREG(st.st_mode);
}

uint64_t outfile_size(void)
{
	struct stat st;

	return fstat(STDOUT_FILENO, &st) == 0 ? (uint64_t)st.st_size : 0;
}

bool outfile_end(void)
{
	/* A pipe or a device may have nothing that could be synced. */
	return !name || fdatasync(STDOUT_FILENO) == 0 || errno == EINVAL || errno == EROFS
		|| errno == ENOTSUP;
}
