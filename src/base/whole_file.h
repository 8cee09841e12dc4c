/* A file that is there whole or not at all: what it is to hold is written beside it, under
 * another name, which then takes its place. Whoever reads it sees what was there before or
 * all that is new. A run that is killed leaves at most that other name, which the next one
 * takes away. Where files can be made that have no name, several runs may write the same one.
 *
 * What is no regular file, as a device or a pipe, is written to as it is; a FIFO that nobody
 * reads cannot be (ENXIO). One thread at a time. */
#ifndef PQ_WHOLE_FILE_H
#define PQ_WHOLE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct whole_file;

/* Find the place, once, and see that it may be written to; nothing is made there yet. NULL
 * with errno set: it cannot be. */
struct whole_file *whole_file_open(const char *path);
/* Its mode is this from now on, whatever it was and umask says. */
void whole_file_mode(struct whole_file *f, mode_t mode);
/* Let it hold these bytes. As often as is wanted, each time in place of what was there. False
 * with errno set: it holds what it did before. */
bool whole_file_write(struct whole_file *f, const char *data, size_t len);
void whole_file_close(struct whole_file *f);

#endif
