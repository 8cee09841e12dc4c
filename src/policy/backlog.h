/* Has the queue just grown too long? --high-water. Pure. */
#ifndef PQ_BACKLOG_H
#define PQ_BACKLOG_H

#include <stdbool.h>
#include <stdint.h>

/* As it was given. */
struct backlog_rule {
	uint64_t amount;
	double percent; /* of what may be alive; 0: it is the amount */
};

struct backlog {
	uint64_t high;
	bool over;      /* since the last look */
};

bool backlog_parse(const char *s, struct backlog_rule *rule);
/* The number that the rule means where so many items may be alive. */
uint64_t backlog_high(const struct backlog_rule *rule, uint64_t queue_size);
/* So many wait now; have they become more than `high` only now? */
bool backlog_rises(struct backlog *b, uint64_t depth);

#endif
