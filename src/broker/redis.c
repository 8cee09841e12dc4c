/* Durable queues in Redis (5 or newer) and Valkey. See broker.h, and redis_parts.h for how
 * they are kept.
 *
 * What a put has confirmed is as safe as the server is set up to be, which is told when it is
 * opened: with appendfsync always nothing is lost. With everysec a power cut takes the last
 * second; and a server that is killed while its disk is busy takes as much, for it answers before
 * it has written its log.
 *
 * A user with the least rights who produces needs, beside ~pq:{QUEUE}:*
 *   +evalsha +eval +info +config|get +time +hget +hset +hsetnx +hdel +hincrby +persist +zadd
 *   +zrem +zscore +zcard +zrangebyscore +exists +lpush +lrem +smembers +set
 * and one who consumes these, and
 *   +scan +blmove +hmget +hgetall +zrange +del +llen +lrange +ltrim +sadd +srem
 * Without +info and +config|get all works, but what is guaranteed is not known. Another program
 * that pushes into the inbox needs +rpush alone. */
#include "broker/redis_parts.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

/* --- opening and closing ----------------------------------------------- */

static void stock_close(struct broker *b)
{
	struct stock *d = (struct stock *)b;

	redis_close(d->bell);
	redis_close(d->redis);
	redis_words_free(&d->words);
	redis_place_free(&d->place);
	free(d->shown);
	free(d->prefix);
	free(d->inbox);
	free(d->group);
	free(d);
}

static char *stock_copy(const char *text)
{
	return text ? mem_copy(text, strlen(text)) : NULL;
}

/* "pq:{QUEUE}:", "@GROUP:" of a group, and a name. */
static char *stock_key(const struct address *a, bool of_group, const char *name)
{
	struct buf b = { 0 };

	buf_addf(&b, "pq:{%s}:", a->queue);
	if (of_group && a->group)
		buf_addf(&b, "@%s:", a->group);
	buf_adds(&b, name);
	buf_str(&b);
	return b.data;
}

/* What the script gives when it was called: the id of the store, and whether the script that
 * puts is to be published, for other programs to use. */
static struct redis_reply *stock_ask(struct stock *d, bool publish, enum broker_state *state)
{
	enum broker_use use = d->broker.rules.use;

	stock_say(d, STOCK_OPEN);
	redis_word_text(&d->words, use == BROKER_LOOKS ? "0" : "1");
	redis_word_text(&d->words, use == BROKER_CONSUMES && d->group ? d->group : "");
	redis_word_text(&d->words, d->sha[STOCK_PUT]);
	if (publish)
		stock_word_script(&d->words, STOCK_PUT);
	return stock_hear(d, STOCK_OPEN, state);
}

static enum broker_state stock_begin(struct stock *d)
{
	enum broker_state state;
	struct redis_reply *reply = stock_ask(d, false, &state);

	if (reply && redis_number(redis_item(reply, 1))) {
		redis_drop(reply);
		reply = stock_ask(d, true, &state);
	}
	if (reply && redis_kind(reply) == REDIS_IS_NIL)
		state = stock_refuse(d, BROKER_BAD, "there is no such queue");
	else if (reply)
		snprintf(d->broker.id, sizeof d->broker.id, "%s",
			redis_text(redis_item(reply, 0), NULL));
	redis_drop(reply);
	return state;
}

static enum broker_state stock_enter(struct stock *d, struct buf *why, struct buf *notes)
{
	enum broker_state state = stock_inspect(d, why, notes);

	if (state != BROKER_OK)
		return state;
	state = stock_learn(d);
	if (state == BROKER_OK)
		state = stock_begin(d);
	if (state != BROKER_OK)
		buf_adds(why, broker_why(&d->broker) + strlen(d->shown) + 2);
	return state;
}

static struct broker *stock_open(const struct broker_rules *rules, enum broker_state *state,
	struct buf *why, struct buf *notes)
{
	const struct address *a = rules->address;
	struct stock *d = mem_zero(sizeof *d);
	struct buf said = { 0 };

	d->broker.rules = *rules;
	d->broker.expires = true;
	d->shown = stock_copy(a->shown);
	d->group = stock_copy(a->group);
	d->prefix = stock_key(a, false, "");
	d->inbox = stock_key(a, true, "in");
	strcpy(d->cursor, "0");
	*state = BROKER_BAD;
	if (redis_place_read(&d->place, a->target, getenv("REDISCLI_AUTH"), &said))
		d->redis = stock_connect(d, state, &said);
	if (d->redis)
		*state = stock_enter(d, &said, notes);
	if (*state != BROKER_OK) {
		buf_addf(why, "%s: %s", a->shown, buf_str(&said));
		buf_free(&d->broker.why);
		stock_close(&d->broker);
		d = NULL;
	}
	buf_free(&said);
	return d ? &d->broker : NULL;
}

/* --- waiting ----------------------------------------------------------- */

/* What other programs push to the queue a group hears of by the end of its wait alone. */
static void bell_wait(struct stock *d)
{
	struct redis_words *w = &d->words;

	redis_words_clear(w);
	redis_word_text(w, "BLMOVE");
	redis_word_text(w, d->inbox);
	redis_word_text(w, d->inbox);
	redis_word_text(w, "LEFT");
	redis_word_text(w, "LEFT");
	redis_word_text(w, d->group ? "1" : "5");
	d->bell_waits = redis_send(d->bell, w);
}

static void bell_break(struct stock *d)
{
	redis_close(d->bell);
	d->bell = NULL;
	d->bell_waits = false;
}

/* Whether the server is gone is told by the next exchange. */
static int stock_bell(struct broker *b)
{
	struct stock *d = (struct stock *)b;
	enum broker_state state;
	struct buf why = { 0 };

	if (d->bell_fails || d->withheld)
		return -1;
	if (!d->bell)
		d->bell = stock_connect(d, &state, &why);
	buf_free(&why);
	if (d->bell && !d->bell_waits) {
		bell_wait(d);
		if (!d->bell_waits)
			bell_break(d);
	}
	return d->bell ? redis_socket(d->bell) : -1;
}

static enum broker_state stock_listen(struct broker *b)
{
	struct stock *d = (struct stock *)b;
	struct pollfd p = { .events = POLLIN };
	struct redis_reply *reply;

	if (!d->bell_waits)
		return BROKER_OK;
	p.fd = redis_socket(d->bell);
	if (poll(&p, 1, 0) <= 0)
		return BROKER_OK;
	reply = redis_receive(d->bell);
	d->bell_waits = false;
	d->bell_fails = redis_kind(reply) == REDIS_IS_ERROR;
	if (!reply || d->bell_fails)
		bell_break(d);
	redis_drop(reply);
	return BROKER_OK;
}

/* --- when nothing is to be done ---------------------------------------- */

static void stock_rest(struct broker *b)
{
	struct stock *d = (struct stock *)b;
	int64_t now = clock_now();
	uint64_t changed = 0;
	bool done;

	if (d->rested && now - d->rested < CLOCK_SECOND)
		return;
	d->rested = now;
	if (stock_tidy(d, &done, &changed) == BROKER_OK)
		stock_sweep(d, &done, &changed);
}

const struct engine engine_redis = {
	.name = "redis",
	.load = redis_load,
	.open = stock_open,
	.close = stock_close,
	.put = stock_put,
	.exchange = stock_exchange,
	.bell = stock_bell,
	.hear = stock_listen,
	.rest = stock_rest,
	.stats = stock_stats,
	.bindings = stock_bindings,
	.admin = stock_admin,
	.peek = stock_peek,
};
