/* A shim to preload: an older kernel, or one that allows less. LACKS has the names of what
 * it lacks, with blanks between them:
 *   pidfd        clone() knows no CLONE_PIDFD and leaves its argument as it was
 *   close_range  there is no such call
 *   memfd        there is no memory with a descriptor
 *   tmpfile      no file can be opened without a name
 *   proc         /proc is not mounted: no file gets its name from there
 *   random       getrandom() has nothing to give
 *   signalfd     signals have no descriptor
 *   inotify      nobody tells what becomes of a file
 * What it was asked for and refused is told in the file LACKED, a name to a line. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define SYMBOL(name) ((__typeof__(&(name)))(uintptr_t)dlsym(RTLD_NEXT, #name))

static char lacks_it[256], told[1024];

/* Jobs are to be spared. */
__attribute__((constructor)) static void begin(void)
{
	snprintf(lacks_it, sizeof lacks_it, " %s ", getenv("LACKS") ? getenv("LACKS") : "");
	snprintf(told, sizeof told, "%s", getenv("LACKED") ? getenv("LACKED") : "");
	unsetenv("LD_PRELOAD");
	unsetenv("LACKS");
	unsetenv("LACKED");
}

static int lacks(const char *name)
{
	char word[32];
	int fd;

	snprintf(word, sizeof word, " %s ", name);
	if (!strstr(lacks_it, word))
		return 0;
	snprintf(word, sizeof word, "%s\n", name);
	fd = (int)syscall(SYS_openat, AT_FDCWD, told, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd >= 0) {
		(void)!write(fd, word, strlen(word));
		close(fd);
	}
	return 1;
}

int signalfd(int fd, const sigset_t *mask, int flags)
{
	if (!lacks("signalfd"))
		return SYMBOL(signalfd)(fd, mask, flags);
	errno = ENOSYS;
	return -1;
}

int inotify_init1(int flags)
{
	if (!lacks("inotify"))
		return SYMBOL(inotify_init1)(flags);
	errno = ENOSYS;
	return -1;
}

int clone(int (*run)(void *), void *stack, int flags, void *arg, ...)
{
	pid_t *pidfd;
	va_list rest;

	va_start(rest, arg);
	pidfd = va_arg(rest, pid_t *);
	va_end(rest);
	if (lacks("pidfd"))
		flags &= ~CLONE_PIDFD;
	return SYMBOL(clone)(run, stack, flags, arg, pidfd);
}

int close_range(unsigned first, unsigned last, int flags)
{
	if (lacks("close_range")) {
		errno = ENOSYS;
		return -1;
	}
	return SYMBOL(close_range)(first, last, flags);
}

int memfd_create(const char *name, unsigned flags)
{
	if (lacks("memfd")) {
		errno = ENOSYS;
		return -1;
	}
	return SYMBOL(memfd_create)(name, flags);
}

static int open_at(int dir, const char *name, int flags, mode_t mode)
{
	if ((flags & O_TMPFILE) == O_TMPFILE && lacks("tmpfile")) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return (int)syscall(SYS_openat, dir, name, flags, mode);
}

int open(const char *name, int flags, ...)
{
	mode_t mode;
	va_list rest;

	va_start(rest, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
	va_end(rest);
	return open_at(AT_FDCWD, name, flags, mode);
}

int openat(int dir, const char *name, int flags, ...)
{
	mode_t mode;
	va_list rest;

	va_start(rest, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
	va_end(rest);
	return open_at(dir, name, flags, mode);
}

int linkat(int from, const char *old, int to, const char *new, int flags)
{
	if (strncmp(old, "/proc/", 6) == 0 && lacks("proc")) {
		errno = ENOENT;
		return -1;
	}
	return (int)syscall(SYS_linkat, from, old, to, new, flags);
}

ssize_t getrandom(void *to, size_t len, unsigned flags)
{
	if (lacks("random")) {
		errno = ENOSYS;
		return -1;
	}
	return syscall(SYS_getrandom, to, len, flags);
}
