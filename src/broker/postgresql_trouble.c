/* What goes wrong with PostgreSQL, and whether it gets better by itself. See
 * postgresql_parts.h. */
#include "broker/postgresql_parts.h"

#include <string.h>

#define LATE "57014" /* statement_timeout */

/* By what their codes begin with, the longer ones first. GONE: it is waited for. */
static const struct trouble {
	const char *code;
	enum broker_state state;
	const char *text; /* before what the server says; NULL: that is enough */
} troubles[] = {
	{ "25006", BROKER_BAD, "it may only be read there; use the primary server" },
	{ "28", BROKER_BAD, "the server does not let us in" },
	{ "3D000", BROKER_BAD, NULL },
	{ "42", BROKER_BAD, "its schema pq is not what pq has made" },
	{ "3F000", BROKER_BAD, "its schema pq is not what pq has made" },
	{ "53100", BROKER_BAD, "the disk of the server is full" },
	{ "53200", BROKER_GONE, "the server has no memory left" },
	{ "53300", BROKER_GONE, NULL },
	{ LATE, BROKER_GONE, "the server has not done it in time" },
	{ "57P", BROKER_GONE, NULL },
	{ "55P03", BROKER_GONE, NULL },
	{ "40", BROKER_GONE, NULL },
	{ "08", BROKER_GONE, NULL },
	{ "", BROKER_BAD, NULL },
};

static const struct trouble *trouble_of(const char *code)
{
	const struct trouble *t = troubles;

	while (strncmp(code, t->code, strlen(t->code)) != 0)
		t++;
	return t;
}

/* Which grant is missing. */
static void depot_ask_for_rights(struct depot *d)
{
	const char *user = postgresql_user(d->db);

	if (d->lacks)
		buf_addf(&d->broker.why, "%s may not %s; GRANT CREATE ON DATABASE %s TO %s, or let who may "
			"use it first: ", user, d->lacks, postgresql_database(d->db), user);
	else
		buf_addf(&d->broker.why, "%s lacks rights: GRANT USAGE ON SCHEMA pq TO %s, and EXECUTE on "
			"its functions: ", user, user);
	buf_adds(&d->broker.why, postgresql_said(d->db));
}

static enum broker_state depot_refused(struct depot *d)
{
	const struct trouble *t = trouble_of(postgresql_code(d->db));

	if (strcmp(postgresql_code(d->db), "42501") == 0) {
		depot_ask_for_rights(d);
		return BROKER_BAD;
	}
	if (t->text)
		buf_addf(&d->broker.why, "%s: ", t->text);
	buf_adds(&d->broker.why, postgresql_said(d->db));
	return t->state;
}

enum broker_state depot_trouble(struct depot *d)
{
	enum postgresql_trouble trouble = postgresql_trouble(d->db);
	enum broker_state state;

	d->broker.late = trouble == POSTGRESQL_LATE || strcmp(postgresql_code(d->db), LATE) == 0;
	buf_clear(&d->broker.why);
	buf_addf(&d->broker.why, "%s: ", d->shown);
	if (trouble == POSTGRESQL_REFUSED) {
		state = depot_refused(d);
	} else {
		if (trouble == POSTGRESQL_ADDRESS)
			buf_adds(&d->broker.why, "the address cannot be read: ");
		buf_adds(&d->broker.why, postgresql_said(d->db));
		state = trouble == POSTGRESQL_ADDRESS ? BROKER_BAD : BROKER_GONE;
	}
	buf_str(&d->broker.why);
	return state;
}

enum broker_state depot_refuse(struct depot *d, const char *format, ...)
{
	enum broker_state state;
	va_list ap;

	va_start(ap, format);
	state = engine_refuse(&d->broker, d->shown, BROKER_BAD, format, ap);
	va_end(ap);
	return state;
}
