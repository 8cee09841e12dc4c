/* Queues in PostgreSQL: what is this engine's own. Where PQ_TEST_BROKER names a server, as
 * "postgresql:///postgres?host=/tmp/d&user=pq" (a superuser, and no queue), what it answers is
 * tested; else, what can be told without one. */
#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "base/bell.h"
#include "base/postgresql.h"
#include "broker/broker.h"
#include "broker/reach.h"
#include "policy/topic.h"

enum { LONG = 3600 * 1000, SOON = 30000 };

static struct postgresql *root; /* of the server that is tested */

/* --- what the tests are made of ------------------------------------------ */

/* What the server says to the statements, with these; "" when it is fine. */
static const char *told(const char *sql)
{
	return postgresql_do(root, sql, SOON) ? "" : postgresql_said(root);
}

static void does(const char *sql)
{
	if (!postgresql_do(root, sql, SOON))
		fail_msg("%s: %s", sql, postgresql_said(root));
}

static int64_t number(const char *sql)
{
	struct postgresql_query q = { 0 };
	int64_t n;

	postgresql_ask(&q, sql);
	if (!postgresql_run(root, &q, SOON))
		fail_msg("%s: %s", sql, postgresql_said(root));
	n = postgresql_rows(root) ? postgresql_int(root, 0, 0) : -1;
	postgresql_forget(&q);
	return n;
}

/* Open the address as it is; NULL: it cannot be, and why is in text. */
static struct broker *tried(const char *text, struct broker_rules rules, enum broker_state *state,
	struct buf *said)
{
	struct address a;
	struct broker *b;

	buf_clear(said);
	if (!address_read(&a, text, said))
		fail_msg("%s: %s", text, buf_str(said));
	rules.address = &a;
	if (!rules.lease)
		rules.lease = LONG;
	b = broker_open(&rules, state, said, said);
	buf_str(said);
	address_free(&a);
	return b;
}

/* The address of the server with this behind it. */
static const char *with(const char *more)
{
	static char text[500];

	snprintf(text, sizeof text, "%s%s#q", getenv("PQ_TEST_BROKER"), more);
	return text;
}

static struct broker *opened_for(const char *more, enum broker_use use, int64_t patience)
{
	struct buf said = { 0 };
	enum broker_state state;
	struct broker *b = tried(with(more), (struct broker_rules){ .use = use, .patience = patience },
		&state, &said);

	if (!b)
		fail_msg("%s", buf_str(&said));
	buf_free(&said);
	return b;
}

static struct broker *opened(const char *more, enum broker_use use)
{
	return opened_for(more, use, 0);
}

/* It cannot be opened, and is told so. */
static void is_refused(const char *address, struct broker_rules rules, enum broker_state as,
	const char *why)
{
	struct buf said = { 0 };
	enum broker_state state;
	struct broker *b = tried(address, rules, &state, &said);

	if (b)
		fail_msg("%s was opened", address);
	if (state != as || !strstr(buf_str(&said), why))
		fail_msg("%s is told %d: %s", address, state, buf_str(&said));
	assert_null(strchr(buf_str(&said), '\n'));
	assert_null(strstr(buf_str(&said), "secret"));
	buf_free(&said);
}

#define REFUSED(address, u, as, why) \
	is_refused(address, (struct broker_rules){ .use = (u) }, as, why)

static enum broker_state put_one(struct broker *b, enum put_fate *fate)
{
	struct put item = { .body = "a", .len = 1 };
	enum broker_state state = broker_put(b, &item, 1);

	if (fate)
		*fate = item.fate;
	return state;
}

static enum broker_state claim(struct broker *b, size_t want, size_t *got)
{
	struct exchange x = { .want = want };
	enum broker_state state = broker_exchange(b, &x);

	if (got)
		*got = x.nclaimed;
	exchange_free(&x);
	return state;
}

/* --- without a server ------------------------------------------------------ */

static void an_address_that_cannot_be_read_is_told_without_its_password(void **state)
{
	(void)state;
	REFUSED("postgresql://u:secret@h:x/d#q", BROKER_PRODUCES, BROKER_BAD, "cannot be read");
	REFUSED("postgresql://u:secret@h/d?colour=blue#q", BROKER_PRODUCES, BROKER_BAD,
		"cannot be read");
	REFUSED("postgresql://u:%zsecret@h/d#q", BROKER_PRODUCES, BROKER_BAD, "cannot be read");
	REFUSED("postgresql:///d?password=secret&colour=%zz#q", BROKER_PRODUCES, BROKER_BAD,
		"cannot be read: invalid percent-encoded token");
	REFUSED("postgresql:///d?colour=blue#q", BROKER_PRODUCES, BROKER_BAD,
		"cannot be read: invalid URI query parameter: \"colour\"");
}

static void who_is_not_there_may_come_back(void **state)
{
	(void)state;
	REFUSED("postgresql://u:secret@/d?host=/not/there#q", BROKER_PRODUCES, BROKER_GONE,
		"/not/there");
	REFUSED("postgresql://u:secret@127.0.0.1:1/d#q", BROKER_PRODUCES, BROKER_GONE, "127.0.0.1");
}

/* Nobody answers there: the port is bound, and listened on by nobody but the kernel. */
static int silent_port(int *port)
{
	struct sockaddr_in here = { .sin_family = AF_INET };
	socklen_t len = sizeof here;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&here, len), 0);
	assert_int_equal(listen(fd, 5), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&here, &len), 0);
	*port = ntohs(here.sin_port);
	return fd;
}

/* A busy machine may take as long as if the address had said nothing, but not each time. */
static void who_does_not_answer_is_waited_for_as_long_as_the_address_says(void **state)
{
	int port, fd = silent_port(&port), rounds = 0;
	time_t began;
	char address[100];

	(void)state;
	snprintf(address, sizeof address, "postgresql://u@127.0.0.1:%d/d?connect_timeout=1#q", port);
	do {
		assert_true(rounds++ < 5);
		began = time(NULL);
		REFUSED(address, BROKER_PRODUCES, BROKER_GONE, "the server does not answer");
	} while (time(NULL) - began >= BROKER_PATIENCE / 1000);
	close(fd);
}

static void parameters_are_binary(void **state)
{
	struct postgresql_query q = { 0 };

	(void)state;
	postgresql_ask(&q, "SELECT 1");
	postgresql_give_int(&q, -2);
	postgresql_give_text(&q, NULL);
	postgresql_give_array(&q, POSTGRESQL_BYTES, 2);
	postgresql_add_bytes(&q, "a\0b", 3);
	postgresql_add_bytes(&q, NULL, 0);
	postgresql_give_array(&q, POSTGRESQL_INT, 0);
	assert_int_equal(q.count, 4);
	assert_memory_equal(q.bytes.data, "\377\377\377\377\377\377\377\376", 8);
	assert_true(q.parameters[1].null);
	assert_int_equal(q.parameters[2].len, 20 + 4 + 3 + 4);
	assert_memory_equal(q.bytes.data + q.parameters[2].at, "\0\0\0\1\0\0\0\1\0\0\0\21\0\0\0\2"
		"\0\0\0\1\0\0\0\3a\0b\377\377\377\377", 31);
	assert_int_equal(q.parameters[3].len, 12);
	postgresql_forget(&q);
}

/* --- opening ----------------------------------------------------------------- */

static void who_only_looks_makes_nothing(void **state)
{
	(void)state;
	REFUSED(with(""), BROKER_LOOKS, BROKER_BAD, "there is no queue in it yet");
	assert_int_equal(number("SELECT count(*) FROM pg_namespace WHERE nspname = 'pq'"), 0);
}

/* The first one is there, and does not answer. */
static void another_host_is_tried(void **state)
{
	const char *host = strstr(getenv("PQ_TEST_BROKER"), "host=");
	int port, fd = silent_port(&port);
	char more[300];

	(void)state;
	assert_non_null(host);
	snprintf(more, sizeof more, "&connect_timeout=5&host=127.0.0.1,%.*s&port=%d,5432",
		(int)strcspn(host + 5, "&"), host + 5, port);
	broker_close(opened(more, BROKER_PRODUCES));
	close(fd);
}

/* All of them find it, whoever has made it. */
static void many_may_make_it_at_once(void **state)
{
	enum { MANY = 8 };
	int status;

	(void)state;
	for (int i = 0; i < MANY; i++)
		if (fork() == 0) {
			broker_close(opened("", i % 2 ? BROKER_PRODUCES : BROKER_CONSUMES));
			_exit(0);
		}
	for (int i = 0; i < MANY; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(number("SELECT count(*) FROM pq.store"), 1);
}

static void a_newer_version_is_refused(void **state)
{
	(void)state;
	broker_close(opened("", BROKER_PRODUCES));
	does("UPDATE pq.store SET version = version + 1");
	REFUSED(with(""), BROKER_CONSUMES, BROKER_BAD, "was made by a newer pq (version 2, this pq "
		"knows 1); use that one");
}

static void a_schema_of_somebody_else_is_left_alone(void **state)
{
	(void)state;
	does("CREATE SCHEMA pq; CREATE TABLE pq.item (id text)");
	REFUSED(with(""), BROKER_PRODUCES, BROKER_BAD, "its schema pq is not what pq has made");
	assert_int_equal(number("SELECT count(*) FROM pg_class WHERE relnamespace = "
		"'pq'::regnamespace"), 1);
}

static void a_database_that_is_not_there_is_told(void **state)
{
	(void)state;
	REFUSED(with("&dbname=nosuch"), BROKER_PRODUCES, BROKER_BAD, "\"nosuch\" does not exist");
}

static void who_may_not_make_the_schema_is_told_the_grant(void **state)
{
	(void)state;
	REFUSED(with("&user=worker"), BROKER_PRODUCES, BROKER_BAD, "worker may not make the schema "
		"pq; GRANT CREATE ON DATABASE postgres TO worker, or let who may use it first");
}

static void what_can_only_be_read_is_told(void **state)
{
	struct broker *b;

	(void)state;
	broker_close(opened("", BROKER_PRODUCES));
	b = opened("&options=-cdefault_transaction_read_only%3Don", BROKER_PRODUCES);
	assert_int_equal(put_one(b, NULL), BROKER_BAD);
	assert_non_null(strstr(broker_why(b), "it may only be read there"));
	broker_close(b);
}

static void what_is_less_safe_is_told_or_refused(void **state)
{
	const char *address = "&options=-csynchronous_commit%3Doff";
	struct buf said = { 0 };
	enum broker_state s;
	struct broker *b;

	(void)state;
	b = tried(with(address), (struct broker_rules){ .use = BROKER_PRODUCES }, &s, &said);
	assert_non_null(b);
	assert_non_null(strstr(buf_str(&said), "synchronous_commit is off on the server: what it has "
		"confirmed may be lost when it crashes\n"));
	broker_close(b);
	is_refused(with(address), (struct broker_rules){ .use = BROKER_PRODUCES, .durable = true },
		BROKER_BAD, "synchronous_commit is off");
	b = tried(with(""), (struct broker_rules){ .use = BROKER_PRODUCES, .durable = true }, &s,
		&said);
	assert_non_null(b);
	assert_int_equal(said.len, 0);
	broker_close(b);
	buf_free(&said);
}

/* --- least rights -------------------------------------------------------- */

static void a_producer_needs_to_put_and_nothing_else(void **state)
{
	enum put_fate fate;
	struct broker *b;

	(void)state;
	broker_close(opened("", BROKER_CONSUMES));
	REFUSED(with("&user=worker"), BROKER_PRODUCES, BROKER_BAD, "worker lacks rights: GRANT USAGE "
		"ON SCHEMA pq TO worker, and EXECUTE on its functions: permission denied");
	does("GRANT USAGE ON SCHEMA pq TO worker; GRANT EXECUTE ON FUNCTION pq.about TO worker");
	REFUSED(with("&user=worker"), BROKER_PRODUCES, BROKER_BAD,
		"worker lacks rights: GRANT EXECUTE ON FUNCTION pq.put TO worker");
	does("GRANT EXECUTE ON FUNCTION pq.put TO worker");
	b = opened("&user=worker", BROKER_PRODUCES);
	assert_int_equal(put_one(b, &fate), BROKER_OK);
	assert_int_equal(fate, PUT_QUEUED);
	broker_rest(b);
	assert_int_equal(put_one(b, &fate), BROKER_OK);
	broker_close(b);
	REFUSED(with("&user=worker"), BROKER_CONSUMES, BROKER_BAD, "worker lacks rights: GRANT EXECUTE "
		"ON FUNCTION pq.enter, pq.exchange, pq.trim TO worker");
	does("SET ROLE worker");
	assert_non_null(strstr(told("DELETE FROM pq.item"), "permission denied"));
	assert_non_null(strstr(told("SELECT pq.purge_dead('q', 1)"), "permission denied"));
	does("RESET ROLE");
}

static void a_consumer_needs_to_exchange_and_nothing_else(void **state)
{
	struct broker *p, *b;
	size_t got;

	(void)state;
	p = opened("", BROKER_PRODUCES);
	does("GRANT USAGE ON SCHEMA pq TO worker; GRANT EXECUTE ON FUNCTION pq.about, pq.enter, "
		"pq.exchange, pq.trim TO worker");
	b = opened("&user=worker", BROKER_CONSUMES);
	assert_int_equal(put_one(p, NULL), BROKER_OK);
	assert_int_equal(claim(b, 1, &got), BROKER_OK);
	assert_int_equal(got, 1);
	broker_rest(b);
	assert_int_equal(broker_admin(b, &(struct broker_order){ .verb = BROKER_VACUUM }), BROKER_BAD);
	assert_non_null(strstr(broker_why(b), "worker does not own its tables"));
	broker_close(b);
	broker_close(p);
}

/* --- what goes wrong ------------------------------------------------------- */

/* As if the server had said so, whatever it was asked for. */
static void says(const char *code)
{
	char sql[400];

	snprintf(sql, sizeof sql, "CREATE OR REPLACE FUNCTION pq.room(part text) RETURNS bigint "
		"LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'it was so' USING ERRCODE = '%s'; END $$",
		code);
	does(sql);
}

static void what_the_server_says_is_waited_for_or_not(void **state)
{
	static const struct {
		const char *code;
		enum broker_state state;
		const char *why;
	} all[] = {
		{ "53100", BROKER_BAD, ": the disk of the server is full: it was so" },
		{ "25006", BROKER_BAD, ": it may only be read there; use the primary server: it was so" },
		{ "42P01", BROKER_BAD, ": its schema pq is not what pq has made: it was so" },
		{ "54000", BROKER_BAD, ": it was so" },
		{ "53300", BROKER_GONE, ": it was so" },
		{ "57P03", BROKER_GONE, ": it was so" },
		{ "57014", BROKER_GONE, ": the server has not done it in time: it was so" },
		{ "40P01", BROKER_GONE, ": it was so" },
	};
	struct broker *b = opened("", BROKER_PRODUCES);
	struct broker_order cap = { .verb = BROKER_CAP, .count = 5 };

	(void)state;
	assert_int_equal(broker_admin(b, &cap), BROKER_OK);
	for (size_t i = 0; i < COUNT(all); i++) {
		says(all[i].code);
		assert_int_equal(put_one(b, NULL), all[i].state);
		if (!strstr(broker_why(b), all[i].why))
			fail_msg("%s: %s", all[i].code, broker_why(b));
	}
	broker_close(b);
}

/* What the server asks to be tried again, is; a sequence remembers how often, though all else
 * is undone. */
static void a_deadlock_is_tried_again(void **state)
{
	struct broker *b = opened("", BROKER_PRODUCES);
	struct broker_order cap = { .verb = BROKER_CAP, .count = 5 };
	enum put_fate fate;

	(void)state;
	assert_int_equal(broker_admin(b, &cap), BROKER_OK);
	does("CREATE SEQUENCE pq.tries; CREATE OR REPLACE FUNCTION pq.room(part text) RETURNS bigint "
		"LANGUAGE plpgsql AS $$ BEGIN IF nextval('pq.tries') < 3 THEN RAISE EXCEPTION 'so' "
		"USING ERRCODE = '40P01'; END IF; RETURN NULL; END $$");
	assert_int_equal(put_one(b, &fate), BROKER_OK);
	assert_int_equal(fate, PUT_QUEUED);
	assert_int_equal(number("SELECT last_value FROM pq.tries"), 3);
	assert_int_equal(number("SELECT count(*) FROM pq.item"), 1);
	broker_close(b);
}

static void a_connection_that_is_ended_is_gone(void **state)
{
	struct broker *b = opened("", BROKER_CONSUMES);
	char all[] = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
		"application_name = 'pq' AND pid <> pg_backend_pid()";

	(void)state;
	number(all);
	assert_int_equal(claim(b, 1, NULL), BROKER_GONE);
	assert_non_null(strstr(broker_why(b), "terminating connection"));
	assert_int_equal(claim(b, 1, NULL), BROKER_GONE); /* and stays so */
	assert_non_null(strstr(broker_why(b), "terminating connection"));
	broker_close(b);
}

/* The server's process is there, and does nothing. */
static void who_does_not_answer_is_gone(void **state)
{
	struct broker *b = opened("", BROKER_CONSUMES);
	pid_t pid = (pid_t)number("SELECT pid::bigint FROM pg_stat_activity WHERE application_name = "
		"'pq' AND pid <> pg_backend_pid()");
	time_t began = time(NULL);

	(void)state;
	assert_int_equal(kill(pid, SIGSTOP), 0);
	assert_int_equal(claim(b, 1, NULL), BROKER_GONE);
	kill(pid, SIGCONT);
	assert_true(time(NULL) - began >= BROKER_PATIENCE / 1000 - 1);
	assert_non_null(strstr(broker_why(b), "does not answer"));
	broker_close(b);
}

/* Each item takes the server half a second, and a call may take a tenth at first. */
static void who_is_only_slow_is_given_more_time(void **state)
{
	struct address a;
	struct buf said = { 0 };
	struct put item = { .body = "x", .len = 1, .fate = PUT_FULL };
	struct reach r = { .give_up = -1, .rules = { .address = &a, .use = BROKER_PRODUCES,
		.patience = 100 } };
	struct bell bell;
	int rounds = 0;

	(void)state;
	broker_close(opened("", BROKER_PRODUCES));
	does("CREATE FUNCTION slow() RETURNS trigger AS 'BEGIN PERFORM pg_sleep(0.5); RETURN NEW; END' "
		"LANGUAGE plpgsql");
	does("CREATE TRIGGER slow BEFORE INSERT ON pq.item FOR EACH ROW EXECUTE FUNCTION slow()");
	assert_true(address_read(&a, with(""), &said));
	assert_true(bell_open(&bell));
	while (item.fate != PUT_QUEUED) {
		assert_true(rounds++ < 50);
		if (!reach_is_there(&r))
			assert_true(reach_again(&r, &bell, false));
		else if (broker_put(r.broker, &item, 1) != BROKER_OK)
			reach_lost(&r);
	}
	reach_heard(&r);
	assert_true(r.rules.patience > 500);
	reach_close(&r);
	bell_close(&bell);
	address_free(&a);
	buf_free(&said);
	does("DROP TRIGGER slow ON pq.item");
	assert_int_equal(number("SELECT count(*) FROM pq.item"), 1);
}

/* --- topics ---------------------------------------------------------------- */

static void some_words(char *to, size_t most, const char *const *words, uint32_t n,
	uint32_t *random)
{
	*to = '\0';
	for (size_t i = unit_below(random, (uint32_t)most + 1); i-- > 0;) {
		strcat(to, words[unit_below(random, n)]);
		if (i)
			strcat(to, ".");
	}
}

/* The patterns mean in the server what they mean in pq. */
static void topics_fit_as_they_do_in_pq(void **state)
{
	static const char *const keys[] = { "a", "b", "", "aa", "\\", "\303\266", "*" };
	static const char *const patterns[] = { "a", "b", "*", "#", "#", "", "\303\266", "\\" };
	struct postgresql_query q = { 0 };
	uint32_t random = unit_seed(7);
	char pattern[60], key[60];

	(void)state;
	broker_close(opened("", BROKER_PRODUCES));
	for (int i = 0; i < 5000; i++) {
		some_words(pattern, 5, patterns, COUNT(patterns), &random);
		some_words(key, 5, keys, COUNT(keys), &random);
		if (!*pattern)
			continue;
		postgresql_ask(&q, "SELECT pq.fits($1, $2)");
		postgresql_give_bytes(&q, pattern, strlen(pattern));
		postgresql_give_bytes(&q, key, strlen(key));
		assert_true(postgresql_run(root, &q, SOON));
		if (postgresql_int(root, 0, 0) != topic_fits(pattern, key, strlen(key)))
			fail_msg("'%s' and '%s': the server says %d", pattern, key,
				(int)postgresql_int(root, 0, 0));
	}
	postgresql_forget(&q);
}

/* --- what conformance does not ask ------------------------------------------- */

/* An item that is settled twice in a call: extended, and then done. */
static void settlements_of_one_item_go_in_their_order(void **state)
{
	struct broker *p = opened("", BROKER_PRODUCES), *c = opened("", BROKER_CONSUMES);
	struct exchange x = { .want = 1 };
	struct settle s[3];

	(void)state;
	assert_int_equal(put_one(p, NULL), BROKER_OK);
	assert_int_equal(broker_exchange(c, &x), BROKER_OK);
	s[0] = (struct settle){ .id = x.claimed[0].id, .token = x.claimed[0].token,
		.how = SETTLE_EXTEND };
	s[1] = s[2] = s[0];
	s[1].how = SETTLE_ACK;
	x.settles = s;
	x.nsettles = 3;
	assert_int_equal(broker_exchange(c, &x), BROKER_OK);
	assert_int_equal(s[0].fate, SETTLE_OURS);
	assert_int_equal(s[1].fate, SETTLE_OURS);
	assert_int_equal(s[2].fate, SETTLE_GONE);
	assert_true(x.drained);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

/* Too many bytes for one array; and still all of them, or none. */
static void a_batch_may_be_of_any_size(void **state)
{
	enum { BIG = 20 << 20, MANY = 5 };
	struct broker *p = opened_for("", BROKER_PRODUCES, 12 * BROKER_PATIENCE); /* it may be busy */
	char *body = calloc(1, BIG);
	struct put items[MANY + 1];

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		items[i] = (struct put){ .body = body, .len = BIG, .fate = PUT_FULL };
	assert_int_equal(broker_put(p, items, MANY), BROKER_OK);
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(items[i].fate, PUT_QUEUED);
	assert_int_equal(number("SELECT count(*) FROM pq.item WHERE length(body) = 20971520"), MANY);
	items[MANY] = (struct put){ .body = body, .len = (size_t)1100 << 20 };
	assert_int_equal(broker_put(p, items, MANY + 1), BROKER_BAD);
	assert_non_null(strstr(broker_why(p), "an item of 1153433600 bytes is too big for PostgreSQL"));
	broker_close(p);
	assert_int_equal(number("SELECT count(*) FROM pq.item"), MANY);
	free(body);
}

/* They go in several calls, each of which ends in time. */
static void more_than_go_at_a_time_are_dropped(void **state)
{
	struct broker *b = opened("", BROKER_PRODUCES);
	struct broker_order drop = { .verb = BROKER_DROP };

	(void)state;
	assert_int_equal(number("SELECT count(pq.push('q', x::text, key => x::text))"
		" FROM generate_series(1, 10001) x"), 10001);
	assert_int_equal(number("SELECT pq.push('q2', 'a', key => '1')"), 10002);
	assert_int_equal(broker_admin(b, &drop), BROKER_OK);
	assert_int_equal(drop.changed, 10001);
	assert_int_equal(number("SELECT count(*) FROM pq.item"), 1);
	assert_int_equal(number("SELECT count(*) FROM pq.seen"), 1);
	assert_int_equal(number("SELECT count(*) FROM pq.tally"), 1);
	broker_close(b);
}

/* How much is counted does not depend on who counts. */
static void the_tally_is_what_is_there(void **state)
{
	enum { MANY = 6 };
	int status;

	(void)state;
	for (int i = 0; i < MANY; i++)
		if (fork() == 0) {
			struct broker *p = opened("", BROKER_PRODUCES), *c = opened("", BROKER_CONSUMES);
			struct exchange x = { .want = 3 };
			struct settle s[3];

			for (int k = 0; k < 60; k++) {
				if (k % 3 == 0 && put_one(p, NULL) != BROKER_OK)
					_exit(1);
				if (broker_exchange(c, &x) != BROKER_OK)
					_exit(2);
				for (size_t j = 0; j < x.nclaimed; j++)
					s[j] = (struct settle){ .id = x.claimed[j].id,
						.token = x.claimed[j].token, .how = (enum settle_how)((k + i) % 4) };
				x.settles = s;
				x.nsettles = x.nclaimed;
			}
			_exit(0);
		}
	for (int i = 0; i < MANY; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(number("SELECT sum(put)::bigint FROM pq.tally"), MANY * 20);
	assert_int_equal(number("SELECT sum(live)::bigint FROM pq.tally"),
		number("SELECT count(*) FROM pq.item WHERE state < 3"));
	assert_int_equal(number("SELECT sum(waiting)::bigint FROM pq.tally"),
		number("SELECT count(*) FROM pq.item WHERE state < 2"));
	assert_int_equal(number("SELECT sum(put - finished)::bigint FROM pq.tally"),
		number("SELECT count(*) FROM pq.item"));
	assert_true(number("SELECT count(*) FROM pq.tally") <= 2 * MANY);
}

/* What was done is in the way of what is next, until it is vacuumed; autovacuum would come
 * too late. */
static void many_settlements_are_cleared_away_meanwhile(void **state)
{
	enum { MANY = 1000, TIMES = 21 };
	static struct put items[MANY];
	static struct settle settles[MANY];
	struct broker *p = opened("", BROKER_PRODUCES), *c = opened("", BROKER_CONSUMES);
	struct exchange x = { .settles = settles, .want = MANY };
	time_t began;

	(void)state;
	for (size_t i = 0; i < MANY; i++)
		items[i] = (struct put){ .body = "a", .len = 1 };
	for (int k = 0; k <= TIMES; k++) {
		if (k < TIMES)
			assert_int_equal(broker_put(p, items, MANY), BROKER_OK);
		assert_int_equal(broker_exchange(c, &x), BROKER_OK);
		for (size_t i = 0; i < x.nclaimed; i++)
			settles[i] = (struct settle){ .id = x.claimed[i].id, .token = x.claimed[i].token };
		x.nsettles = x.nclaimed;
	}
	began = time(NULL);
	while (number("SELECT vacuum_count FROM pg_stat_user_tables WHERE relid = "
			"'pq.item'::regclass") < 1)
		assert_true(time(NULL) - began < 60);
	exchange_free(&x);
	broker_close(p);
	broker_close(c);
}

/* --- the run ---------------------------------------------------------------- */

static int begin(void **state)
{
	(void)state;
	root = postgresql_open(getenv("PQ_TEST_BROKER"), SOON);
	does("SET client_min_messages = error; DROP SCHEMA IF EXISTS pq CASCADE; "
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pq' "
		"AND pid <> pg_backend_pid()");
	return 0;
}

static int end(void **state)
{
	(void)state;
	does("DROP SCHEMA IF EXISTS pq CASCADE");
	postgresql_close(root);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(int argc, char **argv)
{
	const struct CMUnitTest alone[] = {
		cmocka_unit_test(parameters_are_binary),
		cmocka_unit_test(an_address_that_cannot_be_read_is_told_without_its_password),
		cmocka_unit_test(who_is_not_there_may_come_back),
		cmocka_unit_test(who_does_not_answer_is_waited_for_as_long_as_the_address_says),
	}, served[] = {
		TEST(who_only_looks_makes_nothing),
		TEST(another_host_is_tried),
		TEST(many_may_make_it_at_once),
		TEST(a_newer_version_is_refused),
		TEST(a_schema_of_somebody_else_is_left_alone),
		TEST(a_database_that_is_not_there_is_told),
		TEST(who_may_not_make_the_schema_is_told_the_grant),
		TEST(what_can_only_be_read_is_told),
		TEST(what_is_less_safe_is_told_or_refused),
		TEST(a_producer_needs_to_put_and_nothing_else),
		TEST(a_consumer_needs_to_exchange_and_nothing_else),
		TEST(what_the_server_says_is_waited_for_or_not),
		TEST(a_deadlock_is_tried_again),
		TEST(a_connection_that_is_ended_is_gone),
		TEST(who_does_not_answer_is_gone),
		TEST(who_is_only_slow_is_given_more_time),
		TEST(topics_fit_as_they_do_in_pq),
		TEST(settlements_of_one_item_go_in_their_order),
		TEST(a_batch_may_be_of_any_size),
		TEST(more_than_go_at_a_time_are_dropped),
		TEST(the_tally_is_what_is_there),
		TEST(many_settlements_are_cleared_away_meanwhile),
	};

	if (postgresql_load()) {
		printf("1..0 # skip %s\n", postgresql_load());
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "--open") == 0) {
		broker_close(opened("", BROKER_CONSUMES));
		return 0;
	}
	if (getenv("PQ_TEST_BROKER"))
		return cmocka_run_group_tests(served, NULL, NULL);
	return cmocka_run_group_tests(alone, NULL, NULL);
}
