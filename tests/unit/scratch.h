/* A directory for the files of one test program, gone when it ends. */
#ifndef PQ_SCRATCH_H
#define PQ_SCRATCH_H

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SCRATCH_PATH = 4096 };

static char scratch[SCRATCH_PATH];

/* Set-up of the group of tests. Others than the owner may pass through. */
static inline int scratch_make(void **state)
{
	const char *dir = getenv("TMPDIR");

	(void)state;
	snprintf(scratch, sizeof scratch, "%s/pq-unit.XXXXXX", dir && *dir ? dir : "/tmp");
	return mkdtemp(scratch) && chmod(scratch, 0711) == 0 ? 0 : -1;
}

static inline int scratch_drop(const char *path, const struct stat *st, int type,
	struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

/* And its end. */
static inline int scratch_remove(void **state)
{
	(void)state;
	return nftw(scratch, scratch_drop, 16, FTW_DEPTH | FTW_PHYS);
}

/* The path of a name in the directory; free it. */
static inline char *scratch_path(const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", scratch, name) < 0)
		abort();
	return path;
}

/* A file of this content; its path is to be freed. */
static inline char *scratch_file(const char *name, const char *data, size_t len, mode_t mode)
{
	char *path = scratch_path(name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len || fchmod(fd, mode) < 0)
		abort();
	close(fd);
	return path;
}

#endif
