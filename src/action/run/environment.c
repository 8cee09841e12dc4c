/* The environment of what is run. See environment.h. */
#include "action/run/environment.h"

#include <stdbool.h>
#include <string.h>

#include "base/mem.h"

extern char **environ;

const char *const environment_names[ENVIRONMENT_NAMES] = {
	"PQ_SEQ=", "PARALLEL_SEQ=", "PQ_SLOT=", "PARALLEL_JOBSLOT=", "PQ_ATTEMPT=",
	"PQ_GROUP=", "PQ_ID=", "PQ_SOURCE=",
};

static bool is_ours(const char *variable)
{
	for (int i = 0; i < ENVIRONMENT_NAMES; i++)
		if (strncmp(variable, environment_names[i], strlen(environment_names[i])) == 0)
			return true;
	return false;
}

char **environment_others(size_t *count)
{
	char **others;
	size_t n = 0;

	while (environ[n])
		n++;
	others = mem_alloc((n + 1) * sizeof *others);
	*count = 0;
	for (size_t i = 0; i < n; i++)
		if (!is_ours(environ[i]))
			others[(*count)++] = environ[i];
	return others;
}
