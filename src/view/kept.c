/* What a view keeps of deliveries that are tried again. See kept.h. */
#include "view/kept.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/msg.h"
#include "base/status.h"
#include "base/thread.h"

#define uthash_malloc(size) mem_alloc(size)
#define uthash_free(p, size) free(p)
#define uthash_fatal(text) msg_die(STATUS_CANNOT, "out of memory")
#include <uthash.h>

struct kept_entry {
	const struct delivery *delivery;
	struct kept_of of;
	struct kept_piece *last;
	unsigned count;
	UT_hash_handle hh;
};

struct kept {
	struct store *store;
	unsigned most;
	lock lock; /* guards what follows; a leaf */
	struct kept_entry *table;
};

struct kept *kept_new(struct store *store, unsigned most)
{
	struct kept *k = mem_zero(sizeof *k);

	k->store = store;
	k->most = most;
	lock_init(&k->lock);
	return k;
}

/* With the lock; made, if it is not there. */
static struct kept_entry *kept_entry_of(struct kept *k, const struct delivery *d)
{
	struct kept_entry *e;

	HASH_FIND_PTR(k->table, &d, e);
	if (e)
		return e;
	e = mem_zero(sizeof *e);
	e->delivery = d;
	HASH_ADD_PTR(k->table, delivery, e);
	return e;
}

static void kept_piece_free(struct kept *k, struct kept_piece *piece)
{
	chain_free(k->store, &piece->text);
	free(piece);
}

/* With the lock: the oldest piece, if that is one too many. */
static struct kept_piece *kept_surplus(const struct kept *k, struct kept_entry *e)
{
	struct kept_piece *first = e->of.first;

	if (!k->most || e->count <= k->most)
		return NULL;
	e->of.first = first->next;
	e->of.left_out++;
	e->count--;
	return first;
}

void kept_add(struct kept *k, const struct delivery *d, int kind, struct chain *text)
{
	struct kept_piece *piece = mem_zero(sizeof *piece), *surplus;
	struct kept_entry *e;

	piece->kind = kind;
	piece->text = chain_take(text);
	lock_take(&k->lock);
	e = kept_entry_of(k, d);
	if (e->last)
		e->last->next = piece;
	else
		e->of.first = piece;
	e->last = piece;
	e->count++;
	surplus = kept_surplus(k, e);
	lock_give(&k->lock);
	if (surplus)
		kept_piece_free(k, surplus);
}

void kept_mark(struct kept *k, const struct delivery *d)
{
	lock_take(&k->lock);
	kept_entry_of(k, d)->of.marked = true;
	lock_give(&k->lock);
}

struct kept_of kept_take(struct kept *k, const struct delivery *d)
{
	struct kept_of of = { 0 };
	struct kept_entry *e;

	lock_take(&k->lock);
	HASH_FIND_PTR(k->table, &d, e);
	if (e) {
		of = e->of;
		HASH_DEL(k->table, e);
	}
	lock_give(&k->lock);
	free(e);
	return of;
}

void kept_give(struct kept *k, struct kept_of *of)
{
	struct kept_piece *next;

	for (struct kept_piece *piece = of->first; piece; piece = next) {
		next = piece->next;
		kept_piece_free(k, piece);
	}
	*of = (struct kept_of){ 0 };
}

void kept_free(struct kept *k)
{
	struct kept_entry *e, *next;

	HASH_ITER(hh, k->table, e, next) {
		HASH_DEL(k->table, e);
		kept_give(k, &e->of);
		free(e);
	}
	free(k);
}
