/* Durable queues in Redis. See broker.h. */
#include "broker/engine.h"

static const char *redis_missing(void)
{
	return "this pq has no Redis queues";
}

const struct engine engine_redis = { .name = "redis", .load = redis_missing };
