/* Find a program the way the shell does, and see whether it can run at all. */
#ifndef PQ_PROGRAM_H
#define PQ_PROGRAM_H

#include "action/template/template.h"

struct buf;

/* Look for `name` in $PATH, or take it as it is when it holds a slash. Returns 0
 * with the path in *path (owned by the caller), or 127 (not found) or 126 (no
 * permission, a directory, a text file without a #! line, its interpreter is
 * missing) with one line in `why`. Any thread. */
int program_find(const char *name, char **path, struct buf *why);
/* Which shell is this program, whatever it is called: one file with the bash or dash that
 * $PATH has? Any thread. */
enum shell_kind program_shell(const char *path);

#endif
