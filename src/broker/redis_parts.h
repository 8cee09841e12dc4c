/* What the files of the Redis engine share; nobody else includes it.
 *
 *   redis.c          opens and closes; the bell; rest
 *   redis_place.c    the address
 *   redis_server.c   connecting, and what the server guarantees
 *   redis_call.c     calling a script, and what a refusal means
 *   redis_scripts.c  the scripts: putting, settling and claiming
 *   redis_looks.c    the scripts: statistics, looking, administration
 *   redis_work.c     puts, exchanges
 *   redis_admin.c    statistics, looking, administration
 *
 * The keys of a queue share a hash tag, so that a cluster has them in one place. What begins
 * with PART is there for the queue, "pq:{QUEUE}:", and for each of its groups once more,
 * "pq:{QUEUE}:@GROUP:". M is the number of an item in 16 digits.
 *
 *   PARTin        list: bodies that other programs push, on the right; and a mark while some
 *                 are ready, by which sleeping consumers are woken
 *   PARTready     sorted set of M by priority; beyond 2^53, where a score is no longer exact,
 *                 of the priority in 16 hexadecimal digits and M
 *   PARTdelayed, PARTleased, PARTdead, PARTdone
 *                 sorted sets of M by the ms at which it is due, lost, died, was finished
 *   PARTlost      set of M that are not finished and were lost at least once
 *   PARTsuspects  hash: those of them that are leased, by how often they were and by whom
 *   PARTseen      sorted set of keys by the ms at which they no longer count
 *   PARTmeta      hash: put, finished (ever), cap, rung (the mark is in PARTin)
 *   pq:{QUEUE}:meta      also: version (of all this), id (of the store), last (M), push (the
 *                        SHA-1 of the script)
 *   pq:{QUEUE}:i:M       hash: b body, p priority, r the priority in hexadecimal, n born, t topic,
 *                        g group, c claims, a attempts, l lost, h holder, o outcome, e the token
 *                        whose settlement was heard last
 *   pq:{QUEUE}:bindings  set of GROUP:PATTERN
 *   pq:{QUEUE}:groups    set of GROUP
 *   pq:{QUEUE}:push      the text of the script by which other programs push */
#ifndef PQ_BROKER_REDIS_PARTS_H
#define PQ_BROKER_REDIS_PARTS_H

#include "base/redis.h"
#include "broker/engine.h"
#include "broker/redis_place.h"

enum stock_script {
	STOCK_OPEN, STOCK_PUT, STOCK_EXCHANGE, STOCK_STATS, STOCK_PEEK, STOCK_REQUEUE, STOCK_PURGE,
	STOCK_BIND, STOCK_DROP, STOCK_SWEEP, STOCK_TIDY,
	STOCK_SCRIPTS
};

enum {
	STOCK_MOST = 1000,           /* items in a call: nobody else is served meanwhile */
	STOCK_BYTES = 64 << 20,      /* likewise, of their bodies */
	STOCK_BODY_MOST = 512 << 20, /* what Redis takes as one word */
	STOCK_SHA = 40,
};

struct stock {
	struct broker broker;       /* first */
	struct redis_place place;
	struct redis *redis;
	struct redis *bell;         /* NULL: none yet */
	bool bell_waits;            /* it was asked to tell when something comes */
	bool bell_fails;            /* there will be none: the server is too old */
	bool withheld;              /* some are ready that were not claimed: it would ring on and on */
	char *shown;                /* owned, as that of the address, which need not live on */
	char *inbox;                /* owned: PARTin, by which scripts know all their keys */
	char *prefix;               /* owned: of the keys of the queue */
	char *group;                /* owned; NULL: none */
	char sha[STOCK_SCRIPTS][STOCK_SHA + 1];
	struct redis_words words;   /* what is being said */
	char cursor[24];            /* of the search for items that are in no set */
	int64_t rested;             /* ns, monotonic */
};

/* --- redis_scripts.c, redis_looks.c ------------------------------------ */

/* Its pieces, with a NULL at the end. */
const char *const *stock_script(enum stock_script which);
extern const char *const stock_lua_stats[], *const stock_lua_peek[], *const stock_lua_requeue[],
	*const stock_lua_purge[], *const stock_lua_bind[], *const stock_lua_drop[],
	*const stock_lua_sweep[], *const stock_lua_tidy[];

/* --- redis_server.c ---------------------------------------------------- */

/* A connection that is ready for use; NULL: what is wrong is added to why. */
struct redis *stock_connect(struct stock *d, enum broker_state *state, struct buf *why);
/* Is the server one that will do, and what does it guarantee? */
enum broker_state stock_inspect(struct stock *d, struct buf *why, struct buf *notes);

/* --- redis_call.c ------------------------------------------------------ */

/* Begin to say what the script is to do; its arguments are then added to d->words. */
void stock_say(struct stock *d, enum stock_script which);
/* Say it. NULL: *state is not BROKER_OK, and broker.why says why. */
struct redis_reply *stock_hear(struct stock *d, enum stock_script which,
	enum broker_state *state);
/* Likewise a command that d->words holds whole. */
struct redis_reply *stock_command(struct stock *d, enum broker_state *state);
/* What the error that a server has sent means; added to why, in one line. */
enum broker_state stock_judge(const char *error, struct buf *why);
/* Why it is not to be, in place of what was said before. */
enum broker_state stock_refuse(struct stock *d, enum broker_state state, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* One word more: the text of a script. */
void stock_word_script(struct redis_words *w, enum stock_script which);
/* The SHA-1 of all scripts. */
enum broker_state stock_learn(struct stock *d);
/* The number of an item, as the scripts have it. */
void stock_word_item(struct stock *d, int64_t id);

/* --- redis_work.c ------------------------------------------------------ */

enum broker_state stock_put(struct broker *b, struct put *items, size_t count);
enum broker_state stock_exchange(struct broker *b, struct exchange *x);

/* --- redis_admin.c ----------------------------------------------------- */

enum broker_state stock_stats(struct broker *b, struct broker_stats *s);
enum broker_state stock_bindings(struct broker *b, struct bindings *all);
enum broker_state stock_admin(struct broker *b, struct broker_order *order);
enum broker_state stock_peek(struct broker *b, uint64_t count,
	void (*show)(void *ctx, const struct broker_view *item), void *ctx);
/* One step on the way through all keys; *round: it has come around. */
enum broker_state stock_sweep(struct stock *d, bool *round, uint64_t *changed);
/* Forget what has had its time; *more: there is more of it. */
enum broker_state stock_tidy(struct stock *d, bool *more, uint64_t *changed);

#endif
