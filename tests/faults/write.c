/* Preloaded into pq: writing goes less smoothly.
 *
 * Of the writes to standard output, standard error and regular files,
 *   WRITE_MOST=n   none takes more than n bytes at a time,
 *   WRITE_AGAIN=n  each n-th is answered with EAGAIN,
 *   WRITE_SLOW=n   one to standard error takes n milliseconds more before it is made,
 *   WRITE_FAIL=n   the n-th fails with EIO, or as WRITE_ERROR says (ENOSPC, EBADF),
 *                  and the file WRITE_TOLD is made. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long most, again, victim, slow;
static int error = EIO;
static _Atomic long count;

static long number(const char *name)
{
	const char *value = getenv(name);

	unsetenv(name);
	return value ? atol(value) : 0;
}

static void read_error(void)
{
	const char *name = getenv("WRITE_ERROR");

	if (name && strcmp(name, "ENOSPC") == 0)
		error = ENOSPC;
	else if (name && strcmp(name, "EBADF") == 0)
		error = EBADF;
	unsetenv("WRITE_ERROR");
}

/* Jobs are to be spared. */
__attribute__((constructor)) static void begin(void)
{
	most = number("WRITE_MOST");
	again = number("WRITE_AGAIN");
	victim = number("WRITE_FAIL");
	slow = number("WRITE_SLOW");
	read_error();
	unsetenv("LD_PRELOAD");
}

/* The wake-up pipes between pq's threads are not meant. */
static int is_meant(int fd)
{
	struct stat st;

	return fd == 1 || fd == 2 || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode));
}

/* May the write be made? If so *len is what it may take. */
static int allowed(int fd, size_t *len)
{
	const char *told;
	long n;

	if (!is_meant(fd))
		return 1;
	if (slow && fd == 2)
		nanosleep(&(struct timespec){ slow / 1000, slow % 1000 * 1000000 }, NULL);
	n = atomic_fetch_add(&count, 1) + 1;
	if (n == victim) {
		told = getenv("WRITE_TOLD");
		if (told)
			close(open(told, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
		errno = error;
		return 0;
	}
	if (again && n % again == 0) {
		errno = EAGAIN;
		return 0;
	}
	if (most && *len > (size_t)most)
		*len = (size_t)most;
	return 1;
}

ssize_t write(int fd, const void *data, size_t len)
{
	return allowed(fd, &len) ? syscall(SYS_write, fd, data, len) : -1;
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
	return allowed(fd, &len) ? syscall(SYS_pwrite64, fd, data, len, at) : -1;
}

/* SQLite's name for it. */
ssize_t pwrite64(int fd, const void *data, size_t len, off_t at)
{
	return pwrite(fd, data, len, at);
}
