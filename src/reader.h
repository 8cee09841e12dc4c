/* The reader: the desk where items are born and where they die.
 *
 * One thread. It alone talks to the sources, counts the living and owns time.
 * Births go on while fewer are alive than the bound allows, in items and in
 * bytes; deaths reach it through the in-tray, from any thread. When
 * the sources have ended (or reader_stop was called) and nothing is alive, it
 * says so once (`over`) and ends. */
#ifndef PQ_READER_H
#define PQ_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "desk/bound.h"
#include "desk/past.h"
#include "desk/route.h"
#include "desk/sources.h"
#include "desk/total.h"

struct delivery;
struct events;
struct group;
struct item;
struct order;
struct pack_rules;
struct queue;
struct reader;
struct shard_rule;
struct source;
struct stats;
struct store;

struct reader_rules {
	struct source **sources;  /* the reader's from now on */
	size_t nsources;
	const struct pack_rules *pack; /* how records become items */
	struct route route;       /* which groups have a delivery of an item */
	struct past past;         /* of an earlier run */
	struct order *order;      /* in which items are born, the reader's from now on; NULL: as
	                           * they come */
	_Atomic uint64_t *jobs;   /* set when all are in that order: how many there are; or NULL */
	uint64_t told;            /* as of struct total */
	const struct shard_rule *shard; /* which items, or records where items have
	                           * several, are ours; NULL: all */
	struct bound_rules bound; /* and when there is room for it */
	struct stats *stats;
	struct events *events;    /* told what is dropped; or NULL */
	bool watch_output;        /* see whether whoever reads pq's stdout has gone */
	/* All called in the reader's thread. */
	void (*birth)(void *ctx, struct delivery *d);   /* to be queued */
	void (*refused)(void *ctx, struct delivery *d); /* no worker may have it */
	void (*skip)(void *ctx, uint64_t turn); /* nobody is to wait for it */
	/* For --overflow: take back from the group's queue what has waited longest, which has
	 * no turn from now on, or NULL; end the run, this one has no room. */
	struct delivery *(*oldest)(void *ctx, const struct group *g);
	void (*overflowed)(void *ctx, const struct delivery *d);
	/* The bound holds births back: that of bytes, or that of items. */
	void (*full)(void *ctx, bool bytes);
	void (*stop)(void *ctx);  /* no more births: take back what waits in the queue */
	int64_t (*look)(void *ctx); /* whenever it wakes up; it does so within so many ns */
	void (*output_gone)(void *ctx);
	/* For how many jobs workers have places, and how many of these are empty: for sources
	 * that lease. */
	void (*crew)(void *ctx, uint64_t *places, uint64_t *idle);
	/* The source is held back by the bound, or no more, or has nothing more. NULL: nobody
	 * asks. */
	void (*arrivals)(void *ctx, bool held, bool ended);
	void (*over)(void *ctx);
	void *ctx;
};

struct reader *reader_new(const struct reader_rules *rules);
void reader_start(struct reader *r);
/* From any thread. The list's deliveries are dead: settled and written. */
void reader_settle(struct reader *r, struct delivery *list);
void reader_parked(struct reader *r, long more);
void reader_stop(struct reader *r);  /* no more births */
void reader_wake(struct reader *r);  /* have a look */
const struct total *reader_total(const struct reader *r);
bool reader_held(const struct reader *r);  /* nothing is born before something is settled */
bool reader_ended(const struct reader *r); /* nothing more will be born */
/* Join and free. */
void reader_finish(struct reader *r, struct sources_end *end);

#endif
