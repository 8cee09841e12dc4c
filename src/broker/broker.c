/* Durable queues, whatever holds them. See broker.h. */
#include "broker/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

static const struct engine *const engines[] = {
	[ADDRESS_SQLITE] = &engine_sqlite,
	[ADDRESS_REDIS] = &engine_redis,
	[ADDRESS_POSTGRESQL] = &engine_postgresql,
};

struct broker *broker_open(const struct broker_rules *rules, enum broker_state *state,
	struct buf *why, struct buf *notes)
{
	const struct engine *e = engines[rules->address->engine];
	const char *missing = e->load();
	struct broker *b;

	if (missing) {
		buf_addf(why, "%s: %s", rules->address->shown, missing);
		*state = BROKER_BAD;
		return NULL;
	}
	b = e->open(rules, state, why, notes);
	if (b)
		b->engine = e;
	return b;
}

void broker_close(struct broker *b)
{
	struct buf why = b->why;

	b->engine->close(b);
	buf_free(&why);
}

const char *broker_why(const struct broker *b)
{
	return b->why.len ? b->why.data : "no reason is known";
}

const char *broker_id(const struct broker *b)
{
	return b->id;
}

bool broker_was_late(const struct broker *b)
{
	return b->late;
}

bool broker_expires(const struct broker *b)
{
	return b->expires;
}

enum broker_state broker_put(struct broker *b, struct put *items, size_t count)
{
	return b->engine->put(b, items, count);
}

enum broker_state broker_exchange(struct broker *b, struct exchange *x)
{
	x->nclaimed = 0;
	x->due = -1;
	x->drained = false;
	buf_clear(&x->bodies);
	buf_clear(&x->buried);
	return b->engine->exchange(b, x);
}

void exchange_free(struct exchange *x)
{
	free(x->claimed);
	buf_free(&x->bodies);
	buf_free(&x->buried);
}

int broker_bell(struct broker *b)
{
	return b->engine->bell ? b->engine->bell(b) : -1;
}

enum broker_state broker_hear(struct broker *b)
{
	return b->engine->hear ? b->engine->hear(b) : BROKER_OK;
}

void broker_rest(struct broker *b)
{
	if (b->engine->rest)
		b->engine->rest(b);
}

enum broker_state broker_stats(struct broker *b, struct broker_stats *s)
{
	*s = (struct broker_stats){ .oldest = -1 };
	return b->engine->stats(b, s);
}

enum broker_state broker_bindings(struct broker *b, struct bindings *all)
{
	return b->engine->bindings(b, all);
}

void bindings_free(struct bindings *all)
{
	for (size_t i = 0; i < all->count; i++) {
		free(all->list[i].group);
		free(all->list[i].pattern);
	}
	free(all->list);
	*all = (struct bindings){ 0 };
}

enum broker_state broker_admin(struct broker *b, struct broker_order *order)
{
	order->changed = 0;
	return b->engine->admin(b, order);
}

enum broker_state broker_peek(struct broker *b, uint64_t count,
	void (*show)(void *ctx, const struct broker_view *item), void *ctx)
{
	return b->engine->peek(b, count, show, ctx);
}

/* --- for engines ------------------------------------------------------- */

const char *engine_holder(void)
{
	static _Thread_local char holder[300];
	char host[256];

	if (gethostname(host, sizeof host) < 0)
		snprintf(host, sizeof host, "localhost");
	host[sizeof host - 1] = '\0';
	snprintf(holder, sizeof holder, "%s:%ld", host, (long)getpid());
	return holder;
}

enum broker_state engine_refuse(struct broker *b, const char *shown, enum broker_state state,
	const char *format, va_list ap)
{
	buf_clear(&b->why);
	buf_addf(&b->why, "%s: ", shown);
	buf_vaddf(&b->why, format, ap);
	buf_str(&b->why);
	return state;
}

void engine_claimed(struct exchange *x, const struct claimed *item, const char *body,
	const char *topic)
{
	struct claimed *to;

	if (x->nclaimed == x->room) {
		x->room = x->room ? x->room * 2 : 64;
		x->claimed = mem_grow(x->claimed, x->room * sizeof *x->claimed);
	}
	to = &x->claimed[x->nclaimed++];
	*to = *item;
	to->at = x->bodies.len;
	buf_add(&x->bodies, body, item->len);
	to->topic_at = x->bodies.len;
	if (topic)
		buf_add(&x->bodies, topic, item->topic_len);
	else
		to->topic_len = 0;
}

void engine_binding(struct bindings *all, const char *group, const char *pattern)
{
	all->list = mem_grow(all->list, (all->count + 1) * sizeof *all->list);
	all->list[all->count++] = (struct binding){ mem_copy(group, strlen(group)),
		mem_copy(pattern, strlen(pattern)) };
}

int64_t engine_back_off(unsigned lost)
{
	enum { FIRST = 1000, MOST = 60000, DOUBLINGS = 6 };
	int64_t wait;

	if (lost < 2)
		return 0;
	wait = (int64_t)FIRST << (lost - 2 < DOUBLINGS ? lost - 2 : DOUBLINGS);
	return wait < MOST ? wait : MOST;
}

size_t engine_company(size_t want, unsigned lost)
{
	size_t few = lost < 32 ? want >> 2 * lost : 0;

	return few ? few : want > 0;
}
