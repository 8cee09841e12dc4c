/* --json=attempts: an object for each attempt, with what it printed.
 *
 * The last one of a job is written where that of the job would be, by views_render. Those
 * before it are written when they end, or, where the output is in order, together with it. */
#ifndef PQ_ATTEMPTS_H
#define PQ_ATTEMPTS_H

#include <stdbool.h>

struct attempts;
struct chain;
struct delivery;
struct event;
struct outlet;
struct store;

struct attempts_rules {
	struct store *store;
	bool ordered;
	/* Text for standard output, between results, which is moved out of the chain. wait: as
	 * long as there is much of it. Any thread. */
	void (*print)(void *ctx, struct chain *text, bool wait);
	/* What an attempt printed cannot be read back, or put aside. Any thread. */
	void (*failed)(void *ctx, const char *what, int error);
	void *ctx;
};

struct attempts *attempts_new(const struct attempts_rules *rules);
/* ENDED, LOST or DROPPED. */
void attempts_hear(void *attempts, const struct event *e);
/* The job has ended: write the attempts that are kept, and the last one, unless the job goes on
 * elsewhere, or `never` says that this one was not begun. False, with errno set, when they
 * cannot be read back. The collector's thread. */
bool attempts_render(struct attempts *a, const struct delivery *d, const struct outlet *out,
	bool never);
void attempts_free(struct attempts *a);

#endif
