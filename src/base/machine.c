/* How busy the machine is. See machine.h. */
#include "base/machine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

size_t machine_longest_argument(void)
{
	long page = sysconf(_SC_PAGESIZE);

	return 32 * (size_t)(page > 0 ? page : 4096) - 1;
}
