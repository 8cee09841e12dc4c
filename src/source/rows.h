/* The rows of a job log (view/joblog.h), read as a whole: of each job the last one. A job is
 * an item in a section.
 *
 * It is read before anything is started, by the main thread. */
#ifndef PQ_ROWS_H
#define PQ_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct outcome;

/* What who reads the log knows of the command line. */
struct rows_rules {
	/* The number, from 1, of the section that the column Host has behind its colon; 0: there
	 * is none of that name. */
	unsigned (*section)(const void *ctx, const char *name, size_t len);
	/* Is that done, and not failed, in this section? */
	bool (*done)(const void *ctx, unsigned section, const struct outcome *o);
	const void *ctx;
	bool every; /* all rows as they come, not of each job the last: logs that were put together
	             * may have several of one number */
};

struct row {
	uint64_t seq;
	uint64_t hash;       /* of the command, for who asks for it: 0 */
	int64_t took;        /* ms; what is none is 0 */
	const char *command; /* as it stands in the log: a view into the text */
	size_t len;
	unsigned section;    /* its number, from 1; 0: the log names none */
	bool failed;
	bool fed;            /* the job had something on its stdin */
};

/* Zero-initialise; free with rows_free. */
struct rows {
	struct row *list;    /* by seq, then by section */
	size_t count, room;
	const char *path;    /* while it is read, */
	size_t lines;        /* so many so far */
	struct buf text;
};

/* False with errno when it cannot be read. Dies with 2 when it is no job log, or that of a
 * section which is not there. A line without its end was never a row. */
bool rows_read(struct rows *r, const char *path, const struct rows_rules *rules);
void rows_forget_text(struct rows *r); /* no command is asked for any more */
void rows_free(struct rows *r);

#endif
