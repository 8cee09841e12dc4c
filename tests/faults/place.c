/* A shim to preload: what can come between the moment a file is read and the moment it
 * is replaced.
 *
 * PLACE_SYNC    a command for the shell; the first fsync waits for its end
 * PLACE_NOPROC  a file that has no name gets none: there is no /proc */
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

int fsync(int fd);
int linkat(int from, const char *old, int to, const char *new, int flags);

int fsync(int fd)
{
	static atomic_flag over = ATOMIC_FLAG_INIT;
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
	const char *command = getenv("PLACE_SYNC");

	if (command && !atomic_flag_test_and_set(&over) && system(command) != 0)
		abort();
	return real(fd);
}

int linkat(int from, const char *old, int to, const char *new, int flags)
{
	int (*real)(int, const char *, int, const char *, int) =
		(int (*)(int, const char *, int, const char *, int))dlsym(RTLD_NEXT, "linkat");

	if (getenv("PLACE_NOPROC") && strncmp(old, "/proc/", 6) == 0) {
		errno = ENOENT;
		return -1;
	}
	return real(from, old, to, new, flags);
}
