/* Durable queues in SQLite: opening, transactions, trouble, waiting. See broker.h and
 * sqlite_parts.h.
 *
 * What is on the disk when. The log (WAL) is synced at each commit of who puts, so what is
 * confirmed is there after a power cut. Who works commits without: it survives the death of
 * pq, however it comes; after a power cut some work is done again. */
#include "broker/sqlite_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/inotify.h>
#endif

#include "base/clock.h"
#include "base/machine.h"
#include "base/mem.h"
#include "base/random.h"

/* RETURNING is known since then. */
enum { STORE_OLDEST = 3035000 };

#define ITEM_IS " WHERE id = ?1 AND claims = ?2 AND state = 2"

#define CLAIM_OF(which) \
	"UPDATE item SET state = 2, due = ?3, claims = claims + 1, holder = ?4" \
	" WHERE id IN (SELECT id FROM item INDEXED BY item_ready WHERE queue = ?1 AND " which \
	" ORDER BY priority, id LIMIT ?2)" \
	" RETURNING id, claims, attempts, lost, priority, topic, body"

static const char *const texts[STORE_STATEMENTS] = {
	[STORE_BEGIN] = "BEGIN IMMEDIATE",
	[STORE_COMMIT] = "COMMIT",
	[STORE_ROLLBACK] = "ROLLBACK",
	[STORE_PUT] = "INSERT INTO item (queue, state, priority, due, born, key, topic, outcome, body)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	[STORE_IS_SEEN] = "SELECT 1 FROM seen WHERE queue = ?1 AND key = ?2"
		" AND (until IS NULL OR until > ?3)",
	[STORE_SEE] = "INSERT OR REPLACE INTO seen VALUES (?1, ?2, ?3)",
	[STORE_BINDINGS] = "SELECT grp, pattern FROM binding WHERE queue = ?1 ORDER BY grp, pattern",
	[STORE_CAP] = "SELECT coalesce((SELECT cap FROM settings WHERE queue = ?1),"
		" (SELECT cap FROM settings WHERE queue = ?2), 0),"
		" coalesce((SELECT live FROM tally WHERE queue = ?1), 0)",
	[STORE_COUNT] = "SELECT (SELECT count(*) FROM item WHERE queue = ?1 AND state = 0)"
		" + (SELECT count(*) FROM item WHERE queue = ?1 AND state = 1)"
		" + (SELECT count(*) FROM item WHERE queue = ?1 AND state = 2)",
	[STORE_TALLY] = "INSERT INTO tally VALUES (?1, max(?2, 0), max(?3, 0), ?4, ?5)"
		" ON CONFLICT (queue) DO UPDATE SET live = max(live + ?2, 0), done = max(done + ?3, 0),"
		" put = put + ?4, finished = finished + ?5 RETURNING done",
	[STORE_ACK] = "DELETE FROM item" ITEM_IS,
	[STORE_KEEP] = "UPDATE item SET state = 4, due = ?3, holder = NULL" ITEM_IS,
	[STORE_AGAIN] = "UPDATE item SET state = ?3, due = ?4, attempts = attempts + 1,"
		" outcome = ?5, holder = NULL" ITEM_IS,
	[STORE_REJECT] = "UPDATE item SET state = 3, due = ?3, attempts = attempts + 1,"
		" outcome = ?4, holder = NULL" ITEM_IS,
	[STORE_RELEASE] = "UPDATE item SET state = 0, due = ?3, holder = NULL" ITEM_IS,
	[STORE_EXTEND] = "UPDATE item SET due = ?3" ITEM_IS,
	[STORE_ITEM] = "SELECT claims, state, holder FROM item WHERE id = ?1",
	[STORE_WAKE] = "UPDATE item SET state = 0 WHERE id IN (SELECT id FROM item"
		" WHERE queue = ?1 AND state = 1 AND due <= ?2 ORDER BY due LIMIT 1000)",
	[STORE_HAS_LOST] = "SELECT 1 FROM item INDEXED BY item_lost"
		" WHERE queue = ?1 AND state = 0 AND lost > 0 LIMIT 1",
	[STORE_MOST_LOST] = "SELECT max(lost) FROM (SELECT lost FROM item INDEXED BY item_ready"
		" WHERE queue = ?1 AND state = 0 ORDER BY priority, id LIMIT ?2)",
	[STORE_SUSPECTS] = "SELECT count(*), coalesce(max(lost), 0) FROM item INDEXED BY item_lost"
		" WHERE queue = ?1 AND state = 2 AND lost > 0 AND holder = ?2",
	[STORE_CLAIM] = CLAIM_OF("state = 0"),
	[STORE_CLAIM_OTHERS] = CLAIM_OF("state = 0 AND lost = 0"),
	[STORE_NEXT] = "SELECT EXISTS (SELECT 1 FROM item WHERE queue = ?1 AND state = 0),"
		" (SELECT min(due) FROM item WHERE queue = ?1 AND state = 1),"
		" EXISTS (SELECT 1 FROM item INDEXED BY item_leased WHERE state = 2 AND queue = ?1),"
		" EXISTS (SELECT 1 FROM item INDEXED BY item_leased WHERE state = 2 AND queue = ?1"
		" AND holder IS NOT ?2)",
	[STORE_BACKLOG] = "SELECT coalesce((SELECT live FROM tally WHERE queue = ?1), 0)"
		" - (SELECT count(*) FROM item INDEXED BY item_leased WHERE state = 2 AND queue = ?1)",
	[STORE_TRIM_COUNT] = "DELETE FROM item WHERE id IN (SELECT id FROM item"
		" WHERE queue = ?1 AND state = 4 ORDER BY due, id LIMIT ?2)",
	[STORE_TRIM_TIME] = "DELETE FROM item WHERE id IN (SELECT id FROM item"
		" WHERE queue = ?1 AND state = 4 AND due <= ?2 ORDER BY due LIMIT 1000)",
	[STORE_FORGET] = "DELETE FROM seen WHERE (queue, key) IN (SELECT queue, key FROM seen"
		" WHERE until <= ?1 LIMIT 10000)",
	[STORE_HOLDERS] = "SELECT id, host || ':' || pid FROM holder WHERE locked AND id IS NOT ?1",
	[STORE_HELD] = "SELECT id, claims, due, lost + 1 FROM item"
		" WHERE state = 2 AND holder = ?1 AND queue = ?2",
	[STORE_EXPIRED] = "SELECT item.id, claims, due, lost + 1, coalesce(host || ':' || pid,"
		" 'a consumer without a name') FROM item INDEXED BY item_leased"
		" LEFT JOIN holder ON holder.id = item.holder"
		" WHERE state = 2 AND queue = ?1 AND due <= ?2 AND NOT coalesce(locked, 0)",
	[STORE_TAKE_BACK] = "UPDATE item SET state = ?4, due = ?5, lost = lost + 1,"
		" holder = coalesce(holder, 0)" ITEM_IS " AND due = ?3",
	[STORE_BURY] = "UPDATE item SET state = 3, due = ?4, lost = lost + 1, outcome = ?5,"
		" holder = coalesce(holder, 0)" ITEM_IS " AND due = ?3",
	[STORE_LEAVE] = "DELETE FROM holder WHERE id = ?1"
		" AND NOT EXISTS (SELECT 1 FROM item WHERE state = 2 AND holder = ?1)",
};

int64_t store_now(void)
{
	return clock_wall() / CLOCK_MS;
}

/* --- statements and transactions --------------------------------------- */

struct sqlite_query *store_statement(struct store *s, enum store_statement which)
{
	if (!s->statements[which])
		s->statements[which] = sqlite_query(s->db, texts[which]);
	return s->statements[which];
}

struct sqlite_query *store_ask(struct store *s, const char *sql, const char *first,
	const char *second)
{
	struct sqlite_query *q = sqlite_query(s->db, sql);

	if (q && first)
		sqlite_set_text(q, 1, first);
	if (q && second)
		sqlite_set_text(q, 2, second);
	return q;
}

static void store_sleep(int64_t ns)
{
	struct timespec t = { ns / CLOCK_SECOND, ns % CLOCK_SECOND };

	nanosleep(&t, NULL);
}

/* Somebody else has the lock. Short waits, or it would go to whoever has it already. */
int store_wait(void *ctx, int times)
{
	struct store *s = ctx;
	int64_t now = clock_now();

	if (times == 0)
		s->waiting = now;
	if (s->beginning && !s->waited)
		holder_waits(s, true);
	s->waited = s->beginning;
	if (now - s->waiting > BROKER_PATIENCE * CLOCK_MS)
		return 0;
	store_sleep((int64_t)random_below(&s->chance, times < 50 ? 80000 : 1000000) + 20000);
	return 1;
}

/* Who goes on to write into a file that has been removed, or replaced, writes for nobody. */
bool store_is_there(struct store *s)
{
	struct stat st;

	s->gone = stat(s->path, &st) < 0 || st.st_ino != s->inode || st.st_dev != s->device;
	return !s->gone;
}

bool store_begin(struct store *s)
{
	struct sqlite_query *q = store_statement(s, STORE_BEGIN);

	bool ok;

	s->waited = false;
	s->beginning = true;
	ok = q && store_is_there(s) && sqlite_run(q);
	s->beginning = false;
	if (s->waited)
		holder_waits(s, false);
	return ok;
}

/* Whoever has the lock lets go for longer than those who wait look for it: else the one
 * process that is just at it does most of the work. Where nobody can be asked, who has had
 * to wait believes that others do. */
bool store_commit(struct store *s)
{
	struct sqlite_query *q = store_statement(s, STORE_COMMIT);

	if (!q || !sqlite_run(q))
		return false;
	s->wrote = clock_now();
	s->joining = false;
	if (s->holding ? holder_others_wait(s) : s->waited)
		store_sleep((int64_t)random_below(&s->chance, 200000) + 150000);
	return true;
}

void store_undo(struct store *s)
{
	if (s->db && sqlite_inside(s->db))
		sqlite_run(store_statement(s, STORE_ROLLBACK));
	if (s->joining)
		s->holder = 0;
	s->joining = false;
}

enum broker_state store_refuse(struct store *s, enum broker_state state, const char *format, ...)
{
	va_list ap;

	store_undo(s);
	va_start(ap, format);
	state = engine_refuse(&s->broker, s->shown, state, format, ap);
	va_end(ap);
	return state;
}

enum broker_state store_trouble(struct store *s)
{
	if (s->gone)
		return store_refuse(s, BROKER_BAD, "the file was removed or replaced while it was in use");
	if (s->side_error)
		return store_refuse(s, BROKER_BAD, "its side file, of that name with -pq behind it, cannot "
			"be opened: %s", strerror(s->side_error));
	switch (sqlite_trouble(s->db)) {
	case SQLITE_TROUBLE_BUSY:
		return store_refuse(s, BROKER_GONE, "another program has locked the file for more than "
			"%d s", BROKER_PATIENCE / 1000);
	case SQLITE_TROUBLE_FOREIGN:
		return store_refuse(s, BROKER_BAD, "it is no SQLite database, or is damaged; use another "
			"file");
	case SQLITE_TROUBLE_FULL:
		return store_refuse(s, BROKER_BAD, "the disk is full; make room and begin again");
	case SQLITE_TROUBLE_FILE:
		return store_refuse(s, BROKER_BAD, "it cannot be read or written: %s",
			strerror(sqlite_errno(s->db)));
	default:
		return store_refuse(s, BROKER_BAD, "%s", sqlite_message(s->db));
	}
}

bool store_count(struct store *s, const char *part, const struct tally *add, int64_t *done)
{
	struct sqlite_query *q = store_statement(s, STORE_TALLY);

	if (!q)
		return false;
	sqlite_set_text(q, 1, part);
	sqlite_set(q, 2, add->live);
	sqlite_set(q, 3, add->done);
	sqlite_set(q, 4, add->put);
	sqlite_set(q, 5, add->finished);
	if (!sqlite_row(q))
		return false;
	if (done)
		*done = sqlite_int(q, 0);
	return sqlite_run(q);
}

/* --- the bell ---------------------------------------------------------- */

/* Whoever commits writes to the log. It is cut and begun anew, but stays the same file as
 * long as somebody has the store open. */
static int bell_of(const char *path)
{
#ifdef __linux__
	char *log;
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (fd < 0)
		return -1;
	if (asprintf(&log, "%s-wal", path) < 0)
		abort();
	if (inotify_add_watch(fd, log, IN_MODIFY) < 0) {
		close(fd);
		fd = -1;
	}
	free(log);
	return fd;
#else
	(void)path;
	return -1;
#endif
}

static int store_bell(struct broker *b)
{
	return ((struct store *)b)->bell;
}

static enum broker_state store_hear(struct broker *b)
{
	struct store *s = (struct store *)b;
	char events[4096];

	while (s->bell >= 0 && read(s->bell, events, sizeof events) == sizeof events)
		;
	return BROKER_OK;
}

/* --- opening and closing ----------------------------------------------- */

/* Are file and address what an engine may be opened on? *why says what is not. */
static bool store_may_open(const struct broker_rules *rules, struct buf *why)
{
	const char *path = rules->address->target;
	const char *network = machine_network(path);
	struct stat st;

	if (network)
		buf_addf(why, "the file is on %s, where locks cannot be relied on; put it on a disk of "
			"this machine, or use redis:// or postgresql://", network);
	else if (rules->use == BROKER_LOOKS && stat(path, &st) < 0)
		buf_addf(why, "there is no queue: %s", strerror(errno));
	return !network && !why->len;
}

/* Which file it is, so that one that takes its place is noticed; all who have it open know it,
 * and what lies beside it, by the same name. */
static bool store_note_file(struct store *s)
{
	char *real = realpath(s->path, NULL);
	struct stat st;

	if (!real || stat(real, &st) < 0)
		return false;
	free(s->path);
	s->path = real;
	s->device = st.st_dev;
	s->inode = st.st_ino;
	return true;
}

/* A group that is consumed from and is bound to nothing gets all. */
static bool store_bind(struct store *s)
{
	struct sqlite_query *q = store_ask(s, "SELECT 1 FROM binding WHERE queue = ?1 AND grp = ?2",
		s->queue, s->group);
	bool bound = q && sqlite_row(q), ok = q && (bound || sqlite_trouble(s->db)
		== SQLITE_TROUBLE_NONE);

	sqlite_free(q);
	if (bound || !ok)
		return ok;
	q = store_ask(s, "INSERT INTO binding SELECT ?1, ?2, '#' WHERE NOT EXISTS"
		" (SELECT 1 FROM binding WHERE queue = ?1 AND grp = ?2)", s->queue, s->group);
	ok = q && store_begin(s) && sqlite_run(q) && store_commit(s);
	sqlite_free(q);
	return ok;
}

static bool store_consume(struct store *s)
{
	bool locks = false;

	if (!holder_attach(s, &locks) || (s->group && !store_bind(s)))
		return false;
	s->broker.expires = !locks;
	s->bell = bell_of(s->path);
	return true;
}

static bool store_set_up(struct store *s, struct buf *flaw)
{
	enum broker_use use = s->broker.rules.use;

	sqlite_when_busy(s->db, store_wait, s);
	return store_schema(s, use != BROKER_LOOKS, flaw)
		&& sqlite_do(s->db, use == BROKER_PRODUCES ? "PRAGMA synchronous = FULL"
			: "PRAGMA synchronous = NORMAL")
		&& sqlite_do(s->db, "PRAGMA wal_autocheckpoint = 4000;"
			"PRAGMA journal_size_limit = 16777216")
		&& (use != BROKER_CONSUMES || s->broker.rules.trial || store_consume(s));
}

static struct store *store_new(const struct broker_rules *rules)
{
	const struct address *a = rules->address;
	struct store *s = mem_zero(sizeof *s);
	struct buf part = { 0 };

	s->broker.rules = *rules;
	s->shown = mem_copy(a->shown, strlen(a->shown));
	s->path = mem_copy(a->target, strlen(a->target));
	s->queue = mem_copy(a->queue, strlen(a->queue));
	s->group = a->group ? mem_copy(a->group, strlen(a->group)) : NULL;
	buf_addf(&part, a->group ? "%s:%s" : "%s", a->queue, a->group);
	s->part = mem_copy(part.data, part.len);
	buf_free(&part);
	s->bell = -1;
	random_bytes(&s->chance, sizeof s->chance);
	return s;
}

static void store_close(struct broker *b)
{
	struct store *s = (struct store *)b;

	if (s->holding)
		holder_part(s);
	if (s->bell >= 0)
		close(s->bell);
	for (size_t i = 0; i < STORE_STATEMENTS; i++)
		sqlite_free(s->statements[i]);
	if (s->db)
		sqlite_close(s->db);
	free(s->shown);
	free(s->path);
	free(s->queue);
	free(s->group);
	free(s->part);
	free(s);
}

/* Why it could not be opened; it is no more. */
static struct broker *store_not_opened(struct store *s, struct buf *flaw, struct buf *why,
	enum broker_state *state)
{
	if (flaw->len)
		*state = store_refuse(s, BROKER_BAD, "%s", buf_str(flaw));
	else if (!s->db)
		*state = store_refuse(s, BROKER_BAD, "it cannot be opened: %s",
			strerror(sqlite_errno(NULL)));
	else
		*state = store_trouble(s);
	buf_add(why, s->broker.why.data, s->broker.why.len);
	buf_free(&s->broker.why);
	buf_free(flaw);
	store_close(&s->broker);
	return NULL;
}

static struct broker *store_open(const struct broker_rules *rules, enum broker_state *state,
	struct buf *why, struct buf *notes)
{
	struct store *s = store_new(rules);
	struct buf flaw = { 0 };

	(void)notes;
	if (!store_may_open(rules, &flaw) || !(s->db = sqlite_open(s->path)) || !store_note_file(s)
	    || !store_set_up(s, &flaw))
		return store_not_opened(s, &flaw, why, state);
	*state = BROKER_OK;
	return &s->broker;
}

static const char *store_load(void)
{
	static char old[120];
	const char *missing = sqlite_load();

	if (missing || sqlite_version() >= STORE_OLDEST)
		return missing;
	snprintf(old, sizeof old, "SQLite %s is too old for queues; install 3.35 or newer",
		sqlite_version_text());
	return old;
}

/* --- rest -------------------------------------------------------------- */

/* Keys that count no more and finished items that have been kept long enough are forgotten. */
static void store_tidy(struct store *s)
{
	struct sqlite_query *q = store_statement(s, STORE_FORGET);
	int64_t now = store_now();
	bool ok = q && store_begin(s);

	if (ok) {
		sqlite_set(q, 1, now);
		ok = sqlite_run(q);
	}
	if (!ok || !store_trim(s, 0, now) || !store_commit(s))
		store_undo(s);
}

/* Nobody is waited for: what cannot be done now is done another time. The log is folded into
 * the file, which has to be synced, when nothing was written for a second. */
static void store_rest(struct broker *b)
{
	struct store *s = (struct store *)b;
	int64_t now = clock_now();

	sqlite_when_busy(s->db, NULL, NULL);
	if (!s->tidied || now - s->tidied > 10 * CLOCK_SECOND) {
		s->tidied = now;
		store_tidy(s);
	} else if (s->wrote && now - s->wrote > CLOCK_SECOND) {
		s->wrote = 0;
		sqlite_do(s->db, "PRAGMA wal_checkpoint(TRUNCATE)");
	}
	sqlite_when_busy(s->db, store_wait, s);
}

const struct engine engine_sqlite = {
	.name = "sqlite",
	.load = store_load,
	.open = store_open,
	.close = store_close,
	.put = store_put,
	.exchange = store_exchange,
	.bell = store_bell,
	.hear = store_hear,
	.rest = store_rest,
	.stats = store_stats,
	.bindings = store_bindings,
	.admin = store_admin,
	.peek = store_peek,
};
