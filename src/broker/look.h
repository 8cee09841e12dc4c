/* What is in a queue, and in each of its groups: --stats, once or again and again.
 *
 * Main thread, instead of a run; signals end pq as they end any program. */
#ifndef PQ_BROKER_LOOK_H
#define PQ_BROKER_LOOK_H

#include <stdbool.h>
#include <stdint.h>

struct address;

struct look_rules {
	const struct address *queue; /* of a group: that alone */
	bool json;                   /* an object a line, not a table */
	bool watch;                  /* again each second; else once */
	bool live;                   /* standard output is a terminal that can take lines back */
	int64_t give_up;             /* ns that one which is gone is waited for; -1: while it is
	                              * watched for ever, else not at all */
};

/* Nobody reads what is printed. */
enum { LOOK_UNREAD = -1 };

/* To standard output; trouble is told. The exit status, or LOOK_UNREAD. */
int look(const struct look_rules *rules);

#endif
