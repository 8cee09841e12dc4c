/* Shells by what they are called. See shell_name.h. */
#include "base/shell_name.h"

#include <stddef.h>
#include <string.h>

bool shell_name_is_foreign(const char *path)
{
	static const char *const names[] = {
		"fish", "csh", "tcsh", "pwsh", "nu", "elvish", "xonsh", "rc",
	};
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}
