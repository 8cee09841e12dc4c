/* PostgreSQL's queues looked at and managed. See postgresql_parts.h. */
#include "broker/postgresql_parts.h"

#include <string.h>

#include "policy/topic.h"

/* So many items at a time: each call ends in time. */
enum { DEPOT_AT_ONCE = 10000 };
enum { DEPOT_VACUUM_LIMIT = 24 * 3600 * 1000 };

/* --- looking ----------------------------------------------------------- */

enum broker_state depot_stats(struct broker *b, struct broker_stats *stats)
{
	struct depot *d = (struct depot *)b;
	enum broker_state state;

	postgresql_ask(&d->query, "SELECT ready, delayed, leased, dead, done, lost, cap, oldest,"
		" finished, put, holders FROM pq.stats($1)");
	postgresql_give_text(&d->query, d->part);
	state = depot_call(d);
	if (state != BROKER_OK)
		return state;
	stats->ready = (uint64_t)postgresql_int(d->db, 0, 0);
	stats->delayed = (uint64_t)postgresql_int(d->db, 0, 1);
	stats->leased = (uint64_t)postgresql_int(d->db, 0, 2);
	stats->dead = (uint64_t)postgresql_int(d->db, 0, 3);
	stats->done = (uint64_t)postgresql_int(d->db, 0, 4);
	stats->lost = (uint64_t)postgresql_int(d->db, 0, 5);
	stats->cap = (uint64_t)postgresql_int(d->db, 0, 6);
	stats->oldest = postgresql_int(d->db, 0, 7);
	stats->finished = (uint64_t)postgresql_int(d->db, 0, 8);
	stats->put = (uint64_t)postgresql_int(d->db, 0, 9);
	stats->holders = (unsigned)postgresql_int(d->db, 0, 10);
	return BROKER_OK;
}

enum broker_state depot_bindings(struct broker *b, struct bindings *all)
{
	struct depot *d = (struct depot *)b;
	enum broker_state state;
	size_t len;

	postgresql_ask(&d->query, "SELECT grp, pattern FROM pq.bindings($1)");
	postgresql_give_text(&d->query, d->queue);
	state = depot_call(d);
	for (size_t row = 0; state == BROKER_OK && row < postgresql_rows(d->db); row++)
		engine_binding(all, postgresql_bytes(d->db, row, 0, &len),
			postgresql_bytes(d->db, row, 1, &len));
	return state;
}

static const char *depot_text(const struct depot *d, size_t row, int column)
{
	size_t len;

	return postgresql_null(d->db, row, column) ? NULL
		: postgresql_bytes(d->db, row, column, &len);
}

static void depot_show(const struct depot *d, size_t row, struct broker_view *v)
{
	*v = (struct broker_view){
		.id = postgresql_int(d->db, row, 0),
		.state = depot_text(d, row, 1),
		.priority = postgresql_int(d->db, row, 2),
		.claims = (uint64_t)postgresql_int(d->db, row, 3),
		.attempts = (unsigned)postgresql_int(d->db, row, 4),
		.lost = (unsigned)postgresql_int(d->db, row, 5),
		.age = postgresql_int(d->db, row, 6),
		.due = postgresql_int(d->db, row, 7),
		.holder = depot_text(d, row, 8),
		.outcome = depot_text(d, row, 9),
		.topic = depot_text(d, row, 10),
	};
	v->body = postgresql_bytes(d->db, row, 11, &v->len);
}

enum broker_state depot_peek(struct broker *b, uint64_t count,
	void (*show)(void *ctx, const struct broker_view *item), void *ctx)
{
	struct depot *d = (struct depot *)b;
	enum broker_state state;
	struct broker_view v;

	postgresql_ask(&d->query, "SELECT id, state, priority, claims, attempts, lost, age, due,"
		" holder, outcome, topic, body FROM pq.peek($1, $2)");
	postgresql_give_text(&d->query, d->part);
	postgresql_give_int(&d->query, count > INT64_MAX ? INT64_MAX : (int64_t)count);
	state = depot_call(d);
	for (size_t row = 0; state == BROKER_OK && row < postgresql_rows(d->db); row++) {
		depot_show(d, row, &v);
		show(ctx, &v);
	}
	return state;
}

/* --- administration ---------------------------------------------------- */

/* One call, whose number is added to `changed`. */
static enum broker_state depot_obey(struct depot *d, struct broker_order *order)
{
	enum broker_state state = depot_call(d);

	if (state == BROKER_OK)
		order->changed += (uint64_t)postgresql_int(d->db, 0, 0);
	return state;
}

/* Again and again, while the second column says that there are more. */
static enum broker_state depot_obey_all(struct depot *d, struct broker_order *order)
{
	enum broker_state state;

	do
		state = depot_obey(d, order);
	while (state == BROKER_OK && postgresql_int(d->db, 0, 1));
	return state;
}

static enum broker_state depot_dead(struct depot *d, struct broker_order *order, const char *sql)
{
	postgresql_ask(&d->query, sql);
	postgresql_give_text(&d->query, d->part);
	postgresql_give_int(&d->query, DEPOT_AT_ONCE);
	return depot_obey_all(d, order);
}

static enum broker_state depot_drop(struct depot *d, struct broker_order *order)
{
	postgresql_ask(&d->query, "SELECT items, more FROM pq.drop($1, $2, $3)");
	postgresql_give_text(&d->query, d->queue);
	postgresql_give_text(&d->query, d->group);
	postgresql_give_int(&d->query, DEPOT_AT_ONCE);
	return depot_obey_all(d, order);
}

static enum broker_state depot_bind(struct depot *d, struct broker_order *order, const char *sql)
{
	const char *flaw = topic_flaw(order->pattern);

	if (flaw)
		return depot_refuse(d, "the pattern '%s' %s", order->pattern, flaw);
	postgresql_ask(&d->query, sql);
	postgresql_give_text(&d->query, d->queue);
	postgresql_give_bytes(&d->query, order->pattern, strlen(order->pattern));
	postgresql_give_text(&d->query, order->group);
	return depot_obey(d, order);
}

static enum broker_state depot_cap(struct depot *d, struct broker_order *order)
{
	enum broker_state state;

	postgresql_ask(&d->query, "SELECT pq.cap($1, $2)");
	postgresql_give_text(&d->query, d->part);
	postgresql_give_int(&d->query,
		order->count > INT64_MAX ? INT64_MAX : (int64_t)order->count);
	state = depot_call(d);
	return state;
}

/* Whoever asks for it waits for it, as long as the server lives. */
static enum broker_state depot_vacuum_all(struct depot *d)
{
	if (!d->owner)
		return depot_refuse(d, "%s does not own its tables: their owner may vacuum them, and the "
			"server does by itself", postgresql_user(d->db));
	if (!postgresql_do(d->db, "SET statement_timeout = 0", d->patience)
		|| !postgresql_do(d->db, "VACUUM ANALYZE pq.item, pq.finished, pq.seen, pq.tally, pq.bell",
			DEPOT_VACUUM_LIMIT))
		return depot_trouble(d);
	return depot_limit(d);
}

enum broker_state depot_admin(struct broker *b, struct broker_order *order)
{
	struct depot *d = (struct depot *)b;

	switch (order->verb) {
	case BROKER_REQUEUE_DEAD:
		return depot_dead(d, order, "SELECT n, n = $2 FROM pq.requeue_dead($1, $2) n");
	case BROKER_PURGE_DEAD:
		return depot_dead(d, order, "SELECT n, n = $2 FROM pq.purge_dead($1, $2) n");
	case BROKER_DROP:
		return depot_drop(d, order);
	case BROKER_VACUUM:
		return depot_vacuum_all(d);
	case BROKER_BIND:
		return depot_bind(d, order, "SELECT pq.bind($1, $2, $3)");
	case BROKER_UNBIND:
		return depot_bind(d, order, "SELECT pq.unbind($1, $2, $3)");
	case BROKER_CAP:
		return depot_cap(d, order);
	}
	return BROKER_OK;
}
