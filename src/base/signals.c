/* What can wake the supervisor. See signals.h. */
#include "base/signals.h"

#include "config.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#ifdef HAVE_SIGNALFD
#include <sys/signalfd.h>
#endif

#include "base/clock.h"
#include "base/thread.h"

static const int taken[] = {
	SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGTTIN, SIGCONT, SIGUSR1, SIGUSR2,
#ifdef SIGINFO
	SIGINFO,
#endif
};
/* What ends or stops a program, if nobody has asked for anything else. */
static const int passed[] = {
	SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGTTIN,
};
/* Our own knock on the supervisor's door. */
enum { KNOCK = SIGALRM };

static sigset_t original, waited_for;
#ifdef HAVE_SIGNALFD
static sigset_t ending; /* those of them that do not stop */
static int door = -1;   /* a signalfd, by which they are seen before they are taken; -1: none */
#endif
static bool chld_ignored;

bool signals_ignored(int sig)
{
	struct sigaction now;

	return sigaction(sig, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

void signals_pass(bool on)
{
	sigset_t blocked;

	sigfillset(&blocked);
	for (size_t i = 0; on && i < sizeof passed / sizeof *passed; i++)
		if (!sigismember(&original, passed[i]))
			sigdelset(&blocked, passed[i]);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
}

void signals_open(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &original);
	/* Ignored, it would make waitid lose the children's statuses. */
	chld_ignored = signals_ignored(SIGCHLD);
	if (chld_ignored)
		signal(SIGCHLD, SIG_DFL);
	sigemptyset(&waited_for);
	sigaddset(&waited_for, KNOCK);
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		if (!signals_ignored(taken[i]) && !sigismember(&original, taken[i]))
			sigaddset(&waited_for, taken[i]);
#ifdef HAVE_SIGNALFD
	ending = waited_for;
	sigdelset(&ending, SIGTSTP);
	sigdelset(&ending, SIGTTIN);
	door = signalfd(-1, &waited_for, SFD_CLOEXEC);
#endif
}

const sigset_t *signals_original(void)
{
	return &original;
}

bool signals_chld_ignored(void)
{
	return chld_ignored;
}

static struct timespec signals_limit(int64_t most)
{
	return most < 0 ? (struct timespec){ 0, 0 }
		: (struct timespec){ most / CLOCK_SECOND, most % CLOCK_SECOND };
}

/* A stop that was taken is put back, so that a SIGCONT from now on calls it off as it does any
 * pending one. So does one that came in between, if it did before it was looked for: one that
 * comes later and before the stop is back is lost with it, and pq stops for ever. That is why
 * there is a door. */
static void put_back_stop(int sig)
{
	sigset_t pending;

	if (sigpending(&pending) == 0 && !sigismember(&pending, SIGCONT))
		raise(sig);
}

static int signals_take(int64_t most)
{
	struct timespec limit = signals_limit(most);
	int sig = sigtimedwait(&waited_for, NULL, &limit);

	if (sig == SIGTSTP || sig == SIGTTIN)
		put_back_stop(sig);
	return sig;
}

#ifdef HAVE_SIGNALFD
static bool signals_is_stop(const sigset_t *pending, int sig)
{
	return sigismember(pending, sig) == 1 && sigismember(&waited_for, sig) == 1;
}

/* A stop stays where it is, and the system calls it off when a SIGCONT comes. */
static int signals_see(int64_t most)
{
	struct timespec limit = signals_limit(most), now = { 0, 0 };
	struct pollfd at_door = { .fd = door, .events = POLLIN };
	sigset_t pending;
	int sig;

	if (ppoll(&at_door, 1, &limit, NULL) <= 0)
		return 0;
	sig = sigtimedwait(&ending, NULL, &now);
	if (sig > 0 || sigpending(&pending))
		return sig;
	return signals_is_stop(&pending, SIGTSTP) ? SIGTSTP
		: signals_is_stop(&pending, SIGTTIN) ? SIGTTIN : 0;
}
#endif

int signals_wait(int64_t most)
{
	int sig;

#ifdef HAVE_SIGNALFD
	sig = door >= 0 ? signals_see(most) : signals_take(most);
#else
	sig = signals_take(most);
#endif
	return sig < 0 || sig == KNOCK ? 0 : sig;
}

/* Blocked, it waits though its default is to be ignored. */
void signals_wait_child(int64_t most)
{
	struct timespec limit = signals_limit(most);
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	if (most > 0)
		sigtimedwait(&child, NULL, &limit);
}

void signals_wake(void)
{
	kill(getpid(), KNOCK);
}

void signals_stop_here(int sig)
{
	/* What was put back is delivered here; this thread goes on after SIGCONT. */
	thread_signal(sig, true);
	thread_signal(sig, false);
}

void signals_die(int sig)
{
	struct rlimit no_core = { 0, 0 };

	setrlimit(RLIMIT_CORE, &no_core);
	signal(sig, SIG_DFL);
	raise(sig);
	thread_signal(sig, true);
	_exit(128 + sig); /* the first process of a container does not die of it */
}
