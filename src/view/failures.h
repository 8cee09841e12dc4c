/* Failures: what is said of jobs that did not end well.
 *
 * What is rare and worth knowing at once (a time limit, a death by a signal, a command that
 * could not be started) is a line when it happens, with the attempt; plain exit statuses are
 * told together at the end. Any thread may tell; one at a time adds. */
#ifndef PQ_FAILURES_H
#define PQ_FAILURES_H

#include <stdbool.h>

struct buf;
struct delivery;
struct failures;
struct snapshot;

struct failures *failures_new(void);
void failures_free(struct failures *f);

/* An attempt has ended badly, and has its verdict: tell it, if that cannot wait. attempts:
 * how many there may be. */
void failures_tell(const struct delivery *d, unsigned attempts);
/* The item has failed for good. */
void failures_add(struct failures *f, const struct delivery *d);
/* The item whose end was that of the run, by --halt. Once. */
void failures_halted(struct failures *f, const struct delivery *d);

/* Append which have failed, the first ten by number and section: "7 'a' exit 1, 9 'b' exit 2"; and
 * where all of them are: a view, or NULL. Nothing when none was added. */
void failures_names(struct buf *to, const struct failures *f, const char *log);
/* Is there any that has not been told yet? */
bool failures_untold(const struct failures *f);
/* Append why the run ended early, if --halt was why. */
void failures_halt(struct buf *to, const struct failures *f, const struct snapshot *snap);

#endif
