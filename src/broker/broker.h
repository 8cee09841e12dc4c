/* A durable queue: the contract between pq and the engines that hold it (sqlite.c, redis.c,
 * postgresql.c). Nobody else knows which engine it is.
 *
 * An item is ready, delayed, leased, dead or done:
 *
 *   put ---delay--> delayed ---due--> ready ---claim: claims+1---> leased
 *   leased ---ack---> done: deleted, or kept (rules.keep)
 *          ---retry: attempts+1---> delayed        (delay 0: ready)
 *          ---reject: attempts+1---> dead          (--admin requeue-dead: ready, counters 0)
 *          ---release---> ready, nothing counted
 *          ---its holder is dead, or the lease is over: lost+1---> delayed for a while that
 *             grows with `lost`; or, lost >= poison, dead: "lost with HOST:PID N times"
 *
 * claims only grows and is the token: a settlement names it, and one whose item has gone on
 * changes nothing. attempts are those that failed. lost counts claims of which nobody knows
 * the outcome; the more often an item was lost, the fewer are claimed beside it: of the
 * first n ready ones as many as n >> 2 * (the largest `lost` of them), at least 1; and what a
 * holder has in hand counts among those that are beside it.
 *
 * A consumer group of a queue (address.group) has items of its own: who puts, puts a copy
 * for each group that has a binding whose pattern the topic fits (policy/topic.h; an item
 * without a topic has the empty one). A queue without any binding holds its items itself;
 * where there are bindings and none fits, the put is UNWANTED. A group that is consumed
 * from, and has no binding, is bound to "#".
 *
 * Times are ms, of the engine's own clock where it has a server. An open broker is for one
 * thread at a time. Every call may block as long as the engine takes, but none for longer
 * than about its patience: then it is GONE. No call leaves a process of pq's a handle:
 * descriptors are close-on-exec. */
#ifndef PQ_BROKER_H
#define PQ_BROKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "broker/address.h"

struct broker; /* a connection to one queue, or to a group's part of it */

enum { BROKER_PATIENCE = 10000 };

/* How a call has ended. */
enum broker_state {
	BROKER_OK,
	BROKER_GONE, /* there is no connection, or nobody answers: broker_why. What was asked for
	              * may have been done or not. One whose leases do not expire may be called
	              * again later; of others only closing is left, and opening anew */
	BROKER_BAD,  /* that will not get better by itself: broker_why. Only closing is left */
};

enum broker_use {
	BROKER_CONSUMES,
	BROKER_PRODUCES, /* what it says is queued is as safe as the engine makes it */
	BROKER_LOOKS,    /* statistics and administration */
};

struct broker_rules {
	const struct address *address;
	enum broker_use use;
	int64_t lease;        /* ms that a claim holds unless it is extended */
	int64_t patience;     /* ms that a call may take; 0: BROKER_PATIENCE. Redis and SQLite: always
	                       * that, between two pieces of an answer */
	unsigned poison;      /* losses that make an item dead; 0: none do */
	struct broker_keep {  /* finished items: */
		uint64_t count;   /* so many of the last; 0: none */
		int64_t time;     /* and for so many ms; 0: none */
	} keep;
	bool durable;         /* refuse an engine that may forget what it has confirmed */
	bool trial;           /* it is closed at once: what only a use needs may be left out */
};

/* What a call may take, ms. */
static inline int64_t broker_patience(const struct broker_rules *rules)
{
	return rules->patience ? rules->patience : BROKER_PATIENCE;
}

/* The end of open: *state is BROKER_OK, or NULL came back and *why says what is wrong, in one
 * line that names the address as it is shown. Makes what is not there yet (file, schema,
 * functions), but not BROKER_LOOKS: what is not there is BROKER_BAD then. `notes`: lines to
 * be told the user at the first opening, as what is not guaranteed, which name it as well and
 * end with a newline; or NULL. */
struct broker *broker_open(const struct broker_rules *rules, enum broker_state *state,
	struct buf *why, struct buf *notes);
void broker_close(struct broker *b); /* what this one has claimed stays leased */
/* Of the last call that was not OK; likewise in one line with the address. */
const char *broker_why(const struct broker *b);
/* Did it end only because it took too long? It may be done when there is more patience. */
bool broker_was_late(const struct broker *b);
/* What ids of its items begin with, so that they are nobody else's: made with the store, and
 * the same for all who open it. A view. */
const char *broker_id(const struct broker *b);
/* Are leases to be extended before they end? Else the engine knows by itself who lives. */
bool broker_expires(const struct broker *b);

/* --- putting ----------------------------------------------------------- */

enum put_fate {
	PUT_QUEUED,
	PUT_DUPLICATE, /* its key was seen before, and still counts */
	PUT_FULL,      /* the queue holds as many as it may (--admin ADDRESS cap N) */
	PUT_UNWANTED,  /* no group's binding fits its topic */
};

struct put {
	const char *body;
	size_t len;
	const char *key;     /* nobody else with it is put again; NULL: none. May hold NUL */
	size_t key_len;
	int64_t key_life;    /* ms that it counts; 0: for ever */
	const char *topic;   /* NULL: none */
	int64_t priority;    /* lower goes first */
	int64_t delay;       /* ms */
	const char *outcome; /* what became of it where it was before; NULL: it is new */
	enum put_fate fate;  /* out */
};

/* All in one transaction; OK: each has its fate, and what is queued is durable. */
enum broker_state broker_put(struct broker *b, struct put *items, size_t count);

/* --- claiming and settling --------------------------------------------- */

enum settle_how { SETTLE_ACK, SETTLE_RETRY, SETTLE_REJECT, SETTLE_RELEASE, SETTLE_EXTEND };

enum settle_fate {
	SETTLE_OURS, /* done as asked */
	SETTLE_GONE, /* there is no such item any more, or it is finished with this token: a
	              * settlement that is sent again has been heard the first time */
	SETTLE_LOST, /* the item is another's by now, or was given up: nothing was changed */
};

struct settle {
	int64_t id, token;
	enum settle_how how;
	int64_t delay;       /* of a retry; ms */
	const char *outcome; /* of a retry or reject: why, one line; NULL: nothing to say */
	enum settle_fate fate; /* out */
};

struct claimed {
	int64_t id, token;
	unsigned attempts, lost;
	int64_t priority;
	size_t at, len; /* the body: exchange.bodies.data + at; not ended by a NUL */
	size_t topic_at, topic_len; /* likewise */
};

/* Settle, and claim what is to be done next: one transaction, one round trip. */
struct exchange {
	struct settle *settles;
	size_t nsettles;
	size_t want;             /* claim at most so many */
	/* out; the memory is the caller's, and used again: */
	struct claimed *claimed; /* owned, in the order in which they are to be done */
	size_t nclaimed, room;
	struct buf bodies;
	int64_t due;   /* fewer came than wanted: ms until the next one may be ready (a delay or a
	                * lease ends), or until to ask again, though some are ready, after what was
	                * lost has come alone; -1: no such time is known */
	bool drained;  /* likewise: nothing is ready, delayed or leased, by whomever */
	uint64_t backlog; /* about how many are ready or delayed; may be some seconds old */
	struct buf buried; /* a line for each item that was given up (poison) in this call: its id
	                    * and why, each ended by a newline */
};

enum broker_state broker_exchange(struct broker *b, struct exchange *x);
void exchange_free(struct exchange *x);
/* One that is readable when something may have come, or -1: there is none, ask now and then.
 * Only meaningful while the last exchange claimed fewer than it wanted. It may change with
 * every call. broker_hear takes what has come, so that it is not readable any more. */
int broker_bell(struct broker *b);
enum broker_state broker_hear(struct broker *b);
/* Nothing is to be done for now: the engine may tidy up (checkpoint, vacuum, what is kept). */
void broker_rest(struct broker *b);

/* --- looking and administration ---------------------------------------- */

struct broker_stats {
	uint64_t ready, delayed, leased, dead, done; /* done: those that are kept */
	uint64_t lost;       /* not yet finished items that were lost at least once */
	uint64_t cap;        /* 0: none */
	int64_t oldest;      /* ms that the oldest ready one has been ready or waited; -1: none */
	uint64_t finished;   /* in all, ever: only grows */
	uint64_t put;        /* likewise */
	unsigned holders;    /* who has leased something now */
};

/* Of the queue, or of the group that the address names. */
enum broker_state broker_stats(struct broker *b, struct broker_stats *s);

struct binding {
	char *group, *pattern; /* owned */
};

struct bindings {
	struct binding *list; /* owned */
	size_t count;
};

/* The groups of the queue, each with its patterns. */
enum broker_state broker_bindings(struct broker *b, struct bindings *all);
void bindings_free(struct bindings *all);

enum broker_verb {
	BROKER_REQUEUE_DEAD, /* all dead ones are ready again, their counters 0 */
	BROKER_PURGE_DEAD,   /* and they are no more */
	BROKER_DROP,         /* the queue with all that is in it, its settings, keys and groups */
	BROKER_VACUUM,       /* give back room */
	BROKER_BIND,         /* pattern, group */
	BROKER_UNBIND,       /* likewise; a group without a pattern keeps its items */
	BROKER_CAP,          /* count: how many may be ready, delayed or leased; 0: any */
};

struct broker_order {
	enum broker_verb verb;
	const char *pattern, *group;
	uint64_t count;
	uint64_t changed; /* out: how many items or bindings */
};

enum broker_state broker_admin(struct broker *b, struct broker_order *order);

/* One that is there, as `peek` shows it. */
struct broker_view {
	int64_t id;
	const char *state; /* "ready" "delayed" "leased" "dead" "done" */
	int64_t priority;
	uint64_t claims;
	unsigned attempts, lost;
	int64_t age;       /* ms since it was put */
	int64_t due;       /* ms until it is; 0: it is */
	const char *holder, *outcome, *topic, *body; /* views; NULL: none */
	size_t len;
};

/* The first `count` in the order in which they would be claimed, then delayed, leased, dead
 * ones; each is shown by the call. */
enum broker_state broker_peek(struct broker *b, uint64_t count,
	void (*show)(void *ctx, const struct broker_view *item), void *ctx);

#endif
