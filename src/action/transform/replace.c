/* Replace a file's content. See replace.h. */
#include "action/transform/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"
#include "config.h"

struct replacement {
	char *path;       /* the file itself, no link to it; owned */
	struct buf name;  /* of the new one, while it has one; else empty */
	struct stat old;
	int fd;
};

/* Beside the file, hidden, and nobody else's. */
static void choose_name(struct replacement *r)
{
	static _Atomic unsigned long count;
	const char *slash = strrchr(r->path, '/');
	size_t dir = slash ? (size_t)(slash + 1 - r->path) : 0;

	buf_clear(&r->name);
	buf_add(&r->name, r->path, dir);
	buf_addf(&r->name, ".pq-%ld-%lu.tmp", (long)getpid(), atomic_fetch_add(&count, 1));
}

static int open_named(struct replacement *r)
{
	int fd;

	do {
		choose_name(r);
		fd = open(buf_str(&r->name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
			0600);
	} while (fd < 0 && errno == EEXIST);
	if (fd < 0)
		buf_clear(&r->name);
	return fd;
}

static int open_new(struct replacement *r)
{
#ifdef HAVE_O_TMPFILE
	struct buf dir = { 0 };
	const char *slash = strrchr(r->path, '/');
	int fd;

	if (slash)
		buf_add(&dir, r->path, (size_t)(slash + 1 - r->path));
	else
		buf_addc(&dir, '.');
	fd = open(buf_str(&dir), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	buf_free(&dir);
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd;
#endif
	return open_named(r);
}

static void discard(struct replacement *r)
{
	int error = errno;

	if (r->fd >= 0)
		close(r->fd);
	if (r->name.len)
		unlink(buf_str(&r->name));
	buf_free(&r->name);
	free(r->path);
	free(r);
	errno = error;
}

struct replacement *replace_begin(const char *path, const struct stat *st)
{
	struct replacement *r = mem_zero(sizeof *r);

	r->fd = -1;
	r->old = *st;
	r->path = realpath(path, NULL);
	if (r->path)
		r->fd = open_new(r);
	if (r->fd >= 0)
		return r;
	discard(r);
	return NULL;
}

bool replace_write(struct replacement *r, const char *data, size_t len)
{
	return io_write(r->fd, data, len);
}

/* A nameless file needs a name before it can be renamed. */
static bool give_name(struct replacement *r)
{
	char self[64];

	if (r->name.len)
		return true;
	snprintf(self, sizeof self, "/proc/self/fd/%d", r->fd);
	do {
		choose_name(r);
		if (linkat(AT_FDCWD, self, AT_FDCWD, buf_str(&r->name), AT_SYMLINK_FOLLOW) == 0)
			return true;
	} while (errno == EEXIST);
	buf_clear(&r->name);
	return false;
}

/* chown takes away the set-id bits: the mode comes after it. */
static bool take_after(struct replacement *r)
{
	if ((r->old.st_uid != geteuid() || r->old.st_gid != getegid())
	    && fchown(r->fd, r->old.st_uid, r->old.st_gid) < 0)
		return false;
	return fchmod(r->fd, r->old.st_mode & 07777) == 0;
}

/* Another name for the old content; where there are no hard links it moves there. */
static bool keep_old(const struct replacement *r, const char *suffix)
{
	struct buf name = { 0 };
	bool kept;

	buf_addf(&name, "%s%s", r->path, suffix);
	if (unlink(buf_str(&name)) < 0 && errno != ENOENT) {
		buf_free(&name);
		return false;
	}
	kept = link(r->path, buf_str(&name)) == 0 || rename(r->path, buf_str(&name)) == 0;
	buf_free(&name);
	return kept;
}

bool replace_commit(struct replacement *r, const char *suffix)
{
	bool done = take_after(r) && fsync(r->fd) == 0 && give_name(r)
		&& (!*suffix || keep_old(r, suffix))
		&& rename(buf_str(&r->name), r->path) == 0;

	if (done)
		buf_clear(&r->name);
	discard(r);
	return done;
}

void replace_abandon(struct replacement *r)
{
	discard(r);
}
