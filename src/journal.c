/* The journal. See journal.h.
 *
 * What is on the disk when. A commit hands rows to the system: they survive the death of
 * pq, however it comes. Once a second, and at the end, the file of -o and then the
 * journal are synced, and a mark says up to which item: after a power cut, which is seen
 * from the system's boot id, the journal is believed up to the mark. */
#include "journal.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/random.h"
#include "base/sqlite.h"
#include "base/thread.h"
#include "item.h"
#include "outfile.h"
#include "status.h"

/* The database says what it is: "pqj" and a byte, and the version of what follows. A
 * change of the tables is a new version; an older pq then refuses the file. */
#define GUARD "PRAGMA application_id = 1886481921; PRAGMA user_version = 1;"
enum { APPLICATION = 1886481921, VERSION = 1 };

static const char schema[] =
	"CREATE TABLE meta (name TEXT PRIMARY KEY, value);\n"
	"CREATE TABLE items (\n"
	"  seq INTEGER PRIMARY KEY,\n"
	"  digest INTEGER NOT NULL,   -- of the item's values\n"
	"  verdict INTEGER NOT NULL,  -- 0 to be tried again, 1 done, 2 failed\n"
	"  attempts INTEGER NOT NULL, -- that have ended\n"
	"  exitval INTEGER NOT NULL,\n"
	"  signal INTEGER NOT NULL,\n"
	"  output INTEGER NOT NULL    -- where it ends in the file of -o\n"
	");\n";

enum recorded { RECORDED_AGAIN, RECORDED_DONE, RECORDED_FAILED };

/* How long committed rows may stay unsynced. */
#define SYNC_INTERVAL CLOCK_SECOND

/* Of SQLite's pages in its log, before they go to their places. */
#define CHECKPOINT "PRAGMA wal_autocheckpoint = 4000;"

enum { RUN_ID = 16 };

struct journal {
	struct journal_rules rules;
	struct sqlite *db;
	char run_id[RUN_ID + 1];
	uint64_t settled;     /* ordered: seq of the last one on record */
	uint64_t offset;      /* of -o: where its output ends */
	struct sqlite_query *known; /* rows of earlier runs, or NULL; and the next of them: */
	uint64_t next;

	pthread_t thread;
	void (*recorded)(void *ctx, struct delivery *list);
	void (*failed)(void *failed_ctx, const char *what, int error);
	void *ctx, *failed_ctx;
	lock lock;            /* guards what follows; a leaf */
	condition work;       /* "there is something to record, or I should end" */
	struct deliveries waiting;
	bool idle, ending;
	bool hole;            /* ordered: one was not for the record, so none is any more */
	_Atomic bool broken;  /* it cannot be written */

	/* The thread's own. */
	struct sqlite_query *insert;
	bool dirty;           /* there are rows that are not synced */
	int64_t sync_due;
};

static _Noreturn void die_of(struct journal *j, const char *verb)
{
	const char *path = j->rules.path;

	switch (sqlite_trouble(j->db)) {
	case SQLITE_TROUBLE_BUSY:
		msg_die(STATUS_USAGE, "the journal %s is in use by another pq; wait for its end, or "
			"use another journal", path);
	case SQLITE_TROUBLE_FOREIGN:
		msg_die(STATUS_USAGE, "%s is no journal of pq, or is damaged; use another file", path);
	default:
		msg_die(STATUS_OUTPUT, "cannot %s the journal %s: %s; nothing was started", verb, path,
			strerror(sqlite_errno(j->db)));
	}
}

/* --- opening ----------------------------------------------------------- */

static void must(struct journal *j, const char *sql)
{
	if (!sqlite_do(j->db, sql))
		die_of(j, "write to");
}

/* The number that a query has in its first row; 0 for none. */
static int64_t ask(struct journal *j, const char *sql)
{
	struct sqlite_query *q = sqlite_query(j->db, sql);
	int64_t n = 0;

	if (!q)
		die_of(j, "read");
	if (sqlite_row(q))
		n = sqlite_int(q, 0);
	else if (sqlite_trouble(j->db) != SQLITE_TROUBLE_NONE)
		die_of(j, "read");
	sqlite_free(q);
	return n;
}

static char *recall_meta(struct journal *j, const char *name)
{
	struct sqlite_query *q = sqlite_query(j->db, "SELECT value FROM meta WHERE name = ?");
	const char *value = "";
	char *copy;

	if (!q)
		die_of(j, "read");
	sqlite_set_text(q, 1, name);
	if (sqlite_row(q))
		value = sqlite_text(q, 0);
	copy = mem_copy(value, strlen(value));
	sqlite_free(q);
	return copy;
}

static void keep_meta(struct journal *j, const char *name, const char *value)
{
	struct sqlite_query *q = sqlite_query(j->db, "INSERT OR REPLACE INTO meta VALUES (?, ?)");

	if (!q)
		die_of(j, "write to");
	sqlite_set_text(q, 1, name);
	sqlite_set_text(q, 2, value);
	if (!sqlite_run(q))
		die_of(j, "write to");
	sqlite_free(q);
}

/* Is it a new one? Dies when it is something else. */
static bool is_new(struct journal *j)
{
	int64_t application = ask(j, "PRAGMA application_id");

	if (application == 0 && ask(j, "SELECT count(*) FROM sqlite_master") == 0)
		return true;
	if (application != APPLICATION)
		msg_die(STATUS_USAGE, "%s is no journal of pq; use another file", j->rules.path);
	if (ask(j, "PRAGMA user_version") != VERSION)
		msg_die(STATUS_USAGE, "the journal %s is of another version of pq; use another file",
			j->rules.path);
	return false;
}

static void make_run_id(struct journal *j)
{
	uint64_t random;
	char id[RUN_ID + 1];
	struct buf b = { 0 };

	random_bytes(&random, sizeof random);
	buf_addf(&b, "%016llx", (unsigned long long)random);
	memcpy(id, buf_str(&b), sizeof id);
	keep_meta(j, "run", id);
	buf_free(&b);
}

/* Which boot of the system this is; "" where it does not say. */
static void boot_id(struct buf *id)
{
	if (!io_read_file("/proc/sys/kernel/random/boot_id", id))
		buf_clear(id);
	while (id->len && id->data[id->len - 1] == '\n')
		id->len--;
}

static void create(struct journal *j)
{
	must(j, schema);
	must(j, GUARD);
	make_run_id(j);
	keep_meta(j, "meaning", j->rules.meaning);
	keep_meta(j, "mark", "0");
}

/* After a power cut: what the file of -o lost, the journal must forget. Attempts have
 * been made all the same. */
static void back_to_mark(struct journal *j)
{
	must(j, "UPDATE items SET verdict = 0, attempts = attempts - 1, output = 0 WHERE verdict > 0"
		" AND attempts > 1 AND seq > (SELECT value + 0 FROM meta WHERE name = 'mark');"
		"DELETE FROM items WHERE verdict > 0"
		" AND seq > (SELECT value + 0 FROM meta WHERE name = 'mark')");
}

static void look_at_boot(struct journal *j, bool new)
{
	struct buf now = { 0 };
	char *then = recall_meta(j, "boot");

	boot_id(&now);
	if (!new && j->rules.outfile && (!now.len || strcmp(then, buf_str(&now)) != 0))
		back_to_mark(j);
	keep_meta(j, "boot", buf_str(&now));
	free(then);
	buf_free(&now);
}

/* The line of a meaning at *at, moving past it; its length. */
static size_t next_line(const char **at, const char **line)
{
	size_t len = strcspn(*at, "\n");

	*line = *at;
	*at += len + ((*at)[len] == '\n');
	return len;
}

/* Say the first line in which they differ. */
static _Noreturn void tell_difference(struct journal *j, const char *then, const char *now)
{
	const char *a, *b;
	size_t alen, blen;

	do {
		alen = next_line(&then, &a);
		blen = next_line(&now, &b);
	} while (alen == blen && memcmp(a, b, alen) == 0 && (alen || *then || *now));
	msg_die(STATUS_USAGE, "the journal %s is of another command line: %.*s then, %.*s now; use "
		"another journal", j->rules.path, (int)alen, a, (int)blen, b);
}

static void compare_meaning(struct journal *j)
{
	char *then = recall_meta(j, "meaning");

	if (strcmp(then, j->rules.meaning) != 0)
		tell_difference(j, then, j->rules.meaning);
	free(then);
}

static void compare_outfile(struct journal *j)
{
	uint64_t size;

	if (!j->rules.outfile)
		return;
	if (!outfile_regular())
		msg_die(STATUS_USAGE, "-o %s with --journal: it is no regular file, so it cannot go on "
			"where it stopped; leave out one of them", j->rules.outfile);
	size = outfile_size();
	if (size < j->offset)
		msg_die(STATUS_USAGE, "%s has %llu bytes, and the journal %s knows of %llu: it has been "
			"changed; begin anew with another journal", j->rules.outfile,
			(unsigned long long)size, j->rules.path, (unsigned long long)j->offset);
}

static void open_database(struct journal *j)
{
	const char *why = sqlite_load();

	if (why)
		msg_die(STATUS_USAGE, "--journal: %s", why);
	j->db = sqlite_open(j->rules.path);
	if (!j->db)
		msg_die(STATUS_OUTPUT, "cannot open the journal %s: %s; nothing was started",
			j->rules.path, strerror(sqlite_errno(NULL)));
	/* The lock is the system's, on the file, and goes with this process. */
	must(j, "PRAGMA locking_mode = EXCLUSIVE");
}

static void recall_all(struct journal *j)
{
	char *run = recall_meta(j, "run");

	if (strlen(run) == RUN_ID)
		memcpy(j->run_id, run, sizeof j->run_id);
	free(run);
	if (j->rules.ordered) {
		j->settled = (uint64_t)ask(j, "SELECT max(seq) FROM items WHERE verdict > 0");
		j->offset = (uint64_t)ask(j, "SELECT output FROM items WHERE seq ="
			" (SELECT max(seq) FROM items WHERE verdict > 0)");
	}
}

/* The next of the rows that are known. */
static void next_known(struct journal *j)
{
	if (sqlite_row(j->known)) {
		j->next = (uint64_t)sqlite_int(j->known, 0);
		return;
	}
	if (sqlite_trouble(j->db) != SQLITE_TROUBLE_NONE)
		die_of(j, "read");
	sqlite_free(j->known);
	j->known = NULL;
}

struct journal *journal_open(const struct journal_rules *rules)
{
	struct journal *j = mem_zero(sizeof *j);
	bool new;

	j->rules = *rules;
	open_database(j);
	new = is_new(j);
	if (!new)
		compare_meaning(j);
	must(j, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;" CHECKPOINT "BEGIN IMMEDIATE");
	if (new)
		create(j);
	look_at_boot(j, new);
	recall_all(j);
	compare_outfile(j);
	must(j, "COMMIT; PRAGMA synchronous = NORMAL");
	j->known = sqlite_query(j->db, "SELECT seq, digest, verdict, attempts FROM items"
		" ORDER BY seq");
	j->insert = sqlite_query(j->db, "INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?, ?, ?, ?)");
	if (!j->known || !j->insert)
		die_of(j, "read");
	next_known(j);
	lock_init(&j->lock);
	condition_init(&j->work);
	return j;
}

const char *journal_run_id(const struct journal *j)
{
	return j->run_id;
}

uint64_t journal_turn(const struct journal *j)
{
	return j->settled + 1;
}

uint64_t journal_offset(const struct journal *j)
{
	return j->offset;
}

/* --- what is known ----------------------------------------------------- */

/* All its values, and where one ends and the next begins. */
static int64_t digest(const struct item *item)
{
	struct hash_key key = { { item->stride, item->values } };

	if (item->run)
		return (int64_t)hash_bytes(&key, item->run->bytes.data, item->run->bytes.len);
	for (uint32_t i = 0; i < item->values; i++) {
		struct value v = item_value(item, i);

		key.word[1] = v.len;
		key.word[0] = hash_bytes(&key, v.data, v.len);
	}
	return (int64_t)key.word[0];
}

static _Noreturn void die_of_change(struct journal *j, const struct item *item)
{
	struct buf name = { 0 };

	item_name(&name, item);
	msg_die(STATUS_USAGE, "%s is not what the journal %s knows: the list has changed; put it "
		"back, or use another journal", buf_str(&name), j->rules.path);
}

enum recall journal_recall(struct journal *j, struct item *item, bool *over)
{
	enum recall recall = RECALL_LEFT;

	*over = !j->known;
	if (*over)
		return recall;
	if (!item)
		msg_die(STATUS_USAGE, "the list has become shorter: the journal %s knows of item %llu; put "
			"it back, or use another journal", j->rules.path, (unsigned long long)j->next);
	if (item->seq < j->next)
		return recall;
	if (sqlite_int(j->known, 1) != digest(item))
		die_of_change(j, item);
	if (sqlite_int(j->known, 2) == RECORDED_DONE)
		recall = RECALL_DONE;
	else if (sqlite_int(j->known, 2) == RECORDED_FAILED)
		recall = RECALL_FAILED;
	else
		item->delivery.attempts = (unsigned)sqlite_int(j->known, 3);
	next_known(j);
	*over = !j->known;
	return recall;
}

/* --- recording --------------------------------------------------------- */

static bool insert(struct journal *j, const struct delivery *d)
{
	struct sqlite_query *q = j->insert;
	int exit_value, signal_number;
	enum recorded verdict = d->verdict == VERDICT_RETRY ? RECORDED_AGAIN
		: d->verdict == VERDICT_ACK ? RECORDED_DONE : RECORDED_FAILED;

	outcome_columns(&d->result.outcome, &exit_value, &signal_number);
	sqlite_set(q, 1, (int64_t)d->item->seq);
	sqlite_set(q, 2, digest(d->item));
	sqlite_set(q, 3, verdict);
	sqlite_set(q, 4, d->attempts);
	sqlite_set(q, 5, exit_value);
	sqlite_set(q, 6, signal_number);
	sqlite_set(q, 7, (int64_t)d->result.end);
	return sqlite_run(q);
}

static bool commit(struct journal *j, const struct delivery *list)
{
	bool ok = sqlite_do(j->db, "BEGIN");
	uint64_t settled = j->settled;

	for (const struct delivery *d = list; ok && d; d = d->next) {
		ok = insert(j, d);
		if (d->verdict != VERDICT_RETRY)
			settled = d->item->seq;
	}
	ok = ok && sqlite_do(j->db, "COMMIT");
	if (ok)
		j->settled = settled;
	return ok;
}

static void break_down(struct journal *j, const char *what, int error)
{
	atomic_store(&j->broken, true);
	j->failed(j->failed_ctx, what, error);
}

static void record(struct journal *j, const struct delivery *list)
{
	if (atomic_load(&j->broken))
		return;
	if (commit(j, list)) {
		if (!j->dirty)
			j->sync_due = clock_now() + SYNC_INTERVAL;
		j->dirty = true;
	} else {
		int error = sqlite_errno(j->db);

		sqlite_do(j->db, "ROLLBACK");
		break_down(j, j->rules.path, error);
	}
}

/* First the output, then what says that it is there. */
static void sync_all(struct journal *j)
{
	struct buf sql = { 0 };

	j->dirty = false;
	if (atomic_load(&j->broken))
		return;
	if (!outfile_end()) {
		break_down(j, j->rules.outfile, errno);
		return;
	}
	buf_addf(&sql, "PRAGMA synchronous = FULL;"
		"UPDATE meta SET value = '%llu' WHERE name = 'mark'; PRAGMA synchronous = NORMAL",
		(unsigned long long)j->settled);
	if (!sqlite_do(j->db, buf_str(&sql)))
		break_down(j, j->rules.path, sqlite_errno(j->db));
	buf_free(&sql);
}

static bool may_rest(const struct journal *j)
{
	return !j->waiting.first && !j->ending && !(j->dirty && clock_now() >= j->sync_due);
}

static void *journal_run(void *arg)
{
	struct journal *j = arg;
	bool ending;

	thread_name("pq-journal");
	do {
		struct delivery *list;

		lock_take(&j->lock);
		while (may_rest(j)) {
			j->idle = true;
			condition_wait(&j->work, &j->lock, j->dirty ? j->sync_due - clock_now() : -1);
			j->idle = false;
		}
		list = j->waiting.first;
		j->waiting = (struct deliveries){ 0 };
		ending = j->ending;
		lock_give(&j->lock);
		if (list) {
			record(j, list);
			j->recorded(j->ctx, list);
		}
		if (j->dirty && (ending || clock_now() >= j->sync_due))
			sync_all(j);
	} while (!ending);
	return NULL;
}

void journal_start(struct journal *j, void (*recorded)(void *ctx, struct delivery *list),
	void (*failed)(void *failed_ctx, const char *what, int error), void *failed_ctx,
	void *ctx)
{
	j->recorded = recorded;
	j->failed = failed;
	j->failed_ctx = failed_ctx;
	j->ctx = ctx;
	if (!thread_start(&j->thread, journal_run, j))
		msg_die(STATUS_CANNOT, "cannot start a thread: %s", strerror(errno));
}

/* With the lock: is it for the record? */
static bool is_recordable(struct journal *j, const struct delivery *d, bool lost)
{
	bool done = !lost && d->verdict != VERDICT_RELEASE;

	if (d->verdict == VERDICT_RETRY)
		return true;
	if (!done && j->rules.ordered)
		j->hole = true;
	return done && !j->hole;
}

void journal_put(struct journal *j, struct delivery *list, bool lost)
{
	struct deliveries others = { 0 };
	struct delivery *next;

	lock_take(&j->lock);
	for (struct delivery *d = list; d; d = next) {
		next = d->next;
		deliveries_add(is_recordable(j, d, lost) ? &j->waiting : &others, d);
	}
	if (j->waiting.first && j->idle)
		condition_one(&j->work);
	lock_give(&j->lock);
	if (others.first)
		j->recorded(j->ctx, others.first);
}

bool journal_finish(struct journal *j)
{
	bool ok;

	lock_take(&j->lock);
	j->ending = true;
	condition_one(&j->work);
	lock_give(&j->lock);
	thread_join(j->thread);
	sqlite_free(j->known);
	sqlite_free(j->insert);
	/* Nothing is lost when this fails, for it is in the -wal file; but it is not well. */
	if (!atomic_load(&j->broken) && !sqlite_do(j->db, "PRAGMA wal_checkpoint(TRUNCATE)"))
		break_down(j, j->rules.path, sqlite_errno(j->db));
	ok = !atomic_load(&j->broken);
	sqlite_close(j->db);
	free(j);
	return ok;
}
