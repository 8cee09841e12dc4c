/* Which delivery starts next, and when. See schedule.h.
 *
 * A ticket's way: LATER until its time has come; KEYED while its key has no place for
 * it; READY in the lane of its rate key. A key hands its items out one by one: the next
 * gets its place when the one before has started and a place is free.
 *
 * Lanes whose rate allows a start are ordered by the first of what is ready in them, the
 * others by the time when they may again; empty ones are kept until there is nothing
 * left for them to remember. So a start costs a few steps in a few heaps, whatever
 * waits. */
#include "queue/schedule.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/heap.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/saturate.h"
#include "item.h"

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
	struct ticket *older, *newer; /* of all that wait */
	size_t key_len, rate_len;
	char text[];              /* both keys */
};

struct key {
	struct ticket *first, *last; /* that wait for a place */
	uint32_t places;          /* taken */
	bool offered;             /* one has its place and has not started */
	UT_hash_handle hh;
	char name[];
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
	struct ticket *oldest, *newest;
	size_t depth;
	size_t keyed;             /* KEYED tickets */
	size_t shut_off;          /* READY ones in lanes of their own that are shut */
	uint64_t bytes;           /* that all of this takes */
	int64_t next_start;       /* --delay */
	struct breaker breaker;
};

/* --- tickets ----------------------------------------------------------- */

struct ticket *ticket_new(double priority, const char *key, size_t key_len,
	const char *rate_key, size_t rate_key_len)
{
	struct ticket *t = mem_zero(sizeof *t + key_len + rate_key_len);

	t->priority = priority;
	t->first = true;
	t->key_len = key_len;
	t->rate_len = rate_key_len;
	if (key_len)
		memcpy(t->text, key, key_len);
	if (rate_key_len)
		memcpy(t->text + key_len, rate_key, rate_key_len);
	return t;
}

void ticket_delay(struct ticket *t, int64_t due)
{
	t->due = due;
}

/* What a block takes beside what was asked for, and what points to it from heaps and hash
 * tables. */
enum { BLOCK_MORE = 16, POINTERS = 32 };

static uint64_t ticket_bytes(const struct ticket *t)
{
	return sizeof *t + t->key_len + t->rate_len + BLOCK_MORE + POINTERS;
}

static bool goes_before(const void *a, const void *b)
{
	const struct ticket *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank;
	return x->delivery->item->seq < y->delivery->item->seq;
}

static bool due_before(const void *a, const void *b)
{
	const struct ticket *x = a, *y = b;

	return x->due != y->due ? x->due < y->due : goes_before(a, b);
}

static void ticket_moved(void *node, size_t at)
{
	((struct ticket *)node)->at = at;
}

static void count_in(struct schedule *s, struct ticket *t)
{
	t->older = s->newest;
	t->newer = NULL;
	if (s->newest)
		s->newest->newer = t;
	else
		s->oldest = t;
	s->newest = t;
	s->depth++;
}

static void count_out(struct schedule *s, struct ticket *t)
{
	if (t->older)
		t->older->newer = t->newer;
	else
		s->oldest = t->newer;
	if (t->newer)
		t->newer->older = t->older;
	else
		s->newest = t->older;
	s->depth--;
	t->place = OUT;
}

/* --- lanes ------------------------------------------------------------- */

static bool lane_before(const void *a, const void *b)
{
	const struct lane *x = a, *y = b;

	return goes_before(heap_peek(&x->ready), heap_peek(&y->ready));
}

/* When it may start one. */
static int64_t lane_when(const struct schedule *s, const struct lane *l)
{
	return s->rules.rate.interval ? rate_when(&s->rules.rate, l->full) : INT64_MIN;
}

/* All lanes have the same rule, so this is the order in which they may again. */
static bool lane_sooner(const void *a, const void *b)
{
	return ((const struct lane *)a)->full < ((const struct lane *)b)->full;
}

static void lane_moved(void *node, size_t at)
{
	((struct lane *)node)->at = at;
}

/* The only lane there is keeps nobody from overtaking. */
static size_t lane_shut_off(const struct schedule *s, const struct lane *l)
{
	return l->in == &s->shut && l->hh.keylen ? l->ready.len : 0;
}

static void lane_leave(struct schedule *s, struct lane *l)
{
	s->shut_off -= lane_shut_off(s, l);
	if (l->in)
		heap_remove_at(l->in, l->at);
	l->in = NULL;
}

static uint64_t lane_bytes(const struct lane *l)
{
	return sizeof *l + l->hh.keylen + 2 * BLOCK_MORE + POINTERS + HEAP_LEAST * sizeof(void *);
}

/* Put it where it belongs now; it is in neither heap. An empty one whose bucket is full
 * has nothing to remember. */
static void lane_place(struct schedule *s, struct lane *l, int64_t now)
{
	if (!l->ready.len && (!s->rules.rate.interval || l->full <= now)) {
		s->bytes -= lane_bytes(l);
		HASH_DEL(s->lanes, l);
		heap_free(&l->ready);
		free(l);
		return;
	}
	if (!l->ready.len)
		l->in = &s->idle;
	else
		l->in = lane_when(s, l) <= now ? &s->open : &s->shut;
	heap_push(l->in, l);
	s->shut_off += lane_shut_off(s, l);
}

static struct lane *lane_of(struct schedule *s, const struct ticket *t)
{
	const char *name = t->text + t->key_len;
	struct lane *l;

	HASH_FIND(hh, s->lanes, name, t->rate_len, l);
	if (l)
		return l;
	l = mem_zero(sizeof *l + t->rate_len);
	memcpy(l->name, name, t->rate_len);
	l->ready = (struct heap){ .before = goes_before, .moved = ticket_moved };
	l->full = INT64_MIN / 2;
	HASH_ADD_KEYPTR(hh, s->lanes, l->name, t->rate_len, l);
	s->bytes += lane_bytes(l);
	return l;
}

static void make_ready(struct schedule *s, struct ticket *t, int64_t now)
{
	struct lane *l = lane_of(s, t);

	state_step(&t->delivery->state, ONLY(WAITING), STATE_QUEUED);
	t->place = READY;
	t->lane = l;
	lane_leave(s, l);
	heap_push(&l->ready, t);
	lane_place(s, l, now);
}

/* --- keys -------------------------------------------------------------- */

static uint64_t key_bytes(const struct key *k)
{
	return sizeof *k + k->hh.keylen + BLOCK_MORE + POINTERS;
}

static struct key *key_of(struct schedule *s, const struct ticket *t)
{
	struct key *k;

	HASH_FIND(hh, s->keys, t->text, t->key_len, k);
	if (k)
		return k;
	k = mem_zero(sizeof *k + t->key_len);
	memcpy(k->name, t->text, t->key_len);
	HASH_ADD_KEYPTR(hh, s->keys, k->name, t->key_len, k);
	s->bytes += key_bytes(k);
	return k;
}

static void key_append(struct schedule *s, struct key *k, struct ticket *t)
{
	s->keyed++;
	t->place = KEYED;
	t->behind = NULL;
	if (k->last)
		k->last->behind = t;
	else
		k->first = t;
	k->last = t;
}

static struct ticket *key_pop(struct schedule *s, struct key *k)
{
	struct ticket *t = k->first;

	s->keyed--;
	k->first = t->behind;
	if (!k->first)
		k->last = NULL;
	return t;
}

/* Give the next one its place, if there is one and it is its turn; or forget the key. */
static void key_offer(struct schedule *s, struct key *k, int64_t now)
{
	struct ticket *t;

	if (!k->first && !k->places) {
		s->bytes -= key_bytes(k);
		HASH_DEL(s->keys, k);
		free(k);
		return;
	}
	if (!k->first || k->offered || k->places >= s->rules.key_jobs)
		return;
	t = key_pop(s, k);
	t->placed = k->offered = true;
	k->places++;
	make_ready(s, t, now);
}

/* Its place is free for others. */
void schedule_settled(struct schedule *s, struct delivery *d)
{
	struct ticket *t = d->ticket;
	struct key *k = t->key;

	s->bytes -= ticket_bytes(t);
	if (!k)
		return;
	t->key = NULL;
	if (t->placed)
		k->places--;
	if (t->placed && t->first)
		k->offered = false;
	t->placed = false;
	key_offer(s, k, INT64_MIN);
}

/* --- in and out -------------------------------------------------------- */

struct schedule *schedule_new(const struct schedule_rules *rules)
{
	struct schedule *s = mem_zero(sizeof *s);

	s->rules = *rules;
	s->later = (struct heap){ .before = due_before, .moved = ticket_moved };
	s->open = (struct heap){ .before = lane_before, .moved = lane_moved };
	s->shut = s->idle = (struct heap){ .before = lane_sooner, .moved = lane_moved };
	s->next_start = INT64_MIN;
	breaker_init(&s->breaker, &rules->breaker);
	return s;
}

void schedule_free(struct schedule *s)
{
	struct lane *l, *next;

	assert(!s->depth && !s->keys && !s->later.len && !s->open.len);
	assert(!s->keyed && !s->shut_off);
	HASH_ITER(hh, s->lanes, l, next) {
		HASH_DEL(s->lanes, l);
		heap_free(&l->ready);
		free(l);
	}
	heap_free(&s->later);
	heap_free(&s->open);
	heap_free(&s->shut);
	heap_free(&s->idle);
	breaker_free(&s->breaker);
	free(s);
}

/* Its time has come. */
static void come_due(struct schedule *s, struct ticket *t, int64_t now)
{
	if (!s->rules.key_jobs || !t->key_len || t->placed) {
		make_ready(s, t, now);
		return;
	}
	t->key = key_of(s, t);
	key_append(s, t->key, t);
	key_offer(s, t->key, now);
}

void schedule_add(struct schedule *s, struct delivery *d, int64_t now)
{
	struct ticket *t = d->ticket;

	if (!t->delivery) {
		t->delivery = d;
		s->bytes += ticket_bytes(t);
		t->rank = s->rules.aging ? t->priority * (double)s->rules.aging + (double)now
			: t->priority;
	}
	state_step(&d->state, ANY_OF(BORN, WAITING) | ONLY(RUNNING), STATE_WAITING);
	count_in(s, t);
	if (t->due > now) {
		t->place = LATER;
		heap_push(&s->later, t);
	} else {
		come_due(s, t, now);
	}
}

/* What time has changed. */
static void catch_up(struct schedule *s, int64_t now)
{
	struct ticket *t;
	struct lane *l;

	while ((t = heap_peek(&s->later)) && t->due <= now) {
		heap_pop(&s->later);
		come_due(s, t, now);
	}
	while ((l = heap_peek(&s->shut)) && lane_when(s, l) <= now) {
		lane_leave(s, l);
		lane_place(s, l, now);
	}
	while ((l = heap_peek(&s->idle)) && l->full <= now) {
		lane_leave(s, l);
		lane_place(s, l, now);
	}
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* When anything that waits for its time may start. */
static int64_t next_time(const struct schedule *s)
{
	const struct ticket *t = heap_peek(&s->later);
	const struct lane *l = heap_peek(&s->shut);
	int64_t when = t ? t->due : INT64_MAX;

	return l ? sooner(when, lane_when(s, l)) : when;
}

static void start(struct schedule *s, struct ticket *t, int64_t now)
{
	struct key *k = t->key;

	count_out(s, t);
	if (s->rules.delay)
		s->next_start = saturate_after(now, s->rules.delay);
	t->trial = breaker_start(&s->breaker);
	if (k && t->first) {
		k->offered = false;
		t->first = false;
		key_offer(s, k, now);
	}
	t->first = false;
}

struct delivery *schedule_take(struct schedule *s, int64_t now, int64_t *when)
{
	int64_t gate = breaker_when(&s->breaker);
	struct ticket *t;
	struct lane *l;

	*when = INT64_MAX;
	if (!s->depth)
		return NULL;
	catch_up(s, now);
	if (gate < s->next_start)
		gate = s->next_start;
	l = heap_peek(&s->open);
	if (!l || gate > now) {
		*when = l ? gate : next_time(s);
		if (*when < gate)
			*when = gate;
		return NULL;
	}
	lane_leave(s, l);
	t = heap_pop(&l->ready);
	if (s->rules.rate.interval)
		l->full = rate_take(&s->rules.rate, l->full, now);
	lane_place(s, l, now);
	start(s, t, now);
	state_step(&t->delivery->state, ONLY(QUEUED), STATE_RUNNING);
	return t->delivery;
}

enum breaker_event schedule_ended(struct schedule *s, const struct delivery *d, bool failed,
	int64_t now)
{
	return breaker_ended(&s->breaker, d->ticket->trial, failed, now);
}

void schedule_cut_off(struct schedule *s, const struct delivery *d)
{
	breaker_undecided(&s->breaker, d->ticket->trial);
}

/* Out of whatever it waits in. */
static void withdraw(struct schedule *s, struct ticket *t)
{
	struct lane *l = t->lane;

	switch (t->place) {
	case LATER:
		heap_remove_at(&s->later, t->at);
		break;
	case KEYED: /* it is the first of its key: the longest waiting of all */
		key_pop(s, t->key);
		t->key = NULL; /* it has no place that it could give back */
		break;
	case READY:
		lane_leave(s, l);
		heap_remove_at(&l->ready, t->at);
		lane_place(s, l, INT64_MIN);
		break;
	case OUT:
		break;
	}
	count_out(s, t);
}

struct delivery *schedule_drop(struct schedule *s)
{
	struct ticket *t = s->oldest;

	if (!t)
		return NULL;
	withdraw(s, t);
	t->delivery->next = NULL;
	return t->delivery;
}

struct delivery *schedule_empty(struct schedule *s)
{
	struct deliveries all = { 0 };
	struct delivery *d;

	while ((d = schedule_drop(s)))
		deliveries_add(&all, d);
	return all.first;
}

enum hold schedule_hold(const struct schedule *s, int64_t now, int64_t *until)
{
	const struct ticket *later = heap_peek(&s->later);
	const struct lane *shut = heap_peek(&s->shut);
	enum hold why = HOLD_KEY;

	*until = INT64_MAX;
	if (!s->depth)
		return HOLD_NONE;
	if (breaker_when(&s->breaker) > now) {
		*until = breaker_when(&s->breaker);
		return s->breaker.trial ? HOLD_TRIAL : HOLD_BREAKER;
	}
	if (heap_peek(&s->open)) {
		*until = s->next_start;
		why = HOLD_DELAY;
	} else if (shut && (!later || lane_when(s, shut) <= later->due)) {
		*until = lane_when(s, shut);
		why = HOLD_RATE;
	} else if (later) {
		*until = later->due;
		why = HOLD_RETRY;
	}
	return *until > now ? why : HOLD_NONE;
}

size_t schedule_depth(const struct schedule *s)
{
	return s->depth;
}

size_t schedule_waiting(const struct schedule *s)
{
	return s->later.len + s->keyed + s->shut_off;
}

uint64_t schedule_bytes(const struct schedule *s)
{
	return s->bytes;
}
