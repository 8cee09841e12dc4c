/* Statistics, looking and administration in Redis. See redis_parts.h. */
#include "broker/redis_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/topic.h"

/* --- statistics -------------------------------------------------------- */

enum broker_state stock_stats(struct broker *b, struct broker_stats *s)
{
	struct stock *d = (struct stock *)b;
	enum broker_state state;
	struct redis_reply *reply;
	int64_t n[11];

	stock_say(d, STOCK_STATS);
	reply = stock_hear(d, STOCK_STATS, &state);
	if (!reply)
		return state;
	for (size_t i = 0; i < sizeof n / sizeof *n; i++)
		n[i] = redis_number(redis_item(reply, i));
	*s = (struct broker_stats){
		.ready = (uint64_t)n[0], .delayed = (uint64_t)n[1], .leased = (uint64_t)n[2],
		.dead = (uint64_t)n[3], .done = (uint64_t)n[4], .lost = (uint64_t)n[5],
		.cap = (uint64_t)n[6], .oldest = n[7], .finished = (uint64_t)n[8],
		.put = (uint64_t)n[9], .holders = (unsigned)n[10],
	};
	redis_drop(reply);
	return state;
}

static int stock_order_bindings(const void *left, const void *right)
{
	const struct binding *a = left, *b = right;
	int order = strcmp(a->group, b->group);

	return order ? order : strcmp(a->pattern, b->pattern);
}

enum broker_state stock_bindings(struct broker *b, struct bindings *all)
{
	struct stock *d = (struct stock *)b;
	enum broker_state state;
	struct redis_reply *reply;

	stock_say(d, STOCK_BIND);
	redis_word_text(&d->words, "bindings");
	reply = stock_hear(d, STOCK_BIND, &state);
	for (size_t i = 0; i < redis_count(reply); i++) {
		struct buf group = { 0 };
		const char *text = redis_text(redis_item(reply, i), NULL), *colon = strchr(text, ':');

		if (colon) {
			buf_add(&group, text, (size_t)(colon - text));
			engine_binding(all, buf_str(&group), colon + 1);
		}
		buf_free(&group);
	}
	redis_drop(reply);
	if (all->count)
		qsort(all->list, all->count, sizeof *all->list, stock_order_bindings);
	return state;
}

/* --- looking ----------------------------------------------------------- */

enum { PEEK_MOST = 100, PEEK_FIELDS = 11 };

/* A text, or NULL where there is none. */
static const char *peek_text(const struct redis_reply *reply, size_t *len)
{
	const char *text = redis_text(reply, len);

	return redis_kind(reply) == REDIS_IS_TEXT ? text : NULL;
}

static void stock_show(const struct redis_reply *all, size_t at, const char *state,
	void (*show)(void *ctx, const struct broker_view *item), void *ctx)
{
	struct broker_view item = {
		.id = redis_number(redis_item(all, at)),
		.state = state,
		.priority = redis_number(redis_item(all, at + 1)),
		.claims = (uint64_t)redis_number(redis_item(all, at + 2)),
		.attempts = (unsigned)redis_number(redis_item(all, at + 3)),
		.lost = (unsigned)redis_number(redis_item(all, at + 4)),
		.age = redis_number(redis_item(all, at + 5)),
		.due = redis_number(redis_item(all, at + 6)),
		.holder = peek_text(redis_item(all, at + 7), NULL),
		.outcome = peek_text(redis_item(all, at + 8), NULL),
		.topic = peek_text(redis_item(all, at + 9), NULL),
	};

	item.body = redis_text(redis_item(all, at + 10), &item.len);
	show(ctx, &item);
}

enum broker_state stock_peek(struct broker *b, uint64_t count,
	void (*show)(void *ctx, const struct broker_view *item), void *ctx)
{
	static const struct {
		const char *set, *state;
	} all[] = {
		{ "ready", "ready" }, { "in", "ready" }, { "delayed", "delayed" },
		{ "leased", "leased" }, { "dead", "dead" }, { "done", "done" },
	};
	struct stock *d = (struct stock *)b;
	enum broker_state state = BROKER_OK;
	uint64_t from = 0;

	for (size_t k = 0; count && k < sizeof all / sizeof *all;) {
		uint64_t few = count < PEEK_MOST ? count : PEEK_MOST;
		struct redis_reply *reply;
		size_t n;

		stock_say(d, STOCK_PEEK);
		redis_word_text(&d->words, all[k].set);
		redis_word_number(&d->words, (int64_t)from);
		redis_word_number(&d->words, (int64_t)few);
		reply = stock_hear(d, STOCK_PEEK, &state);
		if (!reply)
			break;
		n = redis_count(reply) / PEEK_FIELDS;
		for (size_t i = 0; i < n; i++)
			stock_show(reply, i * PEEK_FIELDS, all[k].state, show, ctx);
		redis_drop(reply);
		from = n < few ? 0 : from + n;
		k += n < few;
		count -= n;
	}
	return state;
}

/* --- what is in no set, and what has had its time ---------------------- */

static const char *sweep_item(const struct stock *d, const struct redis_reply *key)
{
	size_t len, prefix = strlen(d->prefix) + 2;
	const char *text = redis_text(key, &len);

	return len > prefix ? text + prefix : NULL;
}

enum broker_state stock_sweep(struct stock *d, bool *round, uint64_t *changed)
{
	enum broker_state state;
	struct redis_reply *found, *reply;
	struct buf pattern = { 0 };
	size_t count;

	redis_words_clear(&d->words);
	redis_word_text(&d->words, "SCAN");
	redis_word_text(&d->words, d->cursor);
	redis_word_text(&d->words, "MATCH");
	buf_addf(&pattern, "%si:*", d->prefix);
	redis_word(&d->words, pattern.data, pattern.len);
	buf_free(&pattern);
	redis_word_text(&d->words, "COUNT");
	redis_word_number(&d->words, STOCK_MOST);
	found = stock_command(d, &state);
	if (!found)
		return state;
	snprintf(d->cursor, sizeof d->cursor, "%s", redis_text(redis_item(found, 0), NULL));
	*round = strcmp(d->cursor, "0") == 0;
	count = redis_count(redis_item(found, 1));
	stock_say(d, STOCK_SWEEP);
	for (size_t i = 0; i < count; i++) {
		const char *item = sweep_item(d, redis_item(redis_item(found, 1), i));

		if (item)
			redis_word_text(&d->words, item);
	}
	redis_drop(found);
	reply = count ? stock_hear(d, STOCK_SWEEP, &state) : NULL;
	*changed += (uint64_t)redis_number(reply);
	redis_drop(reply);
	return state;
}

enum broker_state stock_tidy(struct stock *d, bool *more, uint64_t *changed)
{
	const struct broker_rules *rules = &d->broker.rules;
	bool known = rules->use == BROKER_CONSUMES && (rules->keep.count || rules->keep.time);
	enum broker_state state;
	struct redis_reply *reply;

	stock_say(d, STOCK_TIDY);
	redis_word_number(&d->words, known ? (int64_t)(rules->keep.count & INT64_MAX) : -1);
	redis_word_number(&d->words, known ? rules->keep.time : 0);
	reply = stock_hear(d, STOCK_TIDY, &state);
	*changed += (uint64_t)redis_number(redis_item(reply, 0));
	*more = redis_number(redis_item(reply, 1)) != 0;
	redis_drop(reply);
	return state;
}

/* --- administration ---------------------------------------------------- */

/* A script that says how much it has changed, until that is nothing. */
static enum broker_state stock_all(struct stock *d, enum stock_script which, uint64_t *changed)
{
	enum broker_state state;
	uint64_t n;

	do {
		struct redis_reply *reply;

		stock_say(d, which);
		reply = stock_hear(d, which, &state);
		n = (uint64_t)redis_number(reply);
		*changed += n;
		redis_drop(reply);
	} while (n == STOCK_MOST);
	return state;
}

static enum broker_state stock_sweep_all(struct stock *d, uint64_t *changed)
{
	enum broker_state state;
	bool round = false;

	strcpy(d->cursor, "0");
	do
		state = stock_sweep(d, &round, changed);
	while (state == BROKER_OK && !round);
	return state;
}

static enum broker_state stock_vacuum(struct stock *d, uint64_t *changed)
{
	enum broker_state state;
	bool more = false;

	do
		state = stock_tidy(d, &more, changed);
	while (state == BROKER_OK && more);
	return state == BROKER_OK ? stock_sweep_all(d, changed) : state;
}

/* What is in no set is first brought where it is found. */
static enum broker_state stock_drop(struct stock *d, uint64_t *changed)
{
	uint64_t swept = 0;
	enum broker_state state = stock_sweep_all(d, &swept);
	bool whole = false;

	while (state == BROKER_OK && !whole) {
		struct redis_reply *reply;

		stock_say(d, STOCK_DROP);
		redis_word_text(&d->words, d->group ? d->group : "");
		reply = stock_hear(d, STOCK_DROP, &state);
		*changed += (uint64_t)redis_number(redis_item(reply, 0));
		whole = redis_number(redis_item(reply, 1)) != 0;
		redis_drop(reply);
	}
	return state;
}

static enum broker_state stock_bind(struct stock *d, const char *what,
	struct broker_order *order)
{
	const char *flaw = topic_flaw(order->pattern);
	enum broker_state state;
	struct redis_reply *reply;

	if (flaw)
		return stock_refuse(d, BROKER_BAD, "the pattern '%s' %s", order->pattern, flaw);
	stock_say(d, STOCK_BIND);
	redis_word_text(&d->words, what);
	redis_word_text(&d->words, order->group);
	redis_word_text(&d->words, order->pattern);
	reply = stock_hear(d, STOCK_BIND, &state);
	order->changed = (uint64_t)redis_number(reply);
	redis_drop(reply);
	return state;
}

static enum broker_state stock_cap(struct stock *d, uint64_t count)
{
	enum broker_state state;

	stock_say(d, STOCK_BIND);
	redis_word_text(&d->words, "cap");
	redis_word_number(&d->words, (int64_t)(count & INT64_MAX));
	redis_drop(stock_hear(d, STOCK_BIND, &state));
	return state;
}

enum broker_state stock_admin(struct broker *b, struct broker_order *order)
{
	struct stock *d = (struct stock *)b;

	switch (order->verb) {
	case BROKER_REQUEUE_DEAD:
		return stock_all(d, STOCK_REQUEUE, &order->changed);
	case BROKER_PURGE_DEAD:
		return stock_all(d, STOCK_PURGE, &order->changed);
	case BROKER_DROP:
		return stock_drop(d, &order->changed);
	case BROKER_VACUUM:
		return stock_vacuum(d, &order->changed);
	case BROKER_BIND:
		return stock_bind(d, "bind", order);
	case BROKER_UNBIND:
		return stock_bind(d, "unbind", order);
	case BROKER_CAP:
		return stock_cap(d, order->count);
	}
	return BROKER_OK;
}
