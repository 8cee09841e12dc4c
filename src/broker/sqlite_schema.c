/* The tables of the SQLite engine. See sqlite_parts.h.
 *
 * The file says what it is by its application_id, "pq", and the version of what follows by
 * its user_version: a change of the tables is a new version, which an older pq refuses. */
#include "broker/sqlite_parts.h"

#include <stdio.h>
#include <string.h>

enum { STORE_APPLICATION = 0x7071, STORE_VERSION = 1 };

#define GUARD "PRAGMA application_id = 28785; PRAGMA user_version = 1;"

/* Times are ms since 1970. An item of a group is in the queue 'QUEUE:GROUP'. A late
 * settlement must not hit an item that came later: ids are never used again. `due` is set
 * from the beginning, and the indexes have what is in that state alone, so that a claim
 * changes little. */
#define TABLES \
	"CREATE TABLE store (id TEXT NOT NULL);\n" \
	"INSERT INTO store VALUES (lower(hex(randomblob(8))));\n" \
	"CREATE TABLE item (\n" \
	"  id INTEGER PRIMARY KEY AUTOINCREMENT,\n" \
	"  queue TEXT NOT NULL,\n" \
	"  state INTEGER NOT NULL DEFAULT 0,    -- 0 ready, 1 delayed, 2 leased, 3 dead, 4 done\n" \
	"  priority INTEGER NOT NULL DEFAULT 0, -- lower goes first\n" \
	"  due INTEGER NOT NULL DEFAULT 0,      -- ready then; the lease ends; it has ended\n" \
	"  claims INTEGER NOT NULL DEFAULT 0,   -- the token of who has claimed it last\n" \
	"  attempts INTEGER NOT NULL DEFAULT 0, -- that failed\n" \
	"  lost INTEGER NOT NULL DEFAULT 0,     -- claims whose outcome nobody knows\n" \
	"  born INTEGER NOT NULL,\n" \
	"  key BLOB,\n" \
	"  topic TEXT,\n" \
	"  holder INTEGER,                      -- has it, or has lost it last\n" \
	"  outcome TEXT,\n" \
	"  body BLOB NOT NULL\n" \
	");\n" \
	"CREATE INDEX item_ready ON item (queue, priority) WHERE state = 0;\n" \
	"CREATE INDEX item_delayed ON item (queue, due) WHERE state = 1;\n" \
	"CREATE INDEX item_leased ON item (holder, queue) WHERE state = 2;\n" \
	"CREATE INDEX item_dead ON item (queue) WHERE state = 3;\n" \
	"CREATE INDEX item_done ON item (queue, due) WHERE state = 4;\n" \
	"CREATE INDEX item_lost ON item (queue, state) WHERE lost > 0;\n" \
	"CREATE TABLE seen (\n" \
	"  queue TEXT NOT NULL, key BLOB NOT NULL,\n" \
	"  until INTEGER, -- NULL: for ever\n" \
	"  PRIMARY KEY (queue, key)\n" \
	") WITHOUT ROWID;\n" \
	"CREATE INDEX seen_until ON seen (until) WHERE until IS NOT NULL;\n" \
	"CREATE TABLE settings (queue TEXT PRIMARY KEY, cap INTEGER NOT NULL DEFAULT 0)" \
	" WITHOUT ROWID;\n" \
	"CREATE TABLE tally (\n" \
	"  queue TEXT PRIMARY KEY,\n" \
	"  live INTEGER NOT NULL,    -- ready, delayed or leased\n" \
	"  done INTEGER NOT NULL,    -- finished and kept\n" \
	"  put INTEGER NOT NULL, finished INTEGER NOT NULL -- ever\n" \
	") WITHOUT ROWID;\n" \
	"CREATE TABLE binding (queue TEXT NOT NULL, grp TEXT NOT NULL, pattern TEXT NOT NULL,\n" \
	"  PRIMARY KEY (queue, grp, pattern)) WITHOUT ROWID;\n" \
	"CREATE TABLE holder (\n" \
	"  id INTEGER PRIMARY KEY AUTOINCREMENT, -- its byte of FILE-pq is locked\n" \
	"  host TEXT NOT NULL, pid INTEGER NOT NULL, since INTEGER NOT NULL,\n" \
	"  locked INTEGER NOT NULL -- else it is judged by due\n" \
	");\n"

/* --- what other programs push into ------------------------------------- */

#define NOW "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
#define KEY "CAST(NEW.key AS BLOB)"
#define DELAY "max(coalesce(CAST(NEW.delay AS INTEGER), 0), 0)"

/* What is left of a pattern and of the topic, each with a dot behind every word, for each way
 * in which they may be read side by side: the first word of both goes when they fit, that of
 * the topic alone may go below a #, and a # itself may go. A pattern fits when there is a
 * way to the end of both. */
#define FITTING \
	"(WITH RECURSIVE way(grp, pattern, topic) AS (" \
	"SELECT grp, pattern || '.', CASE WHEN coalesce(NEW.topic, '') = '' THEN ''" \
	" ELSE NEW.topic || '.' END FROM binding WHERE queue = NEW.queue" \
	" UNION SELECT grp," \
	" CASE WHEN skip OR substr(pattern, 1, 2) <> '#.'" \
	" THEN substr(pattern, instr(pattern, '.') + 1) ELSE pattern END," \
	" CASE WHEN skip THEN topic ELSE substr(topic, instr(topic, '.') + 1) END" \
	" FROM way, (SELECT 0 AS skip UNION ALL SELECT 1)" \
	" WHERE pattern <> '' AND CASE WHEN skip THEN substr(pattern, 1, 2) = '#.'" \
	" ELSE topic <> '' AND (substr(pattern, 1, 2) IN ('#.', '*.')" \
	" OR substr(pattern, 1, instr(pattern, '.')) = substr(topic, 1, instr(topic, '.'))) END)" \
	" SELECT DISTINCT NEW.queue || ':' || grp AS part FROM way" \
	" WHERE pattern = '' AND topic = '')"

#define HAS_BINDINGS "EXISTS (SELECT 1 FROM binding WHERE queue = NEW.queue)"

/* Where copies go: the queue itself, or those of its groups that want it. */
#define PARTS "(SELECT NEW.queue AS part WHERE NOT " HAS_BINDINGS " UNION ALL SELECT part FROM " \
	FITTING ")"

/* A group has its own cap, or that of its queue. */
#define CAP_OF(part) \
	"coalesce((SELECT cap FROM settings WHERE queue = " part "), (SELECT cap FROM settings" \
	" WHERE queue = substr(" part ", 1, instr(" part ", ':') - 1)), 0)"

/* The tally is believed when there is room; when there seems to be none, all are counted. */
#define IS_FULL(part) \
	"EXISTS (SELECT 1 FROM settings) AND " CAP_OF(part) " > 0\n" \
	"    AND (SELECT live FROM tally WHERE queue = " part ") >= " CAP_OF(part) "\n" \
	"    AND (SELECT count(*) FROM item WHERE queue = " part " AND state = 0)\n" \
	"      + (SELECT count(*) FROM item WHERE queue = " part " AND state = 1)\n" \
	"      + (SELECT count(*) FROM item WHERE queue = " part " AND state = 2)\n" \
	"      >= " CAP_OF(part)

#define IS_FLAWED \
	"WHEN NEW.queue IS NULL OR NEW.body IS NULL\n" \
	"    THEN RAISE(ABORT, 'queue and body are needed')\n" \
	"  WHEN NEW.queue = '' OR NEW.queue GLOB '*[^A-Za-z0-9._:-]*'\n" \
	"    THEN RAISE(ABORT, 'the name of a queue is letters, digits and ._-')\n"

#define COLUMNS "INSERT INTO item (queue, state, priority, due, born, key, topic, body)\n"
#define VALUES DELAY " > 0, coalesce(CAST(NEW.priority AS INTEGER), 0), " NOW " + " DELAY ", " \
	NOW ", " KEY ", NEW.topic, CAST(NEW.body AS BLOB)"
#define COUNTED "ON CONFLICT (queue) DO UPDATE SET live = live + 1, put = put + 1;\n"

#define VIEW \
	"CREATE VIEW push (queue, body, key, topic, priority, delay) AS\n" \
	"  SELECT queue, body, key, topic, priority, due FROM item WHERE false;\n"

/* What most want costs little more than the rows themselves: each statement that a trigger
 * has makes all of them dearer. */
#define PUSH_ALONE \
	"CREATE TRIGGER push_alone INSTEAD OF INSERT ON push\n" \
	"WHEN NEW.key IS NULL AND NOT " HAS_BINDINGS " BEGIN\n" \
	"  SELECT CASE " IS_FLAWED \
	"  WHEN " IS_FULL("NEW.queue") "\n" \
	"    THEN RAISE(ABORT, 'the queue is full') END;\n" \
	"  " COLUMNS "    VALUES (NEW.queue, " VALUES ");\n" \
	"  INSERT INTO tally VALUES (NEW.queue, 1, 0, 1, 0)\n" \
	"    " COUNTED \
	"END;\n"

/* The parts are %s, as the text would be too long for a constant. A key is known from now
 * on when something was put. */
#define PUSH \
	"CREATE TRIGGER push_else INSTEAD OF INSERT ON push\n" \
	"WHEN NEW.key IS NOT NULL OR " HAS_BINDINGS " BEGIN\n" \
	"  SELECT CASE " IS_FLAWED \
	"  WHEN EXISTS (SELECT 1 FROM seen WHERE queue = NEW.queue AND key = " KEY "\n" \
	"    AND (until IS NULL OR until > " NOW ")) THEN RAISE(IGNORE) END;\n" \
	"  SELECT RAISE(ABORT, 'the queue is full') FROM %s AS wanted\n" \
	"    WHERE " IS_FULL("wanted.part") ";\n" \
	"  " COLUMNS "    SELECT part, " VALUES " FROM %s;\n" \
	"  INSERT OR REPLACE INTO seen SELECT NEW.queue, " KEY ", NULL\n" \
	"    WHERE NEW.key IS NOT NULL AND changes() > 0;\n" \
	"  INSERT INTO tally SELECT part, 1, 0, 1, 0 FROM %s WHERE true\n" \
	"    " COUNTED \
	"END;\n"

static bool schema_add_push(struct store *s)
{
	struct buf sql = { 0 };
	bool ok;

	buf_addf(&sql, PUSH, PARTS, PARTS, PARTS);
	ok = sqlite_do(s->db, VIEW PUSH_ALONE) && sqlite_do(s->db, buf_str(&sql));
	buf_free(&sql);
	return ok;
}

/* --- opening ----------------------------------------------------------- */

/* What the file says that it is, at one time. */
struct schema_label {
	int64_t application, version, tables;
};

static bool schema_read_label(struct store *s, struct schema_label *label)
{
	struct sqlite_query *q = store_ask(s, "SELECT (SELECT count(*) FROM sqlite_master),"
		" (SELECT application_id FROM pragma_application_id),"
		" (SELECT user_version FROM pragma_user_version)", NULL, NULL);
	bool found = q && sqlite_row(q);

	if (found)
		*label = (struct schema_label){ .tables = sqlite_int(q, 0),
			.application = sqlite_int(q, 1), .version = sqlite_int(q, 2) };
	sqlite_free(q);
	return found;
}

/* Is it a store? *new: it is nothing at all yet. */
static bool schema_is_ours(struct store *s, bool *new, struct buf *why)
{
	struct schema_label label;

	if (!schema_read_label(s, &label))
		return false;
	*new = label.application == 0 && label.tables == 0;
	if (*new)
		return true;
	if (label.application != STORE_APPLICATION)
		buf_addf(why, "it is the database of another program; use another file");
	else if (label.version > STORE_VERSION)
		buf_addf(why, "it was made by a newer pq (version %lld of the tables, this pq knows %d); "
			"use that one", (long long)label.version, STORE_VERSION);
	return why->len == 0;
}

static bool schema_read_id(struct store *s)
{
	struct sqlite_query *q = store_ask(s, "SELECT id FROM store", NULL, NULL);
	bool found = q && sqlite_row(q);

	if (found)
		snprintf(s->broker.id, sizeof s->broker.id, "%s", sqlite_text(q, 0));
	sqlite_free(q);
	return found;
}

/* Looked at once more under the lock: somebody else may make it as well. */
static bool schema_make(struct store *s, struct buf *why)
{
	bool new;

	return store_begin(s) && schema_is_ours(s, &new, why)
		&& (!new || (sqlite_do(s->db, TABLES GUARD) && schema_add_push(s))) && store_commit(s);
}

/* Of two that are at this at the same time SQLite refuses one at once, without waiting: it
 * cannot know that the other does not wait for that one. */
static bool schema_have_log(struct store *s)
{
	int times = 0;

	while (!sqlite_do(s->db, "PRAGMA journal_mode = WAL"))
		if (sqlite_trouble(s->db) != SQLITE_TROUBLE_BUSY || !store_wait(s, times++))
			return false;
	return true;
}

bool store_schema(struct store *s, bool make, struct buf *why)
{
	bool new = false;

	if (!schema_is_ours(s, &new, why))
		return false;
	if (new && !make) {
		buf_adds(why, "there is no queue in it");
		return false;
	}
	return schema_have_log(s) && (!new || schema_make(s, why)) && schema_read_id(s);
}
