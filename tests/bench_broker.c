/* bench_broker WHAT ADDRESS ITEMS BATCH [CONSUMERS]: what an item costs in a durable queue,
 * in us: of time, and of a processor. WHAT is
 *   push     put them
 *   work     claim and settle those that are there, by so many processes; the smallest and the
 *            largest share of them, in parts of a fair one, are printed as well
 * and of SQLite alone, by the same statements in a plain loop:
 *   plain-push, plain-work, view (push as other programs do), bare (into the table itself)
 *
 * ADDRESS is as in broker.h, without a queue; "bench" it is called. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/sqlite.h"
#include "broker/broker.h"

enum { MOST = 1000, WORKERS = 64 };

static struct address address = { .queue = (char *)"bench", .shown = (char *)"bench" };
static size_t items, batch;

static _Noreturn void die(const char *why)
{
	fprintf(stderr, "bench_broker: %s\n", why);
	exit(1);
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* What this process and its children have used of a processor. */
static double busy(void)
{
	static const int whose[] = { RUSAGE_SELF, RUSAGE_CHILDREN };
	double sum = 0;

	for (int i = 0; i < 2; i++) {
		struct rusage u;

		getrusage(whose[i], &u);
		sum += (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec)
			+ (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
	}
	return sum;
}

static void body_of(char body[32], size_t number)
{
	snprintf(body, 32, "item number %012zu", number);
}

/* --- by pq --------------------------------------------------------------- */

static struct broker *opened(enum broker_use use)
{
	struct broker_rules rules = { .address = &address, .use = use, .lease = 60000 };
	struct buf why = { 0 };
	enum broker_state state;
	struct broker *b = broker_open(&rules, &state, &why, NULL);

	if (!b)
		die(buf_str(&why));
	return b;
}

static void push(void)
{
	struct broker *b = opened(BROKER_PRODUCES);
	static struct put puts[MOST];
	static char bodies[MOST][32];

	for (size_t done = 0; done < items; done += batch) {
		for (size_t i = 0; i < batch; i++) {
			body_of(bodies[i], done + i);
			puts[i] = (struct put){ .body = bodies[i], .len = strlen(bodies[i]) };
		}
		if (broker_put(b, puts, batch) != BROKER_OK)
			die(broker_why(b));
	}
	broker_close(b);
}

/* How many it got, from the moment on that the gate is opened. */
static size_t work(int ready, int gate)
{
	struct broker *b = opened(BROKER_CONSUMES);
	static struct settle settles[MOST];
	struct exchange x = { .settles = settles, .want = batch };
	size_t got = 0;

	if (write(ready, &got, sizeof got) != sizeof got || read(gate, &got, 1) != 0)
		die("no gate");
	while (!x.drained) {
		if (broker_exchange(b, &x) != BROKER_OK)
			die(broker_why(b));
		for (size_t i = 0; i < x.nsettles; i++)
			if (settles[i].fate != SETTLE_OURS)
				die("a settlement was not ours");
		got += x.nclaimed;
		for (size_t i = 0; i < x.nclaimed; i++)
			settles[i] = (struct settle){ .id = x.claimed[i].id, .token = x.claimed[i].token };
		x.nsettles = x.nclaimed;
	}
	exchange_free(&x);
	broker_close(b);
	return got;
}

/* One word from each of them. */
static void hear_all(int fd, size_t consumers, size_t words[WORKERS])
{
	for (size_t i = 0; i < consumers; i++)
		if (read(fd, &words[i], sizeof words[i]) != sizeof words[i])
			die("a consumer has failed");
}

/* By so many processes; each tells what it got. When they began. */
static double work_together(size_t consumers, size_t shares[WORKERS])
{
	int told[2], gate[2];
	double began;

	if (pipe(told) < 0 || pipe(gate) < 0)
		die("no pipe");
	for (size_t i = 0; i < consumers; i++)
		if (fork() == 0) {
			size_t got;

			close(gate[1]);
			got = work(told[1], gate[0]);
			_exit(write(told[1], &got, sizeof got) != sizeof got);
		}
	hear_all(told[0], consumers, shares);
	began = seconds();
	close(gate[1]);
	hear_all(told[0], consumers, shares);
	while (wait(NULL) > 0)
		;
	return began;
}

/* --- by a plain loop ----------------------------------------------------- */

static void must(bool ok)
{
	if (!ok)
		die("SQLite has failed");
}

static struct sqlite *database(const char *pragma)
{
	struct sqlite *db;

	must(!sqlite_load());
	db = sqlite_open(address.target);
	must(db && sqlite_do(db, pragma));
	return db;
}

static void insert(const char *sql, const char *pragma)
{
	struct sqlite *db = database(pragma);
	struct sqlite_query *q = sqlite_query(db, sql), *begin = sqlite_query(db, "BEGIN IMMEDIATE"),
		*commit = sqlite_query(db, "COMMIT");
	char body[32];

	for (size_t done = 0; done < items; done += batch) {
		must(sqlite_run(begin));
		for (size_t i = 0; i < batch; i++) {
			struct timespec t;

			clock_gettime(CLOCK_REALTIME, &t);
			body_of(body, done + i);
			sqlite_set_text(q, 1, "bench");
			sqlite_set_bytes(q, 2, body, strlen(body));
			sqlite_set(q, 3, t.tv_sec * 1000 + t.tv_nsec / 1000000);
			must(sqlite_run(q));
		}
		must(sqlite_run(commit));
	}
	sqlite_free(q);
	sqlite_free(begin);
	sqlite_free(commit);
	sqlite_close(db);
}

static size_t plain_claim(struct sqlite_query *q, int64_t id[MOST], int64_t token[MOST])
{
	static char bodies[MOST][32];
	size_t n = 0, len;

	sqlite_set_text(q, 1, "bench");
	sqlite_set(q, 2, (int64_t)batch);
	sqlite_set(q, 3, (int64_t)time(NULL) * 1000);
	for (; sqlite_row(q); n++) {
		const char *body = sqlite_bytes(q, 2, &len);

		id[n] = sqlite_int(q, 0);
		token[n] = sqlite_int(q, 1);
		memcpy(bodies[n], body, len);
	}
	return n;
}

static void plain_work(void)
{
	struct sqlite *db = database("PRAGMA synchronous = NORMAL");
	struct sqlite_query *begin = sqlite_query(db, "BEGIN IMMEDIATE"),
		*commit = sqlite_query(db, "COMMIT"), *settle = sqlite_query(db, "DELETE FROM item"
			" WHERE id = ?1 AND claims = ?2 AND state = 2"),
		*claim = sqlite_query(db, "UPDATE item SET state = 2, due = ?3, claims = claims + 1,"
			" holder = 1 WHERE id IN (SELECT id FROM item WHERE queue = ?1 AND state = 0"
			" ORDER BY priority, id LIMIT ?2) RETURNING id, claims, body");
	static int64_t id[MOST], token[MOST];
	size_t n = 0;

	do {
		must(sqlite_run(begin));
		for (size_t i = 0; i < n; i++) {
			sqlite_set(settle, 1, id[i]);
			sqlite_set(settle, 2, token[i]);
			must(sqlite_run(settle));
		}
		n = plain_claim(claim, id, token);
		must(sqlite_run(commit));
	} while (n);
	sqlite_free(begin);
	sqlite_free(commit);
	sqlite_free(settle);
	sqlite_free(claim);
	sqlite_close(db);
}

/* --- the run ------------------------------------------------------------- */

static bool read_address(const char *text)
{
	if (strncmp(text, "sqlite:", 7) == 0)
		address.engine = ADDRESS_SQLITE;
	else if (strncmp(text, "redis", 5) == 0)
		address.engine = ADDRESS_REDIS;
	else if (strncmp(text, "postgres", 8) == 0)
		address.engine = ADDRESS_POSTGRESQL;
	else
		return false;
	address.target = (char *)text + (address.engine == ADDRESS_SQLITE ? 7 : 0);
	return true;
}

/* When it began. */
static double measure(const char *what, size_t consumers, size_t shares[WORKERS])
{
	double began = seconds();

	if (strcmp(what, "push") == 0)
		push();
	else if (strcmp(what, "work") == 0)
		began = work_together(consumers, shares);
	else if (strcmp(what, "plain-push") == 0)
		insert("INSERT INTO item (queue, body, due, born) VALUES (?1, ?2, ?3, ?3)",
			"PRAGMA synchronous = FULL");
	else if (strcmp(what, "plain-work") == 0)
		plain_work();
	else if (strcmp(what, "view") == 0)
		insert("INSERT INTO push (queue, body) VALUES (?1, ?2)", "PRAGMA synchronous = NORMAL");
	else if (strcmp(what, "bare") == 0)
		insert("INSERT INTO item (queue, body, due, born) VALUES (?1, ?2, ?3, ?3)",
			"PRAGMA synchronous = NORMAL");
	else
		die("push, work, plain-push, plain-work, view or bare");
	return began;
}

int main(int argc, char **argv)
{
	size_t consumers = argc > 5 ? (size_t)atoi(argv[5]) : 1, shares[WORKERS], least, most;
	double began;

	if (argc < 5 || !read_address(argv[2]) || consumers < 1 || consumers > WORKERS)
		die("WHAT ADDRESS ITEMS BATCH [CONSUMERS]");
	batch = strtoul(argv[4], NULL, 10);
	if (batch < 1 || batch > MOST)
		die("a batch is of 1 to 1000");
	items = strtoul(argv[3], NULL, 10) / batch * batch;
	began = measure(argv[1], consumers, shares);
	printf("%.3f %.3f", (seconds() - began) * 1e6 / (double)items, busy() * 1e6 / (double)items);
	if (consumers > 1) {
		least = most = shares[0];
		for (size_t i = 1; i < consumers; i++) {
			least = shares[i] < least ? shares[i] : least;
			most = shares[i] > most ? shares[i] : most;
		}
		printf(" %.2f %.2f", (double)(least * consumers) / (double)items,
			(double)(most * consumers) / (double)items);
	}
	printf("\n");
	return 0;
}
