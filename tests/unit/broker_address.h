/* Which queue the tests of brokers are about: PQ_TEST_BROKER, as "redis+unix:///tmp/s" or
 * "postgresql://..." (no queue), or a file of SQLite in the scratch directory. */
#ifndef PQ_UNIT_BROKER_ADDRESS_H
#define PQ_UNIT_BROKER_ADDRESS_H

#include <string.h>

#include "broker/address.h"
#include "scratch.h"

/* Set-up of the group of tests, in place of scratch_make. Other processes find the address
 * in their environment. */
static inline int broker_address_make(void **state)
{
	char *address;

	if (scratch_make(state) < 0)
		return -1;
	if (asprintf(&address, "sqlite:%s/jobs.db", scratch) < 0)
		abort();
	setenv("PQ_TEST_BROKER", address, 0);
	free(address);
	return 0;
}

/* A view of its parts; the group may be NULL. */
static inline struct address broker_address(char *queue, const char *group)
{
	char *text = getenv("PQ_TEST_BROKER");
	struct address a = { .target = text, .queue = queue, .group = (char *)group,
		.shown = (char *)"the queue" };

	if (strncmp(text, "sqlite:", 7) == 0) {
		a.engine = ADDRESS_SQLITE;
		a.target += 7;
	} else {
		a.engine = strncmp(text, "redis", 5) == 0 ? ADDRESS_REDIS : ADDRESS_POSTGRESQL;
	}
	return a;
}

#endif
