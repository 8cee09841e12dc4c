/* What comes after the end of a file or a FIFO. See follow.h.
 *
 * A file that is renamed is watched as itself, not by its directory: the system tells of
 * that, too, and only until another one has its name somebody has to look again and again.
 * So it is where the system tells nothing at all. */
#include "source/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/inotify.h>
#endif

#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/ticker.h"

#define LOOK_EVERY (250 * CLOCK_MS)
/* Under which the system has what is open. */
#define OPEN_AS "/proc/self/fd/%d"

enum { PATH_SIZE = 40 };

struct follow {
	const char *name;
	bool standard;         /* it is standard input */
	bool fifo;
	bool strict;
	bool left;             /* another file has its name: read to its end, and go there */
	bool missing;          /* nothing has its name */
	int tells, watch;      /* of inotify; -1: it does not tell */
	struct ticker *ticker; /* NULL: nobody has to look */
};

static const char *follow_spoken(const struct follow *f)
{
	return f->standard ? "standard input" : f->name;
}

/* --- who tells --------------------------------------------------------- */

#ifdef __linux__
static void follow_watch(struct follow *f, int fd)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof path, OPEN_AS, fd);
	if (f->tells < 0)
		f->tells = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (f->tells >= 0)
		f->watch = inotify_add_watch(f->tells, path,
			IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF);
}

static void follow_unwatch(struct follow *f)
{
	if (f->watch >= 0)
		inotify_rm_watch(f->tells, f->watch);
	f->watch = -1;
}
#else
static void follow_watch(struct follow *f, int fd)
{
	(void)f;
	(void)fd;
}

static void follow_unwatch(struct follow *f)
{
	(void)f;
}
#endif

/* Has anything been told since the last time? */
static bool follow_heard(const struct follow *f)
{
	char events[4096];
	bool heard = false;

	while (f->tells >= 0 && read(f->tells, events, sizeof events) > 0)
		heard = true;
	if (f->ticker)
		ticker_hush(f->ticker);
	return heard;
}

/* Nothing now. The ticker only runs where nobody else would tell. */
static enum follow_seen follow_wait(struct follow *f)
{
	bool look = f->missing || f->watch < 0;

	if (!look) {
		ticker_stop(f->ticker);
		f->ticker = NULL;
	} else if (!f->ticker && !(f->ticker = ticker_start(LOOK_EVERY))) {
		msg_warn("--follow %s: %s", follow_spoken(f), strerror(errno));
		return FOLLOW_FAILED;
	}
	return FOLLOW_NOTHING;
}

/* --- opening ----------------------------------------------------------- */

/* Has the FIFO on standard input a name, under which others can write to it? */
static bool follow_has_name(void)
{
	char path[PATH_SIZE], name[2];

	snprintf(path, sizeof path, OPEN_AS, STDIN_FILENO);
	return readlink(path, name, sizeof name) > 0 && *name == '/';
}

struct follow *follow_open(const char *name, int fd, bool strict)
{
	bool standard = strcmp(name, "-") == 0;
	struct follow *f;
	struct stat st;

	if (fstat(fd, &st) < 0 || !(S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode))
	    || (S_ISFIFO(st.st_mode) && standard && !follow_has_name()))
		return NULL;
	f = mem_zero(sizeof *f);
	*f = (struct follow){ .name = name, .standard = standard, .strict = strict,
		.fifo = S_ISFIFO(st.st_mode), .tells = -1, .watch = -1 };
	if (!f->fifo)
		follow_watch(f, fd);
	return f;
}

int follow_fd(const struct follow *f)
{
	return f->ticker ? ticker_fd(f->ticker) : f->tells;
}

void follow_close(struct follow *f)
{
	if (!f)
		return;
	ticker_stop(f->ticker);
	if (f->tells >= 0)
		close(f->tells);
	free(f);
}

/* --- at the end -------------------------------------------------------- */

/* Of the same kind as before; -1: there is none. */
static int follow_reopen(const struct follow *f)
{
	char path[PATH_SIZE];
	struct stat st;
	int fd;

	snprintf(path, sizeof path, OPEN_AS, STDIN_FILENO);
	errno = 0;
	fd = open(f->standard ? path : f->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0 && fstat(fd, &st) == 0 && (f->fifo ? S_ISFIFO(st.st_mode) : S_ISREG(st.st_mode)))
		return fd;
	if (fd >= 0)
		close(fd); /* and errno is 0 */
	return -1;
}

static void follow_go_to(int *fd, int next)
{
	if (*fd != STDIN_FILENO)
		close(*fd);
	*fd = next;
}

/* Opened anew it waits for its next writer. What one has written since then is not lost: the
 * FIFO is open all the time. */
static enum follow_seen follow_fifo(struct follow *f, int *fd)
{
	int next = follow_reopen(f);

	if (next < 0)
		return FOLLOW_END; /* it has been removed */
	follow_go_to(fd, next);
	return FOLLOW_ANEW;
}

static enum follow_seen follow_refuse(const struct follow *f, const char *what)
{
	msg_warn("%s was %s, and does not begin as it did: a journal or --resume can only follow what "
		"grows; it has been read to here", follow_spoken(f), what);
	return FOLLOW_FAILED;
}

/* Another file has its name. What was still written to this one is read first. */
static enum follow_seen follow_next_file(struct follow *f, int *fd)
{
	int next;

	if (f->strict)
		return follow_refuse(f, "replaced");
	if (!f->left) {
		f->left = true;
		return FOLLOW_MORE;
	}
	next = follow_reopen(f);
	if (next < 0 && errno == ENOENT) {
		f->missing = true;
		return follow_wait(f);
	}
	if (next < 0) {
		msg_warn("cannot read %s: %s; following it ends here", f->name,
			errno ? strerror(errno) : "it is no file any more");
		return FOLLOW_FAILED;
	}
	f->left = false;
	follow_unwatch(f);
	follow_go_to(fd, next);
	follow_watch(f, next);
	return FOLLOW_ANEW;
}

static enum follow_seen follow_cut_off(struct follow *f, int fd)
{
	if (f->strict)
		return follow_refuse(f, "cut off");
	msg_warn("%s was cut off: it is read again from its beginning", follow_spoken(f));
	return lseek(fd, 0, SEEK_SET) < 0 ? FOLLOW_END : FOLLOW_ANEW;
}

static enum follow_seen follow_file(struct follow *f, int *fd)
{
	bool heard = follow_heard(f);
	struct stat now, named;

	if (fstat(*fd, &now) < 0)
		return FOLLOW_END;
	if (now.st_size < lseek(*fd, 0, SEEK_CUR))
		return follow_cut_off(f, *fd);
	f->missing = !f->standard && stat(f->name, &named) < 0;
	if (!f->standard && !f->missing
	    && (named.st_dev != now.st_dev || named.st_ino != now.st_ino))
		return follow_next_file(f, fd);
	return heard ? FOLLOW_MORE : follow_wait(f);
}

enum follow_seen follow_at_end(struct follow *f, int *fd)
{
	return f->fifo ? follow_fifo(f, fd) : follow_file(f, fd);
}
