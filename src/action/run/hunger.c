/* Does a process wait for more input? See hunger.h. */
#include "action/run/hunger.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__

#include <sys/syscall.h>

enum { HUNGER_TEXT = 256, HUNGER_DEPTH = 3 };

/* The beginning of a file of /proc, with a NUL. */
static bool hunger_read(pid_t pid, const char *name, char text[HUNGER_TEXT])
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, HUNGER_TEXT - 1);
	close(fd);
	if (n < 0)
		return false;
	text[n] = '\0';
	return true;
}

static bool hunger_same_pipe(pid_t pid, const struct stat *in)
{
	struct stat its;
	char path[64];

	snprintf(path, sizeof path, "/proc/%ld/fd/0", (long)pid);
	return stat(path, &its) == 0 && its.st_ino == in->st_ino && its.st_dev == in->st_dev;
}

/* A shell waits for what it has started: whoever of these has the pipe is asked. */
static enum hunger hunger_seen(pid_t pid, const struct stat *in, int depth)
{
	enum hunger most = HUNGER_NONE;
	char text[HUNGER_TEXT], reading[32], path[64], *next;

	if (!hunger_read(pid, "syscall", text))
		return HUNGER_UNKNOWN;
	snprintf(reading, sizeof reading, "%ld 0x0 ", (long)SYS_read);
	if (strncmp(text, reading, strlen(reading)) == 0)
		return hunger_same_pipe(pid, in) ? HUNGER_WAITS : HUNGER_NONE;
	snprintf(path, sizeof path, "task/%ld/children", (long)pid);
	if (depth >= HUNGER_DEPTH || !hunger_read(pid, path, text))
		return most;
	for (char *s = text; most != HUNGER_WAITS; s = next) {
		long child = strtol(s, &next, 10);

		if (next == s)
			break;
		most = hunger_seen((pid_t)child, in, depth + 1);
	}
	return most;
}

#else

static enum hunger hunger_seen(pid_t pid, const struct stat *in, int depth)
{
	(void)pid;
	(void)in;
	(void)depth;
	return HUNGER_UNKNOWN;
}

#endif

enum hunger hunger_of(pid_t pid, int in)
{
	struct stat st;
	int left = 1;

	if (ioctl(in, FIONREAD, &left) == 0 && left > 0)
		return HUNGER_NONE;
	return fstat(in, &st) == 0 ? hunger_seen(pid, &st, 0) : HUNGER_NONE;
}
