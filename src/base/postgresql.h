/* PostgreSQL's client library, loaded when it is first asked for. Nobody else knows its
 * header.
 *
 * A connection is for one thread at a time. Every call that speaks with the server has a
 * limit in ms, after which it has failed: nothing blocks for longer but the look-up of a
 * host's name, which is the C library's. What goes wrong is false, with the reason in
 * postgresql_trouble, _code and _said. Parameters and answers travel in binary: any byte
 * may be in them, and nothing is quoted. */
#ifndef PQ_POSTGRESQL_H
#define PQ_POSTGRESQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct postgresql; /* a connection, with the answer to its last query */

enum postgresql_trouble {
	POSTGRESQL_FINE,
	POSTGRESQL_ADDRESS, /* it cannot be read */
	POSTGRESQL_LOST,    /* there is no connection: only closing is left */
	POSTGRESQL_LATE,    /* there was no answer in time: likewise */
	POSTGRESQL_REFUSED, /* the server has said no */
};

/* NULL when there is the library; else why not, and what to do. */
const char *postgresql_load(void);

/* To what the address (a URI) and libpq's own environment and files say. Never NULL: ask
 * postgresql_trouble. */
struct postgresql *postgresql_open(const char *address, int64_t limit);
void postgresql_close(struct postgresql *db);

enum postgresql_trouble postgresql_trouble(const struct postgresql *db); /* of the last call */
const char *postgresql_code(const struct postgresql *db); /* five letters (SQLSTATE), or "" */
/* What the server or the library has said, in one line; with its detail where it gave one.
 * Of an address that cannot be read it does not quote what may be a password. */
const char *postgresql_said(const struct postgresql *db);
const char *postgresql_user(const struct postgresql *db);     /* as who, to which: for messages */
const char *postgresql_database(const struct postgresql *db);
int postgresql_version(const struct postgresql *db); /* of the server: 150004; 0: not known */
bool postgresql_in_transaction(const struct postgresql *db); /* one that was begun, and goes on */
int postgresql_socket(const struct postgresql *db);  /* -1: none */

/* --- asking ------------------------------------------------------------ */

enum { POSTGRESQL_PARAMETERS = 16 };

enum postgresql_type { POSTGRESQL_BOOL, POSTGRESQL_INT, POSTGRESQL_TEXT, POSTGRESQL_BYTES };

/* A statement with its parameters. Zero-initialise it; free it with postgresql_forget; used
 * again after postgresql_ask. */
struct postgresql_query {
	const char *sql;
	struct buf bytes; /* of the parameters, one after the other */
	size_t count;
	struct {
		enum postgresql_type type;
		bool array, null;
		size_t at, len;
	} parameters[POSTGRESQL_PARAMETERS];
};

/* Parameters come in their order: $1, $2 ... Their types are bool, bigint, text and bytea. */
void postgresql_ask(struct postgresql_query *q, const char *sql);
void postgresql_give_bool(struct postgresql_query *q, bool value);
void postgresql_give_int(struct postgresql_query *q, int64_t value);
void postgresql_give_text(struct postgresql_query *q, const char *text); /* NULL: null */
/* Likewise. */
void postgresql_give_bytes(struct postgresql_query *q, const void *data, size_t len);
/* An array of so many, which are given next; BOOL is not to be had. */
void postgresql_give_array(struct postgresql_query *q, enum postgresql_type type, size_t count);
void postgresql_add_int(struct postgresql_query *q, int64_t value);
void postgresql_add_bytes(struct postgresql_query *q, const void *data, size_t len); /* likewise */
void postgresql_forget(struct postgresql_query *q);

/* Run it, for its rows. */
bool postgresql_run(struct postgresql *db, const struct postgresql_query *q, int64_t limit);
/* Run statements without parameters; their rows do not matter. Where several are given, they
 * are one transaction. */
bool postgresql_do(struct postgresql *db, const char *sql, int64_t limit);

/* Of the last answer; columns are bigint, integer, bool, text or bytea. */
size_t postgresql_rows(const struct postgresql *db);
bool postgresql_null(const struct postgresql *db, size_t row, int column);
int64_t postgresql_int(const struct postgresql *db, size_t row, int column); /* null: 0 */
/* Until the next call; ended by a NUL that is not counted. */
const char *postgresql_bytes(const struct postgresql *db, size_t row, int column, size_t *len);

/* --- hearing ----------------------------------------------------------- */

/* Take what has come on the socket. */
bool postgresql_hear(struct postgresql *db);
/* Have others notified us since the last call? */
bool postgresql_heard(struct postgresql *db);

#endif
