/* What the files of the SQLite engine share; nobody else includes it.
 *
 *   sqlite.c          opens and closes, transactions, trouble, the bell, rest
 *   sqlite_schema.c   the tables, and what other programs push into
 *   sqlite_put.c      putting, and who of the groups wants it
 *   sqlite_claim.c    settling and claiming
 *   sqlite_holders.c  who holds leases, who of them is dead, what was lost with them
 *   sqlite_admin.c    statistics, looking, administration
 *
 * A transaction that writes begins with store_begin, which takes the lock, so that nothing
 * in it is refused later. A statement is run to its end, or rewound: one that stands is a
 * reader, and keeps the log from being folded. */
#ifndef PQ_BROKER_SQLITE_PARTS_H
#define PQ_BROKER_SQLITE_PARTS_H

#include <sys/types.h>

#include "base/sqlite.h"
#include "broker/engine.h"

enum item_state { ITEM_READY, ITEM_DELAYED, ITEM_LEASED, ITEM_DEAD, ITEM_DONE };

/* Statements that are compiled once; sqlite.c has their text. */
enum store_statement {
	STORE_BEGIN, STORE_COMMIT, STORE_ROLLBACK,
	STORE_PUT, STORE_IS_SEEN, STORE_SEE, STORE_BINDINGS, STORE_CAP, STORE_COUNT, STORE_TALLY,
	STORE_ACK, STORE_KEEP, STORE_AGAIN, STORE_REJECT, STORE_RELEASE, STORE_EXTEND, STORE_ITEM,
	STORE_WAKE, STORE_HAS_LOST, STORE_MOST_LOST, STORE_SUSPECTS, STORE_CLAIM, STORE_CLAIM_OTHERS,
	STORE_NEXT, STORE_BACKLOG,
	STORE_TRIM_COUNT, STORE_TRIM_TIME, STORE_FORGET,
	STORE_HOLDERS, STORE_HELD, STORE_EXPIRED, STORE_TAKE_BACK, STORE_BURY, STORE_LEAVE,
	STORE_STATEMENTS
};

struct holding;

/* How the counters of a queue change in a transaction. */
struct tally {
	int64_t live; /* ready, delayed or leased */
	int64_t done; /* finished and kept */
	int64_t put, finished;
};

struct store {
	struct broker broker; /* first */
	struct sqlite *db;
	struct sqlite_query *statements[STORE_STATEMENTS];
	char *shown, *path, *queue, *group; /* owned; the group may be NULL */
	char *part;               /* owned: as items have it, QUEUE or QUEUE:GROUP */
	dev_t device;             /* of the file that was opened: */
	ino_t inode;
	int bell;                 /* -1: none */
	struct holding *holding;  /* who claims; NULL: this one does not */
	int64_t holder;           /* its id; 0: it has claimed nothing yet */
	bool joining;             /* it got that in this transaction */
	int64_t waiting;          /* since when the lock is waited for; ns, monotonic; 0: it is not */
	bool beginning;           /* a transaction, so that the lock is asked for */
	bool waited;              /* for it */
	uint64_t chance;          /* of random_below */
	int64_t looked;           /* after the dead; ns, monotonic */
	int64_t counted;          /* the backlog; likewise */
	uint64_t backlog;
	bool gone;                /* the file is not the one that was opened */
	int side_error;           /* errno of the side file, 0: none */
	bool short_of;            /* the last claim brought fewer than wanted */
	int64_t wrote;            /* last; ns, monotonic; 0: nothing since the log was folded */
	int64_t tidied;           /* likewise; 0: not yet */
};

/* --- sqlite.c ---------------------------------------------------------- */

int64_t store_now(void); /* ms since 1970 */
/* The statement, ready for its parameters; never NULL: a schema without its columns is
 * found out when the store is opened. */
struct sqlite_query *store_statement(struct store *s, enum store_statement which);
/* Somebody else has locked the store, found out so many times: wait a little; 0: too long. */
int store_wait(void *ctx, int times);
bool store_begin(struct store *s);
bool store_commit(struct store *s);
void store_undo(struct store *s); /* if there is a transaction */
/* Is the file still the one that was opened? Else that is the trouble. */
bool store_is_there(struct store *s);
/* What went wrong with the last call, in why; the transaction, if there is one, is undone. */
enum broker_state store_trouble(struct store *s);
/* Likewise for what SQLite has not found. */
enum broker_state store_refuse(struct store *s, enum broker_state state, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Add to the counters of a part; *done, unless NULL, is how many are kept now. */
bool store_count(struct store *s, const char *part, const struct tally *add, int64_t *done);
/* Compiled, run and freed: for what is rare. Its ?1 and ?2 are these, unless NULL. */
struct sqlite_query *store_ask(struct store *s, const char *sql, const char *first,
	const char *second);

/* --- sqlite_schema.c --------------------------------------------------- */

/* Is it a store that this pq knows; made, if there is none yet and `make`. *why says what is
 * wrong with it; or it is sqlite_trouble: why is empty then. */
bool store_schema(struct store *s, bool make, struct buf *why);

/* --- sqlite_put.c ------------------------------------------------------ */

enum broker_state store_put(struct broker *b, struct put *items, size_t count);
/* How many may be in the part, 0: any; and how many are, as far as is counted. */
bool store_cap(struct store *s, const char *part, uint64_t *cap, uint64_t *live);

/* --- sqlite_claim.c ---------------------------------------------------- */

enum broker_state store_exchange(struct broker *b, struct exchange *x);
/* Inside a transaction: of `done` finished ones no more are kept than the rules say. */
bool store_trim(struct store *s, int64_t done, int64_t now);

/* --- sqlite_holders.c -------------------------------------------------- */

/* One that was lost, and with whom. */
struct lost_item {
	int64_t id, token, due;
	unsigned lost; /* with this time */
	char *holder;  /* owned */
};

struct lost_items {
	struct lost_item *list; /* owned */
	size_t count;
	int64_t *dead;          /* holders; owned */
	size_t ndead;
};

/* Open the side file, for one who may become a holder; do locks tell there who lives? */
bool holder_attach(struct store *s, bool *locks);
/* Become a holder, if it is none yet; inside a transaction. So who opens and claims nothing
 * writes nothing, and has nothing to be synced. */
bool holder_join(struct store *s);
/* No longer one; what is leased stays so, and then the lock is kept as well. */
void holder_part(struct store *s);
/* What was lost with those who are dead by now, or whose lease is over. Empty it first. */
bool holder_find_lost(struct store *s, struct lost_items *lost);
/* Inside a transaction: back to the ready ones, or buried. */
bool holder_take_back(struct store *s, struct lost_items *lost, struct exchange *x,
	struct tally *tally);
/* This one waits for the lock of the store, or no longer; do others? */
void holder_waits(struct store *s, bool waits);
bool holder_others_wait(struct store *s);
void lost_clear(struct lost_items *lost);
/* A new side file, should it have been taken away; false with errno. */
bool holder_renew(struct store *s);

/* --- sqlite_admin.c ---------------------------------------------------- */

enum broker_state store_stats(struct broker *b, struct broker_stats *stats);
enum broker_state store_bindings(struct broker *b, struct bindings *all);
enum broker_state store_admin(struct broker *b, struct broker_order *order);
enum broker_state store_peek(struct broker *b, uint64_t count,
	void (*show)(void *ctx, const struct broker_view *item), void *ctx);

#endif
