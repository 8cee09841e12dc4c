/* SQLite, loaded when it is first asked for: who does not need it does not pay for it at
 * every start. Nobody else knows its header.
 *
 * A database is for one thread at a time. What goes wrong is false or NULL, with the
 * reason in sqlite_trouble and sqlite_errno. */
#ifndef PQ_SQLITE_H
#define PQ_SQLITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sqlite;       /* an open database */
struct sqlite_query; /* a statement, compiled */

enum sqlite_trouble {
	SQLITE_TROUBLE_NONE,
	SQLITE_TROUBLE_BUSY,    /* another process has it */
	SQLITE_TROUBLE_FOREIGN, /* the file is no database */
	SQLITE_TROUBLE_FULL,    /* there is no room on the disk */
	SQLITE_TROUBLE_FILE,    /* it cannot be opened, read or written: sqlite_errno */
	SQLITE_TROUBLE_OTHER,   /* sqlite_message */
};

/* NULL when there is SQLite; else why not, and what to do. Main thread, first. */
const char *sqlite_load(void);
int sqlite_version(void); /* 3035001 is 3.35.1; once it is loaded */
const char *sqlite_version_text(void);

/* NULL: sqlite_errno(NULL) is why. */
struct sqlite *sqlite_open(const char *path);
void sqlite_close(struct sqlite *db); /* its queries have been freed */
enum sqlite_trouble sqlite_trouble(struct sqlite *db); /* of the last call */
int sqlite_errno(struct sqlite *db);  /* likewise, for strerror */
const char *sqlite_message(struct sqlite *db); /* likewise, as SQLite itself says it */
/* What is locked is asked for again while wait, which is told how often it has waited for
 * this, does so and returns not 0. */
void sqlite_when_busy(struct sqlite *db, int (*wait)(void *ctx, int times), void *ctx);
bool sqlite_inside(struct sqlite *db);       /* of a transaction */
uint64_t sqlite_changed(struct sqlite *db);  /* how many rows, by the last statement */
int64_t sqlite_inserted(struct sqlite *db);  /* the id of the row inserted last */

/* Run statements that give no rows, or whose rows do not matter. */
bool sqlite_do(struct sqlite *db, const char *sql);
struct sqlite_query *sqlite_query(struct sqlite *db, const char *sql);
void sqlite_free(struct sqlite_query *q);
/* Parameters, from 1; they stay until they are set anew. Text and bytes must live until the
 * query was run. */
void sqlite_set(struct sqlite_query *q, int index, int64_t value);
void sqlite_set_text(struct sqlite_query *q, int index, const char *text);
void sqlite_set_bytes(struct sqlite_query *q, int index, const void *data, size_t len);
void sqlite_set_null(struct sqlite_query *q, int index);
/* The next row. False: there is none (no trouble), or it could not be read. Begins anew
 * after that. */
bool sqlite_row(struct sqlite_query *q);
void sqlite_rewind(struct sqlite_query *q); /* the other rows do not matter */
/* Run it to its end. */
bool sqlite_run(struct sqlite_query *q);
/* Columns of the row, from 0; text and bytes until the next row, never NULL. */
int64_t sqlite_int(struct sqlite_query *q, int column);
const char *sqlite_text(struct sqlite_query *q, int column);
const char *sqlite_bytes(struct sqlite_query *q, int column, size_t *len);
bool sqlite_is_null(struct sqlite_query *q, int column);

#endif
