/* What can wake the supervisor. See signals.h. */
#include "base/signals.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

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
}

const sigset_t *signals_original(void)
{
	return &original;
}

bool signals_chld_ignored(void)
{
	return chld_ignored;
}

/* A stop that was taken is put back, so that a SIGCONT from now on calls it off as
 * it does any pending one, and so does one that came in between: else pq would
 * stop after the last SIGCONT there is, and for ever. */
static void put_back_stop(int sig)
{
	sigset_t pending;

	if (sigpending(&pending) == 0 && !sigismember(&pending, SIGCONT))
		raise(sig);
}

int signals_wait(int64_t most)
{
	struct timespec limit = { most / CLOCK_SECOND, most % CLOCK_SECOND };
	int sig;

	if (most < 0)
		limit = (struct timespec){ 0, 0 };
	sig = sigtimedwait(&waited_for, NULL, &limit);
	if (sig == SIGTSTP || sig == SIGTTIN)
		put_back_stop(sig);
	return sig < 0 || sig == KNOCK ? 0 : sig;
}

/* Blocked, it waits though its default is to be ignored. */
void signals_wait_child(int64_t most)
{
	struct timespec limit = { most / CLOCK_SECOND, most % CLOCK_SECOND };
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
