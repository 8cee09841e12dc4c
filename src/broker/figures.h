/* Statistics of queues as text: a table for people, a line, an object of JSON. Pure. */
#ifndef PQ_BROKER_FIGURES_H
#define PQ_BROKER_FIGURES_H

#include <stdbool.h>
#include <stddef.h>

#include "broker/broker.h"

struct buf;

/* Of a queue, or of a group's part of it. */
struct figures {
	const struct address *address;
	struct broker_stats stats;
	bool rated;               /* something is known of: */
	double put, finished;     /* items per second */
};

/* A line with the names of the columns, and one for each. */
void figures_table(struct buf *to, const struct figures *list, size_t count);
/* One line of its own. */
void figures_line(struct buf *to, const struct figures *f);
void figures_object(struct buf *to, const struct figures *f);
/* Is it as it was, but for what only time changes? */
bool figures_is_same(const struct broker_stats *a, const struct broker_stats *b);

#endif
