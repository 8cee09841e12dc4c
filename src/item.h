/* What travels: items and deliveries, and who owns them when.
 *
 * An item is one or more records with a sequence number. It is born at
 * the desk (reader.h), delivered to one or more groups, and dies at the desk when
 * its last delivery is settled. A delivery is (item, group): what the queue
 * holds, a worker runs and the collector writes. Its state says whose it is; the
 * steps in life.h are the only ways it moves:
 *
 *   reader -> queue -> worker -> collector -> reader     (and worker -> queue to retry)
 *
 * The item itself is read-only from birth to death, so its deliveries may run at
 * the same time; only the desk touches `unsettled`.
 */
#ifndef PQ_ITEM_H
#define PQ_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/chain.h"
#include "state.h"

struct group;
struct item;
struct source;
struct ticket;
struct store;

/* How an attempt ended. */
enum outcome_how {
	OUTCOME_EXIT,        /* code is the exit status */
	OUTCOME_SIGNAL,      /* code is the signal */
	OUTCOME_TIMEOUT,     /* ended by --timeout; code is the last signal sent */
	OUTCOME_EVICTED,     /* ended by --memfree; likewise */
	OUTCOME_NOT_STARTED, /* no process came to be; code is 126, 127, or 2: what its line
	                      * opens before cannot be opened */
	OUTCOME_REFUSED,     /* the item never reached a worker; code is 0 */
	OUTCOME_STOPPED,     /* ended because pq is stopping; code is the signal it was sent,
	                      * 0 when it had not been started */
};

struct outcome {
	enum outcome_how how;
	int code;
	int64_t started; /* wall clock, ns; 0 when nothing was started */
	int64_t took;    /* ns of clock_now() */
};

/* What follows from an outcome. */
enum verdict {
	VERDICT_ACK,    /* done */
	VERDICT_RETRY,  /* again, later */
	VERDICT_REJECT, /* failed for good */
	VERDICT_RELEASE /* not its fault: neither done nor failed (pq is stopping) */
};

/* The status a shell would show for this outcome: 0-255, 128 + n for signal n. */
int outcome_status(const struct outcome *o);
/* What kind of end it is, in a word or two: "exit", "not started" ... */
const char *outcome_name(enum outcome_how how);
/* Append how it ended: "exit 3", "killed by SIGKILL", "timeout" ... */
void outcome_text(struct buf *to, const struct outcome *o);
/* For the job log: the exit value and the signal, one of them 0. */
void outcome_columns(const struct outcome *o, int *exit_value, int *signal_number);

enum { STREAM_OUT, STREAM_ERR, STREAMS };

/* The bytes of the last attempt, with the outcome beside them. */
struct result {
	struct outcome outcome;
	struct chain output[STREAMS]; /* captured and not yet written */
	uint64_t captured;            /* bytes of stdout in all, written or not */
	bool printed;                 /* anything at all was captured */
	unsigned slot;                /* whose worker it was, from 1; 0: none */
	int64_t waited;               /* ns in the queue before it, if the group is timed */
	uint64_t end;                 /* the collector's: where its stdout ends in pq's */
	char *command;                /* as -t shows it; owned; NULL unless somebody asked */
	char *place;                  /* where the bytes are to be kept; as the command */
	char *why;                    /* what else is to be said; owned; or NULL */
	struct product *product;      /* of a run: what became of it; the item's; else NULL */
	struct chunk *tail[STREAMS];  /* the end of each, as it came, if somebody asked; or NULL */
};

/* The ends of its streams are of no use any more. */
void result_forget_tails(struct result *r, struct store *store);
/* What is known of the attempt beside its outcome is of no use any more. */
void result_forget(struct result *r, struct store *store);

struct delivery {
	struct item *item;
	const struct group *group; /* NULL: this one has none, or not any more */
	const char *section;     /* what that is called where there are several, a view; NULL:
	                          * it is the only one, or none may have the item */
	uint64_t turn;           /* its place in the order: by item, then by group; from 1 */
	uint32_t lane;           /* of its group's queue */
	life_state state;        /* it says whose the rest is */
	enum verdict verdict;    /* on its last attempt, once that has ended */
	unsigned attempts;       /* begun */
	unsigned lost;           /* beside them: how often its worker died with it */
	unsigned company;        /* of a worker no more than so many with it; 0: no matter */
	bool beyond;             /* the bound; its turn is left out of the order */
	bool listed;             /* the collector's mark: it is on its list of work */
	int64_t due;             /* of the next, after a back-off: wall clock, ns; 0: at once */
	int64_t begun;           /* the first of them: wall clock, ns; 0: none has ended */
	struct result result;    /* of the last of them */
	struct ticket *ticket;   /* what the schedule knows of it, one block, owned; or NULL */
	int64_t since;           /* statistics': when it was queued, or its attempt began */
	struct delivery *next;   /* link of whichever list the owner keeps it on */
};

/* A record of a run that could not be done: its number in the run, from 0, and where
 * it stands in the run's bytes. */
struct reject {
	uint64_t index;
	size_t at, len;
	const char *why; /* a constant */
};

/* Deliveries one after the other, linked by next. Not shared; zero is an empty one. */
struct deliveries {
	struct delivery *first, *last;
};

static inline void deliveries_add(struct deliveries *l, struct delivery *d) /* at the end */
{
	d->next = NULL;
	if (l->last)
		l->last->next = d;
	else
		l->first = d;
	l->last = d;
}

static inline bool deliveries_remove(struct deliveries *l, struct delivery *d) /* is it there? */
{
	struct delivery *before = NULL, *at = l->first;

	while (at && at != d) {
		before = at;
		at = at->next;
	}
	if (!at)
		return false;
	if (before)
		before->next = d->next;
	else
		l->first = d->next;
	if (l->last == d)
		l->last = before;
	d->next = NULL;
	return true;
}

static inline struct delivery *deliveries_take(struct deliveries *l) /* the first, or NULL */
{
	struct delivery *d = l->first;

	if (!d)
		return NULL;
	l->first = d->next;
	if (!l->first)
		l->last = NULL;
	d->next = NULL;
	return d;
}

/* Many records in one piece, for actions that take them so. The desk makes runs and
 * takes them back: their memory goes round (run_pool). */
struct run {
	struct buf bytes;    /* whole records, each ended by the separator */
	size_t head;         /* of a block: bytes of the header that stands before them */
	uint64_t first;      /* number of the first record, from 1 */
	uint64_t records;
	bool unended;        /* one record, and its separator was not in the input */
	struct run *next;    /* in the pool */
};

/* What becomes of a run is charged with it, up to so many times its own memory. */
enum { RUN_OUT_TIMES = 2 };

/* What an attempt has made of a run. Its memory goes round as that of runs does. */
struct product {
	struct buf out;      /* but for what was too much, and is in the result's output before */
	uint64_t failed;     /* records that could not be done: */
	struct reject *rejects; /* owned array, */
	size_t nrejects, room;
	struct product *next; /* in the pool */
};

struct run_pool {
	struct run *spare;
	struct product *products;
};

struct run *run_take(struct run_pool *pool);            /* an empty one */
void run_give(struct run_pool *pool, struct run *run);  /* NULL is fine */
void run_pool_free(struct run_pool *pool);
/* The worker's. */
void product_reject(struct product *p, const struct reject *reject);
void product_clear(struct product *p);

/* Digits of a run's own name, with which the ids of its items begin. */
enum { RUN_ID = 16 };

/* What an earlier run called a record: where it was from, its id, and the section in which it
 * failed, where there are several now; each a view or NULL. */
struct origin {
	const char *source, *id, *group;
};

/* What a source that leases its records knows one by, and what it says of it: its attempts
 * that failed, and how often nobody knows what became of one. */
struct claim {
	int64_t id, token;
	unsigned attempts, lost;
};

struct lease {
	struct source *lessor;   /* whom the records of an item go back to */
	struct claim claims[];   /* of each of them */
};

struct item {
	uint64_t seq;            /* 1 for the first of the list */
	uint64_t number;         /* what it is called by: its seq, or that of an earlier run */
	const char *source;      /* what {source} says; lives as long as the run, or: */
	const char *id;          /* what it was called before, or NULL */
	const char *group;       /* the section it failed in, which alone gets it; or NULL */
	char *origin;            /* owned: what these point into; NULL: it is new */
	uint32_t records;        /* that the desk made it of; a run has them all by itself: 0 */
	uint32_t values;         /* how many there are */
	uint32_t raws;           /* behind these so many more: the records as they were read,
	                          * where that may be another thing; 0: it is not, or nobody asked */
	uint32_t stride;         /* 0: each value is a column, and {} stands for all of them;
	                          * else of every so many the first is a record, for which {}
	                          * stands, and the others are its columns */
	uint32_t groups;         /* deliveries, at most */
	uint32_t unsettled;      /* those not yet settled; the desk's */
	bool cut;                /* it was refused, and this is only its beginning */
	bool released;           /* the desk's: one of its deliveries was */
	bool leased;             /* its records go back to whom they are from */
	uint32_t born;           /* the how manieth: with --order-by not as seq has it. It goes round:
	                          * item_precedes */
	size_t weight;           /* bytes it counts for against --queue-bytes */
	union {                  /* no item needs both */
		uint64_t offset;     /* of a shared input: where what it is made of ends; else 0 */
		struct lease *lease; /* if it is leased; owned */
	};
	struct run *run;         /* many records, and no values; NULL: values; owned */
	size_t *ends;            /* value or raw i is text[ends[i-1]+1 .. ends[i]], then a NUL */
	struct delivery deliveries[]; /* in the order of their groups */
};

/* One value: a view into the item, NUL-terminated, valid while the item lives.
 * len is the truth: a value may hold NUL bytes. */
struct value {
	const char *data;
	size_t len;
};

struct value item_value(const struct item *item, uint32_t index);
/* What {n} stands for, counting from 0, and how many there are. */
struct value item_column(const struct item *item, uint32_t index);
uint32_t item_columns(const struct item *item);
/* What {} stands for, one after the other. */
struct value item_whole(const struct item *item, uint32_t index);
uint32_t item_wholes(const struct item *item);
/* The values of its records as they were read, if that is known. */
struct value item_raw(const struct item *item, uint32_t index);
uint32_t item_raws(const struct item *item);

/* A draft gathers the values of the item to come; its memory is reused. */
struct draft {
	char *text;
	size_t len, cap;
	size_t *ends;
	uint32_t values, room;
	uint32_t groups;     /* as of the item; 0: one */
	uint32_t stride;     /* as of the item; what is refused has none */
	const char *source;
	uint64_t number;     /* as of the item; 0: its seq */
	struct origin origin; /* of the record that came last, until the next one */
	uint64_t offset;     /* of a shared input: where that record ends; else 0 */
	uint64_t line;       /* of a file: on which that record began, from 1; 0: nobody counts */
	struct claim claim;  /* on that record, if its source leases */
	const char *refused; /* why no worker may have it, or NULL: a view until the next record; */
	bool cut;            /* then: the values are only its beginning */
};

void draft_add(struct draft *d, const char *data, size_t len);
struct value draft_value(const struct draft *d, uint32_t index); /* until it changes */
void draft_cut(struct draft *d, uint32_t values); /* keep so many, the first */
void draft_clear(struct draft *d);
void draft_free(struct draft *d);

/* Make an item of the first `values` values of the draft, which keeps the rest. */
struct item *item_new(struct draft *d, uint32_t values, uint64_t seq);
/* The values of the draft from this one on as an item that was not born, for templates;
 * it stands in `memory`, until that changes. */
struct item *item_preview(struct buf *memory, const struct draft *d, uint32_t from);
/* The same with the first `raws` values of another draft, which keeps the rest, too. */
struct item *item_with_raws(struct draft *d, uint32_t values, struct draft *raw, uint32_t raws,
	uint64_t seq);
void item_originate(struct item *item, const struct origin *origin);
/* Its records are leased, by this source, with these claims (copied). Where it has one
 * delivery, that has been attempted so often before. */
void item_lease(struct item *item, struct source *lessor, const struct claim *claims,
	uint32_t count);
/* Append its id: that of before, or the run's with this number. */
void item_id(struct buf *to, const struct item *item, const char *run_id, uint64_t number);
/* The run's memory and what becomes of it is the pool's again when the item dies. */
struct item *item_of_run(struct run *run, const char *source, uint64_t seq, uint32_t groups,
	struct run_pool *pool);
/* Its chains are empty by then; a run goes to the pool. */
void item_free(struct item *item, struct run_pool *pool);
/* How many it counts for in statistics: its records, or 1. */
static inline uint64_t item_count(const struct item *item)
{
	return item->run ? item->run->records : 1;
}
/* Was the one born before the other? Of two that are alive. */
static inline bool item_precedes(const struct item *a, const struct item *b)
{
	return (int32_t)(a->born - b->born) < 0;
}
/* Why a record is refused for its length. */
extern const char item_beyond_max[], item_beyond_memory[];
/* No worker may have it: tell why, and let that be its outcome. */
void delivery_refuse(struct delivery *d, const char *why);
static inline bool delivery_is_refused(const struct delivery *d)
{
	return d->result.outcome.how == OUTCOME_REFUSED;
}
/* "item 7 'text'": what messages call it, printable and cut. */
void item_name(struct buf *b, const struct item *item);
/* Append how its last attempt ended and what else is known of that, with the section. */
void delivery_why(struct buf *to, const struct delivery *d);
/* The same with the section, "item 7 'text' (audit)" or "(section 2)", if there are several. */
void delivery_name(struct buf *b, const struct delivery *d);
/* Append that alone, with the blank before it; nothing for NULL. */
void section_name(struct buf *b, const char *section);

#endif
