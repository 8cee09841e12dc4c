/* Keys, and with affinity whose they are. See parts.h. */
#include "queue/parts.h"

#include <string.h>

#include "item.h"

/* --- affinity ---------------------------------------------------------- */

/* Keys that are remembered beside those of which something is here. */
enum { KEYS_KEPT = 65536 };

struct hand *hand_of(struct schedule *s, unsigned worker)
{
	if (worker >= s->nhands) {
		unsigned n = worker + 1 > 2 * s->nhands ? worker + 1 : 2 * s->nhands;

		s->hands = mem_grow(s->hands, n * sizeof *s->hands);
		memset(s->hands + s->nhands, 0, (n - s->nhands) * sizeof *s->hands);
		s->nhands = n;
	}
	return &s->hands[worker];
}

static bool has_owner(const struct ticket *t)
{
	return t->key && t->key->owned;
}

void hand_add(struct schedule *s, struct ticket *t)
{
	struct hand *h;

	if (!has_owner(t))
		return;
	h = hand_of(s, t->key->owner);
	t->in_hand = true;
	t->hand = t->key->owner;
	t->before = h->last;
	t->after = NULL;
	if (h->last)
		h->last->after = t;
	else
		h->first = t;
	h->last = t;
}

void hand_remove(struct schedule *s, struct ticket *t)
{
	struct hand *h;

	if (!t->in_hand)
		return;
	h = hand_of(s, t->hand);
	t->in_hand = false;
	if (t->before)
		t->before->after = t->after;
	else
		h->first = t->after;
	if (t->after)
		t->after->before = t->before;
	else
		h->last = t->before;
}

/* The first of a worker's own whose rate allows it. */
static struct ticket *hand_first(struct schedule *s, unsigned worker)
{
	struct ticket *t = hand_of(s, worker)->first;

	while (t && t->lane->in != &s->open)
		t = t->after;
	return t;
}

/* What this worker takes; best: the one that comes first of all. NULL: that is for another
 * one, who waits for it. */
struct ticket *hand_choose(struct schedule *s, unsigned worker, struct ticket *best)
{
	struct ticket *own = hand_first(s, worker);

	if (own)
		return !best->in_hand && ticket_before(best, own) ? best : own;
	return best->in_hand && hand_of(s, best->hand)->waits ? NULL : best;
}

/* --- keys -------------------------------------------------------------- */

static uint64_t key_bytes(const struct key *k)
{
	return sizeof *k + k->hh.keylen + BLOCK_MORE + POINTERS;
}

void key_append(struct schedule *s, struct key *k, struct ticket *t)
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

struct ticket *key_pop(struct schedule *s, struct key *k)
{
	struct ticket *t = k->first;

	s->keyed--;
	k->first = t->behind;
	if (!k->first)
		k->last = NULL;
	return t;
}

static void key_forget(struct schedule *s, struct key *k)
{
	HASH_DEL(s->keys, k);
	free(k);
}

/* Is it one of those that are kept? */
static bool key_is_kept(const struct schedule *s, const struct key *k)
{
	return k->older || s->oldest_key == k;
}

static void key_unkeep(struct schedule *s, struct key *k)
{
	if (k->older)
		k->older->newer = k->newer;
	else
		s->oldest_key = k->newer;
	if (k->newer)
		k->newer->older = k->older;
	else
		s->newest_key = k->older;
	k->older = k->newer = NULL;
	s->nkept--;
}

struct key *key_of(struct schedule *s, const struct ticket *t)
{
	struct key *k;

	HASH_FIND(hh, s->keys, t->text, t->key_len, k);
	if (k && key_is_kept(s, k)) {
		key_unkeep(s, k);
		s->bytes += key_bytes(k);
	}
	if (k)
		return k;
	k = mem_zero(sizeof *k + t->key_len);
	memcpy(k->name, t->text, t->key_len);
	HASH_ADD_KEYPTR(hh, s->keys, k->name, t->key_len, k);
	s->bytes += key_bytes(k);
	return k;
}

/* Nothing of it is here: it is remembered for its owner's sake, until there are too many;
 * that is bounded by itself, and no bytes of what waits. */
static void key_keep(struct schedule *s, struct key *k)
{
	struct key *oldest = s->oldest_key;

	k->older = s->newest_key;
	if (s->newest_key)
		s->newest_key->newer = k;
	else
		s->oldest_key = k;
	s->newest_key = k;
	if (++s->nkept <= KEYS_KEPT)
		return;
	key_unkeep(s, oldest);
	key_forget(s, oldest);
}

/* Give the next one its place, if there is one and it is its turn; or forget the key. */
void key_offer(struct schedule *s, struct key *k, int64_t now)
{
	struct ticket *t;

	if (!k->first && !k->places) {
		s->bytes -= key_bytes(k);
		if (k->owned)
			key_keep(s, k);
		else
			key_forget(s, k);
		return;
	}
	if (!k->first || k->offered || k->places >= s->rules.key_jobs)
		return;
	t = key_pop(s, k);
	t->placed = k->offered = true;
	k->places++;
	lane_admit(s, t, now);
}

void keys_free(struct schedule *s)
{
	while (s->oldest_key) {
		struct key *k = s->oldest_key;

		key_unkeep(s, k);
		key_forget(s, k);
	}
	free(s->hands);
}
