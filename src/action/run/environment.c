/* The environment of what is run. See environment.h. */
#include "action/run/environment.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

extern char **environ;

const char *const environment_names[ENVIRONMENT_NAMES] = {
	"PQ_SEQ=", "PARALLEL_SEQ=", "PQ_SLOT=", "PARALLEL_JOBSLOT=", "PQ_ATTEMPT=",
	"PQ_GROUP=", "PQ_ID=", "PQ_SOURCE=",
};

static const char *slot_name; /* or NULL */

void environment_name_slot(const char *name)
{
	slot_name = name;
}

int environment_add_slot(struct buf *to, unsigned slot)
{
	if (!slot_name)
		return 0;
	buf_addf(to, "%c%s=%u", 0, slot_name, slot);
	return 1;
}

static bool is_ours(const char *variable)
{
	size_t len = slot_name ? strlen(slot_name) : 0;

	if (len && strncmp(variable, slot_name, len) == 0 && variable[len] == '=')
		return true;
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
