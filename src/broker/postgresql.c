/* Durable queues in PostgreSQL. See broker.h. */
#include "broker/engine.h"

static const char *postgresql_missing(void)
{
	return "this pq has no PostgreSQL queues";
}

const struct engine engine_postgresql = { .name = "postgresql", .load = postgresql_missing };
