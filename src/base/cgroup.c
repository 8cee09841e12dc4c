/* Control groups. See cgroup.h.
 *
 * /proc/self/cgroup says in which group the process is, one line for each hierarchy, and
 * /proc/self/mountinfo where that is mounted, and which part of it (in a container often
 * the group of the container itself): cgroups(7), proc_pid_mountinfo(5). */
#include "base/cgroup.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

enum { CGROUP_PIECE = 4096 };

/* The group of this process in the hierarchy of each version, by its path from the top; NULL:
 * there is none. */
struct cgroup_places {
	const char *path[2];   /* of version 1, 2 */
};

/* Is the word in the list, as cpu is in cpuacct,cpu? */
static bool cgroup_lists(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (*list) {
		size_t here = strcspn(list, ",");

		if (here == len && strncmp(list, word, len) == 0)
			return true;
		list += here + (list[here] == ',');
	}
	return false;
}

/* All of a file of these; false when there is none. They are read as pq starts, which is not to
 * take long: so there is no stream of stdio. */
static bool cgroup_read(const char *dir, const char *name, struct buf *text)
{
	struct buf path = { 0 };
	ssize_t n;
	int fd;

	buf_clear(text);
	buf_addf(&path, "%s/%s", dir, name);
	fd = open(buf_str(&path), O_RDONLY | O_CLOEXEC);
	buf_free(&path);
	if (fd < 0)
		return false;
	while ((n = read(fd, buf_reserve(text, CGROUP_PIECE), CGROUP_PIECE)) > 0)
		text->len += (size_t)n;
	close(fd);
	buf_str(text);
	return text->len > 0;
}

/* By the files of one group; 0: no limit. */
static double cgroup_quota(const char *dir, bool unified)
{
	double quota = 0, period = 0;
	struct buf text = { 0 };

	if (cgroup_read(dir, unified ? "cpu.max" : "cpu.cfs_quota_us", &text)) /* max, -1: none */
		sscanf(text.data, "%lf %lf", &quota, &period);
	if (!unified && quota > 0 && cgroup_read(dir, "cpu.cfs_period_us", &text))
		sscanf(text.data, "%lf", &period);
	buf_free(&text);
	return quota > 0 && period > 0 ? quota / period : 0;
}

static double cgroup_least(double a, double b)
{
	return !a || (b && b < a) ? b : a;
}

/* Of the group at this path below the mount point and of all that are above it there. */
static double cgroup_quotas(const char *mount, const char *path, bool unified)
{
	struct buf dir = { 0 };
	size_t top = strlen(mount);
	double least;

	buf_adds(&dir, mount);
	if (strcmp(path, "/") != 0)
		buf_adds(&dir, path);
	least = cgroup_quota(buf_str(&dir), unified);
	while (dir.len > top) {
		while (dir.len > top && dir.data[dir.len - 1] != '/')
			dir.len--;
		while (dir.len > top && dir.data[dir.len - 1] == '/')
			dir.len--;
		dir.data[dir.len] = '\0';
		least = cgroup_least(least, cgroup_quota(buf_str(&dir), unified));
	}
	buf_free(&dir);
	return least;
}

/* Blanks and the like stand there as \040, in place. */
static void cgroup_unescape(char *text)
{
	char *to = text;

	for (char *s = text; *s; to++) {
		unsigned byte;

		if (*s == '\\' && sscanf(s + 1, "%3o", &byte) == 1) {
			*to = (char)byte;
			s += 4;
		} else {
			*to = *s++;
		}
	}
	*to = '\0';
}

/* What is mounted is the part of the hierarchy below `part`: the path from there, or what is
 * mounted itself where the group is not in it, as it cannot be seen from here. */
static const char *cgroup_below(const char *part, const char *path)
{
	size_t len = strcmp(part, "/") == 0 ? 0 : strlen(part);

	if (strncmp(path, part, len) != 0 || (path[len] && path[len] != '/')
	    || strncmp(path, "/..", 3) == 0)
		return "/";
	return path[len] ? path + len : "/";
}

/* A line of mountinfo: number, parent, device, part, mount point, options, more of them up
 * to a dash; then the file system's type, its source, and its own options. */
static double cgroup_mounted(const char *root, char *line, const struct cgroup_places *at)
{
	char *part, *point, *type, *own, *dash = strstr(line, " - cgroup");
	struct buf mount = { 0 };
	const char *path;
	bool unified;
	double least;

	if (!dash)
		return 0;
	*dash = '\0';
	strtok_r(line, " ", &own);
	for (int i = 0; i < 2; i++)
		strtok_r(NULL, " ", &own);
	part = strtok_r(NULL, " ", &own);
	point = strtok_r(NULL, " ", &own);
	type = strtok_r(dash + 3, " ", &own);
	strtok_r(NULL, " ", &own);
	unified = strcmp(type, "cgroup2") == 0;
	path = unified && at->path[0] ? NULL : at->path[unified]; /* the CPUs are in one of them */
	if (!point || !path || (!unified && !(strcmp(type, "cgroup") == 0 && cgroup_lists(own, "cpu"))))
		return 0;
	cgroup_unescape(part);
	cgroup_unescape(point);
	buf_addf(&mount, "%s%s", root, point);
	least = cgroup_quotas(buf_str(&mount), cgroup_below(part, path), unified);
	buf_free(&mount);
	return least;
}

/* A line of cgroup: number, controllers (none in version 2), path, with colons between. */
static void cgroup_member(char *line, struct cgroup_places *at)
{
	char *controllers = strchr(line, ':'), *path;

	if (!controllers || !(path = strchr(++controllers, ':')))
		return;
	*path++ = '\0';
	if (*path == '/' && (!*controllers || cgroup_lists(controllers, "cpu")))
		at->path[!*controllers] = path;
}

double cgroup_processors(const char *root)
{
	struct cgroup_places at = { { NULL } };
	struct buf proc = { 0 }, groups = { 0 }, mounts = { 0 };
	double least = 0;
	char *line, *next;

	buf_addf(&proc, "%s/proc/self", root);
	if (cgroup_read(buf_str(&proc), "cgroup", &groups)
	    && cgroup_read(buf_str(&proc), "mountinfo", &mounts)) {
		for (next = groups.data; (line = strsep(&next, "\n"));)
			cgroup_member(line, &at);
		for (next = mounts.data; (line = strsep(&next, "\n"));)
			least = cgroup_least(least, cgroup_mounted(root, line, &at));
	}
	buf_free(&proc);
	buf_free(&groups);
	buf_free(&mounts);
	return least;
}
