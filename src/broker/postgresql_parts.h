/* What the files of the PostgreSQL engine share; nobody else includes it.
 *
 *   postgresql.c           opens and closes, calls, the bell, rest
 *   postgresql_trouble.c   what goes wrong, in one line
 *   postgresql_schema.c    the tables, and how they are made
 *   postgresql_pushing.c   functions of the schema that put items,
 *   postgresql_claiming.c  ... that claim and settle them,
 *   postgresql_looking.c   ... that look at them and manage them
 *   postgresql_items.c     putting and exchanging
 *   postgresql_admin.c     statistics, looking, administration
 *
 * All that is done to an item is done by functions in the schema pq, which other programs
 * call as well: pq itself names no table. They run with the rights of who made the schema,
 * so that a role needs, beside USAGE on it, EXECUTE on what it is to do, and nothing else:
 *
 *   a producer       about, put (pq), push (others)
 *   a consumer       about, enter, exchange, trim (pq); claim, done, retry, reject, release,
 *                    extend (others)
 *   --stats, --admin about, stats, bindings, peek; bind, unbind, cap, requeue_dead, purge_dead,
 *                    drop; VACUUM is for the owner of the tables
 *
 * Bytes are bytea throughout, also those of topics, keys and reasons: text would have to fit
 * the encoding of the database. A part is where items are: 'QUEUE', or 'QUEUE:GROUP'. */
#ifndef PQ_BROKER_POSTGRESQL_PARTS_H
#define PQ_BROKER_POSTGRESQL_PARTS_H

#include "base/bell.h"
#include "base/postgresql.h"
#include "broker/engine.h"

struct depot {
	struct broker broker; /* first */
	struct postgresql *db;
	struct postgresql_query query;
	char *shown, *queue, *group; /* owned; the group may be NULL */
	char *part;
	int64_t patience;   /* ms that a call may take */
	const char *lacks;  /* a right that is asked of the database's owner; NULL: see the code */
	bool owner;         /* of the tables: may VACUUM */
	bool listens;       /* there is an echo: */
	struct bell echo;   /* readable for ever, in the place of the socket when */
	bool heard;         /* something came along with the last answer */
	bool wrote;         /* since the last rest */
	uint64_t settled;    /* since the last vacuum */
	int64_t vacuum_next; /* not before; ns, monotonic */
};

/* --- postgresql.c ------------------------------------------------------ */

/* Run d->query; what the server itself asks to be tried again, is, but not in the middle of a
 * transaction. */
enum broker_state depot_call(struct depot *d);
enum broker_state depot_do(struct depot *d, const char *sql);
/* A statement may take a little less than a call: the server gives up before we do, so that
 * it is known that nothing was done. */
enum broker_state depot_limit(struct depot *d);
/* If so many were settled since the last one, and it may. */
void depot_vacuum(struct depot *d, uint64_t settled);

/* --- postgresql_trouble.c ---------------------------------------------- */

/* What went wrong with the last call, in why. */
enum broker_state depot_trouble(struct depot *d);
/* Likewise for what is wrong with what the server has answered. */
enum broker_state depot_refuse(struct depot *d, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* --- postgresql_schema.c ----------------------------------------------- */

/* Is there a schema that this pq knows? Makes it, if there is none yet and `make`. */
enum broker_state depot_schema(struct depot *d, bool make);

/* For functions that pq calls all the time: by index and in loops whatever the statistics
 * say, and planned once: a plan that was made while the table was empty would be kept when it
 * is not, and one that is made anew for each call takes longer than the call. What they call
 * is planned under the same. */
#define DEPOT_PLANS \
	"SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off\n" \
	"SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan "

extern const char *const depot_pushing[], *const depot_claiming[], *const depot_looking[];

/* --- postgresql_items.c ------------------------------------------------ */

enum broker_state depot_put(struct broker *b, struct put *items, size_t count);
enum broker_state depot_exchange(struct broker *b, struct exchange *x);

/* --- postgresql_admin.c ------------------------------------------------ */

enum broker_state depot_stats(struct broker *b, struct broker_stats *stats);
enum broker_state depot_bindings(struct broker *b, struct bindings *all);
enum broker_state depot_admin(struct broker *b, struct broker_order *order);
enum broker_state depot_peek(struct broker *b, uint64_t count,
	void (*show)(void *ctx, const struct broker_view *item), void *ctx);

#endif
