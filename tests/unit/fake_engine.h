/* An engine in memory, in the place of Redis, that does as a test says: it can be held at a
 * gate, be gone, be broken, be full. For consumer.c and sink/queue.c, which are not to know the
 * difference. Any thread; it outlives what has it open. */
#ifndef PQ_FAKE_ENGINE_H
#define PQ_FAKE_ENGINE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "broker/engine.h"

enum { FAKE_ITEMS = 1000 };
#define FAKE_SEEN "seen" /* such a body is there already */

enum fake_state { FAKE_NONE, FAKE_READY, FAKE_LEASED, FAKE_DONE, FAKE_DEAD };

/* How a call goes on, when one is to go wrong. */
enum fake_fault {
	FAKE_WELL,
	FAKE_UNHEARD, /* gone, before it did anything */
	FAKE_HEARD,   /* gone, after it did what was asked */
	FAKE_BROKEN,
};

static struct fake {
	pthread_mutex_t lock;
	pthread_cond_t turn;      /* something below has changed */
	bool expires;
	bool shut;                /* calls wait */
	unsigned entered, left, opened;
	enum fake_fault fault;    /* of the next `faults` calls */
	unsigned faults;
	struct fake_item {
		enum fake_state state;
		int64_t token;
		unsigned lost;
	} items[FAKE_ITEMS + 1];
	size_t count, room;       /* of items; so many there may be, 0: any number */
	size_t leased, most_leased, released, extended;
	size_t claims[FAKE_ITEMS]; /* how many came with each claim that was not in vain */
	size_t nclaims;
} fake = { .lock = PTHREAD_MUTEX_INITIALIZER, .turn = PTHREAD_COND_INITIALIZER };

static inline void fake_begin(size_t ready)
{
	pthread_mutex_lock(&fake.lock);
	fake.expires = fake.shut = false;
	fake.entered = fake.left = fake.opened = fake.faults = 0;
	memset(fake.items, 0, sizeof fake.items);
	fake.count = ready;
	fake.room = fake.leased = fake.most_leased = fake.released = fake.extended = 0;
	fake.nclaims = 0;
	for (size_t i = 1; i <= ready; i++)
		fake.items[i].state = FAKE_READY;
	pthread_mutex_unlock(&fake.lock);
}

static inline void fake_fail(enum fake_fault fault, unsigned times)
{
	pthread_mutex_lock(&fake.lock);
	fake.fault = fault;
	fake.faults = times;
	pthread_mutex_unlock(&fake.lock);
}

static inline void fake_shut(bool shut)
{
	pthread_mutex_lock(&fake.lock);
	fake.shut = shut;
	pthread_cond_broadcast(&fake.turn);
	pthread_mutex_unlock(&fake.lock);
}

static inline size_t fake_count(enum fake_state state)
{
	size_t n = 0;

	for (size_t i = 1; i <= fake.count; i++)
		n += fake.items[i].state == state;
	return n;
}

/* Until so many are in this state. */
static inline void fake_await(enum fake_state state, size_t count)
{
	pthread_mutex_lock(&fake.lock);
	while (fake_count(state) != count)
		pthread_cond_wait(&fake.turn, &fake.lock);
	pthread_mutex_unlock(&fake.lock);
}

/* Until somebody stands at the gate. */
static inline void fake_await_call(void)
{
	pthread_mutex_lock(&fake.lock);
	while (fake.entered == fake.left)
		pthread_cond_wait(&fake.turn, &fake.lock);
	pthread_mutex_unlock(&fake.lock);
}

/* With the lock, from here on. */
static inline enum fake_fault fake_enter(void)
{
	enum fake_fault fault;

	fake.entered++;
	pthread_cond_broadcast(&fake.turn);
	while (fake.shut)
		pthread_cond_wait(&fake.turn, &fake.lock);
	fault = fake.faults ? fake.fault : FAKE_WELL;
	fake.faults -= fake.faults > 0;
	return fault;
}

static inline enum broker_state fake_leave(struct broker *b, enum fake_fault fault)
{
	static const enum broker_state states[] = { [FAKE_WELL] = BROKER_OK,
		[FAKE_UNHEARD] = BROKER_GONE, [FAKE_HEARD] = BROKER_GONE,
		[FAKE_BROKEN] = BROKER_BAD };

	fake.left++;
	pthread_cond_broadcast(&fake.turn);
	buf_clear(&b->why);
	buf_addf(&b->why, "as the test says");
	return states[fault];
}

static inline void fake_settle(struct settle *s)
{
	static const enum fake_state states[] = { [SETTLE_ACK] = FAKE_DONE,
		[SETTLE_RETRY] = FAKE_READY, [SETTLE_REJECT] = FAKE_DEAD,
		[SETTLE_RELEASE] = FAKE_READY, [SETTLE_EXTEND] = FAKE_LEASED };
	struct fake_item *item = &fake.items[s->id];

	if (item->token != s->token)
		s->fate = SETTLE_LOST;
	else
		s->fate = item->state == FAKE_LEASED ? SETTLE_OURS : SETTLE_GONE;
	if (s->fate != SETTLE_OURS)
		return;
	item->state = states[s->how];
	fake.leased -= s->how != SETTLE_EXTEND;
	fake.released += s->how == SETTLE_RELEASE;
	fake.extended += s->how == SETTLE_EXTEND;
}

static inline void fake_claim(struct exchange *x)
{
	for (size_t i = 1; i <= fake.count && x->nclaimed < x->want; i++) {
		struct claimed c = { .id = (int64_t)i, .lost = fake.items[i].lost };
		char body[24];

		if (fake.items[i].state != FAKE_READY)
			continue;
		fake.items[i].state = FAKE_LEASED;
		c.token = ++fake.items[i].token;
		c.len = (size_t)snprintf(body, sizeof body, "%zu", i);
		engine_claimed(x, &c, body, NULL);
		fake.leased++;
	}
	if (x->nclaimed && fake.nclaims < FAKE_ITEMS)
		fake.claims[fake.nclaims++] = x->nclaimed;
	if (fake.leased > fake.most_leased)
		fake.most_leased = fake.leased;
	x->drained = !fake.leased && !fake_count(FAKE_READY);
}

static inline enum broker_state fake_exchange(struct broker *b, struct exchange *x)
{
	enum broker_state state;
	enum fake_fault fault;

	pthread_mutex_lock(&fake.lock);
	fault = fake_enter();
	for (size_t i = 0; i < x->nsettles && (fault == FAKE_WELL || fault == FAKE_HEARD); i++)
		fake_settle(&x->settles[i]);
	if (fault == FAKE_WELL)
		fake_claim(x);
	state = fake_leave(b, fault);
	pthread_mutex_unlock(&fake.lock);
	return state;
}

static inline enum broker_state fake_put(struct broker *b, struct put *puts, size_t count)
{
	enum broker_state state;
	enum fake_fault fault;

	pthread_mutex_lock(&fake.lock);
	fault = fake_enter();
	for (size_t i = 0; i < count && (fault == FAKE_WELL || fault == FAKE_HEARD); i++) {
		bool full = fake.room && fake_count(FAKE_READY) >= fake.room;
		bool seen = memcmp(puts[i].body, FAKE_SEEN, 4) == 0;

		puts[i].fate = seen ? PUT_DUPLICATE : full ? PUT_FULL : PUT_QUEUED;
		if (puts[i].fate == PUT_QUEUED)
			fake.items[++fake.count].state = FAKE_READY;
	}
	state = fake_leave(b, fault);
	pthread_mutex_unlock(&fake.lock);
	return state;
}

static inline struct broker *fake_open(const struct broker_rules *rules,
	enum broker_state *state, struct buf *why, struct buf *notes)
{
	struct broker *b = calloc(1, sizeof *b);

	(void)why;
	(void)notes;
	*b = (struct broker){ .rules = *rules, .id = "0123456789abcdef" };
	pthread_mutex_lock(&fake.lock);
	b->expires = fake.expires;
	fake.opened++;
	pthread_mutex_unlock(&fake.lock);
	*state = BROKER_OK;
	return b;
}

static inline void fake_close(struct broker *b)
{
	free(b);
}

static inline const char *fake_load(void)
{
	return NULL;
}

const struct engine engine_redis = { .name = "fake", .load = fake_load, .open = fake_open,
	.close = fake_close, .put = fake_put, .exchange = fake_exchange };

static const struct address fake_address = { .engine = ADDRESS_REDIS, .shown = "fake" };

#endif
