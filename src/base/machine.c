/* How busy the machine is. See machine.h. */
#include "base/machine.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/vfs.h>
#endif

#include "base/cgroup.h"

unsigned machine_processors(void)
{
#ifdef __linux__
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof set, &set) == 0)
		return (unsigned)CPU_COUNT(&set);
#endif
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n > 0 ? (unsigned)n : 1;
}

/* A part is counted where the first of its processors is. */
unsigned machine_parts(enum machine_part part)
{
	const char *list = part == MACHINE_CORES ? "thread_siblings_list" : "core_siblings_list";
	long all = sysconf(_SC_NPROCESSORS_CONF);
	unsigned count = 0;
	char path[96];

	for (long i = 0; i < all; i++) {
		FILE *f;
		long first;

		snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%ld/topology/%s", i, list);
		if (!(f = fopen(path, "re")))
			continue;
		count += fscanf(f, "%ld", &first) == 1 && first == i;
		fclose(f);
	}
	return count ? count : machine_processors();
}

unsigned machine_share(const char *root)
{
	unsigned here = machine_processors();
	double quota = cgroup_processors(root);
	unsigned whole;

	if (quota <= 0 || quota >= here)
		return here;
	whole = (unsigned)quota;
	return whole + (whole < quota);
}

/* The number behind this word at the beginning of a line of the file. */
static bool machine_read_number(const char *path, const char *word, uint64_t *n)
{
	size_t len = strlen(word);
	FILE *f = fopen(path, "re");
	char line[256];
	bool whole = true, found = false;

	if (!f)
		return false;
	while (!found && fgets(line, sizeof line, f)) {
		unsigned long long value;

		if (whole && strncmp(line, word, len) == 0 && sscanf(line + len, " %llu", &value) == 1) {
			*n = value;
			found = true;
		}
		whole = strchr(line, '\n') != NULL; /* a long line comes in pieces */
	}
	fclose(f);
	if (!found)
		errno = ENOSYS;
	return found;
}

bool machine_running(unsigned *n)
{
	uint64_t running, blocked;

	if (!machine_read_number("/proc/stat", "procs_running", &running)
	    || !machine_read_number("/proc/stat", "procs_blocked", &blocked))
		return false;
	*n = (unsigned)(running + blocked);
	if (*n)
		--*n; /* who asks runs */
	return true;
}

bool machine_memory(uint64_t *bytes)
{
	uint64_t kib;

	if (!machine_read_number("/proc/meminfo", "MemAvailable:", &kib))
		return false;
	*bytes = kib * 1024;
	return true;
}

bool machine_memory_of(pid_t pid, uint64_t *bytes)
{
	char path[40];
	uint64_t kib;

	snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
	if (!machine_read_number(path, "VmRSS:", &kib))
		return false;
	*bytes = kib * 1024;
	return true;
}

#ifdef __linux__
/* Its number, or that of the directory where it would be: statfs(2). */
static bool machine_file_system(const char *path, uint32_t *type)
{
	const char *slash = strrchr(path, '/');
	struct statfs fs;
	char dir[4096];

	if (statfs(path, &fs) < 0) {
		if (errno != ENOENT)
			return false;
		if (snprintf(dir, sizeof dir, "%.*s", slash ? (int)(slash + 1 - path) : 1,
			slash ? path : ".") >= (int)sizeof dir || statfs(dir, &fs) < 0)
			return false;
	}
	*type = (uint32_t)fs.f_type;
	return true;
}
#endif

const char *machine_network(const char *path)
{
#ifdef __linux__
	static const struct {
		uint32_t type;
		const char *name;
	} known[] = {
		{ 0x6969, "NFS" }, { 0xff534d42, "CIFS" }, { 0xfe534d42, "SMB" }, { 0x517b, "SMB" },
		{ 0x01021997, "9P" }, { 0x00c36400, "Ceph" }, { 0x5346414f, "AFS" },
		{ 0x6b414653, "AFS" }, { 0x73757245, "Coda" }, { 0x0bd00bd0, "Lustre" },
		{ 0x01161970, "GFS2" }, { 0x7461636f, "OCFS2" }, { 0x564c, "NCP" },
	};
	uint32_t type;

	if (machine_file_system(path, &type))
		for (size_t i = 0; i < sizeof known / sizeof *known; i++)
			if (known[i].type == type)
				return known[i].name;
#else
	(void)path;
#endif
	return NULL;
}

size_t machine_longest_argument(void)
{
	long page = sysconf(_SC_PAGESIZE);

	return 32 * (size_t)(page > 0 ? page : 4096) - 1;
}
