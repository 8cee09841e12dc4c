/* Sources by their addresses. See source.h. */
#include "source.h"

#include <string.h>
#include <sys/stat.h>

#include "base/msg.h"

struct source *source_open(const char *address, const struct source_rules *rules)
{
	struct input input = { .file = address };
	struct stat st;

	bool directory = strcmp(address, "-") != 0 && stat(address, &st) == 0
		&& S_ISDIR(st.st_mode);

	if (directory && rules->blocks)
		msg_die(2, "%s is a directory: --pipe cuts what is in a file; with --content each "
			"file below it is the stdin of a job", address);
	if (rules->blocks)
		return source_blocks(address, rules);
	if (directory)
		return source_directory(address);
	return source_inputs(&input, 1, rules);
}
