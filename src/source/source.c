/* Sources by their addresses. See source.h. */
#include "source.h"

#include <string.h>
#include <sys/stat.h>

struct source *source_open(const char *address, const struct source_rules *rules)
{
	struct input input = { .file = address };
	struct stat st;

	if (strcmp(address, "-") != 0 && stat(address, &st) == 0 && S_ISDIR(st.st_mode))
		return source_directory(address);
	return source_inputs(&input, 1, rules);
}
