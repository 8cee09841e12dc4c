/* The rows of a job log (view/joblog.h), read as a whole: of each job the last one.
 *
 * It is read before anything is started, by the main thread. */
#ifndef PQ_ROWS_H
#define PQ_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct outcome;
struct retry_rules;

/* Is that done, and not failed? */
typedef bool rows_done(const struct retry_rules *rules, const struct outcome *o);

struct row {
	uint64_t seq;
	uint64_t hash;       /* of the command, for who asks for it: 0 */
	const char *command; /* as it stands in the log: a view into the text */
	size_t len;
	bool failed;
	bool fed;            /* the job had something on its stdin */
};

/* Zero-initialise; free with rows_free. */
struct rows {
	struct row *list;    /* by seq */
	size_t count, room;
	struct buf text;
};

/* False with errno when it cannot be read. Dies with 2 when it is no job log. A line
 * without its end was never a row. */
bool rows_read(struct rows *r, const char *path, rows_done *done,
	const struct retry_rules *rules);
void rows_forget_text(struct rows *r); /* no command is asked for any more */
void rows_free(struct rows *r);

#endif
