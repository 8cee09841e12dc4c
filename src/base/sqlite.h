/* SQLite, loaded when it is first asked for: who does not need it does not pay for it at
 * every start. Nobody else knows its header.
 *
 * A database is for one thread at a time. What goes wrong is false or NULL, with the
 * reason in sqlite_trouble and sqlite_errno. */
#ifndef PQ_SQLITE_H
#define PQ_SQLITE_H

#include <stdbool.h>
#include <stdint.h>

struct sqlite;       /* an open database */
struct sqlite_query; /* a statement, compiled */

enum sqlite_trouble {
	SQLITE_TROUBLE_NONE,
	SQLITE_TROUBLE_BUSY,    /* another process has it */
	SQLITE_TROUBLE_FOREIGN, /* the file is no database */
	SQLITE_TROUBLE_OTHER,   /* it cannot be opened, read or written */
};

/* NULL when there is SQLite; else why not, and what to do. Main thread, first. */
const char *sqlite_load(void);

/* NULL: sqlite_errno(NULL) is why. */
struct sqlite *sqlite_open(const char *path);
void sqlite_close(struct sqlite *db); /* its queries have been freed */
enum sqlite_trouble sqlite_trouble(struct sqlite *db); /* of the last call */
int sqlite_errno(struct sqlite *db);  /* likewise, for strerror */

/* Run statements that give no rows, or whose rows do not matter. */
bool sqlite_do(struct sqlite *db, const char *sql);
struct sqlite_query *sqlite_query(struct sqlite *db, const char *sql);
void sqlite_free(struct sqlite_query *q);
/* Parameters, from 1. The text must live until the query was run. */
void sqlite_set(struct sqlite_query *q, int index, int64_t value);
void sqlite_set_text(struct sqlite_query *q, int index, const char *text);
/* The next row. False: there is none (no trouble), or it could not be read. Begins anew
 * after that. */
bool sqlite_row(struct sqlite_query *q);
/* Run it to its end. */
bool sqlite_run(struct sqlite_query *q);
/* Columns of the row, from 0; text until the next row, never NULL. */
int64_t sqlite_int(struct sqlite_query *q, int column);
const char *sqlite_text(struct sqlite_query *q, int column);

#endif
