/* The ledger. See ledger.h.
 *
 * What is on the disk when. A commit hands rows to the system: they survive the death of
 * pq, however it comes. Once a second, and at the end, the file of -o and then the
 * database are synced, and a mark says up to which item: after a power cut, which is seen
 * from the system's boot id, the ledger is believed up to the mark. */
#include "record/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/msg.h"
#include "base/random.h"
#include "base/sqlite.h"
#include "group.h"
#include "item.h"
#include "record/moved.h"
#include "sink/outfile.h"
#include "base/status.h"

/* The database says what it is: "pqj" and a byte, and the version of what follows. A
 * change of the tables is a new version; an older pq then refuses the file. */
#define GUARD "PRAGMA application_id = 1886481921; PRAGMA user_version = 3;"
enum { APPLICATION = 1886481921, VERSION = 3 };

#define META "CREATE TABLE meta (name TEXT PRIMARY KEY, value);\n"
#define ITEMS \
	"CREATE TABLE items (\n" \
	"  turn INTEGER PRIMARY KEY,  -- by item, then by section\n" \
	"  seq INTEGER NOT NULL,\n" \
	"  section INTEGER NOT NULL,\n" \
	"  digest INTEGER NOT NULL,   -- of the item's values\n" \
	"  verdict INTEGER NOT NULL,  -- 0 to be tried again, 1 done, 2 failed\n" \
	"  attempts INTEGER NOT NULL, -- that have ended\n" \
	"  exitval INTEGER NOT NULL,\n" \
	"  signal INTEGER NOT NULL,\n" \
	"  output INTEGER NOT NULL,   -- where it ends in the file of -o\n" \
	"  due INTEGER NOT NULL DEFAULT 0 -- to be tried again then: ns since 1970\n" \
	");\n"

enum recorded { RECORDED_AGAIN, RECORDED_DONE, RECORDED_FAILED };

/* How long another pq may keep its lock before this one is refused, in ms. */
#define PATIENCE "1000"

/* Of SQLite's pages in its log, before they go to their places. */
#define CHECKPOINT "PRAGMA wal_autocheckpoint = 4000;"

struct ledger {
	struct ledger_rules rules;
	struct sqlite *db;
	char run_id[RUN_ID + 1];
	bool new;             /* it was made just now */
	uint64_t settled;     /* ordered: turn of the last one on record */
	uint64_t offset;      /* of -o: where its output ends */
	struct sqlite_query *known; /* rows of earlier runs, or NULL; and the next of them: */
	uint64_t next;
	struct sqlite_query *insert;
	bool by_item;         /* the list is another one than it was: rows of earlier runs */
	struct moved moved;   /* are found here by the reader, and read by the journal */
	uint64_t turns, seqs; /* used up by earlier runs */
	struct sqlite_query *forget;
};

static _Noreturn void die_of(struct ledger *l, const char *verb)
{
	const char *path = l->rules.path;

	switch (sqlite_trouble(l->db)) {
	case SQLITE_TROUBLE_BUSY:
		msg_die(STATUS_USAGE, "the journal %s is in use by another pq; wait for its end, or "
			"use another journal", path);
	case SQLITE_TROUBLE_FOREIGN:
		msg_die(STATUS_USAGE, "%s is no journal of pq, or is damaged; use another file", path);
	default:
		msg_die(STATUS_OUTPUT, "cannot %s the journal %s: %s; nothing was started", verb, path,
			strerror(sqlite_errno(l->db)));
	}
}

/* --- opening ----------------------------------------------------------- */

static void ledger_must(struct ledger *l, const char *sql)
{
	if (!sqlite_do(l->db, sql))
		die_of(l, "write to");
}

/* The number that a query has in its first row; 0 for none. */
static int64_t ledger_ask(struct ledger *l, const char *sql)
{
	struct sqlite_query *q = sqlite_query(l->db, sql);
	int64_t n = 0;

	if (!q)
		die_of(l, "read");
	if (sqlite_row(q))
		n = sqlite_int(q, 0);
	else if (sqlite_trouble(l->db) != SQLITE_TROUBLE_NONE)
		die_of(l, "read");
	sqlite_free(q);
	return n;
}

static char *recall_meta(struct ledger *l, const char *name)
{
	struct sqlite_query *q = sqlite_query(l->db, "SELECT value FROM meta WHERE name = ?");
	const char *value = "";
	char *copy;

	if (!q)
		die_of(l, "read");
	sqlite_set_text(q, 1, name);
	if (sqlite_row(q))
		value = sqlite_text(q, 0);
	copy = mem_copy(value, strlen(value));
	sqlite_free(q);
	return copy;
}

static void keep_meta(struct ledger *l, const char *name, const char *value)
{
	struct sqlite_query *q = sqlite_query(l->db, "INSERT OR REPLACE INTO meta VALUES (?, ?)");

	if (!q)
		die_of(l, "write to");
	sqlite_set_text(q, 1, name);
	sqlite_set_text(q, 2, value);
	if (!sqlite_run(q))
		die_of(l, "write to");
	sqlite_free(q);
}

/* Is it a new one? Dies when it is something else. */
static bool ledger_is_new(struct ledger *l)
{
	int64_t application = ledger_ask(l, "PRAGMA application_id");

	if (application == 0 && ledger_ask(l, "SELECT count(*) FROM sqlite_master") == 0)
		return true;
	if (application != APPLICATION)
		msg_die(STATUS_USAGE, "%s is no journal of pq; use another file", l->rules.path);
	if (ledger_ask(l, "PRAGMA user_version") > VERSION)
		msg_die(STATUS_USAGE, "the journal %s is of another version of pq; use another file",
			l->rules.path);
	return false;
}

static void make_run_id(struct ledger *l)
{
	char id[RUN_ID + 1];

	random_hex(id, RUN_ID);
	keep_meta(l, "run", id);
}

/* Which boot of the system this is; "" where it does not say. */
static void boot_id(struct buf *id)
{
	if (!io_read_file("/proc/sys/kernel/random/boot_id", id))
		buf_clear(id);
	while (id->len && id->data[id->len - 1] == '\n')
		id->len--;
}

static void ledger_create(struct ledger *l)
{
	ledger_must(l, META ITEMS);
	ledger_must(l, GUARD);
	make_run_id(l);
	keep_meta(l, "meaning", l->rules.meaning);
	keep_meta(l, "mark", "0");
}

/* The first version did not know when an item is due, nor the second that there are
 * sections. */
static void ledger_upgrade(struct ledger *l)
{
	int64_t version = ledger_ask(l, "PRAGMA user_version");

	if (version < 2)
		ledger_must(l, "ALTER TABLE items ADD COLUMN due INTEGER NOT NULL DEFAULT 0");
	if (version < 3)
		ledger_must(l, "ALTER TABLE items RENAME TO before;" ITEMS
			"INSERT INTO items SELECT seq, seq, 1, digest, verdict, attempts, exitval, signal,"
			" output, due FROM before; DROP TABLE before;" GUARD);
}

/* After a power cut: what the file of -o lost, the journal must forget. Attempts have
 * been made all the same. */
static void back_to_mark(struct ledger *l)
{
	ledger_must(l, "UPDATE items SET verdict = 0, attempts = attempts - 1, output = 0"
		" WHERE verdict > 0 AND attempts > 1"
		" AND turn > (SELECT value + 0 FROM meta WHERE name = 'mark');"
		"DELETE FROM items WHERE verdict > 0"
		" AND turn > (SELECT value + 0 FROM meta WHERE name = 'mark')");
}

static void look_at_boot(struct ledger *l)
{
	struct buf now = { 0 };
	char *then = recall_meta(l, "boot");

	boot_id(&now);
	if (!l->new && l->rules.outfile && (!now.len || strcmp(then, buf_str(&now)) != 0))
		back_to_mark(l);
	keep_meta(l, "boot", buf_str(&now));
	free(then);
	buf_free(&now);
}

/* The line of a meaning at *at, moving past it; its length. */
static size_t ledger_next_line(const char **at, const char **line)
{
	size_t len = strcspn(*at, "\n");

	*line = *at;
	*at += len + ((*at)[len] == '\n');
	return len;
}

/* How long the name is with which the line begins. */
static size_t ledger_name_of(const char *line, size_t len)
{
	const char *blank = memchr(line, ' ', len);

	return blank ? (size_t)(blank - line) : len;
}

/* Has the meaning a line of that name? */
static bool ledger_has_name(const char *meaning, const char *name, size_t len)
{
	const char *line;

	while (*meaning) {
		size_t n = ledger_next_line(&meaning, &line);

		if (ledger_name_of(line, n) == len && memcmp(line, name, len) == 0)
			return true;
	}
	return false;
}

/* Say the first line in which they differ, and when one of them has no such line. */
static _Noreturn void tell_difference(struct ledger *l, const char *then, const char *now)
{
	const char *a, *b, *all_then = then, *all_now = now, *no_then = "", *no_now = "";
	size_t alen, blen;

	do {
		alen = ledger_next_line(&then, &a);
		blen = ledger_next_line(&now, &b);
	} while (alen == blen && memcmp(a, b, alen) == 0 && (alen || *then || *now));
	if (blen && !ledger_has_name(all_then, b, ledger_name_of(b, blen))) {
		no_then = "no ";
		a = b;
		alen = ledger_name_of(b, blen);
	} else if (!ledger_has_name(all_now, a, ledger_name_of(a, alen))) {
		no_now = "no ";
		b = a;
		blen = ledger_name_of(a, alen);
	}
	msg_die(STATUS_USAGE, "the journal %s is of another command line: %s%.*s then, %s%.*s now; "
		"use another journal", l->rules.path, no_then, (int)alen, a, no_now, (int)blen, b);
}

static void compare_meaning(struct ledger *l)
{
	char *then = recall_meta(l, "meaning");

	if (!*then)
		msg_die(STATUS_USAGE, "%s is no journal of pq, or is damaged; use another file",
			l->rules.path);
	if (strcmp(then, l->rules.meaning) != 0)
		tell_difference(l, then, l->rules.meaning);
	free(then);
}

static void compare_outfile(struct ledger *l)
{
	uint64_t size;

	if (!l->rules.outfile)
		return;
	if (!outfile_regular())
		msg_die(STATUS_USAGE, "-o %s with --journal: it is no regular file, so it cannot go on "
			"where it stopped; leave out one of them", l->rules.outfile);
	size = outfile_size();
	if (size < l->offset)
		msg_die(STATUS_USAGE, "%s has %llu bytes, and the journal %s knows of %llu: it has been "
			"changed; begin anew with another journal", l->rules.outfile,
			(unsigned long long)size, l->rules.path, (unsigned long long)l->offset);
}

static void open_database(struct ledger *l)
{
	const char *why = sqlite_load();

	if (why)
		msg_die(STATUS_USAGE, "--journal: %s", why);
	l->db = sqlite_open(l->rules.path);
	if (!l->db)
		msg_die(STATUS_OUTPUT, "cannot open the journal %s: %s; nothing was started",
			l->rules.path, strerror(sqlite_errno(NULL)));
	/* The lock is the system's, on the file, and goes with this process: of one that was
	 * killed not at once, but when its guardian has ended its jobs. */
	ledger_must(l, "PRAGMA busy_timeout = " PATIENCE "; PRAGMA locking_mode = EXCLUSIVE");
}

static void recall_all(struct ledger *l)
{
	char *run = recall_meta(l, "run");

	if (strlen(run) == RUN_ID)
		memcpy(l->run_id, run, sizeof l->run_id);
	free(run);
	if (l->rules.ordered) {
		l->settled = (uint64_t)ledger_ask(l, "SELECT max(turn) FROM items WHERE verdict > 0");
		l->offset = (uint64_t)ledger_ask(l, "SELECT output FROM items WHERE turn ="
			" (SELECT max(turn) FROM items WHERE verdict > 0)");
	}
}

/* The next of the rows that are known. */
static void next_known(struct ledger *l)
{
	if (sqlite_row(l->known)) {
		l->next = (uint64_t)sqlite_int(l->known, 0);
		return;
	}
	if (sqlite_trouble(l->db) != SQLITE_TROUBLE_NONE)
		die_of(l, "read");
	sqlite_free(l->known);
	l->known = NULL;
}

struct ledger *ledger_open(const struct ledger_rules *rules)
{
	struct ledger *l = mem_zero(sizeof *l);

	l->rules = *rules;
	open_database(l);
	l->new = ledger_is_new(l);
	if (!l->new)
		compare_meaning(l);
	ledger_must(l, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;" CHECKPOINT
		"BEGIN IMMEDIATE");
	if (l->new)
		ledger_create(l);
	else
		ledger_upgrade(l);
	look_at_boot(l);
	recall_all(l);
	compare_outfile(l);
	ledger_must(l, "COMMIT; PRAGMA synchronous = NORMAL");
	l->known = sqlite_query(l->db, "SELECT turn, digest, verdict, attempts, due, seq, section"
		" FROM items ORDER BY turn");
	l->insert = sqlite_query(l->db, "INSERT OR REPLACE INTO items VALUES"
		" (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	if (!l->known || !l->insert)
		die_of(l, "read");
	next_known(l);
	return l;
}

const struct ledger_rules *ledger_rules(const struct ledger *l)
{
	return &l->rules;
}

bool ledger_goes_on(const struct ledger *l)
{
	return !l->new;
}

bool ledger_has_failed(struct ledger *l, uint64_t seq, unsigned section)
{
	struct sqlite_query *q = sqlite_query(l->db, "SELECT verdict FROM items WHERE seq = ?"
		" AND section = ?");
	bool failed;

	if (!q)
		die_of(l, "read");
	sqlite_set(q, 1, (int64_t)seq);
	sqlite_set(q, 2, section);
	failed = sqlite_row(q) && sqlite_int(q, 0) == RECORDED_FAILED;
	sqlite_free(q);
	return failed;
}

const char *ledger_run_id(const struct ledger *l)
{
	return l->run_id;
}

uint64_t ledger_turn(const struct ledger *l)
{
	return l->settled + 1;
}

uint64_t ledger_offset(const struct ledger *l)
{
	return l->offset;
}

/* --- what is known ----------------------------------------------------- */

static _Noreturn void die_of_change(struct ledger *l, const struct item *item)
{
	struct buf name = { 0 };

	item_name(&name, item);
	msg_die(STATUS_USAGE, "%s is not what the journal %s knows: the list has changed, and its "
		"order is that of the output (-k, -o); put it back, or use another journal",
		buf_str(&name), l->rules.path);
}

/* --- by item ----------------------------------------------------------- */

/* The list is another one: what is known from here on is kept, for whoever it is about. What
 * is put on record from now on has turns and numbers that none had. */
static void ledger_go_by_item(struct ledger *l)
{
	l->by_item = true;
	for (; l->known; next_known(l)) {
		enum recorded verdict = (enum recorded)sqlite_int(l->known, 2);

		moved_add(&l->moved, &(struct moved_row){ .turn = sqlite_int(l->known, 0),
			.digest = sqlite_int(l->known, 1), .left = verdict == RECORDED_AGAIN,
			.failed = verdict == RECORDED_FAILED,
			.attempts = (unsigned)sqlite_int(l->known, 3), .due = sqlite_int(l->known, 4),
			.seq = sqlite_int(l->known, 5), .section = (unsigned)sqlite_int(l->known, 6) });
	}
	moved_sort(&l->moved);
	l->turns = (uint64_t)ledger_ask(l, "SELECT max(turn) FROM items");
	l->seqs = (uint64_t)ledger_ask(l, "SELECT max(seq) FROM items");
	l->forget = sqlite_query(l->db, "DELETE FROM items WHERE turn = ?");
	if (!l->forget)
		die_of(l, "read");
}

static enum recall ledger_recall_by_item(struct ledger *l, struct delivery *d)
{
	const struct moved_row *row = moved_take(&l->moved, moved_digest(d->item),
		d->group->number);

	if (row && !row->left)
		return row->failed ? RECALL_FAILED : RECALL_DONE;
	d->item->number = row ? (uint64_t)row->seq : l->seqs + d->item->seq;
	if (row) {
		d->attempts = row->attempts;
		d->due = row->due;
	}
	return RECALL_LEFT;
}

/* What has a row by its new place needs that of before no more. */
static bool ledger_forget_before(struct ledger *l, const struct delivery *d)
{
	const struct moved_row *row = moved_left(&l->moved, moved_digest(d->item),
		d->group->number, (int64_t)d->item->number);

	if (!row)
		return true;
	sqlite_set(l->forget, 1, row->turn);
	return sqlite_run(l->forget);
}

/* --- by place ---------------------------------------------------------- */

static enum recall ledger_recall_known(struct ledger *l, struct delivery *d)
{
	enum recall recall = RECALL_LEFT;

	if (sqlite_int(l->known, 2) == RECORDED_DONE)
		recall = RECALL_DONE;
	else if (sqlite_int(l->known, 2) == RECORDED_FAILED)
		recall = RECALL_FAILED;
	if (recall == RECALL_LEFT) {
		d->attempts = (unsigned)sqlite_int(l->known, 3);
		d->due = sqlite_int(l->known, 4);
	}
	next_known(l);
	return recall;
}

static enum recall ledger_change(struct ledger *l, struct delivery *d, struct recalling *says)
{
	if (l->rules.ordered && !d)
		msg_die(STATUS_USAGE, "the list has become shorter: the journal %s knows of item %llu, "
			"and its order is that of the output (-k, -o); put it back, or use another journal",
			l->rules.path, (unsigned long long)sqlite_int(l->known, 5));
	if (l->rules.ordered)
		die_of_change(l, d->item);
	ledger_go_by_item(l);
	says->by_item = true;
	return d ? ledger_recall_by_item(l, d) : RECALL_LEFT;
}

enum recall ledger_recall(struct ledger *l, struct delivery *d, struct recalling *says)
{
	enum recall recall;

	if (l->by_item)
		return d ? ledger_recall_by_item(l, d) : RECALL_LEFT;
	says->over = !l->known;
	if (says->over || (d && d->turn < l->next))
		return RECALL_LEFT;
	if (!d || sqlite_int(l->known, 1) != moved_digest(d->item))
		return ledger_change(l, d, says);
	recall = ledger_recall_known(l, d);
	says->over = !l->known;
	return recall;
}

/* --- keeping it -------------------------------------------------------- */

static bool ledger_insert(struct ledger *l, const struct delivery *d)
{
	struct sqlite_query *q = l->insert;
	int exit_value, signal_number;
	enum recorded verdict = d->verdict == VERDICT_RETRY ? RECORDED_AGAIN
		: d->verdict == VERDICT_ACK ? RECORDED_DONE : RECORDED_FAILED;

	outcome_columns(&d->result.outcome, &exit_value, &signal_number);
	if (l->by_item && !ledger_forget_before(l, d))
		return false;
	sqlite_set(q, 1, (int64_t)(d->turn + l->turns));
	sqlite_set(q, 2, (int64_t)(l->by_item ? d->item->number : d->item->seq));
	sqlite_set(q, 3, d->group->number);
	sqlite_set(q, 4, moved_digest(d->item));
	sqlite_set(q, 5, verdict);
	sqlite_set(q, 6, d->attempts);
	sqlite_set(q, 7, exit_value);
	sqlite_set(q, 8, signal_number);
	sqlite_set(q, 9, (int64_t)d->result.end);
	sqlite_set(q, 10, verdict == RECORDED_AGAIN ? d->due : 0);
	return sqlite_run(q);
}

bool ledger_commit(struct ledger *l, const struct delivery *list)
{
	bool ok = sqlite_do(l->db, "BEGIN");
	uint64_t settled = l->settled;

	for (const struct delivery *d = list; ok && d; d = d->next) {
		ok = ledger_insert(l, d);
		if (d->verdict != VERDICT_RETRY)
			settled = d->turn;
	}
	ok = ok && sqlite_do(l->db, "COMMIT");
	if (ok)
		l->settled = settled;
	return ok;
}

int ledger_roll_back(struct ledger *l)
{
	int error = sqlite_errno(l->db);

	sqlite_do(l->db, "ROLLBACK");
	return error;
}

int ledger_mark(struct ledger *l)
{
	struct buf sql = { 0 };
	bool ok;

	buf_addf(&sql, "PRAGMA synchronous = FULL;"
		"UPDATE meta SET value = '%llu' WHERE name = 'mark'; PRAGMA synchronous = NORMAL",
		(unsigned long long)l->settled);
	ok = sqlite_do(l->db, buf_str(&sql));
	buf_free(&sql);
	return ok ? 0 : sqlite_errno(l->db);
}

int ledger_fold(struct ledger *l)
{
	return sqlite_do(l->db, "PRAGMA wal_checkpoint(TRUNCATE)") ? 0 : sqlite_errno(l->db);
}

void ledger_close(struct ledger *l)
{
	sqlite_free(l->known);
	sqlite_free(l->insert);
	sqlite_free(l->forget);
	moved_free(&l->moved);
	sqlite_close(l->db);
	free(l);
}

