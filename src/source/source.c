/* Sources by their addresses. See source.h. */
#include "source/source.h"

#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "base/msg.h"

bool source_is_dead(const char *address)
{
	static const char end[] = ".jsonl";
	size_t len = strlen(address), n = sizeof end - 1;

	return len > n && strcmp(address + len - n, end) == 0;
}

struct source *source_open(const char *address, const struct source_rules *rules)
{
	struct input input = { .file = address };
	struct stat st;

	bool directory = strcmp(address, "-") != 0 && stat(address, &st) == 0
		&& S_ISDIR(st.st_mode);

	if (directory && rules->blocks)
		msg_die(2, "%s is a directory: --pipe cuts what is in a file; with --content each "
			"file below it is the stdin of a job", address);
	if (!directory && source_is_dead(address)) {
		if (!json_value_built())
			msg_die(2, "--from %s: built without jansson; install it and run "
				"./configure again", address);
		return source_dead(address, rules);
	}
	if (rules->blocks)
		return source_blocks(address, rules);
	if (directory)
		return source_directory(address);
	return source_inputs(&input, 1, rules);
}

/* Only a single regular file can be reckoned. */
static uint64_t estimate(struct source *s, int64_t born)
{
	uint64_t bytes = atomic_load_explicit(&s->bytes, memory_order_relaxed);
	uint64_t done = atomic_load_explicit(&s->bytes_done, memory_order_relaxed);

	if (!bytes || !done || done > bytes)
		return 0;
	return (uint64_t)((double)born * (double)bytes / (double)done);
}

uint64_t source_total(struct source **sources, size_t count, int64_t born, bool *estimated)
{
	uint64_t total = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t known = atomic_load(&sources[i]->total);

		if (!known) {
			*estimated = true;
			return count == 1 ? estimate(sources[0], born) : 0;
		}
		total += known;
	}
	return total;
}
