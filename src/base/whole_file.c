/* A file that is there whole or not at all. See whole_file.h. */
#include "base/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/random.h"

enum { RANDOM_DIGITS = 12 };

struct whole_file {
	int dir;    /* where it is; -1: it is no regular file, and */
	int direct; /* is written to by this; else -1 */
	char *name; /* there; owned */
};

/* No regular file. */
static int whole_file_direct(const char *path, const struct stat *st)
{
	if (S_ISDIR(st->st_mode)) {
		errno = EISDIR;
		return -1;
	}
	return open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
}

/* The directory of a path without links at its end, and where the name in it begins. */
static int whole_file_directory(char *path, char **name)
{
	char *slash = strrchr(path, '/');
	int dir;

	*name = slash ? slash + 1 : path;
	if (!slash)
		return open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*slash = '\0';
	dir = open(slash == path ? "/" : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*slash = '/';
	return dir;
}

/* May a file be made there, and what is there be replaced? */
static bool whole_file_may(const struct whole_file *f)
{
	if (!*f->name) {
		errno = EISDIR;
		return false;
	}
	return faccessat(f->dir, ".", W_OK | X_OK, AT_EACCESS) == 0
		&& (faccessat(f->dir, f->name, W_OK, AT_EACCESS) == 0 || errno == ENOENT);
}

struct whole_file *whole_file_open(const char *path)
{
	struct whole_file *f = mem_zero(sizeof *f);
	char *real, *name;
	struct stat st;
	bool there = stat(path, &st) == 0;
	int error;

	f->dir = f->direct = -1;
	if (there && !S_ISREG(st.st_mode)) {
		f->direct = whole_file_direct(path, &st);
		if (f->direct >= 0)
			return f;
	} else {
		real = there ? realpath(path, NULL) : mem_copy(path, strlen(path));
		if (real) {
			f->dir = whole_file_directory(real, &name);
			f->name = mem_copy(name, strlen(name));
			free(real);
		}
		if (f->dir >= 0 && whole_file_may(f))
			return f;
	}
	error = errno;
	whole_file_close(f);
	errno = error;
	return NULL;
}

/* A new file beside it, with the mode of the one that is there; its descriptor, or -1. */
static int whole_file_beside(const struct whole_file *f, struct buf *name)
{
	char digits[RANDOM_DIGITS + 1];
	struct stat st;
	int fd;

	random_hex(digits, RANDOM_DIGITS);
	buf_addf(name, ".%.200s.%s", f->name, digits);
	fd = openat(f->dir, buf_str(name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd >= 0 && fstatat(f->dir, f->name, &st, 0) == 0)
		(void)!fchmod(fd, st.st_mode & 07777); /* where that is not allowed it is as new */
	return fd;
}

static bool whole_file_replace(const struct whole_file *f, const char *data, size_t len)
{
	struct buf name = { 0 };
	int fd = whole_file_beside(f, &name), error;
	bool ok = fd >= 0 && io_write(fd, data, len);

	error = errno;
	if (fd >= 0 && close(fd) < 0 && ok) {
		ok = false;
		error = errno;
	}
	if (ok && renameat(f->dir, buf_str(&name), f->dir, f->name) < 0) {
		ok = false;
		error = errno;
	}
	if (fd >= 0 && !ok)
		unlinkat(f->dir, buf_str(&name), 0);
	buf_free(&name);
	errno = error;
	return ok;
}

bool whole_file_write(struct whole_file *f, const char *data, size_t len)
{
	return f->direct >= 0 ? io_write(f->direct, data, len) : whole_file_replace(f, data, len);
}

void whole_file_close(struct whole_file *f)
{
	if (f->dir >= 0)
		close(f->dir);
	if (f->direct >= 0)
		close(f->direct);
	free(f->name);
	free(f);
}
