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
#include "config.h"

enum { TRIES = 3 };

struct whole_file {
	int dir;    /* where it is; -1: it is no regular file, and */
	int direct; /* is written to by this; else -1 */
	char *name; /* there; owned */
	char *beside; /* what it is called before it is whole; owned */
	mode_t mode;  /* 0: as it is, or as the system makes one */
};

/* No regular file. */
static int whole_file_direct(const char *path, const struct stat *st)
{
	if (S_ISDIR(st->st_mode)) {
		errno = EISDIR;
		return -1;
	}
	return open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
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

/* The name beside it is always the same: what is left of a run that was killed does not add
 * up, but is taken away by the next one. */
static void whole_file_call(struct whole_file *f, const char *name)
{
	struct buf beside = { 0 };

	buf_addf(&beside, ".%.200s.new", name);
	f->name = mem_copy(name, strlen(name));
	f->beside = mem_copy(beside.data, beside.len);
	buf_free(&beside);
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
			whole_file_call(f, name);
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

/* With the mode that was asked for, or that of the file that is there. */
static bool whole_file_fill(const struct whole_file *f, int fd, const char *data, size_t len)
{
	struct stat st;

	if (f->mode && fchmod(fd, f->mode) < 0)
		return false;
	if (!f->mode && fstatat(f->dir, f->name, &st, 0) == 0)
		(void)!fchmod(fd, st.st_mode & 07777); /* where that is not allowed it is as new */
	return io_write(fd, data, len);
}

/* Keeps errno, unless this is what fails. */
static bool whole_file_end(int fd, bool ok)
{
	int error = errno;

	if (close(fd) < 0 && ok)
		return false;
	errno = error;
	return ok;
}

#ifdef HAVE_O_TMPFILE
/* What a run that was killed has left is in the way of nobody. */
static bool whole_file_link(const struct whole_file *f, int fd)
{
	char self[64];

	snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	do {
		unlinkat(f->dir, f->beside, 0);
		if (linkat(AT_FDCWD, self, f->dir, f->beside, AT_SYMLINK_FOLLOW) == 0)
			return true;
	} while (errno == EEXIST);
	return false;
}

/* It gets its name when it is whole. *can: such files can be made there. */
static bool whole_file_nameless(const struct whole_file *f, const char *data, size_t len,
	bool *can)
{
	int fd = openat(f->dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
	bool filled;

	*can = fd >= 0;
	if (!*can)
		return false;
	filled = whole_file_fill(f, fd, data, len);
	*can = !filled || whole_file_link(f, fd);
	return whole_file_end(fd, filled) && *can;
}
#endif

static bool whole_file_make(const struct whole_file *f, const char *data, size_t len)
{
	int fd;
#ifdef HAVE_O_TMPFILE
	bool can, done = whole_file_nameless(f, data, len, &can);

	if (can)
		return done;
#endif
	unlinkat(f->dir, f->beside, 0);
	fd = openat(f->dir, f->beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	return fd >= 0 && whole_file_end(fd, whole_file_fill(f, fd, data, len));
}

/* Another run that writes the same file may have taken the one beside it: then once more. */
static bool whole_file_replace(const struct whole_file *f, const char *data, size_t len)
{
	bool ok;
	int error;

	for (int i = 0; i < TRIES; i++) {
		ok = whole_file_make(f, data, len);
		if (ok && renameat(f->dir, f->beside, f->dir, f->name) == 0)
			return true;
		if (!ok || errno != ENOENT)
			break;
	}
	error = errno;
	unlinkat(f->dir, f->beside, 0);
	errno = error;
	return false;
}

bool whole_file_write(struct whole_file *f, const char *data, size_t len)
{
	return f->direct >= 0 ? io_write(f->direct, data, len) : whole_file_replace(f, data, len);
}

void whole_file_mode(struct whole_file *f, mode_t mode)
{
	f->mode = mode;
}

void whole_file_close(struct whole_file *f)
{
	if (f->dir >= 0)
		close(f->dir);
	if (f->direct >= 0)
		close(f->direct);
	free(f->name);
	free(f->beside);
	free(f);
}
