/* How rows of options are written. Each says of its row whom it is about, `options` or
 * `section`, and where it has its place or its function there: a row cannot say one thing and
 * do another. */
#ifndef PQ_OPTIONS_ROWS_H
#define PQ_OPTIONS_ROWS_H

#include <stddef.h>

#include "options/table.h"

#define PLACED(whose, kind_, field) \
	.scope = SCOPE_##whose, .kind = OPTION_##kind_, .place = offsetof(struct whose, field)
#define FLAG(whose, field) PLACED(whose, FLAG, field)
#define CHOSEN(whose, field, value) PLACED(whose, CHOICE, field), .choice = (value)
#define OWN(whose, function) \
	.scope = SCOPE_##whose, .kind = OPTION_OWN, .set_##whose = (function)
#define MEANING .meaning = true

#endif
