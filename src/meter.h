/* The meter: how long deliveries wait and run, how busy the workers are and how fast
 * items arrive, for --summary.
 *
 * A monitor: any thread may call. There is one only when somebody asked; where it may
 * be NULL, nothing is measured and nothing costs. Times are in ns of clock_now(). */
#ifndef PQ_METER_H
#define PQ_METER_H

#include <stdint.h>

struct delivery;
struct meter;

/* What the source is doing. */
enum arrival {
	ARRIVAL_OPEN, /* items are taken as they come */
	ARRIVAL_HELD, /* the queue is at its bound: nothing is read */
	ARRIVAL_OVER, /* nothing more comes */
};

struct spread {
	uint64_t count; /* of what was measured */
	int64_t p50, p90, p99, max;
};

struct measures {
	struct spread waited; /* in the queue, before each attempt */
	struct spread ran;    /* each attempt that ended by itself or by its timeout */
	int64_t elapsed;      /* since the meter was made */
	int64_t busy;         /* of all workers together */
	int64_t wanted;       /* workers wanted, times how long they were */
	int64_t arriving;     /* until nothing more came */
	int64_t held;         /* so much of that the source was held back */
	uint64_t deepest;     /* the most that waited in the queue at once */
};

struct meter *meter_new(unsigned workers);
void meter_free(struct meter *m);
/* The delivery goes into the queue, where `depth` wait already; its attempt begins; it has
 * ended. NULL is fine for the meter. */
void meter_queued(struct meter *m, struct delivery *d, uint64_t depth);
void meter_began(struct meter *m, struct delivery *d);
void meter_ended(struct meter *m, struct delivery *d);
/* So many workers are wanted from now on. NULL is fine. */
void meter_workers(struct meter *m, unsigned wanted);
void meter_arrival(struct meter *m, enum arrival state);
void meter_read(struct meter *m, struct measures *to);

#endif
