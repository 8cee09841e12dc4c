/* The groups of a run, one for each section of the command line, and the pools of workers
 * that serve them. The main thread makes and frees them; all else is as in pool.h. */
#ifndef PQ_GROUPS_H
#define PQ_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "action/run/output.h"
#include "group.h"
#include "policy/hold.h"

struct life;
struct measure;
struct plan;
struct pool;
struct snapshot;
struct stats;
struct store;

/* All callbacks are for any thread. */
struct groups_rules {
	const struct plan *plan;
	struct stats *stats;          /* of all of them together */
	bool timed;                   /* times are taken */
	struct life *life;            /* may be made later */
	struct output_rules capture;  /* but for what a section says of it */
	/* It is prepared, and will begin; or NULL. */
	void (*starting)(void *ctx, struct delivery *d);
	bool (*cancelled)(void *ctx); /* what is about to be done is in vain */
	void (*failed)(void *ctx, const char *what, int error); /* a file could not be written */
	size_t (*note)(void *ctx, const char *text, size_t len); /* as in action/run/rules.h */
	void (*unwell)(void *ctx);    /* likewise */
	void (*cannot)(void *ctx);    /* there is no process or worker, nor can there be one */
	void (*wake)(void *ctx);      /* the desk should look */
	bool (*held)(void *ctx);      /* nothing more is queued before something is settled */
	bool (*ended)(void *ctx);     /* nothing more will be queued */
	void *ctx;
};

struct groups {
	struct groups_rules rules;
	struct group *list;   /* owned, as the next two */
	struct output_rules *capture; /* of each */
	struct pool **pools;
	struct snapshot *snapshots;   /* of each; owned */
	unsigned count, npools;
	struct measure *measure;      /* owned: of what a command may be made; NULL: of any number */
	/* Is any group such? */
	bool runs_commands, scheduled, retried, ungrouped, sets_aside;
	bool reread;          /* its -j stands in a file: */
	_Atomic bool dismissed; /* but nothing new is started any more */
	bool whole;           /* output comes whole: that is for all or none */
};

void groups_init(struct groups *g, const struct groups_rules *rules);
/* Start the guardian, if any command is run. Before the first thread. */
void groups_start(struct groups *g);
void groups_free(struct groups *g);

void groups_dismiss(struct groups *g); /* nothing new is started from now on */
void groups_release_all(struct groups *g); /* and what waits leaves as not done: the desk's */
void groups_close(struct groups *g);   /* nothing more comes */
void groups_finish(struct groups *g);  /* wait until all workers have gone home */

int64_t groups_look(struct groups *g); /* how long until the desk should call it again, ns */
bool groups_change(struct groups *g, int more);
/* An attempt has ended, and its worker takes no other before this is done: -j is read again
 * where it stands in a file, and the desk woken if that has changed. */
void groups_reread(void *groups);

/* Items that workers have places for, and of these such as are empty. */
void groups_crew(struct groups *g, uint64_t *places, uint64_t *idle);
unsigned groups_most_workers(struct groups *g); /* that one pool may come to have */
/* Complete a snapshot of all of them together with what they know: what waits, why, and, where
 * there are several, with each by itself, valid until the next one. Of each so many may be
 * alive. The main thread. */
void groups_snapshot(struct groups *g, struct snapshot *all, uint64_t size);

/* By how much a value of so many bytes can make a command grow, of any section; and its
 * script. And how much room there is for that in the one that has least. */
size_t groups_growth(const struct groups *g, size_t len);
size_t groups_script_growth(const struct groups *g, size_t len);
size_t groups_room(const struct groups *g);
size_t groups_script_room(const struct groups *g);

#endif
