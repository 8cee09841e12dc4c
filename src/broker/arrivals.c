/* How many items come into queues during a run. See arrivals.h. */
#include "broker/arrivals.h"

#include <stdlib.h>

#include "base/mem.h"
#include "broker/broker.h"

struct arrivals {
	struct queue_before {
		const struct address *address;
		uint64_t put; /* in all, then */
	} *queues;    /* owned */
	size_t count;
};

/* All that were ever put there; false: it does not say. */
static bool arrivals_ask(const struct address *queue, uint64_t *put)
{
	struct broker_rules rules = { .address = queue, .use = BROKER_LOOKS, .lease = 60000 };
	struct buf why = { 0 };
	struct broker_stats stats;
	enum broker_state state;
	struct broker *b = broker_open(&rules, &state, &why, NULL);

	if (b) {
		state = broker_stats(b, &stats);
		broker_close(b);
	}
	buf_free(&why);
	if (!b || state != BROKER_OK)
		return false;
	*put = stats.put;
	return true;
}

struct arrivals *arrivals_new(void)
{
	return mem_zero(sizeof(struct arrivals));
}

void arrivals_add(struct arrivals *a, const struct address *queue)
{
	struct queue_before *to;

	a->queues = mem_grow(a->queues, (a->count + 1) * sizeof *a->queues);
	to = &a->queues[a->count++];
	*to = (struct queue_before){ .address = queue };
	arrivals_ask(queue, &to->put);
}

bool arrivals_came(const struct arrivals *a, uint64_t *came)
{
	uint64_t put;

	*came = 0;
	for (size_t i = 0; i < a->count; i++) {
		if (!arrivals_ask(a->queues[i].address, &put))
			return false;
		*came += put > a->queues[i].put ? put - a->queues[i].put : 0;
	}
	return a->count > 0;
}

void arrivals_free(struct arrivals *a)
{
	free(a->queues);
	free(a);
}
