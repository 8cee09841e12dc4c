/* The parts of a schedule, between the files that make it: lanes.c, keys.c and schedule.c.
 * Room: these alone. As the schedule they are pure.
 *
 * A ticket's way: LATER until its time has come; KEYED while its key has no place for
 * it; READY in the lane of its rate key. A key hands its items out one by one: the next
 * gets its place when the one before has started and a place is free. */
#ifndef PQ_SCHEDULE_PARTS_H
#define PQ_SCHEDULE_PARTS_H

#include <stdlib.h>

#include "base/heap.h"
#include "base/mem.h"
#include "base/msg.h"
#include "queue/schedule.h"

#define uthash_malloc(size) mem_alloc(size)
#define uthash_free(p, size) free(p)
#define uthash_fatal(text) msg_die(125, "out of memory")
#include <uthash.h>

/* Where a ticket is kept. */
enum place { OUT, LATER, KEYED, READY };

struct ticket {
	struct delivery *delivery;
	double priority, rank;    /* rank: lower goes first */
	int64_t due;
	enum place place;
	size_t at;                /* its place in the heap that holds it */
	struct key *key;          /* whose place it holds, or waits for */
	bool placed, first, trial; /* first: no attempt of its has begun */
	struct lane *lane;        /* READY */
	struct ticket *behind;    /* KEYED: the next of its key */
	bool in_hand;             /* READY, of a key with an owner: among his, by number */
	unsigned hand;
	struct ticket *before, *after;
	struct ticket *older, *newer; /* of all that wait */
	size_t key_len, rate_len;
	char text[];              /* both keys */
};

struct key {
	struct ticket *first, *last; /* that wait for a place */
	uint32_t places;          /* taken */
	bool offered;             /* one has its place and has not started */
	bool owned;               /* with affinity: by this worker */
	unsigned owner;
	struct key *older, *newer; /* of those that are kept to remember their owners */
	UT_hash_handle hh;
	char name[];
};

/* With affinity. */
struct hand {
	struct ticket *first, *last; /* READY ones of its keys, in the order they became so */
	bool waits;               /* it has asked, and got nothing */
};

struct lane {
	struct heap ready;        /* tickets, by rank */
	int64_t full;             /* when its bucket is full again */
	struct heap *in;          /* s->open, s->shut or s->idle; NULL on its way */
	size_t at;
	UT_hash_handle hh;
	char name[];
};

struct schedule {
	struct schedule_rules rules;
	struct key *keys;
	struct lane *lanes;
	struct heap later;        /* tickets, by due */
	struct heap open;         /* lanes that may start one, by the rank of that */
	struct heap shut;         /* lanes that may not yet, by time */
	struct heap idle;         /* lanes that have none, by time */
	struct hand *hands;       /* by worker; owned */
	unsigned nhands;
	struct key *oldest_key, *newest_key; /* kept, though nothing of theirs is here, */
	size_t nkept;             /* so many */
	struct ticket *oldest, *newest;
	size_t depth;
	size_t keyed;             /* KEYED tickets */
	size_t shut_off;          /* READY ones in lanes of their own that are shut */
	uint64_t bytes;           /* that all of this takes */
	int64_t next_start;       /* --delay */
	struct breaker breaker;
};

/* What a block takes beside what was asked for, and what points to it from heaps and hash
 * tables. */
enum { BLOCK_MORE = 16, POINTERS = 32 };

/* --- lanes.c ------------------------------------------------------------ */

/* Of tickets: does a start before b, when both may? For heaps. */
bool ticket_before(const void *a, const void *b);
/* When it may start one. */
int64_t lane_when(const struct schedule *s, const struct lane *l);
/* Out of the heap of lanes it is in, before what is ready in it changes; and, then, into the
 * one where it belongs now, or away. */
void lane_leave(struct schedule *s, struct lane *l);
void lane_place(struct schedule *s, struct lane *l, int64_t now);
/* The ticket is ready. */
void lane_admit(struct schedule *s, struct ticket *t, int64_t now);
/* The heaps of a new schedule; and away with the lanes that are left. */
void lanes_init(struct schedule *s);
void lanes_free(struct schedule *s);

/* --- keys.c ------------------------------------------------------------- */

/* With affinity: what a worker has of its own, while it is ready. */
struct hand *hand_of(struct schedule *s, unsigned worker);
void hand_add(struct schedule *s, struct ticket *t);
void hand_remove(struct schedule *s, struct ticket *t);
/* What this worker takes; best: the one that comes first of all. NULL: that is for another
 * one, who waits for it. */
struct ticket *hand_choose(struct schedule *s, unsigned worker, struct ticket *best);

struct key *key_of(struct schedule *s, const struct ticket *t);
void key_append(struct schedule *s, struct key *k, struct ticket *t);
struct ticket *key_pop(struct schedule *s, struct key *k);
/* Give the next one its place, if there is one and it is its turn; or forget the key. */
void key_offer(struct schedule *s, struct key *k, int64_t now);
void keys_free(struct schedule *s); /* those that are only remembered */

#endif
