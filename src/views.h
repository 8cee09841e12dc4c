/* The views of a run: what is seen of it, and kept on record, as the options ask. They listen
 * to its events (events.h).
 *
 * The main thread opens and closes them; views_render is called in one thread at a time. */
#ifndef PQ_VIEWS_H
#define PQ_VIEWS_H

#include <stdbool.h>
#include <stddef.h>

struct chain;
struct delivery;
struct events;
struct group;
struct options;
struct outlet;
struct output_watcher;
struct plan;
struct progress;
struct section;
struct snapshot;
struct stats;
struct store;
struct views;

struct views_rules {
	const struct plan *plan;
	struct store *store;   /* holds what jobs printed */
	struct events *events; /* to listen to */
	/* This could not be written to, or read back; any thread. */
	void (*failed)(void *ctx, const char *what, int error);
	/* The same, of what nobody's work depends on: the run goes on. Told once for each. */
	void (*lost)(void *ctx, const char *what, int error);
	bool (*unheard)(void *ctx); /* would nobody see what is written any more? Any thread */
	/* Text for standard output (attempts.h). */
	void (*print)(void *ctx, struct chain *text, bool wait);
	void *ctx;
};

/* Dies, before anything is started, when something cannot be opened. */
struct views *views_open(const struct views_rules *rules);
/* So many bytes of the end of what the section's attempts print on this stream are for views. */
size_t views_tail(const struct options *o, const struct section *s, int stream);
/* Who wants to know what attempts print; NULL: nobody. */
const struct output_watcher *views_watcher(const struct views *v);
struct progress *views_progress(const struct views *v); /* NULL: none */
/* Write the job, which has ended, as --json, --results and --files ask; out: standard output.
 * What is left of its stderr is to be written as it is. False: that has failed. */
bool views_render(struct views *v, struct delivery *d, const struct outlet *out);
/* All has come to its end. */
struct views_end {
	const struct snapshot *snap;
	struct stats *stats;        /* of all groups */
	const struct group *groups; /* as many as there are sections */
	bool quiet;                 /* what has failed is not said */
};

/* Say the last state, what was measured if that is asked for, and what has failed; and free.
 * NULL, or what could not be written to, with errno. */
const char *views_close(struct views *v, const struct views_end *end);

#endif
