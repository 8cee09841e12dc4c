/* Replace a file's content. See replace.h. */
#include "action/transform/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "action/transform/attributes.h"
#include "action/transform/claim.h"
#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"
#include "config.h"

/* As many as the system itself follows. */
#define LINKS_MOST 40

#ifdef O_PATH
#define DIRECTORY_FLAGS (O_PATH | O_DIRECTORY | O_CLOEXEC)
#else
#define DIRECTORY_FLAGS (O_RDONLY | O_DIRECTORY | O_CLOEXEC)
#endif

struct replacement {
	int dir;          /* the directory that the file stands in */
	struct buf name;  /* its name there, which is no link's */
	int old;          /* the file, for reading */
	struct stat st;
	struct claim claim;
	bool claimed;
	int new;          /* what is to take its place; -1: none yet */
	struct buf temporary; /* the name of that, while it has one; else empty */
};

/* --- looking it up --------------------------------------------------------- */

/* Go to the directory of the path, seen from where we are; the rest is the name. */
static bool enter_directory(struct replacement *r, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash + 1 - path) : 0;
	int from = r->dir >= 0 ? r->dir : AT_FDCWD, dir;
	struct buf text = { 0 };

	buf_add(&text, path, len);
	if (!len)
		buf_addc(&text, '.');
	dir = openat(from, buf_str(&text), DIRECTORY_FLAGS);
	buf_free(&text);
	if (dir < 0)
		return false;
	io_close(&r->dir);
	r->dir = dir;
	buf_clear(&r->name);
	buf_adds(&r->name, path[len] ? path + len : ".");
	return true;
}

/* The name was found to be a link. */
static bool follow(struct replacement *r)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(r->dir, buf_str(&r->name), target, sizeof target - 1);

	if (n < 0)
		return false;
	target[n] = '\0';
	return enter_directory(r, target);
}

static bool look_up(struct replacement *r, const char *path)
{
	bool found = enter_directory(r, path);

	for (int links = 0; found; links++) {
		r->old = openat(r->dir, buf_str(&r->name),
			O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
		if (r->old >= 0)
			return fstat(r->old, &r->st) == 0;
		if ((errno != ELOOP && errno != EMLINK) || links == LINKS_MOST)
			return false;
		found = follow(r);
	}
	return false;
}

/* Does the name still lead to the file that is held? */
static bool is_in_place(struct replacement *r)
{
	struct stat now;

	return fstatat(r->dir, buf_str(&r->name), &now, AT_SYMLINK_NOFOLLOW) == 0
		&& now.st_dev == r->st.st_dev && now.st_ino == r->st.st_ino;
}

static void replace_forget(struct replacement *r)
{
	if (r->claimed)
		claim_give(&r->claim);
	r->claimed = false;
	io_close(&r->old);
	io_close(&r->dir);
}

/* Whoever had the file before us may have put another in its place. */
static bool look_up_claimed(struct replacement *r, const char *path)
{
	for (;;) {
		if (!look_up(r, path))
			return false;
		if (!S_ISREG(r->st.st_mode))
			return true;
		claim_take(&r->claim, &r->st);
		r->claimed = true;
		if (is_in_place(r))
			return true;
		replace_forget(r);
	}
}

struct replacement *replace_open(const char *path)
{
	struct replacement *r = mem_zero(sizeof *r);

	r->dir = r->old = r->new = -1;
	if (look_up_claimed(r, path))
		return r;
	replace_close(r);
	return NULL;
}

int replace_source(const struct replacement *r)
{
	return r->old;
}

const struct stat *replace_stat(const struct replacement *r)
{
	return &r->st;
}

/* --- the new file ---------------------------------------------------------- */

/* Beside the file, hidden, and nobody else's. */
static const char *choose_name(struct buf *name)
{
	static _Atomic unsigned long count;

	buf_clear(name);
	buf_addf(name, ".pq-%ld-%lu.tmp", (long)getpid(), atomic_fetch_add(&count, 1));
	return buf_str(name);
}

static int open_named(struct replacement *r)
{
	int fd;

	do {
		fd = openat(r->dir, choose_name(&r->temporary),
			O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	} while (fd < 0 && errno == EEXIST);
	if (fd < 0)
		buf_clear(&r->temporary);
	return fd;
}

bool replace_begin(struct replacement *r)
{
#ifdef HAVE_O_TMPFILE
	r->new = openat(r->dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (r->new >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return r->new >= 0;
#endif
	r->new = open_named(r);
	return r->new >= 0;
}

bool replace_write(struct replacement *r, const char *data, size_t len)
{
	return io_write(r->new, data, len);
}

/* --- putting it in place --------------------------------------------------- */

static bool copy_content(int from, int to)
{
	char bytes[65536];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(from, bytes, sizeof bytes, at)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || !io_write(to, bytes, (size_t)n))
			return false;
		at += n;
	}
	return true;
}

/* Where a nameless file can get no name, for want of /proc perhaps, a named one serves. */
static bool use_named(struct replacement *r)
{
	int nameless = r->new;

	r->new = open_named(r);
	if (r->new < 0) {
		r->new = nameless;
		return false;
	}
	if (!copy_content(nameless, r->new)) {
		int error = errno;

		close(nameless);
		errno = error;
		return false;
	}
	close(nameless);
	return true;
}

/* A nameless file needs a name before it can be renamed. */
static bool give_name(struct replacement *r)
{
	char self[64];

	if (r->temporary.len)
		return true;
	snprintf(self, sizeof self, "/proc/self/fd/%d", r->new);
	do {
		if (linkat(AT_FDCWD, self, r->dir, choose_name(&r->temporary),
		    AT_SYMLINK_FOLLOW) == 0)
			return true;
	} while (errno == EEXIST);
	buf_clear(&r->temporary);
	return use_named(r);
}

static bool keep_old_as(struct replacement *r, const char *kept)
{
	struct buf link = { 0 };
	const char *old = buf_str(&r->name);
	bool done;
	int error;

	do
		done = linkat(r->dir, old, r->dir, choose_name(&link), 0) == 0;
	while (!done && errno == EEXIST);
	if (done) {
		done = renameat(r->dir, buf_str(&link), r->dir, kept) == 0;
		error = errno;
		/* Still there also where the two were one file already. */
		unlinkat(r->dir, buf_str(&link), 0);
		errno = error;
	} else {
		done = renameat(r->dir, old, r->dir, kept) == 0;
	}
	buf_free(&link);
	return done;
}

/* Another name for the old content; where there are no hard links it moves there. */
static bool keep_old(struct replacement *r, const char *suffix)
{
	struct buf kept = { 0 };
	bool done;

	if (!*suffix)
		return true;
	buf_addf(&kept, "%s%s", buf_str(&r->name), suffix);
	done = keep_old_as(r, buf_str(&kept));
	buf_free(&kept);
	return done;
}

static bool put_in_place(struct replacement *r, const char *suffix, struct buf *why)
{
	if (!give_name(r) || !attributes_copy(r->old, &r->st, r->new, why)
	    || fsync(r->new) < 0)
		return false;
	if (!is_in_place(r)) {
		buf_adds(why, "another file has taken its name meanwhile");
		errno = 0;
		return false;
	}
	return keep_old(r, suffix) && renameat(r->dir, buf_str(&r->temporary), r->dir,
		buf_str(&r->name)) == 0;
}

bool replace_commit(struct replacement *r, const char *suffix, struct buf *why)
{
	if (put_in_place(r, suffix, why)) {
		buf_clear(&r->temporary);
		return true;
	}
	if (!why->len)
		buf_adds(why, strerror(errno));
	return false;
}

void replace_close(struct replacement *r)
{
	int error = errno;

	io_close(&r->new);
	if (r->temporary.len)
		unlinkat(r->dir, buf_str(&r->temporary), 0);
	buf_free(&r->temporary);
	replace_forget(r);
	buf_free(&r->name);
	free(r);
	errno = error;
}
