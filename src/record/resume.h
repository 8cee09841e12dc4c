/* What a job log says is done: --resume and --resume-failed.
 *
 * Read as a whole before anything is started; it takes some 40 bytes for each job in it.
 * The main thread opens and frees it, the reader's asks. */
#ifndef PQ_RESUME_H
#define PQ_RESUME_H

#include <stdbool.h>
#include <stdint.h>

#include "desk/recall.h"

struct delivery;
struct resume;
struct options;
struct template;

struct resume_rules {
	const struct options *options;
	/* Of each section; the array is wanted as long as the record. */
	const struct template *const *commands;
};

/* Dies with 2 when it is no job log, and with 74 when it cannot be read; one that is not
 * there is empty. The rules are copied. */
struct resume *resume_open(const struct resume_rules *rules);
void resume_free(struct resume *r);
bool resume_has_rows(const struct resume *r); /* else it is the first run */
/* As ledger_recall. */
enum recall resume_recall(struct resume *r, const struct delivery *d, bool *over);
/* How many that were recalled have failed by the log, and are left so. Not while it is asked. */
uint64_t resume_failed(const struct resume *r);

#endif
