/* Looking at queues in SQLite, and administration. See sqlite_parts.h. */
#include "broker/sqlite_parts.h"

#include <stdlib.h>
#include <string.h>

#include "policy/topic.h"

/* Run it, which is about the part (?1), or about others; how many rows it changed goes to
 * *changed, unless NULL. */
static bool admin_run(struct store *s, const char *sql, const char *first, const char *second,
	uint64_t *changed)
{
	struct sqlite_query *q = store_ask(s, sql, first, second);
	bool ok = q && sqlite_run(q);

	if (ok && changed)
		*changed += sqlite_changed(s->db);
	sqlite_free(q);
	return ok;
}

/* --- statistics -------------------------------------------------------- */

/* The oldest ready one is looked for among the first of each priority: all of one come in
 * the order in which they were put. */
#define OLDEST \
	"(WITH RECURSIVE level(priority) AS (" \
	"SELECT min(priority) FROM item WHERE queue = ?1 AND state = 0" \
	" UNION ALL SELECT (SELECT min(priority) FROM item WHERE queue = ?1 AND state = 0" \
	" AND priority > level.priority) FROM level WHERE priority IS NOT NULL)" \
	" SELECT min((SELECT born FROM item WHERE queue = ?1 AND state = 0" \
	" AND priority = level.priority ORDER BY id LIMIT 1)) FROM level WHERE priority IS NOT NULL)"

#define STATS \
	"SELECT (SELECT count(*) FROM item WHERE queue = ?1 AND state = 0)," \
	" (SELECT count(*) FROM item WHERE queue = ?1 AND state = 1)," \
	" (SELECT count(*) FROM item INDEXED BY item_leased WHERE queue = ?1 AND state = 2)," \
	" (SELECT count(*) FROM item WHERE queue = ?1 AND state = 3)," \
	" (SELECT count(*) FROM item WHERE queue = ?1 AND state = 4)," \
	" (SELECT count(*) FROM item INDEXED BY item_lost WHERE queue = ?1 AND state < 3" \
	" AND lost > 0)," \
	" (SELECT count(DISTINCT holder) FROM item INDEXED BY item_leased" \
	" WHERE queue = ?1 AND state = 2)," \
	" coalesce((SELECT finished FROM tally WHERE queue = ?1), 0)," \
	" coalesce((SELECT put FROM tally WHERE queue = ?1), 0)," \
	" coalesce((SELECT cap FROM settings WHERE queue = ?1)," \
	" (SELECT cap FROM settings WHERE queue = ?2), 0)," \
	" " OLDEST

enum broker_state store_stats(struct broker *b, struct broker_stats *stats)
{
	struct store *s = (struct store *)b;
	struct sqlite_query *q = store_ask(s, STATS, s->part, s->queue);

	if (!q || !store_is_there(s) || !sqlite_row(q)) {
		enum broker_state state = store_trouble(s);

		sqlite_free(q);
		return state;
	}
	*stats = (struct broker_stats){
		.ready = (uint64_t)sqlite_int(q, 0), .delayed = (uint64_t)sqlite_int(q, 1),
		.leased = (uint64_t)sqlite_int(q, 2), .dead = (uint64_t)sqlite_int(q, 3),
		.done = (uint64_t)sqlite_int(q, 4), .lost = (uint64_t)sqlite_int(q, 5),
		.holders = (unsigned)sqlite_int(q, 6), .finished = (uint64_t)sqlite_int(q, 7),
		.put = (uint64_t)sqlite_int(q, 8), .cap = (uint64_t)sqlite_int(q, 9), .oldest = -1,
	};
	if (!sqlite_is_null(q, 10))
		stats->oldest = store_now() > sqlite_int(q, 10) ? store_now() - sqlite_int(q, 10) : 0;
	sqlite_free(q);
	return BROKER_OK;
}

enum broker_state store_bindings(struct broker *b, struct bindings *all)
{
	struct store *s = (struct store *)b;
	struct sqlite_query *q = store_statement(s, STORE_BINDINGS);

	if (!q || !store_is_there(s))
		return store_trouble(s);
	sqlite_set_text(q, 1, s->queue);
	while (sqlite_row(q))
		engine_binding(all, sqlite_text(q, 0), sqlite_text(q, 1));
	return sqlite_trouble(s->db) == SQLITE_TROUBLE_NONE ? BROKER_OK : store_trouble(s);
}

/* --- administration ---------------------------------------------------- */

static bool admin_requeue(struct store *s, struct broker_order *order)
{
	struct tally more = { 0 };

	if (!admin_run(s, "UPDATE item SET state = 0, attempts = 0, lost = 0, due = born"
		" WHERE queue = ?1 AND state = 3", s->part, NULL, &order->changed))
		return false;
	more.live = (int64_t)order->changed;
	return !more.live || store_count(s, s->part, &more, NULL);
}

/* The queue has groups, 'QUEUE:...': what begins so comes before 'QUEUE;'. */
#define AND_GROUPS " WHERE queue = ?1 OR (queue > ?1 || ':' AND queue < ?1 || ';')"

static bool admin_drop(struct store *s, struct broker_order *order)
{
	if (s->group)
		return admin_run(s, "DELETE FROM item WHERE queue = ?1", s->part, NULL, &order->changed)
			&& admin_run(s, "DELETE FROM tally WHERE queue = ?1", s->part, NULL, NULL)
			&& admin_run(s, "DELETE FROM settings WHERE queue = ?1", s->part, NULL, NULL)
			&& admin_run(s, "DELETE FROM seen WHERE queue = ?1", s->part, NULL, NULL)
			&& admin_run(s, "DELETE FROM binding WHERE queue = ?1 AND grp = ?2", s->queue,
				s->group, NULL);
	return admin_run(s, "DELETE FROM item" AND_GROUPS, s->queue, NULL, &order->changed)
		&& admin_run(s, "DELETE FROM tally" AND_GROUPS, s->queue, NULL, NULL)
		&& admin_run(s, "DELETE FROM settings" AND_GROUPS, s->queue, NULL, NULL)
		&& admin_run(s, "DELETE FROM seen" AND_GROUPS, s->queue, NULL, NULL)
		&& admin_run(s, "DELETE FROM binding WHERE queue = ?1", s->queue, NULL, NULL);
}

static bool admin_bind(struct store *s, struct broker_order *order)
{
	bool bind = order->verb == BROKER_BIND;
	struct sqlite_query *q = store_ask(s, bind ? "INSERT OR IGNORE INTO binding VALUES (?1, ?2, ?3)"
		: "DELETE FROM binding WHERE queue = ?1 AND grp = ?2 AND pattern = ?3", s->queue,
		order->group);
	bool ok = q != NULL;

	if (ok) {
		sqlite_set_text(q, 3, order->pattern);
		ok = sqlite_run(q);
		order->changed = sqlite_changed(s->db);
	}
	sqlite_free(q);
	return ok;
}

/* A group may have none where its queue has one; else none is no row. */
static bool admin_cap(struct store *s, struct broker_order *order)
{
	struct sqlite_query *q;
	bool ok;

	if (!order->count && !s->group)
		return admin_run(s, "DELETE FROM settings WHERE queue = ?1", s->part, NULL,
			&order->changed);
	q = store_ask(s, "INSERT OR REPLACE INTO settings VALUES (?1, ?2)", s->part, NULL);
	ok = q != NULL;

	if (ok) {
		sqlite_set(q, 2, (int64_t)order->count);
		ok = sqlite_run(q);
		order->changed = sqlite_changed(s->db);
	}
	sqlite_free(q);
	return ok;
}

static bool admin_write(struct store *s, struct broker_order *order)
{
	switch (order->verb) {
	case BROKER_REQUEUE_DEAD:
		return admin_requeue(s, order);
	case BROKER_PURGE_DEAD:
		return admin_run(s, "DELETE FROM item WHERE queue = ?1 AND state = 3", s->part, NULL,
			&order->changed);
	case BROKER_DROP:
		return admin_drop(s, order);
	case BROKER_BIND:
	case BROKER_UNBIND:
		return admin_bind(s, order);
	case BROKER_CAP:
		return admin_cap(s, order);
	case BROKER_VACUUM:
		break;
	}
	return true;
}

/* Vacuuming is a transaction of its own. */
static bool admin_vacuum(struct store *s)
{
	return store_is_there(s) && sqlite_do(s->db, "VACUUM")
		&& sqlite_do(s->db, "PRAGMA wal_checkpoint(TRUNCATE)");
}

enum broker_state store_admin(struct broker *b, struct broker_order *order)
{
	struct store *s = (struct store *)b;
	const char *flaw = order->verb == BROKER_BIND ? topic_flaw(order->pattern) : NULL;

	if (flaw)
		return store_refuse(s, BROKER_BAD, "the pattern '%s' %s", order->pattern, flaw);
	if (order->verb == BROKER_VACUUM)
		return admin_vacuum(s) ? BROKER_OK : store_trouble(s);
	return store_begin(s) && admin_write(s, order) && store_commit(s) ? BROKER_OK
		: store_trouble(s);
}

/* --- looking at items -------------------------------------------------- */

#define LOOK_AT \
	"SELECT item.id, state, priority, claims, attempts, lost, born, due, host || ':' || pid," \
	" outcome, topic, body FROM item LEFT JOIN holder ON holder.id = item.holder" \
	" WHERE queue = ?1 AND state = "

static void peek_show(struct sqlite_query *q, void (*show)(void *, const struct broker_view *),
	void *ctx)
{
	static const char *const states[] = { "ready", "delayed", "leased", "dead", "done" };
	int64_t now = store_now(), state = sqlite_int(q, 1);
	struct broker_view v = {
		.id = sqlite_int(q, 0), .state = states[state >= 0 && state < 5 ? state : 0],
		.priority = sqlite_int(q, 2), .claims = (uint64_t)sqlite_int(q, 3),
		.attempts = (unsigned)sqlite_int(q, 4), .lost = (unsigned)sqlite_int(q, 5),
		.age = now > sqlite_int(q, 6) ? now - sqlite_int(q, 6) : 0,
		.due = sqlite_int(q, 7) > now ? sqlite_int(q, 7) - now : 0,
		.holder = sqlite_is_null(q, 8) ? NULL : sqlite_text(q, 8),
		.outcome = sqlite_is_null(q, 9) ? NULL : sqlite_text(q, 9),
		.topic = sqlite_is_null(q, 10) ? NULL : sqlite_text(q, 10),
	};

	v.body = sqlite_bytes(q, 11, &v.len);
	show(ctx, &v);
}

/* Those of one state, in their order, as long as *left. */
static bool peek_state(struct store *s, const char *sql, uint64_t *left,
	void (*show)(void *, const struct broker_view *), void *ctx)
{
	struct sqlite_query *q = store_ask(s, sql, s->part, NULL);
	bool ok = q != NULL;

	while (ok && *left && sqlite_row(q)) {
		peek_show(q, show, ctx);
		--*left;
	}
	ok = ok && sqlite_trouble(s->db) == SQLITE_TROUBLE_NONE;
	sqlite_free(q);
	return ok;
}

enum broker_state store_peek(struct broker *b, uint64_t count,
	void (*show)(void *ctx, const struct broker_view *item), void *ctx)
{
	static const char *const lists[] = {
		LOOK_AT "0 ORDER BY priority, item.id", LOOK_AT "1 ORDER BY due, item.id",
		LOOK_AT "2 ORDER BY item.id", LOOK_AT "3 ORDER BY item.id",
		LOOK_AT "4 ORDER BY due, item.id",
	};
	struct store *s = (struct store *)b;
	bool ok = store_is_there(s) && sqlite_do(s->db, "BEGIN");

	for (size_t i = 0; ok && i < sizeof lists / sizeof *lists; i++)
		ok = peek_state(s, lists[i], &count, show, ctx);
	return ok && sqlite_do(s->db, "COMMIT") ? BROKER_OK : store_trouble(s);
}
