/* Find a program and see whether it can run. See program.h. */
#include "action/run/program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/msg.h"

/* As much of a first line as the kernel looks at (BINPRM_BUF_SIZE). */
#define HEAD 256

static int program_refuse(struct buf *why, int status, const char *name, const char *reason)
{
	buf_clear(why);
	msg_quote(why, name, strlen(name), 200);
	buf_addf(why, ": %s", reason);
	return status;
}

/* Is the interpreter that a "#! /path args" line names there? */
static bool interpreter_runs(char *line)
{
	char *path = line + 2 + strspn(line + 2, " \t");

	path[strcspn(path, " \t\n")] = '\0';
	return *path && access(path, X_OK) == 0;
}

static int look_inside(const char *path, const char *name, struct buf *why)
{
	char head[HEAD + 1];
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0; /* may be run without being readable */
	n = read(fd, head, HEAD);
	close(fd);
	if (n < 0)
		return 0;
	head[n] = '\0';
	if (n == 0)
		return program_refuse(why, 126, name, "cannot be run: the file is empty");
	if (head[0] == '#' && head[1] == '!') {
		if (interpreter_runs(head))
			return 0;
		return program_refuse(why, 126, name, "cannot be run: the interpreter in its #! line "
			"is missing");
	}
	/* Binary formats hold a NUL early on; the kernel knows which it can run. */
	if (memchr(head, '\0', (size_t)n))
		return 0;
	return program_refuse(why, 126, name, "cannot be run: a text file without a #! line; "
		"add one, or run it as an argument of its interpreter");
}

static int check(const char *path, const char *name, struct buf *why)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return program_refuse(why, errno == EACCES ? 126 : 127, name,
			errno == EACCES ? "permission denied" : "no such file");
	if (S_ISDIR(st.st_mode))
		return program_refuse(why, 126, name, "is a directory");
	if (!S_ISREG(st.st_mode)) /* opening a FIFO would wait for its writer */
		return program_refuse(why, 126, name, "is not a regular file");
	if (access(path, X_OK) < 0)
		return program_refuse(why, 126, name, "permission denied: not executable");
	return look_inside(path, name, why);
}

/* What else it may be that was meant. */
static void hint(struct buf *why, const char *name)
{
	struct buf function = { 0 };

	buf_addf(&function, "BASH_FUNC_%s%%%%", name);
	if (getenv(function.data))
		buf_addf(why, "; it is a function that bash exported: pq bash -c '%s \"$1\"' _ {}", name);
	buf_free(&function);
}

/* Try each directory; the first that can run wins, else the best reason. */
static int search(const char *name, const char *dirs, char **path, struct buf *why)
{
	int status = program_refuse(why, 127, name, "command not found");
	struct buf full = { 0 };

	while (status) {
		size_t n = strcspn(dirs, ":");
		struct stat st;

		buf_clear(&full);
		buf_add(&full, n ? dirs : ".", n ? n : 1);
		buf_addf(&full, "/%s", name);
		if (stat(buf_str(&full), &st) == 0 && !S_ISDIR(st.st_mode))
			status = check(full.data, name, why);
		if (!status)
			*path = mem_copy(full.data, full.len);
		if (!dirs[n])
			break;
		dirs += n + 1;
	}
	buf_free(&full);
	if (!status)
		buf_clear(why);
	else if (status == 127)
		hint(why, name);
	return status;
}

int program_find(const char *name, char **path, struct buf *why)
{
	const char *dirs = getenv("PATH");
	int status;

	if (!*name)
		return program_refuse(why, 127, name, "command not found");
	if (!strchr(name, '/'))
		return search(name, dirs ? dirs : "/bin:/usr/bin", path, why);
	status = check(name, name, why);
	if (!status)
		*path = mem_copy(name, strlen(name));
	return status;
}

/* The same file, by whatever name? */
static bool is_same(const char *path, const char *name)
{
	struct buf why = { 0 };
	struct stat a, b;
	char *other = NULL;
	bool same = program_find(name, &other, &why) == 0 && stat(path, &a) == 0
		&& stat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;

	free(other);
	buf_free(&why);
	return same;
}

enum shell_kind program_shell(const char *path)
{
	struct buf why = { 0 };
	enum shell_kind kind = SHELL_UNKNOWN;
	char *found = NULL;

	if (program_find(path, &found, &why) == 0)
		kind = is_same(found, "bash") ? SHELL_BASH : is_same(found, "dash") ? SHELL_DASH
			: SHELL_UNKNOWN;
	free(found);
	buf_free(&why);
	return kind;
}
