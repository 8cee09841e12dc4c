/* The views of a run: what is seen of it, and kept on record, as the options ask.
 *
 * The main thread opens and closes them; views_written is called in one thread at a
 * time, with what the collector has written. */
#ifndef PQ_VIEWS_H
#define PQ_VIEWS_H

struct delivery;
struct measures;
struct draft;
struct options;
struct progress;
struct snapshot;
struct store;
struct views;

/* Dies, before anything is started, when something cannot be opened. The store holds
 * the tails of results; header: the record that names the columns, or NULL. */
struct views *views_open(const struct options *options, struct store *store,
	const struct draft *header);
struct progress *views_progress(const struct views *v); /* NULL: none */
/* These are done, a list by next, and their bytes are out. NULL, or what could not be
 * written to, with errno. */
const char *views_written(struct views *v, const struct delivery *list);
/* Say the last state, and what was measured unless that is NULL; and free. NULL, or as
 * above. */
const char *views_close(struct views *v, const struct snapshot *snap,
	const struct measures *measures);

#endif
