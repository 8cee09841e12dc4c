/* Durable queues in PostgreSQL. See broker.h, and postgresql_parts.h for the design. */
#include "broker/postgresql_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

enum { DEPOT_OLDEST = 120000, DEPOT_TRIES = 5, DEPOT_VACUUM_PART = 20, DEPOT_VACUUM_IDLE = 1000 };

/* --- calls ------------------------------------------------------------- */

enum broker_state depot_call(struct depot *d)
{
	for (int i = 1; !postgresql_run(d->db, &d->query, d->patience); i++)
		if (i == DEPOT_TRIES || strncmp(postgresql_code(d->db), "40", 2) != 0
				|| postgresql_in_transaction(d->db))
			return depot_trouble(d);
	return BROKER_OK;
}

enum broker_state depot_do(struct depot *d, const char *sql)
{
	return postgresql_do(d->db, sql, d->patience) ? BROKER_OK : depot_trouble(d);
}

enum broker_state depot_limit(struct depot *d)
{
	char sql[60];

	snprintf(sql, sizeof sql, "SET statement_timeout = %lld", (long long)d->patience * 9 / 10);
	return depot_do(d, sql);
}

/* --- opening ----------------------------------------------------------- */

static const char session[] = "SET jit = off; SET default_transaction_isolation = 'read committed'";

/* What it needs for its use, in the manner of a regular expression. */
static const char *const needed[] = {
	[BROKER_CONSUMES] = "^(enter|exchange|trim)$",
	[BROKER_PRODUCES] = "^put$",
	[BROKER_LOOKS] = "^$",
};

/* Is what it says is safe as safe as is wanted? */
static enum broker_state depot_check_safety(struct depot *d, const char *setting,
	struct buf *notes)
{
	if (d->broker.rules.use == BROKER_LOOKS || !*setting)
		return BROKER_OK;
	if (d->broker.rules.durable)
		return depot_refuse(d, "%s is off on the server: what it confirms may be lost when it "
			"crashes, which --durable forbids", setting);
	if (notes)
		buf_addf(notes, "%s: %s is off on the server: what it has confirmed may be lost when it "
			"crashes\n", d->shown, setting);
	return BROKER_OK;
}

/* Rights that are lacking are found out now, and not when there is something to lose. */
static enum broker_state depot_look_around(struct depot *d, struct buf *notes)
{
	const char *lacking;
	size_t len;

	postgresql_ask(&d->query, "SELECT pg_is_in_recovery(), "
		"CASE 'off' WHEN current_setting('fsync') THEN 'fsync'"
		" WHEN current_setting('full_page_writes') THEN 'full_page_writes'"
		" WHEN current_setting('synchronous_commit') THEN 'synchronous_commit' ELSE '' END, "
		"(SELECT coalesce(string_agg('pq.' || proname, ', ' ORDER BY proname), '') FROM pg_proc"
		" WHERE pronamespace = 'pq'::regnamespace AND proname ~ $1"
		" AND NOT has_function_privilege(oid, 'EXECUTE')), "
		"(SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = 'pq.item'::regclass)");
	postgresql_give_text(&d->query, needed[d->broker.rules.use]);
	if (depot_call(d) != BROKER_OK)
		return depot_trouble(d);
	d->owner = postgresql_int(d->db, 0, 3);
	if (d->broker.rules.use != BROKER_LOOKS && postgresql_int(d->db, 0, 0))
		return depot_refuse(d, "the server is a standby, which can only be read; use the primary");
	lacking = postgresql_bytes(d->db, 0, 2, &len);
	if (len)
		return depot_refuse(d, "%s lacks rights: GRANT EXECUTE ON FUNCTION %s TO %s",
			postgresql_user(d->db), lacking, postgresql_user(d->db));
	return depot_check_safety(d, postgresql_bytes(d->db, 0, 1, &len), notes);
}

/* A consumer is known to its queue, so that it is told of what comes. */
static enum broker_state depot_enter(struct depot *d)
{
	struct buf listen = { 0 };
	enum broker_state state;
	size_t len;

	postgresql_ask(&d->query, "SELECT pq.enter($1, $2)");
	postgresql_give_text(&d->query, d->queue);
	postgresql_give_text(&d->query, d->group);
	state = depot_call(d);
	if (state != BROKER_OK || !bell_open(&d->echo))
		return state;
	bell_ring(&d->echo);
	d->listens = true;
	buf_addf(&listen, "LISTEN %s", postgresql_bytes(d->db, 0, 0, &len));
	state = depot_do(d, buf_str(&listen));
	buf_free(&listen);
	return state;
}

static enum broker_state depot_begin(struct depot *d, struct buf *notes)
{
	enum broker_use use = d->broker.rules.use;
	int version = postgresql_version(d->db);
	enum broker_state state;

	if (version < DEPOT_OLDEST)
		return depot_refuse(d, "the server is too old (%d); PostgreSQL %d or newer is needed",
			version / 10000, DEPOT_OLDEST / 10000);
	state = depot_do(d, session);
	if (state == BROKER_OK)
		state = depot_limit(d);
	if (state == BROKER_OK)
		state = depot_schema(d, use != BROKER_LOOKS);
	if (state == BROKER_OK)
		state = depot_look_around(d, notes);
	return state == BROKER_OK && use == BROKER_CONSUMES ? depot_enter(d) : state;
}

static struct depot *depot_new(const struct broker_rules *rules)
{
	const struct address *a = rules->address;
	struct depot *d = mem_zero(sizeof *d);
	struct buf part = { 0 };

	d->broker.rules = *rules;
	d->broker.expires = true;
	d->patience = broker_patience(rules);
	d->shown = mem_copy(a->shown, strlen(a->shown));
	d->queue = mem_copy(a->queue, strlen(a->queue));
	d->group = a->group ? mem_copy(a->group, strlen(a->group)) : NULL;
	buf_addf(&part, "%s%s%s", a->queue, a->group ? ":" : "", a->group ? a->group : "");
	buf_str(&part);
	d->part = part.data;
	return d;
}

static void depot_close(struct broker *b)
{
	struct depot *d = (struct depot *)b;

	postgresql_close(d->db);
	if (d->listens)
		bell_close(&d->echo);
	postgresql_forget(&d->query);
	free(d->shown);
	free(d->queue);
	free(d->group);
	free(d->part);
	free(d);
}

static struct broker *depot_open(const struct broker_rules *rules, enum broker_state *state,
	struct buf *why, struct buf *notes)
{
	struct depot *d = depot_new(rules);
	struct buf said;

	d->db = postgresql_open(rules->address->target, BROKER_PATIENCE);
	*state = postgresql_trouble(d->db) == POSTGRESQL_FINE ? depot_begin(d, notes)
		: depot_trouble(d);
	if (*state == BROKER_OK)
		return &d->broker;
	said = d->broker.why;
	depot_close(&d->broker);
	buf_add(why, said.data, said.len);
	buf_free(&said);
	return NULL;
}

/* --- waiting ----------------------------------------------------------- */

static int depot_bell(struct broker *b)
{
	struct depot *d = (struct depot *)b;

	return !d->listens ? -1 : d->heard ? d->echo.out : postgresql_socket(d->db);
}

static enum broker_state depot_hear(struct broker *b)
{
	struct depot *d = (struct depot *)b;

	if (!postgresql_hear(d->db))
		return depot_trouble(d);
	postgresql_heard(d->db);
	d->heard = false;
	return BROKER_OK;
}

/* What was claimed and done is still in the index, before what is ready, until a vacuum: each
 * claim has to pass it. Autovacuum comes once a minute, after a million items. No more than a
 * twentieth of the time is spent so, and nobody waits for another who does it. */
void depot_vacuum(struct depot *d, uint64_t settled)
{
	int64_t began = clock_now();

	if (!d->owner || d->settled < settled || began < d->vacuum_next)
		return;
	postgresql_do(d->db, "VACUUM (SKIP_LOCKED, INDEX_CLEANUP ON, TRUNCATE OFF) pq.item, pq.tally",
		d->patience);
	d->settled = 0;
	d->vacuum_next = clock_now() + DEPOT_VACUUM_PART * (clock_now() - began);
}

/* What goes wrong here goes wrong again with the next call that matters. */
static void depot_rest(struct broker *b)
{
	struct depot *d = (struct depot *)b;

	if (!d->wrote)
		return;
	d->wrote = false;
	if (b->rules.use == BROKER_CONSUMES) {
		postgresql_ask(&d->query, "SELECT pq.trim($1, $2, $3)");
		postgresql_give_text(&d->query, d->part);
		postgresql_give_int(&d->query, (int64_t)b->rules.keep.count);
		postgresql_give_int(&d->query, b->rules.keep.time);
		postgresql_run(d->db, &d->query, d->patience);
	}
	depot_vacuum(d, DEPOT_VACUUM_IDLE);
}

const struct engine engine_postgresql = {
	.name = "postgresql",
	.load = postgresql_load,
	.open = depot_open,
	.close = depot_close,
	.put = depot_put,
	.exchange = depot_exchange,
	.bell = depot_bell,
	.hear = depot_hear,
	.rest = depot_rest,
	.stats = depot_stats,
	.bindings = depot_bindings,
	.admin = depot_admin,
	.peek = depot_peek,
};
