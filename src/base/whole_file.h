/* A file that is there whole or not at all: what it is to hold is written beside it, under
 * another name, which then takes its place. Whoever reads it sees what was there before or
 * all that is new, and a run that is killed leaves nothing.
 *
 * What is no regular file, as a device or a pipe, is written to as it is. One thread at a
 * time. */
#ifndef PQ_WHOLE_FILE_H
#define PQ_WHOLE_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct whole_file;

/* Find the place, once, and see that it may be written to; nothing is made there yet. NULL
 * with errno set: it cannot be. */
struct whole_file *whole_file_open(const char *path);
/* Let it hold these bytes. As often as is wanted, each time in place of what was there. False
 * with errno set: it holds what it did before. */
bool whole_file_write(struct whole_file *f, const char *data, size_t len);
void whole_file_close(struct whole_file *f);

#endif
