/* Control groups. See cgroup.h.
 *
 * /proc/self/cgroup says in which group the process is, one line for each hierarchy, and
 * /proc/self/mountinfo where that is mounted, and which part of it (in a container often
 * the group of the container itself): cgroups(7), proc_pid_mountinfo(5). */
#include "base/cgroup.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* A hierarchy: the group of this process in it, by its path from the hierarchy's top. */
struct cgroup_place {
	bool unified;          /* version 2 */
	const char *path;
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

/* The beginning of a small file, as one line; false when there is none. */
static bool cgroup_read(const char *dir, const char *name, char *line, int size)
{
	struct buf path = { 0 };
	FILE *f;
	bool there;

	buf_addf(&path, "%s/%s", dir, name);
	f = fopen(buf_str(&path), "re");
	buf_free(&path);
	if (!f)
		return false;
	there = fgets(line, size, f) != NULL;
	fclose(f);
	return there;
}

/* By the files of one group; 0: no limit. */
static double cgroup_quota(const char *dir, bool unified)
{
	double quota = 0, period = 0;
	char line[128];

	if (unified) {
		if (!cgroup_read(dir, "cpu.max", line, sizeof line)
		    || sscanf(line, "%lf %lf", &quota, &period) != 2) /* max: none */
			return 0;
	} else {
		if (!cgroup_read(dir, "cpu.cfs_quota_us", line, sizeof line)
		    || sscanf(line, "%lf", &quota) != 1
		    || !cgroup_read(dir, "cpu.cfs_period_us", line, sizeof line)
		    || sscanf(line, "%lf", &period) != 1)
			return 0;
	}
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
static double cgroup_mounted(const char *root, char *line, const struct cgroup_place *at)
{
	char *part = NULL, *point = NULL, *type, *own, *dash = strstr(line, " - ");
	struct buf mount = { 0 };
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
	if (!point || !type || strcmp(type, at->unified ? "cgroup2" : "cgroup") != 0
	    || (!at->unified && !cgroup_lists(own, "cpu")))
		return 0;
	cgroup_unescape(part);
	cgroup_unescape(point);
	buf_addf(&mount, "%s%s", root, point);
	least = cgroup_quotas(buf_str(&mount), cgroup_below(part, at->path), at->unified);
	buf_free(&mount);
	return least;
}

/* Each line of the file, without its end, until the function has had the last one. */
static double cgroup_lines(const char *root, const char *name,
	double (*of)(const char *root, char *line, const struct cgroup_place *at),
	const struct cgroup_place *at)
{
	struct buf path = { 0 };
	double least = 0;
	char *line = NULL;
	size_t room = 0;
	FILE *f;

	buf_addf(&path, "%s/proc/self/%s", root, name);
	f = fopen(buf_str(&path), "re");
	buf_free(&path);
	if (!f)
		return 0;
	while (getline(&line, &room, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		least = cgroup_least(least, of(root, line, at));
	}
	free(line);
	fclose(f);
	return least;
}

/* A line of cgroup: number, controllers (none in version 2), path, with colons between. */
static double cgroup_member(const char *root, char *line, const struct cgroup_place *none)
{
	char *controllers = strchr(line, ':'), *path;

	(void)none;
	if (!controllers || !(path = strchr(++controllers, ':')))
		return 0;
	*path++ = '\0';
	if (*path != '/' || (*controllers && !cgroup_lists(controllers, "cpu")))
		return 0;
	return cgroup_lines(root, "mountinfo", cgroup_mounted,
		&(struct cgroup_place){ !*controllers, path });
}

double cgroup_processors(const char *root)
{
	return cgroup_lines(root, "cgroup", cgroup_member, NULL);
}
