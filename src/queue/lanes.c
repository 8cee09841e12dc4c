/* Lanes: what may start, by rate key. See parts.h.
 *
 * Lanes whose rate allows a start are ordered by the first of what is ready in them, the
 * others by the time when they may again; empty ones are kept until there is nothing
 * left for them to remember. So a start costs a few steps in a few heaps, whatever
 * waits. */
#include "queue/parts.h"

#include <string.h>

#include "item.h"

bool ticket_before(const void *a, const void *b)
{
	const struct ticket *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank;
	return item_precedes(x->delivery->item, y->delivery->item);
}

static bool due_before(const void *a, const void *b)
{
	const struct ticket *x = a, *y = b;

	return x->due != y->due ? x->due < y->due : ticket_before(a, b);
}

static void ticket_moved(void *node, size_t at)
{
	((struct ticket *)node)->at = at;
}

static bool lane_before(const void *a, const void *b)
{
	const struct lane *x = a, *y = b;

	return ticket_before(heap_peek(&x->ready), heap_peek(&y->ready));
}

/* When it may start one. */
int64_t lane_when(const struct schedule *s, const struct lane *l)
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

void lane_leave(struct schedule *s, struct lane *l)
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
void lane_place(struct schedule *s, struct lane *l, int64_t now)
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
	l->ready = (struct heap){ .before = ticket_before, .moved = ticket_moved };
	l->full = INT64_MIN / 2;
	HASH_ADD_KEYPTR(hh, s->lanes, l->name, t->rate_len, l);
	s->bytes += lane_bytes(l);
	return l;
}

void lane_admit(struct schedule *s, struct ticket *t, int64_t now)
{
	struct lane *l = lane_of(s, t);

	hand_add(s, t);
	state_step(&t->delivery->state, ONLY(WAITING), STATE_QUEUED);
	t->place = READY;
	t->lane = l;
	lane_leave(s, l);
	heap_push(&l->ready, t);
	lane_place(s, l, now);
}

void lanes_init(struct schedule *s)
{
	s->later = (struct heap){ .before = due_before, .moved = ticket_moved };
	s->open = (struct heap){ .before = lane_before, .moved = lane_moved };
	s->shut = s->idle = (struct heap){ .before = lane_sooner, .moved = lane_moved };
}

void lanes_free(struct schedule *s)
{
	struct lane *l, *next;

	HASH_ITER(hh, s->lanes, l, next) {
		HASH_DEL(s->lanes, l);
		heap_free(&l->ready);
		free(l);
	}
	heap_free(&s->later);
	heap_free(&s->open);
	heap_free(&s->shut);
	heap_free(&s->idle);
}
