/* Putting, settling and claiming in Redis. See redis_parts.h. */
#include "broker/redis_parts.h"

#include <stdio.h>
#include <string.h>

/* Later than this is never, and what is added to it is still a number. */
#define NEVER (INT64_MAX / 4)

/* Beyond this a score is not exact. */
#define EXACT (INT64_C(1) << 53)

static int64_t stock_span(int64_t ms)
{
	return ms < 0 ? 0 : ms > NEVER ? NEVER : ms;
}

/* --- putting ----------------------------------------------------------- */

static const char *stock_text(const char *text)
{
	return text ? text : "";
}

/* The order of what is too large for a score. */
static void stock_word_rank(struct redis_words *w, int64_t priority)
{
	char rank[24] = "";

	if (priority >= EXACT || priority <= -EXACT)
		snprintf(rank, sizeof rank, "%016llx",
			(unsigned long long)priority + (UINT64_C(1) << 63));
	redis_word_text(w, rank);
}

static void stock_word_put(struct redis_words *w, const struct put *item)
{
	redis_word(w, item->body, item->len);
	redis_word(w, item->key, item->key ? item->key_len : 0);
	if (item->key)
		redis_word_number(w, stock_span(item->key_life));
	else
		redis_word_text(w, "");
	redis_word_text(w, stock_text(item->topic));
	redis_word_number(w, item->priority);
	redis_word_number(w, stock_span(item->delay));
	stock_word_rank(w, item->priority);
	redis_word_text(w, stock_text(item->outcome));
}

static enum put_fate stock_fate(char letter)
{
	switch (letter) {
	case 'd':
		return PUT_DUPLICATE;
	case 'f':
		return PUT_FULL;
	case 'u':
		return PUT_UNWANTED;
	default:
		return PUT_QUEUED;
	}
}

/* As many as may go at once; *bodies is how long they are together. */
static size_t stock_some(const struct put *items, size_t count)
{
	size_t n = 0, bytes = 0;

	while (n < count && n < STOCK_MOST && (!n || bytes + items[n].len <= STOCK_BYTES))
		bytes += items[n++].len;
	return n;
}

static enum broker_state stock_call_put(struct stock *d, struct put *items, size_t count)
{
	enum broker_state state;
	struct redis_reply *reply;
	const char *fates;
	size_t len;

	stock_say(d, STOCK_PUT);
	for (size_t i = 0; i < count; i++)
		stock_word_put(&d->words, &items[i]);
	reply = stock_hear(d, STOCK_PUT, &state);
	if (!reply)
		return state;
	fates = redis_text(reply, &len);
	for (size_t i = 0; i < count && i < len; i++)
		items[i].fate = stock_fate(fates[i]);
	if (len != count)
		state = stock_refuse(d, BROKER_BAD, "its scripts do not work as those of Redis");
	redis_drop(reply);
	return state;
}

/* All in one transaction, unless they are more than a server should be held up by. */
enum broker_state stock_put(struct broker *b, struct put *items, size_t count)
{
	struct stock *d = (struct stock *)b;
	enum broker_state state = BROKER_OK;

	for (size_t i = 0; i < count; i++)
		if (items[i].len > STOCK_BODY_MOST || items[i].key_len > STOCK_BODY_MOST)
			return stock_refuse(d, BROKER_BAD, "an item has %zu bytes, and Redis takes 512 MiB",
				items[i].len);
	while (count > 0 && state == BROKER_OK) {
		size_t n = stock_some(items, count);

		state = stock_call_put(d, items, n);
		items += n;
		count -= n;
	}
	return state;
}

/* --- settling and claiming --------------------------------------------- */

static void stock_word_settle(struct stock *d, const struct settle *s)
{
	static const char *const letters[] = {
		[SETTLE_ACK] = "a", [SETTLE_RETRY] = "t", [SETTLE_REJECT] = "j",
		[SETTLE_RELEASE] = "l", [SETTLE_EXTEND] = "x",
	};
	struct buf outcome = { 0 };

	stock_word_item(d, s->id);
	redis_word_number(&d->words, s->token);
	redis_word_text(&d->words, letters[s->how]);
	redis_word_number(&d->words, stock_span(s->delay));
	if (s->outcome)
		buf_addf(&outcome, "=%s", s->outcome);
	redis_word(&d->words, outcome.data, outcome.len);
	buf_free(&outcome);
}

static void stock_read_settles(struct settle *settles, size_t count, const char *fates)
{
	for (size_t i = 0; i < count && fates[i]; i++)
		settles[i].fate = fates[i] == 'o' ? SETTLE_OURS
			: fates[i] == 'g' ? SETTLE_GONE : SETTLE_LOST;
}

/* The seven of one that was claimed. */
static void stock_read_claim(struct exchange *x, const struct redis_reply *all, size_t at)
{
	size_t len, topic_len;
	const char *body = redis_text(redis_item(all, at + 5), &len);
	const char *topic = redis_text(redis_item(all, at + 6), &topic_len);
	struct claimed item = {
		.id = redis_number(redis_item(all, at)),
		.token = redis_number(redis_item(all, at + 1)),
		.attempts = (unsigned)redis_number(redis_item(all, at + 2)),
		.lost = (unsigned)redis_number(redis_item(all, at + 3)),
		.priority = redis_number(redis_item(all, at + 4)),
		.len = len,
		.topic_len = topic_len,
	};

	engine_claimed(x, &item, body, topic);
}

static void stock_read_exchange(struct exchange *x, const struct redis_reply *reply)
{
	const struct redis_reply *claimed = redis_item(reply, 5);
	const char *buried;
	size_t len;

	x->due = redis_number(redis_item(reply, 1));
	x->drained = redis_number(redis_item(reply, 2)) != 0;
	x->backlog = (uint64_t)redis_number(redis_item(reply, 3));
	buried = redis_text(redis_item(reply, 4), &len);
	buf_add(&x->buried, buried, len);
	if (len)
		buf_addc(&x->buried, '\n');
	for (size_t i = 0; i + 7 <= redis_count(claimed); i += 7)
		stock_read_claim(x, claimed, i);
}

static enum broker_state stock_call_exchange(struct stock *d, struct exchange *x,
	struct settle *settles, size_t count, size_t want)
{
	const struct broker_rules *rules = &d->broker.rules;
	enum broker_state state;
	struct redis_reply *reply;

	stock_say(d, STOCK_EXCHANGE);
	redis_word_text(&d->words, d->broker.id);
	redis_word_text(&d->words, engine_holder());
	redis_word_number(&d->words, stock_span(rules->lease));
	redis_word_number(&d->words, rules->poison);
	redis_word_number(&d->words, stock_span((int64_t)(rules->keep.count & INT64_MAX)));
	redis_word_number(&d->words, stock_span(rules->keep.time));
	redis_word_number(&d->words, (int64_t)want);
	redis_word_number(&d->words, (int64_t)count);
	for (size_t i = 0; i < count; i++)
		stock_word_settle(d, &settles[i]);
	reply = stock_hear(d, STOCK_EXCHANGE, &state);
	if (!reply)
		return state;
	stock_read_settles(settles, count, redis_text(redis_item(reply, 0), NULL));
	stock_read_exchange(x, reply);
	d->withheld = x->nclaimed < want && redis_number(redis_item(reply, 6)) != 0;
	redis_drop(reply);
	return state;
}

/* One transaction, unless there is more to settle than a server should be held up by. */
enum broker_state stock_exchange(struct broker *b, struct exchange *x)
{
	struct stock *d = (struct stock *)b;
	struct settle *settles = x->settles;
	size_t left = x->nsettles;
	enum broker_state state = BROKER_OK;

	for (; state == BROKER_OK && left > STOCK_MOST; left -= STOCK_MOST, settles += STOCK_MOST)
		state = stock_call_exchange(d, x, settles, STOCK_MOST, 0);
	if (state != BROKER_OK)
		return state;
	return stock_call_exchange(d, x, settles, left, x->want < STOCK_MOST ? x->want : STOCK_MOST);
}
