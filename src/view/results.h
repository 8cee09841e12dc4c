/* What jobs printed, kept in files: --results, in the layouts of GNU parallel.
 *
 * A directory with three files for each job, files where a template says, or one table
 * with a row for each job. The collector's thread, after results_open. */
#ifndef PQ_RESULTS_H
#define PQ_RESULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct delivery;
struct outlet;
struct results;
struct store;

struct results_rules {
	const char *target;       /* DIR or FILE; as it was given */
	bool append;              /* a table goes on with the rows that are there */
	bool placed;              /* result.place says where, for each job: */
	size_t fixed;             /* and so many bytes of it are the same for all of them */
	const char *const *names; /* of columns, where they have some; NULL: a number */
	uint32_t nnames;
};

/* Is it one table, by the end of its name? */
bool results_is_table(const char *target);
/* Is this table to be written to standard output? */
bool results_is_output(const char *target);
/* NULL with errno when the directory or the file cannot be made. */
struct results *results_open(const struct results_rules *rules);
/* False with errno when something could not be written: `what` is its name, or empty when
 * what the job printed cannot be read back. out: standard output. */
bool results_write(struct results *r, const struct delivery *d, struct store *store,
	const struct outlet *out, struct buf *what);
/* Append the name of the file with the stdout of the one that was written last; not of a
 * table. */
void results_name(struct results *r, const struct delivery *d, struct buf *to);
bool results_close(struct results *r); /* false with errno */

#endif
