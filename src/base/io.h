/* Whole writes and careful opens. Any thread. */
#ifndef PQ_IO_H
#define PQ_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct buf;
struct stat;

/* Write all of it: goes on after signals and short writes, and waits with poll
 * when somebody made the shared descriptor non-blocking. False with errno set. */
bool io_write(int fd, const char *data, size_t len);
/* Occupy descriptors 0, 1 and 2 where the caller left them closed, so that no
 * file of ours lands there, in such a way that using them still fails. Before anything
 * is opened. What the caller handed down beyond these is for the jobs; each that pq
 * opens itself is close-on-exec from its birth. */
void io_settle_descriptors(void);
/* Is there something to be read? Never waits for it. A terminal in whose background pq is
 * may not be read: pq and its process group are told to stop by SIGTTIN, as the system tells
 * any other program that reads it; false then. Only what may be one (`device`) is asked. */
bool io_readable(int fd, bool device);
/* As read(2); and as above, -1 with EAGAIN. */
ssize_t io_read(int fd, char *to, size_t most);
/* Is pq in the background of that terminal still? For who takes the SIGTTIN. */
bool io_in_background(void);
/* A pipe, close-on-exec at both ends; false with errno. */
bool io_pipe(int end[2]);
/* The end of a pipe that a job reads; *to is the other one, which does not block: -1 with errno. */
int io_pipe_to(int *to);
/* Close it, if it is one, and note that: -1. */
void io_close(int *fd);
/* Much goes through this pipe: let it hold a mebibyte, so that its two ends take turns less
 * often. What is no pipe, holds more already, or may not be widened stays as it is. */
void io_widen(int fd);
/* Is this regular file what pq writes its standard output to? */
bool io_is_output(const struct stat *file);
/* A new file in $TMPDIR (or /tmp) that has no name, mode 0600; -1 with errno. */
int io_temporary(void);
/* The same with a name, which is appended. */
int io_temporary_named(struct buf *name);
/* Append the whole of a file ("-": standard input); false with errno. */
bool io_read_file(const char *name, struct buf *to);

#endif
