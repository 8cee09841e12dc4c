/* A consumer: the thread that holds the connection of a queue that is consumed from. It
 * claims ahead, settles in batches, keeps leases alive, and waits for a broker that is gone.
 *
 * The desk's thread takes and settles; none of that waits for the broker. What the thread has
 * to say it says itself: a broker that went and came back, items that were not ours any more,
 * items that were given up.
 *
 * How much is claimed says pace.h. */
#ifndef PQ_CONSUMER_H
#define PQ_CONSUMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "broker/broker.h"

struct consumer;

struct consumer_rules {
	struct broker_rules broker;
	uint64_t ahead;   /* 0: as it goes */
	unsigned together; /* a job takes so many at once; 0: one */
	int64_t give_up;  /* ns that a broker may be gone; below 0: for ever */
	bool follow;      /* it has no end */
};

/* The broker could be opened a moment ago, and is opened again in the thread, which starts
 * when first asked for something: the address must live as long. */
struct consumer *consumer_new(const struct consumer_rules *rules);

enum consumer_state {
	CONSUMER_ITEM,
	CONSUMER_NOTHING, /* now: poll consumer_fd */
	CONSUMER_END,     /* nothing is ready, delayed or leased, and all is settled */
	CONSUMER_BROKEN,  /* it will not go on: told */
};

struct consumer_item {
	int64_t id, token;
	unsigned attempts, lost;
	const char *body; /* a view until the next call */
	size_t len;
};

/* The desk's thread. */
enum consumer_state consumer_take(struct consumer *c, struct consumer_item *item);
int consumer_fd(const struct consumer *c);
/* Items that workers have places for; and those of them that are empty. */
void consumer_tend(struct consumer *c, unsigned places, unsigned idle);
/* outcome: one line, copied; or NULL. delay: ms. */
void consumer_settle(struct consumer *c, int64_t id, int64_t token, enum settle_how how,
	int64_t delay, const char *outcome);
/* Any thread: does nothing more come before something is settled, as far as that is known? As
 * much is held as may be; or nothing else is ready, and the end waits for what is held. */
bool consumer_waits(struct consumer *c);
uint64_t consumer_backlog(const struct consumer *c); /* any thread */
const char *consumer_id(const struct consumer *c);   /* as broker_id; after an item came */

/* Likewise. No more is wanted: what was not settled is released, what was is brought home.
 * False: the queue was broken, or could not be told all, which has been said. *fenced: so many
 * items were not ours any more, or were given up. Frees. */
bool consumer_close(struct consumer *c, uint64_t *fenced);

#endif
