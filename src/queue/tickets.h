/* What the pipeline and the queue's schedule tell each other about a delivery: its
 * priority and keys, how attempts ended, how long to wait for the next. */
#ifndef PQ_TICKETS_H
#define PQ_TICKETS_H

#include <stdbool.h>

#include "item.h"

struct backoff;
struct breaker_rule;
struct options;
struct queue;
struct schedule_rules;
struct section;
struct template;

struct tickets_rules {
	struct template *priority, *key, *rate_key; /* each may be NULL */
	bool whole; /* the priority goes to a queue, which keeps whole numbers */
};

/* The rules that the options and a section of them ask for; false: none, first come is
 * first served. */
bool tickets_schedule(const struct options *o, const struct section *s,
	struct schedule_rules *rules);
/* The reader's thread. False: the item cannot be scheduled; it has been told, and the
 * outcome says that it was refused. */
bool tickets_give(const struct tickets_rules *rules, struct delivery *d);
/* What the template says of it; 0 where that is no number, which tickets_give refuses. */
double tickets_priority(const struct template *t, const struct item *item);
/* The worker's thread: an attempt has ended, and has its verdict. It will be tried again:
 * when. */
void tickets_ended(struct queue *q, const struct breaker_rule *rule, const struct delivery *d);
void tickets_back_off(const struct backoff *backoff, struct delivery *d);
/* The reader's thread. It was to be tried again by an earlier run: when that said. */
void tickets_go_on(const struct backoff *backoff, struct delivery *d);

#endif
