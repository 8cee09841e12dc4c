/* The job log: one line for each job that has ended and whose output is written,
 * in GNU parallel's columns, tab separated.
 *
 * Rows gather in memory and reach the file with joblog_flush; a single write
 * carries whole rows. The collector's thread, after joblog_open. */
#ifndef PQ_JOBLOG_H
#define PQ_JOBLOG_H

#include <stdbool.h>

struct delivery;
struct joblog;

/* Open for writing; with append, go on after the last whole line: a torn one is
 * cut off. Without a path on standard output, to which jobs write as well. NULL with errno
 * set when that fails: EBADMSG when it is no job log. */
struct joblog *joblog_open(const char *path, bool append);
/* From now on rows have no more of hosts than their names. */
void joblog_bare(struct joblog *log);
void joblog_row(struct joblog *log, const struct delivery *d);
/* False with errno set when the rows could not be written. */
bool joblog_flush(struct joblog *log);
bool joblog_close(struct joblog *log);

#endif
