/* Threads, locks and conditions. See thread.h. */
#include "base/thread.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/saturate.h"

#define STACK_SIZE (256 * 1024)

#ifdef WAITS_UNCAPPED
#define LONGEST_WAIT (20 * 86400 * CLOCK_SECOND) /* milliseconds for poll, in an int */
#else
#define LONGEST_WAIT CLOCK_SECOND
#endif

void lock_init(lock *l)
{
	thread_must(pthread_mutex_init(l, NULL));
}

bool lock_try(lock *l)
{
	return pthread_mutex_trylock(l) == 0;
}

bool lock_take_for(lock *l, int64_t most)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until); /* the clock POSIX gives this call */
	most = saturate_after(most, until.tv_nsec);
	until.tv_sec += most / CLOCK_SECOND;
	until.tv_nsec = most % CLOCK_SECOND;
	return pthread_mutex_timedlock(l, &until) == 0;
}

int64_t thread_patience(int64_t most)
{
	return most < LONGEST_WAIT ? most : LONGEST_WAIT;
}

void condition_init(condition *c)
{
	pthread_condattr_t attr;

	thread_must(pthread_condattr_init(&attr));
	thread_must(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC));
	thread_must(pthread_cond_init(c, &attr));
	thread_must(pthread_condattr_destroy(&attr));
}

void condition_wait(condition *c, lock *l, int64_t most)
{
	struct timespec until;
	int error;

	clock_gettime(CLOCK_MONOTONIC, &until);
	most = thread_patience(most < 0 ? INT64_MAX : most) + until.tv_nsec;
	until.tv_sec += most / CLOCK_SECOND;
	until.tv_nsec = most % CLOCK_SECOND;
	error = pthread_cond_timedwait(c, l, &until);
	if (error != ETIMEDOUT)
		thread_must(error);
}

bool thread_start(pthread_t *t, void *(*run)(void *), void *arg)
{
	pthread_attr_t attr;
	int error;

	thread_must(pthread_attr_init(&attr));
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	error = pthread_create(t, &attr, run, arg);
	pthread_attr_destroy(&attr);
	errno = error;
	return error == 0;
}

void thread_signal(int sig, bool through)
{
	sigset_t one;

	sigemptyset(&one);
	sigaddset(&one, sig);
	thread_must(pthread_sigmask(through ? SIG_UNBLOCK : SIG_BLOCK, &one, NULL));
}

void thread_name(const char *name)
{
#ifdef __linux__
	pthread_setname_np(pthread_self(), name);
#else
	(void)name;
#endif
}

void thread_join(pthread_t t)
{
	thread_must(pthread_join(t, NULL));
}
