/* A group: one section of the command line, that is an action with a policy of its own.
 *
 * Read-only while the run lasts; its stats are a monitor. */
#ifndef PQ_GROUP_H
#define PQ_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "options/options.h"
#include "policy/overflow.h"
#include "queue/tickets.h"

struct action;
struct pool;
struct output_rules;
struct queue;
struct stats;
struct template;

struct group {
	unsigned number;           /* its section, from 1 */
	const char *name;          /* what it is called, */
	bool named;                /* which is more than its number; */
	const char *among;         /* that, where there are several; else NULL */
	struct action *action;
	const struct output_rules *capture; /* what becomes of what attempts print */
	const struct template *skips; /* its command says of which items it has no job; or NULL */
	bool in_turn;              /* of what a worker has under way, one runs: the others wait */
	bool records;              /* of a run, each record is done or fails by itself */
	enum output_mode output;
	struct retry_rules retry;
	struct backoff backoff;
	int64_t timeout;           /* ns; 0: none */
	double timeout_percent;    /* of the median runtime; 0: none */
	struct breaker_rule breaker;
	struct rate rate;
	enum overflow overflow;
	struct queue *queue;       /* where its deliveries wait, */
	struct pool *pool;         /* whose that is, */
	unsigned lane;             /* and in which of its lanes */
	bool scheduled;            /* its deliveries have tickets, made by these rules */
	struct tickets_rules tickets;
	struct stats *stats;
	bool timed;                /* which take times */
};

#endif
