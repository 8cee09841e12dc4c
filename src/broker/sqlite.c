/* Durable queues in SQLite. See broker.h. */
#include "broker/engine.h"

static const char *sqlite_missing(void)
{
	return "this pq has no SQLite queues";
}

const struct engine engine_sqlite = { .name = "sqlite", .load = sqlite_missing };
