/* A semaphore. See sem.h. */
#include "sem/sem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "action/run/running.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/status.h"
#include "sem/locks.h"
#include "sem/place.h"
#include "workers/jobs.h"

enum { SEM_DOOR, SEM_SLOTS, SEM_LINE = 1 << 20 }; /* where bytes of each kind begin, */
#define SEM_END ((off_t)1 << 40)      /* and end */
enum { SEM_DESCRIPTOR = 10 };         /* and up: those below are what commands use */
#define SEM_LEAST CLOCK_MS            /* between two looks of the first in line, */
#define SEM_MOST (50 * CLOCK_MS)      /* which become fewer */
enum { SEM_LOOKS = 100, SEM_LOOK = 20 /* ms */ }; /* of a guardian, at what it has killed */

struct sem {
	struct sem_rules rules;
	const char *id;
	struct buf name; /* of the file, */
	int dir;         /* in this directory; */
	int fd;          /* and the file, open */
	off_t place;     /* in line; 0: none */
	off_t slot;      /* 0: none as yet */
	int64_t until;
	unsigned slots;  /* the last number that was known */
	pid_t owner;     /* whose guardian has besides */
	struct running_besides besides;
};

static _Noreturn void sem_fail(struct sem *s, const char *what)
{
	int why = errno;
	struct buf id = { 0 };

	msg_quote(&id, s->id, strlen(s->id), 60);
	msg_die(STATUS_CANNOT, "semaphore %s: cannot %s: %s", buf_str(&id), what,
		why == ENOTSUP ? "this system has no locks that commands inherit" : strerror(why));
}

/* --- the file ------------------------------------------------------------ */

static struct sem *sem_new(const struct sem_rules *rules)
{
	struct sem *s = mem_zero(sizeof *s);
	const char *terminal = ttyname(STDIN_FILENO);
	struct buf why = { 0 };

	s->rules = *rules;
	s->id = rules->id ? rules->id : terminal ? terminal : "not a tty";
	s->until = rules->patience ? clock_now() + rules->patience : LOCKS_FOREVER;
	s->slots = 1;
	s->fd = -1;
	place_name(s->id, &s->name);
	s->dir = place_open(&why);
	if (s->dir < 0)
		msg_die(STATUS_CANNOT, "no place for semaphores: %s", buf_str(&why));
	buf_free(&why);
	return s;
}

static void sem_free(struct sem *s)
{
	if (s->fd >= 0)
		close(s->fd);
	close(s->dir);
	buf_free(&s->name);
	free(s);
}

static bool sem_open(struct sem *s, int flags)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = openat(s->dir, buf_str(&s->name), O_RDWR | O_NOFOLLOW | O_CLOEXEC | flags, 0600);
	if (s->fd < 0 && errno != ENOENT)
		sem_fail(s, "open its file");
	return s->fd >= 0;
}

/* Has nobody removed the file since it was opened? */
static bool sem_stands(struct sem *s, int fd)
{
	struct stat ours, there;

	return fstat(fd, &ours) == 0
		&& fstatat(s->dir, buf_str(&s->name), &there, AT_SYMLINK_NOFOLLOW) == 0
		&& ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

/* Does nobody have a slot, or stand in line? */
static bool sem_is_empty(int fd)
{
	return locks_held(fd, SEM_SLOTS, SEM_END, 1, NULL) == 0;
}

/* Who ends while this one looks finds the door taken, and goes: it looks again for him. */
static void sem_tidy(struct sem *s, int fd)
{
	bool empty = true;

	while (empty && locks_try(fd, SEM_DOOR)) {
		empty = sem_is_empty(fd);
		if (empty && sem_stands(s, fd))
			unlinkat(s->dir, buf_str(&s->name), 0);
		locks_give(fd, SEM_DOOR);
		if (empty)
			return;
		empty = sem_is_empty(fd);
	}
}

/* --- waiting ------------------------------------------------------------- */

/* Another has been waited for. False: it is late. */
static bool sem_await(struct sem *s, off_t byte, int64_t until)
{
	switch (locks_await(s->fd, byte, until)) {
	case LOCKS_HAD:
		return true;
	case LOCKS_LATE:
		return false;
	case LOCKS_FAILED:
		break;
	}
	sem_fail(s, "lock its file");
}

/* Behind those that are there. False: it is late, and perhaps the file is gone by now. */
static bool sem_join(struct sem *s)
{
	off_t last;

	do {
		sem_open(s, O_CREAT);
		if (!sem_await(s, SEM_DOOR, s->until))
			return false;
	} while (!sem_stands(s, s->fd));
	last = locks_last(s->fd, SEM_LINE, SEM_END);
	s->place = last < 0 ? SEM_LINE : last + 1;
	if (!locks_try(s->fd, s->place))
		sem_fail(s, "lock its file");
	locks_give(s->fd, SEM_DOOR);
	return true;
}

/* Until none is before it: whoever is, may go before his turn. False: it is late. */
static bool sem_await_turn(struct sem *s)
{
	off_t before;

	if (!sem_join(s))
		return false;
	while ((before = locks_last(s->fd, SEM_LINE, s->place)) >= 0) {
		if (!sem_await(s, before, s->until))
			return false;
		locks_give(s->fd, before);
	}
	return true;
}

static void sem_leave_line(struct sem *s)
{
	if (s->place)
		locks_give(s->fd, s->place);
	s->place = 0;
}

/* How many there are by now; a file of -j that has no number leaves it as it was. */
static size_t sem_slots(struct sem *s)
{
	unsigned wanted = jobs_wanted(s->rules.jobs, NULL);

	if (wanted)
		s->slots = wanted;
	return s->slots == JOBS_PAUSED ? 0 : s->slots;
}

/* One that has to go is waited for as long as it takes, unless the number may change; of
 * several any one may, so they are looked at again and again. */
static int64_t sem_next_look(const struct sem *s, size_t slots, int64_t patience)
{
	int64_t next = clock_now() + patience;

	return (slots == 1 && s->rules.jobs->kind != JOBS_FILE) || next > s->until ? s->until : next;
}

/* Until one of those that are held is free, or it is time to look again. */
static void sem_await_any(struct sem *s, size_t slots, const struct buf *which, int64_t patience)
{
	off_t first;

	if (slots == 0) { /* a file of -j says so, for now */
		poll(NULL, 0, (int)(patience / CLOCK_MS));
		return;
	}
	memcpy(&first, which->data, sizeof first);
	if (sem_await(s, first, sem_next_look(s, slots, patience)))
		locks_give(s->fd, first);
}

/* The first in line. False: it is late. */
static bool sem_await_slot(struct sem *s)
{
	int64_t patience = SEM_LEAST;
	struct buf which = { 0 };
	size_t slots = sem_slots(s);
	bool late = false;

	while (!late && locks_held(s->fd, SEM_SLOTS, SEM_LINE, slots, &which) >= slots) {
		sem_await_any(s, slots, &which, patience);
		late = clock_now() >= s->until;
		patience = patience * 2 > SEM_MOST ? SEM_MOST : patience * 2;
		slots = sem_slots(s);
		buf_clear(&which);
	}
	buf_free(&which);
	return !late;
}

/* Without a slot in time. True: it goes on all the same. */
static bool sem_is_late(struct sem *s, const char *for_what)
{
	struct buf id = { 0 };
	char time[CLOCK_TEXT];

	msg_quote(&id, s->id, strlen(s->id), 60);
	msg_warn("semaphore %s: %s in %s s; %s (--semaphore-timeout)", buf_str(&id), for_what,
		clock_seconds(s->rules.patience, time),
		s->rules.gives_up ? "giving up" : "going on without");
	buf_free(&id);
	return !s->rules.gives_up;
}

/* --- a slot -------------------------------------------------------------- */

/* Any that is free. Whoever is late may have no place in line, and its file be removed. */
static void sem_take_free(struct sem *s)
{
	do {
		if (s->slot)
			sem_open(s, O_CREAT);
		s->slot = SEM_SLOTS;
		while (!locks_try(s->fd, s->slot))
			if (errno == EAGAIN)
				s->slot++;
			else
				sem_fail(s, "lock its file");
	} while (!sem_stands(s, s->fd));
	sem_leave_line(s);
}

/* The command is to have it, out of the way of the descriptors that it uses itself. */
static void sem_lend(struct sem *s)
{
	int lent = fcntl(s->fd, F_DUPFD, SEM_DESCRIPTOR);

	if (lent < 0)
		sem_fail(s, "lend its file");
	close(s->fd);
	s->fd = lent;
}

/* In the guardian of a pq that is dead. What was killed still has the slot, until it is
 * gone. */
static void sem_on_killed(void *ctx)
{
	struct sem *s = ctx;
	bool dying = true;
	int fd;

	if (getppid() == s->owner)
		return; /* it lives, and has let the guardian go */
	close(s->fd);
	fd = openat(s->dir, buf_str(&s->name), O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return;
	for (int look = 0; dying && look < SEM_LOOKS; look++) {
		dying = !locks_try(fd, s->slot);
		if (dying)
			poll(NULL, 0, SEM_LOOK);
	}
	if (!dying)
		locks_give(fd, s->slot);
	sem_tidy(s, fd);
	close(fd);
}

static void sem_own(struct sem *s)
{
	s->owner = getpid();
	s->besides = (struct running_besides){ .kept = { s->dir, s->fd }, .nkept = 2,
		.leave = sem_on_killed, .ctx = s };
}

struct sem *sem_take(const struct sem_rules *rules)
{
	struct sem *s = sem_new(rules);

	if (!(sem_await_turn(s) && sem_await_slot(s)) && !sem_is_late(s, "no slot")) {
		sem_leave_line(s);
		sem_tidy(s, s->fd);
		sem_free(s);
		return NULL;
	}
	sem_take_free(s);
	sem_lend(s);
	sem_own(s);
	return s;
}

void sem_go_behind(struct sem *s)
{
	pid_t child = fork();

	if (child < 0)
		sem_fail(s, "go into the background");
	if (child > 0)
		_exit(STATUS_DONE);
	sem_own(s);
}

const struct running_besides *sem_besides(const struct sem *s)
{
	return s ? &s->besides : NULL;
}

void sem_give(struct sem *s)
{
	if (!s)
		return;
	locks_give(s->fd, s->slot);
	sem_tidy(s, s->fd);
	sem_free(s);
}

/* --- all of them --------------------------------------------------------- */

/* Those that hold slots when its turn has come; others that come later are not waited for. */
static bool sem_await_holders(struct sem *s)
{
	struct buf which = { 0 };
	bool late = false;
	off_t slot;

	locks_held(s->fd, SEM_SLOTS, SEM_LINE, SIZE_MAX, &which);
	sem_leave_line(s);
	for (size_t at = 0; !late && at < which.len; at += sizeof slot) {
		memcpy(&slot, which.data + at, sizeof slot);
		late = !sem_await(s, slot, s->until);
		if (!late)
			locks_give(s->fd, slot);
	}
	buf_free(&which);
	return !late;
}

bool sem_wait_for_all(const struct sem_rules *rules)
{
	struct sem *s = sem_new(rules);
	bool done = !sem_open(s, 0) || (sem_await_turn(s) && sem_await_holders(s))
		|| sem_is_late(s, "not all have ended");

	if (s->fd >= 0) {
		sem_leave_line(s);
		sem_tidy(s, s->fd);
	}
	sem_free(s);
	return done;
}
