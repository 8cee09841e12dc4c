/* The views of a run: what is seen of it, and kept on record, as the options ask.
 *
 * The main thread opens and closes them; views_render and views_written are called in one
 * thread at a time, with what the collector is to write, and has written. */
#ifndef PQ_VIEWS_H
#define PQ_VIEWS_H

#include <stdbool.h>

struct delivery;
struct group;
struct outlet;
struct plan;
struct progress;
struct snapshot;
struct stats;
struct store;
struct views;

/* Dies, before anything is started, when something cannot be opened. The store holds
 * what jobs printed. */
struct views *views_open(const struct plan *plan, struct store *store);
struct progress *views_progress(const struct views *v); /* NULL: none */
/* Write the job, which has ended, as --json and --results ask; out: standard output. NULL,
 * or what could not be written or read back, with errno. */
const char *views_render(struct views *v, const struct delivery *d, const struct outlet *out);
/* An attempt of a command has ended and has its verdict; the item whose end was that of
 * the run, by --halt (once). Any thread. */
void views_attempted(struct views *v, const struct delivery *d);
void views_halted(struct views *v, const struct delivery *d);
/* These are done, a list by next, and their bytes are out. NULL, or what could not be
 * written to, with errno. */
const char *views_written(struct views *v, const struct delivery *list);
/* All has come to its end. */
struct views_end {
	const struct snapshot *snap;
	struct stats *stats;        /* of all groups */
	const struct group *groups; /* as many as there are sections */
	bool quiet;                 /* what has failed is not said */
};

/* Say the last state, what was measured if that is asked for, and what has failed; and free.
 * NULL, or as above. */
const char *views_close(struct views *v, const struct views_end *end);

#endif
