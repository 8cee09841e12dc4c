/* libpq, loaded on demand. See postgresql.h. */
#include "base/postgresql.h"

#include "config.h"

#ifdef HAVE_POSTGRESQL

#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

/* What is used of it, with the types of its header. */
#define FUNCTIONS(F) \
	F(conninfoParse) F(conninfoFree) F(freemem) F(connectStartParams) F(connectPoll) F(finish) \
	F(status) F(transactionStatus) F(errorMessage) F(setErrorVerbosity) F(setNoticeProcessor) \
	F(socket) F(user) F(db) F(serverVersion) F(backendPID) F(setnonblocking) F(sendQuery) \
	F(sendQueryParams) F(flush) F(consumeInput) F(isBusy) F(getResult) F(notifies) F(clear) \
	F(resultStatus) F(resultErrorField) F(connectionNeedsPassword) F(ntuples) F(getisnull) \
	F(getvalue) F(getlength)

static struct {
#define MEMBER(name) __typeof__(PQ##name) *name;
	FUNCTIONS(MEMBER)
#undef MEMBER
} api;

struct postgresql {
	PGconn *connection;  /* owned; NULL: the address could not be read */
	PGresult *answer;    /* owned; NULL: none */
	enum postgresql_trouble trouble;
	char code[6];
	struct buf said;
	int64_t limit;       /* of connecting, ms */
	char *hosts, *ports; /* owned: lists of the address; NULL: it has no several hosts */
};

static bool postgresql_find(void *library, const char *name, void *function)
{
	void *found = dlsym(library, name);

	memcpy(function, &found, sizeof found);
	return found != NULL;
}

const char *postgresql_load(void)
{
	void *library;
	bool ok = true;

	if (api.connectStartParams)
		return NULL;
	library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return "libpq.so.5 cannot be loaded; install libpq, the client library of PostgreSQL";
#define FIND(name) ok = ok && postgresql_find(library, "PQ" #name, &api.name);
	FUNCTIONS(FIND)
#undef FIND
	if (!ok)
		memset(&api, 0, sizeof api);
	return ok ? NULL : "libpq.so.5 is too old; install that of PostgreSQL 10 or newer";
}

/* --- what went wrong --------------------------------------------------- */

/* One line of what may be several, without blanks at its ends. */
static void postgresql_say(struct postgresql *db, const char *text, size_t len)
{
	bool blank = false;

	for (size_t i = 0; i < len; i++) {
		if (isspace((unsigned char)text[i])) {
			blank = true;
			continue;
		}
		if (blank && db->said.len)
			buf_addc(&db->said, ' ');
		blank = false;
		buf_addc(&db->said, text[i]);
	}
}

static bool postgresql_fail(struct postgresql *db, enum postgresql_trouble trouble,
	const char *said)
{
	const char *hint = strstr(said, "\n\t"); /* "This probably means ...", "Is the server ..." */

	db->trouble = trouble;
	db->code[0] = '\0';
	buf_clear(&db->said);
	postgresql_say(db, said, hint ? (size_t)(hint - said) : strlen(said));
	return false;
}

static bool is_code(const char *s)
{
	for (int i = 0; i < 5; i++)
		if (!isupper((unsigned char)s[i]) && !isdigit((unsigned char)s[i]))
			return false;
	return s[5] == ':' && s[6] == ' ';
}

/* The answer to an attempt to connect has no fields, so that it was asked for with its
 * code: `... FATAL:  28P01: password authentication failed`, and below that the place in
 * the server's source. Of several hosts, the last one counts. */
static bool postgresql_unconnected(struct postgresql *db)
{
	const char *text = api.errorMessage(db->connection), *end, *code = NULL, *said = text;

	for (const char *at = text; (at = strstr(at, ":  ")); at += 3)
		if (is_code(at + 3))
			code = at + 3;
	postgresql_fail(db, code ? POSTGRESQL_REFUSED : POSTGRESQL_LOST, "");
	if (api.connectionNeedsPassword(db->connection)) {
		postgresql_fail(db, POSTGRESQL_REFUSED, "it wants a password, and there is none in the "
			"address, $PGPASSWORD and .pgpass");
		memcpy(db->code, "28P01", sizeof db->code);
		return false;
	}
	if (code) {
		memcpy(db->code, code, 5);
		db->code[5] = '\0';
		said = code + 7;
	}
	end = strstr(said, code ? "\n" : "\n\t");
	postgresql_say(db, said, end ? (size_t)(end - said) : strlen(said));
	return false;
}

/* A connection that has gone is told in many ways: 57P0* is the server's last word. */
static bool postgresql_refused(struct postgresql *db)
{
	const char *code = api.resultErrorField(db->answer, PG_DIAG_SQLSTATE);
	const char *said = api.resultErrorField(db->answer, PG_DIAG_MESSAGE_PRIMARY);
	const char *detail = api.resultErrorField(db->answer, PG_DIAG_MESSAGE_DETAIL);
	bool there = api.status(db->connection) == CONNECTION_OK;

	if (!code)
		return postgresql_fail(db, there ? POSTGRESQL_REFUSED : POSTGRESQL_LOST,
			api.errorMessage(db->connection));
	postgresql_fail(db, POSTGRESQL_REFUSED, said ? said : "");
	memccpy(db->code, code, '\0', 5);
	db->code[5] = '\0';
	if (detail) {
		buf_adds(&db->said, ": ");
		postgresql_say(db, detail, strlen(detail));
	}
	return false;
}

enum postgresql_trouble postgresql_trouble(const struct postgresql *db)
{
	return db->trouble;
}

const char *postgresql_code(const struct postgresql *db)
{
	return db->code;
}

const char *postgresql_said(const struct postgresql *db)
{
	return buf_str((struct buf *)&db->said);
}

/* --- the connection ---------------------------------------------------- */

/* Notices of the server are not the user's. */
static void postgresql_hush(void *nobody, const char *notice)
{
	(void)nobody;
	(void)notice;
}

/* Where there are several hosts, each has its part of the time: libpq itself would wait for
 * the first one as long as the system does. */
static void postgresql_note_hosts(struct postgresql *db, const PQconninfoOption *o)
{
	if (o->val && strcmp(o->keyword, "host") == 0 && strchr(o->val, ','))
		db->hosts = mem_copy(o->val, strlen(o->val));
	else if (o->val && strcmp(o->keyword, "port") == 0)
		db->ports = mem_copy(o->val, strlen(o->val));
}

/* How libpq says what it could not read is `trouble: "the address, or a part"`: the part may
 * be of a password. So may be a host with an @, which stands in the password as it is. */
static bool postgresql_readable(struct postgresql *db, const char *address)
{
	char *why = NULL;
	PQconninfoOption *options = api.conninfoParse(address, &why);
	bool secret = strchr(address, '@') || strstr(address, "password");
	bool ok = options != NULL;

	if (!ok) {
		postgresql_fail(db, POSTGRESQL_ADDRESS, "");
		postgresql_say(db, why ? why : "", why ? strcspn(why, secret ? "\"" : "") : 0);
		while (db->said.len && strchr(": ", db->said.data[db->said.len - 1]))
			db->said.len--;
	}
	for (const PQconninfoOption *o = options; ok && o->keyword; o++)
		postgresql_note_hosts(db, o);
	for (const PQconninfoOption *o = options; ok && o->keyword; o++)
		if (o->val && strcmp(o->keyword, "host") == 0 && *o->val != '@' && strchr(o->val, '@'))
			ok = postgresql_fail(db, POSTGRESQL_ADDRESS,
				"its host has an @; one in a user or password is written %40");
		else if (o->val && strcmp(o->keyword, "port") == 0
				&& o->val[strspn(o->val, "0123456789,")])
			ok = postgresql_fail(db, POSTGRESQL_ADDRESS,
				"its port is no number; a : in a user or password is written %3A");
		else if (o->val && strcmp(o->keyword, "connect_timeout") == 0 && atoi(o->val) > 0
				&& atoi(o->val) < db->limit / 1000)
			db->limit = atoi(o->val) * INT64_C(1000);
	if (why)
		api.freemem(why);
	if (options)
		api.conninfoFree(options);
	return ok;
}

static int64_t until(int64_t end)
{
	int64_t left = (end - clock_now() + CLOCK_MS - 1) / CLOCK_MS;

	return left > 0 ? left : 0;
}

/* Is the socket ready before the end? */
static bool postgresql_wait(const struct postgresql *db, short events, int64_t end)
{
	struct pollfd p = { .fd = api.socket(db->connection), .events = events };
	int64_t left;
	int n;

	do {
		left = until(end);
		n = poll(&p, 1, left < 60000 ? (int)left : 60000);
	} while ((n < 0 && errno == EINTR) || (n == 0 && left > 60000));
	return n > 0;
}

static bool postgresql_late(struct postgresql *db)
{
	return postgresql_fail(db, POSTGRESQL_LATE, "the server does not answer");
}

static bool postgresql_connect(struct postgresql *db, int64_t end)
{
	PostgresPollingStatusType state = PGRES_POLLING_WRITING;

	while (state != PGRES_POLLING_OK) {
		if (state == PGRES_POLLING_FAILED || api.status(db->connection) == CONNECTION_BAD)
			return postgresql_unconnected(db);
		if (!postgresql_wait(db, state == PGRES_POLLING_READING ? POLLIN : POLLOUT, end))
			return postgresql_late(db);
		state = api.connectPoll(db->connection);
	}
	return true;
}

/* The first ones are there for an address that does not say; the last ones stand. */
static PGconn *postgresql_start(const char *address, const char *host, const char *port)
{
	const char *keywords[] = { "keepalives_idle", "keepalives_interval", "keepalives_count",
		"fallback_application_name", "dbname", "client_encoding", host ? "host" : NULL,
		port ? "port" : NULL, NULL };
	const char *values[] = { "10", "5", "3", "pq", address, "UTF8", host, port, NULL };

	return api.connectStartParams(keywords, values, 1);
}

static bool postgresql_try(struct postgresql *db, const char *address, const char *host,
	const char *port, int64_t limit)
{
	int64_t end = clock_now() + limit * CLOCK_MS;

	db->trouble = POSTGRESQL_FINE;
	db->connection = postgresql_start(address, host, port);
	if (!db->connection)
		return postgresql_fail(db, POSTGRESQL_LOST, "no memory");
	api.setErrorVerbosity(db->connection, PQERRORS_VERBOSE);
	api.setNoticeProcessor(db->connection, postgresql_hush, NULL);
	return postgresql_connect(db, end) && api.setnonblocking(db->connection, 1) == 0;
}

/* The part of a list that begins here, as a string; *at is behind it, NULL: it was the last. */
static char *list_part(const char **at)
{
	size_t len = strcspn(*at, ",");
	char *part = mem_copy(*at, len);

	*at = (*at)[len] ? *at + len + 1 : NULL;
	return part;
}

/* One after the other, until one lets us in. One port may stand for all. */
static void postgresql_try_hosts(struct postgresql *db, const char *address)
{
	const char *host = db->hosts, *port = db->ports;
	char *one, *its = NULL;
	int64_t count = 1;
	bool done = false;

	for (const char *c = db->hosts; *c; c++)
		count += *c == ',';
	while (host && !done) {
		if (db->connection)
			api.finish(db->connection);
		one = list_part(&host);
		if (port) {
			free(its);
			its = list_part(&port);
		}
		done = postgresql_try(db, address, one, its, db->limit / count);
		free(one);
	}
	free(its);
}

struct postgresql *postgresql_open(const char *address, int64_t limit)
{
	struct postgresql *db = mem_zero(sizeof *db);

	db->limit = limit;
	if (!postgresql_readable(db, address))
		return db;
	if (db->hosts)
		postgresql_try_hosts(db, address);
	else
		postgresql_try(db, address, NULL, NULL, db->limit);
	return db;
}

void postgresql_close(struct postgresql *db)
{
	if (db->answer)
		api.clear(db->answer);
	if (db->connection)
		api.finish(db->connection);
	buf_free(&db->said);
	free(db->hosts);
	free(db->ports);
	free(db);
}

const char *postgresql_user(const struct postgresql *db)
{
	const char *user = db->connection ? api.user(db->connection) : NULL;

	return user ? user : "";
}

const char *postgresql_database(const struct postgresql *db)
{
	const char *name = db->connection ? api.db(db->connection) : NULL;

	return name ? name : "";
}

int postgresql_version(const struct postgresql *db)
{
	return db->connection ? api.serverVersion(db->connection) : 0;
}

bool postgresql_in_transaction(const struct postgresql *db)
{
	return api.transactionStatus(db->connection) != PQTRANS_IDLE;
}

int postgresql_socket(const struct postgresql *db)
{
	return db->connection ? api.socket(db->connection) : -1;
}

/* --- running ----------------------------------------------------------- */

/* Of a connection that is lost, what was said first stays. */
static bool postgresql_begin(struct postgresql *db)
{
	bool known = db->trouble != POSTGRESQL_FINE && db->said.len;

	if (db->answer)
		api.clear(db->answer);
	db->answer = NULL;
	if (api.status(db->connection) != CONNECTION_OK)
		return !known && postgresql_fail(db, POSTGRESQL_LOST, "there is no connection");
	db->trouble = POSTGRESQL_FINE;
	db->code[0] = '\0';
	buf_clear(&db->said);
	return true;
}

/* What is sent may fill both ways: while it goes out, what comes in is taken. */
static bool postgresql_send(struct postgresql *db, int64_t end)
{
	int left;

	while ((left = api.flush(db->connection)) > 0)
		if (!postgresql_wait(db, POLLIN | POLLOUT, end))
			return postgresql_late(db);
		else if (!api.consumeInput(db->connection))
			break;
	return left == 0 || postgresql_fail(db, POSTGRESQL_LOST, api.errorMessage(db->connection));
}

/* The first result that is an error is the answer, or the last one. */
static void postgresql_keep(struct postgresql *db, PGresult *result)
{
	ExecStatusType kept = db->answer ? api.resultStatus(db->answer) : PGRES_TUPLES_OK;

	if (db->answer && kept != PGRES_TUPLES_OK && kept != PGRES_COMMAND_OK) {
		api.clear(result);
		return;
	}
	if (db->answer)
		api.clear(db->answer);
	db->answer = result;
}

static bool postgresql_collect(struct postgresql *db, int64_t end)
{
	ExecStatusType status;
	PGresult *result;

	for (;;) {
		while (api.isBusy(db->connection)) {
			if (!postgresql_wait(db, POLLIN, end))
				return postgresql_late(db);
			if (!api.consumeInput(db->connection) && !api.isBusy(db->connection))
				break;
		}
		result = api.getResult(db->connection);
		if (!result)
			break;
		postgresql_keep(db, result);
	}
	if (!db->answer)
		return postgresql_fail(db, POSTGRESQL_LOST, api.errorMessage(db->connection));
	status = api.resultStatus(db->answer);
	return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || postgresql_refused(db);
}

/* Types by their numbers (pg_type.dat): those of bool, int8, text, bytea and their arrays. */
static Oid type_of(enum postgresql_type type, bool array)
{
	static const Oid numbers[][2] = { [POSTGRESQL_BOOL] = { 16, 1000 },
		[POSTGRESQL_INT] = { 20, 1016 }, [POSTGRESQL_TEXT] = { 25, 1009 },
		[POSTGRESQL_BYTES] = { 17, 1001 } };

	return numbers[type][array];
}

bool postgresql_run(struct postgresql *db, const struct postgresql_query *q, int64_t limit)
{
	int64_t end = clock_now() + limit * CLOCK_MS;
	const char *values[POSTGRESQL_PARAMETERS];
	int lengths[POSTGRESQL_PARAMETERS], formats[POSTGRESQL_PARAMETERS];
	Oid types[POSTGRESQL_PARAMETERS];

	for (size_t i = 0; i < q->count; i++) {
		values[i] = q->parameters[i].null ? NULL : q->bytes.data + q->parameters[i].at;
		lengths[i] = (int)q->parameters[i].len;
		formats[i] = 1;
		types[i] = type_of(q->parameters[i].type, q->parameters[i].array);
	}
	if (!postgresql_begin(db))
		return false;
	if (!api.sendQueryParams(db->connection, q->sql, (int)q->count, types, values, lengths,
			formats, 1))
		return postgresql_fail(db, POSTGRESQL_LOST, api.errorMessage(db->connection));
	return postgresql_send(db, end) && postgresql_collect(db, end);
}

bool postgresql_do(struct postgresql *db, const char *sql, int64_t limit)
{
	int64_t end = clock_now() + limit * CLOCK_MS;

	if (!postgresql_begin(db))
		return false;
	if (!api.sendQuery(db->connection, sql))
		return postgresql_fail(db, POSTGRESQL_LOST, api.errorMessage(db->connection));
	return postgresql_send(db, end) && postgresql_collect(db, end);
}

/* --- the answer -------------------------------------------------------- */

size_t postgresql_rows(const struct postgresql *db)
{
	return db->answer ? (size_t)api.ntuples(db->answer) : 0;
}

bool postgresql_null(const struct postgresql *db, size_t row, int column)
{
	return api.getisnull(db->answer, (int)row, column) != 0;
}

/* Numbers come in the order of the network, in 8, 4, 2 or 1 bytes. */
int64_t postgresql_int(const struct postgresql *db, size_t row, int column)
{
	size_t len;
	const unsigned char *p =
		(const unsigned char *)postgresql_bytes(db, row, column, &len);
	uint64_t value = len && len <= 8 && p[0] & 0x80 && len > 1 ? UINT64_MAX : 0;

	for (size_t i = 0; i < len && len <= 8; i++)
		value = value << 8 | p[i];
	return (int64_t)value;
}

const char *postgresql_bytes(const struct postgresql *db, size_t row, int column, size_t *len)
{
	*len = (size_t)api.getlength(db->answer, (int)row, column);
	return api.getvalue(db->answer, (int)row, column);
}

/* --- hearing ----------------------------------------------------------- */

bool postgresql_hear(struct postgresql *db)
{
	return api.consumeInput(db->connection)
		|| postgresql_fail(db, POSTGRESQL_LOST, api.errorMessage(db->connection));
}

/* What this connection has told itself is no news. */
bool postgresql_heard(struct postgresql *db)
{
	int self = api.backendPID(db->connection);
	bool heard = false;
	PGnotify *n;

	while ((n = api.notifies(db->connection))) {
		heard = heard || n->be_pid != self;
		api.freemem(n);
	}
	return heard;
}

#else

#include <stdlib.h>

const char *postgresql_load(void)
{
	return "pq was built without libpq; install it and its header, and configure again";
}

/* What asks for it has been refused, so the rest is never called. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#define NEVER(...) __VA_ARGS__ { abort(); }

NEVER(struct postgresql *postgresql_open(const char *address, int64_t limit))
NEVER(void postgresql_close(struct postgresql *db))
NEVER(enum postgresql_trouble postgresql_trouble(const struct postgresql *db))
NEVER(const char *postgresql_code(const struct postgresql *db))
NEVER(const char *postgresql_said(const struct postgresql *db))
NEVER(const char *postgresql_user(const struct postgresql *db))
NEVER(const char *postgresql_database(const struct postgresql *db))
NEVER(int postgresql_version(const struct postgresql *db))
NEVER(bool postgresql_in_transaction(const struct postgresql *db))
NEVER(int postgresql_socket(const struct postgresql *db))
NEVER(bool postgresql_run(struct postgresql *db, const struct postgresql_query *q, int64_t limit))
NEVER(bool postgresql_do(struct postgresql *db, const char *sql, int64_t limit))
NEVER(size_t postgresql_rows(const struct postgresql *db))
NEVER(bool postgresql_null(const struct postgresql *db, size_t row, int column))
NEVER(int64_t postgresql_int(const struct postgresql *db, size_t row, int column))
NEVER(const char *postgresql_bytes(const struct postgresql *db, size_t row, int column,
	size_t *len))
NEVER(bool postgresql_hear(struct postgresql *db))
NEVER(bool postgresql_heard(struct postgresql *db))

#endif
