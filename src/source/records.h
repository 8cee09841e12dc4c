/* Cuts a stream of bytes into records, without ever blocking.
 *
 * One thread. Views stay valid until the next call. */
#ifndef PQ_RECORDS_H
#define PQ_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct records;

enum cut {
	CUT_RECORD,   /* *data, *len: a record without its separator */
	CUT_TOO_LONG, /* *data, *len: the beginning of one that is longer than allowed, or than
	               * there is memory for: records_too_long */
	CUT_NOTHING,  /* nothing now: poll records_fd */
	CUT_END,      /* the end; the last record may lack its separator */
	CUT_FAILED    /* a read error, told; an unfinished record is dropped */
};

/* Open a file by name, "-" for standard input; NULL when it cannot be: told. */
struct records *records_open(const char *name, char separator, uint64_t max);
/* Its end is none: wait for more, as follow.h says. Before the first record. */
void records_follow(struct records *r, bool strict);
/* Records are CSV (base/csv.h) with this byte between fields: a separator in a field in
 * quotes is none. Before the first record. */
void records_quote(struct records *r, char column, bool lax);
/* What begins so is a line even where records are CSV; the text lives as long. */
void records_comment(struct records *r, const char *sign);
/* What begins with a byte order mark is text: leave the mark out. Before the first
 * record. */
void records_skip_mark(struct records *r);
/* What is to be said of the last record that was too long: a constant. */
const char *records_too_long(const struct records *r);
/* Was the last record that was too long so for a quote that does not end? Then so many
 * lines went with it; else 0. */
uint64_t records_in_quote(const struct records *r);
enum cut records_next(struct records *r, const char **data, size_t *len);
/* Many at once, without copying them: CUT_RECORD adds whole records to `to`, each with
 * its separator, at most about `size` bytes where they are not longer; *unended: it is
 * one, the last, and had none. It never waits, so what is there comes at once.
 * CUT_TOO_LONG as above, and nothing is added. records_next is for before the
 * first call only. */
enum cut records_run(struct records *r, struct buf *to, size_t size, bool *unended,
	const char **data, size_t *len);
/* Add some bytes as they come, uncut, at most so many: CUT_RECORD, or CUT_NOTHING,
 * CUT_END, CUT_FAILED. A pipe through which much comes is widened. Not to be mixed with
 * the others. */
enum cut records_read(struct records *r, struct buf *to, size_t most);
int records_fd(const struct records *r); /* after CUT_NOTHING it may be another one */
uint64_t records_size(const struct records *r); /* of a regular file; else 0 */
uint64_t records_done(const struct records *r); /* bytes cut so far */
/* Is it a file on standard input, whose offset is shared with whoever has it open, too? */
bool records_shared(const struct records *r);
/* A shared offset goes back to so many bytes behind where it was at first, if more was
 * read; after the last read. Else nothing happens. */
void records_leave(struct records *r, uint64_t used);
void records_close(struct records *r);

#endif
