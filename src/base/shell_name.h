/* Shells by what they are called. Pure. */
#ifndef PQ_SHELL_NAME_H
#define PQ_SHELL_NAME_H

#include <stdbool.h>

/* Is it one that people work in and that reads another language than sh does: fish, csh ...? */
bool shell_name_is_foreign(const char *path);

#endif
