/* A durable queue as a sink: deliveries pass through it, and what they have for the queue is
 * put there, many together, before they go on. A passage: it stands between the collector and
 * the desk, so an item dies only when what came of it is safe.
 *
 * A thread of its own holds the connection; it waits for a broker that is gone, and, unless it
 * is told otherwise, for one that is full. queue_sink_put: any thread. */
#ifndef PQ_SINK_QUEUE_H
#define PQ_SINK_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "broker/broker.h"
#include "item.h"

struct queue_sink;

/* What is to be put: texts are offsets into `text`, for that moves while it grows. */
struct good {
	size_t body, len;
	size_t key, key_len, topic, outcome; /* GOOD_NONE: none; the latter end with a NUL */
	int64_t priority;
};

#define GOOD_NONE SIZE_MAX

struct goods {
	struct good *list; /* owned */
	size_t count, room;
	struct buf text;
};

/* One more of these bytes, and nothing else. A view, until the next. */
struct good *goods_add(struct goods *g, const char *body, size_t len);
/* Each record of these bytes is one: it ends with the separator, the last may do without. */
void goods_add_records(struct goods *g, const char *data, size_t len, char separator);

enum queue_sink_full { QUEUE_SINK_WAIT, QUEUE_SINK_REFUSE, QUEUE_SINK_DROP, QUEUE_SINK_FAIL };

enum goods_fill {
	GOODS_ALL,
	GOODS_MORE,   /* these are put first: ask again */
	GOODS_UNREAD, /* what it has cannot be known: told */
};

struct queue_sink_rules {
	struct broker_rules broker;
	int64_t give_up;  /* as struct reach has it */
	int64_t key_life; /* ms; 0: for ever */
	enum queue_sink_full full;
	/* Append what it has for the queue, or the next part of it. All in the sink's thread. */
	enum goods_fill (*fill)(void *ctx, struct delivery *d, struct goods *to);
	/* These have passed: the callee's now. lost: what they had for the queue is not there. */
	void (*passed)(void *ctx, struct delivery *list, bool lost);
	/* So many goods of a delivery were not queued, for their key was there; or, told, no room
	 * or no group. */
	void (*left)(void *ctx, struct delivery *d, enum put_fate why, uint64_t count);
	void (*failed)(void *ctx); /* nothing more is put: told */
	void *ctx;
};

/* Dies with one line when the queue cannot be opened; it is opened for good in the thread. */
struct queue_sink *queue_sink_new(const struct queue_sink_rules *rules);
void queue_sink_start(struct queue_sink *s);
void queue_sink_put(struct queue_sink *s, struct delivery *list, bool lost);
/* The run is to end: a broker that is gone or full is waited for no more than a moment. Any
 * thread. */
void queue_sink_hurry(struct queue_sink *s);
/* All have been put: join and free. Main thread. */
void queue_sink_finish(struct queue_sink *s);

#endif
