/* A durable queue as a source: its items are leased. See source.h. */
#include "source/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "broker/consumer.h"
#include "broker/reach.h"
#include "item.h"

struct queue_source {
	struct source source;
	struct consumer *consumer;
	bool skip_blank;
	uint64_t max_item;
	struct buf id;     /* of the item that came last */
};

static const enum settle_how queue_how[] = { [VERDICT_ACK] = SETTLE_ACK,
	[VERDICT_RETRY] = SETTLE_RETRY, [VERDICT_REJECT] = SETTLE_REJECT,
	[VERDICT_RELEASE] = SETTLE_RELEASE };

static bool queue_is_blank(const struct consumer_item *item)
{
	size_t i = 0;

	while (i < item->len && strchr(" \t\r\n\v\f", item->body[i]) && item->body[i])
		i++;
	return i == item->len;
}

static void queue_draft(struct queue_source *q, struct draft *draft,
	const struct consumer_item *item)
{
	bool long_one = item->len > q->max_item;

	buf_clear(&q->id);
	buf_addf(&q->id, "%s-%lld", consumer_id(q->consumer), (long long)item->id);
	draft->source = q->source.name;
	draft->origin = (struct origin){ .id = buf_str(&q->id) };
	draft->claim = (struct claim){ item->id, item->token, item->attempts, item->lost };
	draft_add(draft, item->body, long_one ? (size_t)q->max_item : item->len);
	if (!long_one)
		return;
	draft->refused = item_beyond_max;
	draft->cut = true;
}

static enum source_state queue_source_next(struct source *s, struct draft *draft)
{
	struct queue_source *q = (struct queue_source *)s;
	struct consumer_item item;

	for (;;) {
		switch (consumer_take(q->consumer, &item)) {
		case CONSUMER_NOTHING:
			return SOURCE_NOTHING;
		case CONSUMER_BROKEN:
			s->failed = true;
			return SOURCE_END;
		case CONSUMER_END:
			atomic_store(&s->backlog, 0);
			return SOURCE_END;
		case CONSUMER_ITEM:
			break;
		}
		if (!q->skip_blank || !queue_is_blank(&item))
			break;
		consumer_settle(q->consumer, item.id, item.token, SETTLE_ACK, 0, NULL);
	}
	queue_draft(q, draft, &item);
	return SOURCE_RECORD;
}

static void queue_source_settle(struct source *s, const struct settlement *what)
{
	int64_t delay = what->delay > 0 ? what->delay / CLOCK_MS : 0;

	consumer_settle(((struct queue_source *)s)->consumer, what->claim->id, what->claim->token,
		queue_how[what->verdict], delay, what->why);
}

static void queue_source_tend(struct source *s, unsigned places, unsigned idle)
{
	struct queue_source *q = (struct queue_source *)s;

	consumer_tend(q->consumer, places, idle);
	atomic_store(&s->backlog, consumer_backlog(q->consumer));
}

static bool queue_source_waits(struct source *s)
{
	return consumer_waits(((struct queue_source *)s)->consumer);
}

static void queue_source_finish(struct source *s, struct source_end *end)
{
	struct queue_source *q = (struct queue_source *)s;

	end->broken = !consumer_close(q->consumer, &end->fenced);
	q->consumer = NULL;
}

static void queue_source_close(struct source *s)
{
	struct queue_source *q = (struct queue_source *)s;

	buf_free(&q->id);
	free(q);
}

struct source *source_queue(const struct address *address, const struct source_rules *rules)
{
	struct queue_source *q = mem_zero(sizeof *q);
	struct consumer_rules consumer = *rules->queue;

	consumer.broker.address = address;
	reach_try(&consumer.broker);
	q->consumer = consumer_new(&consumer);
	q->skip_blank = rules->skip_blank;
	q->max_item = rules->max_item;
	q->source = (struct source){ .next = queue_source_next, .settle = queue_source_settle,
		.tend = queue_source_tend, .waits = queue_source_waits,
		.finish = queue_source_finish, .close = queue_source_close, .name = address->shown,
		.fd = consumer_fd(q->consumer) };
	return &q->source;
}
