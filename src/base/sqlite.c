/* SQLite, loaded on demand. See sqlite.h. */
#include "base/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>

#include "config.h"

#ifdef HAVE_SQLITE

#include <dlfcn.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is used of it, with the types of its header. */
#define FUNCTIONS(F) \
	F(open_v2) F(close) F(extended_errcode) F(system_errno) F(exec) F(prepare_v2) \
	F(finalize) F(bind_int64) F(bind_text) F(bind_blob) F(bind_null) F(step) F(reset) \
	F(column_int64) F(column_text) F(column_blob) F(column_bytes) F(column_type) F(db_handle) \
	F(file_control) F(changes) F(last_insert_rowid) F(busy_handler) F(libversion_number) \
	F(libversion) F(errmsg) F(get_autocommit)

static struct {
#define MEMBER(name) __typeof__(sqlite3_##name) *name;
	FUNCTIONS(MEMBER)
#undef MEMBER
} api;

static _Thread_local int opening; /* what went wrong with the last one that was opened */

static bool sqlite_find(void *library, const char *name, void *function)
{
	void *found = dlsym(library, name);

	memcpy(function, &found, sizeof found);
	return found != NULL;
}

const char *sqlite_load(void)
{
	void *library;
	bool ok = true;

	if (api.open_v2)
		return NULL;
	library = dlopen("libsqlite3.so.0", RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return "libsqlite3.so.0 cannot be loaded; install SQLite";
#define FIND(name) ok = ok && sqlite_find(library, "sqlite3_" #name, &api.name);
	FUNCTIONS(FIND)
#undef FIND
	if (!ok)
		memset(&api, 0, sizeof api);
	return ok ? NULL : "libsqlite3.so.0 is too old; install SQLite 3.24 or newer";
}

int sqlite_version(void)
{
	return api.libversion_number();
}

const char *sqlite_version_text(void)
{
	return api.libversion();
}

static sqlite3 *database(struct sqlite *db)
{
	return (sqlite3 *)db;
}

static sqlite3_stmt *statement(struct sqlite_query *q)
{
	return (sqlite3_stmt *)q;
}

/* SQLite itself would go on to read what it may not write, and tell why that failed. What
 * is there already is not opened: to close it would drop the locks on it that this process
 * has by other connections. */
static bool may_write(const char *path)
{
	struct stat st;
	int fd;

	opening = stat(path, &st) < 0 ? errno : 0;
	if (opening == ENOENT) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0644);
		opening = fd < 0 ? errno : 0;
		if (fd >= 0)
			close(fd);
	} else if (!opening && S_ISDIR(st.st_mode)) {
		opening = EISDIR;
	} else if (!opening && faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) < 0) {
		opening = errno;
	}
	return !opening;
}

struct sqlite *sqlite_open(const char *path)
{
	sqlite3 *db = NULL;

	if (!may_write(path))
		return NULL;
	opening = api.open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
		| SQLITE_OPEN_NOMUTEX, NULL);
	if (opening != SQLITE_OK && db) {
		opening = api.system_errno(db);
		api.close(db);
		errno = opening;
		db = NULL;
	}
	return (struct sqlite *)db;
}

void sqlite_close(struct sqlite *db)
{
	api.close(database(db));
}

enum sqlite_trouble sqlite_trouble(struct sqlite *db)
{
	switch (api.extended_errcode(database(db)) & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return SQLITE_TROUBLE_NONE;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return SQLITE_TROUBLE_BUSY;
	case SQLITE_FULL:
		return SQLITE_TROUBLE_FULL;
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return SQLITE_TROUBLE_FILE;
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		return SQLITE_TROUBLE_FOREIGN;
	default:
		return SQLITE_TROUBLE_OTHER;
	}
}

/* The last error of one of its files, which SQLite does not always pass on. */
static int file_errno(struct sqlite *db, int which)
{
	sqlite3_file *file = NULL;
	int error = 0;

	api.file_control(database(db), NULL, which, &file);
	if (file && file->pMethods)
		file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &error);
	return error;
}

int sqlite_errno(struct sqlite *db)
{
	int error = db ? api.system_errno(database(db)) : opening;

	if (db && !error)
		error = file_errno(db, SQLITE_FCNTL_JOURNAL_POINTER);
	if (db && !error)
		error = file_errno(db, SQLITE_FCNTL_FILE_POINTER);

	if (db && (api.extended_errcode(database(db)) & 0xff) == SQLITE_FULL)
		return ENOSPC;
	return error ? error : EIO;
}

const char *sqlite_message(struct sqlite *db)
{
	return api.errmsg(database(db));
}

void sqlite_when_busy(struct sqlite *db, int (*wait)(void *ctx, int times), void *ctx)
{
	api.busy_handler(database(db), wait, ctx);
}

bool sqlite_inside(struct sqlite *db)
{
	return !api.get_autocommit(database(db));
}

uint64_t sqlite_changed(struct sqlite *db)
{
	return (uint64_t)api.changes(database(db));
}

int64_t sqlite_inserted(struct sqlite *db)
{
	return api.last_insert_rowid(database(db));
}

bool sqlite_do(struct sqlite *db, const char *sql)
{
	return api.exec(database(db), sql, NULL, NULL, NULL) == SQLITE_OK;
}

struct sqlite_query *sqlite_query(struct sqlite *db, const char *sql)
{
	sqlite3_stmt *q = NULL;

	if (api.prepare_v2(database(db), sql, -1, &q, NULL) != SQLITE_OK)
		return NULL;
	return (struct sqlite_query *)q;
}

void sqlite_free(struct sqlite_query *q)
{
	if (q)
		api.finalize(statement(q));
}

void sqlite_set(struct sqlite_query *q, int index, int64_t value)
{
	api.bind_int64(statement(q), index, value);
}

void sqlite_set_text(struct sqlite_query *q, int index, const char *text)
{
	api.bind_text(statement(q), index, text, -1, SQLITE_STATIC);
}

void sqlite_set_bytes(struct sqlite_query *q, int index, const void *data, size_t len)
{
	/* Without an address it would be null. */
	api.bind_blob(statement(q), index, data ? data : "", (int)len, SQLITE_STATIC);
}

void sqlite_set_null(struct sqlite_query *q, int index)
{
	api.bind_null(statement(q), index);
}

bool sqlite_row(struct sqlite_query *q)
{
	if (api.step(statement(q)) == SQLITE_ROW)
		return true;
	api.reset(statement(q)); /* it says again what was wrong */
	return false;
}

bool sqlite_run(struct sqlite_query *q)
{
	while (sqlite_row(q))
		;
	return sqlite_trouble((struct sqlite *)api.db_handle(statement(q))) == SQLITE_TROUBLE_NONE;
}

void sqlite_rewind(struct sqlite_query *q)
{
	api.reset(statement(q));
}

int64_t sqlite_int(struct sqlite_query *q, int column)
{
	return api.column_int64(statement(q), column);
}

const char *sqlite_text(struct sqlite_query *q, int column)
{
	const unsigned char *text = api.column_text(statement(q), column);

	return text ? (const char *)text : "";
}

const char *sqlite_bytes(struct sqlite_query *q, int column, size_t *len)
{
	const char *data = api.column_blob(statement(q), column);

	*len = (size_t)api.column_bytes(statement(q), column);
	return data ? data : "";
}

bool sqlite_is_null(struct sqlite_query *q, int column)
{
	return api.column_type(statement(q), column) == SQLITE_NULL;
}

#else /* what asks for it has been refused, so the rest is never called */

const char *sqlite_load(void)
{
	return "pq was built without SQLite; install it and its header, and configure again";
}

int sqlite_version(void)
{
	return 0;
}

const char *sqlite_version_text(void)
{
	return "";
}

struct sqlite *sqlite_open(const char *path)
{
	(void)path;
	return NULL;
}

void sqlite_close(struct sqlite *db)
{
	(void)db;
}

enum sqlite_trouble sqlite_trouble(struct sqlite *db)
{
	(void)db;
	return SQLITE_TROUBLE_OTHER;
}

int sqlite_errno(struct sqlite *db)
{
	(void)db;
	return ENOSYS;
}

const char *sqlite_message(struct sqlite *db)
{
	(void)db;
	return "";
}

void sqlite_when_busy(struct sqlite *db, int (*wait)(void *ctx, int times), void *ctx)
{
	(void)db;
	(void)wait;
	(void)ctx;
}

bool sqlite_inside(struct sqlite *db)
{
	(void)db;
	return false;
}

uint64_t sqlite_changed(struct sqlite *db)
{
	(void)db;
	return 0;
}

int64_t sqlite_inserted(struct sqlite *db)
{
	(void)db;
	return 0;
}

bool sqlite_do(struct sqlite *db, const char *sql)
{
	(void)db;
	(void)sql;
	return false;
}

struct sqlite_query *sqlite_query(struct sqlite *db, const char *sql)
{
	(void)db;
	(void)sql;
	return NULL;
}

void sqlite_free(struct sqlite_query *q)
{
	(void)q;
}

void sqlite_set(struct sqlite_query *q, int index, int64_t value)
{
	(void)q;
	(void)index;
	(void)value;
}

void sqlite_set_text(struct sqlite_query *q, int index, const char *text)
{
	(void)q;
	(void)index;
	(void)text;
}

void sqlite_set_bytes(struct sqlite_query *q, int index, const void *data, size_t len)
{
	(void)q;
	(void)index;
	(void)data;
	(void)len;
}

void sqlite_set_null(struct sqlite_query *q, int index)
{
	(void)q;
	(void)index;
}

bool sqlite_row(struct sqlite_query *q)
{
	(void)q;
	return false;
}

void sqlite_rewind(struct sqlite_query *q)
{
	(void)q;
}

bool sqlite_run(struct sqlite_query *q)
{
	(void)q;
	return false;
}

int64_t sqlite_int(struct sqlite_query *q, int column)
{
	(void)q;
	return column;
}

const char *sqlite_text(struct sqlite_query *q, int column)
{
	(void)q;
	(void)column;
	return "";
}

const char *sqlite_bytes(struct sqlite_query *q, int column, size_t *len)
{
	(void)q;
	(void)column;
	*len = 0;
	return "";
}

bool sqlite_is_null(struct sqlite_query *q, int column)
{
	(void)q;
	(void)column;
	return true;
}

#endif
