/* Locked bytes of a file. See locks.h. */
#include "sem/locks.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/thread.h"

/* How often a wait that is over is told so: the first time may fall just before the call. */
enum { LOCKS_AGAIN = 20 /* ms */ };

#ifdef F_OFD_SETLK

static int locks_do(int fd, int what, short type, off_t byte)
{
	struct flock l = { .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };

	return fcntl(fd, what, &l);
}

/* The first lock of another's that is found between these, in *l. */
static bool locks_find(int fd, off_t from, off_t end, struct flock *l)
{
	*l = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = from,
		.l_len = end - from };
	return from < end && fcntl(fd, F_OFD_GETLK, l) == 0 && l->l_type != F_UNLCK;
}

#else

/* Locks of processes would be lost with any close of the file, and are not inherited. */
enum { F_OFD_SETLK, F_OFD_SETLKW };

static int locks_do(int fd, int what, short type, off_t byte)
{
	(void)fd, (void)what, (void)type, (void)byte;
	errno = ENOTSUP;
	return -1;
}

static bool locks_find(int fd, off_t from, off_t end, struct flock *l)
{
	(void)fd, (void)from, (void)end, (void)l;
	return false;
}

#endif

bool locks_try(int fd, off_t byte)
{
	if (locks_do(fd, F_OFD_SETLK, F_WRLCK, byte) == 0)
		return true;
	if (errno == EACCES)
		errno = EAGAIN;
	return false;
}

void locks_give(int fd, off_t byte)
{
	locks_do(fd, F_OFD_SETLK, F_UNLCK, byte);
}

/* Being called is all that it is for: a call that sleeps ends with EINTR. */
static void locks_on_alarm(int sig)
{
	(void)sig;
}

static struct timeval locks_time(int64_t ns)
{
	return (struct timeval){ .tv_sec = (time_t)(ns / CLOCK_SECOND),
		.tv_usec = (suseconds_t)(ns % CLOCK_SECOND / 1000) + 1 };
}

/* From `after` ns on, again and again. */
static void locks_ring(int64_t after, struct sigaction *before)
{
	struct sigaction act = { .sa_handler = locks_on_alarm }; /* without SA_RESTART */
	struct itimerval timer = { .it_value = locks_time(after),
		.it_interval = locks_time(LOCKS_AGAIN * CLOCK_MS) };

	sigemptyset(&act.sa_mask);
	sigaction(SIGALRM, &act, before);
	thread_signal(SIGALRM, true);
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void locks_hush(const struct sigaction *before)
{
	struct itimerval none = { 0 };

	setitimer(ITIMER_REAL, &none, NULL);
	thread_signal(SIGALRM, false);
	sigaction(SIGALRM, before, NULL);
}

enum locks_end locks_await(int fd, off_t byte, int64_t until)
{
	struct sigaction before;
	int64_t now = clock_now();
	int status, why;

	if (until <= now)
		return locks_try(fd, byte) ? LOCKS_HAD : errno == EAGAIN ? LOCKS_LATE : LOCKS_FAILED;
	if (until != LOCKS_FOREVER)
		locks_ring(until - now, &before);
	do
		status = locks_do(fd, F_OFD_SETLKW, F_WRLCK, byte);
	while (status < 0 && errno == EINTR && clock_now() < until);
	why = errno;
	if (until != LOCKS_FOREVER)
		locks_hush(&before);
	errno = why;
	return status == 0 ? LOCKS_HAD : why == EINTR ? LOCKS_LATE : LOCKS_FAILED;
}

/* The kernel shows any of the locks between two bytes, not the first: what lies on either side
 * of that is looked at by itself. */
size_t locks_held(int fd, off_t from, off_t end, size_t most, struct buf *which)
{
	struct flock l;
	off_t first;
	size_t count = 1;

	if (most == 0 || !locks_find(fd, from, end, &l))
		return 0;
	first = l.l_start > from ? l.l_start : from;
	if (which)
		buf_add(which, &first, sizeof first);
	count += locks_held(fd, from, first, most - count, which);
	return count + locks_held(fd, first + 1, end, most - count, which);
}

/* Any is shown, so it is asked for a later one until there is none. */
off_t locks_last(int fd, off_t from, off_t end)
{
	off_t last = -1;
	struct flock l;

	while (locks_find(fd, from, end, &l)) {
		last = l.l_start > from ? l.l_start : from;
		from = last + 1;
	}
	return last;
}
