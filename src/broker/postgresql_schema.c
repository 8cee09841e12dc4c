/* The tables of the PostgreSQL engine, and how they are made. See postgresql_parts.h.
 *
 * Times are timestamptz: they are read by people too, and `until` can be infinity; an interval
 * in ms is made by pq.ms, which keeps it in what fits. State and due are in the condition of
 * indexes, so that no update of an item is a HOT one: the rest of a page that fillfactor
 * leaves is for its next version all the same. What is finished leaves the table.
 *
 * The version is kept in the table `store`: a change of what follows is a new one, which an
 * older pq refuses. All of it is one transaction, under an advisory lock: who comes second
 * finds the schema. */
#include "broker/postgresql_parts.h"

#include <stdio.h>
#include <string.h>

enum { DEPOT_VERSION = 1 };

static const char *const tables[] = {
	"SELECT pg_advisory_xact_lock(28785, 0)",
	"CREATE SCHEMA pq;\n"
	"CREATE TABLE pq.store (version integer NOT NULL, id text NOT NULL);\n"
	"INSERT INTO pq.store SELECT 1, encode(substr(sha256(convert_to(random()::text\n"
	"  || clock_timestamp()::text || pg_backend_pid()::text, 'UTF8')), 1, 8), 'hex');\n"
	"CREATE TABLE pq.item (\n"
	"  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
	"  queue text COLLATE \"C\" NOT NULL,\n"
	"  state smallint NOT NULL DEFAULT 0,   -- 0 ready, 1 delayed, 2 leased, 3 dead\n"
	"  priority bigint NOT NULL DEFAULT 0,  -- lower goes first\n"
	"  due timestamptz NOT NULL,            -- ready then; the lease ends; it has ended\n"
	"  claims bigint NOT NULL DEFAULT 0,    -- the token of who has claimed it last\n"
	"  attempts integer NOT NULL DEFAULT 0, -- that failed\n"
	"  lost integer NOT NULL DEFAULT 0,     -- claims whose outcome nobody knows\n"
	"  born timestamptz NOT NULL,\n"
	"  key bytea,\n"
	"  topic bytea,\n"
	"  holder text,                         -- has it, or has lost it last\n"
	"  outcome bytea,\n"
	"  body bytea NOT NULL\n"
	") WITH (fillfactor = 70, autovacuum_vacuum_threshold = 500,\n"
	"  autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0,\n"
	"  autovacuum_analyze_threshold = 5000, autovacuum_analyze_scale_factor = 0.2);\n"
	"CREATE INDEX item_ready ON pq.item (queue, priority, id) WHERE state = 0;\n"
	"CREATE INDEX item_due ON pq.item (queue, due) WHERE state IN (1, 2);\n"
	"CREATE INDEX item_dead ON pq.item (queue, id) WHERE state = 3;\n"
	"CREATE TABLE pq.finished (\n"
	"  n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
	"  id bigint NOT NULL, queue text COLLATE \"C\" NOT NULL, ended timestamptz NOT NULL,\n"
	"  priority bigint NOT NULL, claims bigint NOT NULL, attempts integer NOT NULL,\n"
	"  lost integer NOT NULL, born timestamptz NOT NULL,\n"
	"  key bytea, topic bytea, body bytea NOT NULL\n"
	");\n"
	"CREATE INDEX finished_last ON pq.finished (queue, n);\n"
	"CREATE INDEX finished_ended ON pq.finished (queue, ended);\n"
	"CREATE TABLE pq.seen (\n"
	"  queue text COLLATE \"C\" NOT NULL, mark bytea NOT NULL, -- the key's SHA-256\n"
	"  until timestamptz NOT NULL,\n"
	"  PRIMARY KEY (queue, mark)\n"
	");\n"
	"CREATE INDEX seen_until ON pq.seen (until) WHERE until < 'infinity';",

	"CREATE TABLE pq.settings (queue text COLLATE \"C\" PRIMARY KEY, cap bigint NOT NULL);\n"
	"CREATE TABLE pq.binding (\n"
	"  queue text COLLATE \"C\" NOT NULL, grp text COLLATE \"C\" NOT NULL,\n"
	"  pattern bytea NOT NULL,\n"
	"  PRIMARY KEY (queue, grp, pattern)\n"
	");\n"
	"CREATE TABLE pq.tally (\n"
	"  slot bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
	"  queue text COLLATE \"C\" NOT NULL,\n"
	"  put bigint NOT NULL, finished bigint NOT NULL, -- ever\n"
	"  live bigint NOT NULL,                          -- ready, delayed or leased\n"
	"  waiting bigint NOT NULL                        -- ready or delayed\n"
	") WITH (fillfactor = 20, autovacuum_vacuum_threshold = 200,\n"
	"  autovacuum_vacuum_cost_delay = 0);\n"
	"CREATE INDEX tally_queue ON pq.tally (queue);\n"
	"CREATE TABLE pq.bell (\n"
	"  queue text COLLATE \"C\" PRIMARY KEY,\n"
	"  since timestamptz NOT NULL, times bigint NOT NULL -- that it rang since then\n"
	") WITH (fillfactor = 20);\n"
	"CREATE FUNCTION pq.about(OUT version integer, OUT id text) LANGUAGE sql STABLE\n"
	"  SECURITY DEFINER SET search_path = pq, pg_temp\n"
	"  AS 'SELECT version, id FROM store';",
	NULL
};

static const char rights[] = "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA pq FROM PUBLIC";

static void depot_add(struct buf *b, const char *const *statements)
{
	for (; *statements; statements++)
		buf_addf(b, "%s;\n", *statements);
}

/* Several statements that are sent at once are one transaction. */
static bool depot_make(struct depot *d)
{
	struct buf b = { 0 };
	bool ok;

	depot_add(&b, tables);
	depot_add(&b, depot_pushing);
	depot_add(&b, depot_claiming);
	depot_add(&b, depot_looking);
	buf_adds(&b, rights);
	ok = postgresql_do(d->db, buf_str(&b), d->patience);
	buf_free(&b);
	return ok;
}

static bool depot_is_code(const struct depot *d, const char *code)
{
	return strcmp(postgresql_code(d->db), code) == 0;
}

static enum broker_state depot_read(struct depot *d)
{
	int64_t version;
	size_t len;

	if (!postgresql_rows(d->db))
		return depot_refuse(d, "its schema pq is not what pq has made: there is no version");
	version = postgresql_int(d->db, 0, 0);
	if (version > DEPOT_VERSION)
		return depot_refuse(d, "its schema pq was made by a newer pq (version %lld, this pq "
			"knows %d); use that one", (long long)version, DEPOT_VERSION);
	snprintf(d->broker.id, sizeof d->broker.id, "%s", postgresql_bytes(d->db, 0, 1, &len));
	return BROKER_OK;
}

enum broker_state depot_schema(struct depot *d, bool make)
{
	postgresql_ask(&d->query, "SELECT version, id FROM pq.about()");
	if (postgresql_run(d->db, &d->query, d->patience))
		return depot_read(d);
	if (!depot_is_code(d, "3F000"))
		return depot_trouble(d);
	if (!make)
		return depot_refuse(d, "there is no queue in it yet");
	d->lacks = "make the schema pq";
	if (!depot_make(d) && !depot_is_code(d, "42P06"))
		return depot_trouble(d);
	d->lacks = NULL;
	return depot_call(d) == BROKER_OK ? depot_read(d) : depot_trouble(d);
}
