/* Preload it: what happens when a process is to be born.
 *
 * BIRTHS=N   nobody is born before N births are under way at once; one that has waited
 *            for the others for half a minute fails
 * REFUSE=N   the first N births are refused for want of processes
 * REFUSE=all those of the thread that is the first to try are, for ever
 * REFUSE_WHILE=FILE  they are refused for want of processes while that is there
 * OLD=1      the kernel has no CLONE_PIDFD, and says nothing of it, as before Linux 5.2 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

typedef int clone_call(int (*)(void *), void *, int, void *, pid_t *, void *, pid_t *);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t enough = PTHREAD_COND_INITIALIZER;
static pthread_t first;
static int tried;

static int number(const char *name)
{
	const char *value = getenv(name);

	return value ? atoi(value) : 0;
}

static int may_be_born(void)
{
	const char *refuse = getenv("REFUSE"), *sign = getenv("REFUSE_WHILE");
	struct timespec until;
	int error = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 30;
	pthread_mutex_lock(&lock);
	if (!tried++)
		first = pthread_self();
	pthread_cond_broadcast(&enough);
	while (tried < number("BIRTHS") && !error)
		error = pthread_cond_timedwait(&enough, &lock, &until);
	if (error)
		error = EPERM;
	else if ((sign && access(sign, F_OK) == 0) || tried <= number("REFUSE")
	         || (refuse && strcmp(refuse, "all") == 0 && pthread_equal(first, pthread_self())))
		error = EAGAIN;
	pthread_mutex_unlock(&lock);
	return error;
}

int clone(int (*run)(void *), void *stack, int flags, void *arg, ...)
{
	clone_call *next = (clone_call *)dlsym(RTLD_NEXT, "clone");
	__builtin_va_list more;
	pid_t *pidfd;

	__builtin_va_start(more, arg);
	pidfd = __builtin_va_arg(more, pid_t *);
	__builtin_va_end(more);
	errno = may_be_born();
	if (errno)
		return -1;
	return next(run, stack, number("OLD") ? flags & ~CLONE_PIDFD : flags, arg, pidfd, NULL,
		NULL);
}
