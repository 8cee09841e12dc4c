/* States of the command line: what the table of conflicts (table.h) says about it beside its
 * options, each by a name in capitals. Room: options/ only. */
#ifndef PQ_OPTIONS_STATES_H
#define PQ_OPTIONS_STATES_H

#include <stdbool.h>
#include <stddef.h>

#include "options/table.h"

/* What is asked of a section: in it, and of all. */
struct asked {
	const struct options *o;
	const struct section *s;
};

struct condition {
	const char *name, *text; /* in the table, and in messages */
	enum option_scope scope;
	bool (*holds)(const struct asked *a);
};

/* The state of this name, or NULL. */
const struct condition *states_find(const char *name, size_t len);
/* Is it about one section, the option or the state of this name? */
bool states_is_own(const char *name, size_t len);

#endif
